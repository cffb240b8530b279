package storetest

import (
	"strings"
	"sync"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

var messageTests = []test{
	aDueMessageIsClaimedWithItsText,
	whatIsDueIsClaimedOnceByManyWorkers,
	whatIsNotDueOrNoLongerTrueIsNotClaimed,
	anOutcomeIsWrittenForItsClaimAlone,
	whatIsTriedAgainWaitsAndWhatIsGivenBackIsNotCounted,
	aLostMessageIsUnknownUnlessTheOfficeWantsItAgain,
	aCancellationWaitsForWhatIsBeingHandedOver,
}

// claim takes what is due.
func (b *Bundle) claim(t tb) []store.DueMessage {
	t.Helper()
	due, err := b.Store.Claim(background, 100)
	if err != nil {
		t.Fatalf("claiming messages: %v", err)
	}
	return due
}

// textOf is a message as it goes where no reply comes back.
func textOf(m store.DueMessage) string {
	return messages.Signed(m.Signature, m.Forms[len(m.Forms)-1].Body)
}

func (b *Bundle) finish(t tb, results ...store.MessageOutcome) {
	t.Helper()
	if err := b.Store.Finish(background, results); err != nil {
		t.Fatalf("writing outcomes: %v", err)
	}
}

// quiet drops the codes of proven citizens.
func (b *Bundle) quiet(t tb) {
	b.exec(t, "DELETE FROM deliveries WHERE appointment_id = 0")
	b.exec(t, "DELETE FROM messages WHERE subject_kind = 2")
}

func aDueMessageIsClaimedWithItsText(t tb, b *Bundle) {
	r := b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-05 09:00")
	r.Parties = people(2)
	a := b.mustBook(t, r)
	b.quiet(t)
	due := b.claim(t)
	if len(due) != 1 {
		t.Fatalf("%d messages are due", len(due))
	}
	m := due[0]
	text := textOf(m)
	if m.To.Reveal() != phone(1) || m.Office != "suite" || m.Kind != messages.Booked || m.Channel != messages.SMS || m.Attempt != 1 || !m.Until.Equal(a.Start) {
		t.Errorf("the message is %+v", m)
	}
	if !strings.Contains(text, a.Reference) || !strings.HasPrefix(text, "【测试民政局】") || strings.Contains(text, "婚") || strings.Contains(text, "王小明") {
		t.Errorf("the text is %q", text)
	}
	if again := b.claim(t); len(again) != 0 {
		t.Errorf("%d are claimed twice", len(again))
	}
}

func whatIsDueIsClaimedOnceByManyWorkers(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	for i := range 24 {
		r := b.wants(desk, "family", days[i%8]+" "+[]string{"09:00", "10:30", "14:30"}[i/8])
		r.Parties[0].Phone = scheduling.NewPrivate(phone(i + 1))
		b.mustBook(t, r)
	}
	var mu sync.Mutex
	claimed := make(map[int64]int)
	errs := together(6, func(int) error {
		for range 8 {
			due, err := b.Store.Claim(background, 4)
			if err != nil {
				return err
			}
			mu.Lock()
			for _, m := range due {
				claimed[m.ID]++
			}
			mu.Unlock()
		}
		return nil
	})
	outcomes(t, errs)
	if len(claimed) != 24 {
		t.Errorf("%d of 24 messages were claimed", len(claimed))
	}
	for id, n := range claimed {
		if n != 1 {
			t.Errorf("message %d was claimed %d times", id, n)
		}
	}
}

func whatIsNotDueOrNoLongerTrueIsNotClaimed(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	var booked []scheduling.Appointment
	for i := range 4 {
		r := b.wants(desk, "premarital", "2026-03-05 "+[]string{"09:00", "09:00", "10:30", "10:30"}[i])
		r.Parties[0].Phone = scheduling.NewPrivate(phone(i + 1))
		booked = append(booked, b.mustBook(t, r))
	}
	if due := b.claim(t); len(due) != 4 {
		t.Fatalf("%d are due at once", len(due))
	}
	b.Clock.Set(on("2026-03-04 09:00").Add(-time.Second))
	if due := b.claim(t); len(due) != 0 {
		t.Errorf("%d are due a second early", len(due))
	}
	b.mustDo(t, checkIn, b.changeOf(desk, booked[1]))
	b.exec(t, "UPDATE messages SET status = 'handed_over' WHERE status = 'claimed'")
	b.mustDo(t, cancel, b.changeOf(desk, booked[2]))
	b.Clock.Set(on("2026-03-05 08:00"))
	kinds := map[messages.Kind]int{}
	for _, m := range b.claim(t) {
		kinds[m.Kind]++
	}
	same(t, "claimed", map[messages.Kind]int{"reminder": 3, "cancelled": 1}, kinds)
	b.Clock.Set(on("2026-03-06 09:00"))
	b.exec(t, "UPDATE messages SET status = 'planned', next_at = due_at WHERE status = 'claimed'")
	if due := b.claim(t); len(due) != 0 {
		t.Errorf("%d are sent after the start", len(due))
	}
	got := b.rows(t, "SELECT status, rule, COUNT(*) FROM messages WHERE kind = 'reminder' GROUP BY status, rule ORDER BY status, rule")
	want := [][]string{{"expired", "", "4"}, {"suppressed", "cancelled", "2"}, {"suppressed", "superseded", "2"}}
	same(t, "what became of the reminders", want, got)
}

func anOutcomeIsWrittenForItsClaimAlone(t tb, b *Bundle) {
	b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-05 09:00"))
	b.quiet(t)
	m := b.claim(t)[0]
	status := func() []string {
		return b.rows(t, "SELECT status, detail, handed_at FROM messages")[0]
	}
	b.finish(t, store.MessageOutcome{ID: m.ID, Claim: m.Claim + 1, Status: "failed"})
	same(t, "after an old claim's result", []string{"claimed", "", "0"}, status())
	b.finish(t, store.MessageOutcome{ID: m.ID, Claim: m.Claim, Status: "handed_over", Detail: strings.Repeat("长", 300)})
	want := []string{"handed_over", strings.Repeat("长", 200), itoa(b.Clock.Now().Unix())}
	same(t, "after its own", want, status())
	b.finish(t, store.MessageOutcome{ID: m.ID, Claim: m.Claim, Status: "planned"})
	same(t, "after a second result", want, status())
}

func whatIsTriedAgainWaitsAndWhatIsGivenBackIsNotCounted(t tb, b *Bundle) {
	b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-05 09:00"))
	b.quiet(t)
	m := b.claim(t)[0]
	b.finish(t, store.MessageOutcome{ID: m.ID, Claim: m.Claim, Status: "planned", Wait: 1500 * time.Millisecond})
	b.Clock.Pass(time.Second)
	if due := b.claim(t); len(due) != 0 {
		t.Errorf("%d are due before the wait is over", len(due))
	}
	b.Clock.Pass(time.Second)
	m = b.claim(t)[0]
	if m.Attempt != 2 {
		t.Errorf("it is attempt %d", m.Attempt)
	}
	b.finish(t, store.MessageOutcome{ID: m.ID, Claim: m.Claim, Status: "planned", GivenBack: true})
	if m = b.claim(t)[0]; m.Attempt != 2 {
		t.Errorf("given back, it is attempt %d", m.Attempt)
	}
}

func aLostMessageIsUnknownUnlessTheOfficeWantsItAgain(t tb, b *Bundle) {
	for _, again := range []bool{false, true} {
		b.Reset(t)
		b.Change(t, func(o *scheduling.Office) { o.ResendUnknown = again })
		b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-05 09:00"))
		b.quiet(t)
		b.Clock.Set(on("2026-03-04 09:00"))
		if due := b.claim(t); len(due) != 2 {
			t.Fatalf("%d messages are due", len(due))
		}
		if n, err := b.Store.RecoverLost(background); err != nil || n != 0 {
			t.Errorf("%d are lost while their lease lasts, %v", n, err)
		}
		b.exec(t, "UPDATE messages SET lease_until = 1 WHERE status = 'claimed'")
		if n, err := b.Store.RecoverLost(background); err != nil || n != 2 {
			t.Errorf("%d are lost, %v", n, err)
		}
		want := [][]string{{"booked", "unknown", ""}, {"reminder", "unknown", ""}}
		if again {
			want[1] = []string{"reminder", "planned", "resend_unknown"}
		}
		same(t, "what became of them", want, b.rows(t, "SELECT kind, status, rule FROM messages WHERE attempt = 1 ORDER BY kind"))
	}
}

func aCancellationWaitsForWhatIsBeingHandedOver(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-05 09:00"))
	b.quiet(t)
	m := b.claim(t)[0]
	answered := make(chan error, 1)
	go func() {
		_, err := b.Scheduler.Cancel(background, b.changeOf(me, a))
		answered <- err
	}()
	for b.read(t, a.Reference).Status != scheduling.Cancelled {
		select {
		case err := <-answered:
			t.Fatalf("answered before it was written: %v", err)
		default:
		}
	}
	b.finish(t, store.MessageOutcome{ID: m.ID, Claim: m.Claim, Status: "handed_over"})
	if err := <-answered; err != nil {
		t.Errorf("cancelling: %v", err)
	}
	if due := b.claim(t); len(due) != 1 || due[0].Kind != "cancelled" {
		t.Errorf("after it %d are due", len(due))
	}
}
