package main_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"magpie/cmd/magpie/e2etest"
)

// officeText is a text as the API gives it.
type officeText struct {
	Kind, Locale, Body string
	Neutral            bool
	Version, Segments  int
	Longest            string
	Codes, Register    map[string]string
}

const (
	bookedText = e2etest.TextsPath + "/booked/zh"
	ownWords   = "您好，给您留了{start}，编号{reference}。有变动请来电{phone}。"
)

func TestATextThatADirectorChangesStandsInTheNextMessageAndInTheOfficeFile(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Rooms: 8, Extra: []string{"sms_signature_neutral: 安化便民"}})
		server := s.Serve(t)
		desk, chief := server.Staff(t, "desk"), server.Staff(t, "chief")
		says := func(want string, version int) {
			t.Helper()
			c := desk.Books(t, e2etest.At(2, 9, 0))
			e := handedOver(t, desk, c.Reference, "booked")
			got := s.Gateway.AwaitText(t, c.Phone, c.Reference, 1).Text
			i := slices.IndexFunc(desk.Preview(t, c.Reference), func(m e2etest.Told) bool { return m.Kind == "booked" && m.Text == got })
			if !strings.Contains(got, want) || e.TextVersion != version || i < 0 {
				t.Errorf("the message says %q as version %d, and the preview has it at %d; want %q as %d", got, e.TextVersion, i, want, version)
			}
		}
		body := map[string]any{"body": ownWords, "codes": map[string]string{"aliyun": "SMS_7001"}}
		desk.Put(t, bookedText, body).Is(t, http.StatusForbidden, "forbidden")
		says("已为您约好", 0)
		now := e2etest.As[officeText](t, chief.Put(t, bookedText, body), http.StatusOK)
		if now.Version != 1 || now.Body != ownWords || now.Segments != 1 || now.Register["aliyun"] != "您好，给您留了${start}，编号${reference}。有变动请来电"+e2etest.OfficePhone+"。" ||
			now.Longest != "【安化县民政局】您好，给您留了12月30日（周三）晚上10:30，编号8888888888。有变动请来电"+e2etest.OfficePhone+"。" {
			t.Errorf("changed it is %+v", now)
		}
		says("给您留了3月4日（周三）上午9:00，编号", 1)
		chief.Put(t, bookedText, map[string]string{"body": strings.Replace(ownWords, "您好，", "您好！", 1)}).Is(t, http.StatusOK, "")
		says("您好！给您留了", 2)
		type version struct {
			Version      int
			Body, Author string
		}
		past := e2etest.All[version](t, desk, bookedText+"/versions")
		if len(past) != 2 || past[0].Version != 2 || past[1].Body != ownWords || past[1].Author != "chief" {
			t.Errorf("its versions are %+v", past)
		}
		chief.Delete(t, bookedText).Is(t, http.StatusNoContent, "")
		says("已为您约好", 0)

		chief.Put(t, bookedText, body).Is(t, http.StatusOK, "")
		neutral := e2etest.TextsPath + "/reminder/en?neutral=true"
		chief.Put(t, neutral, map[string]string{"body": "Hello, {start} is yours, number {reference}. Call {phone}."}).Is(t, http.StatusOK, "")
		moveOffice(t, s, server)
	})
}

