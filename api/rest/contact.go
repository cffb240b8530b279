package rest

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// GetContactWish answers GET /api/v1/contact.
func (h handlers) GetContactWish(c echo.Context) error { return h.contactWishOf(c, "") }

// GetContactWishFor answers GET /api/v1/staff/appointments/{reference}/contact.
func (h handlers) GetContactWishFor(c echo.Context, reference ReferencePath) error {
	return h.contactWishOf(c, reference)
}

// SetContactWish answers PUT /api/v1/contact.
func (h handlers) SetContactWish(c echo.Context) error {
	in, err := body[ContactWishRequest](c)
	if err != nil {
		return err
	}
	return h.setContactWish(c, "", given(in.NumberToken), StaffContactWishRequest{
		Number: in.Number, Email: in.Email, Text: in.Text, Call: in.Call, Mail: in.Mail, Neutral: in.Neutral,
		Hours: in.Hours, Locale: in.Locale, Reminders: in.Reminders,
	})
}

// SetContactWishFor answers PUT /api/v1/staff/appointments/{reference}/contact.
func (h handlers) SetContactWishFor(c echo.Context, reference ReferencePath) error {
	in, err := body[StaffContactWishRequest](c)
	if err != nil {
		return err
	}
	return h.setContactWish(c, reference, "", in)
}

func (h handlers) contactWishOf(c echo.Context, reference string) error {
	w, err := h.Contacts.ContactWishOf(c.Request().Context(), session.Actor(c), reference)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, contactWish(w))
}

func (h handlers) setContactWish(c echo.Context, reference, numberToken string, in StaffContactWishRequest) error {
	w, err := wished(in)
	if err != nil {
		return err
	}
	w, err = h.Contacts.SetContactWish(c.Request().Context(), scheduling.WishChange{
		Actor: session.Actor(c), Reference: reference, Wish: w, NumberToken: numberToken,
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, contactWish(w))
}

// wished reads a wish; what is left out has its default.
func wished(in StaffContactWishRequest) (scheduling.ContactWish, error) {
	out := scheduling.ContactWish{
		Number: scheduling.NewPrivate(given(in.Number)), Email: scheduling.NewPrivate(given(in.Email)),
		Text: in.Text == nil || *in.Text, Call: given(in.Call), Mail: given(in.Mail), Neutral: given(in.Neutral),
		Locale: given(in.Locale), Stopped: in.Reminders != nil && !*in.Reminders,
	}
	for i, h := range given(in.Hours) {
		from, err := calendar.ParseClock(h.From)
		if err != nil {
			return out, scheduling.Invalid(fmt.Sprintf("hours[%d].from", i), wrongForm.ZH, wrongForm.EN)
		}
		to, err := calendar.ParseClock(h.To)
		if err != nil {
			return out, scheduling.Invalid(fmt.Sprintf("hours[%d].to", i), wrongForm.ZH, wrongForm.EN)
		}
		out.Hours = append(out.Hours, messages.Window{From: from, To: to})
	}
	return out, nil
}

func contactWish(w scheduling.ContactWish) ContactWish {
	return ContactWish{
		Number: optional(w.Number.Reveal()), Email: optional(w.Email.Reveal()), Text: w.Text, Call: w.Call, Mail: w.Mail,
		Neutral: w.Neutral, Hours: list(w.Hours, reachHours), Locale: optional(w.Locale), Reminders: !w.Stopped,
	}
}

func reachHours(w messages.Window) ReachHours {
	return ReachHours{From: w.From.String(), To: w.To.String()}
}
