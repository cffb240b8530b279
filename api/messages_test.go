package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

func TestThePreviewShowsTheWholeTextAndWhereItGoes(t *testing.T) {
	s := start(t)
	preview := request{method: "GET", path: "/api/v1/staff/appointments/52073164/messages/preview", token: counsellorToken}
	want := map[string]any{"next": nil, "items": []any{map[string]any{
		"kind": "reminder", "channel": "sms", "locale": "zh", "to": citizensPhone, "due_at": "2026-12-03T09:00:00+08:00",
		"handed_at": "2026-12-03T09:00:00+08:00", "status": "handed_over", "rule": "resolved_sent", "text": "【安化县民政局】请记得12月4日。",
		"segments": 1.0, "gateway": "kannel", "receipt": "failed",
	}, map[string]any{
		"kind": "reminder", "channel": "mail", "locale": "en", "to": "chen@example.com", "due_at": "2026-12-04T07:00:00+08:00",
		"status": "suppressed", "rule": "stopped", "text": "Hello", "subject": "Your appointment", "segments": 0.0,
	}}}
	if diff := cmp.Diff(want, said(t, s.ask(t, preview))); diff != "" {
		t.Error(diff)
	}
	if s.got != "52073164" || s.actor.Username != "fudao-a" {
		t.Errorf("asked for %v by %s", s.got, s.actor.Username)
	}
	preview.path += "?limit=1"
	if first := said(t, s.ask(t, preview)); first["next"] != "91" || len(first["items"].([]any)) != 1 {
		t.Errorf("the first page is %v", first)
	}
	preview.path += "&after=91"
	if second := said(t, s.ask(t, preview)); second["next"] != nil || second["items"].([]any)[0].(map[string]any)["channel"] != "mail" {
		t.Errorf("the second page is %v", second)
	}
}

func TestACitizenIsToldWhatWillComeAndNothingOfTheGateway(t *testing.T) {
	s := start(t)
	coming := request{method: "GET", path: "/api/v1/appointments/52073164/messages", token: citizensToken}
	want := map[string]any{"next": nil, "items": []any{map[string]any{
		"kind": "reminder", "channel": "sms", "locale": "zh", "due_at": "2026-12-03T09:00:00+08:00", "handed_at": "2026-12-03T09:00:00+08:00",
		"status": "handed_over", "rule": "resolved_sent", "text": "【安化县民政局】请记得12月4日。", "receipt": "failed",
	}, map[string]any{
		"kind": "reminder", "channel": "mail", "locale": "en", "due_at": "2026-12-04T07:00:00+08:00", "status": "suppressed", "rule": "stopped",
		"text": "Hello", "subject": "Your appointment",
	}}}
	if diff := cmp.Diff(want, said(t, s.ask(t, coming))); diff != "" {
		t.Error(diff)
	}
	s.told.coming = nil
	if none := said(t, s.ask(t, coming)); len(none["items"].([]any)) != 0 {
		t.Errorf("with nothing to come it says %v", none)
	}
	s.err = scheduling.NotFound()
	refusedWith(t, s.ask(t, coming), http.StatusNotFound, "not_found")
}

func TestATextIsToldWithWhatADirectorShouldKnow(t *testing.T) {
	s := start(t)
	list := request{method: "GET", path: "/api/v1/staff/offices/anhua/texts", token: auditorsToken}
	want := map[string]any{"next": nil, "items": []any{map[string]any{
		"kind": "reminder", "locale": "zh", "neutral": false, "version": 3.0, "body": "请记得{start}。", "codes": map[string]any{"aliyun": "SMS_1"},
		"longest": "【安化县民政局】请记得12月30日。", "segments": 1.0, "register": map[string]any{"aliyun": "请记得${start}。"},
	}, map[string]any{
		"kind": "code", "locale": "en", "neutral": true, "version": 0.0, "body": "Hello, your code {code} holds {minutes} minutes. Please tell nobody.",
		"codes": map[string]any{}, "longest": "Hello", "segments": 1.0, "register": map[string]any{},
	}}}
	if diff := cmp.Diff(want, said(t, s.ask(t, list))); diff != "" {
		t.Error(diff)
	}
	list.path += "?limit=1"
	if first := said(t, s.ask(t, list)); first["next"] != "reminder.zh" {
		t.Errorf("the first page is %v", first)
	}
}

