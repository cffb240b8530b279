package e2etest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Radicale is a calendar server on this machine, with one user and one calendar.
type Radicale struct {
	t testing.TB
	// Host is its host and port, URL the calendar's address.
	Host, URL      string
	User, Password string
}

// StartRadicale starts Debian's Radicale for the test, and makes a calendar.
func StartRadicale(t testing.TB) *Radicale {
	t.Helper()
	folder := t.TempDir()
	host := fmt.Sprintf("127.0.0.1:%d", reservePort(t))
	r := &Radicale{t: t, Host: host, URL: "http://" + host + "/anna/work/", User: "anna", Password: "Quercus-robur-77"}
	users := filepath.Join(folder, "users")
	if err := os.WriteFile(users, []byte(r.User+":"+r.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var log Output
	command := exec.Command("radicale", "--server-hosts", host, "--storage-filesystem-folder", filepath.Join(folder, "store"),
		"--auth-type", "htpasswd", "--auth-htpasswd-filename", users, "--auth-htpasswd-encryption", "plain", "--auth-delay", "0", "--rights-type", "owner_only")
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "RADICALE_CONFIG="}
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatalf("starting radicale: %v", err)
	}
	program().note("+", command.Process.Pid)
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed
		program().note("-", command.Process.Pid)
	})
	Eventually(t, "radicale answers", func() error {
		answer, err := http.Get("http://" + host + "/.web/")
		if err != nil {
			return fmt.Errorf("%w\n%s", err, log.String())
		}
		return answer.Body.Close()
	})
	r.Do("MKCALENDAR", "", `<?xml version="1.0"?><C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><D:displayname>Work</D:displayname></D:prop></D:set></C:mkcalendar>`)
	return r
}

// Put writes an entry into the calendar; the lines are those of the event.
func (r *Radicale) Put(uid, lines string) {
	r.t.Helper()
	r.Do(http.MethodPut, uid+".ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:"+uid+"\r\nDTSTAMP:20260301T000000Z\r\n"+lines+"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
}

// Delete takes an entry out.
func (r *Radicale) Delete(uid string) {
	r.t.Helper()
	r.Do(http.MethodDelete, uid+".ics", "")
}

// Do asks the calendar for something that it must do.
func (r *Radicale) Do(method, name, body string) string {
	r.t.Helper()
	request, err := http.NewRequest(method, r.URL+name, bytes.NewReader([]byte(body)))
	if err != nil {
		r.t.Fatal(err)
	}
	request.SetBasicAuth(r.User, r.Password)
	request.Header.Set("Content-Type", "text/calendar; charset=utf-8")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		r.t.Fatalf("radicale: %s %s answered %d %s, %v", method, name, answer.StatusCode, content, err)
	}
	return string(content)
}
