package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

// installation is a site with one server, or with three on one MariaDB.
type installation struct {
	*e2etest.Site
	servers []*e2etest.Server
}

// server answers the server for the i-th client.
func (in installation) server(i int) *e2etest.Server { return in.servers[i%len(in.servers)] }

// onEveryInstallation runs a test on SQLite, on MariaDB, and with three
// replicas on one MariaDB, one after the other: they load the machine.
func onEveryInstallation(t *testing.T, office e2etest.Office, test func(in installation)) {
	t.Helper()
	t.Parallel()
	for _, kind := range []struct {
		name     string
		engine   e2etest.Engine
		replicas int
	}{{"on SQLite", e2etest.SQLite, 1}, {"on MariaDB", e2etest.MariaDB, 1}, {"with three replicas on MariaDB", e2etest.MariaDB, 3}} {
		t.Run(kind.name, func(t *testing.T) {
			in := installation{Site: e2etest.NewSite(t, kind.engine)}
			in.T = t
			in.Set("MAGPIE_RATE_LIMITS", "false")
			in.Open(t, office)
			for range kind.replicas {
				in.servers = append(in.servers, in.Serve(t))
			}
			test(in)
		})
	}
}

// citizens are so many who have proven a number, spread over the servers.
func (in installation) citizens(t *testing.T, n int) []*e2etest.Citizen {
	t.Helper()
	all := make([]*e2etest.Citizen, n)
	inParallel(8, func(worker int) {
		for i := worker; i < n; i += 8 {
			all[i] = in.server(i).Citizen(t)
		}
	})
	return all
}

// loaders book, move and cancel until they are stopped, and know at every
// moment what they have been promised.
type loaders struct {
	t      *testing.T
	in     installation
	all    []*loader
	stop   chan struct{}
	done   sync.WaitGroup
	served chan struct{} // gets something for every answer
	failed chan struct{} // and for every request of unknown outcome
}

// loader is one of them. Its requests are its own alone, so that what the
// server holds of it is what it was answered last.
type loader struct {
	*e2etest.Citizen
	i        int
	promised map[string]e2etest.Appointment // by reference
	keys     map[string]string              // reference by Idempotency-Key
	unknown  int                            // requests without an answer, or with 503
	refused  int
}

// load starts so many loaders; the office has its service talk all day, every
// half hour.
func load(t *testing.T, in installation, n int) *loaders {
	t.Helper()
	l := &loaders{t: t, in: in, stop: make(chan struct{}), served: make(chan struct{}, 1<<20), failed: make(chan struct{}, 1<<20)}
	for i, c := range in.citizens(t, n) {
		l.all = append(l.all, &loader{Citizen: c, i: i, promised: map[string]e2etest.Appointment{}, keys: map[string]string{}})
	}
	for _, one := range l.all {
		l.done.Go(func() { one.run(l) })
	}
	return l
}

// answers waits for so many answers from now on.
func (l *loaders) answers(n int) { l.await(l.served, n) }

// cutOff waits for so many requests of unknown outcome from now on.
func (l *loaders) cutOff(n int) { l.await(l.failed, n) }

func (l *loaders) await(events chan struct{}, n int) {
	l.t.Helper()
	for len(events) > 0 {
		<-events
	}
	end := time.After(time.Minute)
	for range n {
		select {
		case <-events:
		case <-end:
			l.t.Fatal("the load does not get on")
		}
	}
}

// end stops the load, once every outcome is known.
func (l *loaders) end() {
	close(l.stop)
	l.done.Wait()
}

func (o *loader) run(l *loaders) {
	for n := 0; ; n++ {
		select {
		case <-l.stop:
			return
		default:
		}
		switch open := o.open(); {
		case n%4 == 3 && len(open) > 0:
			o.cancel(l, open[n%len(open)])
		case n%4 == 2 && len(open) > 0:
			o.move(l, open[n%len(open)], o.start(n))
		default:
			o.book(l, o.start(n))
		}
	}
}

// open are the references of what is booked, in order.
func (o *loader) open() []string {
	var out []string
	for reference, a := range o.promised {
		if a.Status == "booked" {
			out = append(out, reference)
		}
	}
	slices.Sort(out)
	return out
}

// start is a time that several loaders want.
func (o *loader) start(n int) time.Time {
	return e2etest.At(1+(n/3+o.i/3)%20, 0, 30*((n*7+o.i)%46))
}

