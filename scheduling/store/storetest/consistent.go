package storetest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"magpie/scheduling/calendar"
)

// slice is five minutes of one thing that can be in one place only: a room
// (1), a counsellor (2) or a person who counts (3).
type slice struct{ kind, id, quantum int64 }

// consistent recomputes everything that is derived, five minutes by five
// minutes and with no code of the store's, and fails the test on any
// difference. The store's own doctor must agree.
func (b *Bundle) consistent(t tb) {
	t.Helper()
	b.wordsAreTheSessions(t)
	b.offIsTheLeave(t)
	b.placesAreTaken(t)
	b.countersCount(t)
	b.citizensAreCounted(t)
	b.messagesAreOwed(t)
	lines, err := b.Store.Doctor(background)
	if err != nil {
		t.Errorf("doctor: %v", err)
	}
	for _, line := range lines {
		t.Errorf("doctor: %s", line)
	}
}

// wordsAreTheSessions compares the busy words with sessions and appointments,
// and finds whoever is in two at once.
func (b *Bundle) wordsAreTheSessions(t tb) {
	t.Helper()
	want := make(map[slice]int64)
	take := func(kind, id, from, until, session int64) {
		for q := from / 300; q*300 < until; q++ {
			s := slice{kind, id, q}
			if other, taken := want[s]; taken {
				t.Errorf("kind %d %d is in %d and in %d at %s", kind, id, other, session, time.Unix(q*300, 0).In(shanghai))
			}
			want[s] = session
		}
	}
	for _, r := range b.numbers(t, "SELECT id, room_id, counsellor_id, start_at, claim_end FROM sessions WHERE status <> 1") {
		take(1, r[1], r[3], r[4], r[0])
		take(2, r[2], r[3], r[4], r[0])
	}
	for _, r := range b.numbers(t, "SELECT id, asker_id, start_at, claim_end FROM appointments WHERE asker_id <> 0 AND status <> 'cancelled'") {
		take(3, r[1], r[2], r[3], r[0])
	}
	// A person's days that are past are dropped by the daily job.
	past := b.Clock.Now().Unix()/300 - 2*288
	dropped := func(s slice) bool { return s.kind == 3 && s.quantum < past }
	sameSlices(t, "busy", slices.DeleteFunc(slices.Collect(maps.Keys(want)), dropped), slices.DeleteFunc(b.bits(t, "b"), dropped))
}

// offIsTheLeave compares the off words with the rows of leave, and of what
// counsellors are busy with elsewhere.
func (b *Bundle) offIsTheLeave(t tb) {
	t.Helper()
	var want []slice
	for _, r := range b.rows(t, "SELECT staff_id, from_date, to_date, hours FROM time_off") {
		var staff, first, last int64
		if _, err := fmt.Sscan(r[0]+" "+r[1]+" "+r[2], &staff, &first, &last); err != nil {
			t.Fatalf("leave %v: %v", r, err)
		}
		minutes := [4]int64{0, 0, 24, 0}
		if r[3] != "" {
			if _, err := fmt.Sscanf(r[3], "%d:%d-%d:%d", &minutes[0], &minutes[1], &minutes[2], &minutes[3]); err != nil {
				t.Fatalf("leave %v: %v", r, err)
			}
		}
		for d := first; d <= last; d++ {
			midnight := calendar.Date(d).At(0, shanghai).Unix() / 300
			for q := (minutes[0]*60 + minutes[1]) / 5; q < (minutes[2]*60+minutes[3])/5; q++ {
				want = append(want, slice{2, staff, midnight + q})
			}
		}
	}
	for _, r := range b.numbers(t, "SELECT staff_id, from_at, to_at FROM outside_busy") {
		for q := r[1] / 300; q < r[2]/300; q++ {
			want = append(want, slice{2, r[0], q})
		}
	}
	sameSlices(t, "off", want, b.bits(t, "o"))
}

// bits are the five minutes set in one set of words.
func (b *Bundle) bits(t tb, set string) []slice {
	t.Helper()
	var out []slice
	for _, r := range b.numbers(t, fmt.Sprintf("SELECT kind, resource, day, %[1]s0, %[1]s1, %[1]s2, %[1]s3, %[1]s4, %[1]s5 FROM day_words", set)) {
		for i := range int64(288) {
			if r[3+i/48]>>(i%48)&1 == 1 {
				out = append(out, slice{r[0], r[1], r[2]*288 + i})
			}
		}
	}
	return out
}

func sameSlices(t tb, set string, want, have []slice) {
	t.Helper()
	wanted, had := make(map[slice]bool), make(map[slice]bool)
	for _, s := range want {
		wanted[s] = true
	}
	for _, s := range have {
		had[s] = true
		if !wanted[s] {
			t.Errorf("%s: kind %d %d is set at %s for nothing", set, s.kind, s.id, time.Unix(s.quantum*300, 0).In(shanghai))
		}
	}
	for s := range wanted {
		if !had[s] {
			t.Errorf("%s: kind %d %d is not set at %s", set, s.kind, s.id, time.Unix(s.quantum*300, 0).In(shanghai))
		}
	}
}

// placesAreTaken compares each session's places and heads with its open
// appointments and its holds.
func (b *Bundle) placesAreTaken(t tb) {
	t.Helper()
	taken, heads := make(map[int64]int64), make(map[int64]int64)
	for _, query := range []string{
		"SELECT session_id, heads FROM appointments WHERE status IN ('booked', 'checked_in', 'in_session')",
		"SELECT session_id, heads FROM holds",
	} {
		for _, r := range b.numbers(t, query) {
			taken[r[0]]++
			heads[r[0]] += r[1]
		}
	}
	for _, r := range b.numbers(t, "SELECT id, taken, heads, places, seats, status FROM sessions") {
		if r[1] != taken[r[0]] || r[2] != heads[r[0]] {
			t.Errorf("session %d has %d places and %d seats taken, not %d and %d", r[0], r[1], r[2], taken[r[0]], heads[r[0]])
		}
		if r[1] > r[3] || r[2] > r[4] {
			t.Errorf("session %d has %d of %d places and %d of %d seats taken", r[0], r[1], r[3], r[2], r[4])
		}
		if (r[1] > 0) != (r[5] == 0) {
			t.Errorf("session %d has %d places taken and the status %d", r[0], r[1], r[5])
		}
	}
	for _, r := range b.numbers(t, `SELECT a.id, a.start_at - s.start_at, a.end_at - s.end_at, a.service_id - s.service_id
		FROM appointments a JOIN sessions s ON s.id = a.session_id`) {
		if r[1] != 0 || r[2] != 0 || r[3] != 0 {
			t.Errorf("appointment %d differs from its session by %v", r[0], r[1:])
		}
	}
}

// countersCount compares the sessions of each counsellor's day and the open
// appointments of each person with their rows.
func (b *Bundle) countersCount(t tb) {
	t.Helper()
	b.sameCounts(t, "sessions of a counsellor's day",
		"SELECT counsellor_id, date, COUNT(*) FROM sessions WHERE status <> 1 GROUP BY counsellor_id, date",
		"SELECT staff_id, date, sessions FROM staff_days WHERE sessions <> 0")
	b.sameCounts(t, "open appointments of a person",
		"SELECT asker_id, service_id, COUNT(*) FROM appointments WHERE counted = 1 GROUP BY asker_id, service_id",
		"SELECT person_id, service_id, open FROM open_counts WHERE open <> 0")
	now := b.Clock.Now().Unix()
	wrong := b.numbers(t, `SELECT id FROM appointments WHERE
		(counted = 1 AND (asker_id = 0 OR status NOT IN ('booked', 'checked_in', 'in_session'))) OR
		(counted = 0 AND asker_id <> 0 AND start_at > ? AND status IN ('booked', 'checked_in', 'in_session'))`, now)
	for _, r := range wrong {
		t.Errorf("appointment %d is counted wrongly", r[0])
	}
}

