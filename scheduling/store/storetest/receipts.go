package storetest

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

var receiptTests = []test{
	aFinalReceiptStays,
	theOrderOfReceiptsDoesNotMatter,
	receiptsOfAnotherGatewayOrOfNothingThereIsDoNothing,
	aReceiptThatIsEarlyIsNotHiddenByThoseOfOthers,
	aReceiptIsMissedAfterADayAndMayStillCome,
	aFailedReceiptIsOneCall,
	aFailedReceiptAboutATimeThatIsNoMoreIsNoCall,
	receiptsFromTwoReplicasAtOnceAreCountedOnce,
}

func (b *Bundle) receipts(t tb, gateway string, all ...store.DeliveryReceipt) {
	t.Helper()
	if err := b.Store.TakeReceipts(background, gateway, all); err != nil {
		t.Fatalf("taking receipts: %v", err)
	}
}

// match tries early receipts again.
func (b *Bundle) match(t tb) int {
	t.Helper()
	n, err := b.Store.MatchStrays(background)
	if err != nil {
		t.Fatalf("matching early receipts: %v", err)
	}
	return n
}

// minutes is what gateways did in the last hour.
func (b *Bundle) minutes(t tb) []store.GatewayMinutes {
	t.Helper()
	out, err := b.Store.CountMinutes(background, b.Clock.Now().Add(-time.Hour))
	if err != nil {
		t.Fatalf("counting: %v", err)
	}
	return out
}

// received is the receipt of a message.
func (b *Bundle) received(t tb, message int64) []string {
	t.Helper()
	return b.rows(t, "SELECT receipt, reason FROM deliveries WHERE message_id = ?", message)[0]
}

// handed books for so many people, and hands the messages over.
func (b *Bundle) handed(t tb, n int) []store.DueMessage {
	t.Helper()
	b.owe(t, n)
	return b.send(t)
}

// owe books for so many people, so that a message is due to each.
func (b *Bundle) owe(t tb, n int) {
	t.Helper()
	for i := range n {
		b.mustBook(t, b.wants(b.Citizen(t, phone(i+1)), "family", days[i%8]+" "+[]string{"09:00", "10:30", "14:30"}[i/8]))
	}
	b.quiet(t)
}

func aFinalReceiptStays(t tb, b *Bundle) {
	const awaited, none, failed, delivered = messages.ReceiptAwaited, messages.ReceiptNone, messages.ReceiptFailed, messages.ReceiptDelivered
	for _, c := range []struct {
		pushes []messages.Receipt
		want   messages.Receipt
	}{
		{[]messages.Receipt{delivered, failed}, delivered},
		{[]messages.Receipt{failed, delivered, failed}, failed},
		{[]messages.Receipt{none, delivered, none, failed}, delivered},
		{[]messages.Receipt{awaited}, awaited},
		{[]messages.Receipt{none, awaited}, none},
	} {
		for _, atOnce := range []bool{false, true} {
			b.Reset(t)
			m := b.handed(t, 1)[0]
			var all []store.DeliveryReceipt
			for _, r := range c.pushes {
				all = append(all, store.DeliveryReceipt{MessageID: m.ID, Receipt: r})
			}
			if atOnce {
				b.receipts(t, "kannel", all...)
			} else {
				for _, r := range all {
					b.receipts(t, "kannel", r)
				}
			}
			if got := b.received(t, m.ID)[0]; got != string(c.want) {
				t.Errorf("%v, at once %t: the receipt is %q", c.pushes, atOnce, got)
			}
			if n := b.count(t, "SELECT COUNT(*) FROM tasks"); (n == 1) != (c.want == failed) {
				t.Errorf("%v, at once %t: %d calls", c.pushes, atOnce, n)
			}
		}
	}
}

