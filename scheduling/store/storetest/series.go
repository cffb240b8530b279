package storetest

import (
	"fmt"
	"time"

	"magpie/scheduling"
)

var seriesTests = []test{
	aCourseIsBookedWithOneCounsellorInOneRoom,
	aCourseTellsOnceAndRemindsOfEach,
	aCourseThatCannotBeHadIsRefusedWithWhatFails,
	aCourseIsFreeOfWhatBindsCitizens,
	aCourseIsBookedOnceUnderOneKey,
	oneOfACourseOrTheRestIsCancelled,
	aCourseOfAClassJoinsWhatIsOn,
	aCourseThatCannotBeIsInvalid,
	whoCameIsWrittenDown,
	twoCoursesForOneCounsellorAreNotBothBooked,
}

func (b *Bundle) course(a scheduling.Actor, service, start string, count, weeks int) scheduling.SeriesRequest {
	r := scheduling.SeriesRequest{Booking: b.wants(a, service, start), Count: count, EveryWeeks: weeks}
	r.Idempotency.Route = "POST /series"
	return r
}

func (b *Bundle) mustCourse(t tb, r scheduling.SeriesRequest) scheduling.Series {
	t.Helper()
	out, err := b.Scheduler.BookSeries(background, r)
	if err != nil {
		t.Fatalf("booking a course: %v", err)
	}
	return out
}

func aCourseIsBookedWithOneCounsellorInOneRoom(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	busy := b.wants(desk, "family", "2026-03-17 09:30")
	busy.Wish.Counsellor = "anna"
	b.mustBook(t, busy)
	r := b.course(desk, "family", "2026-03-03 09:00", 6, 1)
	r.Parties = people(2)
	r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	out := b.mustCourse(t, r)
	if len(out.Appointments) != 6 {
		t.Fatalf("%d are booked", len(out.Appointments))
	}
	for i, a := range out.Appointments {
		want := on("2026-03-03 09:00").AddDate(0, 0, 7*i)
		now := b.read(t, a.Reference)
		same(t, "appointment", show(a), show(now))
		if a.Counsellor.Username != "bert" || a.Room.Code != out.Appointments[0].Room.Code || !a.Start.Equal(want) || len(now.Parties) != 2 || now.OwnEntry().Phone != phone(1) {
			t.Errorf("the %d. is at %s with %s in %s", i+1, a.Start, a.Counsellor.Username, a.Room.Code)
		}
	}
	got, err := b.Scheduler.SeriesOf(background, b.Staff(t, "bert"), out.Appointments[3].Reference)
	if err != nil || got.ID != out.ID || len(got.Appointments) != 6 || got.Appointments[5].Reference != out.Appointments[5].Reference {
		t.Errorf("the course is %d with %d, %v", got.ID, len(got.Appointments), err)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM contacts"); n != 1 {
		t.Errorf("%d numbers are known", n)
	}
}

func aCourseTellsOnceAndRemindsOfEach(t tb, b *Bundle) {
	r := b.course(b.Staff(t, "desk"), "premarital", "2026-03-05 09:00", 3, 2)
	r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	out := b.mustCourse(t, r)
	for i, a := range out.Appointments {
		got := b.rows(t, "SELECT kind, due_at FROM messages WHERE subject_id = ? ORDER BY due_at", a.ID)
		want := [][]string{{"reminder", itoa(a.Start.Add(-24 * time.Hour).Unix())}, {"reminder", itoa(a.Start.Add(-2 * time.Hour).Unix())}}
		if i == 0 {
			want = append([][]string{{"booked", itoa(b.Clock.Now().Unix())}}, want...)
		}
		same(t, fmt.Sprintf("messages of the %d.", i+1), want, got)
	}
}

