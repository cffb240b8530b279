package messages

import "strings"

// forbidden are words that no message body may hold: those that would tell who
// reads over a shoulder what the appointment is for or with whom, and those for
// which providers refuse a notice (Aliyun, help document 463270: 法律维权、调解).
// They are written as fold leaves a text.
var forbidden = []string{
	"婚", "离", "夫妻", "夫", "妻", "爱人", "配偶", "伴侣", "对方", "家庭", "家暴", "暴力",
	"调解", "辅导", "咨询", "心理", "法律", "律师", "维权", "纠纷", "劝", "登记", "冷静期",
	"老公", "老婆", "男友", "女友", "前任", "感情", "分居", "分手", "抚养", "赡养", "家事",
	"起诉", "诉讼", "法院", "仲裁", "受害", "保护令",
	"marriage", "marital", "married", "wedding", "divorce", "separat", "spouse", "husband",
	"wife", "partner", "famil", "violence", "counsel", "mediat", "legal", "lawyer", "psycholog",
	"therap", "registr",
	"girlfriend", "boyfriend", "fiance", "custody", "alimony", "lawsuit", "attorney", "dispute", "abuse",
}

// neutralForbidden are words that a text as from an acquaintance may not hold
// either, since they say that an office writes.
var neutralForbidden = []string{"民政", "政务", "政府", "civilaffairs", "government"}

// linkWords are traces of a link that folding leaves, and linkTraces those that
// are made of punctuation, as narrow leaves it.
var (
	linkTraces = []string{"http", "www.", "://", ".cn", ".com"}
	linkWords  = []string{"链接", "点击", "http", "www"}
)

// ForbiddenWords lists what a message must not say and this one does, in a
// fixed order, the traces of links last. The signature in front, 【…】, is left
// aside: it is the office's registered name and not ours to choose.
func ForbiddenWords(text string) []string {
	if strings.HasPrefix(text, "【") {
		if _, after, ok := strings.Cut(text, "】"); ok {
			text = after
		}
	}
	folded, narrowed := fold(text), narrow(text)
	var found []string
	for _, w := range forbidden {
		if strings.Contains(folded, w) {
			found = append(found, w)
		}
	}
	for _, w := range linkTraces {
		if strings.Contains(narrowed, w) {
			found = append(found, w)
		}
	}
	for _, w := range linkWords[:2] {
		if strings.Contains(folded, w) {
			found = append(found, w)
		}
	}
	return found
}
