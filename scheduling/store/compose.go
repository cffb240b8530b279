package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

// DueMessage is a claimed message with all that its text is made of.
type DueMessage struct {
	ID, Claim int64
	Attempt   int
	Kind      messages.Kind
	Channel   messages.Channel
	// Office and Gateway are the office's code and the gateway that it wants
	// first; empty: the first of all.
	Office, Gateway string
	To              scheduling.Private
	Signature       string
	// Forms are the forms in which a text may go, see messages.Forms; of an
	// e-mail the one that asks for nothing.
	Forms []messages.Form
	// Entry is what an e-mail's calendar file is made of.
	Entry       *DueEntry
	Subject     string
	DueAt       time.Time
	Until       time.Time
	ResendAgain bool

	// delivery is what is written once it is handed over; reserved is what is
	// counted already.
	delivery deliveryRow
	reserved []counted
	officeID int64
	locale   messages.Locale
}

// DueEntry is an appointment as an e-mail's calendar file says it.
type DueEntry struct {
	AppointmentID         int64
	Reference             string
	Start, End, UpdatedAt time.Time
	Revision              int
	Cancelled             bool
	Locale                messages.Locale
}

// subject is what a batch of messages speaks of, read once.
type subject struct {
	people       map[int64]scheduling.Person
	appointments map[int64]appointmentRow
	codes        map[int64]verificationFacts
	// went are, of messages that went, the words that they went in, and texts
	// those texts that have become others since; both only where somebody looks
	// back.
	went  map[int64]deliveryRow
	texts map[int64]messages.Template
}

// verdict asks once more whether and when a message may go: the person may have
// said something since it was planned.
func (s *Store) verdict(r messageRow, o *scheduling.Office, about subject, now time.Time) messages.Verdict {
	if r.SubjectKind == aboutVerification {
		return messages.Verdict{}
	}
	a := about.appointments[r.SubjectID]
	service, _ := o.ServiceByID(a.ServiceID)
	d := messages.Due{Kind: messages.Kind(r.Kind), Channel: messages.Channel(r.Channel), At: at(r.DueAt), Until: at(r.UntilAt)}
	reach := about.people[r.PersonID].Reach(s.mail)
	if d.Channel == messages.Call && reach.Text {
		reach.Text, reach.Call = false, true // no text was planned in its place
	}
	return messages.Recheck(d, now, o.PolicyFor(service), reach)
}

// message puts one together.
func (s *Store) message(r messageRow, o *scheduling.Office, about subject) DueMessage {
	m := DueMessage{
		ID: r.ID, Claim: r.Claim, Attempt: r.Attempt, Kind: messages.Kind(r.Kind), Channel: messages.Channel(r.Channel),
		Office: o.Code, Gateway: o.Gateway, DueAt: at(r.DueAt), Until: at(r.UntilAt), officeID: r.OfficeID,
		ResendAgain: o.ResendUnknown && r.Kind == string(messages.Reminder),
		delivery:    deliveryRow{MessageID: r.ID, OfficeID: r.OfficeID},
	}
	w := s.wording(r, o, about)
	if r.SubjectKind == aboutVerification {
		m.To = about.codes[r.SubjectID].phone
	} else {
		p, a := about.people[r.PersonID], about.appointments[r.SubjectID]
		m.To, m.delivery.AppointmentID = p.TextTo(), a.ID
		m.asMail(p, a, w.key.Locale)
	}
	t := o.Template(w.key)
	if was, ok := about.texts[r.ID]; ok {
		t = was
	}
	m.Signature, m.Forms, m.locale = w.facts.Signature, messages.Forms(t, w.facts, w.cancels), w.key.Locale
	m.delivery.Locale, m.delivery.Neutral, m.delivery.TextVersion = string(w.key.Locale), flag(w.key.Neutral), t.Version
	if m.Channel == messages.Mail {
		m.Forms = m.Forms[len(m.Forms)-1:]
	}
	return m
}

// wording is which text a message is written with, and from what.
type wording struct {
	key     messages.Key
	facts   messages.Facts
	cancels bool // a reply would cancel
}

// wording is that of today, or the one in which the message went.
func (s *Store) wording(r messageRow, o *scheduling.Office, about subject) wording {
	w := wording{
		key:   messages.Key{Kind: messages.Kind(r.Kind), Locale: messages.Locale(r.Locale)},
		facts: messages.Facts{Signature: o.SMSSignature, Phone: o.Phone, Address: s.address, Location: o.Location, OldStart: at(r.OldStart)},
	}
	if r.SubjectKind == aboutVerification {
		w.facts.Code, w.facts.CodeMinutes = about.codes[r.SubjectID].code.Reveal(), int(codeLife/time.Minute)
		return w
	}
	p, a := about.people[r.PersonID], about.appointments[r.SubjectID]
	service, _ := o.ServiceByID(a.ServiceID)
	w.facts.Start, w.facts.Reference, w.key.Locale = at(a.StartAt), a.Reference, p.Language(r.Locale)
	w.key.Neutral = p.Wish != nil && p.Wish.Neutral
	w.cancels = a.AskerID == p.ID && o.CancelsByReply(service.Code) && (p.Wish == nil || !p.Wish.Said())
	if went, ok := about.went[r.ID]; ok {
		w.key.Locale, w.key.Neutral, w.cancels = messages.Locale(went.Locale), went.Neutral == 1, went.Asks == 2
	}
	if w.key.Neutral {
		w.facts.Signature = o.SMSSignatureNeutral
	}
	return w
}

