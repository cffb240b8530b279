package storetest

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // the office's zone, wherever the tests run

	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// officeFile is the suite's office: two counselling rooms, two counsellors,
// and a hall for a class. It opens at half past seven, so that its first
// sessions lie over the UTC midnight.
const officeFile = `
office:
  code: suite
  region: "430923"
  name: {zh: 测试婚姻登记处, en: The suite's office}
  timezone: Asia/Shanghai
  address: {zh: 东坪镇, en: Dongping}
  phone: "0737-7220000"
  sms_signature: 测试民政局
  holidays: cn
  release: "08:30"
  hours:
    - {days: [mon, tue, wed, thu, fri], from: "07:30", to: "12:00"}
    - {days: [mon, tue, wed, thu, fri], from: "14:30", to: "17:30"}
rooms:
  - {code: small, name: {zh: 小辅导室, en: Small room}, kind: counselling, seats: 2}
  - {code: large, name: {zh: 大辅导室, en: Large room}, kind: counselling, seats: 4, accessible: true}
  - {code: hall, name: {zh: 课堂, en: Hall}, kind: hall, seats: 5}
services:
  - {code: premarital, kind: premarital, name: {zh: 婚前辅导, en: Premarital}, room_kind: counselling, duration: 60m, buffer: 10m,
     step: 30m, parties: {min: 1, max: 2}, notice: 2h, horizon: 30d, change_until: 2h, open_per_person: 1, reminders: [24h, 2h]}
  - {code: family, kind: family, name: {zh: 家庭咨询, en: Family}, room_kind: counselling, duration: 60m, buffer: 10m,
     step: 30m, parties: {min: 1, max: 4}, horizon: 30d}
  - {code: lesson, kind: premarital, name: {zh: 婚前课, en: Lesson}, room_kind: hall, duration: 60m,
     parties: {min: 1, max: 2}, places: 3, horizon: 30d, reminders: [24h]}
staff:
  - {username: anna, name: {zh: 辅导师甲, en: Counsellor A}, gender: female, roles: [counsellor], services: [premarital, family, lesson],
     hours: [{days: [mon, tue, wed, thu, fri], from: "07:30", to: "17:30"}]}
  - {username: bert, name: {zh: 辅导师乙, en: Counsellor B}, gender: male, roles: [counsellor], services: [premarital, family, lesson],
     hours: [{days: [mon, tue, wed, thu, fri], from: "07:30", to: "17:30"}]}
  - {username: desk, name: {zh: 前台, en: Desk}, roles: [desk]}
  - {username: chief, name: {zh: 主任, en: Director}, roles: [director]}
  - {username: watch, name: {zh: 监督, en: Auditor}, roles: [auditor]}
`

// shanghai is the office's zone.
var shanghai = func() *time.Location {
	loc, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return loc
}()

// on reads a time of the office, written as 2026-03-03 09:30.
func on(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, shanghai)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// dateOf is the office's date of an instant.
func dateOf(t time.Time) calendar.Date { return calendar.DateIn(t, shanghai) }

// day reads a date.
func day(text string) calendar.Date {
	d, err := calendar.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// onePair leaves the office one counselling room and one counsellor.
func onePair(o *scheduling.Office) { pairs(1)(o) }

// pairs gives the office so many alike rooms and counsellors.
func pairs(n int) func(o *scheduling.Office) {
	return func(o *scheduling.Office) {
		room, member := o.Rooms[1], o.Staff[0]
		o.Rooms, o.Staff = o.Rooms[2:], o.Staff[2:]
		for i := range n {
			r, m := room, member
			r.Code, m.Username = fmt.Sprintf("room-%d", i+1), fmt.Sprintf("anna-%d", i+1)
			o.Rooms, o.Staff = append(o.Rooms, r), append(o.Staff, m)
		}
	}
}

// service changes one service of an office.
func service(code string, change func(s *scheduling.Service)) func(o *scheduling.Office) {
	return func(o *scheduling.Office) {
		i := slices.IndexFunc(o.Services, func(s scheduling.Service) bool { return s.Code == code })
		change(&o.Services[i])
	}
}

// member changes one of the office's staff.
func member(username string, change func(m *scheduling.Staff)) func(o *scheduling.Office) {
	return func(o *scheduling.Office) {
		i := slices.IndexFunc(o.Staff, func(m scheduling.Staff) bool { return m.Username == username })
		change(&o.Staff[i])
	}
}

// Staff is a member of the office's staff as the API would have it ask.
func (b *Bundle) Staff(t tb, username string) scheduling.Actor {
	t.Helper()
	o := b.Office(t)
	m, ok := o.StaffMember(username)
	if !ok {
		t.Fatalf("the office has no %s", username)
	}
	a := scheduling.Actor{
		Kind: scheduling.StaffKind, StaffID: m.ID, OfficeID: o.ID, Office: o.Code, Username: username, Roles: m.Roles,
		Scope: account.Office, Address: "192.0.2.1",
	}
	if !a.Is(account.Desk) && !a.Is(account.Director) && !a.Is(account.Auditor) {
		a.Scope = account.Own
	}
	return a
}
