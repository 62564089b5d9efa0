package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

// Timeline returns the messages and events of a conversation after seq, in
// order, at most limit.
func (s *Routing) Timeline(ctx context.Context, conversation desk.ID, after int64, limit int) ([]desk.Event, error) {
	return s.timeline(ctx, conversation, "seq > $2 ORDER BY seq", after, limit)
}

// Before returns the newest limit of them before seq, oldest first.
func (s *Routing) Before(ctx context.Context, conversation desk.ID, before int64, limit int) ([]desk.Event, error) {
	out, err := s.timeline(ctx, conversation, "seq < $2 ORDER BY seq DESC", before, limit)
	slices.Reverse(out)
	return out, err
}

func (s *Routing) timeline(ctx context.Context, conversation desk.ID, cond string, seq int64, limit int) (out []desk.Event, err error) {
	limit = min(max(limit, 1), 500)
	err = s.db.ReadTx(ctx, func(ctx context.Context, q Q) error {
		messages, err := All(ctx, q, scanMessage, "SELECT "+messageColumns+" FROM messages WHERE conversation_id = $1 AND "+cond+" LIMIT 0+$3", conversation, seq, limit)
		if err != nil {
			return err
		}
		out, err = All(ctx, q, func(row Scanner) (e desk.Event, err error) {
			return e, row.Scan(&e.ID, &e.ConversationID, &e.Seq, &e.Kind, jsonInto(&e.Data), timeInto(&e.At))
		}, "SELECT id, conversation_id, seq, kind, data, at FROM events WHERE conversation_id = $1 AND "+cond+" LIMIT 0+$3", conversation, seq, limit)
		if err != nil {
			return err
		}
		for _, m := range messages {
			data, err := json.Marshal(m)
			if err != nil {
				return fmt.Errorf("write message %s: %w", m.ID, err)
			}
			out = append(out, desk.Event{ID: m.ID, ConversationID: m.ConversationID, Seq: m.Seq, Kind: desk.EventMessage, Data: data, At: m.At})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b desk.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	if strings.HasSuffix(cond, "DESC") {
		slices.Reverse(out)
	}
	return out[:min(len(out), limit)], nil
}

// Conversation reads a conversation.
func (s *Routing) Conversation(ctx context.Context, id desk.ID) (desk.Conversation, error) {
	r, err := s.Record(ctx, id)
	return r.Conversation, err
}

// Message reads a message.
func (s *Routing) Message(ctx context.Context, id desk.ID) (desk.Message, error) {
	return One(ctx, s.db.Read(), scanMessage, "SELECT "+messageColumns+" FROM messages WHERE id = $1", id)
}

// Newest reads the newest messages of a conversation, notes included, oldest
// first.
func (s *Routing) Newest(ctx context.Context, conversation desk.ID, limit int) ([]desk.Message, error) {
	out, err := All(ctx, s.db.Read(), scanMessage, "SELECT "+messageColumns+" FROM (SELECT "+messageColumns+` FROM messages
		WHERE conversation_id = $1 ORDER BY seq DESC LIMIT 0+$2) AS m ORDER BY seq`, conversation, pageSize(limit))
	onlyHeard(out)
	return out, err
}

// OpenConversation finds the open conversation of a contact; an empty playbook
// means any, the newest first.
func (s *Routing) OpenConversation(ctx context.Context, contact desk.ID, playbook string) (desk.Conversation, bool, error) {
	r, ok, err := first(All(ctx, s.db.Read(), scanRecord, "SELECT "+recordColumns+` FROM conversations
		WHERE contact_id = $1 AND status <> 'closed' AND ($2 = '' OR playbook = $2) ORDER BY created_at DESC, id DESC LIMIT 1`, contact, playbook))
	return r.Conversation, ok, err
}

// Contact reads a contact.
func (s *Routing) Contact(ctx context.Context, id desk.ID) (desk.Contact, error) {
	return contactByID(ctx, s.db.Read(), id, "")
}

// Contacts returns a page of contacts, those changed last first, and the
// cursor of the next. search is part of a name, an e-mail address or a number.
func (s *Routing) Contacts(ctx context.Context, search, after string, limit int) ([]desk.Contact, string, error) {
	var a asking
	a.that("1 = 1")
	if search = strings.TrimSpace(search); search != "" {
		a.that("search LIKE " + a.arg(like(fold(search))) + ` ESCAPE '\'`)
	}
	if after != "" {
		at, id, err := readRowCursor(after)
		if err != nil {
			return nil, "", err
		}
		a.that("(updated_at, id) < (" + a.arg(at) + ", " + a.arg(id) + ")")
	}
	limit = pageSize(limit)
	out, err := All(ctx, s.db.Read(), scanContact, "SELECT "+contactColumns+" FROM contacts WHERE "+strings.Join(a.where, " AND ")+
		" ORDER BY updated_at DESC, id DESC LIMIT "+a.arg(limit+1), a.args...)
	if err != nil || len(out) <= limit {
		return out, "", err
	}
	last := out[limit-1]
	return out[:limit], rowCursor(micros(last.UpdatedAt), last.ID), nil
}

// Journey reads what a contact did: his last fifty conversations and page
// views, newest first.
func (s *Routing) Journey(ctx context.Context, contact desk.ID) (out routing.Journey, err error) {
	records, err := All(ctx, s.db.Read(), scanRecord, "SELECT "+recordColumns+` FROM conversations
		WHERE contact_id = $1 ORDER BY created_at DESC, id DESC LIMIT 50`, contact)
	if err != nil {
		return out, err
	}
	out.Conversations = make([]desk.Conversation, len(records))
	for i, r := range records {
		out.Conversations[i] = r.Conversation
	}
	out.Pages, err = All(ctx, s.db.Read(), func(row Scanner) (p desk.PageView, err error) {
		return p, row.Scan(&p.URL, &p.Title, timeInto(&p.At))
	}, "SELECT url, title, at FROM pages WHERE contact_id = $1 ORDER BY at DESC, id DESC LIMIT 50", contact)
	return out, err
}

// consoleStale is after how long a console that was not heard of is shown as
// gone; routing's own time limit is set on the Router.
const consoleStale = time.Minute

// Agents lists all agents who may work.
func (s *Routing) Agents(ctx context.Context) ([]desk.Agent, error) {
	staff, err := s.Staff(ctx, time.Now().Add(-consoleStale))
	out := []desk.Agent{}
	for _, a := range staff {
		if a.Active {
			out = append(out, a.Agent)
		}
	}
	return out, err
}

// Agent reads one agent.
func (s *Routing) Agent(ctx context.Context, id desk.ID) (desk.Agent, error) {
	a, err := One(ctx, s.db.Read(), scanAgent, "SELECT "+agentColumns+" FROM agents a WHERE a.id = $2", micros(time.Now().Add(-consoleStale)), id)
	return a.Agent, err
}

// Queues lists all queues.
func (s *Routing) Queues(ctx context.Context) ([]desk.Queue, error) {
	return All(ctx, s.db.Read(), scanQueue, "SELECT "+queueColumns+" FROM queues ORDER BY name LIMIT 2000")
}

// QueueStats lists all queues, with who waits in them and who serves them.
func (s *Routing) QueueStats(ctx context.Context) ([]routing.QueueStat, error) {
	out, err := All(ctx, s.db.Read(), func(row Scanner) (q routing.QueueStat, err error) {
		return q, row.Scan(&q.Name, jsonInto(&q.Title), jsonInto(&q.Skills), &q.Priority, &q.Playbook, jsonInto(&q.OnHold), jsonInto(&q.Dispositions), &q.Waiting, timeInto(&q.OldestSince))
	}, `SELECT q.name, q.title, q.skills, q.priority, q.playbook, q.on_hold, q.dispositions, count(c.id), coalesce(min(c.waiting_since), 0)
		FROM queues q LEFT JOIN conversations c ON c.queue = q.name AND c.status IN ('waiting', 'offered')
		GROUP BY q.name, q.title, q.skills, q.priority, q.playbook, q.on_hold, q.dispositions ORDER BY q.name LIMIT 2000`)
	if err != nil {
		return nil, err
	}
	staff, err := s.Staff(ctx, time.Now().Add(-consoleStale))
	if err != nil {
		return nil, err
	}
	for i := range out {
		for _, a := range staff {
			if a.Active && a.Connected && a.Presence == desk.Available && routing.Serves(a, out[i].Queue) {
				out[i].AgentsOn++
			}
		}
	}
	return out, nil
}
