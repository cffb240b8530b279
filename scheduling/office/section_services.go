// The section services.

package office

import (
	"time"

	"magpie/scheduling"
)

var (
	serviceKeys = []string{
		"code", "kind", "name", "room_kind", "duration", "buffer", "step", "parties", "places", "notice",
		"horizon", "change_until", "open_per_person", "reminders", "kept_for_desk",
	}
	serviceKinds = []string{"premarital", "family", "mediation", "legal"}
)

// services are those that were read, and whether their codes all could be.
type services struct {
	list  []scheduling.Service
	sound bool
}

func (r *reader) readServices(v value, rs rooms) services {
	out := services{sound: v.present()}
	taken := seen{}
	for _, item := range v.items(0) {
		m, ok := item.called(v.path, "code").mapping(serviceKeys...)
		if !ok {
			out.sound = false
			continue
		}
		s := m.service(taken)
		out.sound = out.sound && s.Code != ""
		out.list = append(out.list, s)
		m.fits(s, rs)
	}
	return out
}

func (m mapping) service(taken seen) scheduling.Service {
	s := scheduling.Service{
		Code: m.need("code").code(taken),
		Kind: m.need("kind").choice(serviceKinds...),
		Name: m.need("name").text(),
	}
	s.RoomKind, _ = m.need("room_kind").str(maxWord)
	s.Duration, _ = m.need("duration").duration(positive, onGrid, withinADay)
	s.Buffer = m.may("buffer").durationOr(0, onGrid, withinADay)
	s.Step = m.may("step").durationOr(s.Duration, positive, onGrid, withinADay)
	s.Parties = m.need("parties").parties()
	s.Places = m.may("places").numberOr(1, 1)
	s.Notice = m.may("notice").durationOr(0)
	s.Horizon, _ = m.need("horizon").duration(wholeDays)
	s.ChangeUntil = m.may("change_until").durationOr(0)
	s.OpenPerPerson = m.may("open_per_person").numberOr(0, 0)
	s.Reminders = m.may("reminders").reminders()
	s.KeptForDesk = m.may("kept_for_desk").percent()
	return s
}

func (v value) parties() scheduling.Parties {
	m, ok := v.mapping("min", "max")
	if !ok {
		return scheduling.Parties{}
	}
	least, okLeast := m.need("min").number(1)
	most, okMost := m.need("max").number(1)
	if okLeast && okMost && least > most {
		v.failf("min %d is more than max %d", least, most)
	}
	return scheduling.Parties{Min: least, Max: most}
}

// reminders are times before a start, each once.
func (v value) reminders() []time.Duration {
	var out []time.Duration
	taken := seen{}
	for _, item := range v.items(0) {
		if d, ok := item.duration(positive); ok && taken.once(item, formatLead(d)) {
			out = append(out, d)
		}
	}
	return out
}

// fits reports a service that no room can hold.
func (m mapping) fits(s scheduling.Service, rs rooms) {
	if !rs.sound || s.RoomKind == "" {
		return
	}
	seats, found := rs.mostSeats(s.RoomKind)
	switch {
	case !found:
		m.need("room_kind").failf("no room is of kind %q", s.RoomKind)
	case s.Parties.Max > seats:
		m.need("parties").failf("no room of kind %q seats %d; the largest seats %d", s.RoomKind, s.Parties.Max, seats)
	}
}
