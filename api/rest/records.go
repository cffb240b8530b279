package rest

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// ListTimeOff answers GET /api/v1/staff/offices/{office}/staff/{username}/time-off.
func (h handlers) ListTimeOff(c echo.Context, office OfficePath, username UsernamePath, params ListTimeOffParams) error {
	all, next, err := h.Records.TimeOff(c.Request().Context(), session.Actor(c), office, username, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, TimeOffList{Items: list(all, timeOff), Next: optional(next)})
}

// TakeTimeOff answers POST /api/v1/staff/offices/{office}/staff/{username}/time-off.
func (h handlers) TakeTimeOff(c echo.Context, office OfficePath, username UsernamePath, params TakeTimeOffParams) error {
	in, err := body[TimeOffRequest](c)
	if err != nil {
		return err
	}
	from, to, err := dates(in.From, in.To)
	if err != nil {
		return err
	}
	part, err := part(in.FromTime, in.ToTime)
	if err != nil {
		return err
	}
	request := scheduling.TimeOffRequest{
		Actor: session.Actor(c), Idempotency: idempotency(c, params.IdempotencyKey), Office: office, Username: username,
		From: from, To: to, Hours: part, Reason: scheduling.NewPrivate(given(in.Reason)), Force: given(in.Force),
		All: given(in.All), Plan: list(given(in.Plan), planItem),
	}
	if in.Plan != nil || request.All {
		t, outcomes, err := h.Handing.TimeOffWithPlan(c.Request().Context(), request)
		if err != nil {
			return err
		}
		out := timeOff(t)
		items := list(outcomes, outcome(session.Actor(c)))
		out.Outcomes = &items
		return c.JSON(http.StatusCreated, out)
	}
	t, err := h.Records.AddTimeOff(c.Request().Context(), request)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, timeOff(t))
}

// WithdrawTimeOff answers DELETE /api/v1/staff/offices/{office}/staff/{username}/time-off/{id}.
func (h handlers) WithdrawTimeOff(c echo.Context, office OfficePath, username UsernamePath, id ID) error {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return scheduling.NotFound()
	}
	if err := h.Records.RemoveTimeOff(c.Request().Context(), session.Actor(c), office, username, number); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// ListAudit answers GET /api/v1/staff/offices/{office}/audit.
func (h handlers) ListAudit(c echo.Context, office OfficePath, params ListAuditParams) error {
	all, next, err := h.Records.Audit(c.Request().Context(), session.Actor(c), office, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	o, err := h.Offices.OfficeByCode(c.Request().Context(), office)
	if err != nil {
		return err
	}
	entry := func(e scheduling.AuditEntry) AuditEntry {
		e.At = e.At.In(o.Location)
		return auditEntry(e)
	}
	return c.JSON(http.StatusOK, AuditList{Items: list(all, entry), Next: optional(next)})
}

func timeOff(t scheduling.TimeOff) TimeOff {
	out := TimeOff{Id: opaque(t.ID), From: t.From.String(), To: t.To.String(), Reason: optional(t.Reason.Reveal())}
	if t.Hours != (calendar.Period{}) {
		out.FromTime, out.ToTime = optional(t.Hours.From.String()), optional(t.Hours.To.String())
	}
	return out
}

func auditEntry(e scheduling.AuditEntry) AuditEntry {
	out := AuditEntry{
		Id: opaque(e.ID), At: e.At, Action: e.Action, Subject: e.Subject, Refused: optional(string(e.Refused)),
		Actor:  AuditActor{Kind: string(e.Actor.Kind), Username: optional(e.Actor.Name), Role: optional(string(e.Actor.Role))},
		Before: object(e.Before), After: object(e.After),
	}
	if e.Actor.ID != 0 {
		out.Actor.Id = optional(opaque(e.Actor.ID))
	}
	return out
}

// object passes stored JSON on as it is.
func object(stored string) *json.RawMessage {
	if stored == "" {
		return nil
	}
	raw := json.RawMessage(stored)
	return &raw
}
