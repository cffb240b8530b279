// Package inbox shows the text messages of the demonstration, which are not
// really sent. Whoever opens the page reads every code: the numbers are invented.
// The server of an office does not have it.
package inbox

import (
	_ "embed"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/web/frame"
)

// renewed is after how many seconds the page asks again.
const renewed = "5"

// Message is one message as page and JSON show it. At is in the office's zone,
// in whole seconds. Sample says that the number is of an invented person of the
// demonstration.
type Message struct {
	At     time.Time `json:"at"`
	To     string    `json:"to"`
	Text   string    `json:"text"`
	Sample bool      `json:"sample"`
}

// Clock is the time as the page shows it.
func (m Message) Clock() string { return m.At.Format("2006-01-02 15:04:05") }

//go:embed inbox.html
var source string

var template = frame.NewTemplate(source)

// Show answers with the messages, newest first. The header renews the page as a
// meta element would (HTML Standard, "The Refresh header").
func Show(c echo.Context, p frame.Page, all []Message) error {
	c.Response().Header().Set("Refresh", renewed)
	return template.Show(c, http.StatusOK, struct {
		frame.Page
		Messages []Message
	}{p, all})
}

// List answers with the same as JSON: {"items": […]}.
func List(c echo.Context, all []Message) error {
	if all == nil {
		all = []Message{}
	}
	return c.JSON(http.StatusOK, map[string][]Message{"items": all})
}
