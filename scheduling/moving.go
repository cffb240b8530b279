package scheduling

import (
	"slices"
	"time"

	"magpie/scheduling/calendar"
)

// ProblemCode says why an appointment cannot lie where staff want it.
type ProblemCode string

// What a move can meet.
const (
	MeetsState       ProblemCode = "state"         // it is under way or over
	MeetsPast        ProblemCode = "past"          // the time has passed
	MeetsClosed      ProblemCode = "closed"        // outside the office's hours, or not a start that it offers
	MeetsLength      ProblemCode = "length"        // the service does not last that long
	MeetsPerson      ProblemCode = "person"        // the asking person has another session then
	MeetsUnqualified ProblemCode = "not_qualified" // the counsellor does not give the service
	MeetsHours       ProblemCode = "hours"         // the counsellor does not work then
	MeetsLeave       ProblemCode = "leave"         // the counsellor is away
	MeetsBusy        ProblemCode = "busy"          // the counsellor has another session
	MeetsFullDay     ProblemCode = "full_day"      // the counsellor has as many sessions as a day may have
	MeetsNobody      ProblemCode = "nobody"        // no counsellor is free
	MeetsUnfit       ProblemCode = "room_unfit"    // the room is of another kind, too small, or has steps
	MeetsRoomBusy    ProblemCode = "room_busy"     // the room is taken
	MeetsRoomClosed  ProblemCode = "room_closed"   // the room is closed
	MeetsNoRoom      ProblemCode = "no_room"       // no room is free
	MeetsNotAsked    ProblemCode = "not_asked_for" // the citizen asked for another counsellor; no obstacle
	MeetsGender      ProblemCode = "not_gender"    // the citizen asked for a woman, or for a man; no obstacle
)

var problemTexts = map[ProblemCode]Text{
	MeetsState:       {ZH: "这个预约已经开始或已经结束，不能再改。", EN: "it is under way or over"},
	MeetsPast:        {ZH: "这个时间已经过了。", EN: "this time has passed"},
	MeetsClosed:      {ZH: "不在可约的时间里。", EN: "outside the hours, or not a start that the office offers"},
	MeetsLength:      {ZH: "时长不合适：最短是这项服务的时长，最长是它的两倍，按5分钟加。", EN: "must last between the service's duration and twice it, in steps of five minutes"},
	MeetsPerson:      {ZH: "来的人这个时间另有预约。", EN: "the asking person has another session then"},
	MeetsUnqualified: {ZH: "这位老师不做这项服务。", EN: "this counsellor does not give the service"},
	MeetsHours:       {ZH: "这位老师这个时间不上班。", EN: "this counsellor does not work then"},
	MeetsLeave:       {ZH: "这位老师这个时间请假或外出。", EN: "this counsellor is away then"},
	MeetsBusy:        {ZH: "这位老师这个时间有别的场次。", EN: "this counsellor has another session then"},
	MeetsFullDay:     {ZH: "这位老师当天的场次已经满了。", EN: "this counsellor has no session left that day"},
	MeetsNobody:      {ZH: "这个时间没有空着的老师。", EN: "no counsellor is free then"},
	MeetsUnfit:       {ZH: "这个房间不合适：用途不对、坐不下，或有台阶。", EN: "this room is of another kind, too small, or has steps"},
	MeetsRoomBusy:    {ZH: "这个房间这个时间有人用。", EN: "this room is taken then"},
	MeetsRoomClosed:  {ZH: "这个房间这个时间停用。", EN: "this room is closed then"},
	MeetsNoRoom:      {ZH: "这个时间没有空着的房间。", EN: "no room is free then"},
	MeetsNotAsked:    {ZH: "来的人约的是另一位老师，改了会通知。", EN: "another counsellor was asked for; the person will be told"},
	MeetsGender:      {ZH: "来的人希望由女老师或男老师接待，这位老师不是。", EN: "a counsellor of the other gender was asked for"},
}

// MoveProblem is one thing that a move would meet, with its words.
type MoveProblem struct {
	Code ProblemCode
	Text Text
}

func meets(code ProblemCode) MoveProblem { return MoveProblem{code, problemTexts[code]} }

// stretchAtMost is how many times its duration a session may last, where staff
// stretch it.
const stretchAtMost = 2

// lasts says whether staff may give a session of the service that length: its
// duration, or up to twice that in whole quanta. A class lasts as long as it
// does for everybody.
func (s Service) lasts(length time.Duration) bool {
	return length == s.Duration ||
		s.Places == 1 && length > s.Duration && length <= stretchAtMost*s.Duration && length%calendar.Quantum == 0
}

