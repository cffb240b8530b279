package storetest

import (
	"time"

	"magpie/scheduling"
)

var bookingTests = []test{
	theCounsellorWithTheFewestSessionsThatDayIsTaken,
	thenTheOneWithTheFewestThatWeekIsTaken,
	theSmallestRoomThatSeatsAllIsTaken,
	wishesAreKept,
	aWishForNobodyIsInvalidOrFindsNothing,
	moreOrFewerThanTheServiceTakesAreInvalid,
	aStartOffTheGridInThePastOrOutsideTheHoursIsInvalid,
	insideTheNoticeItIsTooLate,
	aDayOpensAtTheReleaseTimeOfItsHorizon,
	aYearWithoutItsNoticeIsForTheDeskAlone,
	theBufferKeepsRoomAndCounsellorFree,
	aSessionOverTheUTCMidnightIsOneSession,
	aTakenStartOffersTheNearestFreeOnes,
	aBookingOwesItsMessages,
	everythingOfABookingIsReadBack,
}

func theCounsellorWithTheFewestSessionsThatDayIsTaken(t tb, b *Bundle) {
	first := b.wants(b.Staff(t, "desk"), "family", "2026-03-03 09:00")
	first.Wish.Counsellor = "anna"
	b.mustBook(t, first)
	for _, start := range []string{"2026-03-03 14:30", "2026-03-04 09:00"} {
		second := b.wants(b.Staff(t, "desk"), "family", start)
		second.Wish.Counsellor = "bert"
		if start == "2026-03-03 14:30" {
			second.Wish.Counsellor = ""
		}
		if got := b.mustBook(t, second).Counsellor.Username; got != "bert" {
			t.Errorf("at %s the counsellor is %s, not bert", start, got)
		}
	}
	third := b.wants(b.Staff(t, "desk"), "family", "2026-03-04 14:30")
	if got := b.mustBook(t, third).Counsellor.Username; got != "anna" {
		t.Errorf("anna has fewer that day, and %s was taken", got)
	}
}

func thenTheOneWithTheFewestThatWeekIsTaken(t tb, b *Bundle) {
	for start, counsellor := range map[string]string{
		"2026-03-06 09:00": "bert", "2026-03-09 09:00": "anna", "2026-03-09 14:30": "anna",
	} {
		r := b.wants(b.Staff(t, "desk"), "family", start)
		r.Wish.Counsellor = counsellor
		b.mustBook(t, r)
	}
	if got := b.mustBook(t, b.wants(b.Staff(t, "desk"), "family", "2026-03-03 09:00")).Counsellor.Username; got != "anna" {
		t.Errorf("anna has nothing in that week, and %s was taken", got)
	}
	if got := b.mustBook(t, b.wants(b.Staff(t, "desk"), "family", "2026-03-10 09:00")).Counsellor.Username; got != "bert" {
		t.Errorf("bert has nothing in that week, and %s was taken", got)
	}
}

func theSmallestRoomThatSeatsAllIsTaken(t tb, b *Bundle) {
	for _, c := range []struct {
		start  string
		people int
		want   string
	}{
		{"2026-03-03 09:00", 1, "small"},
		{"2026-03-03 14:30", 3, "large"},
		{"2026-03-04 09:00", 2, "small"},
		{"2026-03-04 09:00", 1, "large"},
	} {
		r := b.wants(b.Staff(t, "desk"), "family", c.start)
		r.Parties = people(c.people)
		if got := b.mustBook(t, r).Room.Code; got != c.want {
			t.Errorf("%d people at %s got the room %s, not %s", c.people, c.start, got, c.want)
		}
	}
	r := b.wants(b.Staff(t, "desk"), "family", "2026-03-03 14:30")
	r.Parties = people(3)
	_, err := b.Scheduler.Book(background, r)
	refused(t, err, scheduling.CodeSlotTaken)
}

func wishesAreKept(t tb, b *Bundle) {
	for i, c := range []struct {
		wish             scheduling.Wish
		counsellor, room string
	}{
		{scheduling.Wish{Counsellor: "bert"}, "bert", "small"},
		{scheduling.Wish{Gender: "male"}, "bert", "small"},
		{scheduling.Wish{Gender: "female", Accessible: true}, "anna", "large"},
		{scheduling.Wish{Counsellor: "anna", Gender: "female"}, "anna", "small"},
	} {
		r := b.wants(b.Citizen(t, phone(i+1)), "family", day("2026-03-03").Add(i).String()+" 09:00")
		r.Wish = c.wish
		a := b.mustBook(t, r)
		if a.Counsellor.Username != c.counsellor || a.Room.Code != c.room {
			t.Errorf("the wish %+v got %s in %s", c.wish, a.Counsellor.Username, a.Room.Code)
		}
		if got := b.read(t, a.Reference).Wish; got != c.wish {
			t.Errorf("the wish %+v was stored as %+v", c.wish, got)
		}
	}
}

