package account

import (
	"maps"
	"slices"
)

// Screens is the one table of who may open which page of the staff's, and press
// what on it: as Permissions is for the API. What is not in it is open to nobody.
var Screens = map[string]row{
	"GET /staff/login":  public,
	"POST /staff/login": public,

	"GET /staff":         allStaffsOwn,
	"POST /staff/logout": allStaffsOwn,
	"GET /staff/events":  sessionWork,

	"GET /staff/today":         sessionWork,
	"POST /staff/today/search": sessionWork,

	"GET /staff/appointments/{reference}":           sessionWork,
	"POST /staff/appointments/{reference}/check-in": sessionWork,
	"POST /staff/appointments/{reference}/start":    sessionWork,
	"POST /staff/appointments/{reference}/complete": sessionWork,
	"POST /staff/appointments/{reference}/no-show":  sessionWork,
	"POST /staff/appointments/{reference}/cancel":   sessionWork,
	"GET /staff/appointments/{reference}/move":      sessionWork,
	"POST /staff/appointments/{reference}/move":     sessionWork,
	"GET /staff/appointments/{reference}/slip":      deskWork,
	"GET /staff/calendar":                           sessionWork,
	"GET /staff/calendar/sessions":                  sessionWork,
	"GET /staff/calendar/targets":                   sessionWork,
	"POST /staff/calendar/check":                    sessionWork,
	"POST /staff/calendar/move":                     sessionWork,
	"POST /staff/calendar/undo":                     sessionWork,

	"GET /staff/book":                deskWork,
	"POST /staff/book":               deskWork,
	"GET /staff/calls":               deskWork,
	"POST /staff/calls/{id}/done":    deskWork,
	"POST /staff/calls/{id}/restore": deskWork,
}

// AllowedScreen is Allowed for a page of the staff's.
func AllowedScreen(route string, roles []Role) (Scope, bool) { return allowed(Screens, route, roles) }

// ScreenRoutes lists the pages' routes in order.
func ScreenRoutes() []string { return slices.Sorted(maps.Keys(Screens)) }
