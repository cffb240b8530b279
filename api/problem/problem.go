// Package problem turns errors into answers: one table from the codes of
// package scheduling to HTTP statuses and RFC 9457 problem details.
//
// It promises that a caller reads only what a *scheduling.Error says; anything
// else is answered as internal with a fixed phrase and is logged once, with
// the request's id. It does not decide what is an error, and it translates no
// driver's.
package problem

import (
	"context"
	"errors"
	"math"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/scheduling"
)

// ContentType is the media type of problem details (RFC 9457, section 6.1).
const ContentType = "application/problem+json"

// Problem is the body of every answer that is an error (RFC 9457, section 3).
type Problem struct {
	// Type is a URI for the code; it is not to be dereferenced.
	Type string `json:"type"`
	// Title and Detail are for people, in the language asked for.
	Title  string          `json:"title"`
	Status int             `json:"status"`
	Code   scheduling.Code `json:"code"`
	Detail string          `json:"detail,omitempty"`
	Errors []FieldError    `json:"errors,omitempty"`
	// Alternatives is there with slot_taken, and empty where nothing is free.
	Alternatives *[]Slot  `json:"alternatives,omitempty"`
	Items        []Booked `json:"items,omitempty"`
	// Dates is there with slot_taken of a series: each start that cannot be had.
	Dates   []Failed   `json:"dates,omitempty"`
	OpensAt *time.Time `json:"opens_at,omitempty"`
	// Retry says whether the same request, with the same key, may succeed later.
	Retry bool `json:"retry"`
	// RetryAfter is how long to wait before that; zero where nobody knows.
	RetryAfter time.Duration `json:"-"`
}

// FieldError says what is wrong where.
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Slot is a start that is free.
type Slot struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	Free  int       `json:"free"`
}

// Failed is a start of a series that cannot be had, with the nearest that can.
type Failed struct {
	Start        time.Time `json:"start"`
	Alternatives []Slot    `json:"alternatives"`
}

// Booked is an appointment in the way.
type Booked struct {
	Reference string    `json:"reference"`
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"`
}

// kind is what every problem of one code has in common.
type kind struct {
	status int
	title  scheduling.Text
	retry  bool
}

// table is the contract's list of codes.
var table = map[scheduling.Code]kind{
	scheduling.CodeMalformed:        {http.StatusBadRequest, scheduling.Text{ZH: "请求的格式不对", EN: "The request cannot be read"}, false},
	scheduling.CodeUnauthenticated:  {http.StatusUnauthorized, scheduling.Text{ZH: "请先验证手机号或登录", EN: "A valid token is needed"}, false},
	scheduling.CodeSecondFactor:     {http.StatusUnauthorized, scheduling.Text{ZH: "还需要第二步验证", EN: "The second factor is needed"}, false},
	scheduling.CodeForbidden:        {http.StatusForbidden, scheduling.Text{ZH: "没有权限", EN: "Not permitted"}, false},
	scheduling.CodeNotFound:         {http.StatusNotFound, scheduling.Text{ZH: "没有找到", EN: "Not found"}, false},
	scheduling.CodeMethodNotAllowed: {http.StatusMethodNotAllowed, scheduling.Text{ZH: "这个地址不支持这种请求", EN: "This address does not take that method"}, false},
	scheduling.CodeSlotTaken:        {http.StatusConflict, scheduling.Text{ZH: "这个时间刚被约走了", EN: "This time has just been taken"}, false},
	scheduling.CodeOverlap:          {http.StatusConflict, scheduling.Text{ZH: "这个时间您已经有预约了", EN: "You have another appointment at that time"}, false},
	scheduling.CodeTooLate:          {http.StatusConflict, scheduling.Text{ZH: "离开始太近了", EN: "Too close to the start"}, false},
	scheduling.CodeNotOpen:          {http.StatusConflict, scheduling.Text{ZH: "这一天还没有开放预约", EN: "Not open for booking yet"}, false},
	scheduling.CodeWrongState:       {http.StatusConflict, scheduling.Text{ZH: "现在不能做这一步", EN: "Not possible as things stand"}, false},
	scheduling.CodeLimitReached:     {http.StatusConflict, scheduling.Text{ZH: "已经约满可约的次数", EN: "No more of these may be booked"}, false},
	scheduling.CodeInUse:            {http.StatusConflict, scheduling.Text{ZH: "这段时间里已经有预约", EN: "Appointments are in the way"}, false},
	scheduling.CodeTooLarge:         {http.StatusRequestEntityTooLarge, scheduling.Text{ZH: "内容太长了", EN: "The request is too large"}, false},
	scheduling.CodeInvalid:          {http.StatusUnprocessableEntity, scheduling.Text{ZH: "有些内容需要改一改", EN: "Some fields are not valid"}, false},
	scheduling.CodeKeyReused:        {http.StatusUnprocessableEntity, scheduling.Text{ZH: "这个请求编号已经用过了", EN: "The Idempotency-Key was used for something else"}, false},
	scheduling.CodeRateLimited:      {http.StatusTooManyRequests, scheduling.Text{ZH: "试得太频繁了，请过一会儿再来", EN: "Too many tries, please wait"}, true},
	scheduling.CodeInternal:         {http.StatusInternalServerError, scheduling.Text{ZH: "抱歉，我们这边出了点问题", EN: "Sorry, something is wrong on our side"}, true},
	scheduling.CodeOverloaded:       {http.StatusServiceUnavailable, scheduling.Text{ZH: "现在人有点多，请稍等一下再试", EN: "Very busy just now, please try again in a moment"}, true},
}

