package main_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/cmd/magpie/e2etest"
)

func TestApplyAddsWhatTheFileSaysAndTheSecondTimeChangesNothing(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Done(t, "migrate")
		file := s.Write(t, "anhua.yaml", e2etest.Office{}.YAML())
		marked(t, s.Done(t, "apply", "--dry-run", file), "+")
		if r := s.Run(t, "export", "anhua"); r.Exit != 1 || len(e2etest.Lines(r.Stderr)) != 1 {
			t.Errorf("after a dry run export ended with %d: %s", r.Exit, r.Stderr)
		}
		marked(t, s.Done(t, "apply", file), "+")
		exported := s.Done(t, "export", "anhua")
		for _, again := range [][]string{{"apply", file}, {"apply", "--dry-run", file}} {
			if out := s.Done(t, again...); out != "" {
				t.Errorf("%v the second time printed %q", again, out)
			}
		}
		whole := s.Write(t, "exported.yaml", exported)
		for _, again := range [][]string{{"apply", "--dry-run", whole}, {"apply", whole}} {
			if out := s.Done(t, again...); out != "" {
				t.Errorf("%v of what was exported printed %q", again, out)
			}
		}
		if diff := cmp.Diff(exported, s.Done(t, "export", "anhua")); diff != "" {
			t.Errorf("applying what was exported changed it:\n%s", diff)
		}
		for _, key := range []string{"sms_signature_neutral", "registration", "footer", "holidays", "makeup_hours_as", "exceptions", "release", "resend_unknown", "thirty_days", "keep", "sessions_per_day"} {
			if !strings.Contains(exported, key) {
				t.Errorf("export does not write %s:\n%s", key, exported)
			}
		}
		changed := s.Write(t, "changed.yaml", strings.Replace(e2etest.Office{Rooms: 3, Counsellors: 2}.YAML(), "duration: 60m", "duration: 90m", 1))
		for _, line := range []string{"+ rooms.r03", "~ services.talk.duration: 60m → 90m"} {
			if out := s.Done(t, "apply", "--dry-run", changed); !slices.Contains(e2etest.Lines(out), line) {
				t.Errorf("the dry run does not print %q:\n%s", line, out)
			}
		}
		marked(t, s.Done(t, "apply", "--dry-run", s.Write(t, "less.yaml", e2etest.Office{Rooms: 1}.YAML())), "-")
	})
}

func TestApplyNeverRemovesWhatHasComingAppointmentsAndListsThoseOutsideNewHours(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Rooms: 1}, e2etest.Office{Code: "other"})
		server := s.Serve(t)
		desk := server.Staff(t, "desk")
		afternoon := server.Citizen(t).Booked(t, e2etest.At(1, 16, 0))
		morning := server.Citizen(t).Booked(t, e2etest.At(1, 9, 0))
		before, other := s.Done(t, "export", "anhua"), s.Done(t, "export", "other")
		for name, removed := range map[string]string{
			"the room":    strings.Replace(e2etest.Office{Rooms: 1}.YAML(), "code: r01", "code: r09", 1),
			"the person":  strings.ReplaceAll(e2etest.Office{Rooms: 1}.YAML(), "username: c01", "username: c09"),
			"the service": strings.ReplaceAll(strings.ReplaceAll(e2etest.Office{Rooms: 1}.YAML(), "code: talk", "code: speak"), "services: [talk]", "services: [speak]"),
		} {
			r := s.Run(t, "apply", s.Write(t, "removed.yaml", removed))
			if r.Exit != 1 || len(e2etest.Lines(r.Stderr)) != 1 || !strings.Contains(r.Stderr, afternoon.Reference) || !strings.Contains(r.Stderr, morning.Reference) {
				t.Errorf("removing %s: exit %d, %q; want 1 and both references", name, r.Exit, r.Stderr)
			}
		}
		if diff := cmp.Diff(before, s.Done(t, "export", "anhua")); diff != "" {
			t.Errorf("what was refused changed the office:\n%s", diff)
		}
		shorter := e2etest.Office{Rooms: 1, Hours: e2etest.OfficeHours[:1], Exceptions: `[{date: 2026-03-05, closed: {zh: 盘点, en: Stocktaking}}]`}
		late := server.Citizen(t)
		out := s.Done(t, "apply", s.Write(t, "shorter.yaml", shorter.YAML()))
		late.Book(t, e2etest.At(2, 15, 0)).Is(t, http.StatusUnprocessableEntity, "invalid")
		if !strings.Contains(out, afternoon.Reference) || strings.Contains(out, morning.Reference) {
			t.Errorf("of what is booked only %s is outside the new hours:\n%s", afternoon.Reference, out)
		}
		if got := len(desk.Appointments(t, e2etest.Date(1), e2etest.Date(1))); got != 2 {
			t.Errorf("%d appointments stayed, want 2", got)
		}
		e2etest.Eventually(t, "the server offers the new hours alone", func() error {
			days := server.Client(t).Days(t, e2etest.Date(2), e2etest.Date(3), "")
			if last := days[0].Slots[len(days[0].Slots)-1]; last.End.After(e2etest.At(2, 12, 0)) {
				return fmt.Errorf("%s is offered", last.Start)
			}
			if closed := days[1].Closed; closed == nil || closed.Code != "closed" || len(days[1].Slots) > 0 {
				return fmt.Errorf("the closed day is %+v", days[1])
			}
			return nil
		})
		if diff := cmp.Diff(other, s.Done(t, "export", "other")); diff != "" {
			t.Errorf("apply touched another office:\n%s", diff)
		}
		clean(t, s)
	})
}

