package visit

import "slices"

// The steps of a booking, in the order in which they are asked; and those about
// what is booked. They are names inside the program: no address shows them.
const (
	Day    = "day"
	Time   = "time"
	Lost   = "lost" // the time was taken: the nearest are offered
	Who    = "who"
	Safe   = "safe"
	Desk   = "desk" // no message at all: the desk books
	Number = "number"
	Code   = "code"
	Check  = "check"
	Done   = "done"

	Mine   = "mine"   // what is booked with the number
	Prove  = "prove"  // the code for that
	One    = "one"    // one appointment
	Cancel = "cancel" // whether to cancel it
	Reach  = "reach"  // how to be reached
	Data   = "data"   // what is kept, to take away or to delete
	Bye    = "bye"    // a page that says nothing
)

// way is the order of the questions of a booking.
var way = []string{Day, Time, Who, Safe, Number, Code, Check}

// Unasked is the first question that stands before a step and has no answer
// yet; empty: the step may be shown. proved says that a number has been proved,
// or need not be.
func (d *Draft) Unasked(step string, proved bool) string {
	if d.Booked != "" {
		if step == Done {
			return ""
		}
		return Done
	}
	if step == Done {
		step = Check
	}
	answered := map[string]bool{
		Day: d.Day != "" || !d.Start.IsZero(), Time: !d.Start.IsZero(), Who: d.Who != "" && d.Name != "", Safe: d.Reach != "", Number: proved, Code: proved,
	}
	until := slices.Index(way, step)
	for _, before := range way[:max(until, 0)] {
		if d.Moving != "" && before != Day && before != Time {
			continue // everything else is known already
		}
		if before == Number && step == Code {
			continue // the code is what proves it
		}
		if !answered[before] {
			return before
		}
	}
	return ""
}

// Next is the question to go on with: the first without an answer, or the check.
func (d *Draft) Next(proved bool) string {
	if unasked := d.Unasked(Check, proved); unasked != "" {
		return unasked
	}
	return Check
}
