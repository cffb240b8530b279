package home_test

import (
	"slices"
	"strings"
	"testing"

	"magpie/api/web/home"
	"magpie/scheduling"
)

func TestAnOfficeIsFoundAsPeopleCallIt(t *testing.T) {
	office := func(code, region, zh, en, address string) *scheduling.Office {
		return &scheduling.Office{Code: code, Region: region, Name: scheduling.Text{ZH: zh, EN: en}, Address: scheduling.Text{ZH: address, EN: en + " street"}}
	}
	all := []*scheduling.Office{
		office("anhua", "430923", "安化县民政局婚姻登记处", "Anhua County Office", "湖南省益阳市安化县东坪镇"),
		office("heshan", "430903", "赫山区民政局婚姻登记处", "Heshan District Office", "湖南省益阳市赫山区桃花仑路4309号"),
		office("anyuan", "360726", "安远县民政局婚姻登记处", "Anyuan County Office", "江西省赣州市安远县欣山镇"),
	}
	for asked, want := range map[string]string{
		"安化": "anhua", "安化县": "anhua", "安化县民政局": "anhua", "湖南安化": "anhua", "益阳市赫山区": "heshan", "湖南 赫山": "heshan",
		"益阳": "anhua heshan", "湖南省": "anhua heshan", "婚姻登记处": "anhua heshan anyuan",
		"430923": "anhua", "4309": "anhua heshan", "43": "anhua heshan", "36": "anyuan", "0923": "", "4309231": "",
		"anhua": "anhua", "ANHUA county": "anhua", "ＡＮＨＵＡ": "anhua", "４３０９２３": "anhua", "county": "anhua anyuan", "aah": "",
		"安": "anhua anyuan", "安海": "", "火星": "", "安化 江西": "", "": "anhua heshan anyuan", "  ": "anhua heshan anyuan", "%": "", "化安": "",
	} {
		var got []string
		for _, o := range home.Search(all, asked) {
			got = append(got, o.Code)
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q finds %v, want %q", asked, got, want)
		}
	}
}
