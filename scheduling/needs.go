package scheduling

import (
	"fmt"
	"slices"
)

// Need is something that the office should prepare for whoever comes.
type Need string

// The needs one can tell; no free text is asked for.
const (
	StepFree Need = "step_free" // a room without steps; it is the wish Accessible
	Hearing  Need = "hearing"   // to be spoken to slowly, or in writing
	Child    Need = "child"     // a child comes along
)

// The titles by which somebody is spoken to: 女士 and 先生.
const (
	Ms = "ms"
	Mr = "mr"
)

// checkAsks tests what a booking asks for beyond time and place.
func (b Booking) checkAsks() error {
	for i, n := range b.Needs {
		field := fmt.Sprintf("needs[%d]", i)
		switch {
		case n != StepFree && n != Hearing && n != Child:
			return Invalid(field, "没有这一项。", "must be step_free, hearing or child")
		case slices.Contains(b.Needs[:i], n):
			return Invalid(field, "重复了。", "is given twice")
		}
	}
	if b.Title != "" && b.Title != Ms && b.Title != Mr {
		return Invalid("title", "请选女士或先生。", "must be ms or mr")
	}
	return nil
}

// wish is what is wished for, with what the needs add.
func (b Booking) wish() Wish {
	w := b.Wish
	w.Accessible = w.Accessible || slices.Contains(b.Needs, StepFree)
	return w
}
