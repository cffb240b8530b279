package storetest

import (
	"slices"

	"pgregory.net/rapid"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

var ledgerTests = []test{
	theLedgerIsNarrowedByEachOfItsFields,
	theLedgerIsReadPageByPage,
	whoMaySeeWhereMessagesWent,
	aPreviewShowsWhatIsSent,
	aPreviewSaysWhatWillNotGoAndWhy,
	anUnknownMessageIsResolvedByADirector,
	onlyAnUnknownMessageIsResolved,
}

// ledger is what the director reads, newest first, whenever it fell due.
func (b *Bundle) ledger(t tb, f scheduling.MessageFilter) []scheduling.LedgerEntry {
	t.Helper()
	f.Actor, f.Office, f.From, f.To = b.Staff(t, "chief"), "suite", day("2026-01-01"), day("2027-01-01")
	if f.Page.Limit == 0 {
		f.Page.Limit = 200
	}
	out, _, err := b.Scheduler.Messages(background, f)
	if err != nil {
		t.Fatalf("reading the ledger: %v", err)
	}
	return out
}

func theLedgerIsNarrowedByEachOfItsFields(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	b.wish(t, me, scheduling.ContactWish{Text: true, Mail: true, Email: scheduling.NewPrivate("ms.wang@example.com")})
	a := b.mustBook(t, b.bookAgain(t, me, "premarital", "2026-03-05 09:00"))
	b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "lesson", "2026-03-06 08:30"))
	b.another(t, "another")
	r := b.wants(me, "lesson", "2026-03-09 08:30")
	r.Office = "another"
	elsewhere := b.mustBook(t, r)
	b.quiet(t)
	b.send(t)
	b.Clock.Set(on("2026-03-05 08:30"))
	due := b.claim(t)
	i := slices.IndexFunc(due, func(m store.DueMessage) bool { return m.Channel == messages.SMS })
	for k, m := range due {
		out := gave(m, kannel)
		if m.Channel == messages.Mail {
			out.Gateway = "mail"
		} else if k == i {
			out = gave(m, aliyun)
		}
		b.finish(t, out)
	}
	b.receipts(t, "aliyun", store.DeliveryReceipt{MessageID: due[i].ID, Receipt: messages.ReceiptDelivered})
	all := b.ledger(t, scheduling.MessageFilter{})
	if n := b.count(t, "SELECT COUNT(*) FROM messages WHERE office_id = ?", a.Office.ID); len(all) != n {
		t.Errorf("%d of %d are listed", len(all), n)
	}
	for what, c := range map[string]struct {
		filter scheduling.MessageFilter
		fits   func(e scheduling.LedgerEntry) bool
	}{
		"reference":                  {scheduling.MessageFilter{Reference: a.Reference}, func(e scheduling.LedgerEntry) bool { return e.Reference == a.Reference && e.Start.Equal(a.Start) }},
		"another office's reference": {scheduling.MessageFilter{Reference: elsewhere.Reference}, func(scheduling.LedgerEntry) bool { return false }},
		"kind":                       {scheduling.MessageFilter{Kind: messages.Reminder}, func(e scheduling.LedgerEntry) bool { return e.Kind == messages.Reminder }},
		"channel":                    {scheduling.MessageFilter{Channel: messages.Mail}, func(e scheduling.LedgerEntry) bool { return e.To.Reveal() == "ms.wang@example.com" }},
		"status":                     {scheduling.MessageFilter{Status: scheduling.MessageHandedOver}, func(e scheduling.LedgerEntry) bool { return !e.HandedAt.IsZero() }},
		"gateway":                    {scheduling.MessageFilter{Gateway: "aliyun"}, func(e scheduling.LedgerEntry) bool { return e.Gateway == "aliyun" }},
		"receipt":                    {scheduling.MessageFilter{Receipt: messages.ReceiptDelivered}, func(e scheduling.LedgerEntry) bool { return e.ID == due[i].ID }},
	} {
		want := slices.DeleteFunc(slices.Clone(all), func(e scheduling.LedgerEntry) bool { return !c.fits(e) })
		got := b.ledger(t, c.filter)
		same(t, what, append([]scheduling.LedgerEntry{}, want...), append([]scheduling.LedgerEntry{}, got...))
		if (len(want) == 0) != (what == "another office's reference") {
			t.Errorf("%s: %d fit", what, len(want))
		}
	}
	f := scheduling.MessageFilter{Actor: b.Staff(t, "chief"), Office: "suite", From: day("2026-03-04"), To: day("2026-03-04")}
	got, _, err := b.Scheduler.Messages(background, f)
	if err != nil || len(got) != 2 {
		t.Errorf("on the fourth %d are due, %v", len(got), err)
	}
	f.To = day("2026-03-03")
	_, _, err = b.Scheduler.Messages(background, f)
	refusedField(t, err, "to")
	f.Actor.OfficeID++
	_, _, err = b.Scheduler.Messages(background, f)
	refused(t, err, scheduling.CodeNotFound)
}

