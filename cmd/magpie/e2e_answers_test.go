package main_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

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
