package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"magpie/api"
	"magpie/api/problem"
	"magpie/scheduling"
)

func TestEveryErrorIsAPageThatSaysWhatToDo(t *testing.T) {
	s := open(t)
	for _, test := range []struct {
		name   string
		err    error
		status int
		zh, en string
		after  string // Retry-After
		again  bool   // the page offers to try again
	}{
		{"not found", scheduling.NotFound(), 404, "没有找到这一页", "This page cannot be found", "", false},
		{"forbidden", scheduling.Forbidden(), 403, "请从我们的网页进来", "Please come in through our pages", "", false},
		{"unauthenticated", scheduling.Unauthenticated(), 401, "请重新验证一次", "Please prove your number again", "", false},
		{"malformed", problem.Malformed("没收全", "broke off"), 400, "刚才没有收全", "That did not arrive whole", "", true},
		{"too large", problem.TooLarge(), 413, "内容太长了", "That is too long", "", true},
		{"rate limited, seconds", scheduling.RateLimited(40 * time.Second), 429, "请过40秒再来", "come back in 40 seconds", "40", true},
		{"rate limited, minutes", scheduling.RateLimited(90 * time.Second), 429, "请过2分钟再来", "come back in 2 minutes", "90", true},
		{"rate limited, hours", scheduling.RateLimited(61 * time.Minute), 429, "请过2小时再来", "come back in 2 hours", "3660", true},
		{"rate limited, nobody knows until when", &scheduling.Error{Code: scheduling.CodeRateLimited}, 429, "请过2秒再来", "come back in 2 seconds", "2", true},
		{"overloaded", scheduling.Overloaded(), 503, "请等2秒，再试一次", "Please wait 2 seconds", "2", true},
		{"out of time", context.DeadlineExceeded, 503, "现在人有点多", "Very busy just now", "2", true},
		{"internal", errors.New("table persons is gone"), 500, "抱歉，我们这边出了点问题", "Sorry, something is wrong on our side", "", true},
		{"a code of no page", scheduling.TooLate(), 409, "网上改不了了，请打电话给我们", "please call us", "", true},
		{"taken", scheduling.SlotTaken(nil), 409, "这个时间刚被约走了", "This time has just been taken", "", true},
		{"invalid", scheduling.Invalid("x", "不对", "wrong"), 422, "有些内容需要改一改", "Some fields are not valid", "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.err = test.err
			for language, want := range map[string]string{"zh-CN": test.zh, "en": test.en} {
				answer := s.ask(http.MethodGet, "/o/anhua", nil, "Accept-Language", language)
				page := answer.Body.String()
				if answer.Code != test.status || !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/html") || !strings.Contains(page, want) {
					t.Errorf("in %s answered %d %s:\n%s", language, answer.Code, answer.Header().Get("Content-Type"), main(page))
				}
				if got := answer.Header().Get("Retry-After"); got != test.after {
					t.Errorf("Retry-After is %q, want %q", got, test.after)
				}
				if got := strings.Contains(page, `class="main" href="/o/anhua"`); got != test.again {
					t.Errorf("it offers to try again: %t, want %t", got, test.again)
				}
				if strings.Contains(page, "persons") || !strings.Contains(page, `href="tel:110"`) || !strings.Contains(page, `content="noindex, nofollow"`) {
					t.Errorf("the page says too much or too little:\n%s", page)
				}
			}
		})
	}
}

func TestAFaultOfOursIsLoggedOnceWithTheNumberThatThePageTells(t *testing.T) {
	s := open(t)
	s.err = errors.New("table persons is gone")
	answer := s.ask(http.MethodGet, "/", nil)
	id := answer.Header().Get("X-Request-Id")
	if page := answer.Body.String(); !strings.Contains(page, `<p class="number">`+id[:4]+" "+id[4:8]+"</p>") {
		t.Errorf("the page does not tell %s:\n%s", id, main(page))
	}
	if log := s.log.String(); strings.Count(log, "table persons is gone") != 1 || strings.Count(log, id) != 2 {
		t.Errorf("logged\n%s", log)
	}
}

