package web_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api"
	"magpie/api/rest"
	"magpie/api/web"
	"magpie/api/web/visit"
	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

const (
	citizensToken = "mc_citizen"
	citizensPhone = "13800138000"
	reference     = "52073164"
)

// noon is a Thursday's, by the office's clock.
var noon = time.Date(2026, 11, 26, 4, 0, 0, 0, time.UTC)

// fake stands for the use cases. What no test needs is left out, and is a fault
// if it is asked for.
type fake struct {
	web.Use
	offices []*scheduling.Office
	err     error // of OfficeList and OfficeByCode
	calls   int

	released   []string
	releaseErr error
	ended      int
	block      chan struct{} // OfficeList waits for it
	entered    chan struct{}
}

func (f *fake) OfficeList(context.Context) ([]*scheduling.Office, error) {
	f.calls++
	if f.block != nil {
		f.entered <- struct{}{}
		<-f.block
	}
	return f.offices, f.err
}

func (f *fake) OfficeByCode(_ context.Context, code string) (*scheduling.Office, error) {
	f.calls++
	if f.err != nil {
		return nil, f.err
	}
	for _, o := range f.offices {
		if o.Code == code {
			return o, nil
		}
	}
	return nil, scheduling.NotFound()
}

func (f *fake) Find(_ context.Context, q scheduling.Search) ([]scheduling.Day, error) {
	var out []scheduling.Day
	for d := q.From; d <= q.To; d++ {
		start := d.At(9*60, f.offices[0].Location)
		out = append(out, scheduling.Day{Date: d, Slots: []scheduling.Slot{{Start: start, End: start.Add(time.Hour), Free: 1}}})
	}
	return out, nil
}

func (f *fake) Authenticate(_ context.Context, token string) (scheduling.Actor, error) {
	if token != citizensToken {
		return scheduling.Actor{}, scheduling.Unauthenticated()
	}
	return scheduling.Actor{Kind: scheduling.Citizen, Person: scheduling.Person{ID: 7, Phone: scheduling.NewPrivate(citizensPhone)}}, nil
}

func (f *fake) EndSession(context.Context, scheduling.Actor) error {
	f.ended++
	return nil
}

func (f *fake) ReleaseHold(_ context.Context, c scheduling.HoldChange) error {
	f.released = append(f.released, c.Secret)
	return f.releaseErr
}

func (f *fake) PreviewBooking(context.Context, scheduling.Booking) ([]scheduling.ComingMessage, error) {
	return nil, nil
}

func (f *fake) Preview(context.Context, scheduling.Actor, string) ([]scheduling.ComingMessage, error) {
	return nil, nil
}

func (f *fake) RequestCode(context.Context, scheduling.CodeRequest) (scheduling.Verification, error) {
	return scheduling.Verification{ID: "v1", ResendAt: noon.Add(time.Minute)}, nil
}

func (f *fake) Appointments(context.Context, scheduling.Actor, scheduling.Page) ([]scheduling.Appointment, string, error) {
	return []scheduling.Appointment{f.booked()}, "", nil
}

func (f *fake) Appointment(context.Context, scheduling.Actor, string) (scheduling.Appointment, error) {
	return f.booked(), nil
}

func (f *fake) ContactWishOf(context.Context, scheduling.Actor, string) (scheduling.ContactWish, error) {
	return scheduling.ContactWish{Text: true}, nil
}

func (f *fake) SendsMail() bool                                             { return false }
func (f *fake) HasCodeWord(context.Context, scheduling.Actor) (bool, error) { return false, nil }

func (f *fake) OwnData(context.Context, scheduling.Actor) (scheduling.OwnData, error) {
	return scheduling.OwnData{Number: scheduling.NewPrivate(citizensPhone), Appointments: []scheduling.Appointment{f.booked()}}, nil
}

// booked is an appointment of the citizen.
func (f *fake) booked() scheduling.Appointment {
	o := f.offices[0]
	return scheduling.Appointment{
		ID: 11, Reference: reference, Office: o, Service: o.Services[0], Status: scheduling.Booked, Start: noon.Add(48 * time.Hour), End: noon.Add(49 * time.Hour), Heads: 1,
		Parties: []scheduling.Party{{ID: 21, Name: scheduling.NewPrivate("陈"), Phone: scheduling.NewPrivate(citizensPhone)}}, CreatedAt: noon, UpdatedAt: noon,
	}
}

// memory keeps visits.
type memory struct {
	kept  map[scheduling.Digest]scheduling.Visit
	saved int
	lose  int // so many writes are lost to another request's
}

func (m *memory) Visit(_ context.Context, id scheduling.Digest, now time.Time) (scheduling.Visit, error) {
	v, known := m.kept[id]
	if !known || !now.Before(v.ExpiresAt) {
		return scheduling.Visit{}, scheduling.NotFound()
	}
	return v, nil
}

