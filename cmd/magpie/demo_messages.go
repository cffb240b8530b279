// What the demonstration shows beside the API: the text messages.

package main

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
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

// messagePages are the pages that show the messages, with times of the zone.
// Everybody who opens them reads every code: they are for invented numbers.
func messagePages(inbox *sms.Recorder, zone *time.Location) map[string]http.Handler {
	shown := func() []shownMessage {
		out := []shownMessage{}
		for _, m := range inbox.Messages() {
			out = append(out, shownMessage{m.At.In(zone).Truncate(time.Second), m.To, m.Text, invented(m.To)})
		}
		return out
	}
	page := func(w http.ResponseWriter, _ *http.Request) {
		header(w, "text/html; charset=utf-8")
		_ = messageTemplate.Execute(w, shown()) // whoever asked may be gone
	}
	list := func(w http.ResponseWriter, _ *http.Request) {
		header(w, "application/json")
		_ = json.NewEncoder(w).Encode(map[string][]shownMessage{"items": shown()}) //nolint:errchkjson // as above; every time has four digits of year
	}
	style := func(w http.ResponseWriter, _ *http.Request) {
		header(w, "text/css; charset=utf-8")
		_, _ = w.Write(messageStyle) // as above
	}
	return map[string]http.Handler{
		"/demo/messages":      http.HandlerFunc(page),
		"/demo/messages.json": http.HandlerFunc(list),
		"/demo/messages.css":  http.HandlerFunc(style),
	}
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
