package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

// codes are the contract's.
var codes = []string{
	"malformed", "unauthenticated", "second_factor", "forbidden", "not_found", "method_not_allowed", "slot_taken", "overlap", "too_late",
	"not_open", "wrong_state", "limit_reached", "in_use", "too_large", "invalid", "key_reused", "rate_limited", "internal", "overloaded",
}

func TestEveryRouteAndEveryCodeOfTheContractIsAnswered(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{
			Services: []e2etest.Service{{OpenPerPerson: 1}, {Code: "class", Places: 3, MaxParties: 1, OpenPerPerson: 1}}, Extra: []string{
				"reply_cancels: [talk]", "registration: {link: https://example.org/r, note: {zh: 登记预约, en: Registration}}",
				`help: [{name: {zh: 值班室, en: On duty}, phone: "0737-722 0001"}]`, "exit_to: https://example.org/news",
			},
		}, e2etest.Office{Code: "other"})
		s.Keep("the secret of the hooks", hookSecret)
		server := s.Serve(t, "MAGPIE_HOOK_SECRET="+hookSecret, "MAGPIE_HOOK_SENDERS=10.0.0.0/8", "MAGPIE_SMS_REPLIES=true", "MAGPIE_PUBLIC_URL="+publicOrigin)
		tour := &tour{
			T: t, site: s, server: server, visitor: server.Client(t), citizen: server.Citizen(t),
			desk: server.Staff(t, "desk"), chief: server.Staff(t, "chief"), audit: server.Staff(t, "audit"), counsellor: server.Staff(t, "c01"),
		}
		tour.readDocument()
		tour.open()
		tour.page()
		tour.book()
		tour.attend()
		tour.rest()
		tour.factors()
		tour.passkeys()
		tour.told()
		tour.ownData()
		tour.asking()
		tour.texts()
		tour.settingUp()
		tour.tasks()
		tour.calendars()
		tour.staffsDay()
		tour.elsewhere()
		tour.refusals()
		tour.conflicts()
		tour.wrong()
		tour.later()
		tour.broken()
		tour.replies()
		tour.everything()
	})
}

// tour is a walk through all routes.
type tour struct {
	*testing.T
	site                                    *e2etest.Site
	server                                  *e2etest.Server
	visitor, desk, chief, audit, counsellor *e2etest.Client
	citizen                                 *e2etest.Citizen
	operations                              []operation
	reference                               string // of an appointment of the citizen's
}

