package main_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

func TestAnAppointmentGoesItsWholeWayFromTheOfficeFileToItsEnd(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Holidays: "cn"})
		server := s.Serve(t)
		visitor, desk := server.Client(t), server.Staff(t, "desk")
		first, second := e2etest.At(1, 9, 0), e2etest.At(1, 10, 0)

		free := visitor.FreeAt(t, first)
		hold := e2etest.As[held](t, visitor.Post(t, e2etest.HoldPath, map[string]any{"service": "talk", "start": first}), http.StatusCreated)
		if got := visitor.FreeAt(t, first); free != 2 || got != 1 {
			t.Errorf("free: %d, with a hold %d; want 2 and 1", free, got)
		}

		citizen := server.Citizen(t)
		booking := citizen.Booking(first)
		booking.Hold, booking.Note = hold.Hold, "请安排靠窗的位置-"+citizen.Name
		a := e2etest.As[e2etest.Appointment](t, citizen.Post(t, e2etest.BookPath, booking), http.StatusCreated)
		if a.Status != "booked" || !a.Start.Equal(first) || len(a.Parties) != 1 || a.Parties[0].Name != citizen.Name || a.Room.Code != "" || a.Counsellor.Username != "" {
			t.Errorf("the citizen was answered %+v", a)
		}
		if got := visitor.FreeAt(t, first); got != 1 {
			t.Errorf("%d free after the hold was used, want 1", got)
		}
		booked := s.Gateway.AwaitText(t, citizen.Phone, a.Reference, 1)
		if !strings.HasPrefix(booked.Text, "【安化县民政局】") || !strings.Contains(booked.Text, "3月3日（周二）上午9:00") {
			t.Errorf("the message of the booking: %s", booked.Text)
		}

		seen := theOnly(t, desk.Appointments(t, e2etest.Date(1), e2etest.Date(1)))
		if seen.Reference != a.Reference || seen.Parties[0].Name != citizen.Name || seen.Parties[0].Phone != citizen.Phone || seen.Note != booking.Note {
			t.Errorf("the desk sees %+v", seen)
		}
		counsellor := server.Staff(t, seen.Counsellor.Username)
		own := theOnly(t, counsellor.Appointments(t, e2etest.Date(1), e2etest.Date(1)))
		if own.Parties[0].Name != citizen.Name || !strings.HasSuffix(own.Parties[0].Phone, citizen.Phone[7:]) || strings.Contains(own.Parties[0].Phone, citizen.Phone[:7]) {
			t.Errorf("the counsellor sees %+v", own.Parties)
		}

		moved := e2etest.As[e2etest.Appointment](t, citizen.Post(t, "/api/v1/appointments/"+a.Reference+"/reschedule", map[string]any{"start": second}), http.StatusOK)
		if moved.Reference != a.Reference || !moved.Start.Equal(second) {
			t.Errorf("moved to %+v", moved)
		}
		if now := theOnly(t, desk.Appointments(t, e2etest.Date(1), e2etest.Date(1))); now.Counsellor.Username != seen.Counsellor.Username {
			t.Errorf("the counsellor %s became %s", seen.Counsellor.Username, now.Counsellor.Username)
		}
		s.Gateway.AwaitText(t, citizen.Phone, "改到3月3日（周二）上午10:00", 1)

		reminded(t, s, citizen.Phone, e2etest.At(0, 10, 0), "3月3日（周二）上午10:00", 1)
		reminded(t, s, citizen.Phone, e2etest.At(1, 8, 0), "3月3日（周二）上午10:00", 2)

		s.Clock.Set(t, e2etest.At(1, 9, 50))
		desk, counsellor = server.Staff(t, "desk"), server.Staff(t, seen.Counsellor.Username)
		citizen.Prove(t)
		step(t, desk, a.Reference, "check-in", "checked_in")
		step(t, counsellor, a.Reference, "start", "in_session")
		s.Clock.Set(t, e2etest.At(1, 10, 21))
		step(t, counsellor, a.Reference, "complete", "completed")
		if got := e2etest.As[e2etest.Appointment](t, citizen.Get(t, "/api/v1/appointments/"+a.Reference), http.StatusOK); got.Status != "completed" {
			t.Errorf("the citizen sees %s at last", got.Status)
		}
		// Over at 10:21, so free from 10:25, and the buffer's ten minutes later:
		// of the desk's starts 10:30 collides and 11:00 does not.
		for start, want := range map[time.Time]int{e2etest.At(1, 10, 30): 1, e2etest.At(1, 11, 0): 2} {
			if got := bookableByDesk(t, desk, s, start); got != want {
				t.Errorf("%d sessions could start at %s, want %d", got, start.Format("15:04"), want)
			}
		}
		if got := len(s.Gateway.To(citizen.Phone)); got != 6 {
			t.Errorf("%d messages to the citizen, want a code, booked, moved, two reminders and a code", got)
		}
		auditTells(t, server, a.Reference, "appointment.book", "appointment.reschedule", "appointment.check_in", "appointment.start", "appointment.complete")
		clean(t, s)
	})
}

