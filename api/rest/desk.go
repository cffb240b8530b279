package rest

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/account"
)

// ListOfficeAppointments answers GET /api/v1/staff/offices/{office}/appointments.
func (h handlers) ListOfficeAppointments(c echo.Context, office OfficePath, params ListOfficeAppointmentsParams) error {
	from, to, err := dates(params.From, params.To)
	if err != nil {
		return err
	}
	actor := session.Actor(c)
	all, next, err := h.Desk.OfficeAppointments(c.Request().Context(), scheduling.Filter{
		Actor: actor, Office: office, From: from, To: to, Counsellor: given(params.Counsellor), Room: given(params.Room),
		Service: given(params.Service), Status: scheduling.Status(given(params.Status)), Page: page(params.Limit, params.After),
	})
	if err != nil {
		return err
	}
	view := func(a scheduling.Appointment) StaffAppointment { return staffsView(actor, a) }
	return c.JSON(http.StatusOK, StaffAppointmentList{Items: list(all, view), Next: optional(next)})
}

// BookForCaller answers POST /api/v1/staff/offices/{office}/appointments.
func (h handlers) BookForCaller(c echo.Context, office OfficePath, params BookForCallerParams) error {
	a, err := h.book(c, office, params.IdempotencyKey)
	return toStaff(c, http.StatusCreated, a, err)
}

// CheckIn answers POST /api/v1/staff/appointments/{reference}/check-in.
func (h handlers) CheckIn(c echo.Context, reference ReferencePath, params CheckInParams) error {
	return advance(c, reference, params.IdempotencyKey, h.Desk.CheckIn)
}

// StartSession answers POST /api/v1/staff/appointments/{reference}/start.
func (h handlers) StartSession(c echo.Context, reference ReferencePath, params StartSessionParams) error {
	return advance(c, reference, params.IdempotencyKey, h.Desk.Start)
}

// CompleteSession answers POST /api/v1/staff/appointments/{reference}/complete.
func (h handlers) CompleteSession(c echo.Context, reference ReferencePath, params CompleteSessionParams) error {
	return advance(c, reference, params.IdempotencyKey, h.Desk.Complete)
}

// MarkNoShow answers POST /api/v1/staff/appointments/{reference}/no-show.
func (h handlers) MarkNoShow(c echo.Context, reference ReferencePath, params MarkNoShowParams) error {
	return advance(c, reference, params.IdempotencyKey, h.Desk.NoShow)
}

// CancelForCitizen answers POST /api/v1/staff/appointments/{reference}/cancel.
func (h handlers) CancelForCitizen(c echo.Context, reference ReferencePath, params CancelForCitizenParams) error {
	a, err := h.cancel(c, reference, params.IdempotencyKey)
	return toStaff(c, http.StatusOK, a, err)
}

func advance(c echo.Context, reference string, key *string, step func(context.Context, scheduling.Change) (scheduling.Appointment, error)) error {
	a, err := step(c.Request().Context(), scheduling.Change{
		Actor: session.Actor(c), Idempotency: idempotency(c, key), Reference: reference,
	})
	return toStaff(c, http.StatusOK, a, err)
}

func toStaff(c echo.Context, status int, a scheduling.Appointment, err error) error {
	if err != nil {
		return err
	}
	return c.JSON(status, staffsView(session.Actor(c), a))
}

// staffsView is an appointment as this member of staff sees it. What somebody
// wrote goes to those who see names.
func staffsView(actor scheduling.Actor, a scheduling.Appointment) StaffAppointment {
	loc := a.Office.Location
	out := StaffAppointment{
		Reference: a.Reference, Office: a.Office.Code, Service: a.Service.Code, Status: string(a.Status),
		Start: a.Start.In(loc), End: a.End.In(loc), CreatedAt: a.CreatedAt.In(loc), UpdatedAt: a.UpdatedAt.In(loc),
		ConfirmedAt: instant(a.ConfirmedAt, loc), Room: Room{Code: a.Room.Code, Name: text(a.Room.Name)}, Counsellor: counsellor(a.Counsellor),
		Parties: list(a.PartiesFor(actor), party), Others: a.Others(), Locale: optional(a.Locale), Messages: !a.Silent,
	}
	if contact := a.ContactFor(actor); contact != nil {
		view := party(*contact)
		out.Contact = &view
	}
	ofSession := actor.Is(account.Counsellor) && actor.StaffID == a.Session.Counsellor
	if actor.Is(account.Desk) || actor.Is(account.Director) || ofSession {
		needs := list(a.Needs, need)
		out.Needs, out.Title = &needs, optional(a.Title)
		out.Note, out.Reason = optional(a.Note.Reveal()), optional(a.Reason.Reveal())
	}
	return out
}

// opaque writes a row's number; it is text on the wire, since not every client
// reads 64 bits.
func opaque(id int64) string { return strconv.FormatInt(id, 10) }
