package main_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"magpie/cmd/magpie/e2etest"
)

const outsideCalendar = "/api/v1/staff/me/outside-calendar"

// outsideTold is what a counsellor is told of their outside calendar.
type outsideTold struct {
	Kind    string `json:"kind"`
	Host    string `json:"host"`
	ReadAt  string `json:"read_at"`
	TriedAt string `json:"tried_at"`
	Problem *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"problem"`
}

// untilTried waits for a reading after the one that is told.
func untilTried(t testing.TB, c *e2etest.Client, before string) outsideTold {
	t.Helper()
	var now outsideTold
	e2etest.Eventually(t, "the outside calendar is read", func() error {
		now = e2etest.As[outsideTold](t, c.Get(t, outsideCalendar), http.StatusOK)
		if now.TriedAt == "" || now.TriedAt == before {
			return fmt.Errorf("it was tried at %q", now.TriedAt)
		}
		return nil
	})
	return now
}

func TestBusyTimesOnARealCalendarServerBlockAndComeBack(t *testing.T) {
	e2etest.RequireCalendars(t)
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		radicale := e2etest.StartRadicale(t)
		s.Set("MAGPIE_OUTSIDE_ALLOW", radicale.Host)
		s.Open(t, e2etest.Office{Rooms: 2})
		server := s.Serve(t)
		c01, visitor := server.Staff(t, "c01"), server.Client(t)
		s.Keep("the outside calendar's password", radicale.Password)
		free := func(days, hour, want int) {
			t.Helper()
			if got := visitor.FreeAt(t, e2etest.At(days, hour, 0)); got != want {
				t.Errorf("%d o'clock on day %d: %d free, want %d", hour, days, got, want)
			}
		}
		free(1, 9, 2)
		radicale.Put("visit", "SUMMARY:看医生 槿栩芃\r\nDTSTART;TZID=Asia/Shanghai:20260303T090000\r\nDTEND;TZID=Asia/Shanghai:20260303T100000\r\nRRULE:FREQ=WEEKLY;COUNT=2")
		c01.Do(t, e2etest.Request{Method: http.MethodPut, Path: outsideCalendar, Body: map[string]string{
			"kind": "caldav", "url": radicale.URL, "username": radicale.User, "password": radicale.Password,
		}}).Is(t, http.StatusOK, "")
		first := untilTried(t, c01, "")
		if first.Problem != nil || first.ReadAt == "" || first.Host != radicale.Host {
			t.Fatalf("told is %+v", first)
		}
		free(1, 9, 1)
		free(8, 9, 1)
		free(1, 11, 2)
		desk := server.Staff(t, "desk")
		inside := e2etest.As[e2etest.Appointment](t, desk.Post(t, e2etest.DeskPath, e2etest.Booking{Service: "talk", Start: e2etest.At(3, 15, 0), Counsellor: "c01", Parties: []e2etest.Party{{Name: s.NewName()}}}), http.StatusCreated)
		desk.Post(t, e2etest.DeskPath, e2etest.Booking{Service: "talk", Start: e2etest.At(1, 9, 0), Counsellor: "c01", Parties: []e2etest.Party{{Name: s.NewName()}}}).Is(t, http.StatusConflict, "slot_taken")
		radicale.Put("away", "DTSTART;VALUE=DATE:20260305")
		s.Clock.Set(t, e2etest.At(0, 9, 15))
		second := untilTried(t, c01, first.TriedAt)
		free(3, 9, 1)
		booked := e2etest.All[e2etest.Appointment](t, c01, outsideCalendar+"/booked-inside")
		if len(booked) != 1 || booked[0].Reference != inside.Reference {
			t.Errorf("booked inside are %+v", booked)
		}
		radicale.Delete("visit")
		radicale.Delete("away")
		s.Clock.Set(t, e2etest.At(0, 9, 30))
		third := untilTried(t, c01, second.TriedAt)
		if third.Problem != nil {
			t.Errorf("told is %+v", third)
		}
		free(1, 9, 2)
		free(8, 9, 2)
		free(3, 9, 2)
		clean(t, s)
	})
}

func TestAnOutsideCalendarNeverReachesTheInnerNetwork(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	var reached atomic.Int64
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer inner.Close()
	// One that is allowed, and points inwards.
	var target atomic.Value
	target.Store(inner.URL)
	outer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, target.Load().(string), http.StatusFound)
	}))
	defer outer.Close()
	s.Set("MAGPIE_OUTSIDE_ALLOW", strings.TrimPrefix(outer.URL, "http://"))
	s.Open(t, e2etest.Office{Rooms: 1})
	c01 := s.Serve(t).Staff(t, "c01")
	put := func(address string) e2etest.Answer {
		return c01.Do(t, e2etest.Request{Method: http.MethodPut, Path: outsideCalendar, Body: map[string]string{"kind": "ics", "url": address}})
	}
	port := inner.URL[strings.LastIndex(inner.URL, ":")+1:]
	for _, address := range []string{
		inner.URL, "https://127.0.0.1/", "https://127.0.0.1:" + port, "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest/meta-data/", "https://10.0.0.1/x.ics", "http://example.cn/x.ics",
		"https://100.100.100.200/", "https://[64:ff9b::7f00:1]/", "https://me:word@example.cn/", "file:///etc/passwd",
	} {
		put(address).Is(t, http.StatusUnprocessableEntity, "invalid")
	}
	tried := ""
	for _, address := range []string{"https://localhost/x.ics", outer.URL} {
		put(address).Is(t, http.StatusOK, "")
		now := untilTried(t, c01, "")
		if now.Problem == nil || now.Problem.Code != "refused" || now.Problem.Message == "" {
			t.Errorf("%s: told is %+v", address, now)
		}
		tried = now.TriedAt
	}
	if reached.Load() != 0 || tried == "" {
		t.Errorf("the inner server was reached %d times", reached.Load())
	}
}
