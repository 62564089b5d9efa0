package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/internal/store/storetest"
)

// Two real processes on one PostgreSQL, with the event cluster that is built
// in: a customer on one, an agent and an editor on the other, until that one
// is killed.
func TestNodes_TwoAreOneSystem(t *testing.T) {
	first, second := freeAddr(t), freeAddr(t)
	s := newSetting(t).with("DATABASE_URL", storetest.Postgres(t), "PARLEY_CLUSTER_SECRET", "between the nodes", "PARLEY_GRACE", "1s", "PARLEY_HEARTBEAT", "1s")
	s.must(testPassword+"\n", "user", "add", "bo@example.com", "--name", "Bo", "--roles", "agent,editor,supervisor")
	// Both at once, on an empty database: they publish the same playbook.
	a := s.with("PARLEY_CLUSTER_LISTEN", first, "PARLEY_CLUSTER_PEERS", second).launch()
	b := s.with("PARLEY_CLUSTER_LISTEN", second, "PARLEY_CLUSTER_PEERS", first).launch()
	a.ready()
	b.ready()

	bo := b.signIn("bo@example.com")
	var book struct {
		Revisions []struct{} `json:"revisions"`
	}
	if bo.get(&book, "GET", "/api/playbooks/cafe", nil); len(book.Revisions) != 1 {
		t.Errorf("two nodes that start at once made %d revisions", len(book.Revisions))
	}
	agent := bo.dial("/api/ws", nil)
	agent.sees(10*time.Second, `"hello"`)
	bo.get(nil, "PUT", "/api/presence", map[string]any{"presence": "available"})

	// Offer, accept, reply, typing: across the nodes, both ways.
	ann := a.customer()
	widget := ann.dial("/v1/chat/ws", map[string]any{"type": "hello", "token": ann.bearer})
	widget.send(map[string]any{"type": "send", "client_id": "1", "text": "Good evening"})
	widget.sees(10*time.Second, `"ack"`, `"client_id":"1"`)
	widget.send(map[string]any{"type": "send", "client_id": "2", "command": "human"})
	offer := agent.sees(10*time.Second, `"type":"offer"`)
	id, conversation := between(offer, `"offer":{"id":"`, `"`), between(offer, `"conversation_id":"`, `"`)
	bo.get(nil, "POST", "/api/offers/"+id+"/accept", map[string]any{})
	widget.sees(5*time.Second, `"type":"conversation"`, `"status":"assigned"`, `"name":"Bo"`)
	agent.send(map[string]any{"type": "watch", "conversation": conversation, "after": 0})
	agent.sees(5*time.Second, `"event"`, "Good evening")
	agent.send(map[string]any{"type": "typing", "conversation": conversation, "on": true})
	widget.sees(5*time.Second, `"kind":"typing"`, `"on":true`)
	bo.get(nil, "POST", "/api/conversations/"+conversation+"/reply", map[string]any{"client_id": "r1", "text": "This is Bo"})
	widget.sees(5*time.Second, "This is Bo")
	widget.send(map[string]any{"type": "send", "client_id": "3", "text": "What are your opening hours?"})
	agent.sees(5*time.Second, `"event"`, "What are your opening hours?")
	agent.sees(5*time.Second, `"suggestions"`, "8 to 20")

	// An article saved on B is what the bot says on A, within a second.
	var articles struct {
		Items []struct {
			ID      string `json:"id"`
			Version int    `json:"version"`
		} `json:"items"`
	}
	bo.get(&articles, "GET", "/api/articles?lang=en", nil)
	article := articles.Items[0]
	bo.get(nil, "PUT", "/api/articles/"+article.ID, map[string]any{
		"version": article.Version, "title": "Opening hours", "body": "We are open from 10 to 22 every day.", "questions": []string{"When are you open?"}, "publish": true,
	})
	saved := time.Now()
	eventually(t, time.Second, "the bot on A knows what was saved on B", func() bool {
		return strings.Contains(a.ask("When are you open?"), "10 to 22")
	})
	t.Logf("an article saved on B was answered on A after %s, the answer included", time.Since(saved).Round(time.Millisecond))

	// A playbook published on B greets on A.
	bo.get(nil, "POST", "/api/playbooks/cafe/publish", map[string]any{"files": map[string]string{
		"menus/main.yaml": "version: 1\nmenu: main\nprompt: {en: Published on the other node, zh: 另一个节点}\nchoices:\n  - {key: 0, label: {en: Talk to a person, zh: 人工服务}, go: queue:support}\n",
	}})
	c := a.customer()
	c.get(nil, "POST", "/v1/chat/open", map[string]any{})
	c.until(2*time.Second, "Published on the other node")

	// B loses power while its agent has work and a customer's message is on
	// its way to him.
	b.kill()
	killed := time.Now()
	widget.from(len(widget.got.String()))
	widget.send(map[string]any{"type": "send", "client_id": "4", "text": "Are you still there?"})
	widget.sees(10*time.Second, `"ack"`, `"client_id":"4"`)
	widget.sees(30*time.Second, `"type":"conversation"`, `"status":"waiting"`, fmt.Sprintf(`"id":%q`, conversation))
	t.Logf("the killed node's work was back in the queue after %s", time.Since(killed).Round(100*time.Millisecond))

	// He goes on at A, with everything.
	bo = a.signIn("bo@example.com")
	agent = bo.dial("/api/ws", nil)
	agent.sees(10*time.Second, `"hello"`)
	bo.get(nil, "PUT", "/api/presence", map[string]any{"presence": "available"})
	id = between(agent.sees(15*time.Second, `"type":"offer"`, conversation), `"offer":{"id":"`, `"`)
	bo.get(nil, "POST", "/api/offers/"+id+"/accept", map[string]any{})
	bo.get(nil, "POST", "/api/conversations/"+conversation+"/reply", map[string]any{"client_id": "r2", "text": "Back again"})
	widget.sees(5*time.Second, "Back again")
	ann.complete(conversation, "Good evening", "This is Bo", "What are your opening hours?", "Are you still there?", "Back again")
	widget.complete(conversation)
}

