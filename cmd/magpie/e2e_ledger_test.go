package main_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

func TestADirectorSettlesAMessageOfUnknownOutcome(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Rooms: 4}, e2etest.Office{Code: "taojiang"})
		server := s.Serve(t)
		desk, chief := server.Staff(t, "desk"), server.Staff(t, "chief")
		s.Gateway.Behave(e2etest.Drops)
		again, sent := desk.Books(t, e2etest.At(1, 9, 0)), desk.Books(t, e2etest.At(1, 9, 0))
		for _, c := range []e2etest.Caller{again, sent} {
			entry(t, desk, c.Reference, "booked", "is unknown", inStatus("unknown"))
		}
		s.Gateway.Behave(e2etest.Accepts)
		if listed := desk.Ledger(t, "&status=unknown"); len(listed) != 2 {
			t.Errorf("of two unknown the ledger lists %+v", listed)
		}
		resolve := func(who *e2etest.Client, c e2etest.Caller, outcome string) e2etest.Answer {
			id := theOnly(t, desk.About(t, c.Reference, "booked")).ID
			return who.Post(t, e2etest.LedgerPath+"/"+id+"/resolve", map[string]string{"outcome": outcome})
		}
		resolve(desk, sent, "sent").Is(t, http.StatusForbidden, "forbidden")
		resolve(server.StaffOf(t, "taojiang", "chief"), sent, "sent").Is(t, http.StatusNotFound, "not_found")
		resolve(chief, sent, "sent").Is(t, http.StatusNoContent, "")
		resolve(chief, again, "send_again").Is(t, http.StatusNoContent, "")
		if e := handedOver(t, desk, again.Reference, "booked"); e.Rule != "resolved_again" || e.Attempts != 2 || e.Gateway != "kannel" {
			t.Errorf("sent again it stands as %+v", e)
		}
		if e := theOnly(t, desk.About(t, sent.Reference, "booked")); e.Status != "handed_over" || e.Rule != "resolved_sent" {
			t.Errorf("taken for sent it stands as %+v", e)
		}
		for _, c := range []e2etest.Caller{sent, again} {
			resolve(chief, c, "send_again").Is(t, http.StatusConflict, "wrong_state")
		}
		if a, b := len(s.Gateway.To(again.Phone)), len(s.Gateway.To(sent.Phone)); a != 2 || b != 1 {
			t.Errorf("the one was handed over %d times and the other %d, want 2 and 1", a, b)
		}
		for _, c := range []struct{ reference, action string }{{sent.Reference, "message.sent"}, {again.Reference, "message.send_again"}} {
			id := theOnly(t, desk.About(t, c.reference, "booked")).ID
			auditTells(t, server, id, c.action)
		}
	})
}