// readDocument reads the operations and checks the reference page.
func (o *tour) readDocument() {
	type document struct {
		OpenAPI string                                `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage `json:"paths"`
	}
	read := e2etest.As[document](o.T, o.visitor.Get(o.T, "/api/v1/openapi.json"), http.StatusOK)
	for path, item := range read.Paths {
		for method, raw := range item {
			op := operation{method: strings.ToUpper(method), path: path}
			if err := json.Unmarshal(raw, &op); err != nil {
				o.Fatal(err)
			}
			o.operations = append(o.operations, op)
		}
	}
	if !strings.HasPrefix(read.OpenAPI, "3.1") || len(o.operations) < 55 {
		o.Errorf("OpenAPI %s with %d operations", read.OpenAPI, len(o.operations))
	}
	reference := o.visitor.Get(o.T, "/api/v1/docs").Is(o.T, http.StatusOK, "")
	if regexp.MustCompile(`(src|href)=["']?(https?:)?//`).Match(reference.Body) {
		o.Error("the reference page asks another server for something")
	}
}

// open is what anybody may ask.
func (o *tour) open() {
	for _, path := range []string{
		"/healthz", "/readyz", "/api/v1/offices", "/api/v1/offices/anhua", "/api/v1/offices/anhua/services",
		"/api/v1/offices/anhua/counsellors?service=talk",
		"/api/v1/offices/anhua/availability?service=talk&from=2026-03-03&to=2026-03-10&parties=2&counsellor=c01&gender=female&accessible=true",
		"/api/v1/statute/thirty-days?received=2026-03-02&practice=roll_second",
	} {
		o.visitor.Get(o.T, path).Is(o.T, http.StatusOK, "")
	}
	days := o.visitor.Days(o.T, "2026-02-28", "2026-04-30", "")
	if len(days) != 62 || days[0].Closed == nil || days[0].Closed.Code != "past" {
		o.Errorf("%d days, the first %+v", len(days), days[0])
	}
	first := e2etest.As[e2etest.Page[struct{ Code string }]](o.T, o.visitor.Get(o.T, "/api/v1/offices?limit=1"), http.StatusOK)
	if len(first.Items) != 1 || first.Next == nil {
		o.Fatalf("the first page is %+v", first)
	}
	second := e2etest.As[e2etest.Page[struct{ Code string }]](o.T, o.visitor.Get(o.T, "/api/v1/offices?limit=1&after="+*first.Next), http.StatusOK)
	if len(second.Items) != 1 || second.Next != nil || first.Items[0].Code != "anhua" || second.Items[0].Code != "other" {
		o.Errorf("the second page is %+v", second)
	}
}

// book is a citizen's way, holds with it.
func (o *tour) book() {
	start := e2etest.At(1, 9, 0)
	kept := e2etest.As[held](o.T, o.citizen.Post(o.T, e2etest.HoldPath, map[string]any{"service": "talk", "start": start}), http.StatusCreated)
	renewed := e2etest.As[held](o.T, o.citizen.Post(o.T, e2etest.HoldPath+"/"+kept.Hold+"/renew", nil), http.StatusOK)
	if renewed.Hold != kept.Hold || renewed.ExpiresAt.Before(kept.ExpiresAt) {
		o.Errorf("renewed from %v to %v", kept, renewed)
	}
	o.citizen.Post(o.T, e2etest.HoldPath+"/"+kept.Hold+"/renew", nil).Is(o.T, http.StatusConflict, "wrong_state")
	o.citizen.Delete(o.T, e2etest.HoldPath+"/"+kept.Hold).Is(o.T, http.StatusNoContent, "")
	o.citizen.Delete(o.T, e2etest.HoldPath+"/"+kept.Hold).Is(o.T, http.StatusNotFound, "not_found")

	booking := o.citizen.Booking(start)
	booking.Parties = append(booking.Parties, e2etest.Party{Name: o.site.NewName()})
	booking.Gender, booking.Locale, booking.Note = "female", "en", "请安静一些-"+o.citizen.Name
	request := e2etest.Request{Method: http.MethodPost, Path: e2etest.BookPath, Key: o.site.NewKey(), Body: booking}
	first := o.citizen.Do(o.T, request)
	a := e2etest.As[e2etest.Appointment](o.T, first, http.StatusCreated)
	if again := o.citizen.Do(o.T, request); again.String() != first.String() {
		o.Errorf("the same key answered %s and then %s", first, again)
	}
	if !regexp.MustCompile(`^[0-9]{8}$`).MatchString(a.Reference) || a.Others != 1 || len(a.Parties) != 1 {
		o.Errorf("booked %+v", a)
	}
	o.reference = a.Reference
	o.citizen.Get(o.T, "/api/v1/appointments?limit=5").Is(o.T, http.StatusOK, "")
	o.citizen.Get(o.T, "/api/v1/appointments/"+a.Reference).Is(o.T, http.StatusOK, "")
	o.citizen.Post(o.T, "/api/v1/appointments/"+a.Reference+"/reschedule", map[string]any{"start": start.Add(30 * time.Minute)}).Is(o.T, http.StatusOK, "")
	calendar := string(o.citizen.Get(o.T, "/api/v1/appointments/"+a.Reference+"/calendar.ics").Is(o.T, http.StatusOK, "").Body)
	if !strings.Contains(calendar, "SUMMARY:预约\r\n") || strings.Contains(calendar, "咨询") || strings.Contains(calendar, "谈话室") || strings.Contains(calendar, o.citizen.Name) {
		o.Errorf("the calendar file says too much or too little:\n%s", calendar)
	}
	other := o.server.Citizen(o.T)
	b := other.Booked(o.T, e2etest.At(1, 15, 0))
	for range 2 {
		a := e2etest.As[e2etest.Appointment](o.T, other.Post(o.T, "/api/v1/appointments/"+b.Reference+"/cancel", map[string]string{"reason": "有事来不了-" + other.Name}), http.StatusOK)
		if a.Status != "cancelled" {
			o.Errorf("cancelled it is %s", a.Status)
		}
	}
	other.Delete(o.T, "/api/v1/session").Is(o.T, http.StatusNoContent, "")
	other.Get(o.T, "/api/v1/appointments").Is(o.T, http.StatusUnauthorized, "unauthenticated")
}

// caller books for a caller at the desk.
func (o *tour) caller(start time.Time) e2etest.Appointment {
	body := e2etest.Booking{Service: "talk", Start: start, Parties: []e2etest.Party{{Name: o.site.NewName(), Phone: o.site.NewPhone()}}}
	return e2etest.As[e2etest.Appointment](o.T, o.desk.Post(o.T, e2etest.DeskPath, body), http.StatusCreated)
}

// attend is the staff's part.
func (o *tour) attend() {
	const staff = "/api/v1/staff/appointments/"
	a := o.caller(e2etest.At(39, 9, 0)) // beyond the horizon
	path := staff + a.Reference
	o.desk.Post(o.T, path+"/reschedule", map[string]any{"start": e2etest.At(0, 9, 0)}).Is(o.T, http.StatusOK, "") // inside the notice
	o.desk.Post(o.T, path+"/start", nil).Is(o.T, http.StatusConflict, "wrong_state")
	o.desk.Post(o.T, path+"/no-show", nil).Is(o.T, http.StatusConflict, "wrong_state")
	step(o.T, o.desk, a.Reference, "check-in", "checked_in")
	step(o.T, o.chief, a.Reference, "start", "in_session")
	step(o.T, o.desk, a.Reference, "complete", "completed")
	o.desk.Post(o.T, path+"/complete", nil).Is(o.T, http.StatusConflict, "wrong_state")
	b := o.caller(e2etest.At(2, 9, 0))
	e2etest.As[e2etest.Appointment](o.T, o.desk.Post(o.T, staff+b.Reference+"/cancel", map[string]string{"reason": "来电取消-" + b.Parties[0].Name}), http.StatusOK)
	if seen := o.desk.Appointments(o.T, e2etest.Date(0), e2etest.Date(2)); len(seen) < 3 {
		o.Errorf("the desk sees %d appointments", len(seen))
	}
	c := o.caller(e2etest.At(0, 10, 0))
	o.site.Clock.Set(o.T, e2etest.At(0, 10, 1))
	step(o.T, o.desk, c.Reference, "no-show", "no_show")
	if got := o.desk.Get(o.T, e2etest.DeskPath+"?from=2026-03-02&to=2026-03-02&status=no_show&counsellor="+c.Counsellor.Username+"&room="+c.Room.Code+"&service=talk"); len(e2etest.As[e2etest.Page[e2etest.Appointment]](o.T, got, http.StatusOK).Items) != 1 {
		o.Errorf("narrowed to the one that did not come: %s", got)
	}
	o.site.Clock.Set(o.T, e2etest.Begin)
	o.audit.Get(o.T, e2etest.AuditPath+"?limit=3").Is(o.T, http.StatusOK, "")
	o.audit.Delete(o.T, "/api/v1/staff/session").Is(o.T, http.StatusNoContent, "")
	o.audit.Get(o.T, e2etest.AuditPath).Is(o.T, http.StatusUnauthorized, "unauthenticated")
	o.audit = o.server.Staff(o.T, "audit")
}

// rest is leave.
func (o *tour) rest() {
	const path = "/api/v1/staff/offices/anhua/staff/c01/time-off"
	leave := map[string]any{"from": e2etest.Date(1), "to": e2etest.Date(2), "reason": "培训-" + o.site.NewName()}
	refused := o.counsellor.Post(o.T, path, leave).Is(o.T, http.StatusConflict, "in_use")
	if !strings.Contains(string(refused.Body), o.reference) {
		o.Errorf("in_use does not list %s: %s", o.reference, refused)
	}
	leave["force"] = true
	entered := e2etest.As[struct{ ID string }](o.T, o.counsellor.Post(o.T, path, leave), http.StatusCreated)
	if list := e2etest.All[struct{ ID string }](o.T, o.chief, path); len(list) != 1 || list[0].ID != entered.ID {
		o.Errorf("the leave is %+v", list)
	}
	if got := o.visitor.FreeAt(o.T, e2etest.At(2, 9, 0)); got != 1 {
		o.Errorf("%d free with one of two counsellors away, want 1", got)
	}
	o.chief.Delete(o.T, path+"/"+entered.ID).Is(o.T, http.StatusNoContent, "")
	if got := o.visitor.FreeAt(o.T, e2etest.At(2, 9, 0)); got != 2 {
		o.Errorf("%d free after the leave was withdrawn, want 2", got)
	}
}

// refusals are what every operation refuses in the same way.
func (o *tour) refusals() {
	big := []byte(`{"note":"` + strings.Repeat("a", 1<<20) + `"}`)
	for _, op := range o.operations {
		if op.hook() {
			o.hook(op)
			continue
		}
		if op.method == http.MethodHead {
			continue // it has no words
		}
		good, unknown := o.fill(op, op.path, false), o.fill(op, op.path, true)
		client := o.client(op)
		ask := func(c *e2etest.Client, path, key string, raw []byte) e2etest.Answer {
			return c.Do(o.T, e2etest.Request{Method: op.method, Path: path, Key: key, Raw: raw})
		}
		if op.answers(http.StatusUnauthorized) && op.ID != "LogIn" {
			for _, token := range []string{"", "mc_none", o.wrongKind(op)} {
				if token == "" && op.takesNobody() {
					continue
				}
				stranger := o.server.Client(o.T)
				stranger.Token = token
				ask(stranger, good, o.site.NewKey(), o.body(op)).Is(o.T, http.StatusUnauthorized, "unauthenticated")
			}
		}
		if op.answers(http.StatusForbidden) {
			ask(o.forbidden(op), good, o.site.NewKey(), o.body(op)).Is(o.T, http.StatusForbidden, "forbidden")
		}
		if op.answers(http.StatusNotFound) {
			ask(client, unknown, o.site.NewKey(), o.body(op)).Is(o.T, http.StatusNotFound, "not_found")
		}
		if strings.Contains(op.path, "/staff/offices/{office}") {
			ask(client, strings.Replace(good, "anhua", "other", 1), o.site.NewKey(), o.body(op)).Is(o.T, http.StatusNotFound, "not_found")
		}
		if op.answers(http.StatusRequestEntityTooLarge) {
			ask(client, good, o.site.NewKey(), big).Is(o.T, http.StatusRequestEntityTooLarge, "too_large")
		}
		if op.Body != nil {
			ask(client, good, o.site.NewKey(), []byte(`{"service`)).Is(o.T, http.StatusBadRequest, "malformed")
			ask(client, good, o.site.NewKey(), []byte(`{"colour": "red"}`)).Is(o.T, http.StatusUnprocessableEntity, "invalid")
		} else if op.answers(http.StatusUnprocessableEntity) {
			joint := map[bool]string{true: "&", false: "?"}[strings.Contains(good, "?")]
			ask(client, good+joint+"colour=red", "", nil).Is(o.T, http.StatusUnprocessableEntity, "invalid")
		}
		if op.keyed() {
			ask(client, good, strings.Repeat("k", 256), o.body(op)).Is(o.T, http.StatusBadRequest, "malformed")
			if op.keyRequired() {
				ask(client, good, "", o.body(op)).Is(o.T, http.StatusBadRequest, "malformed")
			}
		}
		wrongMethod := o.visitor.Do(o.T, e2etest.Request{Method: http.MethodPatch, Path: good}).Is(o.T, http.StatusMethodNotAllowed, "method_not_allowed")
		if !strings.Contains(wrongMethod.Header.Get("Allow"), op.method) {
			o.Errorf("%s: Allow is %q", op, wrongMethod.Header.Get("Allow"))
		}
	}
	o.visitor.LogIn(o.T, "anhua", "desk", "Wrong-horse-77").Is(o.T, http.StatusUnauthorized, "unauthenticated")
	o.visitor.Get(o.T, "/api/v2/offices").Is(o.T, http.StatusNotFound, "not_found")
}

// conflicts are the refusals that hang on what is booked, and when.
func (o *tour) conflicts() {
	o.citizen.Book(o.T, e2etest.At(3, 9, 0)).Is(o.T, http.StatusConflict, "limit_reached")
	class := o.citizen.Booking(e2etest.At(1, 9, 30))
	class.Service = "class"
	o.citizen.Post(o.T, e2etest.BookPath, class).Is(o.T, http.StatusConflict, "overlap")
	other := o.server.Citizen(o.T)
	other.Book(o.T, e2etest.At(0, 9, 0)).Is(o.T, http.StatusConflict, "too_late")
	early := other.Book(o.T, e2etest.At(45, 9, 0)).Is(o.T, http.StatusConflict, "not_open")
	if !strings.Contains(string(early.Body), `"opens_at":"2026-03-17T00:00:00+08:00"`) {
		o.Errorf("not_open: %s", early)
	}
	for range 2 {
		o.caller(e2etest.At(4, 9, 0))
	}
	taken := other.Book(o.T, e2etest.At(4, 9, 0)).Is(o.T, http.StatusConflict, "slot_taken")
	var problem struct{ Alternatives []e2etest.Slot }
	if err := json.Unmarshal(taken.Body, &problem); err != nil || len(problem.Alternatives) == 0 {
		o.Errorf("slot_taken without alternatives: %s", taken)
	}
	key := o.site.NewKey()
	for i, status := range []int{http.StatusCreated, http.StatusUnprocessableEntity} {
		a := other.Do(o.T, e2etest.Request{Method: http.MethodPost, Path: e2etest.BookPath, Key: key, Body: other.Booking(e2etest.At(3, 9+i, 0))})
		if a.Status != status || a.Code() != map[int]string{0: "", 1: "key_reused"}[i] {
			o.Errorf("a key's request %d was answered %s", i+1, a)
		}
	}
}

// wrong is a booking that is wrong in one field, and tries.
func (o *tour) wrong() {
	other := o.server.Citizen(o.T)
	for field, change := range map[string]func(*e2etest.Booking){
		"start":            func(b *e2etest.Booking) { b.Start = b.Start.Add(7 * time.Minute) },
		"service":          func(b *e2etest.Booking) { b.Service = "nothing" },
		"parties":          func(b *e2etest.Booking) { b.Parties = append(b.Parties, b.Parties[0], b.Parties[0]) },
		"parties[0].phone": func(b *e2etest.Booking) { b.Parties[0].Phone = "12345678901" },
		"parties[0].name":  func(b *e2etest.Booking) { b.Parties[0].Name = "" },
		"counsellor":       func(b *e2etest.Booking) { b.Counsellor = "desk" },
		"gender":           func(b *e2etest.Booking) { b.Gender = "other" },
		"locale":           func(b *e2etest.Booking) { b.Locale = "fr" },
	} {
		body := other.Booking(e2etest.At(2, 9, 0))
		change(&body)
		a := other.Post(o.T, e2etest.BookPath, body).Is(o.T, http.StatusUnprocessableEntity, "invalid")
		if !strings.Contains(string(a.Body), strconv.Quote(field)) {
			o.Errorf("wrong in %s: %s", field, a)
		}
	}
	o.visitor.Get(o.T, "/api/v1/offices/anhua/availability?service=talk&from=2026-02-30&to=2026-03-01").Is(o.T, http.StatusUnprocessableEntity, "invalid")
	o.visitor.Get(o.T, "/api/v1/offices/anhua/availability?service=talk&from=2026-03-01&to=2026-05-02").Is(o.T, http.StatusUnprocessableEntity, "invalid")
	o.visitor.Get(o.T, "/api/v1/statute/thirty-days?received=2026-03-01").Is(o.T, http.StatusUnprocessableEntity, "invalid")

	phone := o.site.NewPhone()
	id := o.visitor.AskForCode(o.T, phone)
	right := o.site.CodeOf(o.T, phone, 0)
	for range 5 {
		o.visitor.Confirm(o.T, id, fmt.Sprintf("%06d", (atoi(right)+1)%1_000_000)).Is(o.T, http.StatusUnprocessableEntity, "invalid")
	}
	limited := o.visitor.Confirm(o.T, id, right).Is(o.T, http.StatusTooManyRequests, "rate_limited")
	if atoi(limited.Header.Get("Retry-After")) < 1 {
		o.Errorf("Retry-After is %q", limited.Header.Get("Retry-After"))
	}
}

// later is what cannot be changed any more two hours before the start.
func (o *tour) later() {
	other := o.server.Citizen(o.T)
	path := "/api/v1/appointments/" + other.Booked(o.T, e2etest.At(3, 9, 0)).Reference
	o.site.Clock.Set(o.T, e2etest.At(3, 7, 30))
	other.Prove(o.T)
	other.Post(o.T, path+"/cancel", nil).Is(o.T, http.StatusConflict, "too_late")
	other.Post(o.T, path+"/reschedule", map[string]any{"start": e2etest.At(3, 11, 0)}).Is(o.T, http.StatusConflict, "too_late")
}

// broken is what a server answers whose database is held up, or is not what it
// was.
func (o *tour) broken() {
	o.site.Broken = true
	db := openDatabase(o.T, o.site)
	other := o.server.Citizen(o.T)
	release := db.lockWords(o.T)
	request := e2etest.Request{Method: http.MethodPost, Path: e2etest.BookPath, Key: o.site.NewKey(), Body: other.Booking(e2etest.At(4, 10, 30))}
	a := other.Do(o.T, request)
	release()
	if a.Is(o.T, http.StatusServiceUnavailable, "overloaded"); atoi(a.Header.Get("Retry-After")) < 1 {
		o.Errorf("Retry-After is %q", a.Header.Get("Retry-After"))
	}
	if a, err := other.Insist(o.Context(), request); err != nil || a.Status != http.StatusCreated {
		o.Errorf("with the same key it was then answered %s, %v", a, err)
	}
	db.exec(o.T, "ALTER TABLE appointments RENAME TO appointments_away")
	internal := other.Get(o.T, "/api/v1/appointments").Is(o.T, http.StatusInternalServerError, "internal")
	if strings.Contains(string(internal.Body), "appointments_away") || strings.Contains(strings.ToLower(string(internal.Body)), "table") {
		o.Errorf("an error inside is told outside: %s", internal)
	}
	db.exec(o.T, "ALTER TABLE appointments_away RENAME TO appointments")
	other.Get(o.T, "/api/v1/appointments").Is(o.T, http.StatusOK, "")
	clean(o.T, o.site)
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s) // what is no number is zero, and that is wrong too
	return n
}
