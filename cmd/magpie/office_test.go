package main

import (
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling"
)

func TestMigrateMakesTheSchemaAndSaysSo(t *testing.T) {
	m := newMachine(t)
	first := lines(m.done(t, "migrate"))
	if len(first) < 2 || first[0] != "applied 00001_offices.sql" || first[len(first)-1] != fmt.Sprintf("the schema is up to date after %d steps", len(first)-1) {
		t.Errorf("the first time it said %q", first)
	}
	if got := m.done(t, "migrate"); got != "the schema is up to date\n" {
		t.Errorf("the second time it said %q", got)
	}
}

func TestAnOlderSchemaIsLeftAsItIsByAllButMigrate(t *testing.T) {
	m := newOffice(t)
	last := lines(m.sql(t, "SELECT MAX(version_id) FROM goose_db_version"))[0]
	m.sql(t, "DROP TABLE leases")
	m.sql(t, "DELETE FROM goose_db_version WHERE version_id = "+last)
	for _, args := range [][]string{{"serve"}, {"apply", "demo/anhua.yaml"}, {"rekey"}, {"staff", "password", "anhua", "qiantai"}} {
		want := result{notDone, "", "MAGPIE_DATABASE: the database's schema is older than this Magpie: run magpie migrate\n"}
		if diff := cmp.Diff(want, m.run(t, "long-enough-1", args...)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", args, diff)
		}
	}
	if got := lines(m.sql(t, "SELECT MAX(version_id) FROM goose_db_version"))[0]; got == last {
		t.Error("the schema was changed")
	}
	if got := m.done(t, "migrate"); !strings.HasPrefix(got, "applied 000"+last+"_") || !strings.HasSuffix(got, "after 1 steps\n") {
		t.Errorf("migrate said %q", got)
	}
	m.done(t, "doctor")
}

