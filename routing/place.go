package routing

import (
	"context"
	"slices"
	"time"

	"github.com/parleyhq/parley/desk"
)

// How a wait is measured, and how far down the line people are told.
const (
	measured   = time.Hour
	minSamples = 3
	maxSamples = 200
	maxTold    = 100
)

// Place says where a waiting customer stands, and how long it will take if
// people go on being served as in the last hour.
func (r *Router) Place(ctx context.Context, conversation desk.ID) (desk.Place, error) {
	rec, err := r.Store.Record(ctx, conversation)
	if err != nil {
		return desk.Place{}, err
	}
	if rec.Status != desk.Waiting && rec.Status != desk.Offered {
		return desk.Place{}, desk.Errorf(desk.Conflict, "not_waiting", "the conversation is %s, not waiting", rec.Status)
	}
	ahead, err := r.Store.Ahead(ctx, rec)
	if err != nil {
		return desk.Place{}, err
	}
	l, err := r.line(ctx, rec.Queue)
	if err != nil {
		return desk.Place{}, err
	}
	return l.place(ahead+1, rec), nil
}

// line is what is known of a queue at one moment.
type line struct {
	queue  desk.Queue
	people []InLine
	agents []AgentRecord
	each   time.Duration // how long the one in front has to wait
	known  bool
}

func (r *Router) line(ctx context.Context, name desk.QueueName) (l line, err error) {
	now := r.now()
	if l.queue, _, err = r.Store.Queue(ctx, name); err != nil {
		return l, err
	}
	l.queue.Name = name
	if l.people, err = r.Store.Line(ctx, name, maxTold); err != nil {
		return l, err
	}
	if l.agents, err = r.Store.Staff(ctx, now.Add(-r.stale())); err != nil {
		return l, err
	}
	waits, err := r.Store.Waits(ctx, name, now.Add(-measured), maxSamples)
	if err != nil {
		return l, err
	}
	l.each, l.known = pace(waits, l.people, now)
	return l, nil
}

// pace is the time in which one person is served: the time in which somebody
// waited during the last hour, divided by how many were served. Hours in which
// nobody waited say nothing about how long a wait is; a line that stands still
// does.
func pace(waits []Wait, people []InLine, now time.Time) (each time.Duration, known bool) {
	if len(waits) < minSamples {
		return 0, false
	}
	since := now.Add(-measured)
	for _, p := range people {
		waits = append(waits, Wait{p.WaitingSince, now})
	}
	served := len(waits) - len(people)
	slices.SortFunc(waits, func(a, b Wait) int { return a.From.Compare(b.From) })
	var busy time.Duration
	end := since
	for _, w := range waits {
		if w.From.Before(end) {
			w.From = end
		}
		if w.To.After(w.From) {
			busy += w.To.Sub(w.From)
			end = w.To
		}
	}
	return busy / time.Duration(served), true
}

func (l line) place(position int, rec Record) desk.Place {
	p := desk.Place{Position: position, Known: l.known}
	if l.known {
		p.Wait = int((time.Duration(position)*l.each + time.Second - 1) / time.Second)
	}
	p.AnyoneOn = slices.ContainsFunc(l.agents, func(a AgentRecord) bool {
		return a.Active && a.Connected && (a.Presence == desk.Available || a.Presence == desk.Busy) && serves(a, rec, l.queue)
	})
	return p
}

// tellPlaces pushes their places to the first hundred who wait in a queue. It
// is a job, enqueued once for many changes.
func (r *Router) tellPlaces(ctx context.Context, queue desk.QueueName) error {
	l, err := r.line(ctx, queue)
	if err != nil {
		return err
	}
	for i, p := range l.people {
		rec, err := r.Store.Record(ctx, p.ID)
		if err != nil {
			return err
		}
		if rec.Status == desk.Waiting || rec.Status == desk.Offered {
			r.publish("conv."+string(p.ID), r.passing(p.ID, desk.EventPlace, l.place(i+1, rec)))
		}
	}
	return nil
}
