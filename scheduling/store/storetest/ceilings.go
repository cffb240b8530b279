package storetest

import (
	"sync"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

var ceilingTests = []test{
	noCeilingIsPassedByWorkersAtOnce,
	whatWasNotTakenIsGivenBack,
	whatWaitsForItsHourIsNotCounted,
	codesAreNotCountedForTheirNumber,
	theNextDayAndMonthBeginAtNothing,
	oneNumberIsOneHoweverManyPeopleItStandsFor,
	whatIsSentIsCountedWithoutACeilingToo,
	theDearestFormIsReservedAndTheOneSentIsCounted,
}

// counts are the messages of today and the segments of the month.
func (b *Bundle) counts(t tb) [2]int {
	t.Helper()
	_, sending, err := b.Scheduler.SendingOf(background, b.Staff(t, "chief"), "suite")
	if err != nil {
		t.Fatalf("reading what was sent: %v", err)
	}
	return [2]int{sending.Messages, sending.Segments}
}

// perNumber, perDay and perMonth give the office a ceiling, and no other.
func perNumber(n int) func(o *scheduling.Office) {
	return func(o *scheduling.Office) { o.MessagesPerNumber, o.MessagesPerDay, o.SegmentsPerMonth = n, 0, 0 }
}

func perDay(n int) func(o *scheduling.Office) {
	return func(o *scheduling.Office) { o.MessagesPerNumber, o.MessagesPerDay, o.SegmentsPerMonth = 0, n, 0 }
}

func perMonth(n int) func(o *scheduling.Office) {
	return func(o *scheduling.Office) { o.MessagesPerNumber, o.MessagesPerDay, o.SegmentsPerMonth = 0, 0, n }
}

func noCeilingIsPassedByWorkersAtOnce(t tb, b *Bundle) {
	const ceiling = 7
	for rule, set := range map[string]func(int) func(o *scheduling.Office){"per_number": perNumber, "per_day": perDay, "per_month": perMonth} {
		b.Reset(t)
		b.Change(t, set(ceiling))
		desk := b.Staff(t, "desk")
		for i := range 24 {
			r := b.wants(desk, "family", days[i%8]+" "+[]string{"09:00", "10:30", "14:30"}[i/8])
			r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
			if rule != "per_number" {
				r.Parties[0].Phone = scheduling.NewPrivate(phone(i + 1))
			}
			b.mustBook(t, r)
		}
		stores := []*store.Store{b.Store, b.openStore(t), b.openStore(t)}
		var mu sync.Mutex
		var sent []store.MessageOutcome
		outcomes(t, together(6, func(i int) error {
			for range 10 {
				due, err := stores[i%3].Claim(background, 4)
				if err != nil {
					return err
				}
				mu.Lock()
				for _, m := range due {
					sent = append(sent, gave(m, kannel))
				}
				mu.Unlock()
			}
			return nil
		}))
		if len(sent) != ceiling {
			t.Errorf("%s: %d are sent", rule, len(sent))
		}
		same(t, "held back", [][]string{{"suppressed", rule, "17"}}, b.rows(t, "SELECT status, rule, COUNT(*) FROM messages WHERE status <> 'claimed' GROUP BY status, rule"))
		if tasks := b.tasks(t, false); len(tasks) != 17 || tasks[0].Kind != scheduling.TaskCall || tasks[0].Reason != rule {
			t.Errorf("%s: there are %d calls", rule, len(tasks))
		}
		b.finish(t, sent...)
		same(t, rule+": counted", [2]int{ceiling, ceiling}, b.counts(t))
		b.consistent(t)
	}
}

func whatWasNotTakenIsGivenBack(t tb, b *Bundle) {
	for rule, set := range map[string]func(int) func(o *scheduling.Office){"per_number": perNumber, "per_day": perDay, "per_month": perMonth} {
		for _, status := range []string{"planned", "given back", "failed", "expired"} {
			b.Reset(t)
			b.Change(t, set(1))
			me := b.Citizen(t, phone(1))
			b.mustBook(t, b.wants(me, "family", "2026-03-05 09:00"))
			b.quiet(t)
			out := became(b.claim(t)[0], status)
			if status == "given back" {
				out.Status, out.GivenBack = "planned", true
			}
			b.finish(t, out)
			if n := b.count(t, "SELECT COUNT(*) FROM message_counts WHERE n <> 0"); n != 0 {
				t.Errorf("%s, %s: %d counts", rule, status, n)
			}
			b.exec(t, "DELETE FROM messages")
			b.mustBook(t, b.wants(me, "family", "2026-03-06 09:00"))
			if sent := b.send(t); len(sent) != 1 {
				t.Errorf("%s: after one was %s %d are sent", rule, status, len(sent))
			}
			b.mustBook(t, b.wants(me, "family", "2026-03-09 09:00"))
			if sent := b.send(t); len(sent) != 0 {
				t.Errorf("%s: %d are sent over the ceiling", rule, len(sent))
			}
		}
	}
}

func whatWaitsForItsHourIsNotCounted(t tb, b *Bundle) {
	b.Change(t, perNumber(1))
	me := b.Citizen(t, phone(1))
	b.mustBook(t, b.wants(me, "family", "2026-03-05 09:00"))
	b.quiet(t)
	b.wish(t, me, scheduling.ContactWish{Text: true, Hours: []messages.Window{{From: 10 * 60, To: 11 * 60}, {From: 14 * 60, To: 15 * 60}}})
	for _, at := range []string{"09:00", "09:30", "11:30", "13:59"} {
		b.Clock.Set(on("2026-03-02 " + at))
		b.exec(t, "UPDATE messages SET next_at = due_at")
		if due := b.claim(t); len(due) != 0 {
			t.Errorf("at %s %d are sent", at, len(due))
		}
	}
	b.Clock.Set(on("2026-03-02 14:00"))
	if sent := b.send(t); len(sent) != 1 || sent[0].Attempt != 1 {
		t.Errorf("at two %d are sent", len(sent))
	}
}

func codesAreNotCountedForTheirNumber(t tb, b *Bundle) {
	b.Change(t, perNumber(1))
	for range 3 {
		b.ask(t, phone(1), "203.0.113.1")
		if sent := b.send(t); len(sent) != 1 || sent[0].Kind != messages.Code {
			t.Errorf("%d codes are sent", len(sent))
		}
		b.Clock.Pass(time.Minute)
	}
	b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-05 09:00"))
	b.quiet(t)
	if sent := b.send(t); len(sent) != 1 {
		t.Errorf("after codes %d are sent", len(sent))
	}
	same(t, "counted", [2]int{4, 4}, b.counts(t))
	b.Change(t, perDay(4))
	b.ask(t, phone(2), "203.0.113.1")
	if sent := b.send(t); len(sent) != 0 || len(b.tasks(t, false)) != 0 {
		t.Errorf("over the office's ceiling %d codes are sent, and %d are called", len(sent), len(b.tasks(t, false)))
	}
}

func theNextDayAndMonthBeginAtNothing(t tb, b *Bundle) {
	for rule, c := range map[string]struct {
		set          func(int) func(o *scheduling.Office)
		before, next string
	}{
		"per_number": {perNumber, "2026-03-02 23:59", "2026-03-03 00:00"},
		"per_day":    {perDay, "2026-03-02 23:59", "2026-03-03 00:00"},
		"per_month":  {perMonth, "2026-03-31 23:59", "2026-04-01 00:00"},
	} {
		b.Reset(t)
		b.Change(t, c.set(1))
		b.Clock.Set(on(c.before))
		desk := b.Staff(t, "desk")
		book := func(start string) {
			r := b.wants(desk, "family", start)
			r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
			b.mustBook(t, r)
		}
		book("2026-04-10 09:00")
		book("2026-04-13 09:00")
		if sent := b.send(t); len(sent) != 1 {
			t.Errorf("%s: on the last day %d are sent", rule, len(sent))
		}
		b.Clock.Set(on(c.next))
		book("2026-04-14 09:00")
		if sent := b.send(t); len(sent) != 1 {
			t.Errorf("%s: on the next day %d are sent", rule, len(sent))
		}
		if n := b.count(t, "SELECT COUNT(*) FROM messages WHERE rule = ?", rule); n != 1 {
			t.Errorf("%s: %d were held back", rule, n)
		}
	}
}

func oneNumberIsOneHoweverManyPeopleItStandsFor(t tb, b *Bundle) {
	b.Change(t, perNumber(2))
	b.Scheduler.Settings.VerifyPhones = false
	for i := range 4 {
		r := b.wants(passerBy("203.0.113.1"), "family", days[i]+" 09:00")
		r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
		b.mustBook(t, r)
	}
	if sent := b.send(t); len(sent) != 2 {
		t.Errorf("%d are sent to one number", len(sent))
	}
	me := b.Citizen(t, phone(2))
	b.quiet(t)
	b.wish(t, me, scheduling.ContactWish{Text: true, Number: scheduling.NewPrivate(phone(1))})
	b.mustBook(t, b.bookAgain(t, me, "family", "2026-03-12 09:00"))
	if sent := b.send(t); len(sent) != 0 {
		t.Errorf("%d more are sent to it for somebody else", len(sent))
	}
}

func whatIsSentIsCountedWithoutACeilingToo(t tb, b *Bundle) {
	b.Change(t, perNumber(0))
	b.owe(t, 4)
	var results []store.MessageOutcome
	for i, m := range b.claim(t) {
		results = append(results, became(m, []string{"handed_over", "unknown", "failed", "planned"}[i]))
	}
	b.finish(t, results...)
	same(t, "counted", [2]int{2, 2}, b.counts(t))
	near := func(share float64) []store.Spending {
		t.Helper()
		out, err := b.Store.NearCeiling(background, share)
		if err != nil {
			t.Fatalf("looking at the ceilings: %v", err)
		}
		return out
	}
	same(t, "near a ceiling that there is not", 0, len(near(0)))
	b.Change(t, perMonth(4))
	same(t, "at half", []store.Spending{{Office: "suite", Used: 2, Ceiling: 4}}, near(0.5))
	same(t, "below", 0, len(near(0.51)))
}

func theDearestFormIsReservedAndTheOneSentIsCounted(t tb, b *Bundle) {
	b.Change(t, perMonth(3))
	b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-05 09:00"))
	b.quiet(t)
	b.exec(t, "DELETE FROM messages WHERE kind = 'booked'")
	b.Clock.Set(on("2026-03-04 09:00"))
	m := b.claim(t)[0]
	dearest := m.Forms[0].Segments
	if dearest < 2 || m.Forms[len(m.Forms)-1].Segments != 1 {
		t.Fatalf("the forms are %+v", m.Forms)
	}
	same(t, "reserved", [2]int{0, dearest}, b.counts(t))
	b.finish(t, gave(m, aliyun))
	same(t, "counted", [2]int{1, 1}, b.counts(t))
	b.Clock.Set(on("2026-03-05 07:00"))
	m = b.claim(t)[0]
	b.finish(t, gave(m, kannel))
	same(t, "counted", [2]int{1, 1 + dearest}, b.counts(t))
}
