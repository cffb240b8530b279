package storetest

import (
	"reflect"
	"strings"
	"time"

	"magpie/scheduling"
)

var codeWordTests = []test{
	aCodeWordSignsInWithoutAText,
	aCodeWordIsChangedAndRemoved,
	aWrongWordAnUnknownNumberAndNoWordAreAnsweredAlike,
	aNumberIsTriedTenTimesADayByWordsToo,
	anAddressTriesTwentyWordsAnHour,
	aWordThatIsGuessedFirstIsNamed,
	aWordIsSetWithABooking,
	aWordComesOnlyWithABookingThatIsMade,
	aWordNeedsANumberThatCounts,
	whatIsDoneWithAWordIsInTheAudit,
	aWordIsSealedAndGoesWithItsPerson,
	aWordIsReadUnderTheNewKeyAlone,
	wordsSetAtOnceLeaveOneThatFits,
}

// theWord is a good one; no other word of the suite is like it.
const theWord = "月亮弯弯的"

func (b *Bundle) setWord(t tb, a scheduling.Actor, word string) {
	t.Helper()
	if err := b.Scheduler.SetCodeWord(background, a, scheduling.NewPrivate(word)); err != nil {
		t.Fatalf("setting a code word: %v", err)
	}
}

func (b *Bundle) signIn(number, word, address string) (scheduling.Token, error) {
	return b.Scheduler.SignIn(background, scheduling.NewPrivate(number), scheduling.NewPrivate(word), address)
}

// signsIn fails the test unless a number and a word belong together.
func (b *Bundle) signsIn(t tb, number, word string) scheduling.Token {
	t.Helper()
	token, err := b.signIn(number, word, "203.0.113.50")
	if err != nil {
		t.Fatalf("signing in: %v", err)
	}
	return token
}

func (b *Bundle) hasWord(t tb, a scheduling.Actor) bool {
	t.Helper()
	has, err := b.Scheduler.HasCodeWord(background, a)
	if err != nil {
		t.Fatalf("asking for a code word: %v", err)
	}
	return has
}

func aCodeWordSignsInWithoutAText(t tb, b *Bundle) {
	v := b.ask(t, phone(1), "203.0.113.1")
	byCode := b.mustConfirm(t, v.ID, b.code(t, phone(1)))
	me, err := b.Scheduler.Authenticate(background, byCode.Token)
	if err != nil {
		t.Fatalf("authenticating: %v", err)
	}
	if b.hasWord(t, me) {
		t.Error("somebody new has a code word")
	}
	b.setWord(t, me, "Moon 月亮")
	if !b.hasWord(t, me) {
		t.Error("a code word that was set is not there")
	}
	for _, typed := range []string{"Moon 月亮", "moon 月亮", "  ＭＯＯＮ　月亮 "} {
		token := b.signsIn(t, "+86"+phone(1), typed)
		if token.ExpiresAt.Sub(b.Clock.Now()) != 2*time.Hour {
			t.Errorf("the token ends at %s", token.ExpiresAt)
		}
		again, err := b.Replica(t).Authenticate(background, token.Token)
		if err != nil || again.Kind != scheduling.Citizen || again.Person.ID != me.Person.ID || again.Person.Phone.Reveal() != phone(1) {
			t.Errorf("by %q one is %s %d: %v", typed, again.Kind, again.Person.ID, err)
		}
	}
	if due := b.claim(t); len(due) != 0 {
		t.Errorf("%d messages were sent", len(due))
	}
	if _, err := b.Scheduler.Authenticate(background, byCode.Token); err != nil {
		t.Errorf("the token from before: %v", err)
	}
}

