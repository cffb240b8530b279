package storetest

import (
	"slices"
	"strings"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

var askingTests = []test{
	whatIsAskedForBesideIsKeptAndAnswered,
	aNeedThatIsNoneOrTwiceIsNamed,
	whoCannotClimbStepsSitsWhereThereAreNone,
	aHoldOfARoomWithStepsIsRefusedToWhoCannotClimbThem,
	aSilentBookingOwesNothing,
	aSilentBookingStaysSilentWhateverIsPlannedAnew,
	aSilenceIsThatOfOneBookingAlone,
}

// asks is a booking with everything that one can ask for beside the time.
func (b *Bundle) asks(a scheduling.Actor, service, start string) scheduling.Booking {
	r := b.wants(a, service, start)
	r.Needs, r.Title, r.Silent = []scheduling.Need{scheduling.Child, scheduling.StepFree}, scheduling.Ms, true
	return r
}

func whatIsAskedForBesideIsKeptAndAnswered(t tb, b *Bundle) {
	me, desk := b.Citizen(t, phone(1)), b.Staff(t, "desk")
	r := b.asks(me, "family", "2026-03-05 09:00")
	a := b.mustBook(t, r)
	if !slices.Equal(a.Needs, r.Needs) || a.Title != scheduling.Ms || !a.Silent || !a.Wish.Accessible {
		t.Errorf("the answer is %+v", show(a))
	}
	same(t, "what is stored", show(a), show(b.read(t, a.Reference)))
	same(t, "the answer again", show(a), show(b.mustBook(t, r)))
	c := b.moveOf(me, a, "2026-03-06 09:00")
	moved := b.mustDo(t, move, c)
	same(t, "what is stored once it is moved", show(moved), show(b.read(t, a.Reference)))
	same(t, "the move's answer again", show(moved), show(b.mustDo(t, move, c)))
	cancelled := b.mustDo(t, cancel, b.changeOf(desk, a))
	for what, one := range map[string]scheduling.Appointment{"moved": moved, "cancelled": cancelled} {
		if !slices.Equal(one.Needs, r.Needs) || one.Title != scheduling.Ms || !one.Silent || !one.Wish.Accessible || one.Room.Code != "large" {
			t.Errorf("once it is %s it asks for %+v", what, show(one))
		}
	}
	plain := b.mustBook(t, b.wants(desk, "family", "2026-03-09 09:00"))
	if now := b.read(t, plain.Reference); len(now.Needs) != 0 || now.Title != "" || now.Silent || now.Wish.Accessible {
		t.Errorf("who asked for nothing asks for %+v", show(now))
	}
	listed, _, err := b.Scheduler.Appointments(background, me, scheduling.Page{})
	if err != nil || len(listed) != 1 || !slices.Equal(listed[0].Needs, r.Needs) || listed[0].Title != scheduling.Ms || !listed[0].Silent {
		t.Errorf("listed are %+v, %v", listed, err)
	}
}

func aNeedThatIsNoneOrTwiceIsNamed(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	before := b.state(t)
	for field, change := range map[string]func(r *scheduling.Booking){
		"needs[0]": func(r *scheduling.Booking) { r.Needs = []scheduling.Need{""} },
		"needs[1]": func(r *scheduling.Booking) { r.Needs = []scheduling.Need{scheduling.Hearing, "quiet"} },
		"needs[2]": func(r *scheduling.Booking) {
			r.Needs = []scheduling.Need{scheduling.Hearing, scheduling.Child, scheduling.Hearing}
		},
		"title": func(r *scheduling.Booking) { r.Title = "dr" },
	} {
		for _, who := range []scheduling.Actor{me, b.Staff(t, "desk")} {
			r := b.wants(who, "family", "2026-03-05 09:00")
			change(&r)
			_, err := b.Scheduler.Book(background, r)
			refusedField(t, err, field)
			_, err = b.Scheduler.PreviewBooking(background, r)
			refusedField(t, err, field)
		}
	}
	b.unchanged(t, before)
}

func whoCannotClimbStepsSitsWhereThereAreNone(t tb, b *Bundle) {
	b.mustBook(t, b.wants(b.Staff(t, "desk"), "family", "2026-03-05 09:00")) // in the small room, which has steps
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-05 09:00")
	r.Needs = []scheduling.Need{scheduling.StepFree}
	if a := b.mustBook(t, r); a.Room.Code != "large" || !a.Wish.Accessible {
		t.Errorf("they sit in %s", a.Room.Code)
	}
	b.Change(t, func(o *scheduling.Office) { o.Rooms[1].Accessible = false })
	r = b.wants(b.Citizen(t, phone(2)), "family", "2026-03-06 09:00")
	r.Needs = []scheduling.Need{scheduling.StepFree}
	_, err := b.Scheduler.Book(background, r)
	refused(t, err, scheduling.CodeSlotTaken)
}

func aHoldOfARoomWithStepsIsRefusedToWhoCannotClimbThem(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	h := b.mustHold(t, b.holds(passerBy("203.0.113.1"), "family", "2026-03-05 09:00"))
	r := b.wants(me, "family", "2026-03-05 09:00")
	r.Hold, r.Needs = h.Secret, []scheduling.Need{scheduling.StepFree}
	_, err := b.Scheduler.Book(background, r)
	refusedField(t, err, "hold")
	renewed, err := b.Scheduler.RenewHold(background, b.holdChange(me, h))
	if err != nil || !renewed.ExpiresAt.Equal(h.ExpiresAt.Add(10*time.Minute)) {
		t.Errorf("renewed until %s, %v", renewed.ExpiresAt, err)
	}
	_, err = b.Scheduler.RenewHold(background, b.holdChange(me, h))
	refused(t, err, scheduling.CodeWrongState)
	if n := b.count(t, "SELECT COUNT(*) FROM holds"); n != 1 {
		t.Errorf("%d holds are left", n)
	}
	r.Hold = ""
	if a := b.mustBook(t, r); a.Room.Code != "large" {
		t.Errorf("without the hold they sit in %s", a.Room.Code)
	}
	asked := b.holds(passerBy("203.0.113.1"), "family", "2026-03-06 09:00")
	asked.Wish.Accessible = true
	h = b.mustHold(t, asked)
	r = b.wants(b.Citizen(t, phone(2)), "family", "2026-03-06 09:00")
	r.Hold, r.Needs = h.Secret, []scheduling.Need{scheduling.StepFree}
	if a := b.mustBook(t, r); a.Room.Code != "large" {
		t.Errorf("with a hold of a room without steps they sit in %s", a.Room.Code)
	}
}

// everything somebody may want beside texts; none of it breaks a silence.
var everyWay = scheduling.ContactWish{Text: true, Mail: true, Call: true, Email: scheduling.NewPrivate("ms.wang@example.com")}

func aSilentBookingOwesNothing(t tb, b *Bundle) {
	calls := everyWay
	calls.Text = false
	for what, wish := range map[string]scheduling.ContactWish{"no wish": scheduling.AnyWish(), "every way": everyWay, "calls": calls} {
		b.Reset(t)
		me := b.Citizen(t, phone(1))
		b.wish(t, me, wish)
		r := b.bookAgain(t, me, "premarital", "2026-03-05 09:00")
		r.Silent = true
		a := b.mustBook(t, r)
		same(t, what+": booked", []string{"booked sms 0 02T09:00 suppressed silent", "reminder sms 24 04T09:00 suppressed silent", "reminder sms 2 05T07:00 suppressed silent"}, b.owed(t, a))
		a = b.mustDo(t, move, b.moveOf(me, a, "2026-03-06 09:00"))
		same(t, what+": moved", []string{"moved sms 0 02T09:00 suppressed silent", "reminder sms 24 05T09:00 suppressed silent", "reminder sms 2 06T07:00 suppressed silent"}, b.owed(t, a))
		b.mustDo(t, cancel, b.changeOf(b.Staff(t, "desk"), a))
		got := b.owed(t, a)
		if !slices.Contains(got, "cancelled sms 0 02T09:00 suppressed silent") || len(got) != 4 {
			t.Errorf("%s: once it is cancelled %v is owed", what, got)
		}
		for _, e := range b.ledger(t, scheduling.MessageFilter{Reference: a.Reference}) {
			if e.Status != scheduling.MessageSuppressed || e.Rule != string(messages.RuleSilent) {
				t.Errorf("%s: the ledger says %s %s of %s", what, e.Status, e.Rule, e.Kind)
			}
		}
		b.staysSilent(t, what)
	}
}

// staysSilent fails the test if anything is sent or asked for in the days to
// come but the code that somebody asks for.
func (b *Bundle) staysSilent(t tb, what string) {
	t.Helper()
	b.quiet(t)
	for _, at := range []string{"2026-03-02 09:00", "2026-03-04 09:00", "2026-03-05 07:00", "2026-03-05 09:00", "2026-03-06 07:00"} {
		b.Clock.Set(on(at))
		if due := b.claim(t); len(due) != 0 {
			t.Errorf("%s: at %s %d messages are sent", what, at, len(due))
		}
	}
	if tasks := b.tasks(t, false); len(tasks) != 0 {
		t.Errorf("%s: the desk is to do %+v", what, tasks)
	}
	b.ask(t, phone(1), "203.0.113.1")
	if due := b.claim(t); len(due) != 1 || due[0].Kind != messages.Code {
		t.Errorf("%s: of a code that is asked for %d messages are sent", what, len(due))
	}
}

func aSilentBookingStaysSilentWhateverIsPlannedAnew(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	r := b.wants(me, "premarital", "2026-03-06 09:00")
	r.Silent = true
	a := b.mustBook(t, r)
	same(t, "booked", []string{"booked sms 0 02T09:00 suppressed silent", "reminder sms 24 05T09:00 suppressed silent", "reminder sms 2 06T07:00 suppressed silent"}, b.owed(t, a))
	b.wish(t, me, everyWay)
	same(t, "after a wish", []string{"booked sms 0 02T09:00 suppressed silent", "reminder sms 24 05T09:00 suppressed silent", "reminder sms 2 06T07:00 suppressed silent"}, b.owed(t, a))
	b.Change(t, leads(12, 1))
	same(t, "after new rules", []string{"booked sms 0 02T09:00 suppressed silent", "reminder sms 12 05T21:00 suppressed silent", "reminder sms 1 06T08:00 suppressed silent"}, b.owed(t, a))
	b.Change(t, func(o *scheduling.Office) { o.Quiet = &messages.Window{From: 20 * 60, To: 8 * 60} })
	for _, one := range b.owed(t, a) {
		if !strings.HasSuffix(one, "suppressed silent") {
			t.Errorf("after quiet hours %s is owed", one)
		}
	}
	shown, err := b.Scheduler.Preview(background, me, a.Reference)
	if err != nil || len(shown) != 3 {
		t.Fatalf("%d messages are shown, %v", len(shown), err)
	}
	for _, m := range shown {
		if m.Status != scheduling.MessageSuppressed || m.Rule != string(messages.RuleSilent) {
			t.Errorf("%s is shown as %s %s", m.Kind, m.Status, m.Rule)
		}
	}
	b.staysSilent(t, "planned anew")
}

func aSilenceIsThatOfOneBookingAlone(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	r := b.wants(me, "family", "2026-03-05 09:00")
	r.Silent = true
	b.mustBook(t, r)
	told := b.mustBook(t, b.wants(me, "premarital", "2026-03-06 09:00"))
	same(t, "the other", []string{"booked sms 0 02T09:00 planned", "reminder sms 24 05T09:00 planned", "reminder sms 2 06T07:00 planned"}, b.owed(t, told))
	b.quiet(t)
	if due := b.claim(t); len(due) != 1 || due[0].To.Reveal() != phone(1) {
		t.Errorf("%d messages are sent", len(due))
	}
}
