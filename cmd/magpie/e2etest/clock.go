package e2etest

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Shanghai is the offices' time zone.
var Shanghai = time.FixedZone("CST", 8*60*60)

// Begin is the present at the beginning of every test: Monday, 2 March 2026,
// 08:00 in Shanghai.
var Begin = time.Date(2026, time.March, 2, 8, 0, 0, 0, Shanghai)

// believed is a little more than the time for which the program believes an
// offset before it reads its file again.
const believed = 25 * time.Millisecond

// Clock is the present of a site's processes: the real one, moved by an offset
// of whole seconds that they read from a file. It runs on by itself.
type Clock struct {
	path   string
	mu     sync.Mutex
	offset time.Duration
}

func newClock(t testing.TB, folder string) *Clock {
	t.Helper()
	c := &Clock{path: filepath.Join(folder, "clock")}
	c.Set(t, Begin)
	return c
}

// Now is the present.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset).In(Shanghai)
}

// Set makes it that time, or up to a second later, for every process of the
// site.
func (c *Clock) Set(t testing.TB, now time.Time) {
	t.Helper()
	seconds := int64(math.Ceil(time.Until(now).Seconds()))
	c.mu.Lock()
	defer c.mu.Unlock()
	next := c.path + ".next"
	if err := os.WriteFile(next, []byte(strconv.FormatInt(seconds, 10)+"\n"), 0o600); err != nil {
		t.Fatalf("setting the clock: %v", err)
	}
	if err := os.Rename(next, c.path); err != nil {
		t.Fatalf("setting the clock: %v", err)
	}
	c.offset = time.Duration(seconds) * time.Second
	time.Sleep(believed)
}

// At is a time of day in the offices' zone, days after the beginning.
func At(days, hour, minute int) time.Time {
	return time.Date(2026, time.March, 2+days, hour, minute, 0, 0, Shanghai)
}

// Date is that day as the API writes it.
func Date(days int) string { return At(days, 0, 0).Format(time.DateOnly) }
