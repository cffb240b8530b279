package calendar

import (
	"errors"
	"net/http"
	"time"

	"magpie/api/web/staff/panel"
	"magpie/scheduling"
	civil "magpie/scheduling/calendar"
)

// wanted reads where something is to lie: a start, and as far as they are named an
// end, a counsellor and a room.
func wanted(r *panel.Request) (scheduling.Change, error) {
	c := scheduling.Change{
		Actor: r.Actor, Reference: r.FormValue("reference"), Counsellor: r.FormValue("counsellor"), Room: r.FormValue("room"),
	}
	var err error
	if c.Start, err = time.ParseInLocation(local, r.FormValue("start"), r.Office.Location); err != nil {
		return c, scheduling.Invalid("start", "时间不对。", "must be a time")
	}
	if end := r.FormValue("end"); end != "" {
		if c.End, err = time.ParseInLocation(local, end, r.Office.Location); err != nil {
			return c, scheduling.Invalid("end", "时间不对。", "must be a time")
		}
	}
	return c, nil
}

// outcome is what became of a move, or would.
type outcome struct {
	OK    bool   `json:"ok"`
	Said  string `json:"said"`
	Undo  string `json:"undo,omitempty"` // the reference to take back
	Start string `json:"start,omitempty"`
}

// move moves what was dropped. A refusal is an answer like any other: the page
// puts the session back and says why.
func (s screen) move(r *panel.Request) error {
	c, err := wanted(r)
	if err != nil {
		return err
	}
	c.Idempotency = r.Once("calendar", c.Reference, r.FormValue("start"), r.FormValue("end"), c.Counsellor, c.Room)
	moved, err := s.use.Move(r.Ctx(), c)
	if err != nil {
		return refused(r, err)
	}
	said := r.Page.Say("%s：%s，%s，%s。", "%s: %s, %s, %s.", r.Page.Grouped(moved.Reference), r.Page.Moment(moved.Start), r.Page.Text(moved.Counsellor.Name), r.Page.Text(moved.Room.Name))
	return r.JSON(http.StatusOK, outcome{OK: true, Said: said, Undo: moved.Reference})
}

// undo takes the last change of a session back.
func (s screen) undo(r *panel.Request) error {
	reference := r.FormValue("reference")
	back, err := s.use.Undo(r.Ctx(), scheduling.Change{Actor: r.Actor, Reference: reference, Idempotency: r.Once("calendar undo", reference)})
	if err != nil {
		return refused(r, err)
	}
	return r.JSON(http.StatusOK, outcome{OK: true, Said: r.Page.Say("撤销了，还是%s。", "Taken back: %s as before.", r.Page.Moment(back.Start))})
}

func refused(r *panel.Request, err error) error {
	var e *scheduling.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case scheduling.CodeForbidden, scheduling.CodeUnauthenticated, scheduling.CodeNotFound, scheduling.CodeOverloaded:
		return err
	}
	said := panel.Words(r.Page, e)
	if text := r.Page.Text(e.Text); e.Code == scheduling.CodeSlotTaken && text != "" {
		said = text
	}
	return r.JSON(http.StatusOK, outcome{Said: said})
}

// check says what is in the way of a place, while something is held over it.
func (s screen) check(r *panel.Request) error {
	c, err := wanted(r)
	if err != nil {
		return err
	}
	found, err := s.use.CheckMove(r.Ctx(), c)
	if err != nil {
		return refused(r, err)
	}
	out := outcome{OK: len(found.Problems) == 0}
	for _, p := range append(found.Problems, found.Warnings...) {
		out.Said = r.Page.Text(p.Text)
		break
	}
	return r.JSON(http.StatusOK, out)
}

type places struct {
	Starts []string            `json:"starts"`
	People map[string][]string `json:"people"`
	Rooms  map[string][]string `json:"rooms"`
}

// targets answers where a session could lie on a date, so that the page knows
// while it is dragged.
func (s screen) targets(r *panel.Request) error {
	d, err := civil.ParseDate(r.QueryParam("day"))
	if err != nil {
		return scheduling.Invalid("day", "日期不对。", "must be a date")
	}
	found, err := s.use.Targets(r.Ctx(), r.Actor, r.QueryParam("reference"), d, 0)
	if err != nil {
		return refused(r, err)
	}
	clocks := func(all []time.Time) []string {
		out := make([]string, 0, len(all))
		for _, t := range all {
			out = append(out, t.In(r.Office.Location).Format(local))
		}
		return out
	}
	out := places{Starts: clocks(found.Starts), People: map[string][]string{}, Rooms: map[string][]string{}}
	for _, t := range found.Counsellors {
		out.People[t.Name] = clocks(t.Starts)
	}
	for _, t := range found.Rooms {
		out.Rooms[t.Name] = clocks(t.Starts)
	}
	return r.JSON(http.StatusOK, out)
}
