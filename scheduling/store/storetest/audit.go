package storetest

import (
	"encoding/json"
	"strings"
	"time"

	"magpie/scheduling"
)

var auditTests = []test{
	everyChangeIsInTheAudit,
	refusalsAreInTheAuditToo,
	aChangeThatCannotBeWrittenDownDoesNotHappen,
	theAuditIsReadByWhoMayReadIt,
	theMarkOfAnOfficeDiffersOnceSomethingHasChanged,
}

// trail is the office's audit, oldest first, a page at a time.
func (b *Bundle) trail(t tb) []scheduling.AuditEntry {
	t.Helper()
	var out []scheduling.AuditEntry
	after := ""
	for range 100 {
		items, next, err := b.Scheduler.Audit(background, b.Staff(t, "watch"), "suite", scheduling.Page{Limit: 3, After: after})
		if err != nil {
			t.Fatalf("reading the audit: %v", err)
		}
		for _, e := range items {
			out = append([]scheduling.AuditEntry{e}, out...)
		}
		if after = next; after == "" {
			return out
		}
	}
	t.Fatalf("the audit has no end")
	return nil
}

func everyChangeIsInTheAudit(t tb, b *Bundle) {
	me, desk, anna := b.Citizen(t, phone(1)), b.Staff(t, "desk"), b.Staff(t, "anna")
	first := b.wants(me, "family", "2026-03-03 09:00")
	first.Wish.Counsellor = "anna"
	a := b.mustBook(t, first)
	b.mustBook(t, first)
	b.mustDo(t, move, b.moveOf(desk, a, "2026-03-03 09:30"))
	for _, do := range []step{checkIn, start, complete} {
		b.mustDo(t, do, b.changeOf(anna, a))
	}
	second := b.mustBook(t, b.wants(desk, "family", "2026-03-04 09:00"))
	b.mustDo(t, cancel, b.changeOf(desk, second))
	b.mustDo(t, cancel, b.changeOf(desk, second))
	entry := b.mustLeave(t, "bert", "2026-03-10", "2026-03-10", false)
	if err := b.Scheduler.RemoveTimeOff(background, b.Staff(t, "chief"), "suite", "bert", entry.ID); err != nil {
		t.Fatalf("taking leave back: %v", err)
	}
	b.setPassword(t, "anna", password)
	if _, err := b.login("anna", password, "192.0.2.1"); err != nil {
		t.Fatalf("logging in: %v", err)
	}
	type line struct{ action, subject, kind, name, before, after string }
	want := []line{
		{"office.apply", "suite", "system", "", "", ""},
		{"appointment.book", a.Reference, "citizen", "", "", "booked 09:00"},
		{"appointment.reschedule", a.Reference, "staff", "desk", "booked 09:00", "booked 09:30"},
		{"appointment.check_in", a.Reference, "staff", "anna", "booked 09:30", "checked_in 09:30"},
		{"appointment.start", a.Reference, "staff", "anna", "checked_in 09:30", "in_session 09:30"},
		{"appointment.complete", a.Reference, "staff", "anna", "in_session 09:30", "completed 09:30"},
		{"appointment.book", second.Reference, "staff", "desk", "", "booked 09:00"},
		{"appointment.cancel", second.Reference, "staff", "desk", "booked 09:00", "cancelled 09:00"},
		{"time_off.add", "bert", "staff", "chief", "", "2026-03-10"},
		{"time_off.remove", "bert", "staff", "chief", "", ""},
		{"staff.password", "anna", "system", "", "", ""},
		{"staff.login", "anna", "staff", "anna", "", ""},
	}
	got := b.trail(t)
	if len(got) != len(want) {
		t.Fatalf("%d entries, not %d: %+v", len(got), len(want), got)
	}
	for i, e := range got {
		have := line{e.Action, e.Subject, string(e.Actor.Kind), e.Actor.Name, brief(t, e.Before), brief(t, e.After)}
		if have.kind == "" {
			have.kind = "system"
		}
		if have != want[i] || e.Refused != "" || !e.At.Equal(b.Clock.Now()) {
			t.Errorf("entry %d is %+v of %s, refused %q, not %+v", i, have, e.At, e.Refused, want[i])
		}
	}
	if got[1].Actor.ID != me.Person.ID || got[2].Actor.ID != desk.StaffID {
		t.Errorf("it was %d and %d", got[1].Actor.ID, got[2].Actor.ID)
	}
}

// brief is what a state says first: the status and the hour, or a date.
func brief(t tb, state string) string {
	t.Helper()
	if state == "" {
		return ""
	}
	var s struct{ Status, Start, From string }
	if err := json.Unmarshal([]byte(state), &s); err != nil {
		t.Fatalf("the state %q: %v", state, err)
	}
	if s.Status == "" {
		return s.From
	}
	at, err := time.Parse(time.RFC3339, s.Start)
	if err != nil {
		t.Fatalf("the state %q: %v", state, err)
	}
	return s.Status + at.In(shanghai).Format(" 15:04")
}

