package scheduling

import (
	"cmp"
	"context"
	"fmt"
	"net/mail"
	"time"

	"magpie/scheduling/messages"
)

// ContactWish is how a person wants to be reached (safe contact). It goes
// before every template and every reminder.
type ContactWish struct {
	// Number is where texts go; empty: the number that counts.
	Number Private
	Email  Private
	// Text: texts may go. Call: the desk may call instead. Mail: e-mail goes too.
	Text, Call, Mail bool
	// Neutral: texts go under the office's second signature, in words that say
	// less.
	Neutral bool
	// Hours are when anything may reach the person, by the office's clock.
	Hours  []messages.Window
	Locale string // "zh", "en", or empty: as each booking said
	// Stopped: reminders were stopped by a reply.
	Stopped bool
}

// AnyWish is that of somebody who never said anything.
func AnyWish() ContactWish { return ContactWish{Text: true} }

// Said tells whether the person asked for anything that keeps them safe:
// having stopped reminders does not count.
func (w ContactWish) Said() bool {
	return !w.Number.IsZero() || !w.Email.IsZero() || !w.Text || w.Call || w.Mail || w.Neutral || len(w.Hours) > 0 || w.Locale != ""
}

// Reach is how the person may be reached, for the plan of messages. mail says
// that there is a server for e-mail.
func (p Person) Reach(mail bool) messages.Reach {
	if p.Wish == nil {
		return messages.AnyReach()
	}
	w := p.Wish
	return messages.Reach{
		Text: w.Text, Call: w.Call, Mail: mail && w.Mail && !w.Email.IsZero(), Neutral: w.Neutral,
		Hours: w.Hours, Stopped: w.Stopped, Asked: w.Said(),
	}
}

// TextTo is the number to which the person's texts go.
func (p Person) TextTo() Private {
	if p.Wish != nil && !p.Wish.Number.IsZero() {
		return p.Wish.Number
	}
	return p.Phone
}

// Language is that of the person's messages about an appointment.
func (p Person) Language(ofBooking string) messages.Locale {
	asked := ""
	if p.Wish != nil {
		asked = p.Wish.Locale
	}
	return messages.Locale(cmp.Or(asked, ofBooking, string(messages.ZH)))
}

// plan works out, purely, what an appointment owes the person who is told of
// it.
func (s *Scheduler) plan(event messages.Kind, now time.Time, a Appointment) []messages.Due {
	if a.Notified.ID == 0 {
		return nil
	}
	reach := a.Notified.Reach(s.Settings.Mail)
	reach.Silent = a.Silent
	return messages.Plan(event, now, a.Start, a.Office.PolicyFor(a.Service), reach)
}

// reminders is the part of a plan that is made anew when a rule or a wish
// changes: what is yet to fall due of that which has been owed since the time
// was agreed on. One that was held back keeps its later hour.
func (s *Scheduler) reminders(now time.Time) func(Appointment) []messages.Due {
	return func(a Appointment) []messages.Due {
		var out []messages.Due
		for _, d := range s.plan(messages.Moved, a.UpdatedAt, a) {
			if d.Kind == messages.Reminder && d.At.After(now) {
				out = append(out, d)
			}
		}
		return out
	}
}

// WishWrite changes how a person wants to be reached, and plans the reminders
// of their coming appointments anew, in one transaction.
type WishWrite struct {
	Person Person
	// Wish is the new one; the old one is the person's.
	Wish ContactWish
	// Reply is a reply that asked for it, and Answers the message to which it is
	// one; or zero.
	Reply   Digest
	Answers int64
	// Plan gives the reminders that an appointment owes under the new wish.
	Plan  func(Appointment) []messages.Due
	Audit AuditEntry
	Now   time.Time
}

// Wishes keeps how people want to be reached.
type Wishes interface {
	// SetWish answers ErrLost if the wish has changed meanwhile, and ErrAnswered
	// if the reply was taken before. After it no handing over by the old wish
	// begins.
	SetWish(ctx context.Context, w WishWrite) error
}

// WishChange asks for another wish: of a citizen for themself, or of the desk
// for the person of an appointment.
type WishChange struct {
	Actor Actor
	// Reference is the desk's; empty for a citizen.
	Reference string
	Wish      ContactWish
	// NumberToken is a citizen's token for Wish.Number: whoever has texts sent
	// to another number proves that it is theirs.
	NumberToken string
}

