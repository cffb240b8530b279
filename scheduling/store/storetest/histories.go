package storetest

import (
	"flag"
	"time"

	"pgregory.net/rapid"

	"magpie/scheduling"
)

var historyTests = []test{
	whateverHappensEverythingAddsUp,
}

const (
	// histories and steps bound the property test: each step compares every
	// table.
	histories = "30"
	steps     = "25"
)

// whateverHappensEverythingAddsUp draws histories of everything that citizens,
// the desk and the director do, with time passing, and after each step
// recomputes all that is derived.
func whateverHappensEverythingAddsUp(t tb, b *Bundle) {
	bound(t, "rapid.checks", "100", histories)
	bound(t, "rapid.steps", "30", steps)
	rapid.Check(t.(rapid.TB), func(r *rapid.T) {
		b.Reset(t)
		w := &world{Bundle: b}
		r.Repeat(map[string]func(*rapid.T){
			"book": w.book, "hold": w.hold, "give back": w.giveBack, "move": w.move, "cancel": w.cancel, "step": w.step,
			"go away": w.goAway, "come back": w.comeBack, "pass": w.pass, "clear": w.clear, "": w.check,
			"say how": w.sayHow, "send": w.sendSome, "lose": w.loseSome, "receive": w.receive, "answer": w.answer, "restore": w.restore,
			"rule": w.rule, "stop": w.stopOrGoOn,
			"place": w.place, "undo": w.undo, "hand on": w.handOn, "book a course": w.bookCourse, "offer": w.offerTimes, "take": w.takeOffer, "lapse": w.lapseOffers,
		})
	})
}

// bound sets a flag of rapid's for this test, unless somebody chose a value.
func bound(t tb, name, usual, value string) {
	t.Helper()
	f := flag.Lookup(name)
	if f == nil || f.Value.String() != usual {
		return
	}
	if err := flag.Set(name, value); err != nil {
		t.Fatalf("setting %s: %v", name, err)
	}
	t.Cleanup(func() { _ = flag.Set(name, usual) })
}

// world is what a history has made so far.
type world struct {
	*Bundle
	references []string
	held       []heldTime
	away       []absence
	messages   []int64 // that a gateway has, or may have
}

type absence struct {
	username string
	id       int64
}

type heldTime struct {
	hold    scheduling.Hold
	service string
	start   string
}

var (
	someServices = rapid.SampledFrom([]string{"premarital", "family", "lesson"})
	someStarts   = rapid.SampledFrom([]string{"07:30", "08:00", "08:30", "09:00", "09:30", "14:30", "15:30"})
	someDays     = rapid.SampledFrom([]string{"2026-03-02", "2026-03-03", "2026-03-04"})
	somePeople   = rapid.IntRange(1, 2)
)

// somebody is one of three citizens, or the desk.
func (w *world) somebody(r *rapid.T) scheduling.Actor {
	n := rapid.IntRange(0, 3).Draw(r, "who")
	if n == 0 {
		return w.Staff(r, "desk")
	}
	return w.Citizen(r, phone(n))
}

func someStart(r *rapid.T) string {
	return someDays.Draw(r, "day") + " " + someStarts.Draw(r, "start")
}

// allowed fails the history where an answer is none that a caller may get.
func allowed(r *rapid.T, err error) {
	switch scheduling.CodeOf(err) {
	case scheduling.CodeInternal, scheduling.CodeOverloaded:
		if err != nil {
			r.Fatalf("answered %v", err)
		}
	}
}

func (w *world) book(r *rapid.T) {
	who, service, start := w.somebody(r), someServices.Draw(r, "service"), someStart(r)
	q := w.wants(who, service, start)
	q.Parties = people(somePeople.Draw(r, "people"))
	if len(w.held) > 0 && rapid.Bool().Draw(r, "with a hold") {
		h := rapid.SampledFrom(w.held).Draw(r, "hold")
		q.Service, q.Start, q.Hold = h.service, on(h.start), h.hold.Secret
	}
	offered := w.offered(r, q)
	a, err := w.Scheduler.Book(background, q)
	allowed(r, err)
	if err == nil {
		w.references = append(w.references, a.Reference)
	}
	if q.Hold != "" || who.Kind != scheduling.Citizen {
		return
	}
	switch code := codeOrNone(err); {
	case offered && code != "" && code != scheduling.CodeOverlap && code != scheduling.CodeLimitReached:
		r.Fatalf("what a search offers was refused: %v", err)
	case !offered && code == "":
		r.Fatalf("what no search offers was booked")
	}
}

