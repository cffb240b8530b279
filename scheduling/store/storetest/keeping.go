package storetest

import (
	"slices"
	"strings"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/office"
	"magpie/scheduling/store"
)

var keepingTests = []test{
	contactDataIsErasedAfterItsTimeAndNotBefore,
	whatIsStillKeptKeepsItsPerson,
	whatLivesForADayIsGoneAfterIt,
	theAuditIsErasedAfterItsTime,
	everythingIsReadUnderTheNewKeyAlone,
	aLeaseHasOneHolder,
	theDoctorFindsEveryDifference,
}

func (b *Bundle) erase(t tb) store.Erased {
	t.Helper()
	out, err := b.Store.Erase(background)
	if err != nil {
		t.Fatalf("erasing: %v", err)
	}
	return out
}

// longAgo is a booking with everything personal, and its last day.
func (b *Bundle) longAgo(t tb) scheduling.Appointment {
	t.Helper()
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00")
	r.Parties, r.Note = people(2), scheduling.NewPrivate("家里的房子怎么分")
	r.Parties[1].Phone = scheduling.NewPrivate(phone(2))
	r.Needs, r.Title = []scheduling.Need{scheduling.Child}, scheduling.Mr
	r.Contact = &scheduling.ContactRequest{Name: scheduling.NewPrivate("王妈妈"), Phone: scheduling.NewPrivate(phone(1)), Relation: scheduling.NewPrivate("母亲")}
	return b.mustBook(t, r)
}

func contactDataIsErasedAfterItsTimeAndNotBefore(t tb, b *Bundle) {
	a := b.longAgo(t)
	b.Clock.Set(day("2026-03-03").Add(180).At(23*60, shanghai))
	if out := b.erase(t); out.Appointments != 0 || out.Persons != 0 {
		t.Errorf("on the last day %+v were erased", out)
	}
	same(t, "appointment", show(a), show(b.read(t, a.Reference)))
	b.Clock.Set(day("2026-03-03").Add(181).At(0, shanghai))
	if out := b.erase(t); out.Appointments != 1 || out.Persons != 3 {
		t.Errorf("after it %+v were erased", out)
	}
	now := b.read(t, a.Reference)
	if now.Note.Reveal() != "" || len(now.Needs) != 0 || now.Title != "" || now.Contact != nil || len(now.Parties) != 2 || now.Parties[0].Name.Reveal() != "" || now.Parties[1].Phone.Reveal() != "" {
		t.Errorf("it still says %+v", show(now))
	}
	if now.Status != a.Status || !now.Start.Equal(a.Start) || now.Asker.ID != a.Asker.ID || now.Heads != 2 {
		t.Errorf("it is %s at %s of %d", now.Status, now.Start, now.Asker.ID)
	}
	for _, query := range []string{
		"SELECT COUNT(*) FROM persons", "SELECT COUNT(*) FROM contacts", "SELECT COUNT(*) FROM messages",
		"SELECT COUNT(*) FROM parties WHERE name IS NOT NULL OR phone IS NOT NULL",
		"SELECT COUNT(*) FROM appointments WHERE note IS NOT NULL OR reason IS NOT NULL OR asks IS NOT NULL OR contact_name IS NOT NULL OR contact_relation IS NOT NULL",
	} {
		if n := b.count(t, query); n != 0 {
			t.Errorf("%s: %d", query, n)
		}
	}
	same(t, "erased again", store.Erased{}, b.erase(t))
}

func whatIsStillKeptKeepsItsPerson(t tb, b *Bundle) {
	first := b.longAgo(t)
	b.Clock.Set(day("2026-08-25").At(9*60, shanghai))
	r := b.wants(b.Staff(t, "desk"), "family", "2026-09-08 09:00")
	r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	second := b.mustBook(t, r)
	if second.Asker.ID != first.Asker.ID {
		t.Fatalf("the number is %d and %d", first.Asker.ID, second.Asker.ID)
	}
	b.Clock.Set(day("2026-09-05").At(9*60, shanghai))
	if out := b.erase(t); out.Appointments != 1 || out.Persons != 2 {
		t.Errorf("%+v were erased", out)
	}
	same(t, "appointment", show(second), show(b.read(t, second.Reference)))
	if b.read(t, first.Reference).Contact != nil {
		t.Error("the first still has its contact")
	}
	b.Clock.Set(second.Start.Add(-time.Hour))
	if due := b.claim(t); len(due) == 0 || due[0].To.Reveal() != phone(1) {
		t.Errorf("%d messages can be sent", len(due))
	}
}

func whatLivesForADayIsGoneAfterIt(t tb, b *Bundle) {
	v := b.ask(t, phone(1), "203.0.113.1")
	b.mustConfirm(t, v.ID, b.code(t, phone(1)))
	b.mustHold(t, b.holds(passerBy("203.0.113.1"), "family", "2026-03-05 09:00"))
	b.setPassword(t, "anna", password)
	if _, err := b.login("anna", password, "192.0.2.1"); err != nil {
		t.Fatalf("logging in: %v", err)
	}
	b.Clock.Pass(24 * time.Hour)
	if _, err := b.Store.ClearEnded(background); err != nil {
		t.Fatalf("clearing holds: %v", err)
	}
	b.erase(t)
	for _, table := range []string{"verifications", "citizen_tokens", "staff_tokens", "remembered", "tallies", "hold_cooling", "messages"} {
		if n := b.count(t, "SELECT COUNT(*) FROM "+table); n != 0 {
			t.Errorf("%d rows of %s", n, table)
		}
	}
}

func theAuditIsErasedAfterItsTime(t tb, b *Bundle) {
	b.longAgo(t)
	b.Clock.Set(day("2026-03-02").Add(1095).At(23*60, shanghai))
	if out := b.erase(t); out.Audit != 0 {
		t.Errorf("on the last day %d were erased", out.Audit)
	}
	entries := b.count(t, "SELECT COUNT(*) FROM audit")
	b.Clock.Set(day("2026-03-02").Add(1096).At(0, shanghai))
	if out := b.erase(t); out.Audit != int64(entries) {
		t.Errorf("after it %d of %d were erased", out.Audit, entries)
	}
	b.Reset(t)
}

