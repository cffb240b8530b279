package messages

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

// seen is a text as a reader sees it, made in another way than the code does.
func seen(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r >= 0xFF01 && r <= 0xFF5E {
			r -= 0xFEE0
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out.WriteRune(unicode.ToLower(r))
		}
	}
	return out.String()
}

var domain = regexp.MustCompile(`(?i)[a-z0-9]\.[a-z]{2,}|[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+`)

// broken says what a text says that it must not.
func broken(text string, k Key, r Rules) string {
	if r.Address != "" {
		if i := strings.Index(text, r.Address); i >= 0 {
			if before, after := text[:i], text[i+len(r.Address):]; strings.HasPrefix(after, "/") || strings.HasSuffix(before, ".") {
				return "another address"
			}
			text = strings.ReplaceAll(text, r.Address, " — ")
		}
	}
	words := append(slices.Clone(forbidden), "链接", "点击", "http", "www")
	if k.Neutral {
		words = append(words, neutralForbidden...)
		words = append(words, r.Signature)
	}
	words = append(append(words, r.Names...), r.Words...)
	for _, w := range words {
		letters := strings.Count(strings.Map(func(c rune) rune {
			if unicode.IsLetter(c) {
				return 'x'
			}
			return -1
		}, w), "x")
		if (letters > 1 || slices.Contains(forbidden, w)) && strings.Contains(seen(text), seen(w)) {
			return w
		}
	}
	return domain.FindString(text)
}

var (
	spacers  = []string{"", "", " ", "，", "-", ".", "\u200b", "\u3000", "（", "…", "[1:回复1]", "[2:请回复2，]", "[T: Reply T]", "{reference}", "{phone}", "{start}", "{address}"}
	ordinals = []string{
		"您好，", "请记得", "{start}", "{old_day}", "编号{reference}", "致电{phone}", "{code}", "{minutes}分钟", "详见 {address} ", "Hello, ", "please call ", "number ", "。", ". ", "12", "到",
		"[1:能来请回复1，]", "[2:回复2取消。]", "[T:不再提醒请回复T。]", "[1:Reply 1 to come. ]", "离", "静", "A1", "101", "请", "的", "周", "月",
	}
)

// said is a word in some disguise, torn at some place.
func disguised(word string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var out strings.Builder
		for i, r := range []rune(word) {
			if i > 0 && rapid.IntRange(0, 3).Draw(t, "torn") == 0 {
				out.WriteString(rapid.SampledFrom(spacers).Draw(t, "spacer"))
			}
			switch {
			case r > ' ' && r < 0x7F && rapid.Bool().Draw(t, "wide"):
				r += 0xFEE0
			case rapid.Bool().Draw(t, "capital"):
				r = unicode.ToUpper(r)
			}
			out.WriteRune(r)
		}
		return out.String()
	})
}

func anyBody(k Key, r Rules) *rapid.Generator[string] {
	dangers := slices.Concat(forbidden, neutralForbidden, r.Names, r.Words, []string{r.Signature, "www.a.cn", "https://a.cn", "链接", "点击", "回复", "reply"})
	return rapid.Custom(func(t *rapid.T) string {
		if rapid.IntRange(0, 2).Draw(t, "usual") == 0 { // so that some are saved, and ask
			return Default(k).Body + rapid.SampledFrom([]string{"", "[1:能来请回复1，]", "[T:不再提醒请回复T。]"}).Draw(t, "section")
		}
		var out strings.Builder
		out.WriteString("{" + string(append(FieldsOf(k.Kind), FieldStart)[0]) + "}")
		for range rapid.IntRange(1, 8).Draw(t, "length") {
			switch rapid.IntRange(0, 9).Draw(t, "piece") {
			case 0:
				out.WriteString(disguised(rapid.SampledFrom(dangers).Draw(t, "danger")).Draw(t, "disguised"))
			case 1:
				word := []rune(rapid.SampledFrom(dangers).Draw(t, "danger"))
				cut := rapid.IntRange(0, len(word)).Draw(t, "cut")
				out.WriteString(string(word[:cut]) + rapid.SampledFrom(ordinals).Draw(t, "between") + string(word[cut:]))
			default:
				out.WriteString(rapid.SampledFrom(ordinals).Draw(t, "ordinary"))
			}
		}
		return out.String()
	})
}

