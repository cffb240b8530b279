package sms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// acs3 is the name of Alibaba Cloud's signature V3 (help.aliyun.com, document
// 2593177).
const acs3 = "ACS3-HMAC-SHA256"

// canonicalQuery writes parameters sorted and escaped as RFC 3986 has it, which
// is how they are sent and how they are signed.
func canonicalQuery(q url.Values) string {
	return strings.ReplaceAll(q.Encode(), "+", "%20")
}

// signAliyun signs a request whose query is canonical: the host and every
// x-acs- header that stands in it.
func signAliyun(req *http.Request, body []byte, keyID, keySecret string) {
	req.Header.Set("X-Acs-Content-Sha256", hexSHA256(body))
	headers := map[string]string{"host": req.URL.Host}
	for name := range req.Header {
		if name := strings.ToLower(name); strings.HasPrefix(name, "x-acs-") {
			headers[name] = strings.TrimSpace(req.Header.Get(name))
		}
	}
	canonical, signed := canonicalHeaders(headers)
	request := strings.Join([]string{
		req.Method, req.URL.EscapedPath(), req.URL.RawQuery, canonical, signed, hexSHA256(body),
	}, "\n")
	signature := hmacSHA256([]byte(keySecret), acs3+"\n"+hexSHA256([]byte(request)))
	req.Header.Set("Authorization",
		acs3+" Credential="+keyID+",SignedHeaders="+signed+",Signature="+hex.EncodeToString(signature))
}

// canonicalHeaders writes headers with names in lower case, one a line and
// sorted, and lists their names.
func canonicalHeaders(headers map[string]string) (lines, names string) {
	sorted := make([]string, 0, len(headers))
	for name := range headers {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	for _, name := range sorted {
		lines += name + ":" + headers[name] + "\n"
	}
	return lines, strings.Join(sorted, ";")
}

func hexSHA256(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func hmacSHA256(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
