// The section rooms.

package office

import "magpie/scheduling"

// rooms are those that were read. Where one of them could not be, nothing is
// said about a service that has no room: it may be that one's.
type rooms struct {
	list  []scheduling.Room
	sound bool
}

func (r *reader) readRooms(v value) rooms {
	before := len(r.problems)
	var out rooms
	taken := seen{}
	for _, item := range v.items(1) {
		m, ok := item.called(v.path, "code").mapping("code", "name", "kind", "seats", "accessible", "closed")
		if !ok {
			continue
		}
		room := scheduling.Room{Code: m.need("code").code(taken), Name: m.need("name").text()}
		room.Kind, _ = m.need("kind").str(maxWord)
		room.Seats, _ = m.need("seats").number(0)
		room.Accessible = m.may("accessible").flag()
		room.Closed = m.may("closed").closures()
		out.list = append(out.list, room)
	}
	out.sound = v.present() && len(r.problems) == before && !r.refused
	return out
}

// mostSeats finds the seats of the largest room of a kind.
func (rs rooms) mostSeats(kind string) (seats int, found bool) {
	for _, room := range rs.list {
		if room.Kind == kind {
			seats, found = max(seats, room.Seats), true
		}
	}
	return seats, found
}
