// Package reach asks how somebody wants to be reached: by texts or not, at which
// hours, in words that say less; and lets them choose a code word, with which
// they need no text to come back. What was agreed with the desk and is not asked
// here stays as it is.
package reach

import (
	"context"
	_ "embed"
	"net/http"
	"strings"

	"magpie/api/web/frame"
	"magpie/api/web/number"
	"magpie/api/web/prove"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Use is what this screen asks of the use cases.
type Use interface {
	ContactWishOf(ctx context.Context, a scheduling.Actor, reference string) (scheduling.ContactWish, error)
	SetContactWish(ctx context.Context, c scheduling.WishChange) (scheduling.ContactWish, error)
	HasCodeWord(ctx context.Context, a scheduling.Actor) (bool, error)
	SetCodeWord(ctx context.Context, a scheduling.Actor, word scheduling.Private) error
	// SendsMail says whether e-mail can be sent at all.
	SendsMail() bool
	number.Use
}

// Screen is the questions.
type Screen struct{ Use Use }

//go:embed reach.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Texts, Calls, Remind, Neutral, Mail bool
	// AskNeutral and AskMail say whether there is something to choose.
	AskNeutral, AskMail bool
	Email               string // with its middle hidden
	NewEmail            string // as typed
	Other               string // another number that texts go to, masked; empty: the own one
	NewNumber           string // as typed
	From, To            []option
	Locales             []option
	HasWord             bool
	Word                string // as typed
}

type option struct {
	Value, Said string
	Chosen      bool
}

// Show shows how things stand.
func (s Screen) Show(r *visit.Request) error {
	stored, err := s.Use.ContactWishOf(r.Request().Context(), r.Actor, "")
	if err != nil {
		return err
	}
	return s.show(r, http.StatusOK, form{stored: stored, wish: stored, hours: hoursOf(stored)})
}

// form is the answers as they stand in the page.
type form struct {
	stored scheduling.ContactWish
	wish   scheduling.ContactWish
	hours  hours
	word   string
	email  string
	number string
}

func (s Screen) show(r *visit.Request, status int, f form) error {
	has, err := s.Use.HasCodeWord(r.Request().Context(), r.Actor)
	if err != nil {
		return err
	}
	w, p := f.wish, r.Page
	p.Back = r.To(visit.Mine)
	out := page{
		Page: p, Texts: w.Text, Calls: w.Call, Remind: !w.Stopped, Neutral: w.Neutral, Mail: w.Mail,
		AskNeutral: r.Office.SMSSignatureNeutral != "" || w.Neutral, AskMail: s.Use.SendsMail(), Email: masked(f.stored.Email.Reveal()),
		NewEmail: f.email, NewNumber: f.number, From: f.hours.begins(p, f.stored), To: f.hours.ends(), HasWord: has, Word: f.word,
	}
	if !w.Number.IsZero() {
		out.Other = w.Number.Masked()
	}
	for _, l := range []option{{Value: "", Said: p.Say("跟约的时候一样", "As when I booked")}, {Value: "zh", Said: "中文"}, {Value: "en", Said: "English"}} {
		l.Chosen = l.Value == w.Locale
		out.Locales = append(out.Locales, l)
	}
	return template.Show(r.Context, status, out)
}

// Take keeps what was chosen.
func (s Screen) Take(r *visit.Request) error {
	stored, err := s.Use.ContactWishOf(r.Request().Context(), r.Actor, "")
	if err != nil {
		return err
	}
	switch r.FormValue("action") {
	case "word":
		return s.word(r, stored)
	case "unword":
		if err := s.Use.SetCodeWord(r.Request().Context(), r.Actor, scheduling.Private{}); err != nil {
			return err
		}
		return back(r, r.Page.Say("暗号取消了。", "The code word is removed."))
	case "other":
		return s.other(r, stored)
	case "own":
		stored.Number = scheduling.Private{}
		return s.save(r, form{stored: stored, wish: stored, hours: hoursOf(stored)})
	}
	return s.save(r, read(r, stored, s.Use.SendsMail()))
}

