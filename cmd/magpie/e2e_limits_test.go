package main_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

// outcomes sends requests all at once and counts how they were answered: by
// the code of the problem, or by the status.
func outcomes(t *testing.T, n int, client func(i int) *e2etest.Client, request func(i int) e2etest.Request) map[string]int {
	t.Helper()
	var mu sync.Mutex
	out := make(map[string]int)
	inParallel(n, func(i int) {
		a, err := client(i).Send(t.Context(), request(i))
		what := fmt.Sprint(a.Status)
		if err != nil {
			what = err.Error()
		} else if a.Code() != "" {
			what = a.Code()
		}
		mu.Lock()
		out[what]++
		mu.Unlock()
	})
	return out
}

func expect(t *testing.T, what string, got, want map[string]int) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: answered %v, want %v", what, got, want)
	}
}

func booking(s *e2etest.Site, body e2etest.Booking) e2etest.Request {
	return e2etest.Request{Method: http.MethodPost, Path: e2etest.BookPath, Key: s.NewKey(), Body: body}
}

func TestNoLimitOfTheOfficeFileIsPassedInARace(t *testing.T) {
	const places, perDay, clients = 10, 3, 24
	office := e2etest.Office{Rooms: 5, Seats: places, Counsellors: 1, Hours: e2etest.AllDay, PerDay: perDay, Services: []e2etest.Service{
		{OpenPerPerson: 1}, {Code: "class", Places: places, MaxParties: 1}, {Code: "free"},
	}}
	onEveryInstallation(t, office, func(in installation) {
		t := in.T
		all := in.citizens(t, clients)
		each := func(i int) *e2etest.Client { return all[i].Client }
		one := func(i int) *e2etest.Client { return all[0].At(in.server(i)) }
		of := func(who *e2etest.Citizen, service string, start time.Time) e2etest.Request {
			body := who.Booking(start)
			body.Service = service
			return booking(in.Site, body)
		}
		hourly := func(day, i int) time.Time { return e2etest.At(day, 0, 0).Add(time.Duration(i) * time.Hour) }

		expect(t, "the places of a class",
			outcomes(t, clients, each, func(i int) e2etest.Request { return of(all[i], "class", e2etest.At(1, 9, 0)) }),
			map[string]int{"201": places, "slot_taken": clients - places})
		expect(t, "a counsellor's sessions in a day",
			outcomes(t, 12, each, func(i int) e2etest.Request { return of(all[i], "free", hourly(2, 2*i)) }),
			map[string]int{"201": perDay, "slot_taken": 12 - perDay})
		expect(t, "the open appointments of a person",
			outcomes(t, 12, one, func(i int) e2etest.Request { return of(all[0], "talk", hourly(3+i, 9)) }),
			map[string]int{"201": 1, "limit_reached": 11})
		clean(t, in.Site)
	})
}

func TestNobodyIsInTwoSessionsAtOnceHoweverManyAreAskedFor(t *testing.T) {
	onEveryInstallation(t, e2etest.Office{Rooms: 12, Services: []e2etest.Service{{Step: "5m"}}}, func(in installation) {
		t := in.T
		c := in.server(0).Citizen(t)
		got := outcomes(t, 12, func(i int) *e2etest.Client { return c.At(in.server(i)) }, func(i int) e2etest.Request {
			return booking(in.Site, c.Booking(e2etest.At(1, 9, 0).Add(time.Duration(5*i)*time.Minute)))
		})
		expect(t, "twelve overlapping starts for one person", got, map[string]int{"201": 1, "overlap": 11})
		if own := e2etest.All[e2etest.Appointment](t, c.Client, "/api/v1/appointments"); len(own) != 1 {
			t.Errorf("they have %d appointments", len(own))
		}
		clean(t, in.Site)
	})
}

func TestOfManyMovesToOneStartAsManySucceedAsThereArePairsAndTheRestKeepTheirTime(t *testing.T) {
	const pairs, clients = 4, 16
	onEveryInstallation(t, e2etest.Office{Rooms: pairs, Services: []e2etest.Service{{}}}, func(in installation) {
		t := in.T
		all := in.citizens(t, clients)
		old := make([]e2etest.Appointment, clients)
		for i, c := range all {
			old[i] = c.Booked(t, e2etest.At(1+i/pairs, 9, 0))
		}
		wanted := e2etest.At(1, 15, 0)
		got := outcomes(t, clients, func(i int) *e2etest.Client { return all[i].Client }, func(i int) e2etest.Request {
			return e2etest.Request{Method: http.MethodPost, Path: "/api/v1/appointments/" + old[i].Reference + "/reschedule", Key: in.NewKey(), Body: map[string]any{"start": wanted}}
		})
		expect(t, "moves to one start", got, map[string]int{"200": pairs, "slot_taken": clients - pairs})
		moved := 0
		for i, c := range all {
			now := e2etest.As[e2etest.Appointment](t, c.Get(t, "/api/v1/appointments/"+old[i].Reference), http.StatusOK)
			if now.Start.Equal(wanted) {
				moved++
			} else if !now.Start.Equal(old[i].Start) || now.Status != "booked" {
				t.Errorf("it is %s at %s, and was at %s", now.Status, now.Start, old[i].Start)
			}
		}
		if moved != pairs {
			t.Errorf("%d moved, want %d", moved, pairs)
		}
		clean(t, in.Site)
	})
}

