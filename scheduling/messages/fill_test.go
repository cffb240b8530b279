package messages

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var shanghai = time.FixedZone("CST", 8*3600)

func at(value string) time.Time {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		panic(err)
	}
	return t
}

func anhua() Facts {
	return Facts{
		Signature: "安化县民政局", Phone: "0737-7220000", Address: "https://yuyue.example.cn", Location: shanghai,
		Start: at("2026-12-03T01:00:00Z"), OldStart: at("2026-12-02T06:30:00Z"),
		Reference: "52073164", Code: "482913", CodeMinutes: 5,
	}
}

var (
	none = Replies{}
	some = Replies{Confirm: true}
	all3 = Replies{Confirm: true, Cancel: true}
)

// said is a built-in text as it is sent without replies.
func said(k Kind, l Locale, f Facts) string {
	return Signed(f.Signature, Default(Key{Kind: k, Locale: l}).Fill(f, none).Body)
}

func TestTheTextsAreThoseOfTheGoldenFile(t *testing.T) {
	var got strings.Builder
	for _, d := range Defaults() {
		f := anhua()
		if d.Neutral {
			f.Signature = "安化民政"
		}
		before := ""
		for _, r := range []Replies{none, some, all3} {
			text := Signed(f.Signature, d.Fill(f, r).Body)
			if text == before {
				continue
			}
			before = text
			name := fmt.Sprintf("%s %s", d.Locale, d.Kind)
			if d.Neutral {
				name += ", neutral"
			}
			if r.Confirm {
				name += ", with replies"
			}
			if r.Cancel {
				name += ", 2 cancels"
			}
			fmt.Fprintf(&got, "%s, %d characters, %d segments\n%s\n\n", name, utf8.RuneCountInString(text), Segments(text), text)
		}
	}
	const file = "testdata/texts.golden"
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Error(diff)
	}
}

