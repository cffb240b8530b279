package problem_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/problem"
	"magpie/scheduling"
)

// statuses is the contract's list of codes, written out by hand.
var statuses = map[scheduling.Code]int{
	"malformed": 400, "unauthenticated": 401, "second_factor": 401, "forbidden": 403, "not_found": 404, "method_not_allowed": 405,
	"slot_taken": 409, "overlap": 409, "too_late": 409, "not_open": 409, "wrong_state": 409, "limit_reached": 409, "in_use": 409,
	"too_large": 413, "invalid": 422, "key_reused": 422, "rate_limited": 429, "internal": 500, "overloaded": 503,
}

func TestEveryCodeHasTheContractsStatusAndATitleInBothLanguages(t *testing.T) {
	for code, status := range statuses {
		err := fmt.Errorf("book: %w", &scheduling.Error{Code: code})
		zh, en := problem.Of(err, "zh"), problem.Of(err, "en")
		if zh.Status != status || zh.Code != code || zh.Type != "urn:magpie:problem:"+string(code) {
			t.Errorf("%s is %+v", code, zh)
		}
		if zh.Title == "" || en.Title == "" || zh.Title == en.Title {
			t.Errorf("%s is titled %q and %q", code, zh.Title, en.Title)
		}
		if retry := status == 429 || status >= 500; zh.Retry != retry {
			t.Errorf("%s: retry is %t", code, zh.Retry)
		}
	}
}

func TestAnErrorOfAnyOtherKindFindsItsCode(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want scheduling.Code
	}{
		"a driver's error":     {errors.New("Error 1064 (42000)"), "internal"},
		"a code nobody knows":  {&scheduling.Error{Code: "second_thoughts"}, "internal"},
		"a deadline":           {fmt.Errorf("read: %w", context.DeadlineExceeded), "overloaded"},
		"a caller gone":        {fmt.Errorf("read: %w", context.Canceled), "overloaded"},
		"no route":             {echo.ErrNotFound, "not_found"},
		"another method":       {echo.ErrMethodNotAllowed, "method_not_allowed"},
		"Echo's body limit":    {echo.ErrStatusRequestEntityTooLarge, "too_large"},
		"net/http's limit":     {fmt.Errorf("read: %w", &http.MaxBytesError{Limit: 1}), "too_large"},
		"Echo's bad request":   {echo.NewHTTPError(http.StatusBadRequest, "secret"), "malformed"},
		"Echo's unsupported":   {echo.ErrUnsupportedMediaType, "malformed"},
		"Echo's teapot":        {echo.NewHTTPError(http.StatusTeapot), "internal"},
		"Echo's internal":      {echo.ErrInternalServerError, "internal"},
		"Echo's unavailable":   {echo.ErrServiceUnavailable, "overloaded"},
		"a refusal, wrapped":   {fmt.Errorf("move: %w", scheduling.TooLate()), "too_late"},
		"a body that is large": {problem.TooLarge(), "too_large"},
		"a body that is wrong": {problem.Malformed("坏", "bad"), "malformed"},
	} {
		got := problem.Of(c.err, "en")
		if got.Code != c.want || got.Status != statuses[c.want] {
			t.Errorf("%s is %s %d, want %s", name, got.Code, got.Status, c.want)
		}
		if strings.Contains(got.Detail+got.Title, "1064") || strings.Contains(got.Detail+got.Title, "secret") {
			t.Errorf("%s says %q", name, got.Detail)
		}
	}
}

func TestAProblemCarriesWhatItsCodePromises(t *testing.T) {
	opens := time.Date(2026, 12, 1, 8, 30, 0, 0, time.FixedZone("CST", 8*3600))
	if got := problem.Of(scheduling.NotOpen(opens), "zh"); got.OpensAt == nil || !got.OpensAt.Equal(opens) {
		t.Errorf("not_open opens at %v", got.OpensAt)
	}
	invalid := problem.Of(scheduling.Invalid("parties[0].name", "请填写。", "is required"), "zh")
	if len(invalid.Errors) != 1 || invalid.Errors[0] != (problem.FieldError{Field: "parties[0].name", Message: "请填写。"}) {
		t.Errorf("invalid names %v", invalid.Errors)
	}
	none, err := json.Marshal(problem.Of(scheduling.SlotTaken(nil), "zh"))
	if err != nil || !strings.Contains(string(none), `"alternatives":[]`) {
		t.Errorf("with nothing free slot_taken is %s (%v)", none, err)
	}
	other, err := json.Marshal(problem.Of(scheduling.Overlap(), "zh"))
	if err != nil || strings.Contains(string(other), "alternatives") || strings.Contains(string(other), "errors") {
		t.Errorf("overlap is %s (%v)", other, err)
	}
}

func answer(t *testing.T, err error, language string) (*httptest.ResponseRecorder, string) {
	t.Helper()
	var log bytes.Buffer
	e := echo.New()
	e.HTTPErrorHandler = problem.Handler(slog.New(slog.NewTextHandler(&log, nil)))
	e.GET("/x", func(echo.Context) error { return err })
	r := httptest.NewRequest(http.MethodGet, "/x?phone=13800138000", nil)
	r.Header.Set("Accept-Language", language)
	out := httptest.NewRecorder()
	e.ServeHTTP(out, r)
	return out, log.String()
}

func TestAnAnswerIsProblemJSONWithItsHeaders(t *testing.T) {
	for _, c := range []struct {
		err          error
		header, want string
	}{
		{scheduling.Unauthenticated(), "WWW-Authenticate", "Bearer"},
		{scheduling.RateLimited(90 * time.Second), "Retry-After", "90"},
		{scheduling.RateLimited(1500 * time.Millisecond), "Retry-After", "2"},
		{scheduling.Overloaded(), "Retry-After", "2"},
		{context.DeadlineExceeded, "Retry-After", "2"},
		{echo.ErrServiceUnavailable, "Retry-After", "2"},
		{scheduling.NotFound(), "Vary", "Accept-Language"},
	} {
		got, log := answer(t, c.err, "zh")
		if got.Header().Get(c.header) != c.want || got.Header().Get("Content-Type") != problem.ContentType {
			t.Errorf("%v: %s is %q, want %q", c.err, c.header, got.Header().Get(c.header), c.want)
		}
		if log != "" {
			t.Errorf("%v is logged: %s", c.err, log)
		}
	}
}

func TestAnInternalErrorIsLoggedOnceWithItsRouteAndNotItsAddress(t *testing.T) {
	got, log := answer(t, errors.New("disk is full"), "en")
	if got.Code != 500 || strings.Contains(got.Body.String(), "disk") {
		t.Errorf("answered %d %s", got.Code, got.Body)
	}
	if strings.Count(log, "disk is full") != 1 || !strings.Contains(log, "route=/x ") || strings.Contains(log, "138") {
		t.Errorf("logged %s", log)
	}
}

func TestTheLanguageIsTheOneLikedBetter(t *testing.T) {
	for accept, want := range map[string]string{
		"": "zh", "en": "en", "en-US,en;q=0.9": "en", "zh-CN,zh;q=0.9,en;q=0.8": "zh", "en;q=0.5,zh;q=0.6": "zh", "en;q=0.6, zh;q=0.5": "en",
		"fr": "zh", "fr,en;q=0.1": "en", "EN-gb": "en", "en;q=nonsense": "zh", "en;q=0": "zh", "*": "zh",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", accept)
		if got := problem.Locale(r); got != want {
			t.Errorf("%q is answered in %s, want %s", accept, got, want)
		}
	}
}
