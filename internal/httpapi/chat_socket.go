package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coder/websocket"
	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/channels/webchat"
	"github.com/parleyhq/parley/desk"
)

// The limits of what a customer's socket may send.
const (
	frameLimit = 64 << 10
	helloLimit = 10 * time.Second
)

// chatFrame is what a customer's socket sends. Which fields count depends on
// Type: hello {token, conversation?, after?}, send (as POST
// /v1/chat/messages), typing {on}, read {seq}, ping.
type chatFrame struct {
	Type  string `json:"type"`
	Token string `json:"token"`
	After int64  `json:"after"`
	On    bool   `json:"on"`
	Seq   int64  `json:"seq"`
	webchat.Message
}

// The frames a customer's line gets; event frames are eventFrame.
type (
	helloFrame struct {
		Type         string      `json:"type"`
		Conversation *View       `json:"conversation"`
		Events       []ChatEvent `json:"events"`
	}
	viewFrame struct {
		Type         string `json:"type"`
		Conversation View   `json:"conversation"`
	}
	ackFrame struct {
		Type     string      `json:"type"`
		ClientID string      `json:"client_id"`
		Message  ChatMessage `json:"message"`
		Repeat   bool        `json:"repeat"`
	}
	errorFrame struct {
		Type     string   `json:"type"`
		ClientID string   `json:"client_id,omitempty"`
		Error    *Problem `json:"error"`
	}
)

var pongFrame = []byte(`{"type":"pong"}`)

// wsPipe is a WebSocket. Its writes may come from several goroutines.
type wsPipe struct{ conn *websocket.Conn }

func (p wsPipe) write(ctx context.Context, frame []byte) error {
	if err := p.conn.Write(ctx, websocket.MessageText, frame); err != nil {
		return fmt.Errorf("%w: %w", errPipe, err)
	}
	return nil
}

func (p wsPipe) ping(ctx context.Context) error { return p.conn.Ping(ctx) }

// close says why, and waits a few seconds for the other side to agree.
func (p wsPipe) close(code websocket.StatusCode, reason string) {
	_ = p.conn.Close(code, clip(reason, 120))
}

