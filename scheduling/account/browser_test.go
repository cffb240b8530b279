package account

import "testing"

func TestAUserAgentIsMadeACoarseWord(t *testing.T) {
	for agent, want := range map[string][2]string{
		"": {"", ""}, "python-requests/2.32": {"", ""}, "curl/8.14.1": {"curl", ""},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36":                           {"Chrome", "Windows"},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0":                 {"Edge", "Windows"},
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15":                     {"Safari", "macOS"},
		"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0":                                                                    {"Firefox", "Linux"},
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49":       {"WeChat", "iPhone"},
		"Mozilla/5.0 (Linux; Android 13; V2203A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0 Mobile Safari/537.36 VivoBrowser/17.1":         {"Vivo Browser", "Android"},
		"Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 HuaweiBrowser/5.0 ArkWeb/4.1.6": {"Huawei Browser", "HarmonyOS"},
	} {
		if browser, system := Browser(agent); browser != want[0] || system != want[1] {
			t.Errorf("%q is %q on %q", agent, browser, system)
		}
	}
}
