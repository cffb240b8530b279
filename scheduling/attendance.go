package scheduling

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Attendance says whether somebody came.
type Attendance string

// What is known of somebody's coming.
const (
	AttendanceUnknown Attendance = ""
	Came              Attendance = "came"
	Absent            Attendance = "absent"
)

// AttendanceOf says it of one party.
type AttendanceOf struct {
	Party int64
	Attendance
}

// AttendanceChange writes down who came of an appointment.
type AttendanceChange struct {
	Actor     Actor
	Reference string
	Parties   []AttendanceOf
}

// AttendanceWrite is an AttendanceChange, checked.
type AttendanceWrite struct {
	Appointment Appointment
	Parties     []AttendanceOf
	Audit       AuditEntry
	Now         time.Time
}

// SetAttendance writes down who came: for a class, where a couple may come as
// one. Who is not named stays as they were. Errors: not_found; invalid (parties);
// wrong_state where it was cancelled.
func (s *Scheduler) SetAttendance(ctx context.Context, c AttendanceChange) (Appointment, error) {
	a, err := s.Appointment(ctx, c.Actor, c.Reference)
	if err != nil {
		return Appointment{}, err
	}
	if a.Status == Cancelled {
		return Appointment{}, WrongState()
	}
	before := a.attendance()
	a.Parties = slices.Clone(a.Parties)
	for i, of := range c.Parties {
		at := slices.IndexFunc(a.Parties, func(p Party) bool { return p.ID == of.Party })
		if at < 0 {
			return Appointment{}, Invalid(fmt.Sprintf("parties[%d].id", i), "这个预约里没有这个人。", "is nobody of this appointment")
		}
		a.Parties[at].Attendance = of.Attendance
	}
	now := s.now()
	w := AttendanceWrite{Appointment: a, Parties: c.Parties, Now: now, Audit: auditOf(c.Actor, "appointment.attendance", a.Reference, now, nil, nil)}
	w.Audit.OfficeID, w.Audit.Before, w.Audit.After = a.Office.ID, before, a.attendance()
	return a, s.Courses.SetAttendance(ctx, w)
}

// attendance is what the audit says of who came: how many.
func (a Appointment) attendance() string {
	n := make(map[Attendance]int)
	for _, p := range a.Parties {
		n[p.Attendance]++
	}
	return fmt.Sprintf(`{"came":%d,"absent":%d,"unknown":%d}`, n[Came], n[Absent], n[AttendanceUnknown])
}
