package messages

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The gateways that send approved templates only, by the kind of their names.
const (
	aliyun  = "aliyun"
	tencent = "tencent"
	mas     = "mas"
)

// mostRegistered is how many characters both clouds take for a template
// (Aliyun, help document 463270; Tencent, product document 382/39023).
const mostRegistered = 500

// Register is a template as it has to be entered at a gateway that sends
// approved templates only, without its signature: Aliyun names its parameters,
// ${start}, and Tencent numbers them, {1}. 云MAS takes them by their place; how
// its console writes them differs by province, and they are given as ${1}. f has
// the values that are written out, the telephone number and the address; r says
// which sections are kept, so that the form with a [2:] section is a template of
// its own.
//
// An error says why no gateway would take it: another gateway, a field that
// there is not, a value to write out that is empty, two parameters without a
// word between, one parameter twice where they go by place, or too long.
func Register(t Template, gateway string, f Facts, r Replies) (string, error) {
	if gateway != aliyun && gateway != tencent && gateway != mas {
		return "", fmt.Errorf("gateway %q takes no approved templates", gateway)
	}
	w := registration{gateway: gateway}
	for _, p := range pieces(t.Body) {
		switch {
		case p.kind == section && r.keep(p.name):
			w.write(p.text)
		case p.kind == section:
		case p.kind == field:
			w.writeField(Field(p.name), f, t.Locale)
		default:
			w.write(p.raw)
		}
	}
	text := w.text.String()
	if n := utf8.RuneCountInString(text); w.err == nil && n > mostRegistered {
		w.err = fmt.Errorf("%d characters are more than the %d that %s takes", n, mostRegistered, gateway)
	}
	if w.err != nil {
		return "", fmt.Errorf("register %s at %s: %w", t.Key, gateway, w.err)
	}
	return text, nil
}

// registration is a template while it is written for one gateway.
type registration struct {
	gateway string
	text    strings.Builder
	params  []Field
	ended   bool // a parameter was written last
	err     error
}

func (w *registration) write(s string) {
	if s != "" {
		w.text.WriteString(s)
		w.ended = false
	}
}

func (w *registration) writeField(name Field, f Facts, l Locale) {
	value, ok := f.value(name, l)
	switch {
	case !ok:
		w.fail(fmt.Errorf("there is no field {%s}", name))
	case name.fixed() && value == "":
		w.fail(fmt.Errorf("{%s} is to be written out and is not known", name))
	case name.fixed():
		w.write(value)
	case w.ended:
		w.fail(fmt.Errorf("{%s} follows another parameter without a word between", name))
	default:
		w.writeParam(name)
	}
}

// writeParam writes a parameter by the number of its first place, or its name.
func (w *registration) writeParam(name Field) {
	for _, before := range w.params {
		if before == name && w.gateway != aliyun {
			w.fail(fmt.Errorf("{%s} is there twice, and %s takes parameters by their place", name, w.gateway))
		}
	}
	w.params = append(w.params, name)
	switch w.gateway {
	case aliyun:
		fmt.Fprintf(&w.text, "${%s}", name)
	case tencent:
		fmt.Fprintf(&w.text, "{%d}", len(w.params))
	case mas:
		fmt.Fprintf(&w.text, "${%d}", len(w.params))
	}
	w.ended = true
}

// fail keeps the first error.
func (w *registration) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}
