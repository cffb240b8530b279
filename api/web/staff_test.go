package web_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"magpie/api"
	"magpie/api/web"
	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// office is the use cases of somebody who works there, in the roles of the
// token.
type office struct {
	*fake
	roles   []account.Role
	refused []string
	steps   []string
	err     error // of each step
}

func (o *office) Authenticate(_ context.Context, token string) (scheduling.Actor, error) {
	if token != "ms_staff" {
		return scheduling.Actor{}, scheduling.Unauthenticated()
	}
	return scheduling.Actor{Kind: scheduling.StaffKind, StaffID: 2, OfficeID: 1, Office: "anhua", Username: "fudao-a", Roles: o.roles}, nil
}

func (o *office) Login(_ context.Context, l scheduling.Login) (scheduling.Token, error) {
	if l.Office != "anhua" || l.Username != "fudao-a" || l.Password.Reveal() != "right" {
		return scheduling.Token{}, scheduling.Unauthenticated()
	}
	return scheduling.Token{Token: "ms_staff"}, nil
}

func (o *office) Refused(_ context.Context, _ scheduling.Actor, action, _ string, _ scheduling.Code) error {
	o.refused = append(o.refused, action)
	return nil
}

func (o *office) appointment() scheduling.Appointment {
	start := noon.Add(time.Hour)
	return scheduling.Appointment{
		Reference: reference, Office: o.offices[0], Service: o.offices[0].Services[0], Start: start, End: start.Add(time.Hour), Heads: 1, Status: scheduling.Booked,
		Counsellor: o.offices[0].Staff[0], Room: o.offices[0].Rooms[0], Session: scheduling.Session{Counsellor: 2},
		Parties: []scheduling.Party{{ID: 1, Name: scheduling.NewPrivate("陈"), Phone: scheduling.NewPrivate(citizensPhone)}},
	}
}

func (o *office) Appointment(_ context.Context, _ scheduling.Actor, asked string) (scheduling.Appointment, error) {
	if asked != reference {
		return scheduling.Appointment{}, scheduling.NotFound()
	}
	return o.appointment(), nil
}

func (o *office) OfficeAppointments(context.Context, scheduling.Filter) ([]scheduling.Appointment, string, error) {
	return []scheduling.Appointment{o.appointment()}, "", nil
}

func (o *office) DeskTasks(_ context.Context, f scheduling.TaskFilter) ([]scheduling.Task, string, error) {
	return []scheduling.Task{{
		ID: 5, Kind: scheduling.TaskCall, Reference: reference, Start: noon, Name: scheduling.NewPrivate("陈女士"), Phone: scheduling.NewPrivate(citizensPhone), Done: f.Done, CreatedAt: noon,
	}}, "", nil
}

func (o *office) FinishTask(context.Context, scheduling.TaskDone) error { return o.did("task") }

func (o *office) FindForDesk(ctx context.Context, _ scheduling.Actor, q scheduling.Search) ([]scheduling.Day, error) {
	return o.Find(ctx, q)
}

func (o *office) did(step string) error {
	o.steps = append(o.steps, step)
	return o.err
}

func (o *office) change(step string, c scheduling.Change) (scheduling.Appointment, error) {
	return o.appointment(), o.did(step + " " + c.Reference + " " + string(c.Actor.Kind))
}

func (o *office) CheckIn(_ context.Context, c scheduling.Change) (scheduling.Appointment, error) {
	return o.change("check-in", c)
}
func (o *office) Start(_ context.Context, c scheduling.Change) (scheduling.Appointment, error) {
	return o.change("start", c)
}
func (o *office) Complete(_ context.Context, c scheduling.Change) (scheduling.Appointment, error) {
	return o.change("complete", c)
}
func (o *office) NoShow(_ context.Context, c scheduling.Change) (scheduling.Appointment, error) {
	return o.change("no-show", c)
}
func (o *office) Cancel(_ context.Context, c scheduling.Change) (scheduling.Appointment, error) {
	return o.change("cancel", c)
}
func (o *office) Move(_ context.Context, c scheduling.Change) (scheduling.Appointment, error) {
	return o.change("move", c)
}
func (o *office) Restore(_ context.Context, c scheduling.Change) (scheduling.Appointment, error) {
	return o.change("restore", c)
}
func (o *office) Book(_ context.Context, b scheduling.Booking) (scheduling.Appointment, error) {
	return o.appointment(), o.did("book " + b.Service)
}
func (o *office) Undo(_ context.Context, c scheduling.Change) (scheduling.Appointment, error) {
	return o.change("undo", c)
}
func (o *office) CheckMove(context.Context, scheduling.Change) (scheduling.MoveCheck, error) {
	return scheduling.MoveCheck{}, nil
}
func (o *office) Targets(context.Context, scheduling.Actor, string, calendar.Date, time.Duration) (scheduling.MoveTargets, error) {
	return scheduling.MoveTargets{}, nil
}
func (o *office) Absences(context.Context, scheduling.Actor, string, calendar.Date, calendar.Date) ([]scheduling.Absence, error) {
	return nil, nil
}
func (o *office) Mark(context.Context, int64) (string, error) { return "1-1", nil }

