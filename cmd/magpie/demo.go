package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"magpie/config"
	"magpie/notify"
	"magpie/notify/sms"
	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
	"magpie/scheduling/office"
)

//go:embed demo/anhua.yaml
var demoOffice []byte

// demoDays is how far ahead the demonstration has bookings, today included.
const demoDays = 14

func (p *program) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Serve the demonstration office; nothing else is needed, nothing is kept",
		Args:  cobra.NoArgs,
		RunE:  does(func(ctx context.Context, _ []string) error { return p.demo(ctx) }),
	}
}

// demo runs until ctx ends, in a folder of its own that goes with it.
func (p *program) demo(ctx context.Context) (err error) {
	settings, err := p.settings(append([]string{config.DatabaseURL, config.Secret, config.MetricsListen}, messageSettings...)...)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "magpie-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demonstration: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	settings.Database = config.Database{Engine: config.SQLite, Path: filepath.Join(folder, "magpie.db")}
	key := momentaryKey()
	settings.Secret = []config.Key{{ID: key.ID, Bytes: key.Bytes}}
	return p.demonstrate(ctx, settings)
}

func (p *program) demonstrate(ctx context.Context, settings config.Settings) error {
	d, err := readDemonstration(p.now())
	if err != nil {
		return err
	}
	st, err := p.openStore(ctx, settings)
	if err != nil {
		return err
	}
	if err := st.Prepare(ctx); err != nil {
		return errors.Join(err, st.Close())
	}
	inbox := sms.NewRecorder(p.now)
	a, err := openApp(ctx, parts{
		settings: settings, store: st, gateways: recording(inbox), now: p.now, log: p.log,
		inbox: shownMessages(inbox, d.office.Location),
	})
	if err == nil {
		err = p.furnish(ctx, &d, a, queue{store: st, now: p.now})
	}
	if err == nil {
		err = a.Start(ctx)
	}
	if err == nil {
		taken := settings.Listening(a.server.Addr().String())
		p.log.Info("listening", "address", taken.Listen, "public_url", taken.PublicURL.String())
		err = p.print(d.welcome(taken.PublicURL.String(), settings.VerifyPhones))
	}
	if err == nil {
		<-ctx.Done()
	}
	return errors.Join(err, stop(ctx, a))
}

// recording keeps every message in memory instead of sending it.
func recording(inbox *sms.Recorder) gateways {
	return gateways{routes: []notify.Route{{Gateway: messages.Gateway{Name: "demo", Kind: "demo"}, Way: inbox}}}
}

// demonstration is what somebody who opens it has to be told.
type demonstration struct {
	office      *scheduling.Office
	notLoaded   int // the year whose holidays are not known; 0: they are
	bookings    int
	logins      []login
	free        time.Time // a start that is free
	freeService string
}

// login is how a member of staff gets in.
type login struct {
	member   scheduling.Staff
	password string
}

// readDemonstration reads the office as it is on a day: in a year whose holidays
// are not known it has none, or nothing could be booked.
func readDemonstration(now time.Time) (demonstration, error) {
	d := demonstration{}
	var err error
	if d.office, err = office.Parse("anhua.yaml", demoOffice); err != nil {
		return d, fmt.Errorf("read the demonstration office: %w", err)
	}
	if year := calendar.DateIn(now, d.office.Location).Year(); d.office.Holidays == "cn" && !calendar.China().Loaded(year) {
		d.office.Holidays, d.notLoaded = "none", year
	}
	return d, nil
}

// furnish loads the office, gives everybody a password and books two weeks.
func (p *program) furnish(ctx context.Context, d *demonstration, a *app, owed queue) error {
	if _, err := a.scheduler.Apply(ctx, d.office, office.Write(d.office)); err != nil {
		return err
	}
	var err error
	if d.office, err = a.scheduler.OfficeByCode(ctx, d.office.Code); err != nil {
		return err
	}
	for _, member := range d.office.Staff {
		password := readablePassword(member.Username)
		if err := a.scheduler.SetPassword(ctx, d.office.Code, member.Username, scheduling.NewPrivate(password)); err != nil {
			return fmt.Errorf("set the password of %s: %w", member.Username, err)
		}
		d.logins = append(d.logins, login{member, password})
	}
	if d.bookings, err = seed(ctx, d.office, a.scheduler, owed, p.now, p.log); err != nil {
		return fmt.Errorf("book the demonstration's two weeks: %w", err)
	}
	d.freeService, d.free, err = firstFree(ctx, a.scheduler, d.office, p.now())
	return err
}

