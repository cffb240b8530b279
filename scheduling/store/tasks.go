package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

type taskRow struct {
	ID            int64 `gorm:"primaryKey;autoIncrement:false"`
	NameKey       string
	OfficeID      int64
	Kind          string
	AppointmentID int64
	PersonID      int64
	MessageID     int64
	HoldID        int64
	Reason        string
	Phone         []byte
	Text          []byte
	DueAt         int64
	UntilAt       int64
	Done          int
	Outcome       string
	DoneBy        string
	DoneAt        int64
	CreatedAt     int64 `gorm:"autoCreateTime:false"`
}

func (taskRow) TableName() string { return "tasks" }

func inTask(column string, id int64) string { return where("tasks", column, id) }

// insertTasks writes tasks; one whose name there is already stays as it is.
func (s *Store) insertTasks(tx *gorm.DB, rows []taskRow) error {
	if len(rows) == 0 {
		return nil
	}
	const columns = 18
	var args []any
	for _, r := range rows {
		args = append(args, r.ID, r.NameKey, r.OfficeID, r.Kind, r.AppointmentID, r.PersonID, r.MessageID, r.HoldID, r.Reason, r.Phone, r.Text,
			r.DueAt, r.UntilAt, r.Done, r.Outcome, r.DoneBy, r.DoneAt, r.CreatedAt)
	}
	values := strings.TrimSuffix(strings.Repeat("("+marks(columns)+"), ", len(rows)), ", ")
	return must(tx, "write tasks", s.dialect.ignore()+" INTO tasks (id, name_key, office_id, kind, appointment_id, person_id, message_id, hold_id, reason, phone, text, due_at, until_at, done, outcome, done_by, done_at, created_at) VALUES "+values, args...)
}

// callAbout asks the desk to call the people of messages that did not reach
// them.
func (s *Store) callAbout(tx *gorm.DB, offices officeList, ids []int64, reason string, now int64) error {
	if len(ids) == 0 {
		return nil
	}
	var rows []messageRow
	if err := tx.Raw("SELECT * FROM messages"+s.dialect.byKey()+" WHERE id IN ? AND subject_kind = ? AND until_at > ?", ids, aboutAppointment, now).Scan(&rows).Error; err != nil {
		return fmt.Errorf("read what did not arrive: %w", err)
	}
	return s.callTasks(tx, offices, rows, reason, now)
}

// callTasks makes a task of each message that still says something true: an
// e-mail that fails is none, since a text goes beside it.
func (s *Store) callTasks(tx *gorm.DB, offices officeList, rows []messageRow, reason string, now int64) error {
	if len(rows) == 0 {
		return nil
	}
	var still []int64
	if err := tx.Raw("SELECT id FROM messages WHERE id IN ? AND channel <> ? AND "+current, idsOf(rows), string(messages.Mail)).Scan(&still).Error; err != nil {
		return fmt.Errorf("read what is still so: %w", err)
	}
	rows = rowsOf(rows, still)
	var personIDs []int64
	for _, r := range rows {
		personIDs = append(personIDs, r.PersonID)
	}
	people, err := s.peopleIn(tx, distinct(personIDs))
	if err != nil {
		return err
	}
	tasks := make([]taskRow, 0, len(rows))
	for _, r := range rows {
		office, err := offices.byID(r.OfficeID)
		if err != nil {
			s.offices.forget()
			return fmt.Errorf("make a task: %w", err)
		}
		may := people[r.PersonID].Reach(false).MayCallAt(at(now), office.Location)
		tasks = append(tasks, taskRow{
			ID: newID(at(now)), NameKey: "call:" + strconv.FormatInt(r.ID, 10), OfficeID: r.OfficeID, Kind: string(scheduling.TaskCall),
			AppointmentID: r.SubjectID, PersonID: r.PersonID, MessageID: r.ID, Reason: reason, DueAt: unix(may), UntilAt: r.UntilAt, CreatedAt: now,
		})
	}
	return s.insertTasks(tx, tasks)
}

