package api_test

import (
	"context"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

func (f *fake) CheckMove(_ context.Context, r scheduling.Change) (scheduling.MoveCheck, error) {
	return scheduling.MoveCheck{
		Problems: []scheduling.MoveProblem{{Code: scheduling.MeetsRoomBusy, Text: scheduling.Text{ZH: "有人用", EN: "taken"}}},
		Warnings: []scheduling.MoveProblem{{Code: scheduling.MeetsGender}},
		Told:     true, Start: at(9).In(shanghai), End: at(10).In(shanghai),
	}, f.note(r.Actor, r)
}

func (f *fake) Targets(_ context.Context, a scheduling.Actor, reference string, d calendar.Date, length time.Duration) (scheduling.MoveTargets, error) {
	return scheduling.MoveTargets{
		Date: d, Length: max(length, time.Hour), Starts: []time.Time{at(9).In(shanghai), at(10).In(shanghai)},
		Counsellors: []scheduling.TargetsOf{{Name: "fudao-a", Starts: []time.Time{at(9).In(shanghai)}}}, Rooms: []scheduling.TargetsOf{{Name: "fudao"}},
	}, f.note(a, reference)
}

func (f *fake) Undo(_ context.Context, r scheduling.Change) (scheduling.Appointment, error) {
	return f.change(r, scheduling.Booked)
}
