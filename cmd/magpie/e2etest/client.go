package e2etest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"magpie/api/rest/resttest"
)

var (
	document     *resttest.Document
	documentOnce sync.Once
)

// Seen is one answer, for a test that asks what has been exercised.
type Seen struct {
	Method, Path string
	Status       int
	Code         string // of a problem
}

// Request is one request. Body is written as JSON; Raw is sent as it is.
type Request struct {
	Method, Path string
	Key          string // Idempotency-Key
	Body         any
	Raw          []byte
	Header       http.Header
}

// Answer is one answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Client asks one server on behalf of one address, with or without a token.
type Client struct {
	t      testing.TB
	site   *Site
	server *Server
	// Token is sent with every request, if there is one.
	Token string
	// Address is the client's, as the proxy before the server tells it.
	Address string
	http    *http.Client
}

// Client makes a client with an address that nobody else has.
func (v *Server) Client(t testing.TB) *Client {
	t.Helper()
	documentOnce.Do(func() { document = resttest.Load(t) })
	n := v.site.number()
	transport := &http.Transport{MaxIdleConnsPerHost: 2}
	t.Cleanup(transport.CloseIdleConnections)
	return &Client{
		t: t, site: v.site, server: v, Address: fmt.Sprintf("10.%d.%d.%d", 20+n>>16, n>>8&255, n&255),
		http: &http.Client{
			Transport: transport, Timeout: 40 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// At is the same client, asking another server.
func (c *Client) At(v *Server) *Client {
	other := *c
	other.server = v
	return &other
}

// Send asks, and holds the answer against the document. An error says that
// there was no answer.
func (c *Client) Send(ctx context.Context, r Request) (Answer, error) {
	body := r.Raw
	if r.Body != nil {
		var err error
		if body, err = json.Marshal(r.Body); err != nil {
			c.t.Errorf("writing the request: %v", err)
			return Answer{}, err
		}
		c.site.keepMembers(body, "name", "phone", "note", "reason", "password", "number", "email")
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, c.server.URL+r.Path, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	request.Header.Set("X-Forwarded-For", c.Address)
	if len(body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if r.Key != "" {
		request.Header.Set("Idempotency-Key", r.Key)
	}
	for name, values := range r.Header {
		request.Header[name] = values
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Status: response.StatusCode, Header: response.Header, Body: content}
	c.check(r, answer)
	return answer, nil
}

// check holds an answer against the document, and remembers it.
func (c *Client) check(r Request, a Answer) {
	path, _, _ := strings.Cut(r.Path, "?")
	document.Check(c.t, r.Method, path, a.Status, a.Header, a.Body)
	c.site.keepMembers(a.Body, "token", "hold")
	if a.Status == http.StatusInternalServerError && !c.site.Broken {
		c.t.Errorf("%s %s answered 500; the server's log ends with:\n%s", r.Method, path, tail(c.server.Stderr.String()))
	}
	c.site.mu.Lock()
	defer c.site.mu.Unlock()
	c.site.seen = append(c.site.seen, Seen{Method: r.Method, Path: path, Status: a.Status, Code: a.Code()})
}

// Seen are all answers of the site's servers so far.
func (s *Site) Seen() []Seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Seen(nil), s.seen...)
}

// Do asks and must be answered.
func (c *Client) Do(t testing.TB, r Request) Answer {
	t.Helper()
	a, err := c.Send(context.Background(), r)
	if err != nil {
		t.Fatalf("%s %s: %v; the server's log ends with:\n%s", r.Method, r.Path, err, tail(c.server.Stderr.String()))
	}
	return a
}

// Get asks for a path.
func (c *Client) Get(t testing.TB, path string) Answer {
	t.Helper()
	return c.Do(t, Request{Method: http.MethodGet, Path: path})
}

// Post sends a body, with an Idempotency-Key of its own.
func (c *Client) Post(t testing.TB, path string, body any) Answer {
	t.Helper()
	return c.Do(t, Request{Method: http.MethodPost, Path: path, Body: body, Key: c.site.NewKey()})
}

// Delete deletes a path.
func (c *Client) Delete(t testing.TB, path string) Answer {
	t.Helper()
	return c.Do(t, Request{Method: http.MethodDelete, Path: path})
}

// NewKey makes an Idempotency-Key.
func (s *Site) NewKey() string { return fmt.Sprintf("e2e-%d-%d", time.Now().UnixNano(), s.number()) }

// Code is the stable code of a problem, or nothing.
func (a Answer) Code() string {
	var problem struct {
		Code string `json:"code"`
	}
	if a.Status < 400 || json.Unmarshal(a.Body, &problem) != nil {
		return ""
	}
	return problem.Code
}

// String is the answer in short.
func (a Answer) String() string { return fmt.Sprintf("%d %s", a.Status, a.Body) }

// Is demands a status and, for a problem, its code.
func (a Answer) Is(t testing.TB, status int, code string) Answer {
	t.Helper()
	if a.Status != status || a.Code() != code {
		t.Fatalf("answered %s, want %d %s", a, status, code)
	}
	return a
}

// As demands a status and reads the body.
func As[T any](t testing.TB, a Answer, status int) T {
	t.Helper()
	var out T
	a.Is(t, status, "")
	if err := json.Unmarshal(a.Body, &out); err != nil {
		t.Fatalf("reading %s: %v", a, err)
	}
	return out
}

// keepMembers remembers the members of a request or an answer that no log may
// hold.
func (s *Site) keepMembers(body []byte, names ...string) {
	var value any
	if json.Unmarshal(body, &value) == nil {
		s.keepValue("", value, names)
	}
}

func (s *Site) keepValue(name string, value any, names []string) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			s.keepValue(key, inner, names)
		}
	case []any:
		for _, inner := range v {
			s.keepValue(name, inner, names)
		}
	case string:
		if slices.Contains(names, name) {
			s.Keep(name, v)
		}
	}
}

// ready asks whether the server is.
func ready(url string) error {
	response, err := http.Get(cmp.Or(url, "http://127.0.0.1:0") + "/readyz")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("/readyz answered %d", response.StatusCode)
	}
	return nil
}

// tail is the end of a log.
func tail(log string) string {
	const enough = 4000
	return log[max(0, len(log)-enough):]
}
