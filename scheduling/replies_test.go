package scheduling

import (
	"testing"
	"time"
)

func TestAReplyThatIsPushedAgainIsTheSameAndAnyOtherIsNot(t *testing.T) {
	now := time.Date(2026, 3, 4, 1, 0, 0, 0, time.UTC)
	of := func(gateway, id, from, text string, at time.Time) InboundReply {
		return InboundReply{Gateway: gateway, ID: id, From: NewPrivate(from), Text: NewPrivate(text), At: at}
	}
	for _, c := range []struct {
		what       string
		a, b       InboundReply
		later      time.Duration
		areTheSame bool
	}{
		{"the gateway's id", of("kannel", "7", "13800000001", "1", now), of("kannel", "7", "13800000001", "1", now.Add(time.Hour)), time.Hour, true},
		{"another id", of("kannel", "7", "13800000001", "1", now), of("kannel", "8", "13800000001", "1", now), 0, false},
		{"another gateway", of("kannel", "7", "13800000001", "1", now), of("aliyun", "7", "13800000001", "1", now), 0, false},
		{"no id, and all the same", of("tencent", "", "13800000001", "1", now), of("tencent", "", "13800000001", "1", now), time.Hour, true},
		{"no id, in another zone", of("tencent", "", "13800000001", "1", now), of("tencent", "", "13800000001", "1", now.In(time.FixedZone("CST", 8*3600))), 0, true},
		{"no id, later", of("tencent", "", "13800000001", "1", now), of("tencent", "", "13800000001", "1", now.Add(time.Second)), 0, false},
		{"no id, another number", of("tencent", "", "13800000001", "1", now), of("tencent", "", "13800000002", "1", now), 0, false},
		{"no id, another text", of("tencent", "", "13800000001", "1", now), of("tencent", "", "13800000001", "2", now), 0, false},
		{"no id and no time, in the same minute", of("tencent", "", "13800000001", "1", time.Time{}), of("tencent", "", "13800000001", "1", time.Time{}), 59 * time.Second, true},
		{"no id and no time, in the next minute", of("tencent", "", "13800000001", "1", time.Time{}), of("tencent", "", "13800000001", "1", time.Time{}), time.Minute, false},
		{"fields that run into each other", of("tencent", "", "1", "38", now), of("tencent", "", "13", "8", now), 0, false},
	} {
		if got := c.a.digest(now) == c.b.digest(now.Add(c.later)); got != c.areTheSame {
			t.Errorf("%s: the same is %t", c.what, got)
		}
	}
}

func TestAReplyCancelsOnlyForWhoAskedForThemselfAndForNothingSpecial(t *testing.T) {
	office := &Office{ReplyCancels: []string{"talk"}}
	me := Person{ID: 7}
	with := func(w ContactWish) Person { return Person{ID: 7, Wish: &w} }
	for _, c := range []struct {
		what            string
		service         string
		asker, notified Person
		want            bool
	}{
		{"who never said anything", "talk", me, me, true},
		{"who stopped reminders", "talk", me, with(ContactWish{Text: true, Stopped: true}), true},
		{"a service for which it is off", "family", me, me, false},
		{"a number that nobody proved", "talk", Person{}, me, false},
		{"nobody is told", "talk", Person{}, Person{}, false},
		{"another is told", "talk", me, Person{ID: 8}, false},
		{"no texts", "talk", me, with(ContactWish{}), false},
		{"calls", "talk", me, with(ContactWish{Text: true, Call: true}), false},
		{"a language", "talk", me, with(ContactWish{Text: true, Locale: "en"}), false},
		{"neutral", "talk", me, with(ContactWish{Text: true, Neutral: true}), false},
		{"another number", "talk", me, with(ContactWish{Text: true, Number: NewPrivate("13800000009")}), false},
		{"an address that is not used", "talk", me, with(ContactWish{Text: true, Email: NewPrivate("a@example.com")}), false},
	} {
		a := Appointment{Office: office, Service: Service{Code: c.service}, Asker: c.asker, Notified: c.notified}
		if got := a.cancelsByReply(); got != c.want {
			t.Errorf("%s: a reply cancels: %t", c.what, got)
		}
	}
}
