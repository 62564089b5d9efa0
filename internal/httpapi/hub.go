package httpapi

import (
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/playbook"
	"github.com/parleyhq/parley/routing"
)

// Bus carries events between nodes and screens.
type Bus interface {
	Publish(subject string, v any) error
	Subscribe(subject string, f func(subject string, b []byte)) (stop func(), err error)
}

// hub hands events to the open lines of this node. It holds one subscription
// per subject pattern however many lines there are, and encodes each event
// once for all customers and once for all agents.
type hub struct {
	s   *Server
	log *slog.Logger

	mu     sync.RWMutex // guards topics, lines, closed
	topics map[topic]map[*line]struct{}
	lines  map[*line]struct{}
	closed bool

	stops []func()
	done  chan struct{}
	wg    sync.WaitGroup
}

// topic is a subject as one kind of listener gets it.
type topic struct {
	customer bool
	subject  string
}

func newHub(s *Server) (*hub, error) {
	h := &hub{s: s, log: s.Log, topics: map[topic]map[*line]struct{}{}, lines: map[*line]struct{}{}, done: make(chan struct{})}
	for pattern, f := range map[string]func(string, []byte){
		"conv.*": h.conversation, "contact.*": h.contact, "agent.*": h.agent, "inbox": h.inbox, "presence": h.presence, playbook.RunSubject: h.run,
	} {
		stop, err := s.Bus.Subscribe(pattern, f)
		if err != nil {
			h.close()
			return nil, err
		}
		h.stops = append(h.stops, stop)
	}
	h.wg.Go(h.pulse)
	return h, nil
}

// close ends every line; their customers and agents resume elsewhere.
func (h *hub) close() {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return
	}
	h.closed = true
	lines := make([]*line, 0, len(h.lines))
	for l := range h.lines {
		lines = append(lines, l)
	}
	h.mu.Unlock()
	close(h.done)
	for _, stop := range h.stops {
		stop()
	}
	for _, l := range lines {
		l.end(goingAway, "the server is going away; connect again")
	}
	h.wg.Wait()
}

// open admits a line; false when the hub is closing.
func (h *hub) open(l *line) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.lines[l] = struct{}{}
	h.s.Metrics.sockets.WithLabelValues(l.kind).Inc()
	return true
}

// drop forgets a line and everything it listens to.
func (h *hub) drop(l *line) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.lines[l]; !ok {
		return
	}
	delete(h.lines, l)
	h.s.Metrics.sockets.WithLabelValues(l.kind).Dec()
	for t := range l.topics {
		h.leave(l, t)
	}
}

func (h *hub) listen(l *line, t topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.lines[l]; !ok {
		return
	}
	if h.topics[t] == nil {
		h.topics[t] = map[*line]struct{}{}
	}
	h.topics[t][l] = struct{}{}
	l.topics[t] = struct{}{}
}

func (h *hub) unlisten(l *line, t topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leave(l, t)
}

// leave needs the lock.
func (h *hub) leave(l *line, t topic) {
	delete(l.topics, t)
	delete(h.topics[t], l)
	if len(h.topics[t]) == 0 {
		delete(h.topics, t)
	}
}

// listeners are the lines of a topic now.
func (h *hub) listeners(t topic) []*line {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if len(h.topics[t]) == 0 {
		return nil
	}
	out := make([]*line, 0, len(h.topics[t]))
	for l := range h.topics[t] {
		out = append(out, l)
	}
	return out
}

// conversation fans out one event of a conversation.
func (h *hub) conversation(subject string, b []byte) {
	customers, agents := h.listeners(topic{true, subject}), h.listeners(topic{false, subject})
	if len(customers)+len(agents) == 0 {
		return
	}
	var e desk.Event
	if err := json.Unmarshal(b, &e); err != nil {
		h.log.Warn("an event that cannot be read", "subject", subject, "err", err)
		return
	}
	if len(agents) > 0 {
		it := item{conversation: e.ConversationID, seq: e.Seq, frame: encode(eventFrame{"event", json.RawMessage(b)})}
		for _, l := range agents {
			l.push(it)
		}
	}
	if len(customers) == 0 {
		return
	}
	it := item{conversation: e.ConversationID, seq: e.Seq, refresh: changesView(e)}
	if c, ok := h.s.chatEvent(e); ok {
		it.frame = encode(eventFrame{"event", c})
	}
	for _, l := range customers {
		l.push(it)
	}
}

// changesView reports whether the customer's view is another after e.
func changesView(e desk.Event) bool {
	switch e.Kind {
	case desk.EventStatus:
		return true
	case desk.EventMark: // a call began or ended, a call back was promised, or he has proved who he is
		var m desk.Mark
		return json.Unmarshal(e.Data, &m) == nil && (m.Kind == desk.MarkCall || m.Kind == desk.MarkVerified || m.Kind == routing.MarkCallback)
	}
	return false
}

// contactNews is published on "contact.<id>" when a customer's message or
// opening was accepted, so that his other lines follow him.
type contactNews struct {
	ConversationID desk.ID `json:"conversation_id"`
}

func (h *hub) contact(subject string, b []byte) {
	lines := h.listeners(topic{true, subject})
	if len(lines) == 0 {
		return
	}
	var n contactNews
	if json.Unmarshal(b, &n) != nil {
		return
	}
	for _, l := range lines {
		l.push(item{follow: n.ConversationID})
	}
}

// agent passes on offers, suggestions and one's own presence.
func (h *hub) agent(subject string, b []byte) {
	for _, l := range h.listeners(topic{false, subject}) {
		l.push(item{agentNews: b})
	}
}

func (h *hub) inbox(subject string, b []byte) {
	lines := h.listeners(topic{false, subject})
	if len(lines) == 0 {
		return
	}
	frame := typed("inbox", b)
	for _, l := range lines {
		l.push(item{frame: frame})
	}
}

// run passes on how far a run of suites is.
func (h *hub) run(subject string, b []byte) {
	lines := h.listeners(topic{false, subject})
	if len(lines) == 0 {
		return
	}
	frame := encode(runFrame{"eval_run", json.RawMessage(b)})
	for _, l := range lines {
		l.push(item{frame: frame})
	}
}

type runFrame struct {
	Type string          `json:"type"`
	Run  json.RawMessage `json:"run"`
}

func (h *hub) presence(subject string, b []byte) {
	lines := h.listeners(topic{false, subject})
	if len(lines) == 0 {
		return
	}
	frame := encode(presenceFrame{"presence", json.RawMessage(b)})
	for _, l := range lines {
		l.push(item{frame: frame})
	}
}

// pulse asks every line once per Server.Heartbeat whether it lives, a few at a
// time.
func (h *hub) pulse() {
	const slices = 40
	tick := time.NewTicker(h.s.Heartbeat / slices)
	defer tick.Stop()
	var turn uint32
	for {
		select {
		case <-h.done:
			return
		case <-tick.C:
		}
		turn++
		h.mu.RLock()
		var due []*line
		for l := range h.lines {
			if l.slot%slices == turn%slices {
				due = append(due, l)
			}
		}
		h.mu.RUnlock()
		for _, l := range due {
			h.wg.Go(l.ping)
		}
	}
}

type eventFrame struct {
	Type  string `json:"type"`
	Event any    `json:"event"`
}

type presenceFrame struct {
	Type  string `json:"type"`
	Agent any    `json:"agent"`
}

// encode makes a frame of one of our own types.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("httpapi: encode a frame: " + err.Error()) // our own types, or JSON that was read as such
	}
	return b
}
