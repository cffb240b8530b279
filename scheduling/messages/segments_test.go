package messages

import (
	"strings"
	"testing"
)

func TestSegmentsAreCountedAsTheCarriersCountThem(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"nothing", "", 0},
		{"160 of the seven-bit alphabet", strings.Repeat("a", 160), 1},
		{"161 of it", strings.Repeat("a", 161), 2},
		{"306 of it", strings.Repeat("a", 306), 2},
		{"307 of it", strings.Repeat("a", 307), 3},
		{"80 of its extension", strings.Repeat("€", 80), 1},
		{"81 of its extension", strings.Repeat("€", 81), 2},
		{"an escape is not cut from its letter", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), 3},
		{"70 Chinese characters", strings.Repeat("约", 70), 1},
		{"71 Chinese characters", strings.Repeat("约", 71), 2},
		{"134 Chinese characters", strings.Repeat("约", 134), 2},
		{"150 Chinese characters, 67+67+16", strings.Repeat("约", 150), 3},
		{"one Chinese character makes all UCS-2", strings.Repeat("a", 70) + "约", 2},
		{"35 magpies of two units", strings.Repeat("🐦", 35), 1},
		{"a pair is not cut in half", strings.Repeat("约", 66) + "🐦" + strings.Repeat("约", 66), 3},
	} {
		if got := Segments(c.text); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}
