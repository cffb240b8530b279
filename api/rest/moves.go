package rest

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
)

// MoveForCitizen answers POST /api/v1/staff/appointments/{reference}/reschedule.
func (h handlers) MoveForCitizen(c echo.Context, reference ReferencePath, params MoveForCitizenParams) error {
	in, err := body[StaffMoveRequest](c)
	if err != nil {
		return err
	}
	change := staffMove(c, reference, in)
	change.Idempotency, change.Hold = idempotency(c, &params.IdempotencyKey), given(in.Hold)
	a, err := h.Bookings.Move(c.Request().Context(), change)
	return toStaff(c, http.StatusOK, a, err)
}

func staffMove(c echo.Context, reference string, in StaffMoveRequest) scheduling.Change {
	return scheduling.Change{
		Actor: session.Actor(c), Reference: reference, Start: in.Start, End: given(in.End), Counsellor: given(in.Counsellor), Room: given(in.Room),
	}
}

// CheckMove answers POST /api/v1/staff/appointments/{reference}/moves.
func (h handlers) CheckMove(c echo.Context, reference ReferencePath) error {
	in, err := body[StaffMoveRequest](c)
	if err != nil {
		return err
	}
	check, err := h.Moves.CheckMove(c.Request().Context(), staffMove(c, reference, in))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, MoveCheck{
		Ok: len(check.Problems) == 0, Start: check.Start, End: check.End, Told: check.Told,
		Problems: list(check.Problems, moveProblem), Warnings: list(check.Warnings, moveProblem),
	})
}

// ListMoveTargets answers GET /api/v1/staff/appointments/{reference}/moves.
func (h handlers) ListMoveTargets(c echo.Context, reference ReferencePath, params ListMoveTargetsParams) error {
	d, err := date("date", params.Date)
	if err != nil {
		return err
	}
	found, err := h.Moves.Targets(c.Request().Context(), session.Actor(c), reference, d, time.Duration(given(params.Minutes))*time.Minute)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, MoveTargets{
		Date: found.Date.String(), Minutes: int(found.Length / time.Minute), Starts: list(found.Starts, same),
		Counsellors: list(found.Counsellors, func(t scheduling.TargetsOf) CounsellorStarts {
			return CounsellorStarts{Username: t.Name, Starts: list(t.Starts, same)}
		}),
		Rooms: list(found.Rooms, func(t scheduling.TargetsOf) RoomStarts { return RoomStarts{Code: t.Name, Starts: list(t.Starts, same)} }),
	})
}

// UndoChange answers POST /api/v1/staff/appointments/{reference}/undo.
func (h handlers) UndoChange(c echo.Context, reference ReferencePath, params UndoChangeParams) error {
	return advance(c, reference, params.IdempotencyKey, h.Moves.Undo)
}

func moveProblem(p scheduling.MoveProblem) MoveProblem {
	return MoveProblem{Code: string(p.Code), Text: text(p.Text)}
}

func same(t time.Time) time.Time { return t }
