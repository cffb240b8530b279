package messages

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Facts are what a text is made of; none of them says what the appointment is
// for or who else comes.
type Facts struct {
	// Signature is the one that the text goes under, without its brackets.
	Signature string
	// Phone is where the office is called, as the office writes it.
	Phone string
	// Address is the office's fixed address on the web.
	Address string
	// Location is the office's time zone; nil leaves the times in their own.
	Location *time.Location
	// Start is the time booked, moved to, cancelled or reminded of.
	Start time.Time
	// OldStart is the time before a move.
	OldStart time.Time
	// Reference is the appointment's number.
	Reference string
	// Code is the six digits, for Kind Code alone.
	Code string
	// CodeMinutes is how long the code holds.
	CodeMinutes int
}

// Replies says which replies a text may ask for.
type Replies struct {
	// Confirm: the gateway brings replies.
	Confirm bool
	// Cancel: it does, and 2 would cancel this appointment.
	Cancel bool
}

// keep says whether a section stands in the text.
func (r Replies) keep(key string) bool {
	switch key {
	case keyConfirm, keyStop:
		return r.Confirm
	case keyCancel:
		return r.Confirm && r.Cancel
	}
	return false
}

// Param is a value that an approved template is given.
type Param struct{ Name, Value string }

// Filled is a text that is ready to go.
type Filled struct {
	// Body is the text without its signature.
	Body string
	// Params are the values in it, each once, in the order of their first place;
	// those that are always the same are left out.
	Params []Param
	// Asks: it asks for a reply. WithCancel: it asks for the 2 that cancels.
	Asks, WithCancel bool
}

// Fill writes the text. What Check would refuse in a body stays as it is.
func (t Template) Fill(f Facts, r Replies) Filled {
	var out Filled
	var body strings.Builder
	seen := map[string]bool{}
	for _, p := range pieces(t.Body) {
		switch {
		case p.kind == section && r.keep(p.name):
			body.WriteString(p.text)
			out.Asks = true
			out.WithCancel = out.WithCancel || p.name == keyCancel
		case p.kind == section:
		case p.kind == field:
			value, ok := f.value(Field(p.name), t.Locale)
			if !ok {
				value = p.raw
			}
			body.WriteString(value)
			if ok && !Field(p.name).fixed() && !seen[p.name] {
				out.Params = append(out.Params, Param{Name: p.name, Value: value})
			}
			seen[p.name] = true
		default:
			body.WriteString(p.raw)
		}
	}
	out.Body = body.String()
	return out
}

// Signed puts the registered signature in its brackets before a text, as the
// carriers show it; without a signature it is the text alone.
func Signed(signature, body string) string {
	if signature == "" {
		return body
	}
	return "【" + signature + "】" + body
}

// Subject is that of an e-mail. Whoever sees a list of subjects learns nothing
// from it.
func Subject(l Locale) string {
	if l == EN {
		return "Your scheduled time"
	}
	return "您的时间安排"
}

// value says a field in a language.
func (f Facts) value(name Field, l Locale) (string, bool) {
	switch name {
	case FieldStart:
		if l == EN {
			return dayHourEN(f.local(f.Start)), true
		}
		return dayHourZH(f.local(f.Start)), true
	case FieldOldDay:
		return f.oldDay(l), true
	case FieldReference:
		return f.Reference, true
	case FieldPhone:
		return f.Phone, true
	case FieldCode:
		return f.Code, true
	case FieldMinutes:
		return strconv.Itoa(f.CodeMinutes), true
	case FieldAddress:
		return f.Address, true
	}
	return "", false
}

// oldDay says the day before a move; a move whose old time is not known was on
// another day.
func (f Facts) oldDay(l Locale) string {
	switch {
	case l == EN && f.OldStart.IsZero():
		return anotherDayEN
	case l == EN:
		return dayEN(f.local(f.OldStart))
	case f.OldStart.IsZero():
		return anotherDayZH
	}
	return dayZH(f.local(f.OldStart))
}

const (
	anotherDayZH = "另一天"
	anotherDayEN = "another day"
)

func (f Facts) local(t time.Time) time.Time {
	if f.Location == nil {
		return t
	}
	return t.In(f.Location)
}

var weekdaysZH = [...]string{"日", "一", "二", "三", "四", "五", "六"}

func dayZH(t time.Time) string {
	return fmt.Sprintf("%d月%d日（周%s）", t.Month(), t.Day(), weekdaysZH[t.Weekday()])
}

// dayHourZH says a time as a clerk says it: 12月3日（周四）上午9:00.
func dayHourZH(t time.Time) string {
	part, hour := hourZH(t.Hour())
	return fmt.Sprintf("%s%s%d:%02d", dayZH(t), part, hour, t.Minute())
}

// hourZH gives the part of the day and the hour on a twelve-hour clock. Noon is
// 中午12:00, since 上午12:00 and 下午12:00 are both heard as midnight by some.
func hourZH(h int) (string, int) {
	switch {
	case h < 6:
		return "凌晨", h
	case h < 12:
		return "上午", h
	case h == 12:
		return "中午", h
	case h < 18:
		return "下午", h - 12
	}
	return "晚上", h - 12
}

func dayEN(t time.Time) string { return t.Format("Mon 2 Jan") }

func dayHourEN(t time.Time) string { return t.Format("Mon 2 Jan at 3:04 pm") }
