package main_test

import (
	"errors"
	"fmt"
	"net/http"
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
