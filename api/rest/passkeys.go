package rest

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/account"
)

// BeginPasskeyLogin answers POST /api/v1/staff/login/passkey/begin.
func (h handlers) BeginPasskeyLogin(c echo.Context) error {
	return answerCeremony(c, func() (scheduling.Ceremony, error) {
		return h.SignIns.BeginPasskeyLogin(c.Request().Context(), session.Actor(c).Address)
	})
}

// LogInByPasskey answers POST /api/v1/staff/login/passkey.
func (h handlers) LogInByPasskey(c echo.Context) error {
	in, err := body[PasskeyLogInRequest](c)
	if err != nil {
		return err
	}
	return answerToken(c, func() (scheduling.Token, error) {
		return h.SignIns.FinishPasskeyLogin(c.Request().Context(), scheduling.PasskeyLogin{
			Signature: scheduling.Signature{ID: in.Id, Response: in.Credential}, Role: account.Role(given(in.Role)),
			Address: session.Actor(c).Address, Agent: c.Request().UserAgent(),
		})
	})
}

// BeginIdentityLogin answers POST /api/v1/staff/login/oidc/begin.
func (h handlers) BeginIdentityLogin(c echo.Context) error {
	in, err := body[IdentityRequest](c)
	if err != nil {
		return err
	}
	start, err := h.SignIns.BeginIdentityLogin(c.Request().Context(), in.Office, session.Actor(c).Address)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, IdentityStart{Url: start.Address, State: start.State, ExpiresAt: start.ExpiresAt})
}

// LogInByIdentity answers POST /api/v1/staff/login/oidc.
func (h handlers) LogInByIdentity(c echo.Context) error {
	in, err := body[IdentityLogInRequest](c)
	if err != nil {
		return err
	}
	return answerToken(c, func() (scheduling.Token, error) {
		return h.SignIns.FinishIdentityLogin(c.Request().Context(), scheduling.IdentityLogin{
			State: in.State, Code: in.Code, Shown: shown(Shown{Otp: in.Otp, Passkey: in.Passkey}), Role: account.Role(given(in.Role)),
			Address: session.Actor(c).Address, Agent: c.Request().UserAgent(),
		})
	})
}

// ListPasskeys answers GET /api/v1/staff/passkeys.
func (h handlers) ListPasskeys(c echo.Context, params ListPasskeysParams) error {
	all, err := h.Passkeys.OwnPasskeys(c.Request().Context(), session.Actor(c))
	if err != nil {
		return err
	}
	items, next, err := cut(all, func(p scheduling.Passkey) string { return opaque(p.ID) }, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, PasskeyList{Items: list(items, passkey), Next: next})
}

// BeginPasskey answers POST /api/v1/staff/passkeys/begin.
func (h handlers) BeginPasskey(c echo.Context) error {
	in, err := body[Shown](c)
	if err != nil {
		return err
	}
	return answerCeremony(c, func() (scheduling.Ceremony, error) {
		return h.Passkeys.BeginPasskey(c.Request().Context(), session.Actor(c), shown(in))
	})
}

// AddPasskey answers POST /api/v1/staff/passkeys.
func (h handlers) AddPasskey(c echo.Context) error {
	in, err := body[NewPasskey](c)
	if err != nil {
		return err
	}
	p, codes, err := h.Passkeys.FinishPasskey(c.Request().Context(), session.Actor(c), scheduling.NewPasskey{
		Signature: scheduling.Signature{ID: in.Id, Response: in.Credential}, Name: scheduling.NewPrivate(in.Name),
	})
	if err != nil {
		return err
	}
	out := AddedPasskey{Passkey: passkey(p)}
	if codes != nil {
		out.RecoveryCodes = &codes
	}
	return c.JSON(http.StatusCreated, out)
}

// RenamePasskey answers PUT /api/v1/staff/passkeys/{id}.
func (h handlers) RenamePasskey(c echo.Context, id ID) error {
	in, err := body[PasskeyName](c)
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return scheduling.NotFound()
	}
	p, err := h.Passkeys.RenamePasskey(c.Request().Context(), session.Actor(c), number, scheduling.NewPrivate(in.Name))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, passkey(p))
}

// RemovePasskey answers POST /api/v1/staff/passkeys/{id}/remove.
func (h handlers) RemovePasskey(c echo.Context, id ID) error {
	in, err := body[Shown](c)
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return scheduling.NotFound()
	}
	if err := h.Passkeys.RemovePasskey(c.Request().Context(), session.Actor(c), number, shown(in)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func answerCeremony(c echo.Context, ask func() (scheduling.Ceremony, error)) error {
	ceremony, err := ask()
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, Ceremony{Id: ceremony.ID, Options: ceremony.Options})
}

func passkey(p scheduling.Passkey) Passkey {
	out := Passkey{Id: opaque(p.ID), Name: p.Name.Reveal(), CreatedAt: p.CreatedAt}
	if !p.UsedAt.IsZero() {
		out.UsedAt = &p.UsedAt
	}
	return out
}
