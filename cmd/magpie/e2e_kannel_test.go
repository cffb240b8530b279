package main_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"magpie/cmd/magpie/e2etest"
	"magpie/cmd/magpie/e2etest/kannel"
)

// carriers are what Kannel is tried over.
var carriers = map[string]kannel.Over{"fakesmsc": kannel.Fake, "SMPP": kannel.SMPP}

// kanneled is a site on MariaDB whose gateway is a real Kannel.
type kanneled struct {
	*testing.T
	site        *e2etest.Site
	kannel      *kannel.Kannel
	server      *e2etest.Server
	desk, chief *e2etest.Client
}

func openKanneled(t *testing.T, over kannel.Over, office e2etest.Office) kanneled {
	t.Helper()
	s := e2etest.NewSite(t, e2etest.MariaDB)
	listen := "127.0.0.1:" + strconv.Itoa(e2etest.FreePort(t))
	k := kannel.Start(t, kannel.Options{Over: over, Hook: "http://" + listen + "/hooks/kannel/" + s.TakeHooks()})
	s.Open(t, office)
	o := kanneled{T: t, site: s, kannel: k, server: s.Serve(t, "MAGPIE_LISTEN="+listen, "MAGPIE_SMS="+k.Setting(), "MAGPIE_SMS_REPLIES=true")}
	o.desk, o.chief = o.server.Staff(t, "desk"), o.server.Staff(t, "chief")
	return o
}

// texts waits until the carrier was given n texts to a number.
func (o kanneled) texts(phone string, n int) []kannel.Message {
	o.Helper()
	return o.kannel.Await(o, n, "texts to one number", func(m kannel.Message) bool { return strings.HasSuffix(m.To, phone) })
}

// told waits until the person of an appointment is told something in the words
// of the preview.
func (o kanneled) told(c e2etest.Caller, kind string, n int) {
	o.Helper()
	var want e2etest.Told
	for _, m := range o.desk.Preview(o, c.Reference) {
		if m.Kind == kind && (want.Kind == "" || m.DueAt.Before(want.DueAt)) {
			want = m
		}
	}
	if got := o.texts(c.Phone, n)[n-1]; got.Text != want.Text || got.Parts != want.Segments || want.Text == "" {
		o.Errorf("the phone shows %q in %d parts, the preview %q in %d", got.Text, got.Parts, want.Text, want.Segments)
	}
}

// received waits until the ledger has a receipt of the first message of a kind.
func (o kanneled) received(c e2etest.Caller, kind, receipt string) e2etest.Entry {
	o.Helper()
	var found e2etest.Entry
	e2etest.Eventually(o, "the receipt of "+kind+" is "+receipt, func() error {
		all := o.desk.About(o, c.Reference, kind)
		slices.SortFunc(all, func(a, b e2etest.Entry) int { return a.DueAt.Compare(b.DueAt) })
		if found = all[0]; found.Receipt != receipt || found.Status != "handed_over" || found.Gateway != "kannel" {
			return fmt.Errorf("it stands as %+v", found)
		}
		return nil
	})
	return found
}

func TestABookingAndAReminderGoThroughARealKannelAndAReplyCancels(t *testing.T) {
	t.Parallel()
	for name, over := range carriers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openKanneled(t, over, e2etest.Office{Rooms: 4, Extra: []string{"reply_cancels: [talk]"}})
			start := e2etest.At(1, 9, 0)
			a, b := o.desk.Books(t, start), o.desk.Books(t, start)
			english := e2etest.Caller{Phone: o.site.NewPhone()}
			english.Appointment = e2etest.As[e2etest.Appointment](t, o.desk.Post(t, e2etest.DeskPath, e2etest.Booking{
				Service: "talk", Start: start, Locale: "en", Parties: []e2etest.Party{{Name: o.site.NewName(), Phone: english.Phone}},
			}), http.StatusCreated)
			for _, c := range []e2etest.Caller{a, b, english} {
				o.told(c, "booked", 1)
				if e := o.received(c, "booked", "delivered"); e.ReceiptAt.IsZero() || e.Reason != "" || e.Segments == 0 {
					t.Errorf("the ledger has %+v", e)
				}
			}
			o.site.Clock.Set(t, start.Add(-24*time.Hour-time.Second))
			for _, c := range []e2etest.Caller{a, b, english} {
				o.told(c, "reminder", 2)
				o.received(c, "reminder", "delivered")
			}
			o.kannel.Reply("+86"+a.Phone, "2")
			e2etest.Eventually(t, "the reply cancels", func() error {
				if got := o.desk.Seen(t, a.Appointment).Status; got != "cancelled" {
					return fmt.Errorf("it is %s", got)
				}
				return nil
			})
			if last := o.texts(a.Phone, 3)[2].Text; !strings.Contains(last, "的预约已取消，编号"+a.Reference) {
				t.Errorf("then the phone shows %q", last)
			}
			for _, c := range []e2etest.Caller{b, english} {
				if got := o.desk.Seen(t, c.Appointment); got.Status != "booked" || !got.ConfirmedAt.IsZero() {
					t.Errorf("another appointment became %+v", got)
				}
			}
			o.received(a, "cancelled", "delivered")
			if n := len(o.kannel.Sent()); n != 7 {
				t.Errorf("the carrier was given %d texts, want 7", n)
			}
			o.strangers(b)
			clean(t, o.site)
		})
	}
}

