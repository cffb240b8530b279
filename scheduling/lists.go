package scheduling

import (
	"context"
	"time"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// Appointments reads appointments.
type Appointments interface {
	// ByReference answers not_found for a reference that is not used.
	ByReference(ctx context.Context, reference string) (Appointment, error)
	// OfPerson lists what was booked with a person's number, by start.
	OfPerson(ctx context.Context, person int64, p Page) ([]Appointment, string, error)
	// OfOffice lists appointments by start, then reference.
	OfOffice(ctx context.Context, q OfficeQuery) ([]Appointment, string, error)
	// ReferencesUsed is how many references are used, up to a million.
	ReferencesUsed() int
}

// OfficeQuery is a Filter with the office's numbers; zero means any.
type OfficeQuery struct {
	Office     *Office
	From, To   time.Time // half-open
	Counsellor int64
	Room       int64
	Service    int64
	Status     Status
	Page       Page
}

// Appointments lists one's own, those to come and those past.
func (s *Scheduler) Appointments(ctx context.Context, a Actor, p Page) ([]Appointment, string, error) {
	if a.Kind != Citizen {
		return nil, "", Unauthenticated()
	}
	return s.Lists.OfPerson(ctx, a.Person.ID, p)
}

// Appointment finds one that the actor may see. A reference that is wrong and
// one that is another's are the same not_found, and count alike against a
// citizen's address.
func (s *Scheduler) Appointment(ctx context.Context, a Actor, reference string) (Appointment, error) {
	found, err := s.Lists.ByReference(ctx, reference)
	if err != nil && CodeOf(err) != CodeNotFound {
		return Appointment{}, err
	}
	if err == nil && a.sees(found) {
		return found, nil
	}
	if a.Kind == Citizen && s.Settings.RateLimits {
		if err := s.count(ctx, "wrong references", a.Address, s.now(), account.WrongReferencesPerAddress); err != nil {
			return Appointment{}, err
		}
	}
	return Appointment{}, NotFound()
}

// OfficeAppointments lists an office's appointments of some dates; a
// counsellor sees their own.
func (s *Scheduler) OfficeAppointments(ctx context.Context, f Filter) ([]Appointment, string, error) {
	office, err := s.officeFor(ctx, f.Actor, f.Office)
	if err != nil {
		return nil, "", err
	}
	q, err := f.query(office)
	if err != nil {
		return nil, "", err
	}
	return s.Lists.OfOffice(ctx, q)
}

func (f Filter) query(office *Office) (OfficeQuery, error) {
	q := OfficeQuery{
		Office: office, Status: f.Status, Page: f.Page,
		From: f.From.At(0, office.Location), To: f.To.Add(1).At(0, office.Location),
	}
	if f.To < f.From {
		return q, Invalid("to", "结束日期早于开始日期。", "must not be before from")
	}
	if f.Counsellor != "" {
		member, ok := office.StaffMember(f.Counsellor)
		if !ok {
			return q, Invalid("counsellor", "没有这位老师。", "no such person")
		}
		q.Counsellor = member.ID
	}
	if f.Service != "" {
		service, ok := office.Service(f.Service)
		if !ok {
			return q, Invalid("service", "没有这项服务。", "no such service")
		}
		q.Service = service.ID
	}
	if f.Room != "" {
		room, ok := office.RoomByCode(f.Room)
		if !ok {
			return q, Invalid("room", "没有这个房间。", "no such room")
		}
		q.Room = room.ID
	}
	if f.Actor.Scope == account.Own {
		if q.Counsellor != 0 && q.Counsellor != f.Actor.StaffID {
			return q, Forbidden()
		}
		q.Counsellor = f.Actor.StaffID
	}
	return q, nil
}

// OfficeList lists every office by its code.
func (s *Scheduler) OfficeList(ctx context.Context) ([]*Office, error) { return s.Offices.List(ctx) }

// OfficeByCode finds an office. Errors: not_found.
func (s *Scheduler) OfficeByCode(ctx context.Context, code string) (*Office, error) {
	return s.Offices.Office(ctx, code)
}

// Counsellors lists those whom one may ask for. Errors: not_found for the
// office, invalid (service).
func (s *Scheduler) Counsellors(ctx context.Context, code, service string) ([]Staff, error) {
	office, err := s.Offices.Office(ctx, code)
	if err != nil {
		return nil, err
	}
	if _, ok := office.Service(service); !ok {
		return nil, Invalid("service", "没有这项服务。", "no such service")
	}
	return office.CounsellorsFor(service, "", ""), nil
}

// ThirtyDays computes the dates of a divorce application (Civil Code art.
// 1077, 200–203). Errors: invalid (received) on a day of rest or before the
// Civil Code.
func (s *Scheduler) ThirtyDays(ctx context.Context, received calendar.Date, practice calendar.Practice) (calendar.Thirty, error) {
	legal, err := s.Offices.Statutory(ctx)
	if err != nil {
		return calendar.Thirty{}, err
	}
	out, err := calendar.ThirtyDays(received, practice, legal)
	if err != nil {
		return out, Invalid("received", "这一天不是登记机关受理申请的工作日。", err.Error())
	}
	return out, nil
}
