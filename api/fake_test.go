package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api"
	"magpie/api/rest"
	"magpie/api/rest/resttest"
	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// The tokens that the fake knows.
const (
	citizensToken   = "mc_citizen"
	desksToken      = "ms_desk"
	counsellorToken = "ms_counsellor"
	othersToken     = "ms_other"
	auditorsToken   = "ms_auditor"
	directorsToken  = "ms_director"
	limitedToken    = "ms_limited" // a director who must have a second factor, and has none
)

const citizensPhone = "13800138000"

var shanghai = time.FixedZone("CST", 8*60*60)

// fake stands for the use cases: it remembers the last command and answers
// what the test put in.
type fake struct {
	mu      sync.Mutex
	got     any
	calls   int
	actor   scheduling.Actor
	err     error
	refused []string

	appointment scheduling.Appointment
	entries     []scheduling.AuditEntry
	told        told
	next        string
	warnings    []string
	block       chan struct{} // OfficeList waits for it
	entered     chan struct{}
}

func (f *fake) note(actor scheduling.Actor, command any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	f.actor, f.got = actor, command
	return f.err
}

func (f *fake) Authenticate(_ context.Context, token string) (scheduling.Actor, error) {
	staff := func(id int64, name string, role account.Role) (scheduling.Actor, error) {
		return scheduling.Actor{Kind: scheduling.StaffKind, StaffID: id, OfficeID: 1, Office: "anhua", Username: name, Roles: []account.Role{role}}, nil
	}
	switch token {
	case citizensToken:
		return scheduling.Actor{Kind: scheduling.Citizen, Person: scheduling.Person{ID: 7, Phone: scheduling.NewPrivate(citizensPhone)}}, nil
	case desksToken:
		return staff(1, "qiantai", account.Desk)
	case counsellorToken:
		return staff(2, "fudao-a", account.Counsellor)
	case othersToken:
		return staff(3, "fudao-b", account.Counsellor)
	case auditorsToken:
		return staff(4, "jiandu", account.Auditor)
	case directorsToken:
		return staff(5, "zhuren", account.Director)
	case limitedToken:
		a, err := staff(6, "fuzhuren", account.Director)
		a.Limited, a.Roles = true, nil
		return a, err
	}
	return scheduling.Actor{}, scheduling.Unauthenticated()
}

func (f *fake) Refused(_ context.Context, a scheduling.Actor, action, subject string, code scheduling.Code) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refused = append(f.refused, a.Username+" "+action+" "+subject+" "+string(code))
	return nil
}

func (f *fake) Ready(context.Context) ([]string, error) { return f.warnings, f.err }

