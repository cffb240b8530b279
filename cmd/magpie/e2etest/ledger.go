package e2etest

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

// The paths of the office anhua where its messages are looked after.
const (
	LedgerPath  = "/api/v1/staff/offices/anhua/messages"
	TasksPath   = "/api/v1/staff/offices/anhua/tasks"
	SendingPath = "/api/v1/staff/offices/anhua/sending"
	TextsPath   = "/api/v1/staff/offices/anhua/texts"
)

// Entry is one message of the ledger.
type Entry struct {
	ID          string    `json:"id"`
	Kind        string    `json:"kind"`
	Channel     string    `json:"channel"`
	Status      string    `json:"status"`
	Rule        string    `json:"rule"`
	Detail      string    `json:"detail"`
	Reference   string    `json:"reference"`
	Revision    int       `json:"revision"`
	LeadMinutes int       `json:"lead_minutes"`
	To          string    `json:"to"`
	DueAt       time.Time `json:"due_at"`
	Attempts    int       `json:"attempts"`
	HandedAt    time.Time `json:"handed_at"`
	Gateway     string    `json:"gateway"`
	GatewayID   string    `json:"gateway_id"`
	TextVersion int       `json:"text_version"`
	Segments    int       `json:"segments"`
	Receipt     string    `json:"receipt"`
	ReceiptAt   time.Time `json:"receipt_at"`
	Reason      string    `json:"reason"`
	Answered    string    `json:"answered"`
}

// Told is one message as a preview tells of it: the desk's, or a citizen's own.
type Told struct {
	Kind     string    `json:"kind"`
	Channel  string    `json:"channel"`
	To       string    `json:"to"`
	DueAt    time.Time `json:"due_at"`
	HandedAt time.Time `json:"handed_at"`
	Status   string    `json:"status"`
	Rule     string    `json:"rule"`
	Text     string    `json:"text"`
	Subject  string    `json:"subject"`
	Segments int       `json:"segments"`
	Gateway  string    `json:"gateway"`
	Receipt  string    `json:"receipt"`
}

// Task is something for the desk to do.
type Task struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	Reference string    `json:"reference"`
	Message   string    `json:"message"`
	Reason    string    `json:"reason"`
	Name      string    `json:"name"`
	Phone     string    `json:"phone"`
	Neutral   bool      `json:"neutral"`
	Text      string    `json:"text"`
	DueAt     time.Time `json:"due_at"`
	Until     time.Time `json:"until"`
	Outcome   string    `json:"outcome"`
}

// Sending is the switch of an office, and what it has sent.
type Sending struct {
	Stopped           bool   `json:"stopped"`
	ChangedBy         string `json:"changed_by"`
	Owed              int    `json:"owed"`
	SegmentsThisMonth int    `json:"segments_this_month"`
	SegmentsPerMonth  int    `json:"segments_per_month"`
	MessagesToday     int    `json:"messages_today"`
	MessagesPerNumber int    `json:"messages_per_number"`
	Warning           bool   `json:"warning"`
}

// Ledger lists the messages of the office anhua that are due in the two months
// of a test, the latest first, narrowed by a further query such as
// "&status=failed".
func (c *Client) Ledger(t testing.TB, narrowed string) []Entry {
	t.Helper()
	return All[Entry](t, c, LedgerPath+"?from="+Date(-1)+"&to="+Date(60)+narrowed)
}

// About lists the messages about an appointment of one kind.
func (c *Client) About(t testing.TB, reference, kind string) []Entry {
	t.Helper()
	return c.Ledger(t, "&reference="+url.QueryEscape(reference)+"&kind="+url.QueryEscape(kind))
}

// Tasks lists what the desk is to do, of one kind.
func (c *Client) Tasks(t testing.TB, kind string) []Task {
	t.Helper()
	return All[Task](t, c, TasksPath+"?kind="+kind)
}

// Preview is what the person of an appointment will receive, as the desk sees it.
func (c *Client) Preview(t testing.TB, reference string) []Told {
	t.Helper()
	return All[Told](t, c, "/api/v1/staff/appointments/"+reference+"/messages/preview")
}

// Put replaces what there is at a path.
func (c *Client) Put(t testing.TB, path string, body any) Answer {
	t.Helper()
	return c.Do(t, Request{Method: http.MethodPut, Path: path, Body: body})
}

// Caller is somebody for whom the desk has booked: a number and an appointment.
type Caller struct {
	Phone, Name string
	Appointment
}

// Books has the desk book talk for somebody whom nobody knows yet.
func (c *Client) Books(t testing.TB, start time.Time) Caller {
	t.Helper()
	return c.BooksFor(t, c.site.NewPhone(), start)
}

// BooksFor has the desk book talk for whoever has a number.
func (c *Client) BooksFor(t testing.TB, phone string, start time.Time) Caller {
	t.Helper()
	out := Caller{Phone: phone, Name: c.site.NewName()}
	body := Booking{Service: "talk", Start: start, Parties: []Party{{Name: out.Name, Phone: phone}}}
	out.Appointment = As[Appointment](t, c.Post(t, DeskPath, body), http.StatusCreated)
	return out
}

// Seen is an appointment as the desk sees it now.
func (c *Client) Seen(t testing.TB, of Appointment) Appointment {
	t.Helper()
	date := of.Start.In(Shanghai).Format(time.DateOnly)
	for _, a := range c.Appointments(t, date, date) {
		if a.Reference == of.Reference {
			return a
		}
	}
	t.Fatalf("the desk sees no appointment %s on %s", of.Reference, date)
	return Appointment{}
}

// Warnings are what /readyz says that somebody should know.
func (v *Server) Warnings(t testing.TB) []string {
	t.Helper()
	return As[struct {
		Warnings []string `json:"warnings"`
	}](t, v.Client(t).Get(t, "/readyz"), http.StatusOK).Warnings
}
