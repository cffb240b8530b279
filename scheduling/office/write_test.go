package office

import (
	"bytes"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestAnExportHasEveryKeyInOneOrder(t *testing.T) {
	for _, c := range []struct{ file, golden string }{
		{"testdata/contract.yaml", "testdata/contract.golden.yaml"},
		{"testdata/shortest.yaml", "testdata/shortest.golden.yaml"},
		{"testdata/messages.yaml", "testdata/messages.golden.yaml"},
		{"../../cmd/magpie/demo/anhua.yaml", "testdata/anhua.golden.yaml"},
	} {
		t.Run(c.golden, func(t *testing.T) {
			got := Write(parsed(t, c.file))
			if *update {
				if err := os.WriteFile(c.golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(read(t, c.golden)), string(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAnExportIsReadBackAsTheSameOffice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := offices().Draw(t, "office")
		file := Write(o)
		back, err := Parse("export.yaml", file)
		if err != nil {
			t.Fatalf("Parse:\n%v\n%s", err, file)
		}
		if diff := cmp.Diff(o, back, sameZone); diff != "" {
			t.Fatalf("(-written +read)\n%s\n%s", diff, file)
		}
		if again := Write(back); !bytes.Equal(file, again) {
			t.Fatalf("(-first +second)\n%s", cmp.Diff(string(file), string(again)))
		}
		if diff := Diff(o, back); diff != nil {
			t.Fatalf("Diff of the same office: %q", diff)
		}
	})
}

func TestWhatLooksLikeSomethingElseIsWrittenAsText(t *testing.T) {
	for _, s := range []string{
		"true", "null", "~", "1", "1.5", "0x1F", "2026-12-24", "12:30", "<<", "*a", "&a", "!a", "a: b", "a #b", "- a", "[a]",
		"{a", "'", `"`, `\n`, " a ", "a\u00a0", "%", "@", "`", "|", ">", "?", "是", "no", "\u3000a", "👩‍👦", "\ufeffa", "=",
	} {
		o := parsed(t, "testdata/shortest.yaml")
		o.Name = scheduling.Text{ZH: s, EN: s}
		o.Rooms[0].Name = o.Name
		back, err := Parse("export.yaml", Write(o))
		if err != nil {
			t.Errorf("%q: %v", s, err)
		} else if back.Name != o.Name || back.Rooms[0].Name != o.Name {
			t.Errorf("%q is read back as %q and %q", s, back.Name, back.Rooms[0].Name)
		}
	}
}

// offices generates offices that keep the rules of an office file.
func offices() *rapid.Generator[*scheduling.Office] {
	return rapid.Custom(func(t *rapid.T) *scheduling.Office {
		o := &scheduling.Office{
			Code:          codes().Draw(t, "code"),
			Region:        rapid.StringMatching(`[0-9]{6}`).Draw(t, "region"),
			Name:          texts().Draw(t, "name"),
			Timezone:      rapid.SampledFrom([]string{"Asia/Shanghai", "Europe/Berlin", "UTC"}).Draw(t, "zone"),
			Address:       texts().Draw(t, "address"),
			Phone:         rapid.StringMatching(`0[0-9]{3}-[0-9]{7}`).Draw(t, "phone"),
			SMSSignature:  rapid.StringMatching(`[安化县民政局a-c1-3]{2,12}`).Draw(t, "signature"),
			Holidays:      rapid.SampledFrom([]string{"cn", "none"}).Draw(t, "holidays"),
			MakeupHoursAs: time.Weekday(rapid.IntRange(0, 6).Draw(t, "makeup as")),
			Release:       clocks(0, 287).Draw(t, "release"),
			ResendUnknown: rapid.Bool().Draw(t, "resend"),
			ThirtyDays:    rapid.SampledFrom([]calendar.Practice{calendar.RollBoth, calendar.RollSecond}).Draw(t, "practice"),
			Keep: scheduling.Keep{
				Contact: dayCounts().Draw(t, "contact"), Messages: dayCounts().Draw(t, "messages"), Audit: dayCounts().Draw(t, "audit"),
			},
			Help: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) scheduling.HelpLine {
				return scheduling.HelpLine{Name: texts().Draw(t, "name"), Phone: rapid.StringMatching(`\+?1([0-9][ -]?){1,9}[0-9]`).Draw(t, "phone")}
			}), 1, 8).Draw(t, "help"),
			ExitTo:      "https://" + rapid.StringMatching(`[a-z]{1,9}`).Draw(t, "exit") + ".example/",
			Footer:      scheduling.Footer{ICP: optional(words()).Draw(t, "icp"), Police: optional(words()).Draw(t, "police")},
			NoShowAfter: time.Duration(rapid.IntRange(0, 90).Draw(t, "no-show")) * time.Minute, Display: rapid.Bool().Draw(t, "display"),
			Hours: hours(1).Draw(t, "hours"),
			Rooms: rapid.SliceOfNDistinct(anyRoom(), 1, 4, func(r scheduling.Room) string { return r.Code }).Draw(t, "rooms"),
		}
		o.Location, _ = time.LoadLocation(o.Timezone)
		o.SMSSignatureNeutral = optional(rapid.StringMatching(`[a-z1-3]{2,12}`)).Draw(t, "neutral")
		if rapid.Bool().Draw(t, "registration") {
			o.Registration = &scheduling.Registration{Link: rapid.StringMatching(`https?://[a-z]{1,9}\.example/[a-z?&=%#]{0,9}`).
				Filter(isLink).Draw(t, "link"), Note: texts().Draw(t, "note")}
		}
		o.Exceptions = none(rapid.SliceOfNDistinct(exceptions(), 0, 4, func(e scheduling.Exception) calendar.Date { return e.Date }).Draw(t, "exceptions"))
		o.Services = none(rapid.SliceOfNDistinct(servicesIn(o.Rooms), 0, 4, func(s scheduling.Service) string { return s.Code }).Draw(t, "services"))
		drawMessages(t, o)
		o.SecondFactor = none(rapid.SliceOfNDistinct(rapid.SampledFrom(account.StaffRoles()), 0, 4, rapid.ID).Draw(t, "second factor"))
		o.Staff = none(rapid.SliceOfNDistinct(staffOf(o.Services), 0, 4, func(s scheduling.Staff) string { return s.Username }).Draw(t, "staff"))
		return o
	})
}

// drawMessages draws what an office says of its messages; its name, rooms and
// services are known.
func drawMessages(t *rapid.T, o *scheduling.Office) {
	o.Gateway = rapid.SampledFrom(append([]string{""}, gatewayNames...)).Draw(t, "gateway")
	if rapid.Bool().Draw(t, "quiet") {
		from := rapid.IntRange(0, 287).Draw(t, "quiet from")
		to := (from+rapid.IntRange(0, 286).Draw(t, "quiet for"))%288 + 1
		o.Quiet = &messages.Window{From: calendar.Clock(5 * from), To: calendar.Clock(5 * to)}
	}
	o.SegmentsPerMonth = rapid.IntRange(0, maxCount).Draw(t, "segments")
	o.MessagesPerNumber = rapid.IntRange(0, maxCount).Draw(t, "per number")
	o.MessagesPerDay = rapid.IntRange(0, maxCount).Draw(t, "per day")
	for _, s := range o.Services {
		if rapid.Bool().Draw(t, "cancels") {
			o.ReplyCancels = append(o.ReplyCancels, s.Code)
		}
	}
	o.Texts.Words = none(rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"再续", "前 缘", "yes: no", "null", "~空", "#qq"}), 0, 3, rapid.ID).Draw(t, "words"))
	for _, k := range rapid.SliceOfNDistinct(rapid.SampledFrom(messages.Defaults()), 0, 3, func(t messages.Template) messages.Key { return t.Key }).Draw(t, "templates") {
		own := messages.Template{Key: k.Key, Codes: approvals().Draw(t, "codes")}
		own.Body = rapid.SampledFrom([]string{"", "# ", "- ", "'", `\"`, " ", "~"}).Draw(t, "before") + k.Body + rapid.SampledFrom([]string{"", ": ", " #", "!"}).Draw(t, "after")
		// A drawn name may stand in any text; then this office has no such text.
		if len(messages.Check(own, o.TextRules())) == 0 {
			o.Texts.Templates = append(o.Texts.Templates, own)
		}
	}
}

