package messages

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"magpie/scheduling/calendar"
)

// asked are reaches, policies and times of every kind.
type asked struct {
	event      Kind
	now, start time.Time
	policy     Policy
	reach      Reach
}

func anyAsked(t *rapid.T) asked {
	loc := zone(t, rapid.SampledFrom([]string{"Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe"}).Draw(t, "zone"))
	around := rapid.SampledFrom([]string{"2026-03-29T00:00:00Z", "2026-10-25T00:00:00Z", "2026-04-04T12:00:00Z", "2026-10-03T12:00:00Z", "2026-12-03T00:00:00Z"}).Draw(t, "around")
	a := asked{event: rapid.SampledFrom([]Kind{Booked, Moved, Cancelled}).Draw(t, "event")}
	a.now = at(around).Add(time.Duration(rapid.IntRange(-2*86400, 86400).Draw(t, "now")) * time.Second)
	a.start = a.now.Add(time.Duration(rapid.IntRange(-60, 3*24*60).Draw(t, "ahead")) * time.Minute).Truncate(5 * time.Minute)
	a.policy = Policy{
		Leads:    rapid.SliceOfN(rapid.Map(rapid.IntRange(-1, 60), func(n int) time.Duration { return time.Duration(n) * 35 * time.Minute }), 0, 4).Draw(t, "leads"),
		Location: loc, NeutralSignature: rapid.Bool().Draw(t, "neutral signature"),
	}
	if rapid.Bool().Draw(t, "quiet") {
		w := anyWindow(t)
		a.policy.Quiet = &w
	}
	a.reach = Reach{
		Text: rapid.Bool().Draw(t, "text"), Mail: rapid.Bool().Draw(t, "mail"), Call: rapid.Bool().Draw(t, "call"),
		Neutral: rapid.Bool().Draw(t, "neutral"), Stopped: rapid.Bool().Draw(t, "stopped"),
		Silent: rapid.IntRange(0, 4).Draw(t, "silent") == 0,
	}
	for range rapid.IntRange(0, 2).Draw(t, "windows") {
		a.reach.Hours = append(a.reach.Hours, anyWindow(t))
	}
	return a
}

func anyWindow(t *rapid.T) Window {
	from := rapid.IntRange(0, 287).Draw(t, "from")
	length := rapid.SampledFrom([]int{1, 6, 50, 150, 287}).Draw(t, "length")
	to := (from + length) % 288
	if to == 0 && from > 0 {
		to = 288
	}
	return Window{From: calendar.Clock(5 * from), To: calendar.Clock(5 * to)}
}

// shows says what the clock on the wall shows, in a way that the code does not.
func (w Window) shows(at time.Time, loc *time.Location) bool {
	c, from, to := at.In(loc).Format("15:04"), w.From.String(), w.To.String()
	if from < to {
		return from <= c && c < to
	}
	return c >= from || c < to
}

// minuteByMinute is the first moment from t on that is allowed: t itself, or the
// beginning of a minute.
func minuteByMinute(t time.Time, allowed func(time.Time) bool) time.Time {
	if allowed(t) {
		return t
	}
	for m := t.Truncate(time.Minute).Add(time.Minute); m.Before(t.Add(4 * 24 * time.Hour)); m = m.Add(time.Minute) {
		if allowed(m) {
			return m
		}
	}
	return time.Time{}
}

// oracle plans one message of a channel after the other, in the words of the
// issue.
func (a asked) oracle() []Due {
	var out []Due
	until := a.start
	if a.event == Cancelled && until.Before(a.now.Add(CancelledGrace)) {
		until = a.now.Add(CancelledGrace)
	}
	if a.event != Cancelled && !a.start.After(a.now) {
		return nil
	}
	add := func(kind Kind, lead time.Duration, at time.Time) {
		reminder := kind == Reminder
		for _, channel := range []Channel{SMS, Mail, Call} {
			d := Due{Kind: kind, Channel: channel, Lead: lead, At: at, Until: until}
			noSignature := a.reach.Text && a.reach.Neutral && !a.policy.NeutralSignature
			switch {
			case a.reach.Silent && channel != SMS:
				continue
			case a.reach.Silent:
				d.Rule = RuleSilent
			case channel == Mail && !a.reach.Mail:
				continue
			case channel == Call && (a.reach.Stopped && reminder || !noSignature && (a.reach.Text || !a.reach.Call)):
				continue
			case channel != Call && reminder && a.reach.Stopped:
				d.Rule = RuleStopped
			case channel == SMS && !a.reach.Text:
				d.Rule = RuleNoText
			case channel == SMS && noSignature:
				d.Rule = RuleNoNeutral
			default:
				d = a.move(d)
			}
			out = append(out, d)
		}
	}
	add(a.event, 0, a.now)
	var leads []time.Duration
	for _, lead := range a.policy.Leads {
		if a.event != Cancelled && lead > 0 && !slices.Contains(leads, lead) && !a.start.Add(-lead).Before(a.now) {
			leads = append(leads, lead)
			add(Reminder, lead, a.start.Add(-lead))
		}
	}
	return nearestOnly(out)
}

func (a asked) move(d Due) Due {
	own := func(t time.Time) bool {
		return slices.ContainsFunc(a.reach.Hours, func(w Window) bool { return w.shows(t, a.policy.Location) })
	}
	loud := func(t time.Time) bool { return !a.policy.Quiet.shows(t, a.policy.Location) }
	allowed, rule := own, RuleHours
	if len(a.reach.Hours) == 0 {
		if a.policy.Quiet == nil || d.Kind != Reminder || d.Channel == Call {
			return d
		}
		allowed, rule = loud, RuleQuiet
	}
	at := minuteByMinute(d.At, allowed)
	late := at.IsZero() || !at.Before(d.Until) || d.Kind == Reminder && d.Until.Sub(at) < 30*time.Minute
	if !at.Equal(d.At) && late {
		d.Rule = rule
	} else {
		d.At = at
	}
	return d
}

func nearestOnly(all []Due) []Due {
	out := slices.Clone(all)
	for i, d := range all {
		for _, e := range all {
			if d.Kind == Reminder && e.Kind == Reminder && d.Rule == "" && e.Rule == "" && d.Channel == e.Channel && d.At.Equal(e.At) && d.Lead > e.Lead {
				out[i].Rule = RuleSameTime
			}
		}
	}
	return out
}

func TestThePlanIsThatOfAClockWatchedMinuteByMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyAsked(t)
		leads := slices.Clone(a.policy.Leads)
		got, want := Plan(a.event, a.now, a.start, a.policy, a.reach), a.oracle()
		if !slices.Equal(leads, a.policy.Leads) {
			t.Fatal("the caller's leads were changed")
		}
		if !slices.IsSortedFunc(got, func(a, b Due) int { return a.At.Compare(b.At) }) {
			t.Fatalf("out of order: %v", got)
		}
		byWhat := func(a, b Due) int {
			return slices.Compare([]string{string(a.Channel), string(a.Kind), a.Lead.String()}, []string{string(b.Channel), string(b.Kind), b.Lead.String()})
		}
		got = slices.SortedFunc(slices.Values(got), byWhat)
		want = slices.SortedFunc(slices.Values(want), byWhat)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s(-want +got)\n%s", a.event, diff)
		}
		for _, d := range got {
			if d.At.Before(a.now) || !d.At.Before(d.Until) {
				t.Fatalf("due outside its validity: %+v", d)
			}
		}
	})
}
