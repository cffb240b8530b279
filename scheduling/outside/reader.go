// Package outside reads counsellors' own calendars elsewhere, at an address
// (RFC 5545) or by CalDAV (RFC 4791), to learn when they are busy.
//
// It promises that nothing leaves it but busy times: titles, places and people
// are dropped line by line before anything is parsed; that every request goes
// through package guard; and that a calendar costs bounded work, whatever is in
// it. It keeps nothing.
package outside

import (
	"context"
	"crypto/tls"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/outside/guard"
)

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 2 << 20

// Asker is package guard's client.
type Asker interface {
	Check(address string) error
	Do(ctx context.Context, r guard.Request) (*guard.Response, error)
}

// Reader reads calendars.
type Reader struct{ Asker Asker }

// Check implements scheduling.OutsideReader.
func (r Reader) Check(address string) error { return r.Asker.Check(address) }

// Read implements scheduling.OutsideReader.
func (r Reader) Read(ctx context.Context, a scheduling.OutsideAccount, tag string, loc *time.Location, from, to time.Time) (scheduling.OutsideReading, error) {
	read := r.readFile
	if a.Kind == scheduling.OutsideCalDAV {
		read = r.readCollection
	}
	files, newTag, err := read(ctx, a, tag, from, to)
	if err != nil {
		return scheduling.OutsideReading{}, problemOf(ctx, err)
	}
	if newTag != "" && newTag == tag {
		return scheduling.OutsideReading{Tag: tag, Unchanged: true}, nil
	}
	out := scheduling.OutsideReading{Tag: newTag}
	b := budget{ctx: ctx, left: maxInstances}
	for _, file := range files {
		busy, skipped, err := busyIn(&b, file, loc, from, to)
		if err != nil {
			return scheduling.OutsideReading{}, problemOf(ctx, err)
		}
		out.Busy, out.Skipped = append(out.Busy, busy...), out.Skipped+skipped
	}
	return out, nil
}

// readFile gets one file; its tag is the ETag, or when it was last changed.
func (r Reader) readFile(ctx context.Context, a scheduling.OutsideAccount, tag string, _, _ time.Time) ([][]byte, string, error) {
	header := http.Header{"Accept": {"text/calendar, */*;q=0.1"}}
	kind, value, _ := strings.Cut(tag, " ")
	switch kind {
	case "etag":
		header.Set("If-None-Match", value)
	case "modified":
		header.Set("If-Modified-Since", value)
	}
	answer, err := r.ask(ctx, a, http.MethodGet, header, "")
	if err != nil {
		return nil, "", err
	}
	if answer.Status == http.StatusNotModified && tag != "" {
		return nil, tag, nil
	}
	if err := problemOfStatus(answer.Status); err != nil {
		return nil, "", err
	}
	next := ""
	if etag, modified := answer.Header.Get("ETag"), answer.Header.Get("Last-Modified"); etag != "" {
		next = "etag " + etag
	} else if modified != "" {
		next = "modified " + modified
	}
	if next != "" && next == tag {
		return nil, tag, nil // sent all the same
	}
	return [][]byte{answer.Body}, next, nil
}

const (
	askTag = `<?xml version="1.0" encoding="UTF-8"?>
<D:propfind xmlns:D="DAV:" xmlns:CS="http://calendarserver.org/ns/"><D:prop><D:resourcetype/><CS:getctag/><D:sync-token/></D:prop></D:propfind>`
	askEvents = `<?xml version="1.0" encoding="UTF-8"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="%s" end="%s"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`
	utcForm = "20060102T150405Z"
)

