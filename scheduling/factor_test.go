package scheduling

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// rfcSecret is the key of RFC 6238, appendix B, for SHA-1, in base32.
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func TestTheCodesAreThoseOfRFC6238(t *testing.T) {
	// The RFC gives eight digits; six are their end.
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"} {
		f := Factor{Secret: NewPrivate(rfcSecret), Since: time.Unix(1, 0)}
		left, by, ok := f.spent(want, time.Unix(at, 0))
		if !ok || by != ByTOTP || left.Step != at/30 {
			t.Errorf("%s at %d: step %d, %t", want, at, left.Step, ok)
		}
	}
}

func TestACodeIsTakenOnceAndNoneBeforeIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Factor{Secret: NewPrivate(rfcSecret), Since: time.Unix(1, 0)}
		now := time.Unix(rapid.Int64Range(100, 4_000_000_000).Draw(t, "now"), 0)
		at := func(steps int64) string {
			code, _ := totpAt(f.Secret, now.Add(time.Duration(steps)*30*time.Second))
			return code
		}
		shown := rapid.Int64Range(-3, 3).Draw(t, "steps off")
		left, _, ok := f.spent(at(shown), now)
		if ok != (shown >= -1 && shown <= 1) {
			t.Fatalf("a code %d steps off: %t", shown, ok)
		}
		if !ok {
			return
		}
		for again := int64(-1); again <= shown; again++ {
			if _, _, ok := left.spent(at(again), now); ok && at(again) != at(again+1) {
				t.Fatalf("after %d the code of %d is taken", shown, again)
			}
		}
		if _, _, ok := left.spent(at(shown+1), now.Add(30*time.Second)); !ok {
			t.Fatal("the next code is refused")
		}
	})
}

func TestASecretThatWasNotConfirmedProvesNothing(t *testing.T) {
	f := Factor{Secret: NewPrivate(rfcSecret)}
	now := time.Unix(1_800_000_000, 0)
	code, err := totpAt(f.Secret, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := f.spent(code, now); ok {
		t.Error("its code is taken")
	}
	active, ok := f.confirmed(code[:3]+" "+code[3:], now)
	if !ok || !active.HasCodes() {
		t.Errorf("it is not confirmed: %t, %t", ok, active.HasCodes())
	}
	if _, _, ok := active.spent(code, now); ok {
		t.Error("the code that confirmed it is taken again")
	}
	for _, wrong := range []string{"", "12345", "1234567", "abcdef", code + " 0"} {
		if _, ok := f.confirmed(wrong, now); ok {
			t.Errorf("%q confirms it", wrong)
		}
	}
}

func TestARecoveryCodeIsTakenOnceHoweverItIsTyped(t *testing.T) {
	f, codes := Factor{Secret: NewPrivate(rfcSecret), Since: time.Unix(1, 0)}.withRecovery()
	now := time.Unix(1_800_000_000, 0)
	if len(codes) != 10 || len(codes[0]) != 14 || len(f.Recovery) != 10 {
		t.Fatalf("the codes are %q", codes)
	}
	for i, typed := range []string{codes[0], strings.ToLower(codes[1]), strings.ReplaceAll(codes[2], "-", ""), " " + strings.ReplaceAll(codes[3], "-", " ")} {
		left, by, ok := f.spent(typed, now)
		if !ok || by != ByRecovery || len(left.Recovery) != 9-i {
			t.Fatalf("%q: %t, %d left", typed, ok, len(left.Recovery))
		}
		if _, _, again := left.spent(typed, now); again {
			t.Errorf("%q is taken twice", typed)
		}
		f = left
	}
	if _, _, ok := f.spent("AAAA-AAAA-AAAA", now); ok {
		t.Error("any code is taken")
	}
	renewed, _ := f.withRecovery()
	if _, _, ok := renewed.spent(codes[9], now); ok || len(renewed.Recovery) != 10 {
		t.Error("an old code is taken after new ones were given")
	}
}
