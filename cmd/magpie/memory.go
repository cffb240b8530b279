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
	// By GOGC=100 the next collection is due at twice what was alive at the last.
	garbage := max(0, int64(now.HeapAlloc)-int64(now.NextGC)/2)
	if int64(now.HeapIdle-now.HeapReleased)+garbage > hoard {
		debug.FreeOSMemory()
	}
	return nil
}
