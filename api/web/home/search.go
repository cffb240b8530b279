package home

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"magpie/scheduling"
)

// Search finds the offices that somebody may mean: those of whose name, address
// or region (GB/T 2260, from its beginning) every word is a part. Where there is
// none, letters left out between are forgiven, as in 湖南安化 for
// 湖南省益阳市安化县. The order stays.
func Search(all []*scheduling.Office, asked string) []*scheduling.Office {
	words := strings.Fields(folded(asked))
	for _, within := range []func(text, word string) bool{strings.Contains, inOrder} {
		var out []*scheduling.Office
		for _, o := range all {
			if fits(o, words, within) {
				out = append(out, o)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

func fits(o *scheduling.Office, words []string, within func(text, word string) bool) bool {
	texts := []string{folded(o.Name.ZH), folded(o.Name.EN), folded(o.Address.ZH), folded(o.Address.EN)}
	for _, word := range words {
		found := isNumber(word) && len(word) >= 2 && strings.HasPrefix(o.Region, word)
		for _, text := range texts {
			found = found || within(text, word)
		}
		if !found {
			return false
		}
	}
	return true
}

// inOrder says whether the letters of a word stand in a text one after the
// other, whatever is between. One letter alone means nothing, and between Latin
// letters nearly everything fits.
func inOrder(text, word string) bool {
	letters := []rune(word)
	if len(letters) < 2 || letters[0] <= unicode.MaxLatin1 {
		return false
	}
	for _, r := range text {
		if len(letters) > 0 && r == letters[0] {
			letters = letters[1:]
		}
	}
	return len(letters) == 0
}

func isNumber(word string) bool { return strings.Trim(word, "0123456789") == "" }

// folded makes letters that look alike the same, as an input method may write
// them wide or in capitals.
func folded(text string) string { return strings.ToLower(norm.NFKC.String(text)) }