func approvals() *rapid.Generator[map[string]string] {
	return rapid.Map(rapid.MapOfN(rapid.SampledFrom(codeKeys), rapid.StringMatching(`[A-Za-z0-9_-]{1,20}`), 0, 3), func(m map[string]string) map[string]string {
		if len(m) == 0 {
			return nil
		}
		return m
	})
}

func isLink(s string) bool {
	r := new(reader)
	v := r.at(plain(s), "link")
	return v.page("https", "http") == s
}

func codes() *rapid.Generator[string] { return rapid.StringMatching(`[a-z0-9][a-z0-9-]{0,31}`) }

func words() *rapid.Generator[string] {
	return rapid.StringN(1, 40, -1).Filter(func(s string) bool {
		r := new(reader)
		got, ok := r.at(plain(s), "").str(maxWord)
		return ok && got == s
	})
}

func texts() *rapid.Generator[scheduling.Text] {
	return rapid.Custom(func(t *rapid.T) scheduling.Text {
		return scheduling.Text{ZH: words().Draw(t, "zh"), EN: words().Draw(t, "en")}
	})
}

func optional(g *rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.OneOf(rapid.Just(""), g)
}

func none[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

func clocks(least, most int) *rapid.Generator[calendar.Clock] {
	return rapid.Map(rapid.IntRange(least, most), func(n int) calendar.Clock { return calendar.Clock(5 * n) })
}

func dayCounts() *rapid.Generator[time.Duration] {
	return rapid.Map(rapid.IntRange(0, 36_500), func(n int) time.Duration { return time.Duration(n) * day })
}

func grid(least int) *rapid.Generator[time.Duration] {
	return rapid.Map(rapid.IntRange(least, 288), func(n int) time.Duration { return time.Duration(n) * calendar.Quantum })
}

func leads(least int) *rapid.Generator[time.Duration] {
	return rapid.Map(rapid.IntRange(least, 1_000_000), func(n int) time.Duration { return time.Duration(n) * time.Second })
}

func periods() *rapid.Generator[calendar.Period] {
	return rapid.Custom(func(t *rapid.T) calendar.Period {
		from := rapid.IntRange(0, 287).Draw(t, "from")
		return calendar.Period{From: calendar.Clock(5 * from), To: clocks(from+1, 288).Draw(t, "to")}
	})
}

// hours generates entries of which none overlaps another.
func hours(least int) *rapid.Generator[[]scheduling.Hours] {
	return rapid.Custom(func(t *rapid.T) []scheduling.Hours {
		var out []scheduling.Hours
		for _, h := range rapid.SliceOfN(rapid.Custom(func(t *rapid.T) scheduling.Hours {
			h := scheduling.Hours{
				Days:   rapid.SliceOfNDistinct(rapid.Map(rapid.IntRange(0, 6), func(n int) time.Weekday { return time.Weekday(n) }), 1, 7, rapid.ID).Draw(t, "days"),
				Period: periods().Draw(t, "period"),
			}
			if rapid.Bool().Draw(t, "from") {
				h.ValidFrom, h.EveryOther = dates().Draw(t, "valid_from"), rapid.Bool().Draw(t, "every other week")
			}
			if rapid.Bool().Draw(t, "until") {
				h.ValidTo = dates().Filter(func(d calendar.Date) bool { return d >= h.ValidFrom }).Draw(t, "valid_to")
			}
			return h
		}), least, 5).Draw(t, "hours") {
			if !overlapsAny(out, h) {
				out = append(out, h)
			}
		}
		if len(out) < least {
			out = append(out, scheduling.Hours{Days: []time.Weekday{time.Monday}, Period: calendar.Period{From: 510, To: 720}})
		}
		return out
	})
}

// dates are some of a few years, a few weeks often.
func dates() *rapid.Generator[calendar.Date] {
	first := calendar.NewDate(2026, time.December, 1)
	return rapid.Map(rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(0, 1000)), func(n int) calendar.Date { return first.Add(n) })
}