// working is the server with somebody signed in, in some roles; none: nobody is.
func working(t *testing.T, roles ...account.Role) (*site, *office) {
	t.Helper()
	o := &office{roles: roles}
	s := open(t, func(cfg *api.Config) {
		o.fake = &fake{offices: []*scheduling.Office{anhua()}}
		cfg.Web = web.New(web.Config{
			Use: o, Visits: &memory{kept: map[scheduling.Digest]scheduling.Visit{}}, PublicURL: &url.URL{Scheme: "http", Host: "yuyue.example.cn"},
			Now: cfg.Now, Log: cfg.Log,
		})
	})
	if len(roles) > 0 {
		s.cookies["staff"] = "ms_staff"
	}
	return s, o
}

// staffRoutes are the routes of the staff's pages that a server has, as the table
// names them, with an address for each.
func staffRoutes(s *site) map[string]string {
	named := regexp.MustCompile(`:([a-z]+)`)
	out := map[string]string{}
	for _, r := range s.server.Routes() {
		if r.Path == "/staff" || strings.HasPrefix(r.Path, "/staff/") {
			out[r.Method+" "+named.ReplaceAllString(r.Path, "{$1}")] = strings.NewReplacer(":reference", reference, ":id", "5").Replace(r.Path)
		}
	}
	return out
}

func TestEveryStaffPageIsInTheTableOfScreens(t *testing.T) {
	s, _ := working(t)
	served := make([]string, 0)
	for key := range staffRoutes(s) {
		served = append(served, key)
	}
	slices.Sort(served)
	if want := account.ScreenRoutes(); !slices.Equal(served, want) {
		t.Errorf("served\n%s\nin the table\n%s", strings.Join(served, "\n"), strings.Join(want, "\n"))
	}
}

// what a form needs so that it is not refused for what it says.
var filledIn = url.Values{
	"q": {"8000"}, "outcome": {"reached"}, "reference": {reference}, "start": {"2026-11-27T09:00:00+08:00"},
	"service": {"family"}, "name": {"陈"}, "key": {"k1"}, "heads": {"1"}, "office": {"anhua"},
}

func TestEachRoleOpensAndPressesWhatTheTableSays(t *testing.T) {
	for _, role := range account.StaffRoles() {
		s, o := working(t, role)
		for key, path := range staffRoutes(s) {
			method, _, _ := strings.Cut(key, " ")
			if key == "POST /staff/logout" || key == "GET /staff/events" || key == "GET /staff" {
				continue
			}
			o.refused = nil
			var form url.Values
			if method == http.MethodPost {
				form = filledIn
			}
			answer := s.ask(method, path, form)
			scope, _ := account.AllowedScreen(key, []account.Role{role})
			if open := answer.Code != http.StatusForbidden; open != (scope != account.None) {
				t.Errorf("%s: %s answered %d, the table says %v", role, key, answer.Code, scope)
			}
			if answer.Code >= 500 {
				t.Errorf("%s: %s answered %d\n%s", role, key, answer.Code, s.log)
			}
			if refused := slices.Equal(o.refused, []string{key}); refused != (scope == account.None) {
				t.Errorf("%s: %s wrote the refusals %v", role, key, o.refused)
			}
		}
	}
}

