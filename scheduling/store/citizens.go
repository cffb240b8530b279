package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// This file owns citizen_days: how many places of a service citizens have on a
// local date, appointments and holds. It is counted for services alone that keep
// a share for the desk: an office file that begins to keep one counts anew. An
// appointment's mark by_citizen is always written.

// shareOut counts a place among the citizens' of its day, up to the most that
// they may have, or takes one back. What nothing can refuse it answers for the
// caller to insert with the rest.
func (s *Store) shareOut(tx *gorm.DB, share scheduling.Share) ([]any, error) {
	switch {
	case share.Return:
		return nil, returnCitizen(tx, share.Service, share.Date)
	case !share.Take:
		return nil, nil
	case !share.Bound:
		return []any{s.countCitizen(share, unlimited)}, nil
	case share.Most <= 0:
		return nil, scheduling.ErrLost // a missing row would be made with one
	}
	count := s.countCitizen(share, share.Most)
	n, err := exec(tx, count.query, count.args...)
	return nil, lostUnless(n > 0, err, "count the citizen's place")
}

func (s *Store) countCitizen(share scheduling.Share, limit int) statement {
	return statement{s.dialect.take("citizen_days", "service_id, date", "taken"), []any{share.Service, int(share.Date), limit}}
}

// returnCitizen takes a citizen's place back. Where nothing is kept for the desk
// there is no row.
func returnCitizen(tx *gorm.DB, service int64, date calendar.Date) error {
	return must(tx, "take the citizen's place back", "UPDATE citizen_days SET taken = taken - 1 WHERE service_id = ? AND date = ? AND taken > 0", service, int(date))
}

func readCitizens(ctx context.Context, pool *sql.DB, q scheduling.FactsQuery, f *scheduling.Facts) error {
	rows, err := pool.QueryContext(ctx, "SELECT date, taken FROM citizen_days WHERE service_id = ? AND date BETWEEN ? AND ?", q.CitizensOf, int(q.CitizensFrom), int(q.CitizensTo))
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		var date, n int
		if err := rows.Scan(&date, &n); err != nil {
			return err
		}
		f.Citizens[calendar.Date(date)] = n
	}
	return rows.Err()
}

// citizenDay is a count's key.
type citizenDay struct {
	service int64
	date    int32
}

// recountCitizens makes the counts of the services that keep a share, from today
// on, and drops those of services that keep none. The office's row is written by
// then, so nobody books; who cancels at this moment has been waited for, or
// waits for the rows that are read here, and then finds the count.
func (s *Store) recountCitizens(tx *gorm.DB, office int64, w scheduling.OfficeWrite) error {
	var things []resourceRow
	if err := tx.Where("office_id = ? AND kind = ?", office, serviceThing).Find(&things).Error; err != nil {
		return fmt.Errorf("read the office's services: %w", err)
	}
	var keeping, others []int64
	for _, t := range things {
		if service, ok := w.Office.Service(t.Code); ok && service.KeptForDesk > 0 {
			keeping = append(keeping, t.ID)
		} else {
			others = append(others, t.ID)
		}
	}
	if err := must(tx, "forget counts of citizens' places", "DELETE FROM citizen_days WHERE service_id IN ?", others); err != nil {
		return err
	}
	if len(keeping) == 0 {
		return nil
	}
	today := calendar.DateIn(w.Now, w.Office.Location)
	counts, err := countedCitizens(tx, keeping, today.At(0, w.Office.Location), s.dialect.lock())
	if err != nil {
		return err
	}
	if err := must(tx, "forget counts of citizens' places", "DELETE FROM citizen_days WHERE service_id IN ? AND date >= ?", keeping, int(today)); err != nil {
		return err
	}
	for k, n := range counts {
		if err := must(tx, "count citizens' places", "INSERT INTO citizen_days (service_id, date, taken) VALUES (?, ?, ?)", k.service, k.date, n); err != nil {
			return err
		}
	}
	return nil
}

// countedCitizens counts the places that citizens have in sessions from an
// instant on.
func countedCitizens(tx *gorm.DB, services []int64, since time.Time, lock string) (map[citizenDay]int, error) {
	out := make(map[citizenDay]int)
	for _, query := range []string{
		"SELECT s.service_id, s.date FROM sessions s JOIN appointments a ON a.session_id = s.id WHERE s.service_id IN ? AND s.start_at >= ? AND a.by_citizen = 1 AND a.status <> 'cancelled'",
		"SELECT s.service_id, s.date FROM sessions s JOIN holds h ON h.session_id = s.id WHERE s.service_id IN ? AND s.start_at >= ? AND (h.person_id <> 0 OR h.address IS NOT NULL)",
	} {
		var rows []struct {
			ServiceID int64
			Date      int32
		}
		if err := tx.Raw(query+lock, services, unix(since)).Scan(&rows).Error; err != nil {
			return nil, fmt.Errorf("read the citizens' places: %w", err)
		}
		for _, r := range rows {
			out[citizenDay{r.ServiceID, r.Date}]++
		}
	}
	return out, nil
}

// checkCitizens compares the counts of citizens' places, from today on.
func (s *Store) checkCitizens(ctx context.Context, tx *gorm.DB) ([]string, error) {
	offices, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, o := range offices {
		for _, service := range o.Services {
			if service.KeptForDesk == 0 {
				continue
			}
			today := calendar.DateIn(s.now(), o.Location)
			want, err := countedCitizens(tx, []int64{service.ID}, today.At(0, o.Location), "")
			if err != nil {
				return nil, err
			}
			var have []struct{ Date, Taken int }
			if err := tx.Raw("SELECT date, taken FROM citizen_days WHERE service_id = ? AND date >= ? ORDER BY date", service.ID, int(today)).Scan(&have).Error; err != nil {
				return nil, err
			}
			for _, h := range have {
				k := citizenDay{service.ID, int32(h.Date)}
				if h.Taken != want[k] {
					lines = append(lines, fmt.Sprintf("service %d on %s: citizens have %d places by the count, should be %d", service.ID, calendar.Date(h.Date), h.Taken, want[k]))
				}
				delete(want, k)
			}
			for k, n := range want {
				lines = append(lines, fmt.Sprintf("service %d on %s: citizens' places are not counted, should be %d", service.ID, calendar.Date(k.date), n))
			}
		}
	}
	return lines, nil
}
