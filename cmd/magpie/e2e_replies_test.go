package main_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
	"magpie/cmd/magpie/e2etest/kannel"
)

// replied is a site at which people answer their reminders, over SMPP.
type replied struct {
	kanneled
	start time.Time
}

func TestAReplyOverKannelDoesWhatItSaysOrIsATaskForTheDesk(t *testing.T) {
	t.Parallel()
	o := replied{start: e2etest.At(1, 9, 0), kanneled: openKanneled(t, kannel.SMPP, e2etest.Office{
		Rooms: 24, Extra: []string{"sms_signature_neutral: 安化便民", "reply_cancels: [talk]"}, Services: []e2etest.Service{{}, {Code: "other"}},
	})}
	p := o.book()
	o.site.Clock.Set(t, o.start.Add(-24*time.Hour-time.Second))
	o.reminded(p)
	o.asked(p)
	o.answers(p)
	o.stands(p)
	o.tasks(p)
	clean(t, o.site)
}

// people are those who answer, by what they are.
type people map[string]e2etest.Caller

// book books for everybody, and writes down how some want to be reached.
func (o replied) book() people {
	o.Helper()
	p := people{}
	for _, who := range []string{"cancels", "stays", "confirms", "confirms in words", "stops", "asks", "neutral", "wants calls", "comes twice"} {
		p[who] = o.desk.Books(o, o.start)
	}
	p["the second time"] = o.desk.BooksFor(o, p["comes twice"].Phone, o.start.Add(90*time.Minute))
	other := e2etest.Caller{Phone: o.site.NewPhone(), Name: o.site.NewName()}
	body := e2etest.Booking{Service: "other", Start: o.start, Parties: []e2etest.Party{{Name: other.Name, Phone: other.Phone}}}
	other.Appointment = e2etest.As[e2etest.Appointment](o, o.desk.Post(o, e2etest.DeskPath, body), http.StatusCreated)
	p["elsewhere"] = other
	for who, wish := range map[string]map[string]any{"neutral": {"neutral": true}, "wants calls": {"call": true}} {
		o.desk.Put(o, "/api/v1/staff/appointments/"+p[who].Reference+"/contact", wish).Is(o, http.StatusOK, "")
	}
	return p
}

// reminded waits until everybody has the reminder of the day before.
func (o replied) reminded(p people) {
	o.Helper()
	for who, c := range p {
		if who == "the second time" {
			continue // an hour and a half later
		}
		e2etest.Eventually(o, who+" is reminded", func() error {
			e := reminders(o.T, o.desk, c.Reference)[24*60]
			if e.Status != "handed_over" {
				return fmt.Errorf("the reminder stands as %+v", e)
			}
			return nil
		})
	}
	o.site.Clock.Set(o, o.start.Add(-22*time.Hour-30*time.Minute))
	e2etest.Eventually(o, "the second time is reminded of", func() error {
		if e := reminders(o.T, o.desk, p["the second time"].Reference)[24*60]; e.Status != "handed_over" {
			return fmt.Errorf("the reminder stands as %+v", e)
		}
		return nil
	})
}

// asked expects that a text asks for no reply that would not count.
func (o replied) asked(p people) {
	o.Helper()
	for who, want := range map[string][3]bool{
		"cancels": {true, true, true}, "elsewhere": {true, false, true}, "wants calls": {true, false, true}, "neutral": {},
	} {
		all := o.texts(p[who].Phone, 2)
		text := all[len(all)-1].Text
		if got := [3]bool{strings.Contains(text, "回复1"), strings.Contains(text, "回复2"), strings.Contains(text, "回复T")}; got != want {
			o.Errorf("%s is asked %q", who, text)
		}
	}
}

// said is what everybody answers.
var answersOf = map[string]string{
	"cancels": "2", "confirms": "１", "confirms in words": "确认。", "stops": "t", "asks": "取消？",
	"neutral": "2", "wants calls": "取消", "comes twice": "2", "elsewhere": "2",
}

func (o replied) answers(p people) {
	o.Helper()
	for who, text := range answersOf {
		o.kannel.Reply(p[who].Phone, text)
	}
	o.kannel.Reply(o.site.NewPhone(), "1") // somebody whom nobody knows
	e2etest.Eventually(o, "all of it has come", func() error {
		confirmed := 0
		for _, a := range o.desk.Appointments(o, e2etest.Date(1), e2etest.Date(1)) {
			if !a.ConfirmedAt.IsZero() {
				confirmed++
			}
		}
		given, tasks := len(o.desk.Tasks(o, "given_up")), len(o.desk.Tasks(o, "reply"))
		stopped := reminders(o.T, o.desk, p["stops"].Reference)[120].Rule
		if confirmed != 2 || given != 1 || tasks != 6 || stopped != "stopped" {
			return fmt.Errorf("%d confirmed, %d given up, %d tasks, reminders of who stops: %q", confirmed, given, tasks, stopped)
		}
		return nil
	})
}