func theLedgerIsReadPageByPage(t tb, b *Bundle) {
	b.handed(t, 12)
	all := b.ledger(t, scheduling.MessageFilter{})
	var pages []scheduling.LedgerEntry
	f := scheduling.MessageFilter{Actor: b.Staff(t, "watch"), Office: "suite", From: day("2026-01-01"), To: day("2027-01-01"), Page: scheduling.Page{Limit: 5}}
	for {
		page, next, err := b.Scheduler.Messages(background, f)
		if err != nil {
			t.Fatalf("reading the ledger: %v", err)
		}
		pages = append(pages, page...)
		if f.Page.After = next; next == "" {
			break
		}
	}
	if len(all) != 12 || len(pages) != len(all) {
		t.Fatalf("%d are listed at once, and %d by pages", len(all), len(pages))
	}
	for i := range all {
		if all[i].ID != pages[i].ID || i > 0 && all[i].DueAt.After(all[i-1].DueAt) {
			t.Errorf("message %d stands elsewhere", i)
		}
	}
	f.Page.After = "!"
	_, _, err := b.Scheduler.Messages(background, f)
	refusedField(t, err, "after")
}

func whoMaySeeWhereMessagesWent(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	b.wish(t, me, scheduling.ContactWish{Text: true, Mail: true, Email: scheduling.NewPrivate("ms.wang@example.com")})
	r := b.bookAgain(t, me, "family", "2026-03-05 09:00")
	r.Wish.Counsellor = "anna"
	a := b.mustBook(t, r)
	b.quiet(t)
	b.ask(t, phone(2), "203.0.113.1")
	b.send(t)
	masked := phone(1)[:3] + "****" + phone(1)[7:]
	for username, want := range map[string][]string{
		"desk": {"", phone(1), "ms.wang@example.com"}, "chief": {"", phone(1), "ms.wang@example.com"}, "watch": {"", masked, "****"},
	} {
		f := scheduling.MessageFilter{Actor: b.Staff(t, username), Office: "suite", From: day("2026-03-01"), To: day("2026-03-31")}
		entries, _, err := b.Scheduler.Messages(background, f)
		if err != nil {
			t.Fatalf("reading the ledger: %v", err)
		}
		var got []string
		for _, e := range entries {
			got = append(got, e.To.Reveal())
		}
		slices.Sort(got)
		slices.Sort(want)
		same(t, "what "+username+" sees", want, got)
	}
	for username, want := range map[string]string{"desk": phone(1), "anna": masked} {
		preview, err := b.Scheduler.Preview(background, b.Staff(t, username), a.Reference)
		if err != nil || len(preview) != 2 {
			t.Fatalf("%s previews %d messages, %v", username, len(preview), err)
		}
		i := slices.IndexFunc(preview, func(m scheduling.ComingMessage) bool { return m.Channel == messages.SMS })
		same(t, "what "+username+" previews", want, preview[i].To.Reveal())
	}
	for _, who := range []scheduling.Actor{b.Staff(t, "bert"), b.Citizen(t, phone(3))} {
		_, err := b.Scheduler.Preview(background, who, a.Reference)
		refused(t, err, scheduling.CodeNotFound)
	}
	mine, err := b.Scheduler.Preview(background, me, a.Reference)
	if err != nil || len(mine) != 2 {
		t.Errorf("the citizen previews %d messages, %v", len(mine), err)
	}
}

