package rest

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// GetToday answers GET /api/v1/staff/offices/{office}/today.
func (h handlers) GetToday(c echo.Context, office OfficePath, params GetTodayParams) error {
	on, err := givenDate("date", params.Date)
	if err != nil {
		return err
	}
	actor := session.Actor(c)
	day, err := h.AtDesk.Today(c.Request().Context(), actor, office, on)
	if err != nil {
		return err
	}
	out := DayAtDesk{Date: day.Date.String(), Items: list(day.Rows, deskRow(actor))}
	for status, n := range map[scheduling.Status]*int{
		scheduling.Booked: &out.Counts.Booked, scheduling.CheckedIn: &out.Counts.CheckedIn, scheduling.InSession: &out.Counts.InSession,
		scheduling.Completed: &out.Counts.Completed, scheduling.Cancelled: &out.Counts.Cancelled, scheduling.NoShow: &out.Counts.NoShow,
	} {
		*n = day.Counts[status]
	}
	return c.JSON(http.StatusOK, out)
}

// FindAtDesk answers GET /api/v1/staff/offices/{office}/search.
func (h handlers) FindAtDesk(c echo.Context, office OfficePath, params FindAtDeskParams) error {
	q := scheduling.DeskSearch{Actor: session.Actor(c), Office: office, Reference: given(params.Reference), LastFour: given(params.LastFour)}
	var err error
	if q.From, err = givenDate("from", params.From); err != nil {
		return err
	}
	if q.To, err = givenDate("to", params.To); err != nil {
		return err
	}
	rows, err := h.AtDesk.FindAtDesk(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, DeskRowList{Items: list(rows, deskRow(q.Actor))})
}

// givenDate is 0 where none is given.
func givenDate(field string, d *Date) (calendar.Date, error) {
	if d == nil {
		return 0, nil
	}
	return date(field, *d)
}

// ListWalkIns answers GET /api/v1/staff/offices/{office}/walk-in.
func (h handlers) ListWalkIns(c echo.Context, office OfficePath) error {
	all, err := h.AtDesk.WalkIns(c.Request().Context(), session.Actor(c), office)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, WalkInList{Items: list(all, func(w scheduling.WalkIn) WalkIn {
		of := day(scheduling.Day{Slots: w.Slots, Closed: w.Closed})
		return WalkIn{Service: w.Service.Code, Closed: of.Closed, Slots: of.Slots}
	})})
}

// TryTask answers POST /api/v1/staff/offices/{office}/tasks/{id}/attempts.
func (h handlers) TryTask(c echo.Context, office OfficePath, id ID) error {
	in, err := body[AttemptRequest](c)
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return scheduling.NotFound()
	}
	err = h.AtDesk.TryTask(c.Request().Context(), scheduling.TaskTried{
		Actor: session.Actor(c), Office: office, ID: number, Outcome: scheduling.AttemptOutcome(in.Outcome),
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func deskRow(actor scheduling.Actor) func(scheduling.Row) DeskRow {
	return func(r scheduling.Row) DeskRow {
		return DeskRow{Appointment: staffsView(actor, r.Appointment), Next: list(r.Next, func(s scheduling.Step) string { return string(s) })}
	}
}
