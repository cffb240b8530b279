package reach

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"magpie/api/web/frame"
	"magpie/api/web/visit"
	"magpie/scheduling"
	"magpie/scheduling/messages"
)

var (
	mornings = []messages.Window{{From: 9 * 60, To: 11 * 60}}
	twice    = []messages.Window{{From: 9 * 60, To: 11 * 60}, {From: 19 * 60, To: 21 * 60}}
	halves   = []messages.Window{{From: 9*60 + 30, To: 11 * 60}}
)

func posted(form url.Values) *visit.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	r.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	return &visit.Request{Context: echo.New().NewContext(r, httptest.NewRecorder()), Office: &scheduling.Office{}, Page: frame.Page{Locale: "zh"}}
}

func TestHoursAreReadAsTheyWereChosen(t *testing.T) {
	for name, c := range map[string]struct {
		stored   []messages.Window
		from, to string
		want     []messages.Window
		wrong    string // the field
	}{
		"any time":               {mornings, "", "", nil, ""},
		"other hours":            {mornings, "14:00", "16:00", []messages.Window{{From: 14 * 60, To: 16 * 60}}, ""},
		"past midnight":          {nil, "22:00", "06:00", []messages.Window{{From: 22 * 60, To: 6 * 60}}, ""},
		"to the end of the day":  {nil, "08:00", "24:00", []messages.Window{{From: 8 * 60, To: 24 * 60}}, ""},
		"two times, left alone":  {twice, asNow, "", twice, ""},
		"half hours, left alone": {halves, asNow, "16:00", halves, ""},
		"no end":                 {nil, "08:00", "", nil, "to"},
		"no beginning":           {nil, "", "11:00", nil, "from"},
		"no hour at all":         {nil, "soon", "11:00", nil, "from"},
	} {
		t.Run(name, func(t *testing.T) {
			r := posted(url.Values{"from": {c.from}, "to": {c.to}})
			got := read(r, scheduling.ContactWish{Hours: c.stored}, false)
			if c.wrong != "" {
				if len(r.Page.Wrongs) != 1 || r.Page.Wrongs[0].Field != c.wrong {
					t.Errorf("wrong is %v", r.Page.Wrongs)
				}
				return
			}
			if diff := cmp.Diff(c.want, got.wish.Hours); diff != "" || len(r.Page.Wrongs) > 0 {
				t.Errorf("%v %s", r.Page.Wrongs, diff)
			}
		})
	}
}

func TestTheHoursShownAreThoseStored(t *testing.T) {
	for name, c := range map[string]struct {
		stored   []messages.Window
		from, to string
		options  int
	}{
		"none":       {nil, "", "", 25},
		"full hours": {mornings, "09:00", "11:00", 25},
		"two times":  {twice, asNow, "", 26},
		"half hours": {halves, asNow, "", 26},
	} {
		w := scheduling.ContactWish{Hours: c.stored}
		h := hoursOf(w)
		begins := h.begins(frame.Page{Locale: "zh"}, w)
		if len(begins) != c.options || chosen(t, begins) != c.from || chosen(t, h.ends()) != c.to {
			t.Errorf("%s: %d options, %q to %q", name, len(begins), chosen(t, begins), chosen(t, h.ends()))
		}
	}
}

// chosen is the value of the one option that is chosen.
func chosen(t *testing.T, all []option) string {
	t.Helper()
	var values []string
	for _, o := range all {
		if o.Chosen {
			values = append(values, o.Value)
		}
	}
	if len(values) != 1 {
		t.Fatalf("%d options are chosen: %q", len(values), values)
	}
	return values[0]
}

func TestWhatThePageDoesNotAskStays(t *testing.T) {
	stored := scheduling.ContactWish{
		Number: scheduling.NewPrivate("13900000001"), Email: scheduling.NewPrivate("chen@example.com"), Text: true, Mail: true, Neutral: true, Locale: "en", Stopped: true,
	}
	for name, c := range map[string]struct {
		stored scheduling.ContactWish
		form   url.Values
		want   scheduling.ContactWish
		mails  bool
	}{
		"an address, where e-mails can be sent": {
			scheduling.AnyWish(), url.Values{"text": {"yes"}, "remind": {"yes"}, "email": {" li@example.com "}},
			scheduling.ContactWish{Text: true, Mail: true, Email: scheduling.NewPrivate("li@example.com")}, true,
		},
		"another address": {
			stored, url.Values{"email": {"li@example.com"}},
			scheduling.ContactWish{Number: stored.Number, Email: scheduling.NewPrivate("li@example.com"), Mail: true, Stopped: true}, true,
		},
		"everything off": {stored, url.Values{}, scheduling.ContactWish{Number: stored.Number, Email: stored.Email, Stopped: true}, true},
		"everything on": {
			stored, url.Values{"text": {"yes"}, "call": {"yes"}, "mail": {"yes"}, "neutral": {"yes"}, "remind": {"yes"}, "locale": {"zh"}},
			scheduling.ContactWish{Number: stored.Number, Email: stored.Email, Text: true, Call: true, Mail: true, Neutral: true, Locale: "zh"}, false,
		},
		"what is not offered cannot be had": {
			scheduling.AnyWish(), url.Values{"text": {"yes"}, "mail": {"yes"}, "neutral": {"yes"}, "remind": {"yes"}, "number": {"13900000002"}, "email": {"x@example.com"}},
			scheduling.AnyWish(), false,
		},
	} {
		if diff := cmp.Diff(c.want, read(posted(c.form), c.stored, c.mails).wish, cmp.AllowUnexported(scheduling.Private{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestAnAddressIsShownWithItsMiddleHidden(t *testing.T) {
	for email, want := range map[string]string{"chen@example.com": "c***@example.com", "陈@example.com": "陈***@example.com", "": ""} {
		if got := masked(email); got != want {
			t.Errorf("%q is shown as %q", email, got)
		}
	}
}
