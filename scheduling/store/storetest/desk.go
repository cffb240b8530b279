package storetest

import (
	"bytes"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/office"
)

var taskTests = []test{
	aMessageThatIsRefusedIsACall,
	aCallIsToBeMadeAtThePersonsHours,
	tasksAreListedByWhenTheyAreDue,
	aTaskIsDoneOnceAndByItsOwnOffice,
}

// tasks is the desk's list, open ones or done.
func (b *Bundle) tasks(t tb, done bool) []scheduling.Task {
	t.Helper()
	out, next, err := b.Scheduler.DeskTasks(background, scheduling.TaskFilter{Actor: b.Staff(t, "desk"), Office: "suite", Done: done, Page: scheduling.Page{Limit: 200}})
	if err != nil || next != "" {
		t.Fatalf("listing tasks: %v", err)
	}
	return out
}

func (b *Bundle) finishTask(t tb, id int64) {
	t.Helper()
	if err := b.Scheduler.FinishTask(background, scheduling.TaskDone{Actor: b.Staff(t, "desk"), Office: "suite", ID: id, Outcome: "reached"}); err != nil {
		t.Fatalf("finishing a task: %v", err)
	}
}

// another is a second office like the suite's.
func (b *Bundle) another(t tb, code string) *scheduling.Office {
	t.Helper()
	o, err := office.Parse(code, bytes.ReplaceAll([]byte(officeFile), []byte("code: suite"), []byte("code: "+code)))
	if err != nil {
		t.Fatalf("the office file of %s: %v", code, err)
	}
	if _, err := b.Scheduler.Apply(background, o, office.Write(o)); err != nil {
		t.Fatalf("applying the office %s: %v", code, err)
	}
	stored, err := b.Scheduler.OfficeByCode(background, code)
	if err != nil {
		t.Fatalf("reading the office %s: %v", code, err)
	}
	return stored
}

func aMessageThatIsRefusedIsACall(t tb, b *Bundle) {
	r := b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-05 09:00")
	a := b.mustBook(t, r)
	b.quiet(t)
	failed := became(b.claim(t)[0], "failed")
	failed.Detail = "wrong number"
	b.finish(t, failed)
	tasks := b.tasks(t, false)
	if len(tasks) != 1 {
		t.Fatalf("there are %d tasks", len(tasks))
	}
	want := scheduling.Task{
		ID: tasks[0].ID, OfficeID: a.Office.ID, Kind: scheduling.TaskCall, Reference: a.Reference, Start: a.Start, Message: messages.Booked, Reason: "failed",
		Name: scheduling.NewPrivate("王小明1"), Phone: scheduling.NewPrivate(phone(1)), DueAt: b.Clock.Now(), Until: a.Start, CreatedAt: b.Clock.Now(),
	}
	same(t, "task", want, tasks[0])
}

func aCallIsToBeMadeAtThePersonsHours(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	hours := []messages.Window{{From: 14 * 60, To: 15 * 60}}
	b.wish(t, me, scheduling.ContactWish{Call: true, Neutral: true, Number: scheduling.NewPrivate(phone(9)), Hours: hours})
	a := b.mustBook(t, b.bookAgain(t, me, "family", "2026-03-05 09:00"))
	b.quiet(t)
	if due := b.claim(t); len(due) != 0 || len(b.tasks(t, false)) != 0 {
		t.Fatalf("at nine %d are sent, and the tasks are %+v", len(due), b.tasks(t, false))
	}
	b.Clock.Set(on("2026-03-02 14:00"))
	if due := b.claim(t); len(due) != 0 {
		t.Errorf("%d texts are sent", len(due))
	}
	tasks := b.tasks(t, false)
	if len(tasks) != 1 || tasks[0].Reason != "asked_for" || tasks[0].Phone.Reveal() != phone(9) || !tasks[0].Neutral || tasks[0].Reference != a.Reference {
		t.Fatalf("the tasks are %+v", tasks)
	}
	same(t, "hours", hours, tasks[0].Hours)
	same(t, "the message", [][]string{{"handed_over", itoa(b.Clock.Now().Unix())}}, b.rows(t, "SELECT status, handed_at FROM messages WHERE channel = 'call'"))
	if n := b.count(t, "SELECT COUNT(*) FROM deliveries"); n != 0 {
		t.Errorf("%d deliveries", n)
	}
}

func tasksAreListedByWhenTheyAreDue(t tb, b *Bundle) {
	b.owe(t, 8)
	for _, m := range b.claim(t) {
		b.finish(t, became(m, "failed"))
		b.Clock.Pass(time.Minute)
	}
	all := b.tasks(t, false)
	var pages []scheduling.Task
	filter := scheduling.TaskFilter{Actor: b.Staff(t, "desk"), Office: "suite", Kind: scheduling.TaskCall, Page: scheduling.Page{Limit: 3}}
	for {
		page, next, err := b.Scheduler.DeskTasks(background, filter)
		if err != nil {
			t.Fatalf("listing tasks: %v", err)
		}
		pages = append(pages, page...)
		if filter.Page.After = next; next == "" {
			break
		}
	}
	same(t, "the pages", all, pages)
	for i, task := range all {
		if i > 0 && task.DueAt.Before(all[i-1].DueAt) {
			t.Errorf("task %d is due before the one that stands first", i)
		}
		b.Clock.Pass(time.Second)
		b.finishTask(t, task.ID)
	}
	done := b.tasks(t, true)
	if len(all) != 8 || len(done) != 8 || done[0].ID != all[7].ID || len(b.tasks(t, false)) != 0 {
		t.Errorf("%d were to be done, %d are", len(all), len(done))
	}
	filter.Page, filter.Kind = scheduling.Page{After: "x"}, scheduling.TaskNames
	_, _, err := b.Scheduler.DeskTasks(background, filter)
	refusedField(t, err, "after")
}

func aTaskIsDoneOnceAndByItsOwnOffice(t tb, b *Bundle) {
	b.owe(t, 1)
	b.finish(t, became(b.claim(t)[0], "failed"))
	id := b.tasks(t, false)[0].ID
	other := b.another(t, "another")
	done := scheduling.TaskDone{Actor: b.Staff(t, "desk"), Office: "suite", ID: id, Outcome: "not_reached"}
	stranger := done
	stranger.Actor.OfficeID, stranger.Office = other.ID, "another"
	refused(t, b.Scheduler.FinishTask(background, stranger), scheduling.CodeNotFound)
	stranger.Office = "suite"
	refused(t, b.Scheduler.FinishTask(background, stranger), scheduling.CodeNotFound)
	unknown := done
	unknown.ID++
	refused(t, b.Scheduler.FinishTask(background, unknown), scheduling.CodeNotFound)
	servers := []*scheduling.Scheduler{b.Scheduler, b.Replica(t)}
	errs := together(4, func(i int) error { return servers[i%2].FinishTask(background, done) })
	if n := outcomes(t, errs, scheduling.CodeWrongState); n != 1 {
		t.Errorf("it was done %d times", n)
	}
	if got := b.tasks(t, true); len(got) != 1 || got[0].Outcome != "not_reached" || got[0].DoneBy != "desk" {
		t.Errorf("done are %+v", got)
	}
}
