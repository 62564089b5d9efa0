package dialogues

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Metrics are the figures by name: shares of 0 to 1, "..._us" and "..._ms" are
// times, the rest counts.
func (r *Report) Metrics() map[string]float64 {
	return map[string]float64{
		"joint_goal": r.JointGoal(), "slot_f1": r.SlotF1(), "slot_accuracy": r.SlotAccuracy(), "completed": share(r.Done, r.Dialogues),
		"dialogues": float64(r.Dialogues), "turns": float64(r.Turns), "turns_per_dialogue": share(r.Turns, r.Dialogues),
		"corrections": float64(r.Corrected), "given_up": float64(r.Cancelled),
		"turn_us": float64(r.perTurn().Microseconds()), "training_ms": float64(r.Training.Milliseconds()),
	}
}

func (r *Report) perTurn() time.Duration { return r.Took / time.Duration(max(r.Turns, 1)) }

// FlowMetrics are joint_goal and slot_f1 by flow.
func (r *Report) FlowMetrics() map[string]map[string]float64 {
	out := map[string]map[string]float64{}
	for name, f := range r.Flows {
		if f.Goals > 0 {
			out[name] = map[string]float64{"joint_goal": share(f.Joint, f.Goals), "slot_f1": f1(f.TP, f.FP, f.FN), "turns": float64(f.Goals)}
		}
	}
	return out
}

// Settings say how the figures were taken.
func (r *Report) Settings() map[string]any {
	values := "schema"
	if r.Trained > 0 {
		values = "schema and training"
	} else if r.Format == CrossWOZ {
		values = "data"
	}
	goal := "turn"
	if r.Format == SGD {
		goal = "flow of a turn"
	}
	return map[string]any{"format": r.Format, "trained_dialogues": r.Trained, "values_from": values, "joint_goal_per": goal, "state": "own", "question": "of the dialogue"}
}

// WriteTable writes the figures for people.
func (r *Report) WriteTable(w io.Writer) error {
	var b strings.Builder
	for _, x := range r.Wrong {
		fmt.Fprintf(&b, "%s\n  system: %s\n  user:   %s\n    %s\n", x.Dialogue, x.System, x.User, strings.Join(x.What, "\n    "))
	}
	fmt.Fprintf(&b, "%s: %d dialogues, %.1f turns each; learned from %d\n\n", r.Format, r.Dialogues, share(r.Turns, r.Dialogues), r.Trained)
	row := func(name string, v float64) { fmt.Fprintf(&b, "%-24s %6.1f %%\n", name, 100*v) }
	row("joint goal accuracy", r.JointGoal())
	row("slot F1", r.SlotF1())
	row("slot accuracy", r.SlotAccuracy())
	row("tasks completed", share(r.Done, r.Dialogues))
	fmt.Fprintf(&b, "%-24s %6d\n%-24s %6d\n%-24s %6d us\n%-24s %6d ms\n\n", "corrections taken", r.Corrected, "flows given up", r.Cancelled, "per turn", r.perTurn().Microseconds(), "learning", r.Training.Milliseconds())
	fmt.Fprintf(&b, "%-24s %8s %8s %8s\n", "flow", "turns", "joint", "slot F1")
	for _, name := range sortedKeys(r.Flows) {
		if f := r.Flows[name]; f.Goals > 0 {
			fmt.Fprintf(&b, "%-24s %8d %7.1f%% %7.1f%%\n", name, f.Goals, 100*share(f.Joint, f.Goals), 100*f1(f.TP, f.FP, f.FN))
		}
	}
	_, err := io.WriteString(w, b.String())
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
