package main

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"testing"

	"magpie/api/rest"
	"magpie/notify/sms"
	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

// told is what a gateway under test tells.
type told struct {
	push sms.Push
	err  error
}

func (t told) ReadPush(sms.PushRequest) (sms.Push, error) { return t.push, t.err }

// taken keeps what was written, or refuses it.
type taken struct {
	receipts map[string][]store.DeliveryReceipt
	replies  []scheduling.InboundReply
	err      error
}

func (t *taken) TakeReceipts(_ context.Context, gateway string, receipts []store.DeliveryReceipt) error {
	if t.err != nil {
		return t.err
	}
	t.receipts[gateway] = append(t.receipts[gateway], receipts...)
	return nil
}

func (t *taken) Reply(_ context.Context, r scheduling.InboundReply) error {
	if t.err != nil {
		return t.err
	}
	t.replies = append(t.replies, r)
	return nil
}

const hookSecret = "a-secret-of-24-letters-or-more"

func hooksOver(t told, err error) (*hooks, *taken) {
	into := &taken{receipts: make(map[string][]store.DeliveryReceipt), err: err}
	return &hooks{
		secret: hookSecret, senders: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("::1/128")},
		pushers: map[string]sms.Pusher{"kannel": t}, receipts: newReceiptWriter(into), replies: into,
	}, into
}

func push(change func(*rest.Push)) rest.Push {
	p := rest.Push{Gateway: "kannel", Secret: hookSecret, Method: http.MethodGet, Query: url.Values{}, From: netip.MustParseAddr("203.0.113.9")}
	change(&p)
	return p
}

var toldAll = told{push: sms.Push{
	Receipts: []sms.Receipt{
		{ID: "7", Delivered: true, Reason: "DELIVRD"}, {GatewayID: "g-1", Reason: "UNDELIV"}, {ID: "nobody's"}, {ID: "-3"},
	},
	Replies: []sms.Reply{{ID: "r", From: "13800138000", Text: "1"}},
	Answer:  sms.Answer{Status: http.StatusOK, ContentType: "text/plain", Body: "OK"},
}}

func TestAGatewaysCallIsWrittenAndAnsweredAsItWants(t *testing.T) {
	h, into := hooksOver(toldAll, nil)
	for _, from := range []string{"203.0.113.9", "::ffff:203.0.113.9", "::1"} {
		into.receipts, into.replies = make(map[string][]store.DeliveryReceipt), nil
		got, err := h.Take(t.Context(), push(func(p *rest.Push) { p.From = netip.MustParseAddr(from) }))
		if err != nil || got.Status != http.StatusOK || string(got.Body) != "OK" || got.ContentType != "text/plain" {
			t.Fatalf("from %s answered %+v, %v", from, got, err)
		}
		want := []store.DeliveryReceipt{{MessageID: 7, Receipt: messages.ReceiptDelivered}, {GatewayID: "g-1", Receipt: messages.ReceiptFailed, Reason: "UNDELIV"}}
		if got := into.receipts["kannel"]; len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("written: %+v, want %+v", got, want)
		}
		if len(into.replies) != 1 || into.replies[0].From.Reveal() != "13800138000" || into.replies[0].Gateway != "kannel" {
			t.Errorf("%d replies were taken", len(into.replies))
		}
	}
}

func TestWhoIsNotTheGatewayFindsNothingAndWritesNothing(t *testing.T) {
	for name, change := range map[string]func(*rest.Push){
		"another secret":  func(p *rest.Push) { p.Secret = hookSecret[:len(hookSecret)-1] },
		"no secret":       func(p *rest.Push) { p.Secret = "" },
		"another gateway": func(p *rest.Push) { p.Gateway = "aliyun" },
		"another sender":  func(p *rest.Push) { p.From = netip.MustParseAddr("198.51.100.1") },
		"nobody":          func(p *rest.Push) { p.From = netip.Addr{} },
	} {
		h, into := hooksOver(toldAll, nil)
		_, err := h.Take(t.Context(), push(change))
		if scheduling.CodeOf(err) != scheduling.CodeNotFound || len(into.receipts)+len(into.replies) > 0 {
			t.Errorf("%s: %v, %d written", name, err, len(into.receipts)+len(into.replies))
		}
	}
	h, _ := hooksOver(toldAll, nil)
	h.secret = ""
	if _, err := h.Take(t.Context(), push(func(p *rest.Push) { p.Secret = "" })); scheduling.CodeOf(err) != scheduling.CodeNotFound {
		t.Errorf("without a secret: %v", err)
	}
}

func TestWhatIsNoPushIsABadRequestAndWhatCannotBeWrittenIsAnError(t *testing.T) {
	h, _ := hooksOver(told{err: sms.ErrNotAPush}, nil)
	if got, err := h.Take(t.Context(), push(func(*rest.Push) {})); err != nil || got.Status != http.StatusBadRequest || len(got.Body) > 0 {
		t.Errorf("no push: %+v, %v", got, err)
	}
	broken := errors.New("the database is away")
	h, _ = hooksOver(toldAll, broken)
	if _, err := h.Take(t.Context(), push(func(*rest.Push) {})); !errors.Is(err, broken) {
		t.Errorf("receipts that cannot be written: %v", err)
	}
	h, _ = hooksOver(told{push: sms.Push{Replies: toldAll.push.Replies}}, broken)
	if _, err := h.Take(t.Context(), push(func(*rest.Push) {})); !errors.Is(err, broken) {
		t.Errorf("a reply that cannot be taken: %v", err)
	}
}
