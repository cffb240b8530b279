// Package api is the HTTP server: what every request passes through, health,
// metrics, the OpenAPI document and its reference page. The routes of the API
// itself are in package rest, the pages for citizens in package web.
//
// It promises that a request is answered or refused within its time, that a
// server with too much to do says so at once instead of letting everybody
// wait, and that no log line of it holds an address, a number, a token or a
// query. It keeps no state of its own and reads no setting.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"magpie/api/dav"
	"magpie/api/problem"
	"magpie/api/rest"
	"magpie/api/session"
	"magpie/api/web"
)

const (
	maxBody     = 64 << 10 // bytes
	maxUnderWay = 256
	timeout     = 10 * time.Second
)

// Readiness says whether requests can be served.
type Readiness interface {
	// Ready answers what somebody should know, or why nothing can be served.
	Ready(ctx context.Context) (warnings []string, err error)
}

// Config is what a server is made of.
type Config struct {
	Listen        string // host:port; port 0 takes a free one
	MetricsListen string // empty: no metrics are served
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// VerifyPhones is whether booking needs a proven number.
	VerifyPhones bool
	// HTTPS is whether citizens come over https, so that they may be told to
	// always do.
	HTTPS bool
	// MaxUnderWay is how many requests may be under way; 0: 256.
	MaxUnderWay int
	// Timeout is how long a request may take; 0: 10 s.
	Timeout time.Duration

	API     *rest.API
	Session session.Use
	Ready   Readiness
	// Web is the pages for citizens; nil: there are none.
	Web *web.Site
	// DAV is counsellors' calendars by CalDAV; nil: there are none.
	DAV *dav.Site
	// Registry takes the metrics; nil makes one.
	Registry *prometheus.Registry
	Now      func() time.Time
	Log      *slog.Logger
}

// Server answers requests from Start to Stop.
type Server struct {
	cfg      Config
	echo     *echo.Echo
	routes   map[string]bool
	gauges   *gauges
	places   chan struct{} // one for each request under way
	main     *http.Server
	metrics  *http.Server
	listener net.Listener
	measured net.Listener
	running  sync.WaitGroup
}

// New builds the server; nothing listens yet.
func New(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.MaxUnderWay == 0 {
		cfg.MaxUnderWay = maxUnderWay
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = timeout
	}
	if cfg.Registry == nil {
		cfg.Registry = prometheus.NewRegistry()
	}
	spec, err := rest.Load(ctx)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, echo: echo.New(), gauges: newGauges(cfg.Registry), places: make(chan struct{}, cfg.MaxUnderWay)}
	s.echo.IPExtractor = session.Extractor(cfg.TrustedProxies)
	s.echo.HTTPErrorHandler = s.refuse(problem.Handler(cfg.Log))
	s.echo.Use(s.identify, s.observe, s.recover, s.readBody, s.shed, s.limitTime)
	if err := s.addRoutes(spec); err != nil {
		return nil, err
	}
	s.main = s.httpServer(s.echo)
	if cfg.Web != nil {
		s.main.RegisterOnShutdown(cfg.Web.Close)
	}
	metrics := http.NewServeMux()
	metrics.Handle("GET /metrics", promhttp.HandlerFor(cfg.Registry, promhttp.HandlerOpts{}))
	s.metrics = s.httpServer(metrics)
	return s, nil
}

// Handler is the whole server without a listener.
func (s *Server) Handler() http.Handler { return s.echo }

// Routes lists every route that is served, "METHOD /path" with :parameters.
func (s *Server) Routes() []*echo.Route { return s.echo.Routes() }

// Start listens and answers until Stop. It returns once the addresses are
// taken, or with the error that says which could not be.
func (s *Server) Start(ctx context.Context) error {
	var err error
	if s.listener, err = s.serve(ctx, s.main, s.cfg.Listen); err != nil {
		return err
	}
	if s.cfg.MetricsListen == "" {
		return nil
	}
	if s.measured, err = s.serve(ctx, s.metrics, s.cfg.MetricsListen); err != nil {
		return errors.Join(err, s.Stop(ctx))
	}
	return nil
}

// Addr is the address taken; nil before Start.
func (s *Server) Addr() net.Addr { return taken(s.listener) }

// MetricsAddr is the address taken for the metrics; nil where there is none.
func (s *Server) MetricsAddr() net.Addr { return taken(s.measured) }

// Stop takes no new request, answers those under way and returns; when ctx
// ends first, the rest is cut off. It may be called again.
func (s *Server) Stop(ctx context.Context) error {
	err := s.main.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("answer what is under way: %w", err), s.main.Close())
	}
	err = errors.Join(err, s.metrics.Close())
	s.running.Wait()
	return err
}

func (s *Server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      s.cfg.Timeout + 20*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
}

func (s *Server) serve(ctx context.Context, server *http.Server, address string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s.running.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.cfg.Log.Error("server ended", slog.Any("error", err))
		}
	})
	return listener, nil
}

func taken(l net.Listener) net.Addr {
	if l == nil {
		return nil
	}
	return l.Addr()
}
