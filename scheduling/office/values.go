// Reading single values: words, numbers, texts, times.

package office

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

const (
	maxText   = 200        // characters of a name, an address or a text
	maxWord   = 64         // characters of a kind of room or a filing number
	maxNumber = 10_000     // no office counts further
	maxCount  = 10_000_000 // of messages
)

// codePattern is what may stand in the address of a page.
var codePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

var weekdays = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// seen is where each entry of a list stands first, by what must be unique.
type seen map[string]int

// once reports an entry that stands in the list already.
func (s seen) once(v value, entry string) bool {
	if first, ok := s[entry]; ok {
		v.failf("%s is there twice, first in line %d", entry, first)
		return false
	}
	s[entry] = v.line()
	return true
}

// str reads text as it stands, in one line and not blank.
func (v value) str(longest int) (string, bool) {
	if !v.present() {
		return "", false
	}
	if !v.isScalar("!!str") {
		if kind := v.kind(); kind == "a number" || kind == "a date" || kind == "true or false" {
			v.failf("text is wanted, not %s; write it in quotes", kind)
		} else {
			v.wrongType("text")
		}
		return "", false
	}
	switch s := v.node.Value; {
	case strings.TrimSpace(s) == "":
		v.failf("is empty")
	case strings.ContainsFunc(s, breaksLine):
		v.failf("must be one line, without control characters")
	case utf8.RuneCountInString(s) > longest:
		v.failf("is longer than %d characters", longest)
	default:
		return s, true
	}
	return "", false
}

func breaksLine(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}

// word reads text of a given form; what says the form in words.
func (v value) word(form *regexp.Regexp, what string) string {
	s, ok := v.str(maxText)
	if !ok || form.MatchString(s) {
		return s
	}
	v.failf("%q is not %s", s, what)
	return ""
}

// code reads a code or username that is unique in its list.
func (v value) code(taken seen) string {
	s := v.word(codePattern, "1 to 32 of a–z, 0–9 and -, not beginning with -")
	if s != "" && taken.once(v, s) {
		return s
	}
	return ""
}

// choice reads one of a few words; without a value it is the first.
func (v value) choice(words ...string) string {
	s, ok := v.str(maxText)
	if !ok {
		return words[0]
	}
	if !slices.Contains(words, s) {
		v.failf("%q is none of %s", s, strings.Join(words, ", "))
		return words[0]
	}
	return s
}

// text reads a text in both languages.
func (v value) text() scheduling.Text {
	m, ok := v.mapping("zh", "en")
	if !ok {
		return scheduling.Text{}
	}
	zh, _ := m.need("zh").str(maxText)
	en, _ := m.need("en").str(maxText)
	return scheduling.Text{ZH: zh, EN: en}
}

// reason reads a text whose English may be left out, or be empty.
func (v value) reason() *scheduling.Text {
	m, ok := v.mapping("zh", "en")
	if !ok {
		return nil
	}
	out := new(scheduling.Text)
	out.ZH, _ = m.need("zh").str(maxText)
	if en := m.may("en"); en.present() && !(en.isScalar("!!str") && en.node.Value == "") {
		out.EN, _ = en.str(maxText)
	}
	return out
}

// number reads a whole number.
func (v value) number(least int) (int, bool) { return v.numberUpTo(least, maxNumber) }

func (v value) numberUpTo(least, most int) (int, bool) {
	if !v.present() {
		return 0, false
	}
	if !v.isScalar("!!int") {
		v.wrongType("a whole number")
		return 0, false
	}
	// Other notations, such as 0x10, are numbers to YAML and riddles to a clerk.
	n, err := strconv.ParseUint(v.node.Value, 10, 31)
	if err != nil || int(n) < least || int(n) > most {
		v.failf("%s is not a whole number from %d to %d", v.node.Value, least, most)
		return 0, false
	}
	return int(n), true
}

// numberOr reads a whole number that may be left out.
func (v value) numberOr(least, otherwise int) int {
	if n, ok := v.number(least); ok {
		return n
	}
	return otherwise
}

// countOr reads a number of messages that may be left out; 0 is no limit.
func (v value) countOr(otherwise int) int {
	if n, ok := v.numberUpTo(0, maxCount); ok {
		return n
	}
	return otherwise
}

// percentPattern is a share, such as 20%.
var percentPattern = regexp.MustCompile(`^(?:100|[1-9]?[0-9])%$`)

// percent reads a share that may be left out: it is 0 then.
func (v value) percent() int {
	s := v.word(percentPattern, "a share of 0% to 100%")
	n, _ := strconv.Atoi(strings.TrimSuffix(s, "%")) // the pattern has only numbers; nothing is none
	return n
}

// flag reads true or false; without a value it is false.
func (v value) flag() bool {
	if !v.present() {
		return false
	}
	if !v.isScalar("!!bool") {
		v.wrongType("true or false")
		return false
	}
	return strings.EqualFold(v.node.Value, "true")
}

// weekday reads mon … sun.
func (v value) weekday() (time.Weekday, bool) {
	s, ok := v.str(maxText)
	if !ok {
		return 0, false
	}
	day := slices.Index(weekdays[:], s)
	if day < 0 {
		v.failf("%q is none of mon, tue, wed, thu, fri, sat, sun", s)
	}
	return time.Weekday(day), day >= 0
}

// clock reads a time of the day on the grid of quanta.
func (v value) clock() (calendar.Clock, bool) {
	s, ok := v.str(maxText)
	if !ok {
		return 0, false
	}
	c, err := calendar.ParseClock(s)
	switch {
	case err != nil:
		v.failf("%v", err)
	case int(c)%int(calendar.Quantum/time.Minute) != 0:
		v.failf("%s is not a multiple of five minutes", s)
	default:
		return c, true
	}
	return 0, false
}

// beginning reads a time of the day that is not its end.
func (v value) beginning() (calendar.Clock, bool) {
	c, ok := v.clock()
	if ok && c == calendar.EndOfDay {
		v.failf("24:00 ends a day and begins none; the next day begins at 00:00")
		return 0, false
	}
	return c, ok
}

// date reads a civil date, in quotes or not.
func (v value) date() (calendar.Date, bool) {
	if !v.present() {
		return 0, false
	}
	if !v.isScalar("!!str") && !v.isScalar("!!timestamp") {
		v.wrongType("a date")
		return 0, false
	}
	d, err := calendar.ParseDate(v.node.Value)
	if err != nil {
		v.failf("%v", err)
	}
	return d, err == nil
}

// duration reads a duration that keeps some rules.
func (v value) duration(rules ...rule) (time.Duration, bool) {
	s, ok := v.str(maxText)
	if !ok {
		return 0, false
	}
	d, err := parseDuration(s)
	if err != nil {
		v.failf("%v", err)
		return 0, false
	}
	for _, keeps := range rules {
		if wrong := keeps(d); wrong != "" {
			v.failf("%s %s", s, wrong)
			return 0, false
		}
	}
	return d, true
}

// durationOr reads a duration that may be left out.
func (v value) durationOr(otherwise time.Duration, rules ...rule) time.Duration {
	if d, ok := v.duration(rules...); ok {
		return d
	}
	return otherwise
}
