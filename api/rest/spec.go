package rest

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed openapi.yaml
var document []byte

// Schemes of the document, by the token they take.
const (
	citizenScheme = "citizen"
	staffScheme   = "staff"
)

// Spec is the OpenAPI document, read once.
type Spec struct {
	doc *openapi3.T
}

// Operation is one route of the document.
type Operation struct {
	ID string
	// Key is "METHOD /path" with the parameters in braces.
	Key string
	// Citizen and Staff say whose tokens it takes, Open whether it can do
	// without one.
	Citizen, Staff, Open bool

	operation *openapi3.Operation
}

// Load reads the document and tests it against OpenAPI 3.1.
func Load(ctx context.Context) (*Spec, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	if err := doc.Validate(ctx); err != nil {
		return nil, fmt.Errorf("validate openapi.yaml: %w", err)
	}
	return &Spec{doc: doc}, nil
}

// Document gives the document itself, to be read and not changed.
func (s *Spec) Document() *openapi3.T { return s.doc }

// JSON writes the document for GET /api/v1/openapi.json, without what only the
// generator of rest.gen.go reads.
func (s *Spec) JSON() ([]byte, error) {
	raw, err := s.doc.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("write openapi.json: %w", err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("write openapi.json: %w", err)
	}
	withoutGo(tree)
	return json.Marshal(tree)
}

// Operations lists the routes, by key.
func (s *Spec) Operations() []Operation {
	var out []Operation
	for path, item := range s.doc.Paths.Map() {
		for method, o := range item.Operations() {
			op := Operation{ID: o.OperationID, Key: method + " " + path, operation: o}
			op.readSecurity()
			out = append(out, op)
		}
	}
	slices.SortFunc(out, func(a, b Operation) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// readSecurity reads who is let in. A route that says nothing takes no token,
// and is not open either.
func (o *Operation) readSecurity() {
	if o.operation.Security == nil {
		return
	}
	o.Open = len(*o.operation.Security) == 0
	for _, way := range *o.operation.Security {
		_, citizen := way[citizenScheme]
		_, staff := way[staffScheme]
		o.Citizen = o.Citizen || citizen
		o.Staff = o.Staff || staff
		o.Open = o.Open || len(way) == 0
	}
}

// withoutGo takes the generator's extensions out of a document.
func withoutGo(node any) {
	switch n := node.(type) {
	case map[string]any:
		maps.DeleteFunc(n, func(name string, _ any) bool { return strings.HasPrefix(name, "x-go-") })
		for _, child := range n {
			withoutGo(child)
		}
	case []any:
		for _, child := range n {
			withoutGo(child)
		}
	}
}
