package scheduling

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// Challenges keeps what a sign-in in several steps was begun with: sealed, for a
// while, and to be taken once. Its id is the digest of what the browser has.
type Challenges interface {
	SaveChallenge(ctx context.Context, id Digest, kind string, data Private, expires time.Time) error
	// TakeChallenge gives it to the first who asks; not_found to all others, for
	// another kind and after its end.
	TakeChallenge(ctx context.Context, id Digest, kind string, now time.Time) (Private, error)
}

// The kinds of challenges.
const (
	addPasskeyChallenge  = "passkey.add"
	showPasskeyChallenge = "passkey.show"
)

// begun keeps a beginning and answers what it is taken up by.
func (s *Scheduler) begun(ctx context.Context, kind string, what any, until time.Time) (string, error) {
	id := base64.RawURLEncoding.EncodeToString(randomBytes(24))
	return id, s.keep(ctx, id, kind, what, until)
}

func challengeOf(what any) (Private, error) {
	data, err := json.Marshal(what)
	if err != nil {
		return Private{}, fmt.Errorf("write a challenge: %w", err)
	}
	return NewPrivate(string(data)), nil
}

// keep keeps something for whoever has the id already.
func (s *Scheduler) keep(ctx context.Context, id, kind string, what any, until time.Time) error {
	data, err := challengeOf(what)
	if err != nil {
		return err
	}
	if err := s.Challenges.SaveChallenge(ctx, tokenDigest(id), kind, data, until); err != nil {
		return fmt.Errorf("keep a challenge: %w", err)
	}
	return nil
}

// takeUp goes on with what was begun; not ok: there is no such beginning, or it
// was taken up already.
func (s *Scheduler) takeUp(ctx context.Context, kind, id string, what any) (ok bool, err error) {
	data, err := s.Challenges.TakeChallenge(ctx, tokenDigest(id), kind, s.now())
	if CodeOf(err) == CodeNotFound {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("take a challenge: %w", err)
	}
	if err := json.Unmarshal([]byte(data.Reveal()), what); err != nil {
		return false, fmt.Errorf("read a challenge: %w", err)
	}
	return true, nil
}