// ContactWishOf answers how a person wants to be reached: the citizen's own, or
// that of the person of an appointment. Errors: not_found.
func (s *Scheduler) ContactWishOf(ctx context.Context, a Actor, reference string) (ContactWish, error) {
	p, _, err := s.wisher(ctx, a, reference)
	if err != nil {
		return ContactWish{}, err
	}
	if p.Wish == nil {
		return AnyWish(), nil
	}
	return *p.Wish, nil
}

// SendsMail says whether there is a server for e-mail.
func (s *Scheduler) SendsMail() bool { return s.Settings.Mail }

// SetContactWish changes how a person wants to be reached. What is owed already
// is planned anew.
//
// Errors: not_found, invalid (number, email, hours, locale, mail, call).
func (s *Scheduler) SetContactWish(ctx context.Context, c WishChange) (ContactWish, error) {
	if err := s.checkWish(ctx, &c); err != nil {
		return ContactWish{}, err
	}
	return untilWon(ctx, func() (ContactWish, error) {
		p, office, err := s.wisher(ctx, c.Actor, c.Reference)
		if err != nil {
			return ContactWish{}, err
		}
		now := s.now()
		actor := c.Actor
		actor.OfficeID = office
		w := WishWrite{
			Person: p, Wish: c.Wish, Plan: s.reminders(now), Now: now,
			Audit: auditOf(actor, "contact.wish", cmp.Or(c.Reference, itoa(p.ID)), now, nil, nil),
		}
		if err := s.Wishes.SetWish(ctx, w); err != nil {
			return ContactWish{}, err
		}
		s.nudge()
		return c.Wish, nil
	})
}

// wisher is the person meant, as they are now, and the office of the audit.
func (s *Scheduler) wisher(ctx context.Context, a Actor, reference string) (Person, int64, error) {
	if a.Kind == Citizen && reference == "" {
		p, err := s.People.ByPhone(ctx, a.Person.Phone)
		return p, 0, err
	}
	found, err := s.Appointment(ctx, a, reference)
	if err != nil {
		return Person{}, 0, err
	}
	if found.Notified.ID == 0 || found.Notified.Key == nil {
		return Person{}, 0, NotFound()
	}
	return found.Notified, found.Office.ID, nil
}

// checkWish tests every field of a wish.
func (s *Scheduler) checkWish(ctx context.Context, c *WishChange) error {
	w := &c.Wish
	if !w.Number.IsZero() {
		number, ok := NormalPhone(w.Number.Reveal())
		if !ok {
			return Invalid("number", "请填11位手机号。", "must be a mobile number of 11 digits")
		}
		w.Number = NewPrivate(number)
		if err := s.proved(ctx, *c, number); err != nil {
			return err
		}
	}
	if !w.Email.IsZero() {
		if a, err := mail.ParseAddress(w.Email.Reveal()); err != nil || a.Address != w.Email.Reveal() || len(a.Address) > maxEmail {
			return Invalid("email", "请填一个邮箱地址。", "must be an e-mail address")
		}
	}
	if w.Mail && w.Email.IsZero() {
		return Invalid("email", "要发邮件，请填邮箱地址。", "is needed for e-mail")
	}
	for i, h := range w.Hours {
		if h.From == h.To {
			return Invalid(fmt.Sprintf("hours[%d]", i), "开始和结束不能一样。", "must not begin when it ends")
		}
	}
	if _, err := messages.ParseLocale(w.Locale); err != nil {
		return Invalid("locale", "请选中文或英文。", "must be zh or en")
	}
	return nil
}

const maxEmail = 254 // RFC 5321, 4.5.3.1.3, less the angle brackets

// proved refuses a citizen's other number that no token stands for.
func (s *Scheduler) proved(ctx context.Context, c WishChange, number string) error {
	if c.Actor.Kind != Citizen || number == c.Actor.Person.Phone.Reveal() {
		return nil
	}
	if w := c.Actor.Person.Wish; w != nil && w.Number.Reveal() == number {
		return nil
	}
	other, err := s.Authenticate(ctx, c.NumberToken)
	if err != nil && CodeOf(err) != CodeUnauthenticated {
		return err
	}
	if err != nil || other.Kind != Citizen || other.Person.Phone.Reveal() != number {
		return Invalid("number_token", "请先用短信验证这个号码。", "must be a token for this number")
	}
	return nil
}
