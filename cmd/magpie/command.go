// From the command line to an exit status.

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// The exit statuses.
const (
	done       = 0
	notDone    = 1
	wrongInput = 2
)

// program is one run of the command: what it was given, and where it writes.
type program struct {
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
	now            func() time.Time
	log            *slog.Logger
}

// wrong is what is unreadable or not valid of the settings, a file or the
// usage, a line each; the exit status is 2.
type wrong []string

func (w wrong) Error() string { return strings.Join(w, "\n") }

// worked marks an error that came from a command's work. What the command line
// itself refuses is not marked.
type worked struct{ error }

func (w worked) Unwrap() error { return w.error }

// run is the whole program but for signals. It returns the exit status.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer, now func() time.Time) int {
	p := &program{
		environ: environ, stdin: stdin, stdout: stdout, stderr: stderr, now: now,
		log: slog.New(slog.NewTextHandler(stderr, nil)),
	}
	root := p.root()
	root.SetArgs(slices.Concat([]string{}, args)) // of nil cobra makes os.Args
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	command, err := root.ExecuteContextC(ctx)
	if err != nil && !errors.As(err, new(worked)) {
		err = wrong{command.CommandPath() + ": " + oneLine(err)}
	}
	return p.report(ctx, err)
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "magpie",
		Short:         "Appointments of marriage registration offices",
		Args:          cobra.NoArgs,
		RunE:          commandMissing,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	staff := &cobra.Command{Use: "staff", Short: "The people who work at an office", Args: cobra.NoArgs, RunE: commandMissing}
	staff.AddCommand(p.staffPasswordCommand())
	root.AddCommand(
		p.demoCommand(), p.serveCommand(), p.migrateCommand(), p.applyCommand(), p.exportCommand(),
		staff, p.doctorCommand(), p.rekeyCommand(),
	)
	return root
}

func commandMissing(c *cobra.Command, _ []string) error {
	return fmt.Errorf("a command is missing, see %s --help", c.CommandPath())
}

// does makes a command's work of a function.
func does(work func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		if err := work(c.Context(), args); err != nil {
			return worked{err}
		}
		return nil
	}
}

// report prints an error's lines and gives the exit status.
func (p *program) report(ctx context.Context, err error) int {
	if err == nil {
		return done
	}
	lines, status := []string{oneLine(err)}, notDone
	var input wrong
	switch {
	case errors.As(err, &input):
		lines, status = input, wrongInput
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		lines = []string{"interrupted"}
	}
	for _, line := range lines {
		p.note("%s", line)
	}
	return status
}

// oneLine is an error in one line, also where several were joined.
func oneLine(err error) string { return strings.Join(strings.Split(err.Error(), "\n"), "; ") }

// print writes a line to standard output.
func (p *program) print(line string) error {
	if _, err := fmt.Fprintln(p.stdout, line); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}

// note writes a line for whoever watches to standard error; there is nobody to
// tell if that cannot be written.
func (p *program) note(format string, arguments ...any) {
	_, _ = fmt.Fprintf(p.stderr, format+"\n", arguments...)
}