func (m *memory) SaveVisit(_ context.Context, id scheduling.Digest, v scheduling.Visit) error {
	if m.lose > 0 {
		m.lose--
		return scheduling.ErrLost
	}
	if m.kept[id].Version != v.Version {
		return scheduling.ErrLost
	}
	v.Version++
	m.kept[id] = v
	m.saved++
	return nil
}

func (m *memory) EndVisit(_ context.Context, id scheduling.Digest) error {
	delete(m.kept, id)
	return nil
}

func anhua() *scheduling.Office {
	workdays := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	return &scheduling.Office{
		ID: 1, Code: "anhua", Region: "430923", Name: scheduling.Text{ZH: "安化县民政局婚姻登记处", EN: "Anhua County Marriage Registration Office"},
		Timezone: "Asia/Shanghai", Location: time.FixedZone("CST", 8*60*60), SMSSignature: "安化县民政局", Phone: "0737-7220000",
		Address: scheduling.Text{ZH: "湖南省益阳市安化县东坪镇", EN: "Dongping, Anhua"}, Holidays: "cn", MakeupHoursAs: time.Friday,
		Hours: []scheduling.Hours{{Days: workdays, Period: calendar.Period{From: 8*60 + 30, To: 12 * 60}}},
		Keep:  scheduling.Keep{Contact: 180 * 24 * time.Hour, Messages: 180 * 24 * time.Hour, Audit: 1095 * 24 * time.Hour},
		Rooms: []scheduling.Room{{ID: 1, Code: "fudao", Kind: "counselling", Seats: 4, Accessible: true}},
		Services: []scheduling.Service{{
			ID: 1, Code: "family", Kind: "family", Name: scheduling.Text{ZH: "婚姻家庭咨询", EN: "Family counselling"}, RoomKind: "counselling",
			Duration: time.Hour, Places: 1, Parties: scheduling.Parties{Min: 1, Max: 2}, Horizon: 30 * 24 * time.Hour,
		}},
		Staff: []scheduling.Staff{{ID: 2, Username: "fudao-a", Name: scheduling.Text{ZH: "辅导师甲"}, Roles: []account.Role{account.Counsellor}, Services: []string{"family"}}},
	}
}

// site is the whole server over a fake, with a browser that keeps cookies.
type site struct {
	*fake
	visits  *memory
	server  *api.Server
	log     *bytes.Buffer
	cookies map[string]string
}

func open(t *testing.T, change ...func(*api.Config)) *site {
	t.Helper()
	s := &site{
		fake: &fake{offices: []*scheduling.Office{anhua()}}, visits: &memory{kept: map[scheduling.Digest]scheduling.Visit{}},
		log: &bytes.Buffer{}, cookies: map[string]string{},
	}
	now := func() time.Time { return noon }
	log := slog.New(slog.NewTextHandler(s.log, nil))
	cfg := api.Config{
		API: &rest.API{}, Now: now, Log: log,
		Web: web.New(web.Config{
			Use: s.fake, Visits: s.visits, PublicURL: &url.URL{Scheme: "http", Host: "yuyue.example.cn"}, VerifyPhones: true,
			Inbox: func() []web.ShownMessage {
				return []web.ShownMessage{{At: noon, To: citizensPhone, Text: "验证码123456"}, {At: noon, To: "13900000001", Text: "<script>alert(1)</script>", Sample: true}}
			},
			Now: now, Log: log,
		}),
	}
	for _, c := range change {
		c(&cfg)
	}
	server, err := api.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.server = server
	return s
}

// ask sends a request as a browser does, and keeps the cookies of the answer.
func (s *site) ask(method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, "http://yuyue.example.cn"+path, body)
	if form != nil {
		r.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	}
	r.Header.Set(echo.HeaderAccept, "text/html,application/xhtml+xml,*/*;q=0.8")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	for name, value := range s.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(answer, r)
	for _, c := range answer.Result().Cookies() {
		s.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(s.cookies, c.Name)
		}
	}
	return answer
}

// visiting gives the browser a visit that was filled in.
func (s *site) visiting(t *testing.T, fill func(*visit.Visit)) *visit.Visit {
	t.Helper()
	v := visit.New()
	fill(v)
	answer := httptest.NewRecorder()
	c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/", nil), answer)
	keeper := visit.Keeper{Visits: s.visits, Now: func() time.Time { return noon }}
	if err := keeper.Save(c, v); err != nil {
		t.Fatal(err)
	}
	for _, cookie := range answer.Result().Cookies() {
		s.cookies[cookie.Name] = cookie.Value
	}
	s.visits.saved = 0
	return v
}
