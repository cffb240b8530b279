package storetest

import (
	"fmt"
	"strings"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

var switchTests = []test{
	whatAStoppedOfficeOwesIsKept,
	anOfficeThatGoesOnSendsWhatIsStillWorthIt,
	whatIsPutAsideIsOutOfTheWay,
	goingOnAndPuttingAsideAtOnceLeaveNothingBehind,
	whatIsPutAsideIsChangedAsEverElse,
}

// stop turns the office's switch.
func (b *Bundle) stop(t tb, stopped bool) scheduling.Sending {
	t.Helper()
	_, out, err := b.Scheduler.SetSending(background, b.Staff(t, "chief"), "suite", stopped)
	if err != nil {
		t.Fatalf("turning the switch: %v", err)
	}
	return out
}

func whatAStoppedOfficeOwesIsKept(t tb, b *Bundle) {
	b.another(t, "another")
	me := b.Citizen(t, phone(1))
	b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
	r := b.wants(me, "family", "2026-03-06 09:00")
	r.Office = "another"
	b.mustBook(t, r)
	b.quiet(t)
	got := b.stop(t, true)
	want := scheduling.Sending{Stopped: true, ChangedBy: "chief", ChangedAt: b.Clock.Now(), Owed: 1}
	same(t, "the switch", want, got)
	if sent := b.send(t); len(sent) != 1 || sent[0].Office != "another" {
		t.Errorf("%d messages are sent", len(sent))
	}
	b.Clock.Set(on("2026-03-04 09:00")) // a reminder falls due meanwhile
	if sent := b.send(t); len(sent) != 0 {
		t.Errorf("%d messages are sent while it is stopped", len(sent))
	}
	want.Owed = 2
	_, got, err := b.Scheduler.SendingOf(background, b.Staff(t, "watch"), "suite")
	if err != nil {
		t.Fatalf("reading the switch: %v", err)
	}
	same(t, "the switch", want, got)
	same(t, "in the ledger", 3, len(b.ledger(t, scheduling.MessageFilter{Status: scheduling.MessagePlanned})))
	if n, oldest, err := b.Store.CountDue(background); err != nil || n != 0 || !oldest.IsZero() {
		t.Errorf("%d count as due since %s, %v", n, oldest, err)
	}
	stranger := b.Staff(t, "chief")
	stranger.OfficeID++
	_, _, err = b.Scheduler.SetSending(background, stranger, "suite", false)
	refused(t, err, scheduling.CodeNotFound)
	same(t, "audit", [][]string{{"sending.stop", "suite", "chief"}}, b.rows(t, "SELECT action, subject, actor_name FROM audit WHERE action LIKE 'sending%'"))
}

func anOfficeThatGoesOnSendsWhatIsStillWorthIt(t tb, b *Bundle) {
	near := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-03 09:00"))
	far := b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "premarital", "2026-03-05 09:00"))
	gone := b.mustBook(t, b.wants(b.Citizen(t, phone(3)), "family", "2026-03-06 09:00"))
	b.quiet(t)
	b.stop(t, true)
	for _, at := range []string{"2026-03-02 10:00", "2026-03-03 07:00", "2026-03-04 09:00"} {
		b.Clock.Set(on(at))
		b.send(t)
	}
	b.mustDo(t, cancel, b.changeOf(b.Staff(t, "desk"), gone))
	if out := b.stop(t, false); out.Stopped || out.Owed != 3 {
		t.Errorf("going on it is %+v", out)
	}
	kinds := make(map[string]int)
	for _, m := range b.send(t) {
		kinds[m.To.Reveal()+" "+string(m.Kind)]++
	}
	same(t, "sent", map[string]int{phone(2) + " booked": 1, phone(2) + " reminder": 1, phone(3) + " cancelled": 1}, kinds)
	for _, row := range b.owed(t, near) {
		if !strings.HasSuffix(row, "expired") {
			t.Errorf("of the past one: %s", row)
		}
	}
	same(t, "what is to come", "reminder sms 2 05T07:00 planned", b.owed(t, far)[2])
	same(t, "put aside", 0, b.count(t, "SELECT COUNT(*) FROM messages WHERE status = 'planned' AND next_at > 100000000000"))
}

