// The demonstration's two weeks of bookings. They go through the use cases, as
// the desk's and the citizens' do: nothing is written past the rules, so there
// is no history before today.

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"

	"magpie/notify"
	"magpie/notify/sms"
	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

const (
	// seedNumbers begin so; the invented people of the demonstration have them.
	seedNumbers = "1990000"
	// walkInsWithin is how soon the sessions of those begin who came without an
	// appointment, and walkIns how many of them there are at most.
	walkInsWithin = time.Hour
	walkIns       = 2
)

var sixDigits = regexp.MustCompile(`[0-9]{6}`)

var seedNames = []string{
	"陈女士", "李先生", "王女士", "张先生", "刘女士", "杨先生", "黄女士", "周先生", "吴女士", "徐先生",
	"孙女士", "胡先生", "朱女士", "高先生", "林女士", "何先生", "郭女士", "马先生", "罗女士", "谭先生",
}

// seeder books. Its messages go to an inbox of its own, so that what people who
// try the demonstration are sent is not lost among them.
type seeder struct {
	scheduler *scheduling.Scheduler
	office    *scheduling.Office
	desk      scheduling.Actor
	worker    *notify.Worker
	inbox     *sms.Recorder
	random    *rand.Rand
	today     calendar.Date
	people    int
}

// seed books the two weeks from today on and tells how many bookings there are.
// The same day and hour give the same ones.
func seed(ctx context.Context, o *scheduling.Office, scheduler *scheduling.Scheduler, messages notify.Queue, now func() time.Time, log *slog.Logger) (int, error) {
	own := *scheduler
	own.Settings = scheduling.Settings{VerifyPhones: true}
	own.Nudge = nil
	s := &seeder{
		scheduler: &own, office: o, inbox: sms.NewRecorder(now), today: calendar.DateIn(now(), o.Location),
		random: rand.New(rand.NewPCG(7, 7)), //nolint:gosec // G404: the same bookings each time, and nothing to guess
	}
	quiet := slog.New(slog.DiscardHandler)
	s.worker = notify.New(notify.Config{Queue: messages, Routes: recording(s.inbox).routes, Now: now, Log: quiet})
	if err := s.findDesk(); err != nil {
		return 0, err
	}
	came, err := s.walkIn(ctx, now())
	if err != nil {
		return 0, err
	}
	booked, err := s.book(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := s.worker.RunOnce(ctx); err != nil {
		return 0, fmt.Errorf("take the messages of the bookings: %w", err)
	}
	log.InfoContext(ctx, "the demonstration's bookings are made", "count", len(came)+len(booked))
	return len(came) + len(booked), nil
}

func (s *seeder) findDesk() error {
	for _, member := range s.office.Staff {
		for _, role := range member.Roles {
			if role == account.Desk {
				s.desk = scheduling.Actor{
					Kind: scheduling.StaffKind, StaffID: member.ID, OfficeID: s.office.ID, Office: s.office.Code,
					Username: member.Username, Roles: member.Roles, Scope: account.Office,
				}
				return nil
			}
		}
	}
	return errors.New("nobody at the office has the role desk")
}

// book takes some of what is free on each day: more of the near days than of
// the far ones.
func (s *seeder) book(ctx context.Context) ([]scheduling.Appointment, error) {
	var out []scheduling.Appointment
	for d := s.today; d < s.today.Add(demoDays); d++ {
		for _, service := range s.office.Services {
			for range s.wanted(d) {
				a, err := s.bookOne(ctx, service, d)
				if err != nil {
					return nil, err
				}
				if a.ID != 0 {
					out = append(out, a)
				}
			}
		}
	}
	return out, nil
}

// wanted is how many want a service on a day.
func (s *seeder) wanted(d calendar.Date) int {
	near := 1 - float64(d-s.today)/demoDays
	return int(0.4 + near + 1.2*s.random.Float64())
}

// bookOne books one of the free starts of a day; it books nothing where there
// is none.
func (s *seeder) bookOne(ctx context.Context, service scheduling.Service, d calendar.Date) (scheduling.Appointment, error) {
	heads := service.Parties.Min + s.random.IntN(min(service.Parties.Max, 2)-min(service.Parties.Min, 2)+1)
	days, err := s.scheduler.Find(ctx, scheduling.Search{Office: s.office.Code, Service: service.Code, From: d, To: d, Parties: heads})
	if err != nil {
		return scheduling.Appointment{}, err
	}
	if len(days) == 0 || len(days[0].Slots) == 0 {
		return scheduling.Appointment{}, nil
	}
	slot := days[0].Slots[s.random.IntN(len(days[0].Slots))]
	b := scheduling.Booking{Office: s.office.Code, Service: service.Code, Start: slot.Start, Parties: s.parties(heads)}
	if s.random.IntN(2) == 0 {
		b.Actor = s.desk
	} else if b.Actor, err = s.citizen(ctx, b.Parties[0].Phone); err != nil {
		return scheduling.Appointment{}, err
	}
	return s.take(ctx, b)
}

// parties invents who comes; the first has a number.
func (s *seeder) parties(heads int) []scheduling.PartyRequest {
	out := make([]scheduling.PartyRequest, heads)
	for i := range out {
		out[i].Name = scheduling.NewPrivate(seedNames[s.random.IntN(len(seedNames))])
	}
	out[0].Phone = scheduling.NewPrivate(fmt.Sprintf("%s%04d", seedNumbers, s.people))
	s.people++
	return out
}

// citizen proves a number as citizens do, with the code from the message.
func (s *seeder) citizen(ctx context.Context, phone scheduling.Private) (scheduling.Actor, error) {
	const here = "127.0.0.1"
	v, err := s.scheduler.RequestCode(ctx, scheduling.CodeRequest{Phone: phone, Locale: "zh", Address: here})
	if err != nil {
		return scheduling.Actor{}, err
	}
	if _, err := s.worker.RunOnce(ctx); err != nil {
		return scheduling.Actor{}, fmt.Errorf("take the code: %w", err)
	}
	for _, m := range s.inbox.Messages() {
		if m.To != phone.Reveal() {
			continue
		}
		token, err := s.scheduler.ConfirmCode(ctx, v.ID, sixDigits.FindString(m.Text), here)
		if err != nil {
			return scheduling.Actor{}, fmt.Errorf("confirm the code: %w", err)
		}
		actor, err := s.scheduler.Authenticate(ctx, token.Token)
		actor.Scope, actor.Address = account.Own, here
		return actor, err
	}
	return scheduling.Actor{}, errors.New("the code did not come")
}

// walkIn books at the desk, and checks in, whoever came by and could be taken
// within the hour. When the office is closed nobody is.
func (s *seeder) walkIn(ctx context.Context, now time.Time) ([]scheduling.Appointment, error) {
	const mark = 10 * time.Minute
	var out []scheduling.Appointment
	first := now.Truncate(mark).Add(mark)
	for start := first; start.Sub(first) < walkInsWithin && len(out) < walkIns; start = start.Add(mark) {
		for _, service := range s.office.Services {
			a, err := s.take(ctx, scheduling.Booking{
				Actor: s.desk, Office: s.office.Code, Service: service.Code, Start: start, Parties: s.parties(service.Parties.Min),
			})
			if err != nil {
				return nil, err
			}
			if a.ID == 0 {
				continue
			}
			if a, err = s.scheduler.CheckIn(ctx, scheduling.Change{Actor: s.desk, Reference: a.Reference}); err != nil {
				return nil, fmt.Errorf("check in: %w", err)
			}
			out = append(out, a)
			break
		}
	}
	return out, nil
}

// take books, or books nothing where the rules refuse it, as happens.
func (s *seeder) take(ctx context.Context, b scheduling.Booking) (scheduling.Appointment, error) {
	a, err := s.scheduler.Book(ctx, b)
	var refused *scheduling.Error
	if errors.As(err, &refused) && refused.Code != scheduling.CodeOverloaded {
		return scheduling.Appointment{}, nil
	}
	return a, err
}

// invented says whether a number is one of the seeder's.
func invented(number string) bool { return strings.HasPrefix(number, seedNumbers) }