func refusalsAreInTheAuditToo(t tb, b *Bundle) {
	me, desk := b.Citizen(t, phone(1)), b.Staff(t, "desk")
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-03 09:00"))
	b.Clock.Set(on("2026-03-03 08:00"))
	for _, c := range []struct {
		do     step
		who    scheduling.Actor
		action string
		code   scheduling.Code
	}{
		{cancel, me, "appointment.cancel", scheduling.CodeTooLate},
		{move, me, "appointment.reschedule", scheduling.CodeTooLate},
		{noShow, desk, "appointment.no_show", scheduling.CodeWrongState},
		{complete, desk, "appointment.complete", scheduling.CodeWrongState},
	} {
		_, err := c.do(b.Scheduler, b.moveOf(c.who, a, "2026-03-04 09:00"))
		refused(t, err, c.code)
		trail := b.trail(t)
		if e := trail[len(trail)-1]; e.Action != c.action || e.Refused != c.code || e.Subject != a.Reference || e.Actor.Kind != c.who.Kind {
			t.Errorf("the last entry is %+v", e)
		}
	}
	if err := b.Scheduler.Refused(background, desk, "GET /somewhere", "x", scheduling.CodeForbidden); err != nil {
		t.Fatalf("recording a refusal: %v", err)
	}
	trail := b.trail(t)
	if e := trail[len(trail)-1]; e.Refused != scheduling.CodeForbidden || e.Actor.Name != "desk" {
		t.Errorf("the last entry is %+v", e)
	}
}

func aChangeThatCannotBeWrittenDownDoesNotHappen(t tb, b *Bundle) {
	me, chief := b.Citizen(t, phone(1)), b.Staff(t, "chief")
	a := b.mustBook(t, b.wants(me, "family", "2026-03-03 09:00"))
	entry := b.mustLeave(t, "bert", "2026-03-10", "2026-03-10", false)
	before := b.state(t, "audit")
	b.exec(t, "ALTER TABLE audit RENAME TO audit_elsewhere")
	defer b.exec(t, "DROP TABLE IF EXISTS audit_elsewhere")
	attempts := map[string]func() error{
		"booking": func() error {
			_, err := b.Scheduler.Book(background, b.wants(me, "family", "2026-03-04 09:00"))
			return err
		},
		"moving": func() error {
			_, err := b.Scheduler.Move(background, b.moveOf(me, a, "2026-03-04 09:00"))
			return err
		},
		"cancelling": func() error { _, err := b.Scheduler.Cancel(background, b.changeOf(me, a)); return err },
		"going away": func() error {
			_, err := b.Scheduler.AddTimeOff(background, b.leave(t, "bert", "2026-03-11", "2026-03-11"))
			return err
		},
		"coming back": func() error { return b.Scheduler.RemoveTimeOff(background, chief, "suite", "bert", entry.ID) },
		"applying": func() error {
			_, err := b.change(service("family", func(s *scheduling.Service) { s.Buffer = 0 }))
			return err
		},
	}
	for what, try := range attempts {
		if err := try(); scheduling.CodeOf(err) != scheduling.CodeInternal {
			t.Errorf("%s without an audit: %v", what, err)
		}
	}
	b.exec(t, "ALTER TABLE audit_elsewhere RENAME TO audit")
	b.unchanged(t, before, "audit")
}

func theAuditIsReadByWhoMayReadIt(t tb, b *Bundle) {
	_, _, err := b.Scheduler.Audit(background, b.Staff(t, "anna"), "suite", scheduling.Page{})
	refused(t, err, scheduling.CodeForbidden)
	elsewhere := b.Staff(t, "watch")
	elsewhere.OfficeID++
	_, _, err = b.Scheduler.Audit(background, elsewhere, "suite", scheduling.Page{})
	refused(t, err, scheduling.CodeNotFound)
	_, _, err = b.Scheduler.Audit(background, b.Staff(t, "watch"), "suite", scheduling.Page{After: strings.Repeat("x", 9)})
	refusedField(t, err, "after")
}

func theMarkOfAnOfficeDiffersOnceSomethingHasChanged(t tb, b *Bundle) {
	office, err := b.Scheduler.OfficeByCode(background, "suite")
	if err != nil {
		t.Fatalf("finding the office: %v", err)
	}
	mark := func() string {
		m, err := b.Scheduler.Mark(background, office.ID)
		if err != nil {
			t.Fatalf("reading the mark: %v", err)
		}
		return m
	}
	desk, seen := b.Staff(t, "desk"), map[string]bool{mark(): true}
	a := b.mustBook(t, b.wants(desk, "family", "2026-03-03 09:00"))
	for _, do := range []func(){
		func() { b.mustDo(t, move, b.moveOf(desk, a, "2026-03-03 09:30")) },
		func() { b.mustDo(t, checkIn, b.changeOf(desk, a)) },
		func() { b.mustDo(t, cancel, b.changeOf(desk, a)) },
	} {
		before := mark()
		if seen[before] || before != mark() {
			t.Errorf("the mark %q was seen before, or differs by itself", before)
		}
		seen[before] = true
		do()
		if mark() == before {
			t.Error("the mark stays although something has changed")
		}
	}
	b.another(t, "another")
	before := mark()
	b.bookAs(t, b.Citizen(t, phone(9)), "陈", "another", "2026-03-05 09:00")
	if mark() != before {
		t.Error("another office's change is told")
	}
}
