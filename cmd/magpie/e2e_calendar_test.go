package main_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

func TestEveryDayWithoutATimeSaysWhy(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{
			Holidays: "cn", Rooms: 1, Release: "08:30",
			Exceptions: `[{date: 2026-03-05, closed: {zh: 盘点, en: Stocktaking}}, {date: 2026-03-07, from: "09:00", to: "11:00"}, {date: 2026-03-10, from: "10:00", to: "11:00"}]`,
			Services:   []e2etest.Service{{Horizon: "320d"}, {Code: "soon", Horizon: "30d"}},
		})
		server := s.Serve(t)
		server.Citizen(t).Booked(t, e2etest.At(8, 10, 0))
		visitor := server.Client(t)
		for date, want := range map[string]string{
			"2026-02-27": "past",
			"2026-03-05": "closed",              // the office's exception
			"2026-03-07": "",                    // a Saturday that the office opens
			"2026-03-08": "closed",              // a Sunday
			"2026-03-10": "full",                // one hour, and it is booked
			"2026-04-06": "holiday",             // Qingming
			"2026-05-09": "",                    // a Saturday made a workday for Labour Day
			"2026-10-01": "holiday",             // National Day
			"2027-01-05": "calendar_not_loaded", // its holidays are not announced
		} {
			day := visitor.Days(t, date, date, "")[0]
			got := ""
			if day.Closed != nil {
				got = day.Closed.Code
			}
			if got != want || (got == "") != (len(day.Slots) > 0) {
				t.Errorf("%s is %q with %d starts, want %q", date, got, len(day.Slots), want)
			}
		}
		far := visitor.Get(t, "/api/v1/offices/anhua/availability?service=soon&from=2026-04-20&to=2026-04-20")
		if !strings.Contains(string(far.Body), `"code":"not_open"`) {
			t.Errorf("49 days ahead it is %s", far)
		}
		saturday := visitor.Days(t, "2026-03-07", "2026-03-07", "")[0].Slots
		if len(saturday) != 0 && (!saturday[0].Start.Equal(e2etest.At(5, 9, 0)) || saturday[len(saturday)-1].End.After(e2etest.At(5, 11, 0))) {
			t.Errorf("the exception's hours give %+v", saturday)
		}
		citizen := server.Citizen(t)
		notLoaded := citizen.Book(t, time.Date(2027, time.January, 5, 9, 0, 0, 0, e2etest.Shanghai))
		if notLoaded.Status == http.StatusCreated {
			t.Errorf("a citizen booked a day whose holidays are not loaded: %s", notLoaded)
		}
		desk := server.Staff(t, "desk")
		desk.Post(t, e2etest.DeskPath, e2etest.Booking{Service: "talk", Start: time.Date(2027, time.January, 5, 9, 0, 0, 0, e2etest.Shanghai), Parties: []e2etest.Party{{Name: s.NewName()}}}).Is(t, http.StatusCreated, "")
	})
}

func TestADayOpensAtTheReleaseTimeAndClosesAtTheNotice(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Release: "08:30"})
		server := s.Serve(t)
		c := server.Citizen(t)
		last := e2etest.At(30, 9, 0) // opens today at 08:30
		s.Clock.Set(t, e2etest.At(0, 8, 29))
		early := c.Book(t, last).Is(t, http.StatusConflict, "not_open")
		if !strings.Contains(string(early.Body), `"opens_at":"2026-03-02T08:30:00+08:00"`) {
			t.Errorf("not_open: %s", early)
		}
		if free := c.FreeAt(t, last); free != 0 {
			t.Errorf("%d offered before the release", free)
		}
		s.Clock.Set(t, e2etest.At(0, 8, 30).Add(2*time.Second))
		if free := c.FreeAt(t, last); free != 2 {
			t.Errorf("%d offered after the release, want 2", free)
		}
		c.Booked(t, last)
		// Two hours' notice: 10:30 could be booked until 08:30.
		if free := c.FreeAt(t, e2etest.At(0, 10, 30)); free != 0 {
			t.Errorf("%d offered inside the notice", free)
		}
		c.Book(t, e2etest.At(0, 10, 30)).Is(t, http.StatusConflict, "too_late")
		c.Booked(t, e2etest.At(0, 11, 0))
	})
}

func TestWishesAreKeptAndTheLeastBusyCounsellorIsTaken(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Rooms: 4})
		server := s.Serve(t)
		desk := server.Staff(t, "desk")
		start := e2etest.At(1, 9, 0)
		book := func(change func(*e2etest.Booking)) e2etest.Answer {
			body := e2etest.Booking{Service: "talk", Start: start, Parties: []e2etest.Party{{Name: s.NewName()}}}
			change(&body)
			return desk.Post(t, e2etest.DeskPath, body)
		}
		accessible := e2etest.As[e2etest.Appointment](t, book(func(b *e2etest.Booking) { b.Accessible, b.Gender, b.Counsellor = true, "male", "c04" }), http.StatusCreated)
		if accessible.Room.Code != "r01" || accessible.Counsellor.Username != "c04" {
			t.Errorf("asked for c04, a man, in a room without steps: %+v", accessible)
		}
		if man := e2etest.As[e2etest.Appointment](t, book(func(b *e2etest.Booking) { b.Gender = "male" }), http.StatusCreated); man.Counsellor.Username != "c02" {
			t.Errorf("asked for a man with c04 taken: %+v", man)
		}
		book(func(b *e2etest.Booking) { b.Counsellor = "c02" }).Is(t, http.StatusConflict, "slot_taken")
		book(func(b *e2etest.Booking) { b.Accessible = true }).Is(t, http.StatusConflict, "slot_taken")
		book(func(b *e2etest.Booking) { b.Gender = "male" }).Is(t, http.StatusConflict, "slot_taken")
		days := desk.Days(t, e2etest.Date(1), e2etest.Date(1), "&gender=male")
		for _, slot := range days[0].Slots {
			if slot.Start.Equal(start) {
				t.Errorf("a man is still offered: %+v", slot)
			}
		}
		start = e2etest.At(1, 15, 0)
		taken := map[string]bool{}
		for range 2 {
			taken[e2etest.As[e2etest.Appointment](t, book(func(*e2etest.Booking) {}), http.StatusCreated).Counsellor.Username] = true
		}
		if !taken["c01"] || !taken["c03"] {
			t.Errorf("without a wish %v were taken, want c01 and c03, who have nothing that day", taken)
		}
		c := server.Citizen(t)
		wish := c.Booking(e2etest.At(2, 9, 0))
		wish.Counsellor = "c03"
		if a := e2etest.As[e2etest.Appointment](t, c.Post(t, e2etest.BookPath, wish), http.StatusCreated); a.Counsellor.Username != "c03" {
			t.Errorf("a citizen who asked for c03 is told %+v", a.Counsellor)
		}
	})
}
