package main_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"magpie/cmd/magpie/e2etest"
)

const oidcPath = "/api/v1/staff/login/oidc"

// signOn is a walk through an office's own log-in service.
type signOn struct {
	*testing.T
	provider *e2etest.IdentityProvider
	visitor  *e2etest.Client
}

type identityStart struct {
	URL, State string
	ExpiresAt  time.Time `json:"expires_at"`
}

func TestStaffLogInByAnOpenIDProvider(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		p := e2etest.NewIdentityProvider(t, publicOrigin+"/staff/login/oidc")
		s.Open(t, e2etest.Office{Extra: []string{"second_factor: [director]"}}, e2etest.Office{Code: "other"})
		s.Keep("the client's secret", p.ClientSecret)
		server := s.Serve(t, "MAGPIE_PUBLIC_URL="+publicOrigin, "MAGPIE_OIDC_ISSUER="+p.Issuer, "MAGPIE_OIDC_CLIENT_ID="+p.ClientID,
			"MAGPIE_OIDC_CLIENT_SECRET="+p.ClientSecret, "MAGPIE_OIDC_OFFICES=anhua")
		o := &signOn{t, p, server.Client(t)}
		o.visitor.Post(t, oidcPath+"/begin", map[string]string{"office": "other"}).Is(t, http.StatusNotFound, "not_found")
		o.withoutASecondFactor(server)
		o.foreign()
		o.heldBack(server)
		o.withASecondFactor(server, s)
	})
}

func (o *signOn) begin() identityStart {
	return e2etest.As[identityStart](o.T, o.visitor.Post(o.T, oidcPath+"/begin", map[string]string{"office": "anhua"}), http.StatusOK)
}

// back is what the provider sends the browser back with.
func (o *signOn) back(as string) map[string]any {
	begun := o.begin()
	values := o.provider.Browse(o.T, begun.URL, as)
	if values.Get("state") != begun.State || values.Get("code") == "" {
		o.Fatalf("sent back with %v", values)
	}
	return map[string]any{"state": begun.State, "code": values.Get("code")}
}

func (o *signOn) as(server *e2etest.Server, in map[string]any) *e2etest.Client {
	c := server.Client(o.T)
	c.Token = e2etest.As[struct{ Token string }](o.T, o.visitor.Post(o.T, oidcPath, in), http.StatusOK).Token
	return c
}

// withoutASecondFactor is a counsellor who never had a password here.
func (o *signOn) withoutASecondFactor(server *e2etest.Server) {
	begun := o.begin()
	asked, err := url.Parse(begun.URL)
	if err != nil {
		o.Fatal(err)
	}
	q := asked.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("state") != begun.State || q.Get("redirect_uri") != o.provider.RedirectURI {
		o.Errorf("the provider is asked %v", q)
	}
	in := o.back("c01")
	c := o.as(server, in)
	session := e2etest.As[struct {
		Username string
		Missing  bool `json:"second_factor_missing"`
	}](o.T, c.Get(o.T, "/api/v1/staff/session"), http.StatusOK)
	if session.Username != "c01" || session.Missing {
		o.Errorf("logged in as %+v", session)
	}
	logins := e2etest.All[struct{ How []string }](o.T, c, "/api/v1/staff/logins")
	if len(logins) != 1 || strings.Join(logins[0].How, "+") != "oidc" {
		o.Errorf("the log-ins are %v", logins)
	}
	o.visitor.Post(o.T, oidcPath, in).Is(o.T, http.StatusUnauthorized, "unauthenticated")
}

// foreign is what somebody else could bring.
func (o *signOn) foreign() {
	o.visitor.Post(o.T, oidcPath, o.back("stranger")).Is(o.T, http.StatusUnauthorized, "unauthenticated")
	theirs, mine := o.back("c01"), o.begin()
	o.visitor.Post(o.T, oidcPath, map[string]any{"state": mine.State, "code": theirs["code"]}).Is(o.T, http.StatusUnauthorized, "unauthenticated")
	o.visitor.Post(o.T, oidcPath, map[string]any{"state": "made-up", "code": "made-up"}).Is(o.T, http.StatusUnauthorized, "unauthenticated")
	o.visitor.Post(o.T, oidcPath, map[string]any{"state": o.begin().State, "code": "made-up"}).Is(o.T, http.StatusUnauthorized, "unauthenticated")
}

// heldBack is a director who must have a second factor: the provider's will do.
func (o *signOn) heldBack(server *e2etest.Server) {
	o.as(server, o.back("chief")).Get(o.T, e2etest.AuditPath).Is(o.T, http.StatusUnauthorized, "second_factor")
	o.as(server, o.back("chief mfa")).Get(o.T, e2etest.AuditPath).Is(o.T, http.StatusOK, "")
}

// withASecondFactor is a counsellor who has one here.
func (o *signOn) withASecondFactor(server *e2etest.Server, s *e2etest.Site) {
	c := o.as(server, o.back("c02"))
	begun := e2etest.As[struct{ Secret string }](o.T, c.Post(o.T, factorPath, nil), http.StatusOK)
	s.Keep("the secret of an authenticator", begun.Secret)
	code, err := totp.GenerateCode(begun.Secret, s.Clock.Now())
	if err != nil {
		o.Fatal(err)
	}
	codes := e2etest.As[recoveryCodes](o.T, c.Post(o.T, factorPath+"/confirm", map[string]string{"otp": code}), http.StatusOK).Codes
	in := o.back("c02")
	for range 2 {
		o.visitor.Post(o.T, oidcPath, in).Is(o.T, http.StatusUnauthorized, "second_factor")
	}
	in["otp"] = "000000"
	o.visitor.Post(o.T, oidcPath, in).Is(o.T, http.StatusUnauthorized, "second_factor")
	in["otp"] = codes[0]
	o.as(server, in).Get(o.T, factorPath).Is(o.T, http.StatusOK, "")
	in["otp"] = codes[1]
	o.visitor.Post(o.T, oidcPath, in).Is(o.T, http.StatusUnauthorized, "unauthenticated")
	o.as(server, o.back("c02 mfa")).Get(o.T, factorPath).Is(o.T, http.StatusOK, "")
}
