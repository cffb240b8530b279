package kannel

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const wishVariable = "MAGPIE_TEST_KANNEL"

// programs are the absolute paths of what is needed.
type programs struct {
	bearerbox, smsbox string
	fakesmsc          string // over Fake alone
	node, smsc        string // over SMPP alone; smsc is the folder of smsc.js
}

// folders is where Debian puts Kannel, which is not in everybody's PATH.
var folders = []string{"/usr/sbin", "/usr/local/sbin", "/usr/lib/kannel/test"}

// require returns the programs, or ends the test as Start says.
//
// It holds the only skip of this package: whoever has no Kannel shall still see
// what can be tested without. The whole runs wherever "make test" does, which
// sets MAGPIE_TEST_KANNEL.
func require(t testing.TB, over Over) programs {
	t.Helper()
	wish := os.Getenv(wishVariable)
	found, err := find(over)
	switch {
	case wish == "off":
		t.Skipf("left out: needs Kannel, and %s is off", wishVariable) //nolint:forbidigo // the only skip, see above
	case err != nil && wish == "required":
		t.Fatalf("%s is required, but %v", wishVariable, err)
	case err != nil:
		t.Skipf("left out: needs Kannel, but %v; .ci/install brings it", err) //nolint:forbidigo // the only skip, see above
	}
	return found
}

func find(over Over) (programs, error) {
	var p programs
	wanted := map[string]*string{"bearerbox": &p.bearerbox, "smsbox": &p.smsbox}
	if over == Fake {
		wanted["fakesmsc"] = &p.fakesmsc
	} else {
		wanted["node"] = &p.node
	}
	for name, path := range wanted {
		var err error
		if *path, err = look(name); err != nil {
			return programs{}, err
		}
	}
	if over == Fake {
		return p, nil
	}
	root, err := moduleRoot()
	if err != nil {
		return programs{}, err
	}
	p.smsc = filepath.Join(root, ".ci", "smsc")
	if _, err := os.Stat(filepath.Join(p.smsc, "node_modules", "smpp")); err != nil {
		return programs{}, errors.New(`"npm ci" was not run in .ci/smsc`)
	}
	return p, nil
}

func look(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, folder := range folders {
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed", name)
}

// moduleRoot is the folder of go.mod, above the one in which a test runs.
func moduleRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("looking for the module: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", errors.New("the test does not run inside the module")
		}
		folder = filepath.Dir(folder)
	}
}