// readCollection asks a collection whether it has changed, and then for the
// entries that overlap the window, each as a file of its own.
func (r Reader) readCollection(ctx context.Context, a scheduling.OutsideAccount, tag string, from, to time.Time) ([][]byte, string, error) {
	answer, err := r.ask(ctx, a, "PROPFIND", http.Header{"Depth": {"0"}}, askTag)
	if err != nil {
		return nil, "", err
	}
	if err := problemOfStatus(answer.Status); err != nil {
		return nil, "", err
	}
	about, err := readMultistatus(answer.Body)
	if err != nil || len(about) == 0 || !about[0].calendar {
		return nil, "", scheduling.OutsideMissing
	}
	next := about[0].tag
	if next != "" && next == tag {
		return nil, tag, nil
	}
	query := fmt.Sprintf(askEvents, from.UTC().Format(utcForm), to.UTC().Format(utcForm))
	answer, err = r.ask(ctx, a, "REPORT", http.Header{"Depth": {"1"}}, query)
	if err != nil {
		return nil, "", err
	}
	if err := problemOfStatus(answer.Status); err != nil {
		return nil, "", err
	}
	entries, err := readMultistatus(answer.Body)
	if err != nil {
		return nil, "", scheduling.OutsideUnreadable
	}
	var files [][]byte
	for _, e := range entries {
		if e.data != "" {
			files = append(files, []byte(e.data))
		}
	}
	return files, next, nil
}

func (r Reader) ask(ctx context.Context, a scheduling.OutsideAccount, method string, header http.Header, body string) (*guard.Response, error) {
	if body != "" {
		header.Set("Content-Type", "application/xml; charset=utf-8")
	}
	return r.Asker.Do(ctx, guard.Request{
		Method: method, URL: a.URL.Reveal(), Header: header, Body: []byte(body),
		User: a.Username, Password: a.Password.Reveal(), Most: maxAnswer,
	})
}

// found is what a multistatus says of one address.
type found struct {
	calendar bool
	tag      string
	data     string
}

// readMultistatus reads what an answer of CalDAV has (RFC 4918, 14.16).
func readMultistatus(raw []byte) ([]found, error) {
	var in struct {
		XMLName   xml.Name `xml:"DAV: multistatus"`
		Responses []struct {
			Propstats []struct {
				Prop struct {
					Type struct {
						Calendar *struct{} `xml:"urn:ietf:params:xml:ns:caldav calendar"`
					} `xml:"DAV: resourcetype"`
					CTag  string `xml:"http://calendarserver.org/ns/ getctag"`
					Token string `xml:"DAV: sync-token"`
					Data  string `xml:"urn:ietf:params:xml:ns:caldav calendar-data"`
				} `xml:"DAV: prop"`
			} `xml:"DAV: propstat"`
		} `xml:"DAV: response"`
	}
	if err := xml.Unmarshal(raw, &in); err != nil {
		return nil, err
	}
	out := make([]found, len(in.Responses))
	for i, response := range in.Responses {
		for _, s := range response.Propstats {
			switch {
			case s.Prop.CTag != "":
				out[i].tag = "ctag " + s.Prop.CTag
			case s.Prop.Token != "" && out[i].tag == "":
				out[i].tag = "token " + s.Prop.Token
			}
			out[i].calendar = out[i].calendar || s.Prop.Type.Calendar != nil
			out[i].data += s.Prop.Data
		}
	}
	return out, nil
}

// problemOfStatus is what a status says, nil where it is a good one.
func problemOfStatus(status int) error {
	switch {
	case status == http.StatusOK || status == http.StatusMultiStatus:
		return nil
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return scheduling.OutsideLogin
	case status == http.StatusNotFound || status == http.StatusGone || status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented:
		return scheduling.OutsideMissing
	}
	return scheduling.OutsideServer
}

// problemOf says of any error what the counsellor is told.
func problemOf(ctx context.Context, err error) error {
	var known scheduling.OutsideProblem
	var certificate *tls.CertificateVerificationError
	var slow net.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, guard.ErrRefused), errors.Is(err, guard.ErrRedirects):
		return scheduling.OutsideRefused
	case errors.Is(err, guard.ErrTooLarge):
		return scheduling.OutsideTooLarge
	case errors.As(err, &certificate):
		return scheduling.OutsideCertificate
	case ctx.Err() != nil, errors.As(err, &slow) && slow.Timeout():
		return scheduling.OutsideSlow
	case errors.Is(err, io.ErrUnexpectedEOF):
		return scheduling.OutsideServer
	}
	return scheduling.OutsideUnreachable
}
