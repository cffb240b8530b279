package main_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

const erasurePath = "/api/v1/me/erasure"

// own is what is kept under one's number.
type own struct {
	Number       string
	Contact      struct{ Text, Reminders bool }
	Appointments []e2etest.Appointment
	ErasedAt     time.Time `json:"erased_at"`
}

// freshCode has a code sent to a citizen and answers the body that uses it.
func freshCode(t *testing.T, s *e2etest.Site, c *e2etest.Citizen) map[string]string {
	t.Helper()
	before := 0
	for _, call := range s.Gateway.To(c.Phone) {
		if strings.Contains(call.Text, "验证码") {
			before++
		}
	}
	id := c.AskForCode(t, c.Phone)
	return map[string]string{"verification": id, "code": s.CodeOf(t, c.Phone, before)}
}

// ownData is what is kept under the citizen's number, and how they ask for its
// end and take that back.
func (o *tour) ownData() {
	mine := e2etest.As[own](o.T, o.citizen.Get(o.T, "/api/v1/me"), http.StatusOK)
	if mine.Number != o.citizen.Phone || len(mine.Appointments) != 1 || mine.Appointments[0].Reference != o.reference || !mine.ErasedAt.IsZero() {
		o.Errorf("kept are %+v", mine)
	}
	o.site.Clock.Set(o.T, e2etest.Begin.Add(2*time.Minute))
	code := freshCode(o.T, o.site, o.citizen)
	asked := e2etest.As[own](o.T, o.citizen.Post(o.T, erasurePath, code), http.StatusAccepted)
	if want := mine.Appointments[0].End.Add(24 * time.Hour); asked.ErasedAt.Before(e2etest.Begin.Add(7*24*time.Hour)) || asked.ErasedAt.Before(want) {
		o.Errorf("it will be erased at %s", asked.ErasedAt)
	}
	o.citizen.Post(o.T, erasurePath, code).Is(o.T, http.StatusUnprocessableEntity, "invalid")
	for range 2 {
		o.citizen.Delete(o.T, erasurePath).Is(o.T, http.StatusNoContent, "")
	}
	if mine := e2etest.As[own](o.T, o.citizen.Get(o.T, "/api/v1/me"), http.StatusOK); !mine.ErasedAt.IsZero() {
		o.Errorf("taken back it is still erased at %s", mine.ErasedAt)
	}
	o.site.Clock.Set(o.T, e2etest.Begin)
}

func TestWhoAsksIsErasedByTheServerEightDaysLater(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Rooms: 4, Services: []e2etest.Service{{OpenPerPerson: 3}}})
		server := s.Serve(t)
		leaving, booking, staying := server.Citizen(t), server.Citizen(t), server.Citizen(t)
		start := e2etest.At(1, 9, 0)
		body := leaving.Booking(start)
		body.Parties = append(body.Parties, e2etest.Party{Name: s.NewName(), Phone: s.NewPhone()})
		body.Note = "请安静一些-" + s.NewName()
		left := e2etest.As[e2etest.Appointment](t, leaving.Post(t, e2etest.BookPath, body), http.StatusCreated)
		kept := staying.Booked(t, start)

		s.Clock.Set(t, e2etest.Begin.Add(2*time.Minute))
		theirs := freshCode(t, s, staying)
		leaving.Post(t, erasurePath, theirs).Is(t, http.StatusUnprocessableEntity, "invalid")
		for _, c := range []*e2etest.Citizen{leaving, booking} {
			at := e2etest.As[own](t, c.Post(t, erasurePath, freshCode(t, s, c)), http.StatusAccepted).ErasedAt
			if wait := at.Sub(e2etest.Begin.Add(2 * time.Minute)); wait < 7*24*time.Hour || wait > 7*24*time.Hour+time.Minute {
				t.Errorf("it will be erased after %v", wait)
			}
		}
		later := booking.Booked(t, e2etest.At(10, 9, 0)) // after asking
		s.Clock.Set(t, e2etest.At(6, 9, 0))
		leaving.Prove(t)
		if mine := e2etest.As[own](t, leaving.Get(t, "/api/v1/me"), http.StatusOK); len(mine.Appointments) != 1 || mine.Appointments[0].Parties[0].Name != leaving.Name || mine.ErasedAt.IsZero() {
			t.Errorf("on the day before they see %+v", mine)
		}

		db := openDatabase(t, s)
		s.Clock.Set(t, e2etest.At(8, 9, 0))
		e2etest.Eventually(t, "who asked is erased", func() error {
			if n := db.count(t, "SELECT COUNT(*) FROM contacts"); n != 2 {
				return fmt.Errorf("%d numbers are known", n)
			}
			return nil
		})
		seen := make(map[string]e2etest.Appointment)
		for _, a := range server.Staff(t, "desk").Appointments(t, e2etest.Date(0), e2etest.Date(12)) {
			seen[a.Reference] = a
		}
		if a := seen[left.Reference]; len(a.Parties) != 2 || a.Parties[0].Name+a.Parties[0].Phone+a.Parties[1].Name+a.Parties[1].Phone+a.Note != "" || !a.Start.Equal(start) {
			t.Errorf("the desk still sees %+v", a)
		}
		for reference, c := range map[string]*e2etest.Citizen{kept.Reference: staying, later.Reference: booking} {
			if a := seen[reference]; len(a.Parties) != 1 || a.Parties[0].Name != c.Name || a.Parties[0].Phone != c.Phone {
				t.Errorf("the desk sees %+v", a)
			}
		}
		leaving.Get(t, "/api/v1/me").Is(t, http.StatusUnauthorized, "unauthenticated")
		leaving.Prove(t)
		if mine := e2etest.As[own](t, leaving.Get(t, "/api/v1/me"), http.StatusOK); len(mine.Appointments) != 0 || !mine.ErasedAt.IsZero() {
			t.Errorf("proved anew the number has %+v", mine)
		}
		clean(t, s)
	})
}
