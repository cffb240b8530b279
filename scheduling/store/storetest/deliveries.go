package storetest

import (
	"strings"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

var deliveryTests = []test{
	whatAGatewayTookIsWrittenDown,
	whatAGatewayMayHaveTakenIsWrittenDownToo,
	whatWasNotTakenLeavesNoDelivery,
	aRepeatedResultWritesNothing,
	aResultOfAnOldClaimWritesNothingBesideALiveOne,
	aLostMessageLeavesAPlaceForALateReceipt,
	aLostSecondTryLeavesTheFirstItsPlace,
	aReceiptKeepsWhatWasPlannedAgainFromBeingSentTwice,
	anEMailGoesBesideTheTextAndCostsNothing,
}

// gave is the outcome of a message that a gateway took.
func gave(m store.DueMessage, g messages.Gateway) store.MessageOutcome {
	return store.MessageOutcome{
		ID: m.ID, Claim: m.Claim, Status: "handed_over", Gateway: g.Name, GatewayID: gatewayID(m.ID), Of: &m, Form: g.Choose(m.Forms),
	}
}

// became is gave with another status.
func became(m store.DueMessage, status string) store.MessageOutcome {
	out := gave(m, kannel)
	out.Status = status
	return out
}

func gatewayID(message int64) string { return "g-" + itoa(message) }

// send hands over all that is due, by Kannel.
func (b *Bundle) send(t tb) []store.DueMessage {
	t.Helper()
	var all []store.DueMessage
	for {
		due := b.claim(t)
		if len(due) == 0 {
			return all
		}
		results := make([]store.MessageOutcome, len(due))
		for i, m := range due {
			results[i] = gave(m, kannel)
		}
		b.finish(t, results...)
		all = append(all, due...)
	}
}

// remind books for a citizen, and sends all up to the first reminder.
func (b *Bundle) remind(t tb, number, service, start string) (scheduling.Appointment, store.DueMessage) {
	t.Helper()
	a := b.mustBook(t, b.wants(b.Citizen(t, number), service, start))
	b.quiet(t)
	b.send(t)
	b.Clock.Set(a.Start.Add(-24 * time.Hour))
	for _, m := range b.send(t) {
		if m.Kind == messages.Reminder && m.To.Reveal() == number {
			return a, m
		}
	}
	t.Fatalf("no reminder of %s went", a.Reference)
	return a, store.DueMessage{}
}

// delivery is what is written of a message's delivery.
func (b *Bundle) delivery(t tb, message int64) []string {
	t.Helper()
	rows := b.rows(t, "SELECT gateway, gateway_id, segments, text_version, handed_at, CASE WHEN to_hash IS NULL THEN 'no hash' ELSE 'a hash' END FROM deliveries WHERE message_id = ?", message)
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}

// message is what is written of a message.
func (b *Bundle) message(t tb, id int64) []string {
	t.Helper()
	return b.rows(t, "SELECT status, rule, detail FROM messages WHERE id = ?", id)[0]
}

func whatAGatewayTookIsWrittenDown(t tb, b *Bundle) {
	a, m := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
	now := itoa(b.Clock.Now().Unix())
	segments := itoa(int64(m.Forms[0].Segments))
	same(t, "the reminder's delivery", []string{"kannel", gatewayID(m.ID), segments, "0", now, "a hash"}, b.delivery(t, m.ID))
	same(t, "of the reminder", []int64{a.ID, a.Office.ID}, b.numbers(t, "SELECT appointment_id, office_id FROM deliveries WHERE message_id = ?", m.ID)[0])
	booked := b.count(t, "SELECT id FROM messages WHERE kind = 'booked'")
	same(t, "the booking's delivery asks for nothing", "no hash", b.delivery(t, int64(booked))[5])
	entry := b.ledger(t, scheduling.MessageFilter{Kind: messages.Reminder, Status: scheduling.MessageHandedOver})[0]
	if entry.ID != m.ID || entry.Gateway != "kannel" || entry.GatewayID != gatewayID(m.ID) || entry.Segments != m.Forms[0].Segments || !entry.HandedAt.Equal(b.Clock.Now()) {
		t.Errorf("the ledger has %+v", entry)
	}
}

func whatAGatewayMayHaveTakenIsWrittenDownToo(t tb, b *Bundle) {
	b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-05 09:00"))
	b.quiet(t)
	m := b.claim(t)[0]
	unknown := became(m, "unknown")
	unknown.GatewayID, unknown.Detail = strings.Repeat("9", 80), "no answer"
	b.finish(t, unknown)
	same(t, "message", []string{"unknown", "", "no answer"}, b.message(t, m.ID))
	same(t, "delivery", []string{"kannel", strings.Repeat("9", 64), "1", "0", itoa(b.Clock.Now().Unix()), "no hash"}, b.delivery(t, m.ID))
	b.receipts(t, "kannel", store.DeliveryReceipt{GatewayID: strings.Repeat("9", 80), Receipt: messages.ReceiptDelivered})
	same(t, "after its receipt", []string{"handed_over", "", "its receipt came"}, b.message(t, m.ID))
}

func whatWasNotTakenLeavesNoDelivery(t tb, b *Bundle) {
	for _, status := range []string{"planned", "failed", "expired"} {
		b.Reset(t)
		b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-05 09:00"))
		b.quiet(t)
		m := b.claim(t)[0]
		b.finish(t, became(m, status))
		same(t, "message", status, b.message(t, m.ID)[0])
		if n := b.count(t, "SELECT COUNT(*) FROM deliveries"); n != 0 {
			t.Errorf("%s: %d deliveries", status, n)
		}
		if n := b.count(t, "SELECT COUNT(*) FROM message_counts WHERE n <> 0"); n != 0 {
			t.Errorf("%s: %d counts", status, n)
		}
	}
}

func aRepeatedResultWritesNothing(t tb, b *Bundle) {
	for i := range 3 {
		b.mustBook(t, b.wants(b.Citizen(t, phone(i+1)), "family", days[i]+" 09:00"))
	}
	b.quiet(t)
	var results []store.MessageOutcome
	for i, m := range b.claim(t) {
		results = append(results, became(m, []string{"handed_over", "unknown", "failed"}[i]))
	}
	b.finish(t, results...)
	before := b.state(t)
	b.Clock.Pass(time.Minute)
	b.finish(t, results...)
	b.finish(t, results[1], results[2])
	b.unchanged(t, before)
}

func aResultOfAnOldClaimWritesNothingBesideALiveOne(t tb, b *Bundle) {
	for i := range 2 {
		b.mustBook(t, b.wants(b.Citizen(t, phone(i+1)), "family", days[i]+" 09:00"))
	}
	b.quiet(t)
	due := b.claim(t)
	b.exec(t, "UPDATE messages SET lease_until = 1 WHERE id = "+itoa(due[0].ID))
	if n, err := b.Store.RecoverLost(background); err != nil || n != 1 {
		t.Fatalf("%d were lost, %v", n, err)
	}
	b.finish(t, gave(due[0], kannel), gave(due[1], kannel))
	same(t, "the lost one", []string{"unknown", "", "the sender was lost"}, b.message(t, due[0].ID))
	same(t, "its delivery", []string{"", "", "1", "0", itoa(b.Clock.Now().Unix()), "no hash"}, b.delivery(t, due[0].ID))
	same(t, "the live one", []string{"handed_over", "", ""}, b.message(t, due[1].ID))
	same(t, "counted as handed over", []store.GatewayMinutes{{Gateway: "kannel", Handed: 1}}, b.minutes(t))
	_, sending, err := b.Scheduler.SendingOf(background, b.Staff(t, "chief"), "suite")
	if err != nil || sending.Messages != 2 || sending.Segments != 2 {
		t.Errorf("counted are %d messages and %d segments, %v", sending.Messages, sending.Segments, err)
	}
}

func aLostMessageLeavesAPlaceForALateReceipt(t tb, b *Bundle) {
	a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-05 09:00"))
	b.quiet(t)
	m := b.lose(t)
	b.Clock.Pass(time.Minute)
	b.receipts(t, "kannel", store.DeliveryReceipt{MessageID: m.ID, Receipt: messages.ReceiptDelivered, At: b.Clock.Now().Add(-30 * time.Second)})
	same(t, "message", []string{"handed_over", "", "its receipt came"}, b.message(t, m.ID))
	entry := b.ledger(t, scheduling.MessageFilter{Reference: a.Reference})[0]
	if entry.Receipt != messages.ReceiptDelivered || entry.Gateway != "kannel" || !entry.ReceiptAt.Equal(b.Clock.Now().Add(-30*time.Second)) {
		t.Errorf("the ledger has %+v", entry)
	}
}

func aLostSecondTryLeavesTheFirstItsPlace(t tb, b *Bundle) {
	b.Change(t, func(o *scheduling.Office) { o.ResendUnknown = true })
	b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-05 09:00"))
	b.quiet(t)
	b.send(t)
	b.Clock.Set(on("2026-03-04 09:00"))
	m := b.claim(t)[0]
	doubtful := became(m, "planned")
	doubtful.Rule = store.ResendRule
	b.finish(t, doubtful)
	b.Clock.Pass(time.Second)
	b.lose(t)
	b.receipts(t, "kannel", store.DeliveryReceipt{GatewayID: gatewayID(m.ID), Receipt: messages.ReceiptDelivered})
	same(t, "after the first's receipt", []string{"handed_over", store.ResendRule, "its receipt came"}, b.message(t, m.ID))
	same(t, "counted, since each may have come", [2]int{2, 1 + 2*m.Forms[0].Segments}, b.counts(t))
}

// lose claims what is due, one message, and loses its sender.
func (b *Bundle) lose(t tb) store.DueMessage {
	t.Helper()
	due := b.claim(t)
	if len(due) != 1 {
		t.Fatalf("%d messages are due", len(due))
	}
	b.exec(t, "UPDATE messages SET lease_until = 1 WHERE status = 'claimed'")
	if n, err := b.Store.RecoverLost(background); err != nil || n != 1 {
		t.Fatalf("%d were lost, %v", n, err)
	}
	return due[0]
}

func aReceiptKeepsWhatWasPlannedAgainFromBeingSentTwice(t tb, b *Bundle) {
	again := map[string]func(m store.DueMessage){
		"resend_unknown": func(store.DueMessage) {},
		"resolved_again": func(m store.DueMessage) {
			resolve := scheduling.Resolution{Actor: b.Staff(t, "chief"), Office: "suite", ID: m.ID, Again: true}
			if err := b.Scheduler.Resolve(background, resolve); err != nil {
				t.Fatalf("resolving: %v", err)
			}
		},
	}
	for rule, plan := range again {
		for _, receipt := range []messages.Receipt{messages.ReceiptDelivered, messages.ReceiptFailed} {
			b.Reset(t)
			b.Change(t, func(o *scheduling.Office) { o.ResendUnknown = rule == "resend_unknown" })
			b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-05 09:00"))
			b.quiet(t)
			b.send(t)
			b.Clock.Set(on("2026-03-04 09:00"))
			m := b.lose(t)
			plan(m)
			same(t, "planned again", []string{"planned", rule}, b.message(t, m.ID)[:2])
			b.receipts(t, "kannel", store.DeliveryReceipt{MessageID: m.ID, Receipt: receipt})
			same(t, "after its receipt", []string{"handed_over", rule, "its receipt came"}, b.message(t, m.ID))
			if due := b.claim(t); len(due) != 0 {
				t.Errorf("%s: %d are sent again", rule, len(due))
			}
		}
	}
}

func anEMailGoesBesideTheTextAndCostsNothing(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	b.wish(t, me, scheduling.ContactWish{Text: true, Mail: true, Email: scheduling.NewPrivate("ms.wang@example.com")})
	a := b.mustBook(t, b.bookAgain(t, me, "family", "2026-03-05 09:00"))
	b.quiet(t)
	due := b.send(t)
	if len(due) != 2 {
		t.Fatalf("%d messages went", len(due))
	}
	for _, m := range due {
		if m.Channel != messages.Mail {
			continue
		}
		if m.To.Reveal() != "ms.wang@example.com" || len(m.Forms) != 1 || m.Forms[0].Asks || m.Subject == "" {
			t.Errorf("the e-mail is %+v", m)
		}
		want := store.DueEntry{AppointmentID: a.ID, Reference: a.Reference, Start: a.Start, End: a.End, UpdatedAt: a.UpdatedAt, Revision: 1, Locale: "zh"}
		same(t, "entry", &want, m.Entry)
		same(t, "its cost", "0", b.delivery(t, m.ID)[2])
	}
	_, sending, err := b.Scheduler.SendingOf(background, b.Staff(t, "chief"), "suite")
	if err != nil || sending.Messages != 1 || sending.Segments != 1 {
		t.Errorf("counted are %d messages and %d segments, %v", sending.Messages, sending.Segments, err)
	}
}
