package scheduling

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// remember names a request by its caller, route and key. A request without a
// key is not remembered.
func remember(a Actor, i Idempotency) Remember {
	if i.Key == "" {
		return Remember{}
	}
	return Remember{
		ID:   sha256.Sum256([]byte(strings.Join([]string{a.Caller(), i.Route, i.Key}, "\x00"))),
		Body: sha256.Sum256(i.Body),
	}
}

// withAnswer adds the whole answer, which must be known before the
// transaction begins.
func (r Remember) withAnswer(v any) (Remember, error) {
	if r.None() {
		return r, nil
	}
	answer, err := json.Marshal(v)
	if err != nil {
		return r, fmt.Errorf("encode the answer: %w", err)
	}
	r.Answer = answer
	return r, nil
}

// once runs a request that may have been answered before. Any refusal is
// looked up first: what refuses a repeated booking may be the booking itself.
func once[T any](ctx context.Context, s *Scheduler, r Remember, decode func([]byte) (T, error), do func() (T, error)) (T, error) {
	out, err := do()
	if err == nil || r.None() {
		return out, err
	}
	var none T
	earlier, lookup := s.Bookings.Answer(ctx, r.ID, s.now())
	switch {
	case CodeOf(lookup) == CodeNotFound:
		if errors.Is(err, ErrAnswered) {
			return none, Overloaded()
		}
		return none, err
	case lookup != nil:
		return none, fmt.Errorf("look up the earlier answer: %w", errors.Join(lookup, err))
	case earlier.Body != r.Body:
		return none, KeyReused()
	}
	return decode(earlier.Answer)
}

// maxTries bounds how often a decision is made anew on fresh facts; with a
// pair lost each time it is far more than an office has pairs.
const maxTries = 256

// untilWon repeats a decision as long as it is lost to others.
func untilWon[T any](ctx context.Context, try func() (T, error)) (T, error) {
	var none T
	for range maxTries {
		out, err := try()
		if !errors.Is(err, ErrLost) {
			return out, err
		}
		if ctx.Err() != nil {
			return none, Overloaded()
		}
	}
	return none, Overloaded()
}
