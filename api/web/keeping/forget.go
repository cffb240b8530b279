package keeping

import (
	"context"
	"errors"

	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Ends is what forgetting a visit asks of the use cases.
type Ends interface {
	ReleaseHold(ctx context.Context, c scheduling.HoldChange) error
	EndSession(ctx context.Context, a scheduling.Actor) error
}

// Forget gives back the times that a visit keeps and ends its log-in. It does
// all that it can, whatever fails on the way; the visit itself is the keeper's to
// end.
func Forget(ctx context.Context, use Ends, actor scheduling.Actor, v *visit.Visit) error {
	var errs []error
	for _, d := range v.Drafts {
		if d.Hold == "" || d.Booked != "" {
			continue
		}
		err := use.ReleaseHold(ctx, scheduling.HoldChange{Actor: actor, Office: d.Office, Secret: d.Hold})
		if scheduling.CodeOf(err) != scheduling.CodeNotFound {
			errs = append(errs, err)
		}
	}
	if actor.Kind == scheduling.Citizen {
		errs = append(errs, use.EndSession(ctx, actor))
	}
	return errors.Join(errs...)
}

// Leave forgets the visit of a request, here and in the browser.
func Leave(r *visit.Request, use Ends) error {
	ctx := r.Request().Context()
	if err := Forget(ctx, use, r.Actor, r.Visit); err != nil {
		return err
	}
	return r.Keeper.End(ctx, r.Context, r.Visit)
}
