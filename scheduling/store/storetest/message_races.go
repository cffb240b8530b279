package storetest

import (
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

var messageRaceTests = []test{
	aWishAndAReplyAtOnceKeepBoth,
	whatIsCancelledIsNotPlannedAnewAtTheSameTime,
	aLostMessageThatIsFinishedIsWrittenOnce,
}

func aWishAndAReplyAtOnceKeepBoth(t tb, b *Bundle) {
	a, _ := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
	desk, servers := b.Staff(t, "desk"), b.replicas(t)
	hours := []messages.Window{{From: 8 * 60, To: 10 * 60}}
	for range 8 {
		outcomes(t, together(2, func(i int) error {
			if i == 0 {
				return servers[1].Reply(background, b.replyOf(phone(1), "T"))
			}
			_, err := servers[2].SetContactWish(background, scheduling.WishChange{Actor: desk, Reference: a.Reference, Wish: scheduling.ContactWish{Text: true, Hours: hours}})
			return err
		}))
		wish := b.read(t, a.Reference).Notified.Wish
		if wish == nil || len(wish.Hours) != 1 {
			t.Errorf("what the desk wrote is lost: %+v", wish)
		}
		if _, err := b.Scheduler.SetContactWish(background, scheduling.WishChange{Actor: desk, Reference: a.Reference, Wish: scheduling.AnyWish()}); err != nil {
			t.Fatalf("setting a wish: %v", err)
		}
	}
}

func whatIsCancelledIsNotPlannedAnewAtTheSameTime(t tb, b *Bundle) {
	me, servers := b.Citizen(t, phone(1)), b.replicas(t)
	for i := range 6 {
		a := b.mustBook(t, b.bookAgain(t, me, "premarital", "2026-03-05 09:00"))
		b.quiet(t)
		outcomes(t, together(3, func(k int) error {
			switch k {
			case 0:
				_, err := servers[0].Cancel(background, b.changeOf(me, a))
				return err
			case 1:
				wish := scheduling.ContactWish{Text: true, Call: i%2 == 0, Locale: "en"}
				_, err := servers[1].SetContactWish(background, scheduling.WishChange{Actor: me, Wish: wish})
				return err
			}
			_, err := b.change(leads(4+i, 2))
			return err
		}))
		b.consistent(t)
	}
}

// aLostMessageThatIsFinishedIsWrittenOnce has a worker write its results when
// its leases have just ended.
func aLostMessageThatIsFinishedIsWrittenOnce(t tb, b *Bundle) {
	for round := range 5 {
		b.Reset(t)
		stores := []*store.Store{b.Store, b.openStore(t)}
		b.owe(t, 8)
		var results []store.MessageOutcome
		for _, m := range b.claim(t) {
			results = append(results, gave(m, kannel))
		}
		b.exec(t, "UPDATE messages SET lease_until = 1 WHERE status = 'claimed'")
		outcomes(t, together(3, func(i int) error {
			if i == 0 {
				return b.Store.Finish(background, results)
			}
			_, err := stores[i%2].RecoverLost(background)
			return err
		}))
		handed := b.count(t, "SELECT COUNT(*) FROM messages m JOIN deliveries d ON d.message_id = m.id WHERE m.status = 'handed_over' AND d.gateway = 'kannel'")
		lost := b.count(t, "SELECT COUNT(*) FROM messages m JOIN deliveries d ON d.message_id = m.id WHERE m.status = 'unknown' AND d.gateway = ''")
		if handed+lost != 8 {
			t.Errorf("round %d: %d are handed over, %d are lost", round, handed, lost)
		}
		same(t, "counted", [2]int{8, 8}, b.counts(t))
		handedOver := 0
		for _, m := range b.minutes(t) {
			handedOver += m.Handed
		}
		same(t, "counted as handed over", handed, handedOver)
		b.Clock.Pass(time.Second)
	}
}