func TestNoMessageAboutTheOldTimeBeginsAfterACancellationOrAMoveWasAnswered(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Set("MAGPIE_RATE_LIMITS", "false")
		s.Open(t, e2etest.Office{Rooms: 24, Services: []e2etest.Service{{Reminders: "[24h]"}}})
		server := s.Serve(t)
		start, later := e2etest.At(1, 9, 0), e2etest.At(1, 14, 30)
		type one struct {
			*e2etest.Citizen
			reference string
			answered  time.Time
		}
		all := make([]*one, 20)
		for i := range all {
			all[i] = &one{Citizen: server.Citizen(t)}
			all[i].reference = all[i].Booked(t, start).Reference
		}
		s.Gateway.Await(t, 2*len(all), "codes and bookings", func(e2etest.Call) bool { return true })
		s.Gateway.Slow(200 * time.Millisecond)
		due := start.Add(-24 * time.Hour)
		s.Clock.Set(t, due.Add(-2*time.Second))
		inParallel(len(all), func(i int) {
			<-time.After(due.Sub(s.Clock.Now()) + time.Duration(i-8)*60*time.Millisecond)
			path, body := "/api/v1/appointments/"+all[i].reference, map[string]any{}
			if i%2 == 0 {
				path += "/cancel"
			} else {
				path, body = path+"/reschedule", map[string]any{"start": later}
			}
			if a := all[i].Post(t, path, body); a.Status != http.StatusOK {
				t.Errorf("%s answered %s", path, a)
			}
			all[i].answered = time.Now()
		})
		s.Gateway.Slow(0)
		s.Gateway.Await(t, len(all)/2, "cancellations", func(c e2etest.Call) bool { return strings.Contains(c.Text, "已取消") })
		s.Gateway.Await(t, len(all)/2, "moves", func(c e2etest.Call) bool { return strings.Contains(c.Text, "改到") })
		reminders := 0
		for _, one := range all {
			for _, call := range s.Gateway.To(one.Phone) {
				if !strings.Contains(call.Text, "请记得") || strings.Contains(call.Text, "下午2:30") {
					continue
				}
				reminders++
				if call.Real.After(one.answered) {
					t.Errorf("a reminder of the old time began %v after the answer", call.Real.Sub(one.answered))
				}
			}
		}
		t.Logf("%d of %d reminders were handed over before the answer", reminders, len(all))
		clean(t, s)
	})
}

func TestNoMessageOfAFrozenReplicaBeginsAfterAnotherHasAnsweredACancellation(t *testing.T) {
	t.Parallel()
	const each, rounds = 160, 4
	s := e2etest.NewSite(t, e2etest.MariaDB)
	s.Set("MAGPIE_RATE_LIMITS", "false")
	s.Open(t, e2etest.Office{Rooms: 1, Seats: each, Services: []e2etest.Service{{Places: each, MaxParties: 1, Reminders: "[2h]"}}})
	sender, other := s.Serve(t), s.Serve(t)
	db, desk := openDatabase(t, s), other.Staff(t, "desk")
	phones := make(map[string]string) // by reference
	var mu sync.Mutex
	for round := range rounds {
		inParallel(8, func(int) {
			for range each / 8 {
				phone := s.NewPhone()
				body := e2etest.Booking{Service: "talk", Start: e2etest.At(1+round, 9, 0), Parties: []e2etest.Party{{Name: s.NewName(), Phone: phone}}}
				a := e2etest.As[e2etest.Appointment](t, desk.Post(t, e2etest.DeskPath, body), http.StatusCreated)
				mu.Lock()
				phones[a.Reference] = phone
				mu.Unlock()
			}
		})
	}
	s.Gateway.Await(t, len(phones), "the bookings", func(c e2etest.Call) bool { return strings.Contains(c.Text, "已为您约好") })
	caught := 0
	for round := range rounds {
		due := e2etest.At(1+round, 7, 0)
		s.Clock.Set(t, due.Add(-time.Minute))
		desk = other.Staff(t, "desk") // a day later
		before := len(s.Gateway.Where(isReminder))
		s.Clock.Set(t, due.Add(-time.Second))
		s.Gateway.Await(t, before+10, "reminders", isReminder)
		thaw := sender.Freeze(t)
		claimed := db.counts(t, "SELECT a.reference, COUNT(*) FROM messages m JOIN appointments a ON a.id = m.subject_id WHERE m.kind = 'reminder' AND m.status = 'claimed' GROUP BY a.reference")
		references := slices.Collect(maps.Keys(claimed))
		answered := make([]time.Time, len(references))
		inParallel(len(references), func(i int) {
			a, err := desk.Send(t.Context(), e2etest.Request{Method: http.MethodPost, Path: "/api/v1/staff/appointments/" + references[i] + "/cancel"})
			switch {
			case err == nil && a.Status == http.StatusOK:
				answered[i] = time.Now()
			case err != nil || a.Status != http.StatusServiceUnavailable: // the frozen one may hold a lock
				t.Errorf("a cancellation was answered %s, %v", a, err)
			}
		})
		thaw()
		e2etest.Eventually(t, "every reminder has an outcome", func() error {
			if n := db.count(t, fmt.Sprintf("SELECT COUNT(*) FROM messages WHERE kind = 'reminder' AND due_at <= %d AND status IN ('planned', 'claimed')", due.Unix())); n > 0 {
				return fmt.Errorf("%d have none", n)
			}
			return nil
		})
		for i, reference := range references {
			calls := s.Gateway.Where(func(c e2etest.Call) bool { return c.To == phones[reference] && isReminder(c) })
			if len(calls) == 0 {
				caught++
			}
			for _, c := range calls {
				if !answered[i].IsZero() && c.Real.After(answered[i]) {
					t.Errorf("round %d: a reminder began %v after its cancellation was answered", round, c.Real.Sub(answered[i]))
				}
			}
		}
		s.Gateway.Await(t, before+each-len(references), "the other reminders", isReminder)
	}
	t.Logf("%d reminders were caught on their way", caught)
	clean(t, s)
}

