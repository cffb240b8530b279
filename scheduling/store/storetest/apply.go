package storetest

import (
	"bytes"
	"slices"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
	"magpie/scheduling/office"
)

var applyTests = []test{
	applyingTheSameFileAgainChangesNothing,
	whatHasComingAppointmentsIsNotRemoved,
	newHoursKeepWhatIsBookedAndListIt,
	aClosureKeepsWhatIsBookedAndListsIt,
	whatIsRemovedHoldsNothingMore,
	whatComesBackIsTheSame,
	anotherOfficeIsNotTouched,
	anOfficeIsExportedAsItWasApplied,
}

func applyingTheSameFileAgainChangesNothing(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-03 09:00"))
	before := b.state(t)
	b.Clock.Pass(time.Hour)
	if outside := b.Change(t, func(*scheduling.Office) {}); len(outside) != 0 {
		t.Errorf("%d appointments lie outside", len(outside))
	}
	b.unchanged(t, before)
	b.Change(t, service("family", func(s *scheduling.Service) { s.Buffer = 0 }))
	b.unchanged(t, before, "offices", "office_versions", "audit")
	if n := b.count(t, "SELECT revision FROM offices"); n != 2 {
		t.Errorf("after a change the revision is %d", n)
	}
}

func whatHasComingAppointmentsIsNotRemoved(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	r := b.wants(desk, "family", "2026-03-03 09:00")
	r.Wish.Counsellor = "anna"
	first := b.mustBook(t, r)
	r = b.wants(desk, "family", "2026-03-03 14:30")
	r.Wish.Counsellor = "anna"
	second := b.mustBook(t, r)
	before := b.state(t)
	removals := map[string]func(o *scheduling.Office){
		"the room":    func(o *scheduling.Office) { o.Rooms = o.Rooms[1:] },
		"the service": func(o *scheduling.Office) { removeService(o, "family") },
		"the person":  func(o *scheduling.Office) { o.Staff = o.Staff[1:] },
	}
	for what, remove := range removals {
		_, err := b.change(remove)
		e := refused(t, err, scheduling.CodeInUse)
		var got []string
		for _, a := range e.InUse {
			got = append(got, a.Reference)
		}
		slices.Sort(got)
		want := []string{first.Reference, second.Reference}
		slices.Sort(want)
		same(t, "in the way of removing "+what, want, got)
		b.unchanged(t, before)
	}
	b.mustDo(t, cancel, b.changeOf(desk, first))
	b.Clock.Set(second.End)
	for _, remove := range removals {
		b.Change(t, remove)
	}
	if now := b.read(t, second.Reference); now.Service.Code != "family" || now.Status != scheduling.Booked {
		t.Errorf("what is past is %s of %q", now.Status, now.Service.Code)
	}
}

// removeService takes a service out of an office.
func removeService(o *scheduling.Office, code string) {
	o.Services = slices.DeleteFunc(o.Services, func(s scheduling.Service) bool { return s.Code == code })
	for i := range o.Staff {
		o.Staff[i].Services = slices.DeleteFunc(o.Staff[i].Services, func(s string) bool { return s == code })
	}
}

// listed are the references of appointments, sorted.
func listed(items []scheduling.Appointment) []string {
	out := []string{}
	for _, a := range items {
		out = append(out, a.Reference)
	}
	slices.Sort(out)
	return out
}

func newHoursKeepWhatIsBookedAndListIt(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	early := b.mustBook(t, b.wants(me, "family", "2026-03-03 07:30"))
	late := b.mustBook(t, b.wants(me, "family", "2026-03-03 09:00"))
	outside := b.Change(t, func(o *scheduling.Office) { o.Hours[0].Period.From = 9 * 60 })
	same(t, "outside", []string{early.Reference}, listed(outside))
	same(t, "appointment", show(early), show(b.read(t, early.Reference)))
	if n := b.free(t, "family", "2026-03-04 07:30"); n != 0 {
		t.Errorf("%d are free outside the new hours", n)
	}
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(2)), "family", "2026-03-04 07:30"))
	refusedField(t, err, "start")
	outside = b.Change(t, func(o *scheduling.Office) {
		for i := range o.Staff[:2] {
			o.Staff[i].Hours[0].Period.From = 14 * 60
		}
	})
	want := []string{early.Reference, late.Reference}
	slices.Sort(want)
	same(t, "outside the counsellors' hours", want, listed(outside))
	b.mustDo(t, cancel, b.changeOf(me, early))
	b.mustDo(t, cancel, b.changeOf(me, late))
}

