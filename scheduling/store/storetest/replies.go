package storetest

import (
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

var replyTests = []test{
	oneConfirmsWhatWasAskedAndNoOther,
	aConfirmationIsGoneAfterAMove,
	tStopsRemindersAndNothingElse,
	whatNobodyCanActOnIsForTheDesk,
	twoCancelsNothingWhereItMayNot,
	aReplyAboutTwoAppointmentsIsForTheDesk,
	aReplyIsNoAnswerToAMessageOfAnotherTime,
	aStrangersReplyIsForTheOfficeThatKnowsThem,
	theSameReplyCountsOnce,
	aMoveInBetweenIsNotConfirmed,
	aWishInBetweenKeepsATimeFromBeingCancelled,
	aReplyAndAMoveAtOnceAgree,
}

// reply answers the last message to a number.
func (b *Bundle) reply(t tb, number, text string) {
	t.Helper()
	if err := b.Scheduler.Reply(background, b.replyOf(number, text)); err != nil {
		t.Fatalf("replying %q: %v", text, err)
	}
}

func (b *Bundle) replyOf(number, text string) scheduling.InboundReply {
	return scheduling.InboundReply{Gateway: "kannel", ID: b.key(), From: scheduling.NewPrivate(number), Text: scheduling.NewPrivate(text), At: b.Clock.Now()}
}

// cancelsByReply lets a reply cancel premarital counselling.
func cancelsByReply(o *scheduling.Office) { o.ReplyCancels = []string{"premarital"} }

// onlyATask fails the test unless all that has happened since is a task of the
// desk, which the ledger notes, and gives it.
func (b *Bundle) onlyATask(t tb, before map[string][]string, want messages.Reply) scheduling.Task {
	t.Helper()
	b.unchanged(t, before, "replies", "tasks", "audit", "deliveries")
	for _, row := range b.rows(t, "SELECT d.answered FROM deliveries d JOIN tasks k ON k.message_id = d.message_id") {
		same(t, "in the ledger", []string{string(want)}, row)
	}
	tasks := b.tasks(t, false)
	if len(tasks) != 1 || tasks[0].Kind != scheduling.TaskReply || tasks[0].Reason != string(want) {
		t.Fatalf("the tasks are %+v", tasks)
	}
	return tasks[0]
}

func oneConfirmsWhatWasAskedAndNoOther(t tb, b *Bundle) {
	for _, text := range []string{"1", "确认", " １。"} {
		b.Reset(t)
		other := b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "premarital", "2026-03-05 09:00"))
		coming := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-09 09:00"))
		a, m := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
		before := b.state(t, "appointments", "deliveries")
		b.Clock.Pass(time.Minute)
		b.reply(t, phone(1), text)
		b.unchanged(t, before, "appointments", "deliveries", "replies", "audit")
		for reference, want := range map[string]time.Time{a.Reference: b.Clock.Now(), other.Reference: {}, coming.Reference: {}} {
			if got := b.read(t, reference).ConfirmedAt; !got.Equal(want) {
				t.Errorf("%q: %s was confirmed at %s", text, reference, got)
			}
		}
		same(t, "in the ledger", "confirm", b.ledger(t, scheduling.MessageFilter{Reference: a.Reference, Kind: messages.Reminder, Status: scheduling.MessageHandedOver})[0].Answered)
		same(t, "answered", [][]string{{itoa(m.ID)}}, b.rows(t, "SELECT message_id FROM deliveries WHERE answered <> ''"))
		same(t, "audit", [][]string{{"appointment.confirm", a.Reference, "citizen", itoa(a.Office.ID)}},
			b.rows(t, "SELECT action, subject, actor_kind, office_id FROM audit WHERE action NOT IN ('office.apply', 'appointment.book')"))
	}
}

