package api_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"magpie/api/rest"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// hookSecret is what the fake takes for the secret in a gateway's address.
const hookSecret = "AbCd_1234-EfGh_5678-IjKl"

// told is what the fake says of messages.
type told struct {
	// pages are the pages of the ledger; reading page failAt fails with failure.
	pages   [][]scheduling.LedgerEntry
	failAt  int
	failure error
	coming  []scheduling.ComingMessage
	sending scheduling.Sending
	office  scheduling.Office
	texts   []scheduling.TextView
	was     []scheduling.TextVersion
	tasks   []scheduling.Task
	wish    scheduling.ContactWish
	own     scheduling.OwnData
	pushed  []rest.Push
	answer  rest.PushAnswer
}

func (f *fake) Messages(ctx context.Context, q scheduling.MessageFilter) ([]scheduling.LedgerEntry, string, error) {
	if err := errors.Join(f.note(q.Actor, q), ctx.Err()); err != nil {
		return nil, "", err
	}
	page, _ := strconv.Atoi(q.Page.After)
	if f.told.failure != nil && page == f.told.failAt {
		return nil, "", f.told.failure
	}
	if page+1 < len(f.told.pages) {
		return f.told.pages[page], strconv.Itoa(page + 1), nil
	}
	return f.told.pages[page], f.next, nil
}

func (f *fake) Preview(_ context.Context, a scheduling.Actor, reference string) ([]scheduling.ComingMessage, error) {
	return slices.Clone(f.told.coming), f.note(a, reference)
}

func (f *fake) Resolve(_ context.Context, r scheduling.Resolution) error { return f.note(r.Actor, r) }

func (f *fake) SendingOf(_ context.Context, a scheduling.Actor, code string) (*scheduling.Office, scheduling.Sending, error) {
	return &f.told.office, f.told.sending, f.note(a, code)
}

func (f *fake) SetSending(_ context.Context, a scheduling.Actor, code string, stopped bool) (*scheduling.Office, scheduling.Sending, error) {
	f.told.sending.Stopped = stopped
	return &f.told.office, f.told.sending, f.note(a, code)
}

func (f *fake) OfficeTexts(_ context.Context, a scheduling.Actor, code string) ([]scheduling.TextView, error) {
	return f.told.texts, f.note(a, code)
}

func (f *fake) SetText(_ context.Context, c scheduling.TextChange) (scheduling.TextView, error) {
	return f.told.texts[0], f.note(c.Actor, c)
}

func (f *fake) TextVersions(_ context.Context, a scheduling.Actor, _ string, k messages.Key) ([]scheduling.TextVersion, error) {
	return f.told.was, f.note(a, k)
}

func (f *fake) DeskTasks(_ context.Context, q scheduling.TaskFilter) ([]scheduling.Task, string, error) {
	return f.told.tasks, f.next, f.note(q.Actor, q)
}

func (f *fake) FinishTask(_ context.Context, d scheduling.TaskDone) error { return f.note(d.Actor, d) }

func (f *fake) Restore(_ context.Context, r scheduling.Change) (scheduling.Appointment, error) {
	return f.change(r, scheduling.Booked)
}

func (f *fake) ContactWishOf(_ context.Context, a scheduling.Actor, reference string) (scheduling.ContactWish, error) {
	return f.told.wish, f.note(a, reference)
}

func (f *fake) SetContactWish(_ context.Context, c scheduling.WishChange) (scheduling.ContactWish, error) {
	return c.Wish, f.note(c.Actor, c)
}

func (f *fake) OwnData(_ context.Context, a scheduling.Actor) (scheduling.OwnData, error) {
	return f.told.own, f.note(a, nil)
}

func (f *fake) AskErasure(_ context.Context, a scheduling.Actor, verification, code string) (time.Time, error) {
	return f.told.own.EraseAt, f.note(a, verification+" "+code)
}

func (f *fake) KeepData(_ context.Context, a scheduling.Actor) error { return f.note(a, nil) }

func (f *fake) Take(_ context.Context, in rest.Push) (rest.PushAnswer, error) {
	f.told.pushed = append(f.told.pushed, in)
	if in.Secret != hookSecret || in.Gateway != "kannel" {
		return rest.PushAnswer{}, scheduling.NotFound()
	}
	return f.told.answer, f.err
}

