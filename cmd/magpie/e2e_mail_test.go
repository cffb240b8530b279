package main_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

// subject is that of every Chinese e-mail.
const subject = "您的时间安排"

func TestEmailsGoBesideTextsThroughARealServerAndAreNotLost(t *testing.T) {
	t.Parallel()
	post := e2etest.StartMailServer(t)
	for scheme, engine := range map[string]e2etest.Engine{"smtp": e2etest.MariaDB, "smtps": e2etest.SQLite} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			o := openMailed(t, post, scheme, engine)
			o.wholeWay()
			o.wishes()
			o.nobodyThere()
			clean(t, o.site)
		})
	}
	t.Run("set up wrongly", func(t *testing.T) {
		t.Parallel()
		setUpWrongly(t, post)
	})
}

// mailed is a site that sends e-mails too.
type mailed struct {
	*testing.T
	site   *e2etest.Site
	server *e2etest.Server
	desk   *e2etest.Client
	post   *e2etest.MailServer
	scheme string
	people int
}

func openMailed(t *testing.T, post *e2etest.MailServer, scheme string, engine e2etest.Engine) *mailed {
	t.Helper()
	s := e2etest.NewSite(t, engine)
	post.Serve(s, scheme)
	s.Open(t, e2etest.Office{Rooms: 8, Extra: []string{"sms_signature_neutral: 安化便民"}})
	o := &mailed{T: t, site: s, server: s.Serve(t), post: post, scheme: scheme}
	o.desk = o.server.Staff(t, "desk")
	return o
}

// person is somebody with a mailbox, who wants to be reached in some way.
func (o *mailed) person(wish map[string]any) (*e2etest.Citizen, string) {
	o.Helper()
	o.people++
	address := fmt.Sprintf("%s.%d@%s", o.scheme, o.people, e2etest.MailDomain)
	if wish["email"] == nil {
		wish["email"] = address
	}
	wish["mail"] = true
	c := o.server.Citizen(o)
	c.Put(o, "/api/v1/contact", wish).Is(o, http.StatusOK, "")
	return c, address
}

// entry waits until the e-mail about a booking stands in the ledger as it should.
func (o *mailed) entry(reference string, should func(e2etest.Entry) bool) e2etest.Entry {
	o.Helper()
	var found e2etest.Entry
	e2etest.Eventually(o, "the e-mail stands in the ledger", func() error {
		all := o.desk.Ledger(o, "&channel=mail&kind=booked&reference="+reference)
		if len(all) != 1 || !should(all[0]) {
			return fmt.Errorf("there is %+v", all)
		}
		found = all[0]
		return nil
	})
	return found
}

// wholeWay is booked, moved, reminded of and cancelled.
func (o *mailed) wholeWay() {
	o.Helper()
	c, address := o.person(map[string]any{})
	a := c.Booked(o, e2etest.At(1, 9, 0))
	text := o.site.Gateway.AwaitText(o, c.Phone, a.Reference, 1).Text
	booked := o.post.Await(o, address, 1)
	o.beside(booked, text)
	o.invites(booked, "REQUEST", a.Start)
	if booked.From != e2etest.MailFrom || booked.FromName != "安化县民政局" || booked.Header.Get("Auto-Submitted") != "auto-generated" {
		o.Errorf("the e-mail is from %s <%s>, %q", booked.FromName, booked.From, booked.Header)
	}
	e := o.entry(a.Reference, func(e e2etest.Entry) bool { return e.Status == "handed_over" })
	if e.Gateway != "mail" || e.GatewayID != booked.ID || e.To != address || e.Segments != 0 {
		o.Errorf("the ledger has %+v, the mailbox %s", e, booked.ID)
	}

	path := "/api/v1/appointments/" + a.Reference
	later := e2etest.At(1, 15, 0)
	c.Post(o, path+"/reschedule", map[string]any{"start": later}).Is(o, http.StatusOK, "")
	text = o.site.Gateway.AwaitText(o, c.Phone, "改到", 1).Text
	moved := o.post.Await(o, address, 2)
	o.beside(moved, text)
	o.invites(moved, "REQUEST", later)
	o.replaces(booked, moved)

	o.site.Clock.Set(o, later.Add(-24*time.Hour-time.Second))
	text = o.site.Gateway.AwaitText(o, c.Phone, "请记得", 1).Text
	reminder := o.post.Await(o, address, 3)
	o.beside(reminder, text)
	if reminder.Invitation != nil || reminder.File != nil {
		o.Errorf("a reminder carries %+v, %+v", reminder.Invitation, reminder.File)
	}

	c.Prove(o)
	c.Post(o, path+"/cancel", nil).Is(o, http.StatusOK, "")
	text = o.site.Gateway.AwaitText(o, c.Phone, "已取消", 1).Text
	cancelled := o.post.Await(o, address, 4)
	o.beside(cancelled, text)
	o.invites(cancelled, "CANCEL", later)
	o.replaces(moved, cancelled)
	if cancelled.Invitation.Status != "CANCELLED" {
		o.Errorf("the entry is %s", cancelled.Invitation.Status)
	}
	if n := len(o.post.To(address)); n != 4 {
		o.Errorf("%d e-mails came, want 4", n)
	}
}

