package main_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"magpie/cmd/magpie/e2etest"
)

func TestWhoNamesAPartnersNumberLearnsNothingOfTheirAppointments(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Rooms: 4, Services: []e2etest.Service{{OpenPerPerson: 1}}})
		server := s.Serve(t)
		partner := server.Citizen(t)
		start := e2etest.At(1, 9, 0)
		own := partner.Booked(t, start)
		partner.Do(t, e2etest.Request{Method: http.MethodPut, Path: codeWordPath, Raw: []byte(`{"code_word":"槿榆槐柳"}`)}).Is(t, http.StatusNoContent, "")
		s.Gateway.AwaitText(t, partner.Phone, own.Reference, 1)
		before := len(s.Gateway.To(partner.Phone))

		stranger := s.NewPhone()
		known := namesNumber(t, server, partner.Phone, own.Reference, start)
		unknown := namesNumber(t, server, stranger, "00000000", start)
		if diff := cmp.Diff(unknown, known); diff != "" {
			t.Errorf("answers that tell a number that has booked (+) from one never seen (-):\n%s", diff)
		}
		if got := e2etest.All[e2etest.Appointment](t, partner.Client, "/api/v1/appointments"); len(got) != 1 || got[0].Reference != own.Reference || got[0].Others != 0 {
			t.Errorf("the partner sees %+v", got)
		}
		// One code is the partner's own to ask for, and both are a minute apart.
		for _, phone := range []string{partner.Phone, stranger} {
			for _, call := range s.Gateway.To(phone)[len(s.Gateway.To(phone))-1:] {
				if phone == stranger && !strings.Contains(call.Text, "验证码") {
					t.Errorf("a number that was only named was sent %s", call.Text)
				}
			}
		}
		for _, call := range s.Gateway.To(partner.Phone)[before:] {
			if !strings.Contains(call.Text, "验证码") {
				t.Errorf("the partner was sent %s", call.Text)
			}
		}
	})
}

// namesNumber has somebody new do all that one can do with another's number,
// and answers what they were answered, without what is always new.
func namesNumber(t *testing.T, server *e2etest.Server, phone, reference string, start time.Time) []string {
	t.Helper()
	a := server.Citizen(t)
	var out []string
	note := func(what string, answer e2etest.Answer) e2etest.Answer {
		out = append(out, what+": "+withoutWhatIsNew(answer, a.Phone, a.Name, phone, reference))
		return answer
	}
	both := a.Booking(start)
	both.Parties = append(both.Parties, e2etest.Party{Name: "沈先生", Phone: phone})
	booked := e2etest.As[e2etest.Appointment](t, note("books with the number", a.Post(t, e2etest.BookPath, both)), http.StatusCreated)
	path := "/api/v1/appointments/" + booked.Reference
	note("reads it", a.Get(t, path))
	note("lists", a.Get(t, "/api/v1/appointments"))
	note("once more", a.Post(t, e2etest.BookPath, both)).Is(t, http.StatusConflict, "overlap")
	later := both
	later.Start = start.Add(2 * time.Hour)
	note("at another time", a.Post(t, e2etest.BookPath, later)).Is(t, http.StatusConflict, "limit_reached")
	note("moves", a.Post(t, path+"/reschedule", map[string]any{"start": start.Add(time.Hour)})).Is(t, http.StatusOK, "")
	note("moves back", a.Post(t, path+"/reschedule", map[string]any{"start": start})).Is(t, http.StatusOK, "")
	note("cancels", a.Post(t, path+"/cancel", nil)).Is(t, http.StatusOK, "")

	as := a.Booking(start)
	as.Parties[0].Phone = phone
	note("books as the number", a.Post(t, e2etest.BookPath, as))
	family := e2etest.Booking{
		Service: "talk", Start: start, Parties: []e2etest.Party{{Name: "沈女士", Phone: phone}},
		Contact: map[string]string{"name": a.Name, "phone": a.Phone, "relation": "女儿"},
	}
	forOther := e2etest.As[e2etest.Appointment](t, note("books for the number", a.Post(t, e2etest.BookPath, family)), http.StatusCreated)
	note("cancels that", a.Post(t, "/api/v1/appointments/"+forOther.Reference+"/cancel", nil)).Is(t, http.StatusOK, "")
	family.Contact = map[string]string{"name": "沈先生", "phone": phone, "relation": "丈夫"}
	note("books in the number's name", a.Post(t, e2etest.BookPath, family))
	note("reads the number's appointment", a.Get(t, "/api/v1/appointments/"+reference)).Is(t, http.StatusNotFound, "not_found")
	note("cancels the number's appointment", a.Post(t, "/api/v1/appointments/"+reference+"/cancel", nil)).Is(t, http.StatusNotFound, "not_found")
	note("moves the number's appointment", a.Post(t, "/api/v1/appointments/"+reference+"/reschedule", map[string]any{"start": start})).Is(t, http.StatusNotFound, "not_found")
	note("takes its calendar file", a.Get(t, "/api/v1/appointments/"+reference+"/calendar.ics")).Is(t, http.StatusNotFound, "not_found")
	for range 7 { // past the limits of a number, which are silent
		note("asks for a code", a.Post(t, "/api/v1/verifications", map[string]string{"phone": phone})).Is(t, http.StatusAccepted, "")
	}
	id := a.AskForCode(t, phone)
	for range 6 {
		note("guesses the code", a.Confirm(t, id, "000000"))
	}
	for _, word := range []string{"喜鹊搭桥", "0000"} {
		note("guesses a code word", a.Post(t, "/api/v1/session", map[string]string{"phone": phone, "code_word": word})).Is(t, http.StatusUnprocessableEntity, "invalid")
	}
	return out
}

