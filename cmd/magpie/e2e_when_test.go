package main_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

// early are opening hours that begin when the quiet hours of these tests end.
var early = []string{`{days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00"}`}

// reminders are what a citizen is told of their reminders, by how long before
// the start they go, and what the ledger of the office says of the same.
func reminders(t *testing.T, desk *e2etest.Client, reference string) map[int]e2etest.Entry {
	t.Helper()
	out := make(map[int]e2etest.Entry)
	for _, e := range desk.About(t, reference, "reminder") {
		out[e.LeadMinutes] = e
	}
	return out
}

// remindersTo counts the reminders that a phone has, and gives the last one.
func remindersTo(s *e2etest.Site, phone string) (int, e2etest.Call) {
	all := s.Gateway.Where(func(c e2etest.Call) bool { return c.To == phone && isReminder(c) })
	if len(all) == 0 {
		return 0, e2etest.Call{}
	}
	return len(all), all[len(all)-1]
}

func TestQuietHoursHoldBackRemindersAndNothingElse(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{
			Rooms: 12, Hours: early, Services: []e2etest.Service{{Step: "15m", Reminders: "[12h, 2h]"}}, Extra: []string{`quiet: {from: "21:00", to: "08:00"}`},
		})
		server := s.Serve(t)
		desk, citizen := server.Staff(t, "desk"), server.Citizen(t)
		atNine := citizen.Booked(t, e2etest.At(1, 9, 0))
		half, quarter := desk.Books(t, e2etest.At(1, 8, 30)), desk.Books(t, e2etest.At(1, 8, 15))

		// Beforehand everybody can see what will come.
		for _, c := range []struct {
			reference string
			lead      int
			due       time.Time
			rule      string
		}{
			{half.Reference, 720, e2etest.At(0, 20, 30), ""},
			{half.Reference, 120, e2etest.At(1, 8, 0), ""},
			{quarter.Reference, 720, e2etest.At(0, 20, 15), ""},
			{quarter.Reference, 120, e2etest.At(1, 6, 15), "quiet"},
			{atNine.Reference, 720, e2etest.At(1, 8, 0), "same_time"},
			{atNine.Reference, 120, e2etest.At(1, 8, 0), ""},
		} {
			if e := reminders(t, desk, c.reference)[c.lead]; e.Rule != c.rule || !e.DueAt.Equal(c.due) || (e.Status == "suppressed") != (c.rule != "") {
				t.Errorf("%d minutes before, the ledger has %+v; want it due at %v, %q", c.lead, e, c.due, c.rule)
			}
		}
		told := e2etest.All[e2etest.Told](t, citizen.Client, "/api/v1/appointments/"+atNine.Reference+"/messages")
		told = slices.DeleteFunc(told, func(m e2etest.Told) bool { return m.Kind != "reminder" || m.Rule != "" })
		if len(told) != 1 || !told[0].DueAt.Equal(e2etest.At(1, 8, 0)) || !strings.Contains(told[0].Text, "请记得3月3日（周二）上午9:00") {
			t.Errorf("the citizen is told of %+v", told)
		}

		s.Clock.Set(t, e2etest.At(0, 20, 30).Add(-time.Second))
		s.Gateway.Await(t, 2, "the reminders of the evening", isReminder)
		s.Clock.Set(t, e2etest.At(0, 22, 0))
		night := server.Citizen(t) // a code goes at any hour
		s.Gateway.AwaitText(t, night.Phone, night.Booked(t, e2etest.At(2, 9, 0)).Reference, 1)
		s.Clock.Set(t, e2etest.At(1, 8, 0).Add(-2*time.Second))
		s.Gateway.Await(t, 4, "the reminders of the morning", isReminder)
		for phone, want := range map[string]int{half.Phone: 2, quarter.Phone: 1, citizen.Phone: 1, night.Phone: 0} {
			if n, last := remindersTo(s, phone); n != want || n > 0 && phone != quarter.Phone && last.At.Before(e2etest.At(1, 8, 0)) {
				t.Errorf("%d reminders, the last at %v; want %d", n, last.At, want)
			}
		}
	})
}

