package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

func (f *fake) OfficeFile(_ context.Context, a scheduling.Actor, _ string) ([]byte, int64, error) {
	return []byte("office:\n"), 3, f.note(a, nil)
}

func (f *fake) PreviewOffice(_ context.Context, c scheduling.OfficeChange) (scheduling.OfficePreview, error) {
	return scheduling.OfficePreview{
		Revision: c.Revision, Differences: []string{"- rooms.fudao"}, InUse: []scheduling.Appointment{f.appointment},
		Problems: []scheduling.FileProblem{{Line: 7, Key: "office.code", What: scheduling.Text{ZH: "没有写。", EN: "is missing"}}},
	}, f.note(c.Actor, c)
}

func (f *fake) ApplyOffice(_ context.Context, c scheduling.OfficeChange) (scheduling.OfficePreview, error) {
	return scheduling.OfficePreview{Revision: c.Revision + 1, Differences: []string{"~ office.phone: 1 → 2"}, Outside: []scheduling.Appointment{f.appointment}}, f.note(c.Actor, c)
}

func (f *fake) UndoOffice(_ context.Context, c scheduling.OfficeChange, version int64) (scheduling.OfficeChange, error) {
	c.File = []byte{byte('0' + version)}
	return c, nil
}

func (f *fake) OfficeVersions(_ context.Context, a scheduling.Actor, _ string, p scheduling.Page) ([]scheduling.OfficeVersion, string, error) {
	return []scheduling.OfficeVersion{{Number: 3, Author: "zhuren", Note: "新号码", CreatedAt: at(8)}, {Number: 1, CreatedAt: at(7)}}, f.next, f.note(a, p)
}

func (f *fake) OfficeVersion(_ context.Context, a scheduling.Actor, _ string, version int64) (scheduling.OfficeVersion, error) {
	return scheduling.OfficeVersion{Number: version, CreatedAt: at(8), File: []byte("office:\n")}, f.note(a, version)
}

func (f *fake) PasswordLink(_ context.Context, a scheduling.Actor, _, username string) (scheduling.Token, error) {
	return scheduling.Token{Token: "mpl_secret", ExpiresAt: at(9)}, f.note(a, username)
}

func (f *fake) UsePasswordLink(_ context.Context, token string, password scheduling.Private) error {
	return f.note(scheduling.Actor{}, token+" "+password.Reveal())
}

func (f *fake) SetUp(_ context.Context, token string, first scheduling.FirstOffice) (*scheduling.Office, error) {
	return anhua(), f.note(scheduling.Actor{}, token+" "+first.Code+" "+first.Password.Reveal())
}

func (f *fake) HolidayYears(_ context.Context, a scheduling.Actor, _ string) ([]scheduling.HolidayYear, error) {
	n, _ := calendar.China().Notice(2026)
	return []scheduling.HolidayYear{{Notice: n, Author: "zhuren", ImportedAt: at(8)}, {Notice: n, BuiltIn: true}}, f.note(a, nil)
}

func (f *fake) PreviewHolidays(_ context.Context, in scheduling.HolidayImport) (scheduling.HolidayPreview, error) {
	return scheduling.HolidayPreview{Problems: []scheduling.FileProblem{{Line: 2, Key: "table", What: scheduling.Text{ZH: "没有春节。", EN: "Spring Festival is missing"}}}}, f.note(in.Actor, in)
}

func (f *fake) ImportHolidays(_ context.Context, in scheduling.HolidayImport) (scheduling.HolidayPreview, error) {
	return scheduling.HolidayPreview{Differences: []string{"+ 2027-01-01: 元旦放假 (New Year's Day)"}, Outside: []scheduling.Appointment{f.appointment}}, f.note(in.Actor, in)
}

func (f *fake) RemoveHolidays(_ context.Context, a scheduling.Actor, _ string, year int) error {
	return f.note(a, year)
}

func (f *fake) Warnings(_ context.Context, a scheduling.Actor, _ string) ([]scheduling.Warning, error) {
	return []scheduling.Warning{{Code: "holidays", Text: scheduling.Text{ZH: "还没有录入", EN: "not loaded"}}}, f.note(a, nil)
}

