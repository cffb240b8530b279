package mail

import (
	"context"
	"errors"
	"net"
	"time"
)

// maxAnswer bounds what is read for one message, in bytes.
const maxAnswer = 1 << 20

var (
	errTooLate  = errors.New("connected too late to begin")
	errTooMuch  = errors.New("more answer than a server has to give")
	alreadyOver = time.Unix(1, 0)
)

// wire is the connection below TLS. It lets the first byte of a message's
// content out only while the message may begin: the clock is read at the last
// moment that is ours, since a process may be stopped anywhere before.
type wire struct {
	net.Conn
	clock   func() time.Time
	guarded bool
	by      time.Time
	room    int // how much may still be read
}

// obey ends every wait on the wire when ctx ends. The function it gives ends
// that, and says whether ctx was alive until then: if not, the wire is of no
// more use.
func (w *wire) obey(ctx context.Context) (release func() bool) {
	w.room = maxAnswer
	return context.AfterFunc(ctx, func() { _ = w.SetDeadline(alreadyOver) })
}

// guard says that what is written next is content, and by when it must begin;
// zero: whenever.
func (w *wire) guard(by time.Time) { w.guarded, w.by = !by.IsZero(), by }

func (w *wire) Write(p []byte) (int, error) {
	if w.guarded {
		if w.clock().After(w.by) {
			return 0, errTooLate
		}
		w.guarded = false
	}
	return w.Conn.Write(p)
}

func (w *wire) Read(p []byte) (int, error) {
	if w.room <= 0 {
		return 0, errTooMuch
	}
	n, err := w.Conn.Read(p)
	w.room -= n
	return n, err
}
