package account

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// The rules for passwords (contract, "Tries": a growing delay per account, a
// lock per account and address).
const (
	// MinPasswordLength is in characters.
	MinPasswordLength = 10
	// MaxPasswordLength is in bytes; it bounds what is hashed.
	MaxPasswordLength = 512

	// PasswordWindow is how long a wrong password counts.
	PasswordWindow = 15 * time.Minute
	// freeFailures is how many wrong passwords cost no waiting.
	freeFailures = 4
	// maxPasswordWait caps the delay: whoever knows a username can keep its owner
	// waiting, but never for longer than this.
	maxPasswordWait = time.Minute
)

// PasswordLock locks one account for one address after ten wrong passwords in
// fifteen minutes; other addresses are not locked by it, so nobody can lock a
// colleague out from elsewhere.
var PasswordLock = Limit{10, PasswordWindow}

// PasswordWait says how long an account must still wait before another password
// is looked at, given its wrong ones from every address. Within PasswordWindow
// the first four are free; each one more doubles the delay since the last, from
// a second to a minute. Zero means now.
func PasswordWait(failures Tally, now time.Time) time.Duration {
	recent := failures.Prune(now, PasswordWindow)
	over := len(recent) - freeFailures
	if over <= 0 {
		return 0
	}
	delay := maxPasswordWait
	if over <= 6 {
		delay = time.Second << (over - 1)
	}
	last := time.Unix(recent[len(recent)-1], 0)
	return min(max(last.Add(delay).Sub(now), 0), maxPasswordWait)
}

// common are beginnings and wholes that every guesser tries first; a password
// made of one of them and digits or signs is refused.
var common = []string{
	"password", "passw0rd", "mima", "admin", "magpie", "qwertyuiop", "qwerty", "woaini", "iloveyou",
	"welcome", "letmein", "abc", "abcd", "changeme", "0123456789", "1234567890", "12345678910", "9876543210", "123456",
}

// CheckPassword says whether a new password is good enough: MinPasswordLength
// characters or more, valid UTF-8 without control characters, not the username
// nor a common word with digits or signs about it, and not few characters over
// and over. Nothing else is asked: length is worth more than signs (NIST SP
// 800-63B-4, 3.1.1). The error says what is wrong and never holds the password.
func CheckPassword(pw, username string) error {
	switch {
	case !utf8.ValidString(pw) || strings.ContainsFunc(pw, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return errors.New("the password holds characters that cannot be typed")
	case len(pw) > MaxPasswordLength:
		return errors.New("the password is too long")
	case utf8.RuneCountInString(pw) < MinPasswordLength:
		return errors.New("the password must have at least 10 characters")
	case distinct(pw) < 4:
		return errors.New("the password repeats the same few characters")
	}
	lower := strings.ToLower(pw)
	rest := strings.TrimFunc(lower, func(r rune) bool { return !isLetter(r) })
	name := strings.ToLower(username)
	if name != "" && len(name) >= 3 && len(strings.ReplaceAll(lower, name, "")) < 6 {
		return errors.New("the password is hardly more than the username")
	}
	for _, w := range common {
		if rest == w || lower == w {
			return errors.New("the password is one of those that are guessed first")
		}
	}
	if rest == "" && runs(pw) {
		return errors.New("the password is one of those that are guessed first")
	}
	return nil
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r > 0x7f }

func distinct(s string) int {
	seen := make(map[rune]bool)
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// runs says whether the characters go up or down by one all along, 9 to 0 too.
func runs(s string) bool {
	up, down := true, true
	for i := 1; i < len(s); i++ {
		step := (int(s[i]) - int(s[i-1]) + 10) % 10
		up, down = up && step == 1, down && step == 9
	}
	return up || down
}
