package main_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"magpie/cmd/magpie/e2etest"
)

const (
	hookSecret  = "Zw7_q-4Rk2mXv9LbTn3sPd5y"
	officeStaff = "/api/v1/staff/offices/anhua"
)

// message is a message as the ledger, a preview and its citizen see it.
type message struct {
	ID, Kind, Channel, Status, Rule, Reference, To, Text, Gateway string
}

// awaitMessage waits until one that is wanted is in a list.
func (o *tour) awaitMessage(c *e2etest.Client, path, what string, wanted func(message) bool) message {
	o.Helper()
	var out message
	e2etest.Eventually(o.T, what, func() error {
		for _, out = range e2etest.All[message](o.T, c, path) {
			if wanted(out) {
				return nil
			}
		}
		return errors.New("it is not there")
	})
	return out
}

// ledger is the ledger of the first days, narrowed by a further query.
func ledger(narrowed string) string {
	return officeStaff + "/messages?from=" + e2etest.Date(0) + "&to=" + e2etest.Date(40) + narrowed
}

// told is what people are told, how they want to be reached, and the switch.
func (o *tour) told() {
	mine := "/api/v1/appointments/" + o.reference + "/messages"
	o.awaitMessage(o.citizen.Client, mine, "the citizen's move is told", func(m message) bool {
		return m.Kind == "moved" && m.Status == "handed_over" && strings.Contains(m.Text, o.reference)
	})
	wish := e2etest.As[map[string]any](o.T, o.put(o.citizen.Client, "/api/v1/contact", `{"reminders":false,"locale":"zh"}`), http.StatusOK)
	if wish["reminders"] != false || wish["text"] != true {
		o.Errorf("the wish is %v", wish)
	}
	o.awaitMessage(o.citizen.Client, mine, "no reminder will come", func(m message) bool { return m.Kind == "reminder" && m.Rule == "stopped" })
	theirs := "/api/v1/staff/appointments/" + o.reference
	if seen := e2etest.As[map[string]any](o.T, o.desk.Get(o.T, theirs+"/contact"), http.StatusOK); seen["reminders"] != false {
		o.Errorf("the desk sees the wish %v", seen)
	}
	o.put(o.desk, theirs+"/contact", `{}`).Is(o.T, http.StatusOK, "")
	o.citizen.Get(o.T, "/api/v1/contact").Is(o.T, http.StatusOK, "")
	o.awaitMessage(o.chief, theirs+"/messages/preview", "reminders come again", func(m message) bool {
		return m.Kind == "reminder" && m.Status == "planned" && m.Rule == "" && m.To == o.citizen.Phone && strings.HasPrefix(m.Text, "【")
	})
	o.listed()
	o.unknown()
	for _, stopped := range []bool{true, false} {
		o.put(o.chief, officeStaff+"/sending", fmt.Sprintf(`{"stopped":%t}`, stopped)).Is(o.T, http.StatusOK, "")
		if got := e2etest.As[map[string]any](o.T, o.audit.Get(o.T, officeStaff+"/sending"), http.StatusOK); got["stopped"] != stopped || got["changed_by"] != "chief" {
			o.Errorf("the switch is %v", got)
		}
	}
}

// listed is the ledger, as a list and as a file.
func (o *tour) listed() {
	of := ledger("&reference=" + o.reference)
	for who, c := range map[string]*e2etest.Client{o.citizen.Phone: o.desk, o.citizen.Phone[:3] + "****" + o.citizen.Phone[7:]: o.audit} {
		all := e2etest.All[message](o.T, c, of)
		if len(all) == 0 || all[0].To != who || all[0].Reference != o.reference {
			o.Errorf("the ledger has %+v", all)
		}
	}
	file := o.audit.Do(o.T, e2etest.Request{Method: http.MethodGet, Path: of, Header: http.Header{"Accept": {"text/csv"}}}).Is(o.T, http.StatusOK, "")
	rows, err := csv.NewReader(strings.NewReader(string(file.Body))).ReadAll()
	if err != nil || len(rows) < 4 || strings.Contains(string(file.Body), o.citizen.Phone) {
		o.Errorf("the file has %d rows, %v:\n%s", len(rows), err, file)
	}
}

// unknown is a message whose gateway did not answer, and how it is settled.
func (o *tour) unknown() {
	other := o.server.Citizen(o.T)
	o.site.Gateway.Behave(e2etest.Drops)
	a := other.Booked(o.T, e2etest.At(8, 9, 0))
	lost := o.awaitMessage(o.chief, ledger("&status=unknown"), "a message is unknown", func(m message) bool { return m.Reference == a.Reference })
	o.site.Gateway.Behave(e2etest.Accepts)
	for _, want := range []struct {
		status int
		code   string
	}{{http.StatusNoContent, ""}, {http.StatusConflict, "wrong_state"}} {
		o.chief.Post(o.T, officeStaff+"/messages/"+lost.ID+"/resolve", map[string]string{"outcome": "sent"}).Is(o.T, want.status, want.code)
	}
	o.awaitMessage(o.chief, ledger("&status=handed_over"), "it is taken for sent", func(m message) bool { return m.ID == lost.ID && m.Rule == "resolved_sent" })
}