func (f *fake) OfficeList(ctx context.Context) ([]*scheduling.Office, error) {
	if f.block != nil {
		f.entered <- struct{}{}
		select {
		case <-f.block:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	second := *anhua()
	second.Code, second.Registration = "taojiang", nil
	return []*scheduling.Office{anhua(), &second}, f.note(scheduling.Actor{}, nil)
}

func (f *fake) OfficeByCode(_ context.Context, code string) (*scheduling.Office, error) {
	if code != "anhua" {
		return nil, scheduling.NotFound()
	}
	return anhua(), f.err
}

func (f *fake) Counsellors(_ context.Context, _, service string) ([]scheduling.Staff, error) {
	return anhua().Staff, f.note(scheduling.Actor{}, service)
}

func (f *fake) Find(_ context.Context, q scheduling.Search) ([]scheduling.Day, error) {
	return []scheduling.Day{
		{Date: q.From, Slots: []scheduling.Slot{slotAt(9)}},
		{Date: q.From.Add(1), Closed: &scheduling.Closed{Code: scheduling.DayHoliday, Text: scheduling.Text{ZH: "国庆节放假", EN: "National Day"}}},
	}, f.note(scheduling.Actor{}, q)
}

func (f *fake) ThirtyDays(_ context.Context, received calendar.Date, p calendar.Practice) (calendar.Thirty, error) {
	if err := f.note(scheduling.Actor{}, p); err != nil {
		return calendar.Thirty{}, err
	}
	return calendar.ThirtyDays(received, p, calendar.China())
}

func (f *fake) RequestCode(_ context.Context, c scheduling.CodeRequest) (scheduling.Verification, error) {
	return scheduling.Verification{ID: "v1", ExpiresAt: at(9), ResendAt: at(9)}, f.note(scheduling.Actor{Address: c.Address}, c.Phone.Reveal()+" "+c.Locale)
}

func (f *fake) ConfirmCode(_ context.Context, id, code, address string) (scheduling.Token, error) {
	return scheduling.Token{Token: citizensToken, ExpiresAt: at(11)}, f.note(scheduling.Actor{Address: address}, id+" "+code)
}

func (f *fake) SignIn(_ context.Context, phone, word scheduling.Private, address string) (scheduling.Token, error) {
	return scheduling.Token{Token: citizensToken, ExpiresAt: at(11)}, f.note(scheduling.Actor{Address: address}, phone.Reveal()+" "+word.Reveal())
}

func (f *fake) SetCodeWord(_ context.Context, a scheduling.Actor, word scheduling.Private) error {
	return f.note(a, word.Reveal())
}

func (f *fake) Login(_ context.Context, l scheduling.Login) (scheduling.Token, error) {
	return scheduling.Token{Token: desksToken, ExpiresAt: at(21)}, f.note(scheduling.Actor{Address: l.Address}, l)
}

func (f *fake) EndSession(_ context.Context, a scheduling.Actor) error { return f.note(a, nil) }

func (f *fake) Hold(_ context.Context, r scheduling.HoldRequest) (scheduling.Hold, error) {
	return scheduling.Hold{Secret: "h-secret", ExpiresAt: at(9)}, f.note(r.Actor, r)
}

func (f *fake) RenewHold(_ context.Context, r scheduling.HoldChange) (scheduling.Hold, error) {
	return scheduling.Hold{Secret: r.Secret, ExpiresAt: at(9)}, f.note(r.Actor, r)
}

func (f *fake) ReleaseHold(_ context.Context, r scheduling.HoldChange) error {
	return f.note(r.Actor, r)
}

func (f *fake) Book(_ context.Context, b scheduling.Booking) (scheduling.Appointment, error) {
	return f.appointment, f.note(b.Actor, b)
}

func (f *fake) Appointment(_ context.Context, a scheduling.Actor, reference string) (scheduling.Appointment, error) {
	return f.appointment, f.note(a, reference)
}

func (f *fake) Appointments(_ context.Context, a scheduling.Actor, p scheduling.Page) ([]scheduling.Appointment, string, error) {
	return []scheduling.Appointment{f.appointment}, f.next, f.note(a, p)
}

func (f *fake) change(r scheduling.Change, status scheduling.Status) (scheduling.Appointment, error) {
	a := f.appointment
	a.Status = status
	return a, f.note(r.Actor, r)
}

func (f *fake) Cancel(_ context.Context, r scheduling.Change) (scheduling.Appointment, error) {
	return f.change(r, scheduling.Cancelled)
}

func (f *fake) Move(_ context.Context, r scheduling.Change) (scheduling.Appointment, error) {
	return f.change(r, scheduling.Booked)
}

func (f *fake) CheckIn(_ context.Context, r scheduling.Change) (scheduling.Appointment, error) {
	return f.change(r, scheduling.CheckedIn)
}

func (f *fake) Start(_ context.Context, r scheduling.Change) (scheduling.Appointment, error) {
	return f.change(r, scheduling.InSession)
}

func (f *fake) Complete(_ context.Context, r scheduling.Change) (scheduling.Appointment, error) {
	return f.change(r, scheduling.Completed)
}

func (f *fake) NoShow(_ context.Context, r scheduling.Change) (scheduling.Appointment, error) {
	return f.change(r, scheduling.NoShow)
}

func (f *fake) OfficeAppointments(_ context.Context, q scheduling.Filter) ([]scheduling.Appointment, string, error) {
	return []scheduling.Appointment{f.appointment}, f.next, f.note(q.Actor, q)
}

func (f *fake) TimeOff(_ context.Context, a scheduling.Actor, _, username string, _ scheduling.Page) ([]scheduling.TimeOff, string, error) {
	return []scheduling.TimeOff{{ID: 5, From: december(10), To: december(11), Reason: scheduling.NewPrivate("培训")}}, "", f.note(a, username)
}

func (f *fake) AddTimeOff(_ context.Context, r scheduling.TimeOffRequest) (scheduling.TimeOff, error) {
	return scheduling.TimeOff{ID: 6, From: r.From, To: r.To, Reason: r.Reason}, f.note(r.Actor, r)
}

func (f *fake) RemoveTimeOff(_ context.Context, a scheduling.Actor, _, _ string, id int64) error {
	return f.note(a, id)
}

func (f *fake) Audit(_ context.Context, a scheduling.Actor, _ string, p scheduling.Page) ([]scheduling.AuditEntry, string, error) {
	return f.entries, f.next, f.note(a, p)
}

func december(day int) calendar.Date { return calendar.NewDate(2026, time.December, day) }

// at is an hour of 3 December 2026 in the office's zone, as the use cases
// give it: in UTC.
func at(hour int) time.Time { return time.Date(2026, 12, 3, hour, 0, 0, 0, shanghai).UTC() }

func slotAt(hour int) scheduling.Slot {
	return scheduling.Slot{Start: at(hour).In(shanghai), End: at(hour + 1).In(shanghai), Free: 2}
}

func anhua() *scheduling.Office {
	return &scheduling.Office{
		ID: 1, Code: "anhua", Name: scheduling.Text{ZH: "安化县民政局婚姻登记处", EN: "Anhua"}, Timezone: "Asia/Shanghai", Location: shanghai,
		Address: scheduling.Text{ZH: "安化县", EN: "Anhua County"}, Phone: "0737-7220000",
		Registration: &scheduling.Registration{Link: "https://example.org/r", Note: scheduling.Text{ZH: "登记预约", EN: "Registration"}},
		Help:         scheduling.DefaultHelp()[:1], ExitTo: scheduling.DefaultExit,
		Hours: []scheduling.Hours{{Days: []time.Weekday{time.Monday, time.Sunday}, Period: calendar.Period{From: 510, To: 1440}}},
		Services: []scheduling.Service{{
			ID: 1, Code: "premarital", Kind: "premarital", Name: scheduling.Text{ZH: "婚前辅导", EN: "Premarital counselling"},
			Duration: time.Hour, Notice: 2 * time.Hour, Horizon: 30 * 24 * time.Hour, Places: 1, Parties: scheduling.Parties{Min: 1, Max: 2},
		}},
		Staff: []scheduling.Staff{{ID: 2, Username: "fudao-a", Name: scheduling.Text{ZH: "辅导师甲", EN: "Counsellor A"}, Gender: "female"}},
	}
}

// booked is an appointment of two, with words that must not reach everybody.
func booked() scheduling.Appointment {
	o := anhua()
	return scheduling.Appointment{
		ID: 11, Reference: "52073164", Office: o, Service: o.Services[0], Status: scheduling.Booked, Start: at(9), End: at(10), Heads: 2,
		Session: scheduling.Session{ID: 3, Room: 1, Counsellor: 2},
		Parties: []scheduling.Party{
			{ID: 21, Name: scheduling.NewPrivate("陈女士"), Phone: scheduling.NewPrivate(citizensPhone)},
			{ID: 22, Name: scheduling.NewPrivate("李先生"), Phone: scheduling.NewPrivate("13900139000")},
		},
		Room:       scheduling.Room{ID: 1, Code: "fudao", Name: scheduling.Text{ZH: "婚姻家庭辅导室", EN: "Counselling room"}},
		Counsellor: o.Staff[0], Locale: "zh", Note: scheduling.NewPrivate("轮椅"), Reason: scheduling.NewPrivate("出差"),
		Revision: 2, CreatedAt: at(8), UpdatedAt: at(8),
	}
}

// setup is a server over a fake, with what it logged.
type setup struct {
	*fake
	server *api.Server
	log    *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func start(t testing.TB, change ...func(*api.Config)) setup {
	t.Helper()
	f, log := &fake{appointment: booked(), told: ordinary()}, &lockedBuffer{}
	cfg := api.Config{
		Listen: "127.0.0.1:0", VerifyPhones: true, Session: f, Ready: f, Now: time.Now,
		API: &rest.API{
			Offices: f, Accounts: f, Holds: f, Bookings: f, Desk: f, Moves: f, Records: f, Ledger: f, Texts: f, Tasks: f, Contacts: f,
			Hooks: f, Factors: f,
			Logins:    f,
			Calendars: f,
			Setup:     f, Links: f,
			Handing:  f,
			Passkeys: f, SignIns: f,
			Holidays: f,
			Courses:  f,
			AtDesk:   f,
			Offers:   f,
			Outsides: f,
		},
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&cfg)
	}
	server, err := api.New(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return setup{fake: f, server: server, log: log}
}

// request is one request as a table writes it.
type request struct {
	method, path, token, key, body string
	header                         http.Header
	peer                           string
}

// ask sends it and holds the answer against the document.
func (s setup) ask(t testing.TB, r request) *httptest.ResponseRecorder {
	t.Helper()
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	sent := httptest.NewRequest(r.method, r.path, body)
	if r.body != "" {
		sent.Header.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	}
	if r.token != "" {
		sent.Header.Set(echo.HeaderAuthorization, "Bearer "+r.token)
	}
	if r.key != "" {
		sent.Header.Set("Idempotency-Key", r.key)
	}
	for name, values := range r.header {
		sent.Header[name] = values
	}
	if r.peer != "" {
		sent.RemoteAddr = netip.MustParseAddrPort(r.peer).String()
	}
	answer := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(answer, sent)
	document(t).Check(t, r.method, sent.URL.Path, answer.Code, answer.Header(), answer.Body.Bytes())
	return answer
}

var loaded *resttest.Document

// document is read once for all tests, none of which runs beside another.
func document(t testing.TB) *resttest.Document {
	t.Helper()
	if loaded == nil {
		loaded = resttest.Load(t)
	}
	return loaded
}

// said decodes an answer.
func said(t testing.TB, answer *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(answer.Body.Bytes(), &out); err != nil {
		t.Fatalf("%v in %s", err, answer.Body)
	}
	return out
}

// refusedWith asserts a problem's status and code.
func refusedWith(t testing.TB, answer *httptest.ResponseRecorder, status int, code string) map[string]any {
	t.Helper()
	if answer.Code != status || answer.Header().Get(echo.HeaderContentType) != "application/problem+json" {
		t.Fatalf("answered %d %s, want %d application/problem+json: %s", answer.Code, answer.Header().Get(echo.HeaderContentType), status, answer.Body)
	}
	out := said(t, answer)
	if out["code"] != code || out["status"] != float64(status) || out["title"] == "" {
		t.Fatalf("answered %v, want the code %s", out, code)
	}
	return out
}

// The use cases are all that the handlers ask for.
var (
	_ session.Use = (*scheduling.Scheduler)(nil)
	_             = rest.API{
		Offices: (*scheduling.Scheduler)(nil), Accounts: (*scheduling.Scheduler)(nil), Holds: (*scheduling.Scheduler)(nil),
		Bookings: (*scheduling.Scheduler)(nil), Desk: (*scheduling.Scheduler)(nil), Moves: (*scheduling.Scheduler)(nil),
		Records: (*scheduling.Scheduler)(nil), Factors: (*scheduling.Scheduler)(nil), Ledger: (*scheduling.Scheduler)(nil),
		Texts: (*scheduling.Scheduler)(nil), Tasks: (*scheduling.Scheduler)(nil), Contacts: (*scheduling.Scheduler)(nil),
		Logins:    (*scheduling.Scheduler)(nil),
		Calendars: (*scheduling.Scheduler)(nil),
		Setup:     (*scheduling.Scheduler)(nil), Links: (*scheduling.Scheduler)(nil),
		Handing:  (*scheduling.Scheduler)(nil),
		Passkeys: (*scheduling.Scheduler)(nil), SignIns: (*scheduling.Scheduler)(nil),
		Holidays: (*scheduling.Scheduler)(nil),
		Courses:  (*scheduling.Scheduler)(nil),
		AtDesk:   (*scheduling.Scheduler)(nil),
		Offers:   (*scheduling.Scheduler)(nil),
		Outsides: (*scheduling.Scheduler)(nil),
	}
	_ api.Readiness = (*scheduling.Scheduler)(nil)
)
