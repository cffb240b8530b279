package storetest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"time"

	"magpie/scheduling"
)

// phone is the n-th citizen's number.
func phone(n int) string { return fmt.Sprintf("138%08d", n) }

// Citizen is somebody whose number was proved, by the shortest way: the code
// is one that the test chose.
func (b *Bundle) Citizen(t tb, number string) scheduling.Actor {
	t.Helper()
	b.mu.Lock()
	a, known := b.actors[number]
	b.mu.Unlock()
	if known {
		return a
	}
	now := b.Clock.Now()
	id := b.key() + number
	token := scheduling.Digest(sha256.Sum256([]byte(id)))
	private := scheduling.NewPrivate(number)
	err := errors.Join(
		b.Store.SendCode(background, scheduling.VerificationWrite{ID: id, Phone: private, Code: scheduling.NewPrivate("135790"), Locale: "zh", ExpiresAt: now.Add(time.Minute), Now: now}),
		b.Store.Prove(background, id, token, now.Add(2*time.Hour), now),
	)
	if err != nil {
		t.Fatalf("proving a number: %v", err)
	}
	person, err := b.Store.ByToken(background, token, now)
	if err != nil {
		t.Fatalf("reading a token: %v", err)
	}
	a = scheduling.Actor{Kind: scheduling.Citizen, Person: person, Address: "198.51.100.7", TokenHash: token[:]}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.actors[number] = a
	return a
}

// passerBy is somebody without a token at an address.
func passerBy(address string) scheduling.Actor {
	return scheduling.Actor{Kind: scheduling.Anonymous, Address: address}
}

// wants is a booking by somebody, with a key of its own.
func (b *Bundle) wants(a scheduling.Actor, service, start string) scheduling.Booking {
	return scheduling.Booking{
		Actor: a, Office: "suite", Service: service, Start: on(start), Parties: people(1),
		Idempotency: scheduling.Idempotency{Key: b.key(), Route: "POST /appointments", Body: []byte(service + start)},
	}
}

// people are so many parties with names and no numbers.
func people(n int) []scheduling.PartyRequest {
	out := make([]scheduling.PartyRequest, n)
	for i := range out {
		out[i].Name = scheduling.NewPrivate(fmt.Sprintf("王小明%d", i+1))
	}
	return out
}

// mustBook books, or ends the test.
func (b *Bundle) mustBook(t tb, r scheduling.Booking) scheduling.Appointment {
	t.Helper()
	a, err := b.Scheduler.Book(background, r)
	if err != nil {
		t.Fatalf("booking %s at %s: %v", r.Service, r.Start, err)
	}
	return a
}

// change is a change by somebody, with a key of its own.
func (b *Bundle) changeOf(a scheduling.Actor, ap scheduling.Appointment) scheduling.Change {
	return scheduling.Change{Actor: a, Reference: ap.Reference, Idempotency: scheduling.Idempotency{Key: b.key(), Route: "POST /" + ap.Reference}}
}

// moveOf is a change to another start.
func (b *Bundle) moveOf(a scheduling.Actor, ap scheduling.Appointment, start string) scheduling.Change {
	c := b.changeOf(a, ap)
	c.Start = on(start)
	c.Idempotency.Body = []byte(start)
	return c
}

// mustDo takes a step of an appointment, or ends the test.
func (b *Bundle) mustDo(t tb, do step, c scheduling.Change) scheduling.Appointment {
	t.Helper()
	a, err := do(b.Scheduler, c)
	if err != nil {
		t.Fatalf("changing %s: %v", c.Reference, err)
	}
	return a
}

// step is a use case that changes an appointment.
type step func(s *scheduling.Scheduler, c scheduling.Change) (scheduling.Appointment, error)

func move(s *scheduling.Scheduler, c scheduling.Change) (scheduling.Appointment, error) {
	return s.Move(background, c)
}

func cancel(s *scheduling.Scheduler, c scheduling.Change) (scheduling.Appointment, error) {
	return s.Cancel(background, c)
}

func checkIn(s *scheduling.Scheduler, c scheduling.Change) (scheduling.Appointment, error) {
	return s.CheckIn(background, c)
}

func start(s *scheduling.Scheduler, c scheduling.Change) (scheduling.Appointment, error) {
	return s.Start(background, c)
}

func complete(s *scheduling.Scheduler, c scheduling.Change) (scheduling.Appointment, error) {
	return s.Complete(background, c)
}

