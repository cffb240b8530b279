package messages

import (
	"strings"
	"testing"
)

func TestATemplateIsRegisteredAsEachGatewayWritesIt(t *testing.T) {
	reminder := Default(Key{Kind: Reminder, Locale: ZH})
	for _, c := range []struct {
		name, gateway string
		r             Replies
		want          string
	}{
		{"Aliyun names", "aliyun", none, "您好，请记得${start}的预约，编号${reference}。不能来请致电0737-7220000。"},
		{"Tencent numbers", "tencent", none, "您好，请记得{1}的预约，编号{2}。不能来请致电0737-7220000。"},
		{"MAS numbers", "mas", none, "您好，请记得${1}的预约，编号${2}。不能来请致电0737-7220000。"},
		{"with replies", "tencent", some, "您好，请记得{1}的预约，编号{2}。能来请回复1，不能来请致电0737-7220000。不再提醒请回复T。"},
		{"2 cancels", "aliyun", all3, "您好，请记得${start}的预约，编号${reference}。能来请回复1，不能来请回复2或致电0737-7220000。不再提醒请回复T。"},
	} {
		got, err := Register(reminder, c.gateway, anhua(), c.r)
		if err != nil || got != c.want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", c.name, err, got, c.want)
		}
	}
}

func TestTheAddressIsWrittenOutAndNoParameter(t *testing.T) {
	own := Template{Key: Key{Kind: Booked, Locale: ZH}, Body: "您好，{start}已约好，详见 {address} ，编号{reference}。"}
	got, err := Register(own, "tencent", anhua(), none)
	if want := "您好，{1}已约好，详见 https://yuyue.example.cn ，编号{2}。"; err != nil || got != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
	}
	for _, p := range own.Fill(anhua(), none).Params {
		if strings.Contains(p.Value, "http") {
			t.Errorf("a link is a parameter: %v", p)
		}
	}
}

func TestWhatNoGatewayTakesIsNotRegistered(t *testing.T) {
	for _, c := range []struct{ name, body, gateway, want string }{
		{"a gateway with free texts", "{start}", "kannel", `gateway "kannel" takes no approved templates`},
		{"parameters side by side", "{start}{reference}。", "aliyun", "register booked.zh at aliyun: {reference} follows another parameter without a word between"},
		{"side by side where a section is left out", "{start}[1:回复1]{reference}", "tencent", "register booked.zh at tencent: {reference} follows another parameter without a word between"},
		{"a parameter twice by place", "{start}，即{start}", "tencent", "register booked.zh at tencent: {start} is there twice, and tencent takes parameters by their place"},
		{"a field that there is not", "{start}，{name}", "mas", "register booked.zh at mas: there is no field {name}"},
		{"no telephone", "{start}，{phone}", "mas", "register booked.zh at mas: {phone} is to be written out and is not known"},
		{"too long", "{start}" + strings.Repeat("约", 500), "aliyun", "register booked.zh at aliyun: 508 characters are more than the 500 that aliyun takes"},
	} {
		got, err := Register(Template{Key: Key{Kind: Booked, Locale: ZH}, Body: c.body}, c.gateway, Facts{}, none)
		if got != "" || err == nil || err.Error() != c.want {
			t.Errorf("%s: %q, %v, want %s", c.name, got, err, c.want)
		}
	}
	if got, err := Register(Template{Key: Key{Kind: Booked, Locale: ZH}, Body: "{start}，即{start}"}, "aliyun", Facts{}, none); err != nil || got != "${start}，即${start}" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestEveryBuiltInTextCanBeRegisteredInEveryForm(t *testing.T) {
	for _, d := range Defaults() {
		for _, gateway := range []string{"aliyun", "tencent", "mas"} {
			for _, r := range []Replies{none, some, all3} {
				got, err := Register(d, gateway, anhua(), r)
				if err != nil || !strings.ContainsAny(got, "{") {
					t.Errorf("%s at %s: %q, %v", d.Key, gateway, got, err)
				}
			}
		}
	}
}
