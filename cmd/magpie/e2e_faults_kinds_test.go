package main_test

import (
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

// replica is one of the servers. The name is the gateway's for it.
type replica struct {
	*e2etest.Server
	name   string
	seized atomic.Bool // something is done to it
}

// faultKind is a kind of fault. Of a hundred that are drawn, share are of it;
// those without a share make up the rest.
type faultKind struct {
	name   string
	share  int
	happen func(r *faultRun, t *testing.T, f *fault)
	jumps  bool
	long   time.Duration // how long a replica stands still
	// most messages are treated so by the gateway.
	most int
	how  func(*script) e2etest.Treatment
}

var killsInside = faultKind{name: "a replica is killed inside its call", happen: (*faultRun).killInside}

var killsMariaDB = faultKind{name: "MariaDB is killed and started", share: 5, happen: (*faultRun).killMariaDB}

var faultKinds = []faultKind{
	{name: "the gateway restarts", share: 6, happen: (*faultRun).restartGateway},
	{name: "the clock jumps an hour", share: 3, happen: (*faultRun).jump, jumps: true},
	{name: "a replica ends by SIGTERM and starts", share: 6, happen: (*faultRun).terminate},
	{name: "a replica stands still for 3 s", share: 4, happen: (*faultRun).standStill, long: 3 * time.Second},
	{name: "a replica stands still for 20 s", share: 2, happen: (*faultRun).standStill, long: 20 * time.Second},
	{name: "the gateway hangs", happen: (*faultRun).treat, most: 2, how: (*script).hangs},
	{name: "the gateway answers 500", happen: (*faultRun).treat, most: 3, how: (*script).fails},
	{name: "the gateway answers 503", happen: (*faultRun).treat, most: 5, how: (*script).refuses},
	{name: "the gateway answers 429", happen: (*faultRun).treat, most: 5, how: (*script).throttles},
	{name: "the gateway takes and drops", happen: (*faultRun).treat, most: 3, how: (*script).takesAndDrops},
	{name: "the gateway drops", happen: (*faultRun).treat, most: 2, how: (*script).drops},
	{name: "receipts are lost", happen: (*faultRun).treat, most: 4, how: (*script).losesReceipt},
	{name: "receipts are late", happen: (*faultRun).treat, most: 4, how: (*script).delaysReceipt},
	{name: "receipts are repeated", happen: (*faultRun).treat, most: 4, how: (*script).repeatsReceipt},
	{name: "receipts come in disorder", happen: (*faultRun).treat, most: 4, how: (*script).disordersReceipts},
}

// draw gives the faults of a run in their order: as many kills inside a call as
// are asked for, each other kind as its share is and at least once, the rest at
// random.
func (r *faultRun) draw(amounts faultAmounts) []faultKind {
	kinds := faultKinds
	if r.mariadb != nil {
		kinds = append([]faultKind{killsMariaDB}, kinds...)
	}
	out := slices.Repeat([]faultKind{killsInside}, amounts.kills)
	var jumps, cheap []faultKind
	for _, k := range kinds {
		some := slices.Repeat([]faultKind{k}, max(1, k.share*amounts.faults/100))
		switch {
		case k.jumps:
			jumps = some
			continue
		case k.share == 0:
			cheap = append(cheap, k)
		}
		out = append(out, some...)
	}
	for len(out)+len(jumps) < amounts.faults {
		out = append(out, cheap[r.random.IntN(len(cheap))])
	}
	r.random.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return r.spread(out, jumps)
}

// spread puts each of some faults into a part of the run of its own: a clock
// that jumps thrice in a breath is no clock.
func (r *faultRun) spread(all, some []faultKind) []faultKind {
	part := (len(all) + len(some)) / len(some)
	for i, k := range some {
		all = slices.Insert(all, min(len(all), i*part+r.random.IntN(part)), k)
	}
	return all
}

// tend starts replicas that have ended, and waits for one where no other is left
// that could hand anything over.
func (r *faultRun) tend(t *testing.T) {
	t.Helper()
	for {
		select {
		case v := <-r.ended:
			v.Restart(t)
			v.seized.Store(false)
			continue
		default:
		}
		if r.free() > 0 {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
}

// free counts the replicas to which nothing is done.
func (r *faultRun) free() int {
	n := 0
	for _, v := range r.replicas {
		if !v.seized.Load() {
			n++
		}
	}
	return n
}

// seize takes hold of the replica that made a call, if nothing is done to it.
func (r *faultRun) seize(c e2etest.Call) bool {
	return r.from(c).seized.CompareAndSwap(false, true)
}

func (r *faultRun) from(c e2etest.Call) *replica {
	return r.replicas[slices.IndexFunc(r.replicas, func(v *replica) bool { return v.name == c.From })]
}

func anyCall(e2etest.Call) bool { return true }

// fallDue lets the reminders of a fault fall due, has some of their
// appointments cancelled meanwhile, and waits until n messages that are wanted
// were treated as the script says.
func (r *faultRun) fallDue(t *testing.T, f *fault, n int, wanted func(e2etest.Call) bool, how func(*script) e2etest.Treatment) []e2etest.Call {
	t.Helper()
	met := r.script.meet(n, wanted, how)
	if r.Clock.Now().Before(f.due) {
		r.Clock.Set(t, f.due)
	}
	r.cancelSome(t, f)
	var out []e2etest.Call
	for end := time.After(faultPatience); len(out) < n; {
		select {
		case c := <-met:
			out = append(out, c)
		case <-end:
			t.Fatalf("%s: only %d of %d messages met it; messages are %v", f.name, len(out), n, r.db.counts(t, "SELECT status, COUNT(*) FROM messages GROUP BY status"))
		}
	}
	return out
}

// cancelSome cancels the appointments that are there for it, each by some
// replica and at some moment of the next second, and notes when it is answered.
func (r *faultRun) cancelSome(t *testing.T, f *fault) {
	t.Helper()
	n := len(f.reminders)
	for _, one := range f.reminders[:min(n, cancelledOf(n))] {
		desk, after := r.desk.At(r.replicas[r.random.IntN(len(r.replicas))].Server), time.Duration(r.random.IntN(1200))*time.Millisecond
		key := r.NewKey()
		r.beside.Go(func() {
			<-time.After(after)
			a, err := desk.Insist(t.Context(), e2etest.Request{Method: "POST", Path: "/api/v1/staff/appointments/" + one.reference + "/cancel", Body: map[string]any{}, Key: key})
			if err != nil || a.Status != 200 {
				t.Errorf("a cancellation was answered %s, %v", a, err)
				return
			}
			one.cancelled = time.Now()
		})
	}
}

// treat has the gateway treat some of the messages badly.
func (r *faultRun) treat(t *testing.T, f *fault) {
	t.Helper()
	r.fallDue(t, f, 1+r.random.IntN(f.most), anyCall, f.how)
}

// killInside kills a replica while the gateway has a message of it in hand that
// it has not answered.
func (r *faultRun) killInside(t *testing.T, f *fault) {
	t.Helper()
	v := r.from(r.fallDue(t, f, 1, r.seize, (*script).hangs)[0])
	<-time.After(r.some(100 * time.Millisecond))
	v.Kill()
	v.Restart(t)
	r.mustNoteInHand(t)
	v.seized.Store(false)
}

func (r *faultRun) killMariaDB(t *testing.T, f *fault) {
	t.Helper()
	r.leaving.Wait() // the end of a replica is an orderly one
	r.fallDue(t, f, 1, anyCall, (*script).slow)
	<-time.After(r.some(100 * time.Millisecond))
	r.mariadb.Kill()
	<-time.After(r.some(1500 * time.Millisecond))
	r.mariadb.Restart()
	r.mustNoteInHand(t)
}

func (r *faultRun) restartGateway(t *testing.T, f *fault) {
	t.Helper()
	r.fallDue(t, f, 1, anyCall, (*script).slow)
	<-time.After(r.some(100 * time.Millisecond))
	down := outage{from: time.Now()}
	r.Gateway.Crash()
	<-time.After(r.some(1500 * time.Millisecond))
	r.Gateway.Up()
	down.to = time.Now()
	r.outages = append(r.outages, down)
}

func (r *faultRun) jump(t *testing.T, f *fault) {
	t.Helper()
	r.fallDue(t, f, 1, anyCall, (*script).slow)
	r.Clock.Set(t, r.Clock.Now().Add(time.Hour))
}

// terminate asks a replica to end, which may take as long as the gateway does.
func (r *faultRun) terminate(t *testing.T, f *fault) {
	t.Helper()
	v := r.from(r.fallDue(t, f, 1, r.seize, (*script).slow)[0])
	calm := r.calm()
	r.leaving.Go(func() {
		if exit := v.Terminate(t, syscall.SIGTERM); exit != 0 && calm() {
			t.Errorf("a replica ended with status %d; its log:\n%s", exit, v.Stderr)
		}
		r.ended <- v
	})
}

// standStill stops a replica where it is, as a machine that swaps or is moved to
// another may be, and lets it go on.
func (r *faultRun) standStill(t *testing.T, f *fault) {
	t.Helper()
	v := r.from(r.fallDue(t, f, 1, r.seize, (*script).slow)[0])
	thaw := v.Freeze(t)
	r.stopped.Add(1)
	r.beside.Go(func() {
		note := time.NewTicker(500 * time.Millisecond)
		defer note.Stop()
		for end := time.Now().Add(f.long); time.Now().Before(end); <-note.C {
			_ = r.noteInHand() // the database may be away: the next time will do
		}
		v.seized.Store(false) // before it hands anything over again
		thaw()
		<-note.C
		_ = r.noteInHand()
		r.wentOn.Add(1)
	})
}

// calm tells later whether no replica has stood still in between: what one that
// does has locked may keep another from ending in its time.
func (r *faultRun) calm() func() bool {
	stopped := r.stopped.Load()
	calm := stopped == r.wentOn.Load()
	return func() bool { return calm && stopped == r.stopped.Load() }
}

// some is a time up to the given one.
func (r *faultRun) some(most time.Duration) time.Duration {
	return time.Duration(r.random.Int64N(int64(most)))
}
