package storetest

// tb is what the helpers need of a test: a *testing.T, or a *rapid.T, which
// makes a failing history shorter.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}
