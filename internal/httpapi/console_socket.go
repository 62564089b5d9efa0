package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/coder/websocket"
	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/playbook"
)

// maxWatched bounds the conversations one console follows at once.
const maxWatched = 20

// consoleFrame is what a console's socket sends: watch {conversation, after},
// unwatch {conversation}, typing {conversation, on}, ping.
type consoleFrame struct {
	Type         string  `json:"type"`
	Conversation desk.ID `json:"conversation"`
	After        int64   `json:"after"`
	On           bool    `json:"on"`
}

type (
	meFrame struct {
		Type string `json:"type"`
		Me   Me     `json:"me"`
	}
	offerFrame struct {
		Type string `json:"type"`
		OfferCard
	}
	offerClosedFrame struct {
		Type  string          `json:"type"`
		ID    desk.ID         `json:"id"`
		State desk.OfferState `json:"state"`
	}
)

// consoleSocket is a console's WebSocket. While it is open its user is
// connected, as far as routing is concerned.
func (s *Server) consoleSocket(c *gin.Context) {
	who := *callerOf(c.Request.Context())
	if !who.Bearer {
		if err := s.ownOrigin(c.Request); err != nil {
			s.refuse(c, err)
			return
		}
	}
	bearer := c.GetHeader("Authorization")
	conn, err := acceptSocket(c)
	if err != nil {
		return // Accept has answered
	}
	go s.serveConsole(conn, who, bearer)
}

func (s *Server) serveConsole(conn *websocket.Conn, who caller, bearer string) {
	l := s.hub.newLine("console", wsPipe{conn})
	l.ctx = context.WithValue(l.ctx, callerKey{}, &who)
	l.handle = s.consoleItem
	works := access.Can(who.User.Roles, access.ConversationWrite)
	l.beat = func(ctx context.Context) error { return s.stillIn(ctx, who, bearer, works) }
	if !s.hub.open(l) {
		_ = conn.Close(goingAway, "the server is going away")
		return
	}
	if works {
		if err := s.connected(l.ctx, *who.User); err != nil {
			s.Log.Warn("connect an agent", "user", who.User.ID, "err", err)
		}
		defer func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := s.Router.Disconnected(ctx, who.User.ID); err != nil && !desk.IsKind(err, desk.NotFound) {
				s.Log.Warn("disconnect an agent", "user", who.User.ID, "err", err)
			}
		}()
	}
	for _, subject := range []string{"inbox", "presence", "agent." + string(who.User.ID)} {
		s.hub.listen(l, topic{false, subject})
	}
	if access.Can(who.User.Roles, access.EvalsRead) {
		s.hub.listen(l, topic{false, playbook.RunSubject})
	}
	l.push(item{do: func(ctx context.Context) error {
		me, err := s.me(ctx, *who.User)
		if err != nil {
			return err
		}
		return l.send(ctx, encode(meFrame{"hello", me}))
	}})
	l.fail(s.readConsole(l, conn))
}

// connected tells routing; a user whom it has never met is introduced first.
func (s *Server) connected(ctx context.Context, u access.User) error {
	err := s.Router.Connected(ctx, u.ID)
	if !desk.IsKind(err, desk.NotFound) {
		return err
	}
	if err := s.Gate.Introduce(ctx, u); err != nil {
		return err
	}
	return s.Router.Connected(ctx, u.ID)
}

// stillIn ends the line of somebody who signed out or was shut out meanwhile.
func (s *Server) stillIn(ctx context.Context, who caller, bearer string, works bool) error {
	var err error
	if who.Bearer {
		_, _, err = s.Gate.Bearer(ctx, bearer[len("Bearer "):])
	} else {
		_, err = s.Gate.Session(ctx, who.Session)
	}
	if desk.IsKind(err, desk.Unauthenticated) {
		return err
	}
	if works {
		if err := s.Router.Heartbeat(ctx, who.User.ID); err != nil && !desk.IsKind(err, desk.NotFound) {
			s.Log.Warn("heartbeat", "user", who.User.ID, "err", err)
		}
	}
	return nil
}

func (s *Server) readConsole(l *line, conn *websocket.Conn) error {
	for {
		_, b, err := conn.Read(l.ctx)
		if err != nil {
			return errors.Join(errPipe, err)
		}
		if err := s.limits.take(usual, callerOf(l.ctx)); err != nil {
			s.tellError(l, "", err)
			continue
		}
		var f consoleFrame
		if err := decodeFrame(b, &f); err != nil {
			s.tellError(l, "", desk.Errorf(desk.Invalid, "malformed", "%s", err.Error()))
			continue
		}
		l.push(item{do: func(ctx context.Context) error {
			if err := s.consoleFrame(ctx, l, f); errors.Is(err, errPipe) {
				return err
			} else if err != nil {
				return l.send(ctx, encode(errorFrame{"error", "", s.problem(ctx, err)}))
			}
			return nil
		}})
	}
}

