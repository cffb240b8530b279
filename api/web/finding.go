package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"magpie/api/web/bye"
	"magpie/api/web/help"
	"magpie/api/web/home"
	"magpie/api/web/inbox"
	"magpie/api/web/office"
	"magpie/api/web/privacy"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// beginTries is how often a booking is begun anew where another tab wrote the
// visit meanwhile.
const beginTries = 3

// addFinding adds the pages on which somebody finds an office and begins, and
// those on which a visit ends.
func (s *Site) addFinding(get, post func(string, echo.HandlerFunc)) {
	get("/", s.home)
	get("/o/:office", s.office)
	post("/o/:office/start", s.start)
	get("/o/:office/privacy", s.privacy)
	get("/help", s.help)
	get("/over", s.ended)
	get("/bye", func(c echo.Context) error { return bye.Show(c, s.page(c, nil, "/bye")) })
}

// home is the page of the one office that there is, or the list of them.
func (s *Site) home(c echo.Context) error {
	all, err := s.cfg.Use.OfficeList(c.Request().Context())
	if err != nil {
		return err
	}
	if len(all) == 1 {

		return office.Show(c, s.page(c, all[0], "/"), s.cfg.Use, s.now(), false)
	}
	p := s.page(c, nil, local(c.Request().URL.RequestURI()))
	p.Public = true
	return home.Show(c, p, all, strings.TrimSpace(c.QueryParam("q")))
}

func (s *Site) office(c echo.Context) error {
	o, err := s.officeOf(c, c.Param("office"))
	if err != nil {
		return err
	}
	all, err := s.cfg.Use.OfficeList(c.Request().Context())
	if err != nil {
		return err
	}
	return office.Show(c, s.page(c, o, "/o/"+o.Code), s.cfg.Use, s.now(), len(all) > 1)
}

// start begins a booking of a service. Which one it is is known to the visit
// alone from here on.
func (s *Site) start(c echo.Context) error {
	o, err := s.officeOf(c, c.Param("office"))
	if err != nil {
		return err
	}
	service, known := o.Service(c.FormValue("service"))
	if !known {
		return scheduling.NotFound()
	}
	for range beginTries {
		v, err := s.keeper.Open(c)
		if err != nil {
			return err
		}
		if v == nil {
			v = visit.New()
		}
		d := v.Begin(o.Code, service.Code)
		if err = s.keeper.Save(c, v); err == nil {
			return c.Redirect(http.StatusSeeOther, v.Address(visit.Place{Step: visit.Day, About: d.ID}))
		}
		if !errors.Is(err, scheduling.ErrLost) {
			return err
		}
	}
	return scheduling.Overloaded()
}

func (s *Site) privacy(c echo.Context) error {
	o, err := s.officeOf(c, c.Param("office"))
	if err != nil {
		return err
	}
	return privacy.Show(c, s.page(c, o, "/o/"+o.Code+"/privacy"))
}

// help has the numbers of the office that was named, if there is one. It must
// be there for somebody in need, whatever else is not.
func (s *Site) help(c echo.Context) error {
	code := c.QueryParam("office")
	if code == "" {
		return help.Show(c, s.page(c, nil, "/help"))
	}
	o, err := s.officeOf(c, code)
	if err != nil {
		return help.Show(c, s.page(c, nil, "/help"))
	}
	return help.Show(c, s.page(c, o, "/help?office="+o.Code))
}

// ended says that a visit is over. Where the offices cannot be read it is so
// all the same.
func (s *Site) ended(c echo.Context) error {
	p := s.page(c, nil, "/over")
	if all, err := s.cfg.Use.OfficeList(c.Request().Context()); err == nil && len(all) == 1 {
		p.Office = all[0]
	}
	return bye.ShowOver(c, p)
}

// ShownMessage is one message of the demonstration.
type ShownMessage = inbox.Message

// addInbox adds the messages of the demonstration, where there is one.
func (s *Site) addInbox(get func(string, echo.HandlerFunc)) {
	if s.cfg.Inbox == nil {
		return
	}
	get("/demo/messages", func(c echo.Context) error {
		return inbox.Show(c, s.page(c, nil, "/demo/messages"), s.cfg.Inbox())
	})
	get("/demo/messages.json", func(c echo.Context) error { return inbox.List(c, s.cfg.Inbox()) })
}