// ordinary is an office with a reminder that went, and everything beside it.
func ordinary() told {
	went := scheduling.LedgerEntry{
		ID: 91, Kind: messages.Reminder, Channel: messages.SMS, Status: scheduling.MessageHandedOver, Rule: "resolved_sent", Detail: "no answer in time",
		Locale: messages.ZH, Reference: "52073164", Start: at(33), Revision: 2, Lead: 24 * time.Hour, To: scheduling.NewPrivate(citizensPhone),
		DueAt: at(9), Until: at(33), Attempts: 2, HandedAt: at(9), Gateway: "kannel", GatewayID: "k-1", TextVersion: 3, Segments: 1,
		Receipt: messages.ReceiptFailed, ReceiptAt: at(10), Reason: "UNDELIV.4", Answered: "confirm",
	}
	code := scheduling.LedgerEntry{ID: 90, Kind: messages.Code, Channel: messages.SMS, Status: scheduling.MessagePlanned, DueAt: at(8), Until: at(9)}
	key := messages.Key{Kind: messages.Reminder, Locale: messages.ZH}
	own := messages.Template{Key: key, Version: 3, Body: "请记得{start}。", Codes: map[string]string{"aliyun": "SMS_1"}}
	office := *anhua()
	office.SegmentsPerMonth, office.MessagesPerDay, office.MessagesPerNumber = 1000, 200, 10
	return told{
		pages: [][]scheduling.LedgerEntry{{went, code}}, office: office,
		coming: []scheduling.ComingMessage{{LedgerEntry: went, Text: "【安化县民政局】请记得12月4日。"}, {
			LedgerEntry: scheduling.LedgerEntry{
				ID: 92, Kind: messages.Reminder, Channel: messages.Mail, Status: scheduling.MessageSuppressed, Rule: "stopped", Locale: messages.EN,
				To: scheduling.NewPrivate("chen@example.com"), DueAt: at(31),
			},
			Text: "Hello", Subject: "Your appointment",
		}},
		sending: scheduling.Sending{ChangedBy: "zhuren", ChangedAt: at(8), Owed: 4, Segments: 799, Messages: 12},
		texts: []scheduling.TextView{
			{Template: own, Longest: "【安化县民政局】请记得12月30日。", Segments: 1, Register: map[string]string{"aliyun": "请记得${start}。"}},
			{Template: messages.Default(messages.Key{Kind: messages.Code, Locale: messages.EN, Neutral: true}), Longest: "Hello", Segments: 1},
		},
		was: []scheduling.TextVersion{
			{Template: own, Author: "zhuren", CreatedAt: at(9)},
			{Template: messages.Template{Key: key, Version: 2}, CreatedAt: at(8)},
		},
		tasks: []scheduling.Task{{
			ID: 77, Kind: scheduling.TaskCall, Reference: "52073164", Start: at(33), Message: messages.Reminder, Reason: "no_text",
			Name: scheduling.NewPrivate("陈女士"), Phone: scheduling.NewPrivate(citizensPhone), Hours: []messages.Window{hours(9, 11)}, Neutral: true,
			DueAt: at(9), Until: at(33), CreatedAt: at(8),
		}, {
			ID: 78, Kind: scheduling.TaskReply, Reason: "other", Phone: scheduling.NewPrivate("13900139000"), Text: scheduling.NewPrivate("在哪里？"),
			DueAt: at(9), Until: at(33), Done: true, Outcome: "settled", DoneBy: "qiantai", DoneAt: at(10), CreatedAt: at(9),
		}},
		wish: scheduling.ContactWish{
			Number: scheduling.NewPrivate("13900139000"), Email: scheduling.NewPrivate("chen@example.com"), Text: true, Mail: true, Neutral: true,
			Hours: []messages.Window{hours(9, 11), hours(22, 24)}, Locale: "en", Stopped: true,
		},
		answer: rest.PushAnswer{Status: http.StatusOK, ContentType: "text/plain; charset=UTF-8", Body: []byte("OK")},
	}
}

func hours(from, to int) messages.Window {
	return messages.Window{From: calendar.Clock(from * 60), To: calendar.Clock(to * 60)}
}