// texts is an office's own words.
func (o *tour) texts() {
	type text struct {
		Kind, Locale, Body string
		Version            int
	}
	if all := e2etest.All[text](o.T, o.audit, officeStaff+"/texts"); len(all) != 24 || all[0].Version != 0 {
		o.Errorf("the texts are %+v", all)
	}
	const path = officeStaff + "/texts/cancelled/zh"
	refused := o.put(o.chief, path, `{"body":"您好，{start}的离婚调解已取消。"}`).Is(o.T, http.StatusUnprocessableEntity, "invalid")
	if !strings.Contains(string(refused.Body), `"body"`) {
		o.Errorf("refused without the field: %s", refused)
	}
	const own = "您好，{start}的预约已为您取消，编号{reference}。"
	if got := e2etest.As[text](o.T, o.put(o.chief, path, `{"body":"`+own+`"}`), http.StatusOK); got.Body != own || got.Version < 1 {
		o.Errorf("the text is %+v", got)
	}
	o.chief.Delete(o.T, path).Is(o.T, http.StatusNoContent, "")
	was := e2etest.All[text](o.T, o.audit, path+"/versions")
	if len(was) != 2 || was[0].Body != "" || was[1].Body != own {
		o.Errorf("the versions are %+v", was)
	}
}

// tasks is what the desk is asked to do.
func (o *tour) tasks() {
	other := o.server.Citizen(o.T)
	o.put(other.Client, "/api/v1/contact", `{"text":false,"call":true}`).Is(o.T, http.StatusOK, "")
	a := other.Booked(o.T, e2etest.At(10, 9, 0))
	type task struct{ ID, Kind, Reference, Phone, Outcome string }
	var open []task
	e2etest.Eventually(o.T, "the desk is to call", func() error {
		if open = e2etest.All[task](o.T, o.desk, officeStaff+"/tasks?kind=call"); len(open) != 1 {
			return fmt.Errorf("the tasks are %+v", open)
		}
		return nil
	})
	if open[0].Reference != a.Reference || open[0].Phone != other.Phone {
		o.Fatalf("the task is %+v", open[0])
	}
	done := officeStaff + "/tasks/" + open[0].ID + "/done"
	tried := officeStaff + "/tasks/" + open[0].ID + "/attempts"
	o.desk.Post(o.T, tried, map[string]string{"outcome": "nobody"}).Is(o.T, http.StatusNoContent, "")
	o.desk.Post(o.T, done, map[string]string{"outcome": "settled"}).Is(o.T, http.StatusNoContent, "")
	o.chief.Post(o.T, done, map[string]string{"outcome": "reached"}).Is(o.T, http.StatusConflict, "wrong_state")
	if was := e2etest.All[task](o.T, o.desk, officeStaff+"/tasks?done=true"); len(was) != 1 || was[0].Outcome != "settled" {
		o.Errorf("done are %+v", was)
	}
	o.desk.Post(o.T, "/api/v1/staff/appointments/"+o.reference+"/restore", nil).Is(o.T, http.StatusConflict, "wrong_state")
}

// replies is an appointment that a reply cancels, and the desk gives back.
func (o *tour) replies() {
	other := o.server.Citizen(o.T)
	a := other.Booked(o.T, e2etest.At(7, 9, 0))
	o.site.Clock.Set(o.T, e2etest.At(6, 9, 1))
	desk := o.server.Staff(o.T, "desk")
	path := "/api/v1/staff/appointments/" + a.Reference
	asked := o.awaitMessage(desk, path+"/messages/preview", "a reminder asks for a reply", func(m message) bool {
		return m.Kind == "reminder" && m.Status == "handed_over"
	})
	if !strings.Contains(asked.Text, "回复2") {
		o.Fatalf("it was %s", asked.Text)
	}
	query := url.Values{"from": {other.Phone}, "id": {"reply-1"}, "time": {""}, "text": {"2"}}
	for range 2 {
		o.visitor.Get(o.T, "/hooks/kannel/"+hookSecret+"?"+query.Encode()).Is(o.T, http.StatusOK, "")
	}
	other.Prove(o.T)
	mine := "/api/v1/appointments/" + a.Reference
	if got := e2etest.As[e2etest.Appointment](o.T, other.Get(o.T, mine), http.StatusOK); got.Status != "cancelled" {
		o.Fatalf("after the reply it is %s", got.Status)
	}
	e2etest.As[e2etest.Appointment](o.T, desk.Post(o.T, path+"/restore", nil), http.StatusOK)
	if got := e2etest.As[e2etest.Appointment](o.T, other.Get(o.T, mine), http.StatusOK); got.Status != "booked" || !got.Start.Equal(a.Start) {
		o.Errorf("given back it is %+v", got)
	}
	desk.Post(o.T, path+"/restore", nil).Is(o.T, http.StatusConflict, "wrong_state")
	clean(o.T, o.site)
}

// hook is what somebody is answered who is no gateway.
func (o *tour) hook(op operation) {
	ask := func(path string, raw []byte) e2etest.Answer {
		return o.visitor.Do(o.T, e2etest.Request{Method: op.method, Path: path, Raw: raw})
	}
	path := o.fill(op, op.path, false)
	ask(path, []byte("what is this?")).Is(o.T, http.StatusBadRequest, "")
	ask(path, make([]byte, 1<<20+1)).Is(o.T, http.StatusRequestEntityTooLarge, "too_large")
	for _, nowhere := range []string{path + "x", strings.Replace(path, "kannel", "aliyun", 1)} {
		ask(nowhere, nil).Is(o.T, http.StatusNotFound, "not_found")
	}
	o.visitor.Do(o.T, e2etest.Request{Method: http.MethodPatch, Path: path}).Is(o.T, http.StatusMethodNotAllowed, "method_not_allowed")
}

// put sends a body as it is written.
func (o *tour) put(c *e2etest.Client, path, body string) e2etest.Answer {
	o.Helper()
	return c.Do(o.T, e2etest.Request{Method: http.MethodPut, Path: path, Raw: []byte(body)})
}