func noShow(s *scheduling.Scheduler, c scheduling.Change) (scheduling.Appointment, error) {
	return s.NoShow(background, c)
}

// read is the appointment as it is stored, whoever asks.
func (b *Bundle) read(t tb, reference string) scheduling.Appointment {
	t.Helper()
	a, err := b.Store.ByReference(background, reference)
	if err != nil {
		t.Fatalf("reading %s: %v", reference, err)
	}
	return a
}

// find is one date's answer.
func (b *Bundle) find(t tb, q scheduling.Search) scheduling.Day {
	t.Helper()
	q.Office, q.To = "suite", q.From
	days, err := b.Scheduler.Find(background, q)
	if err != nil || len(days) != 1 {
		t.Fatalf("searching %s: %d days, %v", q.From, len(days), err)
	}
	return days[0]
}

// free is how many a start has left, by the answer to a search.
func (b *Bundle) free(t tb, service, start string) int {
	t.Helper()
	at := on(start)
	for _, s := range b.find(t, scheduling.Search{Service: service, From: dateOf(at)}).Slots {
		if s.Start.Equal(at) {
			return s.Free
		}
	}
	return 0
}

// refused fails the test unless an error has a code, and gives the error.
func refused(t tb, err error, want scheduling.Code) *scheduling.Error {
	t.Helper()
	var e *scheduling.Error
	if !errors.As(err, &e) || e.Code != want {
		t.Fatalf("the answer is %v, not %s", err, want)
	}
	return e
}

// refusedField is refused for invalid, and for the one field that is wrong.
func refusedField(t tb, err error, field string) {
	t.Helper()
	e := refused(t, err, scheduling.CodeInvalid)
	if len(e.Fields) != 1 || e.Fields[0].Field != field {
		t.Fatalf("the wrong fields are %+v, not %s", e.Fields, field)
	}
}

// together begins n calls at once and gives their errors in order.
func together(n int, call func(i int) error) []error {
	errs := make([]error, n)
	var ready, done sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-begin
			errs[i] = call(i)
		})
	}
	ready.Wait()
	close(begin)
	done.Wait()
	return errs
}

// outcomes counts the calls that succeeded, and fails the test if another was
// refused with any code but those that may be.
func outcomes(t tb, errs []error, may ...scheduling.Code) (succeeded int) {
	t.Helper()
	for i, err := range errs {
		switch {
		case err == nil:
			succeeded++
		case !slices.Contains(may, scheduling.CodeOf(err)):
			t.Errorf("call %d was answered %v", i, err)
		}
	}
	return succeeded
}

// shown is everything that an answer shows of an appointment, to anybody.
type shown struct {
	Reference, Office, Service, Room, Counsellor, Locale string
	Status                                               scheduling.Status
	Start, End, Created, Updated                         time.Time
	Own                                                  scheduling.PartyView
	Others, Heads, Revision                              int
	Wish                                                 scheduling.Wish
	Note, Reason, Title                                  string
	Needs                                                []scheduling.Need
	Silent                                               bool
	Parties                                              []scheduling.PartyView
	Contact                                              scheduling.Contact
}

func show(a scheduling.Appointment) shown {
	out := shown{
		Reference: a.Reference, Office: a.Office.Code, Service: a.Service.Code, Room: a.Room.Code, Counsellor: a.Counsellor.Username,
		Locale: a.Locale, Status: a.Status, Start: a.Start.UTC(), End: a.End.UTC(), Created: a.CreatedAt.UTC(), Updated: a.UpdatedAt.UTC(),
		Own: a.OwnEntry(), Others: a.Others(), Heads: a.Heads, Revision: a.Revision, Wish: a.Wish,
		Note: a.Note.Reveal(), Reason: a.Reason.Reveal(), Title: a.Title, Needs: a.Needs, Silent: a.Silent,
	}
	for _, p := range a.Parties {
		out.Parties = append(out.Parties, scheduling.PartyView{ID: p.ID, Name: p.Name.Reveal(), Phone: p.Phone.Reveal()})
	}
	if a.Contact != nil {
		out.Contact = *a.Contact
	}
	return out
}

// same fails the test unless two values are deeply equal.
func same(t tb, what string, want, got any) {
	t.Helper()
	if !reflect.DeepEqual(want, got) {
		t.Errorf("%s differ:\nwant %+v\ngot  %+v", what, want, got)
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func codeOrNone(err error) scheduling.Code {
	if err == nil {
		return ""
	}
	return scheduling.CodeOf(err)
}
