package book

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"magpie/api/web/number"
	"magpie/api/web/staff/panel"
	"magpie/scheduling"
)

// book books what was filled in.
func (s screen) book(r *panel.Request) error {
	f := read(r)
	b := f.booking(r)
	var err error
	if b.Start, err = time.Parse(time.RFC3339, r.FormValue("start")); err != nil {
		return s.page(r, http.StatusUnprocessableEntity, f, time.Time{})
	}
	if f.Name == "" {
		r.Page.Refuse("name", "请填怎么称呼，写个姓就行。", "Please enter a name; the family name is enough.")
		return s.page(r, http.StatusUnprocessableEntity, f, b.Start)
	}
	b.Idempotency = r.Once("book", b.Service, r.FormValue("start"), f.Name, f.Phone)
	booked, err := s.use.Book(r.Ctx(), b)
	fields := map[string]string{
		"parties[0].phone": "phone", "parties[0].name": "name", "counsellor": "counsellor", "title": "title", "parties": "heads",
	}
	if err := r.Page.Refused(err, fields); err != nil {
		back := "/staff/book?service=" + b.Service + "&day=" + f.Date
		return r.Refuse(back, err)
	}
	if err != nil {
		return s.page(r, http.StatusUnprocessableEntity, f, b.Start)
	}
	said := r.Page.Say("约好了：%s，编号%s。", "Booked: %s, number %s.", r.Page.Moment(booked.Start), r.Page.Grouped(booked.Reference))
	return r.Say("/staff/appointments/"+booked.Reference, panel.Said{Text: said})
}

// read takes the answers out of the request.
func read(r *panel.Request) form {
	ticked := func(name string) bool { return r.FormValue(name) != "" }
	f := form{
		Date: r.FormValue("day"), Counsellor: r.FormValue("counsellor"), Name: strings.TrimSpace(r.FormValue("name")),
		Spoken: r.FormValue("title"), Phone: number.Digits(r.FormValue("phone")), Hearing: ticked("hearing"), Child: ticked("child"),
		Step: ticked("step_free"), Silent: ticked("silent"),
	}
	f.Heads, _ = strconv.Atoi(r.FormValue("heads"))
	return f
}

// booking is what the form asks for. Whoever comes along is counted and not
// named: nobody asks for a name that is not needed.
func (f form) booking(r *panel.Request) scheduling.Booking {
	b := scheduling.Booking{
		Actor: r.Actor, Office: r.Office.Code, Service: r.FormValue("service"), Locale: "zh", Title: f.Spoken, Silent: f.Silent,
		Wish:    scheduling.Wish{Counsellor: f.Counsellor},
		Parties: []scheduling.PartyRequest{{Name: scheduling.NewPrivate(f.Name), Phone: scheduling.NewPrivate(f.Phone)}},
	}
	for len(b.Parties) < f.Heads && len(b.Parties) < 20 {
		b.Parties = append(b.Parties, scheduling.PartyRequest{Name: scheduling.NewPrivate(r.Page.Say("同来的人", "Companion"))})
	}
	for _, n := range []struct {
		asked bool
		need  scheduling.Need
	}{{f.Step, scheduling.StepFree}, {f.Hearing, scheduling.Hearing}, {f.Child, scheduling.Child}} {
		if n.asked {
			b.Needs = append(b.Needs, n.need)
		}
	}
	return b
}