// Of is the problem that an error is, in "zh" or "en".
func Of(err error, locale string) Problem {
	e := classify(err)
	k, known := table[e.Code]
	if !known {
		e, k = &scheduling.Error{Code: scheduling.CodeInternal}, table[scheduling.CodeInternal]
	}
	p := Problem{
		Type: "urn:magpie:problem:" + string(e.Code), Title: k.title.In(locale), Status: k.status, Code: e.Code,
		Detail: e.Text.In(locale), Retry: k.retry, RetryAfter: e.RetryAfter,
	}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, FieldError{Field: f.Field, Message: f.Message.In(locale)})
	}
	if e.Code == scheduling.CodeSlotTaken {
		p.Alternatives = slots(e.Alternatives)
	}
	for _, f := range e.Failed {
		p.Dates = append(p.Dates, Failed{Start: f.Start, Alternatives: *slots(f.Alternatives)})
	}
	for _, a := range e.InUse {
		p.Items = append(p.Items, booked(a))
	}
	if !e.OpensAt.IsZero() {
		p.OpensAt = &e.OpensAt
	}
	return p
}

// Malformed says that a request cannot be read, and why.
func Malformed(zh, en string) error {
	return &scheduling.Error{Code: scheduling.CodeMalformed, Text: scheduling.Text{ZH: zh, EN: en}}
}

// TooLarge says that a body is over the limit.
func TooLarge() error { return &scheduling.Error{Code: scheduling.CodeTooLarge} }

// classify finds what the table knows in any error. A deadline is overload:
// what was under way may have happened, and the same key resolves it.
func classify(err error) *scheduling.Error {
	var known *scheduling.Error
	var echoed *echo.HTTPError
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return scheduling.Overloaded()
	case errors.As(err, &tooLong):
		return &scheduling.Error{Code: scheduling.CodeTooLarge}
	case errors.As(err, &echoed):
		return &scheduling.Error{Code: ofStatus(echoed.Code)}
	}
	return &scheduling.Error{Code: scheduling.CodeInternal}
}

// ofStatus reads the few statuses that Echo gives by itself.
func ofStatus(status int) scheduling.Code {
	switch status {
	case http.StatusNotFound:
		return scheduling.CodeNotFound
	case http.StatusMethodNotAllowed:
		return scheduling.CodeMethodNotAllowed
	case http.StatusRequestEntityTooLarge:
		return scheduling.CodeTooLarge
	case http.StatusBadRequest, http.StatusUnsupportedMediaType:
		return scheduling.CodeMalformed
	case http.StatusServiceUnavailable:
		return scheduling.CodeOverloaded
	}
	return scheduling.CodeInternal
}

func slots(free []scheduling.Slot) *[]Slot {
	out := make([]Slot, 0, len(free))
	for _, s := range free {
		out = append(out, Slot{Start: s.Start, End: s.End, Free: s.Free})
	}
	return &out
}

func booked(a scheduling.Appointment) Booked {
	loc := time.UTC
	if a.Office != nil && a.Office.Location != nil {
		loc = a.Office.Location
	}
	return Booked{Reference: a.Reference, Start: a.Start.In(loc), End: a.End.In(loc)}
}

// seconds rounds a wait up: whoever waits as long as told must not be early.
func seconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }
