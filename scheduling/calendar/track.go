// Tracks: the words of a resource over some days, in memory.

package calendar

// Track holds the words of consecutive UTC days, Days[0] being those of First.
// Outside, every quantum is zero: what is set there is dropped, and what is
// asked there is not hit. So a track of busy time must reach over every day
// that will be asked for.
type Track struct {
	First Day
	Days  []Words
}

// NewTrack returns a track of so many days with no quantum set.
func NewTrack(first Day, days int) Track {
	return Track{First: first, Days: make([]Words, max(days, 0))}
}

// Set replaces the words of a day.
func (t *Track) Set(d Day, w Words) {
	if i, ok := t.index(d); ok {
		t.Days[i] = w
	}
}

// Add sets the quanta of a mask.
func (t *Track) Add(m []DayWords) {
	for k := range m {
		if i, ok := t.index(m[k].Day); ok {
			t.Days[i] = t.Days[i].Or(m[k].Words)
		}
	}
}

// Remove clears the quanta of a mask.
func (t *Track) Remove(m []DayWords) {
	for k := range m {
		if i, ok := t.index(m[k].Day); ok {
			t.Days[i] = t.Days[i].AndNot(m[k].Words)
		}
	}
}

// At returns the words of a day.
func (t Track) At(d Day) Words {
	if i, ok := t.index(d); ok {
		return t.Days[i]
	}
	return Words{}
}

// Hits reports whether any quantum of the mask is set.
func (t Track) Hits(m []DayWords) bool {
	for k := range m {
		if i, ok := t.index(m[k].Day); ok && t.Days[i].Overlaps(m[k].Words) {
			return true
		}
	}
	return false
}

// Covers reports whether every quantum of the mask is set.
func (t Track) Covers(m []DayWords) bool {
	for k := range m {
		if !t.At(m[k].Day).Covers(m[k].Words) {
			return false
		}
	}
	return true
}

func (t *Track) index(d Day) (i int, ok bool) {
	i = int(d) - int(t.First)
	return i, i >= 0 && i < len(t.Days)
}