// citizensAreCounted compares the places that citizens have, where some are kept
// for the desk, from today on.
func (b *Bundle) citizensAreCounted(t tb) {
	t.Helper()
	all, err := b.Scheduler.OfficeList(background)
	if err != nil {
		t.Fatalf("listing offices: %v", err)
	}
	keeping := "0"
	for _, o := range all {
		for _, s := range o.Services {
			if s.KeptForDesk > 0 {
				keeping += "," + itoa(s.ID)
			}
		}
	}
	since := fmt.Sprintf(" IN (%s) AND date >= %d", keeping, dateOf(b.Clock.Now()))
	b.sameCounts(t, "citizens' places of a service's day",
		"SELECT service_id, date, COUNT(*) FROM (SELECT s.service_id, s.date FROM sessions s JOIN appointments a ON a.session_id = s.id WHERE a.by_citizen = 1 AND a.status <> 'cancelled' "+
			"UNION ALL SELECT s.service_id, s.date FROM sessions s JOIN holds h ON h.session_id = s.id WHERE h.person_id <> 0 OR h.address IS NOT NULL) p WHERE service_id"+since+" GROUP BY service_id, date",
		"SELECT service_id, date, taken FROM citizen_days WHERE taken <> 0 AND service_id"+since)
}

func (b *Bundle) sameCounts(t tb, what, want, have string) {
	t.Helper()
	key := func(r []int64) [2]int64 { return [2]int64{r[0], r[1]} }
	counts := make(map[[2]int64]int64)
	for _, r := range b.numbers(t, want) {
		counts[key(r)] = r[2]
	}
	for _, r := range b.numbers(t, have) {
		if counts[key(r)] != r[2] {
			t.Errorf("%s %v: %d are counted, there are %d", what, key(r), r[2], counts[key(r)])
		}
		delete(counts, key(r))
	}
	for k, n := range counts {
		t.Errorf("%s %v: none are counted, there are %d", what, k, n)
	}
}

// messagesAreOwed finds messages that would speak of a time that is no more,
// and appointments that changed without a line of the audit.
func (b *Bundle) messagesAreOwed(t tb) {
	t.Helper()
	for _, r := range b.rows(t, `SELECT m.kind, a.reference FROM messages m JOIN appointments a ON a.id = m.subject_id
		WHERE m.subject_kind = 1 AND m.status = 'planned' AND
		(m.revision <> a.revision OR (m.kind <> 'cancelled') <> (a.status IN ('booked', 'checked_in', 'in_session')))`) {
		t.Errorf("a message %q is still planned for %s", r[0], r[1])
	}
	const of = "(SELECT COUNT(*) FROM audit x WHERE x.subject = a.reference AND x.refused = '' AND x.action "
	const steps = "IN ('appointment.check_in', 'appointment.start', 'appointment.complete', 'appointment.no_show'))"
	const stepsBack = "IN ('appointment.undo_check_in', 'appointment.undo_start', 'appointment.undo_complete', 'appointment.undo_no_show'))"
	for _, r := range b.rows(t, `SELECT a.reference FROM appointments a WHERE
		a.revision <> 1 + `+of+`IN ('appointment.reschedule', 'appointment.undo_reschedule')) + 2 * `+of+`IN ('appointment.restore', 'appointment.undo_cancel'))
		OR 1 <> `+of+`= 'appointment.book')
		OR (a.status <> 'booked') <> (`+of+steps+` > `+of+stepsBack+`
			OR `+of+`LIKE 'appointment.cancel%') > `+of+`IN ('appointment.restore', 'appointment.undo_cancel')))`) {
		t.Errorf("the audit does not tell what became of %s", r[0])
	}
}