func aWishForNobodyIsInvalidOrFindsNothing(t tb, b *Bundle) {
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00")
	r.Wish.Counsellor = "desk"
	_, err := b.Scheduler.Book(background, r)
	refusedField(t, err, "counsellor")
	r.Wish = scheduling.Wish{Gender: "neither"}
	_, err = b.Scheduler.Book(background, r)
	refusedField(t, err, "gender")
	r.Wish = scheduling.Wish{Counsellor: "anna", Gender: "male"}
	_, err = b.Scheduler.Book(background, r)
	if e := refused(t, err, scheduling.CodeSlotTaken); len(e.Alternatives) != 0 {
		t.Errorf("nobody is both, and %d alternatives are offered", len(e.Alternatives))
	}
	if n := b.count(t, "SELECT COUNT(*) FROM sessions"); n != 0 {
		t.Errorf("%d sessions were made", n)
	}
}

func moreOrFewerThanTheServiceTakesAreInvalid(t tb, b *Bundle) {
	for _, n := range []int{0, 5} {
		r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00")
		r.Parties = people(n)
		_, err := b.Scheduler.Book(background, r)
		refusedField(t, err, "parties")
	}
	if n := b.count(t, "SELECT COUNT(*) FROM appointments"); n != 0 {
		t.Errorf("%d appointments were made", n)
	}
}

func aStartOffTheGridInThePastOrOutsideTheHoursIsInvalid(t tb, b *Bundle) {
	for _, start := range []string{
		"2026-03-03 09:10", "2026-03-03 11:30", "2026-03-03 12:00", "2026-03-03 17:00", "2026-03-03 05:00",
		"2026-03-07 09:00", "2026-03-02 08:30", "2026-03-02 09:00", "2026-02-27 09:00", "2026-04-06 09:00",
	} {
		for _, who := range []scheduling.Actor{b.Citizen(t, phone(1)), b.Staff(t, "desk")} {
			_, err := b.Scheduler.Book(background, b.wants(who, "family", start))
			if scheduling.CodeOf(err) == scheduling.CodeNotOpen && start == "2026-04-06 09:00" {
				continue
			}
			refusedField(t, err, "start")
		}
	}
	b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-02 09:30"))
	if n := b.count(t, "SELECT COUNT(*) FROM appointments"); n != 1 {
		t.Errorf("%d appointments were made", n)
	}
}

func insideTheNoticeItIsTooLate(t tb, b *Bundle) {
	b.Clock.Set(on("2026-03-02 09:00").Add(time.Second))
	r := b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-02 11:00")
	_, err := b.Scheduler.Book(background, r)
	refused(t, err, scheduling.CodeTooLate)
	if n := b.free(t, "premarital", "2026-03-02 11:00"); n != 0 {
		t.Errorf("a search offers %d inside the notice", n)
	}
	b.mustBook(t, b.wants(b.Staff(t, "desk"), "premarital", "2026-03-02 11:00"))
	b.Clock.Set(on("2026-03-02 09:00"))
	b.mustBook(t, r)
}

func aDayOpensAtTheReleaseTimeOfItsHorizon(t tb, b *Bundle) {
	const start = "2026-04-02 09:00"
	b.Clock.Set(on("2026-03-03 08:30").Add(-time.Second))
	r := b.wants(b.Citizen(t, phone(1)), "premarital", start)
	_, err := b.Scheduler.Book(background, r)
	if e := refused(t, err, scheduling.CodeNotOpen); !e.OpensAt.Equal(on("2026-03-03 08:30")) {
		t.Errorf("it opens at %s", e.OpensAt)
	}
	closed := b.find(t, scheduling.Search{Service: "premarital", From: day("2026-04-02")}).Closed
	if closed == nil || closed.Code != scheduling.DayNotOpen {
		t.Errorf("the day is %+v", closed)
	}
	b.mustBook(t, b.wants(b.Staff(t, "desk"), "premarital", start))
	b.Clock.Set(on("2026-03-03 08:30"))
	if n := b.free(t, "premarital", start); n != 1 {
		t.Errorf("after the release %d are free", n)
	}
	b.mustBook(t, r)
}

func aYearWithoutItsNoticeIsForTheDeskAlone(t tb, b *Bundle) {
	b.Clock.Set(on("2026-12-21 09:00"))
	const start = "2027-01-05 09:00"
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(1)), "family", start))
	refusedField(t, err, "start")
	closed := b.find(t, scheduling.Search{Service: "family", From: day("2027-01-05")}).Closed
	if closed == nil || closed.Code != scheduling.DayNotLoaded {
		t.Errorf("the day is %+v", closed)
	}
	b.mustBook(t, b.wants(b.Staff(t, "desk"), "family", start))
	warnings, err := b.Scheduler.Ready(background)
	if err != nil || len(warnings) != 1 {
		t.Errorf("the warnings are %q, %v", warnings, err)
	}
}