// Tasks lists what the desk is to do, or has done.
func (s *Store) Tasks(ctx context.Context, q scheduling.TaskQuery) ([]scheduling.Task, string, error) {
	db := s.read.WithContext(ctx).Where("office_id = ? AND done = ?", q.Office.ID, flag(q.Done))
	order, column := "due_at, id", "due_at"
	after := "(due_at > ? OR (due_at = ? AND id > ?))"
	if q.Done {
		order, column, after = "done_at DESC, id DESC", "done_at", "(done_at < ? OR (done_at = ? AND id < ?))"
	} else {
		db = db.Where("due_at <= ? AND until_at > ?", unix(q.Now), unix(q.Now))
	}
	if q.Kind != "" {
		db = db.Where("kind = ?", string(q.Kind))
	}
	if q.Page.After != "" {
		n, id, err := readMark(q.Page.After)
		if err != nil {
			return nil, "", scheduling.Invalid("after", "翻页标记不对。", "is not a mark of this list")
		}
		db = db.Where(after, n, n, id)
	}
	limit := pageSize(q.Page)
	var rows []taskRow
	if err := db.Order(order).Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list tasks: %w", s.reading(err))
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		n := last.DueAt
		if column == "done_at" {
			n = last.DoneAt
		}
		next = mark(n, strconv.FormatInt(last.ID, 10))
	}
	out, err := s.completeTasks(ctx, rows)
	return out, next, err
}

// completeTasks reads what belongs to tasks.
func (s *Store) completeTasks(ctx context.Context, rows []taskRow) ([]scheduling.Task, error) {
	var appointmentIDs, messageIDs []int64
	for _, r := range rows {
		appointmentIDs, messageIDs = append(appointmentIDs, r.AppointmentID), append(messageIDs, r.MessageID)
	}
	var found []appointmentRow
	if ids := distinct(appointmentIDs); len(ids) > 0 {
		if err := s.read.WithContext(ctx).Where("id IN ?", ids).Find(&found).Error; err != nil {
			return nil, fmt.Errorf("read the appointments of tasks: %w", s.reading(err))
		}
	}
	appointments, err := s.complete(ctx, found)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]scheduling.Appointment, len(appointments))
	for _, a := range appointments {
		byID[a.ID] = a
	}
	kinds, err := s.kindsOf(ctx, distinct(messageIDs))
	if err != nil {
		return nil, err
	}
	attempts, err := s.attemptsOf(ctx, rows)
	if err != nil {
		return nil, err
	}
	out := make([]scheduling.Task, 0, len(rows))
	for _, r := range rows {
		t, err := s.task(r, byID[r.AppointmentID])
		if err != nil {
			return nil, err
		}
		t.Message, t.Attempts = kinds[r.MessageID], attempts[r.ID]
		out = append(out, t)
	}
	return out, nil
}

func (s *Store) kindsOf(ctx context.Context, ids []int64) (map[int64]messages.Kind, error) {
	out := make(map[int64]messages.Kind, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var rows []messageRow
	if err := s.read.WithContext(ctx).Select("id", "kind").Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the messages of tasks: %w", s.reading(err))
	}
	for _, r := range rows {
		out[r.ID] = messages.Kind(r.Kind)
	}
	return out, nil
}

// task is a row with what its appointment's person said of calls.
func (s *Store) task(r taskRow, a scheduling.Appointment) (scheduling.Task, error) {
	t := scheduling.Task{
		ID: r.ID, OfficeID: r.OfficeID, Kind: scheduling.TaskKind(r.Kind), Reason: r.Reason, DueAt: at(r.DueAt), Until: at(r.UntilAt),
		Done: r.Done == 1, Outcome: r.Outcome, DoneBy: r.DoneBy, DoneAt: at(r.DoneAt), CreatedAt: at(r.CreatedAt),
	}
	if a.ID != 0 {
		entry := a.OwnEntry()
		t.Reference, t.Start, t.Name, t.Title, t.Phone = a.Reference, a.Start, scheduling.NewPrivate(entry.Name), a.Title, a.Notified.TextTo()
		if w := a.Notified.Wish; w != nil {
			t.Hours, t.Neutral = w.Hours, w.Neutral
		}
	}
	if r.Phone != nil {
		plain, err := s.keys.openMaster(r.Phone, inTask("phone", r.ID))
		if err != nil {
			return t, err
		}
		t.Phone = scheduling.NewPrivate(string(plain))
	}
	if r.Text != nil {
		plain, err := s.keys.openMaster(r.Text, inTask("text", r.ID))
		if err != nil {
			return t, err
		}
		t.Text = scheduling.NewPrivate(string(plain))
	}
	return t, nil
}

