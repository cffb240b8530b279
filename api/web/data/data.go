// Package data shows what is kept about somebody, gives it to them as a file,
// and lets them have it deleted, or take that back.
package data

import (
	"context"
	_ "embed"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/rest"
	"magpie/api/web/frame"
	"magpie/api/web/number"
	"magpie/api/web/prove"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Use is what this screen asks of the use cases.
type Use interface {
	number.Use
	OwnData(ctx context.Context, a scheduling.Actor) (scheduling.OwnData, error)
	KeepData(ctx context.Context, a scheduling.Actor) error
	HasCodeWord(ctx context.Context, a scheduling.Actor) (bool, error)
}

// Screen is the page.
type Screen struct{ Use Use }

//go:embed data.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Masked   string
	Booked   int
	Wish     bool // they said how they want to be reached
	HasWord  bool
	KeptDays int    // how long it is kept after the last day, without asking
	EraseAt  string // from when on it is deleted; empty: not asked for
	File     string // address
}

// Show shows what is kept, or answers with the file.
func (s Screen) Show(r *visit.Request) error {
	own, err := s.Use.OwnData(r.Request().Context(), r.Actor)
	if err != nil {
		return err
	}
	if r.QueryParam("file") != "" {
		return file(r, own)
	}
	return s.show(r, own, http.StatusOK)
}

func (s Screen) show(r *visit.Request, own scheduling.OwnData, status int) error {
	has, err := s.Use.HasCodeWord(r.Request().Context(), r.Actor)
	if err != nil {
		return err
	}
	out := page{
		Page: r.Page, Masked: own.Number.Masked(), Booked: len(own.Appointments), Wish: own.Wish.Said() || own.Wish.Stopped, HasWord: has,
		KeptDays: int(r.Office.Keep.Contact / (24 * time.Hour)), File: r.Page.Here + "?file=1",
	}
	if !own.EraseAt.IsZero() {
		out.EraseAt = r.Page.Moment(own.EraseAt)
	}
	out.Back = r.To(visit.Mine)
	return template.Show(r.Context, status, out)
}

// file answers with everything as the API does, under a name that tells nothing.
func file(r *visit.Request, own scheduling.OwnData) error {
	frame.SetHeaders(r.Response().Header())
	r.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="data.json"`)
	return r.JSONPretty(http.StatusOK, rest.OwnDataOf(own), "  ")
}

// Take has a code sent, with which the deletion is asked for, or takes the
// asking back.
func (s Screen) Take(r *visit.Request) error {
	switch r.FormValue("action") {
	case "keep":
		return s.keep(r)
	case "erase":
		return s.erase(r)
	}
	return r.Redirect(http.StatusSeeOther, r.Page.Here)
}

func (s Screen) keep(r *visit.Request) error {
	if err := s.Use.KeepData(r.Request().Context(), r.Actor); err != nil && scheduling.CodeOf(err) != scheduling.CodeNotFound {
		return err
	}
	r.Visit.Notice = r.Page.Say("好的，不删了，都还留着。", "All right: nothing is deleted.")
	return r.Step(visit.Mine)
}

func (s Screen) erase(r *visit.Request) error {
	err := prove.Instead(r, s.Use, prove.Erase, r.Actor.Person.Phone.Reveal())
	if err := r.Tried(err, "erase", nil); err != nil {
		return err
	}
	if len(r.Page.Wrongs) > 0 {
		own, err := s.Use.OwnData(r.Request().Context(), r.Actor)
		if err != nil {
			return err
		}
		return s.show(r, own, http.StatusUnprocessableEntity)
	}
	delete(r.Visit.Proofs, prove.Mine)
	return r.Step(visit.Prove)
}
