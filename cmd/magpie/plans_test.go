package main

import (
	"regexp"
	"testing"

	"magpie/cmd/magpie/e2etest"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

var (
	// named is a statement whose rows are named by their keys.
	named = regexp.MustCompile("(?s)^(UPDATE|SELECT .* FROM|DELETE FROM) `?(messages|deliveries)\\b.*\\b(message_)?id IN \\(")
	// byAnother is a step of SQLite's that finds them by another index.
	byAnother = regexp.MustCompile(`^SEARCH (messages|deliveries|m) USING .*INDEX `)
)

// SQLite, left to itself, goes through all messages in a state to find some
// whose ids are given: then a million that are due make every claim slow.
func TestOnSQLiteMessagesThatAreNamedAreFoundByTheirKeys(t *testing.T) {
	plan := miniaturePlan
	s := openBenchSite(t, benchEngineFor(t, e2etest.SQLite).fresh(t), true)
	s.apply(t, e2etest.Office{Code: "anhua", Hours: e2etest.AllDay})
	s.owe(t, plan)
	s.planAgain(t, plan)
	s.exec(t, "UPDATE appointments SET status = 'cancelled' WHERE id % 4 = 0")
	s.record.take()
	gateway, _ := quickGateway(t)
	if _, err := s.workerTo(gateway).RunOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	var receipts []store.DeliveryReceipt
	for id := range int64(plan.reminders) {
		receipts = append(receipts, store.DeliveryReceipt{MessageID: id + 1, Receipt: []messages.Receipt{messages.ReceiptDelivered, messages.ReceiptFailed}[id%2]})
	}
	if err := s.app.store.TakeReceipts(t.Context(), "kannel", receipts); err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, one := range s.record.take() {
		if !named.MatchString(one.text) {
			continue
		}
		looked++
		for _, step := range s.explain(t, one) {
			if byAnother.MatchString(step) {
				t.Errorf("%s\nis found so: %s", one.text, step)
			}
		}
	}
	if looked < 8 {
		t.Errorf("%d statements name messages", looked)
	}
}

// explain is how SQLite finds what a statement speaks of.
func (s *benchSite) explain(t *testing.T, one statement) []string {
	t.Helper()
	rows, err := s.pools[one.pool].QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+one.text, one.args...)
	if err != nil {
		t.Fatalf("%s: %v", one.text, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		out = append(out, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
