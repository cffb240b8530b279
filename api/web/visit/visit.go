package visit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"magpie/scheduling"
)

// Life is how long a visit lasts after it was last touched.
const Life = 20 * time.Minute

// secretBytes is how long a visit's secret is.
const secretBytes = 32

// maxDrafts is how many bookings one visit fills in at once, in several tabs.
const maxDrafts = 5

// Visit is what one person is doing on the pages.
type Visit struct {
	secret  []byte
	id      scheduling.Digest
	version int64

	// Office is the code of the office visited last.
	Office string `json:"office,omitempty"`
	// Token is the citizen's, once a number has been proved; the pages never
	// show it.
	Token string `json:"token,omitempty"`
	// Phone is the proved number.
	Phone string `json:"phone,omitempty"`
	// Proofs are the codes that are under way, by what they are for.
	Proofs map[string]Proof `json:"proofs,omitempty"`
	Drafts []*Draft         `json:"drafts,omitempty"`
	// References are the appointments that were shown, so that their pages have
	// addresses.
	References []string `json:"references,omitempty"`
	// Notice is said once, on the next page.
	Notice string `json:"notice,omitempty"`
}

// Book is the purpose of a code that proves a booking's number.
const Book = "book"

// Proof is a code on its way to a number.
type Proof struct {
	Phone        string    `json:"phone"`
	Verification string    `json:"verification"`
	ResendAt     time.Time `json:"resend_at"`
}

// Draft is one booking, or one move, that is being filled in.
type Draft struct {
	ID      string `json:"id"`
	Office  string `json:"office"`
	Service string `json:"service"`
	// Moving is the reference of the appointment that gets another time; empty: a
	// new one is booked.
	Moving string `json:"moving,omitempty"`

	Day        string    `json:"day,omitempty"` // YYYY-MM-DD
	Start      time.Time `json:"start,omitzero"`
	End        time.Time `json:"end,omitzero"`
	Counsellor string    `json:"counsellor,omitempty"`
	Gender     string    `json:"gender,omitempty"`
	Accessible bool      `json:"accessible,omitempty"`

	// Hold keeps the time until HoldUntil; empty: it could not be kept.
	Hold      string    `json:"hold,omitempty"`
	HoldUntil time.Time `json:"hold_until,omitzero"`
	HoldHeads int       `json:"hold_heads,omitempty"`
	Renewed   bool      `json:"renewed,omitempty"`
	// Prolonged counts how often an open page of the elder version kept it on.
	Prolonged int `json:"prolonged,omitempty"`
	// Nearest are the free starts offered in place of one that was lost.
	Nearest []time.Time `json:"nearest,omitempty"`
	// Tries counts the changes of the draft, for keys of requests that may come
	// twice.
	Tries int `json:"tries,omitempty"`

	Who      string   `json:"who,omitempty"` // Alone, Together or Family
	Name     string   `json:"name,omitempty"`
	Title    string   `json:"title,omitempty"`    // ms, mr
	Visitor  string   `json:"visitor,omitempty"`  // who comes, with Family
	Relation string   `json:"relation,omitempty"` // what they are to the one who books
	Needs    []string `json:"needs,omitempty"`
	// Reach is how to write: Text, Other (to another number) or Silent.
	Reach    string `json:"reach,omitempty"`
	CodeWord string `json:"code_word,omitempty"`
	// Phone is the number that was typed where none has to be proved, and Numbered
	// says that the question was answered; there it may stay empty.
	Phone    string `json:"phone,omitempty"`
	Numbered bool   `json:"numbered,omitempty"`
	// Booked is the reference, once it is done.
	Booked string `json:"booked,omitempty"`
}

// Who comes.
const (
	Alone    = "alone"
	Together = "together"
	Family   = "family"
)

// How to write.
const (
	Text   = "text"
	Other  = "other"
	Silent = "silent"
)

// New begins a visit.
func New() *Visit {
	v := &Visit{secret: make([]byte, secretBytes)}
	_, _ = rand.Read(v.secret) // never fails: crypto/rand ends the program instead
	v.id = sha256.Sum256(v.secret)
	return v
}

// Begin adds a draft; the oldest gives way to a sixth.
func (v *Visit) Begin(office, service string) *Draft {
	d := &Draft{ID: strings.ToLower(rand.Text()[:10]), Office: office, Service: service}
	v.Drafts = append(v.Drafts, d)
	if len(v.Drafts) > maxDrafts {
		v.Drafts = v.Drafts[1:]
	}
	v.Office = office
	return d
}

// Drop forgets a draft.
func (v *Visit) Drop(d *Draft) {
	v.Drafts = slices.DeleteFunc(v.Drafts, func(other *Draft) bool { return other.ID == d.ID })
}

// Draft finds a draft by its id; nil: there is none.
func (v *Visit) Draft(id string) *Draft {
	i := slices.IndexFunc(v.Drafts, func(d *Draft) bool { return d.ID == id })
	if i < 0 {
		return nil
	}
	return v.Drafts[i]
}

// Know remembers that an appointment was shown.
func (v *Visit) Know(references ...string) {
	for _, r := range references {
		if !slices.Contains(v.References, r) {
			v.References = append(v.References, r)
		}
	}
}

// Proved remembers whose number it is.
func (v *Visit) Proved(token, phone string) { v.Token, v.Phone = token, phone }

// Place is a page of a visit: a step, of a draft or about an appointment.
type Place struct {
	Step string
	// About is a draft's id or an appointment's reference; empty: of the visit.
	About string
}

// prefix stands before the address of every page of a visit.
const prefix = "/p/"

// Address is where a place is found while the visit lasts.
func (v *Visit) Address(p Place) string { return prefix + v.token(p) }

// Find is the place of an address.
func (v *Visit) Find(token string, steps []string) (Place, bool) {
	about := []string{""}
	for _, d := range v.Drafts {
		about = append(about, d.ID)
	}
	about = append(about, v.References...)
	for _, a := range about {
		for _, step := range steps {
			if p := (Place{step, a}); hmac.Equal([]byte(v.token(p)), []byte(token)) {
				return p, true
			}
		}
	}
	return Place{}, false
}

func (v *Visit) token(p Place) string {
	mac := hmac.New(sha256.New, v.secret)
	_, _ = mac.Write([]byte("address|" + p.Step + "|" + p.About)) // never fails
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:10]))
}