func TestAYearsTableIsImportedOrToldBeforehand(t *testing.T) {
	s := start(t)
	r := request{method: "PUT", path: "/api/v1/staff/offices/anhua/holidays/2027", token: directorsToken, body: `{"table":"2027-01-01,元旦,true"}`}
	done := said(t, s.ask(t, r))
	if got, ok := s.got.(scheduling.HolidayImport); !ok || got.Year != 2027 || string(got.Table) != "2027-01-01,元旦,true" || done["applied"] != true || len(done["outside"].([]any)) != 1 {
		t.Errorf("the command is %+v, the answer %v", s.got, done)
	}
	r.path += "?dry_run=true"
	if told := said(t, s.ask(t, r)); told["applied"] != false || len(told["problems"].([]any)) != 1 || len(told["differences"].([]any)) != 0 {
		t.Errorf("beforehand it says %v", told)
	}
	years := said(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/holidays", token: directorsToken}))["items"].([]any)
	first := years[0].(map[string]any)
	if len(first["holidays"].([]any)) != 7 || first["built_in"] != false || first["author"] != "zhuren" || years[1].(map[string]any)["imported_at"] != nil {
		t.Errorf("the years are %v", years)
	}
}

func TestAChangeOfAnOfficeIsMadeOrToldBeforehand(t *testing.T) {
	s := start(t)
	r := request{method: "PUT", path: "/api/v1/staff/offices/anhua/file?dry_run=true", token: directorsToken, body: `{"revision":3,"file":"office: {}"}`}
	of := []any{map[string]any{
		"reference": "52073164", "service": "premarital", "room": "fudao", "counsellor": "fudao-a",
		"start": "2026-12-03T09:00:00+08:00", "end": "2026-12-03T10:00:00+08:00",
	}}
	want := map[string]any{
		"revision": 3.0, "applied": false, "differences": []any{"- rooms.fudao"}, "outside": []any{}, "in_use": of,
		"problems": []any{map[string]any{"line": 7.0, "key": "office.code", "message": map[string]any{"zh": "没有写。", "en": "is missing"}}},
	}
	if diff := cmp.Diff(want, said(t, s.ask(t, r))); diff != "" {
		t.Errorf("beforehand: %s", diff)
	}
	r.path = "/api/v1/staff/offices/anhua/file"
	want = map[string]any{
		"revision": 4.0, "applied": true, "differences": []any{"~ office.phone: 1 → 2"}, "outside": of, "in_use": []any{}, "problems": []any{},
	}
	if diff := cmp.Diff(want, said(t, s.ask(t, r))); diff != "" {
		t.Errorf("made: %s", diff)
	}
	if got, ok := s.got.(scheduling.OfficeChange); !ok || string(got.File) != "office: {}" || got.Revision != 3 || got.Actor.Username != "zhuren" {
		t.Errorf("the command is %+v", s.got)
	}
	s.ask(t, request{method: "POST", path: "/api/v1/staff/offices/anhua/versions/3/undo", token: directorsToken, body: `{"revision":9,"note":"错了"}`})
	if got, ok := s.got.(scheduling.OfficeChange); !ok || string(got.File) != "3" || got.Revision != 9 || got.Note != "错了" {
		t.Errorf("the undoing is %+v", s.got)
	}
}

func TestAnOfficeFileMayBeLongerThanOtherRequests(t *testing.T) {
	s := start(t)
	r := request{method: "PUT", path: "/api/v1/staff/offices/anhua/file", token: directorsToken, body: `{"revision":3,"file":"` + strings.Repeat("x", 200<<10) + `"}`}
	if answer := s.ask(t, r); answer.Code != http.StatusOK {
		t.Errorf("answered %d", answer.Code)
	}
	r.body = `{"revision":3,"file":"` + strings.Repeat("x", 1<<20) + `"}`
	refusedWith(t, s.ask(t, r), http.StatusRequestEntityTooLarge, "too_large")
}
