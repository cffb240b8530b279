// Package resttest holds answers of the server against the OpenAPI document,
// for tests that drive it from outside.
//
// It promises that an answer with a status, a media type, a header that is
// required or a member that the document does not describe fails the test. It
// does not look at requests: the server does that itself.
package resttest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"magpie/api/rest"
)

// Document is the OpenAPI document, made strict: what it does not describe is
// wrong.
type Document struct {
	doc *openapi3.T
}

// Load reads the document.
func Load(t testing.TB) *Document {
	t.Helper()
	spec, err := rest.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	d := &Document{doc: spec.Document()}
	for _, schema := range d.doc.Components.Schemas {
		strict(schema.Value)
	}
	return d
}

// Schemas are the document's schemas, by name.
func (d *Document) Schemas() openapi3.Schemas { return d.doc.Components.Schemas }

// Check holds one answer against the document. The path is the one that was
// asked for, without its query.
func (d *Document) Check(t testing.TB, method, path string, status int, header http.Header, body []byte) {
	t.Helper()
	if err := d.Fault(method, path, status, header, body); err != nil {
		t.Errorf("%s %s answered %d, which the document does not describe: %v\n%s", method, path, status, err, body)
	}
}

// Fault is what is wrong with an answer; nil where nothing is. An address or a
// method that the document does not have is answered 404 or 405 and is not
// looked at further.
func (d *Document) Fault(method, path string, status int, header http.Header, body []byte) error {
	route, ok := d.route(method, path)
	if !ok {
		if status == http.StatusNotFound || status == http.StatusMethodNotAllowed {
			return nil
		}
		return fmt.Errorf("the document has no such route")
	}
	response := route.Operation.Responses.Status(status)
	if response == nil {
		return fmt.Errorf("the status is not described")
	}
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	switch {
	case len(response.Value.Content) == 0:
		if len(body) > 0 {
			return fmt.Errorf("no body is described")
		}
		return nil
	case len(body) == 0 && header.Get("Content-Type") == "" && response.Value.Content["*/*"] != nil:
		return nil // anything is described, and so is nothing
	case err != nil || response.Value.Content.Get(media) == nil:
		return fmt.Errorf("the media type %q is not described", header.Get("Content-Type"))
	case !strings.HasSuffix(media, "json"):
		return nil
	}
	return d.validate(route, path, status, header, body)
}

// Transport checks every answer that a client is given.
func (d *Document) Transport(t testing.TB, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	return transport{d, t, next}
}

type transport struct {
	document *Document
	t        testing.TB
	next     http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (c transport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if err := response.Body.Close(); err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	c.document.Check(c.t, r.Method, r.URL.Path, response.StatusCode, response.Header, body)
	return response, nil
}

func (d *Document) validate(route *routers.Route, path string, status int, header http.Header, body []byte) error {
	request, err := http.NewRequest(route.Method, path, http.NoBody)
	if err != nil {
		return err
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, Route: route},
		Status:                 status,
		Header:                 header,
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	input.SetBodyBytes(body)
	return openapi3filter.ValidateResponse(context.Background(), input)
}

// route finds the operation of a path; a segment written out goes before a
// parameter.
func (d *Document) route(method, path string) (*routers.Route, bool) {
	best, bestFixed := "", -1
	for template := range d.doc.Paths.Map() {
		if fixed, ok := matches(template, path); ok && fixed > bestFixed {
			best, bestFixed = template, fixed
		}
	}
	if best == "" {
		return nil, false
	}
	item := d.doc.Paths.Value(best)
	operation := item.GetOperation(method)
	if operation == nil {
		return nil, false
	}
	return &routers.Route{Spec: d.doc, Path: best, PathItem: item, Method: method, Operation: operation}, true
}

func matches(template, path string) (fixed int, ok bool) {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return 0, false
	}
	for i := range want {
		switch {
		case want[i] == got[i]:
			fixed++
		case !strings.HasPrefix(want[i], "{"):
			return 0, false
		}
	}
	return fixed, true
}

// strict closes an object that lists its members.
func strict(s *openapi3.Schema) {
	if s == nil {
		return
	}
	if len(s.Properties) > 0 && s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil {
		closed := false
		s.AdditionalProperties.Has = &closed
	}
	for _, property := range s.Properties {
		if property.Ref == "" {
			strict(property.Value)
		}
	}
	if s.Items != nil && s.Items.Ref == "" {
		strict(s.Items.Value)
	}
}
