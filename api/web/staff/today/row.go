package today

import (
	"cmp"
	"strconv"
	"time"

	"magpie/api/web/staff/panel"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// Row is one appointment as the desk needs to see it: nothing on it says who
// comes or what for, since others stand at the desk too.
type Row struct {
	Reference  string
	Start      time.Time
	Heads      int
	Counsellor scheduling.Text
	Room       scheduling.Text
	Status     scheduling.Status
	State      string // in words
	Class      string // of the words
	Next       Step
	NoShow     bool // it has begun and nobody came
}

// Step is the button of a row.
type Step struct {
	To   string // empty: there is nothing to press
	Said string
	Main bool
}

func rowOf(r *panel.Request, a scheduling.Appointment) Row {
	row := Row{
		Reference: a.Reference, Start: a.Start, Heads: a.Heads, Counsellor: a.Counsellor.Name, Room: a.Room.Name,
		Status: a.Status, Next: NextOf(r.Page, a),
	}
	row.State, row.Class = stateOf(r.Page, a, r.Now)
	row.NoShow = a.Status == scheduling.Booked && !a.Start.After(r.Now)
	return row
}

// NextOf is the next right thing for an appointment.
func NextOf(p panel.Page, a scheduling.Appointment) Step {
	at := "/staff/appointments/" + a.Reference
	switch a.Status {
	case scheduling.Booked:
		return Step{at + "/check-in", p.Say("已到", "Arrived"), true}
	case scheduling.CheckedIn:
		return Step{at + "/start", p.Say("开始", "Start"), true}
	case scheduling.InSession:
		return Step{at + "/complete", p.Say("结束", "End"), false}
	}
	return Step{}
}

// stateOf is where an appointment stands, in words and as a class of style.
func stateOf(p panel.Page, a scheduling.Appointment, now time.Time) (said, class string) {
	switch a.Status {
	case scheduling.Booked:
		if late := int(now.Sub(a.Start) / time.Minute); late > 0 && calendar.DateIn(now, a.Office.Location) == calendar.DateIn(a.Start, a.Office.Location) {
			return p.Say("晚了%d分钟", "%d min late", late), "waiting"
		}
		return p.Say("还没到", "Not here yet"), ""
	case scheduling.CheckedIn:
		if waited := int(now.Sub(a.UpdatedAt) / time.Minute); waited > 0 {
			return p.Say("已到，等了%d分钟", "Here, waiting %d min", waited), "waiting"
		}
		return p.Say("已到", "Here"), "waiting"
	case scheduling.InSession:
		return p.Say("进行中", "In session"), "going"
	case scheduling.Completed:
		return p.Say("已结束", "Over"), ""
	case scheduling.Cancelled:
		return p.Say("已取消", "Cancelled"), ""
	case scheduling.NoShow:
		return p.Say("没有来", "Did not come"), ""
	}
	return string(a.Status), ""
}

// StateOf is stateOf for other screens.
func StateOf(p panel.Page, a scheduling.Appointment, now time.Time) (said, class string) {
	return stateOf(p, a, now)
}

// byTurn puts who waits first, then who comes next, then who is in a session.
func byTurn(a, b Row) int {
	turn := map[scheduling.Status]int{scheduling.CheckedIn: 0, scheduling.Booked: 1, scheduling.InSession: 2}
	return cmp.Or(turn[a.Status]-turn[b.Status], a.Start.Compare(b.Start), cmp.Compare(a.Reference, b.Reference))
}

// Group is how many come: 2位.
func (r Row) Group(p panel.Page) string {
	if p.English() {
		if r.Heads == 1 {
			return "1 person"
		}
		return strconv.Itoa(r.Heads) + " people"
	}
	return strconv.Itoa(r.Heads) + "位"
}
