// The settings, and the database that they name.

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"magpie/config"
	"magpie/scheduling/office"
	"magpie/scheduling/store"
)

// settings reads the settings, and what is wrong with them as wrong.
func (p *program) settings(ignored ...string) (config.Settings, error) {
	s, err := config.Load(p.environ, ignored...)
	if err != nil {
		return s, asWrong(err)
	}
	return s, nil
}

// keyed are the settings of a command that reads or writes personal data:
// without MAGPIE_SECRET there are none.
func (p *program) keyed() (config.Settings, error) {
	s, err := p.settings()
	return s, joinWrong(err, p.secretMissing())
}

// serving are the settings of the server, and its gateways. What only a gateway
// can tell is wrong is reported with all the rest.
func (p *program) serving() (config.Settings, gateways, error) {
	s, err := p.keyed()
	about := s
	if err != nil {
		var bad error
		if about, bad = p.only(messageSettings...); bad != nil {
			return s, gateways{}, err
		}
	}
	g, unfit := p.openGateways(about)
	return s, g, joinWrong(err, unfit)
}

func (p *program) secretMissing() error {
	alone, err := p.only(config.Secret)
	if err != nil {
		return nil //nolint:nilerr // it is there, and what is wrong with it is reported with the rest
	}
	return asWrong(alone.RequireSecret())
}

// asWrong makes of an error what exits with 2, in its own lines.
func asWrong(err error) error {
	if err == nil {
		return nil
	}
	return wrong(strings.Split(err.Error(), "\n"))
}

func joinWrong(a, b error) error {
	var first, second wrong
	errors.As(a, &first)
	errors.As(b, &second)
	if all := slices.Concat(first, second); len(all) > 0 {
		return all
	}
	return nil
}

// openStore opens the database. Without a secret it takes a key of the moment:
// such a command neither reads nor writes personal data.
func (p *program) openStore(ctx context.Context, s config.Settings) (*store.Store, error) {
	keys := make([]store.Key, 0, len(s.Secret)+1)
	for _, k := range s.Secret {
		keys = append(keys, store.Key{ID: k.ID, Bytes: k.Bytes})
	}
	if len(keys) == 0 {
		keys = append(keys, momentaryKey())
	}
	if err := reachable(s.Database); err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, store.Config{URL: databaseURL(s.Database), Keys: keys, Parse: office.ParseStored, Now: p.now, Log: p.log, Mail: s.Mail != "", Address: publicAddress(s)})
	switch {
	case err == nil:
		return st, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case s.Database.Engine == config.SQLite:
		return nil, wrong{oneLine(databaseError(err))}
	}
	return nil, databaseError(err)
}

// publicAddress is the fixed web address that a text may name.
func publicAddress(s config.Settings) string {
	if s.PublicURL == nil {
		return ""
	}
	return s.PublicURL.String()
}

// withStore does something with the database, once its schema is this
// program's; an empty one gets it.
func (p *program) withStore(ctx context.Context, s config.Settings, work func(*store.Store) error) error {
	st, err := p.openStore(ctx, s)
	if err != nil {
		return err
	}
	err = st.Prepare(ctx)
	if err != nil {
		err = databaseError(err)
	} else {
		err = work(st)
	}
	return errors.Join(err, st.Close())
}

// withExisting is withStore for what makes no sense without a database: a
// mistyped path must not make one.
func (p *program) withExisting(ctx context.Context, s config.Settings, work func(*store.Store) error) error {
	if missing(s.Database) {
		return wrong{fmt.Sprintf("%s: there is no file %s", config.DatabaseURL, s.Database.Path)}
	}
	return p.withStore(ctx, s, work)
}

// databaseError names the setting, unless the error does.
func databaseError(err error) error {
	if strings.Contains(err.Error(), config.DatabaseURL) {
		return err
	}
	return fmt.Errorf("%s: %w", config.DatabaseURL, err)
}

func missing(d config.Database) bool {
	if d.Engine != config.SQLite {
		return false
	}
	_, err := os.Stat(d.Path)
	return errors.Is(err, fs.ErrNotExist)
}

// reachable says of an SQLite file's folder what SQLite itself says of nothing
// but "unable to open".
func reachable(d config.Database) error {
	if d.Engine != config.SQLite {
		return nil
	}
	folder := filepath.Dir(d.Path)
	switch about, err := os.Stat(folder); {
	case errors.Is(err, fs.ErrNotExist):
		return wrong{fmt.Sprintf("%s: there is no folder %s", config.DatabaseURL, folder)}
	case err != nil:
		return wrong{fmt.Sprintf("%s: %v", config.DatabaseURL, err)}
	case !about.IsDir():
		return wrong{fmt.Sprintf("%s: %s is no folder", config.DatabaseURL, folder)}
	}
	if about, err := os.Stat(d.Path); err == nil && about.IsDir() {
		return wrong{fmt.Sprintf("%s: %s is a folder", config.DatabaseURL, d.Path)}
	}
	return nil
}

// databaseURL is the setting in the store's form, with its password.
func databaseURL(d config.Database) string {
	if d.Engine == config.SQLite {
		return "sqlite:" + d.Path
	}
	u := url.URL{
		Scheme: "mysql", User: url.UserPassword(d.User, d.Password), Path: "/" + d.Name,
		Host: net.JoinHostPort(d.Host, strconv.Itoa(int(d.Port))),
	}
	return u.String()
}

func momentaryKey() store.Key {
	k := store.Key{ID: "moment"}
	_, _ = rand.Read(k.Bytes[:]) // never fails: crypto/rand ends the program instead
	return k
}