func TestATextIsChangedAndTakenAwayByItsKindLanguageAndNeutrality(t *testing.T) {
	s := start(t)
	put := request{method: "PUT", path: "/api/v1/staff/offices/anhua/texts/moved/en?neutral=true", token: directorsToken,
		body: `{"body":"Now {start}.","codes":{"tencent":"1","tencent+2":"2"}}`}
	if answer := s.ask(t, put); answer.Code != http.StatusOK || said(t, answer)["version"] != 3.0 {
		t.Fatalf("answered %d %s", answer.Code, answer.Body)
	}
	got := s.got.(scheduling.TextChange)
	if got.Key != (messages.Key{Kind: messages.Moved, Locale: messages.EN, Neutral: true}) || got.Body != "Now {start}." || got.BuiltIn ||
		got.Office != "anhua" || got.Actor.Username != "zhuren" {
		t.Errorf("changed by %+v", got)
	}
	if diff := cmp.Diff(map[string]string{"tencent": "1", "tencent+2": "2"}, got.Codes); diff != "" {
		t.Error(diff)
	}
	if answer := s.ask(t, request{method: "DELETE", path: "/api/v1/staff/offices/anhua/texts/moved/en", token: directorsToken}); answer.Code != http.StatusNoContent {
		t.Fatalf("answered %d %s", answer.Code, answer.Body)
	}
	if got := s.got.(scheduling.TextChange); !got.BuiltIn || got.Key != (messages.Key{Kind: messages.Moved, Locale: messages.EN}) {
		t.Errorf("taken away by %+v", got)
	}
	for _, token := range []string{desksToken, auditorsToken, counsellorToken} {
		put.token = token
		refusedWith(t, s.ask(t, put), http.StatusForbidden, "forbidden")
	}
}

func TestEverythingThatIsWrongWithATextIsNamed(t *testing.T) {
	s := start(t)
	refused := scheduling.Invalid("body", "缺少{start}。", "{start} is missing")
	refused.Fields = append(refused.Fields, scheduling.FieldError{Field: "body", Message: scheduling.Text{ZH: "不能出现“离婚”。", EN: "says 离婚"}})
	s.err = refused
	answer := s.ask(t, request{method: "PUT", path: "/api/v1/staff/offices/anhua/texts/reminder/zh", token: directorsToken, body: `{"body":"离婚"}`})
	want := []any{
		map[string]any{"field": "body", "message": "缺少{start}。"},
		map[string]any{"field": "body", "message": "不能出现“离婚”。"},
	}
	if diff := cmp.Diff(want, refusedWith(t, answer, http.StatusUnprocessableEntity, "invalid")["errors"]); diff != "" {
		t.Error(diff)
	}
}

