package storetest

import (
	"time"

	"magpie/scheduling"
)

var nameTests = []test{
	twoNamesUnderOneNumberAreOneTask,
	twoWaysOfCallingOnePersonAreNone,
	namesAtAnotherOfficeOrLongAgoAreNone,
}

// bookAs books under a name.
func (b *Bundle) bookAs(t tb, a scheduling.Actor, name, code, start string) scheduling.Appointment {
	t.Helper()
	r := b.wants(a, "family", start)
	r.Office = code
	r.Parties[0].Name = scheduling.NewPrivate(name)
	return b.mustBook(t, r)
}

func (b *Bundle) notice(t tb) {
	t.Helper()
	if err := b.Store.NoticeNames(background, b.Clock.Now().Add(-10*time.Minute)); err != nil {
		t.Fatalf("noticing names: %v", err)
	}
}

func twoNamesUnderOneNumberAreOneTask(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	first := b.bookAs(t, me, "陈小红", "suite", "2026-03-05 09:00")
	b.Clock.Pass(time.Minute)
	second := b.bookAs(t, me, "李大伟", "suite", "2026-03-06 09:00")
	before := b.state(t)
	b.notice(t)
	b.notice(t)
	b.unchanged(t, before, "tasks")
	tasks := b.tasks(t, false)
	if len(tasks) != 1 || tasks[0].Kind != scheduling.TaskNames || tasks[0].Reference != second.Reference || tasks[0].Reason != first.Reference || tasks[0].Name.Reveal() != "李大伟" || tasks[0].Phone.Reveal() != phone(1) {
		t.Fatalf("the tasks are %+v", tasks)
	}
	b.finishTask(t, tasks[0].ID)
	b.Clock.Pass(time.Minute)
	b.bookAs(t, me, "陈小红", "suite", "2026-03-09 09:00")
	b.notice(t)
	if tasks := b.tasks(t, false); len(tasks) != 0 {
		t.Errorf("once asked, the desk is to ask again: %+v", tasks)
	}
	b.Clock.Pass(time.Minute)
	b.bookAs(t, me, "赵三", "suite", "2026-03-10 09:00")
	b.notice(t)
	if tasks := b.tasks(t, false); len(tasks) != 1 {
		t.Errorf("of a third name the tasks are %+v", tasks)
	}
}

func twoWaysOfCallingOnePersonAreNone(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	for i, name := range []string{"陈", "陈女士", "陈小红", "陈小红 女士", "陈"} {
		b.bookAs(t, me, name, "suite", days[i]+" 09:00")
		b.Clock.Pass(time.Second)
	}
	english := b.Citizen(t, phone(2))
	for i, name := range []string{"Chen", "Ms Chen", "mrs  chen"} {
		b.bookAs(t, english, name, "suite", days[i]+" 14:30")
		b.Clock.Pass(time.Second)
	}
	b.notice(t)
	if n := b.count(t, "SELECT COUNT(*) FROM tasks"); n != 0 {
		t.Errorf("%d tasks", n)
	}
}

func namesAtAnotherOfficeOrLongAgoAreNone(t tb, b *Bundle) {
	b.another(t, "another")
	me := b.Citizen(t, phone(1))
	b.bookAs(t, me, "陈小红", "suite", "2026-03-05 09:00")
	b.Clock.Pass(time.Second)
	b.bookAs(t, me, "李大伟", "another", "2026-03-06 09:00")
	b.bookAs(t, b.Citizen(t, phone(2)), "李大伟", "suite", "2026-03-06 09:00")
	b.notice(t)
	if n := b.count(t, "SELECT COUNT(*) FROM tasks"); n != 0 {
		t.Errorf("%d tasks", n)
	}
	b.bookAs(t, b.Citizen(t, phone(2)), "陈小红", "suite", "2026-03-09 09:00")
	b.Clock.Pass(11 * time.Minute)
	b.notice(t)
	if n := b.count(t, "SELECT COUNT(*) FROM tasks"); n != 0 {
		t.Errorf("long ago: %d tasks", n)
	}
}
