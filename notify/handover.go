package notify

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"magpie/notify/sms"
	"magpie/scheduling/messages"
)

// noApproval is why a gateway that sends approved templates is not asked.
const noApproval = "no approved template code of this text"

// handOver decides whether a message may still go, and lets it.
func (r *run) handOver(ctx context.Context, m Message, asked time.Time) Result {
	result := Result{Message: m}
	switch {
	case ctx.Err() != nil:
		return result.with(GivenBack, "the worker is stopping")
	case r.w.clock().Sub(asked) > BeginWithin:
		return result.with(GivenBack, "claimed too late to begin")
	case !r.w.cfg.Now().Before(m.Until):
		return result.with(Expired, "its validity has ended")
	case m.Mail == nil && (m.To == "" || len(m.Forms) == 0), m.Mail != nil && r.w.cfg.Mailer == nil:
		return result.with(Failed, "no number, no text or no way to send it")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), CallTimeout)
	defer cancel()
	ctx = sms.ConnectBy(ctx, asked.Add(BeginWithin))
	if m.Mail != nil {
		return r.mail(ctx, result)
	}
	return r.text(ctx, result, asked)
}

func (r *run) mail(ctx context.Context, result Result) Result {
	tried := refusals{of: 1}
	err := r.call(&result, r.w.board.mail(), func() (string, error) { return r.w.cfg.Mailer.Send(ctx, *result.Mail) })
	if err == nil {
		return result.with(HandedOver, "")
	}
	tried.add(MailRoute, err)
	return r.refused(result, err.Class, tried)
}

// text asks the gateways one after the other: the next one only where the one
// before surely did not take the message, and only while a call may begin.
func (r *run) text(ctx context.Context, result Result, asked time.Time) Result {
	m := result.Message
	able, tried := r.able(m)
	class := sms.RetryLater
	for round := r.w.board.round(m.Prefers, able); ; {
		t, ok := round.next()
		if !ok {
			break
		}
		result.Form = t.Choose(m.Forms)
		letter := m.letter(result.Form, m.Until.Sub(r.w.cfg.Now()))
		err := r.call(&result, t, func() (string, error) { return t.Way.Send(ctx, letter) })
		if err == nil {
			return result.with(HandedOver, "")
		}
		tried.add(t.Name, err)
		if class = err.Class; outcomeOf(class) != RetryLater || !r.mayBegin(m, asked) {
			break
		}
	}
	return r.refused(result, class, tried)
}

func (r *run) mayBegin(m Message, asked time.Time) bool {
	return r.w.clock().Sub(asked) <= BeginWithin && r.w.cfg.Now().Before(m.Until)
}

// able gives the gateways that can carry a message. One that sends approved
// templates alone and has no code for this text cannot, which is nothing against
// the gateway.
func (r *run) able(m Message) ([]Route, refusals) {
	var out []Route
	var tried refusals
	for _, route := range r.w.cfg.Routes {
		if route.Templated && m.Forms[route.Choose(m.Forms)].Codes[route.Kind] == "" {
			r.w.board.lacks(route.Name)
			tried.note(route.Name, sms.SetUp, noApproval)
			continue
		}
		out = append(out, route)
	}
	tried.of = len(out)
	return out, tried
}

// call makes one call and keeps what came of it.
func (r *run) call(result *Result, t turn, send func() (string, error)) *sms.Error {
	id, err := guarded(send)
	r.w.board.went(t, err)
	r.w.stats.called(t.Name, err)
	result.Gateway = t.Name
	if err == nil {
		result.GatewayID = id
	}
	return err
}

// guarded makes a call whose error always has a class. What panics or gives
// another error may have happened anywhere, and its text may hold anything.
func guarded(call func() (string, error)) (id string, failed *sms.Error) {
	defer func() {
		if recover() != nil {
			failed = &sms.Error{Class: sms.Uncertain, Detail: "the driver panicked"}
		}
	}()
	id, err := call()
	if err == nil {
		return id, nil
	}
	if errors.As(err, &failed) && failed != nil {
		return "", failed
	}
	return "", &sms.Error{Class: sms.Uncertain, Detail: "the driver gave an error without a class"}
}

// letter is the message in one form, as a driver gets it.
func (m Message) letter(form int, validFor time.Duration) sms.Message {
	f := m.Forms[form]
	out := sms.Message{
		ID: strconv.FormatInt(m.ID, 10), To: m.To, Signature: m.Signature, Body: f.Body, Codes: f.Codes, Asks: f.Asks, ValidFor: validFor,
		Params: make([]sms.Param, len(f.Params)),
	}
	for i, p := range f.Params {
		out.Params[i] = sms.Param(p)
	}
	return out
}

// outcomeOf is what a class means for the message; with RetryLater another
// gateway may be asked at once.
func outcomeOf(c sms.Class) Outcome {
	switch c {
	case sms.WrongNumber, sms.Content:
		return Failed
	case sms.RetryLater, sms.SetUp, sms.NoMoney:
		return RetryLater
	}
	return Unknown
}

// refused ends a message that nobody took, as the last answer has it.
func (r *run) refused(result Result, last sms.Class, tried refusals) Result {
	result = result.with(outcomeOf(last), tried.String())
	if result.Outcome != RetryLater {
		return result
	}
	result.Wait = max(jitter(messages.Backoff(result.Attempt)), tried.wait())
	result.NextTry = r.w.cfg.Now().Add(result.Wait)
	if !result.NextTry.Before(result.Until) {
		result.Wait, result.NextTry, result.Outcome = 0, time.Time{}, Expired
	}
	return result
}

func (r Result) with(o Outcome, detail string) Result {
	r.Outcome, r.Detail = o, detail
	return r
}

// refusals are the answers of the gateways that did not take a message.
type refusals struct {
	of      int // how many can carry it
	details []string
	waits   []time.Duration // of those that were asked
}

func (f *refusals) add(gateway string, err *sms.Error) {
	f.note(gateway, err.Class, err.Detail)
	f.waits = append(f.waits, err.Wait)
}

func (f *refusals) note(gateway string, class sms.Class, detail string) {
	f.details = append(f.details, gateway+": "+class.String()+": "+detail)
}

// wait is how long no gateway takes a message to this number: nothing where one
// of them has no such limit, or was not asked.
func (f *refusals) wait() time.Duration {
	if len(f.waits) == 0 || len(f.waits) < f.of {
		return 0
	}
	return slices.Min(f.waits)
}

// String is the whole in one line, the last answer first: a ledger may cut it.
func (f *refusals) String() string {
	if len(f.details) == 0 {
		return "no gateway is fit to be asked now"
	}
	latest := slices.Clone(f.details)
	slices.Reverse(latest)
	return strings.Join(latest, "; after ")
}
