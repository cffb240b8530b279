package rest

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// AskImpact answers POST /api/v1/staff/offices/{office}/impact.
func (h handlers) AskImpact(c echo.Context, office OfficePath) error {
	in, err := body[ImpactRequest](c)
	if err != nil {
		return err
	}
	from, to, err := dates(in.From, in.To)
	if err != nil {
		return err
	}
	q := scheduling.ImpactQuery{
		Actor: session.Actor(c), Office: office, What: scheduling.ImpactKind(in.What), Username: given(in.Username), Room: given(in.Room), From: from, To: to,
	}
	if q.Part, err = part(in.FromTime, in.ToTime); err != nil {
		return err
	}
	if q.Hours, err = hours(given(in.Hours)); err != nil {
		return err
	}
	items, more, err := h.Handing.Impact(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, Impact{Items: list(items, affected(q.Actor)), More: more})
}

// HandOver answers POST /api/v1/staff/offices/{office}/hand-over.
func (h handlers) HandOver(c echo.Context, office OfficePath, params HandOverParams) error {
	in, err := body[HandOverRequest](c)
	if err != nil {
		return err
	}
	actor := session.Actor(c)
	out, err := h.Handing.HandOver(c.Request().Context(), scheduling.HandOverRequest{
		Actor: actor, Idempotency: idempotency(c, params.IdempotencyKey), Office: office, All: given(in.All), Plan: list(in.Plan, planItem),
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, HandOverOutcome{Items: list(out, outcome(actor))})
}

func planItem(p PlanItem) scheduling.PlanItem {
	return scheduling.PlanItem{
		Reference: p.Reference, Keep: given(p.Keep), Call: given(p.Call), Counsellor: given(p.Counsellor), Room: given(p.Room), Start: given(p.Start),
	}
}

func outcome(actor scheduling.Actor) func(scheduling.Outcome) Outcome {
	return func(o scheduling.Outcome) Outcome {
		out := Outcome{Reference: o.Reference, Outcome: string(o.What)}
		if o.Appointment != nil {
			view := staffsView(actor, *o.Appointment)
			out.Appointment = &view
		}
		if o.Refused != nil {
			said := text(o.Refused.Text)
			out.Code, out.Text = optional(string(o.Refused.Code)), &said
		}
		return out
	}
}

func affected(actor scheduling.Actor) func(scheduling.Affected) Affected {
	return func(a scheduling.Affected) Affected {
		return Affected{
			Appointment: staffsView(actor, a.Appointment), Colleagues: list(a.Colleagues, colleague), Rooms: list(a.Rooms, room),
			Times: list(a.Times, func(s scheduling.Slot) Slot { return Slot{Start: s.Start, End: s.End, Free: s.Free} }),
		}
	}
}

func colleague(c scheduling.Colleague) Colleague {
	return Colleague{
		Counsellor: counsellor(c.Counsellor), Room: room(c.Room), GaveBefore: c.GaveBefore, AskedFor: c.AskedFor, AskedGender: c.AskedGender,
		SameRoom: c.SameRoom, Sessions: c.Sessions,
	}
}

func room(r scheduling.Room) Room { return Room{Code: r.Code, Name: text(r.Name)} }

// part is some hours of a day: both ends, or none.
func part(from, to *ClockTime) (calendar.Period, error) {
	switch {
	case from == nil && to == nil:
		return calendar.Period{}, nil
	case from == nil:
		return calendar.Period{}, invalid([]scheduling.FieldError{{Field: "from_time", Message: missing}})
	case to == nil:
		return calendar.Period{}, invalid([]scheduling.FieldError{{Field: "to_time", Message: missing}})
	}
	return period("from_time", *from, "to_time", *to)
}

func period(fromField, from, toField, to string) (calendar.Period, error) {
	var out calendar.Period
	var err error
	if out.From, err = calendar.ParseClock(from); err != nil {
		return out, invalid([]scheduling.FieldError{{Field: fromField, Message: wrongForm}})
	}
	if out.To, err = calendar.ParseClock(to); err != nil {
		return out, invalid([]scheduling.FieldError{{Field: toField, Message: wrongForm}})
	}
	return out, nil
}

func hours(in []OpeningHours) ([]scheduling.Hours, error) {
	var out []scheduling.Hours
	for i, h := range in {
		field := fmt.Sprintf("hours[%d]", i)
		p, err := period(field+".from", h.From, field+".to", h.To)
		if err != nil {
			return nil, err
		}
		one := scheduling.Hours{Period: p}
		for _, d := range h.Days {
			one.Days = append(one.Days, time.Weekday(slices.Index(weekdays[:], d)))
		}
		out = append(out, one)
	}
	return out, nil
}