func whatIsPutAsideIsOutOfTheWay(t tb, b *Bundle) {
	other := b.another(t, "another")
	b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-05 09:00"))
	b.quiet(t)
	b.oweMore(t, 1500)
	b.stop(t, true)
	for range 16 {
		b.claim(t)
	}
	due := b.count(t, "SELECT COUNT(*) FROM messages WHERE status = 'planned' AND next_at <= ?", b.Clock.Now().Unix())
	if due != 0 {
		t.Fatalf("%d are still in the way", due)
	}
	r := b.wants(b.Staff(t, "desk"), "family", "2026-03-05 10:30")
	r.Office, r.Actor.OfficeID = "another", other.ID
	r.Parties[0].Phone = scheduling.NewPrivate(phone(2))
	b.mustBook(t, r)
	if sent := b.send(t); len(sent) != 1 {
		t.Errorf("of the other office %d are sent", len(sent))
	}
	b.byIndex(t, "messages_status_next_at", "SELECT id FROM messages WHERE status = 'planned' AND next_at <= 1772413200 ORDER BY next_at LIMIT 400")
	if out := b.stop(t, false); out.Owed != 1501 {
		t.Errorf("going on it owes %d", out.Owed)
	}
	if n, oldest, err := b.Store.CountDue(background); err != nil || n != 1501 || oldest.Unix() != b.Clock.Now().Unix()-1500 {
		t.Errorf("going on %d are due since %s, %v", n, oldest, err)
	}
}

// oweMore copies the one message there is, so many times, as codes.
func (b *Bundle) oweMore(t tb, n int) {
	t.Helper()
	const same = "office_id, revision, person_id, channel, kind, lead_seconds, locale, status, until_at, attempt, claim, lease_until, handed_at, old_start, detail, rule, created_at, updated_at"
	const most = 500 // parts of a compound SELECT in SQLite
	for from := 0; from < n; from += most {
		var rows []string
		for i := range most {
			rows = append(rows, fmt.Sprintf("SELECT %d AS n", from+i+1))
		}
		b.exec(t, "INSERT INTO messages (id, due_at, next_at, subject_kind, subject_id, "+same+") SELECT id + n, due_at - n, next_at - n, 2, subject_id + n, "+same+
			" FROM messages JOIN ("+strings.Join(rows, " UNION ALL ")+") x WHERE subject_kind = 1")
	}
}

// byIndex fails the test unless a query goes by an index.
func (b *Bundle) byIndex(t tb, index, query string) {
	t.Helper()
	explain := "EXPLAIN "
	if strings.HasPrefix(b.URL, "sqlite:") {
		explain = "EXPLAIN QUERY PLAN "
	}
	if plan := fmt.Sprint(b.rows(t, explain+query)); !strings.Contains(plan, index) {
		t.Errorf("%s goes by %s", query, plan)
	}
}

func goingOnAndPuttingAsideAtOnceLeaveNothingBehind(t tb, b *Bundle) {
	for range 6 {
		b.Reset(t)
		stores := []*store.Store{b.Store, b.openStore(t), b.openStore(t)}
		b.owe(t, 12)
		b.stop(t, true)
		chief := b.Staff(t, "chief")
		outcomes(t, together(5, func(i int) error {
			if i == 0 {
				_, _, err := b.Scheduler.SetSending(background, chief, "suite", false)
				return err
			}
			_, err := stores[i%3].Claim(background, 6)
			return err
		}))
		if n := b.count(t, "SELECT COUNT(*) FROM messages WHERE next_at > 100000000000"); n != 0 {
			t.Fatalf("%d are left aside for ever", n)
		}
		for len(b.claim(t)) > 0 {
		}
		same(t, "claimed in all", 12, b.count(t, "SELECT COUNT(*) FROM messages WHERE status = 'claimed'"))
	}
}

func whatIsPutAsideIsChangedAsEverElse(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	b.wish(t, me, scheduling.ContactWish{Text: true, Hours: []messages.Window{{From: 7 * 60, To: 22 * 60}}})
	a := b.mustBook(t, b.bookAgain(t, me, "premarital", "2026-03-05 09:00"))
	b.quiet(t)
	b.stop(t, true)
	b.claim(t)
	preview, err := b.Scheduler.Preview(background, me, a.Reference)
	if err != nil || len(preview) != 3 || preview[0].Kind != messages.Booked || preview[0].Rule != "" {
		t.Errorf("the preview is %+v, %v", preview, err)
	}
	b.mustDo(t, move, b.moveOf(me, a, "2026-03-06 09:00"))
	b.stop(t, false)
	if sent := b.send(t); len(sent) != 1 || sent[0].Kind != messages.Moved {
		t.Errorf("going on %d are sent", len(sent))
	}
	b.Clock.Pass(time.Minute)
	if n := b.count(t, "SELECT COUNT(*) FROM messages WHERE status = 'planned' AND revision = 1"); n != 0 {
		t.Errorf("%d of the old time are planned", n)
	}
}
