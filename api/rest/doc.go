// Package rest is version 1 of the HTTP API: openapi.yaml, the wire types and
// routes made from it, the check of every request against it, and thin
// handlers that turn a request into one command of package scheduling and its
// answer into JSON.
//
// It promises that a handler sees nothing that the document does not allow (but
// for the calls of gateways, whose form is their vendors'), that names and
// numbers leave only by the views of the use cases, and that every route of the
// document is guarded and served. It decides
// nothing: whose an appointment is and what may be done with it is for the use
// cases.
package rest
