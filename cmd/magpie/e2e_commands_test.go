package main_test

import (
	"errors"
	"io"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"magpie/cmd/magpie/e2etest"
)

func TestWrongUsageEndsWithTwoAndOneLine(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	for _, arguments := range [][]string{
		{}, {"fly"}, {"serve", "now"}, {"serve", "--fast"}, {"demo", "more"}, {"migrate", "down"}, {"apply"}, {"apply", "a", "b"},
		{"apply", "--wet-run", "a"}, {"export"}, {"export", "a", "b"}, {"staff"}, {"staff", "password"}, {"staff", "password", "anhua"},
		{"staff", "password", "anhua", "desk", "hunter2hunter2"}, {"doctor", "who"}, {"rekey", "k2"},
	} {
		if r := s.Run(t, arguments...); r.Exit != 2 || len(e2etest.Lines(r.Stderr)) != 1 || r.Stdout != "" {
			t.Errorf("magpie %s: exit %d, %q on stdout and %q on stderr; want 2 and one line", strings.Join(arguments, " "), r.Exit, r.Stdout, r.Stderr)
		}
	}
}

func TestServeMakesTheSchemaOfAnEmptyDatabaseAndNeverChangesAnOlderOne(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		server := s.Serve(t)
		if exit := server.Terminate(t, os.Interrupt); exit != 0 {
			t.Errorf("after Ctrl-C serve ended with %d", exit)
		}
		if r := s.Run(t, "migrate"); r.Exit != 0 || !strings.Contains(r.Stdout, "up to date") {
			t.Errorf("migrate after serve: exit %d\n%s%s", r.Exit, r.Stdout, r.Stderr)
		}
		db := openDatabase(t, s)
		newest := db.count(t, "SELECT MAX(version_id) FROM goose_db_version")
		db.exec(t, "DROP TABLE staff_challenges") // what the newest step makes
		if _, err := db.Exec("DELETE FROM goose_db_version WHERE version_id = " + strconv.Itoa(newest)); err != nil {
			t.Fatal(err)
		}
		before := db.tables(t)
		if r := s.Run(t, "serve"); r.Exit != 1 || len(e2etest.Lines(r.Stderr)) != 1 || !strings.Contains(r.Stderr, "migrate") {
			t.Errorf("serve on an older schema: exit %d, %q; want 1 and one line that names migrate", r.Exit, r.Stderr)
		}
		if diff := cmp.Diff(before, db.tables(t)); diff != "" {
			t.Errorf("serve changed an older schema:\n%s", diff)
		}
		if r := s.Run(t, "migrate"); r.Exit != 0 || !strings.Contains(r.Stdout, "staff_challenges") {
			t.Errorf("migrate does not say what it did: exit %d\n%s%s", r.Exit, r.Stdout, r.Stderr)
		}
		s.Serve(t)
	})
}

func TestAPasswordIsReadFromStandardInputAndLiftsALock(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{})
		server := s.Serve(t)
		old := s.SetPassword(t, "anhua", "desk")
		client := server.Client(t)
		earlier := server.Staff(t, "desk")
		for range 15 {
			if a := client.LogIn(t, "anhua", "desk", "Wrong-horse-77"); a.Code() == "rate_limited" {
				break
			}
		}
		client.LogIn(t, "anhua", "desk", "Wrong-horse-77").Is(t, http.StatusTooManyRequests, "rate_limited")
		// Without waiting a second: the lock of this address is lifted as well.
		for range 12 {
			s.Clock.Set(t, s.Clock.Now().Add(61*time.Second))
			client.LogIn(t, "anhua", "desk", "Wrong-horse-77")
		}
		s.Clock.Set(t, s.Clock.Now().Add(61*time.Second))
		client.LogIn(t, "anhua", "desk", "Wrong-horse-77").Is(t, http.StatusTooManyRequests, "rate_limited")
		fresh := s.SetPassword(t, "anhua", "desk")
		e2etest.As[struct{}](t, client.LogIn(t, "anhua", "desk", fresh), http.StatusOK)
		earlier.Get(t, e2etest.DeskPath+"?from=2026-03-02&to=2026-03-02").Is(t, http.StatusUnauthorized, "unauthenticated")
		client.LogIn(t, "anhua", "desk", old).Is(t, http.StatusUnauthorized, "unauthenticated")

		for name, c := range map[string]struct {
			input     string
			arguments []string
		}{
			"an unknown office":   {"Quercus-robur-1\n", []string{"staff", "password", "nowhere", "desk"}},
			"an unknown username": {"Quercus-robur-1\n", []string{"staff", "password", "anhua", "nobody"}},
			"a short password":    {"brief7\n", []string{"staff", "password", "anhua", "desk"}},
			"no password":         {"", []string{"staff", "password", "anhua", "desk"}},
		} {
			s.Keep("password", strings.TrimSpace(c.input))
			if r := s.RunWith(t, nil, c.input, c.arguments...); r.Exit != 1 || len(e2etest.Lines(r.Stderr)) != 1 {
				t.Errorf("%s: exit %d, %q; want 1 and one line", name, r.Exit, r.Stderr)
			}
		}
		e2etest.As[struct{}](t, client.LogIn(t, "anhua", "desk", fresh), http.StatusOK)
	})
}

