package dialogues

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/bot"
)

// Report is how well the bot knew what the customers wanted.
type Report struct {
	Format    Format
	Dialogues int
	Trained   int // dialogues learned from
	Turns     int
	Goals     int // what joint goal accuracy counts: turns, or a turn's flows where each counts on its own
	Joint     int // of these, those where every slot is right
	Slots     int // slots looked at, the empty ones included
	SlotsOK   int
	TP        int // values that are right, of accumulated states
	FP        int // that are wrong or should not be
	FN        int // that are missing or wrong
	Done      int // dialogues at whose end every required slot is right
	Corrected int // values that a customer changed
	Cancelled int // turns in which the bot gave a flow up
	Took      time.Duration
	Training  time.Duration
	Flows     map[string]*FlowReport
	Wrong     []Wrong
}

// FlowReport is Report for one flow: over the turns at which it is known or
// should be.
type FlowReport struct{ Goals, Joint, TP, FP, FN int }

// Wrong is a turn after which something is wrong that was not before.
type Wrong struct {
	Dialogue, System, User string
	What                   []string
}

// JointGoal is the share of goals that are met: every slot has the right value,
// none has one that it should not have.
func (r *Report) JointGoal() float64 { return share(r.Joint, r.Goals) }

// SlotF1 is the harmonic mean of precision and recall of values.
func (r *Report) SlotF1() float64 { return f1(r.TP, r.FP, r.FN) }

// SlotAccuracy is the share of all slots, empty ones included, that are right.
func (r *Report) SlotAccuracy() float64 { return share(r.SlotsOK, r.Slots) }

func share(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func f1(tp, fp, fn int) float64 { return share(2*tp, 2*tp+fp+fn) }

// Options of a measurement.
type Options struct {
	Wrong    int                   // how many wrong turns to keep
	Progress func(done, total int) // called after each dialogue; may be nil
}

// Measure learns from train, replays data and says how well it went.
func Measure(ctx context.Context, data, train *Set, o Options) (*Report, error) {
	begin := time.Now()
	b, err := newBots(ctx, data, train)
	if err != nil {
		return nil, err
	}
	r := &Report{Format: data.Format, Dialogues: len(data.Dialogues), Trained: len(train.Dialogues), Training: time.Since(begin), Flows: map[string]*FlowReport{}}
	for i, d := range data.Dialogues {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("replay: %w", ctx.Err())
		}
		one, err := b.of(d.Flows)
		if err != nil {
			return nil, err
		}
		wrong := map[string]bool{}
		err = replay(ctx, one, data.Lang, d, func(i int, p played) {
			r.Turns++
			r.Took += p.took
			r.Corrected += p.corrected
			if p.cancelled {
				r.Cancelled++
			}
			now := r.turn(data, d.Turns[i], p.known)
			if w := newIn(now, wrong); len(w) > 0 && len(r.Wrong) < o.Wrong {
				asked := fmt.Sprintf("%s [%s %s %v]", d.Turns[i].System, d.Turns[i].Asked.Flow, d.Turns[i].Asked.Slot, d.Turns[i].Asked.Proposed)
				r.Wrong = append(r.Wrong, Wrong{d.ID, asked, d.Turns[i].User, w})
			}
			wrong = now
			if i == len(d.Turns)-1 && done(data, d.Turns[i], p.known) {
				r.Done++
			}
		})
		if err != nil {
			return nil, err
		}
		if o.Progress != nil {
			o.Progress(i+1, len(data.Dialogues))
		}
	}
	return r, nil
}

func newIn(now, before map[string]bool) []string {
	var out []string
	for _, k := range sortedKeys(now) {
		if !before[k] {
			out = append(out, k)
		}
	}
	return out
}

// turn counts one turn and returns what is wrong after it.
func (r *Report) turn(s *Set, t Turn, have known) map[string]bool {
	wrong := map[string]bool{}
	all := true
	for _, f := range s.Flows {
		if len(t.Scored) > 0 && !slices.Contains(t.Scored, f.Name) {
			continue
		}
		ok, touched := true, false
		fr := r.Flows[f.Name]
		if fr == nil {
			fr = &FlowReport{}
			r.Flows[f.Name] = fr
		}
		for _, sl := range f.Slots {
			got, gold := have[f.Name][sl.Name], t.Gold[f.Name][sl.Name]
			if got == bot.AnyValue && s.Format == CrossWOZ {
				got = "" // what does not matter is not annotated there
			}
			touched = touched || got != "" || len(gold) > 0
			right := got == "" && len(gold) == 0 || got != "" && sl.same(got, gold)
			r.Slots++
			if right {
				r.SlotsOK++
			} else {
				ok = false
				wrong[fmt.Sprintf("%s.%s=%q, want %s", f.Name, sl.Name, got, strings.Join(gold, " | "))] = true
			}
			switch {
			case right && got != "":
				r.TP++
				fr.TP++
				continue
			case right:
				continue
			}
			if got != "" {
				r.FP++
				fr.FP++
			}
			if len(gold) > 0 {
				r.FN++
				fr.FN++
			}
		}
		if touched {
			fr.Goals++
			if ok {
				fr.Joint++
			}
		}
		all = all && ok
		if len(t.Scored) > 0 {
			r.Goals++
			if ok {
				r.Joint++
			}
		}
	}
	if len(t.Scored) == 0 {
		r.Goals++
		if all {
			r.Joint++
		}
	}
	return wrong
}

// done reports whether a dialogue's task can be carried out at its end: every
// slot that is required, or that the customer named where none is, is right.
func done(s *Set, t Turn, have known) bool {
	for _, f := range s.Flows {
		required := slices.ContainsFunc(f.Slots, func(sl Slot) bool { return sl.Required })
		for _, sl := range f.Slots {
			gold := t.Gold[f.Name][sl.Name]
			if len(gold) > 0 && (sl.Required || !required) && !sl.same(have[f.Name][sl.Name], gold) {
				return false
			}
		}
	}
	return true
}
