package messages

import "unicode/utf16"

// The sizes of a short message (3GPP TS 23.038 and 23.040): 140 octets are 160
// septets or 70 UCS-2 units; in a message of several parts a header of six
// octets leaves 153 or 67 of them.
const (
	gsmSingle, gsmPart   = 160, 153
	ucs2Single, ucs2Part = 70, 67
)

// The default alphabet and its extension, 3GPP TS 23.038, section 6.2.1. A
// character of the extension takes two septets, an escape and itself.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtension = "\f^{}\\[~]|€"
)

var gsmWidth = func() map[rune]int {
	m := make(map[rune]int)
	for _, r := range gsmBasic {
		m[r] = 1
	}
	for _, r := range gsmExtension {
		m[r] = 2
	}
	return m
}()

// GSM7 says whether a text can be written in the GSM seven-bit alphabet. One
// Chinese character makes the whole message UCS-2.
func GSM7(text string) bool {
	for _, r := range text {
		if gsmWidth[r] == 0 {
			return false
		}
	}
	return true
}

// Segments counts the short messages that a text is sent, and paid for, as. An
// empty text is none. A character that takes two units is never cut in half, so
// a part may stay one unit short.
func Segments(text string) int {
	widths := make([]int, 0, len(text))
	single, part := gsmSingle, gsmPart
	width := func(r rune) int { return gsmWidth[r] }
	if !GSM7(text) {
		single, part = ucs2Single, ucs2Part
		width = ucs2Width
	}
	total := 0
	for _, r := range text {
		w := width(r)
		widths = append(widths, w)
		total += w
	}
	switch {
	case total == 0:
		return 0
	case total <= single:
		return 1
	}
	n, used := 1, 0
	for _, w := range widths {
		if used+w > part {
			n, used = n+1, 0
		}
		used += w
	}
	return n
}

func ucs2Width(r rune) int {
	if n := utf16.RuneLen(r); n > 0 {
		return n
	}
	return 1
}
