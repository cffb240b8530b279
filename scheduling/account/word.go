package account

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// MinWordLength and MaxWordLength are in characters.
	MinWordLength = 4
	MaxWordLength = 32
)

// WordsPerAddress limits how often an address may try a code word, right or
// wrong; past it the answer is rate_limited.
var WordsPerAddress = Limit{20, time.Hour}

// WrongWordsPerNumber limits the wrong code words for a number; past it a right
// one is refused as a wrong one, as with codes.
var WrongWordsPerNumber = Limit{10, 24 * time.Hour}

// NormalWord is a code word as it is compared: without blanks around it, letters
// small, full-width characters as their plain ones (Unicode NFKC).
func NormalWord(typed string) string {
	return strings.ToLower(strings.TrimSpace(norm.NFKC.String(typed)))
}

// CheckWord says whether a code word is good enough: 4 to 32 characters that can
// be typed, not one character over and over, not a run such as 1234, and not in
// the number that it stands beside. The error never holds the word.
func CheckWord(word, number string) error {
	n := utf8.RuneCountInString(word)
	switch {
	case !utf8.ValidString(word) || strings.ContainsFunc(word, unicode.IsControl):
		return errors.New("the code word holds characters that cannot be typed")
	case n < MinWordLength || n > MaxWordLength:
		return errors.New("the code word must have 4 to 32 characters")
	case distinct(word) == 1:
		return errors.New("the code word repeats one character")
	case strings.Contains(number, word):
		return errors.New("the code word is part of the number")
	case strings.Trim(word, "0123456789") == "" && runs(word):
		return errors.New("the code word is one of those that are guessed first")
	}
	return nil
}
