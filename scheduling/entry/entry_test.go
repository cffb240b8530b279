package entry_test

import (
	"bytes"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"magpie/scheduling"
	"magpie/scheduling/entry"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	office  = "yuyue@mail.example.cn"
	citizen = "chen.xiaoyun@example.com"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func booked() entry.Facts {
	return entry.Facts{
		AppointmentID: 731, Reference: "52073164", Revision: 1,
		Start: at("2026-12-03T09:00:00+08:00"), End: at("2026-12-03T10:00:00+08:00"),
		UpdatedAt: at("2026-11-25T10:20:30+08:00"),
	}
}

func moved() entry.Facts {
	f := booked()
	f.Revision, f.UpdatedAt = 2, f.UpdatedAt.Add(time.Hour)
	f.Start, f.End = f.Start.Add(24*time.Hour), f.End.Add(24*time.Hour)
	return f
}

func cancelled() entry.Facts {
	f := moved()
	f.Cancelled, f.UpdatedAt = true, f.UpdatedAt.Add(time.Hour)
	return f
}

func invitation(t testing.TB, f entry.Facts, locale string) []byte {
	t.Helper()
	file, method, err := entry.Invitation(f, office, citizen, locale)
	if err != nil {
		t.Fatal(err)
	}
	want := entry.Request
	if f.Cancelled {
		want = entry.Cancel
	}
	if method != want {
		t.Errorf("the method is %s, want %s", method, want)
	}
	return file
}

func download(t testing.TB, f entry.Facts) []byte {
	t.Helper()
	file, err := entry.File(f)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// read parses a file back and gives its one event.
func read(t testing.TB, file []byte) (*ical.Calendar, ical.Event) {
	t.Helper()
	calendar, err := ical.NewDecoder(bytes.NewReader(file)).Decode()
	if err != nil {
		t.Fatalf("%v in\n%s", err, file)
	}
	if n := len(calendar.Children); n != 1 || len(calendar.Events()) != 1 {
		t.Fatalf("%d components in\n%s", n, file)
	}
	return calendar, calendar.Events()[0]
}

func sequence(t testing.TB, file []byte) int {
	t.Helper()
	_, event := read(t, file)
	n, err := strconv.Atoi(event.Props.Get(ical.PropSequence).Value)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheEntriesAreThoseOfTheGoldenFiles(t *testing.T) {
	for name, got := range map[string][]byte{
		"file":             download(t, booked()),
		"file-cancelled":   download(t, cancelled()),
		"invitation":       invitation(t, booked(), "zh"),
		"invitation-en":    invitation(t, booked(), "en"),
		"invitation-moved": invitation(t, moved(), "zh"),
		"cancellation":     invitation(t, cancelled(), "zh"),
	} {
		t.Run(name, func(t *testing.T) {
			golden := filepath.Join("testdata", name+".ics")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnInvitationNamesWhoSendsItAndWhoComesAndAsksForNoAnswer(t *testing.T) {
	for _, f := range []entry.Facts{booked(), cancelled()} {
		_, event := read(t, invitation(t, f, "zh"))
		if got := event.Props.Get(ical.PropOrganizer).Value; got != "mailto:"+office {
			t.Errorf("the organizer is %s", got)
		}
		attendee := event.Props.Get(ical.PropAttendee)
		if attendee.Value != "mailto:"+citizen || attendee.Params.Get(ical.ParamRSVP) != "FALSE" {
			t.Errorf("the attendee is %+v", attendee)
		}
	}
}

func TestWhatReplacesAnEntryHasItsUIDAndIsNewer(t *testing.T) {
	var uid string
	before := 0
	for _, f := range []entry.Facts{booked(), moved(), cancelled()} {
		for _, file := range [][]byte{download(t, f), invitation(t, f, "zh"), invitation(t, f, "en")} {
			_, event := read(t, file)
			if got := event.Props.Get(ical.PropUID).Value; got == "" || uid != "" && got != uid {
				t.Errorf("the UID is %q, and was %q", got, uid)
			}
			uid = event.Props.Get(ical.PropUID).Value
			if n := sequence(t, file); n != before+1 {
				t.Errorf("SEQUENCE is %d after %d", n, before)
			}
		}
		before++
	}
	other := booked()
	other.AppointmentID++
	if _, event := read(t, download(t, other)); event.Props.Get(ical.PropUID).Value == uid {
		t.Error("two appointments have one UID")
	}
}

func TestACancellationIsOneByMethodAndStatusAndTheFileHasNoMethod(t *testing.T) {
	for name, c := range map[string]struct {
		file           []byte
		method, status string
	}{
		"file":           {download(t, booked()), "", "CONFIRMED"},
		"file cancelled": {download(t, cancelled()), "", "CANCELLED"},
		"invitation":     {invitation(t, booked(), "zh"), "REQUEST", "CONFIRMED"},
		"cancellation":   {invitation(t, cancelled(), "zh"), "CANCEL", "CANCELLED"},
	} {
		calendar, event := read(t, c.file)
		method := ""
		if prop := calendar.Props.Get(ical.PropMethod); prop != nil {
			method = prop.Value
		}
		if status := event.Props.Get(ical.PropStatus).Value; method != c.method || status != c.status {
			t.Errorf("%s: METHOD %q, STATUS %s", name, method, status)
		}
	}
}

func TestAnAddressThatIsNoneIsRefusedAndNotTold(t *testing.T) {
	for _, wrong := range []string{"", "nobody", "a@b\r\nATTENDEE:mailto:c@d", "Chen <" + citizen + ">", citizen + ", x@example.com", "a b@example.com"} {
		for _, addresses := range [][2]string{{wrong, citizen}, {office, wrong}} {
			file, method, err := entry.Invitation(booked(), addresses[0], addresses[1], "zh")
			if err == nil || file != nil || method != "" {
				t.Fatalf("%q was taken: %s", wrong, file)
			}
			if wrong != "" && strings.Contains(err.Error(), wrong) {
				t.Errorf("the error tells it: %v", err)
			}
		}
	}
}

func TestFactsAreTakenFromTheAppointment(t *testing.T) {
	want := cancelled()
	got := entry.Of(scheduling.Appointment{
		ID: want.AppointmentID, Reference: want.Reference, Status: scheduling.Cancelled,
		Start: want.Start, End: want.End, UpdatedAt: want.UpdatedAt, Revision: want.Revision,
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if entry.Of(scheduling.Appointment{Status: scheduling.NoShow}).Cancelled {
		t.Error("who did not come has cancelled")
	}
}

func TestWhateverTheAddressesLinesAreShortAndReadBackAsTheyWere(t *testing.T) {
	local := rapid.StringMatching(`[a-z0-9!#$%&'*+/=?^_{|}~-]{1,64}`)
	domain := rapid.StringMatching(`[a-z]{1,60}(\.[a-z]{2,60}){1,3}`)
	rapid.Check(t, func(r *rapid.T) {
		f := booked()
		f.Revision = rapid.IntRange(1, 1000).Draw(r, "revision")
		f.Cancelled = rapid.Bool().Draw(r, "cancelled")
		f.Start = f.Start.Add(time.Duration(rapid.IntRange(0, 1e6).Draw(r, "minutes")) * time.Minute)
		to := local.Draw(r, "local") + "@" + domain.Draw(r, "domain")
		file, _, err := entry.Invitation(f, office, to, "zh")
		if err != nil {
			r.Fatal(err)
		}
		rest, ended := bytes.CutSuffix(file, []byte("\r\n"))
		if !ended {
			r.Fatal("the last line has no end")
		}
		for line := range bytes.SplitSeq(rest, []byte("\r\n")) {
			if len(line) > 75 || bytes.ContainsAny(line, "\r\n") {
				r.Fatalf("a line of %d octets: %q", len(line), line)
			}
		}
		_, event := read(t, file)
		uri := event.Props.Get(ical.PropAttendee).Value
		if got, err := url.PathUnescape(strings.TrimPrefix(uri, "mailto:")); err != nil || got != to {
			r.Fatalf("%s, want %s (%v)", uri, to, err)
		}
		if start, err := event.DateTimeStart(nil); err != nil || !start.Equal(f.Start) {
			r.Fatalf("starts at %v, want %v (%v)", start, f.Start, err)
		}
	})
}
