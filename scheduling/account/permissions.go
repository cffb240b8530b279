package account

import (
	"maps"
	"slices"
)

// row is what one route is to each role; a role that is left out has None.
type row map[Role]Scope

// The rows that several routes share.
var (
	public       = row{Anyone: Office}
	bySecret     = row{Anyone: Own}
	citizensOwn  = row{Citizen: Own}
	allStaffsOwn = row{Counsellor: Own, Desk: Own, Auditor: Own, Director: Own}
	deskWork     = row{Desk: Office, Director: Office}
	sessionWork  = row{Counsellor: Own, Desk: Office, Director: Office}
	ownCalendar  = row{Counsellor: Own}
	leave        = row{Counsellor: Own, Director: Office}
	review       = row{Auditor: Office, Director: Office}
	ledger       = row{Desk: Office, Auditor: Office, Director: Office}
	direction    = row{Director: Office}
)

// Permissions is the one table of who may call what: route, role, scope. A
// route's key is "METHOD /path" with its parameters in braces, as in the
// OpenAPI document. What is not in it is open to nobody.
var Permissions = map[string]row{
	"GET /healthz":             public,
	"GET /readyz":              public,
	"GET /api/v1/openapi.json": public,
	"GET /api/v1/docs":         public,

	"GET /api/v1/offices":                       public,
	"GET /api/v1/offices/{office}":              public,
	"GET /api/v1/offices/{office}/services":     public,
	"GET /api/v1/offices/{office}/counsellors":  public,
	"GET /api/v1/offices/{office}/availability": public,
	"GET /api/v1/statute/thirty-days":           public,

	"POST /api/v1/verifications":              bySecret,
	"POST /api/v1/verifications/{id}/confirm": bySecret,
	"POST /api/v1/session":                    bySecret,
	"DELETE /api/v1/session":                  citizensOwn,
	"PUT /api/v1/code-word":                   citizensOwn,

	"POST /api/v1/offices/{office}/holds":              bySecret,
	"POST /api/v1/offices/{office}/holds/{hold}/renew": bySecret,
	"DELETE /api/v1/offices/{office}/holds/{hold}":     bySecret,

	"POST /api/v1/offices/{office}/appointments":        citizensOwn,
	"GET /api/v1/appointments":                          citizensOwn,
	"GET /api/v1/appointments/{reference}":              citizensOwn,
	"POST /api/v1/appointments/{reference}/cancel":      citizensOwn,
	"POST /api/v1/appointments/{reference}/reschedule":  citizensOwn,
	"GET /api/v1/appointments/{reference}/calendar.ics": citizensOwn,
	"GET /api/v1/appointments/{reference}/messages":     citizensOwn,
	"GET /api/v1/contact":                               citizensOwn,
	"PUT /api/v1/contact":                               citizensOwn,
	"GET /api/v1/me":                                    citizensOwn,
	"POST /api/v1/me/erasure":                           citizensOwn,
	"DELETE /api/v1/me/erasure":                         citizensOwn,
	"POST /api/v1/staff/login":                          bySecret,
	"DELETE /api/v1/staff/session":                      allStaffsOwn,

	"GET /api/v1/staff/session":                                     allStaffsOwn,
	"PUT /api/v1/staff/session":                                     allStaffsOwn,
	"GET /api/v1/staff/logins":                                      allStaffsOwn,
	"DELETE /api/v1/staff/logins":                                   allStaffsOwn,
	"DELETE /api/v1/staff/logins/{id}":                              allStaffsOwn,
	"GET /api/v1/staff/offices/{office}/sign-ins":                   direction,
	"DELETE /api/v1/staff/offices/{office}/staff/{username}/logins": direction,

	"GET /api/v1/staff/second-factor":                 allStaffsOwn,
	"POST /api/v1/staff/second-factor":                allStaffsOwn,
	"POST /api/v1/staff/second-factor/confirm":        allStaffsOwn,
	"POST /api/v1/staff/second-factor/recovery-codes": allStaffsOwn,
	"POST /api/v1/staff/second-factor/remove":         allStaffsOwn,

	"POST /api/v1/staff/login/passkey/begin":  bySecret,
	"POST /api/v1/staff/login/passkey":        bySecret,
	"POST /api/v1/staff/login/oidc/begin":     bySecret,
	"POST /api/v1/staff/login/oidc":           bySecret,
	"GET /api/v1/staff/passkeys":              allStaffsOwn,
	"POST /api/v1/staff/passkeys":             allStaffsOwn,
	"POST /api/v1/staff/passkeys/begin":       allStaffsOwn,
	"PUT /api/v1/staff/passkeys/{id}":         allStaffsOwn,
	"POST /api/v1/staff/passkeys/{id}/remove": allStaffsOwn,

	"DELETE /api/v1/staff/offices/{office}/staff/{username}/second-factor": direction,

	"GET /api/v1/staff/offices/{office}/appointments":        sessionWork,
	"POST /api/v1/staff/offices/{office}/appointments":       deskWork,
	"POST /api/v1/staff/appointments/{reference}/check-in":   sessionWork,
	"POST /api/v1/staff/appointments/{reference}/start":      sessionWork,
	"POST /api/v1/staff/appointments/{reference}/complete":   sessionWork,
	"POST /api/v1/staff/appointments/{reference}/no-show":    sessionWork,
	"POST /api/v1/staff/appointments/{reference}/cancel":     sessionWork,
	"POST /api/v1/staff/appointments/{reference}/reschedule": sessionWork,
	"POST /api/v1/staff/appointments/{reference}/restore":    deskWork,
	"GET /api/v1/staff/appointments/{reference}/moves":       sessionWork,
	"POST /api/v1/staff/appointments/{reference}/moves":      sessionWork,
	"POST /api/v1/staff/appointments/{reference}/undo":       sessionWork,

	"GET /api/v1/staff/appointments/{reference}/contact":          deskWork,
	"PUT /api/v1/staff/appointments/{reference}/contact":          deskWork,
	"GET /api/v1/staff/appointments/{reference}/messages/preview": sessionWork,
	"GET /api/v1/staff/offices/{office}/tasks":                    deskWork,
	"POST /api/v1/staff/offices/{office}/tasks/{id}/done":         deskWork,

	"GET /api/v1/staff/offices/{office}/messages":                       ledger,
	"POST /api/v1/staff/offices/{office}/messages/{id}/resolve":         direction,
	"GET /api/v1/staff/offices/{office}/sending":                        ledger,
	"PUT /api/v1/staff/offices/{office}/sending":                        direction,
	"GET /api/v1/staff/offices/{office}/texts":                          ledger,
	"PUT /api/v1/staff/offices/{office}/texts/{kind}/{locale}":          direction,
	"DELETE /api/v1/staff/offices/{office}/texts/{kind}/{locale}":       direction,
	"GET /api/v1/staff/offices/{office}/texts/{kind}/{locale}/versions": ledger,

	"GET /api/v1/staff/offices/{office}/staff/{username}/time-off":         leave,
	"POST /api/v1/staff/offices/{office}/staff/{username}/time-off":        leave,
	"DELETE /api/v1/staff/offices/{office}/staff/{username}/time-off/{id}": leave,

	"GET /api/v1/staff/me/calendar":                                      ownCalendar,
	"PUT /api/v1/staff/me/calendar":                                      ownCalendar,
	"POST /api/v1/staff/me/calendar/address":                             ownCalendar,
	"DELETE /api/v1/staff/me/calendar/address":                           ownCalendar,
	"POST /api/v1/staff/me/calendar/app-passwords":                       ownCalendar,
	"DELETE /api/v1/staff/me/calendar/app-passwords/{id}":                ownCalendar,
	"GET /api/v1/staff/offices/{office}/file":                            direction,
	"PUT /api/v1/staff/offices/{office}/file":                            direction,
	"GET /api/v1/staff/offices/{office}/versions":                        direction,
	"GET /api/v1/staff/offices/{office}/versions/{version}":              direction,
	"POST /api/v1/staff/offices/{office}/versions/{version}/undo":        direction,
	"POST /api/v1/staff/offices/{office}/staff/{username}/password-link": direction,
	"POST /api/v1/staff/password":                                        bySecret,
	"POST /api/v1/staff/offices/{office}/impact":                         sessionWork,
	"POST /api/v1/staff/offices/{office}/hand-over":                      sessionWork,
	"GET /api/v1/staff/offices/{office}/holidays":                        direction,
	"PUT /api/v1/staff/offices/{office}/holidays/{year}":                 direction,
	"DELETE /api/v1/staff/offices/{office}/holidays/{year}":              direction,
	"GET /api/v1/staff/offices/{office}/warnings":                        direction,
	"POST /api/v1/staff/offices/{office}/series":                         deskWork,
	"GET /api/v1/staff/appointments/{reference}/series":                  sessionWork,
	"POST /api/v1/staff/appointments/{reference}/series/cancel":          sessionWork,
	"PUT /api/v1/staff/appointments/{reference}/attendance":              sessionWork,
	"POST /api/v1/setup":                                                 bySecret,
	"GET /api/v1/staff/offices/{office}/today":                           sessionWork,
	"GET /api/v1/staff/offices/{office}/search":                          deskWork,
	"GET /api/v1/staff/offices/{office}/walk-in":                         deskWork,
	"POST /api/v1/staff/offices/{office}/tasks/{id}/attempts":            deskWork,
	"GET /api/v1/appointments/{reference}/offer":                         citizensOwn,
	"POST /api/v1/appointments/{reference}/offer":                        citizensOwn,
	"GET /api/v1/staff/appointments/{reference}/offer":                   sessionWork,
	"POST /api/v1/staff/appointments/{reference}/offer":                  sessionWork,
	"DELETE /api/v1/staff/appointments/{reference}/offer":                sessionWork,
	"POST /api/v1/staff/appointments/{reference}/offer/take":             sessionWork,
	"GET /api/v1/staff/me/outside-calendar":                              ownCalendar,
	"PUT /api/v1/staff/me/outside-calendar":                              ownCalendar,
	"DELETE /api/v1/staff/me/outside-calendar":                           ownCalendar,
	"POST /api/v1/staff/me/outside-calendar/read":                        ownCalendar,
	"GET /api/v1/staff/me/outside-calendar/booked-inside":                ownCalendar,

	"GET /api/v1/staff/offices/{office}/audit": review,

	// A counsellor's calendar, for phones: at its secret address, and by CalDAV
	// with an app password. There it is only read; what would change it is not
	// in the table.
	"GET /feeds/{secret}.ics":  bySecret,
	"HEAD /feeds/{secret}.ics": bySecret,
	"GET /dav/*":               ownCalendar,
	"HEAD /dav/*":              ownCalendar,
	"OPTIONS /dav/*":           ownCalendar,
	"PROPFIND /dav/*":          ownCalendar,
	"REPORT /dav/*":            ownCalendar,

	// For gateways: the secret is in the address, and none but listed senders
	// are heard.
	"GET /hooks/{gateway}/{secret}":  bySecret,
	"POST /hooks/{gateway}/{secret}": bySecret,
}

