package storetest

import (
	"magpie/scheduling"
)

var askerTests = []test{
	onlyTheAskersOwnTimeOverlaps,
	anotherPartysNumberIsNeitherLookedUpNorClaimed,
	theContactsNumberCountsInstead,
	onesOwnNumberIsTheTokens,
	theDeskBooksForNobodyInParticular,
	theDeskBooksForTheNumberItEnters,
	withoutATokenNobodyBooks,
	whereNumbersAreNotVerifiedTheyGetMessagesAlone,
	aCitizenSeesAndChangesTheirOwnAlone,
	aWrongReferenceAndAnothersCountAlike,
}

func onlyTheAskersOwnTimeOverlaps(t tb, b *Bundle) {
	me, other := b.Citizen(t, phone(1)), b.Citizen(t, phone(2))
	b.mustBook(t, b.wants(me, "family", "2026-03-03 09:00"))
	for _, start := range []string{"2026-03-03 08:30", "2026-03-03 09:00", "2026-03-03 09:30"} {
		_, err := b.Scheduler.Book(background, b.wants(me, "family", start))
		refused(t, err, scheduling.CodeOverlap)
	}
	r := b.wants(other, "family", "2026-03-03 09:00")
	r.Parties = people(2)
	r.Parties[1].Phone = scheduling.NewPrivate(phone(1))
	b.mustBook(t, r)
	b.mustBook(t, b.wants(me, "family", "2026-03-03 10:30"))
}

func anotherPartysNumberIsNeitherLookedUpNorClaimed(t tb, b *Bundle) {
	r := b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-03 09:00")
	r.Parties = people(2)
	r.Parties[1].Phone = scheduling.NewPrivate(phone(2))
	a := b.mustBook(t, r)
	if n := b.count(t, "SELECT COUNT(*) FROM contacts"); n != 1 {
		t.Errorf("%d numbers are claimed", n)
	}
	if n := b.count(t, "SELECT COUNT(DISTINCT person_id) FROM messages WHERE subject_kind = 1"); n != 1 {
		t.Errorf("%d people get messages", n)
	}
	second := b.Citizen(t, phone(2))
	b.mustBook(t, b.wants(second, "premarital", "2026-03-03 09:00"))
	_, err := b.Scheduler.Appointment(background, second, a.Reference)
	refused(t, err, scheduling.CodeNotFound)
}

func theContactsNumberCountsInstead(t tb, b *Bundle) {
	mother, child := b.Citizen(t, phone(1)), b.Citizen(t, phone(2))
	r := b.wants(mother, "premarital", "2026-03-03 09:00")
	r.Parties = people(2)
	r.Parties[0].Phone = scheduling.NewPrivate(phone(2))
	r.Contact = &scheduling.ContactRequest{Name: scheduling.NewPrivate("王妈妈"), Phone: scheduling.NewPrivate(phone(3)), Relation: scheduling.NewPrivate("母亲")}
	_, err := b.Scheduler.Book(background, r)
	refusedField(t, err, "contact.phone")
	r.Contact.Phone = scheduling.NewPrivate("+86" + phone(1))
	a := b.mustBook(t, r)
	if a.Asker.ID != mother.Person.ID || a.Notified.ID != mother.Person.ID || a.Others() != 2 {
		t.Errorf("asked for by %d, told to %d, others %d", a.Asker.ID, a.Notified.ID, a.Others())
	}
	if own := a.OwnEntry(); own.Name != "王妈妈" || own.Phone != phone(1) {
		t.Errorf("the own entry is %+v", own)
	}
	same(t, "appointment", show(a), show(b.read(t, a.Reference)))
	b.mustBook(t, b.wants(child, "premarital", "2026-03-03 09:00"))
	_, err = b.Scheduler.Book(background, b.wants(mother, "family", "2026-03-03 09:00"))
	refused(t, err, scheduling.CodeOverlap)
}

func onesOwnNumberIsTheTokens(t tb, b *Bundle) {
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00")
	r.Parties[0].Phone = scheduling.NewPrivate(phone(2))
	_, err := b.Scheduler.Book(background, r)
	refusedField(t, err, "parties[0].phone")
	r.Parties[0].Phone = scheduling.NewPrivate("12345")
	_, err = b.Scheduler.Book(background, r)
	refusedField(t, err, "parties[0].phone")
	r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	b.mustBook(t, r)
}

func theDeskBooksForNobodyInParticular(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	for range 2 {
		a := b.mustBook(t, b.wants(desk, "premarital", "2026-03-03 09:00"))
		if a.Asker.ID != 0 || a.Notified.ID != 0 {
			t.Errorf("somebody counts: %d, %d", a.Asker.ID, a.Notified.ID)
		}
	}
	for _, table := range []string{"contacts", "messages", "open_counts"} {
		if n := b.count(t, "SELECT COUNT(*) FROM "+table); n != 0 {
			t.Errorf("%d rows of %s", n, table)
		}
	}
}

