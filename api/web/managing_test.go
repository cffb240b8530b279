package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"magpie/api/rest"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// known lets the visit know the appointment's page.
func known(v *visit.Visit) { v.Know(reference) }

// now is the visit as it was written down last.
func (s *site) now(t *testing.T) *visit.Visit {
	t.Helper()
	keeper := visit.Keeper{Visits: s.visits, Now: func() time.Time { return noon }}
	v, err := keeper.Open(s.context())
	if err != nil || v == nil {
		t.Fatalf("the visit is %v, %v", v, err)
	}
	return v
}

// leads fails unless an answer leads to an address.
func leads(t *testing.T, what string, s *site, method, path string, form url.Values, want string) {
	t.Helper()
	answer := s.ask(method, path, form)
	if got := answer.Header().Get("Location"); answer.Code != http.StatusSeeOther || got != want {
		t.Errorf("%s: %d, leads to %q and not to %q\n%s", what, answer.Code, got, want, main(answer.Body.String()))
	}
}

func TestWhoHasProvedNothingIsAskedForTheirNumber(t *testing.T) {
	s, _, _ := managing(t, false)
	v := s.visiting(t, func(v *visit.Visit) {
		v.Office = "anhua"
		known(v)
	})
	for step, about := range map[string]string{visit.Mine: "", visit.One: reference, visit.Cancel: reference, visit.Reach: "", visit.Data: "", visit.Prove: ""} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			leads(t, step, s, method, v.Address(visit.Place{Step: step, About: about}), url.Values{}, "/o/anhua/mine")
		}
	}
}

func TestACodeOpensWhatIsBookedAndPressedTwiceOpensItOnce(t *testing.T) {
	s, m, _ := managing(t, false)
	answer := s.ask(http.MethodPost, "/o/anhua/mine", url.Values{"phone": {"１３８ 0013-8000"}})
	prove := answer.Header().Get("Location")
	if answer.Code != http.StatusSeeOther || !strings.HasPrefix(prove, "/p/") || m.asked[0] != citizensPhone {
		t.Fatalf("%d, %q, asked for %q", answer.Code, prove, m.asked)
	}
	for typed, code := range map[string]int{"": 422, "12 34 5": 422, "654321": 422} {
		wrong := s.ask(http.MethodPost, prove, url.Values{"code": {typed}})
		if wrong.Code != code || !strings.Contains(wrong.Body.String(), `id="code-wrong"`) {
			t.Errorf("the code %q answers %d", typed, wrong.Code)
		}
	}
	mine := s.now(t).Address(visit.Place{Step: visit.Mine})
	leads(t, "the right code", s, http.MethodPost, prove, url.Values{"code": {"１２３ 456"}}, mine)
	leads(t, "pressed again", s, http.MethodPost, prove, url.Values{"code": {"123456"}}, mine)
	if len(m.tried) != 2 || m.tried[1] != "123456" {
		t.Errorf("tried were %q", m.tried)
	}
	if v := s.now(t); v.Token != citizensToken || v.Phone != citizensPhone || len(v.Proofs) != 0 || len(v.References) != 1 {
		t.Errorf("the visit knows %d codes and %d appointments", len(v.Proofs), len(v.References))
	}
	leads(t, "coming back", s, http.MethodGet, "/o/anhua/mine", nil, mine)
}

func TestACodeWordOpensAndEveryWrongOneIsTheSamePage(t *testing.T) {
	s, _, _ := managing(t, false)
	form := func(phone, word string) url.Values {
		return url.Values{"way": {"word"}, "phone": {phone}, "code_word": {word}}
	}
	var pages []string
	for _, phone := range []string{citizensPhone, "13900000001"} {
		answer := s.ask(http.MethodPost, "/o/anhua/mine", form(phone, "错了错了"))
		page := answer.Body.String()
		if answer.Code != 422 || !strings.Contains(page, "<details open>") || !strings.Contains(page, `value="`+phone+`"`) {
			t.Errorf("%d\n%s", answer.Code, main(page))
		}
		pages = append(pages, strings.ReplaceAll(page, phone, ""))
	}
	if pages[0] != pages[1] {
		t.Error("a known number and another have different pages")
	}
	if s.visits.saved != 0 {
		t.Error("a wrong word leaves a visit")
	}
	answer := s.ask(http.MethodPost, "/o/anhua/mine", form(citizensPhone, "河边老柳树"))
	if answer.Code != http.StatusSeeOther || s.now(t).Token != citizensToken {
		t.Errorf("the right word answers %d", answer.Code)
	}
}