// insist repeats a request with the same key until its outcome is known, by
// another server each time.
func (o *loader) insist(l *loaders, r e2etest.Request) (e2etest.Answer, bool) {
	for try := 0; ; try++ {
		a, err := o.At(l.in.server(o.i+try)).Send(l.t.Context(), r)
		if err == nil && a.Status != http.StatusServiceUnavailable {
			l.served <- struct{}{}
			return a, true
		}
		o.unknown++
		l.failed <- struct{}{}
		if l.t.Context().Err() != nil || try == 1000 {
			l.t.Errorf("the outcome of %s %s stayed unknown: %v", r.Method, r.Path, err)
			return a, false
		}
		time.Sleep(30 * time.Millisecond)
	}
}

func (o *loader) book(l *loaders, start time.Time) {
	key := fmt.Sprintf("book-%s-%d", o.Phone, time.Now().UnixNano())
	a, ok := o.insist(l, e2etest.Request{Method: http.MethodPost, Path: e2etest.BookPath, Key: key, Body: o.Booking(start)})
	if ok {
		o.settle(l, a, key, http.StatusCreated, "slot_taken", "overlap")
	}
}

func (o *loader) move(l *loaders, reference string, start time.Time) {
	key := fmt.Sprintf("move-%s-%d", o.Phone, time.Now().UnixNano())
	a, ok := o.insist(l, e2etest.Request{
		Method: http.MethodPost, Path: "/api/v1/appointments/" + reference + "/reschedule", Key: key, Body: map[string]any{"start": start},
	})
	if ok {
		o.settle(l, a, key, http.StatusOK, "slot_taken", "overlap")
	}
}

func (o *loader) cancel(l *loaders, reference string) {
	a, ok := o.insist(l, e2etest.Request{Method: http.MethodPost, Path: "/api/v1/appointments/" + reference + "/cancel", Body: map[string]any{}})
	if ok {
		o.settle(l, a, "", http.StatusOK)
	}
}

// settle notes what was promised, or that it was refused for a good reason.
func (o *loader) settle(l *loaders, a e2etest.Answer, key string, status int, refusals ...string) {
	if a.Status != status {
		if !slices.Contains(refusals, a.Code()) {
			l.t.Errorf("answered %s, want %d or one of %v", a, status, refusals)
		}
		o.refused++
		return
	}
	var one e2etest.Appointment
	if err := json.Unmarshal(a.Body, &one); err != nil {
		l.t.Errorf("reading %s: %v", a, err)
	}
	if strings.HasPrefix(key, "book") && o.promised[one.Reference].Reference != "" {
		l.t.Errorf("two bookings have the reference %s", one.Reference)
	}
	o.promised[one.Reference] = one
	o.keys[key] = one.Reference
}

// kept holds what the server has against what was promised: nothing is lost,
// nothing is there twice, nothing overlaps, and nothing derived is wrong.
func (l *loaders) kept() {
	t := l.t
	t.Helper()
	promised, unknown, refused := 0, 0, 0
	for _, one := range l.all {
		promised, unknown, refused = promised+len(one.promised), unknown+one.unknown, refused+one.refused
		own := e2etest.All[e2etest.Appointment](t, one.At(l.in.server(0)), "/api/v1/appointments")
		if len(own) != len(one.promised) {
			t.Errorf("somebody has %d appointments and was promised %d", len(own), len(one.promised))
		}
		for _, a := range own {
			if want := one.promised[a.Reference]; a.Status != want.Status || !a.Start.Equal(want.Start) {
				t.Errorf("%s is %s at %s; promised was %s at %s", a.Reference, a.Status, a.Start.Format("02 15:04"), want.Status, want.Start.Format("02 15:04"))
			}
		}
	}
	list := l.in.server(0).Staff(t, "desk").Appointments(t, e2etest.Date(0), e2etest.Date(40))
	for _, double := range e2etest.Overlaps(list, 10*time.Minute) {
		t.Errorf("double: %s", double)
	}
	if len(list) != promised {
		t.Errorf("the office has %d appointments, promised were %d", len(list), promised)
	}
	t.Logf("%d appointments, %d refusals, %d requests of unknown outcome repeated with their keys", promised, refused, unknown)
	if unknown == 0 {
		t.Error("no request was cut off: nothing has been tried")
	}
	clean(t, l.in.Site)
}

// inParallel calls f for 0 to n-1 at once and waits for all.
func inParallel(n int, f func(i int)) {
	var wait sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wait.Go(func() {
			<-begin
			f(i)
		})
	}
	close(begin)
	wait.Wait()
}