func TestTheSameKeyGivesTheSameAnswerOnEveryReplicaForADay(t *testing.T) {
	onEveryInstallation(t, e2etest.Office{Rooms: 8, Services: []e2etest.Service{{}}}, func(in installation) {
		t := in.T
		c := in.server(0).Citizen(t)
		for name, r := range map[string]e2etest.Request{
			"a booking": booking(in.Site, c.Booking(e2etest.At(3, 9, 0))),
			"a hold":    {Method: http.MethodPost, Path: e2etest.HoldPath, Key: in.NewKey(), Body: map[string]any{"service": "talk", "start": e2etest.At(3, 15, 0)}},
		} {
			var mu sync.Mutex
			answers := make(map[string]int)
			inParallel(12, func(i int) {
				a, err := c.At(in.server(i)).Insist(t.Context(), r)
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				mu.Lock()
				answers[a.String()]++
				mu.Unlock()
			})
			if len(answers) != 1 {
				t.Errorf("%s with one key was answered in %d ways: %v", name, len(answers), answers)
			}
			for answer := range answers {
				if !strings.HasPrefix(answer, "201 ") {
					t.Errorf("%s was answered %s", name, answer)
				}
			}
		}
		own := theOnly(t, e2etest.All[e2etest.Appointment](t, c.Client, "/api/v1/appointments"))

		// A move, done again after the appointment has been moved once more, is
		// answered as it was and does nothing.
		path := "/api/v1/appointments/" + own.Reference + "/reschedule"
		first := e2etest.Request{Method: http.MethodPost, Path: path, Key: in.NewKey(), Body: map[string]any{"start": e2etest.At(3, 10, 0)}}
		before := c.Do(t, first).Is(t, http.StatusOK, "")
		c.Post(t, path, map[string]any{"start": e2etest.At(3, 11, 0)}).Is(t, http.StatusOK, "")
		if again := c.At(in.server(1)).Do(t, first); again.String() != before.String() {
			t.Errorf("the key of a move was answered %s and then %s", before, again)
		}
		if now := theOnly(t, e2etest.All[e2etest.Appointment](t, c.Client, "/api/v1/appointments")); !now.Start.Equal(e2etest.At(3, 11, 0)) {
			t.Errorf("a repeated move moved it to %s", now.Start)
		}
		// A refusal is not remembered.
		refused := booking(in.Site, c.Booking(e2etest.At(3, 11, 0)))
		c.Do(t, refused).Is(t, http.StatusConflict, "overlap")
		c.Post(t, path, map[string]any{"start": e2etest.At(3, 9, 0)}).Is(t, http.StatusOK, "")
		c.Do(t, refused).Is(t, http.StatusCreated, "")
	})
}

func TestAHoldKeepsItsTimeForFiveOrTenMinutesAndNobodyKeepsADay(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Rooms: 4})
		server := s.Serve(t)
		visitor, other, citizen := server.Client(t), server.Client(t), server.Citizen(t)
		start := e2etest.At(1, 9, 0)
		hold := func(c *e2etest.Client, start time.Time) e2etest.Answer {
			return c.Post(t, e2etest.HoldPath, map[string]any{"service": "talk", "start": start})
		}
		lives := func(a e2etest.Answer, want time.Duration) held {
			h := e2etest.As[held](t, a, http.StatusCreated)
			if got := h.ExpiresAt.Sub(s.Clock.Now()); got < want-5*time.Second || got > want+time.Second {
				t.Errorf("a hold lives %v, want %v", got, want)
			}
			return h
		}
		kept := lives(hold(visitor, start), 5*time.Minute)
		lives(hold(other, start), 5*time.Minute)
		// Two of four, without a token: not more than half.
		hold(server.Client(t), start).Is(t, http.StatusConflict, "slot_taken")
		lives(hold(citizen.Client, start), 10*time.Minute)
		if free := visitor.FreeAt(t, start); free != 1 {
			t.Errorf("%d free with three held of four, want 1", free)
		}
		// Three of one address, and not a fourth.
		lives(hold(visitor, e2etest.At(1, 10, 30)), 5*time.Minute)
		lives(hold(visitor, e2etest.At(1, 15, 0)), 5*time.Minute)
		hold(visitor, e2etest.At(1, 16, 0)).Is(t, http.StatusTooManyRequests, "rate_limited")
		visitor.Post(t, e2etest.HoldPath+"/"+kept.Hold+"/renew", nil).Is(t, http.StatusUnauthorized, "unauthenticated")
		// Proven meanwhile, the same person renews it with the token.
		renewed := e2etest.As[held](t, citizen.Post(t, e2etest.HoldPath+"/"+kept.Hold+"/renew", nil), http.StatusOK)
		if got := renewed.ExpiresAt.Sub(s.Clock.Now()); got < 9*time.Minute {
			t.Errorf("renewed it lives %v", got)
		}
		wrong := citizen.Booking(e2etest.At(1, 11, 0))
		wrong.Hold = kept.Hold
		citizen.Post(t, e2etest.BookPath, wrong).Is(t, http.StatusUnprocessableEntity, "invalid")

		s.Clock.Set(t, e2etest.Begin.Add(6*time.Minute))
		if free := visitor.FreeAt(t, start); free != 2 {
			t.Errorf("%d free after a hold has ended, want 2", free)
		}
		// Whose hold ended unused waits before they hold that start again.
		hold(other, start).Is(t, http.StatusTooManyRequests, "rate_limited")
		lives(hold(server.Client(t), start), 5*time.Minute)
		s.Clock.Set(t, e2etest.Begin.Add(16*time.Minute))
		if free := visitor.FreeAt(t, start); free != 4 {
			t.Errorf("%d free after all holds have ended, want 4", free)
		}
		lives(hold(other, start), 5*time.Minute)
		// A hold that has ended is none: the time is had if it is free.
		late := citizen.Booking(start)
		late.Hold = kept.Hold
		citizen.Post(t, e2etest.BookPath, late).Is(t, http.StatusCreated, "")
		clean(t, s)
	})
}

