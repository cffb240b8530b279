// Package check shows every answer on one page, with the very text that will
// come, and books, or moves, when it is confirmed.
package check

import (
	"context"
	_ "embed"
	"errors"
	"net/http"
	"time"

	"magpie/api/web/frame"
	"magpie/api/web/keeping"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Use is what this screen asks of the use cases.
type Use interface {
	keeping.Use
	Book(ctx context.Context, b scheduling.Booking) (scheduling.Appointment, error)
	Move(ctx context.Context, c scheduling.Change) (scheduling.Appointment, error)
	Appointment(ctx context.Context, a scheduling.Actor, reference string) (scheduling.Appointment, error)
	PreviewBooking(ctx context.Context, b scheduling.Booking) ([]scheduling.ComingMessage, error)
}

// Screen is the check.
type Screen struct{ Use Use }

//go:embed check.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Rows   []row
	Words  string // the text that comes next; empty: none
	Until  string
	Moving bool
	Mine   string // what is booked already, where that is in the way
	Give   string // where the time is given up
}

// row is one answer.
type row struct {
	Name   string
	Lines  []string
	Change string
}

// Show shows the answers.
func (s Screen) Show(r *visit.Request) error { return s.show(r, http.StatusOK) }

func (s Screen) show(r *visit.Request, status int) error {
	out := page{Page: r.Page, Until: keeping.Until(r), Moving: r.Draft.Moving != ""}
	var err error
	if out.Moving {
		out.Rows, err = s.moved(r)
	} else {
		out.Rows = answers(r)
		out.Words, err = s.text(r)
	}
	if err != nil {
		return err
	}
	return template.Show(r.Context, status, out)
}

// moved are the old time and the new one.
func (s Screen) moved(r *visit.Request) ([]row, error) {
	a, err := s.Use.Appointment(r.Request().Context(), r.Actor, r.Draft.Moving)
	if err != nil {
		return nil, err
	}
	return []row{
		{Name: r.Page.Say("原来的时间", "The time so far"), Lines: when(r.Page, a.Start, a.End)},
		{Name: r.Page.Say("新的时间", "The new time"), Lines: when(r.Page, r.Draft.Start, r.Draft.End), Change: r.To(visit.Day)},
	}, nil
}

// text is the message about the booking, word for word, or nothing where none
// will come.
func (s Screen) text(r *visit.Request) (string, error) {
	coming, err := s.Use.PreviewBooking(r.Request().Context(), Booking(r))
	if err != nil && scheduling.CodeOf(err) == scheduling.CodeInternal {
		return "", err
	}
	// What else is wrong is said when it is confirmed.
	for _, m := range coming {
		if m.Status == scheduling.MessagePlanned && m.Text != "" {
			return m.Text, nil
		}
	}
	return "", nil
}

// Take books or moves.
func (s Screen) Take(r *visit.Request) error {
	if r.FormValue("give") != "" {
		if err := keeping.Release(r, s.Use); err != nil {
			return err
		}
		r.Visit.Drop(r.Draft)
		return r.GoTo("/bye")
	}
	a, err := s.confirm(r)
	if scheduling.CodeOf(err) == scheduling.CodeInvalid && r.Draft.Hold != "" {
		// The hold was made for something else, or is over; the time may be free.
		r.Draft.Hold = ""
		r.Draft.Tries++
		a, err = s.confirm(r)
	}
	if err != nil {
		return s.refused(r, err)
	}
	r.Draft.Booked, r.Draft.Hold, r.Draft.Start, r.Draft.End = a.Reference, "", a.Start, a.End
	r.Visit.Know(a.Reference)
	return r.Step(visit.Done)
}

func (s Screen) confirm(r *visit.Request) (scheduling.Appointment, error) {
	ctx := r.Request().Context()
	if r.Draft.Moving == "" {
		return s.Use.Book(ctx, Booking(r))
	}
	return s.Use.Move(ctx, scheduling.Change{
		Actor: r.Actor, Idempotency: r.Key("move"), Reference: r.Draft.Moving, Start: r.Draft.Start, Hold: r.Draft.Hold,
	})
}

// refused says what stands in the way, and where it goes on.
func (s Screen) refused(r *visit.Request, err error) error {
	var refused *scheduling.Error
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Code {
	case scheduling.CodeSlotTaken:
		return keeping.Lose(r, r.Draft.Start, refused.Alternatives)
	case scheduling.CodeUnauthenticated:
		r.Visit.Notice = r.Page.Say("请再验证一次手机号。", "Please prove your number once more.")
		return r.Step(visit.Number)
	case scheduling.CodeInvalid:
		if f := refused.Fields[0]; f.Field == "code_word" {
			r.Visit.Notice = f.Message.In(r.Page.Locale)
			return r.Step(visit.Number)
		}
		r.Visit.Notice = refused.Fields[0].Message.In(r.Page.Locale)
		return r.Step(visit.Day)
	case scheduling.CodeNotOpen, scheduling.CodeTooLate:
		r.Visit.Notice = refused.Text.In(r.Page.Locale)
		return r.Step(visit.Day)
	case scheduling.CodeOverlap, scheduling.CodeLimitReached, scheduling.CodeWrongState:
		r.Page.Wrongs = append(r.Page.Wrongs, frame.Wrong{Field: "answers", Message: refused.Text.In(r.Page.Locale)})
		return s.show(r, http.StatusConflict)
	}
	return err
}

func when(p frame.Page, start, end time.Time) []string {
	return []string{p.Day(p.DayOf(start)), p.Clock(start) + "–" + p.Clock(end)}
}
