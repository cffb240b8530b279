package api_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

const ledgerPath = "/api/v1/staff/offices/anhua/messages?from=2026-12-03&to=2026-12-04"

// shown is the ledger of the fake as an answer has it.
func shown() []any {
	return []any{map[string]any{
		"id": "91", "kind": "reminder", "channel": "sms", "status": "handed_over", "rule": "resolved_sent", "detail": "no answer in time",
		"locale": "zh", "reference": "52073164", "start": "2026-12-04T09:00:00+08:00", "revision": 2.0, "lead_minutes": 1440.0, "to": citizensPhone,
		"due_at": "2026-12-03T09:00:00+08:00", "until": "2026-12-04T09:00:00+08:00", "attempts": 2.0, "handed_at": "2026-12-03T09:00:00+08:00",
		"gateway": "kannel", "gateway_id": "k-1", "text_version": 3.0, "segments": 1.0,
		"receipt": "failed", "receipt_at": "2026-12-03T10:00:00+08:00", "reason": "UNDELIV.4", "answered": "confirm",
	}, map[string]any{
		"id": "90", "kind": "code", "channel": "sms", "status": "planned", "revision": 0.0,
		"due_at": "2026-12-03T08:00:00+08:00", "until": "2026-12-03T09:00:00+08:00", "attempts": 0.0, "segments": 0.0,
	}}
}

func TestTheLedgerTellsOfAMessageWhatIsKnownOfIt(t *testing.T) {
	s := start(t)
	got := said(t, s.ask(t, request{method: "GET", path: ledgerPath, token: auditorsToken}))
	if diff := cmp.Diff(map[string]any{"items": shown(), "next": nil}, got); diff != "" {
		t.Error(diff)
	}
	s.next = "mark"
	if got := said(t, s.ask(t, request{method: "GET", path: ledgerPath, token: desksToken})); got["next"] != "mark" {
		t.Errorf("the mark is %v", got["next"])
	}
}

func TestEveryFilterOfTheLedgerIsHandedOn(t *testing.T) {
	s := start(t)
	s.ask(t, request{method: "GET", token: desksToken, path: ledgerPath +
		"&reference=52073164&kind=moved&channel=call&status=unknown&gateway=kannel-2&receipt=none&limit=7&after=0"})
	want := scheduling.MessageFilter{
		Office: "anhua", From: december(3), To: december(4), Reference: "52073164", Kind: messages.Moved, Channel: messages.Call,
		Status: scheduling.MessageUnknown, Gateway: "kannel-2", Receipt: messages.ReceiptNone, Page: scheduling.Page{Limit: 7, After: "0"},
	}
	got := s.got.(scheduling.MessageFilter)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(scheduling.MessageFilter{}, "Actor")); diff != "" || got.Actor.Username != "qiantai" {
		t.Errorf("asked by %s: %s", got.Actor.Username, diff)
	}
}

func TestTheFileIsAskedForByItsFormatOrByAccept(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		query, accept string
		file          bool
	}{
		{"", "", false},
		{"", "*/*", false},
		{"", "text/csv", true},
		{"", "text/csv, */*;q=0.1", true},
		{"", "application/json, text/csv", false},
		{"", "application/json;q=0.5, Text/CSV;q=0.6", true},
		{"", "application/json;q=0.6, text/csv;q=0.5", false},
		{"", "text/csv;q=0", false},
		{"", "text/csv;q=nonsense", false},
		{"&format=csv", "application/json", true},
		{"&format=json", "text/csv", false},
	} {
		r := request{method: "GET", path: ledgerPath + c.query, token: desksToken, header: http.Header{}}
		if c.accept != "" {
			r.header["Accept"] = []string{c.accept}
		}
		answer := s.ask(t, r)
		media := answer.Header().Get("Content-Type")
		if answer.Code != http.StatusOK || strings.HasPrefix(media, "text/csv") != c.file || strings.HasPrefix(media, "application/json") == c.file {
			t.Errorf("%q with Accept %q: %d %s", c.query, c.accept, answer.Code, media)
		}
		if !slices.Contains(answer.Header().Values("Vary"), "Accept") {
			t.Errorf("%q: it varies by %q", c.query, answer.Header().Values("Vary"))
		}
	}
}

// table reads a file as a spreadsheet would.
func table(t *testing.T, file string) [][]string {
	t.Helper()
	plain, marked := strings.CutPrefix(file, "\ufeff")
	if !marked {
		t.Error("the file does not say that it is UTF-8")
	}
	rows, err := csv.NewReader(strings.NewReader(plain)).ReadAll()
	if err != nil {
		t.Fatalf("%v in %s", err, file)
	}
	return rows
}

func TestTheFileHasTheWholeRangeRowByRow(t *testing.T) {
	s := start(t)
	entry := func(id int64) scheduling.LedgerEntry {
		return scheduling.LedgerEntry{ID: id, Kind: messages.Booked, Channel: messages.SMS, Status: scheduling.MessagePlanned, DueAt: at(9), Until: at(10)}
	}
	s.told.pages = append(s.told.pages, []scheduling.LedgerEntry{entry(89), entry(88)}, nil, []scheduling.LedgerEntry{entry(87)})
	answer := s.ask(t, request{method: "GET", path: ledgerPath + "&status=planned&limit=1&after=2&format=csv", token: desksToken})
	if got := answer.Header().Get("Content-Disposition"); got != `attachment; filename="messages.csv"` {
		t.Errorf("its name is %q", got)
	}
	rows := table(t, answer.Body.String())
	if n := strings.Count(answer.Body.String(), "\r\n"); n != len(rows) {
		t.Errorf("%d of %d lines end as RFC 4180 wants", n, len(rows))
	}
	want := []string{
		"91", "reminder", "sms", "handed_over", "resolved_sent", "no answer in time", "zh", "52073164", "2026-12-04T09:00:00+08:00", "2", "1440",
		citizensPhone, "2026-12-03T09:00:00+08:00", "2026-12-04T09:00:00+08:00", "2", "2026-12-03T09:00:00+08:00", "kannel", "k-1", "3", "1",
		"failed", "2026-12-03T10:00:00+08:00", "UNDELIV.4", "confirm",
	}
	if diff := cmp.Diff(want, rows[1]); diff != "" {
		t.Error(diff)
	}
	var ids []string
	for _, row := range rows {
		ids = append(ids, row[0])
	}
	if !slices.Equal(ids, []string{"id", "91", "90", "89", "88", "87"}) {
		t.Errorf("the rows are %q", ids)
	}
	if last := s.got.(scheduling.MessageFilter); last.Page != (scheduling.Page{Limit: 200, After: "3"}) || last.Status != scheduling.MessagePlanned {
		t.Errorf("the last page was asked for by %+v", last.Page)
	}
}

func TestTheFilesColumnsAreTheMembersOfAnEntry(t *testing.T) {
	s := start(t)
	rows := table(t, s.ask(t, request{method: "GET", path: ledgerPath + "&format=csv", token: desksToken}).Body.String())
	document := said(t, s.ask(t, request{method: "GET", path: "/api/v1/openapi.json"}))
	schemas := document["components"].(map[string]any)["schemas"].(map[string]any)
	members := slices.Sorted(maps.Keys(schemas["LedgerEntry"].(map[string]any)["properties"].(map[string]any)))
	if columns := slices.Sorted(slices.Values(rows[0])); !slices.Equal(columns, members) {
		t.Errorf("the columns are %q, the members %q", columns, members)
	}
}

func TestNoCellIsAFormulaToASpreadsheet(t *testing.T) {
	s := start(t)
	entry, want := s.told.pages[0][0], []string{}
	s.told.pages[0] = nil
	for cell, written := range map[string]string{
		"=HYPERLINK(1)": "'=HYPERLINK(1)", "+86": "'+86", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'=1", "a\r\nb": "a\nb", "\n=1": "'\n=1",
		"＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠1": "'＠1",
		"": "", "a=1": "a=1", "'=1": "'=1", " =1": " =1", `"quoted", and so on`: `"quoted", and so on`, "等待": "等待",
	} {
		entry.Detail, entry.GatewayID = cell, cell
		s.told.pages[0], want = append(s.told.pages[0], entry), append(want, written)
	}
	rows := table(t, s.ask(t, request{method: "GET", path: ledgerPath + "&format=csv", token: desksToken}).Body.String())
	for i, row := range rows[1:] {
		if row[5] != want[i] || row[17] != want[i] {
			t.Errorf("%q is written as %q and %q, want %q", s.told.pages[0][i].Detail, row[5], row[17], want[i])
		}
	}
	if len(rows) != len(want)+1 {
		t.Errorf("%d rows, want %d", len(rows), len(want)+1)
	}
}

