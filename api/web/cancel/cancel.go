// Package cancel asks whether an appointment is to be cancelled, says what that
// means, and does it.
package cancel

import (
	"context"
	_ "embed"
	"errors"
	"net/http"

	"magpie/api/web/appointment"
	"magpie/api/web/frame"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Use is what this screen asks of the use cases.
type Use interface {
	appointment.Finds
	Cancel(ctx context.Context, c scheduling.Change) (scheduling.Appointment, error)
	ContactWishOf(ctx context.Context, a scheduling.Actor, reference string) (scheduling.ContactWish, error)
}

// Screen is the question.
type Screen struct{ Use Use }

//go:embed cancel.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Day, Clock string
	Done       bool   // it is cancelled already
	Able       bool   // it still can be
	From       string // under which name a text says that it is cancelled; empty: none does
	Why        string // why it cannot be cancelled here
	Mine       string // address
}

// Show asks.
func (s Screen) Show(r *visit.Request) error {
	a, err := appointment.Find(r, s.Use)
	if err != nil {
		return appointment.Missing(r, err)
	}
	return s.show(r, a, http.StatusOK)
}

func (s Screen) show(r *visit.Request, a scheduling.Appointment, status int) error {
	p := r.Page
	p.Back = r.About(visit.One, a.Reference)
	out := page{
		Page: p, Day: p.Day(p.DayOf(a.Start)), Clock: p.Clock(a.Start), Mine: r.Visit.Address(visit.Place{Step: visit.Mine}),
		Done: a.Status == scheduling.Cancelled, Able: appointment.Changeable(a, r.Now),
	}
	switch {
	case out.Done:
	case out.Able:
		wish, err := s.Use.ContactWishOf(r.Request().Context(), r.Actor, "")
		if err != nil {
			return err
		}
		out.From = sender(a, wish)
	case appointment.Coming(a, r.Now):
		out.Why = appointment.Limit(p, a, r.Now)
	default:
		out.Why = p.Say("这个预约已经过了，不用取消。", "This appointment is over: there is nothing to cancel.")
	}
	return template.Show(r.Context, status, out)
}

// sender is under which name the person is told by a text; empty: by none.
func sender(a scheduling.Appointment, wish scheduling.ContactWish) string {
	switch {
	case a.Silent || !wish.Text:
		return ""
	case wish.Neutral:
		return a.Office.SMSSignatureNeutral
	}
	return a.Office.SMSSignature
}

// Take cancels it. Pressed twice it is cancelled once.
func (s Screen) Take(r *visit.Request) error {
	a, err := appointment.Find(r, s.Use)
	if err != nil {
		return appointment.Missing(r, err)
	}
	cancelled, err := s.Use.Cancel(r.Request().Context(), scheduling.Change{Actor: r.Actor, Idempotency: key(a), Reference: a.Reference})
	var refused *scheduling.Error
	switch {
	case err == nil:
		r.Visit.Notice = r.Page.Say("%s的预约取消了。想再约，随时可以。", "The appointment of %s is cancelled. You can book again whenever you like.", r.Page.Moment(cancelled.Start))
		return r.GoTo(r.Visit.Address(visit.Place{Step: visit.Mine}))
	case errors.As(err, &refused) && (refused.Code == scheduling.CodeTooLate || refused.Code == scheduling.CodeWrongState):
		return s.refused(r)
	}
	return err
}

// refused shows how things stand, as read anew: it may have been too late since
// the page was opened, or begun.
func (s Screen) refused(r *visit.Request) error {
	a, err := appointment.Find(r, s.Use)
	if err != nil {
		return appointment.Missing(r, err)
	}
	return s.show(r, a, http.StatusConflict)
}

// key is the same for a button pressed twice.
func key(a scheduling.Appointment) scheduling.Idempotency {
	return scheduling.Idempotency{Key: "page-cancel-" + a.Reference, Route: "page cancel", Body: []byte(a.Reference)}
}
