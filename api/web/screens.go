package web

import (
	"context"

	"magpie/api/web/appointment"
	"magpie/api/web/cancel"
	"magpie/api/web/check"
	"magpie/api/web/code"
	"magpie/api/web/data"
	"magpie/api/web/day"
	"magpie/api/web/desk"
	"magpie/api/web/done"
	"magpie/api/web/hour"
	"magpie/api/web/lost"
	"magpie/api/web/mine"
	"magpie/api/web/number"
	"magpie/api/web/prove"
	"magpie/api/web/reach"
	"magpie/api/web/safe"
	"magpie/api/web/staff"
	"magpie/api/web/visit"
	"magpie/api/web/who"
	"magpie/scheduling"
)

// Use is what the pages ask of the use cases: the sum of what each screen does.
type Use interface {
	Authenticate(ctx context.Context, token string) (scheduling.Actor, error)
	EndSession(ctx context.Context, a scheduling.Actor) error
	OfficeByCode(ctx context.Context, code string) (*scheduling.Office, error)
	OfficeList(ctx context.Context) ([]*scheduling.Office, error)
	day.Use
	code.Use
	check.Use
	done.Use
	prove.Use
	mine.Use
	appointment.Use
	cancel.Use
	reach.Use
	data.Use
	staff.Use
}

// allScreens are the pages of a visit, by their step.
func (s *Site) allScreens() map[string]visit.Screen {
	use := s.cfg.Use
	return map[string]visit.Screen{
		visit.Day:    day.Screen{Use: use},
		visit.Time:   hour.Screen{Use: use},
		visit.Lost:   lost.Screen{Use: use},
		visit.Who:    who.Screen{Use: use},
		visit.Safe:   safe.Screen{Use: use},
		visit.Desk:   desk.Screen{},
		visit.Number: number.Screen{Use: use},
		visit.Code:   code.Screen{Use: use},
		visit.Check:  check.Screen{Use: use},
		visit.Done:   done.Screen{Use: use},
		visit.Prove:  prove.Screen{Use: use},
		visit.Mine:   proven{mine.Screen{Use: use}},
		visit.One:    proven{appointment.Screen{Use: use}},
		visit.Cancel: proven{cancel.Screen{Use: use}},
		visit.Reach:  proven{reach.Screen{Use: use}},
		visit.Data:   proven{data.Screen{Use: use}},
	}
}
