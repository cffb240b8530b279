package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/rest"
	"magpie/api/session"
)

const (
	healthPath   = "/healthz"
	readyPath    = "/readyz"
	documentPath = "/api/v1/openapi.json"
	pagePath     = "/api/v1/docs"

	readyTimeout = 2 * time.Second
	retrySoon    = "2" // seconds
)

// health is the body of /healthz and /readyz.
type health struct {
	Status   string   `json:"status"`
	Warnings []string `json:"warnings"`
}

func (s *Server) addRoutes(spec *rest.Spec) error {
	document, err := spec.JSON()
	if err != nil {
		return err
	}
	if err := s.cfg.API.Register(s.echo, spec, session.New(s.cfg.Session, s.cfg.VerifyPhones)); err != nil {
		return err
	}
	s.echo.GET(healthPath, alive)
	s.echo.GET(readyPath, s.ready)
	s.echo.GET(documentPath, func(c echo.Context) error { return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, document) })
	s.echo.GET(pagePath, reference())
	if s.cfg.DAV != nil {
		s.cfg.DAV.Register(s.echo)
	}
	if s.cfg.Web != nil {
		s.cfg.Web.Register(s.echo)
	}
	s.routes = make(map[string]bool)
	for _, r := range s.echo.Routes() {
		s.routes[r.Path] = true
	}
	return nil
}

func alive(c echo.Context) error {
	return c.JSON(http.StatusOK, health{Status: "ok", Warnings: []string{}})
}

func (s *Server) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), readyTimeout)
	defer cancel()
	warnings, err := s.cfg.Ready.Ready(ctx)
	if warnings == nil {
		warnings = []string{}
	}
	if err != nil {
		s.cfg.Log.LogAttrs(ctx, slog.LevelError, "not ready", slog.Any("error", err))
		c.Response().Header().Set(echo.HeaderRetryAfter, retrySoon)
		return c.JSON(http.StatusServiceUnavailable, health{Status: "unavailable", Warnings: warnings})
	}
	return c.JSON(http.StatusOK, health{Status: "ok", Warnings: warnings})
}

// reference serves the page, which is nearly two megabytes: it is made and
// packed when somebody first asks for it.
func reference() echo.HandlerFunc {
	type made struct {
		plain, packed []byte
		policy        string
	}
	get := sync.OnceValue(func() made {
		page, policy := rest.ReferencePage()
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(page); err != nil || w.Close() != nil {
			return made{plain: page, policy: policy}
		}
		return made{plain: page, packed: packed.Bytes(), policy: policy}
	})
	return func(c echo.Context) error {
		page := get()
		h := c.Response().Header()
		h.Set(echo.HeaderContentSecurityPolicy, page.policy)
		h.Set(echo.HeaderCacheControl, "max-age=600")
		h.Set(echo.HeaderVary, echo.HeaderAcceptEncoding)
		if page.packed != nil && strings.Contains(c.Request().Header.Get(echo.HeaderAcceptEncoding), "gzip") {
			h.Set(echo.HeaderContentEncoding, "gzip")
			return c.HTMLBlob(http.StatusOK, page.packed)
		}
		return c.HTMLBlob(http.StatusOK, page.plain)
	}
}
