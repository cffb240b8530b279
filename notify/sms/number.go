package sms

import "strings"

// mobile reads a Chinese mobile number as carriers and vendors write it, with
// or without the country's code: 138…, 86138…, +86138…, 0086138…. Anything
// else, such as a carrier's service number, is none of a person's.
func mobile(written string) (eleven string, ok bool) {
	digits := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(written), "+"), "00")
	if len(digits) == len("86")+11 {
		digits = strings.TrimPrefix(digits, "86")
	}
	if len(digits) != 11 || digits[0] != '1' || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	return digits, true
}
