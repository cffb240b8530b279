package storetest

import (
	"time"

	"pgregory.net/rapid"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// What staff do in histories beside.

var (
	someCounsellors = rapid.SampledFrom([]string{"", "anna", "bert"})
	someRooms       = rapid.SampledFrom([]string{"", "", "small", "large", "small", "large", "hall"})
	laterDays       = rapid.SampledFrom([]string{"2026-03-04", "2026-03-05", "2026-03-06"})
)

// place moves to a place that staff name, at its own time as often as not, and
// holds the answer against what a check said before.
func (w *world) place(r *rapid.T) {
	a, _ := w.one(r)
	who := w.Staff(r, rapid.SampledFrom([]string{"desk", "chief"}).Draw(r, "who"))
	c := w.moveOf(who, a, someStart(r))
	if rapid.Bool().Draw(r, "at its own time") {
		c.Start = a.Start
	}
	c.Counsellor, c.Room = someCounsellors.Draw(r, "counsellor"), someRooms.Draw(r, "room")
	if rapid.Bool().Draw(r, "stretched") {
		c.End = c.Start.Add(time.Duration(rapid.IntRange(11, 24).Draw(r, "quanta")) * 5 * time.Minute)
	}
	if c.Counsellor == "" && c.Room == "" && c.End.IsZero() {
		r.Skip("nothing is named")
	}
	check, err := w.Scheduler.CheckMove(background, c)
	allowed(r, err)
	moved, err := w.Scheduler.Move(background, c)
	allowed(r, err)
	switch now := w.read(r, a.Reference); {
	case (err == nil) != (len(check.Problems) == 0) && scheduling.CodeOf(err) != scheduling.CodeInvalid:
		r.Fatalf("the check said %+v, the move %v", check.Problems, err)
	case err != nil && (now.Revision != a.Revision || !now.Start.Equal(a.Start) || now.Session.ID != a.Session.ID || now.Counsellor.ID != a.Counsellor.ID || now.Room.ID != a.Room.ID):
		r.Fatalf("a refused move changed the appointment: %v", err)
	case err == nil && (c.Counsellor != "" && now.Counsellor.Username != c.Counsellor || c.Room != "" && now.Room.Code != c.Room || !c.End.IsZero() && !now.End.Equal(c.End)):
		r.Fatalf("it is with %s in %s until %s", now.Counsellor.Username, now.Room.Code, now.End)
	case err == nil && check.Told != (moved.Revision != a.Revision) && a.Notified.ID != 0:
		r.Fatalf("to be told: %t, from revision %d to %d", check.Told, a.Revision, moved.Revision)
	}
}

func (w *world) undo(r *rapid.T) {
	a, _ := w.one(r)
	_, err := w.Scheduler.Undo(background, w.changeOf(w.Staff(r, rapid.SampledFrom([]string{"desk", "chief"}).Draw(r, "who")), a))
	allowed(r, err)
}

// handOn hands some appointments to whom they suit best, with leave or without.
func (w *world) handOn(r *rapid.T) {
	if len(w.references) == 0 {
		r.Skip("nothing is booked")
	}
	if rapid.Bool().Draw(r, "with leave") {
		name := rapid.SampledFrom([]string{"anna", "bert"}).Draw(r, "who is away")
		q := w.leave(r, name, someDays.Draw(r, "from"), "2026-03-04")
		q.All, q.Hours = true, calendar.Period{From: 8 * 60, To: calendar.Clock(60 * rapid.IntRange(10, 18).Draw(r, "until"))}
		entry, _, err := w.Scheduler.TimeOffWithPlan(background, q)
		allowed(r, err)
		if err == nil {
			w.away = append(w.away, absence{name, entry.ID})
		}
		return
	}
	var plan []scheduling.PlanItem
	seen := map[string]bool{}
	for range rapid.IntRange(1, 3).Draw(r, "how many") {
		if reference := rapid.SampledFrom(w.references).Draw(r, "reference"); !seen[reference] {
			plan = append(plan, scheduling.PlanItem{Reference: reference})
			seen[reference] = true
		}
	}
	_, err := w.Scheduler.HandOver(background, w.hands(w.Staff(r, "desk"), true, plan...))
	allowed(r, err)
}

func (w *world) bookCourse(r *rapid.T) {
	q := w.course(w.Staff(r, "desk"), someServices.Draw(r, "service"), someStart(r), rapid.IntRange(2, 3).Draw(r, "count"), 1)
	if n := rapid.IntRange(0, 3).Draw(r, "who"); n > 0 {
		q.Parties[0].Phone = scheduling.NewPrivate(phone(n))
	}
	out, err := w.Scheduler.BookSeries(background, q)
	allowed(r, err)
	for _, a := range out.Appointments {
		w.references = append(w.references, a.Reference)
	}
}

func (w *world) offerTimes(r *rapid.T) {
	a, _ := w.one(r)
	later := laterDays.Draw(r, "day") + " "
	_, err := w.Scheduler.OfferTimes(background, w.offers(w.Staff(r, "desk"), a, later+"09:00", later+someStarts.Draw(r, "start")))
	allowed(r, err)
}

func (w *world) takeOffer(r *rapid.T) {
	for _, reference := range w.references {
		a := w.read(r, reference)
		who := w.Staff(r, "desk")
		if a.Asker.ID != 0 && rapid.Bool().Draw(r, "by the citizen") {
			who = w.Citizen(r, a.Asker.Phone.Reveal())
		}
		_, offer, err := w.Scheduler.OfferOf(background, who, reference)
		if err != nil || len(offer.Times) == 0 {
			continue
		}
		c := w.changeOf(who, a)
		c.Start = rapid.SampledFrom(offer.Times).Draw(r, "time").Session.Start
		_, err = w.Scheduler.TakeOffer(background, c)
		allowed(r, err)
		return
	}
	r.Skip("nothing is offered")
}

func (w *world) lapseOffers(r *rapid.T) { w.lapse(r) }
