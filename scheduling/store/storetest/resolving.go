package storetest

import (
	"strings"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

func aPreviewSaysWhatWillNotGoAndWhy(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
	b.quiet(t)
	b.send(t)
	b.Clock.Set(on("2026-03-04 09:00"))
	b.wish(t, me, scheduling.ContactWish{Text: true, Neutral: true})
	preview, err := b.Scheduler.Preview(background, me, a.Reference)
	if err != nil {
		t.Fatalf("previewing: %v", err)
	}
	var got []string
	for _, m := range preview {
		got = append(got, strings.TrimSpace(string(m.Kind)+" "+string(m.Channel)+" "+string(m.Status)+" "+m.Rule))
	}
	same(t, "previewed", []string{
		"booked sms handed_over", "reminder sms planned no_neutral_signature", "reminder sms suppressed no_neutral_signature", "reminder call planned",
	}, sortedLike(got))
	if !preview[1].DueAt.Equal(b.Clock.Now()) || !strings.Contains(preview[1].Text, a.Reference) {
		t.Errorf("the reminder is %+v", preview[1])
	}
	for _, m := range preview {
		for _, word := range messages.ForbiddenWords(m.Text) {
			t.Errorf("%q says %q", m.Text, word)
		}
	}
}

// sortedLike puts the calls last: they fall due with the texts that they take
// the place of.
func sortedLike(rows []string) []string {
	var texts, calls []string
	for _, r := range rows {
		if strings.Contains(r, " call ") {
			calls = append(calls, r)
		} else {
			texts = append(texts, r)
		}
	}
	return append(texts, calls...)
}

// resolve settles a message.
func (b *Bundle) resolve(t tb, id int64, again bool) error {
	t.Helper()
	return b.Scheduler.Resolve(background, scheduling.Resolution{Actor: b.Staff(t, "chief"), Office: "suite", ID: id, Again: again})
}

func anUnknownMessageIsResolvedByADirector(t tb, b *Bundle) {
	for _, again := range []bool{false, true} {
		b.Reset(t)
		a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-05 09:00"))
		b.quiet(t)
		m := b.claim(t)[0]
		b.finish(t, became(m, "unknown"))
		same(t, "listed", m.ID, b.ledger(t, scheduling.MessageFilter{Status: scheduling.MessageUnknown})[0].ID)
		b.Clock.Pass(time.Minute)
		if err := b.resolve(t, m.ID, again); err != nil {
			t.Fatalf("resolving: %v", err)
		}
		sent := b.send(t)
		entry := b.ledger(t, scheduling.MessageFilter{Reference: a.Reference})[0]
		if entry.Status != scheduling.MessageHandedOver || !entry.HandedAt.Equal(b.Clock.Now()) || (len(sent) == 1) != again {
			t.Errorf("again %t: %d are sent, the ledger has %+v", again, len(sent), entry)
		}
		same(t, "rule", map[bool]string{false: "resolved_sent", true: "resolved_again"}[again], entry.Rule)
		same(t, "audit", [][]string{{map[bool]string{false: "message.sent", true: "message.send_again"}[again], itoa(m.ID), "chief"}},
			b.rows(t, "SELECT action, subject, actor_name FROM audit WHERE action LIKE 'message%'"))
		refused(t, b.resolve(t, m.ID, again), scheduling.CodeWrongState)
	}
}

func onlyAnUnknownMessageIsResolved(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-05 09:00"))
	b.quiet(t)
	id := int64(b.count(t, "SELECT id FROM messages"))
	refused(t, b.resolve(t, id, false), scheduling.CodeWrongState)
	refused(t, b.resolve(t, id+1, false), scheduling.CodeNotFound)
	m := b.claim(t)[0]
	refused(t, b.resolve(t, id, true), scheduling.CodeWrongState)
	b.finish(t, became(m, "unknown"))
	other := b.another(t, "another")
	stranger := scheduling.Resolution{Actor: b.Staff(t, "chief"), Office: "another", ID: id}
	stranger.Actor.OfficeID = other.ID
	refused(t, b.Scheduler.Resolve(background, stranger), scheduling.CodeNotFound)
	before := b.state(t)
	b.mustDo(t, move, b.moveOf(me, a, "2026-03-06 09:00"))
	refused(t, b.resolve(t, id, true), scheduling.CodeWrongState) // what it says is no longer so
	b.Clock.Set(on("2026-03-07 09:00"))
	refused(t, b.resolve(t, id, true), scheduling.CodeWrongState)
	if err := b.resolve(t, id, false); err != nil {
		t.Errorf("it was sent: %v", err)
	}
	same(t, "deliveries", before["deliveries"], b.state(t)["deliveries"])
}
