package scheduling

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// handingOn is the small office with more colleagues, and a session of a's.
func handingOn(t *testing.T, colleagues string) (*handing, Appointment) {
	t.Helper()
	o, d := smallOffice(t), calendar.NewDate(2026, 3, 3)
	for i, name := range strings.Fields(colleagues) {
		o.Staff = append(o.Staff, Staff{ID: int64(13 + i), Username: name, Roles: []account.Role{account.Counsellor}, Services: []string{"family"}, Hours: o.Hours})
	}
	a, f := dragged(o, d)
	return &handing{office: o, facts: f, given: map[Given]bool{}, now: d.At(8*60, o.Location)}, a
}

func namesOf(all []Colleague) string {
	var out []string
	for _, c := range all {
		out = append(out, c.Counsellor.Username+" in "+c.Room.Code)
	}
	return strings.Join(out, ", ")
}

func TestColleaguesAreRankedBestFitFirst(t *testing.T) {
	d := calendar.NewDate(2026, 3, 3)
	for name, c := range map[string]struct {
		change func(h *handing, a *Appointment)
		want   string
	}{
		"alike by name":                {nil, "b in upstairs, c in upstairs, e in upstairs"},
		"the fewest sessions that day": {func(h *handing, a *Appointment) { h.facts.Loads[Load{12, d}], h.facts.Loads[Load{13, d}] = 2, 1 }, "e in upstairs, c in upstairs, b in upstairs"},
		"who gave it before": {func(h *handing, a *Appointment) { h.given[Given{7, 21, 14}], h.facts.Loads[Load{14, d}] = true, 5 },
			"e in upstairs, b in upstairs, c in upstairs"},
		"not who gave something else": {func(h *handing, a *Appointment) { h.given[Given{7, 22, 14}], h.given[Given{8, 21, 14}] = true, true }, "b in upstairs, c in upstairs, e in upstairs"},
		"whom they had asked for": {func(h *handing, a *Appointment) { a.Wish.Counsellor, h.facts.Loads[Load{13, d}] = "c", 5 },
			"c in upstairs, b in upstairs, e in upstairs"},
		"before it, who gave it": {func(h *handing, a *Appointment) { a.Wish.Counsellor, h.given[Given{7, 21, 12}] = "c", true },
			"b in upstairs, c in upstairs, e in upstairs"},
		"the gender they had asked for": {func(h *handing, a *Appointment) { a.Wish.Gender, h.office.Staff[3].Gender = "female", "female" },
			"e in upstairs, b in upstairs, c in upstairs"},
		"another room where theirs is closed": {func(h *handing, a *Appointment) {
			h.facts.Line(Resource{RoomResource, 3}).Off.Add(calendar.Mask(calendar.Span{From: a.Start, To: a.End}))
		}, "b in step-free, c in step-free, e in step-free"},
		"none where there is no room": {func(h *handing, a *Appointment) {
			for _, r := range h.office.Rooms {
				h.facts.Line(Resource{RoomResource, r.ID}).Off.Add(calendar.Mask(calendar.Span{From: a.Start, To: a.End}))
			}
		}, ""},
		"not who is busy or away": {func(h *handing, a *Appointment) {
			book(h.facts, other(a, "09:30", 12, 1))
			h.facts.Line(Resource{CounsellorResource, 13}).Off.Add(calendar.Mask(calendar.Span{From: a.Start, To: a.End}))
		}, "e in upstairs"},
		"not who has a full day, another service or other hours": {func(h *handing, a *Appointment) {
			h.office.Staff[1].SessionsPerDay, h.facts.Loads[Load{12, d}] = 1, 1
			h.office.Staff[2].Services, h.office.Staff[3].Hours = nil, nil
		}, ""},
		"a step-free room for whom needs one": {func(h *handing, a *Appointment) { a.Wish.Accessible = true }, "b in step-free, c in step-free, e in step-free"},
	} {
		t.Run(name, func(t *testing.T) {
			h, a := handingOn(t, "c e")
			if c.change != nil {
				c.change(h, &a)
			}
			before := fmt.Sprint(h.facts.Loads, *h.facts.Line(Resource{RoomResource, 3}), *h.facts.Line(Resource{CounsellorResource, 11}))
			if got := namesOf(h.colleagues(a)); got != c.want {
				t.Errorf("they are %q, want %q", got, c.want)
			}
			if after := fmt.Sprint(h.facts.Loads, *h.facts.Line(Resource{RoomResource, 3}), *h.facts.Line(Resource{CounsellorResource, 11})); after != before {
				t.Error("looking has changed the facts")
			}
		})
	}
}

