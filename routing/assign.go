package routing

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/parleyhq/parley/desk"
)

// The bounds of assigning.
const (
	assignAtOnce = 500              // waiting conversations looked at in one run
	roundPause   = 10 * time.Second // after everybody let one go by, before they are asked again
)

// Assign offers waiting conversations to agents who can take them: the highest
// priority first, then who waits longest; to the agent who is idle longest. It
// is a job, safe to run on several nodes at once.
func (r *Router) Assign(ctx context.Context) error {
	made := map[desk.ID]bool{} // conversations seen to in this run
	for range assignAtOnce {
		more, err := r.assignOne(ctx, made)
		if err != nil || !more {
			return err
		}
	}
	return r.Store.Write(ctx, func(ctx context.Context, tx Tx) error { return tx.Enqueue(ctx, assignJob()) })
}

// assignOne makes one offer, or starts a new round for one conversation that
// everybody let go by. It reports whether there may be more to do.
func (r *Router) assignOne(ctx context.Context, seen map[desk.ID]bool) (more bool, err error) {
	var done desk.ID
	err = r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		done = ""
		if err := tx.LockAssigning(ctx); err != nil {
			return err
		}
		now := r.now()
		free, err := tx.FreeAgents(ctx, now.Add(-r.stale()))
		if err != nil || len(free) == 0 {
			return err
		}
		queues, err := tx.Queues(ctx)
		if err != nil {
			return err
		}
		waiting, err := tx.Waiting(ctx, now, assignAtOnce)
		if err != nil {
			return err
		}
		for _, w := range waiting {
			if seen[w.ID] {
				continue
			}
			able := slices.DeleteFunc(slices.Clone(free), func(a AgentRecord) bool { return !fits(a, w, queues[w.Queue]) })
			if len(able) == 0 {
				continue
			}
			done = w.ID
			if a, ok := choose(able, w); ok {
				return r.offer(ctx, tx, w.ID, a.ID, queues)
			}
			return r.nextRound(ctx, tx, w.ID)
		}
		return nil
	})
	if errors.Is(err, errStale) { // somebody was faster; look at the others
		err = nil
	}
	if done != "" {
		seen[done] = true
	}
	return done != "", err
}

// fits reports whether an agent could take a conversation of a queue now.
func fits(a AgentRecord, rec Record, q desk.Queue) bool {
	return a.Active && a.Connected && a.Presence == desk.Available &&
		a.Load+rec.Cost() <= desk.Capacity && serves(a, rec, q)
}

// serves reports whether an agent may take conversations of a queue at all. The
// skill "lang" of a queue stands for the conversation's language.
func serves(a AgentRecord, rec Record, q desk.Queue) bool {
	if len(a.Queues) > 0 && !slices.Contains(a.Queues, rec.Queue) {
		return false
	}
	for _, s := range slices.Concat(q.Skills, rec.Skills) {
		if s == "lang" {
			s = "lang:" + string(rec.Lang)
		}
		if !slices.Contains(a.Skills, s) {
			return false
		}
	}
	return true
}

// choose picks the agent to ask: the one it is meant for, else the first who
// has not let it go by in this round.
func choose(able []AgentRecord, rec Record) (AgentRecord, bool) {
	for _, a := range able {
		if a.ID == rec.Prefer {
			return a, true
		}
	}
	for _, a := range able {
		if !slices.Contains(rec.Passed, a.ID) {
			return a, true
		}
	}
	return AgentRecord{}, false
}

// offer puts a waiting conversation before an agent.
func (r *Router) offer(ctx context.Context, tx Tx, conversation, agent desk.ID, queues map[desk.QueueName]desk.Queue) error {
	rec, err := tx.Lock(ctx, conversation)
	if err != nil {
		return err
	}
	c := r.begin(tx, rec)
	a, err := tx.LockAgent(ctx, agent, c.now.Add(-r.stale()))
	if err != nil {
		return err
	}
	if rec.Status != desk.Waiting || !fits(a, rec, queues[rec.Queue]) {
		return errStale
	}
	o := desk.Offer{
		ID: desk.NewIDAt(c.now), ConversationID: rec.ID, AgentID: a.ID,
		State: desk.OfferOpen, At: c.now, ExpiresAt: c.now.Add(r.offerTime()),
	}
	added, err := tx.AddOffer(ctx, o)
	if err != nil {
		return err
	}
	if !added {
		return errStale
	}
	if err := c.rec.Offer(a.ID, c.now); err != nil {
		return err
	}
	expire := desk.NewJob(ExpireJob, "offer:"+string(o.ID), jobArgs{OfferID: o.ID})
	expire.At = o.ExpiresAt
	c.enqueue(expire)
	if err := c.suggest(ctx); err != nil {
		return err
	}
	if err := c.moved(ctx, desk.Waiting, "offered", &desk.Author{Kind: desk.ByAgent, ID: a.ID, Name: a.Name}); err != nil {
		return err
	}
	c.tellAgent(a.ID, "offer", o)
	return c.commit(ctx)
}

// nextRound lets everybody be asked again, after a pause.
func (r *Router) nextRound(ctx context.Context, tx Tx, conversation desk.ID) error {
	rec, err := tx.Lock(ctx, conversation)
	if err != nil {
		return err
	}
	if rec.Status != desk.Waiting {
		return errStale
	}
	c := r.begin(tx, rec)
	c.newRound()
	c.rec.OfferAfter = c.now.Add(roundPause)
	c.enqueue(assignJobAt(c.rec.OfferAfter.Add(time.Second)))
	return c.commit(ctx)
}

// Serves reports whether an agent may serve a queue, whatever the language and
// the needs of the single conversation.
func Serves(a AgentRecord, q desk.Queue) bool {
	q.Skills = slices.DeleteFunc(slices.Clone(q.Skills), func(s string) bool { return s == "lang" })
	return serves(a, Record{Conversation: desk.Conversation{Queue: q.Name}}, q)
}
