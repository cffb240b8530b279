package store

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// moment draws an instant of whole seconds, as columns hold them.
func moment(r *rapid.T, name string) time.Time {
	return time.Unix(rapid.Int64Range(1, 1<<33).Draw(r, name), 0).UTC()
}

func testKeyring(t *testing.T, ids ...string) *keyring {
	t.Helper()
	keys := make([]Key, len(ids))
	for i, id := range ids {
		keys[i].ID = id
		copy(keys[i].Bytes[:], "the master key of the year "+id)
	}
	k, err := newKeyring(keys)
	if err != nil {
		t.Fatalf("making a keyring: %v", err)
	}
	return k
}

func TestASessionIsReadBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := func(name string) int64 { return rapid.Int64Range(0, 1<<62).Draw(r, name) }
		small := func(name string) int { return rapid.IntRange(0, 1<<30).Draw(r, name) }
		want := scheduling.Session{
			ID: n("id"), OfficeID: n("office"), ServiceID: n("service"), Room: n("room"), Counsellor: n("counsellor"),
			Start: moment(r, "start"), End: moment(r, "end"), ClaimEnd: moment(r, "claim end"),
			Taken: small("taken"), Places: small("places"), Heads: small("heads"), Seats: small("seats"), Date: calendar.Date(small("date")),
		}
		if got := sessionToRow(want).session(); got != want {
			r.Errorf("written %+v, read %+v", want, got)
		}
	})
}

func TestAnAuditEntryIsReadBackAsItWasWritten(t *testing.T) {
	want := scheduling.AuditEntry{
		At: time.Unix(1772413200, 0).UTC(), Actor: scheduling.AuditActor{Kind: scheduling.StaffKind, ID: 7, Name: "desk", Role: "desk"},
		Action: "appointment.book", OfficeID: 3, Subject: "12345678", Refused: scheduling.CodeTooLate, Before: `{"a":1}`, After: `{"a":2}`,
	}
	if got := auditToRow(want).entry(); got != want {
		t.Errorf("written %+v, read %+v", want, got)
	}
}

func TestAPersonIsReadBackUnderAnyKeyOfTheRingAndNoOther(t *testing.T) {
	old, both, other := &Store{keys: testKeyring(t, "2026")}, &Store{keys: testKeyring(t, "2027", "2026")}, &Store{keys: testKeyring(t, "2027")}
	want := scheduling.NewPersonFor(scheduling.NewPrivate("13800000001"))
	row := old.personToRow(want, 1772413200)
	for _, s := range []*Store{old, both} {
		if got, err := s.person(row); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("read %d with %q, %v", got.ID, got.Phone.Reveal(), err)
		}
	}
	if _, err := other.person(row); err == nil {
		t.Error("a ring without the key reads the person")
	}
	row.ID++
	if _, err := old.person(row); err == nil {
		t.Error("a sealed key is read in another's row")
	}
}

func TestASealedTextIsBoundToItsPlace(t *testing.T) {
	key := make([]byte, 32)
	rapid.Check(t, func(r *rapid.T) {
		text, id := rapid.StringN(1, 50, -1).Draw(r, "text"), rapid.Int64().Draw(r, "id")
		sealed := sealText(key, scheduling.NewPrivate(text), inAppointment("note", id))
		if got, err := openText(key, sealed, inAppointment("note", id)); err != nil || got.Reveal() != text {
			r.Errorf("sealed %q, opened %q, %v", text, got.Reveal(), err)
		}
		for _, elsewhere := range []string{inAppointment("reason", id), inAppointment("note", id+1), inParty("note", id)} {
			if _, err := openText(key, sealed, elsewhere); err == nil {
				r.Errorf("opened as %s", elsewhere)
			}
		}
	})
	if sealText(key, scheduling.Private{}, "x") != nil {
		t.Error("nothing is sealed as something")
	}
}

func TestAMarkOfAListIsReadBackAndAnyOtherTextIsRefused(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, text := rapid.Int64().Draw(r, "n"), rapid.StringMatching(`[0-9]{8,20}|-`).Draw(r, "text")
		if gotN, gotText, err := readMark(mark(n, text)); err != nil || gotN != n || gotText != text {
			r.Errorf("marked %d %q, read %d %q, %v", n, text, gotN, gotText, err)
		}
	})
	for _, m := range []string{"x", "!!", "eA", "12345"} {
		if _, _, err := readMark(m); err == nil {
			t.Errorf("%q is read as a mark", m)
		}
	}
}
