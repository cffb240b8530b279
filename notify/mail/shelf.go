package mail

import (
	"slices"
	"sync"
	"time"
)

// shelf keeps lines between messages, each for idleFor: to connect, agree on
// TLS and log in takes eight ways there and back, and a message three.
type shelf struct {
	idleFor time.Duration

	mu     sync.Mutex
	lines  []*line
	closed bool
}

// take gives the line that was used last, nil where there is none.
func (s *shelf) take() *line {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lines) == 0 {
		return nil
	}
	l := s.lines[len(s.lines)-1]
	s.lines = s.lines[:len(s.lines)-1]
	l.expiry.Stop()
	return l
}

// put keeps a line, or ends it where it can no longer be used.
func (s *shelf) put(l *line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || l.broken {
		l.end()
		return
	}
	s.lines = append(s.lines, l)
	l.expiry = time.AfterFunc(s.idleFor, func() { s.expire(l) })
}

// expire ends a line, unless it has been taken meanwhile.
func (s *shelf) expire(l *line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.lines, l); i >= 0 {
		s.lines = slices.Delete(s.lines, i, i+1)
		l.end()
	}
}

func (s *shelf) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, l := range s.lines {
		l.expiry.Stop()
		l.end()
	}
	s.lines = nil
}