func TestDoctorReportsEveryDifference(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Services: []e2etest.Service{{OpenPerPerson: 1}}})
		server := s.Serve(t)
		server.Citizen(t).Booked(t, e2etest.At(1, 9, 0))
		clean(t, s)
		openDatabase(t, s).exec(t, "DELETE FROM day_words", "DELETE FROM open_counts")
		if r := s.Run(t, "doctor"); r.Exit != 1 || len(e2etest.Lines(r.Stdout)) < 2 {
			t.Errorf("doctor with two differences: exit %d\n%s%s", r.Exit, r.Stdout, r.Stderr)
		}
	})
}

func TestRekeyPutsEverythingUnderTheNewestKeyWhileServeRuns(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Set("MAGPIE_RATE_LIMITS", "false")
		s.Open(t, e2etest.Office{Rooms: 8})
		first := s.Serve(t)
		before := first.Citizen(t)
		booking := before.Booking(e2etest.At(1, 9, 0))
		booking.Note = "需要轮椅通道-" + before.Name
		a := e2etest.As[e2etest.Appointment](t, before.Post(t, e2etest.BookPath, booking), http.StatusCreated)
		first.Terminate(t, syscall.SIGTERM)

		newest := e2etest.NewSecret("k2")
		s.Keep("the second secret", newest[3:])
		both := "MAGPIE_SECRET=" + newest + "," + s.Secret
		server := s.Serve(t, both)
		stop, working := make(chan struct{}), make(chan int)
		go func() {
			n := 0
			defer func() { working <- n }()
			for start := range allStarts(2, 6) {
				select {
				case <-stop:
					return
				default:
				}
				c := server.Citizen(t)
				c.Booked(t, start)
				n++
			}
		}()
		for range 3 {
			if r := s.RunWith(t, []string{both}, "", "rekey"); r.Exit != 0 {
				t.Errorf("rekey: exit %d\n%s%s", r.Exit, r.Stdout, r.Stderr)
			}
		}
		close(stop)
		booked := <-working
		s.RunWith(t, []string{both}, "", "rekey")
		server.Terminate(t, syscall.SIGTERM)

		s.Set("MAGPIE_SECRET", newest)
		server = s.Serve(t)
		seen := server.Staff(t, "desk").Appointments(t, e2etest.Date(0), e2etest.Date(30))
		if len(seen) != booked+1 {
			t.Errorf("%d appointments, want %d", len(seen), booked+1)
		}
		for _, one := range seen {
			if one.Parties[0].Name == "" || one.Parties[0].Phone == "" {
				t.Errorf("without the old key %s has lost its name or number: %+v", one.Reference, one.Parties)
			}
			if one.Reference == a.Reference && one.Note != booking.Note {
				t.Errorf("the note became %q", one.Note)
			}
		}
		// The number is still the same person's: its hash is under the new key.
		before.Client = server.Client(t)
		before.Prove(t)
		if own := e2etest.All[e2etest.Appointment](t, before.Client, "/api/v1/appointments"); len(own) != 1 || own[0].Reference != a.Reference {
			t.Errorf("under the new key the number has %+v", own)
		}
		clean(t, s)
	})
}

