package rest

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/account"
)

// SendCode answers POST /api/v1/verifications.
func (h handlers) SendCode(c echo.Context) error {
	in, err := body[SendCodeRequest](c)
	if err != nil {
		return err
	}
	v, err := h.Accounts.RequestCode(c.Request().Context(), scheduling.CodeRequest{
		Phone: scheduling.NewPrivate(in.Phone), Locale: given(in.Locale), Address: session.Actor(c).Address,
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, Verification{Id: v.ID, ExpiresAt: v.ExpiresAt, ResendAt: v.ResendAt})
}

// ConfirmCode answers POST /api/v1/verifications/{id}/confirm.
func (h handlers) ConfirmCode(c echo.Context, id ID) error {
	in, err := body[ConfirmCodeRequest](c)
	if err != nil {
		return err
	}
	return answerToken(c, func() (scheduling.Token, error) {
		return h.Accounts.ConfirmCode(c.Request().Context(), id, in.Code, session.Actor(c).Address)
	})
}

// SignIn answers POST /api/v1/session.
func (h handlers) SignIn(c echo.Context) error {
	in, err := body[SignInRequest](c)
	if err != nil {
		return err
	}
	return answerToken(c, func() (scheduling.Token, error) {
		return h.Accounts.SignIn(c.Request().Context(), scheduling.NewPrivate(in.Phone), scheduling.NewPrivate(in.CodeWord), session.Actor(c).Address)
	})
}

// SetCodeWord answers PUT /api/v1/code-word.
func (h handlers) SetCodeWord(c echo.Context) error {
	in, err := body[CodeWordRequest](c)
	if err != nil {
		return err
	}
	if err := h.Accounts.SetCodeWord(c.Request().Context(), session.Actor(c), scheduling.NewPrivate(given(in.CodeWord))); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// LogIn answers POST /api/v1/staff/login.
func (h handlers) LogIn(c echo.Context) error {
	in, err := body[LogInRequest](c)
	if err != nil {
		return err
	}
	return answerToken(c, func() (scheduling.Token, error) {
		return h.Accounts.Login(c.Request().Context(), scheduling.Login{
			Office: in.Office, Username: in.Username, Password: scheduling.NewPrivate(in.Password), OTP: scheduling.NewPrivate(given(in.Otp)), Passkey: signature(in.Passkey),
			Role: account.Role(given(in.Role)), Agent: c.Request().UserAgent(), Address: session.Actor(c).Address,
		})
	})
}

// EndSession answers DELETE /api/v1/session.
func (h handlers) EndSession(c echo.Context) error { return h.endToken(c) }

// LogOut answers DELETE /api/v1/staff/session.
func (h handlers) LogOut(c echo.Context) error { return h.endToken(c) }

func (h handlers) endToken(c echo.Context) error {
	if err := h.Accounts.EndSession(c.Request().Context(), session.Actor(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func answerToken(c echo.Context, ask func() (scheduling.Token, error)) error {
	t, err := ask()
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, Token{Token: t.Token, ExpiresAt: t.ExpiresAt})
}