func TestTheCodesOfANumberAreLimitedSilentlyAndThoseOfAnAddressAreNot(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{})
		server := s.Serve(t)
		phone, asked := s.NewPhone(), 0
		sent := func() int { return len(s.Gateway.To(phone)) }
		ask := func() string {
			asked++
			return server.Client(t).AskForCode(t, phone)
		}
		id := ask()
		code := s.CodeOf(t, phone, 0)
		ask() // within the minute: nothing is sent, nor voided
		e2etest.As[struct{}](t, server.Client(t).Confirm(t, id, code), http.StatusOK)
		server.Client(t).Confirm(t, id, code).Is(t, http.StatusUnprocessableEntity, "invalid")
		for minute := 2; minute < 60; minute += 2 { // five an hour
			s.Clock.Set(t, e2etest.Begin.Add(time.Duration(minute)*time.Minute))
			ask()
			settled(t, s, server) // a code lives five minutes, its message no longer
		}
		if got := sent(); got != 5 {
			t.Errorf("%d codes in an hour, want 5", got)
		}
		for hour := 2; hour < 12; hour++ { // ten a day
			s.Clock.Set(t, e2etest.Begin.Add(time.Duration(hour)*time.Hour))
			ask()
			settled(t, s, server)
		}
		if got := sent(); got != 10 {
			t.Errorf("%d codes in a day, want 10, of %d asked for", got, asked)
		}
		s.Clock.Set(t, e2etest.Begin.Add(36*time.Hour))
		before := sent()
		id = ask()
		code = s.CodeOf(t, phone, before)
		s.Clock.Set(t, s.Clock.Now().Add(5*time.Minute+time.Second))
		server.Client(t).Confirm(t, id, code).Is(t, http.StatusUnprocessableEntity, "invalid")

		// One household of IPv6 is one address.
		limited := 0
		for i := range 21 {
			c := server.Client(t)
			c.Address = fmt.Sprintf("2001:db8:1:2::%x", i+1)
			if a := c.Post(t, "/api/v1/verifications", map[string]string{"phone": s.NewPhone()}); a.Status != http.StatusAccepted {
				a.Is(t, http.StatusTooManyRequests, "rate_limited")
				limited++
			}
		}
		if limited != 1 {
			t.Errorf("of 21 codes for one /64 %d were refused, want 1", limited)
		}
	})
}

// settled waits until a message asked for after all others has come.
func settled(t *testing.T, s *e2etest.Site, server *e2etest.Server) {
	t.Helper()
	last := s.NewPhone()
	server.Client(t).AskForCode(t, last)
	s.CodeOf(t, last, 0)
}

func TestWrongReferencesAndOthersCountAlikeAgainstTheAddress(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{})
		server := s.Serve(t)
		owner, stranger := server.Citizen(t), server.Citizen(t)
		a := owner.Booked(t, e2etest.At(1, 9, 0))
		for i := range 40 {
			reference := a.Reference
			if i%2 == 0 {
				reference = fmt.Sprintf("%08d", 7*i)
			}
			answer := stranger.Get(t, "/api/v1/appointments/"+reference)
			if answer.Code() == "rate_limited" {
				if i < 10 {
					t.Errorf("already the wrong reference number %d is refused", i+1)
				}
				owner.Get(t, "/api/v1/appointments/"+a.Reference).Is(t, http.StatusOK, "")
				return
			}
			answer.Is(t, http.StatusNotFound, "not_found")
		}
		t.Error("forty references in vain, and none was refused")
	})
}
