package crashtest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

// world is everything around the child that must not notice its deaths.
type world struct {
	*testing.T
	server *httptest.Server
	base   atomic.Pointer[string] // the child's address; nil while there is none

	mu     sync.Mutex
	tool   map[string]int      // guarded by mu; calls by idempotency key
	pushed map[desk.ID]int     // guarded by mu; sends by message
	order  map[desk.ID][]int64 // guarded by mu; seqs pushed, by conversation, repeats dropped
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, tool: map[string]int{}, pushed: map[desk.ID]int{}, order: map[desk.ID][]int64{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/tool", handle(func(_ context.Context, do desk.Do) (string, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.tool[do.ID]++
		return "ok", nil
	}))
	mux.HandleFunc("/push", handle(func(_ context.Context, m desk.Message) (string, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.pushed[m.ID]++; w.pushed[m.ID] == 1 {
			w.order[m.ConversationID] = append(w.order[m.ConversationID], m.Seq)
		}
		return "ok", nil
	}))
	w.server = httptest.NewServer(mux)
	t.Cleanup(w.server.Close)
	return w
}

// start starts the child and waits until it listens.
func (w *world) start(database string) *exec.Cmd {
	w.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envDatabase+"="+database, envWorld+"="+w.server.URL)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		w.Fatal("the child did not start")
	}
	base := "http://" + lines.Text()
	w.base.Store(&base)
	return cmd
}

// kill ends the child as a power cut would.
func (w *world) kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	w.base.Store(nil)
}

