package main_test

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/pquerna/otp/totp"

	"magpie/cmd/magpie/e2etest"
	"magpie/scheduling/store/storetest/authenticator"
)

// publicOrigin has a host name, without which there are no passkeys.
const publicOrigin = "http://localhost:8080"

const factorPath = "/api/v1/staff/second-factor"

// factors is a counsellor's second factor, from the first code to the director
// who takes it away.
func (o *tour) factors() {
	c := o.server.Staff(o.T, "c02")
	codes := o.enroll(c)
	word := o.site.SetPassword(o.T, "anhua", "c02") // which ends her log-in
	o.visitor.LogIn(o.T, "anhua", "c02", word).Is(o.T, http.StatusUnauthorized, "second_factor")
	given := func(code string) e2etest.Answer {
		return o.visitor.Post(o.T, "/api/v1/staff/login", map[string]string{"office": "anhua", "username": "c02", "password": word, "otp": code})
	}
	given("000000").Is(o.T, http.StatusUnauthorized, "second_factor")
	c.Token = e2etest.As[struct{ Token string }](o.T, given(codes[0]), http.StatusOK).Token
	given(codes[0]).Is(o.T, http.StatusUnauthorized, "second_factor")
	codes = e2etest.As[recoveryCodes](o.T, c.Post(o.T, factorPath+"/recovery-codes", map[string]string{"otp": codes[1]}), http.StatusOK).Codes
	c.Post(o.T, factorPath+"/remove", map[string]string{"otp": codes[0]}).Is(o.T, http.StatusNoContent, "")
	c.Token = e2etest.As[struct{ Token string }](o.T, o.visitor.LogIn(o.T, "anhua", "c02", word), http.StatusOK).Token
	o.enroll(c)
	reset := "/api/v1/staff/offices/anhua/staff/c02/second-factor"
	o.chief.Delete(o.T, reset).Is(o.T, http.StatusNoContent, "")
	o.chief.Delete(o.T, reset).Is(o.T, http.StatusNotFound, "not_found")
	c.Get(o.T, factorPath).Is(o.T, http.StatusUnauthorized, "unauthenticated")
	o.visitor.LogIn(o.T, "anhua", "c02", word).Is(o.T, http.StatusOK, "")
	o.logins(word)
	o.site.Clock.Set(o.T, e2etest.Begin)
}

// logins are the same counsellor's log-ins, seen and ended, and her one role.
func (o *tour) logins(word string) {
	const path = "/api/v1/staff/logins"
	type login struct {
		ID      string
		Current bool
	}
	begin := func() *e2etest.Client {
		c := o.server.Client(o.T)
		c.Token = e2etest.As[struct{ Token string }](o.T, o.visitor.LogIn(o.T, "anhua", "c02", word), http.StatusOK).Token
		return c
	}
	first, second, third := begin(), begin(), begin()
	for _, l := range e2etest.All[login](o.T, second, path) {
		if l.Current {
			first.Delete(o.T, path+"/"+l.ID).Is(o.T, http.StatusNoContent, "")
			first.Delete(o.T, path+"/"+l.ID).Is(o.T, http.StatusNotFound, "not_found")
		}
	}
	second.Get(o.T, path).Is(o.T, http.StatusUnauthorized, "unauthenticated")
	first.Delete(o.T, path).Is(o.T, http.StatusNoContent, "")
	third.Get(o.T, path).Is(o.T, http.StatusUnauthorized, "unauthenticated")
	o.put(first, "/api/v1/staff/session", `{"role":"desk"}`).Is(o.T, http.StatusUnprocessableEntity, "invalid")
	o.put(first, "/api/v1/staff/session", `{"role":"counsellor"}`).Is(o.T, http.StatusOK, "")
	if got := e2etest.As[struct{ Role string }](o.T, first.Get(o.T, "/api/v1/staff/session"), http.StatusOK); got.Role != "counsellor" {
		o.Errorf("acting as %q", got.Role)
	}
	if all := e2etest.All[struct{ Username string }](o.T, o.chief, "/api/v1/staff/offices/anhua/sign-ins"); len(all) != 5 {
		o.Errorf("%d members can log in", len(all))
	}
	o.chief.Delete(o.T, "/api/v1/staff/offices/anhua/staff/c02/logins").Is(o.T, http.StatusNoContent, "")
	first.Get(o.T, path).Is(o.T, http.StatusUnauthorized, "unauthenticated")
}

