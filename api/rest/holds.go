package rest

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
)

// HoldTime answers POST /api/v1/offices/{office}/holds.
func (h handlers) HoldTime(c echo.Context, office OfficePath, params HoldTimeParams) error {
	in, err := body[HoldRequest](c)
	if err != nil {
		return err
	}
	hold, err := h.Holds.Hold(c.Request().Context(), scheduling.HoldRequest{
		Actor: session.Actor(c), Idempotency: idempotency(c, &params.IdempotencyKey), Office: office,
		Service: in.Service, Start: in.Start, Parties: given(in.Parties), Wish: wish(in.Counsellor, in.Gender, in.Accessible),
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, Hold{Hold: hold.Secret, ExpiresAt: hold.ExpiresAt})
}

// RenewHold answers POST /api/v1/offices/{office}/holds/{hold}/renew.
func (h handlers) RenewHold(c echo.Context, office OfficePath, secret HoldPath, params RenewHoldParams) error {
	hold, err := h.Holds.RenewHold(c.Request().Context(), scheduling.HoldChange{
		Actor: session.Actor(c), Idempotency: idempotency(c, params.IdempotencyKey), Office: office, Secret: secret,
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, Hold{Hold: hold.Secret, ExpiresAt: hold.ExpiresAt})
}

// GiveBackHold answers DELETE /api/v1/offices/{office}/holds/{hold}.
func (h handlers) GiveBackHold(c echo.Context, office OfficePath, secret HoldPath) error {
	err := h.Holds.ReleaseHold(c.Request().Context(), scheduling.HoldChange{Actor: session.Actor(c), Office: office, Secret: secret})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
