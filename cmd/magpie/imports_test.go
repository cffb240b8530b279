package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "magpie/"

// room is a part of the house: a package and what lies below it, unless a room
// of its own lies there.
type room struct {
	path string
	// may are the rooms that it imports, itself aside.
	may []string
	// pure allows no module of others but those in outside.
	pure    bool
	outside []string
}

// rooms are the arrows of ARCHITECTURE: calendar, messages, account ←
// scheduling ← {store, notify, api} ← cmd, and config ← cmd.
var rooms = []room{
	{path: "scheduling/calendar", pure: true},
	{path: "scheduling/messages", may: []string{"scheduling/calendar"}, pure: true},
	{
		path: "scheduling/account", may: []string{"scheduling/calendar"},
		pure: true, outside: []string{"github.com/alexedwards/argon2id", "golang.org/x/crypto", "golang.org/x/text"},
	},
	{path: "scheduling", may: inner},
	{path: "scheduling/store", may: append([]string{"scheduling"}, inner...)},
	{path: "notify", may: append([]string{"scheduling"}, inner...)},
	{path: "api", may: append([]string{"scheduling"}, inner...)},
	{path: "config"},
	{path: "cmd", may: append([]string{"scheduling", "scheduling/store", "notify", "api", "config"}, inner...)},
}

var inner = []string{"scheduling/calendar", "scheduling/messages", "scheduling/account"}

// homes are the rooms in which alone a module of others, or a package of the
// standard library, may be known.
var homes = map[string][]string{
	"gorm.io":                       {"scheduling/store"},
	"github.com/glebarez":           {"scheduling/store"},
	"github.com/pressly/goose":      {"scheduling/store"},
	"github.com/go-sql-driver":      {"scheduling/store"},
	"database/sql":                  {"scheduling/store"},
	"github.com/labstack/echo":      {"api"},
	"github.com/getkin/kin-openapi": {"api"},
	"github.com/spf13/cobra":        {"cmd"},
	"github.com/robfig/cron":        {"notify", "cmd"},
}

// listed is what "go list" tells of a package: its imports, tests aside.
type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func TestImportsPointOneWay(t *testing.T) {
	for _, tags := range []string{"", "testclock"} {
		t.Run("tags "+tags, func(t *testing.T) {
			packages := list(t, tags)
			if !slices.ContainsFunc(packages, func(p listed) bool { return p.ImportPath == module+"cmd/magpie" }) {
				t.Fatalf("cmd/magpie is not among the %d packages", len(packages))
			}
			for _, p := range packages {
				for _, breach := range breaches(p) {
					t.Error(breach)
				}
			}
		})
	}
}