func TestDemoIsAWholeOfficeInOneProcess(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	// What demo ignores is wrong here.
	demo := s.Demo(t, "MAGPIE_DATABASE=postgres://nowhere", "MAGPIE_SMS=pigeon:", "MAGPIE_SECRET=wrong")
	out := demo.Stdout.String()
	login := regexp.MustCompile(`(?m)^ *(qiantai) +([a-z2-7]{10,})`).FindStringSubmatch(out)
	if login == nil || !strings.Contains(out, demo.URL+"/demo/messages") || !strings.Contains(out, demo.URL+"/api/v1/docs") {
		t.Fatalf("demo does not say what to open and with which log-in:\n%s", out)
	}
	desk := demo.Client(t)
	desk.Token = e2etest.As[struct {
		Token string `json:"token"`
	}](t, desk.LogIn(t, "anhua", login[1], login[2]), http.StatusOK).Token
	if booked := desk.Appointments(t, e2etest.Date(0), e2etest.Date(14)); len(booked) < 10 {
		t.Errorf("%d bookings in two weeks are not plausible", len(booked))
	}
	phone := s.NewPhone()
	id := desk.AskForCode(t, phone)
	var code string
	e2etest.Eventually(t, "the code is on the page of messages", func() error {
		shown := regexp.MustCompile(`(?s)` + phone + `.{1,200}验证码([0-9]{6})`).FindStringSubmatch(page(t, demo.URL+"/demo/messages"))
		if shown == nil {
			return errors.New("it is not")
		}
		code = shown[1]
		return nil
	})
	e2etest.As[struct{}](t, desk.Confirm(t, id, code), http.StatusOK)
	if exit := demo.Terminate(t, os.Interrupt); exit != 0 {
		t.Errorf("after Ctrl-C demo ended with %d:\n%s", exit, demo.Stderr)
	}
	left, err := filepath.Glob(filepath.Join(s.Folder, "magpie*"))
	if err != nil || len(left) > 0 {
		t.Errorf("demo left %v, %v", left, err)
	}
}

func TestATerminatedServerAnswersWhatIsUnderWay(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{})
		metrics := "127.0.0.1:" + strconv.Itoa(e2etest.FreePort(t))
		server := s.Serve(t, "MAGPIE_METRICS_LISTEN="+metrics)
		citizen := server.Citizen(t)
		server.Citizen(t).Booked(t, e2etest.At(1, 9, 0))
		release := openDatabase(t, s).lockWords(t)
		defer release()
		answered := make(chan e2etest.Answer, 1)
		go func() { answered <- citizen.Book(t, e2etest.At(1, 9, 0)) }()
		e2etest.Eventually(t, "the booking is under way", func() error {
			if !strings.Contains(page(t, "http://"+metrics+"/metrics"), "magpie_http_requests_under_way 1\n") {
				return errors.New("no request is")
			}
			return nil
		})
		ended := make(chan int, 1)
		go func() { ended <- server.Terminate(t, syscall.SIGTERM) }()
		select {
		case exit := <-ended:
			t.Fatalf("the server ended with %d before it had answered", exit)
		case <-time.After(300 * time.Millisecond):
		}
		release()
		(<-answered).Is(t, http.StatusCreated, "")
		if exit := <-ended; exit != 0 {
			t.Errorf("the server ended with %d", exit)
		}
	})
}

// page is what an address shows to anybody.
func page(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s answered %d, %v", address, response.StatusCode, err)
	}
	return string(content)
}

// allStarts are the full hours of some working days within the hours of the
// contract's example.
func allStarts(firstDay, days int) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		for day := firstDay; day < firstDay+days; day++ {
			for _, hour := range []int{9, 10, 11, 15, 16} {
				if day%7 < 5 && !yield(e2etest.At(day, hour, 0)) {
					return
				}
			}
		}
	}
}
