package main

import (
	"context"
	"runtime"
	"runtime/debug"
)

const (
	// hoard is how much memory, in bytes, may lie unused before it is given back
	// to the system: about half of what the hash of one password takes.
	hoard = 10 << 20
	// restful is how much may be allocated between two looks, in bytes, of a
	// program that is at rest.
	restful = 2 << 20
	// gcPercent lets the heap triple between two collections. What lives is
	// small, nearly all of a request's garbage dies with it, and giveBack sees
	// to the rest: a tenth of a booking's time in Go was collecting.
	gcPercent = 200
)

// memory gives back what the heap does not use once the program is at rest. A
// log-in takes 19 MiB for a moment, which the runtime by itself would keep for
// minutes.
type memory struct{ allocated uint64 }

func (m *memory) giveBack(context.Context) error {
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	before := m.allocated
	m.allocated = now.TotalAlloc
	if now.TotalAlloc-before > restful {
		return nil
	}
	alive := int64(now.NextGC) * 100 / (100 + gcPercent) // at the last collection
	garbage := max(0, int64(now.HeapAlloc)-alive)
	if int64(now.HeapIdle-now.HeapReleased)+garbage > hoard {
		debug.FreeOSMemory()
	}
	return nil
}
