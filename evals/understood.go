package evals

import (
	"cmp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals/score"
)

// Understood is how words outside of any flow were understood, over the turns
// whose case says where they should lead.
type Understood struct {
	Turns      int         `json:"turns"`
	Right      int         `json:"right"`     // led there at once
	Confusion  []Confusion `json:"confusion"` // the most frequent first; right ones too
	Calibrated []Bin       `json:"calibration,omitempty"`
	Error      float64     `json:"calibration_error"` // expected calibration error, 0 to 1
	Top        []float64   `json:"candidates_at"`     // at k-1: the share with the right target among the first k candidates
	Guesses    int         `json:"guesses"`           // turns that Calibrated and Top are made of
}

// Confusion is how often words for one target led to another.
type Confusion struct {
	Wanted string `json:"wanted"`
	Got    string `json:"got"`
	Turns  int    `json:"turns"`
}

// Bin is the turns whose confidence lay between From and To.
type Bin struct {
	From       float64 `json:"from"`
	To         float64 `json:"to"`
	Turns      int     `json:"turns"`
	Confidence float64 `json:"confidence"` // on average
	Right      float64 `json:"right"`      // the share that was
}

// Guess is what the understanding took words for.
type Guess struct {
	First      string  `json:"first"` // the likeliest target
	Confidence float64 `json:"confidence"`
	Rank       int     `json:"rank"` // of the wanted target, from 1; 0: not among them
}

// The bounds of what a report shows.
const (
	maxRank      = 10
	maxConfusion = 400
	bins         = 10
)

// nearest sums up the candidates; nil when there are none. Targets outside of
// the domain have no rank.
func nearest(all []Candidate, wanted string) *Guess {
	if len(all) == 0 || wanted == nothing || !strings.HasPrefix(wanted, desk.KindFlow+":") {
		return nil
	}
	g := &Guess{First: all[0].Target, Confidence: all[0].Confidence}
	g.Rank = 1 + slices.IndexFunc(all, func(c Candidate) bool { return c.Target == wanted })
	return g
}

// understood gathers the turns of every case.
func (r *Report) understood() Understood {
	out := Understood{Confusion: []Confusion{}, Top: []float64{}}
	cells := map[Confusion]int{}
	var confidence []float64
	var right []bool
	var ranks score.Ranks
	for _, s := range r.Suites {
		for _, c := range s.Cases {
			for _, t := range c.Playing.Turns {
				if t.Wanted == "" || t.Got == "" {
					continue
				}
				out.Turns++
				if t.Wanted == t.Got {
					out.Right++
				}
				cells[Confusion{t.Wanted, t.Got, 0}]++
				if t.Nearest != nil {
					confidence = append(confidence, t.Nearest.Confidence)
					right = append(right, t.Nearest.Rank == 1)
					ranks = append(ranks, t.Nearest.Rank)
				}
			}
		}
	}
	for c, n := range cells {
		out.Confusion = append(out.Confusion, Confusion{c.Wanted, c.Got, n})
	}
	slices.SortFunc(out.Confusion, func(a, b Confusion) int {
		return cmp.Or(b.Turns-a.Turns, cmp.Compare(a.Wanted, b.Wanted), cmp.Compare(a.Got, b.Got))
	})
	out.Confusion = out.Confusion[:min(len(out.Confusion), maxConfusion)]
	if out.Guesses = len(ranks); out.Guesses == 0 {
		return out
	}
	out.Error = score.CalibrationError(confidence, right)
	for k := 1; k <= maxRank; k++ {
		out.Top = append(out.Top, ranks.HitAt(k))
	}
	out.Calibrated = calibration(confidence, right)
	return out
}

func calibration(confidence []float64, right []bool) []Bin {
	all := make([]Bin, bins)
	for i, c := range confidence {
		b := &all[min(int(c*bins), bins-1)]
		b.Turns++
		b.Confidence += c
		if right[i] {
			b.Right++
		}
	}
	var out []Bin
	for i, b := range all {
		if b.Turns > 0 {
			n := float64(b.Turns)
			out = append(out, Bin{float64(i) / bins, float64(i+1) / bins, b.Turns, b.Confidence / n, b.Right / n})
		}
	}
	return out
}