func aCodeWordIsChangedAndRemoved(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	b.setWord(t, me, "小船过河")
	token := b.signsIn(t, phone(1), "小船过河")
	b.setWord(t, me, theWord)
	b.signsIn(t, phone(1), theWord)
	_, err := b.signIn(phone(1), "小船过河", "203.0.113.1")
	refusedField(t, err, "code_word")
	b.setWord(t, me, "")
	_, err = b.signIn(phone(1), theWord, "203.0.113.1")
	refusedField(t, err, "code_word")
	if b.hasWord(t, me) {
		t.Error("a code word that was removed is there")
	}
	if _, err := b.Scheduler.Authenticate(background, token.Token); err != nil {
		t.Errorf("a token that the word gave, once the word is gone: %v", err)
	}
	for _, who := range []scheduling.Actor{b.Staff(t, "desk"), passerBy("203.0.113.1")} {
		refused(t, b.Scheduler.SetCodeWord(background, who, scheduling.NewPrivate(theWord)), scheduling.CodeUnauthenticated)
		_, err := b.Scheduler.HasCodeWord(background, who)
		refused(t, err, scheduling.CodeUnauthenticated)
	}
}

func aWrongWordAnUnknownNumberAndNoWordAreAnsweredAlike(t tb, b *Bundle) {
	b.setWord(t, b.Citizen(t, phone(1)), theWord)
	b.Citizen(t, phone(2))
	b.mustBook(t, b.wants(b.Citizen(t, phone(3)), "family", "2026-03-05 09:00"))
	before := b.state(t, "tallies")
	_, want := b.signIn(phone(1), "月亮圆圆的", "203.0.113.1")
	refusedField(t, want, "code_word")
	for number, word := range map[string]string{phone(2): theWord, phone(3): "", phone(4): theWord, phone(5): strings.Repeat("长", 200), phone(6): "1"} {
		_, got := b.signIn(number, word, "203.0.113.1")
		if !reflect.DeepEqual(want, got) {
			t.Errorf("%q is answered %v, a wrong word %v", word, got, want)
		}
	}
	b.unchanged(t, before, "tallies")
	for _, number := range []string{"", "12345", "138 0000 0001", "+85213800000001"} {
		_, err := b.signIn(number, theWord, "203.0.113.1")
		refusedField(t, err, "phone")
	}
}

func aNumberIsTriedTenTimesADayByWordsToo(t tb, b *Bundle) {
	b.Scheduler.Settings.RateLimits = false
	me := b.Citizen(t, phone(1))
	b.setWord(t, me, theWord)
	for range 12 {
		b.signsIn(t, phone(1), theWord) // right ones do not count
	}
	var wrong error
	for range 10 {
		b.Clock.Pass(time.Minute)
		_, wrong = b.signIn(phone(1), "月亮圆圆的", "203.0.113.1")
		refusedField(t, wrong, "code_word")
	}
	_, err := b.signIn(phone(1), theWord, "203.0.113.2")
	same(t, "a right one past the ten", wrong, err)
	v := b.ask(t, phone(1), "203.0.113.1")
	b.mustConfirm(t, v.ID, b.code(t, phone(1))) // codes are counted apart
	b.setWord(t, b.Citizen(t, phone(2)), theWord)
	b.signsIn(t, phone(2), theWord)
	b.Clock.Pass(24*time.Hour - 9*time.Minute - time.Second)
	_, err = b.signIn(phone(1), theWord, "203.0.113.1")
	refusedField(t, err, "code_word")
	b.Clock.Pass(time.Second)
	b.signsIn(t, phone(1), theWord)
}

func anAddressTriesTwentyWordsAnHour(t tb, b *Bundle) {
	b.setWord(t, b.Citizen(t, phone(1)), theWord)
	for i := range 20 {
		if i%4 == 0 {
			b.signsIn(t, phone(1), theWord)
			continue
		}
		_, err := b.signIn(phone(i+2), theWord, "203.0.113.50")
		refusedField(t, err, "code_word")
	}
	before := b.state(t)
	for _, number := range []string{phone(1), phone(40)} {
		_, err := b.signIn(number, theWord, "203.0.113.50")
		if e := refused(t, err, scheduling.CodeRateLimited); e.RetryAfter != time.Hour {
			t.Errorf("wait %s", e.RetryAfter)
		}
	}
	b.unchanged(t, before)
	if _, err := b.signIn(phone(1), theWord, "203.0.113.51"); err != nil {
		t.Errorf("from another address: %v", err)
	}
	b.Scheduler.Settings.RateLimits = false
	b.signsIn(t, phone(1), theWord)
	b.Scheduler.Settings.RateLimits = true
	b.Clock.Pass(time.Hour)
	b.signsIn(t, phone(1), theWord)
}

