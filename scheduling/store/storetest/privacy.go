package storetest

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"

	"magpie/scheduling"
)

var privacyTests = []test{
	namingABookedNumberIsAnsweredAsNamingOneNeverSeen,
	noTableHoldsAnythingPersonalInTheClear,
	whoMaySeeWhatOfAParty,
}

// namingABookedNumberIsAnsweredAsNamingOneNeverSeen has A try everything with
// B's number and, in a world that is otherwise the same, with another.
func namingABookedNumberIsAnsweredAsNamingOneNeverSeen(t tb, b *Bundle) {
	booked := b.answersNaming(t, phone(2))
	for _, number := range []string{phone(3), phone(4)} {
		same(t, "what A is answered", booked, b.answersNaming(t, number))
	}
}

// answersNaming is what A is answered, by text, when B, who is phone(2), has
// booked as much as one may.
func (b *Bundle) answersNaming(t tb, number string) []string {
	t.Helper()
	b.Reset(t)
	second := b.Citizen(t, phone(2))
	b.mustBook(t, b.wants(second, "premarital", "2026-03-03 09:00"))
	b.mustBook(t, b.wants(second, "family", "2026-03-04 09:00"))
	var out []string
	note := func(a scheduling.Appointment, err error) {
		a.ID, a.Reference = 0, ""
		answer := fmt.Sprint(err)
		if err == nil {
			own := a.OwnEntry()
			answer = fmt.Sprint(a.Status, a.Start, a.End, own.Name, own.Phone, a.Others(), a.Wish, a.Revision)
		}
		out = append(out, strings.ReplaceAll(answer, number, "THE NUMBER"))
	}
	me := b.Citizen(t, phone(1))
	named := scheduling.NewPrivate(number)
	for _, start := range []string{"2026-03-03 09:00", "2026-03-03 09:30", "2026-03-03 08:30", "2026-03-04 09:00"} {
		for _, service := range []string{"premarital", "family"} {
			r := b.wants(me, service, start)
			r.Parties = people(2)
			r.Parties[1].Phone = named
			a, err := b.Scheduler.Book(background, r)
			note(a, err)
			note(b.Scheduler.Book(background, r))
			if err == nil {
				note(b.Scheduler.Move(background, b.moveOf(me, a, "2026-03-05 09:00")))
				note(b.Scheduler.Cancel(background, b.changeOf(me, a)))
			}
			r = b.wants(me, service, start)
			r.Parties[0].Phone = named
			note(b.Scheduler.Book(background, r))
			r.Parties[0].Phone = scheduling.Private{}
			r.Contact = &scheduling.ContactRequest{Name: named, Phone: named, Relation: named}
			note(b.Scheduler.Book(background, r))
		}
	}
	b.Scheduler.Settings.VerifyPhones = false
	r := b.wants(passerBy("203.0.113.1"), "premarital", "2026-03-03 14:30")
	r.Parties[0].Phone = named
	note(b.Scheduler.Book(background, r))
	v := b.ask(t, number, "203.0.113.1")
	_, err := b.confirm(v.ID, "x")
	out = append(out, fmt.Sprint(v.ExpiresAt, v.ResendAt, len(v.ID), err))
	days, err := b.Scheduler.Find(background, scheduling.Search{Office: "suite", Service: "family", From: day("2026-03-03"), To: day("2026-03-05")})
	out = append(out, fmt.Sprintf("%+v %v", days, err))
	return out
}

func noTableHoldsAnythingPersonalInTheClear(t tb, b *Bundle) {
	secrets := b.aBusyDay(t)
	for _, s := range secrets {
		if len(s) < 6 {
			t.Fatalf("the secret %q is too short to be looked for", s)
		}
	}
	for table, rows := range b.state(t) {
		for _, row := range rows {
			for _, s := range secrets {
				for _, form := range []string{regexp.QuoteMeta(s), hex.EncodeToString([]byte(s)), base64.RawStdEncoding.EncodeToString([]byte(s))[:len(s)*4/3-1]} {
					if found(form, row) {
						t.Errorf("%s holds %q: %q", table, s, row)
					}
				}
			}
		}
	}
}

