package storetest

import (
	"strings"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/office"
)

var codeTests = []test{
	aRightCodeGivesATokenOnce,
	aWrongOrEndedCodeIsInvalid,
	aNewCodeVoidsTheLast,
	askingTwiceWithinAMinuteBothIDsTakeTheOneCode,
	aNumberGetsOneAMinuteFiveAnHourAndTenADay,
	anIDIsTriedFiveTimes,
	aNumberIsTriedTenTimesADayOverAllItsCodes,
	anAddressAsksForTwentyAnHour,
	theAnswerIsTheSameForEveryNumber,
	aTokenEndsAfterTwoHoursOrWhenItIsEnded,
	ofAHundredRightConfirmationsOneGivesAToken,
	twoFirstProofsOfANumberAreOnePerson,
	aCodeGoesUnderTheSignatureOfTheOfficeThatIsNamed,
}

// ask asks for a code, or ends the test.
func (b *Bundle) ask(t tb, number, address string) scheduling.Verification {
	t.Helper()
	v, err := b.Scheduler.RequestCode(background, scheduling.CodeRequest{Phone: scheduling.NewPrivate(number), Locale: "zh", Address: address})
	if err != nil {
		t.Fatalf("asking for a code: %v", err)
	}
	return v
}

func aCodeGoesUnderTheSignatureOfTheOfficeThatIsNamed(t tb, b *Bundle) {
	other := b.another(t, "zzz")
	changed := *other
	changed.SMSSignature = "桃江县民政局"
	if _, err := b.Scheduler.Apply(background, &changed, office.Write(&changed)); err != nil {
		t.Fatalf("giving the second office a signature of its own: %v", err)
	}
	first := b.Office(t)
	for number, asked := range map[string]scheduling.CodeRequest{
		phone(31): {Office: ""}, phone(32): {Office: "suite"}, phone(33): {Office: "zzz"},
	} {
		asked.Phone, asked.Locale, asked.Address = scheduling.NewPrivate(number), "zh", "203.0.113.1"
		if _, err := b.Scheduler.RequestCode(background, asked); err != nil {
			t.Fatalf("asking for a code: %v", err)
		}
	}
	sent := b.sent(t)
	for number, signature := range map[string]string{phone(31): first.SMSSignature, phone(32): first.SMSSignature, phone(33): "桃江县民政局"} {
		if texts := sent[number]; len(texts) != 1 || !strings.HasPrefix(texts[0], "【"+signature+"】") {
			t.Errorf("%q went, want one under %q", texts, signature)
		}
	}
	_, err := b.Scheduler.RequestCode(background, scheduling.CodeRequest{Phone: scheduling.NewPrivate(phone(34)), Office: "nowhere", Address: "203.0.113.1"})
	if scheduling.CodeOf(err) != scheduling.CodeNotFound {
		t.Errorf("of an office that there is not: %v", err)
	}
}

// sent takes the texts that are due, by number, as a sender would.
func (b *Bundle) sent(t tb) map[string][]string {
	t.Helper()
	out := make(map[string][]string)
	for {
		due, err := b.Store.Claim(background, 100)
		if err != nil {
			t.Fatalf("claiming messages: %v", err)
		}
		if len(due) == 0 {
			return out
		}
		for _, m := range due {
			out[m.To.Reveal()] = append(out[m.To.Reveal()], textOf(m))
		}
	}
}

// codeIn finds the six digits of a text.
func codeIn(t tb, text string) string {
	t.Helper()
	digits := ""
	for _, r := range text {
		if r >= '0' && r <= '9' {
			if digits += string(r); len(digits) == 6 {
				return digits
			}
		} else {
			digits = ""
		}
	}
	t.Fatalf("there is no code in %q", text)
	return ""
}

// code takes the one code that was sent to a number.
func (b *Bundle) code(t tb, number string) string {
	t.Helper()
	texts := b.sent(t)[number]
	if len(texts) != 1 {
		t.Fatalf("%d texts were sent", len(texts))
	}
	return codeIn(t, texts[0])
}

