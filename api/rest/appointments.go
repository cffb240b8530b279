package rest

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
)

// BookAppointment answers POST /api/v1/offices/{office}/appointments.
func (h handlers) BookAppointment(c echo.Context, office OfficePath, params BookAppointmentParams) error {
	a, err := h.book(c, office, params.IdempotencyKey)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, citizensView(a))
}

// ListAppointments answers GET /api/v1/appointments.
func (h handlers) ListAppointments(c echo.Context, params ListAppointmentsParams) error {
	all, next, err := h.Bookings.Appointments(c.Request().Context(), session.Actor(c), page(params.Limit, params.After))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, AppointmentList{Items: list(all, citizensView), Next: optional(next)})
}

// GetAppointment answers GET /api/v1/appointments/{reference}.
func (h handlers) GetAppointment(c echo.Context, reference ReferencePath) error {
	a, err := h.Bookings.Appointment(c.Request().Context(), session.Actor(c), reference)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, citizensView(a))
}

// CancelAppointment answers POST /api/v1/appointments/{reference}/cancel.
func (h handlers) CancelAppointment(c echo.Context, reference ReferencePath, params CancelAppointmentParams) error {
	a, err := h.cancel(c, reference, params.IdempotencyKey)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, citizensView(a))
}

// MoveAppointment answers POST /api/v1/appointments/{reference}/reschedule.
func (h handlers) MoveAppointment(c echo.Context, reference ReferencePath, params MoveAppointmentParams) error {
	a, err := h.move(c, reference, params.IdempotencyKey)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, citizensView(a))
}

// book is one command for the citizen and for the desk: who asks decides which
// rules it is held against.
func (h handlers) book(c echo.Context, office, key string) (scheduling.Appointment, error) {
	in, err := body[BookingRequest](c)
	if err != nil {
		return scheduling.Appointment{}, err
	}
	return h.Bookings.Book(c.Request().Context(), booking(c, office, key, in))
}

func booking(c echo.Context, office, key string, in BookingRequest) scheduling.Booking {
	b := scheduling.Booking{
		Actor: session.Actor(c), Idempotency: idempotency(c, &key), Office: office,
		Service: in.Service, Start: in.Start, Hold: given(in.Hold), Wish: wish(in.Counsellor, in.Gender, in.Accessible),
		Locale: given(in.Locale), Note: scheduling.NewPrivate(given(in.Note)),
		Needs: list(given(in.Needs), func(n Need) scheduling.Need { return scheduling.Need(n) }), Title: given(in.Title),
		Silent: in.Messages != nil && !*in.Messages, CodeWord: scheduling.NewPrivate(given(in.CodeWord)),
		Parties: list(in.Parties, func(p PartyRequest) scheduling.PartyRequest {
			return scheduling.PartyRequest{Name: scheduling.NewPrivate(p.Name), Phone: scheduling.NewPrivate(given(p.Phone))}
		}),
	}
	if in.Contact != nil {
		b.Contact = &scheduling.ContactRequest{
			Name:     scheduling.NewPrivate(in.Contact.Name),
			Phone:    scheduling.NewPrivate(in.Contact.Phone),
			Relation: scheduling.NewPrivate(in.Contact.Relation),
		}
	}
	return b
}

func (h handlers) cancel(c echo.Context, reference string, key *string) (scheduling.Appointment, error) {
	in, err := body[CancelRequest](c)
	if err != nil {
		return scheduling.Appointment{}, err
	}
	return h.Bookings.Cancel(c.Request().Context(), scheduling.Change{
		Actor: session.Actor(c), Idempotency: idempotency(c, key), Reference: reference,
		Reason: scheduling.NewPrivate(given(in.Reason)),
	})
}

func (h handlers) move(c echo.Context, reference, key string) (scheduling.Appointment, error) {
	in, err := body[MoveRequest](c)
	if err != nil {
		return scheduling.Appointment{}, err
	}
	return h.Bookings.Move(c.Request().Context(), scheduling.Change{
		Actor: session.Actor(c), Idempotency: idempotency(c, &key), Reference: reference, Start: in.Start, Hold: given(in.Hold),
	})
}

// citizensView is an appointment as its citizen sees it: their own entry, how
// many others, the counsellor only if they asked for one, and never the room.
func citizensView(a scheduling.Appointment) Appointment {
	loc := a.Office.Location
	out := Appointment{
		Reference: a.Reference, Office: a.Office.Code, Service: a.Service.Code, Status: string(a.Status),
		Start: a.Start.In(loc), End: a.End.In(loc), CreatedAt: a.CreatedAt.In(loc), UpdatedAt: a.UpdatedAt.In(loc),
		Parties: []Party{party(a.OwnEntry())}, Others: a.Others(),
		Needs: list(a.Needs, need), Title: optional(a.Title), Messages: !a.Silent,
	}
	if a.Wish.Counsellor != "" {
		asked := counsellor(a.Counsellor)
		out.Counsellor = &asked
	}
	return out
}

func need(n scheduling.Need) Need { return string(n) }

func party(p scheduling.PartyView) Party {
	out := Party{Name: optional(p.Name), Phone: optional(p.Phone), Attendance: optional(string(p.Attendance))}
	if p.ID != 0 {
		out.Id = optional(opaque(p.ID))
	}
	return out
}
