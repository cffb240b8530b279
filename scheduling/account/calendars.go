package account

import "time"

// WrongCalendarsPerAddress limits the secret addresses of calendars that were
// wrong, and the app passwords. A secret has 128 random bits or more, so the
// limit is about work and noise; a phone whose password was taken away asks four
// times an hour, and several may stand behind one address.
var WrongCalendarsPerAddress = Limit{60, time.Hour}