// beside expects of an e-mail the words of the text message, and nothing that
// says more.
func (o *mailed) beside(l e2etest.Letter, text string) {
	o.Helper()
	_, body, _ := strings.Cut(text, "】")
	if strings.TrimSpace(l.Text) != body || l.Subject != subject {
		o.Errorf("the e-mail says %q under %q, the text message %q", l.Text, l.Subject, body)
	}
	whole := fmt.Sprint(l.Subject, l.FromName, l.Text, l.Header, l.Invitation, l.File)
	if l.Invitation != nil {
		whole += l.Invitation.Raw + l.File.Raw
	}
	for _, word := range []string{"婚", "咨询", "counsel", "谈话室", "辅导", "talk", "r01", "沈"} {
		if strings.Contains(whole, word) {
			o.Errorf("the e-mail says %s: %s", word, whole)
		}
	}
	if strings.Contains(strings.ToLower(fmt.Sprint(l.Header)), "magpie") {
		o.Errorf("the head names the program: %v", l.Header)
	}
}

// invites expects the calendar file, for programs and to open, and its method.
func (o *mailed) invites(l e2etest.Letter, method string, start time.Time) {
	o.Helper()
	in := l.Invitation
	if in == nil || l.File == nil || in.Raw != l.File.Raw {
		o.Fatalf("the e-mail carries %+v and %+v", in, l.File)
	}
	if in.Method != method || l.Method != method || !in.Start.Equal(start) || !in.End.Equal(start.Add(time.Hour)) || in.Summary != "预约" {
		o.Errorf("invited by %s to %+v", l.Method, in)
	}
}

// replaces expects the same entry with a higher number.
func (o *mailed) replaces(before, after e2etest.Letter) {
	o.Helper()
	old, now := before.Invitation, after.Invitation
	was, err := strconv.Atoi(old.Sequence)
	is, err2 := strconv.Atoi(now.Sequence)
	if err != nil || err2 != nil || is <= was || old.UID != now.UID || old.UID == "" || before.ID == after.ID {
		o.Errorf("entry %s, %s is followed by %s, %s", old.UID, old.Sequence, now.UID, now.Sequence)
	}
}

