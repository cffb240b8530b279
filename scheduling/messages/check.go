package messages

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Rules are what the texts of one office are checked by.
type Rules struct {
	// Signature and NeutralSignature are the registered ones, without brackets.
	Signature, NeutralSignature string
	// Phone is where the office is called.
	Phone string
	// Address is the fixed address on the web; where it is empty, nothing is
	// said about it and it takes no room.
	Address string
	// Names are the office's full name and those of its services and rooms, in
	// both languages. One of fewer than two letters, such as A1 or 101, is not
	// looked for: any number may hold it.
	Names []string
	// Words are those that the office's own list forbids.
	Words []string
}

// MostSegments is how many short messages a text may be sent as.
const MostSegments = 3

// Check lists what is wrong with a template, in a fixed order; nothing, and it
// may be saved.
//
// Words are looked for as a reader sees them, however they are written, over
// every text that the template can become: with any date and number in its
// fields, with the fields left out, with each section or without. What it lets
// through holds none of the forbidden words, no name of Rules, no word of the
// office's own list, and no link but {address}.
func Check(t Template, r Rules) []Problem {
	if strings.TrimSpace(t.Body) == "" {
		return []Problem{emptyText()}
	}
	all := pieces(t.Body)
	out := checkForm(t.Key, all)
	out = append(out, checkCharacters(t.Body)...)
	out = append(out, checkWords(t.Key, all, r)...)
	out = append(out, checkLinks(t, all, r)...)
	out = append(out, checkReplies(t.Locale, all, r)...)
	if _, n := Longest(t, r); n > MostSegments {
		out = append(out, tooLong(n))
	}
	return out
}

// checkForm finds brackets, fields and sections that are wrong.
func checkForm(k Key, all []piece) []Problem {
	var out []Problem
	fields := FieldsOf(k.Kind)
	var there []Field
	var asked []string
	for _, p := range all {
		switch p.kind {
		case stray:
			out = append(out, strayBracket(p.raw))
		case field:
			there = append(there, Field(p.name))
			if !slices.Contains(fields, Field(p.name)) {
				out = append(out, unknownField(p.name, bracedList(fields)))
			}
		case section:
			out = append(out, checkSection(k, p, asked)...)
			asked = append(asked, p.name)
			out = append(out, checkBrackets(p.text)...)
		case plainText:
			out = append(out, checkBrackets(p.text)...)
		}
	}
	if len(fields) > 0 && !slices.Contains(there, fields[0]) {
		out = append(out, missingField(fields[0]))
	}
	return out
}

func bracedList(fields []Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = "{" + string(f) + "}"
	}
	return strings.Join(names, " ")
}

// checkBrackets finds those that are no signs of a template and look like some,
// or like a signature.
func checkBrackets(text string) []Problem {
	var out []Problem
	for _, r := range text {
		if strings.ContainsRune("【】［］｛｝〔〕", r) {
			out = append(out, strayBracket(string(r)))
		}
	}
	return out
}

// checkSection says what is wrong with a section; asked are the keys of those
// before it.
func checkSection(k Key, p piece, asked []string) []Problem {
	var others string
	switch p.name {
	case keyConfirm:
		others = keyCancel
	case keyCancel:
		others = keyConfirm
	case keyStop:
		others = keyConfirm + keyCancel
	default:
		return []Problem{wrongSection(p.raw, "方括号里要以1:、2:或T:开头", "must begin with 1:, 2: or T:")}
	}
	said := fold(p.text)
	switch {
	case slices.Contains(asked, p.name):
		return []Problem{wrongSection(p.raw, "同一个回复只能写一次", "asks for the same reply again")}
	case k.Kind == Code || k.Kind == Cancelled || k.Kind == Offer:
		return []Problem{wrongSection(p.raw, "这类短信没有什么可回复", "has nothing to reply to in this kind of message")}
	case k.Neutral && p.name == keyCancel:
		return []Problem{wrongSection(p.raw, "要求低调联系的人不能用短信取消", "may not stand in a neutral text: no reply cancels for whoever wants these")}
	case !strings.Contains(said, strings.ToLower(p.name)) || !slices.ContainsFunc(replyWords, func(w string) bool { return strings.Contains(said, w) }):
		return []Problem{wrongSection(p.raw, "要写明“回复"+p.name+"”", "must say to reply "+p.name)}
	case strings.ContainsAny(said, others):
		return []Problem{wrongSection(p.raw, "只能要求回复"+p.name, "may ask for "+p.name+" alone")}
	}
	return nil
}

