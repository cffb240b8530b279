package rest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"

	"github.com/emersion/go-ical"
	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
)

// GetCalendarFile answers GET /api/v1/appointments/{reference}/calendar.ics.
func (h handlers) GetCalendarFile(c echo.Context, reference ReferencePath) error {
	a, err := h.Bookings.Appointment(c.Request().Context(), session.Actor(c), reference)
	if err != nil {
		return err
	}
	file, err := calendarFile(a)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="appointment.ics"`)
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", file)
}

// calendarFile writes an appointment as RFC 5545 for a calendar that others
// may read over one's shoulder: when, and that it is an appointment, and
// nothing else. Not even the office stands there, since it says what for. The
// UID is a hash so that no reference lies about in somebody's calendar.
func calendarFile(a scheduling.Appointment) ([]byte, error) {
	digest := sha256.Sum256([]byte("magpie appointment " + strconv.FormatInt(a.ID, 10) + " " + a.Reference))
	event := ical.NewEvent()
	event.Props.SetText(ical.PropUID, hex.EncodeToString(digest[:16])+"@magpie")
	event.Props.SetDateTime(ical.PropDateTimeStamp, a.UpdatedAt.UTC())
	event.Props.SetDateTime(ical.PropDateTimeStart, a.Start.UTC())
	event.Props.SetDateTime(ical.PropDateTimeEnd, a.End.UTC())
	event.Props.SetText(ical.PropSummary, "预约")
	event.Props.SetText(ical.PropClass, "PRIVATE")
	sequence := ical.NewProp(ical.PropSequence)
	sequence.Value = strconv.Itoa(a.Revision)
	event.Props.Set(sequence)
	event.SetStatus(ical.EventConfirmed)
	if a.Status == scheduling.Cancelled {
		event.SetStatus(ical.EventCancelled)
	}

	file := ical.NewCalendar()
	file.Props.SetText(ical.PropVersion, "2.0")
	file.Props.SetText(ical.PropProductID, "-//Magpie//Appointments//EN")
	file.Children = append(file.Children, event.Component)
	var out bytes.Buffer
	if err := ical.NewEncoder(&out).Encode(file); err != nil {
		return nil, fmt.Errorf("write the calendar file: %w", err)
	}
	return out.Bytes(), nil
}
