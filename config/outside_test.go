package config_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/config"
)

func TestHostsAndNetworksOfOutsideCalendarsAreReadAndShown(t *testing.T) {
	const text = "cal.example.cn, 127.0.0.1:5232,[::1]:5232,10.9.0.1, 10.9.0.0/16,fd00::/8"
	s, err := config.Load([]string{"MAGPIE_OUTSIDE_ALLOW=" + text})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Outside{
		Hosts:    []string{"cal.example.cn", "127.0.0.1:5232", "[::1]:5232", "10.9.0.1"},
		Networks: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16"), netip.MustParsePrefix("fd00::/8")},
	}
	if diff := cmp.Diff(want, s.OutsideAllow, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	if shown := s.String(); !strings.Contains(shown, "MAGPIE_OUTSIDE_ALLOW=cal.example.cn,127.0.0.1:5232,[::1]:5232,10.9.0.1,10.9.0.0/16,fd00::/8\n") {
		t.Errorf("shown is %s", shown)
	}
}

func TestEveryWrongHostOfOutsideCalendarsIsNamed(t *testing.T) {
	for part, wrong := range map[string]string{
		"https://cal.example.cn": `got "https://cal.example.cn"`, "10.9.0.1/16": "10.9.0.1/16 is an address within a network, want 10.9.0.0/16 or 10.9.0.1",
		"": `got ""`, "cal.example.cn:": `got "cal.example.cn:"`, "cal.example.cn:70000": `got "cal.example.cn:70000"`, "*.example.cn": `got "*.example.cn"`, "a b": `got "a b"`,
	} {
		_, err := config.Load([]string{"MAGPIE_OUTSIDE_ALLOW=good.example.cn," + part})
		if err == nil || !strings.Contains(err.Error(), "MAGPIE_OUTSIDE_ALLOW") || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%q: %v", part, err)
		}
	}
}