func TestTooManyTriesSayFromWhenOnItCanBeTriedAgain(t *testing.T) {
	for name, form := range map[string]url.Values{
		"a code": {"phone": {citizensPhone}}, "a word": {"way": {"word"}, "phone": {citizensPhone}, "code_word": {"河边老柳树"}},
	} {
		s, m, _ := managing(t, false)
		m.limit = scheduling.RateLimited(90 * time.Second)
		answer := s.ask(http.MethodPost, "/o/anhua/mine", form)
		if page := answer.Body.String(); answer.Code != 422 || !strings.Contains(page, "11月26日 周四 12:02以后再试") {
			t.Errorf("%s: %d\n%s", name, answer.Code, main(page))
		}
	}
}

func TestTheListGivesAddressesOnceAndTellsNothingOfWhatItIsFor(t *testing.T) {
	s, _, v := managing(t, true)
	address := v.Address(visit.Place{Step: visit.Mine})
	for range 2 {
		answer := s.ask(http.MethodGet, address, nil)
		page := answer.Body.String()
		if answer.Code != 200 || !strings.Contains(page, v.Address(visit.Place{Step: visit.One, About: reference})) || !strings.Contains(page, "11月28日 周六 12:00") || !strings.Contains(page, "5207 3164") {
			t.Errorf("%d\n%s", answer.Code, main(page))
		}
		if told := regexp.MustCompile("咨询|辅导").FindString(page); told != "" || strings.Contains(page, citizensPhone) {
			t.Errorf("it tells %q", told)
		}
	}
	if s.visits.saved != 1 {
		t.Errorf("looked at twice it was written %d times", s.visits.saved)
	}
}

func TestANoticeIsSaidOnce(t *testing.T) {
	s, _, v := managing(t, true, known, func(v *visit.Visit) { v.Notice = "记下了。" })
	address := v.Address(visit.Place{Step: visit.Mine})
	first, second := s.ask(http.MethodGet, address, nil).Body.String(), s.ask(http.MethodGet, address, nil).Body.String()
	if !strings.Contains(first, "记下了。") || strings.Contains(second, "记下了。") {
		t.Errorf("said first: %v, said again: %v", strings.Contains(first, "记下了。"), strings.Contains(second, "记下了。"))
	}
}

func TestSigningOutEndsTheVisitAndGivesBackWhatItKept(t *testing.T) {
	s, m, v := managing(t, true, func(v *visit.Visit) { v.Begin("anhua", "family").Hold = "secret" })
	leads(t, "signing out", s, http.MethodPost, v.Address(visit.Place{Step: visit.Mine}), url.Values{"action": {"end"}}, "/bye")
	if m.ended != 1 || len(m.released) != 1 || len(s.visits.kept) != 0 || len(s.cookies) != 0 {
		t.Errorf("%d log-ins ended, released %q, %d visits and %d cookies are left", m.ended, m.released, len(s.visits.kept), len(s.cookies))
	}
}

func TestAnAppointmentSaysWhatCanBeDoneAndGivesAFileThatTellsNothing(t *testing.T) {
	s, _, v := managing(t, true, known)
	address := v.Address(visit.Place{Step: visit.One, About: reference})
	page := s.ask(http.MethodGet, address, nil).Body.String()
	for _, want := range []string{"11月28日 周六", "12:00–13:00", "5207 3164", "10:00以前可以在这里改时间或取消", `value="move"`, v.Address(visit.Place{Step: visit.Cancel, About: reference})} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is missing\n%s", want, main(page))
		}
	}
	file := s.ask(http.MethodGet, address+"?file=1", nil)
	if told := regexp.MustCompile("咨询|辅导|安化|" + reference).FindString(file.Body.String()); told != "" || !strings.Contains(file.Body.String(), "SUMMARY:预约") {
		t.Errorf("the file tells %q\n%s", told, file.Body)
	}
	if h := file.Header(); h.Get("Content-Type") != "text/calendar; charset=utf-8" || h.Get("Content-Disposition") != `attachment; filename="appointment.ics"` {
		t.Errorf("the file's headers are %v", h)
	}
}

func TestMovingGoesToTheDaysOfOneDraftThoughPressedTwice(t *testing.T) {
	s, m, v := managing(t, true, known)
	address := v.Address(visit.Place{Step: visit.One, About: reference})
	s.ask(http.MethodPost, address, url.Values{"action": {"move"}})
	drafts := s.now(t).Drafts
	if len(drafts) != 1 || drafts[0].Moving != reference || drafts[0].Service != "family" {
		t.Fatalf("there are %d drafts", len(drafts))
	}
	leads(t, "pressed again", s, http.MethodPost, address, url.Values{"action": {"move"}}, v.Address(visit.Place{Step: visit.Day, About: drafts[0].ID}))
	m.start = noon.Add(time.Hour) // too near
	leads(t, "too late", s, http.MethodPost, address, url.Values{"action": {"move"}}, address)
	if n := len(s.now(t).Drafts); n != 1 {
		t.Errorf("there are %d drafts", n)
	}
}