func aConfirmationIsGoneAfterAMove(t tb, b *Bundle) {
	a, _ := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
	b.reply(t, phone(1), "1")
	b.mustDo(t, move, b.moveOf(b.Staff(t, "desk"), a, "2026-03-06 09:00"))
	if got := b.read(t, a.Reference).ConfirmedAt; !got.IsZero() {
		t.Errorf("after a move it is confirmed at %s", got)
	}
}

func tStopsRemindersAndNothingElse(t tb, b *Bundle) {
	b.Change(t, cancelsByReply)
	a, _ := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
	b.reply(t, phone(1), "退订")
	me := b.read(t, a.Reference).Notified
	same(t, "wish", &scheduling.ContactWish{Text: true, Stopped: true}, me.Wish)
	b.Clock.Set(on("2026-03-05 07:00"))
	if due := b.claim(t); len(due) != 0 {
		t.Errorf("%d are sent after 退订", len(due))
	}
	same(t, "what became of the last reminder", [][]string{{"suppressed", "stopped"}}, b.rows(t, "SELECT status, rule FROM messages WHERE lead_seconds = 7200"))
	b.mustDo(t, move, b.moveOf(b.Staff(t, "desk"), a, "2026-03-10 09:00"))
	due := b.send(t)
	if len(due) != 1 || due[0].Kind != messages.Moved {
		t.Errorf("of the move %d messages are sent", len(due))
	}
	same(t, "new reminders", [][]string{{"suppressed", "stopped"}}, b.rows(t, "SELECT DISTINCT status, rule FROM messages WHERE kind = 'reminder' AND revision = 2"))
	again := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-12 09:00"))
	if due := b.send(t); len(due) != 1 || due[0].Kind != messages.Booked || again.Asker.ID != me.ID {
		t.Errorf("of another booking %d messages are sent", len(due))
	}
}

func whatNobodyCanActOnIsForTheDesk(t tb, b *Bundle) {
	a, m := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
	for _, text := range []string{"好的，谢谢", "2", "取消吗？"} {
		b.exec(t, "DELETE FROM tasks")
		before := b.state(t)
		b.reply(t, phone(1), text)
		task := b.onlyATask(t, before, messages.ParseReply(text))
		if task.Text.Reveal() != text || task.Phone.Reveal() != phone(1) || task.Reference != a.Reference || task.Message != messages.Reminder || !task.DueAt.Equal(b.Clock.Now()) {
			t.Errorf("the task is %+v", task)
		}
		same(t, "about", []int64{m.ID, a.Asker.ID}, b.numbers(t, "SELECT message_id, person_id FROM tasks")[0])
	}
	b.Clock.Set(on("2026-03-05 09:00"))
	before := b.state(t, "tasks")
	b.exec(t, "DELETE FROM tasks")
	b.reply(t, phone(1), "1")
	b.onlyATask(t, before, messages.ReplyConfirm)
}

func twoCancelsNothingWhereItMayNot(t tb, b *Bundle) {
	for what, set := range map[string]func(a scheduling.Appointment){
		"not switched on": func(scheduling.Appointment) {
			b.Change(t, func(o *scheduling.Office) { o.ReplyCancels = []string{"family"} })
		},
		"too late": func(a scheduling.Appointment) { b.Clock.Set(a.Start.Add(-2*time.Hour + time.Second)) },
		"a wish": func(scheduling.Appointment) {
			b.wish(t, b.Citizen(t, phone(1)), scheduling.ContactWish{Text: true, Hours: []messages.Window{{From: 0, To: 23 * 60}}})
		},
		"checked in": func(a scheduling.Appointment) { b.mustDo(t, checkIn, b.changeOf(b.Staff(t, "desk"), a)) },
		"begun":      func(a scheduling.Appointment) { b.Clock.Set(a.Start) },
	} {
		b.Reset(t)
		b.Change(t, cancelsByReply)
		a, _ := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
		set(a)
		before := b.state(t)
		b.reply(t, phone(1), "2")
		task := b.onlyATask(t, before, messages.ReplyCancel)
		if now := b.read(t, a.Reference); now.Status == scheduling.Cancelled {
			t.Errorf("%s: it is cancelled", what)
		}
		if task.Text.Reveal() != "2" || task.OfficeID != a.Office.ID {
			t.Errorf("%s: the task is %+v", what, task)
		}
	}
}