func TestWhatIsRefusedIsRefusedBeforeTheFileBegins(t *testing.T) {
	s := start(t)
	s.err = scheduling.Invalid("to", "结束日期早于开始日期。", "must not be before from")
	answer := s.ask(t, request{method: "GET", path: ledgerPath + "&format=csv", token: desksToken})
	refusedWith(t, answer, http.StatusUnprocessableEntity, "invalid")
	if answer.Header().Get("Content-Disposition") != "" {
		t.Error("a refusal is offered as a file")
	}
}

func TestAFileThatCannotBeFinishedIsBrokenOff(t *testing.T) {
	s := start(t)
	page := make([]scheduling.LedgerEntry, 200)
	for i := range page {
		page[i] = s.told.pages[0][0]
	}
	s.told.pages = [][]scheduling.LedgerEntry{page, page, page}
	s.told.failAt, s.told.failure = 2, errors.New("the database is gone")
	if err := s.server.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	r, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://%s%s&format=csv", s.server.Addr(), ledgerPath), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+desksToken)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	part, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(string(part), "UNDELIV.4") {
		t.Errorf("answered %d, and %d bytes with %v", response.StatusCode, len(part), err)
	}
	log := s.log.String()
	if strings.Count(log, "the database is gone") != 1 || strings.Count(log, "broken_off=true") != 1 || !strings.Contains(log, "msg=request method=GET route=/api/v1/staff/offices/:office/messages") {
		t.Errorf("logged\n%s", log)
	}
}

func TestADirectorSettlesWhatIsUnknown(t *testing.T) {
	s := start(t)
	for outcome, again := range map[string]bool{"sent": false, "send_again": true} {
		settle := request{method: "POST", path: "/api/v1/staff/offices/anhua/messages/91/resolve", token: directorsToken, body: `{"outcome":"` + outcome + `"}`}
		if answer := s.ask(t, settle); answer.Code != http.StatusNoContent {
			t.Fatalf("%s: answered %d %s", outcome, answer.Code, answer.Body)
		}
		if got := s.got.(scheduling.Resolution); got.ID != 91 || got.Office != "anhua" || got.Again != again || got.Actor.Username != "zhuren" {
			t.Errorf("%s: settled by %+v", outcome, got)
		}
		settle.token = desksToken
		refusedWith(t, s.ask(t, settle), http.StatusForbidden, "forbidden")
		s.err = scheduling.WrongState()
		settle.token = directorsToken
		refusedWith(t, s.ask(t, settle), http.StatusConflict, "wrong_state")
		s.err = nil
	}
}

func TestTheSwitchTellsWhoTurnedItAndWhatItCost(t *testing.T) {
	s := start(t)
	want := map[string]any{
		"stopped": false, "changed_by": "zhuren", "changed_at": "2026-12-03T08:00:00+08:00", "owed": 4.0, "segments_this_month": 799.0,
		"segments_per_month": 1000.0, "messages_today": 12.0, "messages_per_day": 200.0, "messages_per_number": 10.0, "warning": false,
	}
	get := request{method: "GET", path: "/api/v1/staff/offices/anhua/sending", token: desksToken}
	if diff := cmp.Diff(want, said(t, s.ask(t, get))); diff != "" {
		t.Error(diff)
	}
	put := request{method: "PUT", path: get.path, token: directorsToken, body: `{"stopped":true}`}
	want["stopped"] = true
	if diff := cmp.Diff(want, said(t, s.ask(t, put))); diff != "" {
		t.Error(diff)
	}
	put.token = desksToken
	refusedWith(t, s.ask(t, put), http.StatusForbidden, "forbidden")
	s.told.sending = scheduling.Sending{}
	never := said(t, s.ask(t, get))
	if _, by := never["changed_by"]; by || never["changed_at"] != nil {
		t.Errorf("a switch that nobody turned says %v", never)
	}
}

func TestThereIsAWarningFromFourFifthsOfTheMonthsCeilingOn(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		segments, ceiling int
		want              bool
	}{{799, 1000, false}, {800, 1000, true}, {5000, 1000, true}, {0, 0, false}, {5000, 0, false}, {3, 4, false}, {4, 5, true}, {0, 1, false}} {
		s.told.sending.Segments, s.told.office.SegmentsPerMonth = c.segments, c.ceiling
		got := said(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/sending", token: auditorsToken}))
		if got["warning"] != c.want {
			t.Errorf("%d of %d: the warning is %v", c.segments, c.ceiling, got["warning"])
		}
	}
}