// AddTask writes down that the person of an appointment is to be called: once
// for each reason, as long as nobody has done it.
func (s *Store) AddTask(ctx context.Context, w scheduling.NewTask) error {
	a := w.Appointment
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		var before []taskRow
		if err := tx.Raw("SELECT id, done FROM tasks WHERE appointment_id = ? AND reason = ? AND message_id = 0", a.ID, w.Reason).Scan(&before).Error; err != nil {
			return fmt.Errorf("look for the task: %w", err)
		}
		if slices.ContainsFunc(before, func(r taskRow) bool { return r.Done == 0 }) {
			return nil
		}
		name := fmt.Sprintf("%s:%d:%d", clip(w.Reason, 20), a.ID, len(before))
		if err := s.insertTasks(tx, []taskRow{{
			ID: newID(w.Now), NameKey: name, OfficeID: a.Office.ID, Kind: string(w.Kind), AppointmentID: a.ID, PersonID: a.Notified.ID,
			Reason: w.Reason, DueAt: unix(w.DueAt), UntilAt: unix(a.End), CreatedAt: unix(w.Now),
		}}); err != nil {
			return err
		}
		return insertAudit(tx, w.Audit)
	})
}

// FinishTask marks a task as done.
func (s *Store) FinishTask(ctx context.Context, w scheduling.TaskWrite) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		n, err := exec(tx, "UPDATE tasks SET done = 1, outcome = ?, done_by = ?, done_at = ? WHERE id = ? AND office_id = ? AND done = 0",
			w.Outcome, w.Audit.Actor.Name, unix(w.Now), w.ID, w.Office.ID)
		if err != nil {
			return fmt.Errorf("finish the task: %w", err)
		}
		if n == 0 {
			return missingOr(tx, "tasks", w.ID, w.Office.ID)
		}
		return insertAudit(tx, w.Audit)
	})
}

type attemptRow struct {
	ID      int64 `gorm:"primaryKey;autoIncrement:false"`
	TaskID  int64
	Outcome string
	MadeBy  string
	MadeAt  int64
}

func (attemptRow) TableName() string { return "task_attempts" }

// TryTask notes a call that was tried. Another who finishes the task at this
// moment waits for the row, or is waited for.
func (s *Store) TryTask(ctx context.Context, w scheduling.AttemptWrite) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		var open []int64
		if err := tx.Raw("SELECT id FROM tasks WHERE id = ? AND office_id = ? AND done = 0"+s.dialect.share(), w.ID, w.Office.ID).Scan(&open).Error; err != nil {
			return fmt.Errorf("hold the task: %w", err)
		}
		if len(open) == 0 {
			return missingOr(tx, "tasks", w.ID, w.Office.ID)
		}
		row := attemptRow{ID: newID(w.Attempt.At), TaskID: w.ID, Outcome: string(w.Attempt.Outcome), MadeBy: w.Attempt.By, MadeAt: unix(w.Attempt.At)}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("note the call: %w", err)
		}
		return insertAudit(tx, w.Audit)
	})
}

