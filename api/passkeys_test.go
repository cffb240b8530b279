package api_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling"
	"magpie/scheduling/account"
)

func (f *fake) BeginPasskeyLogin(_ context.Context, address string) (scheduling.Ceremony, error) {
	return scheduling.Ceremony{ID: "c1", Options: []byte(`{"publicKey":{"challenge":"AA"}}`)}, f.note(scheduling.Actor{Address: address}, nil)
}

func (f *fake) FinishPasskeyLogin(_ context.Context, l scheduling.PasskeyLogin) (scheduling.Token, error) {
	return scheduling.Token{Token: desksToken, ExpiresAt: at(21)}, f.note(scheduling.Actor{Address: l.Address}, l)
}

func (f *fake) BeginIdentityLogin(_ context.Context, office, address string) (scheduling.IdentityStart, error) {
	return scheduling.IdentityStart{Address: "https://id.example.cn/auth?state=s1", State: "s1", ExpiresAt: at(9)}, f.note(scheduling.Actor{Address: address}, office)
}

func (f *fake) FinishIdentityLogin(_ context.Context, l scheduling.IdentityLogin) (scheduling.Token, error) {
	return scheduling.Token{Token: desksToken, ExpiresAt: at(21)}, f.note(scheduling.Actor{Address: l.Address}, l)
}

func (f *fake) OwnPasskeys(_ context.Context, a scheduling.Actor) ([]scheduling.Passkey, error) {
	return []scheduling.Passkey{aPasskey("手机"), {ID: 8, Name: scheduling.NewPrivate("电脑"), CreatedAt: at(9)}}, f.note(a, nil)
}

func (f *fake) BeginPasskey(_ context.Context, a scheduling.Actor, shown scheduling.Shown) (scheduling.Ceremony, error) {
	return scheduling.Ceremony{ID: "c1", Options: []byte(`{"publicKey":{"challenge":"AA"}}`)}, f.note(a, shown)
}

func (f *fake) FinishPasskey(_ context.Context, a scheduling.Actor, n scheduling.NewPasskey) (scheduling.Passkey, []string, error) {
	return aPasskey(n.Name.Reveal()), []string{"ABCD-EFGH-JKLM"}, f.note(a, n)
}

func (f *fake) RenamePasskey(_ context.Context, a scheduling.Actor, id int64, name scheduling.Private) (scheduling.Passkey, error) {
	return aPasskey(name.Reveal()), f.note(a, id)
}

func (f *fake) RemovePasskey(_ context.Context, a scheduling.Actor, _ int64, shown scheduling.Shown) error {
	return f.note(a, shown)
}

func aPasskey(name string) scheduling.Passkey {
	return scheduling.Passkey{ID: 7, Name: scheduling.NewPrivate(name), Credential: []byte(`{"publicKey":"secret"}`), CreatedAt: at(8), UsedAt: at(9)}
}

func TestAPasskeyIsListedByItsNameAndTimesAlone(t *testing.T) {
	s := start(t)
	got := said(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/passkeys", token: desksToken}))
	want := map[string]any{"next": nil, "items": []any{
		map[string]any{"id": "7", "name": "手机", "created_at": "2026-12-03T00:00:00Z", "used_at": "2026-12-03T01:00:00Z"},
		map[string]any{"id": "8", "name": "电脑", "created_at": "2026-12-03T01:00:00Z"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatABrowserAnsweredIsHandedOnAsItIs(t *testing.T) {
	s := start(t)
	const credential = `{"id": "x", "response": {"deep": [1, 2]}}`
	begun := said(t, s.ask(t, request{method: "POST", path: "/api/v1/staff/passkeys/begin", token: desksToken, body: `{"otp":"123456"}`}))
	if shown, _ := s.got.(scheduling.Shown); shown.OTP.Reveal() != "123456" || begun["id"] != "c1" || begun["options"] == nil {
		t.Errorf("begun with %+v: %v", s.got, begun)
	}
	added := s.ask(t, request{method: "POST", path: "/api/v1/staff/passkeys", token: desksToken, body: `{"id":"c1","name":"手机","credential":` + credential + `}`})
	if n, _ := s.got.(scheduling.NewPasskey); added.Code != http.StatusCreated || n.ID != "c1" || string(n.Response) != credential {
		t.Errorf("added %d with %+v", added.Code, s.got)
	}
	s.ask(t, request{method: "POST", path: "/api/v1/staff/login/passkey", body: `{"id":"c1","role":"desk","credential":` + credential + `}`})
	if l, _ := s.got.(scheduling.PasskeyLogin); l.ID != "c1" || string(l.Response) != credential || l.Role != account.Desk {
		t.Errorf("logged in with %+v", s.got)
	}
	s.ask(t, request{method: "POST", path: "/api/v1/staff/login", body: `{"office":"anhua","username":"qiantai","password":"p","passkey":{"id":"c1","credential":` + credential + `}}`})
	if l, _ := s.got.(scheduling.Login); l.Passkey == nil || l.Passkey.ID != "c1" || string(l.Passkey.Response) != credential {
		t.Errorf("logged in with %+v", s.got)
	}
	s.ask(t, request{method: "POST", path: "/api/v1/staff/second-factor/remove", token: desksToken, body: `{"passkey":{"id":"c1","credential":` + credential + `}}`})
	if shown, _ := s.got.(scheduling.Shown); shown.Passkey == nil || string(shown.Passkey.Response) != credential {
		t.Errorf("removed with %+v", s.got)
	}
}

func TestAnIdentityIsTakenUpWithItsStateAndItsSecondFactor(t *testing.T) {
	s := start(t)
	begun := said(t, s.ask(t, request{method: "POST", path: "/api/v1/staff/login/oidc/begin", body: `{"office":"anhua"}`}))
	if s.got != "anhua" || begun["state"] != "s1" || begun["url"] != "https://id.example.cn/auth?state=s1" {
		t.Errorf("begun for %v: %v", s.got, begun)
	}
	s.ask(t, request{method: "POST", path: "/api/v1/staff/login/oidc", body: `{"state":"s1","code":"c","otp":"123456","role":"desk"}`})
	if l, _ := s.got.(scheduling.IdentityLogin); l.State != "s1" || l.Code != "c" || l.OTP.Reveal() != "123456" || l.Role != account.Desk {
		t.Errorf("taken up with %+v", s.got)
	}
}
