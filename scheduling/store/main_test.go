package store_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"magpie/scheduling/store/storetest/mariadb"
)

// TestMain ends the database server and then looks for goroutines that a store
// left behind.
func TestMain(m *testing.M) {
	code := mariadb.Main(m)
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