var alwaysNew = regexp.MustCompile(`"(reference|id|created_at|updated_at|expires_at|resend_at|token)":"[^"]*"`)

// withoutWhatIsNew is an answer, its header included, without times, ids and
// what the asking person is called.
func withoutWhatIsNew(a e2etest.Answer, own ...string) string {
	header := a.Header.Clone()
	header.Del("Date")
	header.Del("X-Request-Id")
	if header.Get("Retry-After") != "" {
		header.Set("Retry-After", "…")
	}
	header.Del("Content-Length") // of the body as it came, ids of any length in it
	text := alwaysNew.ReplaceAllString(string(a.Body), `"$1":…`)
	for i, value := range own {
		text = strings.ReplaceAll(text, value, fmt.Sprintf("<%d>", i))
	}
	return fmt.Sprintf("%d %v %s", a.Status, header, text)
}

func TestPersonalDataAreSealedAtRestAndGoneAfterTheirTime(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Rooms: 4, Keep: "{contact: 2d, messages: 2d, audit: 3d}", Services: []e2etest.Service{{OpenPerPerson: 2}}})
		server := s.Serve(t)
		desk, counsellor := server.Staff(t, "desk"), server.Staff(t, "c04")
		reference := busyDay(t, s, server, desk, counsellor)
		staying := server.Citizen(t)
		kept := e2etest.As[e2etest.Appointment](t, staying.Post(t, e2etest.BookPath, staying.Booking(e2etest.At(11, 9, 0))), http.StatusCreated)
		s.Gateway.AwaitText(t, staying.Phone, kept.Reference, 1)

		db := openDatabase(t, s)
		holdsNothingPrivate(t, s, db, "while everything is kept")
		if persons := db.count(t, "SELECT COUNT(*) FROM persons"); persons < 4 {
			t.Errorf("only %d people are in the database", persons)
		}
		server.Terminate(t, syscall.SIGTERM)
		s.Clock.Set(t, e2etest.At(10, 8, 0))
		server.Restart(t)
		e2etest.Eventually(t, "what has passed its time is erased", func() error {
			for query, want := range map[string]int{
				"SELECT COUNT(*) FROM persons":  1,
				"SELECT COUNT(*) FROM contacts": 1,
				"SELECT COUNT(*) FROM appointments WHERE note IS NOT NULL OR reason IS NOT NULL OR contact_name IS NOT NULL": 0,
				"SELECT COUNT(*) FROM parties WHERE name IS NOT NULL OR phone IS NOT NULL":                                   1,
				"SELECT COUNT(*) FROM verifications":                                                                         0,
				"SELECT COUNT(*) FROM citizen_tokens":                                                                        0,
				"SELECT COUNT(*) FROM remembered":                                                                            0,
				"SELECT COUNT(*) FROM audit":                                                                                 0,
				"SELECT COUNT(*) FROM messages WHERE status <> 'planned' AND kind <> 'reminder' AND kind <> 'booked'":        0,
			} {
				if got := db.count(t, query); got != want {
					return fmt.Errorf("%s: %d, want %d", query, got, want)
				}
			}
			return nil
		})
		if s.Engine == e2etest.SQLite {
			db.exec(t, "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")
		}
		holdsNothingPrivate(t, s, db, "after its time")
		desk = server.Staff(t, "desk")
		for _, a := range desk.Appointments(t, e2etest.Date(0), e2etest.Date(30)) {
			if a.Reference == kept.Reference {
				if a.Parties[0].Name != staying.Name || a.Parties[0].Phone != staying.Phone {
					t.Errorf("what is not over yet was erased: %+v", a)
				}
			} else if a.Note != "" || a.Reason != "" || len(a.Parties) > 0 && (a.Parties[0].Name != "" || a.Parties[0].Phone != "") {
				t.Errorf("the desk still sees %+v", a)
			}
		}
		if got := len(desk.Appointments(t, e2etest.Date(1), e2etest.Date(1))); got < 3 {
			t.Errorf("%d appointments without names stayed, want what was booked (%s, …)", got, reference)
		}
		clean(t, s)
	})
}