// aPreviewShowsWhatIsSent draws how somebody is reached and what the office
// has, and compares what was shown beforehand with what a claim sends.
func aPreviewShowsWhatIsSent(t tb, b *Bundle) {
	bound(t, "rapid.checks", "100", "20")
	rapid.Check(t.(rapid.TB), func(r *rapid.T) {
		b.Reset(t)
		b.Change(t, someOffice(r))
		me := b.Citizen(t, phone(1))
		b.wish(t, me, someWish(r))
		a := b.mustBook(t, b.bookAgain(t, me, "premarital", "2026-03-05 09:00"))
		b.quiet(t)
		g := b.Scheduler.Gateways[0]
		if b.Office(t).Gateway == "aliyun" {
			g = aliyun
		}
		for _, at := range []string{"2026-03-02 09:00", "2026-03-02 10:30", "2026-03-04 09:00", "2026-03-04 22:00", "2026-03-05 07:00", "2026-03-05 08:30"} {
			if rapid.IntRange(0, 2).Draw(r, "wish again") == 0 {
				b.wish(t, me, someWish(r))
			}
			b.Clock.Set(on(at))
			preview, err := b.Scheduler.Preview(background, b.Staff(t, "chief"), a.Reference)
			if err != nil {
				r.Fatalf("previewing: %v", err)
			}
			b.comparePreview(r, preview, g)
		}
		b.consistent(r)
	})
}

// comparePreview sends what is due, and compares.
func (b *Bundle) comparePreview(r *rapid.T, preview []scheduling.ComingMessage, g messages.Gateway) {
	shown := make(map[int64]scheduling.ComingMessage)
	for _, m := range preview {
		goes := m.Status == scheduling.MessagePlanned && m.Rule == "" && m.Channel != messages.Call && !m.DueAt.After(b.Clock.Now())
		if goes {
			shown[m.ID] = m
		}
	}
	for _, m := range b.claim(r) {
		want, ok := shown[m.ID]
		if !ok {
			r.Errorf("what goes was not shown: %s to %s", m.Kind, m.To.Reveal())
			continue
		}
		delete(shown, m.ID)
		form := m.Forms[g.Choose(m.Forms)]
		got := want
		got.Text, got.Subject, got.To, got.Channel, got.Kind = messages.Signed(m.Signature, form.Body), m.Subject, m.To, m.Channel, m.Kind
		same(r, "what goes", want, got)
		if m.Channel == messages.SMS && want.Segments != form.Segments {
			r.Errorf("it takes %d segments, and %d were shown", form.Segments, want.Segments)
		}
		b.finish(r, gave(m, g))
	}
	for id := range shown {
		if got := b.message(r, id); got[0] != "planned" {
			r.Errorf("what was shown became %v", got)
		}
	}
}

func someOffice(r *rapid.T) func(o *scheduling.Office) {
	second, quiet, cancels, second2 := rapid.Bool().Draw(r, "second signature"), rapid.Bool().Draw(r, "quiet"), rapid.Bool().Draw(r, "reply cancels"), rapid.Bool().Draw(r, "aliyun")
	return func(o *scheduling.Office) {
		if second {
			secondSignature(o)
		}
		if quiet {
			o.Quiet = &messages.Window{From: 21 * 60, To: 8 * 60}
		}
		if cancels {
			cancelsByReply(o)
		}
		if second2 {
			o.Gateway = "aliyun"
		}
		o.Texts.Templates = []messages.Template{{Key: messages.Key{Kind: messages.Booked, Locale: messages.ZH}, Body: "您好，{start}见，编号{reference}，详情见{address}。"}}
	}
}

func someWish(r *rapid.T) scheduling.ContactWish {
	w := scheduling.ContactWish{
		Text: rapid.Bool().Draw(r, "text"), Call: rapid.Bool().Draw(r, "call"), Mail: rapid.Bool().Draw(r, "mail"), Neutral: rapid.Bool().Draw(r, "neutral"),
		Locale: rapid.SampledFrom([]string{"", "zh", "en"}).Draw(r, "locale"), Stopped: rapid.Bool().Draw(r, "stopped"), Email: scheduling.NewPrivate("ms.wang@example.com"),
	}
	if rapid.Bool().Draw(r, "another number") {
		w.Number = scheduling.NewPrivate(phone(9))
	}
	switch rapid.IntRange(0, 2).Draw(r, "hours") {
	case 0:
		w.Hours = []messages.Window{{From: 10 * 60, To: 11 * 60}}
	case 1:
		w.Hours = []messages.Window{{From: 22 * 60, To: 8 * 60}}
	}
	return w
}