func TestABreachOfTheArrowsIsSeen(t *testing.T) {
	tests := []struct {
		importer, imported string
		want               []string
	}{
		{"scheduling/calendar", "time", nil},
		{"scheduling/calendar", "magpie/scheduling", []string{"scheduling/calendar must not import scheduling"}},
		{"scheduling/calendar", "golang.org/x/text/width", []string{"scheduling/calendar must not import golang.org/x/text/width: it is pure"}},
		{"scheduling/calendar", "database/sql", []string{"scheduling/calendar must not import database/sql: only scheduling/store may"}},
		{"scheduling/account", "github.com/alexedwards/argon2id", nil},
		{"scheduling/messages", "magpie/scheduling/account", []string{"scheduling/messages must not import scheduling/account"}},
		{"scheduling", "magpie/scheduling/calendar", nil},
		{"scheduling", "magpie/scheduling/store", []string{"scheduling must not import scheduling/store"}},
		{"scheduling/office", "magpie/scheduling", nil},
		{"scheduling/office", "magpie/scheduling/store", []string{"scheduling/office must not import scheduling/store"}},
		{"scheduling/store", "gorm.io/gorm", nil},
		{"scheduling/store", "magpie/notify", []string{"scheduling/store must not import notify"}},
		{"scheduling/store", "magpie/scheduling/store/storetest", []string{"scheduling/store must not import scheduling/store/storetest: it is for tests alone"}},
		{"scheduling/store/storetest", "magpie/scheduling/store", nil},
		{"scheduling/store/storetest/mariadb", "testing", nil},
		{"api/rest/resttest", "testing", nil},
		{"api/rest", "magpie/api/rest/resttest", []string{"api/rest must not import api/rest/resttest: it is for tests alone"}},
		{"notify/sms", "magpie/scheduling/messages", nil},
		{"notify", "magpie/api/rest", []string{"notify must not import api/rest"}},
		{"notify", "magpie/scheduling/store", []string{"notify must not import scheduling/store"}},
		{"api/rest", "magpie/api/problem", nil},
		{"api/rest", "magpie/notify/sms", []string{"api/rest must not import notify/sms"}},
		{"api/rest", "magpie/config", []string{"api/rest must not import config"}},
		{"api/rest", "gorm.io/gorm", []string{"api/rest must not import gorm.io/gorm: only scheduling/store may"}},
		{"notify", "github.com/labstack/echo/v4", []string{"notify must not import github.com/labstack/echo/v4: only api may"}},
		{"config", "gopkg.in/yaml.v3", nil},
		{"config", "magpie/scheduling", []string{"config must not import scheduling"}},
		{"cmd/magpie", "magpie/config", nil},
		{"cmd/magpie", "magpie/scheduling/store/storetest/mariadb", []string{"cmd/magpie must not import scheduling/store/storetest/mariadb: it is for tests alone"}},
		{"cmd/magpie", "testing", []string{"cmd/magpie must not import testing: it is for tests alone"}},
		{"web", "time", []string{"web is in no room of the house"}},
	}
	for _, test := range tests {
		t.Run(test.importer+" imports "+test.imported, func(t *testing.T) {
			got := breaches(listed{ImportPath: module + test.importer, Imports: []string{test.imported}})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestATestsPackageHiddenBehindAnotherIsSeen(t *testing.T) {
	got := breaches(listed{
		ImportPath: module + "cmd/magpie",
		Imports:    []string{"example.org/handy"},
		Deps:       []string{"example.org/handy", "testing"},
	})
	want := []string{"cmd/magpie must not depend on testing, not through others either"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// breaches tells which imports of a package break the rules of its room.
func breaches(p listed) []string {
	name := strings.TrimPrefix(p.ImportPath, module)
	home := roomOf(name)
	if home == nil {
		return []string{name + " is in no room of the house"}
	}
	var found []string
	for _, imported := range p.Imports {
		if breach := home.refusal(imported, forTests(p.ImportPath)); breach != "" {
			found = append(found, fmt.Sprintf("%s must not import %s", name, breach))
		}
	}
	if home.path == "cmd" && slices.Contains(p.Deps, "testing") && !slices.Contains(p.Imports, "testing") {
		found = append(found, name+" must not depend on testing, not through others either")
	}
	return found
}

// refusal says what of an import is refused in the room, or nothing.
func (r *room) refusal(imported string, byTests bool) string {
	if !byTests && forTests(imported) {
		return strings.TrimPrefix(imported, module) + ": it is for tests alone"
	}
	if inside, ok := strings.CutPrefix(imported, module); ok {
		other := roomOf(inside)
		if other == nil || other != r && !slices.Contains(r.may, other.path) {
			return inside
		}
		return ""
	}
	for prefix, allowed := range homes {
		if within(imported, prefix) && !slices.Contains(allowed, r.path) {
			return fmt.Sprintf("%s: only %s may", imported, strings.Join(allowed, ", "))
		}
	}
	first, _, _ := strings.Cut(imported, "/")
	if r.pure && strings.Contains(first, ".") && !slices.ContainsFunc(r.outside, func(p string) bool { return within(imported, p) }) {
		return imported + ": it is pure"
	}
	return ""
}

// roomOf returns the innermost room in which a package lies.
func roomOf(name string) *room {
	var found *room
	for i := range rooms {
		if within(name, rooms[i].path) && (found == nil || len(rooms[i].path) > len(found.path)) {
			found = &rooms[i]
		}
	}
	return found
}

func within(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }

// forTests tells package testing and those of ours that tests alone import: a
// folder of their path has a name that ends in test.
func forTests(path string) bool {
	if path == "testing" {
		return true
	}
	inside, ours := strings.CutPrefix(path, module)
	return ours && slices.ContainsFunc(strings.Split(inside, "/"), func(folder string) bool {
		return strings.HasSuffix(folder, "test")
	})
}

// list asks for every package of the module, also for those that do not
// compile at the moment.
func list(t *testing.T, tags string) []listed {
	t.Helper()
	command := exec.Command("go", "list", "-e", "-tags="+tags, "-json=ImportPath,Imports,Deps", "./...")
	command.Dir = "../.."
	var complaints strings.Builder
	command.Stderr = &complaints
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, complaints.String())
	}
	var packages []listed
	decoder := json.NewDecoder(strings.NewReader(string(output)))
	for {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatalf("reading go list: %v", err)
		}
		packages = append(packages, p)
	}
}
