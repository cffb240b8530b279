package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"magpie/scheduling/entry"
)

func invitation(t testing.TB, cancelled bool) (file []byte, method string) {
	t.Helper()
	start := time.Date(2026, 12, 3, 1, 0, 0, 0, time.UTC)
	file, method, err := entry.Invitation(entry.Facts{
		AppointmentID: 731, Reference: "52073164", Start: start, End: start.Add(time.Hour),
		UpdatedAt: start.Add(-48 * time.Hour), Revision: 1, Cancelled: cancelled,
	}, office, citizen, "zh")
	if err != nil {
		t.Fatal(err)
	}
	return file, method
}

// part is a leaf of a message, decoded.
type part struct{ Path, Type, Name, Content string }

// leaves takes a message apart; Path names the multiparts above a leaf.
func leaves(t testing.TB, path string, header interface{ Get(string) string }, body io.Reader) []part {
	t.Helper()
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return []part{{path, header.Get("Content-Type"), fileName(t, header), decoded(t, header.Get("Content-Transfer-Encoding"), body)}}
	}
	var found []part
	for parts := multipart.NewReader(body, params["boundary"]); ; {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, leaves(t, path+strings.TrimPrefix(kind, "multipart/")+"/", p.Header, p)...)
	}
}

func fileName(t testing.TB, header interface{ Get(string) string }) string {
	t.Helper()
	disposition := header.Get("Content-Disposition")
	if disposition == "" {
		return ""
	}
	kind, params, err := mime.ParseMediaType(disposition)
	if err != nil || kind != "attachment" {
		t.Fatalf("the disposition is %s (%v)", disposition, err)
	}
	return params["filename"]
}