func aReplyAboutTwoAppointmentsIsForTheDesk(t tb, b *Bundle) {
	b.Change(t, cancelsByReply)
	b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "lesson", "2026-03-05 08:30"))
	b.remind(t, phone(1), "premarital", "2026-03-05 09:30")
	for _, text := range []string{"1", "2", "T"} {
		b.exec(t, "DELETE FROM tasks")
		before := b.state(t)
		b.reply(t, phone(1), text)
		if task := b.onlyATask(t, before, messages.ParseReply(text)); task.Reference != "" {
			t.Errorf("%s: the task is about %s", text, task.Reference)
		}
	}
}

func aReplyIsNoAnswerToAMessageOfAnotherTime(t tb, b *Bundle) {
	for what, pass := range map[string]func(a scheduling.Appointment){
		"moved": func(a scheduling.Appointment) { b.mustDo(t, move, b.moveOf(b.Staff(t, "desk"), a, "2026-03-09 09:00")) },
		"72 hours old": func(scheduling.Appointment) {
			b.exec(t, "UPDATE deliveries SET handed_at = handed_at - 1")
			b.Clock.Pass(72 * time.Hour)
		},
	} {
		b.Reset(t)
		b.Change(t, cancelsByReply)
		b.Change(t, service("premarital", func(s *scheduling.Service) { s.Reminders = []time.Duration{100 * time.Hour} }))
		a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-13 09:00"))
		b.Clock.Set(a.Start.Add(-100 * time.Hour))
		b.send(t)
		pass(a)
		for _, text := range []string{"1", "2"} {
			b.exec(t, "DELETE FROM tasks")
			before := b.state(t)
			b.reply(t, phone(1), text)
			if task := b.onlyATask(t, before, messages.ParseReply(text)); task.OfficeID != a.Office.ID {
				t.Errorf("%s: the task is office %d's", what, task.OfficeID)
			}
		}
	}
}

func aStrangersReplyIsForTheOfficeThatKnowsThem(t tb, b *Bundle) {
	first, second := b.another(t, "first"), b.Office(t) // by code
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-05 09:00")
	b.mustBook(t, r)
	r = b.wants(b.Citizen(t, phone(2)), "family", "2026-03-05 09:00")
	r.Office = "first"
	b.mustBook(t, r)
	b.quiet(t)
	b.send(t)
	for number, office := range map[string]*scheduling.Office{phone(1): second, phone(2): first, phone(3): first} {
		b.exec(t, "DELETE FROM tasks")
		b.reply(t, number, "你们几点开门")
		if got := b.count(t, "SELECT office_id FROM tasks"); int64(got) != office.ID {
			t.Errorf("the reply of %s is office %d's, not %s's", number, got, office.Code)
		}
	}
}

func theSameReplyCountsOnce(t tb, b *Bundle) {
	for _, text := range []string{"1", "2", "T", "你好"} {
		for _, id := range []string{"m-1", ""} {
			b.Reset(t)
			b.Change(t, cancelsByReply)
			b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
			r := b.replyOf(phone(1), text)
			r.ID = id
			servers := b.replicas(t)
			outcomes(t, together(6, func(i int) error { return servers[i%3].Reply(background, r) }))
			after := b.state(t)
			b.Clock.Pass(time.Minute)
			outcomes(t, []error{b.Scheduler.Reply(background, r)})
			b.unchanged(t, after)
			if n := b.count(t, "SELECT COUNT(*) FROM replies"); n != 1 {
				t.Errorf("%q counts %d times", text, n)
			}
			if n := b.count(t, "SELECT COUNT(*) FROM tasks"); n != map[string]int{"1": 0, "2": 1, "T": 0, "你好": 1}[text] {
				t.Errorf("%q leads to %d tasks", text, n)
			}
		}
	}
}
