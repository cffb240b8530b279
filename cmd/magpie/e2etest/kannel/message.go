package kannel

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Message is one text that the centre was given, put together again.
type Message struct {
	// To is as the carrier sees it: eleven digits, with 86 before them where +86
	// was asked for.
	From, To string
	Text     string
	// Parts is how many segments it came in.
	Parts int
	// Receipt says that one was asked for, and Until how long the centre may try;
	// over Fake neither is told.
	Receipt bool
	Until   time.Time
}

// part is a segment, or a whole message, as a centre tells of it.
type part struct {
	Event    string
	From, To string
	Text     string
	Part     int
	Parts    int
	Series   int
	Receipt  bool
	Validity time.Time
}

// Sent is what the centre was given so far, whole messages in the order in which
// their last part came.
func (k *Kannel) Sent() []Message {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.sent)
}

// Await waits until the centre was given n messages that are wanted, and answers
// them.
func (k *Kannel) Await(t testing.TB, n int, what string, wanted func(Message) bool) []Message {
	t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		changed := k.next()
		found := slices.DeleteFunc(k.Sent(), func(m Message) bool { return !wanted(m) })
		if len(found) >= n {
			return found
		}
		select {
		case <-changed:
		case <-end.C:
			t.Fatalf("the centre was not given %s: %d of %d\n%s", what, len(found), n, k.lastWords())
		}
	}
}

// next is closed with the next thing that the centre tells.
func (k *Kannel) next() <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.changed
}

// note keeps a part, and the message if it is the last.
func (k *Kannel) note(p part) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer k.wake()
	if p.Parts == 1 {
		k.keep([]part{p})
		return
	}
	key := fmt.Sprintf("%s %d %d", p.To, p.Series, p.Parts)
	k.partial[key] = append(k.partial[key], p)
	if all := k.partial[key]; len(all) == p.Parts {
		delete(k.partial, key)
		slices.SortFunc(all, func(a, b part) int { return a.Part - b.Part })
		k.keep(all)
	}
}

func (k *Kannel) keep(parts []part) {
	m := Message{From: parts[0].From, To: parts[0].To, Parts: len(parts), Receipt: parts[0].Receipt, Until: parts[0].Validity}
	for _, p := range parts {
		m.Text += p.Text
	}
	k.sent = append(k.sent, m)
}

func (k *Kannel) wake() {
	close(k.changed)
	k.changed = make(chan struct{})
}

// fromSMSC reads a line of .ci/smsc.
func (k *Kannel) fromSMSC(line string) {
	var p part
	if err := json.Unmarshal([]byte(line), &p); err != nil {
		k.t.Errorf("the centre says %q", line)
		return
	}
	if p.Event == "submitted" {
		k.note(p)
		return
	}
	k.event(p.Event)
}

func (k *Kannel) event(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.events[name]++
	k.wake()
}

// fromFake reads a line of fakesmsc's log, which is
//
//	… Got message 7: <10690000 13812345678 ucs-2 %5B%89…>
func (k *Kannel) fromFake(line string) {
	if strings.Contains(line, "fakesmsc: sent message") {
		k.event("taken")
		return
	}
	_, rest, ok := strings.Cut(line, "Got message ")
	if !ok {
		return
	}
	_, rest, _ = strings.Cut(rest, "<")
	fields := strings.SplitN(strings.TrimSuffix(rest, ">"), " ", 4)
	if len(fields) != 4 {
		k.t.Errorf("fakesmsc says %q", line)
		return
	}
	p := part{From: fields[0], To: fields[1], Part: 1, Parts: 1}
	switch fields[2] {
	case "text":
		p.Text = fields[3]
	case "ucs-2":
		p.Text = utf16BE(unescape(fields[3]))
	case "udh":
		header, data, _ := strings.Cut(fields[3], " data ")
		if h := unescape(header); len(h) == 6 && h[1] == 0 {
			p.Series, p.Parts, p.Part = int(h[3]), int(h[4]), int(h[5])
		}
		// The line does not tell the coding; in UTF-16 Chinese is not UTF-8, and
		// English is every other octet nothing.
		if p.Text = unescape(data); !utf8.ValidString(p.Text) || strings.ContainsRune(p.Text, 0) {
			p.Text = utf16BE(p.Text)
		}
	}
	k.note(p)
}

// unescape reads what Kannel has escaped; as it stands where it cannot be.
func unescape(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}

func utf16BE(octets string) string {
	units := make([]uint16, len(octets)/2)
	for i := range units {
		units[i] = uint16(octets[2*i])<<8 | uint16(octets[2*i+1])
	}
	return string(utf16.Decode(units))
}

// replyOverSMPP and replyOverFake are how each centre is told that a phone has
// written.
func replyOverSMPP(from, text string) string {
	order, err := json.Marshal(map[string]any{"reply": map[string]string{"from": from, "to": sender, "text": text}})
	if err != nil {
		panic(err) // strings alone
	}
	return string(order)
}

func replyOverFake(from, text string) string { return from + " " + sender + " text " + text }

// order is what a failure looks like to .ci/smsc.
func (f Failure) order() string {
	order, err := json.Marshal(map[string]any{"next": map[string]any{
		"to": f.To, "stat": f.Stat, "err": f.Err, "refuse": f.Refuse, "silent": f.Silent,
	}})
	if err != nil {
		panic("kannel: a failure of strings and numbers: " + strconv.Quote(err.Error()))
	}
	return string(order)
}
