package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"magpie/scheduling"
	"magpie/scheduling/store"
)

// maxTyped bounds what is read of standard input, in bytes.
const maxTyped = 1 << 16

func (p *program) staffPasswordCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "password OFFICE USERNAME",
		Short: "Set a password, read from standard input, and lift a lock",
		Args:  cobra.ExactArgs(2),
		RunE: does(func(ctx context.Context, args []string) error {
			return p.setPassword(ctx, args[0], args[1])
		}),
	}
}

func (p *program) setPassword(ctx context.Context, code, username string) error {
	settings, err := p.keyed()
	if err != nil {
		return err
	}
	return p.withExisting(ctx, settings, func(st *store.Store) error {
		scheduler := newScheduler(st, settings, p.now, nil, p.log)
		o, err := findOffice(ctx, scheduler, code)
		if err != nil {
			return err
		}
		if _, ok := o.StaffMember(username); !ok {
			return fmt.Errorf("%s: nobody with the username %s works there", code, username)
		}
		password, err := p.readPassword(ctx, fmt.Sprintf("New password of %s at %s: ", username, code))
		if err != nil {
			return err
		}
		if err := scheduler.SetPassword(ctx, code, username, password); err != nil {
			return unfitPassword(err)
		}
		p.note("%s/%s: the password is set", code, username)
		return nil
	})
}

// unfitPassword words the refusal of a password as one line of its own.
func unfitPassword(err error) error {
	var refused *scheduling.Error
	if errors.As(err, &refused) && refused.Code == scheduling.CodeInvalid && len(refused.Fields) > 0 {
		return errors.New(refused.Fields[0].Message.EN)
	}
	return databaseError(err)
}

// readPassword reads standard input to its end, less the line's end; a terminal
// is asked, and shows nothing of what is typed.
func (p *program) readPassword(ctx context.Context, prompt string) (scheduling.Private, error) {
	read := func() ([]byte, error) { return io.ReadAll(io.LimitReader(p.stdin, maxTyped)) }
	if f, ok := p.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fd := int(f.Fd())
		before, err := term.GetState(fd)
		if err != nil {
			return scheduling.Private{}, fmt.Errorf("ask the terminal: %w", err)
		}
		defer func() { _ = term.Restore(fd, before) }()
		_, _ = fmt.Fprint(p.stderr, prompt) // as good as the terminal is
		defer p.note("")
		read = func() ([]byte, error) { return term.ReadPassword(fd) }
	}
	type typed struct {
		text []byte
		err  error
	}
	answer := make(chan typed, 1)
	go func() {
		text, err := read()
		answer <- typed{text, err}
	}()
	select {
	case <-ctx.Done():
		return scheduling.Private{}, ctx.Err()
	case t := <-answer:
		if t.err != nil {
			return scheduling.Private{}, fmt.Errorf("read the password from standard input: %w", t.err)
		}
		return scheduling.NewPrivate(strings.TrimSuffix(strings.TrimSuffix(string(t.text), "\n"), "\r")), nil
	}
}
