package main_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"magpie/cmd/magpie/e2etest"
)

// approved are an office's texts with their approval codes at both clouds; one
// for a move is not among them, and so has none.
var approved = []string{
	"reply_cancels: [talk]",
	"texts:",
	"  templates:",
	`    - {kind: booked, locale: zh, body: "您好，{start}已为您约好，编号{reference}。改期或取消请致电{phone}。", codes: {aliyun: SMS_1001, tencent: "1001"}}`,
	`    - {kind: cancelled, locale: zh, body: "您好，{start}的预约已取消，编号{reference}。再约请致电{phone}。", codes: {aliyun: SMS_1002, tencent: "1002"}}`,
	`    - {kind: reminder, locale: zh, body: "您好，请记得{start}的预约，编号{reference}。[1:能来请回复1，]不能来请[2:回复2或]致电{phone}。", ` +
		`codes: {aliyun: SMS_1003, "aliyun+2": SMS_1004, tencent: "1003", "tencent+2": "1004"}}`,
}

// vendored is a site whose first gateway is a vendor's.
type vendored struct {
	*testing.T
	site        *e2etest.Site
	vendor      *e2etest.Vendor
	server      *e2etest.Server
	desk, chief *e2etest.Client
}

// vendors are those there are, each with the engine on which it is tried.
var vendors = map[string]e2etest.Engine{
	e2etest.Aliyun: e2etest.MariaDB, e2etest.Tencent: e2etest.SQLite, e2etest.MAS: e2etest.MariaDB, e2etest.Webhook: e2etest.SQLite,
}

// withEachVendor runs a test for each vendor, beside the others.
func withEachVendor(t *testing.T, test func(v vendored)) {
	t.Helper()
	t.Parallel()
	for kind, engine := range vendors {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(openVendored(t, kind, engine))
		})
	}
}

func openVendored(t *testing.T, kind string, engine e2etest.Engine, settings ...string) vendored {
	t.Helper()
	s := e2etest.NewSite(t, engine)
	s.TakeHooks()
	v := vendored{T: t, site: s, vendor: e2etest.NewVendor(t, s, kind)}
	s.Open(t, e2etest.Office{Rooms: 12, Extra: approved})
	v.server = s.Serve(t, append([]string{"MAGPIE_SMS=" + v.vendor.Setting(), "MAGPIE_SMS_REPLIES=true"}, settings...)...)
	v.desk, v.chief = v.server.Staff(t, "desk"), v.server.Staff(t, "chief")
	return v
}

// entry waits until the only message of a kind about an appointment is as it
// should be.
func entry(t *testing.T, desk *e2etest.Client, reference, kind, what string, should func(e2etest.Entry) bool) e2etest.Entry {
	t.Helper()
	var found e2etest.Entry
	e2etest.Eventually(t, "the message "+kind+" "+what, func() error {
		found = theOnly(t, desk.About(t, reference, kind))
		if !should(found) {
			return fmt.Errorf("it is %+v", found)
		}
		return nil
	})
	return found
}

func inStatus(status string) func(e2etest.Entry) bool {
	return func(e e2etest.Entry) bool { return e.Status == status }
}

func handedOver(t *testing.T, desk *e2etest.Client, reference, kind string) e2etest.Entry {
	t.Helper()
	return entry(t, desk, reference, kind, "is handed over", inStatus("handed_over"))
}

// shows is the text that the phone shows: the vendor puts the signature before
// it, and fills the template that was registered under the code.
func (v vendored) shows(kind string, s e2etest.Sent) string {
	v.Helper()
	const signature = "【安化县民政局】"
	if s.Template == "" {
		return signature + s.Text
	}
	type text struct {
		Kind, Locale    string
		Neutral         bool
		Codes, Register map[string]string
	}
	for _, one := range e2etest.All[text](v, v.chief, e2etest.TextsPath) {
		for form, code := range one.Codes {
			if one.Kind != kind || one.Locale != "zh" || one.Neutral || code != s.Template || !strings.HasPrefix(form, v.vendor.Kind) {
				continue
			}
			shown := one.Register[form]
			for name, value := range s.Params {
				shown = strings.NewReplacer("${"+name+"}", value, "{"+name+"}", value).Replace(shown)
			}
			return signature + shown
		}
	}
	v.Errorf("the code %s is not registered for %s", s.Template, kind)
	return ""
}

