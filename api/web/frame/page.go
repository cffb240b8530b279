package frame

import (
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"magpie/scheduling"
)

// Page is what the frame needs to know of the page that it stands around.
// Templates embed it, and say every sentence with Say.
type Page struct {
	Locale string // "zh" or "en"
	Elder  bool   // the elder version 长辈版: larger, without time pressure
	// Kept says that the language and the version are remembered after the visit.
	Kept bool
	// Office is the one that the page is about; nil: none yet.
	Office *scheduling.Office
	// Here is where a change of language or version leads back to.
	Here string
	// Back is the address of the step before; empty: there is none.
	Back string
	// Public says that a search engine may list the page.
	Public bool
	// Staying is the address by which an open page keeps the visit alive, in the
	// elder version; empty: there is nothing to keep.
	Staying string
	// Wrongs are what has to be put right before it goes on.
	Wrongs []Wrong
	// Notice is said above everything else, such as that a time was lost.
	Notice string
}

// Wrong is what is wrong with one field, by the id of its element.
type Wrong struct {
	Field   string
	Message string
}

// English says whether the page is in English.
func (p Page) English() bool { return p.Locale == "en" }

// Say gives a sentence in the page's language. The two are written beside each
// other, so that neither is forgotten when the other is changed; arguments are
// put in as fmt does, by %[1]s where their order differs.
func (p Page) Say(zh, en string, arguments ...any) string {
	said := zh
	if p.English() {
		said = en
	}
	if len(arguments) == 0 {
		return said
	}
	return fmt.Sprintf(said, arguments...)
}

// Text gives an office's own text in the page's language.
func (p Page) Text(t scheduling.Text) string { return t.In(p.Locale) }

// Wrong is what is wrong with a field; empty: nothing.
func (p Page) Wrong(field string) string {
	i := slices.IndexFunc(p.Wrongs, func(w Wrong) bool { return w.Field == field })
	if i < 0 {
		return ""
	}
	return p.Wrongs[i].Message
}

// Refuse adds what is wrong with a field.
func (p *Page) Refuse(field, zh, en string) {
	p.Wrongs = append(p.Wrongs, Wrong{Field: field, Message: p.Say(zh, en)})
}

// Refused turns what a use case refused into what the page says beside its
// fields: fields maps the use case's names to the page's. What is not about a
// field is an error still.
func (p *Page) Refused(err error, fields map[string]string) error {
	var refused *scheduling.Error
	if !errors.As(err, &refused) || refused.Code != scheduling.CodeInvalid {
		return err
	}
	for _, f := range refused.Fields {
		id, known := fields[f.Field]
		if !known {
			return err
		}
		p.Wrongs = append(p.Wrongs, Wrong{Field: id, Message: f.Message.In(p.Locale)})
	}
	return nil
}

// Title is the same on every page of an office, on purpose (see the package).
func (p Page) Title() string {
	if p.Office == nil {
		return p.Say("预约", "Appointments")
	}
	return p.Say("预约", "Appointments") + " · " + p.Sender()
}

// Sender is the name under which the office writes, which says less than its
// whole name.
func (p Page) Sender() string { return p.Office.SMSSignature }

// Help are the numbers to call in danger.
func (p Page) Help() []scheduling.HelpLine {
	if p.Office == nil || len(p.Office.Help) == 0 {
		return scheduling.DefaultHelp()
	}
	return p.Office.Help
}

// ExitTo is the ordinary page that the quick exit leads to.
func (p Page) ExitTo() string {
	if p.Office == nil || p.Office.ExitTo == "" {
		return scheduling.DefaultExit
	}
	return p.Office.ExitTo
}

// Dial is a telephone number as the address of a link (RFC 3966): its digits,
// up to whatever is no part of a number, such as an extension. The template
// would take the scheme for a dangerous one.
func (p Page) Dial(phone string) template.URL {
	number := strings.NewReplacer(" ", "", "（", "", "）", "", "(", "", ")", "").Replace(phone)
	if end := strings.IndexFunc(number, func(r rune) bool { return !strings.ContainsRune("+-0123456789", r) }); end >= 0 {
		number = number[:end]
	}
	return template.URL("tel:" + number) //nolint:gosec // G203: nothing but digits, + and - is left
}
