package appointments

import (
	_ "embed"
	"net/http"

	"magpie/api/web/staff/panel"
	"magpie/scheduling"
)

//go:embed slip.html
var slipSource string

var slipTemplate = panel.NewTemplate(slipSource)

type slipPage struct {
	panel.Page
	A scheduling.Appointment
}

// slip is what is printed for somebody to take along: day, hour and number, and
// nothing that says what for.
func (s screen) slip(r *panel.Request) error {
	a, err := s.use.Appointment(r.Ctx(), r.Actor, r.Param("reference"))
	if err != nil {
		return err
	}
	out := slipPage{Page: r.Page, A: a}
	out.Heading, out.Back = out.Say("小票", "Slip"), "/staff/appointments/"+a.Reference
	return slipTemplate.Show(r.Context, http.StatusOK, out)
}