// previewed is the text of a kind that the desk was shown.
func (v vendored) previewed(reference, kind string) string {
	v.Helper()
	for _, told := range v.desk.Preview(v, reference) {
		if told.Kind == kind {
			return told.Text
		}
	}
	v.Fatalf("the preview of %s has no %s", reference, kind)
	return ""
}

func TestABookingGoesOutByEachVendorAndWhatTheVendorPushesStandsInTheLedger(t *testing.T) {
	withEachVendor(t, func(v vendored) {
		a, b := v.desk.Books(v, e2etest.At(1, 9, 0)), v.desk.Books(v, e2etest.At(1, 9, 0))
		sent := v.vendor.Await(v, a.Phone, 1)
		if got, want := v.shows("booked", sent), v.previewed(a.Reference, "booked"); got != want || !strings.Contains(want, "3月3日（周二）上午9:00已为您约好，编号"+a.Reference) {
			v.Errorf("the phone shows %q, the preview %q", got, want)
		}
		e := handedOver(v.T, v.desk, a.Reference, "booked")
		if e.Gateway != v.vendor.Kind || e.GatewayID != sent.GatewayID || e.To != a.Phone || e.Segments != 1 || e.Attempts != 1 || e.Receipt != "" {
			v.Errorf("handed over it stands as %+v", e)
		}

		// The first receipt counts, however often and in whatever order they come.
		other := v.vendor.Await(v, b.Phone, 1)
		handedOver(v.T, v.desk, b.Reference, "booked")
		for range 2 {
			v.vendor.Deliver(v, v.server, sent)
			v.vendor.Fail(v, v.server, other, "MK:0001")
		}
		v.vendor.Fail(v, v.server, sent, "MK:0002")
		v.vendor.Deliver(v, v.server, other)
		if e := theOnly(v.T, v.desk.About(v, a.Reference, "booked")); e.Receipt != "delivered" || e.Reason != "" || e.ReceiptAt.IsZero() {
			v.Errorf("delivered it stands as %+v", e)
		}
		if e := theOnly(v.T, v.desk.About(v, b.Reference, "booked")); e.Receipt != "failed" || e.Reason != "MK:0001" || e.Status != "handed_over" {
			v.Errorf("failed it stands as %+v", e)
		}
		task := theOnly(v.T, v.desk.Tasks(v, "call"))
		if task.Reference != b.Reference || task.Phone != b.Phone || task.Name != b.Name || task.Message != "booked" || task.Reason != "receipt_failed" {
			v.Errorf("the desk is asked %+v", task)
		}

		v.replies(a, b)
		v.harmless(sent)
		clean(v.T, v.site)
	})
}

// replies has one of two answer their reminders, and the other not.
func (v vendored) replies(a, b e2etest.Caller) {
	v.Helper()
	want := v.previewed(a.Reference, "reminder")
	v.site.Clock.Set(v, e2etest.At(0, 9, 0).Add(-time.Second))
	reminder := v.vendor.Await(v, a.Phone, 2)
	if got := v.shows("reminder", reminder); got != want || !strings.Contains(got, "回复1") || !strings.Contains(got, "回复2") {
		v.Errorf("the phone shows %q, the preview %q", got, want)
	}
	v.vendor.Await(v, b.Phone, 2)
	v.awaitReminders(a, b)
	reply := v.vendor.Reply(a.Phone, " 2 ", "4711")
	for range 2 {
		v.vendor.Push(v, v.server, reply)
	}
	if got := v.desk.Seen(v, a.Appointment).Status; got != "cancelled" {
		v.Errorf("after the reply 2 it is %s", got)
	}
	if got := v.desk.Seen(v, b.Appointment); got.Status != "booked" || !got.ConfirmedAt.IsZero() {
		v.Errorf("the other appointment became %+v", got)
	}
	if task := theOnly(v.T, v.desk.Tasks(v, "given_up")); task.Reference != a.Reference {
		v.Errorf("the desk is told %+v", task)
	}
	if last := v.vendor.Await(v, a.Phone, 3); !strings.Contains(v.shows("cancelled", last), "已取消") {
		v.Errorf("after the reply the phone shows %q", v.shows("cancelled", last))
	}
	handedOver(v.T, v.desk, a.Reference, "cancelled")
}