// under opens the database with some keys, the first being the active one.
func (b *Bundle) under(t tb, ids ...string) *store.Store {
	t.Helper()
	var keys []store.Key
	for _, id := range ids {
		k := store.Key{ID: id}
		copy(k.Bytes[:], map[string]string{"2026": suiteKey, "2027": "another key of thirty-two bytes, "}[id])
		keys = append(keys, k)
	}
	st, err := store.Open(background, store.Config{URL: b.URL, Keys: keys, Parse: office.Parse, Now: b.Clock.Now})
	if err != nil {
		t.Fatalf("opening the store: %v", err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

func everythingIsReadUnderTheNewKeyAlone(t tb, b *Bundle) {
	a := b.longAgo(t)
	leave := b.leave(t, "anna", "2026-03-10", "2026-03-11")
	leave.Reason = scheduling.NewPrivate("做手术去了")
	entry, err := b.Scheduler.AddTimeOff(background, leave)
	if err != nil {
		t.Fatalf("entering leave: %v", err)
	}
	both := b.under(t, "2027", "2026")
	out, err := both.Rekey(background)
	if want := (store.Rekeyed{Persons: 3, Contacts: 1, Leave: 1}); err != nil || out != want {
		t.Errorf("rekeyed %+v, %v", out, err)
	}
	if out, err = both.Rekey(background); err != nil || out.Persons != 0 || out.Contacts != 0 {
		t.Errorf("rekeyed again %+v, %v", out, err)
	}
	only := b.under(t, "2027")
	got, err := only.ByReference(background, a.Reference)
	if err != nil {
		t.Fatalf("reading under the new key: %v", err)
	}
	same(t, "appointment", show(a), show(got))
	person, err := only.ByPhone(background, scheduling.NewPrivate(phone(1)))
	if err != nil || person.ID != a.Asker.ID {
		t.Errorf("the number is %d, not %d: %v", person.ID, a.Asker.ID, err)
	}
	entries, _, err := only.LeaveOf(background, b.Staff(t, "anna").StaffID, scheduling.Page{})
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d entries of leave, %v", len(entries), err)
	}
	same(t, "leave", entry, entries[0])
	if _, err := b.Store.ByReference(background, a.Reference); err == nil {
		t.Error("the old key alone still reads it")
	}
}

func aLeaseHasOneHolder(t tb, b *Bundle) {
	take := func(holder string) (bool, int64) {
		t.Helper()
		held, epoch, err := b.Store.Lease(background, "job", holder, time.Hour)
		if err != nil {
			t.Fatalf("taking the lease: %v", err)
		}
		return held, epoch
	}
	held, first := take("a")
	if !held {
		t.Fatal("the first did not get the lease")
	}
	if held, _ := take("b"); held {
		t.Error("the second got it too")
	}
	if held, epoch := take("a"); !held || epoch != first {
		t.Errorf("the holder's renewal: %t in epoch %d", held, epoch)
	}
	b.exec(t, "UPDATE leases SET until_at = 1")
	if held, epoch := take("b"); !held || epoch != first+1 {
		t.Errorf("after its end: %t in epoch %d", held, epoch)
	}
	b.exec(t, "UPDATE leases SET until_at = 1")
	holders := make([]bool, 16)
	outcomes(t, together(len(holders), func(i int) (err error) {
		holders[i], _, err = b.Store.Lease(background, "job", "c"+itoa(int64(i)), time.Hour)
		return err
	}))
	if n := len(slices.DeleteFunc(holders, func(h bool) bool { return !h })); n != 1 {
		t.Errorf("%d of sixteen hold it", n)
	}
}

func theDoctorFindsEveryDifference(t tb, b *Bundle) {
	for what, query := range map[string]string{
		"a bit too many":             "UPDATE day_words SET b5 = b5 | 1 WHERE kind = 1",
		"a bit too few":              "UPDATE day_words SET b0 = b0 & (b0 - 1) WHERE kind = 2 AND b0 <> 0",
		"a person's row gone":        "DELETE FROM day_words WHERE kind = 3",
		"leave forgotten":            "UPDATE day_words SET o0 = 0, o1 = 0",
		"leave of nobody":            "DELETE FROM time_off",
		"a place too many":           "UPDATE sessions SET taken = 0",
		"a seat too many":            "UPDATE sessions SET heads = heads - 1 WHERE status = 0",
		"a session not counted":      "UPDATE staff_days SET sessions = 0",
		"a counsellor's day gone":    "DELETE FROM staff_days",
		"a person's count too great": "UPDATE open_counts SET open = 7",
		"a person's count gone":      "DELETE FROM open_counts",
		"an old message planned":     "UPDATE messages SET status = 'planned' WHERE revision = 1 AND subject_kind = 1",
		"a person in two at once":    "UPDATE appointments SET asker_id = (SELECT n FROM (SELECT MAX(asker_id) AS n FROM appointments) x)",
	} {
		b.Reset(t)
		for i := range 2 {
			me := b.Citizen(t, phone(i+1))
			r := b.wants(me, "family", "2026-03-03 08:00")
			r.Parties = people(2)
			b.mustDo(t, move, b.moveOf(me, b.mustBook(t, r), "2026-03-03 08:30"))
		}
		b.mustLeave(t, "anna", "2026-03-04", "2026-03-04", false)
		b.consistent(t)
		b.exec(t, query)
		lines, err := b.Store.Doctor(background)
		if err != nil || len(lines) == 0 {
			t.Errorf("%s: the doctor finds %d differences, %v", what, len(lines), err)
		}
		for _, line := range lines {
			if strings.Contains(line, "\n") {
				t.Errorf("%s: %q is no line", what, line)
			}
		}
	}
	b.Reset(t)
}
