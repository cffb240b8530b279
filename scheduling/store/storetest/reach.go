package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

var reachTests = []test{
	whatAPersonWishesIsWhatTheyAreSent,
	aWishReplansWhatIsNotYetDue,
	aWishIsAskedForOnceMoreWhenAMessageIsClaimed,
	whatWasHeldBackKeepsItsHourWhenItIsPlannedAnew,
	aCallThatIsNotWantedAnyMoreIsNotAskedFor,
	noHandingOverByTheOldWishBegins,
	whatIsWrongInAWishIsNamed,
	aCitizensOtherNumberNeedsAToken,
	theDeskSetsTheWishOfWhoIsToldOfAnAppointment,
	aWishIsSealedAndErasedWithItsPerson,
	aWishIsReadUnderTheNewKeyAlone,
	aWishIsNotLostToAnotherAtTheSameTime,
}

// wish says how somebody wants to be reached; a citizen, or whoever is told of
// their only appointment.
func (b *Bundle) wish(t tb, a scheduling.Actor, w scheduling.ContactWish) {
	t.Helper()
	c := scheduling.WishChange{Actor: a, Wish: w}
	if number := w.Number.Reveal(); number != "" && a.Kind == scheduling.Citizen {
		c.NumberToken = b.tokenFor(t, number)
	}
	if _, err := b.Scheduler.SetContactWish(background, c); err != nil {
		t.Fatalf("setting a wish: %v", err)
	}
}

// tokenFor proves a number, by a code and a token that the test chose.
func (b *Bundle) tokenFor(t tb, number string) string {
	t.Helper()
	now, id := b.Clock.Now(), b.key()
	token := "mc_" + id
	if err := errors.Join(
		b.Store.SendCode(background, scheduling.VerificationWrite{ID: id, Phone: scheduling.NewPrivate(number), Code: scheduling.NewPrivate("135790"), Locale: "zh", ExpiresAt: now.Add(time.Minute), Now: now}),
		b.Store.Prove(background, id, sha256.Sum256([]byte(token)), now.Add(2*time.Hour), now),
	); err != nil {
		t.Fatalf("proving a number: %v", err)
	}
	b.quiet(t)
	return token
}

// owed is what is planned or held back of an appointment, in the order in which
// it falls due: kind, channel, lead in hours, hour by the office's clock, status
// and rule.
func (b *Bundle) owed(t tb, a scheduling.Appointment) []string {
	t.Helper()
	var out []string
	for _, r := range b.rows(t, "SELECT kind, channel, lead_seconds / 3600, due_at, status, rule FROM messages WHERE subject_kind = 1 AND subject_id = ? AND revision = ? ORDER BY due_at, kind, channel, lead_seconds", a.ID, a.Revision) {
		var at int64
		if _, err := fmt.Sscan(r[3], &at); err != nil {
			t.Fatalf("%q: %v", r[3], err)
		}
		lead, _, _ := strings.Cut(r[2], ".")
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s %s", r[0], r[1], lead, time.Unix(at, 0).In(shanghai).Format("02T15:04"), r[4], r[5])))
	}
	return out
}

// secondSignature gives the office one that says less.
func secondSignature(o *scheduling.Office) { o.SMSSignatureNeutral = "东坪家园" }

