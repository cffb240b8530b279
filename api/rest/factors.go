package rest

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
)

// GetSecondFactor answers GET /api/v1/staff/second-factor.
func (h handlers) GetSecondFactor(c echo.Context) error {
	f, err := h.Factors.SecondFactor(c.Request().Context(), session.Actor(c))
	if err != nil {
		return err
	}
	out := SecondFactor{Active: f.Active, Required: f.Required, RecoveryCodesLeft: f.CodesLeft}
	if !f.Since.IsZero() {
		out.Since = &f.Since
	}
	return c.JSON(http.StatusOK, out)
}

// BeginSecondFactor answers POST /api/v1/staff/second-factor.
func (h handlers) BeginSecondFactor(c echo.Context) error {
	in, err := body[Shown](c)
	if err != nil {
		return err
	}
	f, err := h.Factors.BeginFactor(c.Request().Context(), session.Actor(c), shown(in))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, NewSecondFactor{Secret: f.Secret.Reveal(), Uri: f.URI.Reveal()})
}

// ConfirmSecondFactor answers POST /api/v1/staff/second-factor/confirm.
func (h handlers) ConfirmSecondFactor(c echo.Context) error {
	in, err := body[OneTimeCode](c)
	if err != nil {
		return err
	}
	codes, err := h.Factors.ConfirmFactor(c.Request().Context(), session.Actor(c), scheduling.NewPrivate(in.Otp))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, RecoveryCodes{RecoveryCodes: codes})
}

// RenewRecoveryCodes answers POST /api/v1/staff/second-factor/recovery-codes.
func (h handlers) RenewRecoveryCodes(c echo.Context) error {
	in, err := body[Shown](c)
	if err != nil {
		return err
	}
	codes, err := h.Factors.RenewRecovery(c.Request().Context(), session.Actor(c), shown(in))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, RecoveryCodes{RecoveryCodes: codes})
}

// RemoveSecondFactor answers POST /api/v1/staff/second-factor/remove.
func (h handlers) RemoveSecondFactor(c echo.Context) error {
	in, err := body[Shown](c)
	if err != nil {
		return err
	}
	if err := h.Factors.RemoveFactor(c.Request().Context(), session.Actor(c), shown(in)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// ResetSecondFactor answers DELETE /api/v1/staff/offices/{office}/staff/{username}/second-factor.
func (h handlers) ResetSecondFactor(c echo.Context, office OfficePath, username UsernamePath) error {
	if err := h.Factors.ResetFactor(c.Request().Context(), session.Actor(c), office, username); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// shown is a second factor once more.
func shown(in Shown) scheduling.Shown {
	return scheduling.Shown{OTP: scheduling.NewPrivate(given(in.Otp)), Passkey: signature(in.Passkey)}
}

func signature(in *PasskeyAnswer) *scheduling.Signature {
	if in == nil {
		return nil
	}
	return &scheduling.Signature{ID: in.Id, Response: in.Credential}
}
