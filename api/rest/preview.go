package rest

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
)

// PreviewMessages answers GET /api/v1/staff/appointments/{reference}/messages/preview.
func (h handlers) PreviewMessages(c echo.Context, reference ReferencePath, params PreviewMessagesParams) error {
	all, next, zone, err := h.coming(c, reference, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	view := func(m scheduling.ComingMessage) MessagePreview { return messagePreview(m, zone) }
	return c.JSON(http.StatusOK, MessagePreviewList{Items: list(all, view), Next: next})
}

// ListComingMessages answers GET /api/v1/appointments/{reference}/messages.
func (h handlers) ListComingMessages(c echo.Context, reference ReferencePath, params ListComingMessagesParams) error {
	all, next, zone, err := h.coming(c, reference, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	view := func(m scheduling.ComingMessage) ComingMessage { return comingMessage(m, zone) }
	return c.JSON(http.StatusOK, ComingMessageList{Items: list(all, view), Next: next})
}

// coming is a page of an appointment's messages, with its office's zone.
func (h handlers) coming(c echo.Context, reference string, p scheduling.Page) ([]scheduling.ComingMessage, *string, *time.Location, error) {
	ctx, actor := c.Request().Context(), session.Actor(c)
	a, err := h.Bookings.Appointment(ctx, actor, reference)
	if err != nil {
		return nil, nil, nil, err
	}
	all, err := h.Ledger.Preview(ctx, actor, reference)
	if err != nil {
		return nil, nil, nil, err
	}
	items, next, err := cut(all, func(m scheduling.ComingMessage) string { return opaque(m.ID) }, p)
	return items, next, a.Office.Location, err
}

func messagePreview(m scheduling.ComingMessage, zone *time.Location) MessagePreview {
	return MessagePreview{
		Kind: string(m.Kind), Channel: string(m.Channel), Locale: optional(string(m.Locale)), To: optional(m.To.Reveal()),
		DueAt: m.DueAt.In(zone), HandedAt: instant(m.HandedAt, zone), Status: string(m.Status), Rule: optional(m.Rule),
		Text: m.Text, Subject: optional(m.Subject), Segments: m.Segments, Gateway: optional(m.Gateway), Receipt: optional(string(m.Receipt)),
	}
}

// comingMessage is a message as its citizen sees it: neither by which gateway
// nor at what cost.
func comingMessage(m scheduling.ComingMessage, zone *time.Location) ComingMessage {
	return ComingMessage{
		Kind: string(m.Kind), Channel: string(m.Channel), Locale: optional(string(m.Locale)),
		DueAt: m.DueAt.In(zone), HandedAt: instant(m.HandedAt, zone), Status: string(m.Status), Rule: optional(m.Rule),
		Text: m.Text, Subject: optional(m.Subject), Receipt: optional(string(m.Receipt)),
	}
}