// read takes the answers out of the request; what the page does not ask stays.
// mails says whether an address is asked for.
func read(r *visit.Request, stored scheduling.ContactWish, mails bool) form {
	ticked := func(name string) bool { return r.FormValue(name) != "" }
	f := form{stored: stored, wish: stored, hours: hours{from: r.FormValue("from"), to: r.FormValue("to")}}
	f.wish.Text, f.wish.Call, f.wish.Stopped = ticked("text"), ticked("call"), !ticked("remind")
	if r.Office.SMSSignatureNeutral != "" || stored.Neutral {
		f.wish.Neutral = ticked("neutral")
	}
	f.readMail(r, mails)
	f.wish.Locale = r.FormValue("locale")
	f.hours.read(r, &f.wish)
	return f
}

// readMail takes the address for e-mails: a new one means that they are wanted.
func (f *form) readMail(r *visit.Request, mails bool) {
	if !f.stored.Email.IsZero() {
		f.wish.Mail = r.FormValue("mail") != ""
	}
	if f.email = strings.TrimSpace(r.FormValue("email")); mails && f.email != "" {
		f.wish.Email, f.wish.Mail = scheduling.NewPrivate(f.email), true
	}
}

func (s Screen) save(r *visit.Request, f form) error {
	if len(r.Page.Wrongs) == 0 {
		saved, err := s.Use.SetContactWish(r.Request().Context(), scheduling.WishChange{Actor: r.Actor, Wish: f.wish})
		if err := r.Wrong(err, map[string]string{"hours[0]": "from", "locale": "locale", "email": "email"}); err != nil {
			return err
		}
		if err == nil {
			return back(r, said(r.Page, saved))
		}
	}
	return s.show(r, http.StatusUnprocessableEntity, f)
}

// said is what follows from a wish, in words.
func said(p frame.Page, w scheduling.ContactWish) string {
	switch {
	case w.Text || w.Mail:
		return p.Say("记下了，以后就这样联系您。", "Noted: this is how we will reach you.")
	case w.Call:
		return p.Say("记下了，不再发短信，有事前台打电话给您。", "Noted: no more texts; the desk will call you if need be.")
	}
	return p.Say("记下了，不再发短信，也不打电话。请记住时间。", "Noted: no more texts and no calls. Please remember the time.")
}

// word sets or changes the code word.
func (s Screen) word(r *visit.Request, stored scheduling.ContactWish) error {
	typed := r.FormValue("code_word")
	f := form{stored: stored, wish: stored, hours: hoursOf(stored), word: typed}
	if scheduling.NewPrivate(typed).IsZero() {
		r.Page.Refuse("code_word", "请填暗号。", "Please enter a code word.")
		return s.show(r, http.StatusUnprocessableEntity, f)
	}
	err := s.Use.SetCodeWord(r.Request().Context(), r.Actor, scheduling.NewPrivate(typed))
	if err := r.Wrong(err, map[string]string{"code_word": "code_word"}); err != nil {
		return err
	}
	if err != nil {
		return s.show(r, http.StatusUnprocessableEntity, f)
	}
	return back(r, r.Page.Say("暗号记下了。下次用手机号和暗号就能查，不用收短信。", "The code word is set. Next time your number and the word are enough, without a text."))
}

// other asks for proof that another number is theirs, before texts go there.
func (s Screen) other(r *visit.Request, stored scheduling.ContactWish) error {
	typed := r.FormValue("number")
	err := prove.Instead(r, s.Use, prove.Other, number.Digits(typed))
	if err := r.Tried(err, "number", map[string]string{"phone": "number"}); err != nil {
		return err
	}
	if err != nil {
		return s.show(r, http.StatusUnprocessableEntity, form{stored: stored, wish: stored, hours: hoursOf(stored), number: typed})
	}
	return r.Step(visit.Prove)
}

func back(r *visit.Request, notice string) error {
	r.Visit.Notice = notice
	return r.Step(visit.Mine)
}
