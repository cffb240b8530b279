package account

import "strings"

// word is what is found in a User-Agent, and what it stands for.
type word struct{ mark, name string }

// The first that is found counts: a browser made of another says both names.
var (
	browsers = []word{
		{"MicroMessenger", "WeChat"}, {"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"OPR/", "Opera"},
		{"QQBrowser", "QQ Browser"}, {"UCBrowser", "UC Browser"}, {"HuaweiBrowser", "Huawei Browser"}, {"MiuiBrowser", "Mi Browser"},
		{"VivoBrowser", "Vivo Browser"}, {"HeyTapBrowser", "OPPO Browser"}, {"SamsungBrowser", "Samsung Internet"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	}
	systems = []word{
		{"HarmonyOS", "HarmonyOS"}, {"OpenHarmony", "HarmonyOS"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},
		{"Windows", "Windows"}, {"Macintosh", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	}
)

// Browser makes of a User-Agent the family of browser and the system, coarsely:
// enough to know one's own log-in again, too little to tell two of a kind
// apart. What is not known is empty.
func Browser(agent string) (browser, system string) {
	return first(browsers, agent), first(systems, agent)
}

func first(words []word, agent string) string {
	for _, w := range words {
		if strings.Contains(agent, w.mark) {
			return w.name
		}
	}
	return ""
}