// firstFree finds a start that a citizen can book, for the example.
func firstFree(ctx context.Context, scheduler *scheduling.Scheduler, o *scheduling.Office, now time.Time) (string, time.Time, error) {
	today := calendar.DateIn(now, o.Location)
	for _, service := range o.Services {
		days, err := scheduler.Find(ctx, scheduling.Search{Office: o.Code, Service: service.Code, From: today, To: today.Add(service.HorizonDays()), Parties: 1})
		if scheduling.CodeOf(err) == scheduling.CodeInvalid {
			continue // not for one person alone
		}
		if err != nil {
			return "", time.Time{}, fmt.Errorf("look for a free time: %w", err)
		}
		for _, day := range days {
			if day.Date > today && len(day.Slots) > 0 {
				return service.Code, day.Slots[0].Start.In(o.Location), nil
			}
		}
	}
	return "", time.Time{}, nil
}

// readablePassword makes a password that the rules accept.
func readablePassword(username string) string {
	for {
		if password := strings.ToLower(rand.Text()[:12]); account.CheckPassword(password, username) == nil {
			return password
		}
	}
}

// welcome says what to open, with which log-in, and how to make a booking.
func (d demonstration) welcome(address string, verifyPhones bool) string {
	var w strings.Builder
	line := func(format string, arguments ...any) { fmt.Fprintf(&w, format+"\n", arguments...) }
	line("喜鹊演示已经开好：%s，已有%d个预约。按 Ctrl-C 结束，数据随之删除。", d.office.Name.ZH, d.bookings)
	line("The demonstration is open: %s, with %d bookings. Ctrl-C ends it and deletes its data.", d.office.Name.EN, d.bookings)
	line("这里只是演示，请不要填真实的姓名和号码。This is a demonstration: please enter no real names or numbers.")
	if d.notLoaded != 0 {
		line("%d年的放假安排还没有载入，这里按没有节假日演示。The holidays of %d are not loaded: the office takes holidays: none.", d.notLoaded, d.notLoaded)
	}
	line("")
	line("请打开 Open:")
	line("  citizens' pages 预约页面   %s/", address)
	line("  staff's pages 工作人员     %s/staff", address)
	line("  text messages 短信         %s/demo/messages", address)
	line("  API reference 接口         %s/api/v1/docs", address)
	line("")
	line("工作人员登录 Staff log-ins, office %s (by pages, or POST %s/api/v1/staff/login):", d.office.Code, address)
	for _, l := range d.logins {
		line("  %-10s %s   %s %s", l.member.Username, l.password, l.member.Name.ZH, l.member.Name.EN)
	}
	if d.freeService == "" {
		return strings.TrimSuffix(w.String(), "\n")
	}
	line("")
	line("约一次试试 A first booking:")
	const body = "-H 'Content-Type: application/json' -d"
	authorization := ""
	if verifyPhones {
		line("  curl -s %s/api/v1/verifications %s '{\"phone\":\"13800138000\"}'", address, body)
		line("  curl -s %s/api/v1/verifications/ID/confirm %s '{\"code\":\"CODE\"}'     # ID: 上一步 from above; CODE: 见短信 from the message", address, body)
		authorization = " -H 'Authorization: Bearer TOKEN'"
	}
	line("  curl -s %s/api/v1/offices/%s/appointments%s -H 'Idempotency-Key: first' %s '{\"service\":\"%s\",\"start\":\"%s\",\"parties\":[{\"name\":\"陈女士\"}]}'",
		address, d.office.Code, authorization, body, d.freeService, d.free.Format(time.RFC3339))
	return strings.TrimSuffix(w.String(), "\n")
}
