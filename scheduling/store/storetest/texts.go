package storetest

import (
	"strings"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/office"
)

var textTests = []test{
	theTextThatIsSentIsTheOffices,
	everyVersionOfATextIsKept,
	theFileHasTheTextsAndMakesVersionsToo,
	whatATextMayNotSayIsNamed,
	twoDirectorsAtOnceLoseNothing,
	aTextIsShownAsItIsRegistered,
}

var (
	bookedZH = messages.Key{Kind: messages.Booked, Locale: messages.ZH}
	bookedEN = messages.Key{Kind: messages.Booked, Locale: messages.EN}
)

// text gives the office a text.
func (b *Bundle) text(t tb, k messages.Key, body string) scheduling.TextView {
	t.Helper()
	out, err := b.Scheduler.SetText(background, b.textOf(t, k, body))
	if err != nil {
		t.Fatalf("setting a text: %v", err)
	}
	return out
}

func (b *Bundle) textOf(t tb, k messages.Key, body string) scheduling.TextChange {
	t.Helper()
	return scheduling.TextChange{Actor: b.Staff(t, "chief"), Office: "suite", Key: k, Body: body, BuiltIn: body == ""}
}

// versions are those of a text, newest first: number, author and body.
func (b *Bundle) versions(t tb, k messages.Key) []string {
	t.Helper()
	all, err := b.Scheduler.TextVersions(background, b.Staff(t, "watch"), "suite", k)
	if err != nil {
		t.Fatalf("reading versions: %v", err)
	}
	var out []string
	for _, v := range all {
		out = append(out, strings.TrimSpace(itoa(int64(v.Template.Version))+" "+v.Author+" "+v.Template.Body))
	}
	return out
}

func theTextThatIsSentIsTheOffices(t tb, b *Bundle) {
	b.text(t, bookedZH, "您好，{start}见，编号{reference}。")
	view := b.text(t, bookedZH, "您好，{start}等您，编号{reference}。")
	if view.Version != 2 || view.Segments != 1 || !strings.Contains(view.Longest, "等您") {
		t.Errorf("the text is %+v", view)
	}
	a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-05 09:00"))
	b.quiet(t)
	m := b.send(t)[0]
	same(t, "text", "【测试民政局】您好，3月5日（周四）上午9:00等您，编号"+a.Reference+"。", textOf(m))
	same(t, "version", "2", b.delivery(t, m.ID)[3])
	same(t, "in the ledger", 2, b.ledger(t, scheduling.MessageFilter{})[0].TextVersion)
	r := b.wants(b.Citizen(t, phone(2)), "family", "2026-03-05 09:00")
	r.Locale = "en"
	b.mustBook(t, r)
	b.quiet(t)
	m = b.send(t)[0]
	same(t, "version of a text that is built in", "0", b.delivery(t, m.ID)[3])
}

func everyVersionOfATextIsKept(t tb, b *Bundle) {
	const first, second = "您好，{start}见。", "您好，{start}等您。"
	b.text(t, bookedZH, first)
	b.Clock.Pass(time.Hour)
	b.text(t, bookedZH, second)
	before := b.state(t)
	b.text(t, bookedZH, second)
	b.unchanged(t, before)
	if back := b.text(t, bookedZH, ""); back.Version != 0 || back.Body != messages.Default(bookedZH).Body {
		t.Errorf("the built-in text is %+v", back)
	}
	b.text(t, bookedZH, "")
	b.text(t, bookedZH, first)
	same(t, "versions", []string{"4 chief " + first, "3 chief", "2 chief " + second, "1 chief " + first}, b.versions(t, bookedZH))
	same(t, "another's", 0, len(b.versions(t, bookedEN)))
	same(t, "audit", [][]string{{"office.text", "booked.zh", "chief", "4"}},
		b.rows(t, "SELECT action, subject, actor_name, COUNT(*) FROM audit WHERE action = 'office.text' GROUP BY action, subject, actor_name"))
}

