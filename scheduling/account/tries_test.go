package account

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func after(d time.Duration) time.Time { return noon.Add(d) }

func tally(ds ...time.Duration) Tally {
	var t Tally
	for _, d := range ds {
		t = t.Add(after(d))
	}
	return t
}

func TestTheNextCodeWaitsForTheStrictestLimit(t *testing.T) {
	const m, h = time.Minute, time.Hour
	five := []time.Duration{0, 2 * m, 4 * m, 6 * m, 8 * m}
	ten := append(slices.Clone(five), 2*h, 4*h, 6*h, 8*h, 10*h)
	for _, c := range []struct {
		name   string
		events []time.Duration
		now    time.Duration
		next   time.Duration // after noon; -1: now
	}{
		{"none yet", nil, 0, -1},
		{"59 seconds after one", []time.Duration{0}, 59 * time.Second, m},
		{"a minute after one", []time.Duration{0}, m, -1},
		{"four in the hour", five[:4], 10 * m, -1},
		{"five in the hour", five, 10 * m, h},
		{"five in the hour, and the last just now", five, 8*m + 30*time.Second, h},
		{"the first of five has left the hour", five, h, -1},
		{"ten in the day", ten, 11 * h, 24 * h},
		{"the first of ten has left the day", ten, 24 * h, -1},
		{"the clock was set back", []time.Duration{0}, -10 * m, m},
	} {
		next := tally(c.events...).Next(after(c.now), CodesPerNumber...)
		if c.next < 0 {
			if !next.IsZero() {
				t.Errorf("%s: has to wait until %s", c.name, next)
			}
			continue
		}
		if !next.Equal(after(c.next)) {
			t.Errorf("%s: got %s, want %s", c.name, next, after(c.next))
		}
	}
}

func TestPruningDropsWhatHasLeftTheWindowAndNoMore(t *testing.T) {
	events := tally(0, time.Hour, 24*time.Hour-time.Second, 24*time.Hour)
	got := events.Prune(after(24*time.Hour), 24*time.Hour)
	if want := tally(time.Hour, 24*time.Hour-time.Second, 24*time.Hour); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := events.Prune(after(100*time.Hour), 24*time.Hour); len(got) != 0 {
		t.Errorf("kept %v", got)
	}
}

// The oracle counts every second of the window anew.
func TestNoWindowEverHoldsMoreThanItsLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Limit {
			return Limit{rapid.IntRange(1, 4).Draw(t, "max"), time.Duration(rapid.IntRange(1, 40).Draw(t, "per")) * time.Second}
		}), 1, 3).Draw(t, "limits")
		var events Tally
		now := noon
		for range rapid.IntRange(1, 60).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.IntRange(0, 8).Draw(t, "step")) * time.Second)
			events = events.Prune(now, Longest(limits...))
			next := events.Next(now, limits...)
			if full := anyFull(events, now, limits); full != !next.IsZero() {
				t.Fatalf("%v at %d under %v: full is %t, next is %v", events, now.Unix(), limits, full, next)
			}
			if next.IsZero() {
				before := slices.Clone(events)
				added := events.Add(now)
				if !slices.Equal(before, events) || len(added) != len(events)+1 || !slices.IsSorted(added) {
					t.Fatalf("%v became %v by adding to %v", before, added, events)
				}
				events = added
				continue
			}
			if !next.After(now) || anyFull(events, next, limits) || !anyFull(events, next.Add(-time.Second), limits) {
				t.Fatalf("%v at %d under %v: %v is not the first free second", events, now.Unix(), limits, next)
			}
		}
	})
}

func anyFull(events Tally, now time.Time, limits []Limit) bool {
	for _, l := range limits {
		n := 0
		for _, e := range events {
			if e > now.Add(-l.Per).Unix() {
				n++
			}
		}
		if n >= l.Max {
			return true
		}
	}
	return false
}

func TestAddingKeepsATallyInOrderWhenTheClockGoesBack(t *testing.T) {
	got := tally(5*time.Second, 0, 3*time.Second, 3*time.Second)
	want := Tally{noon.Unix(), noon.Unix() + 3, noon.Unix() + 3, noon.Unix() + 5}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTheLimitsAreTheContracts(t *testing.T) {
	for _, c := range []struct {
		name   string
		limits []Limit
		max    []int
		per    []time.Duration
	}{
		{"codes for a number", CodesPerNumber, []int{1, 5, 10}, []time.Duration{time.Minute, time.Hour, 24 * time.Hour}},
		{"codes for an address", []Limit{CodesPerAddress}, []int{20}, []time.Duration{time.Hour}},
		{"wrong codes", []Limit{WrongCodesPerNumber}, []int{10}, []time.Duration{24 * time.Hour}},
		{"password lock", []Limit{PasswordLock}, []int{10}, []time.Duration{15 * time.Minute}},
	} {
		for i, l := range c.limits {
			if l.Max != c.max[i] || l.Per != c.per[i] {
				t.Errorf("%s: %v", c.name, l)
			}
		}
	}
	if CodeTries != 5 || CodeDigits != 6 || CodeLife != 5*time.Minute || CitizenTokenLife != 2*time.Hour || StaffTokenLife != 12*time.Hour {
		t.Error("a life or a number of tries is not the contract's")
	}
}
