// Package session says who is asking: it reads a request's bearer token and
// the client's address, and holds both against the one table of permissions.
//
// It promises that a route without a row in the table is refused, that a token
// of one kind opens no route of the other, that who must have a second factor and
// has none gets no further than setting it up, and that no address is believed
// from a header that a trusted proxy did not write. It does not decide whose
// an appointment is: that is for the use cases, by the actor's scope.
package session

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"magpie/scheduling"
	"magpie/scheduling/account"
)

// Use is what this package asks of the use cases.
type Use interface {
	// Authenticate answers whose token this is, or unauthenticated.
	Authenticate(ctx context.Context, token string) (scheduling.Actor, error)
	// Refused writes into the audit that somebody was turned away here.
	Refused(ctx context.Context, actor scheduling.Actor, action, subject string, code scheduling.Code) error
}

// Guard lets requests through to their routes.
type Guard struct {
	use          Use
	verifyPhones bool
}

// Route is one route as the OpenAPI document has it.
type Route struct {
	// Key is "METHOD /path" with the parameters in braces.
	Key string
	// Citizen and Staff say whose tokens it takes. Where it takes neither, no
	// token is looked at: a stale one does not keep anybody from logging in.
	Citizen, Staff bool
}

const actorKey = "magpie.actor"

// New is a guard. Without verifyPhones (MAGPIE_VERIFY_PHONES) the routes of
// account.WithoutVerification need no token.
func New(use Use, verifyPhones bool) *Guard { return &Guard{use: use, verifyPhones: verifyPhones} }

// Middleware guards one route.
func (g *Guard) Middleware(route Route) echo.MiddlewareFunc {
	open, listed := g.open(route.Key)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if !listed {
				return scheduling.Forbidden()
			}
			actor, err := g.who(c, route, open)
			if err != nil {
				return err
			}
			if actor.Scope == account.None {
				return g.refuse(c, route, actor)
			}
			c.Set(actorKey, actor)
			return next(c)
		}
	}
}

// Actor is who asks, once a guard has let the request through.
func Actor(c echo.Context) scheduling.Actor {
	actor, _ := c.Get(actorKey).(scheduling.Actor)
	return actor
}

// open is the scope of somebody without a token, and whether the route is in
// the table.
func (g *Guard) open(key string) (account.Scope, bool) {
	scope, listed := account.Allowed(key, nil)
	if !g.verifyPhones {
		scope = max(scope, account.WithoutVerification[key])
	}
	return scope, listed
}

// who reads the token, if the route takes one.
func (g *Guard) who(c echo.Context, route Route, open account.Scope) (scheduling.Actor, error) {
	nobody := scheduling.Actor{Kind: scheduling.Anonymous, Address: Address(c.RealIP()), Scope: open}
	token, shown := bearer(c.Request().Header.Values(echo.HeaderAuthorization))
	if !shown || (!route.Citizen && !route.Staff) {
		if open == account.None {
			return nobody, scheduling.Unauthenticated()
		}
		return nobody, nil
	}
	if token == "" {
		return nobody, scheduling.Unauthenticated()
	}
	actor, err := g.use.Authenticate(c.Request().Context(), token)
	if err != nil {
		return nobody, fmt.Errorf("authenticate: %w", err)
	}
	roles, err := rolesFor(actor, route)
	if err != nil {
		return nobody, err
	}
	actor.Address = nobody.Address
	if actor.Limited {
		if !account.WithoutFactor[route.Key] {
			return nobody, scheduling.FactorMissing()
		}
		actor.Scope = account.Own
		return actor, nil
	}
	allowed, _ := account.Allowed(route.Key, roles)
	actor.Scope = max(allowed, open)
	return actor, nil
}

// rolesFor answers the roles that an actor has on a route, and turns away a
// token of the wrong kind as if there were none.
func rolesFor(actor scheduling.Actor, route Route) ([]account.Role, error) {
	switch {
	case actor.Kind == scheduling.Citizen && route.Citizen:
		return []account.Role{account.Citizen}, nil
	case actor.Kind == scheduling.StaffKind && route.Staff:
		return actor.Roles, nil
	}
	return nil, scheduling.Unauthenticated()
}

// refuse answers forbidden and has it written down. Where it cannot be, that
// is what is told: what the audit does not show must not be answered.
func (g *Guard) refuse(c echo.Context, route Route, actor scheduling.Actor) error {
	refusal := scheduling.Forbidden()
	if err := g.use.Refused(c.Request().Context(), actor, route.Key, subject(c), refusal.Code); err != nil {
		return fmt.Errorf("write the refusal into the audit: %w", err)
	}
	return refusal
}

// subject is what the refused request was about: the most particular thing in
// its address.
func subject(c echo.Context) string {
	for _, name := range []string{"reference", "username", "office"} {
		if i := slices.Index(c.ParamNames(), name); i >= 0 {
			return c.ParamValues()[i]
		}
	}
	return ""
}

// bearer reads a token (RFC 6750, section 2.1). A header of another form is a
// token that nobody has, so that it is refused rather than overlooked.
func bearer(values []string) (token string, shown bool) {
	if len(values) == 0 {
		return "", false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if len(values) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return "", true
	}
	return strings.TrimSpace(token), true
}