func TestTheLedgerIsAFileForASpreadsheetAndMaskedForTheAuditor(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		const callers = 210 // more than one page
		s.Open(t, e2etest.Office{Rooms: 1, Seats: callers, Services: []e2etest.Service{{Places: callers, MaxParties: 1}}})
		server := s.Serve(t)
		desk := server.Staff(t, "desk")
		inParallel(6, func(i int) {
			for range callers / 6 {
				desk.Books(t, e2etest.At(1, 9, 0))
			}
		})
		s.Gateway.Await(t, callers, "the bookings", func(e2etest.Call) bool { return true })
		e2etest.Eventually(t, "all of it is written", func() error {
			if n := len(desk.Ledger(t, "&status=handed_over")); n != callers {
				return fmt.Errorf("%d of %d are", n, callers)
			}
			return nil
		})
		list := desk.Ledger(t, "")
		rows := spreadsheet(t, desk.Get(t, e2etest.LedgerPath+"?from="+e2etest.Date(-1)+"&to="+e2etest.Date(60)+"&format=csv"))
		if len(rows) != len(list) || len(rows) != 3*callers {
			t.Fatalf("%d rows, %d entries, want %d", len(rows), len(list), 3*callers)
		}
		for i, e := range list {
			r := rows[i]
			due, err := time.Parse(time.RFC3339, r["due_at"])
			if err != nil || r["id"] != e.ID || r["kind"] != e.Kind || r["status"] != e.Status || r["to"] != e.To || r["reference"] != e.Reference ||
				!due.Equal(e.DueAt) || r["segments"] != strconv.Itoa(e.Segments) || r["gateway"] != e.Gateway || len(e.To) != 11 {
				t.Fatalf("the row %v is not the entry %+v", r, e)
			}
		}
		auditor := server.Staff(t, "audit")
		masked := regexp.MustCompile(`^139\*{4}[0-9]{4}$`)
		file := spreadsheet(t, auditor.Do(t, e2etest.Request{
			Method: http.MethodGet, Path: e2etest.LedgerPath + "?from=" + e2etest.Date(0) + "&to=" + e2etest.Date(0) + "&kind=booked",
			Header: http.Header{"Accept": {"text/csv"}},
		}))
		if len(file) != callers {
			t.Errorf("narrowed to the bookings it has %d rows, want %d", len(file), callers)
		}
		for _, r := range file {
			if !masked.MatchString(r["to"]) {
				t.Fatalf("the auditor sees %q", r["to"])
			}
		}
		for _, e := range auditor.Ledger(t, "&kind=booked")[:5] {
			if !masked.MatchString(e.To) {
				t.Errorf("the auditor sees %q", e.To)
			}
		}
		server.Staff(t, "c01").Get(t, e2etest.LedgerPath+"?from=2026-03-02&to=2026-03-02&format=csv").Is(t, http.StatusForbidden, "forbidden")
	})
}

// spreadsheet reads a file as a spreadsheet does.
func spreadsheet(t *testing.T, a e2etest.Answer) []map[string]string {
	t.Helper()
	a.Is(t, http.StatusOK, "")
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") || !strings.Contains(a.Header.Get("Content-Disposition"), ".csv") {
		t.Errorf("it is sent as %q, %q", a.Header.Get("Content-Type"), a.Header.Get("Content-Disposition"))
	}
	content, marked := bytes.CutPrefix(a.Body, []byte("\ufeff"))
	if !marked {
		t.Error("without a byte order mark a spreadsheet shows no Chinese")
	}
	all, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatalf("reading the file: %v", err)
	}
	var out []map[string]string
	for _, cells := range all[1:] {
		row := make(map[string]string)
		for i, name := range all[0] {
			row[name] = cells[i]
		}
		out = append(out, row)
	}
	return out
}

// kannelReceipt is the call by which Kannel tells that a message arrived.
func kannelReceipt(e e2etest.Entry, kind, reason string) e2etest.Push {
	q := url.Values{"id": {e.ID}, "type": {kind}, "time": {strconv.FormatInt(time.Now().Unix(), 10)}, "reason": {reason}}
	return e2etest.Push{Method: http.MethodGet, Query: q.Encode()}
}

func TestAReceiptThatDoesNotComeWithinADayIsMissedAndMayStillCome(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.TakeHooks()
		s.Open(t, e2etest.Office{Services: []e2etest.Service{{Reminders: "[]"}}})
		server := s.Serve(t)
		desk := server.Staff(t, "desk")
		missed, came := desk.Books(t, e2etest.At(9, 9, 0)), desk.Books(t, e2etest.At(9, 9, 0))
		e := handedOver(t, desk, came.Reference, "booked")
		server.Hook(t, "kannel", kannelReceipt(e, "1", "")).Is(t, http.StatusOK, "")
		handedOver(t, desk, missed.Reference, "booked")
		server.Kill()
		s.Clock.Set(t, e2etest.At(1, 8, 5))
		server.Restart(t) // which looks for what is missing, as it does every ten minutes
		desk = server.Staff(t, "desk")
		e = entry(t, desk, missed.Reference, "booked", "is missed", func(e e2etest.Entry) bool { return e.Receipt == "none" })
		if e := theOnly(t, desk.About(t, came.Reference, "booked")); e.Receipt != "delivered" {
			t.Errorf("the one that came became %+v", e)
		}
		server.Hook(t, "kannel", kannelReceipt(e, "2", "stat:UNDELIV err:034")).Is(t, http.StatusOK, "")
		server.Hook(t, "kannel", kannelReceipt(e, "1", "")).Is(t, http.StatusOK, "")
		if e := theOnly(t, desk.About(t, missed.Reference, "booked")); e.Receipt != "failed" || e.Reason != "UNDELIV:034" {
			t.Errorf("when it came at last it stands as %+v", e)
		}
		if task := theOnly(t, desk.Tasks(t, "call")); task.Reference != missed.Reference || task.Reason != "receipt_failed" {
			t.Errorf("the desk is asked %+v", task)
		}
	})
}

