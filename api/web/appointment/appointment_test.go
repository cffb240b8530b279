package appointment

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"magpie/api/web/frame"
	"magpie/api/web/visit"
	"magpie/scheduling"
	"magpie/scheduling/messages"
)

// noon is a Thursday's, by the office's clock.
var noon = time.Date(2026, 11, 26, 4, 0, 0, 0, time.UTC)

// booked is an appointment that begins so long after noon and can be changed
// until two hours before.
func booked(in time.Duration) scheduling.Appointment {
	return scheduling.Appointment{
		Reference: "52073164", Status: scheduling.Booked, Start: noon.Add(in), End: noon.Add(in + time.Hour), Heads: 1,
		Office:  &scheduling.Office{Phone: "0737-7220000", Location: time.FixedZone("CST", 8*60*60)},
		Service: scheduling.Service{Code: "family", ChangeUntil: 2 * time.Hour},
		Parties: []scheduling.Party{{Name: scheduling.NewPrivate("陈")}},
	}
}

func pageFor(a scheduling.Appointment, locale string) frame.Page {
	return frame.Page{Locale: locale, Office: a.Office}
}

func TestAnAppointmentCanBeChangedUntilItsLimitAndTheLimitIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		in         time.Duration
		status     scheduling.Status
		any        bool // no limit but the start
		coming     bool
		changeable bool
		said       string
	}{
		"long before":                {48 * time.Hour, scheduling.Booked, false, true, true, "11月28日 周六 10:00以前可以在这里改时间或取消"},
		"at the limit":               {2 * time.Hour, scheduling.Booked, false, true, true, "11月26日 周四 12:00以前"},
		"a second after the limit":   {2*time.Hour - time.Second, scheduling.Booked, false, true, false, "请打0737-7220000"},
		"without a limit":            {time.Second, scheduling.Booked, true, true, true, "开始以前都可以"},
		"at the start, no limit":     {0, scheduling.Booked, true, true, false, "时间已经到了"},
		"a second before its end":    {time.Second - time.Hour, scheduling.Booked, false, true, false, "时间已经到了"},
		"at its end":                 {-time.Hour, scheduling.Booked, false, false, false, ""},
		"checked in":                 {48 * time.Hour, scheduling.CheckedIn, false, true, false, "请跟前台说"},
		"cancelled":                  {48 * time.Hour, scheduling.Cancelled, false, false, false, ""},
		"nobody came":                {-time.Minute, scheduling.NoShow, false, false, false, ""},
		"over before its time is":    {-time.Minute, scheduling.Completed, false, false, false, ""},
		"under way past its own end": {-2 * time.Hour, scheduling.InSession, false, false, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := booked(c.in)
			a.Status = c.status
			if c.any {
				a.Service.ChangeUntil = 0
			}
			if Coming(a, noon) != c.coming || Changeable(a, noon) != c.changeable {
				t.Errorf("coming %v, changeable %v", Coming(a, noon), Changeable(a, noon))
			}
			if said := Limit(pageFor(a, "zh"), a, noon); c.coming && !strings.Contains(said, c.said) {
				t.Errorf("it says %q", said)
			}
			if simple := c.status == scheduling.Booked && c.coming; (Status(pageFor(a, "zh"), a, noon) == "") != simple {
				t.Errorf("its status is %q", Status(pageFor(a, "zh"), a, noon))
			}
		})
	}
}