func aClosureKeepsWhatIsBookedAndListsIt(t tb, b *Bundle) {
	a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00"))
	held := b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "family", "2026-03-04 09:00"))
	closed := scheduling.Exception{Date: day("2026-03-03"), Closed: &scheduling.Text{ZH: "盘点"}}
	half := scheduling.Exception{Date: day("2026-03-04"), Hours: calendar.Period{From: 14 * 60, To: 18 * 60}}
	outside := b.Change(t, func(o *scheduling.Office) { o.Exceptions = []scheduling.Exception{closed, half} })
	want := []string{a.Reference, held.Reference}
	slices.Sort(want)
	same(t, "outside", want, listed(outside))
	found := b.find(t, scheduling.Search{Service: "family", From: day("2026-03-03")})
	if found.Closed == nil || found.Closed.Code != scheduling.DayClosed || found.Closed.Text.ZH != "盘点" {
		t.Errorf("the closed day is %+v", found.Closed)
	}
	if n := b.free(t, "family", "2026-03-04 14:00"); n != 2 {
		t.Errorf("%d are free in the extra hours", n)
	}
}

func whatIsRemovedHoldsNothingMore(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	wish := b.holds(me, "family", "2026-03-03 09:00")
	wish.Wish.Counsellor = "anna"
	h := b.mustHold(t, wish)
	b.Change(t, func(o *scheduling.Office) { o.Staff = o.Staff[1:] })
	r := b.wants(me, "family", "2026-03-03 09:00")
	r.Hold = h.Secret
	if a := b.mustBook(t, r); a.Counsellor.Username != "bert" {
		t.Errorf("it is with %q", a.Counsellor.Username)
	}
}

func whatComesBackIsTheSame(t tb, b *Bundle) {
	before := b.Office(t)
	var kept scheduling.Staff
	b.Change(t, func(o *scheduling.Office) { kept, o.Staff = o.Staff[0], o.Staff[1:] })
	b.Change(t, func(o *scheduling.Office) { o.Staff = append([]scheduling.Staff{kept}, o.Staff...) })
	after := b.Office(t)
	if before.Staff[0].ID != after.Staff[0].ID || before.ID != after.ID || after.Staff[0].ID == 0 {
		t.Errorf("anna was %d and is %d", before.Staff[0].ID, after.Staff[0].ID)
	}
	if after.Revision != 3 {
		t.Errorf("the revision is %d", after.Revision)
	}
}

func anotherOfficeIsNotTouched(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	second := bytes.ReplaceAll([]byte(officeFile), []byte("code: suite"), []byte("code: second"))
	o, err := office.Parse("second.yaml", second)
	if err != nil {
		t.Fatalf("the second office file: %v", err)
	}
	before := b.Office(t)
	if _, err := b.Scheduler.Apply(background, o, office.Write(o)); err != nil {
		t.Fatalf("applying the second office: %v", err)
	}
	same(t, "office", before, b.Office(t))
	all, err := b.Scheduler.OfficeList(background)
	if err != nil || len(all) != 2 || all[0].Code != "second" || all[1].Code != "suite" || all[0].Staff[0].ID == all[1].Staff[0].ID {
		t.Fatalf("there are %d offices, %v", len(all), err)
	}
	if _, err := b.login("anna", password, "192.0.2.1"); err != nil {
		t.Errorf("the password is gone: %v", err)
	}
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00")
	r.Office = "second"
	a := b.mustBook(t, r)
	_, err = b.Scheduler.Appointment(background, b.Staff(t, "desk"), a.Reference)
	refused(t, err, scheduling.CodeNotFound)
	if n := b.free(t, "family", "2026-03-03 09:00"); n != 2 {
		t.Errorf("the first office has %d free", n)
	}
	_, err = b.Scheduler.Book(background, b.wants(r.Actor, "family", "2026-03-03 09:30"))
	refused(t, err, scheduling.CodeOverlap)
}

func anOfficeIsExportedAsItWasApplied(t tb, b *Bundle) {
	o, err := office.Parse("suite.yaml", []byte(officeFile))
	if err != nil {
		t.Fatalf("the suite's office file: %v", err)
	}
	document, err := b.Store.Document(background, "suite")
	if err != nil || string(document) != string(office.Write(o)) {
		t.Errorf("the export is %q, %v", document, err)
	}
	_, err = b.Store.Document(background, "nowhere")
	refused(t, err, scheduling.CodeNotFound)
	_, err = b.Scheduler.OfficeByCode(background, "nowhere")
	refused(t, err, scheduling.CodeNotFound)
}