// theOrderOfReceiptsDoesNotMatter draws orders in which messages are written
// and their receipts come: by either id, three times each, before the message
// was written too, with another gateway's and unknown ones in between.
func theOrderOfReceiptsDoesNotMatter(t tb, b *Bundle) {
	bound(t, "rapid.checks", "100", "15")
	truths := []store.DeliveryReceipt{
		{Receipt: messages.ReceiptDelivered}, {Receipt: messages.ReceiptFailed, Reason: "UNDELIV"}, {Receipt: messages.ReceiptDelivered}, {},
	}
	rapid.Check(t.(rapid.TB), func(r *rapid.T) {
		b.Reset(t)
		b.owe(t, len(truths))
		due := b.claim(t)
		var happen []func()
		for i, m := range due {
			happen = append(happen, func() { b.finish(t, became(m, []string{"handed_over", "unknown"}[i%2])) })
			for n := range 3 {
				happen = append(happen, func() { b.push(t, truths[i], m, n) })
			}
			happen = append(happen, func() { b.match(t) })
		}
		for _, do := range rapid.Permutation(happen).Draw(r, "order") {
			do()
		}
		b.match(t)
		for i, m := range due {
			same(r, "receipt", []string{string(truths[i].Receipt), truths[i].Reason}, b.received(t, m.ID))
			want := "handed_over"
			if truths[i].Receipt == "" && i%2 == 1 {
				want = "unknown"
			}
			same(r, "status", want, b.message(t, m.ID)[0])
		}
		same(r, "calls", 1, b.count(t, "SELECT COUNT(*) FROM tasks"))
		same(r, "waiting for what there is", 0, b.count(t, "SELECT COUNT(*) FROM stray_receipts WHERE gateway = 'kannel' AND gateway_id NOT LIKE 'x%'"))
		same(r, "counted", []store.GatewayMinutes{{Gateway: "kannel", Handed: 2, Delivered: 2, Failed: 1}}, b.minutes(t))
		b.consistent(r)
	})
}

// push gives a message's receipt, if there is one, by either id, and what is
// none of ours.
func (b *Bundle) push(t tb, truth store.DeliveryReceipt, m store.DueMessage, n int) {
	t.Helper()
	b.receipts(t, "kannel", store.DeliveryReceipt{GatewayID: "x-" + itoa(m.ID), Receipt: messages.ReceiptFailed})
	if m.Claim%2 == int64(n)%2 {
		b.receipts(t, "aliyun", store.DeliveryReceipt{GatewayID: gatewayID(m.ID), Receipt: messages.ReceiptFailed})
	}
	if truth.Receipt == "" {
		return
	}
	own, theirs := truth, truth
	own.MessageID, theirs.GatewayID = m.ID, gatewayID(m.ID)
	if n%2 == 0 {
		own, theirs = theirs, own
	}
	b.receipts(t, "kannel", own, theirs)
}

func receiptsOfAnotherGatewayOrOfNothingThereIsDoNothing(t tb, b *Bundle) {
	m := b.handed(t, 1)[0]
	before := b.state(t, "stray_receipts")
	for _, r := range []messages.Receipt{messages.ReceiptDelivered, messages.ReceiptFailed} {
		b.receipts(t, "aliyun", store.DeliveryReceipt{MessageID: m.ID, Receipt: r}, store.DeliveryReceipt{GatewayID: gatewayID(m.ID), Receipt: r})
		b.receipts(t, "kannel", store.DeliveryReceipt{MessageID: 4711, Receipt: r}, store.DeliveryReceipt{GatewayID: "nobody's", Receipt: r}, store.DeliveryReceipt{Receipt: r})
	}
	b.match(t)
	b.unchanged(t, before, "stray_receipts")
	if n := b.count(t, "SELECT COUNT(*) FROM stray_receipts"); n != 4 {
		t.Errorf("%d receipts wait", n)
	}
	b.Clock.Pass(24 * time.Hour)
	b.erase(t)
	if n := b.count(t, "SELECT COUNT(*) FROM stray_receipts"); n != 0 {
		t.Errorf("after a day %d receipts wait", n)
	}
}

func aReceiptThatIsEarlyIsNotHiddenByThoseOfOthers(t tb, b *Bundle) {
	b.owe(t, 1)
	m := b.claim(t)[0]
	foreign := func() {
		all := make([]store.DeliveryReceipt, 700)
		for i := range all {
			all[i] = store.DeliveryReceipt{GatewayID: fmt.Sprint("foreign-", i), Receipt: messages.ReceiptDelivered}
		}
		b.receipts(t, "kannel", all...)
	}
	foreign()
	b.Clock.Pass(time.Second)
	b.receipts(t, "kannel", store.DeliveryReceipt{GatewayID: gatewayID(m.ID), Receipt: messages.ReceiptDelivered})
	b.Clock.Pass(time.Second)
	foreign()
	b.finish(t, gave(m, kannel))
	if n := b.match(t); n != 1400 {
		t.Errorf("%d still wait", n)
	}
	same(t, "receipt", "delivered", b.received(t, m.ID)[0])
}

