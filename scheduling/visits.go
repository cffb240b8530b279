package scheduling

import (
	"context"
	"time"
)

// Visit is what somebody is filling in on the pages, as the pages wrote it down.
type Visit struct {
	// Version is that which was read; 0: the visit is new.
	Version int64
	// Data is at most 16 KB.
	Data      Private
	ExpiresAt time.Time
}

// Visits keeps visits for a while, sealed. A visit's id is the SHA-256 of the
// secret in the browser's cookie: who has the database alone can show none.
type Visits interface {
	// Visit answers not_found for one that is unknown or has ended.
	Visit(ctx context.Context, id Digest, now time.Time) (Visit, error)
	// SaveVisit creates a visit (Version 0) or takes the place of the version that
	// was read; the saved one's is the next. ErrLost: another request wrote it or
	// ended it meanwhile, and nothing was saved.
	SaveVisit(ctx context.Context, id Digest, v Visit) error
	// EndVisit forgets a visit at once, on every replica.
	EndVisit(ctx context.Context, id Digest) error
}
