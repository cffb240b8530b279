package account

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The matrix in testdata is the contract's "who" column written out by hand, so
// that a slip in the table cannot be copied into its test.
func readMatrix(t *testing.T) (roles []Role, cells map[string]map[Role]Scope) {
	t.Helper()
	file, err := os.Open("testdata/matrix.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	scopes := map[string]Scope{"-": None, "own": Own, "office": Office}
	cells = make(map[string]map[Role]Scope)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		f := strings.Fields(lines.Text())
		switch {
		case len(f) == 0:
			continue
		case roles == nil:
			for _, r := range f[2:] {
				roles = append(roles, Role(r))
			}
			continue
		case len(f) != len(roles)+2:
			t.Fatalf("line %q has %d fields", lines.Text(), len(f))
		}
		route := f[0] + " " + f[1]
		cells[route] = make(map[Role]Scope)
		for i, r := range roles {
			s, ok := scopes[f[i+2]]
			if !ok {
				t.Fatalf("line %q: %q is no scope", lines.Text(), f[i+2])
			}
			cells[route][r] = s
		}
	}
	return roles, cells
}

func TestEveryCellOfTheTableIsTheContracts(t *testing.T) {
	roles, want := readMatrix(t)
	if !slices.Equal(slices.Sorted(slices.Values(roles)), slices.Sorted(slices.Values(Roles()))) {
		t.Fatalf("the matrix has the roles %v, the package %v", roles, Roles())
	}
	for _, route := range Routes() {
		if want[route] == nil {
			t.Errorf("%s is not in the matrix", route)
		}
	}
	for route, cells := range want {
		for role, scope := range cells {
			got, known := Allowed(route, []Role{role})
			if !known || got != scope {
				t.Errorf("%s for %s: got %s (known: %t), want %s", route, role, got, known, scope)
			}
		}
	}
}

func TestTheWidestOfSeveralRolesCounts(t *testing.T) {
	const list, audit = "GET /api/v1/staff/offices/{office}/appointments", "GET /api/v1/staff/offices/{office}/audit"
	for _, c := range []struct {
		route string
		roles []Role
		want  Scope
	}{
		{list, []Role{Counsellor}, Own},
		{list, []Role{Counsellor, Desk}, Office},
		{list, []Role{Desk, Counsellor}, Office},
		{list, []Role{Auditor, Counsellor}, Own},
		{list, []Role{Citizen, Anyone}, None},
		{list, nil, None},
		{audit, []Role{Counsellor, Desk}, None},
		{audit, []Role{Desk, Auditor}, Office},
		{"GET /api/v1/offices", nil, Office},
		{"GET /api/v1/offices", []Role{Auditor}, Office},
		{list, []Role{"chief"}, None},
	} {
		if got, known := Allowed(c.route, c.roles); !known || got != c.want {
			t.Errorf("%s for %v: got %s (known: %t), want %s", c.route, c.roles, got, known, c.want)
		}
	}
}

func TestARouteWithoutARowIsOpenToNobody(t *testing.T) {
	for _, route := range []string{"", "GET /api/v1/staff", "get /healthz", "GET /api/v1/offices/anhua", "POST /api/v1/offices"} {
		if got, known := Allowed(route, Roles()); known || got != None {
			t.Errorf("%q: got %s, known: %t", route, got, known)
		}
	}
}

func TestOnlyBookingIsOpenWithoutVerifiedPhones(t *testing.T) {
	want := map[string]Scope{"POST /api/v1/offices/{office}/appointments": Own}
	if diff := cmp.Diff(want, WithoutVerification); diff != "" {
		t.Error(diff)
	}
	for route := range WithoutVerification {
		if _, known := Allowed(route, nil); !known {
			t.Errorf("%s has no row of its own", route)
		}
	}
}

func TestWithoutASecondFactorOneSetsItUpAndNothingElse(t *testing.T) {
	for route := range WithoutFactor {
		cells, known := Permissions[route]
		if !known {
			t.Errorf("%s has no row of its own", route)
		}
		for _, role := range StaffRoles() {
			if cells[role] != Own {
				t.Errorf("%s is %s to %s, not their own", route, cells[role], role)
			}
		}
	}
}

func TestAnOfficeFileGivesStaffRolesOnly(t *testing.T) {
	for _, r := range Roles() {
		want := r != Anyone && r != Citizen
		got, ok := ParseStaffRole(string(r))
		if ok != want || (ok && got != r) || r.IsStaff() != want {
			t.Errorf("%s: %q, %t", r, got, ok)
		}
	}
	for _, s := range []string{"", "Desk", "admin"} {
		if got, ok := ParseStaffRole(s); ok {
			t.Errorf("%q was taken for %q", s, got)
		}
	}
}
