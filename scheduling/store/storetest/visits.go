package storetest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"magpie/scheduling"
)

var visitTests = []test{
	aVisitIsReadAsItWasSavedLast,
	aVisitEndsByItselfOrAtOnce,
	ofManySavesOfOneVersionOneIsWritten,
	aVisitIsSealedInItsRowAlone,
	aVisitIsForgottenOnceItHasEnded,
	aVisitIsReadUnderTheNewKeyAfterItsNextSave,
	aVisitThatIsTooLongIsRefused,
}

// filledIn is what the pages write down, with a name and a number in it.
const filledIn = `{"name":"欧阳修远","phone":"13800000001"}`

func visitID(secret string) scheduling.Digest { return sha256.Sum256([]byte(secret)) }

// saves saves a visit for another twenty minutes.
func (b *Bundle) saves(secret string, version int64, data string) error {
	return b.Store.SaveVisit(background, visitID(secret), scheduling.Visit{
		Version: version, Data: scheduling.NewPrivate(data), ExpiresAt: b.Clock.Now().Add(20 * time.Minute),
	})
}

func (b *Bundle) mustSave(t tb, secret string, version int64, data string) {
	t.Helper()
	if err := b.saves(secret, version, data); err != nil {
		t.Fatalf("saving version %d of the visit: %v", version+1, err)
	}
}

// visit reads a visit, or ends the test.
func (b *Bundle) visit(t tb, secret string) scheduling.Visit {
	t.Helper()
	v, err := b.Store.Visit(background, visitID(secret), b.Clock.Now())
	if err != nil {
		t.Fatalf("reading the visit: %v", err)
	}
	return v
}

// noVisit fails the test unless there is no such visit.
func (b *Bundle) noVisit(t tb, secret string) {
	t.Helper()
	_, err := b.Store.Visit(background, visitID(secret), b.Clock.Now())
	refused(t, err, scheduling.CodeNotFound)
}

func aVisitIsReadAsItWasSavedLast(t tb, b *Bundle) {
	b.noVisit(t, "mine")
	b.mustSave(t, "mine", 0, "first")
	b.mustSave(t, "another's", 0, "")
	b.Clock.Pass(19 * time.Minute)
	b.mustSave(t, "mine", 1, filledIn)
	now := b.Clock.Now()
	same(t, "visit", scheduling.Visit{Version: 2, Data: scheduling.NewPrivate(filledIn), ExpiresAt: now.Add(20 * time.Minute)}, b.visit(t, "mine"))
	same(t, "another's visit", scheduling.Visit{Version: 1, ExpiresAt: now.Add(time.Minute)}, b.visit(t, "another's"))
	b.noVisit(t, "nobody's")
}

func aVisitEndsByItselfOrAtOnce(t tb, b *Bundle) {
	b.mustSave(t, "left", 0, filledIn)
	b.mustSave(t, "ended", 0, filledIn)
	for range 2 {
		if err := b.Store.EndVisit(background, visitID("ended")); err != nil {
			t.Fatalf("ending the visit: %v", err)
		}
	}
	b.noVisit(t, "ended")
	if err := b.saves("ended", 1, "written by a request that was under way"); !errors.Is(err, scheduling.ErrLost) {
		t.Errorf("a visit that was ended is saved: %v", err)
	}
	b.noVisit(t, "ended")
	b.Clock.Pass(20*time.Minute - time.Second)
	b.visit(t, "left")
	b.Clock.Pass(time.Second)
	b.noVisit(t, "left")
}

func ofManySavesOfOneVersionOneIsWritten(t tb, b *Bundle) {
	replica := b.openStore(t)
	for version := range int64(3) {
		var saved [8]string
		errs := together(len(saved), func(i int) error {
			saved[i] = itoa(version) + " by " + itoa(int64(i))
			st := b.Store
			if i%2 == 1 {
				st = replica
			}
			return st.SaveVisit(background, visitID("mine"), scheduling.Visit{Version: version, Data: scheduling.NewPrivate(saved[i]), ExpiresAt: b.Clock.Now().Add(time.Minute)})
		})
		won := ""
		for i, err := range errs {
			switch {
			case err == nil && won == "":
				won = saved[i]
			case !errors.Is(err, scheduling.ErrLost):
				t.Errorf("save %d was answered %v after %q", i, err, won)
			}
		}
		got := b.visit(t, "mine")
		if got.Version != version+1 || got.Data.Reveal() != won || won == "" {
			t.Errorf("the visit is %q in version %d, and %q was saved", got.Data.Reveal(), got.Version, won)
		}
	}
}

