package messages

import "fmt"

// What can be wrong with a body; these names are stable.
const (
	EmptyText    = "empty"
	StrayBracket = "brackets"
	UnknownField = "unknown_field"
	MissingField = "missing_field"
	WrongSection = "section"
	OddCharacter = "character"
	WordInText   = "word"
	LinkInText   = "link"
	ReplyOutside = "reply_outside"
	TooLong      = "too_long"
)

// Problem is one thing that is wrong with a template.
type Problem struct {
	// What is wrong, one of the constants above. Detail is the word, field,
	// section or character that is.
	What, Detail string
	// ZH and EN say it to whoever wrote the text.
	ZH, EN string
}

func emptyText() Problem {
	return Problem{What: EmptyText, ZH: "请填写内容。", EN: "is empty"}
}

func strayBracket(s string) Problem {
	return Problem{
		What: StrayBracket, Detail: s,
		ZH: fmt.Sprintf("括号“%s”不成对，或不能用在这里；签名的【】发送时会自动加上。", s),
		EN: fmt.Sprintf("the bracket %s has no other half or may not stand here; the brackets 【】 of the signature are added when it is sent", s),
	}
}

func unknownField(name string, known string) Problem {
	return Problem{
		What: UnknownField, Detail: name,
		ZH: fmt.Sprintf("这类短信没有{%s}；可以用%s。", name, known),
		EN: fmt.Sprintf("this kind of message has no {%s}; there are %s", name, known),
	}
}

func missingField(name Field) Problem {
	return Problem{
		What: MissingField, Detail: string(name),
		ZH: fmt.Sprintf("缺少{%s}。", name),
		EN: fmt.Sprintf("{%s} is missing", name),
	}
}

func wrongSection(raw, zh, en string) Problem {
	return Problem{What: WrongSection, Detail: raw, ZH: fmt.Sprintf("%s：%s。", raw, zh), EN: raw + " " + en}
}

func oddCharacter(r rune) Problem {
	shown := fmt.Sprintf("%U", r)
	return Problem{
		What: OddCharacter, Detail: shown,
		ZH: fmt.Sprintf("字符%s不能用在短信里；请用简体中文、英文字母、数字和常用标点。", shown),
		EN: fmt.Sprintf("the character %s may not stand in a text message; simplified Chinese, English letters, digits and ordinary punctuation may", shown),
	}
}

func wordInText(word string) Problem {
	return Problem{
		What: WordInText, Detail: word,
		ZH: fmt.Sprintf("不能出现“%s”，拆开写或换个写法也不行：短信可能被别人看到。", word),
		EN: fmt.Sprintf("says %q, in whatever form; somebody else may read the message", word),
	}
}

func linkInText(link string) Problem {
	return Problem{
		What: LinkInText, Detail: link,
		ZH: fmt.Sprintf("不能写链接（%s）；需要时只用{address}，前后不要紧跟字母、数字或斜杠。", link),
		EN: fmt.Sprintf("has a link (%s); {address} alone may stand there, apart from letters, digits and slashes", link),
	}
}

func replyOutside(word string) Problem {
	return Problem{
		What: ReplyOutside, Detail: word,
		ZH: fmt.Sprintf("“%s”只能写在方括号里，如[1:能来请回复1，]：不是每个通道都能收到回复。", word),
		EN: fmt.Sprintf("%q may only stand in a section, such as [1:Reply 1 if you come. ]: not every gateway brings replies", word),
	}
}

func tooLong(segments int) Problem {
	return Problem{
		What: TooLong, Detail: fmt.Sprint(segments),
		ZH: fmt.Sprintf("最长时要发%d条，不能超过%d条。", segments, MostSegments),
		EN: fmt.Sprintf("takes %d segments at its longest, more than %d", segments, MostSegments),
	}
}
