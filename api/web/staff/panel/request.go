package panel

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/scheduling"
	"magpie/scheduling/account"
)

// Request is one request for a page of somebody who is signed in.
type Request struct {
	echo.Context

	Actor  scheduling.Actor
	Member scheduling.Staff
	Office *scheduling.Office
	// Page is the frame, filled in.
	Page Page
	// Now is the instant of the request: UTC, whole seconds.
	Now time.Time
	// Secure is whether staff come over https.
	Secure bool
}

// Route is a page, or what a button on it does. Its key in account.Screens is
// "METHOD /path", with parameters in braces.
type Route struct {
	Method, Path string
	Do           func(r *Request) error
}

// Get and Post make routes.
func Get(path string, do func(*Request) error) Route { return Route{http.MethodGet, path, do} }

// Post makes the route of a button.
func Post(path string, do func(*Request) error) Route { return Route{http.MethodPost, path, do} }

// Ctx is the request's context.
func (r *Request) Ctx() context.Context { return r.Request().Context() }

// Is says whether whoever asks has one of some roles.
func (r *Request) Is(roles ...account.Role) bool {
	for _, role := range roles {
		if r.Actor.Is(role) {
			return true
		}
	}
	return false
}

// Once makes what a form asks for safe to be sent twice, by the key in it.
func (r *Request) Once(what string, of ...string) scheduling.Idempotency {
	key := r.FormValue("key")
	if key == "" {
		return scheduling.Idempotency{}
	}
	return scheduling.Idempotency{Key: "panel-" + key, Route: "panel " + what, Body: []byte(strings.Join(of, "|"))}
}

// NewKey is a key for the forms of one page.
func NewKey() string { return strings.ToLower(rand.Text()[:16]) }

// saidCookie holds what the next page says.
const saidCookie = "said"

// Say has the next page say something, and sends the browser there with a GET.
func (r *Request) Say(to string, said Said) error {
	data, err := json.Marshal(said)
	if err != nil {
		return err
	}
	r.SetCookie(r.cookie(saidCookie, base64.RawURLEncoding.EncodeToString(data), 30))
	return r.Redirect(http.StatusSeeOther, to)
}

// Refuse has the next page say why something was not done. What is nobody's
// fault but ours stays an error.
func (r *Request) Refuse(to string, err error) error {
	var refused *scheduling.Error
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Code {
	case scheduling.CodeForbidden, scheduling.CodeUnauthenticated, scheduling.CodeNotFound, scheduling.CodeOverloaded:
		return err
	}
	return r.Say(to, Said{Text: Words(r.Page, refused), Wrong: true})
}

// Hear takes what an earlier page left to be said.
func (r *Request) Hear() {
	cookie, err := r.Cookie(saidCookie)
	if err != nil || cookie.Value == "" {
		return
	}
	data, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || json.Unmarshal(data, &r.Page.Said) != nil {
		r.Page.Said = Said{}
	}
	if !strings.HasPrefix(r.Page.Said.Undo, "/staff/") {
		r.Page.Said.Undo = ""
	}
	r.SetCookie(r.cookie(saidCookie, "", -1))
}

func (r *Request) cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // G124: Secure wherever staff come over https
		Name: name, Value: value, Path: "/staff", MaxAge: maxAge, HttpOnly: true, Secure: r.Secure, SameSite: http.SameSiteLaxMode,
	}
}

// Words are a refusal in words.
func Words(p Page, e *scheduling.Error) string {
	if len(e.Fields) > 0 {
		return e.Fields[0].Message.In(p.Locale)
	}
	switch e.Code {
	case scheduling.CodeSlotTaken:
		return p.Say("这个时间已经有人了，请换一个。", "That time is taken: please choose another.")
	case scheduling.CodeOverlap:
		return p.Say("这位来访者那时另有预约。", "This person has another appointment then.")
	case scheduling.CodeWrongState:
		return p.Say("别人刚改过，或者已经结束了，请看看现在的情况。", "Somebody has changed it meanwhile, or it is over: please look at it as it is now.")
	case scheduling.CodeLimitReached:
		return p.Say("已经到上限了。", "The limit is reached.")
	}
	return p.Say("没能办成，请再试一次。", "That was not possible: please try again.")
}