func TestMetricsAndReadinessTellWhatIsDueAndSinceWhen(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.MariaDB)
	s.TakeHooks()
	s.Open(t, e2etest.Office{Services: []e2etest.Service{{Reminders: "[]"}}})
	metrics := "http://127.0.0.1:" + strconv.Itoa(e2etest.FreePort(t)) + "/metrics"
	server := s.Serve(t, "MAGPIE_METRICS_LISTEN="+strings.TrimSuffix(strings.TrimPrefix(metrics, "http://"), "/metrics"))
	desk := server.Staff(t, "desk")
	shows := func(line string) {
		t.Helper()
		e2etest.Eventually(t, "the metrics have "+line, func() error {
			shown := e2etest.Lines(page(t, metrics))
			if slices.Contains(shown, line) {
				return nil
			}
			name, _, _ := strings.Cut(line, " ")
			name, _, _ = strings.Cut(name, "{")
			return errors.New(strings.Join(slices.DeleteFunc(shown, func(l string) bool { return !strings.HasPrefix(l, name) }), "\n"))
		})
	}
	shows("magpie_messages_due 0")
	s.Gateway.Behave(e2etest.Refuses)
	c := desk.Books(t, e2etest.At(9, 9, 0))
	s.Gateway.AwaitText(t, c.Phone, c.Reference, 2)
	due := theOnly(t, desk.About(t, c.Reference, "booked")).DueAt
	shows("magpie_messages_due 1")
	shows(fmt.Sprintf("magpie_messages_oldest_due_timestamp_seconds %s", number(due.Unix())))
	if got := server.Warnings(t); slices.ContainsFunc(got, func(w string) bool { return strings.Contains(w, "messages:") }) {
		t.Errorf("before a minute is over /readyz warns of %q", got)
	}
	s.Clock.Set(t, due.Add(90*time.Second))
	late := "messages: the oldest that is due has waited since " + due.UTC().Format(time.RFC3339)
	e2etest.Eventually(t, "/readyz says that it is late", func() error {
		if got := server.Warnings(t); !slices.Contains(got, late) {
			return fmt.Errorf("it says %q", got)
		}
		return nil
	})
	s.Gateway.Behave(e2etest.Accepts)
	e := handedOver(t, desk, c.Reference, "booked")
	server.Hook(t, "kannel", kannelReceipt(e, "1", "")).Is(t, http.StatusOK, "")
	for _, line := range []string{
		"magpie_messages_due 0", "magpie_messages_oldest_due_timestamp_seconds 0",
		`magpie_messages_finished_total{outcome="handed_over"} 1`, `magpie_gateway_calls_total{answer="accepted",gateway="kannel"} 1`,
		`magpie_gateway_calls_total{answer="retry_later",gateway="kannel"} ` + strconv.Itoa(e.Attempts-1),
		`magpie_gateway_handed_over_recent{gateway="kannel"} 1`, `magpie_gateway_receipts_recent{gateway="kannel",receipt="delivered"} 1`,
		`magpie_gateway_receipts_recent{gateway="kannel",receipt="failed"} 0`,
	} {
		shows(line)
	}
	e2etest.Eventually(t, "/readyz warns of nothing", func() error {
		if got := server.Warnings(t); len(got) > 0 {
			return fmt.Errorf("it says %q", got)
		}
		return nil
	})
}

// number is one as Prometheus writes it.
func number(n int64) string { return strconv.FormatFloat(float64(n), 'g', -1, 64) }
