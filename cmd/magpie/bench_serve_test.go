package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

// logIns is how many there are before the memory is looked at.
const logIns = 10

// measureServe starts the real program on an existing database, again and
// again, and looks at its memory when it has been at rest for a while after
// ten log-ins.
func measureServe(t *testing.T, plan benchPlan, engine e2etest.Engine, r *report) {
	t.Helper()
	if plan.serves == 0 {
		return
	}
	site := e2etest.NewSite(t, engine)
	site.Open(t, e2etest.Office{})
	var ready []time.Duration
	var memory []int
	for i := range plan.serves {
		server := site.Serve(t)
		ready = append(ready, server.Ready)
		for k := range logIns {
			server.Staff(t, []string{"desk", "chief", "audit", "c01", "c02"}[k%5])
		}
		<-time.After(plan.rest)
		memory = append(memory, server.RSS(t))
		if exit := server.Terminate(t, syscall.SIGTERM); exit != 0 {
			t.Fatalf("start %d: the server ended with status %d", i, exit)
		}
	}
	t.Log("serve: ready in", ready, "memory in MB", strings.Trim(fmt.Sprint(megabytes(memory)), "[]"))
	r.serve(engine, ready, memory)
}

func megabytes(bytes []int) []int {
	out := make([]int, len(bytes))
	for i, b := range bytes {
		out[i] = b >> 20
	}
	return out
}
