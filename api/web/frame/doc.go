// Package frame is what stands around every page of the citizens: the header
// with the office's name, the elder version and the quick exit, the error
// summary, the footer with its numbers for help; the style and the script; and
// how a date, an hour and a sentence are said in Chinese and in English.
//
// It promises that no page loads anything from elsewhere, and that no title
// names a service, a step, a date or a number: whoever looks over a shoulder
// reads that an office takes appointments, and no more. It knows no use case.
package frame
