package storetest

import (
	"pgregory.net/rapid"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

// What happens in histories to messages.

func (w *world) sayHow(r *rapid.T) {
	me := w.Citizen(r, phone(rapid.IntRange(1, 3).Draw(r, "who")))
	wish := someWish(r)
	wish.Number = scheduling.Private{}
	_, err := w.Scheduler.SetContactWish(background, scheduling.WishChange{Actor: me, Wish: wish})
	if err != nil {
		r.Fatalf("setting a wish: %v", err)
	}
}

// sendSome claims what is due, and has a gateway do anything with it.
func (w *world) sendSome(r *rapid.T) {
	var results []store.MessageOutcome
	for _, m := range w.claim(r) {
		w.maySend(r, m)
		status := rapid.SampledFrom([]string{"handed_over", "handed_over", "unknown", "failed", "planned", "given back"}).Draw(r, "outcome")
		out := gave(m, kannel)
		if out.Status = status; status == "given back" {
			out.Status, out.GivenBack = "planned", true
		}
		if out.Status == "handed_over" || out.Status == "unknown" {
			w.messages = append(w.messages, m.ID)
		}
		results = append(results, out)
	}
	w.finish(r, results...)
}

// maySend fails the history where a text goes against somebody's wish.
func (w *world) maySend(r *rapid.T, m store.DueMessage) {
	if m.Kind == messages.Code || m.Channel != messages.SMS {
		return
	}
	p, err := w.Store.ByPhone(background, m.To)
	if err != nil {
		r.Fatalf("reading whom a text goes to: %v", err)
	}
	wish := p.Wish
	if wish == nil {
		return
	}
	now := w.Clock.Now().In(shanghai)
	allowed := len(wish.Hours) == 0
	for _, h := range wish.Hours {
		allowed = allowed || h.Holds(now)
	}
	if !wish.Text || !allowed || wish.Neutral != (m.Signature == "东坪家园") || wish.Stopped && m.Kind == messages.Reminder {
		r.Fatalf("at %s a %s goes under %q to somebody who wishes %+v", now, m.Kind, m.Signature, *wish)
	}
}

func (w *world) loseSome(r *rapid.T) {
	if len(w.claim(r)) == 0 {
		r.Skip("nothing is due")
	}
	w.exec(r, "UPDATE messages SET lease_until = 1 WHERE status = 'claimed'")
	if _, err := w.Store.RecoverLost(background); err != nil {
		r.Fatalf("recovering: %v", err)
	}
}

func (w *world) receive(r *rapid.T) {
	if len(w.messages) == 0 {
		r.Skip("nothing was sent")
	}
	id := rapid.SampledFrom(w.messages).Draw(r, "message")
	receipt := store.DeliveryReceipt{Receipt: rapid.SampledFrom([]messages.Receipt{messages.ReceiptDelivered, messages.ReceiptFailed}).Draw(r, "receipt")}
	if receipt.MessageID = id; rapid.Bool().Draw(r, "by the gateway's id") {
		receipt.MessageID, receipt.GatewayID = 0, gatewayID(id)
	}
	w.receipts(r, "kannel", receipt)
	w.match(r)
}

func (w *world) answer(r *rapid.T) {
	number := phone(rapid.IntRange(1, 4).Draw(r, "who"))
	w.reply(r, number, rapid.SampledFrom([]string{"1", "2", "2", "T", "好"}).Draw(r, "text"))
}

func (w *world) restore(r *rapid.T) {
	a, _ := w.one(r)
	before := w.read(r, a.Reference)
	back, err := w.Scheduler.Restore(background, w.changeOf(w.Staff(r, "desk"), a))
	allowed(r, err)
	now := w.read(r, a.Reference)
	if err != nil {
		same(r, "what was not given back", show(before), show(now))
	} else if now.Status != scheduling.Booked || now.Session.ID != before.Session.ID || back.Revision != now.Revision {
		r.Fatalf("given back it is %+v", show(now))
	}
}

func (w *world) rule(r *rapid.T) {
	hours := rapid.SampledFrom([][]int{{24, 2}, {3, 1}, {}}).Draw(r, "leads")
	quiet, cancels, second := rapid.Bool().Draw(r, "quiet"), rapid.Bool().Draw(r, "reply cancels"), rapid.Bool().Draw(r, "second signature")
	ceiling := rapid.SampledFrom([]int{0, 2}).Draw(r, "messages to a number")
	kept := rapid.SampledFrom([]int{0, 0, 20, 90, 100}).Draw(r, "kept for the desk")
	closed := rapid.Bool().Draw(r, "a room is closed")
	w.Change(r, func(o *scheduling.Office) {
		leads(hours...)(o)
		for i := range o.Services[1:] {
			o.Services[i+1].KeptForDesk = kept
		}
		if o.Rooms[0].Closed = nil; closed {
			o.Rooms[0].Closed = []scheduling.Closure{{From: day("2026-03-03"), To: day("2026-03-03"), Why: scheduling.Text{ZH: "粉刷"}}}
		}
		o.MessagesPerNumber, o.Quiet, o.ReplyCancels, o.SMSSignatureNeutral = ceiling, nil, nil, ""
		if quiet {
			o.Quiet = &messages.Window{From: 12 * 60, To: 8 * 60}
		}
		if cancels {
			o.ReplyCancels = []string{"premarital", "lesson"}
		}
		if second {
			secondSignature(o)
		}
	})
}

func (w *world) stopOrGoOn(r *rapid.T) { w.stop(r, rapid.Bool().Draw(r, "stop")) }
