package notify

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"magpie/notify/mail"
	"magpie/notify/sms"
	"magpie/scheduling/messages"
)

// textForms are the forms of a text: one that asks for a reply, and one that
// does not.
func textForms(id int64) []messages.Form {
	params := []messages.Param{{Name: "name", Value: "王小明"}, {Name: "n", Value: strconv.FormatInt(id, 10)}}
	body := fmt.Sprintf("王小明您好 %d", id)
	return []messages.Form{
		{Filled: messages.Filled{Body: body + "，回复1确认", Params: params, Asks: true}, Codes: map[string]string{"aliyun": "SMS_1"}, Segments: 1},
		{Filled: messages.Filled{Body: body, Params: params}, Codes: map[string]string{"aliyun": "SMS_2", "tencent": "202"}, Segments: 1},
	}
}

// fakeGateway answers by a function of the number and keeps what came.
type fakeGateway struct {
	answer func(ctx context.Context, to string) error

	mu      sync.Mutex
	by      []time.Time            // until when each call might begin
	sent    map[string][]time.Time // accepted, by number
	asked   map[string]int         // calls, by number
	begun   []time.Time
	letters []sms.Message
	under   int
	highest int
}

func (g *fakeGateway) Send(ctx context.Context, m sms.Message) (string, error) {
	g.mu.Lock()
	g.begun = append(g.begun, time.Now())
	g.letters = append(g.letters, m)
	by, _ := sms.ConnectDeadline(ctx)
	g.by = append(g.by, by)
	if g.asked == nil {
		g.asked, g.sent = make(map[string]int), make(map[string][]time.Time)
	}
	g.asked[m.To]++
	g.under++
	g.highest = max(g.highest, g.under)
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		g.under--
		g.mu.Unlock()
	}()
	if g.answer != nil {
		if err := g.answer(ctx, m.To); err != nil {
			return "", err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sent[m.To] = append(g.sent[m.To], time.Now())
	return "id-" + m.ID, nil
}

// accepted gives when each message was accepted, and fails for one that was
// accepted twice.
func (g *fakeGateway) accepted(t *testing.T) []time.Time {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []time.Time
	for to, times := range g.sent {
		if len(times) != 1 {
			t.Errorf("%s was accepted %d times", to, len(times))
		}
		all = append(all, times...)
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

func (g *fakeGateway) calls() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.begun)
}

// fakeMailer is a mail server that keeps what came.
type fakeMailer struct {
	answer func(ctx context.Context) error

	mu      sync.Mutex
	letters []mail.Message
}

func (f *fakeMailer) Send(ctx context.Context, m mail.Message) (string, error) {
	f.mu.Lock()
	f.letters = append(f.letters, m)
	f.mu.Unlock()
	if f.answer != nil {
		if err := f.answer(ctx); err != nil {
			return "", err
		}
	}
	return "letter-" + m.ID, nil
}

// kannel and second are routes that take free text; only the first brings
// replies.
func kannel(g Gateway) Route {
	return Route{Gateway: messages.Gateway{Name: "kannel", Kind: "kannel", Replies: true}, Way: g}
}

func second(g Gateway) Route {
	return Route{Gateway: messages.Gateway{Name: "kannel-2", Kind: "kannel"}, Way: g}
}
