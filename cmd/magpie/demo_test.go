package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"magpie/api/web"
	"magpie/notify/sms"
)

// demonstrated starts the demonstration with a folder for temporary files of
// its own.
func demonstrated(t *testing.T, now time.Time) (*machine, *running) {
	t.Helper()
	m := newMachine(t)
	t.Setenv("TMPDIR", m.folder)
	m.clock = func() time.Time { return now }
	m.env = map[string]string{"MAGPIE_LISTEN": "127.0.0.1:0", "MAGPIE_DATABASE": "oracle:x", "MAGPIE_SECRET": "x", "MAGPIE_SMS": "x"}
	demo := m.start(t, "demo")
	demo.until(t, "it says what to open", func() bool { return strings.Contains(demo.out.String(), "Idempotency-Key") })
	return m, demo
}

// post sends JSON and reads the answer.
func post(t *testing.T, address, token, body string) map[string]any {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", "first")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil || answer.StatusCode >= 300 {
		t.Fatalf("POST %s: %d %s", address, answer.StatusCode, raw)
	}
	return out
}

// shown reads the page's messages, newest first.
func shown(t *testing.T, address string) []web.ShownMessage {
	t.Helper()
	_, body := get(t, address+"/demo/messages.json")
	var list struct{ Items []web.ShownMessage }
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	return list.Items
}

func TestTheDemonstrationCanBeFollowedAsItIsPrinted(t *testing.T) {
	m, demo := demonstrated(t, monday)
	address := "http://" + demo.address
	if list := shown(t, address); len(list) != 0 {
		t.Errorf("before anybody did anything the page shows %v", list)
	}
	printed := demo.out.String()
	if _, opened, _ := strings.Cut(printed, "请打开 Open:\n"); !strings.HasPrefix(opened, "  citizens' pages 预约页面   "+address+"/\n") {
		t.Errorf("it does not print the citizens' pages first:\n%s", printed)
	}
	if status, page := get(t, address+"/"); status != http.StatusOK || !strings.Contains(page, "您好，这里可以约时间") || !strings.Contains(page, `value="premarital"`) {
		t.Errorf("there it answers %d:\n%s", status, page)
	}
	id := post(t, address+"/api/v1/verifications", "", `{"phone":"13800138000"}`)["id"].(string)
	code := regexp.MustCompile(`验证码(\d{6})`)
	var found []string
	demo.until(t, "the code is on the page", func() bool {
		list := shown(t, address)
		if len(list) > 0 {
			found = code.FindStringSubmatch(list[0].Text)
		}
		return found != nil
	})
	token := post(t, address+"/api/v1/verifications/"+id+"/confirm", "", fmt.Sprintf(`{"code":%q}`, found[1]))["token"].(string)
	call := regexp.MustCompile(`curl -s (\S+/appointments) .* -d '(.*)'`).FindStringSubmatch(printed)
	booked := post(t, call[1], token, call[2])
	demo.until(t, "the booking's message is on the page", func() bool {
		_, page := get(t, address+"/demo/messages")
		return strings.Contains(page, "编号"+booked["reference"].(string)) && strings.Contains(page, "13800138000")
	})
	logins := regexp.MustCompile(`(?m)^  (\S+) +([a-z0-9]{12})   `).FindAllStringSubmatch(printed, -1)
	if len(logins) != 9 {
		t.Errorf("%d log-ins are printed", len(logins))
	}
	var desk string
	for _, l := range logins {
		desk = post(t, address+"/api/v1/staff/login", "", fmt.Sprintf(`{"office":"anhua","username":%q,"password":%q}`, l[1], l[2]))["token"].(string)
		if l[1] == "qiantai" {
			checkBookings(t, address, desk)
		}
	}
	if status := demo.stop(t); status != done {
		t.Errorf("it ended with status %d: %s", status, demo.errs.String())
	}
	if entries, _ := os.ReadDir(m.folder); len(entries) != 0 {
		t.Errorf("%v is left of it", entries)
	}
}

// checkBookings looks at the two weeks as the desk sees them.
func checkBookings(t *testing.T, address, token string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, address+"/api/v1/staff/offices/anhua/appointments?from=2026-11-23&to=2026-12-06&limit=200", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var list struct {
		Items []struct{ Service, Status, Start string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	services, states, days := map[string]int{}, map[string]int{}, map[string]int{}
	for _, a := range list.Items {
		services[a.Service]++
		states[a.Status]++
		days[a.Start[:len("2026-11-23")]]++
	}
	if len(list.Items) < 25 || len(list.Items) > 120 || len(services) != 4 || len(days) < 8 {
		t.Errorf("%d bookings: %v on %v", len(list.Items), services, days)
	}
	if states["checked_in"] == 0 || states["booked"] == 0 || len(states) != 2 {
		t.Errorf("in the middle of a morning the states are %v", states)
	}
}

func TestInAYearWithoutItsHolidaysTheDemonstrationSaysSoAndGoesOn(t *testing.T) {
	_, demo := demonstrated(t, time.Date(2027, 1, 4, 1, 0, 0, 0, time.UTC))
	if printed := demo.out.String(); !strings.Contains(printed, "The holidays of 2027 are not loaded: the office takes holidays: none.") {
		t.Errorf("it says:\n%s", printed)
	}
	if _, body := get(t, "http://"+demo.address+"/api/v1/offices/anhua/availability?service=premarital&from=2027-01-05&to=2027-01-05"); !strings.Contains(body, `"free":`) {
		t.Errorf("nothing can be booked: %s", body)
	}
	if status := demo.stop(t); status != done {
		t.Errorf("it ended with status %d: %s", status, demo.errs.String())
	}
}

func TestOnTheLastDayOfALoadedYearTheDemonstrationKeepsItsHolidays(t *testing.T) {
	d, err := readDemonstration(time.Date(2026, 12, 31, 15, 59, 59, 0, time.UTC))
	if err != nil || d.office.Holidays != "cn" || d.notLoaded != 0 {
		t.Errorf("holidays are %q, %d is not loaded: %v", d.office.Holidays, d.notLoaded, err)
	}
	d, err = readDemonstration(time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC))
	if err != nil || d.office.Holidays != "none" || d.notLoaded != 2027 {
		t.Errorf("a second later holidays are %q, %d is not loaded: %v", d.office.Holidays, d.notLoaded, err)
	}
}

func TestTheMessagesAreShownByTheOfficesClockAndSamplesAreMarked(t *testing.T) {
	inbox := sms.NewRecorder(func() time.Time { return monday })
	for _, m := range []struct{ to, text string }{{"13800138000", "编号52073164"}, {seedNumbers + "0001", "您好"}} {
		if _, err := inbox.Send(t.Context(), sms.Message{To: m.to, Body: m.text, ValidFor: time.Hour}); err != nil {
			t.Fatal(err)
		}
	}
	list := shownMessages(inbox, time.FixedZone("", 8*60*60))()
	if len(list) != 2 || !list[0].Sample || list[1].Sample || list[1].To != "13800138000" || list[1].Text != "编号52073164" {
		t.Fatalf("it shows %+v", list)
	}
	if got := list[1].Clock(); got != "2026-11-23 09:00:00" {
		t.Errorf("the first went at %s", got)
	}
}