func theBufferKeepsRoomAndCounsellorFree(t tb, b *Bundle) {
	b.Change(t, onePair)
	b.mustBook(t, b.wants(b.Staff(t, "desk"), "premarital", "2026-03-03 09:00"))
	for start, want := range map[string]int{
		"2026-03-03 07:30": 1, "2026-03-03 08:00": 0, "2026-03-03 08:30": 0, "2026-03-03 09:30": 0, "2026-03-03 10:00": 0, "2026-03-03 10:30": 1,
	} {
		if got := b.free(t, "premarital", start); got != want {
			t.Errorf("at %s %d are free, not %d", start, got, want)
		}
		if want == 0 {
			_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(1)), "premarital", start))
			refused(t, err, scheduling.CodeSlotTaken)
		}
	}
	b.mustBook(t, b.wants(b.Staff(t, "desk"), "family", "2026-03-03 11:00"))
}

func aSessionOverTheUTCMidnightIsOneSession(t tb, b *Bundle) {
	b.Change(t, onePair)
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-03 07:30"))
	days := b.count(t, "SELECT COUNT(DISTINCT day) FROM day_words WHERE b0 | b1 | b2 | b3 | b4 | b5 <> 0")
	if days != 2 {
		t.Fatalf("the session lies on %d UTC days", days)
	}
	b.consistent(t)
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(2)), "family", "2026-03-03 08:00"))
	refused(t, err, scheduling.CodeSlotTaken)
	_, err = b.Scheduler.Book(background, b.wants(me, "family", "2026-03-03 08:00"))
	refused(t, err, scheduling.CodeOverlap)
	b.mustDo(t, move, b.moveOf(me, a, "2026-03-03 08:00"))
	b.consistent(t)
	b.mustDo(t, cancel, b.changeOf(me, a))
	if n := b.count(t, "SELECT COUNT(*) FROM day_words WHERE b0 | b1 | b2 | b3 | b4 | b5 <> 0"); n != 0 {
		t.Errorf("%d rows are still busy", n)
	}
}

func aTakenStartOffersTheNearestFreeOnes(t tb, b *Bundle) {
	b.Change(t, onePair)
	b.mustBook(t, b.wants(b.Staff(t, "desk"), "family", "2026-03-03 14:30"))
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 14:30"))
	e := refused(t, err, scheduling.CodeSlotTaken)
	want := []string{"2026-03-03 16:00", "2026-03-03 16:30", "2026-03-03 11:00", "2026-03-03 10:30", "2026-03-03 10:00"}
	if len(e.Alternatives) != len(want) {
		t.Fatalf("the alternatives are %+v", e.Alternatives)
	}
	for i, s := range e.Alternatives {
		if !s.Start.Equal(on(want[i])) || !s.End.Equal(s.Start.Add(time.Hour)) || s.Free != 1 {
			t.Errorf("alternative %d is %+v, not %s", i, s, want[i])
		}
	}
}

func aBookingOwesItsMessages(t tb, b *Bundle) {
	a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-03 08:00"))
	got := b.rows(t, "SELECT kind, lead_seconds, due_at, until_at, status, revision FROM messages WHERE subject_kind = 1 AND subject_id = ? ORDER BY due_at", a.ID)
	at := func(text string) string { return itoa(on(text).Unix()) }
	want := [][]string{
		{"booked", "0", at("2026-03-02 09:00"), at("2026-03-03 08:00"), "planned", "1"},
		{"reminder", "7200", at("2026-03-03 06:00"), at("2026-03-03 08:00"), "planned", "1"},
	}
	same(t, "messages", want, got)
}

func everythingOfABookingIsReadBack(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	r := b.wants(me, "family", "2026-03-03 07:30")
	r.Parties = people(3)
	r.Parties[1].Phone = scheduling.NewPrivate("+86" + phone(2))
	r.Locale, r.Note = "en", scheduling.NewPrivate("电梯坏了怎么办")
	r.Wish = scheduling.Wish{Counsellor: "bert", Gender: "male", Accessible: true}
	a := b.mustBook(t, r)
	if a.Parties[1].Phone.Reveal() != phone(2) || a.Parties[0].Phone.Reveal() != phone(1) || !a.Parties[2].Phone.IsZero() {
		t.Errorf("the numbers are %q, %q and %q", a.Parties[0].Phone.Reveal(), a.Parties[1].Phone.Reveal(), a.Parties[2].Phone.Reveal())
	}
	same(t, "appointment", show(a), show(b.read(t, a.Reference)))
	listed, next, err := b.Scheduler.Appointments(background, me, scheduling.Page{})
	if err != nil || next != "" || len(listed) != 1 {
		t.Fatalf("one's own list: %d, %q, %v", len(listed), next, err)
	}
	same(t, "listed", show(a), show(listed[0]))
	gone := b.mustDo(t, cancel, scheduling.Change{Actor: me, Reference: a.Reference, Reason: scheduling.NewPrivate("不去了")})
	same(t, "cancelled", show(gone), show(b.read(t, a.Reference)))
}
