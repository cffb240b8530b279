package storetest

import (
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

var keepingMessagesTests = []test{
	whatMessagesLedToIsErasedWithThem,
	whatNobodyAsksForAnyMoreIsForgottenSooner,
	theDoctorFindsWhatIsWrongWithMessages,
	aPastOfMessagesIsNotGoneThrough,
}

// muchSaid leaves rows in every table that messages lead to, about one
// appointment on the fifth of March.
func (b *Bundle) muchSaid(t tb) scheduling.Appointment {
	t.Helper()
	b.Change(t, cancelsByReply)
	a, m := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
	b.receipts(t, "kannel", store.DeliveryReceipt{MessageID: m.ID, Receipt: messages.ReceiptFailed, Reason: "UNDELIV"})
	b.receipts(t, "kannel", store.DeliveryReceipt{GatewayID: "early", Receipt: messages.ReceiptFailed})
	b.reply(t, phone(1), "有事来不了，能改吗")
	b.reply(t, phone(8), "你们是谁")
	b.bookAs(t, b.Citizen(t, phone(1)), "李大伟", "suite", "2026-03-05 14:30")
	b.notice(t)
	b.reply(t, phone(1), "2")
	b.quiet(t)
	b.send(t)
	for table, least := range map[string]int{"deliveries": 3, "tasks": 5, "replies": 3, "stray_receipts": 1, "message_counts": 3, "gateway_minutes": 2} {
		if n := b.count(t, "SELECT COUNT(*) FROM "+table); n < least {
			t.Fatalf("%d rows of %s", n, table)
		}
	}
	return a
}

func whatMessagesLedToIsErasedWithThem(t tb, b *Bundle) {
	b.muchSaid(t)
	b.Clock.Set(day("2026-03-05").Add(180).At(23*60, shanghai))
	b.erase(t)
	if n := b.count(t, "SELECT COUNT(*) FROM deliveries"); n == 0 {
		t.Error("on the last day no deliveries are left")
	}
	b.consistent(t)
	b.Clock.Set(day("2026-03-05").Add(181).At(0, shanghai))
	b.erase(t)
	for _, table := range []string{"messages", "deliveries", "tasks", "replies", "stray_receipts", "message_counts", "gateway_minutes", "persons", "contacts"} {
		if n := b.count(t, "SELECT COUNT(*) FROM "+table); n != 0 {
			t.Errorf("%d rows of %s", n, table)
		}
	}
	b.consistent(t)
	same(t, "erased again", store.Erased{}, b.erase(t))
}

func whatNobodyAsksForAnyMoreIsForgottenSooner(t tb, b *Bundle) {
	b.Change(t, func(o *scheduling.Office) { o.Keep.Messages = 10 * 24 * time.Hour })
	b.muchSaid(t)
	passed := func(d time.Duration, query string) {
		t.Helper()
		b.Clock.Pass(d)
		b.erase(t)
		if n := b.count(t, query); n != 0 {
			t.Errorf("%s: %d", query, n)
		}
	}
	passed(72*time.Hour, "SELECT COUNT(*) FROM deliveries WHERE to_hash IS NOT NULL")
	passed(0, "SELECT COUNT(*) FROM replies")
	passed(0, "SELECT COUNT(*) FROM stray_receipts")
	passed(0, "SELECT COUNT(*) FROM gateway_minutes")
	passed(0, "SELECT COUNT(*) FROM message_counts WHERE number <> 0")
	b.Clock.Set(day("2026-03-08").Add(10).At(12*60, shanghai))
	passed(0, "SELECT COUNT(*) FROM tasks WHERE message_id <> 0")
	passed(0, "SELECT COUNT(*) FROM tasks WHERE kind <> 'names'")
	passed(31*24*time.Hour, "SELECT COUNT(*) FROM tasks")
}

func theDoctorFindsWhatIsWrongWithMessages(t tb, b *Bundle) {
	for what, query := range map[string]string{
		"a delivery of nothing":                "UPDATE deliveries SET message_id = message_id + 1",
		"a delivery about another":             "UPDATE deliveries SET appointment_id = appointment_id + 1",
		"a delivery of another office":         "UPDATE deliveries SET office_id = office_id + 1",
		"a message not counted":                "UPDATE message_counts SET n = n - 1 WHERE number = 0 AND period = '2026-03-04'",
		"segments not counted":                 "UPDATE message_counts SET n = 0 WHERE number = 0 AND period = '2026-03'",
		"counts gone":                          "DELETE FROM message_counts",
		"a count below nothing":                "UPDATE message_counts SET n = -1 WHERE number <> 0",
		"a call about nothing":                 "UPDATE tasks SET message_id = 1 WHERE message_id <> 0",
		"a time given up of who comes":         "UPDATE tasks SET appointment_id = (SELECT MAX(id) FROM appointments WHERE status = 'booked') WHERE kind = 'given_up'",
		"a text that is no version":            "UPDATE text_versions SET body = 'x'",
		"a text without a version":             "DELETE FROM text_versions",
		"a version without a text":             "UPDATE text_versions SET kind = 'moved'",
		"a message of an old time still to go": "UPDATE messages SET status = 'planned', revision = 7 WHERE kind = 'reminder'",
	} {
		b.Reset(t)
		b.text(t, bookedZH, "您好，{start}见，编号{reference}。")
		b.muchSaid(t)
		b.consistent(t)
		b.exec(t, query)
		lines, err := b.Store.Doctor(background)
		if err != nil || len(lines) == 0 {
			t.Errorf("%s: the doctor finds %d differences, %v", what, len(lines), err)
		}
	}
	b.Reset(t)
}

// aPastOfMessagesIsNotGoneThrough holds the statements that run again and again
// to their indexes: a million rows of the past lie beside them.
func aPastOfMessagesIsNotGoneThrough(t tb, b *Bundle) {
	b.muchSaid(t)
	for index, query := range map[string]string{
		"messages_status_next_at":       "SELECT id FROM messages WHERE status = 'claimed' AND lease_until < 1",
		"messages_office_id_due_at":     "SELECT id FROM messages WHERE office_id = 1 AND due_at >= 1 AND due_at < 2 ORDER BY due_at DESC, id DESC LIMIT 51",
		"deliveries_to_hash_handed_at":  "SELECT message_id FROM deliveries WHERE to_hash IN ('a', 'b') AND handed_at >= 1",
		"deliveries_receipt_handed_at":  "SELECT message_id FROM deliveries WHERE receipt = '' AND handed_at <= 1 AND gateway IN ('kannel') LIMIT 500",
		"deliveries_gateway_id":         "SELECT message_id FROM deliveries WHERE gateway_id IN ('a', 'b') AND gateway = 'kannel'",
		"tasks_office_id_done_due_at":   "SELECT id FROM tasks WHERE office_id = 1 AND done = 0 AND due_at <= 1 AND until_at > 1 ORDER BY due_at, id LIMIT 51",
		"appointments_keeper_id_start_": "SELECT DISTINCT office_id FROM appointments WHERE keeper_id = 1 AND notified_id = 1 AND start_at > 1 AND status = 'booked'",
	} {
		b.byIndex(t, index, query)
	}
}
