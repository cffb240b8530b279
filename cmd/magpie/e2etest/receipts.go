package e2etest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// ReceiptType is what a receipt says, as Kannel numbers it.
type ReceiptType int

// The types there are.
const (
	Delivered   ReceiptType = 1
	Undelivered ReceiptType = 2
)

const (
	// pushWithin bounds one push of a receipt; one in vain is repeated after
	// pushAgain, to another server.
	pushWithin = 3 * time.Second
	pushAgain  = 100 * time.Millisecond
)

// Receipt is what the gateway tells of a message that it has.
type Receipt struct {
	Type  ReceiptType
	After time.Duration // it took the message
}

// receipts pushes receipts, each until a server has taken it.
type receipts struct {
	t    testing.TB
	ctx  context.Context //nolint:containedctx // it ends the pushes, which belong to no call
	end  context.CancelFunc
	http *http.Client
	done sync.WaitGroup

	mu      sync.Mutex
	servers []string // addresses
	turn    int
	open    int                      // not taken yet
	taken   map[string][]ReceiptType // by message
}

func newReceipts(t testing.TB) *receipts {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	return &receipts{t: t, ctx: ctx, end: end, http: &http.Client{Timeout: pushWithin}, taken: make(map[string][]ReceiptType)}
}

// stop gives up what is not taken yet.
func (r *receipts) stop() {
	r.end()
	r.done.Wait()
	r.http.CloseIdleConnections()
}

// CallBack has receipts go to these servers in turn, as through a balancer,
// instead of to the one that has handed the message over.
func (g *Gateway) CallBack(servers ...*Server) {
	g.receipts.mu.Lock()
	defer g.receipts.mu.Unlock()
	for _, v := range servers {
		g.receipts.servers = append(g.receipts.servers, v.URL)
	}
}

// Owed is how many receipts no server has taken yet.
func (g *Gateway) Owed() int {
	g.receipts.mu.Lock()
	defer g.receipts.mu.Unlock()
	return g.receipts.open
}

// Reported are the receipts that a server has taken of a message, in the order
// in which they were.
func (g *Gateway) Reported(id string) []ReceiptType {
	g.receipts.mu.Lock()
	defer g.receipts.mu.Unlock()
	return slices.Clone(g.receipts.taken[id])
}

// owe has receipts of a message pushed.
func (r *receipts) owe(template string, c Call, all []Receipt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open += len(all)
	for _, one := range all {
		r.done.Go(func() { r.push(template, c, one) })
	}
}

func (r *receipts) push(template string, c Call, one Receipt) {
	address := filled(template, c, one)
	for wait := one.After; ; wait = pushAgain {
		select {
		case <-time.After(wait):
		case <-r.ctx.Done():
			return
		}
		if r.pushed(r.via(address)) {
			break
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open--
	r.taken[c.ID] = append(r.taken[c.ID], one.Type)
}

// pushed makes one call, and says whether the server has taken the receipt. A
// server may be away, and may ask to be called again; it may not refuse.
func (r *receipts) pushed(address string) bool {
	request, err := http.NewRequestWithContext(r.ctx, http.MethodGet, address, nil)
	if err != nil {
		r.t.Errorf("where a receipt is to go: %v", err)
		return true
	}
	response, err := r.http.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	if response.StatusCode >= 300 && response.StatusCode < 500 {
		r.t.Errorf("a receipt was answered %d %s", response.StatusCode, body)
	}
	return response.StatusCode < 500
}

// via is an address at the server whose turn it is.
func (r *receipts) via(address string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.servers) == 0 {
		return address
	}
	r.turn++
	_, path, _ := strings.Cut(address, "/hooks/")
	return r.servers[r.turn%len(r.servers)] + "/hooks/" + path
}

// filled is a dlr-url with what Kannel puts in for its escapes.
func filled(template string, c Call, one Receipt) string {
	reason := ""
	if one.Type == Undelivered {
		reason = "id:1 sub:001 dlvrd:000 stat:UNDELIV err:034 text:" + c.To
	}
	at := c.At.Add(one.After).Unix()
	return strings.NewReplacer("%d", strconv.Itoa(int(one.Type)), "%T", fmt.Sprint(at), "%A", url.QueryEscape(reason)).Replace(template)
}

// idIn is the program's own number of a message in its dlr-url.
func idIn(template string) string {
	_, query, _ := strings.Cut(template, "?id=")
	id, _, _ := strings.Cut(query, "&")
	return id
}
