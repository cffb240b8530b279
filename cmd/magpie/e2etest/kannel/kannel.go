package kannel

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

// patience is how long a test waits for what should come within a second or
// two: the machine is small and busy.
const patience = 30 * time.Second

// Over is what stands for the carrier.
type Over int

// The carriers there are.
const (
	// Fake is Kannel's own smsc=fake with the program fakesmsc: every message is
	// delivered. What it was given is noticed within a second.
	Fake Over = iota
	// SMPP is a bind to the centre of .ci/smsc, which can also fail.
	SMPP
)

// Options of one Kannel.
type Options struct {
	Over Over
	// Hook is the address for replies, as far as its secret; empty: replies go
	// nowhere. The one for receipts comes with each message.
	Hook string
	// InMemory keeps nothing in files, which saves bearerbox a millisecond a
	// message, for tests of speed: Down and Kill then lose what is owed.
	InMemory bool
}

// Failure is what shall become of a message, over SMPP.
type Failure struct {
	// To is the end of the number that is meant; empty: whoever is next.
	To string
	// Stat and Err are what the receipt says, such as UNDELIV and 034.
	Stat, Err string
	// Refuse is the status with which the centre refuses the message, such as 11
	// (0x0b, invalid destination); then there is no receipt.
	Refuse int
	// Silent is a message whose receipt never comes.
	Silent bool
}

// Kannel is one bearerbox, one smsbox and a centre.
type Kannel struct {
	t        testing.TB
	over     Over
	programs programs
	folder   string
	ports    ports
	watch    *watch

	centre            *process // fakesmsc is started anew with bearerbox, .ci/smsc stays
	bearerbox, smsbox *process
	replying          sync.Mutex

	mu      sync.Mutex
	sent    []Message
	partial map[string][]part
	events  map[string]int
	changed chan struct{}
}

// Start starts Kannel, and returns when it takes messages and has its carrier.
// It ends with the test.
//
// Where Kannel is not installed, or over SMPP Node, the test is left out.
// MAGPIE_TEST_KANNEL changes that: "required" makes it fail, "off" leaves the
// test out even where Kannel is installed.
func Start(t testing.TB, o Options) *Kannel {
	t.Helper()
	programs, folder := require(t, o.Over), t.TempDir()
	k := &Kannel{
		t: t, over: o.Over, programs: programs, folder: folder, watch: newWatch(t, folder),
		partial: map[string][]part{}, events: map[string]int{}, changed: make(chan struct{}),
	}
	k.ports = ports{e2etest.FreePort(t), e2etest.FreePort(t), e2etest.FreePort(t), e2etest.FreePort(t)}
	if err := k.configure(o); err != nil {
		t.Fatalf("configuring kannel: %v", err)
	}
	t.Cleanup(func() {
		k.Down()
		if k.centre != nil {
			k.centre.end()
		}
	})
	if k.over == SMPP {
		k.CarrierUp()
	}
	k.Up()
	return k
}

// Setting is this Kannel as MAGPIE_SMS takes it.
func (k *Kannel) Setting() string {
	return "kannel+http://" + account + ":" + password + "@" + local(k.ports.sendsms) + "/cgi-bin/sendsms"
}

// Up starts the boxes after Down or Kill, on what they had stored, and returns
// when messages are taken and handed on.
func (k *Kannel) Up() {
	k.t.Helper()
	ignore := func(string) {} // each box has a log of its own
	k.bearerbox = k.begin(k.folder, ignore, k.programs.bearerbox, "-v", "4", k.file())
	k.await("bearerbox listens", func() bool { return k.status() != "" })
	k.smsbox = k.begin(k.folder, ignore, k.programs.smsbox, "-v", "4", k.file())
	if k.over == Fake {
		k.centre = k.begin(k.folder, k.fromFake, k.programs.fakesmsc, "-H", "127.0.0.1", "-r", strconv.Itoa(k.ports.smsc), "-i", "0", "-v", "0")
	}
	k.await("kannel is ready", func() bool {
		status := k.status()
		return strings.Contains(status, "(online") && strings.Contains(status, "smsbox:") && k.answers()
	})
}

