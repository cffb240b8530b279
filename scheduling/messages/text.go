package messages

import (
	"fmt"
	"time"
)

// Facts are what a text is made of; none of them says what the appointment is
// for or who else comes.
type Facts struct {
	// SignatureZH is the office's registered signature without its brackets.
	SignatureZH string
	// Phone is where the office is called, as the office writes it.
	Phone string
	// Location is the office's time zone; nil leaves the times in their own.
	Location *time.Location
	// Start is the time booked, moved to, cancelled or reminded of.
	Start time.Time
	// OldStart is the time before a move. Only the English text names its day:
	// the Chinese one stays within one segment, with one time to remember.
	OldStart time.Time
	// Reference is the appointment's number.
	Reference string
	// Code is the six digits, for Kind Code alone.
	Code string
	// CodeMinutes is how long the code holds.
	CodeMinutes int
}

// Text writes a message: the signature in 【】, a greeting, the day and hour in
// the office's time zone, the number, and what to do. A kind that does not
// exist gives the empty string, which notify refuses to send. A locale that
// does not exist is Chinese.
//
// An English text carries the Chinese signature that the carriers registered,
// so it is UCS-2 as well: two segments, and one for a code.
func Text(k Kind, l Locale, f Facts) string {
	body := bodyZH
	if l == EN {
		body = bodyEN
	}
	b := body(k, f)
	if b == "" {
		return ""
	}
	return "【" + f.SignatureZH + "】" + b
}

func bodyZH(k Kind, f Facts) string {
	switch k {
	case Code:
		return fmt.Sprintf("您好，验证码%s，%d分钟内有效，请勿告诉他人。如非本人操作，请不必理会。", f.Code, f.CodeMinutes)
	case Booked:
		return fmt.Sprintf("您好，%s已为您约好，编号%s。改期或取消请致电%s。", dayHourZH(f.local(f.Start)), f.Reference, f.Phone)
	case Moved:
		return fmt.Sprintf("您好，已为您改到%s，编号%s。如有疑问请致电%s。", dayHourZH(f.local(f.Start)), f.Reference, f.Phone)
	case Cancelled:
		return fmt.Sprintf("您好，%s的预约已取消，编号%s。再约请致电%s。", dayHourZH(f.local(f.Start)), f.Reference, f.Phone)
	case Reminder:
		return fmt.Sprintf("您好，请记得%s的预约，编号%s。不能来请致电%s。", dayHourZH(f.local(f.Start)), f.Reference, f.Phone)
	}
	return ""
}

func bodyEN(k Kind, f Facts) string {
	switch k {
	case Code:
		return fmt.Sprintf("Hello, your code %s holds %d minutes. Please tell nobody.", f.Code, f.CodeMinutes)
	case Booked:
		return fmt.Sprintf("Hello, you are booked for %s, number %s. To change or cancel, please call %s.", dayHourEN(f.local(f.Start)), f.Reference, f.Phone)
	case Moved:
		from := ""
		if !f.OldStart.IsZero() {
			from = " on " + dayEN(f.local(f.OldStart))
		}
		return fmt.Sprintf("Hello, your appointment%s is now on %s, number %s. Questions? Call %s.", from, dayHourEN(f.local(f.Start)), f.Reference, f.Phone)
	case Cancelled:
		return fmt.Sprintf("Hello, your appointment on %s, number %s, is cancelled. To book again, call %s.", dayHourEN(f.local(f.Start)), f.Reference, f.Phone)
	case Reminder:
		return fmt.Sprintf("Hello, a reminder of your appointment on %s, number %s. If you cannot come, call %s.", dayHourEN(f.local(f.Start)), f.Reference, f.Phone)
	}
	return ""
}

func (f Facts) local(t time.Time) time.Time {
	if f.Location == nil {
		return t
	}
	return t.In(f.Location)
}

var weekdaysZH = [...]string{"日", "一", "二", "三", "四", "五", "六"}

// dayHourZH says a time as a clerk says it: 12月3日（周四）上午9:00.
func dayHourZH(t time.Time) string {
	part, hour := hourZH(t.Hour())
	return fmt.Sprintf("%d月%d日（周%s）%s%d:%02d", t.Month(), t.Day(), weekdaysZH[t.Weekday()], part, hour, t.Minute())
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
