package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// send sends JSON and gives the status and the answer.
func send(t *testing.T, address, body string) (int, string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Post(address, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestServePrintsWhereAFirstOfficeIsSetUp(t *testing.T) {
	m := newMachine(t)
	server := m.start(t, "serve")
	found := regexp.MustCompile(`http://` + regexp.QuoteMeta(server.address) + `/staff/setup/(mpl_[A-Za-z0-9_-]{43})\n$`).FindStringSubmatch(server.out.String())
	if found == nil || strings.Count(server.out.String(), "\n") != 1 {
		t.Fatalf("it prints %q", server.out.String())
	}
	if strings.Contains(server.errs.String(), found[1]) {
		t.Error("the log has the token")
	}
	body := `{"token":"` + found[1] + `","code":"taojiang","region":"430922","name":{"zh":"桃江县民政局婚姻登记处","en":""},"address":{"zh":"桃花江镇","en":""},
		"phone":"0737-8880000","sms_signature":"桃江民政","username":"zhuren","director":{"zh":"主任","en":"Director"},"password":"correct horse battery"}`
	if status, text := send(t, "http://"+server.address+"/api/v1/setup", body); status != http.StatusCreated {
		t.Fatalf("set up: %d %s", status, text)
	}
	if status, text := send(t, "http://"+server.address+"/api/v1/setup", body); status != http.StatusNotFound {
		t.Errorf("set up again: %d %s", status, text)
	}
	login := `{"office":"taojiang","username":"zhuren","password":"correct horse battery"}`
	if status, text := send(t, "http://"+server.address+"/api/v1/staff/login", login); status != http.StatusOK {
		t.Errorf("the director: %d %s", status, text)
	}
	if status := server.stop(t); status != done {
		t.Errorf("it ended with status %d", status)
	}
	exported := m.done(t, "export", "taojiang")
	other := newMachine(t)
	other.done(t, "apply", other.file(t, "taojiang.yaml", exported))
	if again := other.done(t, "export", "taojiang"); again != exported {
		t.Errorf("applied to an empty database it is\n%s", again)
	}
	server = m.start(t, "serve")
	if status := server.stop(t); status != done || server.out.String() != "" {
		t.Errorf("with an office it prints %q, status %d", server.out.String(), status)
	}
}
