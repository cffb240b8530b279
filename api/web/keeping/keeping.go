// Package keeping keeps the time that somebody chose while they fill in the
// rest, and says what becomes of it. It promises that a time is never kept
// twice for one draft, and that a booking can go on where a time could not be
// kept: then it is simply not sure before the end.
package keeping

import (
	"context"
	"errors"
	"time"

	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Use is what this package asks of the use cases.
type Use interface {
	Hold(ctx context.Context, h scheduling.HoldRequest) (scheduling.Hold, error)
	RenewHold(ctx context.Context, c scheduling.HoldChange) (scheduling.Hold, error)
	ReleaseHold(ctx context.Context, c scheduling.HoldChange) error
}

// Choose keeps a start for the draft and gives back the one before. A start
// that is not free is slot_taken with the nearest ones; where the limits on
// holds refuse one, the draft goes on without.
func Choose(r *visit.Request, use Use, start time.Time) error {
	ctx, d := r.Request().Context(), r.Draft
	if d.Hold != "" && d.Start.Equal(start) && r.Now.Before(d.HoldUntil) && d.HoldHeads == Heads(r) {
		return nil
	}
	if err := Release(r, use); err != nil {
		return err
	}
	d.Tries++
	d.Start, d.End = start, start.Add(r.Service.Duration)
	hold, err := use.Hold(ctx, scheduling.HoldRequest{
		Actor: r.Actor, Idempotency: r.Key("hold"), Office: d.Office, Service: d.Service, Start: start,
		Parties: Heads(r), Wish: Wish(d),
	})
	switch {
	case err == nil:
		d.Hold, d.HoldUntil, d.HoldHeads, d.Renewed = hold.Secret, hold.ExpiresAt, Heads(r), r.SignedIn()
		return nil
	case limited(err):
		return nil
	}
	d.Start, d.End = time.Time{}, time.Time{}
	return err
}

// limited says that the time may be free, and that only keeping it was refused:
// by the limits per address or number.
func limited(err error) bool {
	code := scheduling.CodeOf(err)
	return code == scheduling.CodeRateLimited || code == scheduling.CodeLimitReached
}

// Release gives the draft's time back, if it is kept.
func Release(r *visit.Request, use Use) error {
	d := r.Draft
	if d.Hold == "" {
		return nil
	}
	err := use.ReleaseHold(r.Request().Context(), scheduling.HoldChange{Actor: r.Actor, Office: d.Office, Secret: d.Hold})
	if err != nil && scheduling.CodeOf(err) != scheduling.CodeNotFound {
		return err
	}
	d.Hold, d.HoldUntil, d.HoldHeads = "", time.Time{}, 0
	return nil
}

// Renew lets the time be kept ten minutes more, once, for somebody who has just
// proved a number. Where that is not possible all stays as it is.
func Renew(r *visit.Request, use Use) error {
	d := r.Draft
	if d.Hold == "" || d.Renewed || !r.SignedIn() {
		return nil
	}
	hold, err := use.RenewHold(r.Request().Context(), scheduling.HoldChange{
		Actor: r.Actor, Idempotency: r.Key("renew"), Office: d.Office, Secret: d.Hold,
	})
	var refused *scheduling.Error
	if errors.As(err, &refused) && refused.Code != scheduling.CodeOverloaded {
		return nil
	}
	if err != nil {
		return err
	}
	d.HoldUntil, d.Renewed = hold.ExpiresAt, true
	return nil
}

// Prolonging: how near its end a time is kept anew for an open page of the elder
// version, and how often. Together that is as long as a visit keeps what was
// typed.
const (
	prolongWithin = 150 * time.Second
	prolongTimes  = 3
)

// Prolong keeps the time of a draft on, while it may: once by renewing, and
// otherwise by giving it back and taking it again.
func Prolong(r *visit.Request, use Use) error {
	d := r.Draft
	if d.Hold == "" || d.Booked != "" || d.HoldUntil.Sub(r.Now) > prolongWithin || !r.Now.Before(d.HoldUntil) || d.Prolonged >= prolongTimes {
		return nil
	}
	d.Prolonged++
	if r.SignedIn() && !d.Renewed {
		return Renew(r, use)
	}
	start, end := d.Start, d.End
	if err := Release(r, use); err != nil {
		return err
	}
	err := Choose(r, use, start)
	d.Start, d.End = start, end
	var refused *scheduling.Error
	if errors.As(err, &refused) {
		return nil // it is told when it is confirmed
	}
	return err
}

// Wish is what the draft asks for beyond the time.
func Wish(d *visit.Draft) scheduling.Wish {
	return scheduling.Wish{Counsellor: d.Counsellor, Gender: d.Gender, Accessible: d.Accessible}
}

// Heads is how many people the draft is for, as far as it is known.
func Heads(r *visit.Request) int {
	n := 1
	if r.Draft.Who == visit.Together {
		n = 2
	}
	return min(max(n, r.Service.Parties.Min), r.Service.Parties.Max)
}

// Until says until when the time is kept; empty: it is not, or no longer.
func Until(r *visit.Request) string {
	d := r.Draft
	if d.Hold == "" || !r.Now.Before(d.HoldUntil) {
		return ""
	}
	if r.Page.Elder {
		return r.Page.Say("不着急，这个时间给您留着。", "Take your time: this time is kept for you.")
	}
	return r.Page.Say("这个时间给您留到%s。", "This time is kept for you until %s.", r.Page.Clock(d.HoldUntil))
}
