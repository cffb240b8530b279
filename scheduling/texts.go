package scheduling

import (
	"slices"

	"magpie/scheduling/messages"
)

// Texts are an office's own words for its messages.
type Texts struct {
	// Words are what no text may say, beside those that none ever may.
	Words []string
	// Templates take the place of the built-in ones; each key is there once.
	Templates []messages.Template
}

// Template is the office's template for a kind of message in a language, or
// the one that is built in.
func (o *Office) Template(k messages.Key) messages.Template {
	i := slices.IndexFunc(o.Texts.Templates, func(t messages.Template) bool { return t.Key == k })
	if i < 0 {
		return messages.Default(k)
	}
	return o.Texts.Templates[i]
}

// TextRules is what the office's texts are checked by when they are saved. The
// address on the web is not the office's, but the server's, and is left empty.
func (o *Office) TextRules() messages.Rules {
	names := []string{o.Name.ZH, o.Name.EN}
	for _, s := range o.Services {
		names = append(names, s.Name.ZH, s.Name.EN)
	}
	for _, r := range o.Rooms {
		names = append(names, r.Name.ZH, r.Name.EN)
	}
	return messages.Rules{
		Signature: o.SMSSignature, NeutralSignature: o.SMSSignatureNeutral, Phone: o.Phone,
		Names: names, Words: o.Texts.Words,
	}
}

// PolicyFor is what the office and a service say of when messages go.
func (o *Office) PolicyFor(s Service) messages.Policy {
	return messages.Policy{
		Leads: s.Reminders, Quiet: o.Quiet, Location: o.Location,
		NeutralSignature: o.SMSSignatureNeutral != "",
	}
}
