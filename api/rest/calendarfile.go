package rest

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling/entry"
)

// GetCalendarFile answers GET /api/v1/appointments/{reference}/calendar.ics.
func (h handlers) GetCalendarFile(c echo.Context, reference ReferencePath) error {
	a, err := h.Bookings.Appointment(c.Request().Context(), session.Actor(c), reference)
	if err != nil {
		return err
	}
	file, err := entry.File(entry.Of(a))
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="appointment.ics"`)
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", file)
}
