package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api"
	"magpie/api/web"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// manager is the use cases of whoever manages what is booked, and remembers what
// was asked of it.
type manager struct {
	*fake
	status scheduling.Status
	start  time.Time
	tried  []string // codes
	asked  []string // numbers that codes were asked for
	keys   []string // of cancellations
	refuse error    // of Cancel
	wish   scheduling.ContactWish
	word   string
	erased string // id and code
	limit  error  // of RequestCode, ConfirmCode and SignIn
}

func (m *manager) RequestCode(_ context.Context, c scheduling.CodeRequest) (scheduling.Verification, error) {
	if _, ok := scheduling.NormalPhone(c.Phone.Reveal()); !ok {
		return scheduling.Verification{}, scheduling.Invalid("phone", "请填11位手机号。", "11 digits")
	}
	m.asked = append(m.asked, c.Phone.Reveal())
	return scheduling.Verification{ID: "v1", ResendAt: noon.Add(time.Minute)}, m.limit
}

func (m *manager) ConfirmCode(_ context.Context, _, code, _ string) (scheduling.Token, error) {
	m.tried = append(m.tried, code)
	if m.limit != nil || code != "123456" {
		return scheduling.Token{}, either(m.limit, scheduling.Invalid("code", "验证码不对。", "wrong"))
	}
	return scheduling.Token{Token: citizensToken}, nil
}

func (m *manager) SignIn(_ context.Context, phone, word scheduling.Private, _ string) (scheduling.Token, error) {
	if m.limit != nil || phone.Reveal() != citizensPhone || word.Reveal() != "河边老柳树" {
		return scheduling.Token{}, either(m.limit, scheduling.Invalid("code_word", "手机号和暗号对不上。", "wrong"))
	}
	return scheduling.Token{Token: citizensToken}, nil
}

func either(first error, second error) error {
	if first != nil {
		return first
	}
	return second
}

func (m *manager) mine() scheduling.Appointment {
	a := m.booked()
	a.Status, a.Start, a.End = m.status, m.start, m.start.Add(time.Hour)
	a.Service.ChangeUntil = 2 * time.Hour
	a.Counsellor, a.Room = scheduling.Staff{Name: scheduling.Text{ZH: "辅导师甲"}}, scheduling.Room{Name: scheduling.Text{ZH: "辅导室"}}
	return a
}

func (m *manager) Appointments(context.Context, scheduling.Actor, scheduling.Page) ([]scheduling.Appointment, string, error) {
	return []scheduling.Appointment{m.mine()}, "", nil
}

func (m *manager) Appointment(_ context.Context, _ scheduling.Actor, wanted string) (scheduling.Appointment, error) {
	if wanted != reference {
		return scheduling.Appointment{}, scheduling.NotFound()
	}
	return m.mine(), nil
}

func (m *manager) Cancel(_ context.Context, c scheduling.Change) (scheduling.Appointment, error) {
	m.keys = append(m.keys, c.Idempotency.Key)
	if m.refuse != nil {
		return scheduling.Appointment{}, m.refuse
	}
	m.status = scheduling.Cancelled
	return m.mine(), nil
}

func (m *manager) ContactWishOf(context.Context, scheduling.Actor, string) (scheduling.ContactWish, error) {
	return m.wish, nil
}

func (m *manager) SetContactWish(_ context.Context, c scheduling.WishChange) (scheduling.ContactWish, error) {
	for _, h := range c.Wish.Hours {
		if h.From == h.To {
			return scheduling.ContactWish{}, scheduling.Invalid("hours[0]", "开始和结束不能一样。", "the same")
		}
	}
	m.wish = c.Wish
	return c.Wish, nil
}

func (m *manager) HasCodeWord(context.Context, scheduling.Actor) (bool, error) {
	return m.word != "", nil
}

func (m *manager) SetCodeWord(_ context.Context, _ scheduling.Actor, word scheduling.Private) error {
	if word.Reveal() == "1234" {
		return scheduling.Invalid("code_word", "太好猜了。", "guessed first")
	}
	m.word = word.Reveal()
	return nil
}

func (m *manager) AskErasure(_ context.Context, _ scheduling.Actor, verification, code string) (time.Time, error) {
	if code != "123456" {
		return time.Time{}, scheduling.Invalid("code", "验证码不对。", "wrong")
	}
	m.erased = verification + " " + code
	return noon.Add(7 * 24 * time.Hour), nil
}

func (m *manager) KeepData(context.Context, scheduling.Actor) error {
	m.erased = ""
	return nil
}

func (m *manager) OwnData(context.Context, scheduling.Actor) (scheduling.OwnData, error) {
	out := scheduling.OwnData{Number: scheduling.NewPrivate(citizensPhone), Wish: m.wish, Appointments: []scheduling.Appointment{m.mine()}}
	if m.erased != "" {
		out.EraseAt = noon.Add(7 * 24 * time.Hour)
	}
	return out, nil
}

// managing is a site with a manager; with signedIn somebody has proved a number.
func managing(t *testing.T, signedIn bool, fill ...func(*visit.Visit)) (*site, *manager, *visit.Visit) {
	t.Helper()
	m := &manager{fake: &fake{offices: []*scheduling.Office{anhua()}}, status: scheduling.Booked, start: noon.Add(48 * time.Hour), wish: scheduling.AnyWish()}
	visits := &memory{kept: map[scheduling.Digest]scheduling.Visit{}}
	s := open(t, func(cfg *api.Config) {
		cfg.Web = web.New(web.Config{
			Use: m, Visits: visits, PublicURL: &url.URL{Scheme: "http", Host: "yuyue.example.cn"}, VerifyPhones: true, Now: cfg.Now, Log: cfg.Log,
		})
	})
	s.fake, s.visits = m.fake, visits
	if !signedIn {
		return s, m, nil
	}
	v := s.visiting(t, func(v *visit.Visit) {
		v.Office = "anhua"
		v.Proved(citizensToken, citizensPhone)
		for _, f := range fill {
			f(v)
		}
	})
	return s, m, v
}

// context is a request of the browser's that goes nowhere.
func (s *site) context() echo.Context {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for name, value := range s.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return echo.New().NewContext(r, httptest.NewRecorder())
}