func theFileHasTheTextsAndMakesVersionsToo(t tb, b *Bundle) {
	b.text(t, bookedZH, "您好，{start}见。")
	withCode := b.textOf(t, bookedEN, "See you on {start}.")
	withCode.Codes = map[string]string{"aliyun": "SMS_1"}
	if _, err := b.Scheduler.SetText(background, withCode); err != nil {
		t.Fatalf("setting a text: %v", err)
	}
	document, err := b.Store.Document(background, "suite")
	if err != nil || !strings.Contains(string(document), "您好，{start}见。") || !strings.Contains(string(document), "SMS_1") {
		t.Fatalf("the file is %s, %v", document, err)
	}
	before := b.state(t)
	b.apply(t, document)
	b.unchanged(t, before)
	b.Change(t, func(o *scheduling.Office) {
		o.Texts.Templates = []messages.Template{{Key: bookedEN, Body: "See you on {start}.", Codes: map[string]string{"aliyun": "SMS_2"}}}
	})
	withCode.Key, withCode.Codes = messages.Key{Kind: messages.Moved, Locale: messages.ZH}, map[string]string{}
	withCode.Body = "您好，改到{start}了。"
	if _, err := b.Scheduler.SetText(background, withCode); err != nil {
		t.Fatalf("setting a text: %v", err)
	}
	b.Change(t, func(o *scheduling.Office) { o.Phone = "0737-7220001" })
	same(t, "what the file left as it was", []string{"1 chief " + withCode.Body}, b.versions(t, withCode.Key))
	same(t, "what the file took away", []string{"2", "1 chief 您好，{start}见。"}, b.versions(t, bookedZH))
	same(t, "what the file changed", []string{"2  See you on {start}.", "1 chief See you on {start}."}, b.versions(t, bookedEN))
	if v := b.Office(t).Template(bookedEN); v.Version != 2 || v.Codes["aliyun"] != "SMS_2" {
		t.Errorf("the text is %+v", v)
	}
	o, err := office.Parse("suite.yaml", document)
	if err != nil || len(o.Texts.Templates) != 2 {
		t.Errorf("the file has %d texts, %v", len(o.Texts.Templates), err)
	}
}

func whatATextMayNotSayIsNamed(t tb, b *Bundle) {
	b.Change(t, func(o *scheduling.Office) { o.Texts.Words = []string{"红娘"} })
	before := b.state(t)
	for what, body := range map[string]string{
		"a forbidden word":      "您好，{start}的离 婚调解。",
		"the office's word":     "您好，{start}见，红娘。",
		"the office's name":     "您好，{start}，测试婚姻登记处。",
		"a room":                "您好，{start}，小辅导室。",
		"a service":             "您好，{start}，婚前课。",
		"a link":                "您好，{start}见，详情www.example.com。",
		"an unknown field":      "您好，{name}，{start}见。",
		"no time":               "您好，编号{reference}。",
		"a reply outside":       "您好，{start}见，请回复1。",
		"too long":              "您好，{start}见。" + strings.Repeat("请准时来。", 50),
		"too long for anything": "您好，{start}见。" + strings.Repeat("请准时来。", 200),
		"nothing":               " ",
	} {
		_, err := b.Scheduler.SetText(background, b.textOf(t, bookedZH, body))
		e := refused(t, err, scheduling.CodeInvalid)
		for _, f := range e.Fields {
			if f.Field != "body" || f.Message.ZH == "" || f.Message.EN == "" {
				t.Errorf("%s: the fields are %+v", what, e.Fields)
			}
		}
	}
	b.unchanged(t, before)
	stranger := b.textOf(t, bookedZH, "您好，{start}见。")
	stranger.Actor.OfficeID++
	_, err := b.Scheduler.SetText(background, stranger)
	refused(t, err, scheduling.CodeNotFound)
}

func twoDirectorsAtOnceLoseNothing(t tb, b *Bundle) {
	servers := b.replicas(t)
	bodies := []string{"您好，{start}见。", "您好，{start}等您。", "您好，{start}请来。"}
	var changes []scheduling.TextChange
	for _, k := range []messages.Key{bookedZH, {Kind: messages.Moved, Locale: messages.ZH}, {Kind: messages.Reminder, Locale: messages.ZH}} {
		for _, body := range bodies {
			changes = append(changes, b.textOf(t, k, body))
		}
	}
	errs := together(len(changes), func(i int) error {
		_, err := servers[i%3].SetText(background, changes[i])
		return err
	})
	outcomes(t, errs)
	b.Clock.Pass(2 * time.Second) // so that each replica looks again
	for _, c := range changes {
		if n := len(b.versions(t, c.Key)); n != 3 {
			t.Errorf("%s has %d versions", c.Key, n)
		}
		if got := b.Office(t).Template(c.Key); got.Version != 3 {
			t.Errorf("%s is in version %d", c.Key, got.Version)
		}
	}
}

func aTextIsShownAsItIsRegistered(t tb, b *Bundle) {
	b.text(t, messages.Key{Kind: messages.Reminder, Locale: messages.ZH}, "您好，请记得{start}，编号{reference}。[1:能来请回复1，]不能来请致电{phone}。")
	views, err := b.Scheduler.OfficeTexts(background, b.Staff(t, "desk"), "suite")
	if err != nil || len(views) != len(messages.Defaults()) {
		t.Fatalf("%d texts are listed, %v", len(views), err)
	}
	for _, v := range views {
		if v.Kind == messages.Reminder && v.Locale == messages.ZH && !v.Neutral {
			same(t, "registered", "您好，请记得${start}，编号${reference}。不能来请致电0737-7220000。", v.Register["aliyun"])
			same(t, "version", 1, v.Version)
		} else if v.Version != 0 {
			t.Errorf("%s has the version %d", v.Key, v.Version)
		}
	}
}
