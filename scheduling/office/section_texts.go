// The section office, continued: how messages go, and in which words.

package office

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

const (
	// maxBody bounds a text in characters; three segments are 201.
	maxBody = 500

	// maxWords bounds the list of words: each is looked for in every text, each
	// time that the office is read.
	maxWords = 200

	defaultMessagesPerNumber = 20
)

var (
	// gatewayNames are those that the settings can name; the second of two of
	// one kind has -2.
	gatewayNames = []string{
		"log", "kannel", "aliyun", "tencent", "mas", "webhook",
		"log-2", "kannel-2", "aliyun-2", "tencent-2", "mas-2", "webhook-2",
	}

	// codeKeys are gateways that send approved templates, each with the form that
	// has a [2:] section.
	codeKeys    = []string{"aliyun", "aliyun+2", "tencent", "tencent+2", "mas", "mas+2"}
	codeForm    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	localeNames = []string{string(messages.ZH), string(messages.EN)}
)

// readSending reads by which gateway, when and how many messages go.
func (m mapping) readSending(o *scheduling.Office) {
	if v := m.mayBeNone("gateway"); v.present() {
		o.Gateway = v.choice(gatewayNames...)
	}
	o.Quiet = m.mayBeNone("quiet").quiet()
	o.SegmentsPerMonth = m.may("segments_per_month").countOr(0)
	o.MessagesPerNumber = m.may("messages_per_number").countOr(defaultMessagesPerNumber)
	o.MessagesPerDay = m.may("messages_per_day").countOr(0)
}

// quiet reads a part of the day that may pass midnight.
func (v value) quiet() *messages.Window {
	m, ok := v.mapping("from", "to")
	if !ok {
		return nil
	}
	from, okFrom := m.need("from").beginning()
	to := m.need("to")
	until, okTo := to.clock()
	if !okFrom || !okTo {
		return nil
	}
	if (until-from)%calendar.EndOfDay == 0 {
		to.failf("%s ends when %s begins", until, from)
		return nil
	}
	return &messages.Window{From: from, To: until}
}

// readTexts reads what refers to services and rooms: which services a reply
// cancels, and the office's own texts, which may name neither.
func (m mapping) readTexts(o *scheduling.Office, offered services) {
	o.ReplyCancels = m.may("reply_cancels").references(offered)
	texts, ok := m.may("texts").mapping("words", "templates")
	if !ok {
		return
	}
	list := texts.may("words")
	words := list.items(0)
	if len(words) > maxWords {
		list.failf("%d are more than %d", len(words), maxWords)
		words = nil
	}
	o.Texts.Words = readWords(words)
	templates := texts.may("templates").templates()
	for _, t := range templates {
		o.Texts.Templates = append(o.Texts.Templates, t.Template)
	}
	if m.r.stored {
		return
	}
	for _, t := range templates {
		for _, p := range messages.Check(t.Template, o.TextRules()) {
			m.r.fail(t.body.line(), t.body.path, scheduling.Text{ZH: p.ZH, EN: p.EN})
		}
	}
	refuseBuiltIn(o, words)
}

// template is one that was read, and where its words stand.
type template struct {
	messages.Template
	body value
}

// templates reads an office's own, each key once.
func (v value) templates() []template {
	var out []template
	taken := seen{}
	for _, item := range v.items(0) {
		m, ok := item.mapping("kind", "locale", "neutral", "body", "codes")
		if !ok {
			continue
		}
		before := len(v.r.problems)
		k := messages.Key{
			Kind: messages.Kind(m.need("kind").choice(kindNames()...)), Locale: messages.Locale(m.need("locale").choice(localeNames...)),
			Neutral: m.may("neutral").flag(),
		}
		if len(v.r.problems) > before || !taken.once(item, k.String()) {
			continue
		}
		m.path = strings.TrimSuffix(v.path, "templates") + k.String()
		body := m.need("body")
		t := template{Template: messages.Template{Key: k, Codes: m.may("codes").approvals()}, body: body}
		if t.Body, ok = body.str(maxBody); ok {
			out = append(out, t)
		}
	}
	return out
}

func kindNames() []string {
	var out []string
	for _, k := range messages.Kinds() {
		out = append(out, string(k))
	}
	return out
}

// approvals reads the codes under which gateways have approved a template.
func (v value) approvals() map[string]string {
	m, ok := v.mapping(codeKeys...)
	if !ok || len(m.values) == 0 {
		return nil
	}
	out := make(map[string]string, len(m.values))
	for _, key := range codeKeys {
		if code := m.may(key); code.present() {
			out[key] = code.word(codeForm, "an approval code of letters, digits, _ and -")
		}
	}
	return out
}

// readWords reads words that no text may say, each once.
func readWords(items []value) []string {
	var out []string
	taken := seen{}
	for _, item := range items {
		word, ok := item.str(maxWord)
		if !ok || !taken.once(item, word) {
			continue
		}
		if !strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			item.failf("%q has neither letters nor digits", word)
		}
		out = append(out, word)
	}
	return out
}

// refuseBuiltIn reports a word that a built-in text says, unless the office has
// one of its own in its place: it would go on saying it.
func refuseBuiltIn(o *scheduling.Office, words []value) {
	said := make(map[string]messages.Key)
	for _, built := range messages.Defaults() {
		own := slices.ContainsFunc(o.Texts.Templates, func(t messages.Template) bool { return t.Key == built.Key })
		if own || len(words) == 0 {
			continue
		}
		for _, p := range messages.Check(built, messages.Rules{Words: o.Texts.Words}) {
			if _, known := said[p.Detail]; !known {
				said[p.Detail] = built.Key
			}
		}
	}
	for _, word := range words {
		if word.present() {
			if k, ok := said[word.node.Value]; ok {
				word.failf("the built-in text %s says %q; it needs one of your own", k, word.node.Value)
			}
		}
	}
}