// ask asks the child until it answers, over its deaths. A refusal is an error.
func ask[Out any](ctx context.Context, w *world, path string, in any) (out Out, err error) {
	for ctx.Err() == nil {
		if base := w.base.Load(); base != nil {
			var b []byte
			b, err = post(ctx, *base+path, in)
			var no *refused
			switch {
			case err == nil:
				return out, json.Unmarshal(b, &out)
			case errors.As(err, &no):
				return out, err
			}
		}
		rest(ctx, 3*time.Millisecond)
	}
	return out, ctx.Err()
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// stream is what one side saw of a conversation: everything after its last
// seq, again and again.
type stream struct {
	conversation desk.ID
	events       []desk.Event
}

// follow reads what is new and fails if the order has a gap.
func (s *stream) follow(ctx context.Context, w *world) error {
	if s.conversation == "" {
		return nil
	}
	more, err := ask[[]desk.Event](ctx, w, "/events", eventsAfter{s.conversation, int64(len(s.events))})
	if err != nil {
		return err
	}
	for _, e := range more {
		if e.Seq != int64(len(s.events)+1) {
			return fmt.Errorf("conversation %s: seq %d after %d", s.conversation, e.Seq, len(s.events))
		}
		s.events = append(s.events, e)
	}
	return nil
}

func (s *stream) messages() (out []desk.Message) {
	for _, e := range s.events {
		if e.Kind == desk.EventMessage {
			var m desk.Message
			_ = json.Unmarshal(e.Data, &m)
			out = append(out, m)
		}
	}
	return out
}

// customer says 1, 2, 3, ... and keeps every receipt.
type customer struct {
	stream
	name     string
	channel  desk.ChannelName
	person   int // the message with which he asks for a person; 0 for never
	receipts []routing.Receipt
}

func (c *customer) text(n int) string {
	switch {
	case n == c.person:
		return fmt.Sprintf("person %d", n)
	case n%4 == 0 && (c.person == 0 || n < c.person):
		return fmt.Sprintf("tool %d", n)
	}
	return fmt.Sprint(n)
}

// live says something and looks, until talking is over.
func (c *customer) live(ctx context.Context, w *world, talking func() bool) error {
	for ctx.Err() == nil && talking() {
		n := len(c.receipts) + 1
		r, err := ask[routing.Receipt](ctx, w, "/accept", desk.Inbound{
			Channel: c.channel, Address: c.name, ExternalID: fmt.Sprint(n), Text: c.text(n),
		})
		if err != nil {
			return fmt.Errorf("%s says %d: %w", c.name, n, err)
		}
		c.receipts = append(c.receipts, r)
		c.conversation = r.Conversation.ID
		if err := c.follow(ctx, w); err != nil {
			return err
		}
		// Nobody talks faster than he is heard.
		for waiting := 0; c.unanswered() > 10 && waiting < 200; waiting++ {
			rest(ctx, 10*time.Millisecond)
			if err := c.follow(ctx, w); err != nil {
				return err
			}
		}
		rest(ctx, 10*time.Millisecond)
	}
	return nil
}

// unanswered counts the messages that have no answer yet.
func (c *customer) unanswered() int {
	answers := 0
	for _, m := range c.messages() {
		if m.Author.Kind != desk.ByCustomer {
			answers++
		}
	}
	return len(c.receipts) - answers
}

// human is an agent at his console: accepts what he is offered, and answers
// every customer message once.
type human struct {
	desk.Agent
	streams map[desk.ID]*stream
	replied map[desk.ID]int // how many events of each he has dealt with
}

func (h *human) work(ctx context.Context, w *world) error {
	var at string
	for ctx.Err() == nil {
		if base := w.base.Load(); base != nil && *base != at { // his console connects again
			if _, err := ask[desk.Agent](ctx, w, "/connect", h.Agent); err != nil {
				return err
			}
			at = *base
		}
		todo, err := ask[work](ctx, w, "/work", h.Agent)
		if err != nil {
			return err
		}
		for _, o := range todo.Offers {
			_, _ = ask[desk.Conversation](ctx, w, "/take", o) // refused: timed out meanwhile
		}
		for _, id := range todo.Held {
			if err := h.answer(ctx, w, id); err != nil {
				return err
			}
		}
		rest(ctx, 15*time.Millisecond)
	}
	return nil
}

func (h *human) answer(ctx context.Context, w *world, id desk.ID) error {
	s := h.streams[id]
	if s == nil {
		s = &stream{conversation: id}
		h.streams[id] = s
	}
	if err := s.follow(ctx, w); err != nil {
		return err
	}
	mine := false // what came before the customer asked for a person, the bot has answered
	for i, e := range s.events {
		if e.Kind != desk.EventMessage {
			continue
		}
		var m desk.Message
		if err := json.Unmarshal(e.Data, &m); err != nil {
			return err
		}
		if strings.HasPrefix(m.Content.Text, "person ") {
			mine = true
			continue
		}
		if !mine || i < h.replied[id] {
			continue
		}
		if m.Author.Kind == desk.ByCustomer {
			_, err := ask[desk.Message](ctx, w, "/reply", reply{h.ID, id, string(m.ID), "agent " + m.Content.Text})
			if err != nil {
				return err
			}
		}
		h.replied[id] = i + 1
	}
	return nil
}

// check compares what was acknowledged with what everybody saw.
func (w *world) check(customers []*customer, humans []*human) (counts map[string]int) {
	w.Helper()
	counts = map[string]int{}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range customers {
		said := map[string]int{}  // by his own id
		heard := map[string]int{} // answers, by number
		var outgoing []int64
		for _, m := range c.messages() {
			if m.Author.Kind == desk.ByCustomer {
				said[m.ExternalID]++
				continue
			}
			_, n, _ := strings.Cut(m.Content.Text, " ")
			heard[n]++
			counts["answers by "+string(m.Author.Kind)]++
			w.checkSent(c, m, counts)
			outgoing = append(outgoing, m.Seq)
		}
		if c.channel == "push" && !slices.Equal(outgoing, w.order[c.conversation]) {
			w.Errorf("%s: pushed in the order %v, want %v", c.name, w.order[c.conversation], outgoing)
		}
		for i, r := range c.receipts {
			n := fmt.Sprint(i + 1)
			if said[n] != 1 || heard[n] != 1 {
				w.Errorf("%s: message %s is there %d times and was answered %d times", c.name, n, said[n], heard[n])
			}
			if r.Conversation.ID != c.conversation || r.Message.Seq < 1 || int(r.Message.Seq) > len(c.events) || c.events[r.Message.Seq-1].ID != r.Message.ID {
				w.Errorf("%s: message %s is not where its receipt says", c.name, n)
			}
			if strings.HasPrefix(c.text(i+1), "tool") {
				counts["tool calls wanted"]++
				counts["tool calls made"] += w.tool[string(r.Message.ID)]
				if w.tool[string(r.Message.ID)] == 0 {
					w.Errorf("%s: the tool was not called for message %s", c.name, n)
				}
			}
			if r.Repeat {
				counts["receipts asked for again"]++
			}
		}
		if len(said) != len(c.receipts) || len(heard) != len(c.receipts) {
			w.Errorf("%s: %d messages acknowledged, %d there, %d answered", c.name, len(c.receipts), len(said), len(heard))
		}
		counts["messages acknowledged"] += len(c.receipts)
		counts["events in order"] += len(c.events)
	}
	for _, h := range humans {
		counts["conversations agents had"] += len(h.streams)
		for id, s := range h.streams {
			i := slices.IndexFunc(customers, func(c *customer) bool { return c.conversation == id })
			if i < 0 {
				w.Errorf("%s had a conversation that nobody began", h.Name)
				continue
			}
			for k, e := range s.events {
				if k >= len(customers[i].events) || customers[i].events[k].ID != e.ID {
					w.Errorf("%s and %s saw different things at seq %d", h.Name, customers[i].name, e.Seq)
				}
			}
		}
	}
	return counts
}

// checkSent checks how often an outgoing message reached its push channel.
func (w *world) checkSent(c *customer, m desk.Message, counts map[string]int) {
	n := w.pushed[m.ID]
	switch c.channel {
	case "pull":
		if n != 0 || m.Delivery != desk.Sent {
			w.Errorf("%s: a message to fetch is %s and was pushed %d times", c.name, m.Delivery, n)
		}
	case "push":
		counts["pushes, repeats dropped"] += n
		if n < 1 || m.Delivery != desk.Sent {
			w.Errorf("%s: message %d is %s and was pushed %d times", c.name, m.Seq, m.Delivery, n)
		}
	case "sms":
		counts["pushes, repeats not dropped"] += n
		unknown := m.Delivery == desk.Failed && strings.Contains(m.Error, "stopped while sending")
		if unknown {
			counts["sms of unknown outcome, shown to agents"]++
		}
		if n > 1 || n == 0 && !unknown || n == 1 && !unknown && m.Delivery != desk.Sent {
			w.Errorf("%s: message %d is %s (%s) and was pushed %d times", c.name, m.Seq, m.Delivery, m.Error, n)
		}
	}
}
