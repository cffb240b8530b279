package messages

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
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
		SignatureZH: "安化县民政局", Phone: "0737-7220000", Location: shanghai,
		Start: at("2026-12-03T01:00:00Z"), OldStart: at("2026-12-02T06:30:00Z"),
		Reference: "52073164", Code: "482913", CodeMinutes: 5,
	}
}

func TestTheTextsAreThoseOfTheGoldenFile(t *testing.T) {
	var got strings.Builder
	for _, l := range []Locale{ZH, EN} {
		for _, k := range Kinds() {
			text := Text(k, l, anhua())
			fmt.Fprintf(&got, "%s %s, %d characters, %d segments\n%s\n\n", l, k, utf8.RuneCountInString(text), Segments(text), text)
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
	if got := Text(Booked, ZH, anhua()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheLongestChineseTextIsOneSegmentAndTheLongestEnglishTwo(t *testing.T) {
	f := anhua()
	f.SignatureZH, f.Phone, f.CodeMinutes = "某某某县民政局便民处", "0737-7220000", 10
	f.Start, f.OldStart = at("2026-12-30T22:30:00+08:00"), at("2026-12-28T22:30:00+08:00")
	if n := utf8.RuneCountInString(f.SignatureZH); n != 10 {
		t.Fatalf("the signature has %d characters, want 10", n)
	}
	for _, k := range Kinds() {
		for hour := range 24 {
			f.Start = time.Date(2026, 12, 30, hour, 30, 0, 0, shanghai)
			if got := Text(k, ZH, f); Segments(got) != 1 {
				t.Errorf("%s takes %d segments: %s", k, Segments(got), got)
			}
			if got := Text(k, EN, f); Segments(got) > 2 {
				t.Errorf("%s takes %d segments: %s", k, Segments(got), got)
			}
		}
	}
}

func TestNoTextSaysWhatForOrWithWhom(t *testing.T) {
	for _, l := range []Locale{ZH, EN} {
		for _, k := range Kinds() {
			if found := ForbiddenWords(Text(k, l, anhua())); len(found) > 0 {
				t.Errorf("%s in %s says %v", k, l, found)
			}
		}
	}
}

func TestForbiddenWordsAreFoundInTheBodyAndNotInTheSignature(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"【某县婚姻登记处】您好，已为您约好。", nil},
		{"【某县婚姻登记处】您好，离婚调解已为您约好。", []string{"婚", "离", "调解"}},
		{"您好，请看 HTTPS://example.cn", []string{"http", "://", ".cn"}},
		{"【某局】Your Divorce Counselling is booked.", []string{"divorce", "counsel"}},
		{"【没有收尾的法律", []string{"法律"}},
	} {
		if diff := cmp.Diff(c.want, ForbiddenWords(c.text)); diff != "" {
			t.Errorf("%s: %s", c.text, diff)
		}
	}
}

func TestTheCodeTellsHowLongItHoldsAndNotToTell(t *testing.T) {
	f := anhua()
	zh, en := Text(Code, ZH, f), Text(Code, EN, f)
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
	if got := Text(Reminder, ZH, f); !strings.Contains(got, "12月3日（周四）上午7:30") {
		t.Error(got)
	}
	f.Location = time.FixedZone("EST", -5*3600)
	if got := Text(Reminder, ZH, f); !strings.Contains(got, "12月2日（周三）晚上6:30") {
		t.Error(got)
	}
	f.Location, f.Start = nil, at("2026-12-03T09:00:00+08:00")
	if got := Text(Reminder, ZH, f); !strings.Contains(got, "12月3日（周四）上午9:00") {
		t.Error(got)
	}
}

func TestAMoveNamesTheNewTimeAndInEnglishTheOldDay(t *testing.T) {
	f := anhua()
	if got := Text(Moved, ZH, f); !strings.Contains(got, "12月3日") || strings.Contains(got, "12月2日") {
		t.Error(got)
	}
	if got := Text(Moved, EN, f); !strings.Contains(got, "on Wed 2 Dec is now on Thu 3 Dec at 9:00 am") {
		t.Error(got)
	}
	f.OldStart = time.Time{}
	if got := Text(Moved, EN, f); !strings.Contains(got, "appointment is now on Thu 3 Dec") {
		t.Error(got)
	}
}

func TestAKindThatDoesNotExistHasNoText(t *testing.T) {
	if got := Text("birthday", ZH, anhua()) + Text("birthday", EN, anhua()); got != "" {
		t.Error(got)
	}
}

func TestSegmentsAreCountedAsTheCarriersCountThem(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"nothing", "", 0},
		{"160 of the seven-bit alphabet", strings.Repeat("a", 160), 1},
		{"161 of it", strings.Repeat("a", 161), 2},
		{"306 of it", strings.Repeat("a", 306), 2},
		{"307 of it", strings.Repeat("a", 307), 3},
		{"80 of its extension", strings.Repeat("€", 80), 1},
		{"81 of its extension", strings.Repeat("€", 81), 2},
		{"an escape is not cut from its letter", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), 3},
		{"70 Chinese characters", strings.Repeat("约", 70), 1},
		{"71 Chinese characters", strings.Repeat("约", 71), 2},
		{"134 Chinese characters", strings.Repeat("约", 134), 2},
		{"150 Chinese characters, 67+67+16", strings.Repeat("约", 150), 3},
		{"one Chinese character makes all UCS-2", strings.Repeat("a", 70) + "约", 2},
		{"35 magpies of two units", strings.Repeat("🐦", 35), 1},
		{"a pair is not cut in half", strings.Repeat("约", 66) + "🐦" + strings.Repeat("约", 66), 3},
	} {
		if got := Segments(c.text); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func TestABookingOwesAMessageNowAndTheRemindersStillAhead(t *testing.T) {
	start := at("2026-12-03T09:00:00+08:00")
	leads := []time.Duration{2 * time.Hour, 24 * time.Hour, 2 * time.Hour}
	day := Due{Kind: Reminder, Lead: 24 * time.Hour, At: start.Add(-24 * time.Hour), Until: start}
	hours := Due{Kind: Reminder, Lead: 2 * time.Hour, At: start.Add(-2 * time.Hour), Until: start}
	for _, c := range []struct {
		name      string
		before    time.Duration
		reminders []Due
	}{
		{"a week ahead", 7 * 24 * time.Hour, []Due{day, hours}},
		{"to the second when the first is due", 24 * time.Hour, []Due{day, hours}},
		{"a second after the first was due", 24*time.Hour - time.Second, []Due{hours}},
		{"an hour ahead", time.Hour, nil},
	} {
		for _, event := range []Kind{Booked, Moved} {
			now := start.Add(-c.before)
			want := append([]Due{{Kind: event, At: now, Until: start}}, c.reminders...)
			if diff := cmp.Diff(want, Plan(event, now, start, leads)); diff != "" {
				t.Errorf("%s, %s: %s", c.name, event, diff)
			}
		}
	}
}

func TestNothingIsOwedAboutAStartThatIsNotAhead(t *testing.T) {
	start := at("2026-12-03T09:00:00+08:00")
	for _, late := range []time.Duration{0, time.Second} {
		if got := Plan(Booked, start.Add(late), start, []time.Duration{time.Hour}); got != nil {
			t.Errorf("%s late: %v", late, got)
		}
	}
	if got := Plan(Code, start.Add(-time.Hour), start, nil); got != nil {
		t.Errorf("a code was planned: %v", got)
	}
}

func TestACancellationOwesOneMessageAndNoReminder(t *testing.T) {
	start := at("2026-12-03T09:00:00+08:00")
	for _, c := range []struct {
		name       string
		now, until time.Time
	}{
		{"days before", start.Add(-48 * time.Hour), start},
		{"an hour before", start.Add(-time.Hour), start.Add(time.Hour)},
		{"an hour after", start.Add(time.Hour), start.Add(3 * time.Hour)},
	} {
		want := []Due{{Kind: Cancelled, At: c.now, Until: c.until}}
		if diff := cmp.Diff(want, Plan(Cancelled, c.now, start, []time.Duration{time.Hour})); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestWhateverIsPlannedIsAheadInOrderAndEndsByTheStart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := at("2026-12-01T00:00:00Z").Add(time.Duration(rapid.IntRange(0, 1e6).Draw(t, "now")) * time.Second)
		start := now.Add(time.Duration(rapid.IntRange(-1e5, 1e6).Draw(t, "ahead")) * time.Second)
		leads := rapid.SliceOf(rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.IntRange(-60, 40000).Draw(t, "minutes")) * time.Minute
		})).Draw(t, "leads")
		before := slices.Clone(leads)
		due := Plan(Booked, now, start, leads)
		if !slices.Equal(before, leads) {
			t.Fatal("the caller's leads were changed")
		}
		seen := map[time.Duration]bool{}
		for i, d := range due {
			if d.At.Before(now) || !d.At.Before(start) || !d.Until.Equal(start) || seen[d.Lead] {
				t.Fatalf("%d: %+v", i, d)
			}
			if i > 0 && d.At.Before(due[i-1].At) {
				t.Fatalf("out of order: %v", due)
			}
			seen[d.Lead] = true
		}
		for _, lead := range leads {
			if at := start.Add(-lead); start.After(now) && lead > 0 && !at.Before(now) && !seen[lead] {
				t.Fatalf("the reminder %s before is missing", lead)
			}
		}
	})
}

func TestRetriesBackOffToFiveSeconds(t *testing.T) {
	want := []time.Duration{1, 1, 2, 4, 5, 5}
	for attempt, seconds := range want {
		if got := Backoff(attempt); got != seconds*time.Second {
			t.Errorf("attempt %d: %s", attempt, got)
		}
	}
	for _, attempt := range []int{-1, 64, 1 << 40} {
		if got := Backoff(attempt); got < time.Second || got > 5*time.Second {
			t.Errorf("attempt %d: %s", attempt, got)
		}
	}
}

func TestALocaleIsChineseUnlessEnglishIsAskedFor(t *testing.T) {
	for s, want := range map[string]Locale{"": ZH, "zh": ZH, "en": EN} {
		if got, err := ParseLocale(s); err != nil || got != want {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	}
	for _, s := range []string{"EN", "zh-CN", "fr"} {
		if got, err := ParseLocale(s); err == nil || got != "" {
			t.Errorf("%q was taken for %q", s, got)
		}
	}
}
