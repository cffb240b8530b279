package messages

import "strings"

// Gateway is what a text has to know of the gateway that it goes through.
type Gateway struct {
	// Name is its name in the ledger and the office file, such as kannel or
	// kannel-2; Kind the name without a number, by which approval codes go.
	Name, Kind string
	// Replies: it brings people's replies, so that a text may ask for one.
	Replies bool
	// Templated: it sends approved templates and no free text.
	Templated bool
}

// Form is one way in which a text may go.
type Form struct {
	Filled
	// Codes are the approval codes of this form by kind of gateway.
	Codes map[string]string
	// Segments is what the form costs, with its signature.
	Segments int
}

// Forms are the forms in which a text may go, the one that asks for most first
// and the one that asks for nothing last. cancels says that a reply would
// cancel the appointment.
func Forms(t Template, f Facts, cancels bool) []Form {
	ways := []Replies{{Confirm: true, Cancel: true}, {Confirm: true}, {}}
	if !cancels {
		ways = ways[1:]
	}
	var out []Form
	for _, r := range ways {
		filled := t.Fill(f, r)
		if n := len(out); n > 0 && out[n-1].Body == filled.Body {
			continue
		}
		out = append(out, Form{Filled: filled, Codes: codesOf(t, filled.WithCancel), Segments: Segments(Signed(f.Signature, filled.Body))})
	}
	return out
}

// withCancelMark ends the name of a gateway where the code is that of the form
// with a [2:] section.
const withCancelMark = "+2"

func codesOf(t Template, withCancel bool) map[string]string {
	out := make(map[string]string, len(t.Codes))
	for gateway, code := range t.Codes {
		kind, marked := strings.CutSuffix(gateway, withCancelMark)
		if marked == withCancel {
			out[kind] = code
		}
	}
	return out
}

// Choose gives the place of the form in which a text goes through the gateway:
// the first that it can bring the replies of and has an approval for, or the
// last, which asks for nothing.
func (g Gateway) Choose(forms []Form) int {
	for i, f := range forms {
		if (g.Replies || !f.Asks) && (!g.Templated || f.Codes[g.Kind] != "") {
			return i
		}
	}
	return len(forms) - 1
}

// NameOf is the name of the gateway that is asked second, given the kinds of
// both.
func NameOf(first, second string) string {
	if first == second {
		return second + "-2"
	}
	return second
}
