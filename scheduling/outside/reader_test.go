package outside_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/outside"
	"magpie/scheduling/outside/guard"
)

var (
	from = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	to   = from.AddDate(0, 0, 180)
)

const oneEvent = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:看医生\r\nDTSTART:20260303T010000Z\r\nDTEND:20260303T020000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

// serving is a calendar server that a test writes, and a reader that may ask it.
func serving(t *testing.T, handler http.HandlerFunc) (outside.Reader, string) {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return outside.Reader{Asker: guard.New(guard.Allow{Hosts: []string{u.Host}}, nil, roots)}, server.URL
}

func read(t *testing.T, r outside.Reader, kind scheduling.OutsideKind, address, tag string) (scheduling.OutsideReading, error) {
	t.Helper()
	account := scheduling.OutsideAccount{Kind: kind, URL: scheduling.NewPrivate(address), Username: "me", Password: scheduling.NewPrivate("p:w")}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	return r.Read(ctx, account, tag, time.UTC, from, to)
}

func TestAFileIsReadOnceUntilItChanges(t *testing.T) {
	for header, value := range map[string]string{"ETag": `W/"v1"`, "Last-Modified": "Mon, 02 Mar 2026 01:00:00 GMT"} {
		sent := 0
		r, address := serving(t, func(w http.ResponseWriter, r *http.Request) {
			if user, password, _ := r.BasicAuth(); user != "me" || password != "p:w" {
				t.Errorf("logged in as %q", user)
			}
			w.Header().Set(header, value)
			if r.Header.Get("If-None-Match") == value || r.Header.Get("If-Modified-Since") == value {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			sent++
			_, _ = io.WriteString(w, oneEvent)
		})
		first, err := read(t, r, scheduling.OutsideFile, address, "")
		if err != nil || len(first.Busy) != 1 || first.Unchanged || !first.Busy[0].From.Equal(time.Date(2026, 3, 3, 1, 0, 0, 0, time.UTC)) {
			t.Fatalf("%s: %+v, %v", header, first, err)
		}
		second, err := read(t, r, scheduling.OutsideFile, address, first.Tag)
		if err != nil || !second.Unchanged || second.Tag != first.Tag || sent != 1 {
			t.Errorf("%s: %+v, %v; sent %d times", header, second, err, sent)
		}
	}
}

// collection answers as Radicale does.
func collection(t *testing.T, ctag string, kind string) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusMultiStatus)
		const start = `<?xml version='1.0' encoding='utf-8'?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/"><response><href>/me/cal/x.ics</href><propstat><prop>`
		const end = `</prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>`
		switch {
		case r.Method == "PROPFIND" && r.Header.Get("Depth") == "0":
			_, _ = io.WriteString(w, start+"<resourcetype>"+kind+"</resourcetype><CS:getctag>"+ctag+"</CS:getctag>"+end)
		case r.Method == "REPORT" && r.Header.Get("Depth") == "1" && strings.Contains(string(body), `start="20260301T000000Z" end="20260828T000000Z"`):
			_, _ = io.WriteString(w, start+"<C:calendar-data>"+oneEvent+"</C:calendar-data>"+end)
		default:
			t.Errorf("asked %s %v %s", r.Method, r.Header, body)
		}
	}
}

func TestACollectionIsAskedForItsTagAndThenForWhatOverlaps(t *testing.T) {
	r, address := serving(t, collection(t, "7", "<C:calendar/><collection/>"))
	first, err := read(t, r, scheduling.OutsideCalDAV, address, "")
	if err != nil || len(first.Busy) != 1 || first.Tag != "ctag 7" {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := read(t, r, scheduling.OutsideCalDAV, address, first.Tag)
	if err != nil || !second.Unchanged {
		t.Errorf("%+v, %v", second, err)
	}
	r, address = serving(t, collection(t, "7", "<collection/>"))
	if _, err := read(t, r, scheduling.OutsideCalDAV, address, ""); !errors.Is(err, scheduling.OutsideMissing) {
		t.Errorf("what is no calendar is answered with %v", err)
	}
}

func TestEachTroubleHasItsName(t *testing.T) {
	answers := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if status/100 == 3 {
				http.Redirect(w, r, body, status)
				return
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    scheduling.OutsideProblem
	}{
		"wrong password": {answers(401, ""), scheduling.OutsideLogin},
		"forbidden":      {answers(403, ""), scheduling.OutsideLogin},
		"nothing there":  {answers(404, ""), scheduling.OutsideMissing},
		"gone":           {answers(410, ""), scheduling.OutsideMissing},
		"failing":        {answers(500, ""), scheduling.OutsideServer},
		"too busy":       {answers(503, ""), scheduling.OutsideServer},
		"a page":         {answers(200, "<html>sign in</html>"), scheduling.OutsideUnreadable},
		"too large":      {answers(200, oneEvent+strings.Repeat("x", 2<<20)), scheduling.OutsideTooLarge},
		"inwards":        {answers(302, "https://169.254.169.254/"), scheduling.OutsideRefused},
		"in circles":     {answers(302, "/"), scheduling.OutsideRefused},
		"to http":        {answers(301, "http://example.org/"), scheduling.OutsideRefused},
		"slow": {func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // a server sees who leaves only then
			<-r.Context().Done()
		}, scheduling.OutsideSlow},
	} {
		r, address := serving(t, c.handler)
		for _, kind := range []scheduling.OutsideKind{scheduling.OutsideFile, scheduling.OutsideCalDAV} {
			want := c.want
			if kind == scheduling.OutsideCalDAV && name == "a page" {
				want = scheduling.OutsideMissing
			}
			_, err := read(t, r, kind, address, "")
			var problem scheduling.OutsideProblem
			if !errors.As(err, &problem) || problem != want || problem.Text().ZH == "" || problem.Text().EN == "" {
				t.Errorf("%s by %s: %v, want %s", name, kind, err, want)
			}
		}
	}
	plain := httptest.NewTLSServer(http.NotFoundHandler())
	defer plain.Close()
	u, _ := url.Parse(plain.URL)
	untrusting := outside.Reader{Asker: guard.New(guard.Allow{Hosts: []string{u.Host}}, nil, x509.NewCertPool())}
	if _, err := read(t, untrusting, scheduling.OutsideFile, plain.URL, ""); !errors.Is(err, scheduling.OutsideCertificate) {
		t.Errorf("a certificate that nobody trusts: %v", err)
	}
	plain.Close()
	if _, err := read(t, untrusting, scheduling.OutsideFile, plain.URL, ""); !errors.Is(err, scheduling.OutsideUnreachable) {
		t.Errorf("a server that is off: %v", err)
	}
	if _, err := read(t, untrusting, scheduling.OutsideFile, "http://127.0.0.1/", ""); !errors.Is(err, scheduling.OutsideRefused) {
		t.Errorf("an inner address: %v", err)
	}
}