// ask is what the bot answers a new customer, or nothing within a second.
func (n *node) ask(question string) string {
	n.tb.Helper()
	p := n.customer()
	p.get(nil, "POST", "/v1/chat/messages", map[string]any{"client_id": "1", "text": question})
	for end := time.Now().Add(time.Second); time.Now().Before(end); {
		for _, m := range p.messages() {
			if m.Author == "bot" && strings.Contains(m.Text, "open") {
				return m.Text
			}
		}
	}
	return ""
}

// message is what was said, as the customer sees it.
type message struct{ ID, ClientID, Author, Text string }

// messages are everything in the customer's newest conversation.
func (p person) messages() []message {
	p.n.tb.Helper()
	var st struct {
		Events []event `json:"events"`
	}
	p.get(&st, "GET", "/v1/chat/conversation", nil)
	return said(st.Events)
}

type event struct {
	ConversationID string          `json:"conversation_id"`
	Seq            int64           `json:"seq"`
	Kind           string          `json:"kind"`
	Data           json.RawMessage `json:"data"`
}

func said(events []event) (out []message) {
	for _, e := range events {
		var m struct {
			ID       string `json:"id"`
			ClientID string `json:"external_id"`
			Author   struct {
				Kind string `json:"kind"`
			} `json:"author"`
			Content struct {
				Text string `json:"text"`
			} `json:"content"`
		}
		if e.Kind == "message" && json.Unmarshal(e.Data, &m) == nil {
			out = append(out, message{m.ID, m.ClientID, m.Author.Kind, m.Content.Text})
		}
	}
	return out
}

// until waits until somebody has said words.
func (p person) until(limit time.Duration, words string) {
	p.n.tb.Helper()
	eventually(p.n.tb, limit, fmt.Sprintf("somebody says %q", words), func() bool {
		for _, m := range p.messages() {
			if strings.Contains(m.Text, words) {
				return true
			}
		}
		return false
	})
}

// complete checks that the record has the words, each once and in order.
func (p person) complete(conversation string, words ...string) {
	p.n.tb.Helper()
	var texts []string
	for _, m := range p.messages() {
		texts = append(texts, m.Text)
	}
	all, at := strings.Join(texts, "\n"), 0
	for _, w := range words {
		i := strings.Index(all[at:], w)
		if i < 0 || strings.Count(all, w) != 1 {
			p.n.tb.Errorf("%s: %q is not there once, in its order: %q", conversation, w, texts)
			return
		}
		at += i
	}
}

// complete checks that the socket got every message of the conversation once.
func (s *socket) complete(conversation string) {
	s.tb.Helper()
	seen := map[int64]int{}
	for line := range strings.SplitSeq(s.got.String(), "\n") {
		var f struct {
			Event  event   `json:"event"`
			Events []event `json:"events"`
		}
		if json.Unmarshal([]byte(line), &f) != nil {
			continue
		}
		for _, e := range append(f.Events, f.Event) {
			if e.ConversationID == conversation && e.Seq > 0 {
				seen[e.Seq]++
			}
		}
	}
	for seq, n := range seen {
		if n != 1 {
			s.tb.Errorf("event %d came %d times", seq, n)
		}
	}
}
