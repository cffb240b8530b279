package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
	"magpie/scheduling/store"
)

// monday is nine o'clock in Anhua on an ordinary working day.
var monday = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

// machine is a folder with a database and the settings of a machine.
type machine struct {
	folder string
	env    map[string]string
	clock  func() time.Time
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	folder := t.TempDir()
	return &machine{
		folder: folder, clock: func() time.Time { return monday },
		env: map[string]string{
			"MAGPIE_DATABASE": "sqlite:" + filepath.Join(folder, "magpie.db"),
			"MAGPIE_SECRET":   secret("k1", 1),
			"MAGPIE_LISTEN":   "127.0.0.1:0",
		},
	}
}

// newOffice is a machine on which the demonstration office has been applied.
func newOffice(t *testing.T) *machine {
	t.Helper()
	m := newMachine(t)
	m.done(t, "apply", "demo/anhua.yaml")
	return m
}

func secret(id string, fill byte) string {
	return id + ":" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, 32))
}

// result is what a command did.
type result struct {
	Status   int
	Out, Err string
}

func (m *machine) environ() []string {
	var out []string
	for name, value := range m.env {
		out = append(out, name+"="+value)
	}
	return out
}

func (m *machine) run(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	status := run(t.Context(), args, m.environ(), strings.NewReader(stdin), &out, &errs, m.clock)
	return result{status, out.String(), errs.String()}
}

// done runs a command that must succeed, and gives its standard output.
func (m *machine) done(t *testing.T, args ...string) string {
	t.Helper()
	r := m.run(t, "", args...)
	if r.Status != done {
		t.Fatalf("magpie %s: status %d: %s", strings.Join(args, " "), r.Status, r.Err)
	}
	return r.Out
}

// file writes a file into the machine's folder.
func (m *machine) file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(m.folder, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// anhua is the demonstration's office file with some words replaced.
func anhua(t *testing.T, oldnew ...string) string {
	t.Helper()
	text := string(demoOffice)
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(text, oldnew[i]) {
			t.Fatalf("the office file does not hold %q", oldnew[i])
		}
		text = strings.Replace(text, oldnew[i], oldnew[i+1], 1)
	}
	return text
}

