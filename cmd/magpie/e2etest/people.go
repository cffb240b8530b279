package e2etest

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Appointment is an appointment as citizens or staff see it.
type Appointment struct {
	Reference  string    `json:"reference"`
	Office     string    `json:"office"`
	Service    string    `json:"service"`
	Status     string    `json:"status"`
	Start      time.Time `json:"start"`
	End        time.Time `json:"end"`
	Parties    []Party   `json:"parties"`
	Others     int       `json:"others"`
	Note       string    `json:"note"`
	Reason     string    `json:"reason"`
	Contact    *Party    `json:"contact"`
	Counsellor struct {
		Username string `json:"username"`
	} `json:"counsellor"`
	Room struct {
		Code string `json:"code"`
	} `json:"room"`
	ConfirmedAt time.Time `json:"confirmed_at"` // zero: they have not answered
	Needs       []string  `json:"needs"`
	Title       string    `json:"title"`
	Messages    bool      `json:"messages"`
}

// Party is one who comes.
type Party struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name"`
	Phone string `json:"phone,omitempty"`
}

// Booking is the body of a booking.
type Booking struct {
	Service    string    `json:"service"`
	Start      time.Time `json:"start"`
	Parties    []Party   `json:"parties"`
	Contact    any       `json:"contact,omitempty"`
	Hold       string    `json:"hold,omitempty"`
	Counsellor string    `json:"counsellor,omitempty"`
	Gender     string    `json:"gender,omitempty"`
	Accessible bool      `json:"accessible,omitempty"`
	Locale     string    `json:"locale,omitempty"`
	Note       string    `json:"note,omitempty"`
	Needs      []string  `json:"needs,omitempty"`
	Title      string    `json:"title,omitempty"`
	Messages   *bool     `json:"messages,omitempty"` // nil: as if true
	CodeWord   string    `json:"code_word,omitempty"`
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

// Slot is a start that is free.
type Slot struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	Free  int       `json:"free"`
}

// Day is a day of the availability.
type Day struct {
	Date   string `json:"date"`
	Closed *struct {
		Code string `json:"code"`
	} `json:"closed"`
	Slots []Slot `json:"slots"`
}

// Citizen is somebody who has proven a number.
type Citizen struct {
	*Client
	Phone, Name string
}

// codeWord is in every message with a code, and in no other.
const codeWord = "验证码"

var sixDigits = regexp.MustCompile(`[0-9]{6}`)

// Citizen proves a number that nobody has used yet.
func (v *Server) Citizen(t testing.TB) *Citizen {
	t.Helper()
	return v.Client(t).Citizen(t, v.site.NewPhone())
}

// Citizen makes of a client somebody who has proven a number.
func (c *Client) Citizen(t testing.TB, phone string) *Citizen {
	t.Helper()
	out := &Citizen{Client: c, Phone: phone, Name: c.site.NewName()}
	out.Prove(t)
	return out
}

// Prove proves the citizen's number (again): a token lives two hours.
func (c *Citizen) Prove(t testing.TB) {
	t.Helper()
	c.Token = ""
	before := c.site.codesTo(c.Phone)
	id := c.AskForCode(t, c.Phone)
	c.Token = As[struct {
		Token string `json:"token"`
	}](t, c.Confirm(t, id, c.site.CodeOf(t, c.Phone, before)), http.StatusOK).Token
}

// AskForCode has a code sent to a number and answers the verification's id.
func (c *Client) AskForCode(t testing.TB, phone string) string {
	t.Helper()
	return As[struct {
		ID string `json:"id"`
	}](t, c.Post(t, "/api/v1/verifications", map[string]string{"phone": phone}), http.StatusAccepted).ID
}

// Confirm tries a code.
func (c *Client) Confirm(t testing.TB, id, code string) Answer {
	t.Helper()
	return c.Post(t, "/api/v1/verifications/"+id+"/confirm", map[string]string{"code": code})
}

// CodeOf waits for a code to a number after so many codes to it, and reads it.
func (s *Site) CodeOf(t testing.TB, phone string, after int) string {
	t.Helper()
	code := sixDigits.FindString(s.Gateway.AwaitText(t, phone, codeWord, after+1).Text)
	s.Keep("code", code)
	return code
}

func (s *Site) codesTo(phone string) int {
	return len(s.Gateway.Where(func(c Call) bool { return c.To == phone && strings.Contains(c.Text, codeWord) }))
}

// Staff logs somebody of the office anhua in; the first time a password is set
// for them.
func (v *Server) Staff(t testing.TB, username string) *Client {
	t.Helper()
	return v.StaffOf(t, "anhua", username)
}

// StaffOf logs somebody of an office in.
func (v *Server) StaffOf(t testing.TB, office, username string) *Client {
	t.Helper()
	password := v.site.password(office, username)
	if password == "" {
		password = v.site.SetPassword(t, office, username)
	}
	c := v.Client(t)
	c.Token = As[struct {
		Token string `json:"token"`
	}](t, c.LogIn(t, office, username, password), http.StatusOK).Token
	return c
}

