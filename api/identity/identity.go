// Package identity asks an office's own log-in service who somebody is: a
// provider of OpenID Connect (Core 1.0), by authorization code with PKCE (RFC
// 7636).
//
// It promises that an identity was signed by that provider for this client, for
// the nonce of this very log-in, and is in time, and that a provider which
// cannot be reached when the server starts is asked again later. It does not
// decide who that is here, nor whether it is enough: the use cases do.
package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"magpie/scheduling"
)

// CallbackPath is the page, below the public address, that the provider sends
// the browser back to, with state and code.
const CallbackPath = "/staff/login/oidc"

const (
	askWithin  = 10 * time.Second
	mfaMethod  = "mfa" // RFC 8176: more than one factor was shown
	scopeOfWho = "profile"
)

// Config says which provider, and who asks it.
type Config struct {
	Issuer, ClientID, ClientSecret string
	// RedirectURL is the public address with CallbackPath.
	RedirectURL string
	// UsernameClaim names the member of staff.
	UsernameClaim string
	Now           func() time.Time
}

// Provider is one provider. It is found when it is first needed.
type Provider struct {
	cfg    Config
	client *http.Client
	turn   chan struct{} // holds one while the provider is looked for
	found  *oidc.Provider
}

// New is a provider; nothing is asked yet.
func New(c Config) *Provider {
	return &Provider{cfg: c, client: &http.Client{Timeout: askWithin}, turn: make(chan struct{}, 1)}
}

// Address is where the browser goes to log in.
func (p *Provider) Address(ctx context.Context, state, nonce, verifier string) (string, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return p.oauth(found).AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), nil
}

// Redeem makes of a code who has logged in. Errors: unauthenticated where the
// provider refuses the code, or what it says is not for this log-in.
func (p *Provider) Redeem(ctx context.Context, code, nonce, verifier string) (scheduling.Identity, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return scheduling.Identity{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.oauth(found).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < http.StatusInternalServerError:
		return scheduling.Identity{}, fmt.Errorf("the provider refused the code (%s): %w", refused.ErrorCode, scheduling.Unauthenticated())
	case err != nil:
		return scheduling.Identity{}, fmt.Errorf("redeem the code: %w", err)
	}
	return p.read(ctx, found, token, nonce)
}

// read verifies the ID token, and asks for the name where it does not say one.
func (p *Provider) read(ctx context.Context, found *oidc.Provider, token *oauth2.Token, nonce string) (scheduling.Identity, error) {
	raw, _ := token.Extra("id_token").(string)
	verified, err := found.Verifier(&oidc.Config{ClientID: p.cfg.ClientID, Now: p.cfg.Now}).Verify(ctx, raw)
	if err != nil {
		return scheduling.Identity{}, fmt.Errorf("verify the ID token (%v): %w", err, scheduling.Unauthenticated()) //nolint:errorlint // one of them is the answer
	}
	if nonce == "" || verified.Nonce != nonce {
		return scheduling.Identity{}, fmt.Errorf("the ID token is of another log-in: %w", scheduling.Unauthenticated())
	}
	var claims map[string]any
	if err := verified.Claims(&claims); err != nil {
		return scheduling.Identity{}, fmt.Errorf("read the ID token: %w", err)
	}
	out := scheduling.Identity{MFA: listed(claims["amr"], mfaMethod)}
	if out.Username, _ = claims[p.cfg.UsernameClaim].(string); out.Username != "" {
		return out, nil
	}
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return out, fmt.Errorf("ask who has logged in: %w", err)
	}
	var more map[string]any
	if err := info.Claims(&more); err != nil {
		return out, fmt.Errorf("read who has logged in: %w", err)
	}
	if info.Subject != verified.Subject { // Core 1.0, 5.3.2
		return out, fmt.Errorf("it is about somebody else: %w", scheduling.Unauthenticated())
	}
	out.Username, _ = more[p.cfg.UsernameClaim].(string)
	return out, nil
}

// discover reads the provider's own description, once it can be reached.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if p.found != nil {
		return p.found, nil
	}
	// What is found fetches keys later, with the client and beyond this request.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("find the OpenID provider: %w", err)
	}
	p.found = found
	return found, nil
}

func (p *Provider) oauth(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.cfg.ClientID, ClientSecret: p.cfg.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: p.cfg.RedirectURL,
		Scopes: []string{oidc.ScopeOpenID, scopeOfWho},
	}
}

// listed says whether a claim that is a list of words holds one.
func listed(claim any, word string) bool {
	words, _ := claim.([]any)
	return slices.Contains(words, any(word))
}