func TestWhoComesIsOnesOwnEntryAndACount(t *testing.T) {
	alone := booked(time.Hour)
	alone.Title = scheduling.Ms
	together := booked(time.Hour)
	together.Heads, together.Parties = 2, append(together.Parties, scheduling.Party{Name: scheduling.NewPrivate("李")})
	family := booked(time.Hour)
	family.Contact, family.Needs = &scheduling.Contact{Name: scheduling.NewPrivate("王")}, []scheduling.Need{scheduling.StepFree, scheduling.Child}
	family.Parties[0].Name = scheduling.NewPrivate("赵")
	address := row{"地址", ""}
	for name, c := range map[string]struct {
		of   scheduling.Appointment
		want []row
	}{
		"alone":          {alone, []row{{"称呼", "陈女士"}, address}},
		"together":       {together, []row{{"称呼", "陈"}, {"同来的", "一个人"}, address}},
		"for the family": {family, []row{{"称呼", "王"}, {"谁来", "家里的1个人"}, {"需要", "无障碍房间、带小孩"}, address}},
	} {
		if diff := cmp.Diff(c.want, rows(pageFor(c.of, "zh"), c.of)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestAnAppointmentIsSpokenOfInEnglishToo(t *testing.T) {
	a := booked(48 * time.Hour)
	a.Title, a.Heads = scheduling.Mr, 2
	p := pageFor(a, "en")
	if diff := cmp.Diff([]row{{"Name", "Mr 陈"}, {"With you", "one person"}, {"Address", ""}}, rows(p, a)); diff != "" {
		t.Error(diff)
	}
	if said := Limit(p, a, noon); said != "You can move or cancel it here until Sat 28 November 10:00; after that, please call 0737-7220000." {
		t.Error(said)
	}
}

func TestEachMessageIsShownWordForWordOrWithTheReasonWhyItDoesNotCome(t *testing.T) {
	a := booked(48 * time.Hour)
	r := &visit.Request{Now: noon, Page: pageFor(a, "zh")}
	planned := func(kind messages.Kind, status scheduling.MessageStatus, rule messages.Rule, at time.Time) scheduling.ComingMessage {
		return scheduling.ComingMessage{Text: string(kind), LedgerEntry: scheduling.LedgerEntry{Kind: kind, Channel: messages.SMS, Status: status, Rule: string(rule), DueAt: at}}
	}
	sent := planned(messages.Booked, scheduling.MessageHandedOver, "", noon.Add(-time.Hour))
	sent.HandedAt = noon.Add(-30 * time.Minute)
	call := planned(messages.Moved, scheduling.MessagePlanned, "", noon)
	call.Channel = messages.Call
	mail := planned(messages.Reminder, scheduling.MessagePlanned, "", noon.Add(24*time.Hour))
	mail.Channel, mail.Locale = messages.Mail, messages.EN
	shown, held := Told(r, []scheduling.ComingMessage{
		sent, call, mail,
		planned(messages.Booked, scheduling.MessageSuppressed, messages.RuleSilent, noon),
		planned(messages.Reminder, scheduling.MessageSuppressed, messages.RuleSilent, noon.Add(24*time.Hour)),
		planned(messages.Reminder, scheduling.MessagePlanned, messages.RuleNoText, noon.Add(46*time.Hour)),
		planned(messages.Cancelled, scheduling.MessageFailed, "", noon),
		planned(messages.Reminder, scheduling.MessagePlanned, "resend_unknown", noon.Add(25*time.Hour)),
		planned(messages.Moved, scheduling.MessageSuppressed, "superseded", noon),
	})
	want := []Message{
		{"11月26日 周四 11:30 已发", "booked", "zh-CN"}, {"马上发", "前台打电话告诉您。", "zh-CN"},
		{"11月27日 周五 12:00（邮件）", "reminder", "en"}, {"11月27日 周五 13:00", "reminder", "zh-CN"},
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("shown: %s", diff)
	}
	var said []string
	for _, h := range held {
		said = append(said, h.Said(r.Page))
	}
	if diff := cmp.Diff([]string{
		"约好了的通知、11月27日 周五 12:00的提醒：约的时候您说过不发短信。", "11月28日 周六 10:00的提醒：您说过不收短信。",
		"取消的通知：没有发出去。", "改了时间的通知：这一条不发。",
	}, said); diff != "" {
		t.Errorf("held back: %s", diff)
	}
}

func TestMovingBeginsOneDraftWithWhatWasWishedFor(t *testing.T) {
	a := booked(48 * time.Hour)
	a.Office.Code, a.Heads = "anhua", 2
	a.Wish = scheduling.Wish{Counsellor: "fudao-a", Accessible: true}
	a.Needs = []scheduling.Need{scheduling.Hearing}
	v := visit.New()
	first := moving(v, a)
	if moving(v, a) != first || len(v.Drafts) != 1 {
		t.Errorf("pressed twice there are %d drafts", len(v.Drafts))
	}
	want := visit.Draft{
		ID: first.ID, Office: "anhua", Service: "family", Moving: "52073164", Who: visit.Together, Counsellor: "fudao-a", Accessible: true, Needs: []string{"hearing"},
	}
	if diff := cmp.Diff(want, *first); diff != "" {
		t.Error(diff)
	}
	first.Booked = a.Reference
	if moving(v, a) == first {
		t.Error("a move that is done is moved on")
	}
}
