package messages

import "testing"

func TestALocaleIsChineseUnlessEnglishIsAskedFor(t *testing.T) {
	for s, want := range map[string]Locale{"": ZH, "zh": ZH, "en": EN} {
		if got, err := ParseLocale(s); err != nil || got != want {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	}
	for _, s := range []string{"EN", "zh-CN", "fr"} {
		if got, err := ParseLocale(s); err == nil || got != "" {
			t.Errorf("%q was taken for %q", s, got)
		}
	}
}
