// Package calendar is the arithmetic of time that everything else in Magpie
// stands on: civil dates and clock times, opening hours and their exceptions,
// the statutory holidays of China, the starts at which a session may begin,
// the words of bits in which a resource's day is kept, and the thirty days of
// a divorce application.
//
// It promises to be pure: no clock is read, nothing is stored, the current
// time is always an argument, and the same arguments give the same answer. It
// imports the standard library only. Values may be shared between goroutines
// as long as nobody writes to them; only [Track] has methods that write.
//
// There are two calendars, and they are kept apart: what the law calls a
// working day ([Statutory.WorkingDay]), on which statutory periods end, and
// when one office opens ([Opening.Day]), which may differ from it by choice.
//
// It does not promise to know a year whose holiday notice is not shipped: such
// a year is "not loaded", and each answer that depends on it says so. It knows
// nothing of bookings, people, storage or words for a reader, the rules of the
// thirty days excepted.
package calendar
