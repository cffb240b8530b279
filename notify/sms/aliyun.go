package sms

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// AliyunOptions are the settings of Alibaba Cloud SMS.
type AliyunOptions struct {
	// KeyID and KeySecret are an AccessKey whose owner may call dysms:SendSms.
	KeyID, KeySecret string
	// Endpoint is where SendSms is called; nil: https://dysmsapi.aliyuncs.com/.
	Endpoint *url.URL
}

// aliyun speaks SendSms of Alibaba Cloud SMS (help.aliyun.com, document 55284),
// version 2017-05-25, which has no idempotence: whoever repeats a request that
// was taken sends twice.
type aliyun struct {
	endpoint         url.URL
	keyID, keySecret string
	line             *line
	// now is the machine's clock, since the vendor holds the date of a request
	// against its own and refuses one that is fifteen minutes off.
	now   func() time.Time
	nonce func() string
}

func openAliyun(o Options) (*aliyun, error) {
	if o.Setting != "aliyun:" {
		return nil, errors.New("aliyun: may be followed by nothing")
	}
	if o.Aliyun.KeyID == "" || o.Aliyun.KeySecret == "" {
		return nil, errors.New("aliyun: needs an AccessKey, its id and its secret")
	}
	u, err := cloudEndpoint(o.Aliyun.Endpoint, "dysmsapi.aliyuncs.com")
	if err != nil {
		return nil, err
	}
	return &aliyun{
		endpoint: u, keyID: o.Aliyun.KeyID, keySecret: o.Aliyun.KeySecret,
		line: newLine(), now: monotonic, nonce: rand.Text,
	}, nil
}

// Send makes one request and reads its answer.
func (a *aliyun) Send(ctx context.Context, m Message) (string, error) {
	template, failed := m.template("aliyun")
	if failed != nil {
		return "", failed
	}
	req, failed := a.request(ctx, m, template)
	if failed != nil {
		return "", failed
	}
	got, failed := a.line.do(ctx, req)
	if failed != nil {
		return "", failed
	}
	bizID, failed := judgeAliyun(got)
	if failed != nil {
		return "", failed
	}
	return bizID, nil
}

// request puts every parameter into the query, as the vendor's own clients do,
// and leaves the body empty.
func (a *aliyun) request(ctx context.Context, m Message, template string) (*http.Request, *Error) {
	query := url.Values{
		"PhoneNumbers": {m.Number()},
		"SignName":     {m.Signature},
		"TemplateCode": {template},
		"OutId":        {m.ID},
	}
	if len(m.Params) > 0 {
		params, failed := written(aliyunParams(m.Params))
		if failed != nil {
			return nil, failed
		}
		query.Set("TemplateParam", string(params))
	}
	u := a.endpoint
	u.RawQuery = canonicalQuery(query)
	req, failed := post(ctx, u, nil)
	if failed != nil {
		return nil, failed
	}
	req.Header.Set("X-Acs-Action", "SendSms")
	req.Header.Set("X-Acs-Version", "2017-05-25")
	req.Header.Set("X-Acs-Date", a.now().UTC().Format(time.RFC3339))
	req.Header.Set("X-Acs-Signature-Nonce", a.nonce())
	signAliyun(req, nil, a.keyID, a.keySecret)
	return req, nil
}

// aliyunParams are the variables of a template by their names: TemplateParam is
// a JSON object.
func aliyunParams(params []Param) map[string]string {
	named := make(map[string]string, len(params))
	for _, p := range params {
		named[p.Name] = p.Value
	}
	return named
}

// judgeAliyun reads an answer: the BizId of a message that was taken.
func judgeAliyun(got answer) (bizID string, failed *Error) {
	var said struct {
		Code, Message string
		BizID         string `json:"BizId"`
	}
	if json.Unmarshal(got.body, &said) != nil {
		said.Code = ""
	}
	failed = judgeCloud(got.status, said.Code, "OK", aliyunCodes)
	if failed == nil {
		return gatewayID(said.BizID), nil
	}
	if failed.Class == RetryLater && said.Code == aliyunFlowControl {
		failed.Wait = aliyunWait(said.Message)
	}
	return "", failed
}

// aliyunWait reads how much the flow control of a number counted, which the
// code does not say: 触发分钟级流控Permits:1, and the same of an hour and a day.
func aliyunWait(message string) time.Duration {
	switch {
	case strings.Contains(message, "分钟级"):
		return afterMinute
	case strings.Contains(message, "小时级"):
		return afterHour
	case strings.Contains(message, "天级"), strings.Contains(message, "月级"):
		return afterDay
	}
	return aliyunCodes[aliyunFlowControl].wait
}