func aReceiptIsMissedAfterADayAndMayStillCome(t tb, b *Bundle) {
	due := b.handed(t, 2)
	b.receipts(t, "kannel", store.DeliveryReceipt{MessageID: due[1].ID, Receipt: messages.ReceiptDelivered})
	miss := func(want int64, gateways ...string) {
		t.Helper()
		if n, err := b.Store.MissReceipts(background, gateways); err != nil || n != want {
			t.Errorf("%d are missed, %v", n, err)
		}
	}
	b.Clock.Pass(24*time.Hour - time.Second)
	miss(0, "kannel")
	b.Clock.Pass(time.Second)
	miss(0, "aliyun")
	miss(0)
	miss(1, "aliyun", "kannel")
	miss(0, "kannel")
	same(t, "receipt", []string{"none", ""}, b.received(t, due[0].ID))
	same(t, "listed", due[0].ID, b.ledger(t, scheduling.MessageFilter{Receipt: messages.ReceiptNone})[0].ID)
	b.receipts(t, "kannel", store.DeliveryReceipt{MessageID: due[0].ID, Receipt: messages.ReceiptDelivered})
	same(t, "receipt", []string{"delivered", ""}, b.received(t, due[0].ID))
}

func aFailedReceiptIsOneCall(t tb, b *Bundle) {
	due := b.handed(t, 2)
	servers := []*store.Store{b.Store, b.openStore(t), b.openStore(t)}
	outcomes(t, together(6, func(i int) error {
		return servers[i%3].TakeReceipts(background, "kannel", []store.DeliveryReceipt{{MessageID: due[0].ID, Receipt: messages.ReceiptFailed, Reason: "MK:0001"}})
	}))
	same(t, "receipt", []string{"failed", "MK:0001"}, b.received(t, due[0].ID))
	tasks := b.tasks(t, false)
	if len(tasks) != 1 || tasks[0].Kind != scheduling.TaskCall || tasks[0].Reason != "receipt_failed" || tasks[0].Message != messages.Booked || tasks[0].Phone.Reveal() != due[0].To.Reveal() {
		t.Fatalf("the tasks are %+v", tasks)
	}
	b.finishTask(t, tasks[0].ID)
	b.receipts(t, "kannel", store.DeliveryReceipt{GatewayID: gatewayID(due[0].ID), Receipt: messages.ReceiptFailed})
	if tasks := b.tasks(t, false); len(tasks) != 0 {
		t.Errorf("once done, it is to be done again: %+v", tasks)
	}
}

func aFailedReceiptAboutATimeThatIsNoMoreIsNoCall(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	for what, end := range map[string]func(a scheduling.Appointment){
		"moved":     func(a scheduling.Appointment) { b.mustDo(t, move, b.moveOf(me, a, "2026-03-06 09:00")) },
		"cancelled": func(a scheduling.Appointment) { b.mustDo(t, cancel, b.changeOf(me, a)) },
		"past":      func(a scheduling.Appointment) { b.Clock.Set(a.Start) },
	} {
		b.Reset(t)
		me = b.Citizen(t, phone(1))
		a := b.mustBook(t, b.wants(me, "family", "2026-03-05 09:00"))
		b.quiet(t)
		m := b.send(t)[0]
		end(a)
		b.receipts(t, "kannel", store.DeliveryReceipt{MessageID: m.ID, Receipt: messages.ReceiptFailed})
		same(t, what+": the receipt", "failed", b.received(t, m.ID)[0])
		if n := b.count(t, "SELECT COUNT(*) FROM tasks"); n != 0 {
			t.Errorf("%s: %d calls about it", what, n)
		}
	}
}

func receiptsFromTwoReplicasAtOnceAreCountedOnce(t tb, b *Bundle) {
	due := b.handed(t, 12)
	servers := []*store.Store{b.Store, b.openStore(t)}
	outcomes(t, together(8, func(i int) error {
		var all []store.DeliveryReceipt
		for k, m := range due {
			r := store.DeliveryReceipt{MessageID: m.ID, Receipt: messages.ReceiptDelivered}
			if k%3 == 0 {
				r.Receipt = messages.ReceiptFailed
			}
			all = append(all, r)
		}
		return servers[i%2].TakeReceipts(background, "kannel", all)
	}))
	same(t, "counted", []store.GatewayMinutes{{Gateway: "kannel", Handed: 12, Delivered: 8, Failed: 4}}, b.minutes(t))
	same(t, "calls", 4, b.count(t, "SELECT COUNT(*) FROM tasks"))
}
