// What gateways tell us: receipts and replies, at /hooks/{gateway}/{secret}.

package main

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"

	"magpie/api/rest"
	"magpie/notify/sms"
	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

// replier takes what people answer.
type replier interface {
	Reply(ctx context.Context, r scheduling.InboundReply) error
}

// hooks takes the calls of gateways. A call that is not at the secret address
// of a gateway there is, or not from a listed sender, finds nothing there.
type hooks struct {
	secret   string
	senders  []netip.Prefix
	pushers  map[string]sms.Pusher
	receipts *receiptWriter
	replies  replier
}

// Take reads one call whole, writes what it says, and answers as the vendor
// wants. What cannot be written is an error, so that the vendor calls again.
func (h *hooks) Take(ctx context.Context, in rest.Push) (rest.PushAnswer, error) {
	pusher := h.pushers[in.Gateway]
	known := subtle.ConstantTimeCompare([]byte(in.Secret), []byte(h.secret)) == 1
	listed := slices.ContainsFunc(h.senders, func(n netip.Prefix) bool { return n.Contains(in.From.Unmap()) })
	if pusher == nil || h.secret == "" || !known || !listed {
		return rest.PushAnswer{}, scheduling.NotFound()
	}
	push, err := pusher.ReadPush(sms.PushRequest{Method: in.Method, Query: in.Query, Header: in.Header, Body: in.Body})
	if err != nil {
		return rest.PushAnswer{Status: http.StatusBadRequest, ContentType: "text/plain; charset=utf-8"}, nil //nolint:nilerr // it is none of the vendor's
	}
	if err := h.receipts.write(ctx, in.Gateway, receiptsOf(push)); err != nil {
		return rest.PushAnswer{}, fmt.Errorf("write receipts: %w", err)
	}
	for _, r := range push.Replies {
		if err := h.replies.Reply(ctx, replyOf(in.Gateway, r)); err != nil {
			return rest.PushAnswer{}, fmt.Errorf("take a reply: %w", err)
		}
	}
	return rest.PushAnswer{Status: push.Answer.Status, ContentType: push.Answer.ContentType, Body: []byte(push.Answer.Body)}, nil
}

// receiptsOf are the receipts that can speak of a message of ours. A number of
// ours that is none is another's, and does nothing.
func receiptsOf(push sms.Push) []store.DeliveryReceipt {
	var out []store.DeliveryReceipt
	for _, r := range push.Receipts {
		d := store.DeliveryReceipt{GatewayID: r.GatewayID, Receipt: messages.ReceiptFailed, At: r.At, Reason: r.Reason}
		if r.Delivered {
			d.Receipt, d.Reason = messages.ReceiptDelivered, ""
		}
		if id, err := strconv.ParseInt(r.ID, 10, 64); err == nil && id > 0 {
			d.MessageID = id
		}
		if d.MessageID != 0 || d.GatewayID != "" {
			out = append(out, d)
		}
	}
	return out
}

func replyOf(gateway string, r sms.Reply) scheduling.InboundReply {
	return scheduling.InboundReply{Gateway: gateway, ID: r.ID, From: scheduling.NewPrivate(r.From), Text: scheduling.NewPrivate(r.Text), At: r.At}
}