func theDeskBooksForTheNumberItEnters(t tb, b *Bundle) {
	r := b.wants(b.Staff(t, "desk"), "premarital", "2026-03-03 09:00")
	r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	a := b.mustBook(t, r)
	if n := b.count(t, "SELECT COUNT(*) FROM contacts"); n != 1 {
		t.Errorf("%d numbers are claimed", n)
	}
	again := b.wants(b.Staff(t, "desk"), "family", "2026-03-03 09:30")
	again.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	_, err := b.Scheduler.Book(background, again)
	refused(t, err, scheduling.CodeOverlap)
	caller := b.Citizen(t, phone(1))
	if _, err := b.Scheduler.Appointment(background, caller, a.Reference); err != nil {
		t.Errorf("who proves the number does not see the appointment: %v", err)
	}
	_, err = b.Scheduler.Book(background, b.wants(caller, "premarital", "2026-03-04 09:00"))
	refused(t, err, scheduling.CodeLimitReached)
}

func withoutATokenNobodyBooks(t tb, b *Bundle) {
	_, err := b.Scheduler.Book(background, b.wants(passerBy("203.0.113.1"), "family", "2026-03-03 09:00"))
	refused(t, err, scheduling.CodeUnauthenticated)
	if n := b.count(t, "SELECT COUNT(*) FROM appointments"); n != 0 {
		t.Errorf("%d appointments were made", n)
	}
}

func whereNumbersAreNotVerifiedTheyGetMessagesAlone(t tb, b *Bundle) {
	b.Scheduler.Settings.VerifyPhones = false
	owner := b.Citizen(t, phone(1))
	b.mustBook(t, b.wants(owner, "premarital", "2026-03-03 09:00"))
	r := b.wants(passerBy("203.0.113.1"), "premarital", "2026-03-03 09:00")
	r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	a := b.mustBook(t, r)
	if a.Asker.ID != 0 || a.Notified.ID == 0 || a.Notified.ID == owner.Person.ID || a.Notified.Phone.Reveal() != phone(1) {
		t.Errorf("asked for by %d, told to %d", a.Asker.ID, a.Notified.ID)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM messages WHERE subject_kind = 1 AND subject_id = ?", a.ID); n == 0 {
		t.Error("the number gets no messages")
	}
	if n := b.count(t, "SELECT COUNT(*) FROM contacts"); n != 1 {
		t.Errorf("%d numbers are claimed", n)
	}
	listed, _, err := b.Scheduler.Appointments(background, owner, scheduling.Page{})
	if err != nil || len(listed) != 1 {
		t.Errorf("who owns the number sees %d, %v", len(listed), err)
	}
	same(t, "appointment", show(a), show(b.read(t, a.Reference)))
}

func aCitizenSeesAndChangesTheirOwnAlone(t tb, b *Bundle) {
	me, other := b.Citizen(t, phone(1)), b.Citizen(t, phone(2))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-03 09:00"))
	before := b.state(t, "tallies")
	for name, do := range map[string]step{"move": move, "cancel": cancel} {
		for _, reference := range []string{a.Reference, "00000000"} {
			c := b.moveOf(other, a, "2026-03-03 10:30")
			c.Reference = reference
			if _, err := do(b.Scheduler, c); scheduling.CodeOf(err) != scheduling.CodeNotFound {
				t.Errorf("%s of %s: %v", name, reference, err)
			}
		}
	}
	if _, err := b.Scheduler.Appointment(background, b.Staff(t, "watch"), a.Reference); err != nil {
		t.Errorf("staff of the office do not see it: %v", err)
	}
	elsewhere := b.Staff(t, "desk")
	elsewhere.OfficeID++
	_, err := b.Scheduler.Appointment(background, elsewhere, a.Reference)
	refused(t, err, scheduling.CodeNotFound)
	b.unchanged(t, before, "tallies")
}

func aWrongReferenceAndAnothersCountAlike(t tb, b *Bundle) {
	a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00"))
	for i, reference := range []string{a.Reference, "00000000"} {
		stranger := b.Citizen(t, phone(2+i))
		stranger.Address = "203.0.113." + itoa(int64(i))
		tries := 0
		for ; tries < 100; tries++ {
			if _, err := b.Scheduler.Appointment(background, stranger, reference); scheduling.CodeOf(err) != scheduling.CodeNotFound {
				refused(t, err, scheduling.CodeRateLimited)
				break
			}
		}
		if tries != 30 {
			t.Errorf("%s was looked for %d times", reference, tries)
		}
	}
}
