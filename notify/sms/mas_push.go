package sms

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// masPushed is an element of either push of 云MAS: of a report (状态报告), which
// alone has reportStatus, or of a text that a phone sent (上行短信), which alone
// has smsContent.
type masPushed struct {
	Mobile  numbers `json:"mobile"`
	Mobiles numbers `json:"mobiles"` // reports of some gateways

	ReportStatus *string `json:"reportStatus"`
	ErrorCode    string  `json:"errorCode"`
	ReceiveDate  string  `json:"receiveDate"`
	MsgGroup     *string `json:"msgGroup"`

	SMSContent *string `json:"smsContent"`
	SendTime   string  `json:"sendTime"`
}

// numbers is one number, several with commas between them, or a list.
type numbers []string

// UnmarshalJSON takes any of these.
func (n *numbers) UnmarshalJSON(raw []byte) error {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		*n = list
		return nil
	}
	var joined string
	if err := json.Unmarshal(raw, &joined); err != nil {
		return err
	}
	*n = strings.Split(joined, ",")
	return nil
}

// ReadPush reads reports and replies. The document asks for no more than that
// the call is answered; the word is the one that the gateway itself uses. It
// signs nothing.
func (d *mas) ReadPush(r PushRequest) (Push, error) {
	r.Body = masJSON(r.Body)
	items, ok := pushed[masPushed](r)
	if !ok {
		return Push{}, ErrNotAPush
	}
	push := Push{Answer: Answer{Status: http.StatusOK, ContentType: "application/json", Body: `{"rspcod":"success"}`}}
	for _, item := range items {
		switch {
		case item.isReport():
			push.Receipts = append(push.Receipts, item.receipts()...)
		case item.isReply():
			push.Replies = append(push.Replies, item.reply()...)
		default:
			return Push{}, ErrNotAPush
		}
	}
	return push, nil
}

func (p masPushed) isReport() bool {
	return p.ReportStatus != nil && p.MsgGroup != nil && p.SMSContent == nil && len(p.Mobile)+len(p.Mobiles) > 0
}

func (p masPushed) isReply() bool {
	return p.SMSContent != nil && p.ReportStatus == nil && len(p.Mobile) == 1
}

// masUnderWay are the reports that say only how far a message is: taken by the
// platform (CM:0000), by the carrier's gateway (CM:3000), or by the centre.
var masUnderWay = map[string]bool{"CM:0000": true, "CM:3000": true, "ACCEPTD": true, "ENROUTE": true, "": true}

// receipts is one for each number of a batch: the batch number alone may stand
// for several messages.
func (p masPushed) receipts() []Receipt {
	group := gatewayID(*p.MsgGroup)
	if masUnderWay[*p.ReportStatus] || group == "" {
		return nil
	}
	var out []Receipt
	for _, number := range append(p.Mobile, p.Mobiles...) {
		to, ok := mobile(number)
		if !ok {
			continue
		}
		receipt := Receipt{GatewayID: group, To: to, Delivered: *p.ReportStatus == "DELIVRD", At: masTime(p.ReceiveDate)}
		if !receipt.Delivered {
			receipt.Reason = codeOr(p.ErrorCode, codeOr(*p.ReportStatus, "failed"))
		}
		out = append(out, receipt)
	}
	return out
}

// reply leaves out what no person's phone sent. The vendor gives replies no id.
func (p masPushed) reply() []Reply {
	from, ok := mobile(p.Mobile[0])
	if !ok {
		return nil
	}
	return []Reply{{From: from, Text: *p.SMSContent, At: masTime(p.SendTime)}}
}

// masTime reads a time of Beijing in either of the forms that gateways write;
// zero where it is another.
func masTime(written string) time.Time {
	if t, err := time.ParseInLocation("20060102150405", written, beijing); err == nil {
		return secondsSince1970(t.Unix())
	}
	return beijingTime(written)
}
