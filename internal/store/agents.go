package store

import (
	"context"
	"slices"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

// agentColumns count an agent's load and his consoles; parameter $1 is since
// when a console must have been heard of.
const agentColumns = `a.id, a.name, a.active, a.presence, a.skills, a.queues, a.missed, a.away_reason, a.idle_since, a.seen_at, a.gone_at,
	CAST((SELECT coalesce(sum(c.cost), 0) FROM conversations c WHERE c.agent_id = a.id AND c.status IN ('offered', 'assigned')) AS BIGINT),
	(SELECT count(*) FROM consoles k WHERE k.agent_id = a.id AND k.open > 0 AND k.seen_at >= $1),
	EXISTS (SELECT 1 FROM consoles k WHERE k.agent_id = a.id AND k.seen_at < $1)`

func scanAgent(row Scanner) (a routing.AgentRecord, err error) {
	var consoles int
	err = row.Scan(&a.ID, &a.Name, &a.Active, &a.Presence, jsonInto(&a.Skills), jsonInto(&a.Queues), &a.Missed, &a.AwayReason,
		timeInto(&a.IdleSince), timeInto(&a.SeenAt), timeInto(&a.GoneAt), &a.Load, &consoles, &a.Lost)
	a.Connected = consoles > 0
	return a, err
}

// LockAgent reads an agent for a change.
func (t routingTx) LockAgent(ctx context.Context, id desk.ID, stale time.Time) (routing.AgentRecord, error) {
	if t.D.Postgres() { // first the lock, then what happened before it
		if _, err := One(ctx, t, Value[string], "SELECT id FROM agents WHERE id = $1"+t.D.ForUpdate(), id); err != nil {
			return routing.AgentRecord{}, err
		}
	}
	return One(ctx, t, scanAgent, "SELECT "+agentColumns+" FROM agents a WHERE a.id = $2", micros(stale), id)
}

// SaveAgent stores an agent, new or changed.
func (t routingTx) SaveAgent(ctx context.Context, a routing.AgentRecord) error {
	return Exec1(ctx, t, `INSERT INTO agents (id, name, active, presence, skills, queues, missed, away_reason, idle_since, seen_at, gone_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, active = excluded.active, presence = excluded.presence, skills = excluded.skills,
			queues = excluded.queues, missed = excluded.missed, away_reason = excluded.away_reason, idle_since = excluded.idle_since,
			seen_at = excluded.seen_at, gone_at = excluded.gone_at`,
		a.ID, a.Name, a.Active, a.Presence, orEmpty(a.Skills), orEmpty(a.Queues), a.Missed, a.AwayReason, micros(a.IdleSince), micros(a.SeenAt), micros(a.GoneAt))
}

// Connect counts an agent's consoles on a node up or down.
func (t routingTx) Connect(ctx context.Context, agent desk.ID, node string, by int, at time.Time) error {
	_, err := Exec(ctx, t, `INSERT INTO consoles (agent_id, node, open, seen_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (agent_id, node) DO UPDATE SET seen_at = excluded.seen_at,
			open = CASE WHEN consoles.open + $5 < 0 THEN 0 ELSE consoles.open + $5 END`, agent, node, max(by, 0), micros(at), by)
	if err != nil {
		return err
	}
	_, err = Exec(ctx, t, "DELETE FROM consoles WHERE agent_id = $1 AND open = 0", agent)
	return err
}

// Seen notes that a console was heard of.
func (t routingTx) Seen(ctx context.Context, agent desk.ID, node string, at time.Time) error {
	_, err := Exec(ctx, t, "UPDATE consoles SET seen_at = $3 WHERE agent_id = $1 AND node = $2", agent, node, micros(at))
	return err
}

// Forget drops the consoles that were not heard of since stale and returns
// whose they were.
func (t routingTx) Forget(ctx context.Context, stale time.Time) ([]desk.ID, error) {
	ids, err := All(ctx, t, Value[desk.ID], "DELETE FROM consoles WHERE seen_at < $1 RETURNING agent_id", micros(stale))
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// Idle notes that an agent has less to do since a time.
func (t routingTx) Idle(ctx context.Context, agent desk.ID, since time.Time) error {
	_, err := Exec(ctx, t, "UPDATE agents SET idle_since = $2 WHERE id = $1", agent, micros(since))
	return err
}

// Staff lists all agents.
func (s *Routing) Staff(ctx context.Context, stale time.Time) ([]routing.AgentRecord, error) {
	return All(ctx, s.db.Read(), scanAgent, "SELECT "+agentColumns+" FROM agents a ORDER BY a.name, a.id LIMIT 2000", micros(stale))
}

// FreeAgents lists the agents at work who have no open offer: who has no
// work first, longest idle first.
func (t routingTx) FreeAgents(ctx context.Context, stale time.Time) ([]routing.AgentRecord, error) {
	all, err := All(ctx, t, scanAgent, "SELECT "+agentColumns+` FROM agents a WHERE a.active AND a.presence = 'available'
		AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.agent_id = a.id AND o.state = 'open') ORDER BY a.idle_since, a.id LIMIT 2000`, micros(stale))
	all = slices.DeleteFunc(all, func(a routing.AgentRecord) bool { return !a.Connected || a.Load >= desk.Capacity })
	slices.SortStableFunc(all, func(a, b routing.AgentRecord) int { return min(a.Load, 1) - min(b.Load, 1) })
	return all, err
}

// Held lists the conversations an agent has, parked ones included.
func (s *Routing) Held(ctx context.Context, agent desk.ID) ([]desk.ID, error) {
	return All(ctx, s.db.Read(), Value[desk.ID], "SELECT id FROM conversations WHERE agent_id = $1 AND status IN ('assigned', 'parked') ORDER BY id LIMIT 10000", agent)
}

const queueColumns = "name, title, skills, priority, playbook, on_hold, dispositions"

func scanQueue(row Scanner) (q desk.Queue, err error) {
	return q, row.Scan(&q.Name, jsonInto(&q.Title), jsonInto(&q.Skills), &q.Priority, &q.Playbook, jsonInto(&q.OnHold), jsonInto(&q.Dispositions))
}

// PutQueue stores a queue, new or changed.
func (t routingTx) PutQueue(ctx context.Context, q desk.Queue) error {
	title := q.Title
	if title == nil {
		title = desk.Text{"": string(q.Name)}
	}
	return Exec1(ctx, t, `INSERT INTO queues (name, title, skills, priority, playbook, on_hold, dispositions)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (name) DO UPDATE SET title = excluded.title, skills = excluded.skills, priority = excluded.priority, playbook = excluded.playbook,
			on_hold = excluded.on_hold, dispositions = excluded.dispositions`,
		q.Name, jsonOf(title), orEmpty(q.Skills), q.Priority, q.Playbook, jsonOf(q.OnHold), orEmpty(q.Dispositions))
}

// QueueOf finds the queue of that name, else the playbook's first, else the
// fallback.
func (t routingTx) QueueOf(ctx context.Context, name desk.QueueName, playbook string, fallback desk.QueueName) (desk.Queue, bool, error) {
	return first(All(ctx, t, scanQueue, "SELECT "+queueColumns+` FROM queues
		WHERE name = $1 OR (playbook = $2 AND $2 <> '') OR name = $3
		ORDER BY CASE WHEN name = $1 THEN 0 WHEN name = $3 AND playbook = $2 THEN 1 WHEN playbook = $2 AND $2 <> '' THEN 2 ELSE 3 END, name LIMIT 1`,
		name, playbook, fallback))
}

// Queues lists all queues by name.
func (t routingTx) Queues(ctx context.Context) (map[desk.QueueName]desk.Queue, error) {
	all, err := All(ctx, t, scanQueue, "SELECT "+queueColumns+" FROM queues ORDER BY name LIMIT 2000")
	out := make(map[desk.QueueName]desk.Queue, len(all))
	for _, q := range all {
		out[q.Name] = q
	}
	return out, err
}

// Queue finds a queue.
func (s *Routing) Queue(ctx context.Context, name desk.QueueName) (desk.Queue, bool, error) {
	return first(All(ctx, s.db.Read(), scanQueue, "SELECT "+queueColumns+" FROM queues WHERE name = $1", name))
}
