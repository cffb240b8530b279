package office

import (
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the tests do not hang on what the machine has

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// sameZone compares locations by name: what they hold of rules is not ours.
var sameZone = cmp.Comparer(func(a, b *time.Location) bool {
	return a == nil && b == nil || a != nil && b != nil && a.String() == b.String()
})

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parsed(t *testing.T, name string) *scheduling.Office {
	t.Helper()
	o, err := Parse(name, read(t, name))
	if err != nil {
		t.Fatalf("Parse:\n%v", err)
	}
	return o
}

func workdays() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
}

func clock(t *testing.T, s string) calendar.Clock {
	t.Helper()
	c, err := calendar.ParseClock(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func between(t *testing.T, from, to string) calendar.Period {
	t.Helper()
	return calendar.Period{From: clock(t, from), To: clock(t, to)}
}

func TestTheFileOfTheContractIsReadWhole(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	want := &scheduling.Office{
		Code: "anhua", Region: "430923",
		Name:     scheduling.Text{ZH: "安化县民政局婚姻登记处", EN: "Anhua County Marriage Registration Office"},
		Timezone: "Asia/Shanghai", Location: shanghai,
		Address:      scheduling.Text{ZH: "安化县东坪镇", EN: "Dongping, Anhua County"},
		Phone:        "0737-7220000",
		SMSSignature: "安化县民政局", SMSSignatureNeutral: "安化民政",
		Registration: &scheduling.Registration{
			Link: "https://example.org/r", Note: scheduling.Text{ZH: "登记预约", EN: "Registration"},
		},
		Footer:        scheduling.Footer{ICP: "湘ICP备00000000号", Police: "湘公网安备43092300000000号"},
		Help:          scheduling.DefaultHelp(),
		ExitTo:        scheduling.DefaultExit,
		Holidays:      "cn",
		MakeupHoursAs: time.Friday,
		Exceptions: []scheduling.Exception{
			{Date: calendar.NewDate(2026, time.December, 24), Closed: &scheduling.Text{ZH: "盘点"}},
			{Date: calendar.NewDate(2026, time.December, 26), Hours: between(t, "08:30", "12:00")},
		},
		Release:           clock(t, "08:30"),
		MessagesPerNumber: 20,
		ThirtyDays:        calendar.RollBoth,
		Keep:              scheduling.Keep{Contact: 180 * 24 * time.Hour, Messages: 180 * 24 * time.Hour, Audit: 1095 * 24 * time.Hour},
		Hours: []scheduling.Hours{
			{Days: workdays(), Period: between(t, "08:30", "12:00")},
			{Days: workdays(), Period: between(t, "14:30", "17:30")},
		},
		Rooms: []scheduling.Room{{
			Code: "fudao", Name: scheduling.Text{ZH: "婚姻家庭辅导室", EN: "Counselling room"},
			Kind: "counselling", Seats: 4, Accessible: true,
		}},
		Services: []scheduling.Service{{
			Code: "premarital", Kind: "premarital",
			Name:     scheduling.Text{ZH: "婚前辅导", EN: "Premarital counselling"},
			RoomKind: "counselling",
			Duration: time.Hour, Buffer: 10 * time.Minute, Step: 30 * time.Minute,
			Parties: scheduling.Parties{Min: 1, Max: 2}, Places: 1,
			Notice: 2 * time.Hour, Horizon: 30 * 24 * time.Hour, ChangeUntil: 2 * time.Hour,
			OpenPerPerson: 1, Reminders: []time.Duration{24 * time.Hour, 2 * time.Hour},
		}},
		Staff: []scheduling.Staff{{
			Username: "fudao-a", Name: scheduling.Text{ZH: "辅导师甲", EN: "Counsellor A"}, Gender: "female",
			Roles: []account.Role{account.Counsellor}, Services: []string{"premarital"},
			Hours:          []scheduling.Hours{{Days: workdays(), Period: between(t, "08:30", "17:30")}},
			SessionsPerDay: 6,
		}},
	}
	if diff := cmp.Diff(want, parsed(t, "testdata/contract.yaml"), sameZone); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWhatIsLeftOutHasTheValueOfTheContract(t *testing.T) {
	o := parsed(t, "testdata/shortest.yaml")
	if o.Registration != nil || o.Footer != (scheduling.Footer{}) || o.SMSSignatureNeutral != "" {
		t.Errorf("registration %v, footer %v, neutral signature %q: want none", o.Registration, o.Footer, o.SMSSignatureNeutral)
	}
	if o.Holidays != "none" || o.MakeupHoursAs != time.Friday || o.Exceptions != nil || o.Release != 0 {
		t.Errorf("holidays %s, make-up as %s, exceptions %v, release %s", o.Holidays, o.MakeupHoursAs, o.Exceptions, o.Release)
	}
	if o.Gateway != "" || o.Quiet != nil || o.SegmentsPerMonth != 0 || o.MessagesPerNumber != 20 || o.MessagesPerDay != 0 || o.ReplyCancels != nil {
		t.Errorf("gateway %q, quiet %v, %d segments, %d and %d messages, reply_cancels %v", o.Gateway, o.Quiet, o.SegmentsPerMonth, o.MessagesPerNumber, o.MessagesPerDay, o.ReplyCancels)
	}
	if o.Texts.Words != nil || o.Texts.Templates != nil {
		t.Errorf("texts %v", o.Texts)
	}
	if o.SecondFactor != nil {
		t.Errorf("second_factor %v", o.SecondFactor)
	}
	if o.ResendUnknown || o.ThirtyDays != calendar.RollBoth {
		t.Errorf("resend_unknown %v, thirty_days %s", o.ResendUnknown, o.ThirtyDays)
	}
	const d = 24 * time.Hour
	if want := (scheduling.Keep{Contact: 180 * d, Messages: 180 * d, Audit: 1095 * d}); o.Keep != want {
		t.Errorf("keep %v, want %v", o.Keep, want)
	}
	if o.Rooms[0].Accessible {
		t.Error("a room is accessible without saying so")
	}
	s := o.Services[0]
	if s.Buffer != 0 || s.Notice != 0 || s.ChangeUntil != 0 || s.Step != 45*time.Minute || s.Places != 1 || s.OpenPerPerson != 0 || s.Reminders != nil {
		t.Errorf("service %+v", s)
	}
	p := o.Staff[0]
	if p.Gender != "" || p.Services != nil || p.Hours != nil || p.SessionsPerDay != 0 {
		t.Errorf("staff %+v", p)
	}
}

func TestHoursMayFollowOnOneAnotherAndAlternate(t *testing.T) {
	file := strings.Replace(string(read(t, "testdata/shortest.yaml")), `from: "08:30", to: "12:00"}`, `from: "08:30", to: "12:00", valid_from: null, valid_to: 2026-12-31, every: 1w}
    - {days: [mon], from: "09:00", to: "12:00", valid_from: 2027-01-01, every: 2w}
    - {days: [mon], from: "10:00", to: "12:00", valid_from: "2027-01-04", every: 2w}`, 1)
	o, err := Parse("a.yaml", []byte(file))
	if err != nil {
		t.Fatalf("Parse:\n%v", err)
	}
	first, second := calendar.NewDate(2027, time.January, 1), calendar.NewDate(2027, time.January, 4)
	want := []scheduling.Hours{
		{Days: o.Hours[0].Days, Period: between(t, "08:30", "12:00"), ValidTo: calendar.NewDate(2026, time.December, 31)},
		{Days: []time.Weekday{time.Monday}, Period: between(t, "09:00", "12:00"), ValidFrom: first, EveryOther: true},
		{Days: []time.Weekday{time.Monday}, Period: between(t, "10:00", "12:00"), ValidFrom: second, EveryOther: true},
	}
	if diff := cmp.Diff(want, o.Hours); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if o.NoShowAfter != 0 || o.Display || o.Rooms[0].Closed != nil || o.Services[0].KeptForDesk != 0 {
		t.Errorf("what is left out is %v, %v, %v, %d", o.NoShowAfter, o.Display, o.Rooms[0].Closed, o.Services[0].KeptForDesk)
	}
}

func TestTheDemonstrationOfficeHasItsRoomsServicesAndStaff(t *testing.T) {
	o := parsed(t, "../../cmd/magpie/demo/anhua.yaml")
	var rooms, kinds, staff []string
	for _, r := range o.Rooms {
		rooms = append(rooms, r.Name.ZH)
	}
	roles := make(map[account.Role]bool)
	for _, s := range o.Staff {
		staff = append(staff, s.Username)
		for _, r := range s.Roles {
			roles[r] = true
		}
	}
	for _, s := range o.Services {
		kinds = append(kinds, s.Kind)
		if len(o.CounsellorsFor(s.Code, "", "")) < 2 {
			t.Errorf("%s has fewer than two counsellors", s.Code)
		}
		if len(o.RoomsFor(s, s.Parties.Max, true)) == 0 {
			t.Errorf("%s has no accessible room for all its parties", s.Code)
		}
	}
	if diff := cmp.Diff([]string{"结婚登记室", "离婚室", "档案室", "婚姻家庭辅导室", "家庭纠纷调解室"}, rooms); diff != "" {
		t.Errorf("rooms (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"premarital", "family", "mediation", "legal"}, kinds); diff != "" {
		t.Errorf("services (-want +got)\n%s", diff)
	}
	want := []string{"fudao-a", "fudao-b", "tiaojie-a", "tiaojie-b", "lushi-a", "lushi-b", "qiantai", "zhuren", "shenji"}
	if diff := cmp.Diff(want, staff); diff != "" {
		t.Errorf("staff (-want +got)\n%s", diff)
	}
	if len(roles) != len(account.StaffRoles()) {
		t.Errorf("roles given: %v, want each of %v", roles, account.StaffRoles())
	}
	if o.Code != "anhua" || o.Region != "430923" || o.Holidays != "cn" {
		t.Errorf("code %s, region %s, holidays %s", o.Code, o.Region, o.Holidays)
	}
}
