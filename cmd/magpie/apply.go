package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"magpie/config"
	"magpie/scheduling"
	"magpie/scheduling/office"
	"magpie/scheduling/store"
)

// maxOfficeFile bounds what is read, in bytes, should somebody name a device;
// package office has a stricter limit.
const maxOfficeFile = 2 << 20

func (p *program) applyCommand() *cobra.Command {
	var dryRun bool
	c := &cobra.Command{
		Use:   "apply FILE",
		Short: "Create or update an office from an office file",
		Args:  cobra.ExactArgs(1),
		RunE: does(func(ctx context.Context, args []string) error {
			return p.apply(ctx, args[0], dryRun)
		}),
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "print the differences (+ new, - removed, ~ changed) and change nothing")
	return c
}

func (p *program) apply(ctx context.Context, file string, dryRun bool) error {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	wanted, err := readOffice(file)
	if err != nil {
		return err
	}
	if dryRun && missing(settings.Database) {
		return p.printDifferences(office.Diff(nil, wanted))
	}
	return p.withStore(ctx, settings, func(st *store.Store) error {
		scheduler := newScheduler(st, settings, p.now, nil, p.log)
		present, err := scheduler.OfficeByCode(ctx, wanted.Code)
		if err != nil && scheduling.CodeOf(err) != scheduling.CodeNotFound {
			return err
		}
		differences := office.Diff(present, wanted)
		if dryRun {
			return p.printDifferences(differences)
		}
		if present != nil {
			// What is booked has to be read, to say what lies outside new hours.
			if err := asWrong(settings.RequireSecret()); err != nil {
				return err
			}
		}
		return p.change(ctx, scheduler, file, wanted, differences)
	})
}

// change applies the file where it differs, and lists what is booked outside
// the hours either way: it stays somebody's task until it is moved.
func (p *program) change(ctx context.Context, scheduler *scheduling.Scheduler, file string, wanted *scheduling.Office, differences []string) error {
	var outside []scheduling.Appointment
	var err error
	if len(differences) > 0 {
		outside, err = scheduler.Apply(ctx, wanted, office.Write(wanted))
	} else if present, missing := scheduler.OfficeByCode(ctx, wanted.Code); missing == nil {
		outside, err = scheduler.Outside(ctx, present)
	}
	if err != nil {
		return notApplied(err, file, wanted)
	}
	if err := p.printDifferences(differences); err != nil {
		return err
	}
	for _, a := range outside {
		if err := p.print("! booked outside the hours: " + inOneLine(a)); err != nil {
			return err
		}
	}
	if len(differences) == 0 {
		p.note("%s: nothing to change", wanted.Code)
	} else {
		p.note("%s: applied, %d differences", wanted.Code, len(differences))
	}
	return nil
}

func (p *program) printDifferences(differences []string) error {
	for _, d := range differences {
		if err := p.print(d); err != nil {
			return err
		}
	}
	return nil
}

// readOffice reads an office file; what is wrong with it is wrong, a line each.
func readOffice(file string) (*scheduling.Office, error) {
	data, err := readBounded(file)
	if err != nil {
		var inner *fs.PathError
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return nil, wrong{fmt.Sprintf("%s: cannot be read: %v", file, err)}
	}
	o, err := office.Parse(file, data)
	if err != nil {
		return nil, asWrong(err)
	}
	return o, nil
}

func readBounded(file string) ([]byte, error) {
	f, err := os.Open(file) //nolint:gosec // G304: whoever runs the command names it
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, maxOfficeFile))
}

// notApplied says why a file was not applied, with every reference that is in
// the way.
func notApplied(err error, file string, o *scheduling.Office) error {
	var refused *scheduling.Error
	if !errors.As(err, &refused) || refused.Code != scheduling.CodeInUse {
		return databaseError(err)
	}
	references := make([]string, len(refused.InUse))
	for i, a := range refused.InUse {
		references[i] = fmt.Sprintf("%s (%s)", a.Reference, a.Start.In(o.Location).Format("2006-01-02 15:04"))
	}
	return fmt.Errorf("%s: not applied, what it removes has coming appointments: %s", file, strings.Join(references, ", "))
}

// inOneLine names an appointment without personal data.
func inOneLine(a scheduling.Appointment) string {
	return fmt.Sprintf("%s %s–%s %s %s %s", a.Reference,
		a.Start.In(a.Office.Location).Format("2006-01-02 15:04"), a.End.In(a.Office.Location).Format("15:04"),
		a.Service.Code, a.Room.Code, a.Counsellor.Username)
}

// findOffice finds an office for a command that names one.
func findOffice(ctx context.Context, scheduler *scheduling.Scheduler, code string) (*scheduling.Office, error) {
	o, err := scheduler.OfficeByCode(ctx, code)
	switch {
	case scheduling.CodeOf(err) == scheduling.CodeNotFound:
		return nil, fmt.Errorf("%s: there is no such office in %s", code, config.DatabaseURL)
	case err != nil:
		return nil, databaseError(err)
	}
	return o, nil
}
