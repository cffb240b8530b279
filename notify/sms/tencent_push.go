package sms

import (
	"net/http"
	"time"
)

// tencentPushed is an element of either callback of Tencent Cloud SMS: of a
// status (cloud.tencent.com, document 382/5807), which alone has report_status,
// or of a reply (document 382/43548 of the international site), which alone has
// text.
type tencentPushed struct {
	NationCode *string `json:"nationcode"`
	Mobile     *string `json:"mobile"`

	ReportStatus    *string `json:"report_status"`
	ErrMsg          *string `json:"errmsg"`
	UserReceiveTime *string `json:"user_receive_time"`
	SID             *string `json:"sid"`

	Text *string `json:"text"`
	Time *int64  `json:"time"` // Unix seconds
}

// ReadPush reads both callbacks. The vendor takes 200 with result 0 for
// received. It signs nothing, and gives a reply no id.
func (t *tencent) ReadPush(r PushRequest) (Push, error) {
	items, ok := pushed[tencentPushed](r)
	if !ok {
		return Push{}, ErrNotAPush
	}
	push := Push{Answer: Answer{Status: http.StatusOK, ContentType: "application/json", Body: `{"result":0,"errmsg":"OK"}`}}
	for _, item := range items {
		switch {
		case item.isStatus():
			push.Receipts = append(push.Receipts, item.receipt()...)
		case item.isReply():
			push.Replies = append(push.Replies, item.reply()...)
		default:
			return Push{}, ErrNotAPush
		}
	}
	return push, nil
}

func (p tencentPushed) isStatus() bool {
	return p.NationCode != nil && p.Mobile != nil && p.ReportStatus != nil && p.ErrMsg != nil &&
		p.UserReceiveTime != nil && p.SID != nil && p.Text == nil
}

func (p tencentPushed) isReply() bool {
	return p.NationCode != nil && p.Mobile != nil && p.Text != nil && p.Time != nil && p.ReportStatus == nil
}

// number is the sender's or receiver's, if it is a Chinese one.
func (p tencentPushed) number() (string, bool) {
	if code := *p.NationCode; code != "86" && code != "+86" {
		return "", false
	}
	return mobile(*p.Mobile)
}

// receipt leaves out a status that is neither of the two that are documented.
func (p tencentPushed) receipt() []Receipt {
	to, _ := p.number()
	receipt := Receipt{GatewayID: gatewayID(*p.SID), To: to, At: beijingTime(*p.UserReceiveTime)}
	switch *p.ReportStatus {
	case "SUCCESS":
		receipt.Delivered = true
	case "FAIL":
		receipt.Reason = codeOr(*p.ErrMsg, "failed")
	default:
		return nil
	}
	return []Receipt{receipt}
}

// reply leaves out what no person's phone sent, such as a carrier's
// advertisement: nobody waits for it.
func (p tencentPushed) reply() []Reply {
	from, ok := p.number()
	if !ok {
		return nil
	}
	return []Reply{{From: from, Text: *p.Text, At: secondsSince1970(*p.Time)}}
}

// secondsSince1970 gives a time that any database can hold; zero for any other.
func secondsSince1970(seconds int64) time.Time {
	if seconds <= 0 || seconds >= 1<<32 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