// asMail adds what an e-mail has beside its text.
func (m *DueMessage) asMail(p scheduling.Person, a appointmentRow, l messages.Locale) {
	if m.Channel != messages.Mail || p.Wish == nil {
		return
	}
	m.To, m.Subject = p.Wish.Email, messages.Subject(l)
	m.Entry = &DueEntry{
		AppointmentID: a.ID, Reference: a.Reference, Start: at(a.StartAt), End: at(a.EndAt), UpdatedAt: at(a.UpdatedAt),
		Revision: a.Revision, Cancelled: a.Status == string(scheduling.Cancelled), Locale: l,
	}
}

type verificationFacts struct{ phone, code scheduling.Private }

// about reads, for a batch, the people, appointments and codes it speaks of.
func (s *Store) about(db *gorm.DB, rows []messageRow) (subject, error) {
	var personIDs, appointmentIDs, numbers []int64
	for _, r := range rows {
		if r.SubjectKind == aboutVerification {
			numbers = append(numbers, r.SubjectID)
		} else {
			personIDs, appointmentIDs = append(personIDs, r.PersonID), append(appointmentIDs, r.SubjectID)
		}
	}
	var out subject
	var err error
	if out.people, err = s.peopleIn(db, distinct(personIDs)); err != nil {
		return out, err
	}
	if out.appointments, err = s.appointmentRows(db, distinct(appointmentIDs)); err != nil {
		return out, err
	}
	out.codes, err = s.codesFor(db, numbers)
	return out, err
}

// claimedRow is a message with the person and the appointment it speaks of, as
// much of it as messages say.
type claimedRow struct {
	Message     messageRow     `gorm:"embedded"`
	Person      personRow      `gorm:"embedded;embeddedPrefix:p_"`
	Appointment appointmentRow `gorm:"embedded;embeddedPrefix:a_"`
}

// claimedRows reads what was claimed together with what it speaks of: while
// messages go by the thousand, one trip for about's three.
func (c claiming) claimedRows(tx *gorm.DB, ids []int64) ([]messageRow, subject, error) {
	about := subject{people: make(map[int64]scheduling.Person), appointments: make(map[int64]appointmentRow)}
	var found []claimedRow
	err := tx.Raw(`SELECT m.*, p.id AS p_id, p.wrapped_key AS p_wrapped_key, p.key_id AS p_key_id, p.phone AS p_phone, p.wish AS p_wish,
	a.id AS a_id, a.reference AS a_reference, a.service_id AS a_service_id, a.status AS a_status, a.start_at AS a_start_at, a.end_at AS a_end_at,
	a.asker_id AS a_asker_id, a.revision AS a_revision, a.updated_at AS a_updated_at
	FROM messages m`+c.dialect.byKey()+` LEFT JOIN persons p ON p.id = m.person_id LEFT JOIN appointments a ON m.subject_kind = ? AND a.id = m.subject_id
	WHERE m.id IN ? AND m.claim = ? AND m.status = ?`, aboutAppointment, ids, c.token, claimed).Scan(&found).Error
	if err != nil {
		return nil, about, fmt.Errorf("read what was claimed: %w", err)
	}
	rows, numbers := make([]messageRow, len(found)), []int64(nil)
	for i, r := range found {
		rows[i] = r.Message
		if r.Message.SubjectKind == aboutVerification {
			numbers = append(numbers, r.Message.SubjectID)
			continue
		}
		about.appointments[r.Appointment.ID] = r.Appointment
		if _, known := about.people[r.Person.ID]; known || r.Person.ID == 0 { // 0: erased
			continue
		}
		if about.people[r.Person.ID], err = c.person(r.Person); err != nil {
			return nil, about, err
		}
	}
	about.codes, err = c.codesFor(tx, numbers)
	return rows, about, err
}

// appointmentRows reads of appointments what their messages say.
func (s *Store) appointmentRows(db *gorm.DB, ids []int64) (map[int64]appointmentRow, error) {
	out := make(map[int64]appointmentRow, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var found []appointmentRow
	err := db.Select("id", "reference", "service_id", "status", "start_at", "end_at", "asker_id", "revision", "updated_at").Where("id IN ?", ids).Find(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read appointments for their messages: %w", s.reading(err))
	}
	for _, a := range found {
		out[a.ID] = a
	}
	return out, nil
}
