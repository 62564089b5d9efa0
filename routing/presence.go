package routing

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/parleyhq/parley/desk"
)

// PresenceNews is published on "presence" and to the agent himself.
type PresenceNews struct {
	desk.Agent
	Reason string `json:"reason,omitempty"` // missed_offers, connection_lost; "" when he did it himself
}

func (c *change) tellPresence(a AgentRecord) {
	c.tell("presence", a.Agent)
	c.tellAgent(a.ID, "presence", PresenceNews{a.Agent, a.AwayReason})
}

// PutAgent stores who may work: his name, skills and queues. Presence and load
// of one who is known stay.
func (r *Router) PutAgent(ctx context.Context, agent desk.Agent) error {
	return r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		a, err := r.lockAgent(ctx, tx, agent.ID)
		if err != nil && !desk.IsKind(err, desk.NotFound) {
			return err
		}
		if err != nil {
			a = AgentRecord{Agent: desk.Agent{ID: agent.ID, Presence: desk.Offline, IdleSince: r.now()}}
		}
		a.Name, a.Skills, a.Queues, a.Active = agent.Name, agent.Skills, agent.Queues, true
		if err := tx.SaveAgent(ctx, a); err != nil {
			return err
		}
		return tx.Enqueue(ctx, assignJob())
	})
}

// RemoveAgent takes an agent out of work: what he has goes back to its queue.
func (r *Router) RemoveAgent(ctx context.Context, agent desk.ID) error {
	err := r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		a, err := r.lockAgent(ctx, tx, agent)
		if err != nil {
			return err
		}
		a.Active, a.Presence = false, desk.Offline
		return tx.SaveAgent(ctx, a)
	})
	if desk.IsKind(err, desk.NotFound) {
		return nil
	}
	return errors.Join(err, r.free(ctx, agent, removed))
}

// PutQueue stores a queue, new or changed.
func (r *Router) PutQueue(ctx context.Context, q desk.Queue) error {
	if q.Name == "" {
		return &desk.Error{Kind: desk.Invalid, Code: "no_queue", Field: "name", Message: "a queue needs a name"}
	}
	return r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		if err := tx.PutQueue(ctx, q); err != nil {
			return err
		}
		return tx.Enqueue(ctx, assignJob())
	})
}

func (r *Router) lockAgent(ctx context.Context, tx Tx, agent desk.ID) (AgentRecord, error) {
	return tx.LockAgent(ctx, agent, r.now().Add(-r.stale()))
}

// SetPresence records what an agent says of himself. Going away or offline
// takes his open offers back; going offline frees his work at once.
func (r *Router) SetPresence(ctx context.Context, agent desk.ID, p desk.Presence) (desk.Agent, error) {
	switch p {
	case desk.Available, desk.Busy, desk.Away, desk.Offline:
	default:
		return desk.Agent{}, &desk.Error{Kind: desk.Invalid, Code: "unknown_presence", Field: "presence", Message: "a presence is available, busy, away or offline"}
	}
	a, err := r.changeAgent(ctx, agent, func(a *AgentRecord) bool {
		if p == desk.Available && a.Presence != desk.Available {
			a.IdleSince = r.now()
		}
		a.Presence, a.AwayReason, a.Missed = p, "", 0
		return true
	})
	if err != nil {
		return a.Agent, err
	}
	switch p {
	case desk.Offline:
		err = r.free(ctx, agent, "agent_offline")
	case desk.Away, desk.Busy:
		err = r.revoke(ctx, agent)
	}
	return a.Agent, err
}

// changeAgent lets f change an agent; if it did, everybody is told and work is
// assigned anew.
func (r *Router) changeAgent(ctx context.Context, agent desk.ID, f func(*AgentRecord) bool) (a AgentRecord, err error) {
	err = r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		if a, err = r.lockAgent(ctx, tx, agent); err != nil {
			return err
		}
		if !f(&a) {
			return nil
		}
		if err := tx.SaveAgent(ctx, a); err != nil {
			return err
		}
		tx.After(func() {
			r.publish("presence", a.Agent)
			r.publish("agent."+string(agent), AgentNews{"presence", PresenceNews{a.Agent, a.AwayReason}})
		})
		return r.workAnew(ctx, tx, a)
	})
	return a, err
}

// workAnew assigns work after an agent came or went, and tells those who wait
// in the queues he serves.
func (r *Router) workAnew(ctx context.Context, tx Tx, a AgentRecord) error {
	if err := tx.Enqueue(ctx, assignJob()); err != nil {
		return err
	}
	queues, err := tx.Queues(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(queues)) {
		if Serves(a, queues[name]) {
			if err := tx.Enqueue(ctx, placeJob(name, r.now().Add(time.Second))); err != nil {
				return err
			}
		}
	}
	return nil
}

