// Package account says who may do what, and how often somebody may be wrong: the
// roles, one table of permissions over every route, the counting of tries, and
// the rules for passwords. It is pure: now is handed in, nothing is read or
// written, and nothing here compares a code or hashes a password.
//
// It promises that a route without a row in the table is open to nobody, and
// that one rule counts all tries. It does not promise that the object behind a
// route is somebody's own: a Scope says how far one may reach, and the use case
// checks whose it is.
package account

import "slices"

// Role is what somebody is to the service. Staff have those of the office file;
// Citizen and Anyone are not written there.
type Role string

// The roles there are.
const (
	// Anyone is whoever asks, with a token or without one.
	Anyone Role = "anyone"
	// Citizen is somebody who has proven a telephone number.
	Citizen Role = "citizen"
	// Counsellor receives people, and sees their own sessions.
	Counsellor Role = "counsellor"
	// Desk books for callers and visitors, and moves appointments on.
	Desk Role = "desk"
	// Director may do all that is done in the office.
	Director Role = "director"
	// Auditor reads who did what and what was sent, with numbers masked, and
	// changes nothing.
	Auditor Role = "auditor"
)

// Roles lists every role, the widest last within citizens and within staff.
func Roles() []Role { return append([]Role{Anyone, Citizen}, StaffRoles()...) }

// StaffRoles lists the roles that an office file may give.
func StaffRoles() []Role { return []Role{Counsellor, Desk, Auditor, Director} }

// IsStaff says whether an office file may give this role.
func (r Role) IsStaff() bool { return slices.Contains(StaffRoles(), r) }

// ParseStaffRole reads a role of the office file; false for any other word,
// citizen and anyone among them.
func ParseStaffRole(s string) (Role, bool) {
	if r := Role(s); r.IsStaff() {
		return r, true
	}
	return "", false
}

// Scope is how far a role reaches through a route. A wider scope is a greater
// number.
type Scope int

const (
	// None: the route is closed.
	None Scope = iota
	// Own: one's own objects only: a citizen's appointments, a hold whose secret
	// one holds, a counsellor's sessions and leave, one's own log-in.
	Own
	// Office: everything of one's own office and nothing of another; for what
	// anyone may read, of the office in the address.
	Office
)

// String gives the scope's name, for tests and logs.
func (s Scope) String() string {
	switch s {
	case None:
		return "none"
	case Own:
		return "own"
	case Office:
		return "office"
	}
	return "unknown"
}
