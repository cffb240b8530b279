package rest

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/messages"
)

// ListTexts answers GET /api/v1/staff/offices/{office}/texts.
func (h handlers) ListTexts(c echo.Context, office OfficePath, params ListTextsParams) error {
	all, err := h.Texts.OfficeTexts(c.Request().Context(), session.Actor(c), office)
	if err != nil {
		return err
	}
	items, next, err := cut(all, func(v scheduling.TextView) string { return v.Key.String() }, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, OfficeTextList{Items: list(items, officeText), Next: next})
}

// SetText answers PUT /api/v1/staff/offices/{office}/texts/{kind}/{locale}.
func (h handlers) SetText(c echo.Context, office OfficePath, kind KindPath, locale LocalePath, params SetTextParams) error {
	in, err := body[TextRequest](c)
	if err != nil {
		return err
	}
	v, err := h.Texts.SetText(c.Request().Context(), scheduling.TextChange{
		Actor: session.Actor(c), Office: office, Key: textKey(kind, locale, params.Neutral), Body: in.Body, Codes: given(in.Codes),
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, officeText(v))
}

// WithdrawText answers DELETE /api/v1/staff/offices/{office}/texts/{kind}/{locale}.
func (h handlers) WithdrawText(c echo.Context, office OfficePath, kind KindPath, locale LocalePath, params WithdrawTextParams) error {
	_, err := h.Texts.SetText(c.Request().Context(), scheduling.TextChange{
		Actor: session.Actor(c), Office: office, Key: textKey(kind, locale, params.Neutral), BuiltIn: true,
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// ListTextVersions answers GET /api/v1/staff/offices/{office}/texts/{kind}/{locale}/versions.
func (h handlers) ListTextVersions(c echo.Context, office OfficePath, kind KindPath, locale LocalePath, params ListTextVersionsParams) error {
	all, err := h.Texts.TextVersions(c.Request().Context(), session.Actor(c), office, textKey(kind, locale, params.Neutral))
	if err != nil {
		return err
	}
	zone, err := h.zone(c, office)
	if err != nil {
		return err
	}
	number := func(v scheduling.TextVersion) string { return strconv.Itoa(v.Template.Version) }
	items, next, err := cut(all, number, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	view := func(v scheduling.TextVersion) TextVersion {
		return TextVersion{
			Version: v.Template.Version, Body: v.Template.Body, Codes: approvals(v.Template.Codes),
			Author: optional(v.Author), CreatedAt: v.CreatedAt.In(zone),
		}
	}
	return c.JSON(http.StatusOK, TextVersionList{Items: list(items, view), Next: next})
}

func textKey(kind MessageKind, locale Locale, neutral *bool) messages.Key {
	return messages.Key{Kind: messages.Kind(kind), Locale: messages.Locale(locale), Neutral: given(neutral)}
}

func officeText(v scheduling.TextView) OfficeText {
	return OfficeText{
		Kind: string(v.Kind), Locale: string(v.Locale), Neutral: v.Neutral, Version: v.Version, Body: v.Body,
		Codes: approvals(v.Codes), Longest: v.Longest, Segments: v.Segments, Register: approvals(v.Register),
	}
}

// approvals is a map that is never null on the wire.
func approvals(byGateway map[string]string) map[string]string {
	if byGateway == nil {
		return map[string]string{}
	}
	return byGateway
}
