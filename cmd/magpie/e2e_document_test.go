package main_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"magpie/cmd/magpie/e2etest"
)

// operation is one operation of the served OpenAPI document.
type operation struct {
	method, path string
	ID           string                     `json:"operationId"`
	Security     []map[string][]string      `json:"security"`
	Parameters   []map[string]any           `json:"parameters"`
	Body         map[string]any             `json:"requestBody"`
	Responses    map[string]json.RawMessage `json:"responses"`
}

func (o operation) String() string { return o.method + " " + o.path }

// answers says whether the document describes a status of the operation.
func (o operation) answers(status int) bool { return o.Responses[strconv.Itoa(status)] != nil }

func (o operation) takes(token string) bool {
	return slices.ContainsFunc(o.Security, func(s map[string][]string) bool { return s[token] != nil })
}

// everything asks whether every operation and every code has been seen.
func (o *tour) everything() {
	seen, seenCodes := make(map[string]bool), make(map[string]bool)
	for _, one := range o.site.Seen() {
		seenCodes[one.Code] = true
		for _, op := range o.operations {
			if op.method == one.Method && op.matches(one.Path) {
				seen[op.String()+" "+strconv.Itoa(one.Status)] = true
				seen[op.String()+" "+strconv.Itoa(one.Status/100)+"XX"] = true
			}
		}
	}
	// No gateway that pushes by POST is in this walk.
	seen["POST /hooks/{gateway}/{secret} 2XX"] = true
	// There are offices already; TestServePrintsWhereAFirstOfficeIsSetUp has none.
	seen["POST /api/v1/setup 201"] = true
	// Nor is there an office's own log-in service: TestStaffLogInByAnOpenIDProvider.
	seen["POST /api/v1/staff/login/oidc/begin 200"], seen["POST /api/v1/staff/login/oidc 200"] = true, true
	for _, op := range o.operations {
		for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
			// What the whole server answers is exercised once and not everywhere,
			// and not every operation has each conflict.
			if !slices.Contains([]string{"409", "429", "500", "503"}, status) && !seen[op.String()+" "+status] {
				o.Errorf("%s was never answered %s", op, status)
			}
		}
	}
	for _, code := range codes {
		if !seenCodes[code] {
			o.Errorf("the code %s was never answered", code)
		}
	}
}

// client is somebody whose token the operation takes.
func (o *tour) client(op operation) *e2etest.Client {
	switch {
	case op.ID == "ListAudit", op.ID == "LogOut":
		return o.audit
	case strings.HasPrefix(op.path, "/api/v1/staff/me/"):
		return o.counsellor
	case op.takes("staff"):
		return o.chief
	case op.takes("citizen"):
		return o.citizen.Client
	}
	return o.server.Client(o.T)
}

// forbidden is somebody among staff whom the operation does not let in.
func (o *tour) forbidden(op operation) *e2etest.Client {
	switch op.ID {
	case "ListAudit":
		return o.desk
	case "ListMessages", "GetSending", "ListTexts", "ListTextVersions":
		return o.counsellor
	}
	return o.audit
}

// wrongKind is a good token of the other kind.
func (o *tour) wrongKind(op operation) string {
	if op.takes("staff") {
		return o.citizen.Token
	}
	return o.chief.Token
}

var parameter = regexp.MustCompile(`\{[a-z]+\}`)

