package staff

import (
	"context"

	"magpie/api/web/staff/appointments"
	"magpie/api/web/staff/book"
	"magpie/api/web/staff/calendar"
	"magpie/api/web/staff/calls"
	"magpie/api/web/staff/events"
	"magpie/api/web/staff/today"
	"magpie/scheduling"
)

// Use is what the pages ask of the use cases: the sum of what each screen does.
type Use interface {
	Authenticate(ctx context.Context, token string) (scheduling.Actor, error)
	Login(ctx context.Context, l scheduling.Login) (scheduling.Token, error)
	EndSession(ctx context.Context, a scheduling.Actor) error
	Refused(ctx context.Context, actor scheduling.Actor, action, subject string, code scheduling.Code) error
	OfficeByCode(ctx context.Context, code string) (*scheduling.Office, error)
	OfficeList(ctx context.Context) ([]*scheduling.Office, error)
	today.Use
	appointments.Use
	book.Use
	calendar.Use
	calls.Use
	events.Use
}
