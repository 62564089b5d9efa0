package httpapi

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/channels/webchat"
	"github.com/parleyhq/parley/desk"
)

// ticketLife is how long a ticket opens a stream.
const ticketLife = 30 * time.Second

// tickets open event streams: browsers cannot send a header with those, and a
// token in an address ends up in logs. A ticket is signed, so that any node
// takes it; the node that took it takes it only once.
type tickets struct {
	visitors *webchat.Tokens
	now      func() time.Time

	mu   sync.Mutex // guards used
	used map[string]time.Time
}

func (t *tickets) issue(v webchat.Visitor) string {
	nonce := make([]byte, 12)
	_, _ = rand.Read(nonce) // never fails (Go 1.24)
	text := strings.Join([]string{"t1", base64.RawURLEncoding.EncodeToString(nonce), strconv.FormatInt(t.now().Add(ticketLife).Unix(), 10), t.visitors.Sign(v)}, "~")
	return text + "~" + base64.RawURLEncoding.EncodeToString(t.visitors.Mark("ticket", text))
}

func (t *tickets) redeem(ticket string) (*webchat.Visitor, error) {
	bad := desk.Errorf(desk.Unauthenticated, "ticket_invalid", "get a new ticket from POST /v1/chat/ticket")
	i := strings.LastIndexByte(ticket, '~')
	if i < 0 || len(ticket) > 4096 {
		return nil, bad
	}
	sum, err := base64.RawURLEncoding.Strict().DecodeString(ticket[i+1:])
	parts := strings.Split(ticket[:i], "~")
	if err != nil || len(parts) != 4 || parts[0] != "t1" || !hmac.Equal(sum, t.visitors.Mark("ticket", ticket[:i])) {
		return nil, bad
	}
	now := t.now()
	if until, err := strconv.ParseInt(parts[2], 10, 64); err != nil || now.Unix() > until {
		return nil, bad
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, at := range t.used {
		if now.Sub(at) > ticketLife {
			delete(t.used, k)
		}
	}
	if _, again := t.used[parts[1]]; again {
		return nil, bad
	}
	if t.used == nil {
		t.used = map[string]time.Time{}
	}
	t.used[parts[1]] = now
	return t.visitors.Check(parts[3])
}

type ticketReply struct {
	Ticket string `json:"ticket" doc:"Opens one stream within 30 s."`
}

func (s *Server) chatTicket(ctx context.Context, _ *none) (*reply[ticketReply], error) {
	return &reply[ticketReply]{ticketReply{s.tickets.issue(*callerOf(ctx).Visitor)}}, nil
}

// chatStream is the fallback where WebSockets do not pass: the same frames as
// server-sent events.
func (s *Server) chatStream(c *gin.Context) {
	v, err := s.tickets.redeem(c.Query("ticket"))
	if err != nil {
		s.refuse(c, err)
		return
	}
	after, err := strconv.ParseInt(c.DefaultQuery("after", "0"), 10, 64)
	if err != nil || after < 0 {
		s.refuse(c, &desk.Error{Kind: desk.Invalid, Code: "invalid", Message: "after is a seq", Field: "after"})
		return
	}
	callerOf(c.Request.Context()).Visitor = v
	h := c.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	p := &ssePipe{w: c.Writer, rc: http.NewResponseController(c.Writer), gone: make(chan struct{})}
	l := s.hub.newLine("stream", p)
	l.ctx = context.WithValue(l.ctx, callerKey{}, callerOf(c.Request.Context()))
	if !s.hub.open(l) {
		s.refuse(c, desk.Errorf(desk.Unavailable, "going_away", "the server is going away; connect again"))
		return
	}
	c.Status(http.StatusOK)
	c.Writer.WriteHeaderNow()
	s.startChatLine(l, v, desk.ID(c.Query("conversation")), after)
	select {
	case <-c.Request.Context().Done():
	case <-p.gone:
	}
	l.end(goingAway, "")
	p.finish()
}

// ssePipe is an event stream. After finish nothing is written any more.
type ssePipe struct {
	w    http.ResponseWriter
	rc   *http.ResponseController
	gone chan struct{}
	once sync.Once

	mu   sync.Mutex // guards w and over
	over bool
}

func (p *ssePipe) write(_ context.Context, frame []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return errPipe
	}
	if err := p.rc.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return fmt.Errorf("%w: %w", errPipe, err)
	}
	if _, err := fmt.Fprintf(p.w, "data: %s\n\n", frame); err != nil {
		return fmt.Errorf("%w: %w", errPipe, err)
	}
	if err := p.rc.Flush(); err != nil {
		return fmt.Errorf("%w: %w", errPipe, err)
	}
	return nil
}

// ping is a frame too, so that the widget sees the stream alive.
func (p *ssePipe) ping(ctx context.Context) error { return p.write(ctx, pongFrame) }

func (p *ssePipe) close(websocket.StatusCode, string) { p.once.Do(func() { close(p.gone) }) }

func (p *ssePipe) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
}

func documentChatStream(op *huma.Operation) {
	op.Description = "Server-sent events with the frames of /v1/chat/ws from hello on, for networks that let no WebSocket pass. Send with POST then."
	one := func(name, doc string, required bool, schema *huma.Schema) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: doc, Required: required, Schema: schema}
	}
	op.Parameters = []*huma.Param{
		one("ticket", "Of POST /v1/chat/ticket.", true, &huma.Schema{Type: huma.TypeString}),
		one("conversation", "The conversation you were in.", false, &huma.Schema{Type: huma.TypeString}),
		one("after", "The newest seq you have of it.", false, &huma.Schema{Type: huma.TypeInteger}),
	}
	op.Responses["200"] = &huma.Response{Description: "The stream.", Content: map[string]*huma.MediaType{"text/event-stream": {}}}
}
