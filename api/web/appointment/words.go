package appointment

import (
	"slices"
	"time"

	"magpie/api/web/frame"
	"magpie/scheduling"
)

// Coming says whether an appointment is still to come, or under way.
func Coming(a scheduling.Appointment, now time.Time) bool { return a.Status.Open() && a.End.After(now) }

// Changeable says whether the citizen may still move or cancel it here: the use
// cases have the last word.
func Changeable(a scheduling.Appointment, now time.Time) bool {
	return a.Status == scheduling.Booked && a.Start.After(now) && !now.After(until(a))
}

// until is the last instant for moving and cancelling.
func until(a scheduling.Appointment) time.Time { return a.Start.Add(-a.Service.ChangeUntil) }

// Limit says until when it can be moved or cancelled here, and how after that.
func Limit(p frame.Page, a scheduling.Appointment, now time.Time) string {
	switch {
	case a.Status != scheduling.Booked:
		return p.Say("您已经到了，有事请跟前台说。", "You are here already: please speak to the desk.")
	case !a.Start.After(now):
		return p.Say("时间已经到了。来晚了也没关系，请打%s说一声。", "It has begun. If you are late, please call %s.", a.Office.Phone)
	case !Changeable(a, now):
		return p.Say("离开始太近了，网上改不了。来不了或想改时间，请打%s，没关系的。", "It is too close to the start to change it here. If you cannot come or want another time, please call %s.", a.Office.Phone)
	case a.Service.ChangeUntil == 0:
		return p.Say("开始以前都可以在这里改时间或取消。", "You can move or cancel it here until it begins.")
	}
	return p.Say("%[1]s以前可以在这里改时间或取消；过了这个时间，请打%[2]s。", "You can move or cancel it here until %[1]s; after that, please call %[2]s.", p.Moment(until(a)), a.Office.Phone)
}

// Status is where an appointment stands, in words; empty while it is simply
// booked and to come.
func Status(p frame.Page, a scheduling.Appointment, now time.Time) string {
	switch a.Status {
	case scheduling.CheckedIn:
		return p.Say("已经到了", "You are here")
	case scheduling.InSession:
		return p.Say("正在进行", "Under way")
	case scheduling.Completed:
		return p.Say("已经结束", "Over")
	case scheduling.Cancelled:
		return p.Say("已经取消", "Cancelled")
	case scheduling.NoShow:
		return p.Say("当天没有来", "Nobody came")
	case scheduling.Booked:
		if !a.End.After(now) {
			return p.Say("已经过了", "Past")
		}
	}
	return ""
}

// People is how many come.
func People(p frame.Page, heads int) string {
	if heads == 1 {
		return p.Say("一个人", "one person")
	}
	return p.Say("%d个人", "%d people", heads)
}

func rows(p frame.Page, a scheduling.Appointment) []row {
	out := []row{{p.Say("称呼", "Name"), called(p, a)}}
	switch others := a.Others(); {
	case a.Contact != nil:
		out = append(out, row{p.Say("谁来", "Who comes"), p.Say("家里的%d个人", "%d of your family", others)})
	case others > 0:
		out = append(out, row{p.Say("同来的", "With you"), People(p, others)})
	}
	if said := needs(p, a); said != "" {
		out = append(out, row{p.Say("需要", "Needs"), said})
	}
	return append(out, row{p.Say("地址", "Address"), p.Text(a.Office.Address)})
}

// called is how the citizen is spoken to: their own entry, and nobody else's.
func called(p frame.Page, a scheduling.Appointment) string {
	name := a.OwnEntry().Name
	title := map[string]string{scheduling.Ms: p.Say("女士", "Ms "), scheduling.Mr: p.Say("先生", "Mr ")}[a.Title]
	if p.English() {
		return title + name
	}
	return name + title
}

func needs(p frame.Page, a scheduling.Appointment) string {
	var said []string
	if a.Wish.Accessible || slices.Contains(a.Needs, scheduling.StepFree) {
		said = append(said, p.Say("无障碍房间", "a room without steps"))
	}
	if slices.Contains(a.Needs, scheduling.Hearing) {
		said = append(said, p.Say("听力不便", "hard of hearing"))
	}
	if slices.Contains(a.Needs, scheduling.Child) {
		said = append(said, p.Say("带小孩", "a child comes along"))
	}
	out := ""
	for i, s := range said {
		if i > 0 {
			out += p.Say("、", ", ")
		}
		out += s
	}
	return out
}
