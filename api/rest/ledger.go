package rest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/messages"
)

// ListMessages answers GET /api/v1/staff/offices/{office}/messages, as a page
// of JSON or as one file.
func (h handlers) ListMessages(c echo.Context, office OfficePath, params ListMessagesParams) error {
	from, to, err := dates(params.From, params.To)
	if err != nil {
		return err
	}
	f := scheduling.MessageFilter{
		Actor: session.Actor(c), Office: office, From: from, To: to, Reference: given(params.Reference),
		Kind: messages.Kind(given(params.Kind)), Channel: messages.Channel(given(params.Channel)),
		Status: scheduling.MessageStatus(given(params.Status)), Gateway: given(params.Gateway),
		Receipt: messages.Receipt(given(params.Receipt)), Page: page(params.Limit, params.After),
	}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if wantsFile(given(params.Format), c.Request().Header.Values(echo.HeaderAccept)) {
		return h.ledgerFile(c, f)
	}
	all, next, err := h.Ledger.Messages(c.Request().Context(), f)
	if err != nil {
		return err
	}
	zone, err := h.zone(c, office)
	if err != nil {
		return err
	}
	entry := func(e scheduling.LedgerEntry) LedgerEntry { return ledgerEntry(e, zone) }
	return c.JSON(http.StatusOK, LedgerList{Items: list(all, entry), Next: optional(next)})
}

// ResolveMessage answers POST /api/v1/staff/offices/{office}/messages/{id}/resolve.
func (h handlers) ResolveMessage(c echo.Context, office OfficePath, id ID) error {
	in, err := body[ResolveRequest](c)
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return scheduling.NotFound()
	}
	err = h.Ledger.Resolve(c.Request().Context(), scheduling.Resolution{
		Actor: session.Actor(c), Office: office, ID: number, Again: in.Outcome == "send_again",
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// GetSending answers GET /api/v1/staff/offices/{office}/sending.
func (h handlers) GetSending(c echo.Context, office OfficePath) error {
	o, s, err := h.Ledger.SendingOf(c.Request().Context(), session.Actor(c), office)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, sending(o, s))
}

// SetSending answers PUT /api/v1/staff/offices/{office}/sending.
func (h handlers) SetSending(c echo.Context, office OfficePath) error {
	in, err := body[SendingRequest](c)
	if err != nil {
		return err
	}
	o, s, err := h.Ledger.SetSending(c.Request().Context(), session.Actor(c), office, in.Stopped)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, sending(o, s))
}

// zone is the time zone of an office.
func (h handlers) zone(c echo.Context, office string) (*time.Location, error) {
	o, err := h.Offices.OfficeByCode(c.Request().Context(), office)
	if err != nil {
		return nil, err
	}
	return o.Location, nil
}

func ledgerEntry(e scheduling.LedgerEntry, zone *time.Location) LedgerEntry {
	out := LedgerEntry{
		Id: opaque(e.ID), Kind: string(e.Kind), Channel: string(e.Channel), Status: string(e.Status), Rule: optional(e.Rule),
		Detail: optional(e.Detail), Locale: optional(string(e.Locale)), Reference: optional(e.Reference), Start: instant(e.Start, zone),
		Revision: e.Revision, To: optional(e.To.Reveal()), DueAt: e.DueAt.In(zone), Until: e.Until.In(zone), Attempts: e.Attempts,
		HandedAt: instant(e.HandedAt, zone), Gateway: optional(e.Gateway), GatewayId: optional(e.GatewayID), Segments: e.Segments,
		Receipt: optional(string(e.Receipt)), ReceiptAt: instant(e.ReceiptAt, zone), Reason: optional(e.Reason), Answered: optional(e.Answered),
	}
	if e.Kind == messages.Reminder {
		lead := int(e.Lead / time.Minute)
		out.LeadMinutes = &lead
	}
	if e.Gateway != "" {
		out.TextVersion = &e.TextVersion
	}
	return out
}

// warnFrom is from which share of the month's ceiling on there is a warning, in
// percent.
const warnFrom = 80

func sending(o *scheduling.Office, s scheduling.Sending) Sending {
	return Sending{
		Stopped: s.Stopped, ChangedBy: optional(s.ChangedBy), ChangedAt: instant(s.ChangedAt, o.Location), Owed: s.Owed,
		SegmentsThisMonth: s.Segments, SegmentsPerMonth: o.SegmentsPerMonth, MessagesToday: s.Messages, MessagesPerDay: o.MessagesPerDay,
		MessagesPerNumber: o.MessagesPerNumber, Warning: o.SegmentsPerMonth > 0 && s.Segments*100 >= o.SegmentsPerMonth*warnFrom,
	}
}

// instant writes a time in a zone, and leaves out one that never was.
func instant(t time.Time, zone *time.Location) *Time {
	if t.IsZero() {
		return nil
	}
	t = t.In(zone)
	return &t
}
