package messages

import (
	"strings"
	"time"
	"unicode"
)

// A template stands for every text that it can become: with any date, with any
// reference, with each section or without. Whether one of them holds a word is
// answered here without writing them all out.

const (
	// anyDigit stands in a pattern for each of the ten digits.
	anyDigit = '\uE000'
	// opaque stands for what no word is part of: an address that is not known.
	opaque = '\uE001'
)

// stretch is a part of a pattern: in each place one of several texts, folded.
// An optional one may be missing.
type stretch struct {
	places   [][]string
	optional bool
}

// pattern is all the texts that a template can become, folded.
type pattern []stretch

// patternOf is the pattern of a body's pieces; sections are in it if they are
// asked for. A field may always be missing: a word that is broken by one is
// still read.
func patternOf(all []piece, l Locale, r Rules, sections bool) pattern {
	var out pattern
	for _, p := range all {
		switch {
		case p.kind == section && sections:
			out = append(out, stretch{places: [][]string{{fold(p.text)}}, optional: true})
		case p.kind == section:
		case p.kind == field:
			out = append(out, stretch{places: valuesOf(Field(p.name), l, r), optional: true})
		default:
			out = append(out, stretch{places: [][]string{{fold(p.raw)}}})
		}
	}
	return out
}

// holds says whether one of the texts holds the word, which is folded. Of a
// word of more than 64 characters the first 64 are looked for.
func (p pattern) holds(word string) bool {
	s := newSearch(word)
	var at uint64
	for _, part := range p {
		after := at
		for _, texts := range part.places {
			after = s.through(after, texts)
		}
		if part.optional {
			after |= at
		}
		at = after
	}
	return s.found
}

// search looks for a word along a pattern, by Shift-And (Baeza-Yates and
// Gonnet, 1992): in its state the bit i is set if some text so far ends with
// the first i+1 characters of the word. Where texts meet again their states are
// or-ed, since how it goes on does not hang on which of them it was.
type search struct {
	places map[rune]uint64 // where in the word a character stands
	last   uint64
	found  bool
}

func newSearch(word string) *search {
	s := &search{places: make(map[rune]uint64)}
	bit := uint64(1)
	for _, r := range word {
		s.places[r] |= bit
		if unicode.IsDigit(r) {
			s.places[anyDigit] |= bit
		}
		s.last, bit = bit, bit<<1
		if bit == 0 {
			break
		}
	}
	return s
}

// through gives the state after one of the texts.
func (s *search) through(before uint64, texts []string) uint64 {
	var out uint64
	for _, text := range texts {
		at := before
		for _, r := range text {
			at = (at<<1 | 1) & s.places[r]
			s.found = s.found || at&s.last != 0
		}
		out |= at
	}
	return out
}

// valuesOf is every value that a field can have, folded. A field that does not
// exist stands for itself.
func valuesOf(name Field, l Locale, r Rules) [][]string {
	switch name {
	case FieldStart:
		return append(days(l), hours(l)...)
	case FieldOldDay:
		return [][]string{oldDays(l)}
	case FieldReference:
		return [][]string{{digits(8), digits(10)}}
	case FieldCode:
		return [][]string{{digits(6)}}
	case FieldMinutes:
		return [][]string{oneOrTwoDigits}
	case FieldPhone:
		return [][]string{{fold(r.Phone)}}
	case FieldAddress:
		if r.Address == "" {
			return [][]string{{string(opaque)}}
		}
		return [][]string{{fold(r.Address)}}
	}
	return [][]string{{fold(string(name))}}
}

func digits(n int) string { return strings.Repeat(string(anyDigit), n) }

var oneOrTwoDigits = []string{digits(1), digits(2)}

// days are those that dayZH and dayEN can say.
func days(l Locale) [][]string {
	if l == EN {
		weekday := namesEN(7, func(i int) string { return time.Weekday(i).String() })
		month := namesEN(12, func(i int) string { return time.Month(i + 1).String() })
		return [][]string{weekday, oneOrTwoDigits, month}
	}
	return [][]string{oneOrTwoDigits, {"月"}, oneOrTwoDigits, {"日周"}, weekdaysZH[:]}
}

// oldDays are days, or the words for one that is not known.
func oldDays(l Locale) []string {
	out := []string{""}
	for _, texts := range days(l) {
		var longer []string
		for _, beginning := range out {
			for _, text := range texts {
				longer = append(longer, beginning+text)
			}
		}
		out = longer
	}
	return append(out, fold(anotherDayZH), fold(anotherDayEN))
}

// namesEN are the three letters by which English dates name days and months.
func namesEN(n int, name func(int) string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strings.ToLower(name(i)[:3])
	}
	return out
}

// hours are what follows the day in dayHourZH and dayHourEN.
func hours(l Locale) [][]string {
	if l == EN {
		return [][]string{{"at"}, oneOrTwoDigits, {digits(2)}, {"am", "pm"}}
	}
	var parts []string
	for h := range 24 {
		part, _ := hourZH(h)
		parts = append(parts, part)
	}
	return [][]string{parts, oneOrTwoDigits, {digits(2)}}
}
