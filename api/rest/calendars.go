package rest

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
)

// Calendars is the calendar on a counsellor's phone.
type Calendars interface {
	OwnCalendar(ctx context.Context, actor scheduling.Actor) (scheduling.OwnCalendar, error)
	SetCalendarDetails(ctx context.Context, actor scheduling.Actor, details bool) (scheduling.OwnCalendar, error)
	MakeCalendarAddress(ctx context.Context, actor scheduling.Actor) (scheduling.CalendarAddress, error)
	RevokeCalendarAddress(ctx context.Context, actor scheduling.Actor) error
	AddAppPassword(ctx context.Context, actor scheduling.Actor, name string) (scheduling.NewAppPassword, error)
	RemoveAppPassword(ctx context.Context, actor scheduling.Actor, id int64) error
	// CalendarByAddress answers not_found for a secret that nobody has.
	CalendarByAddress(ctx context.Context, secret, address string) (scheduling.Diary, error)
}

// GetOwnCalendar answers GET /api/v1/staff/me/calendar.
func (h handlers) GetOwnCalendar(c echo.Context) error {
	set, err := h.Calendars.OwnCalendar(c.Request().Context(), session.Actor(c))
	if err != nil {
		return err
	}
	return h.ownCalendar(c, set)
}

// SetOwnCalendar answers PUT /api/v1/staff/me/calendar.
func (h handlers) SetOwnCalendar(c echo.Context) error {
	in, err := body[OwnCalendarRequest](c)
	if err != nil {
		return err
	}
	set, err := h.Calendars.SetCalendarDetails(c.Request().Context(), session.Actor(c), in.Details)
	if err != nil {
		return err
	}
	return h.ownCalendar(c, set)
}

// MakeCalendarAddress answers POST /api/v1/staff/me/calendar/address.
func (h handlers) MakeCalendarAddress(c echo.Context) error {
	made, err := h.Calendars.MakeCalendarAddress(c.Request().Context(), session.Actor(c))
	if err != nil {
		return err
	}
	loc, err := h.ownZone(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, NewCalendarAddress{Path: made.Path.Reveal(), MadeAt: made.MadeAt.In(loc)})
}

// RevokeCalendarAddress answers DELETE /api/v1/staff/me/calendar/address.
func (h handlers) RevokeCalendarAddress(c echo.Context) error {
	if err := h.Calendars.RevokeCalendarAddress(c.Request().Context(), session.Actor(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// MakeAppPassword answers POST /api/v1/staff/me/calendar/app-passwords.
func (h handlers) MakeAppPassword(c echo.Context) error {
	in, err := body[AppPasswordRequest](c)
	if err != nil {
		return err
	}
	made, err := h.Calendars.AddAppPassword(c.Request().Context(), session.Actor(c), in.Name)
	if err != nil {
		return err
	}
	loc, err := h.ownZone(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, NewAppPassword{
		Id: opaque(made.ID), Name: made.Name.Reveal(), Login: made.Login, Password: made.Password.Reveal(), MadeAt: made.MadeAt.In(loc),
	})
}

// EndAppPassword answers DELETE /api/v1/staff/me/calendar/app-passwords/{id}.
func (h handlers) EndAppPassword(c echo.Context, id ID) error {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return scheduling.NotFound()
	}
	if err := h.Calendars.RemoveAppPassword(c.Request().Context(), session.Actor(c), number); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (h handlers) ownCalendar(c echo.Context, set scheduling.OwnCalendar) error {
	loc, err := h.ownZone(c)
	if err != nil {
		return err
	}
	out := OwnCalendar{Login: set.Login, Details: set.Details, AppPasswords: make([]AppPassword, 0, len(set.Passwords))}
	if !set.MadeAt.IsZero() {
		out.Address = &CalendarAddress{MadeAt: set.MadeAt.In(loc), ReadAt: instant(set.ReadAt, loc)}
	}
	for _, p := range set.Passwords {
		out.AppPasswords = append(out.AppPasswords, AppPassword{
			Id: opaque(p.ID), Name: p.Name.Reveal(), MadeAt: p.MadeAt.In(loc), UsedAt: instant(p.UsedAt, loc),
		})
	}
	return c.JSON(http.StatusOK, out)
}

// ownZone is the time zone of the actor's office.
func (h handlers) ownZone(c echo.Context) (*time.Location, error) {
	o, err := h.Offices.OfficeByCode(c.Request().Context(), session.Actor(c).Office)
	if err != nil {
		return nil, err
	}
	return o.Location, nil
}
