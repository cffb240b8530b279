package main_test

import (
	"net/http"

	"magpie/cmd/magpie/e2etest"
)

// calendars is a counsellor's own calendar: what is set for it, and its address.
func (o *tour) calendars() {
	o.Helper()
	o.counsellor.Get(o, ownCalendar).Is(o, http.StatusOK, "")
	o.counsellor.Do(o, e2etest.Request{Method: http.MethodPut, Path: ownCalendar, Body: map[string]bool{"details": false}}).Is(o, http.StatusOK, "")
	made := e2etest.As[struct{ ID string }](o, o.counsellor.Post(o, ownCalendar+"/app-passwords", map[string]string{"name": "手机"}), http.StatusCreated)
	o.counsellor.Delete(o, ownCalendar+"/app-passwords/"+made.ID).Is(o, http.StatusNoContent, "")
	address := e2etest.As[struct{ Path string }](o, o.counsellor.Post(o, ownCalendar+"/address", nil), http.StatusCreated).Path
	o.site.Keep("calendar address", address)
	tag := o.visitor.Get(o, address).Is(o, http.StatusOK, "").Header.Get("ETag")
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		o.visitor.Do(o, e2etest.Request{Method: method, Path: address}).Is(o, http.StatusOK, "")
		o.visitor.Do(o, e2etest.Request{Method: method, Path: address, Header: http.Header{"If-None-Match": {tag}}}).Is(o, http.StatusNotModified, "")
	}
	o.counsellor.Delete(o, ownCalendar+"/address").Is(o, http.StatusNoContent, "")
	o.visitor.Do(o, e2etest.Request{Method: http.MethodHead, Path: address}).Is(o, http.StatusNotFound, "")
}

// elsewhere is a counsellor's own calendar elsewhere, which none of this walk
// reaches.
func (o *tour) elsewhere() {
	o.Helper()
	o.counsellor.Get(o, outsideCalendar).Is(o, http.StatusNotFound, "not_found")
	o.counsellor.Post(o, outsideCalendar+"/read", nil).Is(o, http.StatusNotFound, "not_found")
	o.counsellor.Delete(o, outsideCalendar).Is(o, http.StatusNotFound, "not_found")
	set := e2etest.Request{Method: http.MethodPut, Path: outsideCalendar, Body: map[string]string{"kind": "ics", "url": "https://localhost/x.ics"}}
	o.counsellor.Do(o, set).Is(o, http.StatusOK, "")
	o.counsellor.Get(o, outsideCalendar).Is(o, http.StatusOK, "")
	o.counsellor.Get(o, outsideCalendar+"/booked-inside").Is(o, http.StatusOK, "")
	o.counsellor.Post(o, outsideCalendar+"/read", nil).Is(o, http.StatusOK, "")
	o.counsellor.Delete(o, outsideCalendar).Is(o, http.StatusNoContent, "")
}
