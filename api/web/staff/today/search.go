package today

import (
	"net/http"
	"strings"

	"magpie/api/web/number"
	"magpie/api/web/staff/panel"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// search finds who stands at the desk: by the number of the appointment, or by
// the last four digits of the telephone among those of today. It is a POST, so
// that no address holds a telephone number.
func (s screen) search(r *panel.Request) error {
	typed := number.Digits(r.FormValue("q"))
	if len(typed) == 8 || len(typed) == 10 {
		return r.Redirect(http.StatusSeeOther, "/staff/appointments/"+typed)
	}
	day := calendar.DateIn(r.Now, r.Office.Location)
	out, err := s.page(r, day)
	if err != nil {
		return err
	}
	if len(typed) < 4 {
		out.Refuse("q", "请填编号，或手机号后四位。", "Please enter the number of the appointment or the last four digits of the telephone.")
		return template.Show(r.Context, http.StatusUnprocessableEntity, out)
	}
	all, err := s.all(r, day)
	if err != nil {
		return err
	}
	out.Searched, out.Rows, out.Over = true, nil, nil
	for _, a := range all {
		if ends(r, a, typed[len(typed)-4:]) {
			out.Rows = append(out.Rows, rowOf(r, a))
		}
	}
	out.Heading, out.Fresh, out.Back = out.Say("查到的", "Found"), false, "/staff/today"
	return template.Show(r.Context, http.StatusOK, out)
}

// ends says whether a telephone of an appointment, of those that the asker may
// see, ends so.
func ends(r *panel.Request, a scheduling.Appointment, four string) bool {
	views := a.PartiesFor(r.Actor)
	if c := a.ContactFor(r.Actor); c != nil {
		views = append(views, *c)
	}
	for _, v := range views {
		if v.Phone != "" && strings.HasSuffix(v.Phone, four) {
			return true
		}
	}
	return false
}
