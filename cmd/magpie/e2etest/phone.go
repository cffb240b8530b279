package e2etest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const calendarWish = "MAGPIE_TEST_CALDAV"

// RequireCalendars ends the test where Debian's calendar programs are missing: it
// fails where MAGPIE_TEST_CALDAV is required, and is left out where that is off
// or says nothing. It holds the only skips of this file.
func RequireCalendars(t testing.TB) {
	t.Helper()
	wish := os.Getenv(calendarWish)
	var missing []error
	for _, name := range []string{"vdirsyncer", "khal", "radicale"} {
		if _, err := exec.LookPath(name); err != nil {
			missing = append(missing, errors.New(name+" is not installed"))
		}
	}
	err := errors.Join(missing...)
	switch {
	case wish == "off":
		t.Skipf("left out: needs calendar programs, and %s is off", calendarWish) //nolint:forbidigo // see above
	case err != nil && wish == "required":
		t.Fatalf("%s is required, but %v", calendarWish, err)
	case err != nil:
		t.Skipf("left out: needs calendar programs, but %v; .ci/install brings them", err) //nolint:forbidigo // see above
	}
}

// Phone is a counsellor's calendar program: vdirsyncer fetches by CalDAV what khal
// shows.
type Phone struct {
	t      testing.TB
	folder string
}

// NewPhone sets a phone up for a server, as somebody would by hand: an address,
// a name and a password.
func NewPhone(t testing.TB, url, login, password string) *Phone {
	t.Helper()
	p := &Phone{t: t, folder: t.TempDir()}
	p.write("vdirsyncer.conf", fmt.Sprintf(`[general]
status_path = %q

[pair office]
a = "remote"
b = "local"
collections = ["from a"]
metadata = ["displayname"]

[storage remote]
type = "caldav"
url = %q
username = %q
password = %q

[storage local]
type = "filesystem"
path = %q
fileext = ".ics"
`, p.path("status"), url, login, password, p.path("calendars")))
	p.write("khal.conf", fmt.Sprintf(`[calendars]
[[office]]
path = %s/*
type = discover

[locale]
timeformat = %%H:%%M
dateformat = %%Y-%%m-%%d
longdateformat = %%Y-%%m-%%d
datetimeformat = %%Y-%%m-%%d %%H:%%M
longdatetimeformat = %%Y-%%m-%%d %%H:%%M
local_timezone = Asia/Shanghai
default_timezone = Asia/Shanghai

[sqlite]
path = %s
`, p.path("calendars"), p.path("khal.db")))
	return p
}

func (p *Phone) path(name string) string { return filepath.Join(p.folder, name) }

func (p *Phone) write(name, content string) {
	p.t.Helper()
	if err := os.WriteFile(p.path(name), []byte(content), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// run runs a program to its end.
func (p *Phone) run(name string, arguments ...string) (string, error) {
	command := exec.Command(name, arguments...)
	command.Env = append(os.Environ(), "HOME="+p.folder, "LC_ALL=C.UTF-8", "TZ=Asia/Shanghai", "NO_PROXY=*")
	command.Stdin = strings.NewReader("y\ny\ny\n")
	out, err := command.CombinedOutput()
	return string(out), err
}

// Discover finds the calendars of the server.
func (p *Phone) Discover() (string, error) {
	return p.run("vdirsyncer", "-c", p.path("vdirsyncer.conf"), "discover")
}

// Sync fetches what has changed, and sends what was changed here.
func (p *Phone) Sync() (string, error) {
	return p.run("vdirsyncer", "-c", p.path("vdirsyncer.conf"), "sync")
}

// MustSync is Sync where nothing may go wrong.
func (p *Phone) MustSync() {
	p.t.Helper()
	if out, err := p.Sync(); err != nil {
		p.t.Fatalf("vdirsyncer sync: %v\n%s", err, out)
	}
}

// List is what the phone shows from one day to another, one entry a line: day,
// start, end, title, place.
func (p *Phone) List(from, to string) []string {
	p.t.Helper()
	out, err := p.run("khal", "-c", p.path("khal.conf"), "list", "--format", "{start-date} {start-time} {end-time} {title}|{location}", "--day-format", "", from, to)
	if err != nil {
		p.t.Fatalf("khal list: %v\n%s", err, out)
	}
	return Lines(out)
}

// Files are the entries on the phone, by path.
func (p *Phone) Files() []string {
	p.t.Helper()
	found, err := filepath.Glob(filepath.Join(p.path("calendars"), "*", "*.ics"))
	if err != nil {
		p.t.Fatal(err)
	}
	return found
}