func aWordThatIsGuessedFirstIsNamed(t tb, b *Bundle) {
	me, desk := b.Citizen(t, phone(1)), b.Staff(t, "desk")
	b.setWord(t, me, theWord)
	before := b.state(t)
	for _, word := range []string{"月亮", strings.Repeat("月", 32) + "亮", "8888", "1234", phone(1)[5:], "   ", "月亮\n弯弯"} {
		refusedField(t, b.Scheduler.SetCodeWord(background, me, scheduling.NewPrivate(word)), "code_word")
		for _, who := range []scheduling.Actor{me, desk} {
			r := b.wants(who, "family", "2026-03-05 09:00")
			r.Parties[0].Phone, r.CodeWord = scheduling.NewPrivate(phone(1)), scheduling.NewPrivate(word)
			_, err := b.Scheduler.Book(background, r)
			refusedField(t, err, "code_word")
		}
	}
	b.unchanged(t, before)
	b.signsIn(t, phone(1), theWord)
}

func aWordIsSetWithABooking(t tb, b *Bundle) {
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-05 09:00")
	r.CodeWord = scheduling.NewPrivate(theWord)
	b.mustBook(t, r)
	b.signsIn(t, phone(1), theWord)
	b.setWord(t, r.Actor, "小船过河")
	b.mustBook(t, r) // the same request again sets nothing
	b.signsIn(t, phone(1), "小船过河")
	b.mustBook(t, b.wants(r.Actor, "family", "2026-03-06 09:00"))
	b.signsIn(t, phone(1), "小船过河")
	caller := b.wants(b.Staff(t, "desk"), "family", "2026-03-09 09:00")
	caller.Parties[0].Phone, caller.CodeWord = scheduling.NewPrivate(phone(2)), scheduling.NewPrivate(theWord)
	a := b.mustBook(t, caller) // of a number never seen
	me, err := b.Scheduler.Authenticate(background, b.signsIn(t, phone(2), theWord).Token)
	if err != nil || me.Person.ID != a.Asker.ID {
		t.Errorf("the caller is %d, and %d signs in: %v", a.Asker.ID, me.Person.ID, err)
	}
	family := b.wants(b.Citizen(t, phone(3)), "family", "2026-03-10 09:00")
	family.Contact = &scheduling.ContactRequest{Name: scheduling.NewPrivate("王妈妈"), Phone: scheduling.NewPrivate(phone(3)), Relation: scheduling.NewPrivate("母亲")}
	family.Parties[0].Phone, family.CodeWord = scheduling.NewPrivate(phone(4)), scheduling.NewPrivate(theWord)
	b.mustBook(t, family)
	b.signsIn(t, phone(3), theWord)
	_, err = b.signIn(phone(4), theWord, "203.0.113.1")
	refusedField(t, err, "code_word")
}

func aWordComesOnlyWithABookingThatIsMade(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	b.mustBook(t, b.wants(me, "family", "2026-03-05 09:00"))
	before := b.state(t)
	r := b.wants(me, "premarital", "2026-03-05 09:30")
	r.CodeWord = scheduling.NewPrivate(theWord)
	_, err := b.Scheduler.Book(background, r)
	refused(t, err, scheduling.CodeOverlap)
	r.Idempotency.Key = b.key()
	r.Start = on("2026-03-05 09:07")
	_, err = b.Scheduler.Book(background, r)
	refusedField(t, err, "start")
	b.unchanged(t, before)
	if b.hasWord(t, me) {
		t.Error("a booking that was refused has set a code word")
	}
}

func aWordNeedsANumberThatCounts(t tb, b *Bundle) {
	b.Scheduler.Settings.VerifyPhones = false
	before := b.state(t)
	unproven := b.wants(passerBy("203.0.113.1"), "family", "2026-03-05 09:00")
	unproven.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	for _, r := range []scheduling.Booking{b.wants(b.Staff(t, "desk"), "family", "2026-03-05 09:00"), unproven} {
		r.CodeWord = scheduling.NewPrivate(theWord)
		_, err := b.Scheduler.Book(background, r)
		refusedField(t, err, "code_word")
	}
	b.unchanged(t, before)
}

