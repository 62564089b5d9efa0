package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
)

var requestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// begin names the request and its caller, and refuses addresses that no store
// could hold.
func (s *Server) begin(c *gin.Context) {
	id := c.GetHeader("X-Request-ID")
	if !requestID.MatchString(id) {
		id = string(desk.NewID())
	}
	who := &caller{RequestID: id, From: access.From{Address: c.ClientIP(), Agent: c.Request.UserAgent()}}
	ctx := desk.WithTrace(context.WithValue(c.Request.Context(), callerKey{}, who), desk.Trace{Request: id})
	c.Request = c.Request.WithContext(ctx)
	h := c.Writer.Header()
	h.Set("X-Request-ID", id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	if !clean(c.Request.URL.Path) || !cleanQuery(c.Request.URL.Query()) {
		s.refuse(c, &Problem{Kind: desk.Invalid, Code: "malformed", Message: "the address holds broken UTF-8 or a NUL character", RequestID: id, status: http.StatusBadRequest})
		return
	}
	if p := c.Request.URL.Path; strings.HasPrefix(p, "/api/") || strings.HasPrefix(p, "/v1/") {
		h.Set("Cache-Control", "no-store")
	}
	c.Next()
}

func cleanQuery(q url.Values) bool {
	for k, vs := range q {
		if !clean(k) || slices.ContainsFunc(vs, func(v string) bool { return !clean(v) }) {
			return false
		}
	}
	return true
}

func clean(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// log writes one line per request: never the query, a header or a body.
func (s *Server) log(c *gin.Context) {
	start := time.Now()
	c.Next()
	took, path := time.Since(start), c.FullPath()
	if path == "" {
		path = "(ui)"
	}
	s.Metrics.request(c.Request.Method, path, c.Writer.Status(), took)
	who := callerOf(c.Request.Context())
	attrs := []slog.Attr{
		slog.String("request", who.RequestID), slog.String("method", c.Request.Method), slog.String("route", path),
		slog.Int("status", c.Writer.Status()), slog.Int("bytes", max(0, c.Writer.Size())), slog.Duration("took", took), slog.String("address", who.From.Address),
	}
	if who.User != nil {
		attrs = append(attrs, slog.String("user", string(who.User.ID)))
	}
	if who.Visitor != nil {
		attrs = append(attrs, slog.String("contact", string(who.Visitor.Contact)))
	}
	if who.Conversation != "" {
		attrs = append(attrs, slog.String("conversation", string(who.Conversation)))
	}
	if id := c.Param("id"); id != "" && clean(id) {
		attrs = append(attrs, slog.String("id", id))
	}
	level := slog.LevelInfo
	if c.Writer.Status() >= 500 {
		level = slog.LevelError
	} else if path == "/healthz" || path == "/readyz" || path == "/metrics" || path == "(ui)" {
		level = slog.LevelDebug
	}
	s.Log.LogAttrs(c.Request.Context(), level, "request", attrs...)
}

// recover turns a panic into an answer; the stack is in the log only.
func (s *Server) recover(c *gin.Context) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if r == http.ErrAbortHandler {
			panic(r)
		}
		s.Log.ErrorContext(c.Request.Context(), "panic", "request", callerOf(c.Request.Context()).RequestID, "route", c.FullPath(), "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
		if c.Writer.Written() {
			c.Abort()
			return
		}
		p := &Problem{Kind: desk.Internal, Code: "internal", Message: "something went wrong on our side", RequestID: callerOf(c.Request.Context()).RequestID, status: http.StatusInternalServerError}
		c.AbortWithStatusJSON(p.status, p)
	}()
	c.Next()
}
