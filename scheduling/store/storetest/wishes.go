package storetest

import (
	"strings"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

func whatIsWrongInAWishIsNamed(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	before := b.state(t)
	for field, w := range map[string]scheduling.ContactWish{
		"number":       {Text: true, Number: scheduling.NewPrivate("12345")},
		"number_token": {Text: true, Number: scheduling.NewPrivate(phone(9))},
		"email":        {Mail: true},
		"email ":       {Email: scheduling.NewPrivate("Wang <ms.wang@example.com>")},
		"email  ":      {Email: scheduling.NewPrivate("ms.wang@example.com\r\nBcc: x@example.com")},
		"email   ":     {Email: scheduling.NewPrivate(strings.Repeat("a", 250) + "@example.com")},
		"hours[1]":     {Hours: []messages.Window{{From: 60, To: 120}, {From: 60, To: 60}}},
		"locale":       {Locale: "fr"},
	} {
		_, err := b.Scheduler.SetContactWish(background, scheduling.WishChange{Actor: me, Wish: w})
		refusedField(t, err, strings.TrimSpace(field))
	}
	b.unchanged(t, before)
	_, err := b.Scheduler.SetContactWish(background, scheduling.WishChange{Actor: b.Staff(t, "desk"), Reference: "00000000"})
	refused(t, err, scheduling.CodeNotFound)
	_, err = b.Scheduler.ContactWishOf(background, me, "00000000")
	refused(t, err, scheduling.CodeNotFound)
	without := b.mustBook(t, b.wants(b.Staff(t, "desk"), "family", "2026-03-05 09:00"))
	_, err = b.Scheduler.ContactWishOf(background, b.Staff(t, "desk"), without.Reference)
	refused(t, err, scheduling.CodeNotFound)
}

func aCitizensOtherNumberNeedsAToken(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	wish := scheduling.ContactWish{Text: true, Number: scheduling.NewPrivate("+86" + phone(9))}
	for _, token := range []string{"", "mgp_nonsense", b.tokenFor(t, phone(8))} {
		_, err := b.Scheduler.SetContactWish(background, scheduling.WishChange{Actor: me, Wish: wish, NumberToken: token})
		refusedField(t, err, "number_token")
	}
	if b.count(t, "SELECT COUNT(*) FROM persons WHERE wish IS NOT NULL") != 0 {
		t.Error("a wish was written")
	}
	b.wish(t, me, scheduling.ContactWish{Text: true, Number: scheduling.NewPrivate(phone(9))})
	b.mustBook(t, b.bookAgain(t, me, "family", "2026-03-05 09:00"))
	b.quiet(t)
	if due := b.send(t); len(due) != 1 || due[0].To.Reveal() != phone(9) {
		t.Errorf("%d messages go", len(due))
	}
	// Who has it already need not prove it again, and one's own needs no proof.
	again := b.bookAgain(t, me, "family", "2026-03-05 09:00").Actor
	for _, number := range []string{phone(9), phone(1)} {
		wish.Number = scheduling.NewPrivate(number)
		if _, err := b.Scheduler.SetContactWish(background, scheduling.WishChange{Actor: again, Wish: wish}); err != nil {
			t.Errorf("%s: %v", number, err)
		}
	}
}

func theDeskSetsTheWishOfWhoIsToldOfAnAppointment(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	b.Scheduler.Settings.VerifyPhones = false
	unproven := b.wants(passerBy("203.0.113.1"), "premarital", "2026-03-05 09:00")
	unproven.Parties[0].Phone = scheduling.NewPrivate(phone(2))
	called := b.wants(desk, "premarital", "2026-03-05 09:00")
	called.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	for _, r := range []scheduling.Booking{called, unproven} {
		a := b.mustBook(t, r)
		wish := scheduling.ContactWish{Text: true, Number: scheduling.NewPrivate(phone(7)), Locale: "en"}
		if _, err := b.Scheduler.SetContactWish(background, scheduling.WishChange{Actor: desk, Reference: a.Reference, Wish: wish}); err != nil {
			t.Fatalf("setting a wish: %v", err)
		}
		got, err := b.Scheduler.ContactWishOf(background, desk, a.Reference)
		if err != nil {
			t.Fatalf("reading a wish: %v", err)
		}
		same(t, "wish", wish, got)
		same(t, "planned", []string{"booked sms 0 02T09:00 planned", "reminder sms 24 04T09:00 planned", "reminder sms 2 05T07:00 planned"}, b.owed(t, a))
		same(t, "audit", [][]string{{"staff", itoa(a.Office.ID)}}, b.rows(t, "SELECT actor_kind, office_id FROM audit WHERE action = 'contact.wish' AND subject = ?", a.Reference))
	}
	for _, m := range b.send(t) {
		if m.To.Reveal() != phone(7) || !strings.HasPrefix(m.Forms[0].Body, "Hello") {
			t.Errorf("to %s goes %q", m.To.Reveal(), m.Forms[0].Body)
		}
	}
}

// everyWish is a wish with everything in it.
func everyWish() scheduling.ContactWish {
	return scheduling.ContactWish{
		Number: scheduling.NewPrivate(phone(9)), Email: scheduling.NewPrivate("ms.wang@example.com"), Text: true, Call: true, Mail: true, Neutral: true,
		Hours: []messages.Window{{From: 9*60 + 15, To: 11 * 60}, {From: 22 * 60, To: 6 * 60}}, Locale: "en", Stopped: true,
	}
}

func aWishIsSealedAndErasedWithItsPerson(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	b.wish(t, me, everyWish())
	a := b.mustBook(t, b.bookAgain(t, me, "family", "2026-03-05 09:00"))
	same(t, "wish", everyWish(), *b.read(t, a.Reference).Notified.Wish)
	for table, rows := range b.state(t) {
		for _, row := range rows {
			for _, word := range []string{phone(9), "ms.wang", `"neutral"`, `"stopped"`, `"hours"`, `"email"`} {
				if strings.Contains(row, word) {
					t.Errorf("%s holds %q: %q", table, word, row)
				}
			}
		}
	}
	b.Clock.Set(day("2026-03-05").Add(181).At(0, shanghai))
	b.erase(t)
	if n := b.count(t, "SELECT COUNT(*) FROM persons"); n != 0 {
		t.Errorf("%d people are left", n)
	}
}

func aWishIsReadUnderTheNewKeyAlone(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	b.wish(t, me, everyWish())
	b.mustBook(t, b.bookAgain(t, me, "family", "2026-03-05 09:00"))
	b.reply(t, phone(3), "你们几点开门")
	both := b.under(t, "2027", "2026")
	out, err := both.Rekey(background)
	if want := (store.Rekeyed{Persons: 2, Contacts: 2, Tasks: 1}); err != nil || out.Tasks != want.Tasks {
		t.Errorf("rekeyed %+v, %v", out, err)
	}
	only := b.under(t, "2027")
	person, err := only.ByPhone(background, scheduling.NewPrivate(phone(1)))
	if err != nil {
		t.Fatalf("reading under the new key: %v", err)
	}
	same(t, "wish", everyWish(), *person.Wish)
	tasks, _, err := only.Tasks(background, scheduling.TaskQuery{Office: b.Office(t), Kind: scheduling.TaskReply, Now: b.Clock.Now()})
	if err != nil || len(tasks) != 1 || tasks[0].Text.Reveal() != "你们几点开门" || tasks[0].Phone.Reveal() != phone(3) {
		t.Errorf("the tasks are %+v, %v", tasks, err)
	}
}

func aWishIsNotLostToAnotherAtTheSameTime(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	safe := scheduling.ContactWish{Text: true, Hours: []messages.Window{{From: 9 * 60, To: 10 * 60}}}
	a, _ := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
	s := *b.Scheduler
	s.Wishes = &wishing{Wishes: b.Store, happen: func() {
		if _, err := b.Scheduler.SetContactWish(background, scheduling.WishChange{Actor: desk, Reference: a.Reference, Wish: safe}); err != nil {
			t.Fatalf("setting a wish: %v", err)
		}
	}}
	if err := s.Reply(background, b.replyOf(phone(1), "T")); err != nil {
		t.Fatalf("replying: %v", err)
	}
	want := safe
	want.Stopped = true
	same(t, "wish", want, *b.read(t, a.Reference).Notified.Wish)
	me := b.Citizen(t, phone(1)) // as they were when they logged in
	servers := b.replicas(t)
	errs := together(9, func(i int) error {
		w := scheduling.ContactWish{Text: true, Hours: []messages.Window{{From: 0, To: 60 * 10}}, Stopped: i%2 == 0}
		c := scheduling.WishChange{Actor: me, Wish: w}
		if i%3 == 0 {
			c.Actor, c.Reference = desk, a.Reference
		}
		_, err := servers[i%3].SetContactWish(background, c)
		return err
	})
	outcomes(t, errs)
	last := b.read(t, a.Reference)
	status := "planned"
	if last.Notified.Wish.Stopped {
		status = "suppressed"
	}
	same(t, "the reminder as the last wish has it", [][]string{{status}}, b.rows(t, "SELECT status FROM messages WHERE lead_seconds = 7200"))
}
