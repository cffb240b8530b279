package storetest

import (
	"fmt"
	"slices"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/office"
)

var policyTests = []test{
	newRulesReplanWhatIsNotYetDue,
	theSameRulesReplanNothing,
	anotherOfficesRulesReplanNothingHere,
	aBookingAndNewRulesAtOnceAgree,
	aWishAndNewRulesAtOnceAgree,
	rulesThatAReplicaHasNotSeenAreNotReplannedBy,
}

// leads gives premarital counselling other reminders.
func leads(hours ...int) func(o *scheduling.Office) {
	return service("premarital", func(s *scheduling.Service) {
		s.Reminders = nil
		for _, h := range hours {
			s.Reminders = append(s.Reminders, time.Duration(h)*time.Hour)
		}
	})
}

func newRulesReplanWhatIsNotYetDue(t tb, b *Bundle) {
	b.Change(t, leads(72, 48, 24, 2))
	me := b.Citizen(t, phone(1))
	b.wish(t, me, scheduling.ContactWish{Text: true, Neutral: true})
	safe := b.mustBook(t, b.bookAgain(t, me, "premarital", "2026-03-06 09:00"))
	a := b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "premarital", "2026-03-06 09:00"))
	b.quiet(t)
	b.send(t)
	b.Clock.Set(on("2026-03-03 09:00"))
	b.send(t)
	b.Clock.Set(on("2026-03-04 09:00"))
	sent := []string{"booked sms 0 02T09:00 handed_over", "reminder sms 72 03T09:00 handed_over", "reminder sms 48 04T09:00 planned"}
	for what, c := range map[string]struct {
		change func(o *scheduling.Office)
		want   []string
	}{
		"as it was":       {func(*scheduling.Office) {}, []string{"reminder sms 24 05T09:00 planned", "reminder sms 2 06T07:00 planned"}},
		"other leads":     {leads(60, 48, 12, 1), []string{"reminder sms 12 05T21:00 planned", "reminder sms 1 06T08:00 planned"}},
		"no reminders":    {leads(), nil},
		"quiet hours":     {func(o *scheduling.Office) { o.Quiet = &messages.Window{From: 6 * 60, To: 8 * 60} }, []string{"reminder sms 24 05T09:00 planned", "reminder sms 2 06T08:00 planned"}},
		"too quiet":       {func(o *scheduling.Office) { o.Quiet = &messages.Window{From: 6 * 60, To: 8*60 + 35} }, []string{"reminder sms 24 05T09:00 planned", "reminder sms 2 06T07:00 suppressed quiet"}},
		"quiet for hours": {func(o *scheduling.Office) { o.Quiet = &messages.Window{From: 8*60 + 55, To: 7 * 60} }, []string{"reminder sms 2 06T07:00 planned", "reminder sms 24 06T07:00 suppressed same_time"}},
	} {
		before, err := b.Store.Document(background, "suite")
		if err != nil {
			t.Fatalf("exporting: %v", err)
		}
		b.Change(t, c.change)
		same(t, what, slices.Concat(sent, c.want), b.owed(t, a))
		b.apply(t, before)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM messages WHERE channel = 'call' AND status = 'planned' AND subject_id = ?", safe.ID); n == 0 {
		t.Error("no call is planned where no neutral text can go")
	}
	b.Change(t, secondSignature)
	coming := b.owed(t, safe)
	same(t, "with a second signature", []string{"reminder sms 24 05T09:00 planned", "reminder sms 2 06T07:00 planned"}, coming[len(coming)-2:])
}

// apply applies an office file.
func (b *Bundle) apply(t tb, document []byte) {
	t.Helper()
	o, err := office.Parse("suite.yaml", document)
	if err != nil {
		t.Fatalf("the office file: %v", err)
	}
	if _, err := b.Scheduler.Apply(background, o, office.Write(o)); err != nil {
		t.Fatalf("applying the office file: %v", err)
	}
}

func theSameRulesReplanNothing(t tb, b *Bundle) {
	b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-06 09:00"))
	before := b.state(t)
	b.Change(t, service("premarital", func(s *scheduling.Service) { s.Notice = time.Hour }))
	b.Change(t, leads(2, 24))
	b.unchanged(t, before, "offices", "office_versions", "audit")
}

