package account

import (
	"strings"
	"testing"
	"time"
)

func failures(n int) Tally {
	var t Tally
	for i := range n {
		t = t.Add(after(time.Duration(i-n+1) * time.Second))
	}
	return t
}

func TestTheDelayGrowsFromTheFifthWrongPasswordToAMinute(t *testing.T) {
	want := []time.Duration{0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60}
	for n, seconds := range want {
		if got := PasswordWait(failures(n), noon); got != seconds*time.Second {
			t.Errorf("after %d wrong ones: got %s, want %ds", n, got, seconds)
		}
	}
	if got := PasswordWait(failures(800), noon); got != time.Minute {
		t.Errorf("after 800 wrong ones: %s", got)
	}
}

func TestTheDelayRunsFromTheLastWrongPassword(t *testing.T) {
	eight := failures(8) // 8 s
	for _, c := range []struct{ later, want time.Duration }{
		{3 * time.Second, 5 * time.Second},
		{7500 * time.Millisecond, 500 * time.Millisecond},
		{8 * time.Second, 0},
		{time.Hour, 0},
		{-time.Hour, time.Minute}, // a clock set back keeps nobody out for an hour
	} {
		if got := PasswordWait(eight, after(c.later)); got != c.want {
			t.Errorf("%s later: got %s, want %s", c.later, got, c.want)
		}
	}
}

func TestWrongPasswordsAreForgottenAfterTheWindow(t *testing.T) {
	old := tally(0, time.Second, 2*time.Second, 3*time.Second, 4*time.Second)
	now := after(PasswordWindow + time.Second)
	recent := old.Add(now)
	if got := PasswordWait(recent, now); got != 0 {
		t.Errorf("four of six still count, wait is %s", got)
	}
	if got := PasswordWait(recent.Add(now), now); got != time.Second {
		t.Errorf("five of seven still count, wait is %s", got)
	}
}

func TestTenWrongPasswordsLockOneAddressUntilTheFirstIsOld(t *testing.T) {
	ten := failures(10)
	if next := ten.Next(noon, PasswordLock); !next.Equal(after(PasswordWindow - 9*time.Second)) {
		t.Errorf("locked until %s", next)
	}
	if next := failures(9).Next(noon, PasswordLock); !next.IsZero() {
		t.Errorf("nine lock until %s", next)
	}
}

func TestAGoodPasswordIsLongAndNotGuessedFirst(t *testing.T) {
	for _, good := range []string{
		"correct horse", "喜鹊在桥上等人来说话", "8f3k-Qz71-px", "Fudao-a loves tea", "13572468097531", strings.Repeat("abcd", 128),
	} {
		if err := CheckPassword(good, "fudao-a"); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, c := range []struct{ pw, says string }{
		{"", "at least 10"},
		{"short9chr", "at least 10"},
		{"喜鹊喜鹊喜鹊喜鹊喜", "at least 10"},
		{"aaaaaaaaaaaa", "repeats"},
		{"1212121212", "repeats"},
		{"Fudao-a2026", "username"},
		{"fudao-afudao-a", "username"},
		{"Password2026!", "guessed"},
		{"1314woaini520", "guessed"},
		{"1234567890", "guessed"},
		{"5678901234567", "guessed"},
		{"98765432109", "guessed"},
		{"magpie2026", "guessed"},
		{strings.Repeat("abcd", 129), "too long"},
		{"with a newline\n", "cannot be typed"},
		{"not utf-8 \xff\xfe", "cannot be typed"},
	} {
		err := CheckPassword(c.pw, "fudao-a")
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %q", c.pw, err, c.says)
		}
		if err != nil && len(c.pw) > 5 && strings.Contains(err.Error(), c.pw) {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

func TestAShortOrMissingUsernameForbidsNothing(t *testing.T) {
	for _, name := range []string{"", "a", "te"} {
		if err := CheckPassword("a tea at ten", name); err != nil {
			t.Errorf("username %q: %v", name, err)
		}
	}
}
