package storetest

import (
	"strings"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

var settingUpTests = []test{
	aDirectorChangesTheOfficeByItsFile,
	aPreviewSaysWhatAChangeWouldDoAndWritesNothing,
	aWrongFileIsToldByLineAndKey,
	ofTwoChangesOfOneRevisionOneIsMade,
	everyVersionIsKeptAndCanBeUndone,
	anOfficeOlderThanItsVersionsKeepsTheFirst,
	eachPartIsChangedByItself,
	whoMayChangeWhat,
	aPasswordIsSetByALinkOnce,
	ofTwoWhoUseALinkOneSetsThePassword,
}

// wanted is a change of the office by its director, of its revision now.
func (b *Bundle) wanted(t tb, edit scheduling.OfficeEdit) scheduling.OfficeChange {
	t.Helper()
	return scheduling.OfficeChange{Actor: b.Staff(t, "chief"), Office: "suite", Revision: b.Office(t).Revision, Edit: edit}
}

func (b *Bundle) edit(t tb, edit scheduling.OfficeEdit) scheduling.OfficePreview {
	t.Helper()
	p, err := b.Scheduler.ApplyOffice(background, b.wanted(t, edit))
	if err != nil {
		t.Fatalf("changing the office: %v", err)
	}
	return p
}

func phoneOf(number string) scheduling.OfficeEdit {
	return func(o *scheduling.Office) error {
		o.Phone = number
		return nil
	}
}

func aDirectorChangesTheOfficeByItsFile(t tb, b *Bundle) {
	chief := b.Staff(t, "chief")
	file, revision, err := b.Scheduler.OfficeFile(background, chief, "suite")
	if err != nil || revision != 1 || !strings.Contains(string(file), "no_show_after: 0m") {
		t.Fatalf("the file of revision %d is %s, %v", revision, file, err)
	}
	changed := strings.ReplaceAll(string(file), `phone: "0737-7220000"`, `phone: "0737-7220001"`)
	c := scheduling.OfficeChange{Actor: chief, Office: "suite", Revision: revision, File: []byte(changed), Note: "新号码"}
	b.Clock.Pass(time.Hour)
	done, err := b.Scheduler.ApplyOffice(background, c)
	if err != nil || done.Revision != 2 {
		t.Fatalf("the change makes revision %d, %v", done.Revision, err)
	}
	same(t, "differences", []string{"~ office.phone: 0737-7220000 → 0737-7220001"}, done.Differences)
	if o := b.Office(t); o.Phone != "0737-7220001" || o.Revision != 2 || o.Rooms[0].ID == 0 {
		t.Errorf("the office is %+v", o)
	}
	document, err := b.Store.Document(background, "suite")
	if err != nil || string(document) != changed {
		t.Errorf("the export is %s, %v", document, err)
	}
	same(t, "audit", [][]string{{"chief", "suite", `{"revision":1}`, `{"revision":2,"changed":["~ office.phone"]}`}},
		b.rows(t, "SELECT actor_name, subject, before_state, after_state FROM audit WHERE action = 'office.change'"))
	// The same once more is another's change by now; on the new one it changes nothing.
	_, err = b.Scheduler.ApplyOffice(background, c)
	refused(t, err, scheduling.CodeWrongState)
	before := b.state(t)
	c.Revision = 2
	if again, err := b.Scheduler.ApplyOffice(background, c); err != nil || again.Revision != 2 || len(again.Differences) != 0 {
		t.Errorf("again it is %+v, %v", again, err)
	}
	b.unchanged(t, before)
}

func aPreviewSaysWhatAChangeWouldDoAndWritesNothing(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	early := b.mustBook(t, b.wants(desk, "family", "2026-03-05 07:30"))
	r := b.wants(desk, "premarital", "2026-03-05 14:30")
	r.Wish.Counsellor = "bert"
	berts := b.mustBook(t, r)
	over := b.mustBook(t, b.wants(desk, "family", "2026-03-05 16:00"))
	b.mustDo(t, cancel, b.changeOf(desk, over))
	before := b.state(t)
	later := scheduling.SetHours([]scheduling.Hours{{Days: []time.Weekday{1, 2, 3, 4, 5}, Period: calendar.Period{From: 540, To: 1050}}})
	p, err := b.Scheduler.PreviewOffice(background, b.wanted(t, later))
	if err != nil || len(p.Differences) != 1 || len(p.InUse) != 0 || len(p.Problems) != 0 {
		t.Fatalf("the preview is %+v, %v", p, err)
	}
	same(t, "outside", []string{early.Reference}, listed(p.Outside))
	p, err = b.Scheduler.PreviewOffice(background, b.wanted(t, scheduling.RemoveStaff("bert")))
	if err != nil {
		t.Fatalf("the preview: %v", err)
	}
	same(t, "differences", []string{"- staff.bert"}, p.Differences)
	want := []string{berts.Reference}
	if early.Counsellor.Username == "bert" {
		want = listed([]scheduling.Appointment{early, berts})
	}
	same(t, "in use", want, listed(p.InUse))
	if len(p.InUse[0].Parties) == 0 {
		t.Error("what is in the way is not told whole")
	}
	_, err = b.Scheduler.ApplyOffice(background, b.wanted(t, scheduling.RemoveStaff("bert")))
	same(t, "in the way", want, listed(refused(t, err, scheduling.CodeInUse).InUse))
	b.unchanged(t, before)
	done := b.edit(t, later)
	same(t, "outside", []string{early.Reference}, listed(done.Outside))
	same(t, "appointment", show(early), show(b.read(t, early.Reference)))
}

func aWrongFileIsToldByLineAndKey(t tb, b *Bundle) {
	before := b.state(t)
	file, revision, err := b.Scheduler.OfficeFile(background, b.Staff(t, "chief"), "suite")
	if err != nil {
		t.Fatal(err)
	}
	c := scheduling.OfficeChange{Actor: b.Staff(t, "chief"), Office: "suite", Revision: revision, File: []byte(strings.Replace(string(file), "buffer: 10m", "buffer: 7m", 1))}
	p, err := b.Scheduler.PreviewOffice(background, c)
	if err != nil || len(p.Problems) != 1 || p.Problems[0].Key != "services.premarital.buffer" || p.Problems[0].Line < 20 || p.Problems[0].What.ZH != "7m不是五分钟的倍数。" {
		t.Fatalf("the preview is %+v, %v", p.Problems, err)
	}
	_, err = b.Scheduler.ApplyOffice(background, c)
	refusedField(t, err, "services.premarital.buffer")
	for what, wrong := range map[string]struct{ old, new, field string }{
		"another code":          {"code: suite", "code: other", "office.code"},
		"no director any more":  {"roles: [director]", "roles: [desk]", "staff.chief"},
		"no YAML":               {"office:", "office", "file"},
		"a key that is unknown": {"display: false", "colour: red", "office.colour"},
	} {
		c.File = []byte(strings.Replace(string(file), wrong.old, wrong.new, 1))
		_, err := b.Scheduler.ApplyOffice(background, c)
		if e := refused(t, err, scheduling.CodeInvalid); e.Fields[0].Field != wrong.field || e.Fields[0].Message.ZH == "" {
			t.Errorf("%s: the fields are %+v", what, e.Fields)
		}
	}
	c.Note = strings.Repeat("长", 201)
	_, err = b.Scheduler.PreviewOffice(background, c)
	refusedField(t, err, "note")
	b.unchanged(t, before)
}

func ofTwoChangesOfOneRevisionOneIsMade(t tb, b *Bundle) {
	servers := b.replicas(t)
	changes := make([]scheduling.OfficeChange, 9)
	for i := range changes {
		changes[i] = b.wanted(t, phoneOf("0737-722000"+itoa(int64(i+1))))
	}
	errs := together(len(changes), func(i int) error {
		_, err := servers[i%3].ApplyOffice(background, changes[i])
		return err
	})
	if n := outcomes(t, errs, scheduling.CodeWrongState); n != 1 {
		t.Errorf("%d of nine were made", n)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM office_versions"); n != 2 {
		t.Errorf("%d versions are kept", n)
	}
	b.Clock.Pass(2 * time.Second)
	// A replica that read the office a moment ago knows of another's change at once.
	b.edit(t, phoneOf("0737-7221111"))
	if _, err := servers[1].PreviewOffice(background, b.wanted(t, phoneOf("0737-7221112"))); err != nil {
		t.Errorf("another replica answers %v", err)
	}
}

func everyVersionIsKeptAndCanBeUndone(t tb, b *Bundle) {
	chief := b.Staff(t, "chief")
	b.edit(t, phoneOf("0737-7220001"))
	b.Change(t, func(o *scheduling.Office) { o.Phone = "0737-7220002" })
	b.text(t, bookedZH, "您好，{start}见。")
	var numbers []int64
	var authors []string
	for p := (scheduling.Page{Limit: 3}); ; {
		some, next, err := b.Scheduler.OfficeVersions(background, chief, "suite", p)
		if err != nil {
			t.Fatalf("listing versions: %v", err)
		}
		for _, v := range some {
			numbers, authors = append(numbers, v.Number), append(authors, v.Author)
		}
		if p.After = next; next == "" {
			break
		}
	}
	same(t, "versions", []int64{4, 3, 2, 1}, numbers)
	same(t, "authors", []string{"chief", "", "chief", ""}, authors)
	second, err := b.Scheduler.OfficeVersion(background, chief, "suite", 2)
	if err != nil || !strings.Contains(string(second.File), "0737-7220001") {
		t.Errorf("the second version is %s, %v", second.File, err)
	}
	c, err := b.Scheduler.UndoOffice(background, b.wanted(t, nil), 4)
	if err != nil {
		t.Fatalf("undoing: %v", err)
	}
	p, err := b.Scheduler.PreviewOffice(background, c)
	if err != nil || len(p.Differences) != 1 || !strings.HasPrefix(p.Differences[0], "- office.texts.booked.zh: ") {
		t.Errorf("the preview is %q, %v", p.Differences, err)
	}
	if p, err = b.Scheduler.ApplyOffice(background, c); err != nil || p.Revision != 5 {
		t.Errorf("the undoing makes revision %d, %v", p.Revision, err)
	}
	same(t, "versions of the text", []string{"2 chief", "1 chief 您好，{start}见。"}, b.versions(t, bookedZH))
	if c, err = b.Scheduler.UndoOffice(background, b.wanted(t, nil), 3); err == nil {
		_, err = b.Scheduler.ApplyOffice(background, c)
	}
	if o := b.Office(t); err != nil || o.Phone != "0737-7220001" || o.Revision != 6 {
		t.Errorf("the office is %s at %d, %v", o.Phone, o.Revision, err)
	}
	same(t, "note", [][]string{{"撤销第3版 (undo of version 3)"}}, b.rows(t, "SELECT note FROM office_versions WHERE number = 6"))
	_, err = b.Scheduler.UndoOffice(background, b.wanted(t, nil), 1)
	refused(t, err, scheduling.CodeWrongState)
	_, err = b.Scheduler.UndoOffice(background, b.wanted(t, nil), 99)
	refused(t, err, scheduling.CodeNotFound)
	_, err = b.Scheduler.OfficeVersion(background, chief, "suite", 99)
	refused(t, err, scheduling.CodeNotFound)
}

func anOfficeOlderThanItsVersionsKeepsTheFirst(t tb, b *Bundle) {
	first, err := b.Store.Document(background, "suite")
	if err != nil {
		t.Fatal(err)
	}
	b.exec(t, "DELETE FROM office_versions")
	b.edit(t, phoneOf("0737-7220001"))
	c, err := b.Scheduler.UndoOffice(background, b.wanted(t, nil), 2)
	if err != nil || string(c.File) != string(first) {
		t.Fatalf("before the second version there is %s, %v", c.File, err)
	}
}

func eachPartIsChangedByItself(t tb, b *Bundle) {
	o := b.Office(t)
	hall, lesson, desk := o.Rooms[2], o.Services[2], o.Staff[2]
	hall.Seats, lesson.Places, desk.Name.EN = 6, 4, "The desk"
	garden := scheduling.Room{Code: "garden", Name: scheduling.Text{ZH: "花园", EN: "Garden"}, Kind: "garden", Seats: 3}
	newcomer := scheduling.Staff{Username: "carl", Name: scheduling.Text{ZH: "辅导师丙", EN: "Counsellor C"}, Roles: []account.Role{account.Counsellor}, Services: []string{"family"}}
	text := messages.Template{Key: bookedZH, Body: "您好，{start}见。"}
	monday := []scheduling.Hours{{Days: []time.Weekday{time.Monday}, Period: calendar.Period{From: 540, To: 720}, ValidFrom: day("2026-04-01")}}
	for _, c := range []struct {
		name string
		edit scheduling.OfficeEdit
		want []string
	}{
		{"a room", scheduling.PutRoom(hall), []string{"~ rooms.hall.seats: 5 → 6"}},
		{"a new room", scheduling.PutRoom(garden), []string{"+ rooms.garden"}},
		{"a room closed", scheduling.CloseRoom("hall", scheduling.Closure{From: day("2026-03-10"), To: day("2026-03-11"), Why: scheduling.Text{ZH: "粉刷"}}), []string{"~ rooms.hall.closed: none → 2026-03-10–2026-03-11, 粉刷"}},
		{"a room open again", scheduling.ReopenRoom("hall", day("2026-03-10"), day("2026-03-11")), []string{"~ rooms.hall.closed: 2026-03-10–2026-03-11, 粉刷 → none"}},
		{"a room less", scheduling.RemoveRoom("garden"), []string{"- rooms.garden"}},
		{"a service", scheduling.PutService(lesson), []string{"~ services.lesson.places: 3 → 4"}},
		{"somebody", scheduling.PutStaff(desk), []string{"~ staff.desk.name.en: Desk → The desk"}},
		{"somebody new", scheduling.PutStaff(newcomer), []string{"+ staff.carl"}},
		{"somebody's hours", scheduling.SetStaffHours("carl", monday), []string{"~ staff.carl.hours: none → mon 09:00–12:00 from 2026-04-01"}},
		{"somebody less", scheduling.RemoveStaff("carl"), []string{"- staff.carl"}},
		{"a day closed", scheduling.PutException(scheduling.Exception{Date: day("2026-03-10"), Closed: &scheduling.Text{ZH: "盘点"}}), []string{"+ office.exceptions.2026-03-10: closed, 盘点"}},
		{"the day with hours", scheduling.PutException(scheduling.Exception{Date: day("2026-03-10"), Hours: calendar.Period{From: 540, To: 600}}), []string{"~ office.exceptions.2026-03-10: closed, 盘点 → 09:00–10:00"}},
		{"the day as always", scheduling.RemoveException(day("2026-03-10")), []string{"- office.exceptions.2026-03-10: 09:00–10:00"}},
		{"release", scheduling.SetRelease(9 * 60), []string{"~ office.release: 08:30 → 09:00"}},
		{"holidays", scheduling.SetHolidays("none", time.Monday), []string{"~ office.holidays: cn → none", "~ office.makeup_hours_as: fri → mon"}},
		{"hours", scheduling.SetHours(monday), []string{"~ office.hours: mon tue wed thu fri 07:30–12:00, mon tue wed thu fri 14:30–17:30 → mon 09:00–12:00 from 2026-04-01"}},
		{"a text", scheduling.PutText(text), []string{"+ office.texts.booked.zh: 您好，{start}见。"}},
		{"the built-in text", scheduling.PutText(messages.Template{Key: bookedZH}), []string{"- office.texts.booked.zh: 您好，{start}见。"}},
		{"two at once", scheduling.Edits(scheduling.RemoveService("lesson"), scheduling.RemoveRoom("hall")), []string{
			"- rooms.hall", "- services.lesson",
			"~ staff.anna.services: premarital, family, lesson → premarital, family", "~ staff.bert.services: premarital, family, lesson → premarital, family",
		}},
	} {
		same(t, c.name, c.want, b.edit(t, c.edit).Differences)
	}
	before := b.state(t)
	for what, edit := range map[string]scheduling.OfficeEdit{
		"a room": scheduling.RemoveRoom("hall"), "a service": scheduling.RemoveService("lesson"), "somebody": scheduling.RemoveStaff("carl"),
		"a day": scheduling.RemoveException(day("2026-03-10")), "hours": scheduling.SetStaffHours("carl", nil),
		"closing": scheduling.CloseRoom("hall", scheduling.Closure{}), "opening": scheduling.ReopenRoom("large", 1, 2),
	} {
		_, err := b.Scheduler.ApplyOffice(background, b.wanted(t, edit))
		if scheduling.CodeOf(err) != scheduling.CodeNotFound {
			t.Errorf("%s that is not there: %v", what, err)
		}
	}
	_, err := b.Scheduler.ApplyOffice(background, b.wanted(t, scheduling.PutRoom(scheduling.Room{Code: "x y"})))
	refused(t, err, scheduling.CodeInvalid)
	b.unchanged(t, before)
}

func whoMayChangeWhat(t tb, b *Bundle) {
	own := scheduling.SetStaffHours("anna", []scheduling.Hours{{Days: []time.Weekday{time.Monday}, Period: calendar.Period{From: 540, To: 720}}})
	before := b.state(t)
	for _, username := range []string{"anna", "bert", "desk", "watch"} {
		a := b.Staff(t, username)
		c := b.wanted(t, phoneOf("0737-7220001"))
		c.Actor = a
		_, err := b.Scheduler.ApplyOffice(background, c)
		refused(t, err, scheduling.CodeForbidden)
		if username != "anna" {
			c.Edit = own
			_, err = b.Scheduler.PreviewOffice(background, c)
			refused(t, err, scheduling.CodeForbidden)
		}
		_, _, err = b.Scheduler.OfficeFile(background, a, "suite")
		refused(t, err, scheduling.CodeForbidden)
		_, _, err = b.Scheduler.OfficeVersions(background, a, "suite", scheduling.Page{})
		refused(t, err, scheduling.CodeForbidden)
		_, err = b.Scheduler.PasswordLink(background, a, "suite", "anna")
		refused(t, err, scheduling.CodeForbidden)
	}
	stranger := b.wanted(t, own)
	stranger.Actor.OfficeID++
	_, err := b.Scheduler.ApplyOffice(background, stranger)
	refused(t, err, scheduling.CodeNotFound)
	b.unchanged(t, before)
	if p, err := b.Scheduler.EditOffice(background, b.Staff(t, "anna"), "suite", b.Office(t).Revision, own); err != nil || p.Revision != 2 {
		t.Errorf("one's own hours: %+v, %v", p.Differences, err)
	}
}

func aPasswordIsSetByALinkOnce(t tb, b *Bundle) {
	chief := b.Staff(t, "chief")
	newcomer := scheduling.Staff{Username: "carl", Name: scheduling.Text{ZH: "辅导师丙", EN: "Counsellor C"}, Roles: []account.Role{account.Counsellor}}
	b.edit(t, scheduling.PutStaff(newcomer))
	older, err := b.Scheduler.PasswordLink(background, chief, "suite", "carl")
	if err != nil {
		t.Fatalf("making a link: %v", err)
	}
	link, err := b.Scheduler.PasswordLink(background, chief, "suite", "carl")
	if err != nil || !link.ExpiresAt.Equal(b.Clock.Now().Add(24*time.Hour)) {
		t.Fatalf("the link lives until %s, %v", link.ExpiresAt, err)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM one_time_links"); n != 1 {
		t.Errorf("%d links are kept", n)
	}
	for _, token := range []string{older.Token, "", "mpl_unknown"} {
		refused(t, b.Scheduler.UsePasswordLink(background, token, scheduling.NewPrivate(password)), scheduling.CodeNotFound)
	}
	refusedField(t, b.Scheduler.UsePasswordLink(background, link.Token, scheduling.NewPrivate("short")), "password")
	o, who, err := b.Scheduler.LinkHolder(background, link.Token)
	if err != nil || o.Code != "suite" || who.Username != "carl" {
		t.Errorf("it is %s's, %v", who.Username, err)
	}
	if _, err := b.login("carl", password, "192.0.2.1"); err == nil {
		t.Error("carl has a password already")
	}
	if err := b.Scheduler.UsePasswordLink(background, link.Token, scheduling.NewPrivate(password)); err != nil {
		t.Fatalf("setting the password: %v", err)
	}
	if _, err := b.login("carl", password, "192.0.2.1"); err != nil {
		t.Errorf("carl cannot sign in: %v", err)
	}
	refused(t, b.Scheduler.UsePasswordLink(background, link.Token, scheduling.NewPrivate(password)), scheduling.CodeNotFound)
	late, err := b.Scheduler.PasswordLink(background, chief, "suite", "carl")
	if err != nil {
		t.Fatalf("making a link: %v", err)
	}
	b.Clock.Set(late.ExpiresAt)
	refused(t, b.Scheduler.UsePasswordLink(background, late.Token, scheduling.NewPrivate(password)), scheduling.CodeNotFound)
	_, err = b.Scheduler.PasswordLink(background, chief, "suite", "nobody")
	refused(t, err, scheduling.CodeNotFound)
	same(t, "audit", [][]string{{"staff.password", "carl", "1"}, {"staff.password_link", "chief", "3"}},
		b.rows(t, "SELECT action, actor_name, COUNT(*) FROM audit WHERE action LIKE 'staff.password%' GROUP BY action, actor_name ORDER BY action"))
	gone, err := b.Scheduler.PasswordLink(background, chief, "suite", "carl")
	if err != nil {
		t.Fatalf("making a link: %v", err)
	}
	b.edit(t, scheduling.RemoveStaff("carl"))
	refused(t, b.Scheduler.UsePasswordLink(background, gone.Token, scheduling.NewPrivate(password)), scheduling.CodeNotFound)
}

func ofTwoWhoUseALinkOneSetsThePassword(t tb, b *Bundle) {
	link, err := b.Scheduler.PasswordLink(background, b.Staff(t, "chief"), "suite", "anna")
	if err != nil {
		t.Fatalf("making a link: %v", err)
	}
	servers := b.replicas(t)
	errs := together(3, func(i int) error {
		return servers[i].UsePasswordLink(background, link.Token, scheduling.NewPrivate(password+itoa(int64(i))))
	})
	if n := outcomes(t, errs, scheduling.CodeNotFound); n != 1 {
		t.Errorf("%d of three set it", n)
	}
	for i, err := range errs {
		if _, login := b.login("anna", password+itoa(int64(i)), "192.0.2.1"); (err == nil) != (login == nil) {
			t.Errorf("with password %d the link said %v and the log-in %v", i, err, login)
		}
	}
}
