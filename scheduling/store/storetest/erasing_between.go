package storetest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

// What is booked, or given back, while somebody who asked for it is being erased.

var erasingBetweenTests = []test{
	aTimeThatWasKeptIsNotGivenBackToWhoIsErased,
	whoIsErasedInBetweenIsNotBookedFor,
	aBookingUnderWayWhenTheErasingBeginsIsSeen,
	aBookingAndAnErasureAtOnceLeaveNobodyHalfErased,
}

func aTimeThatWasKeptIsNotGivenBackToWhoIsErased(t tb, b *Bundle) {
	b.Change(t, cancelsByReply)
	me := b.Citizen(t, phone(1))
	at := b.asksErasure(t, me)
	b.Clock.Set(at.Add(-time.Hour))
	a := b.mustBook(t, b.bookAgain(t, me, "premarital", "2026-03-10 09:00"))
	b.quiet(t)
	b.Clock.Set(a.Start.Add(-24 * time.Hour))
	if went := b.send(t); !slices.ContainsFunc(went, func(m store.DueMessage) bool { return m.Kind == messages.Reminder }) {
		t.Fatalf("%d messages went, and none reminds", len(went))
	}
	b.reply(t, phone(1), "2")
	if left := b.read(t, a.Reference); left.Status != scheduling.Cancelled {
		t.Fatalf("after the reply it is %s", left.Status)
	}
	b.Clock.Set(at.Add(time.Minute))
	if b.erase(t); b.knows(t, phone(1)) {
		t.Fatal("with nothing ahead they are kept")
	}
	_, err := b.Scheduler.Restore(background, b.changeOf(b.Staff(t, "desk"), a))
	refused(t, err, scheduling.CodeWrongState)
}

func whoIsErasedInBetweenIsNotBookedFor(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	at := b.asksErasure(t, me)
	b.Clock.Set(at)
	erase := func() { b.erase(t) }
	atDesk := b.wants(b.Staff(t, "desk"), "family", "2026-03-12 09:00")
	atDesk.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	booked, err := b.between(t, erase).Book(background, atDesk)
	if err != nil || booked.Asker.ID == me.Person.ID {
		t.Fatalf("the desk has booked for %d, %v", booked.Asker.ID, err)
	}
	if left := b.read(t, booked.Reference); left.Parties[0].Name.Reveal() != "王小明1" || left.Parties[0].Phone.Reveal() != phone(1) {
		t.Errorf("it says %+v", show(left))
	}

	b.Reset(t)
	me = b.Citizen(t, phone(1))
	b.Clock.Set(b.asksErasure(t, me))
	r := b.bookAgain(t, me, "family", "2026-03-12 09:00")
	_, err = b.between(t, erase).Book(background, r)
	refused(t, err, scheduling.CodeOverloaded)
	if n := b.count(t, "SELECT COUNT(*) FROM appointments"); n != 0 {
		t.Errorf("%d appointments of nobody", n)
	}
}

// aBookingUnderWayWhenTheErasingBeginsIsSeen has something booked by hand while
// the person's row is held, as a booking holds it, and the erasing waits.
func aBookingUnderWayWhenTheErasingBeginsIsSeen(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-20 09:00"))
	b.mustDo(t, cancel, b.changeOf(me, a))
	b.Clock.Set(b.asksErasure(t, me))
	tx, err := b.DB.BeginTx(background, nil)
	if err != nil {
		t.Fatalf("beginning a transaction: %v", err)
	}
	defer func() { _ = tx.Rollback() }()
	for query, id := range map[string]int64{
		"UPDATE persons SET created_at = created_at WHERE id = ?": me.Person.ID,
		"UPDATE appointments SET status = 'booked' WHERE id = ?":  a.ID,
	} {
		if _, err := tx.ExecContext(background, query, id); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	erased := make(chan error, 1)
	go func() {
		_, err := b.Store.Erase(background)
		erased <- err
	}()
	b.waits(t)
	if err := errors.Join(tx.Commit(), <-erased); err != nil {
		t.Fatalf("erasing while somebody books: %v", err)
	}
	if !b.knows(t, phone(1)) || b.read(t, a.Reference).Parties[0].Name.Reveal() == "" {
		t.Error("somebody was erased who has just booked")
	}
	b.exec(t, "UPDATE appointments SET status = 'cancelled'")
}

// waits returns once the erasing waits for a row. On SQLite, where one
// transaction comes after the other, it returns at once.
func (b *Bundle) waits(t tb) {
	t.Helper()
	const waiting = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT id FROM persons%FOR UPDATE'"
	for until := time.Now().Add(30 * time.Second); !strings.HasPrefix(b.URL, "sqlite:") && b.count(t, waiting) == 0; {
		if time.Now().After(until) {
			t.Fatal("nothing waits")
		}
	}
}

func aBookingAndAnErasureAtOnceLeaveNobodyHalfErased(t tb, b *Bundle) {
	b.Change(t, pairs(8))
	who := b.citizens(t, 8)
	for _, a := range who {
		b.exec(t, "UPDATE persons SET erase_at = "+itoa(b.Clock.Now().Unix())+" WHERE id = "+itoa(a.Person.ID))
	}
	desk, servers := b.Staff(t, "desk"), b.replicas(t)
	errs := together(len(who)+3, func(i int) error {
		if i >= len(who) {
			_, err := b.Store.Erase(background)
			return err
		}
		r := b.wants(desk, "family", "2026-03-03 09:00")
		r.Parties[0].Phone = who[i].Person.Phone
		_, err := servers[i%3].Book(background, r)
		return err
	})
	outcomes(t, errs)
	if n := b.count(t, "SELECT COUNT(*) FROM appointments a WHERE a.erased = 0 AND EXISTS (SELECT 1 FROM persons p WHERE p.id = a.keeper_id)"); n != len(who) {
		t.Errorf("%d of %d were booked for somebody who is there", n, len(who))
	}
	if n := b.count(t, "SELECT COUNT(*) FROM appointments"); n != len(who) {
		t.Errorf("%d appointments", n)
	}
}
