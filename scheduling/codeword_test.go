package scheduling

import (
	"context"
	"testing"
	"time"

	"magpie/scheduling/account"
)

// oneWord keeps one number's word; of a second number there is none.
type oneWord struct {
	Words
	phone, second string
	hash          Private
	given         int
}

func (w *oneWord) WordOf(_ context.Context, phone Private) (Person, Private, error) {
	switch phone.Reveal() {
	case w.phone:
		return Person{ID: 7, Phone: phone}, w.hash, nil
	case w.second:
		return Person{ID: 8, Phone: phone}, Private{}, nil
	}
	return Person{}, Private{}, NotFound()
}

func (w *oneWord) GiveToken(context.Context, int64, Digest, time.Time) error {
	w.given++
	return nil
}

// noLimits counts nothing.
type noLimits struct{ Tallies }

func (noLimits) Count(context.Context, string, string, time.Time, func(account.Tally) time.Duration) (time.Duration, error) {
	return 0, nil
}

func (noLimits) Undo(context.Context, string, string, time.Time) error { return nil }

// Whether a number is known must not be told by how long the answer takes: each
// try hashes once, so while both turns are taken none is answered.
func TestEveryTryOfACodeWordHashesOnce(t *testing.T) {
	hash, err := hashWord(t.Context(), NewPrivate("小船过河"))
	if err != nil {
		t.Fatal(err)
	}
	words := &oneWord{phone: "13800000001", second: "13800000002", hash: hash}
	s := &Scheduler{Words: words, Tallies: noLimits{}, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
	tries := []struct {
		what, phone, word string
		want              Code
	}{
		{"a right word", words.phone, "小船过河", ""},
		{"a wrong one", words.phone, "大船过河", CodeInvalid},
		{"a number without a word", words.second, "小船过河", CodeInvalid},
		{"a number that nobody has", "13800000003", "小船过河", CodeInvalid},
	}
	for _, c := range tries {
		_, err := s.SignIn(t.Context(), NewPrivate(c.phone), NewPrivate(c.word), "203.0.113.1")
		if got := codeOrEmpty(err); got != c.want {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	for range cap(argonTurns) {
		if err := takeTurn(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer giveTurn()
	}
	busy, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range tries {
		if _, err := s.SignIn(busy, NewPrivate(c.phone), NewPrivate(c.word), "203.0.113.1"); CodeOf(err) != CodeOverloaded {
			t.Errorf("%s, while both turns are taken: %v", c.what, err)
		}
	}
	if words.given != 1 {
		t.Errorf("%d tokens were given", words.given)
	}
}

func codeOrEmpty(err error) Code {
	if err == nil {
		return ""
	}
	return CodeOf(err)
}
