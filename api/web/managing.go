package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/web/prove"
	"magpie/api/web/visit"
)

// addManaging adds the way to what is booked. Its pages have addresses of the
// visit, once a number is proved.
func (s *Site) addManaging(get, post func(string, echo.HandlerFunc)) {
	get("/o/:office/mine", s.mine)
	post("/o/:office/mine", s.signIn)
}

// mine leads to what is booked, or asks for the number.
func (s *Site) mine(c echo.Context) error {
	r, err := s.asking(c)
	if err != nil {
		return err
	}
	if r.SignedIn() {
		return c.Redirect(http.StatusSeeOther, r.To(visit.Mine))
	}
	return prove.Ask(r)
}

// signIn has a code sent, or opens with a code word.
func (s *Site) signIn(c echo.Context) error {
	r, err := s.asking(c)
	if err != nil {
		return err
	}
	return prove.Begin(r, s.cfg.Use)
}

// asking is a request about an office while nobody has proved anything yet, in
// the visit that there is or in a new one, which only a POST keeps.
func (s *Site) asking(c echo.Context) (*visit.Request, error) {
	o, err := s.officeOf(c, c.Param("office"))
	if err != nil {
		return nil, err
	}
	v, err := s.keeper.Open(c)
	if err != nil {
		return nil, err
	}
	if v == nil {
		v = visit.New()
	}
	v.Office = o.Code
	r, err := s.request(c, v, visit.Place{Step: visit.Prove})
	if err != nil {
		return nil, err
	}
	r.Page.Here, r.Page.Public, r.Page.Staying = "/o/"+o.Code+"/mine", true, ""
	return r, nil
}

// proven is a screen for whoever has proved a number in this visit; anybody else
// is asked for it.
type proven struct{ visit.Screen }

// Show answers a GET.
func (p proven) Show(r *visit.Request) error { return p.only(r, p.Screen.Show) }

// Take answers a POST.
func (p proven) Take(r *visit.Request) error { return p.only(r, p.Screen.Take) }

func (proven) only(r *visit.Request, do func(*visit.Request) error) error {
	if !r.SignedIn() {
		return r.Redirect(http.StatusSeeOther, prove.Door(r))
	}
	return do(r)
}
