package e2etest

import (
	"fmt"
	"strings"
	"testing"
)

// rare are characters that no text of the program has, so that a name made of
// them is found wherever it turns up.
const rare = "槿栩芃烁翊珩昱嫣筠霁澍璟翀晗玥岚"

// Keep remembers what no log may hold.
func (s *Site) Keep(what, value string) {
	if value == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.private[value] = what
}

// Private are the names, numbers and notes that the test has used so far.
func (s *Site) Private() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for value, what := range s.private {
		if what == "name" || what == "phone" || what == "note" || what == "reason" || what == "number" || what == "email" {
			out = append(out, value)
		}
	}
	return out
}

// number counts what was made up so far.
func (s *Site) number() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counter++
	return s.counter
}

// NewPhone makes a number up that nobody has used in this site.
func (s *Site) NewPhone() string { return fmt.Sprintf("139%08d", 27_418_300+s.number()) }

// NewName makes a name up.
func (s *Site) NewName() string {
	characters, n := []rune(rare), s.number()
	return fmt.Sprintf("沈%c%c%03d", characters[n%len(characters)], characters[n/len(characters)%len(characters)], n)
}

// keepLog has a process's log looked through at the end, and what it prints;
// only a demonstration prints log-ins.
func (s *Site) keepLog(p *Process, printed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logs = append(s.logs, p.Stderr)
	if printed {
		s.logs = append(s.logs, p.Stdout)
	}
}

// checkLogs looks for what is private in all that the site's processes wrote.
func (s *Site) checkLogs(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, log := range s.logs {
		content := log.String()
		if strings.Contains(content, "panic:") {
			t.Errorf("a process panicked:\n%s", content)
		}
		for value, what := range s.private {
			if line, found := holds(content, value); found {
				t.Errorf("a %s is in a log: %s", what, line)
			}
		}
	}
}

// holds answers the line of a text in which a value stands by itself. A code
// of six digits within a longer number is none.
func holds(content, value string) (string, bool) {
	for rest, at := content, 0; ; {
		i := strings.Index(rest, value)
		if i < 0 {
			return "", false
		}
		from, to := at+i, at+i+len(value)
		if len(value) > 8 || !wordAt(content, from-1) && !wordAt(content, to) {
			begin := strings.LastIndexByte(content[:from], '\n') + 1
			end := to + strings.IndexByte(content[to:]+"\n", '\n')
			return content[begin:end], true
		}
		rest, at = content[to:], to
	}
}

// wordAt says whether a character belongs to a longer number or word.
func wordAt(content string, i int) bool {
	return i >= 0 && i < len(content) && strings.ContainsRune("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_:", rune(content[i]))
}