func TestABookingReadsAsTheClerksSentence(t *testing.T) {
	want := "【安化县民政局】您好，12月3日（周四）上午9:00已为您约好，编号52073164。改期或取消请致电0737-7220000。"
	if got := said(Booked, ZH, anhua()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheLongestChineseTextIsOneSegmentAndTheLongestEnglishTwoAndOneMoreWithReplies(t *testing.T) {
	f := anhua()
	f.Signature, f.Phone, f.CodeMinutes = "某某某县民政局便民处", "0737-7220000", 10
	f.Start, f.OldStart = at("2026-12-30T22:30:00+08:00"), at("2026-12-28T22:30:00+08:00")
	if n := utf8.RuneCountInString(f.Signature); n != 10 {
		t.Fatalf("the signature has %d characters, want 10", n)
	}
	for _, d := range Defaults() {
		for _, c := range []struct {
			r    Replies
			most map[Locale]int
		}{{none, map[Locale]int{ZH: 1, EN: 2}}, {all3, map[Locale]int{ZH: 2, EN: 3}}} {
			for hour := range 24 {
				f.Start = time.Date(2026, 12, 30, hour, 30, 0, 0, shanghai)
				got := Signed(f.Signature, d.Fill(f, c.r).Body)
				if Segments(got) > c.most[d.Locale] {
					t.Errorf("%s takes %d segments: %s", d.Key, Segments(got), got)
					break
				}
			}
		}
	}
}

func TestANeutralTextSaysNeitherThatAnOfficeWritesNorOfAnAppointment(t *testing.T) {
	for _, d := range Defaults() {
		if !d.Neutral {
			continue
		}
		got := fold(d.Fill(anhua(), all3).Body)
		for _, w := range append([]string{"预约", "appointment", "booked", "office", "回复", "reply", "安化"}, neutralForbidden...) {
			if strings.Contains(got, w) {
				t.Errorf("%s says %s: %s", d.Key, w, got)
			}
		}
	}
}

func TestTheCodeTellsHowLongItHoldsAndNotToTell(t *testing.T) {
	f := anhua()
	zh, en := said(Code, ZH, f), said(Code, EN, f)
	for text, parts := range map[string][]string{
		zh: {"482913", "5分钟", "请勿告诉他人"},
		en: {"482913", "5 minutes", "tell nobody"},
	} {
		for _, p := range parts {
			if !strings.Contains(text, p) {
				t.Errorf("%q is missing in %s", p, text)
			}
		}
		if strings.Contains(text, f.Reference) {
			t.Errorf("the code tells of an appointment: %s", text)
		}
	}
}

func TestHoursAreSaidOnATwelveHourClock(t *testing.T) {
	for _, c := range []struct{ clock, zh, en string }{
		{"00:05", "凌晨0:05", "12:05 am"},
		{"05:55", "凌晨5:55", "5:55 am"},
		{"06:00", "上午6:00", "6:00 am"},
		{"11:55", "上午11:55", "11:55 am"},
		{"12:00", "中午12:00", "12:00 pm"},
		{"12:55", "中午12:55", "12:55 pm"},
		{"13:00", "下午1:00", "1:00 pm"},
		{"17:30", "下午5:30", "5:30 pm"},
		{"18:00", "晚上6:00", "6:00 pm"},
		{"23:55", "晚上11:55", "11:55 pm"},
	} {
		start := at("2026-12-06T" + c.clock + ":00+08:00")
		if got, want := dayHourZH(start), "12月6日（周日）"+c.zh; got != want {
			t.Errorf("%s: got %s, want %s", c.clock, got, want)
		}
		if got, want := dayHourEN(start), "Sun 6 Dec at "+c.en; got != want {
			t.Errorf("%s: got %s, want %s", c.clock, got, want)
		}
	}
}

func TestTheDayIsTheOfficesAndNotUTCs(t *testing.T) {
	f := anhua()
	f.Start = at("2026-12-02T23:30:00Z")
	if got := said(Reminder, ZH, f); !strings.Contains(got, "12月3日（周四）上午7:30") {
		t.Error(got)
	}
	f.Location = time.FixedZone("EST", -5*3600)
	if got := said(Reminder, ZH, f); !strings.Contains(got, "12月2日（周三）晚上6:30") {
		t.Error(got)
	}
	f.Location, f.Start = nil, at("2026-12-03T09:00:00+08:00")
	if got := said(Reminder, ZH, f); !strings.Contains(got, "12月3日（周四）上午9:00") {
		t.Error(got)
	}
}

func TestAMoveNamesTheNewTimeAndInEnglishTheOldDay(t *testing.T) {
	f := anhua()
	if got := said(Moved, ZH, f); !strings.Contains(got, "12月3日") || strings.Contains(got, "12月2日") {
		t.Error(got)
	}
	if got := said(Moved, EN, f); !strings.Contains(got, "on Wed 2 Dec is now on Thu 3 Dec at 9:00 am") {
		t.Error(got)
	}
	f.OldStart = time.Time{}
	if got := said(Moved, EN, f); !strings.Contains(got, "appointment on another day is now on Thu 3 Dec") {
		t.Error(got)
	}
	own := Template{Key: Key{Kind: Moved, Locale: ZH}, Body: "原定{old_day}改到{start}"}
	if got := own.Fill(anhua(), none).Body; got != "原定12月2日（周三）改到12月3日（周四）上午9:00" {
		t.Error(got)
	}
	if got := own.Fill(f, none).Body; got != "原定另一天改到12月3日（周四）上午9:00" {
		t.Error(got)
	}
}

func TestAKindThatDoesNotExistHasNoTextAndAnUnknownLanguageIsChinese(t *testing.T) {
	if got := Default(Key{Kind: "birthday", Locale: ZH}).Body + Default(Key{Kind: "birthday", Locale: EN}).Body; got != "" {
		t.Error(got)
	}
	for _, neutral := range []bool{false, true} {
		got, want := Default(Key{Kind: Booked, Locale: "fr", Neutral: neutral}), Default(Key{Kind: Booked, Locale: ZH, Neutral: neutral})
		if got.Body == "" || got.Fill(anhua(), none).Body != want.Fill(anhua(), none).Body {
			t.Errorf("got %q, want %q", got.Body, want.Body)
		}
	}
}

func TestASectionStandsOnlyWhereItsReplyCounts(t *testing.T) {
	tpl := Template{Key: Key{Kind: Reminder, Locale: ZH}, Body: "{start}[1:来请回复1，]不来[2:请回复2或]打{phone}[T:，退订回T]{address}{reference}{reference}"}
	f := anhua()
	params := []Param{{"start", "12月3日（周四）上午9:00"}, {"reference", "52073164"}}
	const start, rest = "12月3日（周四）上午9:00", "https://yuyue.example.cn5207316452073164"
	for _, c := range []struct {
		name string
		r    Replies
		want Filled
	}{
		{"no replies", none, Filled{Body: start + "不来打0737-7220000" + rest, Params: params}},
		{"a reply cancels, and none is brought", Replies{Cancel: true}, Filled{Body: start + "不来打0737-7220000" + rest, Params: params}},
		{"2 cancels nothing", some, Filled{Body: start + "来请回复1，不来打0737-7220000，退订回T" + rest, Params: params, Asks: true}},
		{"2 cancels", all3, Filled{Body: start + "来请回复1，不来请回复2或打0737-7220000，退订回T" + rest, Params: params, Asks: true, WithCancel: true}},
	} {
		if diff := cmp.Diff(c.want, tpl.Fill(f, c.r)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestWhatIsNoFieldStaysAsItIsWritten(t *testing.T) {
	for _, body := range []string{"", "{name}", "{", "}", "[", "]", "{start", "[1:{start}]", "[", "{}", "[[1:a]]", "a]b[c}d{"} {
		got := Template{Key: Key{Kind: Reminder, Locale: ZH}, Body: body}.Fill(Facts{}, none)
		for _, p := range pieces(body) {
			if p.kind == stray && !strings.Contains(got.Body, p.raw) {
				t.Errorf("%q became %q", body, got.Body)
			}
		}
		if body == "{name}" && got.Body != body {
			t.Errorf("%q became %q", body, got.Body)
		}
		var again strings.Builder
		for _, p := range pieces(body) {
			again.WriteString(p.raw)
		}
		if again.String() != body {
			t.Errorf("the pieces of %q are %q", body, again.String())
		}
	}
}

func TestTheRepliesOfATemplateAreListedInOneOrder(t *testing.T) {
	for body, want := range map[string]string{
		"没有": "", "[1:回复1]": "1", "[T:回T][2:回复2][1:回复1]": "12T", "[2:回复2]": "2", "[9:回复9]": "", "1 2 T": "",
	} {
		if got := ReplyKeysOf(Template{Body: body}); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
}

func TestATextWithoutASignatureHasNoBrackets(t *testing.T) {
	if got := Signed("", "您好") + Signed("某局", "您好"); got != "您好【某局】您好" {
		t.Error(got)
	}
}

func TestASubjectSaysNothing(t *testing.T) {
	for _, l := range []Locale{ZH, EN} {
		if got := Subject(l); got == "" || ForbiddenWords(got) != nil || strings.Contains(fold(got), "appointment") || strings.Contains(got, "预约") {
			t.Errorf("%s: %q", l, got)
		}
	}
}

func TestATemplateIsNamedAsADirectorWouldNameIt(t *testing.T) {
	for want, k := range map[string]Key{"reminder.zh": {Reminder, ZH, false}, "moved.en.neutral": {Moved, EN, true}} {
		if got := k.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
