package events_test

import (
	"bufio"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/goleak"

	"magpie/api/web/staff/events"
	"magpie/api/web/staff/panel"
	"magpie/scheduling"
)

// ledger has a mark for each office, and counts how often it is asked.
type ledger struct {
	marks [3]atomic.Int64
	asked atomic.Int64
}

func (l *ledger) Mark(_ context.Context, office int64) (string, error) {
	l.asked.Add(1)
	return strconv.FormatInt(l.marks[office].Load(), 10), nil
}

func (l *ledger) Authenticate(context.Context, string) (scheduling.Actor, error) {
	return scheduling.Actor{}, nil
}

// listening is a server of a board, and what opens a page of an office there.
func listening(t *testing.T) (*ledger, *events.Board, func(office int64) *bufio.Scanner) {
	t.Helper()
	l := &ledger{}
	b := events.New(l, slog.New(slog.DiscardHandler))
	e := echo.New()
	e.GET("/:office", func(c echo.Context) error {
		office, _ := strconv.ParseInt(c.Param("office"), 10, 64)
		return b.Routes()[0].Do(&panel.Request{Context: c, Office: &scheduling.Office{ID: office}})
	})
	server := httptest.NewServer(e)
	transport := &http.Transport{}
	t.Cleanup(func() {
		b.Close()
		transport.CloseIdleConnections()
		server.Close()
		goleak.VerifyNone(t, goleak.IgnoreCurrent())
	})
	return l, b, func(office int64) *bufio.Scanner {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/"+strconv.FormatInt(office, 10), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = answer.Body.Close() })
		if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
			t.Fatalf("the kind is %q", kind)
		}
		return bufio.NewScanner(answer.Body)
	}
}

// next is the next mark that a page is told; empty: the stream has ended.
func next(s *bufio.Scanner) string {
	for s.Scan() {
		if mark, ok := strings.CutPrefix(s.Text(), "data: "); ok {
			return mark
		}
	}
	return ""
}

func TestEveryPageOfAnOfficeIsToldOfNewsAndOfNoOtherOffices(t *testing.T) {
	l, _, join := listening(t)
	first, second, elsewhere := join(1), join(1), join(2)
	for _, page := range []*bufio.Scanner{first, second, elsewhere} {
		if mark := next(page); mark != "0" {
			t.Fatalf("a page begins with %q", mark)
		}
	}
	l.marks[1].Store(7)
	if a, b := next(first), next(second); a != "7" || b != "7" {
		t.Errorf("the pages are told %q and %q", a, b)
	}
	l.marks[2].Store(9)
	if mark := next(elsewhere); mark != "9" {
		t.Errorf("the other office's page is told %q", mark)
	}
}

func TestAHundredPagesCostOneQuestionASecond(t *testing.T) {
	l, _, join := listening(t)
	for range 100 {
		next(join(1))
	}
	last := join(1)
	next(last)
	joined := l.asked.Load()
	began := time.Now()
	l.marks[1].Store(3)
	next(last)
	if asked, seconds := l.asked.Load()-joined, int64(time.Since(began)/time.Second)+2; asked > seconds {
		t.Errorf("it asked %d times in %d seconds", asked, seconds)
	}
}

func TestPagesAreLetGoWhenTheServerEnds(t *testing.T) {
	_, b, join := listening(t)
	page := join(1)
	next(page)
	b.Close()
	b.Close()
	if mark := next(page); mark != "" {
		t.Errorf("it is told %q", mark)
	}
}
