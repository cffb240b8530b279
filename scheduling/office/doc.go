// Package office reads, checks, compares and writes the office file: the one
// YAML document that says when an office opens, which rooms and services it
// has and who works there.
//
// It promises that [Parse] takes a file as a whole or not at all, and that it
// reports everything that is wrong with it, each with its line; that what
// [Write] writes is read back as the same office; and that [Diff] misses no
// difference between two offices that [Write] would show.
//
// It is stricter than YAML: an unknown key, a key given twice, a value of
// another type, an anchor, an alias, a merge key, a tag and a second document
// are errors, so that what a clerk reads in the file is what holds.
//
// It does not know what is booked: whether a room may be removed is decided
// where appointments are known. It keeps no identifiers: an office that was
// read has ID and Revision zero, as have its rooms, services and staff.
package office
