package scheduling

import (
	"errors"
	"time"
)

// Code is the stable name of an error, the same in every language and on
// every way in; the public contract lists them.
type Code string

// The codes of the contract.
const (
	CodeMalformed        Code = "malformed"
	CodeUnauthenticated  Code = "unauthenticated"
	CodeSecondFactor     Code = "second_factor"
	CodeForbidden        Code = "forbidden"
	CodeNotFound         Code = "not_found"
	CodeMethodNotAllowed Code = "method_not_allowed"
	CodeSlotTaken        Code = "slot_taken"
	CodeOverlap          Code = "overlap"
	CodeTooLate          Code = "too_late"
	CodeNotOpen          Code = "not_open"
	CodeWrongState       Code = "wrong_state"
	CodeLimitReached     Code = "limit_reached"
	CodeInUse            Code = "in_use"
	CodeTooLarge         Code = "too_large"
	CodeInvalid          Code = "invalid"
	CodeKeyReused        Code = "key_reused"
	CodeRateLimited      Code = "rate_limited"
	CodeInternal         Code = "internal"
	CodeOverloaded       Code = "overloaded"
)

// FieldError says what is wrong with one field, by the path that the caller
// used, such as parties[0].name.
type FieldError struct {
	Field   string
	Message Text
}

// Error is every refusal that a caller may read. Anything else is internal
// and is never shown.
type Error struct {
	Code Code
	Text Text
	// Fields names what is wrong, with CodeInvalid.
	Fields []FieldError
	// OpensAt is when the day opens, with CodeNotOpen.
	OpensAt time.Time
	// Alternatives are the nearest free starts, with CodeSlotTaken.
	Alternatives []Slot
	// Failed are the starts of a series that cannot be had, with CodeSlotTaken.
	Failed []FailedStart
	// InUse are the appointments in the way, with CodeInUse.
	InUse []Appointment
	// RetryAfter is how long to wait, with CodeRateLimited and CodeOverloaded.
	RetryAfter time.Duration
}

// Error answers the code and the English text; neither holds personal data.
func (e *Error) Error() string {
	out := string(e.Code)
	if e.Text.EN != "" {
		out += ": " + e.Text.EN
	}
	for _, f := range e.Fields {
		out += " (" + f.Field + ": " + f.Message.EN + ")"
	}
	return out
}

// CodeOf answers the code of an error, and CodeInternal for any that is not
// an *Error.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// ofState says that the refusal is about how things stand, and not about how
// it was asked.
func (e *Error) ofState() bool {
	switch e.Code {
	case CodeWrongState, CodeTooLate, CodeNotOpen, CodeSlotTaken, CodeOverlap, CodeLimitReached:
		return true
	}
	return false
}

// NotFound is the answer for what does not exist and for what is another's:
// the two cannot be told apart.
func NotFound() *Error {
	return &Error{Code: CodeNotFound, Text: Text{ZH: "没有找到。请核对一下地址或编号。", EN: "not found"}}
}

// Unauthenticated asks for a token.
func Unauthenticated() *Error {
	return &Error{Code: CodeUnauthenticated, Text: Text{ZH: "请先验证手机号或登录。", EN: "a valid token is needed"}}
}

// SecondFactor asks for the second factor: the password was right.
func SecondFactor() *Error {
	return &Error{Code: CodeSecondFactor, Text: Text{ZH: "还差一步：请输入验证器上的6位数字，或一个备用码。", EN: "a code of the second factor is needed, or a recovery code"}}
}

// FactorMissing says that the office wants a second factor of this member, who
// has none yet.
func FactorMissing() *Error {
	return &Error{Code: CodeSecondFactor, Text: Text{ZH: "您的岗位要用两步验证。请先设置验证器。", EN: "your role needs a second factor, please set one up first"}}
}

// Forbidden says that the signed-in person may not do this.
func Forbidden() *Error {
	return &Error{Code: CodeForbidden, Text: Text{ZH: "您的岗位不能做这一步。", EN: "your role may not do this"}}
}

// Invalid names one wrong field.
func Invalid(field, zh, en string) *Error {
	return &Error{
		Code:   CodeInvalid,
		Text:   Text{ZH: "有些内容需要改一改。", EN: "some fields are not valid"},
		Fields: []FieldError{{Field: field, Message: Text{ZH: zh, EN: en}}},
	}
}

// SlotTaken says that no session can start then, and offers the nearest ones.
func SlotTaken(alternatives []Slot) *Error {
	return &Error{
		Code:         CodeSlotTaken,
		Text:         Text{ZH: "抱歉，这个时间刚被约走了。您看看别的时间行不行。", EN: "this time is no longer free"},
		Alternatives: alternatives,
	}
}

// Overlap says that the asking person has another session then.
func Overlap() *Error {
	return &Error{Code: CodeOverlap, Text: Text{ZH: "这个时间您已经有一个预约了。", EN: "you have another appointment at that time"}}
}

// TooLate says that the time for booking or changing by oneself is over.
func TooLate() *Error {
	return &Error{Code: CodeTooLate, Text: Text{ZH: "离开始太近了，网上改不了，请打电话给我们。", EN: "too close to the start, please call the office"}}
}

// NotOpen says that the day is not yet open for booking.
func NotOpen(opensAt time.Time) *Error {
	return &Error{Code: CodeNotOpen, OpensAt: opensAt, Text: Text{ZH: "这一天还没有开放预约。", EN: "this day is not open for booking yet"}}
}

// WrongState says that what is asked for cannot be done from where things
// stand.
func WrongState() *Error {
	return &Error{Code: CodeWrongState, Text: Text{ZH: "现在不能做这一步，请刷新看看最新情况。", EN: "not in a state for this"}}
}

// NotNoShowYet says from which time of the day on no-show can be said.
func NotNoShowYet(from string) *Error {
	return &Error{Code: CodeWrongState, Text: Text{ZH: "还早，" + from + "以后才能记“没来”，请再等一等。", EN: "too early: no-show can be said from " + from + " on"}}
}

// LimitReached says that the asking person has as many as one may have.
func LimitReached() *Error {
	return &Error{Code: CodeLimitReached, Text: Text{ZH: "您已经约了这项服务，等这次结束后再约，或先取消它。", EN: "you have as many of these as one may have"}}
}

// InUse lists the appointments that are in the way.
func InUse(items []Appointment) *Error {
	return &Error{Code: CodeInUse, InUse: items, Text: Text{ZH: "这段时间里已经有预约。", EN: "appointments are in the way"}}
}

// KeyReused says that an Idempotency-Key came with another body before.
func KeyReused() *Error {
	return &Error{Code: CodeKeyReused, Text: Text{ZH: "这个请求编号已经用过了。", EN: "this Idempotency-Key was used with another body"}}
}

// RateLimited says when to try again.
func RateLimited(after time.Duration) *Error {
	return &Error{Code: CodeRateLimited, RetryAfter: max(after, time.Second), Text: Text{ZH: "试得太频繁了，请过一会儿再来。", EN: "too many tries, please wait"}}
}

// Overloaded says that the outcome is unknown or that there is no room now; the
// same Idempotency-Key resolves which.
func Overloaded() *Error {
	return &Error{Code: CodeOverloaded, RetryAfter: 2 * time.Second, Text: Text{ZH: "现在人有点多，请稍等一下再试。", EN: "please try again in a moment"}}
}
