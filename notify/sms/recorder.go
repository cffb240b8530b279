package sms

import (
	"context"
	"slices"
	"sync"
	"time"
)

// recorded is how many messages a Recorder keeps.
const recorded = 500

// Recorded is one message that a Recorder took.
type Recorded struct {
	At   time.Time
	To   string
	Text string
}

// Recorder is a gateway that sends nothing and keeps the last 500 messages in
// memory, numbers and texts in clear: for the demonstration's page, never for
// real numbers. It may be used by several goroutines.
type Recorder struct {
	now      func() time.Time
	mu       sync.Mutex
	messages []Recorded
}

// NewRecorder makes an empty one; now gives the time that messages bear.
func NewRecorder(now func() time.Time) *Recorder { return &Recorder{now: now} }

// Send keeps the message; it always succeeds.
func (r *Recorder) Send(_ context.Context, m Message) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.messages) == recorded {
		r.messages = slices.Delete(r.messages, 0, 1)
	}
	r.messages = append(r.messages, Recorded{r.now(), m.To, m.Text()})
	return "", nil
}

// Messages lists what was kept, newest first.
func (r *Recorder) Messages() []Recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := slices.Clone(r.messages)
	slices.Reverse(list)
	return list
}