// found looks for a text; one of digits is not part of a longer number.
func found(form, row string) bool {
	if strings.Trim(form, "0123456789") == "" {
		return regexp.MustCompile(`(^|\D)` + form + `(\D|$)`).MatchString(row)
	}
	return strings.Contains(row, strings.ReplaceAll(form, `\`, ""))
}

// aBusyDay does everything in which something personal is said, and gives all
// that was said.
func (b *Bundle) aBusyDay(t tb) []string {
	t.Helper()
	v := b.ask(t, phone(1), "203.0.113.77")
	code := b.code(t, phone(1))
	token := b.mustConfirm(t, v.ID, code)
	me, err := b.Scheduler.Authenticate(background, token.Token)
	if err != nil {
		t.Fatalf("authenticating: %v", err)
	}
	h := b.mustHold(t, b.holds(passerBy("203.0.113.78"), "family", "2026-03-03 09:00"))
	r := b.wants(me, "family", "2026-03-03 09:00")
	r.Parties, r.Hold = people(2), h.Secret
	r.Parties[1] = scheduling.PartyRequest{Name: scheduling.NewPrivate("欧阳修远"), Phone: scheduling.NewPrivate(phone(2))}
	r.Note = scheduling.NewPrivate("家里的房子怎么分")
	r.Contact = &scheduling.ContactRequest{Name: scheduling.NewPrivate("上官婉儿"), Phone: scheduling.NewPrivate(phone(1)), Relation: scheduling.NewPrivate("姑姑的妹妹")}
	a := b.mustBook(t, r)
	b.mustDo(t, move, b.moveOf(me, a, "2026-03-04 09:00"))
	b.mustDo(t, cancel, scheduling.Change{Actor: me, Reference: a.Reference, Reason: scheduling.NewPrivate("已经和好了呀"), Idempotency: scheduling.Idempotency{Key: b.key(), Route: "c"}})
	atDesk := b.wants(b.Staff(t, "desk"), "premarital", "2026-03-03 14:30")
	atDesk.Parties[0] = scheduling.PartyRequest{Name: scheduling.NewPrivate("诸葛孔明"), Phone: scheduling.NewPrivate(phone(3))}
	atDesk.Needs, atDesk.Title, atDesk.CodeWord = []scheduling.Need{scheduling.Hearing}, scheduling.Ms, scheduling.NewPrivate(theWord)
	called := b.mustBook(t, atDesk)
	b.Clock.Set(called.Start)
	b.mustDo(t, noShow, scheduling.Change{Actor: b.Staff(t, "desk"), Reference: called.Reference, Reason: scheduling.NewPrivate("电话打不通呢")})
	b.Scheduler.Settings.VerifyPhones = false
	unproven := b.wants(passerBy("203.0.113.79"), "family", "2026-03-05 09:00")
	unproven.Parties[0] = scheduling.PartyRequest{Name: scheduling.NewPrivate("司马相如"), Phone: scheduling.NewPrivate(phone(4))}
	b.mustBook(t, unproven)
	leave := b.leave(t, "anna", "2026-03-10", "2026-03-11")
	leave.Reason, leave.Idempotency = scheduling.NewPrivate("做手术去了"), scheduling.Idempotency{Key: b.key(), Route: "l"}
	if _, err := b.Scheduler.AddTimeOff(background, leave); err != nil {
		t.Fatalf("entering leave: %v", err)
	}
	b.setPassword(t, "anna", password)
	b.Clock.Pass(time.Minute)
	login, err := b.login("anna", password, "203.0.113.80")
	if err != nil {
		t.Fatalf("logging in: %v", err)
	}
	b.ask(t, phone(5), "203.0.113.81")
	b.wish(t, me, scheduling.ContactWish{Text: true, Number: scheduling.NewPrivate(phone(6)), Email: scheduling.NewPrivate("ms.wang@example.com")})
	b.send(t)
	b.reply(t, phone(7), "我想问问孩子归谁")
	b.reply(t, phone(3), "我来不了对不起")
	b.notice(t)
	return []string{
		code, phone(1), phone(2), phone(3), phone(4), phone(5), phone(6), phone(7), "ms.wang@example.com", "我想问问孩子归谁", "我来不了对不起", "王小明1", "欧阳修远", "上官婉儿", "姑姑的妹妹", "诸葛孔明", "司马相如",
		"家里的房子怎么分", "已经和好了呀", "电话打不通呢", "做手术去了", string(scheduling.Hearing), theWord, token.Token, token.Token[3:], login.Token, login.Token[3:], h.Secret, password,
		"203.0.113.77", "203.0.113.78", "203.0.113.79", "203.0.113.80", "203.0.113.81",
	}
}

func whoMaySeeWhatOfAParty(t tb, b *Bundle) {
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00")
	r.Wish.Counsellor = "anna"
	a := b.read(t, b.mustBook(t, r).Reference)
	for username, want := range map[string]scheduling.PartyView{
		"desk": {Name: "王小明1", Phone: phone(1)}, "chief": {Name: "王小明1", Phone: phone(1)},
		"anna": {Name: "王小明1", Phone: phone(1)[7:]}, "bert": {}, "watch": {},
	} {
		want.ID = a.Parties[0].ID
		same(t, "what "+username+" sees", []scheduling.PartyView{want}, a.PartiesFor(b.Staff(t, username)))
	}
}
