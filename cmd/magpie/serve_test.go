package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

// buffer is a bytes.Buffer for a program that is still writing.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// running is a command that goes on until it is stopped.
type running struct {
	out, errs buffer
	address   string
	interrupt context.CancelFunc
	ended     chan int
}

// start starts serve or demo and waits until it listens.
func (m *machine) start(t *testing.T, command string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	r := &running{interrupt: cancel, ended: make(chan int, 1)}
	go func() {
		r.ended <- run(ctx, []string{command}, m.environ(), strings.NewReader(""), &r.out, &r.errs, m.clock)
	}()
	listening := regexp.MustCompile(`msg=listening address=(\S+)`)
	r.until(t, "it listens", func() bool {
		found := listening.FindStringSubmatch(r.errs.String())
		if found != nil {
			r.address = found[1]
		}
		return found != nil
	})
	t.Cleanup(cancel)
	return r
}

// until waits for something of a program that runs.
func (r *running) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		select {
		case status := <-r.ended:
			t.Fatalf("it ended with status %d before %s: %s", status, what, r.errs.String())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s: %s", what, r.errs.String())
		}
	}
}

// stop interrupts the program and gives its status.
func (r *running) stop(t *testing.T) int {
	t.Helper()
	r.interrupt()
	select {
	case status := <-r.ended:
		return status
	case <-time.After(stopWithin + 5*time.Second):
		t.Fatalf("it did not end: %s", r.errs.String())
		return 0
	}
}

func get(t *testing.T, address string) (int, string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

func TestServeAnswersUntilItIsInterruptedAndLeavesNothingRunning(t *testing.T) {
	m := newOffice(t)
	before := goleak.IgnoreCurrent()
	server := m.start(t, "serve")
	if status, body := get(t, "http://"+server.address+"/readyz"); status != http.StatusOK {
		t.Errorf("ready: %d %s", status, body)
	}
	if status, body := get(t, "http://"+server.address+"/api/v1/offices/anhua"); status != http.StatusOK || !strings.Contains(body, "安化县民政局婚姻登记处") {
		t.Errorf("the office: %d %s", status, body)
	}
	server.until(t, "what has passed was erased", func() bool { return strings.Contains(server.errs.String(), "erased what has passed its time") })
	if status := server.stop(t); status != done || !strings.Contains(server.errs.String(), "msg=stopped") {
		t.Errorf("it ended with status %d: %s", status, server.errs.String())
	}
	if out := server.out.String(); out != "" {
		t.Errorf("its log is for standard error, but standard output has %q", out)
	}
	if connection, err := net.Dial("tcp", server.address); err == nil {
		connection.Close()
		t.Error("it still listens")
	}
	goleak.VerifyNone(t, before)
}

func TestARequestUnderWayIsAnsweredWhileServeEnds(t *testing.T) {
	m := newOffice(t)
	server := m.start(t, "serve")
	connection, err := net.Dial("tcp", server.address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	const body = `{"phone":"13800138000"}`
	fmt.Fprintf(connection, "POST /api/v1/verifications HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(body))
	// The interim answer shows that the request is under way.
	interim := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
	if _, err := io.ReadFull(connection, interim); err != nil || !strings.Contains(string(interim), "100 Continue") {
		t.Fatalf("%q: %v", interim, err)
	}
	server.interrupt()
	server.until(t, "it takes no new connection", func() bool {
		other, err := net.Dial("tcp", server.address)
		if err == nil {
			other.Close()
		}
		return err != nil
	})
	fmt.Fprint(connection, body)
	answer := make([]byte, len("HTTP/1.1 202"))
	if _, err := io.ReadFull(connection, answer); err != nil || string(answer) != "HTTP/1.1 202" {
		t.Errorf("the answer is %q: %v", answer, err)
	}
	if status := server.stop(t); status != done {
		t.Errorf("it ended with status %d: %s", status, server.errs.String())
	}
}

func TestAnAddressThatIsTakenNamesItsSetting(t *testing.T) {
	m := newOffice(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, name := range []string{"MAGPIE_LISTEN", "MAGPIE_METRICS_LISTEN"} {
		m.env["MAGPIE_LISTEN"], m.env["MAGPIE_METRICS_LISTEN"] = "127.0.0.1:0", ""
		m.env[name] = taken.Addr().String()
		want := fmt.Sprintf("%[1]s: listen: listen tcp %[2]s: bind: address already in use\n", name, taken.Addr())
		if diff := cmp.Diff(result{notDone, "", want}, m.run(t, "", "serve")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestServeSaysThatTheLimitsPerAddressAreOff(t *testing.T) {
	m := newMachine(t)
	m.env["MAGPIE_RATE_LIMITS"] = "false"
	server := m.start(t, "serve")
	if status := server.stop(t); status != done || !strings.Contains(server.errs.String(), "level=WARN") || !strings.Contains(server.errs.String(), "MAGPIE_RATE_LIMITS") {
		t.Errorf("status %d: %s", status, server.errs.String())
	}
	if got := m.sql(t, "SELECT COUNT(*) FROM goose_db_version WHERE version_id > 0"); got == "0\n" {
		t.Error("serve did not make the schema in an empty database")
	}
}

func TestMetricsTellOfRequestsAndMessages(t *testing.T) {
	m := newOffice(t)
	m.env["MAGPIE_METRICS_LISTEN"] = freeAddress(t)
	server := m.start(t, "serve")
	answer, err := http.Post("http://"+server.address+"/api/v1/verifications", "application/json", strings.NewReader(`{"phone":"13800138000"}`))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	var body string
	server.until(t, "the message is counted", func() bool {
		_, body = get(t, "http://"+m.env["MAGPIE_METRICS_LISTEN"]+"/metrics")
		return strings.Contains(body, `magpie_messages_finished_total{outcome="handed_over"} 1`)
	})
	for _, want := range []string{"magpie_messages_claimed_total 1", "magpie_messages_lost_total 0", `route="/api/v1/verifications",status="202"`, "go_goroutines"} {
		if !strings.Contains(body, want) {
			t.Errorf("the metrics do not hold %s", want)
		}
	}
	if log := server.errs.String(); strings.Contains(log, "13800138000") || !strings.Contains(log, "138****8000") {
		t.Errorf("the log does not mask the number: %s", log)
	}
	if status := server.stop(t); status != done {
		t.Errorf("it ended with status %d", status)
	}
}

// freeAddress is one that nobody listens on at the moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