// replyWords are words that ask for a reply, as fold leaves them: 退订回T too.
var replyWords = []string{"回复", "回t", "reply", "replie"}

// checkReplies finds what asks for a reply where the text stands whether or not
// the gateway brings any.
func checkReplies(l Locale, all []piece, r Rules) []Problem {
	always := patternOf(all, l, r, false)
	var out []Problem
	for _, w := range replyWords {
		if always.holds(w) {
			out = append(out, replyOutside(w))
		}
	}
	return out
}

// checkCharacters finds those that a phone may not show, that gateways refuse,
// or that only look like another: each once.
func checkCharacters(body string) []Problem {
	var out []Problem
	var seen []rune
	for _, r := range body {
		if !ordinary(r) && !slices.Contains(seen, r) {
			seen = append(seen, r)
			out = append(out, oddCharacter(r))
		}
	}
	return out
}

// ordinary says of a character that it may stand in a text message: printable
// ASCII and its full-width forms, the Chinese characters of Unicode's first
// block that are not traditional, and punctuation of both languages. Brackets
// are looked at elsewhere.
func ordinary(r rune) bool {
	if _, traditional := simplified[r]; traditional {
		return false
	}
	switch {
	case r >= ' ' && r <= '~', r >= '！' && r <= '～':
		return true
	case r >= 0x4E00 && r <= 0x9FFF:
		return true
	}
	return strings.ContainsRune("、。〈〉《》「」『』【】〔〕〇‘’“”–—…·￥\u3000", r)
}

// checkWords finds forbidden words and names in what the text can become.
func checkWords(k Key, all []piece, r Rules) []Problem {
	p := patternOf(all, k.Locale, r, true)
	var out []Problem
	seen := map[string]bool{}
	look := func(word, folded string) {
		if !seen[folded] && p.holds(folded) {
			out = append(out, wordInText(word))
		}
		seen[folded] = true
	}
	for _, w := range forbidden {
		look(w, w)
	}
	if k.Neutral {
		for _, w := range neutralForbidden {
			look(w, w)
		}
		look(r.Signature, nameFolded(r.Signature))
	}
	for _, name := range r.Names {
		look(name, nameFolded(name))
	}
	for _, w := range r.Words {
		look(w, fold(w))
	}
	return out
}

// nameFolded is a name as it is looked for, or empty if it has too few letters
// to be looked for.
func nameFolded(name string) string {
	folded := fold(name)
	letters := 0
	for _, r := range folded {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	if letters < 2 {
		return ""
	}
	return folded
}

// longestFacts have the longest value that each field can have: a day and an
// hour of two digits each, the ten digits of a reference (contract: ten, once
// one in a hundred of eight is used).
func longestFacts(r Rules) Facts {
	return Facts{
		Phone: r.Phone, Address: r.Address,
		Start: time.Date(2026, time.December, 30, 22, 30, 0, 0, time.UTC), OldStart: time.Date(2026, time.December, 28, 22, 30, 0, 0, time.UTC),
		Reference: "8888888888", Code: "888888", CodeMinutes: 88,
	}
}

// Longest is the text with its signature, every section kept and each field as
// long as it can be, and the number of segments it takes.
func Longest(t Template, r Rules) (text string, segments int) {
	signature := r.Signature
	if t.Neutral {
		signature = r.NeutralSignature
	}
	text = Signed(signature, t.Fill(longestFacts(r), Replies{Confirm: true, Cancel: true}).Body)
	return text, Segments(text)
}
