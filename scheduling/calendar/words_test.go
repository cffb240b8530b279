package calendar_test

import (
	"math/bits"
	"slices"
	"testing"
	"time"

	"magpie/scheduling/calendar"

	"pgregory.net/rapid"
)

// quantaOf lists the quanta of a mask since the epoch, one by one.
func quantaOf(m []calendar.DayWords) map[int64]bool {
	out := map[int64]bool{}
	for _, d := range m {
		for w, word := range d.Words {
			for i := range 64 {
				if word&(1<<i) != 0 {
					out[int64(d.Day)*288+int64(w*48+i)] = true
				}
			}
		}
	}
	return out
}

func TestASessionOverUTCMidnightLiesOnTwoDays(t *testing.T) {
	shanghai := zone(t, "Asia/Shanghai")
	session := calendar.Spans(date(t, "2026-10-09"), hours(t, "07:30-08:30"), shanghai)[0]
	got := calendar.Mask(session)
	eve, day := calendar.DayOf(session.From), calendar.DayOf(session.To)
	want := []calendar.DayWords{
		{Day: eve, Words: calendar.Words{5: 0b111111 << 42}},
		{Day: day, Words: calendar.Words{0: 0b111111}},
	}
	if day != eve+1 || !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	if !day.Start().Equal(instant(t, "2026-10-09T00:00:00Z")) {
		t.Errorf("the second day begins at %s", day.Start())
	}
	busy := calendar.NewTrack(eve, 2)
	busy.Add(got)
	for _, c := range []struct {
		period string
		hit    bool
	}{{"07:25-07:30", false}, {"07:25-07:35", true}, {"07:55-08:00", true}, {"08:00-08:05", true}, {"08:25-08:35", true}, {"08:30-09:30", false}} {
		m := calendar.Mask(calendar.Spans(date(t, "2026-10-09"), hours(t, c.period), shanghai)[0])
		if busy.Hits(m) != c.hit {
			t.Errorf("%s: hit %t, want %t", c.period, !c.hit, c.hit)
		}
	}
}

func TestAMaskIsRoundedOutwardsToAQuantum(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     []int64 // first quantum since the epoch, and how many
	}{
		{"1970-01-01T00:00:00Z", "1970-01-01T00:05:00Z", []int64{0, 1}},
		{"1970-01-01T00:04:59Z", "1970-01-01T00:05:00.000000001Z", []int64{0, 2}},
		{"1970-01-01T00:05:00Z", "1970-01-01T00:05:00.000000001Z", []int64{1, 1}},
		{"1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", []int64{-1, 1}},
		{"1969-12-31T23:57:00Z", "1970-01-01T00:01:00Z", []int64{-1, 2}},
		{"1969-12-29T23:55:00Z", "1969-12-31T00:05:00Z", []int64{-289 - 288, 290}},
		{"2026-10-09T00:00:00Z", "2026-10-10T00:00:00Z", []int64{20735 * 288, 288}},
	} {
		m := calendar.Mask(calendar.Span{From: instant(t, c.from), To: instant(t, c.to)})
		got := quantaOf(m)
		for q := c.want[0]; q < c.want[0]+c.want[1]; q++ {
			if !got[q] {
				t.Errorf("%s to %s: quantum %d is missing", c.from, c.to, q)
			}
		}
		if int64(len(got)) != c.want[1] {
			t.Errorf("%s to %s: %d quanta, want %d", c.from, c.to, len(got), c.want[1])
		}
	}
	noon := instant(t, "2026-10-09T12:00:00Z")
	for _, s := range []calendar.Span{{From: noon, To: noon}, {From: noon, To: noon.Add(-time.Hour)}, {}} {
		if got := calendar.Mask(s); got != nil {
			t.Errorf("the mask of %v is %v, want nil", s, got)
		}
	}
}

func TestAMaskHoldsExactlyTheQuantaThatASpanTouches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := time.Unix(rapid.Int64Range(-4*86400, 4*86400).Draw(t, "from"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		s := calendar.Span{From: from, To: from.Add(time.Duration(rapid.Int64Range(-1000, int64(60*time.Hour)).Draw(t, "length")))}
		m := calendar.Mask(s)
		got := quantaOf(m)
		for q := int64(-6 * 288); q < 8*288; q++ {
			begin := time.Unix(q*300, 0)
			touched := s.Overlaps(calendar.Span{From: begin, To: begin.Add(5 * time.Minute)})
			if got[q] != touched {
				t.Fatalf("quantum %d of %v: in the mask %t, touched %t", q, s, got[q], touched)
			}
		}
		for i, d := range m {
			if d.Words.IsZero() || i > 0 && d.Day != m[i-1].Day+1 {
				t.Fatalf("days of %v are not one after the other, each with something: %v", s, m)
			}
			for _, w := range d.Words {
				if bits.Len64(w) > 48 {
					t.Fatalf("a word of %v has more than 48 bits: %x", s, w)
				}
			}
		}
		if again := calendar.AppendMask(slices.Clone(m), s); !slices.Equal(again, append(slices.Clone(m), m...)) {
			t.Fatalf("appended mask is %v, want twice %v", again, m)
		}
	})
}