// Funnel is how far customers came in one flow, over the dialogues of a report.
type Funnel struct {
	Flow  string       `json:"flow"`
	Steps []FunnelStep `json:"steps"` // begun, each slot in the order it is usually filled, the summary, done
	Ends  []FunnelEnd  `json:"ends"`  // of those that are not done: where they stopped
}

// FunnelStep is how many dialogues reached a step.
type FunnelStep struct {
	Step      string `json:"step"` // started, a slot's name, confirm, completed
	Dialogues int    `json:"dialogues"`
}

// FunnelEnd is how many dialogues ended in a flow after a step, and how.
type FunnelEnd struct {
	After     string `json:"after"` // the last step reached
	How       string `json:"how"`   // cancelled, human, left
	Dialogues int    `json:"dialogues"`
}

// flowRun is one flow of one dialogue.
type flowRun struct {
	reached map[string]int // step → its place among the steps
	last    string
	how     string
}

// funnels follows each flow by the marks of every dialogue.
func (r *Report) funnels() []Funnel {
	byFlow := map[string][]*flowRun{}
	for _, s := range r.Suites {
		for _, c := range s.Cases {
			for flow, run := range flowRuns(c.Playing.Turns) {
				byFlow[flow] = append(byFlow[flow], run)
			}
		}
	}
	var out []Funnel
	for _, flow := range sorted(byFlow) {
		out = append(out, funnel(flow, byFlow[flow]))
	}
	return out
}

func flowRuns(turns []Turn) map[string]*flowRun {
	runs := map[string]*flowRun{}
	for _, t := range turns {
		for _, m := range t.Marks {
			kind, rest, _ := strings.Cut(m, " ")
			what, _, _ := strings.Cut(rest, "=")
			flow, slot, _ := strings.Cut(what, ".")
			run := runs[flow]
			if desk.MarkKind(kind) == desk.MarkStarted && flow != "" && run == nil {
				run = &flowRun{reached: map[string]int{}}
				runs[flow] = run
			}
			if desk.MarkKind(kind) == desk.MarkHuman {
				for _, other := range runs {
					if _, done := other.reached["completed"]; !done && other.how == "" {
						other.how = "human"
					}
				}
			}
			if run == nil {
				continue
			}
			step := ""
			switch desk.MarkKind(kind) {
			case desk.MarkStarted, desk.MarkConfirm, desk.MarkCompleted:
				step = kind
			case desk.MarkSet, desk.MarkCorrected:
				step = slot
			case desk.MarkCancelled:
				run.how = "cancelled"
			}
			if _, there := run.reached[step]; step != "" && !there {
				run.reached[step] = len(run.reached)
				run.last = step
			}
		}
	}
	return runs
}

func funnel(flow string, runs []*flowRun) Funnel {
	out := Funnel{Flow: flow, Ends: []FunnelEnd{}}
	count, place := map[string]int{}, map[string]float64{}
	ends := map[FunnelEnd]int{}
	for _, run := range runs {
		for step, at := range run.reached {
			count[step]++
			place[step] += float64(at)
		}
		if _, done := run.reached["completed"]; !done {
			ends[FunnelEnd{run.last, cmp.Or(run.how, "left"), 0}]++
		}
	}
	steps := sorted(count)
	fixed := map[string]float64{"started": -1, "confirm": 1e6, "completed": 2e6}
	at := func(step string) float64 {
		if f, ok := fixed[step]; ok {
			return f
		}
		return place[step] / float64(count[step])
	}
	slices.SortStableFunc(steps, func(a, b string) int { return cmp.Compare(at(a), at(b)) })
	for _, s := range steps {
		out.Steps = append(out.Steps, FunnelStep{s, count[s]})
	}
	for e, n := range ends {
		out.Ends = append(out.Ends, FunnelEnd{e.After, e.How, n})
	}
	slices.SortFunc(out.Ends, func(a, b FunnelEnd) int {
		return cmp.Or(b.Dialogues-a.Dialogues, cmp.Compare(a.After, b.After), cmp.Compare(a.How, b.How))
	})
	return out
}
