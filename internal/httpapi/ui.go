package httpapi

import (
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
)

// noRoute serves the web pages for everything that is not an API address.
func (s *Server) noRoute(c *gin.Context) {
	p := c.Request.URL.Path
	if strings.HasPrefix(p, "/api/") || strings.HasPrefix(p, "/v1/") || p == "/api" || p == "/v1" || s.UI == nil {
		s.refuse(c, desk.Errorf(desk.NotFound, "no_route", "there is nothing at this address with this method; /openapi.json lists what there is"))
		return
	}
	c.Status(200) // gin has set 404 already
	s.UI.ServeHTTP(c.Writer, c.Request)
}
