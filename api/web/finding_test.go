package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"magpie/api/web"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

func TestTheOnlyOfficeIsTheFirstPage(t *testing.T) {
	s := open(t)
	answer := s.ask(http.MethodGet, "/", nil)
	page := answer.Body.String()
	for _, want := range []string{
		"您好，这里可以约时间，找人谈谈", `action="/o/anhua/start"`, `value="family"`, "夫妻之间、家里有烦心事", `60分钟 · 一个人、两个人来都行</span><span class="small">最早 11月26日 周四 9:00`,
		"不参加，也不影响办理结婚、离婚登记", `href="/o/anhua/mine"`, `href="/o/anhua/privacy"`, `href="tel:0737-7220000"`,
		`href="https://uri.amap.com/search?keyword=%E6%B9%96%E5%8D%97%E7%9C%81%E7%9B%8A%E9%98%B3%E5%B8%82%E5%AE%89%E5%8C%96%E5%8E%BF%E4%B8%9C%E5%9D%AA%E9%95%87" rel="noreferrer"`,
		"8:30–12:00（今天已经下班）", "11月28日至29日 周六至周日",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, main(page))
		}
	}
	if answer.Code != 200 || strings.Contains(page, "noindex") {
		t.Errorf("answered %d; a search engine may not list it", answer.Code)
	}
}

func TestOfSeveralOfficesOneIsChosen(t *testing.T) {
	s := open(t)
	for i := range 24 {
		o := anhua()
		o.Code, o.Region, o.Name.ZH, o.Address.ZH = fmt.Sprintf("o%d", i), "4407", fmt.Sprintf("江门%d处", i), "广东省江门市"
		s.offices = append(s.offices, o)
	}
	count := func(path string) (int, string) {
		page := s.ask(http.MethodGet, path, nil).Body.String()
		return strings.Count(page, `class="card" href="/o/`), page
	}
	if n, page := count("/"); n != 0 || !strings.Contains(page, `name="q"`) {
		t.Errorf("of 25 offices %d are listed unasked", n)
	}
	if n, page := count("/?q=" + url.QueryEscape("安化")); n != 1 || !strings.Contains(page, `href="/o/anhua"`) || !strings.Contains(page, `value="安化"`) {
		t.Errorf("%d are found", n)
	}
	if n, _ := count("/?q=44"); n != 24 {
		t.Errorf("%d of the province are found", n)
	}
	if n, page := count("/?q=" + url.QueryEscape("<b>火星")); n != 0 || !strings.Contains(page, "没有找到") || strings.Contains(page, "<b>") {
		t.Errorf("%d are found on Mars:\n%s", n, main(page))
	}
	s.offices = s.offices[:3]
	if n, page := count("/"); n != 3 || strings.Contains(page, `name="q"`) {
		t.Errorf("of three offices %d are listed", n)
	}
	if page := s.ask(http.MethodGet, "/o/anhua", nil).Body.String(); !strings.Contains(page, `href="/">看别的登记处</a>`) {
		t.Error("the office's page does not lead to the others")
	}
	s.offices = nil
	if n, page := count("/"); n != 0 || !strings.Contains(page, "还没有开通预约") {
		t.Errorf("without an office it says\n%s", main(page))
	}
}

func TestAServiceIsBegunInAVisitAndTheAddressTellsNothing(t *testing.T) {
	s := open(t)
	answer := s.ask(http.MethodPost, "/o/anhua/start", url.Values{"service": {"family"}})
	first := answer.Header().Get("Location")
	if answer.Code != http.StatusSeeOther || len(first) != len("/p/")+16 || s.cookies["visit"] == "" {
		t.Fatalf("answered %d to %s", answer.Code, first)
	}
	if answer := s.ask(http.MethodGet, first, nil); answer.Code != 200 || !strings.Contains(answer.Body.String(), "哪一天方便") {
		t.Errorf("there is %d", answer.Code)
	}
	second := s.ask(http.MethodPost, "/o/anhua/start", url.Values{"service": {"family"}}).Header().Get("Location")
	if second == first || len(s.visits.kept) != 1 {
		t.Errorf("a second tab goes to %s after %s, with %d visits", second, first, len(s.visits.kept))
	}
	if answer := s.ask(http.MethodGet, first, nil); answer.Code != 200 {
		t.Errorf("the first tab is answered %d", answer.Code)
	}
	delete(s.cookies, "visit")
	if answer := s.ask(http.MethodGet, first, nil); answer.Header().Get("Location") != "/over" {
		t.Errorf("without the visit the address answers %d %s", answer.Code, answer.Header().Get("Location"))
	}
}

func TestAVisitsEndSaysSoAndLeadsOn(t *testing.T) {
	s := open(t)
	page := s.ask(http.MethodGet, "/over", nil).Body.String()
	if !strings.Contains(page, "填的内容只留20分钟") || !strings.Contains(page, `href="/"`) || !strings.Contains(main(page), `href="/o/anhua/mine"`) {
		t.Errorf("it says\n%s", main(page))
	}
	s.err = scheduling.Overloaded()
	if answer := s.ask(http.MethodGet, "/over", nil); answer.Code != 200 {
		t.Errorf("without the offices it answers %d", answer.Code)
	}
	if said := main(s.ask(http.MethodGet, "/bye", nil).Body.String()); !strings.Contains(said, "好的，到时候见") || strings.Contains(said, "/o/") {
		t.Errorf("goodbye says\n%s", said)
	}
}