func anotherOfficesRulesReplanNothingHere(t tb, b *Bundle) {
	b.another(t, "another")
	here := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-06 09:00"))
	r := b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-09 09:00")
	r.Office = "another"
	there := b.mustBook(t, r)
	before := b.owed(t, there)
	b.Change(t, leads(1))
	same(t, "here", []string{"booked sms 0 02T09:00 planned", "reminder sms 1 06T08:00 planned"}, b.owed(t, here))
	same(t, "there", before, b.owed(t, there))
}

func aBookingAndNewRulesAtOnceAgree(t tb, b *Bundle) {
	who, servers := b.citizens(t, 8), b.replicas(t)
	for i, lead := range []int{5, 6, 7, 8, 9} {
		booked := make([]scheduling.Appointment, 4)
		errs := together(5, func(k int) (err error) {
			if k == 4 {
				_, err = b.change(leads(lead))
				return err
			}
			start := days[i+1] + " " + []string{"09:00", "10:30"}[k/2]
			booked[k], err = servers[k%3].Book(background, b.wants(who[(4*i+k)%8], "premarital", start))
			return err
		})
		outcomes(t, errs)
		for _, a := range booked {
			want := fmt.Sprintf("reminder sms %d %s planned", lead, a.Start.Add(-time.Duration(lead)*time.Hour).In(shanghai).Format("02T15:04"))
			if got := b.owed(t, a); len(got) != 2 || got[1] != want {
				t.Errorf("with a reminder %d hours before, %v is owed", lead, got)
			}
			b.mustDo(t, cancel, b.changeOf(b.Staff(t, "desk"), a))
		}
	}
}

func aWishAndNewRulesAtOnceAgree(t tb, b *Bundle) {
	me, servers := b.Citizen(t, phone(1)), b.replicas(t)
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-06 09:00"))
	email := scheduling.NewPrivate("ms.wang@example.com")
	for i, lead := range []int{5, 6, 7, 8, 9, 10} {
		errs := together(3, func(k int) error {
			if k == 0 {
				_, err := b.change(leads(lead))
				return err
			}
			wish := scheduling.ContactWish{Text: true, Mail: i%2 == 0, Email: email}
			_, err := servers[k].SetContactWish(background, scheduling.WishChange{Actor: me, Wish: wish})
			return err
		})
		outcomes(t, errs)
		var want []string
		at := a.Start.Add(-time.Duration(lead) * time.Hour).In(shanghai).Format("02T15:04")
		for _, channel := range []string{"mail", "sms"}[i%2:] {
			want = append(want, fmt.Sprintf("reminder %s %d %s planned", channel, lead, at))
		}
		same(t, fmt.Sprintf("with a reminder %d hours before", lead), want, b.owed(t, a)[1:])
	}
}

// rulesThatAReplicaHasNotSeenAreNotReplannedBy has a replica whose cache is
// older than the rules replan by a wish.
func rulesThatAReplicaHasNotSeenAreNotReplannedBy(t tb, b *Bundle) {
	me, second := b.Citizen(t, phone(1)), b.Replica(t)
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-06 09:00"))
	if _, err := second.OfficeByCode(background, "suite"); err != nil {
		t.Fatalf("reading the office: %v", err)
	}
	b.Change(t, leads(5))
	if _, err := second.SetContactWish(background, scheduling.WishChange{Actor: me, Wish: scheduling.ContactWish{Text: true, Locale: "en"}}); err != nil {
		t.Fatalf("setting a wish: %v", err)
	}
	same(t, "owed", []string{"booked sms 0 02T09:00 planned", "reminder sms 5 06T04:00 planned"}, b.owed(t, a))
	file, err := b.Store.Document(background, "suite")
	if err != nil {
		t.Fatalf("exporting: %v", err)
	}
	b.Change(t, leads(6))
	o, err := office.Parse("suite.yaml", file)
	if err != nil {
		t.Fatalf("the office file: %v", err)
	}
	if _, err := second.Apply(background, o, office.Write(o)); err != nil {
		t.Fatalf("applying the office file: %v", err)
	}
	same(t, "owed", []string{"booked sms 0 02T09:00 planned", "reminder sms 5 06T04:00 planned"}, b.owed(t, a))
}