func aCourseThatCannotBeHadIsRefusedWithWhatFails(t tb, b *Bundle) {
	b.Change(t, func(o *scheduling.Office) {
		onePair(o)
		o.Exceptions = append(o.Exceptions, scheduling.Exception{Date: day("2026-03-24"), Closed: &scheduling.Text{ZH: "停电", EN: "No power"}})
	})
	desk := b.Staff(t, "desk")
	b.mustBook(t, b.wants(desk, "family", "2026-03-10 09:30"))
	me := b.wants(desk, "lesson", "2026-03-17 09:30")
	me.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	b.mustBook(t, me)
	before := b.state(t)
	r := b.course(desk, "family", "2026-03-03 09:00", 5, 1)
	r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	_, err := b.Scheduler.BookSeries(background, r)
	e := refused(t, err, scheduling.CodeSlotTaken)
	var failed []string
	for _, f := range e.Failed {
		failed = append(failed, f.Start.In(shanghai).Format("01-02"))
		if len(f.Alternatives) == 0 {
			t.Errorf("there are no alternatives to %s", f.Start)
		}
	}
	same(t, "what fails", []string{"03-10", "03-17", "03-24"}, failed)
	b.unchanged(t, before)
	r = b.course(desk, "family", "2026-03-24 09:00", 2, 1)
	_, err = b.Scheduler.BookSeries(background, r)
	refusedField(t, err, "start")
}

func aCourseIsFreeOfWhatBindsCitizens(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	r := b.course(desk, "premarital", "2026-03-02 09:30", 12, 4) // premarital: one open, 30 days ahead, notice of two hours
	r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	r.Wish.Counsellor = "anna"
	out := b.mustCourse(t, r)
	if last := out.Appointments[11].Start; !last.Equal(on("2026-03-02 09:30").AddDate(0, 0, 7*4*11)) {
		t.Errorf("the last is at %s", last)
	}
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-05 09:00"))
	refused(t, err, scheduling.CodeLimitReached)
}

func aCourseIsBookedOnceUnderOneKey(t tb, b *Bundle) {
	r := b.course(b.Staff(t, "desk"), "family", "2026-03-03 09:00", 3, 1)
	outs := make([]scheduling.Series, 3)
	errs := together(3, func(i int) (err error) {
		outs[i], err = b.Scheduler.BookSeries(background, r)
		return err
	})
	outcomes(t, errs)
	for _, out := range outs[1:] {
		if out.ID != outs[0].ID || len(out.Appointments) != 3 || out.Appointments[2].Reference != outs[0].Appointments[2].Reference {
			t.Errorf("the answers are %d and %d", outs[0].ID, out.ID)
		}
	}
	if n := b.count(t, "SELECT COUNT(*) FROM appointments"); n != 3 {
		t.Errorf("%d are booked", n)
	}
	r.Idempotency.Body = []byte("another")
	_, err := b.Scheduler.BookSeries(background, r)
	refused(t, err, scheduling.CodeKeyReused)
}

func oneOfACourseOrTheRestIsCancelled(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	r := b.course(desk, "family", "2026-03-03 09:00", 5, 1)
	r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	out := b.mustCourse(t, r)
	b.mustDo(t, cancel, b.changeOf(desk, out.Appointments[1]))
	rest, err := b.Scheduler.CancelRest(background, b.changeOf(desk, out.Appointments[2]))
	if err != nil || len(rest.Appointments) != 5 {
		t.Fatalf("%d in the course, %v", len(rest.Appointments), err)
	}
	for i, want := range []scheduling.Status{scheduling.Booked, scheduling.Cancelled, scheduling.Cancelled, scheduling.Cancelled, scheduling.Cancelled} {
		if got := b.read(t, out.Appointments[i].Reference).Status; got != want || rest.Appointments[i].Status != want {
			t.Errorf("the %d. is %s, answered %s", i+1, got, rest.Appointments[i].Status)
		}
	}
	if _, err := b.Scheduler.CancelRest(background, b.changeOf(desk, out.Appointments[2])); err != nil {
		t.Errorf("once more: %v", err)
	}
	alone := b.mustBook(t, b.wants(desk, "family", "2026-03-03 14:30"))
	_, err = b.Scheduler.CancelRest(background, b.changeOf(desk, alone))
	refused(t, err, scheduling.CodeNotFound)
	_, err = b.Scheduler.SeriesOf(background, desk, alone.Reference)
	refused(t, err, scheduling.CodeNotFound)
}