func closures() *rapid.Generator[scheduling.Closure] {
	return rapid.Custom(func(t *rapid.T) scheduling.Closure {
		from := dates().Draw(t, "from")
		return scheduling.Closure{
			From: from, To: from.Add(rapid.IntRange(0, 30).Draw(t, "days")),
			Why: scheduling.Text{ZH: words().Draw(t, "zh"), EN: optional(words()).Draw(t, "en")},
		}
	})
}

func overlapsAny(all []scheduling.Hours, h scheduling.Hours) bool {
	for _, other := range all {
		for _, a := range other.Days {
			for _, b := range h.Days {
				if a == b && other.Period.From < h.Period.To && h.Period.From < other.Period.To && other.Shift().Meets(h.Shift()) {
					return true
				}
			}
		}
	}
	return false
}

func exceptions() *rapid.Generator[scheduling.Exception] {
	return rapid.Custom(func(t *rapid.T) scheduling.Exception {
		e := scheduling.Exception{Date: calendar.NewDate(2026, time.January, 1).Add(rapid.IntRange(0, 1000).Draw(t, "date"))}
		if rapid.Bool().Draw(t, "closed") {
			e.Closed = &scheduling.Text{ZH: words().Draw(t, "zh"), EN: optional(words()).Draw(t, "en")}
		} else {
			e.Hours = periods().Draw(t, "hours")
		}
		return e
	})
}

