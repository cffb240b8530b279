package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// row is a message in the fake queue.
type row struct {
	Message
	claimed  bool
	leaseEnd time.Time
	final    bool
	outcome  Outcome
	detail   string
	nextTry  time.Time
	result   Result // the last one written
}

// fakeQueue is a queue in memory, on the clock of the test's bubble. The hooks
// run before each call and outside the lock.
type fakeQueue struct {
	onClaim, onFinish, onRecover func() error

	mu       sync.Mutex
	rows     []*row
	claims   []int // the limits asked for
	finishes []int // the sizes of batches written
	recovers int
	token    int64
}

var errDown = errors.New("database is down")

func (q *fakeQueue) add(n int, due, until time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for range n {
		id := int64(len(q.rows) + 1)
		q.rows = append(q.rows, &row{Message: Message{
			ID: id, Kind: "reminder", Office: "anhua", DueAt: due, Until: until,
			To: fmt.Sprintf("138%08d", id), Signature: "某县民政局", Forms: textForms(id),
		}})
	}
}

func (q *fakeQueue) Claim(ctx context.Context, limit int) ([]Message, error) {
	if q.onClaim != nil {
		if err := q.onClaim(); err != nil {
			return nil, err
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.claims = append(q.claims, limit)
	now := time.Now()
	var taken []Message
	for _, r := range q.rows {
		if len(taken) == limit {
			break
		}
		if r.final || r.claimed || r.DueAt.After(now) || r.nextTry.After(now) {
			continue
		}
		q.token++
		r.claimed, r.leaseEnd = true, now.Add(Lease)
		r.Claim, r.Attempt = q.token, r.Attempt+1
		taken = append(taken, r.Message)
	}
	if ctx.Err() != nil { // committed, and the answer is lost
		return nil, ctx.Err()
	}
	return taken, nil
}

func (q *fakeQueue) Finish(_ context.Context, results []Result) error {
	if q.onFinish != nil {
		if err := q.onFinish(); err != nil {
			return err
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.finishes = append(q.finishes, len(results))
	for _, res := range results {
		r := q.rows[res.ID-1]
		if r.Claim != res.Claim || !r.claimed {
			continue
		}
		r.claimed, r.outcome, r.detail, r.nextTry, r.result = false, res.Outcome, res.Detail, res.NextTry, res
		r.final = res.Outcome != RetryLater && res.Outcome != GivenBack
	}
	return nil
}

func (q *fakeQueue) RecoverLost(context.Context) (int, error) {
	q.mu.Lock()
	q.recovers++
	q.mu.Unlock()
	if q.onRecover != nil {
		if err := q.onRecover(); err != nil {
			return 0, err
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, r := range q.rows {
		if r.claimed && !r.leaseEnd.After(time.Now()) {
			r.claimed, r.final, r.outcome = false, true, Unknown
			n++
		}
	}
	return n, nil
}

func (q *fakeQueue) row(id int) row {
	q.mu.Lock()
	defer q.mu.Unlock()
	return *q.rows[id-1]
}

func (q *fakeQueue) states() map[string]int {
	q.mu.Lock()
	defer q.mu.Unlock()
	m := make(map[string]int)
	for _, r := range q.rows {
		switch {
		case r.claimed:
			m["claimed"]++
		case r.final:
			m[r.outcome.String()]++
		default:
			m["planned"]++
		}
	}
	return m
}

// safeBuffer is a log that goroutines may write.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newWorker works with one gateway, and its log is at the finest level.
func newWorker(q Queue, g Gateway) (*Worker, *safeBuffer) {
	return workerOf(Config{Queue: q, Routes: []Route{kannel(g)}})
}

func workerOf(c Config) (*Worker, *safeBuffer) {
	out := &safeBuffer{}
	c.Now = time.Now
	c.Log = slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return New(c), out
}