func whatAPersonWishesIsWhatTheyAreSent(t tb, b *Bundle) {
	email := scheduling.NewPrivate("ms.wang@example.com")
	morning := []messages.Window{{From: 10 * 60, To: 11 * 60}}
	for what, c := range map[string]struct {
		wish   scheduling.ContactWish
		office func(o *scheduling.Office)
		want   []string
	}{
		"nothing special": {scheduling.AnyWish(), nil, []string{"booked sms 0 02T09:00 planned", "reminder sms 24 04T09:00 planned", "reminder sms 2 05T07:00 planned"}},
		"no texts":        {scheduling.ContactWish{}, nil, []string{"booked sms 0 02T09:00 suppressed no_text", "reminder sms 24 04T09:00 suppressed no_text", "reminder sms 2 05T07:00 suppressed no_text"}},
		"calls": {scheduling.ContactWish{Call: true}, nil, []string{
			"booked call 0 02T09:00 planned", "booked sms 0 02T09:00 suppressed no_text", "reminder call 24 04T09:00 planned",
			"reminder sms 24 04T09:00 suppressed no_text", "reminder call 2 05T07:00 planned", "reminder sms 2 05T07:00 suppressed no_text",
		}},
		"neutral, and there is no signature that says less": {scheduling.ContactWish{Text: true, Neutral: true}, nil, []string{
			"booked call 0 02T09:00 planned", "booked sms 0 02T09:00 suppressed no_neutral_signature", "reminder call 24 04T09:00 planned",
			"reminder sms 24 04T09:00 suppressed no_neutral_signature", "reminder call 2 05T07:00 planned", "reminder sms 2 05T07:00 suppressed no_neutral_signature",
		}},
		"neutral": {scheduling.ContactWish{Text: true, Neutral: true}, secondSignature, []string{"booked sms 0 02T09:00 planned", "reminder sms 24 04T09:00 planned", "reminder sms 2 05T07:00 planned"}},
		"hours":   {scheduling.ContactWish{Text: true, Hours: morning}, nil, []string{"booked sms 0 02T10:00 planned", "reminder sms 24 04T10:00 planned", "reminder sms 2 05T07:00 suppressed hours"}},
		"e-mail alone": {scheduling.ContactWish{Mail: true, Email: email}, nil, []string{
			"booked mail 0 02T09:00 planned", "booked sms 0 02T09:00 suppressed no_text", "reminder mail 24 04T09:00 planned",
			"reminder sms 24 04T09:00 suppressed no_text", "reminder mail 2 05T07:00 planned", "reminder sms 2 05T07:00 suppressed no_text",
		}},
		"no reminders": {scheduling.ContactWish{Text: true, Stopped: true}, nil, []string{"booked sms 0 02T09:00 planned", "reminder sms 24 04T09:00 suppressed stopped", "reminder sms 2 05T07:00 suppressed stopped"}},
	} {
		b.Reset(t)
		if c.office != nil {
			b.Change(t, c.office)
		}
		me := b.Citizen(t, phone(1))
		b.wish(t, me, c.wish)
		got, err := b.Scheduler.ContactWishOf(background, me, "")
		if err != nil {
			t.Fatalf("reading a wish: %v", err)
		}
		same(t, what+": the wish", c.wish, got)
		a := b.mustBook(t, b.bookAgain(t, me, "premarital", "2026-03-05 09:00"))
		same(t, what, c.want, b.owed(t, a))
	}
}

// bookAgain is wants by the person as they are now.
func (b *Bundle) bookAgain(t tb, a scheduling.Actor, service, start string) scheduling.Booking {
	t.Helper()
	p, err := b.Store.ByPhone(background, a.Person.Phone)
	if err != nil {
		t.Fatalf("reading a person: %v", err)
	}
	a.Person = p
	return b.wants(a, service, start)
}

func aWishReplansWhatIsNotYetDue(t tb, b *Bundle) {
	b.Change(t, service("premarital", func(s *scheduling.Service) {
		s.Reminders = []time.Duration{48 * time.Hour, 24 * time.Hour, 2 * time.Hour}
	}))
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-06 09:00"))
	other := b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "premarital", "2026-03-06 09:00"))
	b.quiet(t)
	b.send(t)
	b.Clock.Set(on("2026-03-04 09:00"))
	b.send(t)
	b.Clock.Set(on("2026-03-05 09:00")) // the second is due, and not sent
	theirs := b.owed(t, other)
	b.wish(t, me, scheduling.ContactWish{Text: true, Mail: true, Email: scheduling.NewPrivate("ms.wang@example.com")})
	same(t, "with e-mail", []string{
		"booked sms 0 02T09:00 handed_over", "reminder sms 48 04T09:00 handed_over", "reminder sms 24 05T09:00 planned",
		"reminder mail 2 06T07:00 planned", "reminder sms 2 06T07:00 planned",
	}, b.owed(t, a))
	b.wish(t, me, scheduling.ContactWish{Call: true})
	same(t, "with calls", []string{
		"booked sms 0 02T09:00 handed_over", "reminder sms 48 04T09:00 handed_over", "reminder sms 24 05T09:00 planned",
		"reminder call 2 06T07:00 planned", "reminder sms 2 06T07:00 suppressed no_text",
	}, b.owed(t, a))
	b.wish(t, me, scheduling.AnyWish())
	same(t, "as before", []string{
		"booked sms 0 02T09:00 handed_over", "reminder sms 48 04T09:00 handed_over", "reminder sms 24 05T09:00 planned", "reminder sms 2 06T07:00 planned",
	}, b.owed(t, a))
	same(t, "another's", theirs, b.owed(t, other))
	same(t, "audit", 3, b.count(t, "SELECT COUNT(*) FROM audit WHERE action = 'contact.wish'"))
}

