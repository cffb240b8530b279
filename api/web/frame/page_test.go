package frame_test

import (
	"html/template"
	"strings"
	"testing"

	"magpie/api/web/frame"
)

func TestATelephoneNumberIsALinkThatDials(t *testing.T) {
	for phone, want := range map[string]string{
		"110": "tel:110", "0737-7220000": "tel:0737-7220000", "0737-722 0000": "tel:0737-7220000", "（0737）7220000": "tel:07377220000",
		"+86 737 7220000": "tel:+867377220000", "0737-7220000转801": "tel:0737-7220000", `110" onclick="x`: "tel:110", "javascript:1": "tel:",
	} {
		if got := (frame.Page{}).Dial(phone); string(got) != want {
			t.Errorf("%q dials %q, want %q", phone, got, want)
		}
	}
	var out strings.Builder
	page := template.Must(template.New("").Parse(`<a href="{{.Dial "110"}}">110</a>`))
	if err := page.Execute(&out, frame.Page{}); err != nil || out.String() != `<a href="tel:110">110</a>` {
		t.Errorf("in a page it is %s, %v", out.String(), err)
	}
}