// SetPassword sets a password by the command and answers it.
func (s *Site) SetPassword(t testing.TB, office, username string) string {
	t.Helper()
	password := fmt.Sprintf("Quercus-%s-%04d", office, 4711+s.number())
	s.Keep("password", password)
	if r := s.RunWith(t, nil, password+"\n", "staff", "password", office, username); r.Exit != 0 {
		t.Fatalf("setting a password: exit %d\n%s%s", r.Exit, r.Stdout, r.Stderr)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passwords[office+"/"+username] = password
	return password
}

func (s *Site) password(office, username string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.passwords[office+"/"+username]
}

// LogIn tries a password.
func (c *Client) LogIn(t testing.TB, office, username, password string) Answer {
	t.Helper()
	return c.Post(t, "/api/v1/staff/login", map[string]string{"office": office, "username": username, "password": password})
}

// Booking is the body with which the citizen books for themself.
func (c *Citizen) Booking(start time.Time) Booking {
	return Booking{Service: "talk", Start: start, Parties: []Party{{Name: c.Name, Phone: c.Phone}}}
}

// Book books at the office anhua.
func (c *Citizen) Book(t testing.TB, start time.Time) Answer {
	t.Helper()
	return c.Post(t, BookPath, c.Booking(start))
}

// Booked books and must succeed.
func (c *Citizen) Booked(t testing.TB, start time.Time) Appointment {
	t.Helper()
	return As[Appointment](t, c.Book(t, start), http.StatusCreated)
}

// The paths of the office anhua that tests use most.
const (
	BookPath  = "/api/v1/offices/anhua/appointments"
	HoldPath  = "/api/v1/offices/anhua/holds"
	DeskPath  = "/api/v1/staff/offices/anhua/appointments"
	AuditPath = "/api/v1/staff/offices/anhua/audit"
)

// Days asks for the availability of talk, narrowed by a further query.
func (c *Client) Days(t testing.TB, from, to, narrowed string) []Day {
	t.Helper()
	path := fmt.Sprintf("/api/v1/offices/anhua/availability?service=talk&from=%s&to=%s%s", from, to, narrowed)
	return As[struct {
		Days []Day `json:"days"`
	}](t, c.Get(t, path), http.StatusOK).Days
}

// FreeAt says how many sessions could still start then.
func (c *Client) FreeAt(t testing.TB, start time.Time) int {
	t.Helper()
	date := start.In(Shanghai).Format(time.DateOnly)
	for _, slot := range c.Days(t, date, date, "")[0].Slots {
		if slot.Start.Equal(start) {
			return slot.Free
		}
	}
	return 0
}

// All reads a list to its end, page by page.
func All[T any](t testing.TB, c *Client, path string) []T {
	t.Helper()
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	var out []T
	for next := ""; ; {
		page := As[Page[T]](t, c.Get(t, path+joint+"limit=200"+next), http.StatusOK)
		out = append(out, page.Items...)
		if page.Next == nil {
			return out
		}
		next = "&after=" + *page.Next
	}
}

// Appointments lists what the office anhua has from one day to another.
func (c *Client) Appointments(t testing.TB, from, to string) []Appointment {
	t.Helper()
	return All[Appointment](t, c, DeskPath+"?from="+from+"&to="+to)
}

// Overlaps answers what is wrong with a list of appointments: two that are
// open, or were, and have a room or a counsellor at once, the buffer included.
func Overlaps(list []Appointment, buffer time.Duration) []string {
	var out []string
	for i, a := range list {
		for _, b := range list[i+1:] {
			if a.Status == "cancelled" || b.Status == "cancelled" || !a.Start.Before(b.End.Add(buffer)) || !b.Start.Before(a.End.Add(buffer)) {
				continue
			}
			if a.Room.Code == b.Room.Code || a.Counsellor.Username == b.Counsellor.Username {
				out = append(out, fmt.Sprintf("%s (%s, %s, %s) and %s (%s, %s, %s)",
					a.Reference, a.Start.Format("02 15:04"), a.Room.Code, a.Counsellor.Username,
					b.Reference, b.Start.Format("02 15:04"), b.Room.Code, b.Counsellor.Username))
			}
		}
	}
	return out
}

// Insist sends a request again and again until its outcome is known: while
// there is no answer, or the server says that it does not know either.
func (c *Client) Insist(ctx context.Context, r Request) (Answer, error) {
	pause := time.NewTicker(50 * time.Millisecond)
	defer pause.Stop()
	for {
		a, err := c.Send(ctx, r)
		if err == nil && a.Status != http.StatusServiceUnavailable {
			return a, nil
		}
		select {
		case <-ctx.Done():
			return a, fmt.Errorf("the outcome stayed unknown: %w", ctx.Err())
		case <-pause.C:
		}
	}
}
