package visit_test

import (
	"strings"
	"testing"
	"time"

	"magpie/api/web/visit"
)

func TestEachStepWaitsForTheAnswersBeforeIt(t *testing.T) {
	nine := time.Date(2026, time.March, 3, 1, 0, 0, 0, time.UTC)
	timed := visit.Draft{Day: "2026-03-03", Start: nine}
	named := visit.Draft{Day: "2026-03-03", Start: nine, Who: visit.Alone, Name: "陈"}
	reached := named
	reached.Reach = visit.Text
	moving := visit.Draft{Moving: "52073164", Day: "2026-03-03", Start: nine}
	booked := reached
	booked.Booked = "52073164"
	tests := []struct {
		name   string
		draft  visit.Draft
		step   string
		proved bool
		want   string
	}{
		{"the first question waits for nothing", visit.Draft{}, visit.Day, false, ""},
		{"no time without a day", visit.Draft{}, visit.Time, false, visit.Day},
		{"no name without a time", visit.Draft{Day: "2026-03-03"}, visit.Who, false, visit.Time},
		{"no reach without a name", timed, visit.Safe, false, visit.Who},
		{"no number without a reach", named, visit.Number, false, visit.Safe},
		{"the code needs no proof: it is one", reached, visit.Code, false, ""},
		{"no check without a proof", reached, visit.Check, false, visit.Number},
		{"all is answered", reached, visit.Check, true, ""},
		{"the end is not reached by its address", reached, visit.Done, false, visit.Number},
		{"back is always possible", reached, visit.Day, true, ""},
		{"whoever moves has said the rest", moving, visit.Check, true, ""},
		{"whoever moves says when", visit.Draft{Moving: "52073164"}, visit.Check, true, visit.Day},
		{"what is booked is not asked again", booked, visit.Time, true, visit.Done},
		{"what is booked is shown", booked, visit.Done, true, ""},
		{"what was lost is offered anew at any time", timed, visit.Lost, false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.draft.Unasked(tt.step, tt.proved); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestAnAddressIsFoundInItsVisitAloneAndTellsNothing(t *testing.T) {
	steps := []string{visit.Day, visit.Time, visit.Who, visit.Mine, visit.One}
	v, other := visit.New(), visit.New()
	d := v.Begin("anhua", "mediation")
	v.Know("52073164")
	seen := map[string]bool{}
	for _, p := range []visit.Place{{Step: visit.Day, About: d.ID}, {Step: visit.Time, About: d.ID}, {Step: visit.Mine}, {Step: visit.One, About: "52073164"}} {
		address := v.Address(p)
		token := strings.TrimPrefix(address, "/p/")
		if seen[address] || len(token) != 16 || strings.Contains(address, p.Step) || strings.Contains(address, "5207") {
			t.Errorf("%q is the address of %+v", address, p)
		}
		seen[address] = true
		if got, ok := v.Find(token, steps); !ok || got != p {
			t.Errorf("%q leads to %+v, %t", address, got, ok)
		}
		if got, ok := other.Find(token, steps); ok {
			t.Errorf("%q leads somewhere in another visit: %+v", address, got)
		}
	}
}

func TestTheOldestDraftGivesWayToASixth(t *testing.T) {
	v := visit.New()
	first := v.Begin("anhua", "family")
	for range 5 {
		v.Begin("anhua", "family")
	}
	if len(v.Drafts) != 5 || v.Draft(first.ID) != nil {
		t.Errorf("%d drafts, the first is %v", len(v.Drafts), v.Draft(first.ID))
	}
}