func TestNothingReachesAPersonOutsideTheirOwnHours(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Hours: early, Services: []e2etest.Service{{Reminders: "[12h, 2h]"}}})
		server := s.Serve(t)
		s.Clock.Set(t, e2etest.At(0, 20, 0))
		desk, citizen := server.Staff(t, "desk"), server.Citizen(t)
		hours := []map[string]string{{"from": "09:00", "to": "11:00"}}
		citizen.Put(t, "/api/v1/contact", map[string]any{"hours": hours}).Is(t, http.StatusOK, "")
		a := citizen.Booked(t, e2etest.At(2, 14, 30))
		booked := theOnly(t, desk.About(t, a.Reference, "booked"))
		if !booked.DueAt.Equal(e2etest.At(1, 9, 0)) || booked.Status != "planned" {
			t.Errorf("the booking's message stands as %+v", booked)
		}
		if all := reminders(t, desk, a.Reference); !all[720].DueAt.Equal(e2etest.At(2, 9, 0)) || all[720].Rule != "" || all[120].Rule != "hours" {
			t.Errorf("the reminders stand as %+v", all)
		}
		s.Clock.Set(t, e2etest.At(1, 9, 0).Add(-2*time.Second))
		if call := s.Gateway.AwaitText(t, citizen.Phone, a.Reference, 1); call.At.Before(e2etest.At(1, 9, 0)) {
			t.Errorf("it came at %v", call.At)
		}
		// Whoever changes their hours has what is owed planned anew.
		citizen.Prove(t)
		desk = server.Staff(t, "desk")
		hours[0] = map[string]string{"from": "10:00", "to": "11:30"}
		citizen.Put(t, "/api/v1/contact", map[string]any{"hours": hours}).Is(t, http.StatusOK, "")
		if all := reminders(t, desk, a.Reference); !all[720].DueAt.Equal(e2etest.At(2, 10, 0)) {
			t.Errorf("planned anew the reminders stand as %+v", all)
		}
		s.Clock.Set(t, e2etest.At(2, 10, 0).Add(-2*time.Second))
		if call := s.Gateway.AwaitText(t, citizen.Phone, "请记得", 1); call.At.Before(e2etest.At(2, 10, 0)) {
			t.Errorf("the reminder came at %v", call.At)
		}
	})
}

func TestTheStopSwitchOfAnOfficeKeepsWhatIsOwed(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Services: []e2etest.Service{{Reminders: "[]"}}}, e2etest.Office{Code: "taojiang"})
		server := s.Serve(t)
		desk, chief := server.Staff(t, "desk"), server.Staff(t, "chief")
		turn := func(stopped bool) e2etest.Sending {
			return e2etest.As[e2etest.Sending](t, chief.Put(t, e2etest.SendingPath, map[string]bool{"stopped": stopped}), http.StatusOK)
		}
		desk.Put(t, e2etest.SendingPath, map[string]bool{"stopped": true}).Is(t, http.StatusForbidden, "forbidden")
		if got := turn(true); !got.Stopped || got.ChangedBy != "chief" || got.Owed != 0 {
			t.Errorf("stopped it is %+v", got)
		}
		kept, over := desk.Books(t, e2etest.At(1, 9, 0)), desk.Books(t, e2etest.At(0, 11, 0))
		bookElsewhere(t, s, server)
		if got := e2etest.As[e2etest.Sending](t, desk.Get(t, e2etest.SendingPath), http.StatusOK); !got.Stopped || got.Owed != 2 || got.MessagesToday != 0 {
			t.Errorf("with two owed it is %+v", got)
		}
		s.Clock.Set(t, e2etest.At(0, 11, 30))
		bookElsewhere(t, s, server)
		if n := len(s.Gateway.To(kept.Phone)) + len(s.Gateway.To(over.Phone)); n > 0 {
			t.Errorf("an office that has stopped sent %d messages", n)
		}
		turn(false)
		s.Gateway.AwaitText(t, kept.Phone, kept.Reference, 1)
		handedOver(t, desk, kept.Reference, "booked")
		entry(t, desk, over.Reference, "booked", "has expired", inStatus("expired"))
		if got := e2etest.As[e2etest.Sending](t, desk.Get(t, e2etest.SendingPath), http.StatusOK); got.Stopped || got.Owed != 0 || got.MessagesToday != 1 || got.SegmentsThisMonth != 1 {
			t.Errorf("going on it is %+v", got)
		}
		if n := len(s.Gateway.To(over.Phone)); n > 0 {
			t.Errorf("a message whose time was over went %d times", n)
		}
		auditTells(t, server, "anhua", "office.apply", "PUT /api/v1/staff/offices/{office}/sending", "sending.stop", "sending.go_on")
	})
}

