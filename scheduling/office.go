package scheduling

import (
	"cmp"
	"slices"
	"time"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// Office is one marriage registration office, as its office file says it.
// A value is read-only: a changed office is another value with a higher
// revision.
type Office struct {
	ID int64
	// Revision rises with every change; a booking that was decided on an older
	// one is decided again.
	Revision            int64
	Code                string
	Region              string // GB/T 2260
	Name                Text
	Timezone            string
	Location            *time.Location // of Timezone
	Address             Text
	Phone               string
	SMSSignature        string
	SMSSignatureNeutral string
	Registration        *Registration
	Footer              Footer
	Help                []HelpLine // to call in danger; shown on every page
	ExitTo              string     // the page that the quick exit leads to
	Holidays            string     // "cn" or "none"
	// Statutory is the calendar that an office with holidays "cn" keeps; nil: that
	// of the notices that are shipped.
	Statutory         *calendar.Statutory
	MakeupHoursAs     time.Weekday
	Exceptions        []Exception
	Release           calendar.Clock
	ResendUnknown     bool
	Gateway           string           // which of the settings' gateways texts go through first; "": the first
	Quiet             *messages.Window // when no reminder goes; nil: there is no such time
	SegmentsPerMonth  int              // the most segments a month; 0: no limit
	MessagesPerNumber int              // the most messages to one number a day; 0: no limit
	MessagesPerDay    int              // the most messages of the office a day; 0: no limit
	ReplyCancels      []string         // codes of the services of which a reply cancels an appointment
	Texts             Texts
	ThirtyDays        calendar.Practice
	SecondFactor      []account.Role // whose log-ins need a second factor
	Keep              Keep
	NoShowAfter       time.Duration // how long after a start no-show may be said
	Display           bool          // the waiting room has a display
	Hours             []Hours
	Rooms             []Room
	Services          []Service
	Staff             []Staff
}

// Registration says where marriage and divorce registration itself is booked.
type Registration struct {
	Link string
	Note Text
}

// Footer has the filing numbers that a site in China shows.
type Footer struct {
	ICP    string
	Police string
}

// Exception is a day that is not as its weekday: closed with a reason, or
// open from one time to another.
type Exception struct {
	Date   calendar.Date
	Closed *Text // nil: open by Hours
	Hours  calendar.Period
}

// Keep says how long data stays after the last day of an appointment.
type Keep struct {
	Contact  time.Duration
	Messages time.Duration
	Audit    time.Duration
}

// Hours are opening or working hours of some weekdays.
type Hours struct {
	Days   []time.Weekday
	Period calendar.Period
	// ValidFrom and ValidTo are the first and the last date on which they hold,
	// both included; zero: since ever, for ever.
	ValidFrom, ValidTo calendar.Date
	// EveryOther says that they hold in the week of ValidFrom, Monday first, and
	// in every second week after it.
	EveryOther bool
}

// Shift is when the hours hold.
func (h Hours) Shift() calendar.Shift {
	return calendar.Shift{Period: h.Period, From: h.ValidFrom, To: h.ValidTo, EveryOther: h.EveryOther}
}

// Room is a room of an office.
type Room struct {
	ID         int64
	Code       string
	Name       Text
	Kind       string
	Seats      int // for the parties; the counsellor's chair is not counted
	Accessible bool
	Closed     []Closure
}

// Closure is when a room is offered to nobody: dates of the office, both
// included. What is booked there stays.
type Closure struct {
	From, To calendar.Date
	Why      Text
}

// ClosedOn says whether the room is closed on a date of the office.
func (r Room) ClosedOn(d calendar.Date) bool {
	return slices.ContainsFunc(r.Closed, func(c Closure) bool { return c.From <= d && d <= c.To })
}

// Parties says how many people come to one appointment.
type Parties struct {
	Min int
	Max int
}

// Service is what one can book.
type Service struct {
	ID            int64
	Code          string
	Kind          string // premarital, family, mediation, legal
	Name          Text
	RoomKind      string
	Duration      time.Duration
	Buffer        time.Duration
	Step          time.Duration
	Parties       Parties
	Places        int
	Notice        time.Duration
	Horizon       time.Duration // whole days
	ChangeUntil   time.Duration
	OpenPerPerson int
	Reminders     []time.Duration
	// KeptForDesk is how many in a hundred of a day's sessions citizens may not
	// take until OpensToAll.
	KeptForDesk int
}

// Staff is a person who works at an office.
type Staff struct {
	ID             int64
	Username       string
	Name           Text
	Gender         string // "", female, male
	Roles          []account.Role
	Services       []string
	Hours          []Hours
	SessionsPerDay int // 0: no limit
}

// HorizonDays is the horizon in civil days.
func (s Service) HorizonDays() int { return int(s.Horizon / (24 * time.Hour)) }

// Timetable arranges hours by weekday, sorted.
func Timetable(hours []Hours) *calendar.Timetable {
	out := new(calendar.Timetable)
	for _, h := range hours {
		shift := h.Shift()
		for _, day := range h.Days {
			if h.ValidFrom == 0 && h.ValidTo == 0 && !h.EveryOther {
				out.Week[day] = append(out.Week[day], h.Period)
			} else {
				out.Shifts[day] = append(out.Shifts[day], shift)
			}
		}
	}
	for day := range out.Week {
		slices.SortFunc(out.Week[day], func(a, b calendar.Period) int { return int(a.From) - int(b.From) })
	}
	return out
}

// Opening gives the rules by which the office opens.
func (o *Office) Opening() calendar.Opening {
	out := calendar.Opening{
		Timetable:  *Timetable(o.Hours),
		Exceptions: make(map[calendar.Date]calendar.Exception, len(o.Exceptions)),
		MakeupAs:   o.MakeupHoursAs,
	}
	for _, e := range o.Exceptions {
		out.Exceptions[e.Date] = calendar.Exception{Closed: e.Closed != nil, Hours: e.Hours}
	}
	if o.Holidays == "cn" {
		out.Statutory = o.legalDays()
	}
	return out
}

// legalDays is the calendar of legal working days that the office goes by.
func (o *Office) legalDays() *calendar.Statutory {
	if o.Statutory == nil {
		return calendar.China()
	}
	return o.Statutory
}

// ClosedText answers the reason written in the office file for a closed day.
func (o *Office) ClosedText(d calendar.Date) Text {
	for _, e := range o.Exceptions {
		if e.Date == d && e.Closed != nil {
			return *e.Closed
		}
	}
	return Text{}
}

// Service finds a service by its code.
func (o *Office) Service(code string) (Service, bool) {
	i := slices.IndexFunc(o.Services, func(s Service) bool { return s.Code == code })
	if i < 0 {
		return Service{}, false
	}
	return o.Services[i], true
}

// ServiceByID finds a service by its number.
func (o *Office) ServiceByID(id int64) (Service, bool) {
	i := slices.IndexFunc(o.Services, func(s Service) bool { return s.ID == id })
	if i < 0 {
		return Service{}, false
	}
	return o.Services[i], true
}

// Room finds a room by its number.
func (o *Office) Room(id int64) (Room, bool) {
	i := slices.IndexFunc(o.Rooms, func(r Room) bool { return r.ID == id })
	if i < 0 {
		return Room{}, false
	}
	return o.Rooms[i], true
}

// RoomByCode finds a room by its code.
func (o *Office) RoomByCode(code string) (Room, bool) {
	i := slices.IndexFunc(o.Rooms, func(r Room) bool { return r.Code == code })
	if i < 0 {
		return Room{}, false
	}
	return o.Rooms[i], true
}

// StaffMember finds a person by username.
func (o *Office) StaffMember(username string) (Staff, bool) {
	i := slices.IndexFunc(o.Staff, func(s Staff) bool { return s.Username == username })
	if i < 0 {
		return Staff{}, false
	}
	return o.Staff[i], true
}

// StaffByID finds a person by number.
func (o *Office) StaffByID(id int64) (Staff, bool) {
	i := slices.IndexFunc(o.Staff, func(s Staff) bool { return s.ID == id })
	if i < 0 {
		return Staff{}, false
	}
	return o.Staff[i], true
}

// RoomsFor answers the rooms in which a service can be given to so many
// people, the smallest first, and of these the accessible ones last: who needs
// one may come later.
func (o *Office) RoomsFor(s Service, parties int, accessible bool) []Room {
	var out []Room
	for _, r := range o.Rooms {
		if r.Kind == s.RoomKind && r.Seats >= parties && (r.Accessible || !accessible) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Room) int {
		return cmp.Or(cmp.Compare(a.Seats, b.Seats), boolRank(b.Accessible)-boolRank(a.Accessible))
	})
	return out
}

// CounsellorsFor answers the counsellors who give a service, narrowed by a
// username and a gender where these are not empty.
func (o *Office) CounsellorsFor(service, username, gender string) []Staff {
	var out []Staff
	for _, s := range o.Staff {
		if slices.Contains(s.Roles, account.Counsellor) && slices.Contains(s.Services, service) &&
			(username == "" || s.Username == username) && (gender == "" || s.Gender == gender) {
			out = append(out, s)
		}
	}
	return out
}
