package httpapi

import (
	"context"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
)

// How long a body may take to arrive.
const (
	bodyTime   = 30 * time.Second
	uploadTime = 3 * time.Minute
)

// workTime is how long a call may take; whoever waits longer has gone.
const workTime = 2 * time.Minute

// SessionCookie is the name of the console's session cookie.
const SessionCookie = "parley_session"

// guard decides whether a request may enter a route: who calls, whether a
// browser was tricked into it, how often, how large. It is the only such place.
func (s *Server) guard(r route) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := s.admit(c, r); err != nil {
			s.refuse(c, err)
			return
		}
		who := callerOf(c.Request.Context())
		if err := s.limits.take(r.class, who); err != nil {
			s.refuse(c, err)
			return
		}
		// One more than huma's own limit, so that huma is the one to say it.
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, r.maxBody+1)
		if r.gin != nil && r.method != http.MethodGet { // huma sets it for the routes that it serves
			_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Now().Add(uploadTime)) // not every connection has one
		}
		if r.gin == nil { // sockets and streams last
			ctx, cancel := context.WithTimeout(c.Request.Context(), workTime)
			defer cancel()
			c.Request = c.Request.WithContext(ctx)
		}
		c.Next()
		s.audit(c, r)
	}
}

func (s *Server) admit(c *gin.Context, r route) error {
	console := strings.HasPrefix(r.path, "/api/")
	bearer, hasBearer := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer ")
	if console && !hasBearer && r.method != http.MethodGet {
		if err := s.sameSite(c.Request); err != nil {
			return err
		}
	}
	switch r.who {
	case anyone, inFrame, byTicket, bySigned:
		return nil
	case operator:
		return s.admitOperator(c, bearer)
	case customer:
		v, err := s.visitors.Check(bearer)
		if err != nil {
			return err
		}
		callerOf(c.Request.Context()).Visitor = v
		return nil
	}
	u, err := s.signIn(c, bearer, hasBearer)
	if err != nil {
		return err
	}
	if r.who != signedIn && !access.Can(u.Roles, r.who) {
		return desk.Errorf(desk.Forbidden, "forbidden", "this needs the permission %s", r.who)
	}
	return nil
}

// signIn finds the console user by API token, else by session cookie.
func (s *Server) signIn(c *gin.Context, bearer string, hasBearer bool) (access.User, error) {
	ctx, who := c.Request.Context(), callerOf(c.Request.Context())
	if hasBearer {
		u, _, err := s.Gate.Bearer(ctx, bearer)
		if err != nil {
			return u, err
		}
		who.User, who.Bearer = &u, true
		return u, nil
	}
	cookie, err := c.Request.Cookie(SessionCookie)
	if err != nil {
		return access.User{}, desk.Errorf(desk.Unauthenticated, "signed_out", "sign in first")
	}
	u, err := s.Gate.Session(ctx, cookie.Value)
	if err != nil {
		return u, err
	}
	who.User, who.Session = &u, cookie.Value
	return u, nil
}

// sameSite refuses a changing console request that another site's page may
// have caused: browsers cannot send X-Parley across sites without asking us.
func (s *Server) sameSite(r *http.Request) error {
	if r.Header.Get("X-Parley") != "1" {
		return desk.Errorf(desk.Forbidden, "csrf", "a changing request needs the header X-Parley: 1")
	}
	return s.ownOrigin(r)
}

// ownOrigin refuses a request that a page of another origin made.
func (s *Server) ownOrigin(r *http.Request) error {
	origin := r.Header.Get("Origin")
	if origin == "" {
		if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
			return desk.Errorf(desk.Forbidden, "origin", "this request came from another site")
		}
		return nil
	}
	if !s.isOwn(origin, r) {
		return desk.Errorf(desk.Forbidden, "origin", "this request came from another site")
	}
	return nil
}

// isOwn reports whether origin is the address at which we are reached.
func (s *Server) isOwn(origin string, r *http.Request) bool {
	o, err := url.Parse(origin)
	if err != nil || o.Host == "" {
		return false
	}
	if s.public != nil && strings.EqualFold(o.Host, s.public.Host) && o.Scheme == s.public.Scheme {
		return true
	}
	return strings.EqualFold(o.Host, r.Host)
}

func (s *Server) admitOperator(c *gin.Context, bearer string) error {
	if s.MetricsToken != "" {
		if subtle.ConstantTimeCompare([]byte(bearer), []byte(s.MetricsToken)) == 1 {
			return nil
		}
		return desk.Errorf(desk.Unauthenticated, "metrics_token", "give the metrics token as a bearer token")
	}
	// A proxy on this machine speaks from loopback for the whole world.
	host, _, err := net.SplitHostPort(c.Request.RemoteAddr)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsLoopback() && c.GetHeader("X-Forwarded-For") == "" && c.GetHeader("Forwarded") == "" {
		return nil
	}
	return desk.Errorf(desk.Forbidden, "loopback_only", "without a metrics token this is only served to this machine itself")
}

// audit records a changing console call that was let in and carried out.
func (s *Server) audit(c *gin.Context, r route) {
	who := callerOf(c.Request.Context())
	if r.noAudit || who.User == nil || r.method == http.MethodGet || !strings.HasPrefix(r.path, "/api/") || c.Writer.Status() >= 400 {
		return
	}
	var target []string
	for _, p := range c.Params {
		target = append(target, p.Value)
	}
	s.Gate.Record(c.Request.Context(), access.Entry{UserID: who.User.ID, UserName: who.User.Name, Action: r.action(), Target: strings.Join(target, " "), Address: who.From.Address})
}
