package messages

import "testing"

func TestAReplyIsOneWordHoweverItIsTyped(t *testing.T) {
	for want, texts := range map[Reply][]string{
		ReplyConfirm: {"1", " 1 ", "１", "1。", "1.", "1！", "1\n", "确认", "确 认", "確認", "确认！！", "1\u200b", "1\ufe0f\u20e3", "\u30001\u3000"},
		ReplyCancel:  {"2", "２", "取消", "取消。", "取 消", "2～", "2…"},
		ReplyStop:    {"T", "t", "Ｔ", "ｔ", "退订", "退訂", "退订。", " T. "},
		ReplyOther: {
			"", " ", "。", "12", "1 2", "11", "1?", "取消？", "我要取消", "不取消", "1，谢谢", "TD", "N", "二", "一", "确认取消", "①",
			"1.5", "-1", "。1", "【1】", "回复1", "yes", "stop", "1月", "T恤",
		},
	} {
		for _, text := range texts {
			if got := ParseReply(text); got != want {
				t.Errorf("%q is %s, want %s", text, got, want)
			}
		}
	}
}

func TestAReceiptIsNeverMovedBackwards(t *testing.T) {
	const sent = Receipt("sent") // no state of ours
	for _, c := range []struct {
		old  Receipt
		next []Receipt
	}{
		{ReceiptAwaited, []Receipt{ReceiptNone, ReceiptFailed, ReceiptDelivered}},
		{ReceiptNone, []Receipt{ReceiptFailed, ReceiptDelivered}},
		{ReceiptFailed, nil},
		{ReceiptDelivered, nil},
		{sent, nil},
	} {
		for _, r := range []Receipt{ReceiptAwaited, ReceiptNone, ReceiptFailed, ReceiptDelivered, sent} {
			want := false
			for _, n := range c.next {
				want = want || n == r
			}
			if got := r.After(c.old); got != want {
				t.Errorf("%q after %q: %v, want %v", r, c.old, got, want)
			}
			if r.Final() && sent.After(r) {
				t.Errorf("%q is final and was replaced", r)
			}
		}
	}
}
