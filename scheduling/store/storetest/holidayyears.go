package storetest

import (
	"fmt"
	"strings"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

var holidayTests = []test{
	nextYearsTableOpensNextYear,
	anImportedYearGoesBeforeTheShippedOne,
	aTableThatIsWrongIsNotImported,
	everyReplicaKnowsAnImportedYear,
	anImportAndABookingAtOnceAgree,
	aDirectorIsWarnedFromNovemberOn,
}

// table2027 is a table of 2027 as it might be.
func table2027(further ...string) []byte {
	lines := []string{
		"2027-01-01,元旦,true", "2027-01-02,元旦,true", "2027-01-03,元旦,true", "2027-02-27,春节,false",
		"2027-04-05,清明节,true", "2027-05-01,劳动节,true", "2027-05-02,劳动节,true", "2027-06-09,端午节,true", "2027-09-15,中秋节,true",
	}
	for d := day("2027-02-05"); d <= day("2027-02-11"); d++ {
		lines = append(lines, d.String()+",春节,true")
	}
	for d := day("2027-10-01"); d <= day("2027-10-07"); d++ {
		lines = append(lines, d.String()+",国庆节,true")
	}
	return []byte(strings.Join(append(lines, further...), "\n"))
}

func (b *Bundle) holidays(t tb, year int, table []byte) scheduling.HolidayImport {
	t.Helper()
	return scheduling.HolidayImport{Actor: b.Staff(t, "chief"), Office: "suite", Year: year, Table: table}
}

func nextYearsTableOpensNextYear(t tb, b *Bundle) {
	b.Clock.Set(on("2026-12-21 09:00"))
	me := b.Citizen(t, phone(1))
	_, err := b.Scheduler.Book(background, b.wants(me, "family", "2027-01-05 09:00"))
	refusedField(t, err, "start")
	onTheHoliday := b.mustBook(t, b.wants(b.Staff(t, "desk"), "family", "2027-01-01 09:00"))
	before := b.state(t)
	p, err := b.Scheduler.PreviewHolidays(background, b.holidays(t, 2027, table2027()))
	if err != nil || len(p.Problems) != 0 || len(p.Differences) != 23 || p.Differences[0] != "+ 2027-01-01: 元旦放假 (New Year's Day)" {
		t.Fatalf("the preview is %+v, %v", p, err)
	}
	same(t, "outside", []string{onTheHoliday.Reference}, listed(p.Outside))
	b.unchanged(t, before)
	if p, err = b.Scheduler.ImportHolidays(background, b.holidays(t, 2027, table2027())); err != nil || len(p.Outside) != 1 {
		t.Fatalf("the import is %+v, %v", p, err)
	}
	b.mustBook(t, b.wants(me, "family", "2027-01-05 09:00"))
	found := b.find(t, scheduling.Search{Service: "family", From: day("2027-01-01")})
	if found.Closed == nil || found.Closed.Code != scheduling.DayHoliday || found.Closed.Text.ZH != "元旦放假" {
		t.Errorf("New Year's Day is %+v", found.Closed)
	}
	if warnings, err := b.Scheduler.Ready(background); err != nil || len(warnings) != 0 {
		t.Errorf("the warnings are %q, %v", warnings, err)
	}
	thirty, err := b.Scheduler.ThirtyDays(background, day("2026-12-21"), calendar.RollBoth)
	if err != nil || thirty.Provisional || thirty.CertificateUntil != day("2027-02-19") {
		t.Errorf("the thirty days end on %s, provisional %v, %v", thirty.CertificateUntil, thirty.Provisional, err)
	}
	same(t, "audit", [][]string{{"chief", "2027", `{"year":2027,"differences":23}`}}, b.rows(t, "SELECT actor_name, subject, after_state FROM audit WHERE action = 'holidays.import'"))
	b.mustDo(t, cancel, b.changeOf(b.Staff(t, "desk"), onTheHoliday))
	if err := b.Scheduler.RemoveHolidays(background, b.Staff(t, "chief"), "suite", 2027); err != nil {
		t.Fatalf("taking the table away: %v", err)
	}
	found = b.find(t, scheduling.Search{Service: "family", From: day("2027-01-05")})
	if found.Closed == nil || found.Closed.Code != scheduling.DayNotLoaded {
		t.Errorf("the day is %+v", found.Closed)
	}
	refused(t, b.Scheduler.RemoveHolidays(background, b.Staff(t, "chief"), "suite", 2027), scheduling.CodeNotFound)
}

func anImportedYearGoesBeforeTheShippedOne(t tb, b *Bundle) {
	chief := b.Staff(t, "chief")
	n, _ := calendar.China().Notice(2026)
	var lines []string
	for _, h := range n.Holidays {
		for d := h.From; d <= h.To; d++ {
			lines = append(lines, d.String()+","+h.ZH+",true")
		}
	}
	lines = append(lines, "2026-03-07,清明节,false", "2026-03-05,清明节,true") // a Saturday for a Thursday
	p, err := b.Scheduler.ImportHolidays(background, b.holidays(t, 2026, []byte(strings.Join(lines, "\n"))))
	if err != nil {
		t.Fatalf("importing: %v (%+v)", err, p.Problems)
	}
	if n := b.free(t, "family", "2026-03-07 09:00"); n != 2 {
		t.Errorf("%d are free on the make-up Saturday", n)
	}
	if found := b.find(t, scheduling.Search{Service: "family", From: day("2026-03-05")}); found.Closed == nil || found.Closed.Code != scheduling.DayHoliday {
		t.Errorf("the Thursday is %+v", found.Closed)
	}
	years, err := b.Scheduler.HolidayYears(background, chief, "suite")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, y := range years {
		got = append(got, fmt.Sprint(y.Year, y.BuiltIn, y.Author))
	}
	same(t, "years", []string{"2026 falsechief", "2025 true", "2024 true"}, got)
	if err := b.Scheduler.RemoveHolidays(background, chief, "suite", 2026); err != nil {
		t.Fatal(err)
	}
	if n := b.free(t, "family", "2026-03-05 09:00"); n != 2 {
		t.Errorf("by the shipped table %d are free", n)
	}
}

func aTableThatIsWrongIsNotImported(t tb, b *Bundle) {
	before := b.state(t)
	_, err := b.Scheduler.ImportHolidays(background, b.holidays(t, 2027, table2027("2027-02-05,春节,true")))
	refusedField(t, err, "table")
	p, err := b.Scheduler.PreviewHolidays(background, b.holidays(t, 2027, table2027("2026-12-26,元旦,maybe")))
	if err != nil || len(p.Problems) != 1 || p.Problems[0].Line != 24 || p.Problems[0].What.ZH == "" {
		t.Errorf("the preview is %+v, %v", p.Problems, err)
	}
	for _, year := range []int{2023, 2029} {
		_, err = b.Scheduler.PreviewHolidays(background, b.holidays(t, year, table2027()))
		refusedField(t, err, "year")
	}
	in := b.holidays(t, 2027, table2027())
	for _, username := range []string{"desk", "anna", "watch"} {
		in.Actor = b.Staff(t, username)
		_, err = b.Scheduler.ImportHolidays(background, in)
		refused(t, err, scheduling.CodeForbidden)
		refused(t, b.Scheduler.RemoveHolidays(background, in.Actor, "suite", 2027), scheduling.CodeForbidden)
		_, err = b.Scheduler.Warnings(background, in.Actor, "suite")
		refused(t, err, scheduling.CodeForbidden)
	}
	b.unchanged(t, before)
}

func everyReplicaKnowsAnImportedYear(t tb, b *Bundle) {
	b.Clock.Set(on("2026-12-21 09:00"))
	other := b.Replica(t)
	if _, err := other.Find(background, scheduling.Search{Office: "suite", Service: "family", From: day("2027-01-05"), To: day("2027-01-05")}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Scheduler.ImportHolidays(background, b.holidays(t, 2027, table2027())); err != nil {
		t.Fatalf("importing: %v", err)
	}
	// What it decided on is no longer so: a booking by the desk is decided again.
	r := b.wants(b.Staff(t, "desk"), "family", "2027-01-01 09:00")
	_, err := other.Book(background, r)
	refusedField(t, err, "start")
	b.Clock.Pass(2 * time.Second)
	if _, err := b.Replica(t).Book(background, b.wants(b.Citizen(t, phone(1)), "family", "2027-01-05 09:00")); err != nil {
		t.Errorf("a citizen's booking there: %v", err)
	}
	if thirty, err := other.ThirtyDays(background, day("2027-01-04"), calendar.RollBoth); err != nil || thirty.Provisional {
		t.Errorf("the thirty days there are provisional: %v, %v", thirty.Provisional, err)
	}
}

func anImportAndABookingAtOnceAgree(t tb, b *Bundle) {
	b.Clock.Set(on("2026-12-21 09:00"))
	servers, desk := b.replicas(t), b.Staff(t, "desk")
	in := b.holidays(t, 2027, table2027())
	var preview scheduling.HolidayPreview
	errs := together(6, func(i int) (err error) {
		if i == 0 {
			preview, err = servers[0].ImportHolidays(background, in)
			return err
		}
		_, err = servers[i%3].Book(background, b.wants(desk, "family", fmt.Sprintf("2027-01-01 %02d:00", 8+i%3)))
		return err
	})
	outcomes(t, errs, scheduling.CodeInvalid, scheduling.CodeSlotTaken)
	if errs[0] != nil || len(preview.Problems) != 0 {
		t.Fatalf("the import was answered %v", errs[0])
	}
	b.Clock.Pass(2 * time.Second)
	_, err := servers[1].Book(background, b.wants(desk, "family", "2027-01-01 14:30"))
	refusedField(t, err, "start")
}

func aDirectorIsWarnedFromNovemberOn(t tb, b *Bundle) {
	chief := b.Staff(t, "chief")
	warned := func() int {
		t.Helper()
		all, err := b.Scheduler.Warnings(background, chief, "suite")
		if err != nil {
			t.Fatalf("reading the warnings: %v", err)
		}
		for _, w := range all {
			if w.Code != "holidays" || !strings.HasPrefix(w.Text.ZH, "2027年") || w.Text.EN == "" {
				t.Errorf("it warns %+v", w)
			}
		}
		return len(all)
	}
	for now, want := range map[string]int{"2026-10-31 23:59": 0, "2026-11-01 00:00": 1, "2026-12-31 23:59": 1} {
		b.Clock.Set(on(now))
		if n := warned(); n != want {
			t.Errorf("at %s there are %d warnings", now, n)
		}
	}
	b.Clock.Set(on("2026-11-26 09:00"))
	if warnings, err := b.Scheduler.Ready(background); err != nil || len(warnings) != 0 {
		t.Errorf("the server warns %q, %v", warnings, err)
	}
	if _, err := b.Scheduler.ImportHolidays(background, b.holidays(t, 2027, table2027())); err != nil {
		t.Fatal(err)
	}
	if n := warned(); n != 0 {
		t.Errorf("with the table there are %d", n)
	}
	if err := b.Scheduler.RemoveHolidays(background, chief, "suite", 2027); err != nil {
		t.Fatal(err)
	}
	b.edit(t, scheduling.SetHolidays("none", time.Friday))
	if n := warned(); n != 0 {
		t.Errorf("an office that keeps none has %d", n)
	}
}
