package storetest

// tb is what the tests and their helpers need of a test: a *testing.T, or a
// *rapid.T, which makes a failing history shorter.
type tb interface {
	Helper()
	Cleanup(f func())
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}
