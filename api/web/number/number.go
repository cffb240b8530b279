// Package number asks for the number that counts, and has a code sent to it.
package number

import (
	"context"
	_ "embed"
	"net/http"
	"strings"

	"golang.org/x/text/unicode/norm"

	"magpie/api/web/frame"
	"magpie/api/web/keeping"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Use is what this screen asks of the use cases.
type Use interface {
	RequestCode(ctx context.Context, c scheduling.CodeRequest) (scheduling.Verification, error)
}

// Screen is the question for the number.
type Screen struct{ Use Use }

//go:embed number.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Phone    string
	CodeWord string
	Other    bool   // another number than this phone's
	Silent   bool   // no message after the code
	Verify   bool   // a code will be sent
	Proved   string // the number that is proved already, masked
	Until    string
}

// Show asks.
func (s Screen) Show(r *visit.Request) error { return show(r, http.StatusOK) }

func show(r *visit.Request, status int) error {
	out := page{
		Page: r.Page, Phone: r.FormValue("phone"), CodeWord: r.FormValue("code_word"), Verify: r.Verify, Until: keeping.Until(r),
		Other: r.Draft.Reach == visit.Other, Silent: r.Draft.Reach == visit.Silent,
	}
	if r.SignedIn() {
		out.Proved = scheduling.NewPrivate(r.Visit.Phone).Masked()
	}
	out.Back = r.To(visit.Safe)
	return template.Show(r.Context, status, out)
}

// Take sends the code. Past the limits of a number the use case sends none, and
// the page is the same.
func (s Screen) Take(r *visit.Request) error {
	phone := Digits(r.FormValue("phone"))
	r.Draft.CodeWord = strings.TrimSpace(r.FormValue("code_word"))
	switch {
	case r.SignedIn() && r.FormValue("proved") != "":
		return r.Step(r.Draft.Next(true))
	case !r.Verify:
		return s.unproved(r, phone)
	}
	err := Send(r, s.Use, visit.Book, phone)
	if err := r.Tried(err, "phone", map[string]string{"phone": "phone"}); err != nil {
		return err
	}
	if err != nil {
		return show(r, http.StatusUnprocessableEntity)
	}
	return r.Step(visit.Code)
}

// unproved goes on without a code, where the office's network needs none.
func (s Screen) unproved(r *visit.Request, phone string) error {
	if _, ok := scheduling.NormalPhone(phone); phone != "" && !ok {
		r.Page.Refuse("phone", "请填11位手机号。", "Please enter a mobile number of 11 digits.")
		return show(r, http.StatusUnprocessableEntity)
	}
	r.Draft.Phone, r.Draft.Numbered = phone, true
	return r.Step(visit.Check)
}

// Send has a code sent to a number, for a purpose, and remembers it in the
// visit. Errors: those of RequestCode.
func Send(r *visit.Request, use Use, purpose, phone string) error {
	v, err := use.RequestCode(r.Request().Context(), scheduling.CodeRequest{
		Phone: scheduling.NewPrivate(phone), Locale: r.Page.Locale, Office: r.Office.Code, Address: r.Actor.Address,
	})
	if err != nil {
		return err
	}
	if r.Visit.Proofs == nil {
		r.Visit.Proofs = map[string]visit.Proof{}
	}
	normal, _ := scheduling.NormalPhone(phone)
	r.Visit.Proofs[purpose] = visit.Proof{Phone: normal, Verification: v.ID, ResendAt: v.ResendAt}
	return nil
}

// Digits is a number or a code as it was meant: full-width digits are digits
// (Unicode NFKC), and blanks and hyphens are left out.
func Digits(typed string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c == '+' {
			return c
		}
		if strings.ContainsRune(" -\t　()", c) {
			return -1
		}
		return c
	}, norm.NFKC.String(strings.TrimSpace(typed)))
}
