package sms

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// tc3 is the name of Tencent Cloud's signature V3 (cloud.tencent.com, document
// api/270/35296).
const tc3 = "TC3-HMAC-SHA256"

// signTencent signs a POST without a query to one of Tencent Cloud's services,
// whose X-TC-Timestamp is set already: the key is good for the service and the
// UTC day of that time.
func signTencent(req *http.Request, body []byte, service, secretID, secretKey string) {
	stamp := req.Header.Get("X-TC-Timestamp")
	seconds, _ := strconv.ParseInt(stamp, 10, 64) // the caller wrote it
	day := time.Unix(seconds, 0).UTC().Format(time.DateOnly)
	canonical, signed := canonicalHeaders(map[string]string{
		"content-type": req.Header.Get("Content-Type"),
		"host":         req.URL.Host,
	})
	request := strings.Join([]string{
		req.Method, req.URL.EscapedPath(), "", canonical, signed, hexSHA256(body),
	}, "\n")
	scope := day + "/" + service + "/tc3_request"
	key := hmacSHA256(hmacSHA256(hmacSHA256([]byte("TC3"+secretKey), day), service), "tc3_request")
	signature := hmacSHA256(key, strings.Join([]string{tc3, stamp, scope, hexSHA256([]byte(request))}, "\n"))
	req.Header.Set("Authorization",
		tc3+" Credential="+secretID+"/"+scope+", SignedHeaders="+signed+", Signature="+hex.EncodeToString(signature))
}