// WithoutVerification holds the routes that Anyone may call as well while
// MAGPIE_VERIFY_PHONES is off (an office's inner network): booking needs no
// token then, all else still does.
var WithoutVerification = map[string]Scope{
	"POST /api/v1/offices/{office}/appointments": Own,
}

// WithoutFactor holds the routes that are open to a member of staff who must
// have a second factor and has none yet: setting one up, one's own log-ins, and
// logging out.
var WithoutFactor = map[string]bool{
	"GET /api/v1/staff/session":                true,
	"DELETE /api/v1/staff/session":             true,
	"GET /api/v1/staff/logins":                 true,
	"DELETE /api/v1/staff/logins":              true,
	"DELETE /api/v1/staff/logins/{id}":         true,
	"GET /api/v1/staff/second-factor":          true,
	"POST /api/v1/staff/second-factor":         true,
	"POST /api/v1/staff/second-factor/confirm": true,
	"GET /api/v1/staff/passkeys":               true,
	"POST /api/v1/staff/passkeys":              true,
	"POST /api/v1/staff/passkeys/begin":        true,
}

// Allowed gives the widest scope that somebody with these roles has on a route,
// and whether the route is in the table at all. Everybody is Anyone, whether it
// is among the roles or not.
func Allowed(route string, roles []Role) (Scope, bool) {
	return allowed(Permissions, route, roles)
}

func allowed(table map[string]row, route string, roles []Role) (Scope, bool) {
	cells, known := table[route]
	best := cells[Anyone]
	for _, r := range roles {
		best = max(best, cells[r])
	}
	return best, known
}

// Routes lists the table's routes in order.
func Routes() []string { return slices.Sorted(maps.Keys(Permissions)) }
