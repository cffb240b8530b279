// Package scheduling holds the words and the use cases of an appointment
// office: what a session, an appointment, a hold and a person who counts are,
// and how one finds, holds, books, moves, cancels and advances.
//
// It promises that every way of booking (API, pages, desk) goes through the
// same use case and the same single transaction, and that a rule is decided in
// one place: pure functions over facts that were loaded once. It can be read
// without SQL: what is kept, and how it is kept consistent, is the business of
// package store, which satisfies the small interfaces declared here.
//
// It never reads a clock: every use case is handed the present by Scheduler.Now,
// as one instant in UTC and whole seconds.
package scheduling