// attemptsOf reads the calls that were tried, by task.
func (s *Store) attemptsOf(ctx context.Context, tasks []taskRow) (map[int64][]scheduling.Attempt, error) {
	out := make(map[int64][]scheduling.Attempt)
	if len(tasks) == 0 {
		return out, nil
	}
	ids := make([]int64, len(tasks))
	for i, t := range tasks {
		ids[i] = t.ID
	}
	var rows []attemptRow
	if err := s.read.WithContext(ctx).Where("task_id IN ?", ids).Order("made_at, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the calls that were tried: %w", s.reading(err))
	}
	for _, r := range rows {
		out[r.TaskID] = append(out[r.TaskID], scheduling.Attempt{At: at(r.MadeAt), By: r.MadeBy, Outcome: scheduling.AttemptOutcome(r.Outcome)})
	}
	return out, nil
}

// missingOr tells what is not there from what is not in that state.
func missingOr(tx *gorm.DB, table string, id, office int64) error {
	var n int
	if err := tx.Raw("SELECT COUNT(*) FROM "+table+" WHERE id = ? AND office_id = ?", id, office).Scan(&n).Error; err != nil {
		return fmt.Errorf("look for it: %w", err)
	}
	if n == 0 {
		return scheduling.NotFound()
	}
	return scheduling.WrongState()
}

// Kept is the hold that keeps the time of an appointment that was cancelled by
// reply.
func (s *Store) Kept(ctx context.Context, appointment int64, now time.Time) (scheduling.HeldTime, error) {
	var hold holdRow
	err := s.read.WithContext(ctx).Where("id IN (SELECT hold_id FROM tasks WHERE appointment_id = ? AND kind = ?) AND expires_at > ?",
		appointment, string(scheduling.TaskGivenUp), unix(now)).Limit(1).Find(&hold).Error
	if err != nil {
		return scheduling.HeldTime{}, fmt.Errorf("look for the time that is kept: %w", s.reading(err))
	}
	if hold.ID == 0 {
		return scheduling.HeldTime{}, scheduling.NotFound()
	}
	return s.heldTime(ctx, hold)
}

// Restore books a cancelled appointment again.
func (s *Store) Restore(ctx context.Context, w scheduling.RestoreWrite) error {
	return s.tx(ctx, !w.Remember.None(), func(tx *gorm.DB) error {
		a := w.Appointment
		if err := s.begin(tx, w.Remember, a.Office, w.Now); err != nil {
			return err
		}
		if err := s.holdPerson(tx, a.Asker); err != nil {
			return err
		}
		n, err := exec(tx, "UPDATE appointments SET status = ?, reason = NULL, session_id = ?, claim_end = ?, revision = ?, by_citizen = ?, confirmed_at = 0, counted = ?, updated_at = ? WHERE id = ? AND revision = ? AND status = ?",
			string(a.Status), a.Session.ID, unix(a.End), a.Revision, flag(a.ByCitizen), flag(a.Asker.ID != 0), unix(w.Now), a.ID, w.Old.Revision, string(scheduling.Cancelled))
		if err := lostUnless(n == 1, err, "book it again"); err != nil {
			return err
		}
		rows, err := s.takeSeat(tx, w.Seat, a.Heads, w.Now)
		if err != nil {
			return err
		}
		if err := s.insertTogether(tx, "insert the session", rows...); err != nil {
			return err
		}
		if err := claimPerson(tx, w.PersonClaims); err != nil {
			return err
		}
		if a.Asker.ID != 0 {
			if err := s.takeOpen(tx, a.Asker.ID, a.Service.ID, unlimited, unix(w.Now)); err != nil {
				return err
			}
		}
		if err := suppress(tx, a.ID, w.Old.Revision, "restored", w.Now); err != nil {
			return err
		}
		if err := s.insertMessages(tx, a, time.Time{}, w.Messages, w.Now); err != nil {
			return err
		}
		if err := must(tx, "the task is done", "UPDATE tasks SET done = 1, outcome = 'restored', done_by = ?, done_at = ? WHERE appointment_id = ? AND kind = ? AND done = 0",
			w.Audit.Actor.Name, unix(w.Now), a.ID, string(scheduling.TaskGivenUp)); err != nil {
			return err
		}
		return insertAudit(tx, w.Audit)
	})
}
