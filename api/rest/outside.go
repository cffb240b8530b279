package rest

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/problem"
	"magpie/api/session"
	"magpie/scheduling"
)

// Outsides is a counsellor's own calendar elsewhere.
type Outsides interface {
	OutsideOf(ctx context.Context, actor scheduling.Actor) (scheduling.OutsideCalendar, error)
	SetOutside(ctx context.Context, actor scheduling.Actor, account scheduling.OutsideAccount) (scheduling.OutsideCalendar, error)
	RemoveOutside(ctx context.Context, actor scheduling.Actor) error
	HurryOutside(ctx context.Context, actor scheduling.Actor) (scheduling.OutsideCalendar, error)
	BookedInside(ctx context.Context, actor scheduling.Actor) ([]scheduling.Appointment, error)
}

// GetOutsideCalendar answers GET /api/v1/staff/me/outside-calendar.
func (h handlers) GetOutsideCalendar(c echo.Context) error {
	told, err := h.Outsides.OutsideOf(c.Request().Context(), session.Actor(c))
	if err != nil {
		return err
	}
	return h.outsideCalendar(c, told)
}

// SetOutsideCalendar answers PUT /api/v1/staff/me/outside-calendar.
func (h handlers) SetOutsideCalendar(c echo.Context) error {
	in, err := body[OutsideCalendarRequest](c)
	if err != nil {
		return err
	}
	told, err := h.Outsides.SetOutside(c.Request().Context(), session.Actor(c), scheduling.OutsideAccount{
		Kind: scheduling.OutsideKind(in.Kind), URL: scheduling.NewPrivate(in.Url), Username: given(in.Username), Password: scheduling.NewPrivate(given(in.Password)),
	})
	if err != nil {
		return err
	}
	return h.outsideCalendar(c, told)
}

// RemoveOutsideCalendar answers DELETE /api/v1/staff/me/outside-calendar.
func (h handlers) RemoveOutsideCalendar(c echo.Context) error {
	if err := h.Outsides.RemoveOutside(c.Request().Context(), session.Actor(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// HurryOutsideCalendar answers POST /api/v1/staff/me/outside-calendar/read.
func (h handlers) HurryOutsideCalendar(c echo.Context) error {
	told, err := h.Outsides.HurryOutside(c.Request().Context(), session.Actor(c))
	if err != nil {
		return err
	}
	return h.outsideCalendar(c, told)
}

// ListBookedInside answers GET /api/v1/staff/me/outside-calendar/booked-inside.
func (h handlers) ListBookedInside(c echo.Context, params ListBookedInsideParams) error {
	actor := session.Actor(c)
	all, err := h.Outsides.BookedInside(c.Request().Context(), actor)
	if err != nil {
		return err
	}
	items, next, err := cut(all, func(a scheduling.Appointment) string { return a.Reference }, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	view := func(a scheduling.Appointment) StaffAppointment { return staffsView(actor, a) }
	return c.JSON(http.StatusOK, StaffAppointmentList{Items: list(items, view), Next: next})
}

func (h handlers) outsideCalendar(c echo.Context, told scheduling.OutsideCalendar) error {
	loc, err := h.ownZone(c)
	if err != nil {
		return err
	}
	out := OutsideCalendar{
		Kind: OutsideKind(told.Kind), Host: told.Host, Username: optional(told.Username), SetAt: told.SetAt.In(loc),
		ReadAt: instant(told.ReadAt, loc), TriedAt: instant(told.TriedAt, loc), NextAt: told.NextAt.In(loc), Skipped: told.Skipped,
	}
	if told.Problem != "" {
		out.Problem = &OutsideProblem{Code: string(told.Problem), Message: told.Problem.Text().In(problem.Locale(c.Request()))}
		c.Response().Header().Add(echo.HeaderVary, "Accept-Language")
	}
	return c.JSON(http.StatusOK, out)
}