func anyRules() *rapid.Generator[Rules] {
	return rapid.Custom(func(t *rapid.T) Rules {
		r := rules()
		r.Address = rapid.SampledFrom([]string{"", "https://yuyue.example.cn", "https://a.gov.cn:8443"}).Draw(t, "address")
		// Names that a date, a number or the usual words come near to.
		near := []string{"周四厅", "月亮", "编号5", "到底", "Mon", "Dec at", "am", "number 7", "call 0", "请静", "的周末", "离12", "上午茶", "Hello please"}
		r.Names = append(r.Names, rapid.SliceOfN(rapid.SampledFrom(near), 0, 3).Draw(t, "names")...)
		return r
	})
}

func anyFacts(r Rules) *rapid.Generator[Facts] {
	return rapid.Custom(func(t *rapid.T) Facts {
		instant := func(name string) time.Time {
			return time.Unix(rapid.Int64Range(1764000000, 1864000000).Draw(t, name)/300*300, 0)
		}
		f := Facts{
			Signature: r.Signature, Phone: r.Phone, Address: r.Address, Location: shanghai, Start: instant("start"),
			Reference:   rapid.StringMatching(`[0-9]{8}|[0-9]{10}`).Draw(t, "reference"),
			Code:        rapid.StringMatching(`[0-9]{6}`).Draw(t, "code"),
			CodeMinutes: rapid.IntRange(1, 99).Draw(t, "minutes"),
		}
		if rapid.Bool().Draw(t, "old") {
			f.OldStart = instant("old start")
		}
		return f
	})
}

func TestNoTextThatCanBeSavedNamesTheServiceOrTheOtherParty(t *testing.T) {
	saved, asking := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		k := Key{
			Kind:   rapid.SampledFrom(Kinds()).Draw(t, "kind"),
			Locale: rapid.SampledFrom([]Locale{ZH, EN}).Draw(t, "locale"), Neutral: rapid.Bool().Draw(t, "neutral"),
		}
		r := anyRules().Draw(t, "rules")
		tpl := Template{Key: k, Body: anyBody(k, r).Draw(t, "body")}
		problems := Check(tpl, r)
		if len(problems) > 0 {
			return
		}
		saved++
		for _, replies := range []Replies{none, {Cancel: true}, some, all3} {
			f := anyFacts(r).Draw(t, "facts")
			got := tpl.Fill(f, replies)
			if said := broken(got.Body, k, r); said != "" {
				t.Fatalf("%q became %q, which says %q", tpl.Body, got.Body, said)
			}
			if !got.Asks && (strings.Contains(seen(got.Body), "回复") || strings.Contains(seen(got.Body), "reply")) {
				t.Fatalf("%q asks for a reply without replies: %q", tpl.Body, got.Body)
			}
			if got.Asks {
				asking++
			}
			for _, p := range got.Params {
				if strings.ContainsAny(p.Value, "/@") || p.Name == "address" || p.Name == "phone" {
					t.Fatalf("%v is a parameter", p)
				}
			}
			if n := Segments(Signed(r.Signature, got.Body)); n > MostSegments {
				t.Fatalf("%d segments: %s", n, got.Body)
			}
		}
	})
	if saved == 0 || asking == 0 {
		t.Errorf("of all texts %d were saved and %d asked for a reply", saved, asking)
	}
}

func TestNoFieldCanCarryAName(t *testing.T) {
	var facts []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Facts]()) {
		facts = append(facts, f.Name)
	}
	if want := []string{"Signature", "Phone", "Address", "Location", "Start", "OldStart", "Reference", "Code", "CodeMinutes"}; !slices.Equal(facts, want) {
		t.Errorf("a text is made of %v; each of these may be read by somebody else", facts)
	}
	known := []Field{FieldStart, FieldOldDay, FieldReference, FieldPhone, FieldCode, FieldMinutes, FieldAddress}
	for _, k := range Kinds() {
		for _, f := range FieldsOf(k) {
			if !slices.Contains(known, f) {
				t.Errorf("%s can carry {%s}", k, f)
			}
		}
	}
}

func TestEveryForbiddenWordIsFoundInEveryDisguise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rules()
		word := rapid.SampledFrom(slices.Concat(forbidden, r.Words, []string{"亲子时光", "Quiet talk", "听雨轩", "Bamboo"})).Draw(t, "word")
		said := disguised(word).Draw(t, "disguised")
		tpl := Template{Key: Key{Moved, ZH, false}, Body: "{start}" + said}
		for _, p := range Check(tpl, r) {
			if p.What == WordInText && (p.Detail == word || strings.Contains(word, p.Detail)) {
				return
			}
		}
		t.Fatalf("%q passed for %q: %v", said, word, Check(tpl, r))
	})
}
