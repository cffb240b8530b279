package problem

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/scheduling"
)

// retryLater is told where an error that passes does not say when.
const retryLater = 2 * time.Second

// Handler answers errors for Echo. Whatever is internal is logged here and
// nowhere else; an answer that has begun is left as it is.
func Handler(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		p := Of(err, Locale(c.Request()))
		p.Report(c, log, err)
		if c.Response().Committed {
			return
		}
		if err := write(c, p); err != nil {
			log.LogAttrs(c.Request().Context(), slog.LevelDebug, "answer not written", slog.Any("error", err))
		}
	}
}

// Report logs the error that a problem was made of, where it is internal.
// Whoever answers an error calls it, once.
func (p Problem) Report(c echo.Context, log *slog.Logger, err error) {
	if p.Code != scheduling.CodeInternal {
		return
	}
	log.LogAttrs(c.Request().Context(), slog.LevelError, "request failed",
		slog.String("request_id", c.Response().Header().Get(echo.HeaderXRequestID)),
		slog.String("method", c.Request().Method), slog.String("route", c.Path()), slog.Any("error", err))
}

// Wait is how long to wait before the next try, in whole seconds; zero where
// that would change nothing.
func (p Problem) Wait() time.Duration {
	if p.Status != http.StatusTooManyRequests && p.Status != http.StatusServiceUnavailable {
		return 0
	}
	wait := p.RetryAfter
	if wait <= 0 {
		wait = retryLater
	}
	return time.Duration(seconds(wait)) * time.Second
}

// SetRetryAfter tells a program when to try again (RFC 9110, 10.2.3).
func (p Problem) SetRetryAfter(h http.Header) {
	if wait := p.Wait(); wait > 0 {
		h.Set(echo.HeaderRetryAfter, strconv.Itoa(int(wait/time.Second)))
	}
}

func write(c echo.Context, p Problem) error {
	header := c.Response().Header()
	if p.Status == http.StatusUnauthorized {
		header.Set(echo.HeaderWWWAuthenticate, "Bearer") // RFC 9110, 11.6.1
	}
	p.SetRetryAfter(header)
	header.Add(echo.HeaderVary, "Accept-Language")
	if c.Request().Method == http.MethodHead {
		return c.NoContent(p.Status)
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return c.Blob(p.Status, ContentType, body)
}

// Locale is the language of a request by its Accept-Language (RFC 9110,
// 12.5.4): "en" where English is liked better than Chinese, else "zh".
func Locale(r *http.Request) string {
	best, bestQ := "zh", 0.0
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			parsed, err := strconv.ParseFloat(value, 64)
			if err != nil {
				continue
			}
			q = parsed
		}
		language, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		if (language == "zh" || language == "en") && q > bestQ {
			best, bestQ = language, q
		}
	}
	return best
}