// moving is a move by staff, being decided. Its rule is pure: what a page asks
// while somebody drags, and what the move itself is refused for, is one thing.
type moving struct {
	old        Appointment
	start, end time.Time
	grid       *grid
	// stays says that the start is the old one; same, that the end is too, so
	// that the session is changed where it lies.
	stays, same bool
	// newCounsellor and newRoom say that another one was named.
	newCounsellor, newRoom bool
	named                  struct{ counsellor, room bool }
	// met is what is in the way whatever is booked.
	met []MoveProblem
}

// newMoving reads what is wanted. Errors: invalid for a counsellor or a room
// that the office has not.
func newMoving(c Change, old Appointment) (*moving, *Error) {
	m := &moving{old: old, start: c.Start.UTC(), stays: c.Start.Equal(old.Start)}
	service := m.length(c)
	m.same = m.stays && m.end.Equal(old.End)
	heads, wish := old.Heads, Wish{Accessible: old.Wish.Accessible}
	if m.same {
		service.Buffer, heads = old.Session.ClaimEnd.Sub(old.End), old.Session.Heads
	} else if c.Counsellor == "" {
		wish = old.Wish
	}
	m.grid = newGrid(old.Office, service, heads, wish)
	if err := m.counsellor(c.Counsellor); err != nil {
		return nil, err
	}
	if err := m.room(c.Room); err != nil {
		return nil, err
	}
	if open := old.Status == Booked || m.stays && old.Status.Open(); !open {
		m.met = append(m.met, meets(MeetsState))
	}
	return m, nil
}

// length is the service with the length that is wanted: as asked for, or as it
// was where the start stays or it had been stretched, or the service's own.
func (m *moving) length(c Change) Service {
	service, was := m.old.Service, m.old.End.Sub(m.old.Start)
	length := service.Duration
	switch {
	case !c.End.IsZero():
		length = c.End.Sub(c.Start)
	case m.stays || service.lasts(was):
		length = was
	}
	if !service.lasts(length) && !(m.stays && length == was) {
		m.met = append(m.met, meets(MeetsLength))
		length = service.Duration
	}
	service.Duration, m.end = length, m.start.Add(length)
	return service
}

// counsellor narrows the choice to the one who is named. Where the start stays
// and none is, it is the one there is.
func (m *moving) counsellor(username string) *Error {
	id := m.old.Session.Counsellor
	if username != "" {
		member, ok := m.old.Office.StaffMember(username)
		if !ok {
			return Invalid("counsellor", "没有这位老师。", "no such person")
		}
		id, m.named.counsellor = member.ID, true
	} else if !m.stays {
		return nil
	}
	m.newCounsellor = id != m.old.Session.Counsellor
	m.grid.only(id, 0)
	if len(m.grid.staff) == 0 && (m.newCounsellor || !m.same) {
		m.met = append(m.met, meets(MeetsUnqualified))
	}
	return nil
}

// room is counsellor for the room.
func (m *moving) room(code string) *Error {
	id := m.old.Session.Room
	if code != "" {
		room, ok := m.old.Office.RoomByCode(code)
		if !ok {
			return Invalid("room", "没有这个房间。", "no such room")
		}
		id, m.named.room = room.ID, true
	} else if !m.stays {
		return nil
	}
	m.newRoom = id != m.old.Session.Room
	m.grid.only(0, id)
	if len(m.grid.rooms) == 0 && (m.newRoom || !m.same) {
		m.met = append(m.met, meets(MeetsUnfit))
	}
	return nil
}

// only narrows a grid to one counsellor, one room, or both; 0: all of them.
func (g *grid) only(counsellor, room int64) {
	if counsellor != 0 {
		var staff []Staff
		var weeks []*calendar.Timetable
		for i, member := range g.staff {
			if member.ID == counsellor {
				staff, weeks = append(staff, member), append(weeks, g.weeks[i])
			}
		}
		g.staff, g.weeks, g.day.set = staff, weeks, false
	}
	if room != 0 {
		g.rooms = slices.DeleteFunc(slices.Clone(g.rooms), func(r Room) bool { return r.ID != room })
		g.day.set = false
	}
}

// nothing says that all is as it was.
func (m *moving) nothing() bool { return m.same && !m.newCounsellor && !m.newRoom }

// leave takes the old place out of the facts.
func (m *moving) leave() {
	if m.same {
		m.grid.facts.Forget(m.old.Session)
		return
	}
	m.grid.facts.Leave(m.old.Session, m.old.Heads)
	m.grid.facts.returnCitizen(m.old.Session, m.old.ByCitizen)
	m.grid.facts.ForgetPerson(m.old.Asker.ID, calendar.Span{From: m.old.Start, To: m.old.End})
}

