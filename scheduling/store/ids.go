package store

import (
	"crypto/rand"
	"encoding/binary"
	"time"
)

// newID draws an id that rises by the second, so that rows made together lie
// together.
func newID(t time.Time) int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	const random = 30
	return t.Unix()<<random | int64(binary.BigEndian.Uint64(b[:])&(1<<random-1))
}

// firstIDAt is the least id that newID gives at an instant.
func firstIDAt(t time.Time) int64 {
	const random = 30
	return t.Unix() << random
}

// randomSecret stands where a secret must be and nobody knows one.
func randomSecret() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return b
}
