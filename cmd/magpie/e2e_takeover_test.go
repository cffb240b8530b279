package main_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

func TestASecondGatewayTakesOverFromAFirstInTroubleAndGivesBackByItself(t *testing.T) {
	t.Parallel()
	o := openPair(t)
	o.onePersonAtATime()
	o.firstIsDown()
	o.firstHasBadReceipts()
	o.secondIsPreferred()
	o.nobodyGotAMessageTwice()
	clean(t, o.site)
}

// pair is a site with two gateways: Alibaba's cloud, and behind it one that
// speaks Kannel's sendsms.
type pair struct {
	vendored
	start   time.Time
	callers []e2etest.Caller
}

func openPair(t *testing.T) *pair {
	t.Helper()
	s := e2etest.NewSite(t, e2etest.MariaDB)
	s.TakeHooks()
	o := &pair{vendored: vendored{T: t, site: s, vendor: e2etest.NewVendor(t, s, e2etest.Aliyun)}, start: e2etest.At(3, 9, 0)}
	class := []e2etest.Service{{Places: 500, MaxParties: 1}}
	s.Open(t, e2etest.Office{Rooms: 1, Seats: 500, Services: class, Extra: approved},
		e2etest.Office{Code: "taojiang", Rooms: 1, Seats: 500, Services: class, Extra: []string{"gateway: kannel"}})
	o.server = s.Serve(t, "MAGPIE_SMS="+o.vendor.Setting(), "MAGPIE_SMS_SECOND="+s.Gateway.Setting())
	o.desk = o.server.Staff(t, "desk")
	return o
}

// books books for somebody to whose messages the first gateway says something.
func (o *pair) books(code string) e2etest.Caller {
	o.Helper()
	phone := o.site.NewPhone()
	if code != "" {
		o.vendor.Say(phone, code)
	}
	c := o.desk.BooksFor(o, phone, o.start)
	o.callers = append(o.callers, c)
	return c
}

// by is the gateway that took the message about a booking.
func (o *pair) by(c e2etest.Caller) string {
	o.Helper()
	return handedOver(o.T, o.desk, c.Reference, "booked").Gateway
}

// taken counts the messages to a number that either gateway took.
func (o *pair) taken(phone string) (first, second int) {
	for _, s := range o.vendor.Sent(phone) {
		if s.Taken() {
			first++
		}
	}
	return first, len(o.site.Gateway.To(phone))
}

// onePersonAtATime is what becomes of one message that the first gateway
// refuses: the second is asked only if another gateway may do better and the
// first surely has nothing.
func (o *pair) onePersonAtATime() {
	o.Helper()
	if got := o.by(o.books("")); got != "aliyun" {
		o.Errorf("while both are well, the message goes by %s", got)
	}
	for _, class := range []string{"retry_later", "set_up", "no_money"} {
		c := o.books(said[e2etest.Aliyun][class])
		if e := handedOver(o.T, o.desk, c.Reference, "booked"); e.Gateway != "kannel" || e.Attempts != 1 {
			o.Errorf("%s: it stands as %+v", class, e)
		}
		if class == "set_up" && !warning(o, o.server, "gateway aliyun: somebody must act: set_up") {
			o.Errorf("/readyz warns of %q", o.server.Warnings(o))
		}
		o.by(o.books(""))
	}
	for class, status := range map[string]string{"wrong_number": "failed", "content": "failed", "uncertain": "unknown"} {
		c := o.books(said[e2etest.Aliyun][class])
		entry(o.T, o.desk, c.Reference, "booked", "is "+status, inStatus(status))
		if first, second := o.taken(c.Phone); first+second > 0 {
			o.Errorf("%s: the first took %d and the second %d", class, first, second)
		}
	}
	if got := o.by(o.books("")); got != "aliyun" {
		o.Errorf("after single refusals the message goes by %s", got)
	}
}

// firstIsDown closes the first gateway and opens it again.
func (o *pair) firstIsDown() {
	o.Helper()
	o.vendor.Down()
	for range 8 {
		if got := o.by(o.books("")); got != "kannel" {
			o.Errorf("while the first is down, the message goes by %s", got)
		}
	}
	if !warning(o, o.server, "gateway aliyun: ") {
		o.Errorf("while the first is down, /readyz warns of %q", o.server.Warnings(o))
	}
	o.vendor.Up()
	o.eventuallyBy("aliyun")
	if got := o.server.Warnings(o); len(got) > 0 {
		o.Errorf("when the first is back, /readyz warns of %q", got)
	}
}

// eventuallyBy books, at a moderate pace, until a message goes by a gateway;
// the next one goes there as well.
func (o *pair) eventuallyBy(gateway string) {
	o.Helper()
	pace := time.NewTicker(250 * time.Millisecond)
	defer pace.Stop()
	e2etest.Eventually(o, "messages go by "+gateway, func() error {
		<-pace.C
		if got := o.by(o.books("")); got != gateway {
			return fmt.Errorf("they go by %s", got)
		}
		return nil
	})
	if got := o.by(o.books("")); got != gateway {
		o.Errorf("the one after goes by %s", got)
	}
}

// firstHasBadReceipts has the first gateway take messages that then fail: the
// second takes over for a quarter of an hour.
func (o *pair) firstHasBadReceipts() {
	o.Helper()
	var reports []json.RawMessage
	for range 24 {
		c := o.books("")
		o.by(c)
		var report []json.RawMessage
		if err := json.Unmarshal(o.vendor.Receipt(o.vendor.Await(o, c.Phone, 1), "MOBILE_NOT_ON_SERVICE").Body, &report); err != nil {
			o.Fatal(err)
		}
		reports = append(reports, report...)
	}
	body, err := json.Marshal(reports)
	if err != nil {
		o.Fatal(err)
	}
	o.vendor.Push(o, o.server, e2etest.Push{Method: "POST", Body: body})
	o.eventuallyBy("kannel")
	if !warning(o, o.server, "gateway aliyun: too many of its receipts are failures") {
		o.Errorf("/readyz warns of %q", o.server.Warnings(o))
	}
	o.site.Clock.Set(o, o.site.Clock.Now().Add(17*time.Minute))
	o.eventuallyBy("aliyun")
}

// secondIsPreferred is an office that wants the second gateway first.
func (o *pair) secondIsPreferred() {
	o.Helper()
	desk, phone := o.server.StaffOf(o, "taojiang", "desk"), o.site.NewPhone()
	body := e2etest.Booking{Service: "talk", Start: o.start, Parties: []e2etest.Party{{Name: o.site.NewName(), Phone: phone}}}
	desk.Post(o, strings.Replace(e2etest.DeskPath, "anhua", "taojiang", 1), body).Is(o, 201, "")
	o.site.Gateway.AwaitText(o, phone, "已为您约好", 1)
	if n := len(o.vendor.Sent(phone)); n > 0 {
		o.Errorf("the first gateway was asked %d times", n)
	}
}

// nobodyGotAMessageTwice counts what both gateways took.
func (o *pair) nobodyGotAMessageTwice() {
	o.Helper()
	byFirst, bySecond := 0, 0
	for _, c := range o.callers {
		first, second := o.taken(c.Phone)
		byFirst, bySecond = byFirst+first, bySecond+second
		e := theOnly(o.T, o.desk.About(o, c.Reference, "booked"))
		if want := map[bool]int{true: 1, false: 0}[e.Status == "handed_over"]; first+second != want {
			o.Errorf("of a message that is %s the first took %d and the second %d", e.Status, first, second)
		}
	}
	o.Logf("of %d messages the first took %d and the second %d", len(o.callers), byFirst, bySecond)
}
