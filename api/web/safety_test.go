package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"magpie/api/web/visit"
	"magpie/scheduling"
)

// steps are the pages of a visit, by what they are about: a booking that is
// being filled in, one that is done, an appointment, or the visit itself.
var steps = map[string][]string{
	"draft":  {visit.Day, visit.Time, visit.Lost, visit.Who, visit.Safe, visit.Desk, visit.Number, visit.Code, visit.Check},
	"booked": {visit.Done},
	"one":    {visit.One, visit.Cancel},
	"":       {visit.Mine, visit.Prove, visit.Reach},
}

// filled is a visit in which every page of a booking can be shown.
func filled(v *visit.Visit) {
	start := noon.Add(24 * time.Hour)
	d := v.Begin("anhua", "family")
	d.Day, d.Start, d.End, d.Who, d.Name, d.Reach = "2026-11-27", start, start.Add(time.Hour), visit.Alone, "陈", visit.Text
	d.Nearest = []time.Time{start.Add(time.Hour)}
	done := v.Begin("anhua", "family")
	*done = visit.Draft{ID: done.ID, Office: "anhua", Service: "family", Start: start, Booked: reference}
	v.Proved(citizensToken, citizensPhone)
	v.Know(reference)
	v.Proofs = map[string]visit.Proof{}
	for _, purpose := range []string{visit.Book, "mine", "erase"} {
		v.Proofs[purpose] = visit.Proof{Phone: citizensPhone, Verification: "v1", ResendAt: noon}
	}
}

// pages are the addresses of every page, in a visit.
func pages(t *testing.T, s *site) []string {
	t.Helper()
	v := s.visiting(t, filled)
	var out []string
	for _, r := range s.server.Routes() {
		if ours(r.Path) && r.Method == http.MethodGet && !strings.Contains(r.Path, ":address") && !strings.HasSuffix(r.Path, ".json") {
			out = append(out, strings.ReplaceAll(r.Path, ":office", "anhua"))
		}
	}
	about := map[string]string{"draft": v.Drafts[0].ID, "booked": v.Drafts[1].ID, "one": reference}
	for what, all := range steps {
		for _, step := range all {
			out = append(out, v.Address(visit.Place{Step: step, About: about[what]}))
		}
	}
	return append(out, "/nothing", "/?q=x", "/help?office=anhua", "/help?office=nowhere")
}

// ours says whether a route is one of the citizens' pages.
func ours(path string) bool {
	for _, others := range []string{"/api/", "/hooks/", "/feeds/", "/healthz", "/readyz", "/assets/", "/staff"} {
		if strings.HasPrefix(path, others) {
			return false
		}
	}
	return true
}

func TestEveryPageIsShownAndItsTitleTellsNothing(t *testing.T) {
	s := open(t)
	title := regexp.MustCompile(`<title>(.*?)</title>`)
	for _, path := range pages(t, s) {
		for language, word := range map[string]string{"zh": "预约", "en": "Appointments"} {
			answer := s.ask(http.MethodGet, path, nil, "Accept-Language", language)
			if leads := path == "/o/anhua/mine" && answer.Code == http.StatusSeeOther; leads {
				continue // whoever is signed in goes on at once
			}
			if answer.Code != 200 && path != "/nothing" {
				t.Errorf("%s answered %d: %s\n%s", path, answer.Code, main(answer.Body.String()), s.log)
				continue
			}
			found := title.FindStringSubmatch(answer.Body.String())
			if found == nil || found[1] != word && found[1] != word+" · 安化县民政局" {
				t.Errorf("%s has the title %v", path, found)
			}
		}
	}
	if s.visits.saved != 0 {
		t.Errorf("%d visits were written by looking", s.visits.saved)
	}
}

func TestEveryAnswerOfThePagesHasTheHeadersThatKeepItSafe(t *testing.T) {
	s := open(t)
	type call struct{ method, path string }
	var calls []call
	for _, path := range pages(t, s) {
		calls = append(calls, call{http.MethodGet, path}, call{http.MethodHead, path})
	}
	for _, r := range s.server.Routes() {
		if ours(r.Path) && r.Method == http.MethodPost {
			calls = append(calls, call{r.Method, strings.NewReplacer(":office", "anhua", ":address", "nothing").Replace(r.Path)})
		}
	}
	for _, c := range calls {
		answer := s.ask(c.method, c.path, url.Values{})
		h := answer.Header()
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s %s: the policy is %q", c.method, c.path, policy)
		}
		for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"} {
			if h.Get(name) != want || len(h.Values(name)) != 1 {
				t.Errorf("%s %s: %s is %q", c.method, c.path, name, h.Values(name))
			}
		}
		if answer.Code >= 500 {
			t.Errorf("%s %s answered %d", c.method, c.path, answer.Code)
		}
		page := answer.Body.String()
		if regexp.MustCompile(`<script[^>]*>[^<]|\sstyle=|\son[a-z]+=|src="http|href="http://`).MatchString(page) || strings.Contains(page, "<style") {
			t.Errorf("%s %s has a script or style of its own, or loads from elsewhere", c.method, c.path)
		}
	}
}