func TestEachMistakeInAnOfficeFileIsALineWithFileAndLine(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	s.Done(t, "migrate")
	good := e2etest.Office{}.YAML()
	for name, wrong := range map[string]string{
		"an unknown key":           strings.Replace(good, "step: 30m", "steps: 30m", 1),
		"a kind no room has":       strings.Replace(good, "room_kind: talk", "room_kind: garden", 1),
		"more than a room seats":   strings.Replace(good, "max: 2", "max: 9", 1),
		"a reference to nothing":   strings.Replace(good, "services: [talk]", "services: [sing]", 1),
		"seven minutes":            strings.Replace(good, "duration: 60m", "duration: 7m", 1),
		"an unknown zone":          strings.Replace(good, "Asia/Shanghai", "Asia/Anhua", 1),
		"a username given twice":   strings.Replace(good, "username: c02", "username: c01", 1),
		"something that is no map": "- a\n",
	} {
		path := s.Write(t, "wrong.yaml", wrong)
		r := s.Run(t, "apply", path)
		lines := e2etest.Lines(r.Stderr)
		if r.Exit != 2 || r.Stdout != "" || len(lines) == 0 {
			t.Errorf("%s: exit %d, %q", name, r.Exit, r.Stderr)
		}
		for _, line := range lines {
			if !regexp.MustCompile(`^` + regexp.QuoteMeta(path) + `:[0-9]+: .`).MatchString(line) {
				t.Errorf("%s: %q does not begin with file and line", name, line)
			}
		}
	}
	two := strings.Replace(strings.Replace(good, "step: 30m", "steps: 30m", 1), "Asia/Shanghai", "Asia/Anhua", 1)
	if r := s.Run(t, "apply", s.Write(t, "wrong.yaml", two)); len(e2etest.Lines(r.Stderr)) < 2 {
		t.Errorf("two mistakes are not reported together: %s", r.Stderr)
	}
	if r := s.Run(t, "apply", "nowhere.yaml"); r.Exit != 2 || len(e2etest.Lines(r.Stderr)) != 1 || !strings.Contains(r.Stderr, "nowhere.yaml") {
		t.Errorf("a file that is not there: exit %d, %q", r.Exit, r.Stderr)
	}
	if r := s.Run(t, "export", "anhua"); r.Exit != 1 {
		t.Errorf("something of a wrong file was written: exit %d\n%s", r.Exit, r.Stdout)
	}
}

// marked expects lines, each of which begins with +, - or ~, and one with the
// mark.
func marked(t *testing.T, out, mark string) {
	t.Helper()
	found := false
	for _, line := range e2etest.Lines(out) {
		if !strings.ContainsRune("+-~", rune(line[0])) {
			t.Errorf("%q begins with none of + - ~", line)
		}
		found = found || strings.HasPrefix(line, mark)
	}
	if !found {
		t.Errorf("no line begins with %s:\n%s", mark, out)
	}
}
