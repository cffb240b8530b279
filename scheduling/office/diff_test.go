package office

import (
	"bytes"
	stdcmp "cmp"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

func TestADifferenceIsOneLineThatAClerkCanRead(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*scheduling.Office)
		want   []string
	}{
		{"nothing", func(*scheduling.Office) {}, nil},
		{"identifiers and the revision", func(o *scheduling.Office) { o.ID, o.Revision, o.Rooms[0].ID = 7, 8, 9 }, nil},
		{"a duration", func(o *scheduling.Office) { o.Services[0].Duration = 90 * time.Minute }, []string{"~ services.premarital.duration: 60m → 90m"}},
		{"a name", func(o *scheduling.Office) { o.Rooms[3].Name.EN = "Quiet room" }, []string{"~ rooms.fudao.name.en: Counselling room → Quiet room"}},
		{"a room more", func(o *scheduling.Office) {
			o.Rooms = append(o.Rooms, scheduling.Room{Code: "xin", Name: scheduling.Text{ZH: "新", EN: "New"}, Kind: "counselling"})
		}, []string{"+ rooms.xin"}},
		{"a room less", func(o *scheduling.Office) { o.Rooms = o.Rooms[:4] }, []string{"- rooms.tiaojie"}},
		{"a person less and one more", func(o *scheduling.Office) { o.Staff[0].Username = "fudao-c" }, []string{"+ staff.fudao-c", "- staff.fudao-a"}},
		{"hours", func(o *scheduling.Office) { o.Hours[1].Period.To += 30 }, []string{
			"~ office.hours: mon tue wed thu fri 08:30–12:00, mon tue wed thu fri 14:30–17:30 → mon tue wed thu fri 08:30–12:00, mon tue wed thu fri 14:30–18:00",
		}},
		{"other hours from January on", func(o *scheduling.Office) {
			o.Staff[0].Hours = []scheduling.Hours{
				{Days: []time.Weekday{time.Monday}, Period: calendar.Period{From: 510, To: 720}, ValidTo: calendar.NewDate(2026, time.December, 31)},
				{Days: []time.Weekday{time.Monday}, Period: calendar.Period{From: 540, To: 720}, ValidFrom: calendar.NewDate(2027, time.January, 1), EveryOther: true},
			}
		}, []string{"~ staff.fudao-a.hours: mon tue wed thu fri 08:30–17:30 → mon 08:30–12:00 until 2026-12-31, mon 09:00–12:00 from 2027-01-01 every 2w"}},
		{"a room closed for repair", func(o *scheduling.Office) {
			o.Rooms[3].Closed = []scheduling.Closure{{From: calendar.NewDate(2026, time.December, 1), To: calendar.NewDate(2026, time.December, 2), Why: scheduling.Text{ZH: "维修"}}}
		}, []string{"~ rooms.fudao.closed: none → 2026-12-01–2026-12-02, 维修"}},
		{"a share for the desk", func(o *scheduling.Office) { o.Services[0].KeptForDesk = 20 }, []string{"~ services.premarital.kept_for_desk: 0% → 20%"}},
		{"a grace time and a display", func(o *scheduling.Office) { o.NoShowAfter, o.Display = 15*time.Minute, true }, []string{
			"~ office.no_show_after: 0m → 15m", "~ office.display: false → true",
		}},
		{"no hours any more", func(o *scheduling.Office) { o.Staff[0].Hours = nil }, []string{"~ staff.fudao-a.hours: mon tue wed thu fri 08:30–17:30 → none"}},
		{"a closure", func(o *scheduling.Office) {
			o.Exceptions = []scheduling.Exception{{Date: calendar.NewDate(2026, time.December, 24), Closed: &scheduling.Text{ZH: "盘点", EN: "stocktaking"}}}
		}, []string{"+ office.exceptions.2026-12-24: closed, 盘点 (stocktaking)"}},
		{"a Saturday", func(o *scheduling.Office) {
			o.Exceptions = []scheduling.Exception{{Date: calendar.NewDate(2026, time.December, 26), Hours: calendar.Period{From: 510, To: 720}}}
		}, []string{"+ office.exceptions.2026-12-26: 08:30–12:00"}},
		{"no registration", func(o *scheduling.Office) { o.Registration = nil }, []string{
			"- office.registration.link: https://registration.example.org/anhua",
			"- office.registration.note.zh: 办理结婚登记、离婚登记、补领证件和查档案，请在这里预约；结婚、离婚登记要双方本人到场。",
			"- office.registration.note.en: Book marriage and divorce registration, replacement certificates and archive searches here. Both parties must come in person to register.",
		}},
		{"no neutral signature", func(o *scheduling.Office) { o.SMSSignatureNeutral = "" }, []string{"- office.sms_signature_neutral: 安化民政"}},
		{"one filing number less", func(o *scheduling.Office) { o.Footer.Police = "" }, []string{"- office.footer.police: 湘公网安备43092300000000号"}},
		{"no filing numbers", func(o *scheduling.Office) { o.Footer = scheduling.Footer{} }, []string{
			"- office.footer.icp: 湘ICP备00000000号", "- office.footer.police: 湘公网安备43092300000000号",
		}},
		{"other numbers to call", func(o *scheduling.Office) { o.Help = o.Help[:2] }, []string{
			"~ office.help: 报警 (Police) 110, 妇联 (Women's Federation) 12338, 法律援助 (Legal aid) 12348, 政务热线 (Government hotline) 12345 → 报警 (Police) 110, 妇联 (Women's Federation) 12338",
		}},
		{"another quick exit", func(o *scheduling.Office) { o.ExitTo = "https://news.example.cn/" }, []string{"~ office.exit_to: https://www.weather.com.cn/ → https://news.example.cn/"}},
		{"a gender", func(o *scheduling.Office) { o.Staff[6].Gender = "male" }, []string{"+ staff.qiantai.gender: male"}},
		{"no limit of sessions", func(o *scheduling.Office) { o.Staff[0].SessionsPerDay = 0 }, []string{"- staff.fudao-a.sessions_per_day: 6"}},
		{"reminders in another order", func(o *scheduling.Office) { slices.Reverse(o.Services[0].Reminders) }, nil},
		{"other reminders", func(o *scheduling.Office) {
			o.Services[0].Reminders = []time.Duration{72 * time.Hour, 90 * time.Minute}
		}, []string{"~ services.premarital.reminders: 24h, 2h → 3d, 90m"}},
		{"roles", func(o *scheduling.Office) { o.Staff[6].Roles = []account.Role{account.Director, account.Desk} }, []string{"~ staff.qiantai.roles: desk → director, desk"}},
		{"services in another order", func(o *scheduling.Office) { slices.Reverse(o.Staff[0].Services) }, nil},
		{"the order of the services", func(o *scheduling.Office) { slices.Reverse(o.Services) }, []string{
			"~ services, their order: premarital, family, mediation, legal → legal, mediation, family, premarital",
		}},
		{"quiet hours", func(o *scheduling.Office) { o.Quiet = &messages.Window{From: 21 * 60, To: 8 * 60} }, []string{
			"+ office.quiet.from: 21:00", "+ office.quiet.to: 08:00",
		}},
		{"a gateway and ceilings", func(o *scheduling.Office) { o.Gateway, o.SegmentsPerMonth, o.MessagesPerNumber = "mas", 9000, 0 }, []string{
			"+ office.gateway: mas", "~ office.segments_per_month: 0 → 9000", "~ office.messages_per_number: 20 → 0",
		}},
		{"services that a reply cancels", func(o *scheduling.Office) { o.ReplyCancels = []string{"legal", "family"} }, []string{
			"~ office.reply_cancels: none → legal, family",
		}},
		{"whose log-ins need two factors", func(o *scheduling.Office) { o.SecondFactor = []account.Role{account.Director, account.Desk} }, []string{
			"~ office.second_factor: none → director, desk",
		}},
		{"words", func(o *scheduling.Office) { o.Texts.Words = []string{"再续", "前缘"} }, []string{"~ office.texts.words: none → 再续, 前缘"}},
		{"a text of one's own", func(o *scheduling.Office) {
			o.Texts.Templates = []messages.Template{{
				Key: messages.Key{Kind: messages.Reminder, Locale: messages.ZH}, Body: "您好，{start}见。", Codes: map[string]string{"mas": "a1", "aliyun": "SMS_1"},
			}}
		}, []string{
			"+ office.texts.reminder.zh: 您好，{start}见。", "+ office.texts.reminder.zh.codes.aliyun: SMS_1", "+ office.texts.reminder.zh.codes.mas: a1",
		}},
		{"several", func(o *scheduling.Office) {
			o.Staff = o.Staff[1:]
			o.Holidays = "none"
			o.Services[3].Places = 8
		}, []string{"~ office.holidays: cn → none", "~ services.legal.places: 1 → 8", "- staff.fudao-a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			old := parsed(t, "../../cmd/magpie/demo/anhua.yaml")
			changed := parsed(t, "../../cmd/magpie/demo/anhua.yaml")
			c.change(changed)
			if diff := cmp.Diff(c.want, Diff(old, changed)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestOfAnOfficeThatIsNewEverythingIsNew(t *testing.T) {
	got := Diff(nil, parsed(t, "testdata/shortest.yaml"))
	want := []string{
		"+ office.code: anhua",
		"+ office.region: 430923",
		"+ office.name.zh: 安化县民政局婚姻登记处",
		"+ office.name.en: Anhua County Marriage Registration Office",
		"+ office.timezone: Asia/Shanghai",
		"+ office.address.zh: 安化县东坪镇",
		"+ office.address.en: Dongping, Anhua County",
		"+ office.phone: 0737-7220000",
		"+ office.sms_signature: 安化县民政局",
		"+ office.help: 报警 (Police) 110, 妇联 (Women's Federation) 12338, 法律援助 (Legal aid) 12348, 政务热线 (Government hotline) 12345",
		"+ office.exit_to: https://www.weather.com.cn/", "+ office.holidays: none",
		"+ office.makeup_hours_as: fri",
		"+ office.release: 00:00",
		"+ office.resend_unknown: false",
		"+ office.segments_per_month: 0",
		"+ office.messages_per_number: 20",
		"+ office.messages_per_day: 0",
		"+ office.reply_cancels: none",
		"+ office.thirty_days: roll_both",
		"+ office.second_factor: none",
		"+ office.keep.contact: 180d",
		"+ office.keep.messages: 180d",
		"+ office.keep.audit: 1095d",
		"+ office.no_show_after: 0m",
		"+ office.display: false",
		"+ office.hours: mon fri 08:30–12:00",
		"+ office.texts.words: none",
		"+ rooms.fudao",
		"+ services.family",
		"+ staff.qiantai",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNoDifferenceBetweenTwoOfficesIsMissed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, other := offices().Draw(t, "a"), offices().Draw(t, "other")
		b := mixed(t, a, other)
		got := Diff(a, b)
		if same := bytes.Equal(Write(ordered(a)), Write(ordered(b))); same != (len(got) == 0) {
			t.Fatalf("written the same: %v, but Diff says %q", same, got)
		}
		for _, line := range got {
			if len(line) < 3 || !strings.Contains("+-~", line[:1]) || line[1] != ' ' || strings.Contains(line, "\n") {
				t.Fatalf("%q is not a mark and a line", line)
			}
		}
		if len(got) > 0 && len(Diff(b, a)) == 0 {
			t.Fatalf("there is %q, and nothing back", got)
		}
	})
}

func TestATextThatIsAnotherIsNamedByWhatItIsFor(t *testing.T) {
	office := func(templates ...messages.Template) *scheduling.Office {
		o := parsed(t, "testdata/shortest.yaml")
		o.Texts.Templates = templates
		return o
	}
	zh := messages.Template{Key: messages.Key{Kind: messages.Reminder, Locale: messages.ZH}, Body: "{start}见", Codes: map[string]string{"aliyun": "SMS_1"}}
	en := messages.Template{Key: messages.Key{Kind: messages.Moved, Locale: messages.EN, Neutral: true}, Body: "Now {start}."}
	changed := zh
	changed.Body, changed.Codes = "{start}来", map[string]string{"aliyun": "SMS_2"}
	for _, c := range []struct {
		name     string
		old, new *scheduling.Office
		want     []string
	}{
		{"in another order", office(zh, en), office(en, zh), nil},
		{"in other words", office(zh, en), office(en, changed), []string{
			"~ office.texts.reminder.zh: {start}见 → {start}来", "~ office.texts.reminder.zh.codes.aliyun: SMS_1 → SMS_2",
		}},
		{"one less", office(zh, en), office(zh), []string{"- office.texts.moved.en.neutral: Now {start}."}},
	} {
		if diff := cmp.Diff(c.want, Diff(c.old, c.new)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
}

// mixed is an office with one field, or one field of one service or person,
// taken from another; so a key that Diff forgets is soon found.
func mixed(t *rapid.T, a, other *scheduling.Office) *scheduling.Office {
	b := *a
	b.Services, b.Staff, b.Rooms = slices.Clone(a.Services), slices.Clone(a.Staff), slices.Clone(a.Rooms)
	switch which := rapid.IntRange(0, 3).Draw(t, "which"); {
	case which == 1 && len(b.Services) > 0 && len(other.Services) > 0:
		takeOver(t, &b.Services[0], &other.Services[0])
	case which == 2 && len(b.Staff) > 0 && len(other.Staff) > 0:
		takeOver(t, &b.Staff[0], &other.Staff[0])
	case which == 3:
		takeOver(t, &b.Rooms[0], &other.Rooms[0])
	default:
		takeOver(t, &b, other)
	}
	return &b
}

func takeOver(t *rapid.T, to, from any) {
	fields := reflect.ValueOf(to).Elem()
	i := rapid.IntRange(0, fields.NumField()-1).Draw(t, "field")
	fields.Field(i).Set(reflect.ValueOf(from).Elem().Field(i))
}

// ordered is an office with all sorted that has no order.
func ordered(o *scheduling.Office) *scheduling.Office {
	out := *o
	out.Exceptions = slices.SortedFunc(slices.Values(o.Exceptions), func(x, y scheduling.Exception) int { return int(x.Date - y.Date) })
	out.ReplyCancels = slices.Sorted(slices.Values(o.ReplyCancels))
	out.Texts.Words = slices.Sorted(slices.Values(o.Texts.Words))
	out.Texts.Templates = slices.SortedFunc(slices.Values(o.Texts.Templates), func(x, y messages.Template) int {
		return strings.Compare(x.Key.String(), y.Key.String())
	})
	out.Services, out.Staff, out.Rooms = slices.Clone(o.Services), slices.Clone(o.Staff), slices.Clone(o.Rooms)
	for i, r := range out.Rooms {
		out.Rooms[i].Closed = slices.SortedFunc(slices.Values(r.Closed), func(x, y scheduling.Closure) int {
			return stdcmp.Or(int(x.From-y.From), int(x.To-y.To), strings.Compare(x.Why.ZH, y.Why.ZH), strings.Compare(x.Why.EN, y.Why.EN))
		})
	}
	for i, s := range out.Services {
		out.Services[i].Reminders = slices.Sorted(slices.Values(s.Reminders))
	}
	for i, s := range out.Staff {
		out.Staff[i].Roles = slices.Sorted(slices.Values(s.Roles))
		out.Staff[i].Services = slices.Sorted(slices.Values(s.Services))
	}
	return &out
}