func whatIsDoneWithAWordIsInTheAudit(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	b.setWord(t, me, theWord)
	b.setWord(t, me, "")
	r := b.wants(me, "family", "2026-03-05 09:00")
	r.CodeWord = scheduling.NewPrivate(theWord)
	b.mustBook(t, r)
	caller := b.wants(b.Staff(t, "desk"), "family", "2026-03-06 09:00")
	caller.Parties[0].Phone, caller.CodeWord = scheduling.NewPrivate(phone(1)), scheduling.NewPrivate("小船过河")
	b.mustBook(t, caller)
	_, err := b.signIn(phone(1), "月亮圆圆的", "203.0.113.1")
	refusedField(t, err, "code_word")
	id, suite := itoa(me.Person.ID), itoa(b.Office(t).ID)
	same(t, "audit", [][]string{
		{"code_word.set", "citizen", id, id, "0"}, {"code_word.removed", "citizen", id, id, "0"}, {"code_word.set", "citizen", id, id, "0"},
		{"code_word.set", "staff", itoa(b.Staff(t, "desk").StaffID), id, suite},
	}, b.rows(t, "SELECT action, actor_kind, actor_id, subject, office_id FROM audit WHERE action LIKE 'code_word.%' ORDER BY id"))
}

func aWordIsSealedAndGoesWithItsPerson(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	r := b.wants(me, "family", "2026-03-05 09:00")
	r.CodeWord = scheduling.NewPrivate(theWord)
	b.mustBook(t, r)
	b.setWord(t, b.Citizen(t, phone(2)), theWord)
	for table, rows := range b.state(t) {
		for _, row := range rows {
			if strings.Contains(row, theWord) || strings.Contains(row, "argon2id") {
				t.Errorf("%s holds a code word: %q", table, row)
			}
		}
	}
	b.Clock.Set(day("2026-03-05").Add(181).At(0, shanghai))
	b.erase(t)
	if n := b.count(t, "SELECT COUNT(*) FROM persons"); n != 0 {
		t.Errorf("%d people are left", n)
	}
	_, err := b.signIn(phone(1), theWord, "203.0.113.1")
	refusedField(t, err, "code_word")
	b.Citizen(t, phone(3)) // somebody new
	later := b.Citizen(t, phone(4))
	if b.hasWord(t, later) {
		t.Error("somebody new has a code word")
	}
}

func aWordIsReadUnderTheNewKeyAlone(t tb, b *Bundle) {
	b.setWord(t, b.Citizen(t, phone(1)), theWord)
	if _, err := b.under(t, "2027", "2026").Rekey(background); err != nil {
		t.Fatalf("rekeying: %v", err)
	}
	only := b.schedulerOver(b.under(t, "2027"))
	if _, err := only.SignIn(background, scheduling.NewPrivate(phone(1)), scheduling.NewPrivate(theWord), "203.0.113.1"); err != nil {
		t.Errorf("signing in under the new key: %v", err)
	}
}

func wordsSetAtOnceLeaveOneThatFits(t tb, b *Bundle) {
	b.Scheduler.Settings.RateLimits = false
	me, servers := b.Citizen(t, phone(1)), b.replicas(t)
	words := []string{"小船过河一", "小船过河二", "小船过河三", "小船过河四"}
	starts := []string{"2026-03-05 09:00", "2026-03-06 09:00"}
	errs := together(len(words), func(i int) error {
		if i < len(starts) {
			r := b.wants(me, "family", starts[i])
			r.CodeWord = scheduling.NewPrivate(words[i])
			_, err := servers[i%len(servers)].Book(background, r)
			return err
		}
		return servers[i%len(servers)].SetCodeWord(background, me, scheduling.NewPrivate(words[i]))
	})
	outcomes(t, errs)
	fit := 0
	for _, word := range words {
		if _, err := b.signIn(phone(1), word, "203.0.113.1"); err == nil {
			fit++
		}
	}
	if fit != 1 {
		t.Errorf("%d words fit", fit)
	}
}