// wrongFor is a code that is not the right one.
func wrongFor(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func (b *Bundle) confirm(id, code string) (scheduling.Token, error) {
	return b.Scheduler.ConfirmCode(background, id, code, "203.0.113.1")
}

func (b *Bundle) mustConfirm(t tb, id, code string) scheduling.Token {
	t.Helper()
	token, err := b.confirm(id, code)
	if err != nil {
		t.Fatalf("confirming: %v", err)
	}
	return token
}

func aRightCodeGivesATokenOnce(t tb, b *Bundle) {
	v := b.ask(t, "+86"+phone(1), "203.0.113.1")
	if v.ExpiresAt.Sub(b.Clock.Now()) != 5*time.Minute || v.ResendAt.Sub(b.Clock.Now()) != time.Minute {
		t.Errorf("it ends at %s, another may be asked for at %s", v.ExpiresAt, v.ResendAt)
	}
	code := b.code(t, phone(1))
	token := b.mustConfirm(t, v.ID, code)
	if token.ExpiresAt.Sub(b.Clock.Now()) != 2*time.Hour {
		t.Errorf("the token ends at %s", token.ExpiresAt)
	}
	me, err := b.Scheduler.Authenticate(background, token.Token)
	if err != nil || me.Kind != scheduling.Citizen || me.Person.Phone.Reveal() != phone(1) {
		t.Fatalf("the token is %s's with %q: %v", me.Kind, me.Person.Phone.Reveal(), err)
	}
	_, err = b.confirm(v.ID, code)
	refusedField(t, err, "code")
	b.Clock.Pass(time.Minute)
	second := b.ask(t, phone(1), "203.0.113.1")
	again, err := b.Scheduler.Authenticate(background, b.mustConfirm(t, second.ID, b.code(t, phone(1))).Token)
	if err != nil || again.Person.ID != me.Person.ID {
		t.Errorf("the number is %d and then %d: %v", me.Person.ID, again.Person.ID, err)
	}
}

func aWrongOrEndedCodeIsInvalid(t tb, b *Bundle) {
	v := b.ask(t, phone(1), "203.0.113.1")
	code := b.code(t, phone(1))
	for _, c := range []struct{ id, code string }{{v.ID, wrongFor(code)}, {v.ID, ""}, {v.ID, "x"}, {"no-such-id", code}} {
		_, err := b.confirm(c.id, c.code)
		refusedField(t, err, "code")
	}
	b.Clock.Set(v.ExpiresAt)
	_, err := b.confirm(v.ID, code)
	refusedField(t, err, "code")
	b.Clock.Set(v.ExpiresAt.Add(-time.Second))
	b.mustConfirm(t, v.ID, code)
	for _, number := range []string{"", "12345678901", "1380000000", "+8513800000001", "138 0000 0001"} {
		_, err := b.Scheduler.RequestCode(background, scheduling.CodeRequest{Phone: scheduling.NewPrivate(number), Locale: "zh", Address: "203.0.113.1"})
		refusedField(t, err, "phone")
	}
}

func aNewCodeVoidsTheLast(t tb, b *Bundle) {
	first := b.ask(t, phone(1), "203.0.113.1")
	old := b.code(t, phone(1))
	b.Clock.Pass(time.Minute)
	second := b.ask(t, phone(1), "203.0.113.1")
	_, err := b.confirm(first.ID, old)
	refusedField(t, err, "code")
	b.mustConfirm(t, second.ID, b.code(t, phone(1)))
}

func askingTwiceWithinAMinuteBothIDsTakeTheOneCode(t tb, b *Bundle) {
	for _, use := range []int{0, 1} {
		b.Reset(t)
		ids := []string{b.ask(t, phone(1), "203.0.113.1").ID}
		b.Clock.Pass(59 * time.Second)
		ids = append(ids, b.ask(t, phone(1), "203.0.113.1").ID)
		code := b.code(t, phone(1))
		b.mustConfirm(t, ids[use], code)
		_, err := b.confirm(ids[1-use], code)
		refusedField(t, err, "code")
	}
}

func aNumberGetsOneAMinuteFiveAnHourAndTenADay(t tb, b *Bundle) {
	b.Scheduler.Settings.RateLimits = false
	from := b.Clock.Now()
	sentIn := func(until time.Duration, every time.Duration) (n int) {
		for ; b.Clock.Now().Sub(from) < until; b.Clock.Pass(every) {
			b.ask(t, phone(1), "203.0.113.1")
			n += len(b.sent(t)[phone(1)])
		}
		return n
	}
	if n := sentIn(time.Minute, 20*time.Second); n != 1 {
		t.Errorf("%d in the first minute", n)
	}
	if n := sentIn(time.Hour, 5*time.Minute); n != 4 {
		t.Errorf("%d more in the first hour", n)
	}
	if n := sentIn(24*time.Hour, 20*time.Minute); n != 5 {
		t.Errorf("%d more in the first day", n)
	}
	b.Clock.Set(from.Add(24 * time.Hour))
	b.ask(t, phone(1), "203.0.113.1")
	if n := len(b.sent(t)[phone(1)]); n != 1 {
		t.Errorf("%d after the day", n)
	}
}

func anIDIsTriedFiveTimes(t tb, b *Bundle) {
	v := b.ask(t, phone(1), "203.0.113.1")
	code := b.code(t, phone(1))
	for range 5 {
		_, err := b.confirm(v.ID, wrongFor(code))
		refusedField(t, err, "code")
	}
	_, err := b.confirm(v.ID, code)
	if e := refused(t, err, scheduling.CodeRateLimited); e.RetryAfter <= 0 {
		t.Errorf("wait %s", e.RetryAfter)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM citizen_tokens"); n != 0 {
		t.Errorf("%d tokens", n)
	}
}

func aNumberIsTriedTenTimesADayOverAllItsCodes(t tb, b *Bundle) {
	// try asks for a code and gives so many wrong ones and then the right one.
	try := func(wrong int) error {
		t.Helper()
		b.Clock.Pass(15 * time.Minute)
		v := b.ask(t, phone(1), "203.0.113.1")
		code := b.code(t, phone(1))
		for range wrong {
			_, err := b.confirm(v.ID, wrongFor(code))
			refusedField(t, err, "code")
		}
		_, err := b.confirm(v.ID, code)
		return err
	}
	for i, wrong := range []int{4, 4, 0, 1} {
		if err := try(wrong); err != nil {
			t.Fatalf("the right code of verification %d: %v", i+1, err)
		}
	}
	refusedField(t, try(1), "code")
	refusedField(t, try(0), "code")
	b.Clock.Pass(24 * time.Hour)
	if err := try(0); err != nil {
		t.Errorf("the right code a day later: %v", err)
	}
}

func anAddressAsksForTwentyAnHour(t tb, b *Bundle) {
	for i := range 20 {
		b.ask(t, phone(i+1), "203.0.113.1")
	}
	before := b.state(t)
	_, err := b.Scheduler.RequestCode(background, scheduling.CodeRequest{Phone: scheduling.NewPrivate(phone(21)), Locale: "zh", Address: "203.0.113.1"})
	if e := refused(t, err, scheduling.CodeRateLimited); e.RetryAfter != time.Hour {
		t.Errorf("wait %s", e.RetryAfter)
	}
	b.unchanged(t, before)
	b.ask(t, phone(21), "203.0.113.2")
	b.Clock.Pass(time.Hour)
	b.ask(t, phone(22), "203.0.113.1")
}

func theAnswerIsTheSameForEveryNumber(t tb, b *Bundle) {
	b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-03 09:00"))
	b.ask(t, phone(2), "203.0.113.9")
	b.Clock.Pass(30 * time.Second)
	want := b.ask(t, phone(3), "203.0.113.9")
	for n := range 2 {
		got := b.ask(t, phone(n+1), "203.0.113.9")
		if got.ExpiresAt != want.ExpiresAt || got.ResendAt != want.ResendAt || len(got.ID) != len(want.ID) {
			t.Errorf("number %d is answered %+v, one never seen %+v", n+1, got, want)
		}
	}
}

func aTokenEndsAfterTwoHoursOrWhenItIsEnded(t tb, b *Bundle) {
	v := b.ask(t, phone(1), "203.0.113.1")
	token := b.mustConfirm(t, v.ID, b.code(t, phone(1)))
	b.Clock.Set(token.ExpiresAt.Add(-time.Second))
	me, err := b.Scheduler.Authenticate(background, token.Token)
	if err != nil {
		t.Fatalf("a second before its end: %v", err)
	}
	b.Clock.Set(token.ExpiresAt)
	_, err = b.Scheduler.Authenticate(background, token.Token)
	refused(t, err, scheduling.CodeUnauthenticated)
	b.Clock.Pass(-time.Minute)
	if err := b.Scheduler.EndSession(background, me); err != nil {
		t.Fatalf("ending the token: %v", err)
	}
	for _, other := range []string{token.Token, "mc_", "ms_x", "", "Bearer"} {
		_, err = b.Replica(t).Authenticate(background, other)
		refused(t, err, scheduling.CodeUnauthenticated)
	}
}

func ofAHundredRightConfirmationsOneGivesAToken(t tb, b *Bundle) {
	v := b.ask(t, phone(1), "203.0.113.1")
	code := b.code(t, phone(1))
	errs := together(100, func(int) error {
		_, err := b.confirm(v.ID, code)
		return err
	})
	if n := outcomes(t, errs, scheduling.CodeInvalid, scheduling.CodeRateLimited); n != 1 {
		t.Errorf("%d confirmations gave a token", n)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM citizen_tokens"); n != 1 {
		t.Errorf("%d tokens", n)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM contacts"); n != 1 {
		t.Errorf("%d numbers are claimed", n)
	}
}

func twoFirstProofsOfANumberAreOnePerson(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	v := b.ask(t, phone(1), "203.0.113.1")
	code := b.code(t, phone(1))
	errs := together(4, func(i int) error {
		if i == 0 {
			_, err := b.confirm(v.ID, code)
			return err
		}
		r := b.wants(desk, "family", []string{"2026-03-03 09:00", "2026-03-04 09:00", "2026-03-05 09:00"}[i-1])
		r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
		_, err := b.Scheduler.Book(background, r)
		return err
	})
	if n := outcomes(t, errs); n != 4 {
		t.Errorf("%d succeeded", n)
	}
	if n := b.count(t, "SELECT COUNT(DISTINCT asker_id) FROM appointments"); n != 1 {
		t.Errorf("the number is %d people", n)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM citizen_tokens k JOIN contacts c ON c.person_id = k.person_id"); n != 1 {
		t.Errorf("%d tokens of the number's person", n)
	}
}
