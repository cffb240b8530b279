// Package panel is what stands around every page of the staff's: who is signed
// in and in which role, the way between the pages, style and script, and what
// was done, said once.
//
// It promises that a page shows what its reader's role may see (the use cases
// decide), and that a button pressed twice does its work once.
package panel
