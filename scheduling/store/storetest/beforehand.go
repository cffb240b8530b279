package storetest

import (
	"strings"

	"pgregory.net/rapid"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

var beforehandTests = []test{
	whatIsShownBeforehandIsWhatIsOwedThen,
	whatIsShownBeforehandIsWordForWord,
	showingBeforehandClaimsAndWritesNothing,
	nobodyIsShownWhatNobodyIsTold,
	whatCannotBeBookedAtAllIsNotShown,
}

// beforehand is what a booking would owe.
func (b *Bundle) beforehand(t tb, r scheduling.Booking) []scheduling.ComingMessage {
	t.Helper()
	out, err := b.Scheduler.PreviewBooking(background, r)
	if err != nil {
		t.Fatalf("showing a booking's messages: %v", err)
	}
	return out
}

// whatIsShownBeforehandIsWhatIsOwedThen draws how somebody is reached and what
// the office has, and compares what is shown before the booking with what is
// shown after it.
func whatIsShownBeforehandIsWhatIsOwedThen(t tb, b *Bundle) {
	bound(t, "rapid.checks", "100", "20")
	rapid.Check(t.(rapid.TB), func(r *rapid.T) {
		b.Reset(t)
		b.Change(t, someOffice(r))
		me := b.Citizen(t, phone(1))
		b.wish(t, me, someWish(r))
		b.Clock.Set(on(rapid.SampledFrom([]string{"2026-03-02 09:00", "2026-03-04 21:30", "2026-03-04 08:59"}).Draw(r, "at")))
		asked := b.bookAgain(t, me, "premarital", "2026-03-05 09:00")
		if rapid.Bool().Draw(r, "at the desk") {
			asked.Actor, asked.Parties[0].Phone = b.Staff(t, "desk"), scheduling.NewPrivate(phone(1))
		}
		asked.Locale = rapid.SampledFrom([]string{"", "zh", "en"}).Draw(r, "locale of the booking")
		asked.Silent = rapid.IntRange(0, 3).Draw(r, "silent") == 0
		before := b.beforehand(t, asked)
		a := b.mustBook(t, asked)
		after, err := b.Scheduler.Preview(background, b.Citizen(t, phone(1)), a.Reference)
		if err != nil {
			r.Fatalf("previewing: %v", err)
		}
		if len(before) == 0 {
			r.Fatal("nothing is shown beforehand")
		}
		same(r, "what is shown before and after", unnamed(before, "XXXXXXXX"), unnamed(after, a.Reference))
	})
}

// unnamed are messages without their ids and with the reference left out, by
// kind, channel and time.
func unnamed(all []scheduling.ComingMessage, reference string) map[string]scheduling.ComingMessage {
	out := make(map[string]scheduling.ComingMessage, len(all))
	for _, m := range all {
		m.ID = 0
		m.Text = strings.ReplaceAll(m.Text, reference, "the reference")
		if m.Reference == reference {
			m.Reference = "the reference"
		}
		out[string(m.Kind)+" "+string(m.Channel)+" "+m.Lead.String()] = m
	}
	return out
}

func whatIsShownBeforehandIsWordForWord(t tb, b *Bundle) {
	b.Change(t, secondSignature)
	me := b.Citizen(t, phone(1))
	shown := func(r scheduling.Booking) []string {
		var out []string
		for _, m := range b.beforehand(t, r) {
			out = append(out, strings.TrimSpace(string(m.Kind)+" "+m.Rule+" "+m.Text))
		}
		return out
	}
	same(t, "as it is", []string{
		"booked  【测试民政局】您好，3月5日（周四）上午9:00已为您约好，编号XXXXXXXX。改期或取消请致电0737-7220000。",
	}, shown(b.wants(me, "family", "2026-03-05 09:00")))
	r := b.wants(me, "family", "2026-03-05 09:00")
	r.Silent = true
	same(t, "without messages", []string{
		"booked silent 【测试民政局】您好，3月5日（周四）上午9:00已为您约好，编号XXXXXXXX。改期或取消请致电0737-7220000。",
	}, shown(r))
	b.wish(t, me, scheduling.ContactWish{Text: true, Neutral: true, Locale: "en"})
	same(t, "neutral and in English", []string{
		"booked  【东坪家园】Hello, Thu 5 Mar at 9:00 am is kept for you, number XXXXXXXX. If it does not suit you, please call 0737-7220000.",
	}, shown(b.bookAgain(t, me, "family", "2026-03-05 09:00")))
}

func showingBeforehandClaimsAndWritesNothing(t tb, b *Bundle) {
	b.Change(t, onePair)
	me, desk := b.Citizen(t, phone(1)), b.Staff(t, "desk")
	b.mustBook(t, b.wants(desk, "premarital", "2026-03-05 09:00"))
	before := b.state(t)
	taken := b.wants(me, "premarital", "2026-03-05 09:00") // whether it is free is not asked
	taken.CodeWord = scheduling.NewPrivate(theWord)
	caller := b.wants(desk, "premarital", "2026-03-06 09:00")
	caller.Parties[0].Phone = scheduling.NewPrivate(phone(2)) // a number never seen
	for _, r := range []scheduling.Booking{taken, caller} {
		for range 2 {
			got := b.beforehand(t, r)
			if len(got) != 3 || got[0].Kind != messages.Booked || got[0].Status != scheduling.MessagePlanned || got[0].Segments < 1 || !strings.Contains(got[0].Text, "XXXXXXXX") {
				t.Errorf("shown are %+v", got)
			}
		}
	}
	b.unchanged(t, before)
	b.mustBook(t, b.wants(me, "premarital", "2026-03-06 09:00"))
}

func nobodyIsShownWhatNobodyIsTold(t tb, b *Bundle) {
	if got := b.beforehand(t, b.wants(b.Staff(t, "desk"), "family", "2026-03-05 09:00")); len(got) != 0 {
		t.Errorf("a booking without a number shows %+v", got)
	}
	_, err := b.Scheduler.PreviewBooking(background, b.wants(passerBy("203.0.113.1"), "family", "2026-03-05 09:00"))
	refused(t, err, scheduling.CodeUnauthenticated)
	b.Scheduler.Settings.VerifyPhones = false
	r := b.wants(passerBy("203.0.113.1"), "family", "2026-03-05 09:00")
	if got := b.beforehand(t, r); len(got) != 0 {
		t.Errorf("without a number %+v is shown", got)
	}
	r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	if got := b.beforehand(t, r); len(got) != 1 || got[0].To.Reveal() != phone(1) {
		t.Errorf("with a number that nobody has to prove %+v is shown", got)
	}
}

func whatCannotBeBookedAtAllIsNotShown(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	for field, change := range map[string]func(r *scheduling.Booking){
		"service":          func(r *scheduling.Booking) { r.Service = "nothing" },
		"parties":          func(r *scheduling.Booking) { r.Parties = people(9) },
		"parties[0].phone": func(r *scheduling.Booking) { r.Parties[0].Phone = scheduling.NewPrivate(phone(2)) },
		"locale":           func(r *scheduling.Booking) { r.Locale = "fr" },
	} {
		r := b.wants(me, "family", "2026-03-05 09:00")
		change(&r)
		_, err := b.Scheduler.PreviewBooking(background, r)
		refusedField(t, err, field)
	}
	r := b.wants(me, "family", "2026-03-05 09:00")
	r.Office = "nowhere"
	_, err := b.Scheduler.PreviewBooking(background, r)
	refused(t, err, scheduling.CodeNotFound)
}
