package rest

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// weekdays are written as in the office file.
var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ListOffices answers GET /api/v1/offices.
func (h handlers) ListOffices(c echo.Context, params ListOfficesParams) error {
	all, err := h.Offices.OfficeList(c.Request().Context())
	if err != nil {
		return err
	}
	items, next, err := cut(all, func(o *scheduling.Office) string { return o.Code }, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, OfficeList{Items: list(items, office), Next: next})
}

// GetOffice answers GET /api/v1/offices/{office}.
func (h handlers) GetOffice(c echo.Context, code OfficePath) error {
	o, err := h.Offices.OfficeByCode(c.Request().Context(), code)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, office(o))
}

// ListServices answers GET /api/v1/offices/{office}/services.
func (h handlers) ListServices(c echo.Context, code OfficePath, params ListServicesParams) error {
	o, err := h.Offices.OfficeByCode(c.Request().Context(), code)
	if err != nil {
		return err
	}
	items, next, err := cut(o.Services, func(s scheduling.Service) string { return s.Code }, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, ServiceList{Items: list(items, service), Next: next})
}

// ListCounsellors answers GET /api/v1/offices/{office}/counsellors.
func (h handlers) ListCounsellors(c echo.Context, code OfficePath, params ListCounsellorsParams) error {
	all, err := h.Offices.Counsellors(c.Request().Context(), code, params.Service)
	if err != nil {
		return err
	}
	items, next, err := cut(all, func(s scheduling.Staff) string { return s.Username }, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, CounsellorList{Items: list(items, counsellor), Next: next})
}

// FindTimes answers GET /api/v1/offices/{office}/availability.
func (h handlers) FindTimes(c echo.Context, code OfficePath, params FindTimesParams) error {
	from, to, err := dates(params.From, params.To)
	if err != nil {
		return err
	}
	days, err := h.Offices.Find(c.Request().Context(), scheduling.Search{
		Office: code, Service: params.Service, From: from, To: to, Parties: given(params.Parties),
		Wish: wish(params.Counsellor, params.Gender, params.Accessible),
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, Availability{Days: list(days, day)})
}

// CountThirtyDays answers GET /api/v1/statute/thirty-days.
func (h handlers) CountThirtyDays(c echo.Context, params CountThirtyDaysParams) error {
	received, err := date("received", params.Received)
	if err != nil {
		return err
	}
	practice := calendar.RollBoth
	if params.Practice != nil {
		if practice, err = calendar.ParsePractice(*params.Practice); err != nil {
			return scheduling.Invalid("practice", wrong.ZH, wrong.EN)
		}
	}
	thirty, err := h.Offices.ThirtyDays(c.Request().Context(), received, practice)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, thirtyDays(thirty))
}

// date reads a date that the checker has let through.
func date(field string, d Date) (calendar.Date, error) {
	out, err := calendar.ParseDate(d)
	if err != nil {
		return 0, scheduling.Invalid(field, wrongDate.ZH, wrongDate.EN)
	}
	return out, nil
}

func dates(from, to Date) (first, last calendar.Date, err error) {
	if first, err = date("from", from); err != nil {
		return 0, 0, err
	}
	last, err = date("to", to)
	return first, last, err
}

func wish(counsellor *Username, gender *Gender, accessible *bool) scheduling.Wish {
	return scheduling.Wish{Counsellor: given(counsellor), Gender: given(gender), Accessible: given(accessible)}
}

func text(t scheduling.Text) Text { return Text{Zh: t.ZH, En: t.EN} }

func office(o *scheduling.Office) Office {
	out := Office{
		Code: o.Code, Name: text(o.Name), Address: text(o.Address), Phone: o.Phone, Timezone: o.Timezone,
		Hours:  list(o.Hours, openingHours),
		Help:   list(o.Help, func(h scheduling.HelpLine) HelpLine { return HelpLine{Name: text(h.Name), Phone: h.Phone} }),
		ExitTo: o.ExitTo,
	}
	if r := o.Registration; r != nil {
		out.Registration = &Registration{Link: r.Link, Note: text(r.Note)}
	}
	return out
}

func openingHours(h scheduling.Hours) OpeningHours {
	out := OpeningHours{
		Days: list(h.Days, func(d time.Weekday) string { return weekdays[d] }),
		From: h.Period.From.String(), To: h.Period.To.String(),
		ValidFrom: optionalDate(h.ValidFrom), ValidTo: optionalDate(h.ValidTo),
	}
	if h.EveryOther {
		out.Every = optional("2w")
	}
	return out
}

// optionalDate leaves out what is none.
func optionalDate(d calendar.Date) *Date {
	if d == 0 {
		return nil
	}
	return optional(d.String())
}

func service(s scheduling.Service) Service {
	out := Service{
		Code: s.Code, Kind: s.Kind, Name: text(s.Name), Places: s.Places, HorizonDays: s.HorizonDays(),
		DurationMinutes: int(s.Duration / time.Minute), NoticeMinutes: int(s.Notice / time.Minute),
	}
	out.Parties.Min, out.Parties.Max = s.Parties.Min, s.Parties.Max
	return out
}

func counsellor(s scheduling.Staff) Counsellor {
	return Counsellor{Username: s.Username, Name: text(s.Name), Gender: optional(s.Gender)}
}

func day(d scheduling.Day) Day {
	out := Day{Date: d.Date.String(), Slots: list(d.Slots, func(s scheduling.Slot) Slot {
		return Slot{Start: s.Start, End: s.End, Free: s.Free}
	})}
	if d.Closed != nil {
		out.Closed = &ClosedReason{Code: string(d.Closed.Code), Text: text(d.Closed.Text)}
	}
	return out
}

func thirtyDays(t calendar.Thirty) ThirtyDays {
	return ThirtyDays{
		WithdrawUntil: t.WithdrawUntil.String(), CertificateFrom: t.CertificateFrom.String(),
		CertificateUntil: t.CertificateUntil.String(), Provisional: t.Provisional,
		Steps: list(t.Steps, func(s calendar.Step) Step {
			return Step{Rule: Text{Zh: s.RuleZH, En: s.Rule}, Source: s.Source, Date: s.Date.String()}
		}),
	}
}