// awaitReminders waits until the ledger has the day's reminders as handed over.
func (v vendored) awaitReminders(all ...e2etest.Caller) {
	v.Helper()
	for _, c := range all {
		e2etest.Eventually(v, "the reminder is handed over", func() error {
			for _, e := range v.desk.About(v, c.Reference, "reminder") {
				if e.LeadMinutes == 24*60 && e.Status == "handed_over" {
					return nil
				}
			}
			return errors.New("it is not")
		})
	}
}

// harmless calls the hook with what must change nothing.
func (v vendored) harmless(s e2etest.Sent) {
	v.Helper()
	before := v.desk.Ledger(v, "")
	stranger := e2etest.Sent{To: v.site.NewPhone(), ID: "1000000000000", GatewayID: "71000000000000^0"}
	v.vendor.Deliver(v, v.server, stranger)
	v.vendor.Fail(v, v.server, stranger, "MK:0003")
	failure := v.vendor.Receipt(s, "MK:0004")
	for what, p := range map[string]e2etest.Push{
		"nothing":           {Method: http.MethodPost},
		"another's push":    {Method: http.MethodPost, Body: []byte(`[{"colour":"red"}]`), Header: failure.Header},
		"a half":            {Method: http.MethodPost, Body: failure.Body[:len(failure.Body)-1], Header: failure.Header},
		"no push but a GET": {Method: http.MethodGet, Query: "id=1&type=1"},
	} {
		if a := v.server.Hook(v, v.vendor.Kind, p); a.Status != http.StatusBadRequest || len(a.Body) > 0 {
			v.Errorf("%s is answered %s", what, a)
		}
	}
	secret := v.site.TakeHooks()
	for what, a := range map[string]e2etest.Answer{
		"a wrong secret":     v.server.HookFrom(v, e2etest.VendorAddress, v.vendor.Kind, secret[1:]+"x", failure),
		"an unlisted sender": v.server.HookFrom(v, "198.51.100.7", v.vendor.Kind, secret, failure),
		"another gateway":    v.server.HookFrom(v, e2etest.VendorAddress, "kannel", secret, failure),
	} {
		if a.Status != http.StatusNotFound || a.Code() != "not_found" {
			v.Errorf("%s is answered %s", what, a)
		}
	}
	if diff := cmp.Diff(before, v.desk.Ledger(v, "")); diff != "" {
		v.Errorf("the ledger changed (-before +after):\n%s", diff)
	}
}

// said are the answers with which each vendor is tried, one of each class.
var said = map[string]map[string]string{
	e2etest.Aliyun: {
		"retry_later": "isp.SYSTEM_ERROR", "wrong_number": "isv.MOBILE_NUMBER_ILLEGAL", "set_up": "isv.SMS_TEMPLATE_ILLEGAL",
		"no_money": "isv.AMOUNT_NOT_ENOUGH", "content": "isv.SMS_CONTENT_ILLEGAL", "uncertain": "isp.GATEWAY_ERROR",
	},
	e2etest.Tencent: {
		"retry_later": "RequestLimitExceeded", "wrong_number": "InvalidParameterValue.IncorrectPhoneNumber", "set_up": "AuthFailure.SignatureFailure",
		"no_money": "FailedOperation.InsufficientBalanceInSmsPackage", "content": "FailedOperation.ContainSensitiveWord", "uncertain": "InternalError.Timeout",
	},
	e2etest.MAS: {
		"retry_later": "SystemBusy", "wrong_number": "InvalidMobile", "set_up": "IllegalSignId", "no_money": "OverDailyMax", "uncertain": e2etest.Breaks,
	},
	e2etest.Webhook: {
		"retry_later": "retry_later", "wrong_number": "wrong_number", "set_up": "set_up", "no_money": "no_money", "content": "content", "uncertain": e2etest.Breaks,
	},
}

