package sms

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// TencentOptions are the settings of Tencent Cloud SMS.
type TencentOptions struct {
	// SecretID and SecretKey are a key whose owner may call sms:SendSms, AppID is
	// the SmsSdkAppId of the application, and Region is such as ap-guangzhou.
	SecretID, SecretKey, AppID, Region string
	// Endpoint is where SendSms is called; nil: https://sms.tencentcloudapi.com/.
	Endpoint *url.URL
}

// tencent speaks SendSms of Tencent Cloud SMS (cloud.tencent.com, document
// 382/55981), version 2021-01-11.
type tencent struct {
	endpoint                           url.URL
	secretID, secretKey, appID, region string
	line                               *line
	// now is the machine's clock, since the vendor holds the time of a request
	// against its own and refuses one that is five minutes off.
	now func() time.Time
}

func openTencent(o Options) (*tencent, error) {
	if o.Setting != "tencent:" {
		return nil, errors.New("tencent: may be followed by nothing")
	}
	t := o.Tencent
	if t.SecretID == "" || t.SecretKey == "" || t.AppID == "" || t.Region == "" {
		return nil, errors.New("tencent: needs a secret id and key, an application's id and a region")
	}
	u, err := cloudEndpoint(t.Endpoint, "sms.tencentcloudapi.com")
	if err != nil {
		return nil, err
	}
	return &tencent{
		endpoint: u, secretID: t.SecretID, secretKey: t.SecretKey, appID: t.AppID, region: t.Region,
		line: newLine(), now: monotonic,
	}, nil
}

// Send makes one request and reads its answer.
func (t *tencent) Send(ctx context.Context, m Message) (string, error) {
	template, failed := m.template("tencent")
	if failed != nil {
		return "", failed
	}
	req, failed := t.request(ctx, m, template)
	if failed != nil {
		return "", failed
	}
	got, failed := t.line.do(ctx, req)
	if failed != nil {
		return "", failed
	}
	serialNo, failed := judgeTencent(got)
	if failed != nil {
		return "", failed
	}
	return serialNo, nil
}

// tencentSendSms is the body of a SendSms; the variables go by their place.
type tencentSendSms struct {
	PhoneNumberSet   []string
	AppID            string `json:"SmsSdkAppId"`
	TemplateID       string `json:"TemplateId"`
	SignName         string
	TemplateParamSet []string
	SessionContext   string
}

func (t *tencent) request(ctx context.Context, m Message, template string) (*http.Request, *Error) {
	values := make([]string, 0, len(m.Params))
	for _, p := range m.Params {
		values = append(values, p.Value)
	}
	body, failed := written(tencentSendSms{
		PhoneNumberSet:   []string{"+86" + m.Number()},
		AppID:            t.appID,
		TemplateID:       template,
		SignName:         m.Signature,
		TemplateParamSet: values,
		SessionContext:   m.ID,
	})
	if failed != nil {
		return nil, failed
	}
	req, failed := post(ctx, t.endpoint, body)
	if failed != nil {
		return nil, failed
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("X-TC-Action", "SendSms")
	req.Header.Set("X-TC-Version", "2021-01-11")
	req.Header.Set("X-TC-Region", t.region)
	req.Header.Set("X-TC-Timestamp", strconv.FormatInt(t.now().Unix(), 10))
	signTencent(req, body, "sms", t.secretID, t.secretKey)
	return req, nil
}

// judgeTencent reads an answer: the SerialNo of a message that was taken. An
// error of the whole request stands in Error, one of this number in its status.
func judgeTencent(got answer) (serialNo string, failed *Error) {
	type status struct{ SerialNo, Code string }
	var said struct {
		Response struct {
			Error         *status
			SendStatusSet []status
		}
	}
	var of status
	if json.Unmarshal(got.body, &said) == nil {
		switch r := said.Response; {
		case r.Error != nil:
			of.Code = r.Error.Code
		case len(r.SendStatusSet) == 1:
			of = r.SendStatusSet[0]
		}
	}
	if failed := judgeCloud(got.status, of.Code, "Ok", tencentCodes); failed != nil {
		return "", failed
	}
	return gatewayID(of.SerialNo), nil
}
