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

func (f *fake) Impact(_ context.Context, q scheduling.ImpactQuery) ([]scheduling.Affected, bool, error) {
	return []scheduling.Affected{{
		Appointment: f.appointment, Rooms: []scheduling.Room{f.appointment.Room}, Times: []scheduling.Slot{slotAt(11)},
		Colleagues: []scheduling.Colleague{{Counsellor: anhua().Staff[0], Room: f.appointment.Room, GaveBefore: true, Sessions: 2}},
	}}, true, f.note(q.Actor, q)
}

func (f *fake) HandOver(_ context.Context, r scheduling.HandOverRequest) ([]scheduling.Outcome, error) {
	return []scheduling.Outcome{
		{Reference: f.appointment.Reference, What: scheduling.OutcomeDone, Appointment: &f.appointment},
		{Reference: "11112222", What: scheduling.OutcomeTaken, Refused: scheduling.SlotTaken(nil)},
	}, f.note(r.Actor, r)
}

func (f *fake) TimeOffWithPlan(ctx context.Context, r scheduling.TimeOffRequest) (scheduling.TimeOff, []scheduling.Outcome, error) {
	t, err := f.AddTimeOff(ctx, r)
	t.Hours = r.Hours
	return t, []scheduling.Outcome{{Reference: "11112222", What: scheduling.OutcomeCall}}, err
}

func (f *fake) BookSeries(_ context.Context, r scheduling.SeriesRequest) (scheduling.Series, error) {
	return scheduling.Series{ID: 9, Appointments: []scheduling.Appointment{f.appointment}}, f.note(r.Actor, r)
}

func (f *fake) SeriesOf(_ context.Context, a scheduling.Actor, reference string) (scheduling.Series, error) {
	return scheduling.Series{ID: 9, Appointments: []scheduling.Appointment{f.appointment}}, f.note(a, reference)
}

func (f *fake) CancelRest(_ context.Context, r scheduling.Change) (scheduling.Series, error) {
	return scheduling.Series{ID: 9, Appointments: []scheduling.Appointment{f.appointment}}, f.note(r.Actor, r)
}

func (f *fake) SetAttendance(_ context.Context, r scheduling.AttendanceChange) (scheduling.Appointment, error) {
	a := f.appointment
	a.Parties = append([]scheduling.Party(nil), a.Parties...)
	a.Parties[0].Attendance = scheduling.Came
	return a, f.note(r.Actor, r)
}

func (f *fake) Today(_ context.Context, a scheduling.Actor, _ string, d calendar.Date) (scheduling.DayAtDesk, error) {
	return scheduling.DayAtDesk{
		Date: max(d, december(3)), Counts: map[scheduling.Status]int{scheduling.Booked: 3, scheduling.NoShow: 1},
		Rows: []scheduling.Row{{Appointment: f.appointment, Next: []scheduling.Step{scheduling.StepCheckIn, scheduling.StepCancel}}},
	}, f.note(a, d)
}

func (f *fake) FindAtDesk(_ context.Context, q scheduling.DeskSearch) ([]scheduling.Row, error) {
	return []scheduling.Row{{Appointment: f.appointment}}, f.note(q.Actor, q)
}

func (f *fake) WalkIns(_ context.Context, a scheduling.Actor, _ string) ([]scheduling.WalkIn, error) {
	closed := &scheduling.Closed{Code: scheduling.DayFull, Text: scheduling.Text{ZH: "约满了", EN: "Fully booked"}}
	return []scheduling.WalkIn{{Service: anhua().Services[0], Slots: []scheduling.Slot{slotAt(10)}}, {Service: scheduling.Service{Code: "legal"}, Closed: closed}}, f.note(a, nil)
}

func (f *fake) TryTask(_ context.Context, t scheduling.TaskTried) error { return f.note(t.Actor, t) }

func offered() scheduling.Offer {
	return scheduling.Offer{ID: 4, Deadline: at(20), Times: []scheduling.HeldTime{{ID: 1, Session: scheduling.Session{Start: at(21), End: at(22)}}}}
}

func (f *fake) OfferTimes(_ context.Context, r scheduling.OfferRequest) (scheduling.Offer, error) {
	return offered(), f.note(r.Actor, r)
}

func (f *fake) OfferOf(_ context.Context, a scheduling.Actor, reference string) (scheduling.Appointment, scheduling.Offer, error) {
	return f.appointment, offered(), f.note(a, reference)
}

func (f *fake) WithdrawOffer(_ context.Context, a scheduling.Actor, reference string) error {
	return f.note(a, reference)
}

func (f *fake) TakeOffer(_ context.Context, r scheduling.Change) (scheduling.Appointment, error) {
	return f.change(r, scheduling.Booked)
}
