package appointment

import (
	"slices"
	"strings"
	"time"

	"magpie/api/web/frame"
	"magpie/api/web/visit"
	"magpie/scheduling"
	"magpie/scheduling/messages"
)

// Message is one that comes or came. Lang is the language of its text (BCP 47),
// for whoever has the page read aloud.
type Message struct{ When, Text, Lang string }

// Held are messages that do not come, for one reason.
type Held struct {
	What []string
	Why  string
}

// Said is the sentence that tells it.
func (h Held) Said(p frame.Page) string {
	return strings.Join(h.What, p.Say("、", "; ")) + p.Say("：", ": ") + h.Why
}

func holdBack(all []Held, what, why string) []Held {
	i := slices.IndexFunc(all, func(h Held) bool { return h.Why == why })
	if i < 0 {
		return append(all, Held{[]string{what}, why})
	}
	all[i].What = append(all[i].What, what)
	return all
}

// Told are the messages that come or came, word for word, and what does not
// come, with the reason.
func Told(r *visit.Request, all []scheduling.ComingMessage) (shown []Message, back []Held) {
	p := r.Page
	for _, m := range all {
		text, lang := m.Text, tag(m.Locale)
		if m.Channel == messages.Call {
			text, lang = p.Say("前台打电话告诉您。", "The desk calls you."), tag(messages.Locale(p.Locale))
		}
		switch status(m) {
		case scheduling.MessagePlanned, scheduling.MessageClaimed:
			when := p.Say("马上发", "About to be sent")
			if m.DueAt.After(r.Now.Add(time.Minute)) {
				when = p.Moment(m.DueAt)
			}
			shown = append(shown, Message{when + way(p, m), text, lang})
		case scheduling.MessageHandedOver, scheduling.MessageUnknown:
			shown = append(shown, Message{p.Say("%s 已发", "Sent, %s", p.Moment(latest(m.DueAt, m.HandedAt))) + way(p, m), text, lang})
		case scheduling.MessageSuppressed:
			back = holdBack(back, what(p, m), why(p, messages.Rule(m.Rule)))
		case scheduling.MessageFailed, scheduling.MessageExpired:
			back = holdBack(back, what(p, m), p.Say("没有发出去。", "it could not be sent."))
		}
	}
	return shown, back
}

func tag(l messages.Locale) string {
	if l == messages.EN {
		return "en"
	}
	return "zh-CN"
}

// status is where a message stands; one that is planned and that a rule will
// hold back when it is due counts as held back.
func status(m scheduling.ComingMessage) scheduling.MessageStatus {
	if _, known := reasons[messages.Rule(m.Rule)]; known && m.Status == scheduling.MessagePlanned {
		return scheduling.MessageSuppressed
	}
	return m.Status
}

func way(p frame.Page, m scheduling.ComingMessage) string {
	if m.Channel == messages.Mail {
		return p.Say("（邮件）", " (e-mail)")
	}
	return ""
}

// what is a message that nobody gets, in words.
func what(p frame.Page, m scheduling.ComingMessage) string {
	switch m.Kind {
	case messages.Reminder:
		return p.Say("%s的提醒", "The reminder of %s", p.Moment(m.DueAt)) + way(p, m)
	case messages.Moved:
		return p.Say("改了时间的通知", "The message that it was moved") + way(p, m)
	case messages.Offer:
		return p.Say("请您换个时间的通知", "The message that asks for another time") + way(p, m)
	case messages.Cancelled:
		return p.Say("取消的通知", "The message that it was cancelled") + way(p, m)
	}
	return p.Say("约好了的通知", "The message that it is booked") + way(p, m)
}

// reasons are the rules that hold messages back, as one tells them to the
// person.
var reasons = map[messages.Rule]scheduling.Text{
	messages.RuleSilent:    {ZH: "约的时候您说过不发短信。", EN: "you asked for no texts when you booked."},
	messages.RuleNoText:    {ZH: "您说过不收短信。", EN: "you asked for no texts."},
	messages.RuleStopped:   {ZH: "您说过不用提醒。", EN: "you asked for no reminders."},
	messages.RuleNoNeutral: {ZH: "您要求短信写得不显眼，这里的短信做不到，前台会打电话告诉您。", EN: "you asked for texts that say less, which this office cannot send; the desk will call you."},
	messages.RuleQuiet:     {ZH: "那时是夜里，再晚又来不及了。", EN: "it would be at night, and later would be too late."},
	messages.RuleHours:     {ZH: "不在您说的联系时间里，再晚又来不及了。", EN: "it is outside the hours that you gave, and later would be too late."},
	messages.RuleSameTime:  {ZH: "同一时间还有一条，只发一条。", EN: "another one goes at the same time."},
}

func why(p frame.Page, rule messages.Rule) string {
	if text, known := reasons[rule]; known {
		return p.Text(text)
	}
	return p.Say("这一条不发。", "it is not sent.")
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