func TestCancellingIsAskedForAndDoneOnce(t *testing.T) {
	s, m, v := managing(t, true, known)
	address, mine := v.Address(visit.Place{Step: visit.Cancel, About: reference}), v.Address(visit.Place{Step: visit.Mine})
	if page := s.ask(http.MethodGet, address, nil).Body.String(); !strings.Contains(page, "要取消吗？") || !strings.Contains(page, "显示发自【安化县民政局】") || m.status != scheduling.Booked {
		t.Errorf("looking at it: %s", main(page))
	}
	for range 2 {
		leads(t, "cancelling", s, http.MethodPost, address, url.Values{}, mine)
	}
	if m.status != scheduling.Cancelled || len(m.keys) != 2 || m.keys[0] != m.keys[1] {
		t.Errorf("it is %s, with the keys %q", m.status, m.keys)
	}
	if page := s.ask(http.MethodGet, mine, nil).Body.String(); !strings.Contains(page, "11月28日 周六 12:00的预约取消了") || !strings.Contains(page, "现在没有约好的时间") {
		t.Errorf("the list: %s", main(page))
	}
	if page := s.ask(http.MethodGet, address, nil).Body.String(); !strings.Contains(page, "已经取消了") || strings.Contains(page, "<button class=\"main\">") {
		t.Errorf("cancelled already: %s", main(page))
	}
}

func TestWhatCannotBeCancelledHereSaysWhomToCall(t *testing.T) {
	for name, c := range map[string]struct {
		start  time.Duration
		status scheduling.Status
		refuse error
		code   int
	}{
		"too near":           {time.Hour, scheduling.Booked, scheduling.TooLate(), 409},
		"somebody is there":  {time.Minute, scheduling.CheckedIn, scheduling.WrongState(), 409},
		"it is over":         {-2 * time.Hour, scheduling.Completed, scheduling.WrongState(), 409},
		"nobody came to it":  {-2 * time.Hour, scheduling.NoShow, scheduling.WrongState(), 409},
		"the server is busy": {48 * time.Hour, scheduling.Booked, scheduling.Overloaded(), 503},
	} {
		s, m, v := managing(t, true, known)
		m.start, m.status, m.refuse = noon.Add(c.start), c.status, c.refuse
		answer := s.ask(http.MethodPost, v.Address(visit.Place{Step: visit.Cancel, About: reference}), url.Values{})
		if page := answer.Body.String(); answer.Code != c.code || !strings.Contains(page, "0737-7220000") || c.code == 409 && !strings.Contains(page, "这里取消不了") {
			t.Errorf("%s: %d\n%s", name, answer.Code, main(page))
		}
	}
}

func TestAnAppointmentThatIsNotOnesOwnLeadsToTheList(t *testing.T) {
	s, _, v := managing(t, true, func(v *visit.Visit) { v.Know("99999999") })
	for _, step := range []string{visit.One, visit.Cancel} {
		leads(t, step, s, http.MethodGet, v.Address(visit.Place{Step: step, About: "99999999"}), nil, v.Address(visit.Place{Step: visit.Mine}))
	}
}

func TestHowToBeReachedIsKeptOrSaysWhatIsWrong(t *testing.T) {
	s, m, v := managing(t, true, known)
	address, mine := v.Address(visit.Place{Step: visit.Reach}), v.Address(visit.Place{Step: visit.Mine})
	wrong := s.ask(http.MethodPost, address, url.Values{"call": {"yes"}, "from": {"09:00"}, "to": {"09:00"}})
	if page := wrong.Body.String(); wrong.Code != 422 || !strings.Contains(page, `id="from-wrong"`) || strings.Count(page, `<option value="09:00" selected>`) != 2 || strings.Contains(page, `name="text" value="yes" checked`) || !strings.Contains(page, `name="call" value="yes" checked`) {
		t.Errorf("%d\n%s", wrong.Code, main(page))
	}
	if !m.wish.Text {
		t.Error("what was wrong was kept")
	}
	leads(t, "what is right", s, http.MethodPost, address, url.Values{"call": {"yes"}, "from": {"09:00"}, "to": {"11:00"}}, mine)
	if m.wish.Text || !m.wish.Call || !m.wish.Stopped || len(m.wish.Hours) != 1 {
		t.Errorf("kept is %+v", m.wish)
	}
	if page := s.ask(http.MethodGet, mine, nil).Body.String(); !strings.Contains(page, "不再发短信，有事前台打电话给您") {
		t.Errorf("it says %s", main(page))
	}
}