func TestTracksAndWordsBehaveLikeSetsOfQuanta(t *testing.T) {
	drawSpan := rapid.Custom(func(t *rapid.T) calendar.Span {
		from := time.Unix(rapid.Int64Range(-3*288, 3*288).Draw(t, "quantum")*300, 0)
		return calendar.Span{From: from, To: from.Add(time.Duration(rapid.IntRange(0, 500).Draw(t, "quanta")) * calendar.Quantum)}
	})
	rapid.Check(t, func(t *rapid.T) {
		track, set := calendar.NewTrack(-2, 4), map[int64]bool{}
		inside := func(q int64) bool { return q >= -2*288 && q < 2*288 }
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			m, add := calendar.Mask(drawSpan.Draw(t, "change")), rapid.Bool().Draw(t, "add")
			if add {
				track.Add(m)
			} else {
				track.Remove(m)
			}
			for q := range quantaOf(m) {
				if inside(q) && add {
					set[q] = true
				} else {
					delete(set, q)
				}
			}
		}
		var all []calendar.DayWords
		for d := calendar.Day(-4); d < 4; d++ {
			all = append(all, calendar.DayWords{Day: d, Words: track.At(d)})
		}
		if got := quantaOf(all); len(got) != len(set) {
			t.Fatalf("track holds %d quanta, want %d", len(got), len(set))
		}
		m := calendar.Mask(drawSpan.Draw(t, "question"))
		hits, covers := false, true
		for q := range quantaOf(m) {
			hits = hits || set[q]
			covers = covers && set[q]
		}
		if track.Hits(m) != hits || track.Covers(m) != covers {
			t.Fatalf("hits %t, covers %t; want %t, %t", track.Hits(m), track.Covers(m), hits, covers)
		}
	})
}

func TestWhatLiesOutsideATrackIsDropped(t *testing.T) {
	track := calendar.NewTrack(10, 2)
	full := calendar.Words{1, 2, 3, 4, 5, 6}
	for _, d := range []calendar.Day{9, 11, 12} {
		track.Set(d, full)
	}
	for d, want := range map[calendar.Day]calendar.Words{9: {}, 10: {}, 11: full, 12: {}} {
		if got := track.At(d); got != want {
			t.Errorf("day %d holds %v, want %v", d, got, want)
		}
	}
	if empty := calendar.NewTrack(0, -1); len(empty.Days) != 0 || empty.Hits(calendar.Mask(calendar.Span{From: time.Unix(0, 0), To: time.Unix(300, 0)})) {
		t.Error("a track of no days holds something")
	}
}

func TestAskingATrackAllocatesNothingAndAMaskOnce(t *testing.T) {
	s := calendar.Span{From: time.Unix(-1800, 0), To: time.Unix(1800, 0)}
	m, track, buffer := calendar.Mask(s), calendar.NewTrack(-1, 31), make([]calendar.DayWords, 0, 2)
	for name, c := range map[string]struct {
		most float64
		f    func()
	}{
		"Mask":       {1, func() { calendar.Mask(s) }},
		"AppendMask": {0, func() { buffer = calendar.AppendMask(buffer[:0], s) }},
		"Hits":       {0, func() { track.Hits(m) }},
		"Add":        {0, func() { track.Add(m) }},
	} {
		if got := testing.AllocsPerRun(100, c.f); got > c.most {
			t.Errorf("%s allocates %v times, at most %v expected", name, got, c.most)
		}
	}
}

func BenchmarkMask(b *testing.B) {
	s := calendar.Span{From: time.Unix(-1800, 0), To: time.Unix(1800, 0)}
	for b.Loop() {
		calendar.Mask(s)
	}
}

// BenchmarkAMonthOfOneService asks what a month's availability asks: 31 days
// of 12 starts, each of 16 resources.
func BenchmarkAMonthOfOneService(b *testing.B) {
	shanghai := zone(b, "Asia/Shanghai")
	first := date(b, "2026-10-01")
	day := calendar.DayOf(first.At(0, shanghai))
	tracks := make([]calendar.Track, 16)
	for i := range tracks {
		tracks[i] = calendar.NewTrack(day, 33)
		for d := range calendar.Day(33) {
			tracks[i].Set(day+d, calendar.Words{0: 0x0fff << (i * 2), 1: 0xff})
		}
	}
	open := hours(b, "08:30-12:00", "14:00-17:30")
	var buffer []calendar.DayWords
	for b.Loop() {
		free := 0
		for d := range 31 {
			for _, at := range calendar.Starts(calendar.Spans(first.Add(d), open, shanghai), time.Hour, 30*time.Minute) {
				buffer = calendar.AppendMask(buffer[:0], calendar.Span{From: at, To: at.Add(70 * time.Minute)})
				for i := range tracks {
					if !tracks[i].Hits(buffer) {
						free++
					}
				}
			}
		}
		if free == 0 {
			b.Fatal("nothing is free")
		}
	}
}
