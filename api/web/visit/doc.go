// Package visit is what one person is doing on the pages: the cookie, what they
// have chosen and typed so far, who they have proved to be, and the addresses
// of the pages on which they do so.
//
// Choices are kept on the server, sealed, and end twenty minutes after they
// were last touched. An address names neither service, step, date nor number:
// it is drawn from the visit's secret, and means nothing to anybody else, nor
// once the visit has ended. It promises that nothing a page asked for is done
// twice because a button was pressed twice. It shows nothing.
package visit