// day is some appointments of a, each an hour, in the room upstairs.
func dayOfA(h *handing, first Appointment, starts ...string) []Appointment {
	h.facts.Forget(first.Session)
	var out []Appointment
	for i, start := range starts {
		a := first
		a.Session = other(&first, start, 11, 3)
		a.ID, a.Reference, a.Session.ID = int64(i+1), fmt.Sprintf("0000000%d", i+1), int64(100+i)
		a.Session.Heads, a.Session.Seats = 1, 4
		a.Start, a.End = a.Session.Start, a.Session.End
		h.facts.Take(a.Session)
		out = append(out, a)
	}
	return out
}

func TestADayIsSharedOutAmongThoseWhoAreFree(t *testing.T) {
	h, first := handingOn(t, "c")
	all := dayOfA(h, first, "08:30", "09:40", "10:50")
	plan := h.plan(all)
	counts := map[string]int{}
	for _, a := range all {
		counts[plan[a.Reference].Counsellor.Username]++
	}
	if len(plan) != 3 || counts["b"]+counts["c"] != 3 || counts["b"] == 0 || counts["c"] == 0 {
		t.Errorf("they go to %v", counts)
	}
}

func TestWhoFindsNobodyAsksOneWhoHasSomebody(t *testing.T) {
	h, first := handingOn(t, "c")
	all := dayOfA(h, first, "09:00", "10:00")
	all[1].Session.ClaimEnd = all[1].End
	// b alone could take the second, and is the best fit for the first; they overlap by the buffer.
	h.given[Given{7, 21, 12}] = true
	book(h.facts, other(&first, "11:00", 13, 1))
	h.facts.Line(Resource{CounsellorResource, 13}).Busy.Add(calendar.Mask(calendar.Span{From: all[1].Start.Add(30 * time.Minute), To: all[1].End}))
	slices.Reverse(all)
	plan := h.plan(all)
	if plan["00000001"].Counsellor.Username != "c" || plan["00000002"].Counsellor.Username != "b" {
		t.Errorf("the first goes to %q, the second to %q", plan["00000001"].Counsellor.Username, plan["00000002"].Counsellor.Username)
	}
	// The same where the first had chosen already.
	p := planning{handing: h, to: map[int64]placedSession{}}
	h2, first := handingOn(t, "c")
	all = dayOfA(h2, first, "09:00", "10:00")
	h2.given[Given{7, 21, 12}] = true
	h2.facts.Line(Resource{CounsellorResource, 13}).Busy.Add(calendar.Mask(calendar.Span{From: all[1].Start.Add(30 * time.Minute), To: all[1].End}))
	p.handing = h2
	if !p.place(all[0]) || p.to[100].colleague.Counsellor.Username != "b" || !p.place(all[1]) {
		t.Fatalf("placed %v", p.to)
	}
	if p.to[100].colleague.Counsellor.Username != "c" || p.to[101].colleague.Counsellor.Username != "b" {
		t.Errorf("they go to %q and %q", p.to[100].colleague.Counsellor.Username, p.to[101].colleague.Counsellor.Username)
	}
}

func TestWhomNobodyCanTakeIsLeftOutOfThePlan(t *testing.T) {
	h, first := handingOn(t, "")
	all := dayOfA(h, first, "09:00", "10:30")
	book(h.facts, other(&first, "10:30", 12, 1))
	plan := h.plan(all)
	if _, ok := plan["00000002"]; ok || plan["00000001"].Counsellor.Username != "b" {
		t.Errorf("the plan is %v", plan)
	}
}

func TestTheNearestTimesAreThoseAsAskedFor(t *testing.T) {
	h, a := handingOn(t, "")
	a.Wish.Counsellor = "b"
	book(h.facts, other(&a, "09:30", 12, 1))
	first := calendar.DayOf(a.Start)
	h.facts.First, h.facts.Last = first-4, first+16
	for r, l := range h.facts.Lines {
		grown := Line{Busy: calendar.NewTrack(first-4, 21), Off: calendar.NewTrack(first-4, 21), Known: make([]bool, 21)}
		for i, w := range l.Busy.Days {
			grown.Busy.Set(l.Busy.First+calendar.Day(i), w)
		}
		h.facts.Lines[r] = &grown
	}
	var got []string
	for _, s := range h.times(a) {
		got = append(got, s.Start.In(h.office.Location).Format("02 15:04"))
	}
	if want := []string{"03 11:00", "04 08:30", "04 09:00"}; !slices.Equal(got, want) {
		t.Errorf("they are %v, want %v", got, want)
	}
}
