package scheduling

import (
	"cmp"
	"context"
	"errors"
	"time"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// FirstOffice is the few things by which a first office is set up; all else has
// the values of defaultOffice, and is changed afterwards. English that is empty
// is the Chinese.
type FirstOffice struct {
	Code, Region        string
	Name, Address       Text
	Phone, SMSSignature string
	Username            string // the director's
	Director            Text   // their name
	Password            Private
}

// SetUpWrite makes the first office: it uses the link up, writes the office and
// the director's password, or nothing.
type SetUpWrite struct {
	OfficeWrite
	Token    Digest
	Username string
	Hash     string // argon2id
}

// SetUps makes first offices.
type SetUps interface {
	// SetUp answers not_found for a link that is unknown, used or past its time,
	// and wrong_state where there is an office.
	SetUp(ctx context.Context, w SetUpWrite) error
}

// SetUpLink gives a token with which the first office is set up, once and within
// 24 hours. Errors: wrong_state where there is an office.
func (s *Scheduler) SetUpLink(ctx context.Context) (Token, error) {
	offices, err := s.Offices.List(ctx)
	if err != nil {
		return Token{}, err
	}
	if len(offices) > 0 {
		return Token{}, WrongState()
	}
	now := s.now()
	out := Token{Token: newToken(linkPrefix), ExpiresAt: now.Add(linkLife)}
	err = s.Links.MakeLink(ctx, LinkWrite{
		Token: tokenDigest(out.Token), ExpiresAt: out.ExpiresAt, Now: now,
		Audit: auditOf(Actor{Kind: System}, "setup.link", "", now, nil, nil),
	})
	return out, err
}

// CheckSetUpLink says whether a link sets up the first office, and uses nothing
// up. Errors: not_found.
func (s *Scheduler) CheckSetUpLink(ctx context.Context, token string) error {
	link, err := s.Links.Link(ctx, tokenDigest(token), s.now())
	if err == nil && link.StaffID != 0 {
		return NotFound()
	}
	return err
}

// SetUp sets up the first office of a database, with its director, who signs in
// with the password. Errors: not_found for the link; wrong_state where there is
// an office; invalid with each field, and the link can be used again.
func (s *Scheduler) SetUp(ctx context.Context, token string, f FirstOffice) (*Office, error) {
	if err := s.CheckSetUpLink(ctx, token); err != nil {
		return nil, err
	}
	office, problems := s.ReadOffice(s.WriteOffice(f.office()))
	if len(problems) > 0 {
		return nil, f.wrong(problems)
	}
	if err := account.CheckPassword(f.Password.Reveal(), f.Username); err != nil {
		return nil, Invalid("password", "密码不合要求：至少十个字符，不要用常见的词或自己的用户名。", err.Error())
	}
	hash, err := hashPassword(ctx, f.Password.Reveal())
	if err != nil {
		return nil, err
	}
	now := s.now()
	w := SetUpWrite{Token: tokenDigest(token), Username: f.Username, Hash: hash, OfficeWrite: OfficeWrite{
		Office: office, Document: s.WriteOffice(office), Author: f.Username, Note: "第一次设置 (set up)", Now: now,
		Audit: auditOf(Actor{Kind: StaffKind, Username: f.Username}, "office.set_up", office.Code, now, nil, nil),
	}}
	if err := s.SetUps.SetUp(ctx, w); err != nil {
		if errors.Is(err, ErrLost) { // the same code was applied at this moment
			return nil, WrongState()
		}
		return nil, err
	}
	return s.Offices.Fresh(ctx, office.Code)
}

// office is the first office with everything that it may have by default.
func (f FirstOffice) office() *Office {
	o := defaultOffice()
	o.Code, o.Region, o.Phone, o.SMSSignature = f.Code, f.Region, f.Phone, f.SMSSignature
	o.Name, o.Address = f.Name.both(), f.Address.both()
	o.Staff = []Staff{{Username: f.Username, Name: f.Director.both(), Roles: []account.Role{account.Director}}}
	return o
}

func (t Text) both() Text { return Text{ZH: t.ZH, EN: cmp.Or(t.EN, t.ZH)} }

// wrong names what is wrong by the fields of a FirstOffice.
func (f FirstOffice) wrong(problems []FileProblem) *Error {
	fields := map[string]string{
		"office.code": "code", "office.region": "region", "office.phone": "phone", "office.sms_signature": "sms_signature",
		"office.name.zh": "name.zh", "office.name.en": "name.en", "office.address.zh": "address.zh", "office.address.en": "address.en",
	}
	out := Invalid("", "", "")
	out.Fields = nil
	for _, p := range problems {
		field, ok := fields[p.Key]
		switch {
		case ok:
		case p.Key == "staff[0].username":
			field = "username"
		default:
			field = "director"
		}
		out.Fields = append(out.Fields, FieldError{Field: field, Message: p.What})
	}
	return out
}

// defaultOffice has one counselling room and the four services as most offices
// have them. Nobody gives them yet.
func defaultOffice() *Office {
	const minute, day = time.Minute, 24 * time.Hour
	workdays := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	o := &Office{
		Timezone: "Asia/Shanghai", Help: DefaultHelp(), ExitTo: DefaultExit, Holidays: "cn", MakeupHoursAs: time.Friday,
		Release: 8*60 + 30, MessagesPerNumber: 20, NoShowAfter: 15 * minute,
		Keep: Keep{Contact: 180 * day, Messages: 180 * day, Audit: 1095 * day},
		Hours: []Hours{
			{Days: workdays, Period: calendar.Period{From: 8*60 + 30, To: 12 * 60}},
			{Days: workdays, Period: calendar.Period{From: 14*60 + 30, To: 17*60 + 30}},
		},
		Rooms: []Room{{Code: "fudao", Name: Text{ZH: "婚姻家庭辅导室", EN: "Counselling room"}, Kind: "counselling", Seats: 4}},
	}
	for _, s := range []struct {
		kind    string
		name    Text
		parties int
	}{
		{"premarital", Text{ZH: "婚前辅导", EN: "Premarital counselling"}, 2},
		{"family", Text{ZH: "婚姻家庭咨询", EN: "Family counselling"}, 4},
		{"mediation", Text{ZH: "家庭纠纷调解", EN: "Family mediation"}, 4},
		{"legal", Text{ZH: "法律咨询", EN: "Legal advice"}, 2},
	} {
		o.Services = append(o.Services, Service{
			Code: s.kind, Kind: s.kind, Name: s.name, RoomKind: "counselling", Duration: 60 * minute, Buffer: 10 * minute, Step: 30 * minute,
			Parties: Parties{Min: 1, Max: s.parties}, Places: 1, Notice: 2 * time.Hour, Horizon: 30 * day, ChangeUntil: 2 * time.Hour,
			OpenPerPerson: 1, Reminders: []time.Duration{day, 2 * time.Hour},
		})
	}
	return o
}
