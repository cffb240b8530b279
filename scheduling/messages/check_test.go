package messages

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func rules() Rules {
	return Rules{
		Signature: "安化县民政局", NeutralSignature: "安化民政", Phone: "0737-7220000", Address: "https://yuyue.example.cn",
		Names: []string{
			"安化县民政局婚姻登记处", "Anhua County Marriage Registration Office", "亲子时光", "Quiet talk", "听雨轩", "Bamboo", "A1", "101", "静",
		},
		Words: []string{"破镜重圆", "U-turn"},
	}
}

// found are the problems in short: what and detail.
func found(t Template, r Rules) []string {
	var out []string
	for _, p := range Check(t, r) {
		out = append(out, strings.TrimSpace(p.What+" "+p.Detail))
	}
	return out
}

func TestEveryBuiltInTextMayBeSaved(t *testing.T) {
	for _, d := range Defaults() {
		if got := Check(d, rules()); got != nil {
			t.Errorf("%s: %v", d.Key, got)
		}
	}
}

func TestWhatIsWrongWithATextIsNamed(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       []string
	}{
		{"nothing", "您好，{start}，编号{reference}，请致电{phone}。[1:能来请回复1。][2:不来请回复2。][T:退订回T。]详见 {address}", nil},
		{"English in Chinese", "您好，{start}见。See you!", nil},
		{"empty", " \u3000", []string{"empty"}},
		{"no start", "您好。", []string{"missing_field start"}},
		{"a field of another kind", "{start}{code}", []string{"unknown_field code"}},
		{"a name", "{name}您好，{start}", []string{"unknown_field name"}},
		{"a field with spaces", "{ start }", []string{"unknown_field  start", "missing_field start"}},
		{"a brace too many", "{start}}", []string{"brackets }"}},
		{"an open brace", "{start}{phone", []string{"brackets {"}},
		{"an open bracket", "{start}[1:请回复1", []string{"brackets [", "reply_outside 回复"}},
		{"a field in a section", "{start}[1:请在{start}前回复1]", []string{"brackets [", "brackets ]", "reply_outside 回复"}},
		{"a section in a section", "{start}[1:请[2:回复2]]", []string{"brackets [", "brackets ]"}},
		{"a signature", "【某局】{start}", []string{"brackets 【", "brackets 】"}},
		{"full-width brackets", "｛start｝{start}［1］", []string{"brackets ｛", "brackets ｝", "brackets ［", "brackets ］"}},
		{"a section for nothing", "{start}[3:请回复3]", []string{"section [3:请回复3]"}},
		{"a section of plain text", "{start}[您好]", []string{"section [您好]"}},
		{"a section that is empty", "{start}[1:]", []string{"section [1:]"}},
		{"a section that does not ask", "{start}[1:能来]", []string{"section [1:能来]"}},
		{"a section that asks for another", "{start}[1:请回复2]", []string{"section [1:请回复2]"}},
		{"a section that asks for two", "{start}[1:请回复1或2]", []string{"section [1:请回复1或2]"}},
		{"a section twice", "{start}[1:请回复1][1:请回复1]", []string{"section [1:请回复1]"}},
		{"a reply outside", "{start}，请回复。", []string{"reply_outside 回复"}},
		{"a reply outside in English", "{start}, please R.E.P.L.Y", []string{"reply_outside reply"}},
		{"a reply around a section", "{start}回[1:请回复1]复", []string{"reply_outside 回复"}},
		{"T outside", "{start}，退订回T", []string{"reply_outside 回t"}},
		{"an emoji", "{start}🎉🎉", []string{"character U+1F389"}},
		{"a traditional character", "{start}請", []string{"character U+8ACB"}},
		{"a line", "{start}\n您好", []string{"character U+000A"}},
		{"a radical that looks like a character", "{start}⼼理", []string{"character U+2F3C"}},
		{"a word", "{start}调解", []string{"word 调解"}},
		{"a word of the office", "{start}，祝破镜重圆。", []string{"word 破镜重圆"}},
		{"a word with a hyphen", "{start}, a U turn", []string{"word U-turn"}},
		{"a word with spaces", "{start}调 解", []string{"word 调解"}},
		{"a word in full width", "{start} Ｄivorce", []string{"word divorce"}},
		{"a word with dots", "{start} d.i.v.o.r.c.e", []string{"word divorce"}},
		{"a word with an invisible character", "{start}调\u200b解", []string{"character U+200B", "word 调解"}},
		{"a traditional word", "{start}調解", []string{"character U+8ABF", "word 调解"}},
		{"a word around a field", "{start}调{reference}解", []string{"word 调解"}},
		{"a word around a section", "{start}调[1:请回复1]解", []string{"word 调解"}},
		{"a word into a section", "{start}调[1:解，请回复1]", []string{"word 调解"}},
		{"a word over two sections", "{start}[1:请回复1，法][T:律，退订回T]", []string{"word 法律"}},
		{"a word over a section that is left out", "{start}[1:请回复1，法][2:请回复2，][T:律，退订回T]", []string{"word 法律"}},
		{"a word over a value", "{start}，心{phone}理", []string{"word 心理"}},
		{"the office's name", "{start}，安化县民政局—婚姻登记处", []string{"word 婚", "word 登记", "word 安化县民政局婚姻登记处"}},
		{"a service's name", "{start}的“亲子时光”", []string{"word 亲子时光"}},
		{"a service's name in English", "{start}: QUIET-TALK", []string{"word Quiet talk"}},
		{"a room's name", "{start}，听雨 轩", []string{"word 听雨轩"}},
		{"a name of one letter, and numbers", "{start}，静候，A1，101", nil},
		{"a link", "{start} https://a.b", []string{"link http"}},
		{"a link in full width", "{start} ｈｔｔｐｓ：／／a", []string{"link http"}},
		{"www", "{start} www.anhua", []string{"link www", "link www.", "link w.anhua"}},
		{"a domain", "{start}，yuyue.example.cn", []string{"link e.example", "link e.cn"}},
		{"a domain with spaces", "{start}，anhua . cn", []string{"link a . cn"}},
		{"a domain with a Chinese stop", "{start}，anhua。com", []string{"link a。com"}},
		{"a domain in words", "{start}，anhua点com", []string{"link a点com"}},
		{"a Chinese domain", "{start}，安化.中国", []string{"link 化.中国"}},
		{"an address in numbers", "{start} 10.0.0.1", []string{"link 10.0.0.1"}},
		{"a domain of a value", "{start} {reference}.cn", []string{"link 8.cn"}},
		{"a domain around a section", "{start}，anhua[1:。请回复1].cn", []string{"link a.cn", "link 1.cn"}},
		{"a longer address", "{start} {address}/a", []string{"link {address}/"}},
		{"another domain", "{start} {address}.evil.cn", []string{"link l.cn", "link {address}.e"}},
		{"an address before a value", "{start} {address}{reference}", []string{"link {address}8"}},
		{"an address at the end of a sentence", "{start}, see {address}. Bye", nil},
		{"the words for a link", "{start}，点 击链接", []string{"link 链接", "link 点击"}},
		{"a sentence without a space", "{start}, come.Please", []string{"link e.please"}},
		{"too long", "{start}" + strings.Repeat("好", 177), []string{"too_long 4"}},
		{"just not too long", "{start}" + strings.Repeat("好", 176), nil},
	} {
		if diff := cmp.Diff(c.want, found(Template{Key: Key{Kind: Reminder, Locale: ZH}, Body: c.body}, rules())); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestWhatATextMayHoldHangsOnItsKind(t *testing.T) {
	for _, c := range []struct {
		key  Key
		body string
		want []string
	}{
		{Key{Code, ZH, false}, "{code}，{minutes}分钟", nil},
		{Key{Code, ZH, false}, "{minutes}分钟", []string{"missing_field code"}},
		{Key{Code, ZH, false}, "{code}{start}{reference}", []string{"unknown_field start", "unknown_field reference"}},
		{Key{Code, ZH, false}, "{code}[1:回复1]", []string{"section [1:回复1]"}},
		{Key{Cancelled, ZH, false}, "{start}[1:回复1]", []string{"section [1:回复1]"}},
		{Key{Moved, ZH, false}, "{old_day}改到{start}", nil},
		{Key{Booked, ZH, false}, "{old_day}改到{start}", []string{"unknown_field old_day"}},
		{Key{Booked, ZH, true}, "{start}[1:回复1][T:退订回T]", nil},
		{Key{Booked, ZH, true}, "{start}[2:回复2]", []string{"section [2:回复2]"}},
		{Key{Booked, ZH, true}, "{start}，县民政局", []string{"word 民政"}},
		{Key{Booked, EN, true}, "{start}, Civil Affairs", []string{"word civilaffairs"}},
		{Key{Booked, ZH, false}, "{start}，安化县民政局", nil},
		{Key{Booked, EN, false}, "The rapid one is {start}.", []string{"word therap"}},
	} {
		if diff := cmp.Diff(c.want, found(Template{Key: c.key, Body: c.body}, rules())); diff != "" {
			t.Errorf("%s, %s: %s", c.key, c.body, diff)
		}
	}
	own := rules()
	own.Signature = "梅城之家"
	if got := found(Template{Key: Key{Booked, ZH, true}, Body: "{start}，梅城之家"}, own); !slices.Equal(got, []string{"word 梅城之家"}) {
		t.Errorf("a neutral text with the other signature: %v", got)
	}
}

func TestANameThatADateOrANumberCanMakeIsFound(t *testing.T) {
	for _, c := range []struct {
		name string
		l    Locale
		body string
	}{
		{"周四", ZH, "{start}见"},
		{"周四室", ZH, "{start}，{old_day}室"},
		{"午900号", ZH, "{start}号"},
		{"Thu", EN, "See you {start}."},
		{"12 Mar", EN, "It was {old_day}, is {start}."},
		{"pm", EN, "See you {start}."},
		{"编号7", ZH, "{start}，编号{reference}"},
		{"Room 5", EN, "{start}, room {reference}"},
		{"来电07", ZH, "{start}，来电{phone}"},
		{"yuyue", ZH, "{start} {address}"},
		{"改天", ZH, "{start}改[1:回复1]天"},
		{"另一天", ZH, "{start}{old_day}"},
	} {
		r := rules()
		r.Names = []string{c.name}
		if got := found(Template{Key: Key{Moved, c.l, false}, Body: c.body}, r); !slices.Equal(got, []string{"word " + c.name}) {
			t.Errorf("%s in %s: %v", c.name, c.body, got)
		}
	}
	long := strings.Repeat("年年有余", 20)
	r := rules()
	r.Names = []string{long}
	if got := found(Template{Key: Key{Moved, ZH, false}, Body: "{start}，" + long}, r); !slices.Equal(got, []string{"word " + long}) {
		t.Errorf("a name of 80 characters: %v", got)
	}
	r.Names = []string{"周八", "Thy", "编号x", "周四凌晨99号"}
	if got := found(Template{Key: Key{Moved, ZH, false}, Body: "{start}，编号{reference}号"}, r); got != nil {
		t.Errorf("no date can make %v", got)
	}
}

func TestAnAddressThatIsNotKnownYetIsNotHeldAgainstAText(t *testing.T) {
	r := rules()
	body := Template{Key: Key{Booked, ZH, false}, Body: "{start}，详见 {address} 。" + strings.Repeat("好", 150)}
	r.Address = "https://" + strings.Repeat("a", 60) + ".cn"
	if got := found(body, r); !slices.Equal(got, []string{"too_long 4"}) {
		t.Errorf("a long address: %v", got)
	}
	r.Address = ""
	if got := found(body, r); got != nil {
		t.Errorf("no address: %v", got)
	}
	r.Address = "https://divorce.example.cn"
	body.Body = "{start}，详见 {address}"
	if got := found(body, r); !slices.Equal(got, []string{"word divorce"}) {
		t.Errorf("an address that says it: %v", got)
	}
}

func TestTheLongestTextHasEveryValueAtItsLongest(t *testing.T) {
	for _, c := range []struct {
		key  Key
		want string
		n    int
	}{
		{Key{Reminder, ZH, false}, "【安化县民政局】您好，请记得12月30日（周三）晚上10:30的预约，编号8888888888。能来请回复1，不能来请回复2或致电0737-7220000。不再提醒请回复T。", 2},
		{Key{Code, ZH, true}, "【安化民政】您好，验证码888888，88分钟内有效，请勿告诉他人。如非本人操作，请不必理会。", 1},
		{Key{Moved, EN, false}, "【安化县民政局】Hello, your appointment on Mon 28 Dec is now on Wed 30 Dec at 10:30 pm, number 8888888888. Questions? Call 0737-7220000.", 2},
	} {
		got, n := Longest(Default(c.key), rules())
		if got != c.want || n != c.n {
			t.Errorf("%d segments\ngot  %s\nwant %s", n, got, c.want)
		}
	}
}

func TestEveryProblemIsSaidInBothLanguages(t *testing.T) {
	bad := Template{Key: Key{Reminder, ZH, false}, Body: "】{x}[9:a]\u200b法律www.回复" + strings.Repeat("好", 200)}
	seen := map[string]bool{}
	for _, p := range append(Check(bad, rules()), Check(Template{Body: ""}, rules())...) {
		seen[p.What] = true
		if p.ZH == "" || p.EN == "" || strings.ContainsAny(p.EN, "\n\u200b") || p.What != EmptyText && p.Detail == "" {
			t.Errorf("%+v", p)
		}
	}
	want := []string{EmptyText, StrayBracket, UnknownField, MissingField, WrongSection, OddCharacter, WordInText, LinkInText, ReplyOutside, TooLong}
	for _, what := range want {
		if !seen[what] {
			t.Errorf("%s was not found", what)
		}
	}
}

func TestForbiddenWordsAreFoundInTheBodyAndNotInTheSignature(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"【某县婚姻登记处】您好，已为您约好。", nil},
		{"【某县婚姻登记处】您好，离婚调解已为您约好。", []string{"婚", "离", "调解"}},
		{"您好，请看 HTTPS://example.cn", []string{"http", "://", ".cn"}},
		{"【某局】Your Divorce Counselling is booked.", []string{"divorce", "counsel"}},
		{"【没有收尾的法律", []string{"法律"}},
	} {
		if diff := cmp.Diff(c.want, ForbiddenWords(c.text)); diff != "" {
			t.Errorf("%s: %s", c.text, diff)
		}
	}
}
