package office

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

func TestHowMessagesGoIsReadWhole(t *testing.T) {
	o := parsed(t, "testdata/messages.yaml")
	if o.Gateway != "aliyun-2" || o.SegmentsPerMonth != 30000 || o.MessagesPerNumber != 10 || o.MessagesPerDay != 2000 {
		t.Errorf("gateway %s, %d segments, %d and %d messages", o.Gateway, o.SegmentsPerMonth, o.MessagesPerNumber, o.MessagesPerDay)
	}
	if want := (messages.Window{From: clock(t, "21:00"), To: clock(t, "08:00")}); o.Quiet == nil || *o.Quiet != want {
		t.Errorf("quiet %v, want %v", o.Quiet, want)
	}
	if diff := cmp.Diff([]string{"premarital"}, o.ReplyCancels); diff != "" {
		t.Errorf("reply_cancels (-want +got)\n%s", diff)
	}
	want := scheduling.Texts{
		Words: []string{"红娘", "blind date"},
		Templates: []messages.Template{
			{
				Key:   messages.Key{Kind: messages.Reminder, Locale: messages.ZH},
				Body:  "您好，请记得{start}见，编号{reference}。[1:能来请回复1，]不便请[2:回复2或]致电{phone}。",
				Codes: map[string]string{"aliyun": "SMS_152550001", "aliyun+2": "SMS_152550002", "tencent": "1234567"},
			},
			{
				Key:  messages.Key{Kind: messages.Reminder, Locale: messages.EN, Neutral: true},
				Body: "Hello, see you {start}. If it does not suit you, please call {phone}.",
			},
		},
	}
	if diff := cmp.Diff(want, o.Texts); diff != "" {
		t.Errorf("texts (-want +got)\n%s", diff)
	}
}

