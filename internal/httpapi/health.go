package httpapi

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
)

// Check reports whether one thing we depend on answers.
type Check struct {
	Name string
	Ask  func(ctx context.Context) error
}

type health struct {
	Status  string `json:"status" enum:"ok"`
	Version string `json:"version"`
}

func (s *Server) healthz(context.Context, *none) (*reply[health], error) {
	return &reply[health]{health{"ok", s.Version}}, nil
}

// readyz asks everything in Checks, each for at most two seconds.
func (s *Server) readyz(ctx context.Context, _ *none) (*reply[health], error) {
	for _, c := range s.Checks {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := c.Ask(ctx)
		cancel()
		if err != nil {
			return nil, desk.Errorf(desk.Unavailable, "not_ready", "%s does not answer", c.Name)
		}
	}
	return &reply[health]{health{"ok", s.Version}}, nil
}

func (s *Server) metrics(c *gin.Context) { s.Metrics.handler().ServeHTTP(c.Writer, c.Request) }