// problems lists all that is in the way; none: it can be done.
func (m *moving) problems(now time.Time) []MoveProblem {
	out := slices.Clone(m.met)
	if code := m.startProblem(now); code != "" {
		out = append(out, meets(code))
		if code == MeetsPast {
			return out
		}
	}
	g, d := m.grid, calendar.DateIn(m.start, m.grid.office.Location)
	g.open(d)
	marks := g.masks(m.start)
	if !m.same && m.old.Asker.ID != 0 && g.facts.Line(Resource{PersonResource, m.old.Asker.ID}).Busy.Hits(marks.session) {
		out = append(out, meets(MeetsPerson))
	}
	if !m.same && g.service.Places > 1 && len(g.joinable(m.start)) > 0 {
		return out
	}
	if code := m.counsellorProblem(d, marks); code != "" {
		out = append(out, meets(code))
	}
	if code := m.roomProblem(marks); code != "" {
		out = append(out, meets(code))
	}
	return out
}

// startProblem is what is wrong with the time itself. Where the start stays, it
// need not be one that is offered by now; where the session grows, it must
// still lie in one opening period.
func (m *moving) startProblem(now time.Time) ProblemCode {
	g, d := m.grid, calendar.DateIn(m.start, m.grid.office.Location)
	switch {
	case m.stays && !m.end.After(now), !m.stays && !m.start.After(now):
		return MeetsPast
	case m.stays && !m.end.After(m.old.End):
	case m.stays:
		span := calendar.Span{From: m.start, To: m.end}
		if !slices.ContainsFunc(calendar.Spans(d, g.open(d).Periods, g.office.Location), func(s calendar.Span) bool { return s.Contains(span) }) {
			return MeetsClosed
		}
	case !slices.ContainsFunc(g.starts(d), m.start.Equal):
		return MeetsClosed
	}
	return ""
}

func (m *moving) counsellorProblem(d calendar.Date, marks masks) ProblemCode {
	if m.same && !m.newCounsellor || len(m.grid.staff) == 0 && (m.named.counsellor || m.stays) {
		return ""
	}
	code := MeetsNobody
	for i := range m.grid.staff {
		switch one := m.grid.counsellorMeets(i, d, marks); {
		case one == "":
			return ""
		case m.named.counsellor || m.stays:
			code = one
		}
	}
	return code
}

func (m *moving) roomProblem(marks masks) ProblemCode {
	if m.same && !m.newRoom || len(m.grid.rooms) == 0 && (m.named.room || m.stays) {
		return ""
	}
	code := MeetsNoRoom
	for i := range m.grid.rooms {
		switch one := m.grid.roomMeets(i, marks); {
		case one == "":
			return ""
		case m.named.room || m.stays:
			code = one
		}
	}
	return code
}

// counsellorMeets is why a counsellor cannot take a session, on the date that
// open resolved last; empty: they can.
func (g *grid) counsellorMeets(i int, d calendar.Date, m masks) ProblemCode {
	most := g.staff[i].SessionsPerDay
	switch {
	case most > 0 && g.facts.Loads[Load{g.staff[i].ID, d}] >= most:
		return MeetsFullDay
	case !g.works(i, m.span):
		return MeetsHours
	case g.staffLines[i].Off.Hits(m.session):
		return MeetsLeave
	case g.staffLines[i].Busy.Hits(m.claim):
		return MeetsBusy
	}
	return ""
}

// roomMeets is counsellorMeets for a room.
func (g *grid) roomMeets(i int, m masks) ProblemCode {
	switch {
	case !g.day.rooms[i], g.roomLines[i].Off.Hits(m.session):
		return MeetsRoomClosed
	case g.roomLines[i].Busy.Hits(m.claim):
		return MeetsRoomBusy
	}
	return ""
}

// warnings are what the move does not keep of what was asked for.
func (m *moving) warnings() []MoveProblem {
	var out []MoveProblem
	if !m.newCounsellor || len(m.grid.staff) != 1 {
		return out
	}
	to := m.grid.staff[0]
	if asked := m.old.Wish.Counsellor; asked != "" && asked != to.Username {
		out = append(out, meets(MeetsNotAsked))
	}
	if asked := m.old.Wish.Gender; asked != "" && asked != to.Gender {
		out = append(out, meets(MeetsGender))
	}
	return out
}

// tells says whether an appointment's person is told of a change: of another
// start or end, and of another counsellor than the one they had asked for and
// had.
func tells(a Appointment, start, end time.Time, counsellor int64) bool {
	return !start.Equal(a.Start) || !end.Equal(a.End) ||
		counsellor != a.Session.Counsellor && a.Wish.Counsellor != "" && a.Wish.Counsellor == a.Counsellor.Username
}