func TestAnOfficesOwnTextTakesThePlaceOfTheBuiltInOne(t *testing.T) {
	o := parsed(t, "testdata/messages.yaml")
	own := messages.Key{Kind: messages.Reminder, Locale: messages.ZH}
	o.Texts.Templates[0].Version = 3
	if diff := cmp.Diff(o.Texts.Templates[0], o.Template(own)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	neutral := messages.Key{Kind: messages.Reminder, Locale: messages.ZH, Neutral: true}
	if diff := cmp.Diff(messages.Default(neutral), o.Template(neutral)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTextsAreCheckedByEveryNameOfTheOffice(t *testing.T) {
	want := messages.Rules{
		Signature: "安化县民政局", NeutralSignature: "安化民政", Phone: "0737-7220000",
		Names: []string{
			"安化县民政局婚姻登记处", "Anhua County Marriage Registration Office",
			"婚前辅导", "Premarital counselling", "婚姻家庭辅导室", "Counselling room",
		},
		Words: []string{"红娘", "blind date"},
	}
	if diff := cmp.Diff(want, parsed(t, "testdata/messages.yaml").TextRules()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestThePolicyOfMessagesIsTheOfficesAndTheServices(t *testing.T) {
	o := parsed(t, "testdata/messages.yaml")
	got := o.PolicyFor(o.Services[0])
	want := messages.Policy{Leads: []time.Duration{24 * time.Hour, 2 * time.Hour}, Quiet: o.Quiet, Location: o.Location, NeutralSignature: true}
	if !got.Equal(want) || got.Quiet == nil {
		t.Errorf("got %+v, want %+v", got, want)
	}
	o.SMSSignatureNeutral = ""
	if o.PolicyFor(o.Services[0]).NeutralSignature {
		t.Error("there is no neutral signature, and the policy has one")
	}
}

func TestWrongMessageSettingsAreReportedWithTheirLine(t *testing.T) {
	const gateways = "log, kannel, aliyun, tencent, mas, webhook, log-2, kannel-2, aliyun-2, tencent-2, mas-2, webhook-2"
	const body = `"您好，请记得{start}见，编号{reference}。[1:能来请回复1，]不便请[2:回复2或]致电{phone}。"`
	for _, c := range []struct {
		name, old, new string
		want           []string
	}{
		{"an unknown gateway", "gateway: aliyun-2", "gateway: aliyun-3", []string{`a.yaml:17: office.gateway: "aliyun-3" is none of ` + gateways}},
		{"quiet from a time to itself", `to: "08:00"`, `to: "21:00"`, []string{"a.yaml:18: office.quiet.to: 21:00 ends when 21:00 begins"}},
		{"a whole day", `quiet: {from: "21:00", to: "08:00"}`, `quiet: {from: "00:00", to: "24:00"}`, []string{"a.yaml:18: office.quiet.to: 24:00 ends when 00:00 begins"}},
		{"quiet off the grid", `from: "21:00"`, `from: "21:01"`, []string{"a.yaml:18: office.quiet.from: 21:01 is not a multiple of five minutes"}},
		{"quiet without an end", `, to: "08:00"`, "", []string{"a.yaml:18: office.quiet.to is missing"}},
		{"quiet as text", `{from: "21:00", to: "08:00"}`, "nights", []string{"a.yaml:18: office.quiet: a mapping (from, to) is wanted, not text"}},
		{"segments below none", "segments_per_month: 30000", "segments_per_month: -1", []string{"a.yaml:19: office.segments_per_month: -1 is not a whole number from 0 to 10000000"}},
		{"messages as text", "messages_per_number: 10", "messages_per_number: ten", []string{"a.yaml:20: office.messages_per_number: a whole number is wanted, not text"}},
		{"too many messages", "messages_per_day: 2000", "messages_per_day: 20000000", []string{"a.yaml:21: office.messages_per_day: 20000000 is not a whole number from 0 to 10000000"}},
		{"no such service", "reply_cancels: [premarital]", "reply_cancels: [premarital, legal]", []string{`a.yaml:22: office.reply_cancels[1]: there is no service "legal"`}},
		{"a service twice", "reply_cancels: [premarital]", "reply_cancels: [premarital, premarital]", []string{"a.yaml:22: office.reply_cancels[1]: premarital is there twice, first in line 22"}},
		{"a word without letters", "红娘,", `"…",`, []string{`a.yaml:29: office.texts.words[0]: "…" has neither letters nor digits`}},
		{"a word twice", "红娘,", "红娘, 红娘,", []string{"a.yaml:29: office.texts.words[1]: 红娘 is there twice, first in line 29"}},
		{"too many words", `[红娘, "blind date"]`, "[" + strings.Repeat("a, ", 200) + "b]", []string{"a.yaml:29: office.texts.words: 201 are more than 200"}},
		{"a word that a built-in text says", "红娘,", "红娘, 预 约, Appointment,", []string{
			`a.yaml:29: office.texts.words[1]: the built-in text cancelled.zh says "预 约"; it needs one of your own`,
			`a.yaml:29: office.texts.words[2]: the built-in text moved.en says "Appointment"; it needs one of your own`,
		}},
		{"a word that an own text says", "红娘,", "记得,", []string{
			`a.yaml:29: office.texts.words[0]: the built-in text reminder.zh.neutral says "记得"; it needs one of your own`,
			`a.yaml:33: office.texts.reminder.zh.body: says "记得", in whatever form; somebody else may read the message`,
		}},
		{"an unknown kind", "kind: reminder\n", "kind: birthday\n", []string{`a.yaml:31: office.texts.templates[0].kind: "birthday" is none of code, booked, moved, cancelled, reminder, offer`}},
		{"an unknown language", "locale: zh", "locale: fr", []string{`a.yaml:32: office.texts.templates[0].locale: "fr" is none of zh, en`}},
		{"no body", "        body: " + body + "\n", "", []string{"a.yaml:31: office.texts.reminder.zh.body is missing"}},
		{"a body too long", body, `"` + strings.Repeat("好", 501) + `"`, []string{"a.yaml:33: office.texts.reminder.zh.body: is longer than 500 characters"}},
		{"the service's name", "见，编号", "见（婚前辅导），编号", []string{
			`a.yaml:33: office.texts.reminder.zh.body: says "婚", in whatever form; somebody else may read the message`,
			`a.yaml:33: office.texts.reminder.zh.body: says "辅导", in whatever form; somebody else may read the message`,
			`a.yaml:33: office.texts.reminder.zh.body: says "婚前辅导", in whatever form; somebody else may read the message`,
		}},
		{"an unknown field", "{reference}", "{name}", []string{
			"a.yaml:33: office.texts.reminder.zh.body: this kind of message has no {name}; there are {start} {reference} {phone} {address}",
		}},
		{"a neutral text that asks for 2", "see you {start}.", "see you {start}.[2: Reply 2 not to.]", []string{
			"a.yaml:35: office.texts.reminder.en.neutral.body: [2: Reply 2 not to.] may not stand in a neutral text: no reply cancels for whoever wants these",
		}},
		{"the same text twice", "locale: en, neutral: true", "locale: zh", []string{"a.yaml:35: office.texts.templates[1]: reminder.zh is there twice, first in line 31"}},
		{"an unknown gateway of a code", "tencent:", "kannel:", []string{
			"a.yaml:34: office.texts.reminder.zh.codes.kannel: unknown key; known are aliyun, aliyun+2, tencent, tencent+2, mas, mas+2",
		}},
		{"a code as a number", `"1234567"`, "1234567", []string{"a.yaml:34: office.texts.reminder.zh.codes.tencent: text is wanted, not a number; write it in quotes"}},
		{"a code with a space", "SMS_152550001", "SMS 152550001", []string{
			`a.yaml:34: office.texts.reminder.zh.codes.aliyun: "SMS 152550001" is not an approval code of letters, digits, _ and -`,
		}},
		{"an unknown key", "    words:", "    word:", []string{"a.yaml:29: office.texts.word: unknown key; known are words, templates"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			good := string(read(t, "testdata/messages.yaml"))
			if !strings.Contains(good, c.old) {
				t.Fatalf("the file has no %q", c.old)
			}
			problemsOf(t, strings.Replace(good, c.old, c.new, 1), c.want)
		})
	}
}

func TestAWordMayBeForbiddenOnceNoBuiltInTextSaysIt(t *testing.T) {
	good := string(read(t, "testdata/messages.yaml"))
	own := `      - {kind: cancelled, locale: zh, body: "您好，{start}的安排已取消。"}` + "\n"
	file := strings.Replace(strings.Replace(good, "红娘,", "预约,", 1), "rooms:", own+"rooms:", 1)
	if _, err := Parse("a.yaml", []byte(file)); err != nil {
		t.Error(err)
	}
}

func TestAStoredTextIsReadWhateverWordsHaveBeenAddedSince(t *testing.T) {
	file := []byte(strings.Replace(string(read(t, "testdata/messages.yaml")), "见，编号", "见（婚前辅导），编号", 1))
	if _, err := Parse("a.yaml", file); err == nil {
		t.Error("it can be saved")
	}
	o, err := ParseStored("a.yaml", file)
	if err != nil || !strings.Contains(o.Texts.Templates[0].Body, "婚前辅导") {
		t.Errorf("stored, it is not read: %v", err)
	}
}