// Down ends the boxes in an orderly way; it does nothing if they are down.
func (k *Kannel) Down() { k.stop((*process).end) }

// Kill ends the boxes with SIGKILL, as a power cut would.
func (k *Kannel) Kill() { k.stop((*process).kill) }

func (k *Kannel) stop(how func(*process)) {
	for _, p := range []*process{k.smsbox, k.bearerbox} {
		if p != nil {
			how(p)
		}
	}
	if k.over == Fake && k.centre != nil {
		k.centre.kill() // it ends with bearerbox, but takes its time
	}
}

// CarrierUp starts the centre after CarrierDown, and returns when it listens;
// Kannel binds within a second or two.
func (k *Kannel) CarrierUp() {
	k.t.Helper()
	before := k.happened("listening")
	k.centre = k.begin(k.programs.smsc, k.fromSMSC, k.programs.node, "smsc.js", strconv.Itoa(k.ports.smsc))
	k.await("the centre listens", func() bool { return k.happened("listening") > before })
}

// CarrierDown ends the centre, over SMPP alone: what Kannel takes is kept there.
func (k *Kannel) CarrierDown() {
	k.t.Helper()
	if k.over == Fake {
		k.t.Fatal("fakesmsc lives as long as bearerbox: a carrier that is down needs SMPP")
	}
	k.centre.kill()
	k.await("kannel has noticed", func() bool { return !strings.Contains(k.status(), "(online") })
}

// Reply is a text that a phone sends back, from a number as the carrier writes
// it. It returns when the centre has handed it on, which is before the hook is
// called.
func (k *Kannel) Reply(from, text string) {
	k.t.Helper()
	k.replying.Lock() // fakesmsc loses a line that comes before it has read the last
	defer k.replying.Unlock()
	before := k.happened("taken")
	if k.over == Fake {
		k.tell(replyOverFake(from, text))
	} else {
		k.tell(replyOverSMPP(from, text))
	}
	k.await("the reply is taken", func() bool { return k.happened("taken") > before })
}

// FailNext says what shall become of the next message; over SMPP alone.
func (k *Kannel) FailNext(f Failure) {
	k.t.Helper()
	if k.over == Fake {
		k.t.Fatal("fakesmsc delivers every message: failures need SMPP")
	}
	k.tell(f.order())
}

func (k *Kannel) tell(line string) {
	k.t.Helper()
	if _, err := io.WriteString(k.centre.input, line+"\n"); err != nil {
		k.t.Fatalf("telling the centre: %v", err)
	}
}

func (k *Kannel) happened(event string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.events[event]
}

// await asks until it is so.
func (k *Kannel) await(what string, so func() bool) {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for !so() {
		select {
		case <-again.C:
		case <-ctx.Done():
			k.t.Fatalf("waited in vain until %s\n%s", what, k.lastWords())
		}
	}
}

// status is bearerbox's page, empty while there is none.
func (k *Kannel) status() string {
	_, body := get("http://" + local(k.ports.admin) + "/status.txt?password=" + adminPassword)
	return body
}

// answers says that smsbox listens: without a name it lets nobody in.
func (k *Kannel) answers() bool {
	status, _ := get("http://" + local(k.ports.sendsms) + "/cgi-bin/sendsms")
	return status == http.StatusForbidden
}

func get(address string) (status int, body string) {
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(address)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	return resp.StatusCode, string(content)
}

// lastWords is the end of each box's log.
func (k *Kannel) lastWords() string {
	var out strings.Builder
	for _, name := range []string{"bearerbox.log", "smsbox.log"} {
		content, err := os.ReadFile(filepath.Join(k.folder, name))
		if err != nil {
			content = []byte(err.Error())
		}
		const enough = 2000
		fmt.Fprintf(&out, "%s:\n%s\n", name, bytes.TrimSpace(content[max(0, len(content)-enough):]))
	}
	return out.String()
}