func TestEachClassOfAnswerOfEachVendorStandsInTheLedgerWithWhatWasDone(t *testing.T) {
	withEachVendor(t, func(v vendored) {
		for _, class := range []string{"wrong_number", "content"} {
			if code := said[v.vendor.Kind][class]; code != "" {
				v.refusedForGood(class, code)
			}
		}
		for _, class := range []string{"retry_later", "set_up", "no_money"} {
			v.triedAgain(class, said[v.vendor.Kind][class])
		}
		v.doubtful(said[v.vendor.Kind]["uncertain"])
		switch v.vendor.Kind {
		case e2etest.Aliyun:
			v.leftAlone("isv.BUSINESS_LIMIT_CONTROL 触发分钟级流控Permits:1", time.Minute)
			v.withoutApproval()
		case e2etest.Tencent:
			v.leftAlone("LimitExceeded.PhoneNumberThirtySecondLimit", 30*time.Second)
			v.withoutApproval()
		}
		clean(v.T, v.site)
	})
}

// refusing books for somebody whose messages the vendor refuses.
func (v vendored) refusing(code string) e2etest.Caller {
	v.Helper()
	phone := v.site.NewPhone()
	v.vendor.Say(phone, code)
	return v.desk.BooksFor(v, phone, e2etest.At(1, 9, 0))
}

// refusedForGood is a message that nobody tries again: the desk calls.
func (v vendored) refusedForGood(class, code string) {
	v.Helper()
	c := v.refusing(code)
	e := entry(v.T, v.desk, c.Reference, "booked", "has failed", inStatus("failed"))
	if e.Attempts != 1 || !strings.Contains(e.Detail, class) || e.Segments != 0 || len(v.vendor.Sent(c.Phone)) != 1 {
		v.Errorf("%s: %+v, asked %d times", class, e, len(v.vendor.Sent(c.Phone)))
	}
	tasks := v.desk.Tasks(v, "call")
	if i := slices.IndexFunc(tasks, func(t e2etest.Task) bool { return t.Reference == c.Reference }); i < 0 || tasks[i].Reason != "failed" || tasks[i].Phone != c.Phone {
		v.Errorf("%s: the desk is asked %+v", class, tasks)
	}
}

// triedAgain is a message that waits until the vendor takes it. What only a
// human can mend stands in /readyz until it is mended.
func (v vendored) triedAgain(class, code string) {
	v.Helper()
	c := v.refusing(code)
	e := entry(v.T, v.desk, c.Reference, "booked", "waits for another try", func(e e2etest.Entry) bool { return e.Attempts > 0 && e.Detail != "" })
	if !strings.Contains(e.Detail, class) || e.Status != "planned" && e.Status != "claimed" {
		v.Errorf("%s: meanwhile it stands as %+v", class, e)
	}
	warned := warning(v, v.server, "gateway "+v.vendor.Kind+": somebody must act: "+class)
	if (class != "retry_later") != warned {
		v.Errorf("%s: /readyz warns of %q", class, v.server.Warnings(v))
	}
	v.vendor.Say(c.Phone, "")
	if e := handedOver(v.T, v.desk, c.Reference, "booked"); e.Attempts < 2 {
		v.Errorf("%s: handed over it stands as %+v", class, e)
	}
	if warning(v, v.server, "somebody must act") {
		v.Errorf("%s: afterwards /readyz still warns of %q", class, v.server.Warnings(v))
	}
	v.takenOnce(c.Phone)
}

// warning says whether /readyz tells of something.
func warning(t testing.TB, server *e2etest.Server, what string) bool {
	t.Helper()
	return slices.ContainsFunc(server.Warnings(t), func(w string) bool { return strings.Contains(w, what) })
}

func (v vendored) takenOnce(phone string) {
	v.Helper()
	taken := slices.DeleteFunc(v.vendor.Sent(phone), func(s e2etest.Sent) bool { return !s.Taken() })
	if len(taken) != 1 {
		v.Errorf("the vendor took %d messages to one number, want 1", len(taken))
	}
}

