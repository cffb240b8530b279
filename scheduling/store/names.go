package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
)

// NoticeNames tells the desk where two names were given under one number, in
// what was booked since an instant. Nothing else changes by it. It may be run at
// any time and by several replicas.
func (s *Store) NoticeNames(ctx context.Context, since time.Time) error {
	var people []int64
	err := s.read.WithContext(ctx).Raw("SELECT DISTINCT asker_id FROM appointments WHERE id >= ? AND asker_id <> 0 AND erased = 0", firstIDAt(since)).Scan(&people).Error
	if err != nil {
		return fmt.Errorf("read who has booked: %w", s.reading(err))
	}
	for _, person := range people {
		if err := s.noticeNamesOf(ctx, person); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) noticeNamesOf(ctx context.Context, person int64) error {
	var rows []appointmentRow
	err := s.read.WithContext(ctx).Where("keeper_id = ? AND asker_id = ? AND erased = 0", person, person).Order("id DESC").Limit(20).Find(&rows).Error
	if err != nil || len(rows) < 2 {
		return s.reading(err)
	}
	all, err := s.complete(ctx, rows)
	if err != nil {
		return err
	}
	newest := all[0]
	for _, a := range all[1:] {
		if a.Office.ID == newest.Office.ID && otherName(a.OwnEntry().Name, newest.OwnEntry().Name) {
			return s.tellNames(ctx, newest, a)
		}
	}
	return nil
}

func (s *Store) tellNames(ctx context.Context, newest, older scheduling.Appointment) error {
	now := s.now().UTC()
	task := taskRow{
		ID: newID(now), NameKey: s.pairOfNames(newest, older), OfficeID: newest.Office.ID, Kind: string(scheduling.TaskNames),
		AppointmentID: newest.ID, PersonID: newest.Asker.ID, Reason: older.Reference,
		DueAt: unix(now), UntilAt: max(unix(newest.End), unix(now)+int64(tasksKept/time.Second)), CreatedAt: unix(now),
	}
	return s.tx(ctx, true, func(tx *gorm.DB) error { return s.insertTasks(tx, []taskRow{task}) })
}

// pairOfNames makes one task of two names under one number, however often they
// are given.
func (s *Store) pairOfNames(a, b scheduling.Appointment) string {
	names := []string{bareName(a.OwnEntry().Name), bareName(b.OwnEntry().Name)}
	slices.Sort(names)
	of := fmt.Sprintf("%d|%d|%s", a.Office.ID, a.Asker.ID, strings.Join(names, "|"))
	return "names:" + hex.EncodeToString(s.keys.digest("names", of)[:16])
}

// otherName says whether two ways of calling somebody are two people's: 陈 and
// 陈女士 are not.
func otherName(a, b string) bool {
	a, b = bareName(a), bareName(b)
	return a != "" && b != "" && !strings.HasPrefix(a, b) && !strings.HasPrefix(b, a)
}

func bareName(name string) string {
	name = strings.ToLower(strings.Join(strings.Fields(name), " "))
	for _, title := range []string{"女士", "先生", "小姐", "老师", "ms ", "mr ", "mrs "} {
		name = strings.TrimSuffix(strings.TrimPrefix(name, title), title)
	}
	return strings.TrimSpace(name)
}
