package storetest

import (
	"strings"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

var lookingBackTests = []test{
	whatWentIsShownInTheWordsInWhichItWent,
}

func whatWentIsShownInTheWordsInWhichItWent(t tb, b *Bundle) {
	b.text(t, bookedZH, "您好，{start}见，编号{reference}。")
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
	b.quiet(t)
	b.send(t)
	shown := func() scheduling.ComingMessage {
		t.Helper()
		all, err := b.Scheduler.Preview(background, b.Staff(t, "desk"), a.Reference)
		if err != nil || len(all) == 0 {
			t.Fatalf("the preview has %d messages, %v", len(all), err)
		}
		return all[0]
	}
	went := shown()
	if went.Status != scheduling.MessageHandedOver || !strings.Contains(went.Text, "见，编号"+a.Reference) {
		t.Fatalf("it went as %q, %s", went.Text, went.Status)
	}
	b.text(t, bookedZH, "您好，{start}等您，编号{reference}。")
	b.wish(t, me, scheduling.ContactWish{Text: true, Locale: "en", Neutral: true})
	if again := shown(); again.Text != went.Text || again.Locale != messages.ZH || again.TextVersion != 1 {
		t.Errorf("looked back on, it is %q in %s, version %d; it went as %q", again.Text, again.Locale, again.TextVersion, went.Text)
	}
	b.text(t, bookedZH, "")
	if again := shown(); again.Text != went.Text {
		t.Errorf("with the built-in text back it is %q", again.Text)
	}
	for _, e := range b.ledger(t, scheduling.MessageFilter{Reference: a.Reference, Status: scheduling.MessageHandedOver}) {
		if e.Locale != messages.ZH {
			t.Errorf("the ledger says that it went in %s", e.Locale)
		}
	}
}