// fill puts values into an operation's address: of things that there are, or
// of things that there are not.
func (o *tour) fill(op operation, path string, unknown bool) string {
	values := map[string]string{
		"{office}": "anhua", "{reference}": o.reference, "{username}": "c01", "{hold}": "AAAAAAAAAAAAAAAAAAAAAA", "{id}": "7",
		"{kind}": "reminder", "{locale}": "zh", "{version}": "1", "{year}": "2027", "{gateway}": "kannel", "{secret}": hookSecret,
	}
	if unknown {
		values = map[string]string{"{office}": "nowhere", "{reference}": "00000000", "{username}": "nobody", "{hold}": "AAAAAAAAAAAAAAAAAAAAAA", "{id}": "no~such",
			"{kind}": "birthday", "{locale}": "fr", "{version}": "0", "{year}": "1999"}
	}
	path = parameter.ReplaceAllStringFunc(path, func(name string) string { return values[name] })
	query := make([]string, 0, 4)
	for _, p := range op.Parameters {
		name, _ := p["name"].(string)
		if value := map[string]string{"service": "talk", "from": "2026-03-02", "to": "2026-03-03", "received": "2026-03-02", "date": "2026-03-03"}[name]; value != "" && p["required"] == true {
			query = append(query, name+"="+value)
		}
		if ref, _ := p["$ref"].(string); strings.HasSuffix(ref, "/From") || strings.HasSuffix(ref, "/To") {
			query = append(query, map[bool]string{true: "from=2026-03-02", false: "to=2026-03-03"}[strings.HasSuffix(ref, "/From")])
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + strings.Join(query, "&")
}

// body is one that the operation would take.
func (o *tour) body(op operation) []byte {
	start := e2etest.At(2, 9, 0).Format(time.RFC3339)
	switch op.ID {
	case "SendCode":
		return []byte(`{"phone":"` + o.site.NewPhone() + `"}`)
	case "ConfirmCode":
		return []byte(`{"code":"000000"}`)
	case "SignIn":
		return []byte(`{"phone":"` + o.site.NewPhone() + `","code_word":"槿榆槐柳"}`)
	case "SetCodeWord":
		return []byte(`{"code_word":null}`)
	case "AskErasure":
		return []byte(`{"verification":"AAAAAAAAAAAAAAAAAAAAAA","code":"000000"}`)
	case "HoldTime":
		return []byte(`{"service":"talk","start":"` + start + `"}`)
	case "BookAppointment", "BookForCaller":
		return []byte(`{"service":"talk","start":"` + start + `","parties":[{"name":"` + o.site.NewName() + `"}]}`)
	case "MoveAppointment", "MoveForCitizen", "CheckMove", "TakeOffer", "TakeOfferFor":
		return []byte(`{"start":"` + start + `"}`)
	case "BookSeries":
		return []byte(`{"service":"talk","start":"` + start + `","count":2,"every_weeks":1,"parties":[{"name":"` + o.site.NewName() + `"}]}`)
	case "SetAttendance":
		return []byte(`{"parties":[{"id":"7","attendance":"came"}]}`)
	case "OfferTimes":
		return []byte(`{"starts":["` + start + `"]}`)
	case "TryTask":
		return []byte(`{"outcome":"nobody"}`)
	case "AskImpact":
		return []byte(`{"what":"office","from":"2026-06-01","to":"2026-06-01"}`)
	case "HandOver":
		return []byte(`{"plan":[]}`)
	case "TakeTimeOff":
		return []byte(`{"from":"2026-06-01","to":"2026-06-01"}`)
	case "CancelAppointment", "CancelForCitizen", "CancelRestOfSeries", "SetContactWish", "SetContactWishFor":
		return []byte(`{}`)
	case "SetOwnCalendar":
		return []byte(`{"details":false}`)
	case "SetOutsideCalendar":
		return []byte(`{"kind":"ics","url":"https://calendar.example/x.ics"}`)
	case "MakeAppPassword":
		return []byte(`{"name":"平板"}`)
	case "ResolveMessage":
		return []byte(`{"outcome":"sent"}`)
	case "SetSending":
		return []byte(`{"stopped":false}`)
	case "SetText":
		return []byte(`{"body":"{start}"}`)
	case "ConfirmSecondFactor", "RenewRecoveryCodes", "RemoveSecondFactor", "RemovePasskey":
		return []byte(`{"otp":"000000"}`)
	case "BeginIdentityLogin":
		return []byte(`{"office":"anhua"}`)
	case "LogInByIdentity":
		return []byte(`{"state":"none","code":"none"}`)
	case "LogInByPasskey":
		return []byte(`{"id":"none","credential":{}}`)
	case "AddPasskey":
		return []byte(`{"id":"none","credential":{},"name":"x"}`)
	case "RenamePasskey":
		return []byte(`{"name":"x"}`)
	case "BeginPasskey", "BeginSecondFactor":
		return []byte(`{}`)
	case "ActInRole":
		return []byte(`{"role":null}`)
	case "PutOfficeFile":
		return []byte(`{"revision":1,"file":"office: {}"}`)
	case "UndoOfficeVersion":
		return []byte(`{"revision":1}`)
	case "PutHolidayYear":
		return []byte(`{"table":"2027-01-01,元旦,true"}`)
	case "SetUp":
		return []byte(`{"token":"mpl_unknown","code":"taojiang","region":"430922","name":{"zh":"桃江县民政局婚姻登记处","en":""},"address":{"zh":"桃花江镇","en":""},"phone":"0737-8880000","sms_signature":"桃江民政","username":"zhuren","director":{"zh":"主任","en":"Director"},"password":"correct horse battery"}`)
	case "SetPasswordByLink":
		return []byte(`{"token":"mpl_unknown","password":"correct horse battery"}`)
	case "FinishTask":
		return []byte(`{"outcome":"settled"}`)
	}
	return nil
}

// hook says that the operation is for gateways: what it takes and answers is
// their vendors'.
func (o operation) hook() bool { return strings.HasPrefix(o.path, "/hooks/") }

// takesNobody says that the operation needs no token.
func (o operation) takesNobody() bool {
	return slices.ContainsFunc(o.Security, func(s map[string][]string) bool { return len(s) == 0 }) && o.ID != "BookAppointment"
}

func (o operation) keyed() bool {
	return slices.ContainsFunc(o.Parameters, func(p map[string]any) bool {
		ref, _ := p["$ref"].(string)
		return strings.HasSuffix(ref, "Key")
	})
}

func (o operation) keyRequired() bool {
	return slices.ContainsFunc(o.Parameters, func(p map[string]any) bool { return p["$ref"] == "#/components/parameters/IdempotencyKey" })
}

// matches says whether a path is one of the operation's; one written out, such
// as /offices/{office}/holds, goes before none of the same length here.
func (o operation) matches(path string) bool {
	want, got := strings.Split(o.path, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(w, g string) bool { return w == g || strings.HasPrefix(w, "{") })
}
