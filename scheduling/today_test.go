package scheduling

import (
	"slices"
	"strings"
	"testing"
	"time"

	"magpie/scheduling/calendar"
)

func TestWhatCanBeDoneNextBeginsWithTheRightThing(t *testing.T) {
	d := calendar.NewDate(2026, 3, 3)
	o := smallOffice(t)
	o.NoShowAfter = 15 * time.Minute
	a, _ := dragged(o, d)
	for _, c := range []struct {
		status Status
		now    time.Duration
		want   []Step
	}{
		{Booked, -time.Minute, []Step{StepCheckIn, StepMove, StepCancel}},
		{Booked, 14 * time.Minute, []Step{StepCheckIn, StepMove, StepCancel}},
		{Booked, 15 * time.Minute, []Step{StepCheckIn, StepNoShow, StepMove, StepCancel}},
		{CheckedIn, 0, []Step{StepStart, StepCancel}},
		{InSession, 0, []Step{StepComplete}},
		{Completed, 0, nil}, {Cancelled, 0, nil}, {NoShow, 0, nil},
	} {
		a.Status = c.status
		got := a.nextSteps(a.Start.Add(c.now))
		if !slices.Equal(got, c.want) {
			t.Errorf("%s at %s: %v", c.status, c.now, got)
		}
		for _, s := range got { // and no step is offered that the state machine refuses
			st, known := map[Step]step{
				StepCheckIn: {to: CheckedIn, from: []Status{Booked}}, StepStart: {to: InSession, from: []Status{CheckedIn}}, StepComplete: {to: Completed, from: []Status{InSession}},
				StepNoShow: {to: NoShow, from: []Status{Booked}, fromStart: true}, StepCancel: {to: Cancelled, from: []Status{Booked, CheckedIn}},
			}[s]
			if known && st.refuse(Actor{Kind: StaffKind}, a, a.Start.Add(c.now)) != nil {
				t.Errorf("%s of %s is offered and refused", s, c.status)
			}
		}
	}
}

func TestTheDayHasWhatIsToBeSeenToFirstOnTop(t *testing.T) {
	d := calendar.NewDate(2026, 3, 3)
	base, _ := dragged(smallOffice(t), d)
	var all []Appointment
	for _, c := range []struct {
		name   string
		status Status
		start  time.Duration
	}{
		{"over", Completed, -2 * time.Hour}, {"off", Cancelled, -time.Hour}, {"in", InSession, 0}, {"late", Booked, 0}, {"here", CheckedIn, 30 * time.Minute}, {"next", Booked, 30 * time.Minute}, {"last", Booked, 2 * time.Hour},
	} {
		a := base
		a.Reference, a.Status, a.Start = c.name, c.status, base.Start.Add(c.start)
		a.End = a.Start.Add(time.Hour)
		all = append(all, a)
	}
	day := dayAtDesk(d, all, base.Start.Add(10*time.Minute))
	var got []string
	for _, r := range day.Rows {
		got = append(got, r.Appointment.Reference)
	}
	if want := "late here next in last off over"; strings.Join(got, " ") != want {
		t.Errorf("it is %v, want %s", got, want)
	}
	if day.Counts[Booked] != 3 || day.Counts[Completed] != 1 {
		t.Errorf("they count %v", day.Counts)
	}
}
