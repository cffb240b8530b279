package main_test

import (
	"net/http"
	"time"

	"magpie/cmd/magpie/e2etest"
)

// rows is the appointments of an answer that lists them in one way or another.
type rows struct {
	ID    string `json:"id"`
	Items []struct {
		Appointment e2etest.Appointment `json:"appointment"`
		Reference   string              `json:"reference"`
		Outcome     string              `json:"outcome"`
		Start       time.Time           `json:"start"`
	} `json:"items"`
}

// staffsDay is what staff do beside: moving to a place, taking it back, handing
// over, courses, the lists of the desk.
func (o *tour) staffsDay() {
	const staff = "/api/v1/staff/appointments/"
	a := o.caller(e2etest.At(22, 9, 0))
	path := staff + a.Reference
	other := map[string]string{"c01": "c02", "c02": "c01"}[a.Counsellor.Username]
	to := map[string]any{"start": a.Start, "counsellor": other}
	var check struct{ OK, Told bool }
	if check = e2etest.As[struct{ OK, Told bool }](o.T, o.desk.Post(o.T, path+"/moves", to), http.StatusOK); !check.OK || check.Told {
		o.Errorf("a colleague: %+v", check)
	}
	o.desk.Get(o.T, path+"/moves?date="+e2etest.Date(22)+"&minutes=60").Is(o.T, http.StatusOK, "")
	if moved := e2etest.As[e2etest.Appointment](o.T, o.desk.Post(o.T, path+"/reschedule", to), http.StatusOK); moved.Counsellor.Username != other {
		o.Errorf("it is with %s", moved.Counsellor.Username)
	}
	o.chief.Post(o.T, path+"/undo", nil).Is(o.T, http.StatusConflict, "wrong_state")
	if back := e2etest.As[e2etest.Appointment](o.T, o.desk.Post(o.T, path+"/undo", nil), http.StatusOK); back.Counsellor.Username != a.Counsellor.Username {
		o.Errorf("taken back it is with %s", back.Counsellor.Username)
	}
	leave := map[string]any{"what": "leave", "username": a.Counsellor.Username, "from": e2etest.Date(22), "to": e2etest.Date(22)}
	if got := e2etest.As[rows](o.T, o.chief.Post(o.T, officeStaff+"/impact", leave), http.StatusOK); len(got.Items) != 1 || got.Items[0].Appointment.Reference != a.Reference {
		o.Errorf("in the way are %+v", got)
	}
	plan := map[string]any{"all": true, "plan": []any{map[string]any{"reference": a.Reference}}}
	if got := e2etest.As[rows](o.T, o.desk.Post(o.T, officeStaff+"/hand-over", plan), http.StatusOK); len(got.Items) != 1 || got.Items[0].Outcome != "done" {
		o.Errorf("handed over: %+v", got)
	}
	off := map[string]any{"from": e2etest.Date(22), "to": e2etest.Date(22), "from_time": "08:30", "to_time": "12:00", "all": true}
	o.chief.Post(o.T, officeStaff+"/staff/"+other+"/time-off", off).Is(o.T, http.StatusCreated, "")
	o.course()
	o.lists(a)
	o.offers()
}

// course is a course, and who came to it.
func (o *tour) course() {
	const staff = "/api/v1/staff/appointments/"
	wanted := map[string]any{"service": "talk", "start": e2etest.At(23, 15, 0), "count": 3, "every_weeks": 1, "parties": []any{map[string]any{"name": o.site.NewName()}}}
	booked := e2etest.As[rows](o.T, o.desk.Post(o.T, officeStaff+"/series", wanted), http.StatusCreated)
	if len(booked.Items) != 3 || !booked.Items[2].Start.Equal(e2etest.At(37, 15, 0)) {
		o.Fatalf("booked %+v", booked)
	}
	first := staff + booked.Items[0].Reference
	if got := e2etest.As[rows](o.T, o.desk.Get(o.T, first+"/series"), http.StatusOK); got.ID != booked.ID || len(got.Items) != 3 {
		o.Errorf("the course is %+v", got)
	}
	seen := o.atDesk(booked.Items[0].Reference)
	o.put(o.desk, first+"/attendance", `{"parties":[{"id":"`+seen.Parties[0].ID+`","attendance":"came"}]}`).Is(o.T, http.StatusOK, "")
	o.desk.Post(o.T, staff+booked.Items[1].Reference+"/series/cancel", nil).Is(o.T, http.StatusOK, "")
	o.desk.Post(o.T, first+"/cancel", nil).Is(o.T, http.StatusOK, "")
}

// lists is what the desk works from.
func (o *tour) lists(a e2etest.Appointment) {
	if got := e2etest.As[rows](o.T, o.desk.Get(o.T, officeStaff+"/today?date="+e2etest.Date(22)), http.StatusOK); len(got.Items) != 1 {
		o.Errorf("the day has %+v", got)
	}
	phone := a.Parties[0].Phone
	for _, query := range []string{"reference=" + a.Reference, "last_four=" + phone[len(phone)-4:] + "&from=" + e2etest.Date(22)} {
		if got := e2etest.As[rows](o.T, o.desk.Get(o.T, officeStaff+"/search?"+query), http.StatusOK); len(got.Items) != 1 || got.Items[0].Appointment.Reference != a.Reference {
			o.Errorf("by %s: %+v", query, got)
		}
	}
	o.desk.Get(o.T, officeStaff+"/walk-in").Is(o.T, http.StatusOK, "")
}

// offers is times that are offered, withdrawn, and taken.
func (o *tour) offers() {
	const staff = "/api/v1/staff/appointments/"
	for i := range 3 {
		other := o.server.Citizen(o.T)
		a := other.Booked(o.T, e2etest.At(16+i, 9, 0))
		starts := map[string]any{"starts": []any{e2etest.At(16+i, 15, 0), e2etest.At(16+i, 16, 0)}}
		o.desk.Post(o.T, staff+a.Reference+"/offer", starts).Is(o.T, http.StatusCreated, "")
		o.desk.Get(o.T, staff+a.Reference+"/offer").Is(o.T, http.StatusOK, "")
		other.Get(o.T, "/api/v1/appointments/"+a.Reference+"/offer").Is(o.T, http.StatusOK, "")
		take := map[string]any{"start": e2etest.At(16+i, 16, 0)}
		switch i {
		case 0:
			o.desk.Delete(o.T, staff+a.Reference+"/offer").Is(o.T, http.StatusNoContent, "")
			other.Post(o.T, "/api/v1/appointments/"+a.Reference+"/offer", take).Is(o.T, http.StatusConflict, "wrong_state")
			other.Post(o.T, "/api/v1/appointments/"+a.Reference+"/cancel", nil).Is(o.T, http.StatusOK, "")
			continue
		case 1:
			a = e2etest.As[e2etest.Appointment](o.T, other.Post(o.T, "/api/v1/appointments/"+a.Reference+"/offer", take), http.StatusOK)
		default:
			a = e2etest.As[e2etest.Appointment](o.T, o.desk.Post(o.T, staff+a.Reference+"/offer/take", take), http.StatusOK)
		}
		if !a.Start.Equal(e2etest.At(16+i, 16, 0)) {
			o.Errorf("it is at %s", a.Start)
		}
		other.Post(o.T, "/api/v1/appointments/"+a.Reference+"/cancel", nil).Is(o.T, http.StatusOK, "")
	}
}