func TestTheVersionsOfATextTellWhoWroteThem(t *testing.T) {
	s := start(t)
	got := said(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/texts/reminder/zh/versions?neutral=true", token: auditorsToken}))
	want := map[string]any{"next": nil, "items": []any{
		map[string]any{"version": 3.0, "body": "请记得{start}。", "codes": map[string]any{"aliyun": "SMS_1"}, "author": "zhuren", "created_at": "2026-12-03T09:00:00+08:00"},
		map[string]any{"version": 2.0, "body": "", "codes": map[string]any{}, "created_at": "2026-12-03T08:00:00+08:00"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if s.got != (messages.Key{Kind: messages.Reminder, Locale: messages.ZH, Neutral: true}) {
		t.Errorf("asked for %v", s.got)
	}
}

func TestATaskTellsTheDeskWhomToCallAndWhen(t *testing.T) {
	s := start(t)
	list := request{method: "GET", path: "/api/v1/staff/offices/anhua/tasks?kind=call&done=true&limit=3&after=m", token: desksToken}
	want := map[string]any{"next": nil, "items": []any{map[string]any{
		"id": "77", "kind": "call", "reference": "52073164", "start": "2026-12-04T09:00:00+08:00", "message": "reminder", "reason": "no_text",
		"name": "陈女士", "phone": citizensPhone, "hours": []any{map[string]any{"from": "09:00", "to": "11:00"}}, "neutral": true, "attempts": []any{},
		"due_at": "2026-12-03T09:00:00+08:00", "until": "2026-12-04T09:00:00+08:00", "done": false, "created_at": "2026-12-03T08:00:00+08:00",
	}, map[string]any{
		"id": "78", "kind": "reply", "reason": "other", "phone": "13900139000", "hours": []any{}, "neutral": false, "attempts": []any{}, "text": "在哪里？",
		"due_at": "2026-12-03T09:00:00+08:00", "until": "2026-12-04T09:00:00+08:00", "done": true, "outcome": "settled", "done_by": "qiantai",
		"done_at": "2026-12-03T10:00:00+08:00", "created_at": "2026-12-03T09:00:00+08:00",
	}}}
	if diff := cmp.Diff(want, said(t, s.ask(t, list))); diff != "" {
		t.Error(diff)
	}
	if got := s.got.(scheduling.TaskFilter); got.Kind != scheduling.TaskCall || !got.Done || got.Page != (scheduling.Page{Limit: 3, After: "m"}) || got.Office != "anhua" {
		t.Errorf("asked for by %+v", got)
	}
	for _, token := range []string{counsellorToken, auditorsToken} {
		list.token = token
		refusedWith(t, s.ask(t, list), http.StatusForbidden, "forbidden")
	}
}

func TestTheDeskFinishesATaskAndGivesATimeBack(t *testing.T) {
	s := start(t)
	s.ask(t, request{method: "POST", path: "/api/v1/staff/offices/anhua/tasks/77/done", token: desksToken, body: `{"outcome":"not_reached"}`})
	if got := s.got.(scheduling.TaskDone); got.ID != 77 || got.Outcome != "not_reached" || got.Office != "anhua" || got.Actor.Username != "qiantai" {
		t.Errorf("done by %+v", got)
	}
	restore := request{method: "POST", path: "/api/v1/staff/appointments/52073164/restore", token: desksToken, key: "k"}
	if answer := s.ask(t, restore); answer.Code != http.StatusOK || said(t, answer)["status"] != "booked" {
		t.Errorf("answered %d %s", answer.Code, answer.Body)
	}
	if got := s.got.(scheduling.Change); got.Reference != "52073164" || got.Idempotency.Key != "k" {
		t.Errorf("given back by %+v", got)
	}
	restore.token = counsellorToken
	refusedWith(t, s.ask(t, restore), http.StatusForbidden, "forbidden")
	s.err, restore.token = scheduling.WrongState(), directorsToken
	refusedWith(t, s.ask(t, restore), http.StatusConflict, "wrong_state")
}

func TestStaffSeeThatSomebodyConfirmedAndCitizensDoNot(t *testing.T) {
	s := start(t)
	s.appointment.ConfirmedAt = at(9)
	day := request{method: "GET", path: "/api/v1/staff/offices/anhua/appointments?from=2026-12-03&to=2026-12-03", token: desksToken}
	if got := said(t, s.ask(t, day))["items"].([]any)[0].(map[string]any)["confirmed_at"]; got != "2026-12-03T09:00:00+08:00" {
		t.Errorf("confirmed at %v", got)
	}
	if _, told := said(t, s.ask(t, request{method: "GET", path: "/api/v1/appointments/52073164", token: citizensToken}))["confirmed_at"]; told {
		t.Error("the citizen's view has grown")
	}
}

func TestTheDocumentListsEveryWordThatTheLedgerAndTheTasksUse(t *testing.T) {
	schemas := document(t).Schemas()
	for name, words := range map[string][]any{
		"MessageKind":    {messages.Code, messages.Booked, messages.Moved, messages.Cancelled, messages.Reminder, messages.Offer},
		"MessageChannel": {messages.SMS, messages.Mail, messages.Call},
		"MessageReceipt": {messages.ReceiptNone, messages.ReceiptFailed, messages.ReceiptDelivered},
		"MessageStatus": {
			scheduling.MessagePlanned, scheduling.MessageClaimed, scheduling.MessageHandedOver, scheduling.MessageFailed,
			scheduling.MessageUnknown, scheduling.MessageExpired, scheduling.MessageSuppressed,
		},
		"MessageRule": {
			messages.RuleSilent, messages.RuleStopped, messages.RuleNoText, messages.RuleNoNeutral, messages.RuleQuiet, messages.RuleHours, messages.RuleSameTime,
			scheduling.Cancelled, scheduling.NoShow, scheduling.Completed, "undone", "withdrawn",
		},
		"TaskKind": {scheduling.TaskCall, scheduling.TaskReply, scheduling.TaskGivenUp, scheduling.TaskNames},
	} {
		for _, word := range words {
			if !slices.Contains(schemas[name].Value.Enum, any(fmt.Sprint(word))) {
				t.Errorf("%s does not list %v", name, word)
			}
		}
		if name != "MessageRule" && len(schemas[name].Value.Enum) != len(words) {
			t.Errorf("%s lists %v", name, schemas[name].Value.Enum)
		}
	}
}