func aWishIsAskedForOnceMoreWhenAMessageIsClaimed(t tb, b *Bundle) {
	for what, c := range map[string]struct {
		wish scheduling.ContactWish
		want []string
		call bool
	}{
		"no texts":     {scheduling.ContactWish{}, []string{"suppressed", "no_text", ""}, false},
		"calls":        {scheduling.ContactWish{Call: true}, []string{"suppressed", "no_text", ""}, true},
		"neutral":      {scheduling.ContactWish{Text: true, Neutral: true}, []string{"suppressed", "no_neutral_signature", ""}, true},
		"no reminders": {scheduling.ContactWish{Text: true, Stopped: true}, []string{"suppressed", "stopped", ""}, false},
		"other hours":  {scheduling.ContactWish{Text: true, Hours: []messages.Window{{From: 15 * 60, To: 16 * 60}}}, []string{"planned", "", ""}, false},
		"too late":     {scheduling.ContactWish{Text: true, Hours: []messages.Window{{From: 8*60 + 35, To: 8*60 + 40}}}, []string{"suppressed", "hours", ""}, false},
	} {
		b.Reset(t)
		me := b.Citizen(t, phone(1))
		b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
		b.quiet(t)
		b.send(t)
		b.Clock.Set(on("2026-03-04 09:00"))
		b.wish(t, me, c.wish)
		if due := b.claim(t); len(due) != 0 {
			t.Errorf("%s: %d are sent", what, len(due))
		}
		id := int64(b.count(t, "SELECT id FROM messages WHERE kind = 'reminder' AND lead_seconds = 86400"))
		same(t, what, c.want, b.message(t, id))
		if tasks := b.tasks(t, false); (len(tasks) == 1) != c.call {
			t.Errorf("%s: the tasks are %+v", what, tasks)
		}
		if what != "other hours" {
			continue
		}
		b.Clock.Set(on("2026-03-04 15:00"))
		if due := b.claim(t); len(due) != 1 || due[0].ID != id || due[0].Attempt != 1 {
			t.Errorf("at their hour %d are sent", len(due))
		}
	}
}

func whatWasHeldBackKeepsItsHourWhenItIsPlannedAnew(t tb, b *Bundle) {
	b.Change(t, func(o *scheduling.Office) { o.Quiet = &messages.Window{From: 21 * 60, To: 8 * 60} })
	b.Change(t, service("premarital", func(s *scheduling.Service) { s.Reminders = []time.Duration{12 * time.Hour, 36 * time.Hour} }))
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:30"))
	want := []string{"booked sms 0 02T09:00 planned", "reminder sms 36 04T08:00 planned", "reminder sms 12 05T08:00 planned"}
	same(t, "planned", want, b.owed(t, a))
	b.Clock.Set(on("2026-03-03 22:00")) // the first would have gone at half past nine
	b.wish(t, me, scheduling.ContactWish{Text: true, Locale: "en"})
	same(t, "after a wish", want, b.owed(t, a))
	b.Change(t, func(o *scheduling.Office) { o.Quiet = &messages.Window{From: 21 * 60, To: 8*60 + 30} })
	want[1], want[2] = "reminder sms 36 04T08:30 planned", "reminder sms 12 05T08:30 planned"
	same(t, "after other quiet hours", want, b.owed(t, a))
}

func aCallThatIsNotWantedAnyMoreIsNotAskedFor(t tb, b *Bundle) {
	for _, c := range []struct {
		wish  scheduling.ContactWish
		calls int
	}{{scheduling.ContactWish{}, 0}, {scheduling.AnyWish(), 1}, {scheduling.ContactWish{Call: true}, 1}} {
		b.Reset(t)
		me := b.Citizen(t, phone(1))
		b.wish(t, me, scheduling.ContactWish{Call: true, Hours: []messages.Window{{From: 10 * 60, To: 11 * 60}}})
		b.mustBook(t, b.bookAgain(t, me, "family", "2026-03-05 09:00"))
		b.quiet(t)
		b.wish(t, me, c.wish)
		b.Clock.Set(on("2026-03-02 10:00"))
		if due := b.claim(t); len(due) != 0 {
			t.Errorf("%+v: %d texts are sent", c.wish, len(due))
		}
		if tasks := b.tasks(t, false); len(tasks) != c.calls {
			t.Errorf("%+v: the tasks are %+v", c.wish, tasks)
		}
	}
}

func noHandingOverByTheOldWishBegins(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-05 09:00"))
	b.quiet(t)
	m := b.claim(t)[0]
	answered := make(chan error, 1)
	go func() {
		_, err := b.Scheduler.SetContactWish(background, scheduling.WishChange{Actor: me})
		answered <- err
	}()
	for b.read(t, a.Reference).Notified.Wish == nil {
		select {
		case err := <-answered:
			t.Fatalf("answered before it was written: %v", err)
		default:
		}
	}
	select {
	case err := <-answered:
		t.Fatalf("answered while a message is in a worker's hands: %v", err)
	default:
	}
	b.finish(t, gave(m, kannel))
	if err := <-answered; err != nil {
		t.Errorf("setting a wish: %v", err)
	}
}

// wishing are wishes between whose reading and writing something happens, once.
type wishing struct {
	scheduling.Wishes
	happen func()
}

func (w *wishing) SetWish(ctx context.Context, write scheduling.WishWrite) error {
	if happen := w.happen; happen != nil {
		w.happen = nil
		happen()
	}
	return w.Wishes.SetWish(ctx, write)
}
