package rest

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
)

// GetOwnData answers GET /api/v1/me.
func (h handlers) GetOwnData(c echo.Context) error {
	own, err := h.Contacts.OwnData(c.Request().Context(), session.Actor(c))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, OwnDataOf(own))
}

// OwnDataOf is what is kept about somebody as they get it, by the API or as a
// file.
func OwnDataOf(own scheduling.OwnData) OwnData {
	out := OwnData{
		Number: own.Number.Reveal(), Contact: contactWish(own.Wish), Appointments: list(own.Appointments, citizensView),
	}
	if !own.EraseAt.IsZero() {
		out.ErasedAt = &own.EraseAt
	}
	return out
}

// AskErasure answers POST /api/v1/me/erasure.
func (h handlers) AskErasure(c echo.Context) error {
	in, err := body[ErasureRequest](c)
	if err != nil {
		return err
	}
	at, err := h.Contacts.AskErasure(c.Request().Context(), session.Actor(c), in.Verification, in.Code)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, Erasure{ErasedAt: at})
}

// KeepOwnData answers DELETE /api/v1/me/erasure.
func (h handlers) KeepOwnData(c echo.Context) error {
	if err := h.Contacts.KeepData(c.Request().Context(), session.Actor(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
