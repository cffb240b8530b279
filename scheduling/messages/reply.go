package messages

import (
	"strings"
	"unicode"
)

// Reply is what somebody who answered a text message wants.
type Reply string

// What a reply can be.
const (
	ReplyConfirm Reply = "confirm" // 1 or 确认: they come
	ReplyCancel  Reply = "cancel"  // 2 or 取消: they do not come
	ReplyStop    Reply = "stop"    // T or 退订: no more reminders
	ReplyOther   Reply = "other"   // for the desk to read
)

// ParseReply reads a reply. Full-width and traditional forms, small letters,
// spaces, invisible characters and closing punctuation do not matter. A
// question mark does: 取消？ asks. Whatever says more than the one word is
// other, since nobody should lose a time by a sentence that was not understood.
func ParseReply(text string) Reply {
	switch strings.TrimRight(replyWord(text), closing) {
	case "1", "确认":
		return ReplyConfirm
	case "2", "取消":
		return ReplyCancel
	case "t", "退订":
		return ReplyStop
	}
	return ReplyOther
}

// closing is what people end a word with.
const closing = ".,;!~…、。｡"

func replyWord(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, narrow(text))
}