func isReminder(c e2etest.Call) bool { return strings.Contains(c.Text, "请记得") }

// held is the answer to a hold.
type held struct {
	Hold      string    `json:"hold"`
	ExpiresAt time.Time `json:"expires_at"`
}

// reminded moves the clock to just before a reminder is due and expects it then.
func reminded(t *testing.T, s *e2etest.Site, phone string, due time.Time, text string, n int) {
	t.Helper()
	s.Clock.Set(t, due.Add(-3*time.Second))
	call := s.Gateway.AwaitText(t, phone, "请记得", n)
	if !strings.Contains(call.Text, text) {
		t.Errorf("the reminder says %s, want %s", call.Text, text)
	}
	if late := call.At.Sub(due); late < 0 || late > 10*time.Second {
		t.Errorf("the reminder of %s came at %s", due.Format("15:04:05"), call.At.Format("15:04:05"))
	}
	if got := len(s.Gateway.Where(func(c e2etest.Call) bool { return c.To == phone && strings.Contains(c.Text, "请记得") })); got != n {
		t.Errorf("%d reminders so far, want %d", got, n)
	}
}

// step moves an appointment on and expects its new state.
func step(t *testing.T, staff *e2etest.Client, reference, name, status string) {
	t.Helper()
	a := e2etest.As[e2etest.Appointment](t, staff.Post(t, "/api/v1/staff/appointments/"+reference+"/"+name, nil), http.StatusOK)
	if a.Status != status {
		t.Errorf("after %s it is %s, want %s", name, a.Status, status)
	}
}

// bookableByDesk books callers until nothing is left, and cancels them again.
func bookableByDesk(t *testing.T, desk *e2etest.Client, s *e2etest.Site, start time.Time) int {
	t.Helper()
	var references []string
	for {
		a := desk.Post(t, e2etest.DeskPath, e2etest.Booking{Service: "talk", Start: start, Parties: []e2etest.Party{{Name: s.NewName()}}})
		if a.Status != http.StatusCreated {
			a.Is(t, http.StatusConflict, "slot_taken")
			break
		}
		references = append(references, e2etest.As[e2etest.Appointment](t, a, http.StatusCreated).Reference)
	}
	for _, reference := range references {
		e2etest.As[e2etest.Appointment](t, desk.Post(t, "/api/v1/staff/appointments/"+reference+"/cancel", nil), http.StatusOK)
	}
	return len(references)
}

// auditTells expects these actions on a subject, the oldest first.
func auditTells(t *testing.T, server *e2etest.Server, subject string, actions ...string) {
	t.Helper()
	type entry struct {
		Action  string    `json:"action"`
		Subject string    `json:"subject"`
		At      time.Time `json:"at"`
	}
	entries := e2etest.All[entry](t, server.Staff(t, "audit"), e2etest.AuditPath)
	var got []string
	for i, e := range entries {
		if e.Subject == subject {
			got = append([]string{e.Action}, got...)
		}
		if i > 0 && e.At.After(entries[i-1].At) {
			t.Errorf("the audit is not newest first: %s after %s", e.At, entries[i-1].At)
		}
	}
	if strings.Join(got, " ") != strings.Join(actions, " ") {
		t.Errorf("the audit tells %v, want %v", got, actions)
	}
}

// clean expects the doctor to find nothing.
func clean(t *testing.T, s *e2etest.Site) {
	t.Helper()
	if r := s.Run(t, "doctor"); r.Exit != 0 || r.Stdout != "" {
		t.Errorf("doctor: exit %d\n%s%s", r.Exit, r.Stdout, r.Stderr)
	}
}

func theOnly[T any](t *testing.T, list []T) T {
	t.Helper()
	if len(list) != 1 {
		t.Fatalf("%d in %+v, want one", len(list), list)
	}
	return list[0]
}
