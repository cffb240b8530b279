package visit

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/api/web/frame"
	"magpie/scheduling"
	"magpie/scheduling/account"
)

// Request is one request for a page of a visit.
type Request struct {
	echo.Context

	Keeper *Keeper
	// Visit is the one under way. A change of it is kept by Save or by GoTo.
	Visit *Visit
	// Draft is what the page fills in; nil where it is about none.
	Draft *Draft
	// Reference is the appointment that the page is about; empty: none.
	Reference string
	// Actor is who asks: the citizen once a number is proved.
	Actor scheduling.Actor
	// Office is the visit's; never nil on a page of a draft.
	Office *scheduling.Office
	// Service is the draft's; empty where there is no draft.
	Service scheduling.Service
	// Verify says that booking needs a proven number.
	Verify bool
	// Page is the frame, filled in.
	Page frame.Page
	// Now is the instant of the request: UTC, whole seconds.
	Now time.Time
}

// Anonymous is somebody who has proved nothing, from the request's address.
func Anonymous(c echo.Context) scheduling.Actor {
	return scheduling.Actor{Kind: scheduling.Anonymous, Address: session.Address(c.RealIP()), Scope: account.Own}
}

// SignedIn says whether a number has been proved in this visit.
func (r *Request) SignedIn() bool { return r.Actor.Kind == scheduling.Citizen }

// Proved says that the question of the number is answered: by a code, or, where
// none is needed, by what was typed.
func (r *Request) Proved() bool {
	return r.SignedIn() || !r.Verify && r.Draft != nil && r.Draft.Numbered
}

// To is the address of another step of the same draft.
func (r *Request) To(step string) string {
	if r.Draft == nil {
		return r.Visit.Address(Place{Step: step})
	}
	return r.Visit.Address(Place{Step: step, About: r.Draft.ID})
}

// About is the address of a page about an appointment.
func (r *Request) About(step, reference string) string {
	return r.Visit.Address(Place{Step: step, About: reference})
}

// Save keeps the visit as it is now.
func (r *Request) Save() error { return r.Keeper.Save(r.Context, r.Visit) }

// GoTo keeps the visit and sends the browser on with a GET, so that reloading
// does nothing twice. Where another request of the same visit was faster (a
// button pressed twice, two tabs), that one's result stands and this one only
// looks.
func (r *Request) GoTo(address string) error {
	if err := r.Save(); err != nil && !errors.Is(err, scheduling.ErrLost) {
		return err
	}
	return r.Redirect(http.StatusSeeOther, address)
}

// Step is GoTo for a step of the same draft.
func (r *Request) Step(step string) error { return r.GoTo(r.To(step)) }

// Key is the Idempotency-Key of something the draft does: the same for a button
// pressed twice, another once the draft has changed.
func (r *Request) Key(what string) scheduling.Idempotency {
	return scheduling.Idempotency{
		Key:   fmt.Sprintf("page-%s-%s-%d", r.Draft.ID, what, r.Draft.Tries),
		Route: "page " + what,
		Body:  fmt.Appendf(nil, "%s|%s|%d", r.Draft.Service, r.Draft.Moving, r.Draft.Start.Unix()),
	}
}

// Wrong turns what a use case refused into what the page says beside its
// fields: fields maps the use case's names to the page's. What is not about a
// field is an error still.
func (r *Request) Wrong(err error, fields map[string]string) error {
	return r.Page.Refused(err, fields)
}

// Tried is Wrong for what may be tried a few times only: past that it is said
// beside a field, by the id of its element, from when on it can be tried again.
func (r *Request) Tried(err error, field string, fields map[string]string) error {
	var refused *scheduling.Error
	if !errors.As(err, &refused) || refused.Code != scheduling.CodeRateLimited {
		return r.Wrong(err, fields)
	}
	again := r.Now.Add(refused.RetryAfter + time.Minute - time.Second).Truncate(time.Minute)
	r.Page.Wrongs = append(r.Page.Wrongs, frame.Wrong{Field: field, Message: r.Page.Say(
		"试的次数太多了。请在%[1]s以后再试，或打%[2]s，我们帮您。", "Too many tries. Please try again after %[1]s, or call %[2]s: we help you.",
		r.Page.Moment(again), r.Office.Phone)})
	return nil
}

// Screen is one step of the way: Show answers a GET, Take a POST.
type Screen interface {
	Show(r *Request) error
	Take(r *Request) error
}