// strangers call the hook with what must change nothing: straight, as Kannel
// does, and through the proxy.
func (o kanneled) strangers(c e2etest.Caller) {
	o.Helper()
	before, tasks := o.desk.Ledger(o, ""), o.desk.Tasks(o, "call")
	e := o.received(c, "booked", "delivered")
	failure := kannelReceipt(e, "2", "stat:UNDELIV err:034")
	secret := o.site.TakeHooks()
	straight := func(secret string) int {
		response, err := http.Get(o.server.URL + "/hooks/kannel/" + secret + "?" + failure.Query)
		if err != nil {
			o.Fatal(err)
		}
		defer response.Body.Close()
		return response.StatusCode
	}
	if got := straight(strings.ToLower(secret)); got != http.StatusNotFound {
		o.Errorf("with a wrong secret the answer is %d", got)
	}
	if got := straight(secret); got != http.StatusOK {
		o.Errorf("a late receipt is answered %d, and so comes again", got)
	}
	o.server.HookFrom(o, "198.51.100.7", "kannel", secret, failure).Is(o, http.StatusNotFound, "not_found")
	o.server.Hook(o, "kannel", kannelReceipt(e2etest.Entry{ID: "1000000000000"}, "2", "")).Is(o, http.StatusOK, "")
	if diff := cmp.Diff(before, o.desk.Ledger(o, "")) + cmp.Diff(tasks, o.desk.Tasks(o, "call")); diff != "" {
		o.Errorf("the ledger or the list changed (-before +after):\n%s", diff)
	}
}

func TestWhatACarrierCouldNotDeliverStandsInTheLedgerAndTheDeskCalls(t *testing.T) {
	t.Parallel()
	o := openKanneled(t, kannel.SMPP, e2etest.Office{Rooms: 4})
	for reason, f := range map[string]kannel.Failure{
		"UNDELIV:034": {Stat: "UNDELIV", Err: "034"}, "EXPIRED:001": {Stat: "EXPIRED", Err: "001"}, "0x0000000b": {Refuse: 0x0b},
	} {
		f.To = o.site.NewPhone()
		o.kannel.FailNext(f)
		c := o.desk.BooksFor(t, f.To, e2etest.At(1, 9, 0))
		if e := o.received(c, "booked", "failed"); e.Reason != reason || e.ReceiptAt.IsZero() {
			t.Errorf("it stands as %+v, want %s", e, reason)
		}
		tasks := o.desk.Tasks(t, "call")
		if !slices.ContainsFunc(tasks, func(task e2etest.Task) bool {
			return task.Reference == c.Reference && task.Phone == c.Phone && task.Reason == "receipt_failed" && task.Message == "booked"
		}) {
			t.Errorf("the desk is asked %+v", tasks)
		}
	}
	silent := o.site.NewPhone()
	o.kannel.FailNext(kannel.Failure{To: silent, Silent: true})
	c := o.desk.BooksFor(t, silent, e2etest.At(2, 9, 0))
	o.told(c, "booked", 1)
	o.received(c, "booked", "")
	tasks := o.desk.Tasks(t, "call")
	for _, task := range tasks {
		o.desk.Post(t, e2etest.TasksPath+"/"+task.ID+"/done", map[string]string{"outcome": "reached"}).Is(t, http.StatusNoContent, "")
	}
	if left := o.desk.Tasks(t, "call"); len(tasks) != 3 || len(left) != 0 {
		t.Errorf("of %d calls %d are left", len(tasks), len(left))
	}
}

func TestARestartOfKannelLosesNothingAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	o := openKanneled(t, kannel.SMPP, e2etest.Office{Rooms: 12})
	start := e2etest.At(1, 9, 0)
	callers := []e2etest.Caller{o.desk.Books(t, start)}
	o.received(callers[0], "booked", "delivered")

	o.kannel.Kill()
	for range 4 {
		callers = append(callers, o.desk.Books(t, start))
	}
	for _, c := range callers[1:] {
		entry(t, o.desk, c.Reference, "booked", "waits", func(e e2etest.Entry) bool { return e.Attempts > 0 && e.Status == "planned" })
	}
	o.kannel.Up()
	for _, c := range callers {
		o.received(c, "booked", "delivered")
	}

	// What Kannel has taken and the carrier has not is Kannel's to keep.
	o.kannel.CarrierDown()
	for range 2 {
		callers = append(callers, o.desk.Books(t, start))
	}
	for _, c := range callers[5:] {
		handedOver(t, o.desk, c.Reference, "booked")
	}
	o.kannel.Kill()
	o.kannel.CarrierUp()
	o.kannel.Up()
	for _, c := range callers {
		o.received(c, "booked", "delivered")
		if n := len(o.texts(c.Phone, 1)); n != 1 {
			t.Errorf("a phone shows %d texts, want 1", n)
		}
	}
	clean(t, o.site)
}
