package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"magpie/scheduling"
)

var now = time.Date(2026, 11, 26, 4, 0, 0, 0, time.UTC)

// provider is an OpenID provider that says whatever a test wants.
type provider struct {
	*httptest.Server
	key    *ecdsa.PrivateKey
	claims map[string]any // of the ID token
	info   map[string]any // of the user
	asked  url.Values     // of the token
	status int            // of the token's answer
	down   bool           // it does not say where anything is
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key, status: http.StatusOK}
	mux := http.NewServeMux()
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	say := func(what func() any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(what())
		}
	}
	mux.HandleFunc("/.well-known/openid-configuration", say(func() any {
		if p.down {
			return "not now"
		}
		return map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"userinfo_endpoint": p.URL + "/me", "id_token_signing_alg_values_supported": []string{"ES256"},
		}
	}))
	mux.HandleFunc("/keys", say(func() any {
		return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "k", Algorithm: "ES256", Use: "sig"}}}
	}))
	mux.HandleFunc("/me", say(func() any { return p.info }))
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		p.asked = r.PostForm
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(p.status)
		if p.status != http.StatusOK {
			_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": p.sign(t)})
	})
	p.claims = map[string]any{
		"iss": p.URL, "aud": "magpie", "sub": "7", "nonce": "n", "preferred_username": "anna", "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	}
	return p
}

func (p *provider) sign(t *testing.T) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: p.key, KeyID: "k"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(p.claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

func (p *provider) redeem(t *testing.T) (scheduling.Identity, error) {
	t.Helper()
	client := New(Config{
		Issuer: p.URL, ClientID: "magpie", ClientSecret: "word", RedirectURL: "https://yuyue.example.cn" + CallbackPath,
		UsernameClaim: "preferred_username", Now: func() time.Time { return now },
	})
	return client.Redeem(context.Background(), "code", "n", "the verifier")
}

func TestTheNameIsThatOfTheIDTokenOrOfTheUser(t *testing.T) {
	p := newProvider(t)
	got, err := p.redeem(t)
	if err != nil || got != (scheduling.Identity{Username: "anna"}) {
		t.Errorf("it is %+v, %v", got, err)
	}
	if p.asked.Get("code") != "code" || p.asked.Get("code_verifier") != "the verifier" || p.asked.Get("redirect_uri") != "https://yuyue.example.cn"+CallbackPath {
		t.Errorf("the token is asked for with %v", p.asked)
	}
	delete(p.claims, "preferred_username")
	p.claims["amr"] = []string{"pwd", "mfa"}
	p.info = map[string]any{"sub": "7", "preferred_username": "bert"}
	if got, err = p.redeem(t); err != nil || got != (scheduling.Identity{Username: "bert", MFA: true}) {
		t.Errorf("of the user it is %+v, %v", got, err)
	}
	p.claims["amr"], p.info = []string{"otp"}, map[string]any{"sub": "7"}
	if got, err = p.redeem(t); err != nil || got != (scheduling.Identity{}) {
		t.Errorf("without a name it is %+v, %v", got, err)
	}
}

func TestWhatIsNotForThisLogInIsRefused(t *testing.T) {
	for name, change := range map[string]func(p *provider){
		"another nonce":  func(p *provider) { p.claims["nonce"] = "m" },
		"no nonce":       func(p *provider) { delete(p.claims, "nonce") },
		"another client": func(p *provider) { p.claims["aud"] = "other" },
		"another issuer": func(p *provider) { p.claims["iss"] = "https://id.example.cn" },
		"out of time":    func(p *provider) { p.claims["exp"] = now.Add(-time.Second).Unix() },
		"another key":    func(p *provider) { p.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
		"a refused code": func(p *provider) { p.status = http.StatusBadRequest },
		"somebody else's": func(p *provider) {
			delete(p.claims, "preferred_username")
			p.info = map[string]any{"sub": "8", "preferred_username": "anna"}
		},
		"a client turned off": func(p *provider) { p.status = http.StatusUnauthorized },
	} {
		p := newProvider(t)
		p.claims = maps.Clone(p.claims)
		change(p)
		if got, err := p.redeem(t); scheduling.CodeOf(err) != scheduling.CodeUnauthenticated {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestAProviderThatIsDownIsNoRefusalAndIsFoundLater(t *testing.T) {
	p := newProvider(t)
	p.status = http.StatusBadGateway
	if _, err := p.redeem(t); err == nil || scheduling.CodeOf(err) == scheduling.CodeUnauthenticated {
		t.Errorf("a provider in trouble: %v", err)
	}
	client := New(Config{Issuer: p.URL, ClientID: "magpie", Now: func() time.Time { return now }})
	p.down = true
	if _, err := client.Address(context.Background(), "s", "n", "v"); err == nil || scheduling.CodeOf(err) == scheduling.CodeUnauthenticated {
		t.Errorf("found while it was down: %v", err)
	}
	p.down = false
	address, err := client.Address(context.Background(), "s", "n", "a verifier of forty-three letters or more, by RFC 7636")
	if err != nil {
		t.Fatalf("found later: %v", err)
	}
	to, err := url.Parse(address)
	if err != nil || to.Path != "/auth" || to.Query().Get("state") != "s" || to.Query().Get("nonce") != "n" || to.Query().Get("code_challenge_method") != "S256" || to.Query().Get("scope") != "openid profile" {
		t.Errorf("the browser goes to %s, %v", address, err)
	}
}
