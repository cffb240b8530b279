package rest

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
)

const (
	// HookPath is where gateways tell of receipts and replies.
	HookPath = "/hooks/:gateway/:secret"
	hookKey  = "/hooks/{gateway}/{secret}"
	// MaxPush bounds what a gateway sends at once, in bytes: a push may hold
	// hundreds of receipts.
	MaxPush = 1 << 20
)

// Hooks takes what gateways tell.
type Hooks interface {
	// Take answers not_found for an unknown gateway, a wrong secret and a sender
	// that is not listed, all the same. Any other error is one that the gateway
	// is to come back after.
	Take(ctx context.Context, in Push) (PushAnswer, error)
}

// Push is one call of a gateway, as it came: its form is the vendor's.
type Push struct {
	// Gateway and Secret are those of the address. The secret goes into no log.
	Gateway, Secret, Method string
	Query                   url.Values
	Header                  http.Header
	Body                    []byte // at most MaxPush
	// From is the caller's address, by the trusted proxies; invalid where it is
	// none.
	From netip.Addr
}

// PushAnswer is what the vendor wants to hear. No status is 200.
type PushAnswer struct {
	Status      int
	ContentType string
	Body        []byte
}

// registerHooks serves the gateways' routes. Nothing holds a call against the
// document, since the document does not say what vendors send. This one GET
// changes something: some gateways know nothing else.
func (a *API) registerHooks(e *echo.Echo, guard *session.Guard) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		e.Add(method, HookPath, a.takePush, guard.Middleware(session.Route{Key: method + " " + hookKey}))
	}
}

func (a *API) takePush(c echo.Context) error {
	if a.Hooks == nil {
		return scheduling.NotFound()
	}
	r := c.Request()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	answer, err := a.Hooks.Take(r.Context(), Push{
		Gateway: c.Param("gateway"), Secret: c.Param("secret"), Method: r.Method, Query: c.QueryParams(), Header: r.Header,
		Body: raw, From: session.Client(c.RealIP()),
	})
	if err != nil {
		return err
	}
	status := cmp.Or(answer.Status, http.StatusOK)
	if answer.ContentType == "" && len(answer.Body) == 0 {
		return c.NoContent(status)
	}
	return c.Blob(status, answer.ContentType, answer.Body)
}
