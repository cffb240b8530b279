package main_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"magpie/cmd/magpie/e2etest"
)

const (
	signInPath   = "/api/v1/session"
	codeWordPath = "/api/v1/code-word"
)

// asking is what a booking can ask for beside the time: needs, how somebody is
// spoken to, no messages, a code word.
func (o *tour) asking() {
	other := o.server.Citizen(o.T)
	word, no := "槿榆槐柳", false
	o.site.Keep("code word", word)
	body := other.Booking(e2etest.At(9, 9, 0))
	body.Needs, body.Title, body.Messages, body.CodeWord = []string{"step_free", "child"}, "ms", &no, word
	request := e2etest.Request{Method: http.MethodPost, Path: e2etest.BookPath, Key: o.site.NewKey(), Body: body}
	first := other.Do(o.T, request)
	a := e2etest.As[e2etest.Appointment](o.T, first, http.StatusCreated)
	if again := other.Do(o.T, request); again.String() != first.String() {
		o.Errorf("the same key answered %s and then %s", first, again)
	}
	mine := "/api/v1/appointments/" + a.Reference
	moved := e2etest.As[e2etest.Appointment](o.T, other.Post(o.T, mine+"/reschedule", map[string]any{"start": e2etest.At(9, 10, 30)}), http.StatusOK)
	read := e2etest.As[e2etest.Appointment](o.T, other.Get(o.T, mine), http.StatusOK)
	for what, one := range map[string]e2etest.Appointment{"booked": a, "moved": moved, "read": read, "to the desk": o.atDesk(a.Reference)} {
		if !slices.Equal(one.Needs, body.Needs) || one.Title != "ms" || one.Messages {
			o.Errorf("%s it is %+v", what, one)
		}
	}
	if room := o.atDesk(a.Reference).Room.Code; room != "r01" {
		o.Errorf("who cannot climb steps is sent to %s", room)
	}
	o.silent(a.Reference)
	o.signIn(other, word)
	for field, change := range map[string]func(*e2etest.Booking){
		"needs[1]":  func(b *e2etest.Booking) { b.Needs = []string{"hearing", "hearing"} },
		"needs[0]":  func(b *e2etest.Booking) { b.Needs = []string{"quiet"} },
		"title":     func(b *e2etest.Booking) { b.Title = "dr" },
		"code_word": func(b *e2etest.Booking) { b.CodeWord = "1234" },
	} {
		for c, path := range map[*e2etest.Client]string{other.Client: e2etest.BookPath, o.desk: e2etest.DeskPath} {
			wrong := other.Booking(e2etest.At(14, 9, 0))
			change(&wrong)
			if got := c.Post(o.T, path, wrong).Is(o.T, http.StatusUnprocessableEntity, "invalid"); !strings.Contains(string(got.Body), strconv.Quote(field)) {
				o.Errorf("wrong in %s: %s", field, got)
			}
		}
	}
	other.Post(o.T, mine+"/cancel", nil).Is(o.T, http.StatusOK, "")
	o.silent(a.Reference)
}

// atDesk is an appointment as the desk's list has it.
func (o *tour) atDesk(reference string) e2etest.Appointment {
	o.Helper()
	all := o.desk.Appointments(o.T, e2etest.Date(0), e2etest.Date(40))
	i := slices.IndexFunc(all, func(a e2etest.Appointment) bool { return a.Reference == reference })
	if i < 0 {
		o.Fatalf("the desk does not see %s", reference)
	}
	return all[i]
}

// silent says of an appointment that it owes no message.
func (o *tour) silent(reference string) {
	o.Helper()
	all := e2etest.All[message](o.T, o.chief, ledger("&reference="+reference))
	for _, m := range all {
		if m.Status != "suppressed" || m.Rule != "silent" && m.Rule != "moved" && m.Rule != "cancelled" {
			o.Errorf("the ledger has %+v", m)
		}
	}
	if len(all) < 3 {
		o.Errorf("the ledger has %d messages", len(all))
	}
}

// signIn is a code word used, refused, changed and removed.
func (o *tour) signIn(c *e2etest.Citizen, word string) {
	try := func(phone, word string) e2etest.Answer {
		return o.server.Client(o.T).Post(o.T, signInPath, map[string]string{"phone": phone, "code_word": word})
	}
	again := o.server.Client(o.T)
	again.Token = e2etest.As[struct{ Token string }](o.T, try(c.Phone, " "+word), http.StatusOK).Token
	if seen := e2etest.All[e2etest.Appointment](o.T, again, "/api/v1/appointments"); len(seen) != 1 {
		o.Errorf("signed in one sees %+v", seen)
	}
	wrong := try(c.Phone, "槿榆槐杨").Is(o.T, http.StatusUnprocessableEntity, "invalid")
	if !strings.Contains(string(wrong.Body), `"code_word"`) {
		o.Errorf("refused without the field: %s", wrong)
	}
	for what, phone := range map[string]string{"a number never seen": o.site.NewPhone(), "a number without a word": o.citizen.Phone} {
		if got := try(phone, word); string(got.Body) != string(wrong.Body) || got.Status != wrong.Status {
			o.Errorf("%s is answered %s, a wrong word %s", what, got, wrong)
		}
	}
	o.put(again, codeWordPath, `{"code_word":"7777"}`).Is(o.T, http.StatusUnprocessableEntity, "invalid")
	o.put(again, codeWordPath, `{"code_word":"槿榆槐杨"}`).Is(o.T, http.StatusNoContent, "")
	try(c.Phone, word).Is(o.T, http.StatusUnprocessableEntity, "invalid")
	try(c.Phone, "槿榆槐杨").Is(o.T, http.StatusOK, "")
	o.put(again, codeWordPath, `{"code_word":null}`).Is(o.T, http.StatusNoContent, "")
	try(c.Phone, "槿榆槐杨").Is(o.T, http.StatusUnprocessableEntity, "invalid")
	again.Get(o.T, "/api/v1/appointments").Is(o.T, http.StatusOK, "") // no token has ended
}

// page is what an office's own page shows of it, beside its hours.
func (o *tour) page() {
	type line struct {
		Name  struct{ ZH, EN string }
		Phone string
	}
	type office struct {
		Help         []line
		ExitTo       string `json:"exit_to"`
		Registration *struct{ Link string }
	}
	own := e2etest.As[office](o.T, o.visitor.Get(o.T, "/api/v1/offices/anhua"), http.StatusOK)
	if len(own.Help) != 1 || own.Help[0].Name.ZH != "值班室" || own.Help[0].Phone != "0737-722 0001" || own.ExitTo != "https://example.org/news" || own.Registration == nil || own.Registration.Link != "https://example.org/r" {
		o.Errorf("the office shows %+v", own)
	}
	other := e2etest.As[office](o.T, o.visitor.Get(o.T, "/api/v1/offices/other"), http.StatusOK)
	if len(other.Help) != 4 || other.Help[0].Phone != "110" || other.Help[1].Name.EN != "Women's Federation" || other.ExitTo != "https://www.weather.com.cn/" || other.Registration != nil {
		o.Errorf("an office that says nothing shows %+v", other)
	}
}