func TestWhoIsNotSignedInIsAskedTo(t *testing.T) {
	s, _ := working(t)
	for key, path := range staffRoutes(s) {
		method, _, _ := strings.Cut(key, " ")
		if strings.Contains(path, "/login") || path == "/staff/logout" {
			continue
		}
		answer := s.ask(method, path, nil)
		leads := answer.Code == http.StatusSeeOther && strings.HasPrefix(answer.Header().Get("Location"), "/staff/login")
		if method == http.MethodGet && !leads || method == http.MethodPost && answer.Code != http.StatusUnauthorized {
			t.Errorf("%s answered %d %s", key, answer.Code, answer.Header().Get("Location"))
		}
	}
}

func TestSigningInLeadsToWhereOneWantedToGoAndNowhereElse(t *testing.T) {
	for then, want := range map[string]string{
		"/staff/calls": "/staff/calls", "/staff/today?day=2026-11-27": "/staff/today?day=2026-11-27", "": "/staff",
		"https://evil.example/staff/": "/staff", "//evil.example/staff/x": "/staff", `/staff\..\x`: "/staff", "/o/anhua": "/staff", "javascript:alert(1)": "/staff",
	} {
		s, _ := working(t)
		answer := s.ask(http.MethodPost, "/staff/login", url.Values{"office": {"anhua"}, "username": {" fudao-a "}, "password": {"right"}, "then": {then}})
		if answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != want {
			t.Errorf("%q leads to %d %s", then, answer.Code, answer.Header().Get("Location"))
		}
		if s.cookies["staff"] != "ms_staff" {
			t.Errorf("the cookie is %q", s.cookies["staff"])
		}
	}
	s, _ := working(t)
	answer := s.ask(http.MethodPost, "/staff/login", url.Values{"office": {"anhua"}, "username": {"fudao-a"}, "password": {"wrong"}})
	if answer.Code != http.StatusUnprocessableEntity || s.cookies["staff"] != "" || !strings.Contains(answer.Body.String(), `value="fudao-a"`) {
		t.Errorf("a wrong password: %d\n%s", answer.Code, main(answer.Body.String()))
	}
}

func TestAButtonOfAnotherSitesPageDoesNothing(t *testing.T) {
	s, o := working(t, account.Desk)
	for key, path := range staffRoutes(s) {
		if !strings.HasPrefix(key, "POST") {
			continue
		}
		if answer := s.ask(http.MethodPost, path, filledIn, "Sec-Fetch-Site", "cross-site"); answer.Code != http.StatusForbidden {
			t.Errorf("%s answered %d", key, answer.Code)
		}
	}
	if len(o.steps) > 0 || o.ended > 0 {
		t.Errorf("it did %v, and ended %d log-ins", o.steps, o.ended)
	}
}

func TestAStepIsDoneAndSaidOnTheListThatItWasPressedIn(t *testing.T) {
	s, o := working(t, account.Desk)
	answer := s.ask(http.MethodPost, "/staff/appointments/"+reference+"/check-in", url.Values{"key": {"k"}, "back": {"/staff/today"}})
	if answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != "/staff/today" || !slices.Equal(o.steps, []string{"check-in " + reference + " staff"}) {
		t.Fatalf("%d %s, did %v", answer.Code, answer.Header().Get("Location"), o.steps)
	}
	if page := s.ask(http.MethodGet, "/staff/today", nil).Body.String(); !strings.Contains(page, "到了，记下了") {
		t.Error("the list does not say so")
	}
	if page := s.ask(http.MethodGet, "/staff/today", nil).Body.String(); strings.Contains(page, "到了，记下了") {
		t.Error("it is said twice")
	}
	o.err = scheduling.WrongState()
	s.ask(http.MethodPost, "/staff/appointments/"+reference+"/check-in", url.Values{"back": {"https://evil.example/"}})
	if page := s.ask(http.MethodGet, "/staff/appointments/"+reference, nil).Body.String(); !strings.Contains(page, "别人刚改过") {
		t.Error("a refusal is not said")
	}
}

func TestNoListShowsWhoComesOrWhatFor(t *testing.T) {
	s, _ := working(t, account.Desk)
	page := main(s.ask(http.MethodGet, "/staff/today", nil).Body.String())
	list, _, _ := strings.Cut(page, "<dl")
	if strings.Contains(list, "陈") || strings.Contains(list, "咨询") || strings.Contains(page, citizensPhone) {
		t.Error(list)
	}
	if strings.Contains(s.log.String(), reference) || strings.Contains(s.log.String(), "ms_staff") {
		t.Error(s.log)
	}
}
