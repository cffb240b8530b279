package sms

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5" //nolint:gosec // the vendor's mac is MD5; the way to it is the government's network
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
)

// masTemplatePath is the end of the address that sends approved templates.
const masTemplatePath = "/tmpsubmit"

// MASOptions are an enterprise's account at China Mobile 云MAS.
type MASOptions struct {
	// ECName, APID and SecretKey are the enterprise, the interface's account and
	// its key, as the console shows them.
	ECName, APID, SecretKey string
	// Signs are the console's codes of the registered signatures, by signature.
	Signs map[string]string
	// AddSerial is what is added to the sender's number, digits; empty: nothing.
	AddSerial string
}

// mas speaks the HTTP interface of China Mobile 云MAS: /sms/norsubmit, over TLS
// /sms/submit, for free text, and /sms/tmpsubmit for approved templates. Each
// province has an address of its own. The interface knows no idempotence and no
// validity, and says of a request no more than that its data were right: what
// became of the message is in the report.
type mas struct {
	endpoint url.URL
	options  MASOptions
	template bool
	line     *line
}

func openMAS(o Options) (*mas, error) {
	u, err := address(o.Setting)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("mas+ is followed by http:// or https://")
	case u.User != nil:
		return nil, errors.New("the account of mas+ has settings of its own")
	case o.MAS.ECName == "" || o.MAS.APID == "" || o.MAS.SecretKey == "":
		return nil, errors.New("mas+ needs the enterprise's name, the account and its key")
	case len(o.MAS.Signs) == 0:
		return nil, errors.New("mas+ needs the code of each signature")
	}
	return &mas{endpoint: *u, options: o.MAS, template: Templated(o.Setting), line: newLine()}, nil
}

// masSubmitted is a request of either kind, in the order of the vendor's
// document. The key is not in it, only in the mac.
type masSubmitted struct {
	ECName     string `json:"ecName"`
	APID       string `json:"apId"`
	TemplateID string `json:"templateId,omitempty"`
	Mobiles    string `json:"mobiles"`
	Content    string `json:"content,omitempty"`
	Params     string `json:"params,omitempty"`
	Sign       string `json:"sign"`
	AddSerial  string `json:"addSerial"`
	MAC        string `json:"mac"`
}

// Send makes one request and reads its answer.
func (d *mas) Send(ctx context.Context, m Message) (string, error) {
	submitted, failed := d.submitted(m)
	if failed != nil {
		return "", failed
	}
	text, failed := written(submitted)
	if failed != nil {
		return "", failed
	}
	req, failed := post(ctx, d.endpoint, []byte(base64.StdEncoding.EncodeToString(text)))
	if failed != nil {
		return "", failed
	}
	req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	got, failed := d.line.do(ctx, req)
	if failed != nil {
		return "", failed
	}
	group, failed := judgeMAS(got)
	if failed != nil {
		return "", failed
	}
	return group, nil
}

func (d *mas) submitted(m Message) (masSubmitted, *Error) {
	sign, known := d.options.Signs[m.Signature]
	if !known {
		return masSubmitted{}, &Error{Class: SetUp, Detail: "MAGPIE_MAS_SIGNS has no code of this message's signature"}
	}
	s := masSubmitted{
		ECName: d.options.ECName, APID: d.options.APID, Mobiles: m.Number(),
		Sign: sign, AddSerial: d.options.AddSerial,
	}
	if !d.template {
		s.Content = m.Body
		s.MAC = s.mac(d.options.SecretKey)
		return s, nil
	}
	var failed *Error
	if s.TemplateID, failed = m.template("mas"); failed != nil {
		return masSubmitted{}, failed
	}
	if s.Params, failed = masParams(m.Params); failed != nil {
		return masSubmitted{}, failed
	}
	s.MAC = s.mac(d.options.SecretKey)
	return s, nil
}

// mac is the vendor's: the lower-case MD5 of the fields and the key, one after
// the other, templateId and params taking the places before and after mobiles
// where content would stand.
func (s masSubmitted) mac(secretKey string) string {
	joined := s.ECName + s.APID + secretKey + s.TemplateID + s.Mobiles + s.Content + s.Params + s.Sign + s.AddSerial
	sum := md5.Sum([]byte(joined)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

// masParams are a template's variables as the vendor wants them, a JSON list in
// a string; [""] stands for none.
func masParams(params []Param) (string, *Error) {
	values := make([]string, 0, len(params))
	for _, p := range params {
		values = append(values, p.Value)
	}
	if len(values) == 0 {
		values = []string{""}
	}
	var list bytes.Buffer
	out := json.NewEncoder(&list)
	out.SetEscapeHTML(false) // the vendor takes the mac of the list as it reads it
	if err := out.Encode(values); err != nil {
		return "", unwritable()
	}
	return strings.TrimSpace(list.String()), nil
}

// judgeMAS reads an answer: the batch number of a message that was taken.
func judgeMAS(got answer) (group string, failed *Error) {
	var said masAnswer
	if json.Unmarshal(masJSON(got.body), &said) != nil {
		said = masAnswer{}
	}
	code, ok := said.code()
	failed = judgeCloud(got.status, code, masTaken, masCodes)
	if failed != nil {
		return "", failed
	}
	if !ok {
		return "", &Error{Class: Uncertain, Detail: "an answer that says both yes and no"}
	}
	return gatewayID(cmp.Or(said.MsgGroup, said.MgsGroup)), nil
}

// masAnswer is an answer. The document's own example misspells the batch
// number, and gateways follow either.
type masAnswer struct {
	RspCod   string          `json:"rspcod"`
	Success  json.RawMessage `json:"success"`
	MsgGroup string          `json:"msgGroup"`
	MgsGroup string          `json:"mgsGroup"`
}

// code is what the answer says, in the documented words: the yes of a province
// may stand in rspcod as another word, but then in success as well. It is not ok
// where the two contradict one another.
func (a masAnswer) code() (code string, ok bool) {
	success := strings.Trim(string(a.Success), `"`)
	_, refusal := masCodes[a.RspCod]
	switch {
	case success == "true" && !refusal:
		return masTaken, true
	case success == "true", success == "false" && a.RspCod == masTaken:
		return masTaken, false
	}
	return a.RspCod, true
}

// masJSON is the JSON of an answer or of a push: gateways write it plainly, or in
// Base64 as it is written to them.
func masJSON(body []byte) []byte {
	body = bytes.TrimSpace(body)
	if plain, err := base64.StdEncoding.DecodeString(string(body)); err == nil {
		return plain
	}
	return body
}
