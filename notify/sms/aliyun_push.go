package sms

import "net/http"

// aliyunPushed is an element of either push of Alibaba Cloud SMS: of SmsReport
// (help.aliyun.com, document 101867), which alone has success, or of SmsUp
// (document 101847), which alone has content.
type aliyunPushed struct {
	PhoneNumber *string `json:"phone_number"`

	Success    *bool   `json:"success"`
	ErrCode    *string `json:"err_code"`
	ReportTime *string `json:"report_time"`
	BizID      *string `json:"biz_id"`
	// OutID is missing where somebody sent without one, over the same account.
	OutID string `json:"out_id"`

	Content    *string `json:"content"`
	SendTime   *string `json:"send_time"`
	SequenceID *word   `json:"sequence_id"`
}

// ReadPush reads SmsReport and SmsUp. The vendor takes 200 and a number in code
// for received, and pushes again after 1, 5 and 10 minutes otherwise. It signs
// nothing.
func (a *aliyun) ReadPush(r PushRequest) (Push, error) {
	items, ok := pushed[aliyunPushed](r)
	if !ok {
		return Push{}, ErrNotAPush
	}
	push := Push{Answer: Answer{Status: http.StatusOK, ContentType: "application/json", Body: `{"code":0,"msg":"接收成功"}`}}
	for _, item := range items {
		switch {
		case item.isReport():
			push.Receipts = append(push.Receipts, item.receipt())
		case item.isUp():
			push.Replies = append(push.Replies, item.reply()...)
		default:
			return Push{}, ErrNotAPush
		}
	}
	return push, nil
}

func (p aliyunPushed) isReport() bool {
	return p.PhoneNumber != nil && p.Success != nil && p.ErrCode != nil && p.ReportTime != nil && p.BizID != nil && p.Content == nil
}

func (p aliyunPushed) isUp() bool {
	return p.PhoneNumber != nil && p.Content != nil && p.SendTime != nil && p.SequenceID != nil && p.Success == nil
}

func (p aliyunPushed) receipt() Receipt {
	to, _ := mobile(*p.PhoneNumber)
	receipt := Receipt{
		ID: p.OutID, GatewayID: gatewayID(*p.BizID), To: to,
		Delivered: *p.Success, At: beijingTime(*p.ReportTime),
	}
	if !receipt.Delivered {
		receipt.Reason = codeOr(*p.ErrCode, "failed")
	}
	return receipt
}

// reply leaves out what no person's phone sent, such as a carrier's
// advertisement: nobody waits for it.
func (p aliyunPushed) reply() []Reply {
	from, ok := mobile(*p.PhoneNumber)
	if !ok {
		return nil
	}
	return []Reply{{ID: gatewayID(string(*p.SequenceID)), From: from, Text: *p.Content, At: beijingTime(*p.SendTime)}}
}
