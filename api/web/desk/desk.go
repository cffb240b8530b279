// Package desk says how one books without any message: by telephone, or at the
// desk.
package desk

import (
	_ "embed"
	"net/http"

	"magpie/api/web/frame"
	"magpie/api/web/visit"
)

// Screen is the page.
type Screen struct{}

//go:embed desk.html
var source string

var template = frame.NewTemplate(source)

// Show says it.
func (Screen) Show(r *visit.Request) error {
	p := r.Page
	p.Back = r.To(visit.Safe)
	return template.Show(r.Context, http.StatusOK, struct{ frame.Page }{p})
}

// Take gives the draft up: nothing of it is kept.
func (Screen) Take(r *visit.Request) error {
	r.Visit.Drop(r.Draft)
	return r.GoTo("/bye")
}
