// Command magpie is the appointment service of marriage registration offices:
// the server, its demonstration and the commands of those who run it. The
// commands and their settings are in the contract; "magpie help" lists them.
//
// It promises that what a command prints for programs goes to standard output
// and everything else to standard error, that an error is one line which names
// the setting, or the file and line, that is wrong, and that the exit status is
// 0 for done, 1 for failed and 2 for wrong usage or for a setting or file that
// is unreadable or not valid. Rules of booking are not decided here: this is
// where the parts are put together, and where clock, terminal and signals come
// from.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // offices name their time zone, and a machine may have none
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal finds no handler any more and ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr, clock(os.Environ())))
}
