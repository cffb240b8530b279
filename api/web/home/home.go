// Package home finds the office: by its name, or by the place where one lives.
// It promises that nobody has to know how the office is officially called.
package home

import (
	_ "embed"
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/web/frame"
	"magpie/scheduling"
)

const (
	// listed is up to how many offices are shown to somebody who asked for none.
	listed = 20
	// shown is how many that fit a question are shown at most.
	shown = 50
)

//go:embed home.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Asked   string
	Any     bool // there are offices at all
	Search  bool // there are too many to be looked through
	Offices []*scheduling.Office
	More    bool // more fit than are shown
	All     string
}

// Show answers with the offices that fit what was asked, or with all of them
// where they are few.
func Show(c echo.Context, p frame.Page, all []*scheduling.Office, asked string) error {
	out := page{Page: p, Asked: asked, Any: len(all) > 0, Search: len(all) > listed}
	switch {
	case asked != "":
		out.Offices, out.Search = Search(all, asked), true
	case !out.Search:
		out.Offices = all
	}
	if len(out.Offices) > shown {
		out.Offices, out.More = out.Offices[:shown], true
	}
	if asked != "" && len(all) <= listed {
		out.All = "/"
	}
	return template.Show(c, http.StatusOK, out)
}
