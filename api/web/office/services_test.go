package office

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"magpie/api/web/frame"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// finder offers one free time on a date, or none, and says of all other days
// that they are closed for a reason.
type finder struct {
	free   calendar.Date
	closed scheduling.ClosedCode
	asked  []scheduling.Search
	err    error
}

func (f *finder) Find(_ context.Context, q scheduling.Search) ([]scheduling.Day, error) {
	f.asked = append(f.asked, q)
	var out []scheduling.Day
	for d := q.From; d <= q.To; d++ {
		one := scheduling.Day{Date: d, Closed: &scheduling.Closed{Code: f.closed}}
		if d == f.free {
			one = scheduling.Day{Date: d, Slots: []scheduling.Slot{{Start: d.At(14*60+30, time.FixedZone("CST", 8*60*60))}}}
		}
		out = append(out, one)
	}
	return out, f.err
}

func TestTheFirstFreeTimeIsFoundWithinTheHorizonAlone(t *testing.T) {
	now := time.Date(2026, 11, 26, 1, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name    string
		horizon int
		free    string
		closed  scheduling.ClosedCode
		want    string
		asked   int
	}{
		{"today", 30, "2026-11-26", scheduling.DayFull, "最早 11月26日 周四 14:30", 1},
		{"within two weeks", 30, "2026-12-09", scheduling.DayFull, "最早 12月9日 周三 14:30", 1},
		{"later", 30, "2026-12-10", scheduling.DayFull, "最早 12月10日 周四 14:30", 2},
		{"on the last day", 30, "2026-12-26", scheduling.DayFull, "最早 12月26日 周六 14:30", 2},
		{"after the horizon", 30, "2026-12-27", scheduling.DayFull, "约满了，请打电话", 2},
		{"far off", 120, "2027-03-26", scheduling.DayFull, "最早 3月26日 周五 14:30", 3},
		{"nothing is open", 30, "2030-01-01", scheduling.DayNotLoaded, "网上暂时约不了，请打电话", 2},
		{"today alone", 0, "2030-01-01", scheduling.DayFull, "约满了，请打电话", 1},
	} {
		f := &finder{free: day(test.free), closed: test.closed}
		s := scheduling.Service{Code: "family", Horizon: time.Duration(test.horizon) * 24 * time.Hour}
		got, err := firstFree(t.Context(), open("zh"), f, s, now)
		if err != nil || got != test.want || len(f.asked) != test.asked {
			t.Errorf("%s: %q after %d searches, %v; want %q after %d", test.name, got, len(f.asked), err, test.want, test.asked)
		}
		next := day("2026-11-26")
		for _, q := range f.asked {
			if q.From != next || q.To < q.From || int(q.To-q.From) >= scheduling.MaxSearchDays {
				t.Errorf("%s: searched from %s to %s", test.name, q.From, q.To)
			}
			next = q.To.Add(1)
		}
	}
	if _, err := firstFree(t.Context(), open("zh"), &finder{err: errors.New("gone")}, scheduling.Service{}, now); err == nil {
		t.Error("an error was taken for nothing free")
	}
}

func TestAServiceIsDescribedAsPeopleSpeak(t *testing.T) {
	p := open("zh")
	for kind, want := range map[string]string{"premarital": "以后的日子", "family": "烦心事", "mediation": "在中间帮忙", "legal": "请律师"} {
		if got := words(p, kind); !strings.Contains(got, want) {
			t.Errorf("%s is %q", kind, got)
		}
		if got := words(open("en"), kind); got == "" || strings.ContainsAny(got, "，。") {
			t.Errorf("in English %s is %q", kind, got)
		}
		if got := caution(p, kind); (got != "") != (kind == "mediation") {
			t.Errorf("to be known of %s: %q", kind, got)
		}
	}
	p.Office.Services = []scheduling.Service{{Kind: "family", Name: scheduling.Text{ZH: "家庭咨询"}, Parties: scheduling.Parties{Min: 1, Max: 2}}}
	if got := caution(p, "mediation"); got != "两个人都愿意才安排；如果您怕对方，请先单独约“家庭咨询”，或打12338" {
		t.Errorf("where one can come alone: %q", got)
	}
	p.Office.Services[0].Parties.Min = 2
	if got := caution(p, "mediation"); got != "两个人都愿意才安排；如果您怕对方，请先打12338" {
		t.Errorf("where nobody can come alone: %q", got)
	}
}

func TestWhoMayComeIsSaidInWords(t *testing.T) {
	for parties, want := range map[scheduling.Parties]string{
		{Min: 1, Max: 1}: "一个人来", {Min: 1, Max: 2}: "一个人、两个人来都行", {Min: 1, Max: 4}: "1到4个人", {Min: 2, Max: 2}: "2个人一起来", {Min: 2, Max: 6}: "2到6个人",
	} {
		if got := people(open("zh"), scheduling.Service{Parties: parties}); got != want {
			t.Errorf("%+v is %q, want %q", parties, got, want)
		}
	}
	if got := facts(open("zh"), scheduling.Service{Duration: 90 * time.Minute, Parties: scheduling.Parties{Min: 1, Max: 1}, Places: 12}); len(got) != 3 || got[0] != "90分钟" || !strings.Contains(got[2], "12个名额") {
		t.Errorf("a class is %q", got)
	}
}

func TestStepFreeRoomsAreCountedHonestly(t *testing.T) {
	room := func(code, kind string, stepFree bool) scheduling.Room {
		return scheduling.Room{Code: code, Kind: kind, Seats: 4, Accessible: stepFree}
	}
	service := func(kind string, least int) scheduling.Service {
		return scheduling.Service{Name: scheduling.Text{ZH: kind}, RoomKind: kind, Parties: scheduling.Parties{Min: least, Max: 6}}
	}
	both := []scheduling.Service{service("咨询", 1), service("调解", 2)}
	for _, test := range []struct {
		name     string
		rooms    []scheduling.Room
		services []scheduling.Service
		want     access
	}{
		{"everywhere", []scheduling.Room{room("a", "咨询", true), room("b", "调解", true), room("c", "登记", true)}, both, access{All: true, Rooms: 2, With: "咨询、调解"}},
		{"one of two rooms is enough", []scheduling.Room{room("a", "咨询", false), room("b", "咨询", true), room("c", "调解", true)}, both, access{All: true, Rooms: 2, With: "咨询、调解"}},
		{"for some", []scheduling.Room{room("a", "咨询", true), room("b", "调解", false)}, both, access{Rooms: 1, With: "咨询", Without: "调解"}},
		{"too small to count", []scheduling.Room{room("a", "咨询", true), {Code: "b", Kind: "调解", Seats: 1, Accessible: true}}, both, access{Rooms: 1, With: "咨询", Without: "调解"}},
		{"nowhere", []scheduling.Room{room("a", "咨询", false), room("b", "调解", false), room("c", "登记", true)}, both, access{None: true, Without: "咨询、调解"}},
		{"no service", []scheduling.Room{room("a", "咨询", true)}, nil, access{None: true}},
	} {
		p := frame.Page{Locale: "zh", Office: &scheduling.Office{Rooms: test.rooms, Services: test.services}}
		if got := accessOf(p); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}
