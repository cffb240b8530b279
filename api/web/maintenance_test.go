package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestTheMaintenancePageNeedsNobody(t *testing.T) {
	raw, err := os.ReadFile("../../deploy/maintenance/index.html")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(page)
	if style == nil {
		t.Fatal("it has no style")
	}
	sum := sha256.Sum256([]byte(style[1]))
	if digest := base64.StdEncoding.EncodeToString(sum[:]); !strings.Contains(page, "style-src 'sha256-"+digest+"'") {
		t.Errorf("its policy does not allow its style: the digest is sha256-%s", digest)
	}
	if found := regexp.MustCompile(`<script|<link|<img|<iframe|\ssrc=|\sstyle=|\son[a-z]+=|url\(|@import|href="(?:http|/)|"/api`).FindString(page); found != "" {
		t.Errorf("it asks for something, or runs something: %s", found)
	}
	for _, language := range []string{"", ` lang="en"`} {
		_, section, _ := strings.Cut(page, "<section"+language+">")
		section, _, _ = strings.Cut(section, "</section>")
		for _, want := range []string{`href="tel:110"`, `href="tel:12338"`, `href="tel:12348"`, `href="tel:12345"`, `<p class="when"><!--`, `<p class="soon">`} {
			if !strings.Contains(section, want) {
				t.Errorf("the section%s has no %s", language, want)
			}
		}
	}
	if title := regexp.MustCompile(`<title>(.*)</title>`).FindStringSubmatch(page); title == nil || title[1] != "预约 Appointments" {
		t.Errorf("its title is %v", title)
	}
}
