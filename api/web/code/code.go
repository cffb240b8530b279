// Package code asks for the six digits that were sent.
package code

import (
	"context"
	_ "embed"
	"math"
	"net/http"
	"time"

	"magpie/api/web/frame"
	"magpie/api/web/keeping"
	"magpie/api/web/number"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Use is what this screen asks of the use cases.
type Use interface {
	number.Use
	keeping.Use
	ConfirmCode(ctx context.Context, id, code, address string) (scheduling.Token, error)
	Authenticate(ctx context.Context, token string) (scheduling.Actor, error)
}

// Screen is the question for the code.
type Screen struct{ Use Use }

//go:embed code.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Masked string // the number that it was sent to
	Again  int    // seconds until it can be sent again
	Number string // where the number is changed
	Until  string
}

// Show asks.
func (s Screen) Show(r *visit.Request) error { return show(r, http.StatusOK) }

func show(r *visit.Request, status int) error {
	proof, sent := r.Visit.Proofs[visit.Book]
	if !sent {
		return r.Redirect(http.StatusSeeOther, r.To(visit.Number))
	}
	out := page{
		Page: r.Page, Masked: scheduling.NewPrivate(proof.Phone).Masked(), Again: Seconds(proof.ResendAt.Sub(r.Now)),
		Number: r.To(visit.Number), Until: keeping.Until(r),
	}
	out.Back = out.Number
	return template.Show(r.Context, status, out)
}

// Take tries the code, or has it sent again.
func (s Screen) Take(r *visit.Request) error {
	proof, sent := r.Visit.Proofs[visit.Book]
	if !sent {
		return r.Step(visit.Number)
	}
	if r.FormValue("again") != "" {
		if err := r.Tried(number.Send(r, s.Use, visit.Book, proof.Phone), "code", nil); err != nil {
			return err
		}
		if len(r.Page.Wrongs) > 0 {
			return show(r, http.StatusUnprocessableEntity)
		}
		r.Visit.Notice = r.Page.Say("又发了一条，请看短信，以最新一条为准。", "Another code is on its way. Please use the newest one.")
		return r.Step(visit.Code)
	}
	if err := Try(r, s.Use, visit.Book); err != nil {
		return err
	}
	if len(r.Page.Wrongs) > 0 {
		through, err := GotThrough(r, visit.Book)
		switch {
		case err != nil:
			return err
		case through:
			return r.Redirect(http.StatusSeeOther, r.To(visit.Check))
		}
		return show(r, http.StatusUnprocessableEntity)
	}
	if err := keeping.Renew(r, s.Use); err != nil {
		return err
	}
	return r.Step(r.Draft.Next(true))
}

// Try tries the code that was typed for a purpose; the right one signs the
// visit in. What is wrong with it stands in the page.
func Try(r *visit.Request, use Use, purpose string) error {
	proof := r.Visit.Proofs[purpose]
	ctx := r.Request().Context()
	token, err := use.ConfirmCode(ctx, proof.Verification, number.Digits(r.FormValue("code")), r.Actor.Address)
	if err != nil {
		return Wrong(r, err)
	}
	actor, err := use.Authenticate(ctx, token.Token)
	if err != nil {
		return err
	}
	actor.Address, actor.Scope = r.Actor.Address, r.Actor.Scope
	r.Actor = actor
	r.Visit.Proved(token.Token, proof.Phone)
	delete(r.Visit.Proofs, purpose)
	return nil
}

// Wrong says beside the field what was wrong with a code.
func Wrong(r *visit.Request, err error) error {
	if scheduling.CodeOf(err) == scheduling.CodeRateLimited {
		r.Page.Refuse("code", "试的次数太多了，请再发一次验证码。", "Too many tries. Please have another code sent.")
		return nil
	}
	return r.Wrong(err, map[string]string{"code": "code"})
}

// GotThrough says, of a code that was refused, whether the same button, pressed
// twice, has used it up: then the first press has got through.
func GotThrough(r *visit.Request, purpose string) (bool, error) {
	now, err := r.Keeper.Open(r.Context)
	if err != nil || now == nil {
		return false, err
	}
	_, still := now.Proofs[purpose]
	return !still, nil
}

// Seconds is a wait in whole seconds, never less than none.
func Seconds(d time.Duration) int { return max(int(math.Ceil(d.Seconds())), 0) }
