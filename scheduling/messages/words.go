package messages

import "strings"

// forbidden are words that no message body may hold: those that would tell who
// reads over a shoulder what the appointment is for or with whom, those for
// which providers refuse a notice (Aliyun, help document 463270: 法律维权、调解),
// and every trace of a link. Latin ones are written in lower case.
var forbidden = []string{
	"婚", "离", "夫妻", "夫", "妻", "爱人", "配偶", "伴侣", "对方", "家庭", "家暴", "暴力",
	"调解", "辅导", "咨询", "心理", "法律", "律师", "维权", "纠纷", "劝", "登记", "冷静期",
	"marriage", "marital", "married", "wedding", "divorce", "separat", "spouse", "husband",
	"wife", "partner", "famil", "violence", "counsel", "mediat", "legal", "lawyer", "psycholog",
	"therap", "registr",
	"http", "www.", "://", ".cn", ".com", "链接", "点击",
}

// ForbiddenWords lists what a message must not say and this one does, in a
// fixed order. The signature in front, 【…】, is left aside: it is the office's
// registered name and not ours to choose.
func ForbiddenWords(text string) []string {
	if strings.HasPrefix(text, "【") {
		if _, after, ok := strings.Cut(text, "】"); ok {
			text = after
		}
	}
	text = strings.ToLower(text)
	var found []string
	for _, w := range forbidden {
		if strings.Contains(text, w) {
			found = append(found, w)
		}
	}
	return found
}
