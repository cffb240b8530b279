package storetest

import (
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/glebarez/go-sqlite" // the driver "sqlite"
	"github.com/go-sql-driver/mysql"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/office"
	"magpie/scheduling/store"
)

// suiteKey is the master key under which everything is sealed.
const suiteKey = "a key of thirty-two bytes, no more"

// Clock is a clock that stands until a test sets it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the instant the clock was set to.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set sets the clock, backwards too.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// Pass moves the clock on.
func (c *Clock) Pass(d time.Duration) { c.Set(c.Now().Add(d)) }

// Bundle is a store with the use cases over it and an office in it.
type Bundle struct {
	Scheduler *scheduling.Scheduler
	Store     *store.Store
	Clock     *Clock
	// DB reads and writes the tables past the store.
	DB *sql.DB
	// URL is the database's address as in MAGPIE_DATABASE.
	URL string

	keys   atomic.Int64
	mu     sync.Mutex
	actors map[string]scheduling.Actor
}

// Open opens the database at an address of MAGPIE_DATABASE, makes the schema
// where there is none, empties every table, and loads the suite's office. It
// is closed with the test.
func Open(t testing.TB, address string) *Bundle {
	t.Helper()
	b := &Bundle{Clock: &Clock{}, URL: address}
	b.DB = openTables(t, address)
	b.Store = b.openStore(t)
	b.prepare(t)
	b.Scheduler = b.schedulerOver(b.Store)
	b.Reset(t)
	return b
}

// Adopt opens a database with its schema and its rows as they are, at the
// instant of another bundle.
func Adopt(t testing.TB, address string, at *Clock) *Bundle {
	t.Helper()
	b := &Bundle{Clock: at, URL: address, actors: make(map[string]scheduling.Actor)}
	b.DB = openTables(t, address)
	b.Store = b.openStore(t)
	b.Scheduler = b.schedulerOver(b.Store)
	return b
}

// Make makes the schema in an empty database and leaves it, so that a file of
// SQLite can be copied.
func Make(t testing.TB, address string) {
	t.Helper()
	b := &Bundle{Clock: &Clock{}, URL: address}
	st, err := b.open()
	if err != nil {
		t.Fatalf("opening the store: %v", err)
	}
	b.Store = st
	b.prepare(t)
	if err := st.Close(); err != nil {
		t.Fatalf("closing the store: %v", err)
	}
}

func (b *Bundle) prepare(t tb) {
	t.Helper()
	if err := b.Store.Prepare(background); err != nil {
		t.Fatalf("preparing the database: %v", err)
	}
}

// Replica is a second server's use cases on the same database.
func (b *Bundle) Replica(t tb) *scheduling.Scheduler {
	t.Helper()
	return b.schedulerOver(b.openStore(t))
}

// Reset empties every table, sets the clock to Monday, 2026-03-02, nine
// o'clock in Shanghai, and loads the suite's office.
func (b *Bundle) Reset(t tb) {
	t.Helper()
	b.empty(t)
	b.Clock.Set(on("2026-03-02 09:00"))
	b.actors = make(map[string]scheduling.Actor)
	b.Scheduler.Settings = suiteSettings
	o, err := office.Parse("suite.yaml", []byte(officeFile))
	if err != nil {
		t.Fatalf("the suite's office file: %v", err)
	}
	if _, err := b.Scheduler.Apply(background, o, office.Write(o)); err != nil {
		t.Fatalf("applying the suite's office file: %v", err)
	}
}

func (b *Bundle) openStore(t tb) *store.Store {
	t.Helper()
	st, err := b.open()
	if err != nil {
		t.Fatalf("opening the store: %v", err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return st
}

func (b *Bundle) open() (*store.Store, error) {
	key := store.Key{ID: "2026"}
	copy(key.Bytes[:], suiteKey)
	return store.Open(background, store.Config{
		URL: b.URL, Keys: []store.Key{key}, Parse: office.Parse, Now: b.Clock.Now, Mail: suiteSettings.Mail, Address: suiteSettings.Address,
	})
}

// suiteSettings are what the environment decides.
var suiteSettings = scheduling.Settings{VerifyPhones: true, RateLimits: true, Mail: true, Address: "suite.example", Origin: "https://suite.example"}

// kannel brings replies, aliyun does not and sends approved templates.
var (
	kannel = messages.Gateway{Name: "kannel", Kind: "kannel", Replies: true}
	aliyun = messages.Gateway{Name: "aliyun", Kind: "aliyun", Templated: true}
)

func (b *Bundle) schedulerOver(st *store.Store) *scheduling.Scheduler {
	return &scheduling.Scheduler{
		Offices: st, Bookings: st, Holds: st, Lists: st, People: st, Words: st, Tallies: st, Accounts: st, Leave: st, Trail: st, Wishes: st,
		Erasures: st, Ledger: st, Tasks: st, Replies: st, TextHistory: st, Marks: st, Changes: st, Logins: st, Diaries: st,
		OfficeHistory: st, Links: st, Passkeys: st, Challenges: st, Holidays: st, Courses: st, SetUps: st, Offers: st, Outsides: st,
		WriteOffice: office.Write,
		ReadOffice:  office.Read,
		DiffOffice:  office.Diff,
		Gateways:    []messages.Gateway{kannel, aliyun},
		Now:         b.Clock.Now,
		Settings:    suiteSettings,
	}
}

// openTables opens the database past the store.
func openTables(t tb, address string) *sql.DB {
	t.Helper()
	driver, source := "sqlite", "?_pragma=busy_timeout(5000)"
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		source = "file:" + (&url.URL{Path: path}).EscapedPath() + source
	} else {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatalf("the database's address: %v", err)
		}
		cfg := mysql.NewConfig()
		cfg.User, cfg.Net, cfg.Addr, cfg.DBName = u.User.Username(), "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
		cfg.Passwd, _ = u.User.Password()
		cfg.InterpolateParams = true
		driver, source = "mysql", cfg.FormatDSN()
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatalf("opening the tables: %v", err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Office is the office as it is stored now.
func (b *Bundle) Office(t tb) *scheduling.Office {
	t.Helper()
	o, err := b.Scheduler.OfficeByCode(background, "suite")
	if err != nil {
		t.Fatalf("reading the office: %v", err)
	}
	return o
}

// Change applies the office file with something changed in it.
func (b *Bundle) Change(t tb, change func(o *scheduling.Office)) []scheduling.Appointment {
	t.Helper()
	outside, err := b.change(change)
	if err != nil {
		t.Fatalf("applying the changed office file: %v", err)
	}
	return outside
}

func (b *Bundle) change(change func(o *scheduling.Office)) ([]scheduling.Appointment, error) {
	document, err := b.Store.Document(background, "suite")
	if err != nil {
		return nil, err
	}
	o, err := office.Parse("suite.yaml", document)
	if err != nil {
		return nil, err
	}
	change(o)
	return b.Scheduler.Apply(background, o, office.Write(o))
}

// key is an Idempotency-Key that no other request has.
func (b *Bundle) key() string { return fmt.Sprintf("key-%d", b.keys.Add(1)) }