// open opens the machine's database beside the commands.
func (m *machine) open(t *testing.T) (*store.Store, *scheduling.Scheduler) {
	t.Helper()
	p := &program{environ: m.environ(), now: m.clock}
	settings, err := p.settings()
	if err != nil {
		t.Fatal(err)
	}
	st, err := p.openStore(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st, newScheduler(st, settings, m.clock, nil, nil)
}

// book books a session at the desk.
func (m *machine) book(t *testing.T, service string, start time.Time) scheduling.Appointment {
	t.Helper()
	_, scheduler := m.open(t)
	o, err := scheduler.OfficeByCode(t.Context(), "anhua")
	if err != nil {
		t.Fatal(err)
	}
	desk, _ := o.StaffMember("qiantai")
	a, err := scheduler.Book(t.Context(), scheduling.Booking{
		Actor: scheduling.Actor{
			Kind: scheduling.StaffKind, StaffID: desk.ID, OfficeID: o.ID, Office: o.Code,
			Username: desk.Username, Roles: desk.Roles, Scope: account.Office,
		},
		Office: o.Code, Service: service, Start: start,
		Parties: []scheduling.PartyRequest{
			{Name: scheduling.NewPrivate("陈女士"), Phone: scheduling.NewPrivate("13900000001")},
			{Name: scheduling.NewPrivate("李先生")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// tomorrow is a time of the next day in Anhua, which is a Tuesday.
func tomorrow(hour, minute int) time.Time {
	zone := time.FixedZone("", 8*60*60)
	return calendar.NewDate(2026, time.November, 24).At(calendar.Clock(hour*60+minute), zone)
}

func TestWrongUsageIsOneLineAndStatusTwo(t *testing.T) {
	m := newMachine(t)
	tests := []struct {
		args []string
		want string
	}{
		{nil, "magpie: a command is missing, see magpie --help"},
		{[]string{"book"}, `magpie: unknown command "book" for "magpie"`},
		{[]string{"serve", "now"}, `magpie serve: unknown command "now" for "magpie serve"`},
		{[]string{"migrate", "--all"}, "magpie migrate: unknown flag: --all"},
		{[]string{"apply"}, "magpie apply: accepts 1 arg(s), received 0"},
		{[]string{"apply", "a", "b"}, "magpie apply: accepts 1 arg(s), received 2"},
		{[]string{"export"}, "magpie export: accepts 1 arg(s), received 0"},
		{[]string{"staff"}, "magpie staff: a command is missing, see magpie staff --help"},
		{[]string{"staff", "password", "anhua"}, "magpie staff password: accepts 2 arg(s), received 1"},
		{[]string{"staff", "password", "anhua", "qiantai", "hunter22hunter"}, "magpie staff password: accepts 2 arg(s), received 3"},
		{[]string{"completion", "bash"}, `magpie: unknown command "completion" for "magpie"`},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			want := result{wrongInput, "", test.want + "\n"}
			if diff := cmp.Diff(want, m.run(t, "", test.args...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if entries, _ := os.ReadDir(m.folder); len(entries) != 0 {
		t.Errorf("wrong usage left %v behind", entries)
	}
}

func TestHelpListsEveryCommandOnStandardOutput(t *testing.T) {
	m := newMachine(t)
	for _, args := range [][]string{{"--help"}, {"help"}} {
		got := m.run(t, "", args...)
		if got.Status != done || got.Err != "" {
			t.Errorf("%v: status %d, standard error %q", args, got.Status, got.Err)
		}
		for _, command := range []string{"demo", "serve", "migrate", "apply", "export", "staff", "doctor", "rekey"} {
			if !strings.Contains(got.Out, "\n  "+command+" ") {
				t.Errorf("%v does not list %s", args, command)
			}
		}
	}
}

func TestWrongSettingsAreReportedTogetherALineEach(t *testing.T) {
	required := `MAGPIE_SECRET: is required: ID:BASE64 of 32 random bytes, for example made by: echo "k1:$(openssl rand -base64 32)"`
	tests := []struct {
		name string
		env  map[string]string
		args []string
		want []string
	}{
		{"serve tells all, the gateway's and the missing secret too", map[string]string{
			"MAGPIE_LISTEN": "here", "MAGPIE_SECRET": "", "MAGPIE_SMS": "kannel+http://host/cgi-bin/sendsms", "MAGPIE_LISTENS": "x",
		}, []string{"serve"}, []string{
			`MAGPIE_LISTEN: want host:port, got "here"`, "MAGPIE_LISTENS: there is no such setting", required, "MAGPIE_SMS: user:password@ is missing",
		}},
		{"serve needs a secret", map[string]string{"MAGPIE_SECRET": ""}, []string{"serve"}, []string{required}},
		{"a secret that is wrong is not missing", map[string]string{"MAGPIE_SECRET": "k1:c2hvcnQ="}, []string{"serve"},
			[]string{"MAGPIE_SECRET: key 1: want the base64 of 32 bytes after its ID and a colon"}},
		{"so do passwords", map[string]string{"MAGPIE_SECRET": ""}, []string{"staff", "password", "anhua", "qiantai"}, []string{required}},
		{"so does rekey", map[string]string{"MAGPIE_SECRET": ""}, []string{"rekey"}, []string{required}},
		{"migrate", map[string]string{"MAGPIE_DATABASE": "oracle:x"}, []string{"migrate"},
			[]string{"MAGPIE_DATABASE: want sqlite:PATH or mysql://user:password@host:port/name"}},
		{"apply", map[string]string{"MAGPIE_RATE_LIMITS": "perhaps"}, []string{"apply", "demo/anhua.yaml"},
			[]string{`MAGPIE_RATE_LIMITS: want true or false, got "perhaps"`}},
		{"export", map[string]string{"MAGPIE_VERIFY_PHONES": "2"}, []string{"export", "anhua"}, []string{`MAGPIE_VERIFY_PHONES: want true or false, got "2"`}},
		{"doctor", map[string]string{"MAGPIE_PUBLIC_URL": "here"}, []string{"doctor"},
			[]string{"MAGPIE_PUBLIC_URL: want http:// or https:// and a host, as in https://yuyue.example.cn"}},
		{"demo looks at what it uses", map[string]string{"MAGPIE_LISTEN": "here", "MAGPIE_DATABASE": "oracle:x", "MAGPIE_SECRET": "x", "MAGPIE_SMS": "x"},
			[]string{"demo"}, []string{`MAGPIE_LISTEN: want host:port, got "here"`}},
		{"a file of settings that is not there", map[string]string{"MAGPIE_CONFIG": "nothing.yaml"}, []string{"serve"},
			[]string{"MAGPIE_CONFIG: cannot read nothing.yaml: no such file or directory"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMachine(t)
			for name, value := range test.env {
				m.env[name] = value
			}
			got := m.run(t, "", test.args...)
			if got.Status != wrongInput || got.Out != "" {
				t.Errorf("status %d, standard output %q", got.Status, got.Out)
			}
			if diff := cmp.Diff(test.want, lines(got.Err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if entries, _ := os.ReadDir(m.folder); len(entries) != 0 {
				t.Errorf("%v was left behind", entries)
			}
		})
	}
}

func TestWhatIsWrongWithTheDatabasesPlaceNamesTheSetting(t *testing.T) {
	m := newMachine(t)
	notes := m.file(t, "notes.txt", strings.Repeat("no database\n", 100))
	tests := []struct {
		database, command string
		status            int
		want              string
	}{
		{"sqlite:" + m.folder + "/none/magpie.db", "migrate", wrongInput, "MAGPIE_DATABASE: there is no folder " + m.folder + "/none"},
		{"sqlite:" + notes + "/magpie.db", "migrate", wrongInput, "MAGPIE_DATABASE: " + notes + " is no folder"},
		{"sqlite:" + m.folder, "serve", wrongInput, "MAGPIE_DATABASE: " + m.folder + " is a folder"},
		{"sqlite:" + notes, "serve", wrongInput, "MAGPIE_DATABASE: open the SQLite database: file is not a database (26)"},
		{"sqlite:" + m.folder + "/none.db", "doctor", wrongInput, "MAGPIE_DATABASE: there is no file " + m.folder + "/none.db"},
		{"sqlite:" + m.folder + "/none.db", "rekey", wrongInput, "MAGPIE_DATABASE: there is no file " + m.folder + "/none.db"},
		{"mysql://magpie:swordfish@127.0.0.1:1/magpie", "migrate", notDone, "MAGPIE_DATABASE: connect to the database: dial tcp 127.0.0.1:1: connect: connection refused"},
	}
	for _, test := range tests {
		t.Run(test.command+" "+filepath.Base(test.database), func(t *testing.T) {
			m.env["MAGPIE_DATABASE"] = test.database
			want := result{test.status, "", test.want + "\n"}
			if diff := cmp.Diff(want, m.run(t, "", test.command)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnInterruptedCommandFailsInOneLine(t *testing.T) {
	m := newOffice(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	status := run(ctx, []string{"doctor"}, m.environ(), strings.NewReader(""), &out, &errs, m.clock)
	if diff := cmp.Diff(result{notDone, "", "interrupted\n"}, result{status, out.String(), errs.String()}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// lines are the lines of a text that ends with a line's end.
func lines(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return line == "" })
}