func TestNoAddressLeadsOutOfTheLogsTemplates(t *testing.T) {
	s := open(t)
	v := s.visiting(t, filled)
	address := v.Address(visit.Place{Step: visit.Who, About: v.Drafts[0].ID})
	s.ask(http.MethodGet, address, nil)
	s.ask(http.MethodGet, "/?q="+citizensPhone, nil)
	s.ask(http.MethodGet, "/"+citizensPhone, nil)
	log := s.log.String()
	for _, secret := range []string{address, strings.TrimPrefix(address, "/p/"), citizensPhone, "家庭", v.Drafts[0].ID} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %s:\n%s", secret, log)
		}
	}
	if !strings.Contains(log, "route=/p/:address") || !strings.Contains(log, "route=unmatched") {
		t.Errorf("the log has no templates:\n%s", log)
	}
}

func TestAFormOfAnotherSiteDoesNothing(t *testing.T) {
	for name, header := range map[string][]string{
		"told by the browser": {"Sec-Fetch-Site", "cross-site"},
		"from a neighbour":    {"Sec-Fetch-Site", "same-site"},
		"by its origin":       {"Origin", "https://evil.example"},
		"of no origin":        {"Origin", "null"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			v := s.visiting(t, func(v *visit.Visit) {
				filled(v)
				v.Drafts[0].Hold = "h-1"
			})
			day := v.Address(visit.Place{Step: visit.Day, About: v.Drafts[0].ID})
			for path, form := range map[string]url.Values{
				"/o/anhua/start": {"service": {"family"}}, day: {"day": {"2026-12-03"}}, "/leave": {}, "/stay": {}, "/view": {"locale": {"en"}},
			} {
				answer := s.ask(http.MethodPost, path, form, header...)
				if answer.Code != 403 || !strings.Contains(answer.Body.String(), "请从我们的网页进来") || len(answer.Result().Cookies()) != 0 {
					t.Errorf("%s answered %d with cookies %v", path, answer.Code, answer.Result().Cookies())
				}
			}
			if s.visits.saved != 0 || len(s.visits.kept) != 1 || len(s.released) != 0 || s.ended != 0 {
				t.Errorf("saved %d, kept %d, released %v, ended %d", s.visits.saved, len(s.visits.kept), s.released, s.ended)
			}
		})
	}
}

func TestAFormOfThePagesThemselvesIsTakenBehindAProxyToo(t *testing.T) {
	s := open(t)
	for name, header := range map[string][]string{
		"told by the browser":                   {"Sec-Fetch-Site", "same-origin"},
		"typed by hand":                         {"Sec-Fetch-Site", "none"},
		"an old browser":                        {"Origin", "http://yuyue.example.cn"},
		"an old browser, the proxy's own Host":  {"Origin", "http://yuyue.example.cn", "Host", "127.0.0.1:8080"},
		"no browser, or one that tells nothing": nil,
	} {
		clear(s.cookies)
		s.visits.saved = 0
		answer := s.ask(http.MethodPost, "/o/anhua/start", url.Values{"service": {"family"}}, header...)
		if answer.Code != http.StatusSeeOther || !strings.HasPrefix(answer.Header().Get("Location"), "/p/") || s.visits.saved != 1 {
			t.Errorf("%s: answered %d to %s, saved %d", name, answer.Code, answer.Header().Get("Location"), s.visits.saved)
		}
	}
}

func TestLeavingEndsEverythingAtOnce(t *testing.T) {
	for name, failing := range map[string]error{"all goes well": nil, "the hold cannot be given back": errors.New("gone")} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.offices[0].ExitTo = "https://www.example.cn/tianqi"
			s.releaseErr = failing
			s.visiting(t, func(v *visit.Visit) {
				filled(v)
				v.Drafts[0].Hold = "h-1"
			})
			s.cookies["locale"], s.cookies["version"], s.cookies["keep"] = "en", "elder", "yes"
			answer := s.ask(http.MethodPost, "/leave", url.Values{"office": {"anhua"}})
			page := answer.Body.String()
			if answer.Code != 200 || !strings.Contains(page, `content="0; url=https://www.example.cn/tianqi"`) || strings.Contains(page, "预约") {
				t.Errorf("answered %d:\n%s", answer.Code, page)
			}
			if got := answer.Header().Get("Clear-Site-Data"); got != `"cache", "cookies", "storage"` {
				t.Errorf("Clear-Site-Data is %s", got)
			}
			if len(s.cookies) != 0 {
				t.Errorf("the browser keeps %v", s.cookies)
			}
			if len(s.visits.kept) != 0 || s.ended != 1 || len(s.released) != 1 || s.released[0] != "h-1" {
				t.Errorf("kept %d, ended %d, released %v", len(s.visits.kept), s.ended, s.released)
			}
		})
	}
}

func TestLeavingWorksWithoutAVisitAndWithoutAnOffice(t *testing.T) {
	s := open(t)
	s.err = scheduling.Overloaded()
	answer := s.ask(http.MethodPost, "/leave", url.Values{"office": {"nowhere"}})
	if answer.Code != 200 || !strings.Contains(answer.Body.String(), "url="+scheduling.DefaultExit) || answer.Header().Get("Clear-Site-Data") == "" {
		t.Errorf("answered %d:\n%s", answer.Code, answer.Body)
	}
}