func TestApplyCreatesAnOfficeAndTheSecondTimeChangesNothing(t *testing.T) {
	m := newMachine(t)
	first := m.run(t, "", "apply", "demo/anhua.yaml")
	if first.Status != done || !strings.HasPrefix(first.Err, "anhua: applied, ") {
		t.Errorf("status %d: %s", first.Status, first.Err)
	}
	for _, want := range []string{"+ office.code: anhua", "+ rooms.fudao", "+ services.premarital", "+ staff.qiantai"} {
		if !strings.Contains(first.Out, want+"\n") {
			t.Errorf("it did not say %q", want)
		}
	}
	before := m.sql(t, "SELECT revision, updated_at, document FROM offices")
	if diff := cmp.Diff(result{done, "", "anhua: nothing to change\n"}, m.run(t, "", "apply", "demo/anhua.yaml")); diff != "" {
		t.Errorf("the second time (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, m.sql(t, "SELECT revision, updated_at, document FROM offices")); diff != "" {
		t.Errorf("the office changed (-before +after):\n%s", diff)
	}
	m.env["MAGPIE_SECRET"] = ""
	other := m.file(t, "other.yaml", anhua(t, "code: anhua", "code: taojiang"))
	if got := m.run(t, "", "apply", other); got.Status != done {
		t.Errorf("a new office needs no secret, but status %d: %s", got.Status, got.Err)
	}
	if got := m.run(t, "", "apply", "demo/anhua.yaml"); got.Status != wrongInput || !strings.HasPrefix(got.Err, "MAGPIE_SECRET: is required") {
		t.Errorf("what may be booked cannot be read without a secret, but status %d: %s", got.Status, got.Err)
	}
}

func TestADryRunPrintsTheDifferencesAndChangesNothing(t *testing.T) {
	m := newMachine(t)
	for _, line := range lines(m.done(t, "apply", "demo/anhua.yaml", "--dry-run")) {
		if !strings.HasPrefix(line, "+ ") {
			t.Errorf("of a new office it said %q", line)
		}
	}
	if entries, _ := os.ReadDir(m.folder); len(entries) != 0 {
		t.Errorf("a dry run left %v behind", entries)
	}
	m.done(t, "apply", "demo/anhua.yaml")
	changed := m.file(t, "changed.yaml", anhua(t,
		"duration: 90m", "duration: 60m",
		"  - username: shenji\n    name: {zh: 审计, en: Auditor}\n    roles: [auditor]\n", "  - username: jiancha\n    name: {zh: 监察, en: Inspector}\n    roles: [auditor]\n"))
	before := m.sql(t, "SELECT revision, document FROM offices")
	want := result{done, "~ services.mediation.duration: 90m → 60m\n+ staff.jiancha\n- staff.shenji\n", ""}
	if diff := cmp.Diff(want, m.run(t, "", "apply", "--dry-run", changed)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, m.sql(t, "SELECT revision, document FROM offices")); diff != "" {
		t.Errorf("the office changed (-before +after):\n%s", diff)
	}
	if got := m.done(t, "apply", changed); got != want.Out {
		t.Errorf("it was announced as %q and applied as %q", want.Out, got)
	}
}

func TestAnOfficeFileThatIsNotValidNamesItsLines(t *testing.T) {
	m := newOffice(t)
	text := anhua(t, "duration: 90m", "duration: 91m", "roles: [desk]", "role: desk")
	bad := m.file(t, "bad.yaml", text)
	place := func(words string) string {
		before, _, _ := strings.Cut(text, words)
		return fmt.Sprintf("%s:%d: ", bad, strings.Count(before, "\n")+1)
	}
	got := m.run(t, "", "apply", bad)
	want := []string{
		place("duration: 91m") + "services.mediation.duration: 91m is not a multiple of five minutes",
		place("- username: qiantai") + "staff.qiantai.roles is missing",
		place("role: desk") + "staff.qiantai.role: unknown key; known are username, name, gender, roles, services, hours, sessions_per_day",
	}
	if diff := cmp.Diff(want, lines(got.Err)); got.Status != wrongInput || got.Out != "" || diff != "" {
		t.Errorf("status %d, standard output %q (-want +got):\n%s", got.Status, got.Out, diff)
	}
	for file, why := range map[string]string{"none.yaml": "no such file or directory", m.folder: "is a directory"} {
		if diff := cmp.Diff(result{wrongInput, "", file + ": cannot be read: " + why + "\n"}, m.run(t, "", "apply", file)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestWhatHasComingAppointmentsIsNotRemoved(t *testing.T) {
	m := newOffice(t)
	first, second := m.book(t, "mediation", tomorrow(9, 0)), m.book(t, "mediation", tomorrow(15, 0))
	text := anhua(t)
	from, to := strings.Index(text, "  - code: mediation\n"), strings.Index(text, "  - code: legal\n")
	without := m.file(t, "without.yaml", strings.NewReplacer("[mediation]", "[]", "[mediation, family]", "[family]").Replace(text[:from]+text[to:]))
	before := m.sql(t, "SELECT revision, document FROM offices")
	got := m.run(t, "", "apply", without)
	if got.Status != notDone || got.Out != "" || len(lines(got.Err)) != 1 {
		t.Errorf("status %d, standard output %q, standard error %q", got.Status, got.Out, got.Err)
	}
	for _, want := range []string{without + ": not applied", first.Reference + " (2026-11-24 09:00)", second.Reference + " (2026-11-24 15:00)"} {
		if !strings.Contains(got.Err, want) {
			t.Errorf("it did not say %q: %s", want, got.Err)
		}
	}
	if diff := cmp.Diff(before, m.sql(t, "SELECT revision, document FROM offices")); diff != "" {
		t.Errorf("the office changed (-before +after):\n%s", diff)
	}
}

func TestWhatIsBookedOutsideNewHoursStaysAndIsListed(t *testing.T) {
	m := newOffice(t)
	m.book(t, "premarital", tomorrow(9, 0))
	late := m.book(t, "premarital", tomorrow(16, 0))
	shorter := m.file(t, "shorter.yaml", anhua(t, `from: "14:30", to: "17:30"`, `from: "14:30", to: "16:30"`))
	listed := fmt.Sprintf("! booked outside the hours: %s 2026-11-24 16:00–17:00 premarital fudao %s\n", late.Reference, late.Counsellor.Username)
	want := "~ office.hours: mon tue wed thu fri 08:30–12:00, mon tue wed thu fri 14:30–17:30 → mon tue wed thu fri 08:30–12:00, mon tue wed thu fri 14:30–16:30\n" + listed
	if diff := cmp.Diff(want, m.done(t, "apply", shorter)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := m.done(t, "apply", shorter); got != listed {
		t.Errorf("applied again it said %q", got)
	}
	if got := m.sql(t, "SELECT COUNT(*) FROM appointments WHERE status = 'booked'"); got != "2\n" {
		t.Errorf("%s appointments are left", got)
	}
	m.done(t, "doctor")
}

func TestExportPrintsTheFileWithEveryKey(t *testing.T) {
	m := newOffice(t)
	m.env["MAGPIE_SECRET"] = ""
	got := m.run(t, "", "export", "anhua")
	if got.Status != done || got.Err != "" || !strings.Contains(got.Out, "buffer: 10m") || !strings.Contains(got.Out, "open_per_person: 1") {
		t.Errorf("status %d, standard error %q, standard output:\n%s", got.Status, got.Err, got.Out)
	}
	m.env["MAGPIE_SECRET"] = secret("k1", 1)
	if got := m.run(t, "", "apply", m.file(t, "exported.yaml", got.Out)); got.Err != "anhua: nothing to change\n" {
		t.Errorf("applied again it made a difference: %s%s", got.Out, got.Err)
	}
	want := result{notDone, "", "nowhere: there is no such office in MAGPIE_DATABASE\n"}
	if diff := cmp.Diff(want, m.run(t, "", "export", "nowhere")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPasswordComesFromStandardInputAlone(t *testing.T) {
	m := newOffice(t)
	if diff := cmp.Diff(result{done, "", "anhua/qiantai: the password is set\n"}, m.run(t, "jade bridge 7\r\n", "staff", "password", "anhua", "qiantai")); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	_, scheduler := m.open(t)
	try := func(password string) scheduling.Code {
		_, err := scheduler.Login(t.Context(), scheduling.Login{Office: "anhua", Username: "qiantai", Password: scheduling.NewPrivate(password), Address: "192.0.2.1"})
		if err == nil {
			return ""
		}
		return scheduling.CodeOf(err)
	}
	if code := try("jade bridge 7"); code != "" {
		t.Errorf("the password does not fit: %s", code)
	}
	for range 20 {
		if try("wrong password") == scheduling.CodeRateLimited {
			break
		}
	}
	if code := try("jade bridge 7"); code != scheduling.CodeRateLimited {
		t.Fatalf("after many wrong ones the right one is answered %q", code)
	}
	if got := m.run(t, "stone bridge 8", "staff", "password", "anhua", "qiantai"); got.Status != done {
		t.Fatalf("status %d: %s", got.Status, got.Err)
	}
	if code := try("stone bridge 8"); code != "" {
		t.Errorf("the lock was not lifted: %s", code)
	}
	if code := try("jade bridge 7"); code != scheduling.CodeUnauthenticated {
		t.Errorf("the old password is answered %q", code)
	}
}

func TestAPasswordThatCannotBeSetIsRefusedInOneLine(t *testing.T) {
	m := newOffice(t)
	tests := []struct{ stdin, office, username, want string }{
		{"short", "anhua", "qiantai", "the password must have at least 10 characters"},
		{"", "anhua", "qiantai", "the password must have at least 10 characters"},
		{"one line too many\nhere\n", "anhua", "qiantai", "the password holds characters that cannot be typed"},
		{"long enough 1", "anhua", "nobody", "anhua: nobody with the username nobody works there"},
		{"long enough 1", "nowhere", "qiantai", "nowhere: there is no such office in MAGPIE_DATABASE"},
	}
	for _, test := range tests {
		want := result{notDone, "", test.want + "\n"}
		if diff := cmp.Diff(want, m.run(t, test.stdin, "staff", "password", test.office, test.username)); diff != "" {
			t.Errorf("%s/%s (-want +got):\n%s", test.office, test.username, diff)
		}
	}
	if got := m.sql(t, "SELECT COUNT(*) FROM staff_accounts"); got != "0\n" {
		t.Errorf("%s passwords were set", got)
	}
}

func TestDoctorFindsNothingUntilSomethingIsWrong(t *testing.T) {
	m := newOffice(t)
	a := m.book(t, "premarital", tomorrow(9, 0))
	if diff := cmp.Diff(result{done, "", "doctor: no difference\n"}, m.run(t, "", "doctor")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	m.sql(t, "UPDATE sessions SET taken = 0")
	want := result{notDone, fmt.Sprintf("session %d: taken is 0, should be 1\n", a.Session.ID), "doctor: 1 differences\n"}
	if diff := cmp.Diff(want, m.run(t, "", "doctor")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	m.sql(t, "UPDATE sessions SET taken = 1")
	m.sql(t, "DELETE FROM day_words")
	if got := m.run(t, "", "doctor"); got.Status != notDone || len(lines(got.Out)) < 3 {
		t.Errorf("with the words of room, counsellor and person gone: status %d: %s", got.Status, got.Out)
	}
}

func TestAfterRekeyTheOldKeyIsNotNeeded(t *testing.T) {
	m := newOffice(t)
	a := m.book(t, "premarital", tomorrow(9, 0))
	m.env["MAGPIE_SECRET"] = secret("k2", 2) + "," + secret("k1", 1)
	if got, want := m.done(t, "rekey"), "under the key k2 now: 2 people, 1 numbers, 0 reasons of leave, 0 tasks, 0 second factors, 0 calendars, 0 passkeys re-sealed\n"; got != want {
		t.Errorf("it said %q, want %q", got, want)
	}
	if got := m.done(t, "rekey"); got != "under the key k2 now: 0 people, 0 numbers, 0 reasons of leave, 0 tasks, 0 second factors, 0 calendars, 0 passkeys re-sealed\n" {
		t.Errorf("the second time it said %q", got)
	}
	m.env["MAGPIE_SECRET"] = secret("k2", 2)
	st, _ := m.open(t)
	found, err := st.ByReference(t.Context(), a.Reference)
	if err != nil {
		t.Fatal(err)
	}
	if found.Parties[0].Name.Reveal() != "陈女士" || found.Parties[0].Phone.Reveal() != "13900000001" {
		t.Errorf("the first party is %q, %q", found.Parties[0].Name.Reveal(), found.Parties[0].Phone.Reveal())
	}
	person, err := st.ByPhone(t.Context(), scheduling.NewPrivate("13900000001"))
	if err != nil || person.ID != a.Asker.ID {
		t.Errorf("the number leads to person %d, want %d: %v", person.ID, a.Asker.ID, err)
	}
}

// sql does something to the database behind the program's back, and gives the
// rows, a line each.
func (m *machine) sql(t *testing.T, statement string) string {
	t.Helper()
	db, err := sql.Open("sqlite", strings.TrimPrefix(m.env["MAGPIE_DATABASE"], "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if !strings.HasPrefix(statement, "SELECT") {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		return ""
	}
	rows, err := db.QueryContext(t.Context(), statement)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for rows.Next() {
		values, places := make([]string, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&out, strings.Join(values, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
