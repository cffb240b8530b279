// The section staff.

package office

import (
	"slices"

	"magpie/scheduling"
	"magpie/scheduling/account"
)

var staffKeys = []string{"username", "name", "gender", "roles", "services", "hours", "sessions_per_day"}

func (r *reader) readStaff(v value, offered services) []scheduling.Staff {
	var out []scheduling.Staff
	taken := seen{}
	for _, item := range v.items(0) {
		m, ok := item.called(v.path, "username").mapping(staffKeys...)
		if !ok {
			continue
		}
		s := scheduling.Staff{Username: m.need("username").code(taken), Name: m.need("name").text()}
		if gender := m.mayBeNone("gender"); gender.present() {
			s.Gender = gender.choice("female", "male")
		}
		s.Roles = m.need("roles").roles(1)
		s.Services = m.may("services").references(offered)
		s.Hours = m.may("hours").hours(0)
		s.SessionsPerDay = m.mayBeNone("sessions_per_day").numberOr(0, 0)
		out = append(out, s)
	}
	return out
}

// roles reads roles of staff, each once, and so many at least.
func (v value) roles(least int) []account.Role {
	var words []string
	for _, role := range account.StaffRoles() {
		words = append(words, string(role))
	}
	var out []account.Role
	taken := seen{}
	for _, item := range v.items(least) {
		before := len(v.r.problems)
		role := item.choice(words...)
		if item.present() && len(v.r.problems) == before && taken.once(item, role) {
			out = append(out, account.Role(role))
		}
	}
	return out
}

// references reads codes of services that are offered, each once.
func (v value) references(offered services) []string {
	var out []string
	taken := seen{}
	for _, item := range v.items(0) {
		code, ok := item.str(maxText)
		if !ok || !taken.once(item, code) {
			continue
		}
		known := slices.ContainsFunc(offered.list, func(s scheduling.Service) bool { return s.Code == code })
		if offered.sound && !known {
			item.failf("there is no service %q", code)
		}
		out = append(out, code)
	}
	return out
}
