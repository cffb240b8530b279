// Package prove lets somebody prove that a number is theirs, to see what is
// booked with it or to confirm a deletion: by a code that is sent to it, or by
// the code word that they chose before.
//
// It promises that no page of it tells whether a number is known: for every
// number the answer is the same.
package prove

import (
	_ "embed"
	"errors"
	"net/http"
	"strings"
	"time"

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
)

//go:embed ask.html
var askSource string

var askScreen = frame.NewScreen(askSource)

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
	return askScreen.Show(r.Context, status, out)
}

func byWord(r *visit.Request) bool { return r.FormValue("way") == "word" }

// Begin has a code sent to the number, or tries the code word.
func Begin(r *visit.Request, use Use) error {
	if byWord(r) {
		return tryWord(r, use)
	}
	err := number.Send(r, use, Mine, number.Digits(r.FormValue("phone")))
	if err := refuse(r, err, "phone", map[string]string{"phone": "phone"}); err != nil {
		return err
	}
	if len(r.Page.Wrongs) > 0 {
		return ask(r, http.StatusUnprocessableEntity)
	}
	delete(r.Visit.Proofs, Erase)
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
	if err := refuse(r, err, "code_word", map[string]string{"phone": "word-phone", "code_word": "code_word"}); err != nil {
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

// refuse says beside its field what was wrong with it, or, where it was tried
// too often, beside one of them from when on it can be tried again. What is
// about neither is an error still.
func refuse(r *visit.Request, err error, limited string, fields map[string]string) error {
	var refused *scheduling.Error
	if !errors.As(err, &refused) || refused.Code != scheduling.CodeRateLimited {
		return r.Wrong(err, fields)
	}
	r.Page.Wrongs = append(r.Page.Wrongs, frame.Wrong{Field: limited, Message: TooOften(r, refused)})
	return nil
}

// TooOften says from when on something that was tried too often can be tried
// again.
func TooOften(r *visit.Request, refused *scheduling.Error) string {
	again := r.Now.Add(refused.RetryAfter + time.Minute - time.Second).Truncate(time.Minute)
	return r.Page.Say("试的次数太多了。请在%[1]s以后再试，或打%[2]s，我们帮您查。", "Too many tries. Please try again after %[1]s, or call %[2]s and we look it up for you.",
		r.Page.Moment(again), r.Office.Phone)
}