// busyDay leaves personal data wherever they can be entered.
func busyDay(t *testing.T, s *e2etest.Site, server *e2etest.Server, desk, counsellor *e2etest.Client) string {
	t.Helper()
	start := e2etest.At(1, 9, 0)
	a := server.Citizen(t)
	body := a.Booking(start)
	body.Parties = append(body.Parties, e2etest.Party{Name: s.NewName(), Phone: s.NewPhone()})
	body.Note = "请不要打电话到家里-" + s.NewName()
	booked := e2etest.As[e2etest.Appointment](t, a.Post(t, e2etest.BookPath, body), http.StatusCreated)
	a.Post(t, "/api/v1/appointments/"+booked.Reference+"/reschedule", map[string]any{"start": start.Add(time.Hour)}).Is(t, http.StatusOK, "")

	b := server.Citizen(t)
	other := b.Booked(t, start)
	b.Post(t, "/api/v1/appointments/"+other.Reference+"/cancel", map[string]string{"reason": "家里有事-" + s.NewName()}).Is(t, http.StatusOK, "")

	c := server.Citizen(t)
	family := c.Booking(start)
	family.Parties[0] = e2etest.Party{Name: s.NewName()}
	family.Contact = map[string]string{"name": c.Name, "phone": c.Phone, "relation": "母亲"}
	c.Post(t, e2etest.BookPath, family).Is(t, http.StatusCreated, "")

	caller := e2etest.Booking{Service: "talk", Start: start, Parties: []e2etest.Party{{Name: s.NewName(), Phone: s.NewPhone()}}, Note: "来电-" + s.NewName()}
	desk.Post(t, e2etest.DeskPath, caller).Is(t, http.StatusCreated, "")
	leave := map[string]any{"from": e2etest.Date(2), "to": e2etest.Date(2), "reason": "看病-" + s.NewName()}
	counsellor.Post(t, "/api/v1/staff/offices/anhua/staff/c04/time-off", leave).Is(t, http.StatusCreated, "")
	s.Gateway.AwaitText(t, caller.Parties[0].Phone, "已为您约好", 1)
	return booked.Reference
}

// holdsNothingPrivate looks for every name, number and note in the database as
// somebody would who has stolen it.
func holdsNothingPrivate(t *testing.T, s *e2etest.Site, db database, when string) {
	t.Helper()
	content := []byte(db.dump(t))
	if s.Engine == e2etest.SQLite {
		for _, suffix := range []string{"", "-wal"} {
			file, err := os.ReadFile(s.File + suffix)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			content = append(content, file...)
		}
	}
	private := s.Private()
	if len(private) < 10 {
		t.Fatalf("only %d private values", len(private))
	}
	for _, value := range private {
		if bytes.Contains(content, []byte(value)) {
			t.Errorf("%s the database holds %q", when, value)
		}
	}
}
