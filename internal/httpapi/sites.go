package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
)

// Site is a place where customers meet the chat: a web site, or an app's back
// end that signs for its users.
type Site struct {
	Origins []string // "https://shop.example.com"; "*" for every origin
	Secret  string   // signs who a logged-in customer is; empty: nobody can be signed in
}

// siteOf finds the site an origin belongs to. Our own origin, and callers
// without one (apps, servers), belong to the first site.
func (s *Server) siteOf(r *http.Request) (Site, error) {
	origin := r.Header.Get("Origin")
	if origin == "" || s.isOwn(origin, r) {
		if len(s.Sites) == 0 {
			return Site{}, nil
		}
		return s.Sites[0], nil
	}
	for _, site := range s.Sites {
		if slices.ContainsFunc(site.Origins, func(o string) bool { return o == "*" || strings.EqualFold(strings.TrimSuffix(o, "/"), origin) }) {
			return site, nil
		}
	}
	return Site{}, desk.Errorf(desk.Forbidden, "origin", "the chat is not open to pages of %s: the operator can add it to the sites", clip(origin, 100))
}

// cors lets the pages of our sites call the customer API, and no others.
func (s *Server) cors(c *gin.Context) {
	if !strings.HasPrefix(c.Request.URL.Path, "/v1/") {
		c.Next()
		return
	}
	h := c.Writer.Header()
	h.Add("Vary", "Origin")
	site, err := s.siteOf(c.Request)
	if err != nil {
		s.refuse(c, err)
		return
	}
	callerOf(c.Request.Context()).Site = site
	if c.GetHeader("Origin") == "" {
		c.Next()
		return
	}
	h.Set("Access-Control-Allow-Origin", c.GetHeader("Origin"))
	h.Set("Access-Control-Expose-Headers", "Retry-After, X-Request-ID")
	if c.Request.Method != http.MethodOptions {
		c.Next()
		return
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Request-ID")
	h.Set("Access-Control-Max-Age", "600")
	c.AbortWithStatus(http.StatusNoContent)
}

// clip shortens s to at most n bytes of whole characters.
func clip(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}