// acceptSocket upgrades a request whose origin has been checked already. The handler
// may return afterwards: the connection lives on by itself.
func acceptSocket(c *gin.Context) (*websocket.Conn, error) {
	conn, err := websocket.Accept(c.Writer, c.Request, &websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(frameLimit)
	return conn, nil
}

// chatSocket is a customer's WebSocket.
func (s *Server) chatSocket(c *gin.Context) {
	who := *callerOf(c.Request.Context())
	conn, err := acceptSocket(c)
	if err != nil {
		return // Accept has answered
	}
	go s.serveChat(conn, who)
}

func (s *Server) serveChat(conn *websocket.Conn, who caller) {
	ctx := context.WithValue(context.Background(), callerKey{}, &who)
	hello, err := s.readHello(ctx, conn)
	if err == nil {
		who.Visitor, err = s.visitors.Check(hello.Token)
	}
	if err != nil {
		p := s.problem(ctx, err)
		wctx, cancel := context.WithTimeout(ctx, writeLimit)
		defer cancel()
		_ = conn.Write(wctx, websocket.MessageText, encode(errorFrame{"error", "", p}))
		code := badFrame
		if p.Kind == desk.Unauthenticated {
			code = signedOut
		}
		_ = conn.Close(code, p.Code)
		return
	}
	l := s.hub.newLine("customer", wsPipe{conn})
	l.ctx = context.WithValue(l.ctx, callerKey{}, &who)
	if !s.hub.open(l) {
		_ = conn.Close(goingAway, "the server is going away")
		return
	}
	s.startChatLine(l, who.Visitor, hello.Conversation, hello.After)
	l.fail(s.readChat(l, conn, who.Visitor))
}

func (s *Server) readHello(ctx context.Context, conn *websocket.Conn) (chatFrame, error) {
	ctx, cancel := context.WithTimeout(ctx, helloLimit)
	defer cancel()
	var f chatFrame
	_, b, err := conn.Read(ctx)
	if err != nil {
		return f, desk.Errorf(desk.Unauthenticated, "no_hello", "the first frame is hello, with the token")
	}
	if err := decodeFrame(b, &f); err != nil {
		return f, desk.Errorf(desk.Invalid, "malformed", "%s", err.Error())
	}
	if f.Type != "hello" {
		return f, desk.Errorf(desk.Unauthenticated, "no_hello", "the first frame is hello, with the token")
	}
	return f, nil
}

// readChat reads until the line is lost. What a customer sends is taken in
// here, one after the other, so that it keeps its order.
func (s *Server) readChat(l *line, conn *websocket.Conn, v *webchat.Visitor) error {
	for {
		_, b, err := conn.Read(l.ctx)
		if err != nil {
			return errors.Join(errPipe, err)
		}
		var f chatFrame
		if err := decodeFrame(b, &f); err != nil {
			s.tellError(l, "", desk.Errorf(desk.Invalid, "malformed", "%s", err.Error()))
			if limited := s.limits.takeKey(usual, "malformed "+string(v.Contact)); limited != nil {
				return limited
			}
			continue
		}
		if err := s.chatFrame(l, v, f); err != nil {
			return err
		}
	}
}

// chatFrame carries out one frame. An error of it ends the line; those of the
// customer's message go back to him.
func (s *Server) chatFrame(l *line, v *webchat.Visitor, f chatFrame) error {
	ctx, cancel := context.WithTimeout(l.ctx, 30*time.Second)
	defer cancel()
	class := usual
	if f.Type == "send" {
		class = sending
	}
	if err := s.limits.takeKey(class, "contact "+string(v.Contact)); err != nil {
		s.tellError(l, f.ClientID, err)
		return nil
	}
	switch f.Type {
	case "ping":
		l.push(item{do: func(ctx context.Context) error { return l.send(ctx, pongFrame) }})
	case "send":
		a, err := s.accept(ctx, v, f.Message)
		if err != nil {
			s.tellError(l, f.ClientID, err)
			return nil
		}
		frame := encode(ackFrame{"ack", f.ClientID, a.Message, a.Repeat})
		l.push(item{do: func(ctx context.Context) error { return l.send(ctx, frame) }})
	case "typing", "read":
		// Which conversation is meant is known to the goroutine that drains.
		l.push(item{do: func(ctx context.Context) error {
			c := l.watched()
			if c == "" {
				return nil
			}
			if f.Type == "typing" {
				s.Router.Typing(ctx, c, desk.Author{Kind: desk.ByCustomer, ID: v.Contact}, f.On)
				return nil
			}
			if err := s.Router.MarkRead(ctx, c, desk.ByCustomer, f.Seq); err != nil {
				return l.send(ctx, encode(errorFrame{"error", "", s.problem(ctx, err)}))
			}
			return nil
		}})
	default:
		s.tellError(l, f.ClientID, desk.Errorf(desk.Invalid, "unknown_frame", "frames are send, typing, read and ping"))
	}
	return nil
}

func (s *Server) tellError(l *line, clientID string, err error) {
	frame := encode(errorFrame{"error", clip(clientID, 100), s.problem(l.ctx, err)})
	l.push(item{do: func(ctx context.Context) error { return l.send(ctx, frame) }})
}

// startChatLine makes a line a customer's: it says hello with what he missed,
// then follows his conversation.
func (s *Server) startChatLine(l *line, v *webchat.Visitor, conversation desk.ID, after int64) {
	l.handle = s.chatItem
	if v.ByLink() {
		l.beat = func(context.Context) error { return s.visitors.Fresh(*v) }
	} else {
		s.hub.listen(l, topic{true, "contact." + string(v.Contact)})
	}
	l.push(item{do: func(ctx context.Context) error { return s.sayHello(ctx, l, v, conversation, after) }})
}

// sayHello listens first and reads the backlog then, so that what happens in
// between comes twice rather than never; the second time is dropped by its seq.
func (s *Server) sayHello(ctx context.Context, l *line, v *webchat.Visitor, conversation desk.ID, after int64) error {
	c, err := s.current(ctx, v)
	if err != nil {
		return err
	}
	if c == nil {
		return l.send(ctx, encode(helloFrame{"hello", nil, []ChatEvent{}}))
	}
	missed := []ChatEvent{}
	if conversation != "" && conversation != c.ID {
		// He was in an older one: what it has that he has not seen comes first.
		old, err := s.own(ctx, v, conversation)
		if err == nil {
			if missed, _, err = s.missed(ctx, old.ID, after); err != nil {
				return err
			}
		} else if !desk.IsKind(err, desk.NotFound) {
			return err
		}
		after = 0
	} else if conversation == "" {
		after = 0
	}
	l.watch(c.ID)
	events, seen, err := s.missed(ctx, c.ID, after)
	if err != nil {
		return err
	}
	l.seen[c.ID] = seen
	now, err := s.Reads.Conversation(ctx, c.ID)
	if err != nil {
		return err
	}
	view, err := s.view(ctx, now)
	if err != nil {
		return err
	}
	return l.send(ctx, encode(helloFrame{"hello", &view, append(missed, events...)}))
}

// maxMissed bounds what a hello brings; somebody who missed more gets the
// newest and reads the rest with GET /v1/chat/history.
const maxMissed = 1000

// missed reads the events after seq, and up to where it read.
func (s *Server) missed(ctx context.Context, conversation desk.ID, after int64) ([]ChatEvent, int64, error) {
	out := []ChatEvent{}
	for range maxMissed / backlog {
		events, err := s.Reads.Timeline(ctx, conversation, after, backlog)
		if err != nil {
			return nil, after, err
		}
		out = append(out, s.chatEvents(events)...)
		if n := len(events); n > 0 {
			after = events[n-1].Seq
		}
		if len(events) < backlog {
			return out, after, nil
		}
	}
	events, err := s.Reads.Before(ctx, conversation, fromEnd, newest)
	if err != nil {
		return nil, after, err
	}
	for _, e := range events {
		if e.Seq > after {
			out, after = append(out, s.chatEvents([]desk.Event{e})...), e.Seq
		}
	}
	return out, after, nil
}

// chatItem writes what happened in the customer's conversation.
func (s *Server) chatItem(ctx context.Context, l *line, it item) error {
	if it.follow != "" {
		return s.followTo(ctx, l, it.follow)
	}
	if it.seq > 0 {
		seen, watching := l.seen[it.conversation]
		switch {
		case !watching || it.seq <= seen:
			return nil
		case it.seq > seen+1:
			if err := s.catchUp(ctx, l, it.conversation); err != nil {
				return err
			}
		default:
			l.seen[it.conversation] = it.seq
			if it.frame != nil {
				if err := l.send(ctx, it.frame); err != nil {
					return err
				}
			}
		}
	} else if it.frame != nil {
		if err := l.send(ctx, it.frame); err != nil {
			return err
		}
	}
	if it.refresh {
		return s.sendView(ctx, l, it.conversation)
	}
	return nil
}

// catchUp reads from the store what the bus lost or brought out of order.
func (s *Server) catchUp(ctx context.Context, l *line, conversation desk.ID) error {
	events, seen, err := s.missed(ctx, conversation, l.seen[conversation])
	if err != nil {
		return err
	}
	l.seen[conversation] = seen
	for _, e := range events {
		if err := l.send(ctx, encode(eventFrame{"event", e})); err != nil {
			return err
		}
	}
	return nil
}

// followTo moves a line to the conversation the customer is in now.
func (s *Server) followTo(ctx context.Context, l *line, conversation desk.ID) error {
	if l.watched() == conversation {
		return nil
	}
	l.watch(conversation)
	l.seen[conversation] = 0
	if err := s.sendView(ctx, l, conversation); err != nil {
		return err
	}
	return s.catchUp(ctx, l, conversation)
}

func (s *Server) sendView(ctx context.Context, l *line, conversation desk.ID) error {
	c, err := s.Reads.Conversation(ctx, conversation)
	if err != nil {
		return err
	}
	v, err := s.view(ctx, c)
	if err != nil {
		return err
	}
	return l.send(ctx, encode(viewFrame{"conversation", v}))
}

// watched is the one conversation a customer's line follows; only for the
// goroutine that drains.
func (l *line) watched() desk.ID {
	for id := range l.seen {
		return id
	}
	return ""
}

// watch follows one conversation and leaves the one before.
func (l *line) watch(conversation desk.ID) {
	for id := range l.seen {
		if id != conversation {
			l.hub.unlisten(l, topic{true, "conv." + string(id)})
			delete(l.seen, id)
		}
	}
	l.hub.listen(l, topic{true, "conv." + string(conversation)})
}

// documentChatSocket says in OpenAPI what OpenAPI has no words for.
func documentChatSocket(op *huma.Operation) {
	op.Description = `A WebSocket. The first frame within 10 s is {"type":"hello","token":"...","conversation":"...","after":12};
the server answers with hello: the conversation and the events after that seq. Leave conversation and after out the first time.

From you: send (client_id and the fields of POST /v1/chat/messages), typing {on}, read {seq}, ping.
From us: event {event}, conversation {conversation} when status, agent or place changed or a new conversation began,
ack {client_id, message, repeat}, error {client_id?, error}, pong. We ping every 20 s.
Stored events come in the order of their seq, each once. A connection that cannot keep up is closed with 4408:
connect again and say after. 4401 means that the token is no longer valid.`
	op.Responses["101"] = &huma.Response{Description: http.StatusText(http.StatusSwitchingProtocols)}
}