func decoded(t testing.TB, encoding string, body io.Reader) string {
	t.Helper()
	switch encoding {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	default:
		t.Fatalf("the encoding is %q", encoding)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestAnInvitationArrivesAsTextAndCalendarPartAndFile(t *testing.T) {
	for _, c := range []struct {
		scheme    string
		cancelled bool
	}{{"smtp", false}, {"smtps", false}, {"smtp", true}} {
		t.Run(c.scheme, func(t *testing.T) {
			p := openPostOffice(t, c.scheme == "smtps")
			m := note()
			m.Calendar, m.Method = invitation(t, c.cancelled)
			id, err := sender(t, c.scheme, p.addr, p.ca).Send(t.Context(), m)
			if err != nil || id != "70000731@office.example.cn" {
				t.Fatalf("%q, %v", id, err)
			}
			got := p.one(t)
			if got.from != office || got.to != citizen || got.head != "office.example.cn" {
				t.Errorf("from %s to %s, introduced as %s", got.from, got.to, got.head)
			}
			msg, err := netmail.ReadMessage(strings.NewReader(got.content))
			if err != nil {
				t.Fatal(err)
			}
			parts := leaves(t, "", msg.Header, msg.Body)
			want := []part{
				{"mixed/alternative/", "text/plain; charset=UTF-8", "", strings.ReplaceAll(zhText, "\n", "\r\n")},
				{"mixed/alternative/", "text/calendar; method=" + m.Method + "; charset=UTF-8", "", string(m.Calendar)},
				{"mixed/", `application/ics; name="appointment.ics"`, "appointment.ics", string(m.Calendar)},
			}
			if diff := cmp.Diff(want, parts); diff != "" {
				t.Fatal(diff)
			}
			calendar, err := ical.NewDecoder(strings.NewReader(parts[1].Content)).Decode()
			if err != nil || calendar.Props.Get(ical.PropMethod).Value != m.Method || len(calendar.Events()) != 1 {
				t.Errorf("the calendar part is\n%s (%v)", parts[1].Content, err)
			}
		})
	}
}

func TestTheHeadSaysNoMoreThanItMust(t *testing.T) {
	p := openPostOffice(t, false)
	if _, err := sender(t, "smtp", p.addr, p.ca).Send(t.Context(), note()); err != nil {
		t.Fatal(err)
	}
	content := p.one(t).content
	msg, err := netmail.ReadMessage(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"Date": "Tue, 01 Dec 2026 09:30:00 +0800", "Message-Id": "<70000731@office.example.cn>",
		"Subject": "您的预约已确认", "From": `安化县民政局 <` + office + `>`, "To": "<" + citizen + ">",
		"Auto-Submitted": "auto-generated", "Mime-Version": "1.0",
		"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "base64",
	}
	got := map[string]string{}
	for name, values := range msg.Header {
		text, err := new(mime.WordDecoder).DecodeHeader(strings.Join(values, "|"))
		if err != nil {
			t.Fatal(err)
		}
		got[name] = text
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(strings.ToLower(content), "go-mail") || strings.Contains(strings.ToLower(content), "magpie") {
		t.Errorf("it names a product:\n%s", content)
	}
}

func TestEveryTryOfAMessageHasOneMessageID(t *testing.T) {
	p := openPostOffice(t, false)
	s := sender(t, "smtp", p.addr, p.ca)
	ids := map[string]bool{}
	for range 2 {
		id, err := s.Send(t.Context(), note())
		if err != nil {
			t.Fatal(err)
		}
		ids[id] = true
	}
	for _, m := range p.all() {
		msg, err := netmail.ReadMessage(strings.NewReader(m.content))
		if err != nil {
			t.Fatal(err)
		}
		ids[strings.Trim(msg.Header.Get("Message-Id"), "<>")] = true
	}
	if len(ids) != 1 || !ids["70000731@office.example.cn"] {
		t.Errorf("the ids are %v", ids)
	}
}

func TestAMessageWithoutADateGetsOne(t *testing.T) {
	p := openPostOffice(t, false)
	m := note()
	m.Date = time.Time{}
	if _, err := sender(t, "smtp", p.addr, p.ca).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	msg, err := netmail.ReadMessage(strings.NewReader(p.one(t).content))
	if err != nil {
		t.Fatal(err)
	}
	if date, err := msg.Header.Date(); err != nil || time.Since(date).Abs() > time.Hour {
		t.Errorf("the date is %v (%v)", date, err)
	}
}

func TestWhateverTheTextItArrivesAsItIsAndAddsNothingToTheHead(t *testing.T) {
	p := openPostOffice(t, false)
	s := sender(t, "smtp", p.addr, p.ca)
	line := rapid.OneOf(rapid.StringMatching(`[ -~]{0,200}`), rapid.StringMatching(`[a-z\p{Han}，。]{0,90}`), rapid.SampledFrom([]string{".", "..", ".x", `\`, "县\\", "From x", " ", "a ", "=3D"}))
	rapid.Check(t, func(r *rapid.T) {
		m := note()
		m.Subject = strings.Join(rapid.SliceOfN(line, 1, 3).Draw(r, "subject"), "\r\n")
		m.From = strings.Join(rapid.SliceOfN(line, 1, 2).Draw(r, "name"), "\n")
		m.Text = strings.Join(rapid.SliceOf(line).Draw(r, "text"), "\n")
		if _, err := s.Send(t.Context(), m); err != nil {
			r.Fatal(err)
		}
		all := p.all()
		content := all[len(all)-1].content
		for l := range strings.SplitSeq(content, "\r\n") {
			if len(l) > 998 || strings.ContainsAny(l, "\r\n") || strings.IndexFunc(l, func(c rune) bool { return c > '~' }) >= 0 {
				r.Fatalf("a line is %q", l)
			}
		}
		msg, err := netmail.ReadMessage(strings.NewReader(content))
		if err != nil {
			r.Fatal(err)
		}
		if len(msg.Header) != 9 {
			r.Fatalf("the head is %v", msg.Header)
		}
		parts := leaves(t, "", msg.Header, msg.Body)
		// The content ends with a line's end of its own (RFC 5321, 4.1.1.4).
		if got := strings.TrimSuffix(parts[0].Content, "\r\n"); len(parts) != 1 || got != strings.TrimSuffix(strings.ReplaceAll(m.Text, "\n", "\r\n"), "\r\n") {
			r.Fatalf("%q arrived as %q", m.Text, got)
		}
		if subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil || plain(subject) != plain(m.Subject) {
			r.Fatalf("the subject is %q, want %q (%v)", subject, m.Subject, err)
		}
		if from, err := msg.Header.AddressList("From"); err != nil || len(from) != 1 || from[0].Address != office || plain(from[0].Name) != plain(m.From) {
			r.Fatalf("it is from %v (%v)", from, err)
		}
	})
}

// plain leaves out the spaces and ends of lines that a head may lose at its
// folds, and the backslash, which a name cannot have.
func plain(text string) string {
	return strings.NewReplacer(" ", "", `\`, "", "\r", "", "\n", "").Replace(text)
}

func TestACalendarFileOfAnySizeArrivesWhole(t *testing.T) {
	p := openPostOffice(t, true)
	m := note()
	m.Calendar, m.Method = bytes.Repeat([]byte("X-LINE:预约\r\n"), 20000), "REQUEST"
	if _, err := sender(t, "smtps", p.addr, p.ca).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	msg, err := netmail.ReadMessage(strings.NewReader(p.one(t).content))
	if err != nil {
		t.Fatal(err)
	}
	if parts := leaves(t, "", msg.Header, msg.Body); len(parts) != 3 || parts[2].Content != string(m.Calendar) {
		t.Errorf("%d parts", len(parts))
	}
}
