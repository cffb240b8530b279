package rest

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
)

// GetOffer answers GET /api/v1/appointments/{reference}/offer.
func (h handlers) GetOffer(c echo.Context, reference ReferencePath) error {
	return h.offer(c, reference)
}

// GetOfferFor answers GET /api/v1/staff/appointments/{reference}/offer.
func (h handlers) GetOfferFor(c echo.Context, reference ReferencePath) error {
	return h.offer(c, reference)
}

// TakeOffer answers POST /api/v1/appointments/{reference}/offer.
func (h handlers) TakeOffer(c echo.Context, reference ReferencePath, params TakeOfferParams) error {
	a, err := h.takeOffer(c, reference, params.IdempotencyKey)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, citizensView(a))
}

// TakeOfferFor answers POST /api/v1/staff/appointments/{reference}/offer/take.
func (h handlers) TakeOfferFor(c echo.Context, reference ReferencePath, params TakeOfferForParams) error {
	a, err := h.takeOffer(c, reference, params.IdempotencyKey)
	return toStaff(c, http.StatusOK, a, err)
}

// OfferTimes answers POST /api/v1/staff/appointments/{reference}/offer.
func (h handlers) OfferTimes(c echo.Context, reference ReferencePath, params OfferTimesParams) error {
	in, err := body[OfferRequest](c)
	if err != nil {
		return err
	}
	o, err := h.Offers.OfferTimes(c.Request().Context(), scheduling.OfferRequest{
		Actor: session.Actor(c), Idempotency: idempotency(c, &params.IdempotencyKey), Reference: reference, Starts: in.Starts, Counsellor: given(in.Counsellor),
	})
	if err != nil {
		return err
	}
	a, err := h.Bookings.Appointment(c.Request().Context(), session.Actor(c), reference)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, offer(o, a.Office.Location))
}

// WithdrawOffer answers DELETE /api/v1/staff/appointments/{reference}/offer.
func (h handlers) WithdrawOffer(c echo.Context, reference ReferencePath) error {
	if err := h.Offers.WithdrawOffer(c.Request().Context(), session.Actor(c), reference); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (h handlers) offer(c echo.Context, reference string) error {
	a, o, err := h.Offers.OfferOf(c.Request().Context(), session.Actor(c), reference)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, offer(o, a.Office.Location))
}

func (h handlers) takeOffer(c echo.Context, reference, key string) (scheduling.Appointment, error) {
	in, err := body[TakeOfferRequest](c)
	if err != nil {
		return scheduling.Appointment{}, err
	}
	return h.Offers.TakeOffer(c.Request().Context(), scheduling.Change{
		Actor: session.Actor(c), Idempotency: idempotency(c, &key), Reference: reference, Start: in.Start,
	})
}

func offer(o scheduling.Offer, zone *time.Location) Offer {
	return Offer{Until: o.Deadline.In(zone), Times: list(o.Times, func(h scheduling.HeldTime) OfferedTime {
		return OfferedTime{Start: h.Session.Start.In(zone), End: h.Session.End.In(zone)}
	})}
}