func anyRoom() *rapid.Generator[scheduling.Room] {
	return rapid.Custom(func(t *rapid.T) scheduling.Room {
		return scheduling.Room{
			Code: codes().Draw(t, "code"), Name: texts().Draw(t, "name"), Kind: words().Draw(t, "kind"),
			Seats: rapid.IntRange(1, 40).Draw(t, "seats"), Accessible: rapid.Bool().Draw(t, "accessible"),
			Closed: none(rapid.SliceOfN(closures(), 0, 3).Draw(t, "closed")),
		}
	})
}

func servicesIn(rooms []scheduling.Room) *rapid.Generator[scheduling.Service] {
	return rapid.Custom(func(t *rapid.T) scheduling.Service {
		room := rapid.SampledFrom(rooms).Draw(t, "room")
		most := rapid.IntRange(1, room.Seats).Draw(t, "max")
		return scheduling.Service{
			Code: codes().Draw(t, "code"), Kind: rapid.SampledFrom(serviceKinds).Draw(t, "kind"),
			Name: texts().Draw(t, "name"), RoomKind: room.Kind,
			Duration: grid(1).Draw(t, "duration"), Buffer: grid(0).Draw(t, "buffer"), Step: grid(1).Draw(t, "step"),
			Parties: scheduling.Parties{Min: rapid.IntRange(1, most).Draw(t, "min"), Max: most},
			Places:  rapid.IntRange(1, 30).Draw(t, "places"),
			Notice:  leads(0).Draw(t, "notice"), Horizon: dayCounts().Draw(t, "horizon"), ChangeUntil: leads(0).Draw(t, "change"),
			OpenPerPerson: rapid.IntRange(0, 5).Draw(t, "open"),
			Reminders:     none(rapid.SliceOfNDistinct(leads(1), 0, 3, rapid.ID).Draw(t, "reminders")),
			KeptForDesk:   rapid.IntRange(0, 100).Draw(t, "kept"),
		}
	})
}

func staffOf(services []scheduling.Service) *rapid.Generator[scheduling.Staff] {
	return rapid.Custom(func(t *rapid.T) scheduling.Staff {
		s := scheduling.Staff{
			Username: codes().Draw(t, "username"), Name: texts().Draw(t, "name"),
			Gender:         rapid.SampledFrom([]string{"", "female", "male"}).Draw(t, "gender"),
			Roles:          rapid.SliceOfNDistinct(rapid.SampledFrom(account.StaffRoles()), 1, 4, rapid.ID).Draw(t, "roles"),
			Hours:          none(hours(0).Draw(t, "hours")),
			SessionsPerDay: rapid.IntRange(0, 9).Draw(t, "sessions"),
		}
		for _, service := range services {
			if rapid.Bool().Draw(t, "gives") {
				s.Services = append(s.Services, service.Code)
			}
		}
		return s
	})
}
