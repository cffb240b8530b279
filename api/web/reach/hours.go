package reach

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"magpie/api/web/frame"
	"magpie/api/web/visit"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// asNow stands for hours that the page cannot show as two full hours, such as
// two times of a day that were agreed with the desk.
const asNow = "now"

// hours are the two answers as the page has them: empty for any time, asNow, or
// HH:MM.
type hours struct{ from, to string }

func hoursOf(w scheduling.ContactWish) hours {
	switch {
	case len(w.Hours) == 0:
		return hours{}
	case !simple(w):
		return hours{from: asNow}
	}
	return hours{from: w.Hours[0].From.String(), to: w.Hours[0].To.String()}
}

// simple says whether the page can show the hours of a wish.
func simple(w scheduling.ContactWish) bool {
	return len(w.Hours) == 0 || len(w.Hours) == 1 && w.Hours[0].From%60 == 0 && w.Hours[0].To%60 == 0
}

// read puts the answers into the wish, or says beside its field what is missing.
// From a late hour to an early one passes midnight.
func (h hours) read(r *visit.Request, w *scheduling.ContactWish) {
	if h.from == asNow {
		return
	}
	w.Hours = nil
	if h.from == "" && h.to == "" {
		return
	}
	from, wrongFrom := calendar.ParseClock(h.from)
	to, wrongTo := calendar.ParseClock(h.to)
	switch {
	case wrongFrom != nil:
		r.Page.Refuse("from", "请选从几点开始。", "Please choose from which hour.")
	case wrongTo != nil:
		r.Page.Refuse("to", "请选到几点为止。", "Please choose until which hour.")
	default:
		w.Hours = []messages.Window{{From: from, To: to}}
	}
}

// begins are the choices for the first hour; stored is the wish that asNow
// stands for.
func (h hours) begins(p frame.Page, stored scheduling.ContactWish) []option {
	out := []option{{Said: p.Say("什么时候都行", "At any time"), Chosen: h.from == ""}}
	if !simple(stored) {
		var all []string
		for _, w := range stored.Hours {
			all = append(all, w.String())
		}
		out = append(out, option{asNow, p.Say("和现在一样：%s", "As it is now: %s", strings.Join(all, p.Say("、", ", "))), h.from == asNow})
	}
	return append(out, fullHours(0, h.from)...)
}

// ends are the choices for the last hour.
func (h hours) ends() []option {
	return append([]option{{Said: "—", Chosen: h.to == ""}}, fullHours(1, h.to)...)
}

func fullHours(first int, chosen string) []option {
	out := make([]option, 0, 24)
	for hour := first; hour < first+24; hour++ {
		c := fmt.Sprintf("%02d:00", hour)
		out = append(out, option{c, c, c == chosen})
	}
	return out
}

// masked is an address of which one knows that it is one's own, and nobody else
// reads it: c***@example.com.
func masked(email string) string {
	name, host, found := strings.Cut(email, "@")
	if !found {
		return ""
	}
	_, size := utf8.DecodeRuneInString(name)
	return name[:size] + "***@" + host
}
