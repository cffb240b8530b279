// Package prove lets somebody prove that a number is theirs, to see what is
// booked with it, to confirm a deletion or to have texts sent there: by a code that is sent to it, or by
// the code word that they chose before.
//
// It promises that no page of it tells whether a number is known: for every
// number the answer is the same.
package prove

import (
	_ "embed"
	"net/http"
	"strings"

	"magpie/api/web/frame"
	"magpie/api/web/mine"
	"magpie/api/web/number"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// The purposes of a code of this package, one at a time.
const (
	Mine  = "mine"  // to see what is booked
	Erase = "erase" // to have one's data deleted
	Other = "other" // to have texts sent to another number
)

//go:embed ask.html
var askSource string

var askTemplate = frame.NewTemplate(askSource)

type askPage struct {
	frame.Page
	ByWord bool // the code word was tried
	Phone  string
	Word   string
}

// Door is the address at which a number is asked for.
func Door(r *visit.Request) string { return "/o/" + r.Office.Code + "/mine" }

// Ask asks for the number.
func Ask(r *visit.Request) error { return ask(r, http.StatusOK) }

func ask(r *visit.Request, status int) error {
	out := askPage{Page: r.Page, Phone: r.FormValue("phone"), Word: r.FormValue("code_word"), ByWord: byWord(r)}
	out.Back = "/o/" + r.Office.Code
	return askTemplate.Show(r.Context, status, out)
}

func byWord(r *visit.Request) bool { return r.FormValue("way") == "word" }

// Instead has a code sent for one purpose, and forgets those that are under way
// for others. Errors: those of number.Send.
func Instead(r *visit.Request, use number.Use, purpose, phone string) error {
	if err := number.Send(r, use, purpose, phone); err != nil {
		return err
	}
	for _, other := range []string{Mine, Erase, Other} {
		if other != purpose {
			delete(r.Visit.Proofs, other)
		}
	}
	return nil
}

// Begin has a code sent to the number, or tries the code word.
func Begin(r *visit.Request, use Use) error {
	if byWord(r) {
		return tryWord(r, use)
	}
	err := Instead(r, use, Mine, number.Digits(r.FormValue("phone")))
	if err := r.Tried(err, "phone", map[string]string{"phone": "phone"}); err != nil {
		return err
	}
	if len(r.Page.Wrongs) > 0 {
		return ask(r, http.StatusUnprocessableEntity)
	}
	return r.Step(visit.Prove)
}

func tryWord(r *visit.Request, use Use) error {
	phone, word := number.Digits(r.FormValue("phone")), strings.TrimSpace(r.FormValue("code_word"))
	if word == "" {
		r.Page.Refuse("code_word", "请填暗号。", "Please enter the code word.")
		return ask(r, http.StatusUnprocessableEntity)
	}
	ctx := r.Request().Context()
	token, err := use.SignIn(ctx, scheduling.NewPrivate(phone), scheduling.NewPrivate(word), r.Actor.Address)
	if err := r.Tried(err, "code_word", map[string]string{"phone": "word-phone", "code_word": "code_word"}); err != nil {
		return err
	}
	if len(r.Page.Wrongs) > 0 {
		return ask(r, http.StatusUnprocessableEntity)
	}
	actor, err := use.Authenticate(ctx, token.Token)
	if err != nil {
		return err
	}
	actor.Address, actor.Scope = r.Actor.Address, r.Actor.Scope
	r.Actor = actor
	r.Visit.Proved(token.Token, actor.Person.Phone.Reveal())
	delete(r.Visit.Proofs, Mine)
	return enter(r, use)
}

// enter goes to what is booked.
func enter(r *visit.Request, use Use) error {
	all, err := mine.All(r, use)
	if err != nil {
		return err
	}
	mine.Learn(r, all)
	return r.Step(visit.Mine)
}