func aCourseOfAClassJoinsWhatIsOn(t tb, b *Bundle) {
	first := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "lesson", "2026-03-10 09:30"))
	out := b.mustCourse(t, b.course(b.Staff(t, "desk"), "lesson", "2026-03-03 09:30", 3, 1))
	if out.Appointments[1].Session.ID != first.Session.ID {
		t.Error("the class was not joined")
	}
	for _, a := range out.Appointments {
		if a.Counsellor.Username != first.Counsellor.Username {
			t.Errorf("it is with %s", a.Counsellor.Username)
		}
	}
}

func aCourseThatCannotBeIsInvalid(t tb, b *Bundle) {
	desk, citizen := b.Staff(t, "desk"), b.Citizen(t, phone(1))
	before := b.state(t)
	for field, r := range map[string]scheduling.SeriesRequest{
		"count": b.course(desk, "family", "2026-03-03 09:00", 13, 1), "every_weeks": b.course(desk, "family", "2026-03-03 09:00", 2, 5),
		"start": b.course(desk, "family", "2026-03-03 09:10", 2, 1), "service": b.course(desk, "none", "2026-03-03 09:00", 2, 1),
	} {
		_, err := b.Scheduler.BookSeries(background, r)
		refusedField(t, err, field)
	}
	_, err := b.Scheduler.BookSeries(background, b.course(citizen, "family", "2026-03-03 09:00", 2, 1))
	refused(t, err, scheduling.CodeForbidden)
	b.unchanged(t, before)
}

func whoCameIsWrittenDown(t tb, b *Bundle) {
	r := b.wants(b.Citizen(t, phone(1)), "lesson", lesson)
	r.Parties = people(2)
	a := b.mustBook(t, r)
	stored := b.read(t, a.Reference)
	change := scheduling.AttendanceChange{Actor: b.Staff(t, a.Counsellor.Username), Reference: a.Reference, Parties: []scheduling.AttendanceOf{
		{Party: stored.Parties[0].ID, Attendance: scheduling.Came}, {Party: stored.Parties[1].ID, Attendance: scheduling.Absent},
	}}
	out, err := b.Scheduler.SetAttendance(background, change)
	if err != nil {
		t.Fatal(err)
	}
	now := b.read(t, a.Reference)
	for i, want := range []scheduling.Attendance{scheduling.Came, scheduling.Absent} {
		if now.Parties[i].Attendance != want || out.Parties[i].Attendance != want {
			t.Errorf("the %d. %q, answered %q", i+1, now.Parties[i].Attendance, out.Parties[i].Attendance)
		}
	}
	same(t, "the audit", [][]string{{`{"came":0,"absent":0,"unknown":2}`, `{"came":1,"absent":1,"unknown":0}`}},
		b.rows(t, "SELECT before_state, after_state FROM audit WHERE action = 'appointment.attendance'"))
	other := map[string]string{"anna": "bert", "bert": "anna"}[a.Counsellor.Username]
	change.Actor = b.Staff(t, other)
	_, err = b.Scheduler.SetAttendance(background, change)
	refused(t, err, scheduling.CodeNotFound)
	change.Actor = b.Staff(t, "desk")
	change.Parties[1].Party = 7
	_, err = b.Scheduler.SetAttendance(background, change)
	refusedField(t, err, "parties[1].id")
	b.mustDo(t, cancel, b.changeOf(change.Actor, a))
	_, err = b.Scheduler.SetAttendance(background, change)
	refused(t, err, scheduling.CodeWrongState)
}

func twoCoursesForOneCounsellorAreNotBothBooked(t tb, b *Bundle) {
	for range 4 {
		b.Reset(t)
		b.Change(t, onePair)
		desk := b.Staff(t, "desk")
		errs := together(4, func(i int) error {
			_, err := b.Scheduler.BookSeries(background, b.course(desk, "family", []string{"2026-03-03 09:00", "2026-03-10 09:30", "2026-03-17 08:30", "2026-03-03 09:30"}[i], 4, 1))
			return err
		})
		if n := outcomes(t, errs, scheduling.CodeSlotTaken); n != 1 {
			t.Errorf("%d courses are booked", n)
		}
		if n := b.count(t, "SELECT COUNT(*) FROM appointments"); n != 4 {
			t.Errorf("%d are booked", n)
		}
		b.consistent(t)
	}
}