func aVisitIsSealedInItsRowAlone(t tb, b *Bundle) {
	b.mustSave(t, "mine", 0, filledIn)
	b.mustSave(t, "another's", 0, "x")
	for table, rows := range b.state(t) {
		for _, row := range rows {
			for _, s := range []string{"欧阳修远", "13800000001", `"phone"`, hex.EncodeToString([]byte("13800000001")), base64.StdEncoding.EncodeToString([]byte(filledIn))[:40], "mine"} {
				if strings.Contains(row, s) {
					t.Errorf("%s holds %q: %q", table, s, row)
				}
			}
		}
	}
	// A row that is put in another's place opens there no more than any bytes.
	b.exec(t, "UPDATE visits SET data = (SELECT d FROM (SELECT MAX(data) AS d FROM visits) x)")
	opened := 0
	for _, secret := range []string{"mine", "another's"} {
		if _, err := b.Store.Visit(background, visitID(secret), b.Clock.Now()); err == nil {
			opened++
		}
	}
	if opened != 1 {
		t.Errorf("one visit's data opens in %d rows", opened)
	}
}

func aVisitIsForgottenOnceItHasEnded(t tb, b *Bundle) {
	b.mustSave(t, "first", 0, filledIn)
	b.Clock.Pass(time.Minute)
	b.mustSave(t, "second", 0, filledIn)
	for _, step := range []struct {
		after        time.Duration
		forgot, left int
	}{{18 * time.Minute, 0, 2}, {time.Minute, 1, 1}, {0, 0, 1}, {time.Minute, 1, 0}, {time.Hour, 0, 0}} {
		b.Clock.Pass(step.after)
		n, err := b.Store.ClearVisits(background)
		if left := b.count(t, "SELECT COUNT(*) FROM visits"); err != nil || n != step.forgot || left != step.left {
			t.Errorf("%v later %d were forgotten and %d are left, not %d and %d: %v", step.after, n, left, step.forgot, step.left, err)
		}
	}
}

func aVisitIsReadUnderTheNewKeyAfterItsNextSave(t tb, b *Bundle) {
	b.mustSave(t, "mine", 0, filledIn)
	both, only := b.under(t, "2027", "2026"), b.under(t, "2027")
	v, err := both.Visit(background, visitID("mine"), b.Clock.Now())
	if err != nil || v.Data.Reveal() != filledIn {
		t.Fatalf("with both keys it is %q, %v", v.Data.Reveal(), err)
	}
	if _, err := only.Visit(background, visitID("mine"), b.Clock.Now()); err == nil {
		t.Error("the new key alone reads what the old one sealed")
	}
	if err := both.SaveVisit(background, visitID("mine"), v); err != nil {
		t.Fatalf("saving: %v", err)
	}
	v, err = only.Visit(background, visitID("mine"), b.Clock.Now())
	if err != nil || v.Data.Reveal() != filledIn || v.Version != 2 {
		t.Errorf("with the new key it is %q in version %d, %v", v.Data.Reveal(), v.Version, err)
	}
}

func aVisitThatIsTooLongIsRefused(t tb, b *Bundle) {
	longest := strings.Repeat("x", 16<<10)
	b.mustSave(t, "mine", 0, longest)
	if err := b.saves("mine", 1, longest+"x"); err == nil || errors.Is(err, scheduling.ErrLost) {
		t.Errorf("a byte more is answered %v", err)
	}
	if v := b.visit(t, "mine"); v.Data.Reveal() != longest {
		t.Errorf("%d bytes are kept", len(v.Data.Reveal()))
	}
}
