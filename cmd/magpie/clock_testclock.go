//go:build testclock

package main

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// clockFresh is how long an offset is believed before its file is read again.
const clockFresh = 10 * time.Millisecond

// clock is the time of this machine, moved by as many seconds as stand in the
// file that MAGPIE_TEST_CLOCK names. Only tests are built with it: the shipped
// program cannot be told another time.
func clock(environ []string) func() time.Time {
	for _, variable := range environ {
		if path, ok := strings.CutPrefix(variable, "MAGPIE_TEST_CLOCK="); ok && path != "" {
			return (&movedClock{path: path}).now
		}
	}
	return time.Now
}

type movedClock struct {
	path   string
	mu     sync.Mutex
	readAt time.Time
	offset time.Duration
}

func (c *movedClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.readAt.IsZero() || now.Sub(c.readAt) > clockFresh {
		c.readAt = now
		c.read()
	}
	return now.Add(c.offset)
}

// read keeps the last offset while the file is being replaced.
func (c *movedClock) read() {
	text, err := os.ReadFile(c.path)
	if err != nil {
		return
	}
	if seconds, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
		c.offset = time.Duration(seconds) * time.Second
	}
}