func (s *Server) consoleFrame(ctx context.Context, l *line, f consoleFrame) error {
	switch f.Type {
	case "ping":
		return l.send(ctx, pongFrame)
	case "watch":
		c, err := s.visible(ctx, f.Conversation)
		if err != nil {
			return err
		}
		if _, on := l.seen[c.ID]; !on && len(l.seen) >= maxWatched {
			return desk.Errorf(desk.TooMany, "too_many_watched", "one console follows at most %d conversations", maxWatched)
		}
		s.hub.listen(l, topic{false, "conv." + string(c.ID)})
		l.seen[c.ID] = f.After
		return s.catchUpConsole(ctx, l, c.ID)
	case "unwatch":
		s.hub.unlisten(l, topic{false, "conv." + string(f.Conversation)})
		delete(l.seen, f.Conversation)
		return nil
	case "typing":
		c, err := s.visible(ctx, f.Conversation)
		if err == nil {
			s.typed(ctx, c, f.On)
		}
		return err
	}
	return desk.Errorf(desk.Invalid, "unknown_frame", "frames are watch, unwatch, typing and ping")
}

// consoleItem writes what happened, in the order of its seq.
func (s *Server) consoleItem(ctx context.Context, l *line, it item) error {
	switch {
	case it.agentNews != nil:
		return s.agentNews(ctx, l, it.agentNews)
	case it.seq == 0:
		return l.send(ctx, it.frame)
	}
	seen, watching := l.seen[it.conversation]
	switch {
	case !watching || it.seq <= seen:
		return nil
	case it.seq > seen+1:
		return s.catchUpConsole(ctx, l, it.conversation)
	}
	l.seen[it.conversation] = it.seq
	return l.send(ctx, it.frame)
}

// catchUpConsole sends everything after what was seen; of a very long absence
// only the newest part, which the console notices by the gap.
func (s *Server) catchUpConsole(ctx context.Context, l *line, conversation desk.ID) error {
	for range maxMissed / backlog {
		events, err := s.Reads.Timeline(ctx, conversation, l.seen[conversation], backlog)
		if err != nil {
			return err
		}
		if err := s.sendEvents(ctx, l, conversation, events); err != nil || len(events) < backlog {
			return err
		}
	}
	events, err := s.Reads.Before(ctx, conversation, fromEnd, newest)
	if err != nil {
		return err
	}
	return s.sendEvents(ctx, l, conversation, events)
}

func (s *Server) sendEvents(ctx context.Context, l *line, conversation desk.ID, events []desk.Event) error {
	for _, e := range events {
		if e.Seq <= l.seen[conversation] {
			continue
		}
		if err := l.send(ctx, encode(eventFrame{"event", e})); err != nil {
			return err
		}
		l.seen[conversation] = e.Seq
	}
	return nil
}

// agentNews turns what routing and assist tell one agent into frames.
func (s *Server) agentNews(ctx context.Context, l *line, b []byte) error {
	var n struct {
		Kind string          `json:"kind"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(b, &n); err != nil {
		return desk.Errorf(desk.Internal, "bad_news", "read news for an agent: %w", err)
	}
	switch n.Kind {
	case "offer":
		var o desk.Offer
		if err := json.Unmarshal(n.Data, &o); err != nil {
			return desk.Errorf(desk.Internal, "bad_news", "read an offer: %w", err)
		}
		card, err := s.offerCard(ctx, o)
		if err != nil {
			return err
		}
		return l.send(ctx, encode(offerFrame{"offer", card}))
	case "offer_closed":
		var f offerClosedFrame
		if err := json.Unmarshal(n.Data, &f); err != nil {
			return desk.Errorf(desk.Internal, "bad_news", "read an offer that closed: %w", err)
		}
		f.Type = "offer_closed"
		return l.send(ctx, encode(f))
	case "presence":
		return l.send(ctx, encode(presenceFrame{"presence", n.Data}))
	case "suggestions":
		return l.send(ctx, typed("suggestions", n.Data))
	case "call":
		return l.send(ctx, typed("call", n.Data))
	}
	return nil
}

// typed is a JSON object with its type put in.
func typed(typ string, object []byte) []byte {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(object, &fields); err != nil {
		return encode(map[string]any{"type": typ, "items": json.RawMessage(object)})
	}
	fields["type"] = encode(typ)
	return encode(fields)
}

func documentConsoleSocket(op *huma.Operation) {
	op.Description += `

A WebSocket for the console. From you: watch {conversation, after}, unwatch {conversation}, typing {conversation, on}, ping.
From us: hello {me}; event {event} of watched conversations in the order of their seq, each once; inbox {conversation_id, status, queue, agent_id}
after any change in a list; offer {offer, row, card}; offer_closed {id, state}; presence {agent};
suggestions {conversation_id, message_id, items}; call {conversation_id, call} at every change of a call of mine; eval_run {run} as a run of suites gets on, for those who may read evals; error {error}; pong. While it is open the user counts as connected.`
	op.Responses["101"] = &huma.Response{Description: http.StatusText(http.StatusSwitchingProtocols)}
}
