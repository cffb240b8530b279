package keeping

import (
	"errors"
	"time"

	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Take takes the start that a button named, and goes on: to the next question,
// or, where the time was lost, to the nearest ones. What is no time at all, or
// none of the office's, leads back to the days.
func Take(r *visit.Request, use Use, value string) error {
	start, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return r.Step(visit.Day)
	}
	return Settle(r, Choose(r, use, start.UTC()), start)
}

// Settle goes on after a time was chosen, whatever came of it.
func Settle(r *visit.Request, err error, start time.Time) error {
	var refused *scheduling.Error
	switch {
	case err == nil:
		r.Draft.Day = r.Page.DayOf(r.Draft.Start).String()
		return r.Step(r.Draft.Next(r.Proved()))
	case !errors.As(err, &refused):
		return err
	}
	switch refused.Code {
	case scheduling.CodeSlotTaken:
		return Lose(r, start, refused.Alternatives)
	case scheduling.CodeInvalid, scheduling.CodeNotOpen, scheduling.CodeTooLate:
		r.Visit.Notice = r.Page.Say("这个时间约不了，请看看别的时间。", "This time cannot be booked. Please look at others.")
		return r.Step(visit.Day)
	}
	return err
}

// Lose gives up a time that was taken by somebody else and offers the nearest
// three. Everything else that was typed stays.
func Lose(r *visit.Request, start time.Time, nearest []scheduling.Slot) error {
	d := r.Draft
	d.Tries++
	d.Hold, d.HoldUntil, d.HoldHeads = "", time.Time{}, 0
	d.Start, d.End = time.Time{}, time.Time{}
	d.Day = r.Page.DayOf(start).String()
	d.Nearest = nil
	for _, slot := range nearest[:min(len(nearest), 3)] {
		d.Nearest = append(d.Nearest, slot.Start)
	}
	return r.Step(visit.Lost)
}
