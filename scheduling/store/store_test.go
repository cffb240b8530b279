package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"magpie/scheduling/store/storetest"
	"magpie/scheduling/store/storetest/mariadb"
)

func TestTheSuiteHoldsOnSQLite(t *testing.T) {
	t.Parallel() // the engines wait for different things
	empty := filepath.Join(t.TempDir(), "empty.db")
	storetest.Make(t, "sqlite:"+empty)
	made, err := os.ReadFile(empty)
	if err != nil {
		t.Fatalf("reading the empty database: %v", err)
	}
	storetest.Run(t, func(t *testing.T) *storetest.Bundle {
		t.Helper()
		path := filepath.Join(t.TempDir(), "magpie.db")
		if err := os.WriteFile(path, made, 0o600); err != nil {
			t.Fatalf("copying the empty database: %v", err)
		}
		return storetest.Open(t, "sqlite:"+path)
	})
}

func TestTheSuiteHoldsOnMariaDB(t *testing.T) {
	t.Parallel()
	address := mariadb.Start(t).Database(t)
	storetest.Run(t, func(t *testing.T) *storetest.Bundle {
		t.Helper()
		return storetest.Open(t, address)
	})
}
