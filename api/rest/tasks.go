package rest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
)

// ListTasks answers GET /api/v1/staff/offices/{office}/tasks.
func (h handlers) ListTasks(c echo.Context, office OfficePath, params ListTasksParams) error {
	all, next, err := h.Tasks.DeskTasks(c.Request().Context(), scheduling.TaskFilter{
		Actor: session.Actor(c), Office: office, Done: given(params.Done), Kind: scheduling.TaskKind(given(params.Kind)),
		Page: page(params.Limit, params.After),
	})
	if err != nil {
		return err
	}
	zone, err := h.zone(c, office)
	if err != nil {
		return err
	}
	view := func(t scheduling.Task) Task { return task(t, zone) }
	return c.JSON(http.StatusOK, TaskList{Items: list(all, view), Next: optional(next)})
}

// FinishTask answers POST /api/v1/staff/offices/{office}/tasks/{id}/done.
func (h handlers) FinishTask(c echo.Context, office OfficePath, id ID) error {
	in, err := body[TaskDoneRequest](c)
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return scheduling.NotFound()
	}
	err = h.Tasks.FinishTask(c.Request().Context(), scheduling.TaskDone{
		Actor: session.Actor(c), Office: office, ID: number, Outcome: in.Outcome,
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// RestoreAppointment answers POST /api/v1/staff/appointments/{reference}/restore.
func (h handlers) RestoreAppointment(c echo.Context, reference ReferencePath, params RestoreAppointmentParams) error {
	return advance(c, reference, params.IdempotencyKey, h.Tasks.Restore)
}

func task(t scheduling.Task, zone *time.Location) Task {
	return Task{
		Id: opaque(t.ID), Kind: string(t.Kind), Reference: optional(t.Reference), Start: instant(t.Start, zone),
		Message: optional(string(t.Message)), Reason: optional(t.Reason), Name: optional(t.Name.Reveal()), Phone: optional(t.Phone.Reveal()),
		Title: optional(t.Title), Attempts: list(t.Attempts, func(a scheduling.Attempt) Attempt {
			return Attempt{At: a.At.In(zone), By: a.By, Outcome: string(a.Outcome)}
		}),
		Hours: list(t.Hours, reachHours), Neutral: t.Neutral, Text: optional(t.Text.Reveal()),
		DueAt: t.DueAt.In(zone), Until: t.Until.In(zone), Done: t.Done, Outcome: optional(t.Outcome),
		DoneBy: optional(t.DoneBy), DoneAt: instant(t.DoneAt, zone), CreatedAt: t.CreatedAt.In(zone),
	}
}
