package rest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// ListHolidayYears answers GET /api/v1/staff/offices/{office}/holidays.
func (h handlers) ListHolidayYears(c echo.Context, office OfficePath, params ListHolidayYearsParams) error {
	all, err := h.Holidays.HolidayYears(c.Request().Context(), session.Actor(c), office)
	if err != nil {
		return err
	}
	zone, err := h.zone(c, office)
	if err != nil {
		return err
	}
	items, next, err := cut(all, func(y scheduling.HolidayYear) string { return strconv.Itoa(y.Year) }, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	view := func(y scheduling.HolidayYear) HolidayYear { return holidayYear(y, zone) }
	return c.JSON(http.StatusOK, HolidayYearList{Items: list(items, view), Next: next})
}

// PutHolidayYear answers PUT /api/v1/staff/offices/{office}/holidays/{year}.
func (h handlers) PutHolidayYear(c echo.Context, office OfficePath, year YearPath, params PutHolidayYearParams) error {
	in, err := body[HolidayTableRequest](c)
	if err != nil {
		return err
	}
	do := h.Holidays.ImportHolidays
	if given(params.DryRun) {
		do = h.Holidays.PreviewHolidays
	}
	p, err := do(c.Request().Context(), scheduling.HolidayImport{Actor: session.Actor(c), Office: office, Year: yearOf(year), Table: []byte(in.Table)})
	if err != nil {
		return err
	}
	differences := p.Differences
	if differences == nil {
		differences = []string{}
	}
	return c.JSON(http.StatusOK, HolidayChange{
		Applied: !given(params.DryRun), Differences: differences, Outside: list(p.Outside, bookedTime), Problems: list(p.Problems, fileProblem),
	})
}

// RemoveHolidayYear answers DELETE
// /api/v1/staff/offices/{office}/holidays/{year}.
func (h handlers) RemoveHolidayYear(c echo.Context, office OfficePath, year YearPath) error {
	if err := h.Holidays.RemoveHolidays(c.Request().Context(), session.Actor(c), office, yearOf(year)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// ListWarnings answers GET /api/v1/staff/offices/{office}/warnings.
func (h handlers) ListWarnings(c echo.Context, office OfficePath, params ListWarningsParams) error {
	all, err := h.Holidays.Warnings(c.Request().Context(), session.Actor(c), office)
	if err != nil {
		return err
	}
	items, next, err := cut(all, func(w scheduling.Warning) string { return w.Text.EN }, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	view := func(w scheduling.Warning) Warning { return Warning{Code: w.Code, Text: text(w.Text)} }
	return c.JSON(http.StatusOK, WarningList{Items: list(items, view), Next: next})
}

// yearOf is a year whose form the checker has let through.
func yearOf(year YearPath) int {
	n, _ := strconv.Atoi(year)
	return n
}

func holidayYear(y scheduling.HolidayYear, zone *time.Location) HolidayYear {
	return HolidayYear{
		Year: y.Year, BuiltIn: y.BuiltIn, Source: optional(y.Source), Author: optional(y.Author), ImportedAt: instant(y.ImportedAt, zone),
		Holidays: list(y.Holidays, func(b calendar.Break) HolidayBreak {
			return HolidayBreak{
				Name: Text{Zh: b.ZH, En: b.EN}, From: b.From.String(), To: b.To.String(),
				Makeup: list(b.Makeup, calendar.Date.String),
			}
		}),
	}
}
