package prove

import (
	"context"
	_ "embed"
	"net/http"
	"time"

	"magpie/api/web/code"
	"magpie/api/web/frame"
	"magpie/api/web/mine"
	"magpie/api/web/number"
	"magpie/api/web/visit"
	"magpie/scheduling"
	"magpie/scheduling/account"
)

// Use is what this package asks of the use cases.
type Use interface {
	code.Use
	mine.Lists
	SignIn(ctx context.Context, phone, word scheduling.Private, address string) (scheduling.Token, error)
	AskErasure(ctx context.Context, a scheduling.Actor, verification, code string) (time.Time, error)
	ContactWishOf(ctx context.Context, a scheduling.Actor, reference string) (scheduling.ContactWish, error)
	SetContactWish(ctx context.Context, c scheduling.WishChange) (scheduling.ContactWish, error)
	EndSession(ctx context.Context, a scheduling.Actor) error
}

// Screen is the question for the code.
type Screen struct{ Use Use }

//go:embed prove.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Masked string // the number that it was sent to
	Again  int    // seconds until it can be sent again
	Number string // where the number is changed; empty: it cannot be
	Erase  bool
	Other  bool
}

// Show asks.
func (s Screen) Show(r *visit.Request) error { return s.show(r, http.StatusOK) }

func (s Screen) show(r *visit.Request, status int) error {
	purpose, proof := underWay(r)
	if purpose == "" {
		return r.Redirect(http.StatusSeeOther, instead(r))
	}
	out := page{
		Page: r.Page, Masked: scheduling.NewPrivate(proof.Phone).Masked(), Again: code.Seconds(proof.ResendAt.Sub(r.Now)),
		Number: Door(r), Erase: purpose == Erase, Other: purpose == Other,
	}
	switch out.Back = Door(r); purpose {
	case Erase:
		out.Number, out.Back = "", r.To(visit.Data)
	case Other:
		out.Number, out.Back = r.To(visit.Reach), r.To(visit.Reach)
	}
	return template.Show(r.Context, status, out)
}

// underWay is the code that was sent last, and what for; empty: none.
func underWay(r *visit.Request) (string, visit.Proof) {
	for _, purpose := range []string{Erase, Other} {
		if proof, sent := r.Visit.Proofs[purpose]; sent && r.SignedIn() {
			return purpose, proof
		}
	}
	if proof, sent := r.Visit.Proofs[Mine]; sent {
		return Mine, proof
	}
	return "", visit.Proof{}
}

// instead is where somebody belongs who need not prove anything here.
func instead(r *visit.Request) string {
	if r.SignedIn() {
		return r.To(visit.Mine)
	}
	return Door(r)
}

// Take tries the code, or has another one sent.
func (s Screen) Take(r *visit.Request) error {
	purpose, proof := underWay(r)
	if purpose == "" {
		return r.Redirect(http.StatusSeeOther, instead(r))
	}
	var err error
	switch typed := number.Digits(r.FormValue("code")); {
	case r.FormValue("again") != "":
		return s.again(r, purpose, proof)
	case len(typed) != account.CodeDigits:
		r.Page.Refuse("code", "请填短信里的六位数。", "Please enter the six digits in the text.")
	case purpose == Erase:
		_, err = s.Use.AskErasure(r.Request().Context(), r.Actor, proof.Verification, typed)
		if err != nil {
			err = code.Wrong(r, err)
		}
	case purpose == Other:
		err = s.sendThere(r, proof, typed)
	default:
		err = code.Try(r, s.Use, Mine)
	}
	if err != nil {
		return err
	}
	if len(r.Page.Wrongs) > 0 {
		return s.wrong(r, purpose)
	}
	return s.goOn(r, purpose)
}

// goOn leads to what the code was asked for.
func (s Screen) goOn(r *visit.Request, purpose string) error {
	delete(r.Visit.Proofs, purpose)
	switch purpose {
	case Erase:
		r.Visit.Notice = r.Page.Say("记下了，到时会删除。", "Noted: your data will be deleted.")
	case Other:
		r.Visit.Notice = r.Page.Say("记下了，短信以后发到这个号码。", "Noted: texts go to this number from now on.")
	default:
		return enter(r, s.Use)
	}
	return r.Step(after[purpose])
}

// after is where each purpose leads.
var after = map[string]string{Mine: visit.Mine, Erase: visit.Data, Other: visit.Reach}

// wrong shows what is wrong, unless the same button, pressed twice, has used the
// code up: then the first press has got through.
func (s Screen) wrong(r *visit.Request, purpose string) error {
	through, err := code.GotThrough(r, purpose)
	switch {
	case err != nil:
		return err
	case through:
		return r.Redirect(http.StatusSeeOther, r.To(after[purpose]))
	}
	return s.show(r, http.StatusUnprocessableEntity)
}

func (s Screen) again(r *visit.Request, purpose string, proof visit.Proof) error {
	err := number.Send(r, s.Use, purpose, proof.Phone)
	if err := r.Tried(err, "code", nil); err != nil {
		return err
	}
	if len(r.Page.Wrongs) > 0 {
		return s.show(r, http.StatusUnprocessableEntity)
	}
	r.Visit.Notice = r.Page.Say("又发了一条，请看短信，以最新一条为准。", "Another code is on its way. Please use the newest one.")
	return r.Step(visit.Prove)
}