type recoveryCodes struct {
	Codes []string `json:"recovery_codes"`
}

// enroll sets somebody's second factor up.
func (o *tour) enroll(c *e2etest.Client) []string {
	begun := e2etest.As[struct{ Secret, URI string }](o.T, c.Post(o.T, factorPath, nil), http.StatusOK)
	o.site.Keep("the secret of an authenticator", begun.Secret)
	o.site.Clock.Set(o.T, e2etest.Begin.Add(5*time.Second))
	code, err := totp.GenerateCode(begun.Secret, e2etest.Begin.Add(5*time.Second))
	if err != nil {
		o.Fatal(err)
	}
	codes := e2etest.As[recoveryCodes](o.T, c.Post(o.T, factorPath+"/confirm", map[string]string{"otp": code}), http.StatusOK).Codes
	shown := e2etest.As[struct{ Active bool }](o.T, c.Get(o.T, factorPath), http.StatusOK)
	if len(codes) != 10 || !shown.Active {
		o.Fatalf("%d recovery codes, active: %t", len(codes), shown.Active)
	}
	for _, code := range codes {
		o.site.Keep("a recovery code", code)
	}
	return codes
}

// passkeys is the desk's passkey, from the first to the last.
func (o *tour) passkeys() {
	const path = "/api/v1/staff/passkeys"
	type ceremony struct {
		ID      string
		Options json.RawMessage
	}
	device, c := &authenticator.Device{Origin: publicOrigin, Counts: true}, o.server.Staff(o.T, "audit")
	made := func(asked ceremony, by func([]byte) ([]byte, error)) map[string]any {
		answer, err := by(asked.Options)
		if err != nil {
			o.Fatal(err)
		}
		return map[string]any{"id": asked.ID, "credential": json.RawMessage(answer)}
	}
	signed := func() map[string]any {
		return made(e2etest.As[ceremony](o.T, o.visitor.Post(o.T, "/api/v1/staff/login/passkey/begin", nil), http.StatusOK), device.Get)
	}
	first := made(e2etest.As[ceremony](o.T, c.Post(o.T, path+"/begin", nil), http.StatusOK), device.Create)
	first["name"] = "手机"
	added := e2etest.As[struct {
		Passkey struct{ ID string }
		Codes   []string `json:"recovery_codes"`
	}](o.T, c.Post(o.T, path, first), http.StatusCreated)
	if len(added.Codes) != 10 {
		o.Errorf("%d recovery codes", len(added.Codes))
	}
	c.Post(o.T, path+"/begin", nil).Is(o.T, http.StatusUnprocessableEntity, "invalid")
	one := path + "/" + added.Passkey.ID
	o.put(c, one, `{"name":"办公室电脑"}`).Is(o.T, http.StatusOK, "")
	c.Token = e2etest.As[struct{ Token string }](o.T, o.visitor.Post(o.T, "/api/v1/staff/login/passkey", signed()), http.StatusOK).Token
	if all := e2etest.All[struct{ ID, Name string }](o.T, c, path); len(all) != 1 || all[0].Name != "办公室电脑" {
		o.Errorf("the passkeys are %v", all)
	}
	c.Post(o.T, one+"/remove", map[string]any{"passkey": signed()}).Is(o.T, http.StatusNoContent, "")
	o.visitor.Post(o.T, "/api/v1/staff/login/passkey", signed()).Is(o.T, http.StatusUnauthorized, "unauthenticated")
	o.audit = o.server.Staff(o.T, "audit")
}
