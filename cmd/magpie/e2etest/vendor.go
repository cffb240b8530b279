package e2etest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// The gateways that a [Vendor] can play.
const (
	Aliyun  = "aliyun"  // Alibaba Cloud SMS
	Tencent = "tencent" // Tencent Cloud SMS
	MAS     = "mas"     // China Mobile 云MAS
	Webhook = "webhook" // a county's own, by Standard Webhooks
)

// Breaks is the answer of a vendor that reads a message and then closes the
// connection without a word: whether it has taken the message only it knows.
const Breaks = "the connection breaks"

// Sent is one message that a vendor was asked to send.
type Sent struct {
	To        string // eleven digits
	Signature string // for 云MAS its code in the console
	// Template is the approval code and Params what fills it, by name where the
	// vendor names them and by place, from 1 on, where it does not.
	Template string
	Params   map[string]string
	Text     string // of a message without a template
	// ID is our own number of the message, where the vendor is told it.
	ID string
	// GatewayID is the vendor's, of a message that it took, and Said what it
	// answered otherwise.
	GatewayID, Said string
}

// Taken says whether the vendor took the message.
func (s Sent) Taken() bool { return s.Said == "" }

// manner is how one vendor speaks, by its documents.
type manner interface {
	// settings are those of the server, for a vendor at that address.
	settings(address string) map[string]string
	// read reads a request; an error is a request that the vendor would turn
	// away, such as one that is not signed.
	read(r *http.Request, body []byte) (Sent, error)
	// answer says that a message was taken, or is refused with a code.
	answer(s Sent) (status int, body any)
	// receipt and reply are what the vendor pushes; reason is the code of a
	// failure, empty for a message that was delivered.
	receipt(s Sent, reason string, at time.Time) Push
	reply(from, text, id string, at time.Time) Push
	// heard is what the vendor wants to hear of a push.
	heard() string
}

var manners = map[string]func() manner{
	Aliyun:  func() manner { return aliyunManner{} },
	Tencent: func() manner { return tencentManner{} },
	MAS:     func() manner { return masManner{} },
	Webhook: func() manner { return webhookManner{} },
}

// Vendor plays the gateway of one vendor as the vendor's documents describe it.
// A request that the vendor would turn away fails the test.
type Vendor struct {
	Kind string
	t    testing.TB
	port int
	manner

	mu     sync.Mutex
	server *http.Server // nil: down
	says   map[string]string
	sent   []Sent
}

// NewVendor makes a vendor that takes messages. The servers that are started
// from now on have its settings, all but the ones that say which gateway is
// the first and which the second.
func NewVendor(t testing.TB, s *Site, kind string) *Vendor {
	t.Helper()
	v := &Vendor{Kind: kind, t: t, port: reservePort(t), manner: manners[kind](), says: make(map[string]string)}
	for name, value := range v.settings(v.address()) {
		if name != "MAGPIE_SMS" {
			s.Set(name, value)
		}
	}
	for _, secret := range vendorSecrets {
		s.Keep("a vendor's secret", secret)
	}
	v.Up()
	t.Cleanup(v.Down)
	return v
}

func (v *Vendor) address() string {
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(v.port))
}

// Setting is the vendor as MAGPIE_SMS takes it.
func (v *Vendor) Setting() string { return v.settings(v.address())["MAGPIE_SMS"] }

// Up listens; it does nothing if it does already.
func (v *Vendor) Up() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.server != nil {
		return
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(v.port)))
	if err != nil {
		v.t.Errorf("the port of %s: %v", v.Kind, err)
		return
	}
	v.server = &http.Server{Handler: v, ReadHeaderTimeout: patience}
	go func(s *http.Server) { _ = s.Serve(listener) }(v.server)
}

// Down refuses connections, and finishes what it has read.
func (v *Vendor) Down() {
	v.mu.Lock()
	server := v.server
	v.server = nil
	v.mu.Unlock()
	if server == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		v.t.Errorf("%s does not go down: %v", v.Kind, err)
	}
}

// Say answers messages to a number with a code from now on, and those to
// everybody else where the number is empty; an empty code takes them.
func (v *Vendor) Say(to, code string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.says[to] = code
}

// Sent are the messages to a number, or all of them where it is empty.
func (v *Vendor) Sent(to string) []Sent {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(v.sent), func(s Sent) bool { return to != "" && s.To != to })
}

// Await waits for the n-th message to a number.
func (v *Vendor) Await(t testing.TB, to string, n int) Sent {
	t.Helper()
	var found []Sent
	Eventually(t, v.Kind+" is asked to send a message", func() error {
		if found = v.Sent(to); len(found) < n {
			return fmt.Errorf("%d of %d came", len(found), n)
		}
		return nil
	})
	return found[n-1]
}

// ServeHTTP implements http.Handler.
func (v *Vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Errorf("%s: reading a request: %v", v.Kind, err)
		return
	}
	message, err := v.read(r, body)
	if err != nil {
		v.t.Errorf("%s turns a request away: %v", v.Kind, err)
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	message = v.take(message)
	if message.Said == Breaks {
		panic(http.ErrAbortHandler)
	}
	status, answer := v.answer(message)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		v.t.Errorf("%s: answering: %v", v.Kind, err)
	}
}

// take keeps a message with what is answered to it.
func (v *Vendor) take(message Sent) Sent {
	v.mu.Lock()
	defer v.mu.Unlock()
	said, ok := v.says[message.To]
	if !ok {
		said = v.says[""]
	}
	message.Said = said
	if message.Taken() {
		message.GatewayID = fmt.Sprintf("90061974693649%06d^0", len(v.sent)+1)
	}
	v.sent = append(v.sent, message)
	return message
}

// Deliver pushes the receipt of a message that reached the phone, and expects
// to hear what the vendor's document says.
func (v *Vendor) Deliver(t testing.TB, server *Server, s Sent) {
	t.Helper()
	v.Push(t, server, v.Receipt(s, ""))
}

// Fail pushes the receipt of a message that did not, with the code of a reason.
func (v *Vendor) Fail(t testing.TB, server *Server, s Sent, reason string) {
	t.Helper()
	v.Push(t, server, v.Receipt(s, reason))
}

// Receipt is the push of a receipt, with the code of a failure or with none.
func (v *Vendor) Receipt(s Sent, reason string) Push { return v.receipt(s, reason, time.Now()) }

// Reply pushes what a phone sent back; id is the vendor's, where it gives one.
func (v *Vendor) Reply(from, text, id string) Push { return v.reply(from, text, id, time.Now()) }

// Push calls the hook as the vendor does and expects to hear what it wants.
func (v *Vendor) Push(t testing.TB, server *Server, p Push) {
	t.Helper()
	a := server.Hook(t, v.Kind, p).Is(t, http.StatusOK, "")
	var got, want any
	if err := json.Unmarshal(a.Body, &got); err != nil {
		t.Fatalf("%s hears %q: %v", v.Kind, a.Body, err)
	}
	if err := json.Unmarshal([]byte(v.heard()), &want); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s hears %s, want %s", v.Kind, a.Body, v.heard())
	}
}

// posted is a push in JSON.
func posted(t any, header http.Header) Push {
	body, err := json.Marshal(t)
	if err != nil {
		panic("e2etest: a push of strings and numbers: " + err.Error())
	}
	return Push{Method: http.MethodPost, Body: body, Header: maps.Clone(header)}
}
