package mail

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// script answers each verb as it is told; greeting and "." are steps too. drop
// ends the connection, hang waits for the end of the test. What is not told is
// answered as an ordinary server does.
type script map[string]string

const (
	drop = "drop"
	hang = "hang"
)

// stage is where a script is played.
type stage struct {
	addr net.Addr
	hung chan struct{} // one for each hang that was come to

	mu      sync.Mutex
	content strings.Builder
}

// got is what was received as content.
func (s *stage) got() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.content.String()
}

// play serves the script, with TLS from the first byte where secure is given.
func (s script) play(t testing.TB, secure *tls.Config) *stage {
	t.Helper()
	l := listen(t)
	at := &stage{addr: l.Addr(), hung: make(chan struct{}, 10)}
	var visits sync.WaitGroup
	visits.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			visits.Go(func() {
				defer conn.Close()
				defer context.AfterFunc(t.Context(), func() { conn.Close() })()
				if secure == nil {
					s.converse(t, conn, at)
					return
				}
				server := tls.Server(conn, secure)
				if server.HandshakeContext(t.Context()) == nil {
					s.converse(t, server, at)
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		visits.Wait()
	})
	return at
}

func (s script) converse(t testing.TB, c net.Conn, at *stage) {
	t.Helper()
	usual := script{
		"greeting": "220 ready", "EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 2.7.0 welcome",
		"MAIL": "250 2.1.0 so be it", "RCPT": "250 2.1.5 so be it", "DATA": "354 go on", ".": "250 2.0.0 taken", "QUIT": "221 bye",
	}
	in := bufio.NewReader(c)
	for verb := "greeting"; verb != ""; {
		answer := cmp.Or(s[verb], usual[verb], "500 5.5.1 what is that")
		switch answer {
		case drop:
			return
		case hang:
			at.hung <- struct{}{}
			<-t.Context().Done()
			return
		}
		if _, err := io.WriteString(c, answer+"\r\n"); err != nil {
			return
		}
		verb = at.listen(in, verb == "DATA" && strings.HasPrefix(answer, "354"))
	}
}

// listen gives the next verb, or the end of the content that stands before it;
// empty when the client has left.
func (s *stage) listen(in *bufio.Reader, content bool) (verb string) {
	for {
		text, err := in.ReadString('\n')
		if content && text != ".\r\n" {
			s.mu.Lock()
			s.content.WriteString(text)
			s.mu.Unlock()
		}
		if err != nil {
			return ""
		}
		if !content || text == ".\r\n" {
			verb, _, _ = strings.Cut(strings.TrimRight(text, "\r\n"), " ")
			return verb
		}
	}
}
