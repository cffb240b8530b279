package scheduling

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"
)

// asker is who counts for a booking, who gets its messages, and the entries as
// they will be written.
type asker struct {
	person   Person // zero: nobody counts
	notified Person // zero: nobody gets messages
	parties  []Party
	contact  *Contact
	created  []NewPerson
}

// asker finds who counts: the token's number, or the one that the desk enters.
// A number that nobody has proved or entered at the desk is sent messages, and
// claims and counts nobody.
func (s *Scheduler) asker(ctx context.Context, b Booking) (asker, error) {
	var out asker
	number, field := b.askingNumber()
	switch b.Actor.Kind {
	case Citizen:
		out.person = b.Actor.Person
		if own := b.Actor.Person.Phone.Reveal(); number != "" && number != own {
			return out, Invalid(field, "这里要填您刚验证过的手机号。", "must be the number that the token proves")
		}
		out.notified = out.person
	case StaffKind:
		if err := s.numberAtDesk(ctx, number, &out); err != nil {
			return out, err
		}
	default:
		if s.Settings.VerifyPhones {
			return out, Unauthenticated()
		}
		if number != "" {
			out.notified = newPerson(number)
			out.created = append(out.created, NewPerson{Person: out.notified})
		}
	}
	out.enter(b)
	return out, nil
}

// askingNumber is the entry that counts: the contact's where one books for
// somebody of the family, the first party's otherwise.
func (b Booking) askingNumber() (number, field string) {
	phone, field := Private{}, "parties[0].phone"
	if b.Contact != nil {
		phone, field = b.Contact.Phone, "contact.phone"
	} else if len(b.Parties) > 0 {
		phone = b.Parties[0].Phone
	}
	number, _ = NormalPhone(phone.Reveal())
	return number, field
}

func (s *Scheduler) numberAtDesk(ctx context.Context, number string, out *asker) error {
	if number == "" {
		return nil
	}
	person, err := s.People.ByPhone(ctx, NewPrivate(number))
	switch {
	case CodeOf(err) == CodeNotFound:
		person = newPerson(number)
		out.created = append(out.created, NewPerson{Person: person, Claimed: true})
	case err != nil:
		return fmt.Errorf("look up the number: %w", err)
	}
	out.person, out.notified = person, person
	return nil
}

// enter writes down the parties. Each has a sealing key: the first shares the
// asker's, unless somebody of the family books; every other gets one.
func (o *asker) enter(b Booking) {
	for i, p := range b.Parties {
		number, _ := NormalPhone(p.Phone.Reveal())
		party := Party{ID: newID(time.Time{}), Name: p.Name, Phone: NewPrivate(number)}
		if i == 0 && b.Contact == nil && o.notified.ID != 0 {
			party.Person, party.Phone = o.notified, o.notified.Phone
		} else {
			party.Person = newPerson("")
			o.created = append(o.created, NewPerson{Person: party.Person})
		}
		o.parties = append(o.parties, party)
	}
	if b.Contact == nil {
		return
	}
	phone := o.notified.Phone
	if phone.IsZero() {
		phone = b.Contact.Phone
	}
	o.contact = &Contact{Name: b.Contact.Name, Phone: phone, Relation: b.Contact.Relation}
}

// Keeper is the person under whose key what belongs to the whole appointment
// is sealed: its note, its reason, its contact.
func (a Appointment) Keeper() Person {
	switch {
	case a.Asker.ID != 0:
		return a.Asker
	case a.Notified.ID != 0:
		return a.Notified
	case len(a.Parties) > 0:
		return a.Parties[0].Person
	}
	return Person{}
}

var mobile = regexp.MustCompile(`^(\+86)?(1[3-9][0-9]{9})$`)

// NormalPhone answers the 11 digits of a mobile number of mainland China,
// written with or without +86. New number blocks are let through.
func NormalPhone(s string) (string, bool) {
	m := mobile.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	return m[2], true
}

// newPerson makes a person with a random id and a sealing key of its own.
func newPerson(number string) Person {
	return Person{ID: newID(time.Time{}), Phone: NewPrivate(number), Key: randomBytes(32)}
}

// NewPersonFor makes a person for a number that was just proved.
func NewPersonFor(phone Private) Person { return newPerson(phone.Reveal()) }

// newID draws a positive 62-bit id: wholly random for people; with a time,
// rising by the second, so that rows made together lie together.
func newID(t time.Time) int64 {
	n := randomInt(1 << 62)
	if t.IsZero() {
		return n + 1
	}
	const random = 30
	return t.Unix()<<random | n&(1<<random-1)
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return b
}

func randomInt(limit int64) int64 {
	n, err := rand.Int(rand.Reader, big.NewInt(limit))
	if err != nil {
		panic("crypto/rand: " + err.Error())
	}
	return n.Int64()
}

// newReference draws a reference: eight digits, ten once one in a hundred of
// the eight-digit ones is used. It is no credential.
func (s *Scheduler) newReference() string {
	digits := 8
	if s.Lists != nil && s.Lists.ReferencesUsed() >= 1_000_000 {
		digits = 10
	}
	var b strings.Builder
	for range digits {
		b.WriteByte(byte('0' + randomInt(10)))
	}
	return b.String()
}
