package rest

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/account"
)

// GetStaffSession answers GET /api/v1/staff/session.
func (h handlers) GetStaffSession(c echo.Context) error {
	s, err := h.Logins.OwnSession(c.Request().Context(), session.Actor(c))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, staffSession(s))
}

// ActInRole answers PUT /api/v1/staff/session.
func (h handlers) ActInRole(c echo.Context) error {
	in, err := body[ActingRole](c)
	if err != nil {
		return err
	}
	s, err := h.Logins.Act(c.Request().Context(), session.Actor(c), account.Role(given(in.Role)))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, staffSession(s))
}

// ListLogins answers GET /api/v1/staff/logins.
func (h handlers) ListLogins(c echo.Context, params ListLoginsParams) error {
	all, err := h.Logins.OwnLogins(c.Request().Context(), session.Actor(c))
	if err != nil {
		return err
	}
	items, next, err := cut(all, func(l scheduling.StaffLogin) string { return l.ID }, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, LoginList{Items: list(items, staffLogin), Next: next})
}

// EndLogin answers DELETE /api/v1/staff/logins/{id}.
func (h handlers) EndLogin(c echo.Context, id ID) error {
	if err := h.Logins.EndOwnLogin(c.Request().Context(), session.Actor(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// EndOtherLogins answers DELETE /api/v1/staff/logins.
func (h handlers) EndOtherLogins(c echo.Context) error {
	if err := h.Logins.EndOtherLogins(c.Request().Context(), session.Actor(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// EndLoginsOf answers DELETE /api/v1/staff/offices/{office}/staff/{username}/logins.
func (h handlers) EndLoginsOf(c echo.Context, office OfficePath, username UsernamePath) error {
	if err := h.Logins.EndLoginsOf(c.Request().Context(), session.Actor(c), office, username); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// ListSignIns answers GET /api/v1/staff/offices/{office}/sign-ins.
func (h handlers) ListSignIns(c echo.Context, office OfficePath, params ListSignInsParams) error {
	all, err := h.SignIns.SignIns(c.Request().Context(), session.Actor(c), office)
	if err != nil {
		return err
	}
	items, next, err := cut(all, func(s scheduling.SignIn) string { return s.Member.Username }, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, SignInList{Items: list(items, signIn), Next: next})
}

func signIn(s scheduling.SignIn) SignIn {
	out := SignIn{
		Username: s.Member.Username, Name: text(s.Member.Name), Password: s.Password, SecondFactor: s.SecondFactor,
		SecondFactorRequired: s.Required, Logins: s.Logins,
	}
	if !s.Seen.IsZero() {
		out.SeenAt = &s.Seen
	}
	return out
}

func staffSession(s scheduling.SignedIn) StaffSession {
	out := StaffSession{
		Office: s.Office.Code, Username: s.Member.Username, Name: text(s.Member.Name), Roles: make([]StaffRole, 0, len(s.Member.Roles)),
		Role: optional(string(s.Acting)), SecondFactorMissing: s.Limited, ExpiresAt: s.Login.Expires,
	}
	for _, r := range s.Member.Roles {
		out.Roles = append(out.Roles, string(r))
	}
	return out
}

func staffLogin(l scheduling.StaffLogin) StaffLogin {
	return StaffLogin{
		Id: l.ID, BeganAt: l.Began, SeenAt: l.Seen, ExpiresAt: l.Expires, How: l.How, Browser: l.Browser, System: l.System,
		Role: optional(string(l.Role)), Current: l.Current,
	}
}