// doubtful is a message that the vendor may have taken: it is not tried again,
// a receipt settles one, and a director the other.
func (v vendored) doubtful(code string) {
	v.Helper()
	first, second := v.refusing(code), v.refusing(code)
	var unknown []e2etest.Entry
	for _, c := range []e2etest.Caller{first, second} {
		unknown = append(unknown, entry(v.T, v.desk, c.Reference, "booked", "is unknown", inStatus("unknown")))
	}
	path := e2etest.LedgerPath + "/" + unknown[0].ID + "/resolve"
	v.desk.Post(v, path, map[string]string{"outcome": "sent"}).Is(v, http.StatusForbidden, "forbidden")
	v.chief.Post(v, path, map[string]string{"outcome": "sent"}).Is(v, http.StatusNoContent, "")
	v.chief.Post(v, path, map[string]string{"outcome": "sent"}).Is(v, http.StatusConflict, "wrong_state")
	if e := theOnly(v.T, v.desk.About(v, first.Reference, "booked")); e.Status != "handed_over" || e.Rule != "resolved_sent" {
		v.Errorf("settled by a director it stands as %+v", e)
	}
	if v.vendor.Kind == e2etest.Aliyun || v.vendor.Kind == e2etest.Webhook { // they are told our own number
		v.vendor.Deliver(v, v.server, v.vendor.Sent(second.Phone)[0])
		if e := theOnly(v.T, v.desk.About(v, second.Reference, "booked")); e.Status != "handed_over" || e.Receipt != "delivered" {
			v.Errorf("settled by its receipt it stands as %+v", e)
		}
	}
	for _, c := range []e2etest.Caller{first, second} {
		if n := len(v.vendor.Sent(c.Phone)); n != 1 {
			v.Errorf("a doubtful message was handed over %d times", n)
		}
	}
}

// leftAlone is a number that the vendor takes no message to for a while, which
// is nothing against the vendor.
func (v vendored) leftAlone(code string, wait time.Duration) {
	v.Helper()
	c := v.refusing(code)
	e := entry(v.T, v.desk, c.Reference, "booked", "waits", func(e e2etest.Entry) bool { return e.Status == "planned" && e.Attempts == 1 })
	other := v.desk.Books(v, e2etest.At(1, 10, 30))
	handedOver(v.T, v.desk, other.Reference, "booked")
	v.vendor.Say(c.Phone, "")
	v.site.Clock.Set(v, v.site.Clock.Now().Add(wait-10*time.Second))
	another := v.desk.Books(v, e2etest.At(1, 10, 30))
	handedOver(v.T, v.desk, another.Reference, "booked")
	if n := len(v.vendor.Sent(c.Phone)); n != 1 || !strings.Contains(e.Detail, "retry_later") {
		v.Errorf("before its time the number was tried %d times, and stood as %+v", n, e)
	}
	v.site.Clock.Set(v, v.site.Clock.Now().Add(12*time.Second))
	handedOver(v.T, v.desk, c.Reference, "booked")
	v.takenOnce(c.Phone)
}

// withoutApproval is a text that has no code at the vendor: the vendor is not
// asked, and somebody must act.
func (v vendored) withoutApproval() {
	v.Helper()
	c := v.desk.Books(v, e2etest.At(2, 9, 0))
	handedOver(v.T, v.desk, c.Reference, "booked")
	v.desk.Post(v, "/api/v1/staff/appointments/"+c.Reference+"/reschedule", map[string]any{"start": e2etest.At(2, 10, 30)}).Is(v, http.StatusOK, "")
	entry(v.T, v.desk, c.Reference, "moved", "waits for an approval", func(e e2etest.Entry) bool {
		return e.Attempts > 0 && strings.Contains(e.Detail, "no approved template code")
	})
	if n := len(v.vendor.Sent(c.Phone)); n != 1 || !warning(v, v.server, "somebody must act: set_up: no approved template code") {
		v.Errorf("the vendor was asked %d times, /readyz warns of %q", n, v.server.Warnings(v))
	}
}
