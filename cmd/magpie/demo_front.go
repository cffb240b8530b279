// What the demonstration shows beside the API: the text messages.

package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"magpie/notify/sms"
)

//go:embed demo/messages.html
var messagePage string

//go:embed demo/messages.css
var messageStyle []byte

var messageTemplate = template.Must(template.New("messages").Parse(messagePage))

// shownMessage is one message as page and JSON show it. Sample says that the
// number is of an invented person of the demonstration.
type shownMessage struct {
	At     time.Time `json:"at"`
	To     string    `json:"to"`
	Text   string    `json:"text"`
	Sample bool      `json:"sample"`
}

// Clock is the time as the page shows it.
func (m shownMessage) Clock() string { return m.At.Format("2006-01-02 15:04:05") }

// withMessagePage serves the messages under /demo/, and all else from the API.
// Times are those of the zone. Everybody who opens the page reads every code: it is for invented numbers.
func withMessagePage(api http.Handler, inbox *sms.Recorder, zone *time.Location) http.Handler {
	shown := func() []shownMessage {
		out := []shownMessage{}
		for _, m := range inbox.Messages() {
			out = append(out, shownMessage{m.At.In(zone).Truncate(time.Second), m.To, m.Text, invented(m.To)})
		}
		return out
	}
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.HandleFunc("GET /demo/messages", func(w http.ResponseWriter, _ *http.Request) {
		header(w, "text/html; charset=utf-8")
		_ = messageTemplate.Execute(w, shown()) // whoever asked may be gone
	})
	mux.HandleFunc("GET /demo/messages.json", func(w http.ResponseWriter, _ *http.Request) {
		header(w, "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"items": shown()}) // as above
	})
	mux.HandleFunc("GET /demo/messages.css", func(w http.ResponseWriter, _ *http.Request) {
		header(w, "text/css; charset=utf-8")
		_, _ = w.Write(messageStyle) // as above
	})
	return mux
}

// header sets what every page of the demonstration has: no script at all, and
// style from here alone.
func header(w http.ResponseWriter, contentType string) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// front is the demonstration's server: the API's does not know its pages.
type front struct {
	address  string
	server   *http.Server
	log      *slog.Logger
	listener net.Listener
	running  sync.WaitGroup
}

func newFront(address string, h http.Handler, log *slog.Logger) *front {
	return &front{address: address, log: log, server: &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}
}

// Start listens and answers until Stop.
func (f *front) Start(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", f.address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	f.listener = listener
	f.running.Go(func() {
		if err := f.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			f.log.Error("server ended", "error", err)
		}
	})
	return nil
}

// Addr is the address taken; nil before Start.
func (f *front) Addr() net.Addr {
	if f.listener == nil {
		return nil
	}
	return f.listener.Addr()
}

// Stop answers what is under way and returns; when ctx ends first, the rest is
// cut off. It may be called again.
func (f *front) Stop(ctx context.Context) error {
	err := f.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("answer what is under way: %w", err), f.server.Close())
	}
	f.running.Wait()
	return err
}
