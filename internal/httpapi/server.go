// Package httpapi is Parley's HTTP face: the customers' chat API, the
// console's API, sockets, uploads, health, metrics and the web pages. Every
// route and its permission is in routes.go; what they do is elsewhere.
package httpapi

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/channels/webchat"
	"github.com/parleyhq/parley/internal/access"
)

// Server serves everything on one port. Fill in its fields, then call Handler
// once.
type Server struct {
	Gate      *access.Gate
	Metrics   *Metrics
	Log       *slog.Logger
	Now       func() time.Time
	Router    Router
	Reads     Reads
	Bus       Bus
	Brands    Brands
	Files     Files
	Assist    Assist       // nil: no suggestions
	Library   Library      // nil: no articles
	Canned    Canned       // nil: no canned replies
	Sources   Sources      // nil: nothing is imported
	Insight   Insight      // nil: nobody looks for what articles lack
	Previews  Previews     // nil: no previews
	Reviews   Reviews      // nil: no articles
	Playbooks Playbooks    // nil: none to show
	Evals     Evals        // nil: no suites are run
	Exchanges Exchanges    // nil: no model is asked
	Voice     *Voice       // nil: no calls
	Checks    []Check      // what /readyz asks
	UI        http.Handler // the web pages; nil: none
	Help      http.Handler // the public help centre, below /help; nil: none

	Version        string
	PublicURL      string   // where browsers reach us, "https://chat.example.com"; empty: as they say in Host
	TrustedProxies []string // addresses or networks whose X-Forwarded-For counts
	MetricsToken   string   // opens /metrics; empty: this machine only
	Rates          *Rates   // nil: DefaultRates
	Sites          []Site   // where customers meet the chat
	FilesDir       string   // where uploads are kept
	MaxUpload      int64    // bytes; 0: DefaultMaxUpload

	Heartbeat time.Duration // how often a line is asked whether it lives; 0: 20 s

	public   *url.URL
	limits   *limits
	visitors *webchat.Tokens
	tickets  *tickets
	hub      *hub
}

// Handler checks the fields, fills in defaults and returns what serves every
// request. It reads, or on the first start makes, the key that signs
// customers' tokens.
func (s *Server) Handler(ctx context.Context) (http.Handler, error) {
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.RedirectTrailingSlash, engine.RedirectFixedPath, engine.HandleMethodNotAllowed = false, false, true
	engine.ContextWithFallback = true
	if err := engine.SetTrustedProxies(s.TrustedProxies); err != nil {
		return nil, fmt.Errorf("trusted proxies: %w", err)
	}
	engine.Use(s.log, s.recover, s.begin, s.cors)
	api := s.newAPI(engine)
	s.mountAll(engine, api)
	engine.GET("/openapi.json", s.openAPI(api))
	engine.NoRoute(s.noRoute)
	engine.NoMethod(s.noRoute)
	return engine, nil
}

// Close ends every socket and stream, so that their owners connect elsewhere.
// Requests under way are http.Server's to wait for.
func (s *Server) Close() {
	if s.hub != nil {
		s.hub.close()
	}
}

func (s *Server) prepare(ctx context.Context) error {
	if s.Log == nil {
		s.Log = slog.Default()
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Heartbeat <= 0 {
		s.Heartbeat = 20 * time.Second
	}
	if s.Metrics == nil {
		s.Metrics = NewMetrics()
	}
	if s.Rates == nil {
		s.Rates = &DefaultRates
	}
	if s.PublicURL != "" {
		u, err := url.Parse(s.PublicURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("public address %q: use http://host or https://host", s.PublicURL)
		}
		s.public = u
	}
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails (Go 1.24)
	key, err := s.Gate.Store.Secret(ctx, "visitors", fresh)
	if err != nil {
		return fmt.Errorf("key of customers' tokens: %w", err)
	}
	s.visitors = &webchat.Tokens{Key: key, Now: s.Now}
	s.tickets = &tickets{visitors: s.visitors, now: s.Now}
	s.limits = newLimits(*s.Rates, s.Now)
	if s.MaxUpload == 0 {
		s.MaxUpload = DefaultMaxUpload
	}
	if s.hub, err = newHub(s); err != nil {
		return fmt.Errorf("listen for events: %w", err)
	}
	return nil
}
