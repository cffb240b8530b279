package scheduling

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"magpie/scheduling/messages"
)

// TextVersion is a text that an office had; an empty body is the built-in one.
type TextVersion struct {
	Template  messages.Template
	Author    string // username; empty: the command apply
	CreatedAt time.Time
}

// TextHistory keeps the versions of an office's texts.
type TextHistory interface {
	// TextVersions lists those of one text, newest first.
	TextVersions(ctx context.Context, office int64, k messages.Key) ([]TextVersion, error)
}

// TextView is a text with what a director should know of it.
type TextView struct {
	messages.Template
	// Longest is the text with the longest values that it can have.
	Longest  string
	Segments int
	// Register is the text as it is entered at a cloud, by gateway and form.
	Register map[string]string
}

// OfficeTexts lists every text of an office, its own or the built-in one.
// Errors: not_found.
func (s *Scheduler) OfficeTexts(ctx context.Context, a Actor, code string) ([]TextView, error) {
	office, err := s.officeFor(ctx, a, code)
	if err != nil {
		return nil, err
	}
	var out []TextView
	for _, d := range messages.Defaults() {
		out = append(out, s.viewOf(office, office.Template(d.Key)))
	}
	return out, nil
}

func (s *Scheduler) viewOf(o *Office, t messages.Template) TextView {
	rules := s.rulesOf(o)
	v := TextView{Template: t, Register: make(map[string]string)}
	v.Longest, v.Segments = messages.Longest(t, rules)
	f := messages.Facts{Signature: rules.Signature, Phone: rules.Phone, Address: rules.Address, Location: o.Location}
	for _, gateway := range []string{"aliyun", "tencent", "mas"} {
		for mark, r := range map[string]messages.Replies{"": {Confirm: s.brings(gateway)}, "+2": {Confirm: true, Cancel: true}} {
			if mark != "" && !(s.brings(gateway) && t.Fill(f, r).WithCancel) {
				continue
			}
			if text, err := messages.Register(t, gateway, f, r); err == nil {
				v.Register[gateway+mark] = text
			}
		}
	}
	return v
}

// brings says whether a kind of gateway brings replies here.
func (s *Scheduler) brings(kind string) bool {
	return slices.ContainsFunc(s.Gateways, func(g messages.Gateway) bool { return g.Kind == kind && g.Replies })
}

func (s *Scheduler) rulesOf(o *Office) messages.Rules {
	rules := o.TextRules()
	rules.Address = s.Settings.Address
	return rules
}

// TextChange asks for another text, or for the built-in one again.
type TextChange struct {
	Actor  Actor
	Office string
	Key    messages.Key
	Body   string
	Codes  map[string]string
	// BuiltIn takes the office's own text away.
	BuiltIn bool
}

// maxBody bounds a text, in characters; three segments are 201.
const maxBody = 500

// SetText gives an office another text. It is held against every rule first:
// fields, length, words, links. The office file has it from then on.
//
// Errors: not_found; invalid (body, codes) with each thing that is wrong.
func (s *Scheduler) SetText(ctx context.Context, c TextChange) (TextView, error) {
	return untilWon(ctx, func() (TextView, error) {
		office, err := s.officeFor(ctx, c.Actor, c.Office)
		if err != nil {
			return TextView{}, err
		}
		changed := *office
		changed.Texts.Templates = slices.DeleteFunc(slices.Clone(office.Texts.Templates), func(t messages.Template) bool { return t.Key == c.Key })
		if !c.BuiltIn {
			t := messages.Template{Key: c.Key, Body: c.Body, Codes: maps.Clone(c.Codes)}
			if err := s.refuseText(office, t); err != nil {
				return TextView{}, err
			}
			changed.Texts.Templates = append(changed.Texts.Templates, t)
		}
		now := s.now()
		w := OfficeWrite{
			Office: &changed, Document: s.WriteOffice(&changed), Expected: office.Revision, Author: c.Actor.Username, Now: now,
			Audit: auditOf(c.Actor, "office.text", fmt.Sprintf("%s.%s", c.Key.Kind, c.Key.Locale), now, nil, nil),
		}
		if err := s.Offices.Apply(ctx, w); err != nil {
			return TextView{}, err
		}
		stored, err := s.Offices.Office(ctx, office.Code)
		if err != nil {
			return TextView{}, err
		}
		return s.viewOf(stored, stored.Template(c.Key)), nil
	})
}

// refuseText names everything that is wrong with a text.
func (s *Scheduler) refuseText(o *Office, t messages.Template) error {
	if utf8.RuneCountInString(t.Body) > maxBody {
		return Invalid("body", "太长了。", "is too long")
	}
	problems := messages.Check(t, s.rulesOf(o))
	if len(problems) == 0 {
		return nil
	}
	refused := Invalid("body", problems[0].ZH, problems[0].EN)
	for _, p := range problems[1:] {
		refused.Fields = append(refused.Fields, FieldError{Field: "body", Message: Text{ZH: p.ZH, EN: p.EN}})
	}
	return refused
}

// TextVersions lists what a text was, newest first. Errors: not_found.
func (s *Scheduler) TextVersions(ctx context.Context, a Actor, code string, k messages.Key) ([]TextVersion, error) {
	office, err := s.officeFor(ctx, a, code)
	if err != nil {
		return nil, err
	}
	return s.TextHistory.TextVersions(ctx, office.ID, k)
}