// wishes are how people want to be reached: in words as from an acquaintance,
// in English, and by e-mail alone.
func (o *mailed) wishes() {
	o.Helper()
	start := e2etest.At(2, 9, 0)
	c, address := o.person(map[string]any{"neutral": true})
	a := c.Booked(o, start)
	quiet := o.post.Await(o, address, 1)
	if quiet.FromName != "安化便民" || !strings.Contains(quiet.Text, "已为您留好") || strings.Contains(quiet.Text, "预约") || quiet.Subject != subject {
		o.Errorf("neutral it is from %s, under %s: %s", quiet.FromName, quiet.Subject, quiet.Text)
	}
	o.beside(quiet, o.site.Gateway.AwaitText(o, c.Phone, a.Reference, 1).Text)

	c, address = o.person(map[string]any{"locale": "en"})
	c.Booked(o, start)
	if english := o.post.Await(o, address, 1); english.Subject != "Your scheduled time" || english.Invitation.Summary != "Appointment" || !strings.HasPrefix(english.Text, "Hello, you are booked for Wed") {
		o.Errorf("in English it says %q under %q, %s", english.Text, english.Subject, english.Invitation.Summary)
	}

	c, address = o.person(map[string]any{"text": false})
	a = c.Booked(o, start)
	o.post.Await(o, address, 1)
	for _, e := range o.desk.About(o, a.Reference, "booked") {
		if e.Channel == "sms" && (e.Status != "suppressed" || e.Rule != "no_text") || e.Channel == "call" {
			o.Errorf("without texts the ledger has %+v", e)
		}
	}
	if calls := o.site.Gateway.Where(func(call e2etest.Call) bool { return call.To == c.Phone && strings.Contains(call.Text, a.Reference) }); len(calls) > 0 {
		o.Errorf("who wants no texts got %+v", calls)
	}
}

// nobodyThere is an address that the mail server knows nobody of: the text goes
// beside it, so that nobody need call.
func (o *mailed) nobodyThere() {
	o.Helper()
	c, _ := o.person(map[string]any{"email": "nobody@" + e2etest.MailDomain})
	a := c.Booked(o, e2etest.At(2, 10, 30))
	o.site.Gateway.AwaitText(o, c.Phone, a.Reference, 1)
	if e := o.entry(a.Reference, func(e e2etest.Entry) bool { return e.Status == "failed" }); !strings.Contains(e.Detail, "wrong_number") {
		o.Errorf("the ledger has %+v", e)
	}
	if tasks := o.desk.Tasks(o, "call"); len(tasks) > 0 {
		o.Errorf("the desk is to call %+v", tasks)
	}
}

// setUpWrongly is a server that is not trusted, and then a password that is
// another: the e-mail waits, and goes once, when it is mended.
func setUpWrongly(t *testing.T, post *e2etest.MailServer) {
	t.Helper()
	s := e2etest.NewSite(t, e2etest.SQLite)
	post.Serve(s, "smtp")
	s.Open(t, e2etest.Office{})
	server := s.Serve(t, "MAGPIE_MAIL_CA="+s.AnotherCA(t))
	o := &mailed{T: t, site: s, server: server, desk: server.Staff(t, "desk"), post: post, scheme: "wrong"}
	c, address := o.person(map[string]any{})
	a := c.Booked(t, e2etest.At(1, 9, 0))
	o.waits(a.Reference, "certificate")
	s.Gateway.AwaitText(t, c.Phone, a.Reference, 1)

	server.Terminate(t, syscall.SIGTERM)
	const wrong = "Himbeere-0000-Kalk"
	s.Keep("a wrong password", wrong)
	server = s.Serve(t, "MAGPIE_MAIL="+post.SettingAs("smtp", wrong))
	o.server, o.desk = server, server.Staff(t, "desk")
	o.waits(a.Reference, "535")

	server.Terminate(t, syscall.SIGTERM)
	if n := len(post.To(address)); n != 0 {
		t.Errorf("meanwhile %d e-mails came", n)
	}
	server = s.Serve(t)
	post.Await(t, address, 1)
	if got := server.Warnings(t); len(got) > 0 {
		t.Errorf("at last /readyz warns of %q", got)
	}
	if n := len(post.To(address)); n != 1 {
		t.Errorf("%d e-mails came, want 1", n)
	}
	if n := len(s.Gateway.Where(func(call e2etest.Call) bool { return strings.Contains(call.Text, a.Reference) })); n != 1 {
		t.Errorf("beside it %d text messages came, want 1", n)
	}
}

// waits expects the e-mail to be planned again, because of something that
// somebody must mend.
func (o *mailed) waits(reference, why string) {
	o.Helper()
	o.entry(reference, func(e e2etest.Entry) bool {
		return (e.Status == "planned" || e.Status == "claimed") && strings.Contains(e.Detail, "set_up") && strings.Contains(e.Detail, why)
	})
	if !warning(o, o.server, "gateway mail: somebody must act: set_up") {
		o.Errorf("/readyz warns of %q", o.server.Warnings(o))
	}
}