// Connected notes that a console of the agent was opened on this node.
func (r *Router) Connected(ctx context.Context, agent desk.ID) error {
	return r.connect(ctx, agent, 1)
}

// Disconnected notes that one was closed. When it was his last he has the
// grace time to come back; then he is offline and his work is freed.
func (r *Router) Disconnected(ctx context.Context, agent desk.ID) error {
	return r.connect(ctx, agent, -1)
}

func (r *Router) connect(ctx context.Context, agent desk.ID, by int) error {
	return r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		now := r.now()
		if _, err := r.lockAgent(ctx, tx, agent); err != nil {
			return err
		}
		if err := tx.Connect(ctx, agent, r.Node, by, now); err != nil {
			return err
		}
		return r.connections(ctx, tx, agent, now)
	})
}

// connections sees to an agent whose consoles came or went.
func (r *Router) connections(ctx context.Context, tx Tx, agent desk.ID, now time.Time) error {
	a, err := r.lockAgent(ctx, tx, agent)
	if err != nil {
		return err
	}
	a.SeenAt = now
	switch {
	case a.Connected:
		a.GoneAt = time.Time{}
		if err := r.workAnew(ctx, tx, a); err != nil {
			return err
		}
	case a.GoneAt.IsZero():
		a.GoneAt = now
		if err := r.workAnew(ctx, tx, a); err != nil {
			return err
		}
		j := desk.NewJob(GraceJob, "grace:"+string(agent), jobArgs{AgentID: agent})
		j.At = now.Add(r.grace())
		if err := tx.Enqueue(ctx, j); err != nil {
			return err
		}
	}
	tx.After(func() { r.publish("presence", a.Agent) })
	return tx.SaveAgent(ctx, a)
}

// Heartbeat notes that the agent's consoles on this node are alive. Call it
// every 20 seconds or so.
func (r *Router) Heartbeat(ctx context.Context, agent desk.ID) error {
	return r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		return tx.Seen(ctx, agent, r.Node, r.now())
	})
}

// GraceOver frees the work of an agent who did not come back in time. It is a
// job.
func (r *Router) GraceOver(ctx context.Context, agent desk.ID) error {
	gone := false
	a, err := r.changeAgent(ctx, agent, func(a *AgentRecord) bool {
		gone = !a.Connected && !a.GoneAt.IsZero() && r.now().Sub(a.GoneAt) >= r.grace()
		if !gone || a.Presence == desk.Offline {
			return false
		}
		a.Presence, a.AwayReason, a.Missed = desk.Offline, "connection_lost", 0
		return true
	})
	switch {
	case desk.IsKind(err, desk.NotFound):
		return nil
	case err != nil:
		return err
	case gone:
		return r.free(ctx, agent, "connection_lost")
	case !a.Connected && !a.GoneAt.IsZero() && a.Presence != desk.Offline: // came and went meanwhile
		return r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
			j := desk.NewJob(GraceJob, "grace:"+string(agent), jobArgs{AgentID: agent})
			j.At = a.GoneAt.Add(r.grace())
			return tx.Enqueue(ctx, j)
		})
	}
	return nil
}

// removed is why an agent's work is free who does not work here any more.
const removed = "agent_removed"

// free takes back everything an agent has: his offers, and his conversations,
// each in a transaction of its own. One with a call stays until that is over,
// unless he was removed: who closes his console may talk on by telephone, and
// the call itself finds out when he does not.
func (r *Router) free(ctx context.Context, agent desk.ID, why string) error {
	if err := r.revoke(ctx, agent); err != nil {
		return err
	}
	held, err := r.Store.Held(ctx, agent)
	if err != nil {
		return err
	}
	for _, id := range held {
		_, err := r.change(ctx, id, func(ctx context.Context, c *change) error {
			if !c.rec.HeldBy(agent) || c.rec.OnCall != "" && why != removed {
				return errNothing
			}
			from := c.rec.Status
			if err := c.rec.Release(c.now); err != nil {
				return err
			}
			q, err := c.queueFor(ctx, c.rec.Queue)
			if err != nil {
				return err
			}
			c.rec.Queue = q.Name // one that was taken from the bot has none yet
			c.newRound()
			return c.moved(ctx, from, "released", &desk.Author{Kind: desk.BySystem, Name: why})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