func TestTextsToAnotherNumberCanComeBackToTheOwnOne(t *testing.T) {
	s, m, v := managing(t, true, known)
	m.wish.Number, m.wish.Neutral = scheduling.NewPrivate("13900000001"), true
	address := v.Address(visit.Place{Step: visit.Reach})
	if page := s.ask(http.MethodGet, address, nil).Body.String(); !strings.Contains(page, "139****0001") || strings.Contains(page, "13900000001") {
		t.Error(main(page))
	}
	s.ask(http.MethodPost, address, url.Values{"action": {"own"}})
	if !m.wish.Number.IsZero() || !m.wish.Neutral || !m.wish.Text {
		t.Errorf("kept is %+v", m.wish)
	}
}

func TestACodeWordIsSetChangedAndRemoved(t *testing.T) {
	s, m, v := managing(t, true, known)
	address := v.Address(visit.Place{Step: visit.Reach})
	for _, c := range []struct {
		form url.Values
		code int
		word string
	}{
		{url.Values{"action": {"word"}, "code_word": {""}}, 422, ""},
		{url.Values{"action": {"word"}, "code_word": {"1234"}}, 422, ""},
		{url.Values{"action": {"word"}, "code_word": {"河边老柳树"}}, 303, "河边老柳树"},
		{url.Values{"action": {"word"}, "code_word": {"门前大石头"}}, 303, "门前大石头"},
		{url.Values{"action": {"unword"}}, 303, ""},
	} {
		if answer := s.ask(http.MethodPost, address, c.form); answer.Code != c.code || m.word != c.word {
			t.Errorf("%v: %d, the word is %q", c.form, answer.Code, m.word)
		}
	}
	if !m.wish.Text {
		t.Error("a code word changes how one is reached")
	}
}

func TestOnesDataComeAsAFileUnderANameThatTellsNothing(t *testing.T) {
	s, _, v := managing(t, true, known)
	answer := s.ask(http.MethodGet, v.Address(visit.Place{Step: visit.Data})+"?file=1", nil)
	var got rest.OwnData
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || got.Number != citizensPhone || len(got.Appointments) != 1 || got.Appointments[0].Reference != reference {
		t.Errorf("%v, %s", err, answer.Body)
	}
	if h := answer.Header(); h.Get("Content-Disposition") != `attachment; filename="data.json"` || h.Get("Cache-Control") != "no-store" {
		t.Errorf("its headers are %v", h)
	}
}

func TestDeletingNeedsAFreshCodeAndCanBeTakenBack(t *testing.T) {
	s, m, v := managing(t, true, known)
	data, prove := v.Address(visit.Place{Step: visit.Data}), v.Address(visit.Place{Step: visit.Prove})
	leads(t, "asking", s, http.MethodPost, data, url.Values{"action": {"erase"}}, prove)
	if len(m.asked) != 1 || m.asked[0] != citizensPhone || m.erased != "" {
		t.Fatalf("codes went to %q, erased is %q", m.asked, m.erased)
	}
	if page := s.ask(http.MethodGet, prove, nil).Body.String(); !strings.Contains(page, "确认是您本人") || !strings.Contains(page, "确认删除") {
		t.Error(main(page))
	}
	if wrong := s.ask(http.MethodPost, prove, url.Values{"code": {"654321"}}); wrong.Code != 422 || m.erased != "" {
		t.Errorf("a wrong code answers %d", wrong.Code)
	}
	leads(t, "the right code", s, http.MethodPost, prove, url.Values{"code": {"123456"}}, data)
	leads(t, "pressed again", s, http.MethodPost, prove, url.Values{"code": {"123456"}}, v.Address(visit.Place{Step: visit.Mine}))
	if page := s.ask(http.MethodGet, data, nil).Body.String(); m.erased != "v1 123456" || !strings.Contains(page, "您的信息会在12月3日 周四 12:00以后删除") {
		t.Errorf("erased is %q\n%s", m.erased, main(page))
	}
	leads(t, "taking it back", s, http.MethodPost, data, url.Values{"action": {"keep"}}, v.Address(visit.Place{Step: visit.Mine}))
	if page := s.ask(http.MethodGet, data, nil).Body.String(); m.erased != "" || strings.Contains(page, "以后删除。在那以前") {
		t.Error(main(page))
	}
}
