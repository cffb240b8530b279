package rest

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
)

// BookSeries answers POST /api/v1/staff/offices/{office}/series.
func (h handlers) BookSeries(c echo.Context, office OfficePath, params BookSeriesParams) error {
	in, err := body[SeriesRequest](c)
	if err != nil {
		return err
	}
	out, err := h.Courses.BookSeries(c.Request().Context(), scheduling.SeriesRequest{
		Count: in.Count, EveryWeeks: in.EveryWeeks,
		Booking: booking(c, office, params.IdempotencyKey, BookingRequest{
			Service: in.Service, Start: in.Start, Parties: in.Parties, Contact: in.Contact, Counsellor: in.Counsellor, Gender: in.Gender,
			Accessible: in.Accessible, Locale: in.Locale, Note: in.Note, Needs: in.Needs, Title: in.Title, Messages: in.Messages,
		}),
	})
	return toCourse(c, http.StatusCreated, out, err)
}

// GetSeries answers GET /api/v1/staff/appointments/{reference}/series.
func (h handlers) GetSeries(c echo.Context, reference ReferencePath) error {
	out, err := h.Courses.SeriesOf(c.Request().Context(), session.Actor(c), reference)
	return toCourse(c, http.StatusOK, out, err)
}

// CancelRestOfSeries answers POST /api/v1/staff/appointments/{reference}/series/cancel.
func (h handlers) CancelRestOfSeries(c echo.Context, reference ReferencePath) error {
	in, err := body[CancelRequest](c)
	if err != nil {
		return err
	}
	out, err := h.Courses.CancelRest(c.Request().Context(), scheduling.Change{
		Actor: session.Actor(c), Reference: reference, Reason: scheduling.NewPrivate(given(in.Reason)),
	})
	return toCourse(c, http.StatusOK, out, err)
}

// SetAttendance answers PUT /api/v1/staff/appointments/{reference}/attendance.
func (h handlers) SetAttendance(c echo.Context, reference ReferencePath) error {
	in, err := body[AttendanceRequest](c)
	if err != nil {
		return err
	}
	change := scheduling.AttendanceChange{Actor: session.Actor(c), Reference: reference}
	for i, p := range in.Parties {
		id, err := strconv.ParseInt(p.Id, 10, 64)
		if err != nil {
			return invalid([]scheduling.FieldError{{Field: fmt.Sprintf("parties[%d].id", i), Message: wrong}})
		}
		of := scheduling.AttendanceOf{Party: id}
		if p.Attendance != "unknown" {
			of.Attendance = scheduling.Attendance(p.Attendance)
		}
		change.Parties = append(change.Parties, of)
	}
	a, err := h.Courses.SetAttendance(c.Request().Context(), change)
	return toStaff(c, http.StatusOK, a, err)
}

func toCourse(c echo.Context, status int, s scheduling.Series, err error) error {
	if err != nil {
		return err
	}
	view := func(a scheduling.Appointment) StaffAppointment { return staffsView(session.Actor(c), a) }
	return c.JSON(status, Series{Id: opaque(s.ID), Items: list(s.Appointments, view)})
}