func TestAnErrorAfterTheOfficeIsKnownHasItsTelephone(t *testing.T) {
	s := open(t)
	s.offices[0].Help = []scheduling.HelpLine{{Name: scheduling.Text{ZH: "值班"}, Phone: "0737-110"}}
	answer := s.ask(http.MethodPost, "/o/anhua/start", url.Values{"service": {"gone"}})
	if page := answer.Body.String(); answer.Code != 404 || !strings.Contains(page, `href="tel:0737-7220000"`) || !strings.Contains(page, "tel:0737-110") || !strings.Contains(page, `class="main" href="/o/anhua"`) {
		t.Errorf("answered %d:\n%s", answer.Code, page)
	}
	if s.visits.saved != 0 {
		t.Error("a visit was begun")
	}
}

func TestAnOverloadedServerSaysSoWithoutAskingAnybody(t *testing.T) {
	s := open(t, func(c *api.Config) { c.MaxUnderWay = 1 })
	s.block, s.entered = make(chan struct{}), make(chan struct{})
	first := make(chan int)
	go func() { first <- s.ask(http.MethodGet, "/", nil).Code }()
	<-s.entered
	answer := s.ask(http.MethodPost, "/o/anhua/start", url.Values{"service": {"family"}})
	if answer.Code != 503 || !strings.Contains(answer.Body.String(), "现在人有点多") || answer.Header().Get("Retry-After") == "" {
		t.Errorf("answered %d:\n%s", answer.Code, answer.Body)
	}
	if s.calls != 1 || s.visits.saved != 0 {
		t.Errorf("use cases were called %d times, want the first request's once", s.calls)
	}
	close(s.block)
	if code := <-first; code != 200 {
		t.Errorf("the one that was let in answered %d", code)
	}
}

func TestABodyThatIsTooLongIsAPage(t *testing.T) {
	s := open(t)
	answer := s.ask(http.MethodPost, "/o/anhua/start", url.Values{"service": {strings.Repeat("x", 64<<10)}})
	if answer.Code != 413 || !strings.Contains(answer.Body.String(), "内容太长了") || s.calls != 0 {
		t.Errorf("answered %d:\n%s", answer.Code, answer.Body)
	}
}

func TestAnErrorIsAPageWhereSomebodyReadsIt(t *testing.T) {
	s := open(t)
	for _, test := range []struct {
		method, path, accept string
		status               int
		page                 bool
	}{
		{"GET", "/nothing", "text/html", 404, true},
		{"GET", "/o/anhua/nothing/at/all", "text/html,*/*", 404, true},
		{"POST", "/nothing", "text/html", 404, true},
		{"GET", "/nothing", "*/*", 404, false},
		{"GET", "/nothing", "application/json", 404, false},
		{"GET", "/o/nowhere", "*/*", 404, true},
		{"PUT", "/help", "*/*", 405, true},
		{"GET", "/leave", "*/*", 405, true},
		{"GET", "/o/anhua/start", "text/html", 405, true},
		{"GET", "/api", "text/html", 404, false},
		{"GET", "/api/v1/nothing", "text/html", 404, false},
		{"GET", "/api/v2", "text/html", 404, false},
		{"GET", "/hooks/kannel", "text/html", 404, false},
		{"PUT", "/healthz", "text/html", 405, false},
		{"GET", "/apiary", "text/html", 404, true},
	} {
		answer := s.ask(test.method, test.path, nil, "Accept", test.accept)
		if answer.Code != test.status || strings.HasPrefix(answer.Header().Get("Content-Type"), "text/html") != test.page {
			t.Errorf("%s %s for %s answered %d %s", test.method, test.path, test.accept, answer.Code, answer.Header().Get("Content-Type"))
		}
		if test.page && !strings.Contains(answer.Body.String(), "回首页") {
			t.Errorf("%s %s does not lead home", test.method, test.path)
		}
	}
}

func TestTheHeadOfAnErrorHasNoBody(t *testing.T) {
	s := open(t)
	if answer := s.ask(http.MethodHead, "/o/nowhere", nil); answer.Code != 404 || answer.Body.Len() != 0 {
		t.Errorf("answered %d with %d bytes", answer.Code, answer.Body.Len())
	}
}

// main is what a page says between its frame.
func main(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	page, _, _ = strings.Cut(page, "</main>")
	return page
}
