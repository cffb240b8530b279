package account

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestACodeWordIsReadHoweverAPhoneWritesIt(t *testing.T) {
	for typed, want := range map[string]string{
		"小船过河": "小船过河", " 小船过河\u3000": "小船过河", "Ｂｏａｔ２": "boat2", "BOAT 2": "boat 2", "ﾊﾞ１２": "バ12", "e\u0301tage": "étage", "  ": "", "": "",
	} {
		if got := NormalWord(typed); got != want {
			t.Errorf("%q is read as %q, want %q", typed, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		once := NormalWord(rapid.String().Draw(t, "typed"))
		if twice := NormalWord(once); twice != once {
			t.Fatalf("%q is read as %q the second time", once, twice)
		}
	})
}

func TestACodeWordThatIsGuessedFirstIsRefused(t *testing.T) {
	const number = "13871234567"
	for word, good := range map[string]bool{
		"小船过河": true, "boat": true, "7890a": true, "9753": true, "1233": true, "阿阿阿船": true, strings.Repeat("船", 31) + "河": true,
		"": false, "小船过": false, "abc": false, strings.Repeat("船", 32) + "河": false,
		"1111": false, "船船船船": false, "1234": false, "12345678": false, "7890": false, "4321": false,
		"1387": false, "4567": false, "7123": false, number: false,
		"小船\n过河": false, "小船\x00过河": false, "boat\xff": false,
	} {
		err := CheckWord(word, number)
		if (err == nil) != good {
			t.Errorf("%q: %v", word, err)
		}
		if err != nil && len(word) > 3 && strings.Contains(err.Error(), word) {
			t.Errorf("the word is told: %v", err)
		}
	}
}

func TestACodeWordIsCheckedByCharactersNotBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "length")
		word := strings.Repeat("渡", n-1) + "船"
		if err := CheckWord(word, "13871234567"); (err == nil) != (n >= MinWordLength && n <= MaxWordLength) {
			t.Fatalf("%d characters: %v", n, err)
		}
	})
}
