package messages

import (
	"regexp"
	"slices"
	"strings"
)

// inPlace stands for {address} while links are looked for. It is no character
// that a text may have.
const inPlace = '\uFFFC'

// linkForms are the forms in which an address can be written out, in a text as
// narrow leaves it. The common endings are found behind a full stop of any kind
// (browsers take 。 for a dot, UTS 46) or the word for one, with spaces about
// it; any other ending only where it follows a dot at once, as no sentence goes
// on. Nothing of an address may touch {address}: it would be another one.
var linkForms = []*regexp.Regexp{
	regexp.MustCompile(`http|ftp:|www\.|://`),
	regexp.MustCompile(`[a-z0-9-]\.[a-z]{2,}`),
	regexp.MustCompile(`[\p{L}\p{N}]\s*(?:[.。｡]|点|dot)\s*(?:com|cn|net|org)(?:[^a-z]|$)`),
	regexp.MustCompile(`[\p{L}\p{N}]\s*\.\s*(?:中国|公司|网络|网址|在线|中文网|政务|公益)`),
	regexp.MustCompile(`[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+`),
	regexp.MustCompile(`[a-z0-9./?#@_%&=+~-]\x{FFFC}|\x{FFFC}[a-z0-9/:?#@_%&=+~\x{FFFC}-]|\x{FFFC}\.\S`),
}

// checkLinks finds addresses of pages, and the words that lead to one.
func checkLinks(t Template, all []piece, r Rules) []Problem {
	var out []Problem
	seen := map[string]bool{}
	found := func(link string) {
		if link != "" && !seen[link] {
			seen[link] = true
			out = append(out, linkInText(strings.ReplaceAll(link, string(inPlace), "{address}")))
		}
	}
	withoutAddress := r
	withoutAddress.Address = ""
	p := patternOf(all, t.Locale, withoutAddress, true)
	for _, w := range linkWords {
		if p.holds(w) {
			found(w)
		}
	}
	withoutAddress.Address = string(inPlace)
	for _, body := range everyForm(t, all, longestFacts(withoutAddress)) {
		for _, form := range linkForms {
			found(form.FindString(body))
		}
	}
	return out
}

// everyForm is the text with each choice of its sections, as narrow leaves it.
func everyForm(t Template, all []piece, f Facts) []string {
	keys := []string{keyConfirm, keyCancel, keyStop}
	var out []string
	for chosen := range 1 << len(keys) {
		var body strings.Builder
		for _, p := range all {
			switch p.kind {
			case section:
				for i, key := range keys {
					if p.name == key && chosen&(1<<i) != 0 {
						body.WriteString(p.text)
					}
				}
			case field:
				value, _ := f.value(Field(p.name), t.Locale)
				body.WriteString(value)
			default:
				body.WriteString(p.raw)
			}
		}
		if text := narrow(body.String()); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}