func TestHelpIsThereWhateverElseIsNot(t *testing.T) {
	s := open(t)
	s.visiting(t, filled)
	s.err = scheduling.Overloaded()
	for _, path := range []string{"/help", "/help?office=anhua"} {
		answer := s.ask(http.MethodGet, path, nil)
		said := main(answer.Body.String())
		for _, number := range []string{"110", "12338", "12348", "12345"} {
			if !strings.Contains(said, `class="card" href="tel:`+number+`"`) {
				t.Errorf("%s answers %d without %s:\n%s", path, answer.Code, number, said)
			}
		}
		if !strings.Contains(said, "人身安全保护令") || !strings.Contains(said, "浏览记录") {
			t.Errorf("it says\n%s", said)
		}
	}
	s.err = nil
	s.offices[0].Help = []scheduling.HelpLine{{Name: scheduling.Text{ZH: "县妇联"}, Phone: "0737-7222338"}}
	if said := main(s.ask(http.MethodGet, "/help?office=anhua", nil).Body.String()); !strings.Contains(said, `href="tel:0737-7222338"><strong>打 0737-7222338 县妇联</strong></a>`) || strings.Contains(said, "tel:110") {
		t.Errorf("the office's own numbers are\n%s", said)
	}
}

func TestWhatIsKeptIsSaidWithTheOfficesTimes(t *testing.T) {
	s := open(t)
	page := s.ask(http.MethodGet, "/o/anhua/privacy", nil).Body.String()
	for _, want := range []string{"约好的日子过后180天", "约好的日子过后3年，里面没有姓名和号码", "号码的后四位", "个人信息保护法", `href="/o/anhua/mine"`} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q:\n%s", want, main(page))
		}
	}
}

func TestAChangeOfLanguageLeadsNowhereElse(t *testing.T) {
	s := open(t)
	for back, want := range map[string]string{
		"/o/anhua": "/o/anhua", "/help?office=anhua": "/help?office=anhua", "": "/", "o/anhua": "/", "https://evil.example/": "/",
		"//evil.example/": "/", `/\evil.example`: "/", `\\evil.example`: "/", "/%2F/evil.example": "/", "javascript:alert(1)": "/", "/a\nb": "/", "/o/anhua#x": "/o/anhua",
	} {
		clear(s.cookies)
		answer := s.ask(http.MethodPost, "/view", url.Values{"back": {back}, "locale": {"en"}, "version": {"huge"}})
		if got := answer.Header().Get("Location"); answer.Code != http.StatusSeeOther || got != want {
			t.Errorf("back to %q leads to %d %q, want %q", back, answer.Code, got, want)
		}
		if s.cookies["locale"] != "en" || s.cookies["version"] != "" {
			t.Errorf("the browser keeps %v", s.cookies)
		}
	}
}

func TestTheMessagesOfADemonstrationAreShownAsTheyAre(t *testing.T) {
	s := open(t)
	answer := s.ask(http.MethodGet, "/demo/messages", nil)
	page := main(answer.Body.String())
	if answer.Header().Get("Refresh") != "5" || !strings.Contains(page, "验证码123456") || !strings.Contains(page, "2026-11-26 04:00:00") {
		t.Errorf("renewed after %q:\n%s", answer.Header().Get("Refresh"), page)
	}
	if strings.Contains(page, "<script") || !strings.Contains(page, "&lt;script&gt;") || strings.Count(page, "示例预约的短信") != 1 {
		t.Errorf("a text is trusted, or the sample is not marked:\n%s", page)
	}
	var list struct{ Items []web.ShownMessage }
	if err := json.Unmarshal(s.ask(http.MethodGet, "/demo/messages.json", nil).Body.Bytes(), &list); err != nil || len(list.Items) != 2 || list.Items[0].To != citizensPhone || !list.Items[1].Sample {
		t.Errorf("as JSON %+v, %v", list, err)
	}
}

func TestASixthBookingTakesTheFirstOnesPlace(t *testing.T) {
	s := open(t)
	v := s.visiting(t, func(v *visit.Visit) {
		for range 5 {
			v.Begin("anhua", "family")
		}
	})
	first := v.Address(visit.Place{Step: visit.Day, About: v.Drafts[0].ID})
	second := v.Address(visit.Place{Step: visit.Day, About: v.Drafts[1].ID})
	s.ask(http.MethodPost, "/o/anhua/start", url.Values{"service": {"family"}})
	if a, b := s.ask(http.MethodGet, first, nil), s.ask(http.MethodGet, second, nil); a.Header().Get("Location") != "/over" || b.Code != 200 {
		t.Errorf("the first answers %d, the second %d", a.Code, b.Code)
	}
}

func TestABookingIsBegunAlthoughAnotherTabWasFaster(t *testing.T) {
	for lost, want := range map[int]int{1: http.StatusSeeOther, 2: http.StatusSeeOther, 3: http.StatusServiceUnavailable} {
		s := open(t)
		s.visiting(t, func(v *visit.Visit) { v.Begin("anhua", "family") })
		s.visits.lose = lost
		answer := s.ask(http.MethodPost, "/o/anhua/start", url.Values{"service": {"family"}})
		if answer.Code != want {
			t.Errorf("after %d lost writes it answers %d, want %d", lost, answer.Code, want)
			continue
		}
		if to := answer.Header().Get("Location"); to != "" && s.ask(http.MethodGet, to, nil).Code != http.StatusOK {
			t.Errorf("after %d lost writes %s leads nowhere", lost, to)
		}
	}
}