// offered says whether a search offers what is asked for.
func (w *world) offered(r *rapid.T, q scheduling.Booking) bool {
	found := w.find(r, scheduling.Search{Service: q.Service, From: dateOf(q.Start), Parties: len(q.Parties)})
	for _, s := range found.Slots {
		if s.Start.Equal(q.Start) {
			return true
		}
	}
	return false
}

func (w *world) hold(r *rapid.T) {
	service, start := someServices.Draw(r, "service"), someStart(r)
	who := w.somebody(r)
	if rapid.Bool().Draw(r, "without a token") {
		who = passerBy(rapid.SampledFrom([]string{"203.0.113.1", "203.0.113.2"}).Draw(r, "address"))
	}
	h, err := w.Scheduler.Hold(background, w.holds(who, service, start))
	allowed(r, err)
	if err == nil {
		w.held = append(w.held, heldTime{h, service, start})
	}
}

func (w *world) giveBack(r *rapid.T) {
	if len(w.held) == 0 {
		r.Skip("nothing is held")
	}
	h := rapid.SampledFrom(w.held).Draw(r, "hold")
	who := w.Citizen(r, phone(1))
	if rapid.Bool().Draw(r, "renew") {
		_, err := w.Scheduler.RenewHold(background, w.holdChange(who, h.hold))
		allowed(r, err)
		return
	}
	allowed(r, w.Scheduler.ReleaseHold(background, w.holdChange(who, h.hold)))
}

// one draws an appointment, and who may change it.
func (w *world) one(r *rapid.T) (scheduling.Appointment, scheduling.Actor) {
	if len(w.references) == 0 {
		r.Skip("nothing is booked")
	}
	a := w.read(r, rapid.SampledFrom(w.references).Draw(r, "reference"))
	if a.Asker.ID != 0 && rapid.Bool().Draw(r, "by the citizen") {
		return a, w.Citizen(r, a.Asker.Phone.Reveal())
	}
	return a, w.Staff(r, "desk")
}

func (w *world) move(r *rapid.T) {
	a, who := w.one(r)
	moved, err := w.Scheduler.Move(background, w.moveOf(who, a, someStart(r)))
	allowed(r, err)
	if err != nil {
		if now := w.read(r, a.Reference); now.Revision != a.Revision || !now.Start.Equal(a.Start) || now.Session.ID != a.Session.ID {
			r.Fatalf("a refused move changed the appointment: %v", err)
		}
	} else if moved.Revision != a.Revision+1 {
		r.Fatalf("moved from revision %d to %d", a.Revision, moved.Revision)
	}
}

func (w *world) cancel(r *rapid.T) {
	a, who := w.one(r)
	_, err := w.Scheduler.Cancel(background, w.changeOf(who, a))
	allowed(r, err)
}

func (w *world) step(r *rapid.T) {
	a, _ := w.one(r)
	do := map[scheduling.Status][]step{
		scheduling.Booked:    {checkIn, noShow},
		scheduling.CheckedIn: {start},
		scheduling.InSession: {complete},
	}[a.Status]
	if len(do) == 0 {
		r.Skip("it is over")
	}
	_, err := rapid.SampledFrom(do).Draw(r, "step")(w.Scheduler, w.changeOf(w.Staff(r, "chief"), a))
	allowed(r, err)
}

func (w *world) goAway(r *rapid.T) {
	name, from := rapid.SampledFrom([]string{"anna", "bert"}).Draw(r, "who"), someDays.Draw(r, "from")
	q := w.leave(r, name, from, "2026-03-04")
	q.Force = rapid.Bool().Draw(r, "force")
	entry, err := w.Scheduler.AddTimeOff(background, q)
	allowed(r, err)
	if err == nil {
		w.away = append(w.away, absence{name, entry.ID})
	}
}

func (w *world) comeBack(r *rapid.T) {
	if len(w.away) == 0 {
		r.Skip("nobody is away")
	}
	first := w.away[0]
	w.away = w.away[1:]
	if err := w.Scheduler.RemoveTimeOff(background, w.Staff(r, "chief"), "suite", first.username, first.id); err != nil {
		r.Fatalf("taking leave back: %v", err)
	}
}

func (w *world) pass(r *rapid.T) {
	w.Clock.Pass(time.Duration(rapid.SampledFrom([]int{1, 5, 7, 10, 60, 180}).Draw(r, "minutes")) * time.Minute)
}

func (w *world) clear(r *rapid.T) {
	if _, err := w.Store.ClearEnded(background); err != nil {
		r.Fatalf("clearing holds: %v", err)
	}
}

func (w *world) check(r *rapid.T) { w.consistent(r) }
