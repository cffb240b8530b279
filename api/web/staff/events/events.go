// Package events tells open pages that something has changed at their office,
// by server-sent events (HTML Standard, section 9.2). It says that there is
// news, and never what: the page asks for itself what it may see.
package events

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/web/staff/panel"
	"magpie/scheduling"
)

// Path is where pages listen.
const Path = "/staff/events"

const (
	// look is how often the database is asked, once for all pages of an office.
	look = time.Second
	// beat keeps what lies between from closing a quiet connection.
	beat = 25 * time.Second
	// most is how many pages may listen to one process.
	most = 2000
)

// Use is what this package asks of the use cases.
type Use interface {
	// Mark is a value that differs once something has changed at an office.
	Mark(ctx context.Context, officeID int64) (string, error)
	Authenticate(ctx context.Context, token string) (scheduling.Actor, error)
}

// Board knows who listens. It asks only while somebody does.
type Board struct {
	use   Use
	log   *slog.Logger
	mu    sync.Mutex
	pages map[int64]map[chan string]bool // by office
	marks map[int64]string
	count int
	stop  context.CancelFunc // of the asking; nil: nobody listens
	ended chan struct{}
	once  sync.Once
}

// New is a board to which nobody listens.
func New(use Use, log *slog.Logger) *Board {
	return &Board{use: use, log: log, pages: make(map[int64]map[chan string]bool), marks: make(map[int64]string), ended: make(chan struct{})}
}

// Routes are where pages listen.
func (b *Board) Routes() []panel.Route { return []panel.Route{panel.Get(Path, b.listen)} }

// Close lets every page go. It may be called twice.
func (b *Board) Close() {
	b.once.Do(func() { close(b.ended) })
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stop != nil {
		b.stop()
		b.stop = nil
	}
}

// listen keeps a page's connection open and tells it of news.
func (b *Board) listen(r *panel.Request) error {
	news, leave, err := b.join(r.Ctx(), r.Office.ID)
	if err != nil {
		return err
	}
	defer leave()
	w := r.Response()
	for name, value := range map[string]string{echo.HeaderContentType: "text/event-stream", "X-Accel-Buffering": "no"} {
		w.Header().Set(name, value)
	}
	// A page that listens is open for hours; every write has its own time.
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("keep the connection open: %w", err)
	}
	w.WriteHeader(http.StatusOK)
	write := func(text string) error {
		if err := control.SetWriteDeadline(time.Now().Add(beat)); err != nil { //nolint:forbidigo // a deadline of the socket, by its own clock
			return fmt.Errorf("give the connection time: %w", err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			return nil //nolint:nilerr // the page was closed
		}
		return control.Flush()
	}
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case mark := <-news:
			if err := write("data: " + mark + "\n\n"); err != nil {
				return nil // the page was closed
			}
		case <-tick.C:
			if !b.still(r) || write(": still here\n\n") != nil {
				return nil
			}
		case <-r.Ctx().Done():
			return nil
		case <-b.ended:
			return nil
		}
	}
}

// still says whether the log-in lasts.
func (b *Board) still(r *panel.Request) bool {
	for _, name := range []string{"__Host-staff", "staff"} {
		if cookie, err := r.Cookie(name); err == nil {
			_, err := b.use.Authenticate(r.Ctx(), cookie.Value)
			return scheduling.CodeOf(err) != scheduling.CodeUnauthenticated
		}
	}
	return false
}

// join adds a page, which is told the present mark at once.
func (b *Board) join(ctx context.Context, office int64) (<-chan string, func(), error) {
	mark, err := b.use.Mark(ctx, office)
	if err != nil {
		return nil, nil, fmt.Errorf("read the office's mark: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.count >= most {
		return nil, nil, scheduling.Overloaded()
	}
	page := make(chan string, 1)
	page <- mark
	if b.pages[office] == nil {
		b.pages[office] = make(map[chan string]bool)
		b.marks[office] = mark
	}
	b.pages[office][page] = true
	b.count++
	if b.stop == nil {
		asking, stop := context.WithCancel(context.Background())
		b.stop = stop
		go b.ask(asking)
	}
	return page, func() { b.leave(office, page) }, nil
}

func (b *Board) leave(office int64, page chan string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.pages[office], page)
	if len(b.pages[office]) == 0 {
		delete(b.pages, office)
		delete(b.marks, office)
	}
	if b.count--; b.count == 0 && b.stop != nil {
		b.stop()
		b.stop = nil
	}
}

// ask looks every second at each office that has open pages.
func (b *Board) ask(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, office := range b.offices() {
			mark, err := b.use.Mark(ctx, office)
			if err != nil {
				if ctx.Err() == nil {
					b.log.Error("an office's mark could not be read", slog.Any("error", err))
				}
				continue
			}
			b.tell(office, mark)
		}
	}
}

func (b *Board) offices() []int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]int64, 0, len(b.pages))
	for office := range b.pages {
		out = append(out, office)
	}
	return out
}

// tell passes a mark on if it is another one. A page that has not taken the last
// one yet takes this one instead.
func (b *Board) tell(office int64, mark string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.marks[office] == mark {
		return
	}
	if _, open := b.pages[office]; !open {
		return
	}
	b.marks[office] = mark
	for page := range b.pages[office] {
		select {
		case <-page:
		default:
		}
		page <- mark
	}
}