// moveOffice exports an office and applies the file on an empty database, where
// its texts are what they were.
func moveOffice(t *testing.T, s *e2etest.Site, server *e2etest.Server) {
	t.Helper()
	file := s.Done(t, "export", "anhua")
	other := e2etest.NewSite(t, s.Engine)
	other.Done(t, "migrate")
	other.Done(t, "apply", other.Write(t, "exported.yaml", file))
	if again := other.Done(t, "export", "anhua"); again != file {
		t.Errorf("exported it was\n%s\nand applied and exported again\n%s", file, again)
	}
	there := other.Serve(t)
	own := 0
	before := e2etest.All[officeText](t, server.Staff(t, "chief"), e2etest.TextsPath)
	after := e2etest.All[officeText](t, there.Staff(t, "chief"), e2etest.TextsPath)
	for i, text := range after {
		if text.Kind != before[i].Kind || text.Neutral != before[i].Neutral || text.Body != before[i].Body || len(text.Codes) != len(before[i].Codes) {
			t.Errorf("the text %+v became %+v", before[i], text)
		}
		if text.Version > 0 {
			own++
		}
	}
	if own != 2 || len(after) != 24 {
		t.Errorf("%d of %d texts are the office's own", own, len(after))
	}
	c := there.Staff(t, "desk").Books(t, e2etest.At(2, 9, 0))
	if got := other.Gateway.AwaitText(t, c.Phone, c.Reference, 1).Text; !strings.Contains(got, "给您留了") {
		t.Errorf("there the message says %q", got)
	}
}

func TestATextThatSaysTooMuchIsNotSaved(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	s.Open(t, e2etest.Office{Extra: []string{"sms_signature_neutral: 安化便民", "texts: {words: [惊喜]}"}})
	chief := s.Serve(t).Staff(t, "chief")
	const good = "您好，{start}，编号{reference}，{phone}。"
	before := e2etest.All[officeText](t, chief, e2etest.TextsPath)
	for what, c := range map[string]struct{ path, body string }{
		"a divorce":                            {"booked/zh", good + "离婚请带证件。"},
		"a divorce with something between":     {"booked/zh", good + "离.婚请带证件。"},
		"a marriage in English":                {"booked/en", "Your Marriage counselling is on {start}."},
		"the service":                          {"booked/zh", good + "婚姻家庭咨询。"},
		"the room":                             {"booked/zh", good + "请到谈话室1。"},
		"the room in English":                  {"booked/en", "Hello, {start}, number {reference}, in Room 1."},
		"the office's full name":               {"booked/zh", good + "安化县民政局婚姻登记处。"},
		"a word of the office's own list":      {"booked/zh", good + "有惊喜。"},
		"a link":                               {"booked/zh", good + "详见https://yuyue.example.cn/a"},
		"a link without a scheme":              {"booked/zh", good + "详见 www.example.cn"},
		"too much":                             {"booked/zh", good + strings.Repeat("请您准时到达并带好身份证件。", 16)},
		"a field that there is not":            {"booked/zh", good + "{name}"},
		"no time":                              {"booked/zh", "您好，编号{reference}。"},
		"a reply outside a section":            {"reminder/zh", good + "能来请回复1。"},
		"a reply that nobody would read":       {"cancelled/zh", good + "[1:请回复1。]"},
		"an office, to be neutral":             {"booked/zh?neutral=true", good + "民政大厅。"},
		"a cancellation by reply, neutrally":   {"reminder/zh?neutral=true", good + "[2:不能来请回复2。]"},
		"a signature of its own":               {"booked/zh", "【通知】" + good},
		"characters that a phone may not show": {"booked/zh", good + "😀"},
	} {
		a := chief.Put(t, e2etest.TextsPath+"/"+c.path, map[string]string{"body": c.body}).Is(t, http.StatusUnprocessableEntity, "invalid")
		if !strings.Contains(string(a.Body), `"field":"body"`) {
			t.Errorf("%s: answered %s", what, a)
		}
	}
	for i, now := range e2etest.All[officeText](t, chief, e2etest.TextsPath) {
		if now.Body != before[i].Body || now.Version != 0 {
			t.Errorf("a text became %+v", now)
		}
	}
	if r := s.Run(t, "apply", s.Write(t, "worse.yaml", strings.Replace(s.Done(t, "export", "anhua"), "templates: []",
		`templates: [{kind: booked, locale: zh, body: "`+good+`离婚。"}]`, 1))); r.Exit != 2 || !strings.Contains(r.Stderr, "离") {
		t.Errorf("the same in an office file: exit %d, %s", r.Exit, r.Stderr)
	}
}
