package routing

import (
	"context"
	"errors"
	"slices"

	"github.com/parleyhq/parley/desk"
)

const sweepAtOnce = 200

// Sweep heals what a process left behind that died, or a job that was given
// up: consoles and agents of dead nodes, offers past their time, parked
// conversations past theirs, messages that nobody answered or sent. It is a
// periodic job; usually it finds nothing.
func (r *Router) Sweep(ctx context.Context) error {
	found, err := r.Store.Neglected(ctx, r.now(), sweepAtOnce)
	if err != nil {
		return err
	}
	errs := []error{r.sweepConsoles(ctx)}
	for _, n := range found {
		r.log().WarnContext(ctx, "neglected conversation", "conversation", n.ID, "what", n.What)
		errs = append(errs, r.heal(ctx, n))
	}
	return errors.Join(errs...)
}

// astray reports whether Sweep has anything to do.
func (r *Router) astray(ctx context.Context) (bool, error) {
	found, err := r.Store.Neglected(ctx, r.now(), 1)
	if err != nil || len(found) > 0 {
		return len(found) > 0, err
	}
	staff, err := r.Store.Staff(ctx, r.now().Add(-r.stale()))
	return slices.ContainsFunc(staff, func(a AgentRecord) bool { return a.Lost || r.gone(a) || abandoned(a) }), err
}

// gone reports whether an agent's consoles are gone for too long.
func (r *Router) gone(a AgentRecord) bool {
	return !a.Connected && !a.GoneAt.IsZero() && r.now().Sub(a.GoneAt) >= r.grace() && a.Presence != desk.Offline
}

// abandoned reports whether an agent has work and will not do it.
func abandoned(a AgentRecord) bool {
	return a.Load > 0 && (!a.Active || a.Presence == desk.Offline && !a.Connected && !a.GoneAt.IsZero())
}

func (r *Router) heal(ctx context.Context, n Neglect) error {
	again := func(j desk.Job) error {
		return r.Store.Write(ctx, func(ctx context.Context, tx Tx) error { return tx.Enqueue(ctx, j) })
	}
	switch n.What {
	case "answer":
		return again(answerJob(n.ID))
	case "call":
		return again(toolJob(n.ID, n.Call))
	case "deliver":
		return again(deliverJob(n.ID))
	case "assign":
		return again(assignJob())
	case "offer":
		return r.ExpireOffer(ctx, desk.ID(n.Call))
	case "park":
		return r.unparkDue(ctx, n.ID)
	case "on_call":
		return r.CallEnded(ctx, CallOver{Call: desk.ID(n.Call), Conversation: n.ID, Cause: "lost"})
	case "silence":
		return r.giveUp(ctx, n.ID)
	}
	return nil
}

// giveUp hands a conversation to a person whose turns came to nothing for
// minutes, such as one that brings the process down.
func (r *Router) giveUp(ctx context.Context, conversation desk.ID) error {
	facts, err := r.Store.TurnFacts(ctx, conversation, 0)
	if err != nil || facts.Record.Status != desk.Automated {
		return err
	}
	_, err = r.carryOut(ctx, facts.Record, sorry(r.turn(facts)), facts.Record.HeardSeq)
	if errors.Is(err, errStale) {
		return nil
	}
	return err
}

// sweepConsoles forgets consoles that were not heard of for long, and frees
// the work of agents who are gone.
func (r *Router) sweepConsoles(ctx context.Context) error {
	now := r.now()
	err := r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		lost, err := tx.Forget(ctx, now.Add(-r.stale()))
		if err != nil {
			return err
		}
		for _, agent := range lost {
			if err := r.connections(ctx, tx, agent, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	all, err := r.Store.Staff(ctx, now.Add(-r.stale()))
	if err != nil {
		return err
	}
	var errs []error
	for _, a := range all {
		switch {
		case r.gone(a):
			errs = append(errs, r.GraceOver(ctx, a.ID))
		case abandoned(a):
			errs = append(errs, r.free(ctx, a.ID, "agent_offline"))
		}
	}
	return errors.Join(errs...)
}
