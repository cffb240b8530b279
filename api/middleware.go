package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/labstack/echo/v4"

	"magpie/api/dav"
	"magpie/api/problem"
	"magpie/api/rest"
	"magpie/api/web"
	"magpie/scheduling"
)

// unmatched stands for the path of a request that no route has: such a path
// may hold anything and goes into no log.
const unmatched = "unmatched"

// identify names the request and sets the headers that every answer has. The
// name is ours: one that a caller chose would be a caller's line in our log.
func (s *Server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderXRequestID, rand.Text())
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderXFrameOptions, "DENY")
		h.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
		h.Set(echo.HeaderReferrerPolicy, "no-referrer")
		h.Set(echo.HeaderCacheControl, "no-store")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if s.cfg.HTTPS {
			h.Set(echo.HeaderStrictTransportSecurity, "max-age=31536000")
		}
		return next(c)
	}
}

// observe answers errors, counts the request and writes its line in the log. An
// error after the answer has begun breaks the transfer off: what would look
// whole to its reader must be.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began, broken := s.cfg.Now(), false
		if err := next(c); err != nil {
			broken = c.Response().Committed
			c.Error(err)
		}
		took := s.cfg.Now().Sub(began)
		method, route, status := c.Request().Method, s.route(c), c.Response().Status
		s.gauges.finished(method, route, status, took)
		level := slog.LevelInfo
		if route == healthPath || route == readyPath {
			level = slog.LevelDebug
		}
		line := []slog.Attr{
			slog.String("method", method), slog.String("route", route), slog.Int("status", status),
			slog.Duration("duration", took), slog.String("request_id", c.Response().Header().Get(echo.HeaderXRequestID)),
		}
		if broken {
			line = append(line, slog.Bool("broken_off", true))
		}
		s.cfg.Log.LogAttrs(c.Request().Context(), level, "request", line...)
		if broken {
			panic(http.ErrAbortHandler)
		}
		return nil
	}
}

// refuse answers errors: with a page where somebody reads it, else with problem
// details.
func (s *Server) refuse(details echo.HTTPErrorHandler) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if s.cfg.Web != nil && s.cfg.Web.Serves(c) {
			s.cfg.Web.Trouble(err, c)
			return
		}
		details(err, c)
	}
}

// route is the template of the address, never the address.
func (s *Server) route(c echo.Context) string {
	if s.routes[c.Path()] {
		return c.Path()
	}
	return unmatched
}

// recover makes a panic the error that it is.
func (s *Server) recover(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch r := recover(); r {
			case nil:
			case http.ErrAbortHandler:
				panic(r)
			default:
				err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
		}()
		return next(c)
	}
}

// readBody takes in the whole body before anything else is spent on the
// request, so that whoever sends slowly waits alone.
func (s *Server) readBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Body == nil || r.Body == http.NoBody {
			return next(c)
		}
		most := mostOf(c)
		if r.ContentLength > most {
			return problem.TooLarge()
		}
		raw, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, most))
		var tooLong *http.MaxBytesError
		switch {
		case errors.As(err, &tooLong):
			return problem.TooLarge()
		case err != nil:
			return problem.Malformed("请求没有发完。", "the body broke off")
		}
		r.Body = io.NopCloser(bytes.NewReader(raw))
		return next(c)
	}
}

// mostOf is how long a request's body may be, in bytes.
func mostOf(c echo.Context) int64 {
	switch c.Path() {
	case rest.HookPath:
		return rest.MaxPush
	case dav.Path:
		return dav.MaxReport
	case rest.OfficeFilePath:
		return rest.MaxOfficeFile
	}
	return maxBody
}

// shed refuses at once what would only wait. Whether the server is alive and
// ready is always answered; pages that wait for news are counted by themselves.
func (s *Server) shed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Path() == healthPath || c.Path() == readyPath || c.Path() == web.EventsPath {
			return next(c)
		}
		select {
		case s.places <- struct{}{}:
		default:
			s.gauges.shed.Inc()
			return scheduling.Overloaded()
		}
		s.gauges.underWay.Inc()
		defer func() {
			s.gauges.underWay.Dec()
			<-s.places
		}()
		return next(c)
	}
}

// limitTime ends a request's context after its time; what comes of that is
// answered as overloaded, since it may have happened. A page that waits for news
// waits as long as it is open.
func (s *Server) limitTime(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Path() == web.EventsPath {
			return next(c)
		}
		ctx, cancel := context.WithTimeout(c.Request().Context(), s.cfg.Timeout)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}