// bookElsewhere books at the other office and waits for its message: by then
// the worker has looked at all that was due before.
func bookElsewhere(t *testing.T, s *e2etest.Site, server *e2etest.Server) {
	t.Helper()
	desk, phone := server.StaffOf(t, "taojiang", "desk"), s.NewPhone()
	body := e2etest.Booking{Service: "talk", Start: e2etest.At(4, 9, 0), Parties: []e2etest.Party{{Name: s.NewName(), Phone: phone}}}
	a := desk.Post(t, strings.Replace(e2etest.DeskPath, "anhua", "taojiang", 1), body)
	if a.Status == http.StatusConflict { // both rooms are taken
		body.Start = e2etest.At(4, 10, 30)
		a = desk.Post(t, strings.Replace(e2etest.DeskPath, "anhua", "taojiang", 1), body)
	}
	s.Gateway.AwaitText(t, phone, e2etest.As[e2etest.Appointment](t, a, http.StatusCreated).Reference, 1)
}

func TestCeilingsHoldBackWhatIsBeyondThemAndTheDeskCalls(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		const places = 40
		class := []e2etest.Service{{Places: places, MaxParties: 1}}
		s.Open(t, e2etest.Office{
			Rooms: 1, Seats: places, Services: class, PerNumber: 2, Extra: []string{"segments_per_month: 10", "messages_per_day: 9"},
		})
		server := s.Serve(t)
		desk := server.Staff(t, "desk")
		times := make(map[string]int) // that a number has booked: each time another day
		books := func(phone string) e2etest.Caller {
			times[phone]++
			return desk.BooksFor(t, phone, e2etest.At(48+times[phone], 9, 0))
		}
		held := func(c e2etest.Caller, rule string) {
			entry(t, desk, c.Reference, "booked", "is held back", inStatus("suppressed"))
			if e := theOnly(t, desk.About(t, c.Reference, "booked")); e.Rule != rule || e.Segments != 0 || len(s.Gateway.Where(func(call e2etest.Call) bool { return strings.Contains(call.Text, c.Reference) })) > 0 {
				t.Errorf("beyond %s it stands as %+v", rule, e)
			}
			tasks := desk.Tasks(t, "call")
			if !slices.ContainsFunc(tasks, func(task e2etest.Task) bool {
				return task.Reference == c.Reference && task.Reason == rule && task.Phone == c.Phone
			}) {
				t.Errorf("beyond %s the desk is asked %+v", rule, tasks)
			}
		}
		goes := func(c e2etest.Caller) { handedOver(t, desk, c.Reference, "booked") }
		sending := func() e2etest.Sending {
			return e2etest.As[e2etest.Sending](t, desk.Get(t, e2etest.SendingPath), http.StatusOK)
		}

		one := s.NewPhone()
		goes(books(one))
		goes(books(one))
		held(books(one), "per_number")
		for range 5 {
			goes(books(s.NewPhone()))
		}
		if got := sending(); got.Warning || got.MessagesToday != 7 || got.SegmentsThisMonth != 7 || got.MessagesPerNumber != 2 {
			t.Errorf("after seven it is %+v", got)
		}
		goes(books(s.NewPhone()))
		if got := sending(); !got.Warning || got.SegmentsThisMonth != 8 || got.SegmentsPerMonth != 10 {
			t.Errorf("after eight it is %+v", got)
		}
		goes(books(s.NewPhone()))
		held(books(s.NewPhone()), "per_day")

		s.Clock.Set(t, e2etest.At(1, 8, 0))
		desk = server.Staff(t, "desk")
		goes(books(one))
		held(books(s.NewPhone()), "per_month")
		server.Kill()
		server.Restart(t)
		if want := "office anhua: 10 of this month's 10 segments are used"; !warning(t, server, want) {
			e2etest.Eventually(t, "/readyz warns of the month", func() error {
				if warning(t, server, want) {
					return nil
				}
				return fmt.Errorf("it says %q", server.Warnings(t))
			})
		}
		s.Clock.Set(t, e2etest.At(30, 8, 0))
		desk = server.Staff(t, "desk")
		goes(books(one))
		if got := sending(); got.Warning || got.MessagesToday != 1 || got.SegmentsThisMonth != 1 {
			t.Errorf("in the next month it is %+v", got)
		}
	})
}
