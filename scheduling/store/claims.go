package store

import (
	"fmt"
	"strings"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// This file owns the busy words. They are derived from sessions, holds and
// appointments; nothing else sets or clears them, and doctor recomputes them.

// claim takes what is claimed, or answers false and has perhaps taken a part:
// then the transaction must be rolled back. Rows that the facts did not know
// are inserted with their bits; the others are taken by one conditional update
// for each distinct mask, and every row must be affected.
func claim(tx *gorm.DB, claims []scheduling.Claim) (bool, error) {
	var known, missing []scheduling.Claim
	for _, c := range claims {
		if c.Known {
			known = append(known, c)
		} else {
			missing = append(missing, c)
		}
	}
	if ok, err := insertWords(tx, missing); !ok || err != nil {
		return false, err
	}
	for _, group := range byMask(known) {
		n, err := setBusy(tx, group)
		if err != nil {
			return false, fmt.Errorf("claim time: %w", err)
		}
		if n != int64(len(group)) {
			return false, nil
		}
	}
	return true, nil
}

func insertWords(tx *gorm.DB, claims []scheduling.Claim) (bool, error) {
	if len(claims) == 0 {
		return true, nil
	}
	insert := wordsOfClaims(claims)
	_, err := exec(tx, insert.query, insert.args...)
	if duplicate(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("insert day words: %w", err)
	}
	return true, nil
}

// wordsOfClaims inserts the rows of claims whose rows are not there.
func wordsOfClaims(claims []scheduling.Claim) statement {
	var args []any
	for _, c := range claims {
		args = append(args, int(c.Resource.Kind), c.Resource.ID, int(c.Day))
		for _, w := range c.Busy {
			args = append(args, int64(w))
		}
	}
	values := strings.TrimSuffix(strings.Repeat("("+marks(9)+"), ", len(claims)), ", ")
	return statement{"INSERT INTO day_words (kind, resource, day, b0, b1, b2, b3, b4, b5) VALUES " + values, args}
}

// byMask groups claims that take the same quanta of the same day, in their
// order.
func byMask(claims []scheduling.Claim) [][]scheduling.Claim {
	var out [][]scheduling.Claim
next:
	for _, c := range claims {
		for i, g := range out {
			if g[0].Day == c.Day && g[0].Busy == c.Busy && g[0].Clear == c.Clear {
				out[i] = append(g, c)
				continue next
			}
		}
		out = append(out, []scheduling.Claim{c})
	}
	return out
}

// setBusy is the guard of the whole product: the bits are set only where none
// of them was, and where no leave lies in the session.
func setBusy(tx *gorm.DB, group []scheduling.Claim) (int64, error) {
	var set, test []string
	var setArgs, testArgs []any
	for i, w := range group[0].Busy {
		if w != 0 {
			set = append(set, fmt.Sprintf("b%[1]d = b%[1]d | ?", i))
			setArgs = append(setArgs, int64(w))
			test = append(test, fmt.Sprintf("b%d & ? = 0", i))
			testArgs = append(testArgs, int64(w))
		}
		if c := group[0].Clear[i]; c != 0 {
			test = append(test, fmt.Sprintf("o%d & ? = 0", i))
			testArgs = append(testArgs, int64(c))
		}
	}
	keys, keyArgs := rowKeys(group)
	args := append(append(setArgs, keyArgs...), testArgs...)
	return exec(tx, "UPDATE day_words SET "+strings.Join(set, ", ")+" WHERE "+keys+" AND "+strings.Join(test, " AND "), args...)
}

// clearBusy gives time back. It is safe because the bits belong to the
// session whose row the caller has just changed.
func clearBusy(tx *gorm.DB, resources []scheduling.Resource, span calendar.Span) error {
	for _, m := range calendar.Mask(span) {
		var set []string
		var args []any
		for i, w := range m.Words {
			if w != 0 {
				set = append(set, fmt.Sprintf("b%[1]d = b%[1]d & ~?", i))
				args = append(args, int64(w))
			}
		}
		group := make([]scheduling.Claim, len(resources))
		for i, r := range resources {
			group[i] = scheduling.Claim{Resource: r, Day: m.Day}
		}
		keys, keyArgs := rowKeys(group)
		if err := must(tx, "give time back", "UPDATE day_words SET "+strings.Join(set, ", ")+" WHERE "+keys, append(args, keyArgs...)...); err != nil {
			return err
		}
	}
	return nil
}

// rowKeys names the rows of a group, all of one day, by their primary key.
func rowKeys(group []scheduling.Claim) (string, []any) {
	parts := make([]string, len(group))
	args := make([]any, 0, 3*len(group))
	for i, c := range group {
		parts[i] = "(kind = ? AND resource = ? AND day = ?)"
		args = append(args, int(c.Resource.Kind), c.Resource.ID, int(c.Day))
	}
	return "(" + strings.Join(parts, " OR ") + ")", args
}

// unlimited is a cap that no counter reaches: what is counted without a limit
// cannot be refused, so it may go together with what is inserted.
const unlimited = 1 << 30

// countSession counts a session for its counsellor's local date; no row
// affected means the cap.
func (s *Store) countSession(staff int64, date calendar.Date, limit int) statement {
	return statement{s.dialect.take("staff_days", "staff_id, date", "sessions"), []any{staff, int(date), limit}}
}

// countOpen counts an open appointment of a person; no row affected means the
// cap.
func (s *Store) countOpen(person, service int64, limit int) statement {
	return statement{s.dialect.take("open_counts", "person_id, service_id", "open"), []any{person, service, limit}}
}

func returnSession(tx *gorm.DB, staff int64, date calendar.Date) error {
	return must(tx, "take the session back", "UPDATE staff_days SET sessions = sessions - 1 WHERE staff_id = ? AND date = ?", staff, int(date))
}

// takeOpen is countOpen, up to the cap. Those whose start has passed are no
// longer before the person: a refusal gives them back and tries once more.
func (s *Store) takeOpen(tx *gorm.DB, person, service int64, limit int, now int64) error {
	count := s.countOpen(person, service, limit)
	for try := range 2 {
		n, err := exec(tx, count.query, count.args...)
		if err != nil {
			return fmt.Errorf("count the appointment: %w", err)
		}
		if n > 0 {
			return nil
		}
		if try == 1 {
			break
		}
		passed, err := exec(tx, "UPDATE appointments SET counted = 0 WHERE keeper_id = ? AND asker_id = ? AND service_id = ? AND counted = 1 AND start_at <= ?", person, person, service, now)
		if err != nil {
			return fmt.Errorf("find what has passed: %w", err)
		}
		if passed == 0 {
			break
		}
		if err := returnOpen(tx, person, service, passed); err != nil {
			return err
		}
	}
	return scheduling.LimitReached()
}

func returnOpen(tx *gorm.DB, person, service, n int64) error {
	return must(tx, "take the count back", "UPDATE open_counts SET open = open - ? WHERE person_id = ? AND service_id = ?", n, person, service)
}