// stands expects one appointment cancelled and two confirmed, and all others as
// they were.
func (o replied) stands(p people) {
	o.Helper()
	for who, c := range p {
		a := o.desk.Seen(o, c.Appointment)
		status := map[bool]string{true: "cancelled", false: "booked"}[who == "cancels"]
		if a.Status != status || a.ConfirmedAt.IsZero() == strings.HasPrefix(who, "confirms") {
			o.Errorf("%s: it is %s, confirmed %v", who, a.Status, a.ConfirmedAt)
		}
	}
	wish := e2etest.As[struct{ Reminders, Text bool }](o, o.desk.Get(o, "/api/v1/staff/appointments/"+p["stops"].Reference+"/contact"), http.StatusOK)
	if wish.Reminders || !wish.Text {
		o.Errorf("who stops reminders wants %+v", wish)
	}
	for who, answered := range map[string]string{"cancels": "cancel", "confirms": "confirm", "stops": "stop", "asks": "other", "wants calls": "cancel", "stays": ""} {
		if e := reminders(o.T, o.desk, p[who].Reference)[24*60]; e.Answered != answered {
			o.Errorf("%s: the ledger has %+v", who, e)
		}
	}
}

// tasks expects one for each reply that changed nothing, with what was said.
func (o replied) tasks(p people) {
	o.Helper()
	all := o.desk.Tasks(o, "reply")
	for who, reason := range map[string]string{"asks": "other", "neutral": "cancel", "wants calls": "cancel", "comes twice": "cancel", "elsewhere": "cancel"} {
		i := slices.IndexFunc(all, func(task e2etest.Task) bool { return task.Phone == p[who].Phone })
		if i < 0 || all[i].Reason != reason || all[i].Text != answersOf[who] {
			o.Errorf("%s: the desk is told %+v", who, all)
			continue
		}
		// Only where one message asked is it plain what the reply is about.
		if known := who != "neutral" && who != "comes twice"; (all[i].Reference == p[who].Reference) != known {
			o.Errorf("%s: the desk is told of %+v", who, all[i])
		}
	}
}

func TestATimeCancelledByReplyIsKeptForTwoHoursAndARepeatedPushDoesNothing(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.TakeHooks()
		s.Open(t, e2etest.Office{Rooms: 2, Extra: []string{"reply_cancels: [talk]"}, Services: []e2etest.Service{{Reminders: "[24h]"}}})
		server := s.Serve(t, "MAGPIE_SMS_REPLIES=true")
		desk, start := server.Staff(t, "desk"), e2etest.At(1, 15, 0)
		restored, lost := desk.Books(t, start), desk.Books(t, start)
		s.Clock.Set(t, start.Add(-24*time.Hour-time.Second))
		desk = server.Staff(t, "desk")
		push := map[string]e2etest.Push{}
		for _, c := range []e2etest.Caller{restored, lost} {
			e2etest.Eventually(t, "the reminder is handed over", func() error {
				if e := reminders(t, desk, c.Reference)[24*60]; e.Status != "handed_over" {
					return fmt.Errorf("it stands as %+v", e)
				}
				return nil
			})
			q := url.Values{"from": {c.Phone}, "id": {"reply-" + c.Reference}, "time": {"1790000000"}, "text": {"2"}}
			push[c.Reference] = e2etest.Push{Method: http.MethodGet, Query: q.Encode()}
		}
		answers := func(c e2etest.Caller) { server.Hook(t, "kannel", push[c.Reference]).Is(t, http.StatusOK, "") }
		is := func(c e2etest.Caller, want string) {
			t.Helper()
			if got := desk.Seen(t, c.Appointment); got.Status != want || !got.Start.Equal(start) {
				t.Errorf("it is %s at %v, want %s", got.Status, got.Start, want)
			}
		}
		restore := func(c e2etest.Caller) e2etest.Answer {
			return desk.Post(t, "/api/v1/staff/appointments/"+c.Reference+"/restore", nil)
		}

		restore(restored).Is(t, http.StatusConflict, "wrong_state")
		for range 2 {
			answers(restored)
		}
		is(restored, "cancelled")
		is(lost, "booked")
		// Nobody else is offered the time that is kept, the desk neither.
		if got := bookableByDesk(t, desk, s, start); got != 0 {
			t.Errorf("%d could be booked in its place", got)
		}
		if task := theOnly(t, desk.Tasks(t, "given_up")); task.Reference != restored.Reference || task.Phone != restored.Phone || !task.Until.After(s.Clock.Now().Add(119*time.Minute)) {
			t.Errorf("the desk is told %+v", task)
		}
		s.Gateway.AwaitText(t, restored.Phone, "已取消", 1)
		s.Clock.Set(t, s.Clock.Now().Add(110*time.Minute))
		e2etest.As[e2etest.Appointment](t, restore(restored), http.StatusOK)
		is(restored, "booked")
		s.Gateway.AwaitText(t, restored.Phone, "已为您约好", 2)
		if left := desk.Tasks(t, "given_up"); len(left) != 0 {
			t.Errorf("the desk is still told %+v", left)
		}
		answers(restored) // the same push once more, as after a lost answer
		is(restored, "booked")

		answers(lost)
		is(lost, "cancelled")
		s.Clock.Set(t, s.Clock.Now().Add(2*time.Hour+time.Minute))
		restore(lost).Is(t, http.StatusConflict, "wrong_state")
		is(lost, "cancelled")
		if got := bookableByDesk(t, desk, s, start); got != 1 {
			t.Errorf("after two hours %d could be booked, want 1", got)
		}
		if n := len(desk.Tasks(t, "reply")); n != 0 {
			t.Errorf("%d replies are left for the desk", n)
		}
		auditTells(t, server, restored.Reference, "appointment.book", "appointment.restore", "appointment.cancel_by_reply", "appointment.restore") // the first was refused
		clean(t, s)
	})
}
