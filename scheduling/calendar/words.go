// Day words: a UTC day of five-minute quanta, kept as bits.

package calendar

import "time"

const (
	// Quantum is the grain of booked time.
	Quantum = 5 * time.Minute

	// WordsPerDay is how many words hold the 288 quanta of a day.
	WordsPerDay = 6

	// bitsPerWord is 48 and not 64, so that a word fits a signed integer of any
	// database, and each is four hours.
	bitsPerWord = 48

	quantaPerDay      = WordsPerDay * bitsPerWord
	secondsPerQuantum = int64(Quantum / time.Second)
)

// Day is a UTC day: days since 1970-01-01 UTC. It is no civil date: a session
// in Shanghai from 07:30 to 08:30 lies on two of them.
type Day int32

// Words is one UTC day of a resource. Only the low 48 bits of each word are
// used: bit i of word w is the quantum w*48+i of the day.
type Words [WordsPerDay]uint64

// DayWords is a day with the words that something takes of it.
type DayWords struct {
	Day   Day
	Words Words
}

// DayOf returns the UTC day of an instant.
func DayOf(t time.Time) Day {
	return Day(floorDiv(t.Unix(), secondsPerDay))
}

// Start returns the instant at which the day begins, in UTC.
func (d Day) Start() time.Time {
	return time.Unix(int64(d)*secondsPerDay, 0).UTC()
}

// Mask returns the quanta that a span touches: one entry for each UTC day, in
// order. From is rounded down and To up to a quantum, so that the mask never
// covers less than the span. The mask of an empty or inverted span is nil.
func Mask(s Span) []DayWords {
	from, until := quanta(s)
	if from >= until {
		return nil
	}
	days := floorDiv(until-1, quantaPerDay) - floorDiv(from, quantaPerDay) + 1
	return appendMask(make([]DayWords, 0, days), from, until)
}

// AppendMask appends the mask of a span to dst, for a caller that uses one
// buffer for many spans. It is otherwise [Mask].
func AppendMask(dst []DayWords, s Span) []DayWords {
	from, until := quanta(s)
	return appendMask(dst, from, until)
}

// Overlaps reports whether w and o have a quantum in common.
func (w Words) Overlaps(o Words) bool {
	return w[0]&o[0]|w[1]&o[1]|w[2]&o[2]|w[3]&o[3]|w[4]&o[4]|w[5]&o[5] != 0
}

// Covers reports whether every quantum of o is in w.
func (w Words) Covers(o Words) bool {
	return o.AndNot(w).IsZero()
}

// Or returns the quanta that are in w or in o.
func (w Words) Or(o Words) Words {
	for i := range w {
		w[i] |= o[i]
	}
	return w
}

// AndNot returns the quanta that are in w and not in o.
func (w Words) AndNot(o Words) Words {
	for i := range w {
		w[i] &^= o[i]
	}
	return w
}

// IsZero reports whether w has no quantum.
func (w Words) IsZero() bool {
	return w == Words{}
}

// quanta returns the range of quanta since the epoch that a span touches, from
// included, until not; until is not after from if the span is empty.
func quanta(s Span) (from, until int64) {
	if !s.From.Before(s.To) {
		return 0, 0
	}
	from = floorDiv(s.From.Unix(), secondsPerQuantum)
	until = floorDiv(s.To.Unix(), secondsPerQuantum)
	if s.To.Unix() != until*secondsPerQuantum || s.To.Nanosecond() != 0 {
		until++
	}
	return from, until
}

func appendMask(dst []DayWords, from, until int64) []DayWords {
	for from < until {
		day := floorDiv(from, quantaPerDay)
		midnight := day * quantaPerDay
		end := min(until, midnight+quantaPerDay)
		dst = append(dst, DayWords{Day: Day(day), Words: filled(uint(from-midnight), uint(end-midnight))})
		from = end
	}
	return dst
}

// filled returns the words of the quanta from ≤ q < until of one day.
func filled(from, until uint) (w Words) {
	for i := from / bitsPerWord; i*bitsPerWord < until; i++ {
		base := i * bitsPerWord
		low := max(from, base) - base
		high := min(until-base, bitsPerWord)
		w[i] = 1<<high - 1<<low
	}
	return w
}
