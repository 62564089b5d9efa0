package nlu

import (
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// top is the best class.
func (r *reading) top() Scored {
	if len(r.scored) == 0 {
		return Scored{}
	}
	return r.scored[0]
}

func flowOf(class string) string {
	name, ok := strings.CutPrefix(class, desk.KindFlow+":")
	if !ok {
		return ""
	}
	return name
}

// otherFlow begins a flow that is not the active one, when the model is surer
// than it needs to be outside a flow.
func (r *reading) otherFlow() []bot.Command {
	top := r.top()
	name := flowOf(top.Class)
	if name == "" || name == r.in.Active || top.Confidence < r.u.act+0.15 {
		return nil
	}
	return r.begin(name, top.Confidence)
}

// begin starts a flow with what was said for its slots.
func (r *reading) begin(name string, confidence float64) []bot.Command {
	out := []bot.Command{{Kind: bot.CommandStart, Flow: name, Text: r.in.Text, Confidence: confidence}}
	for _, c := range r.candidates(r.u.clarify) {
		if c.Target.Name() != name {
			out[0].Candidates = append(out[0].Candidates, c)
		}
	}
	if f, ok := r.u.flow(name); ok {
		out = append(out, r.volunteered(f, Entity{})...)
	}
	return out
}

// talking reads an utterance that does not answer the question that stands.
func (r *reading) talking() []bot.Command {
	top := r.top()
	info := asksInfo(r.main)
	if !r.active {
		if out := r.thin(); out != nil {
			return out
		}
	}
	if r.active {
		if correctRE.MatchString(r.main.s) || !info {
			if out := r.corrections(false); len(out) > 0 && !r.beatenByFlow(out) {
				return out
			}
		}
		if correctRE.MatchString(r.main.s) && !info && (flowOf(top.Class) == "" || top.Confidence < r.u.act+0.15) && top.Class != ClassCancel {
			return r.one(bot.CommandNone, 0) // a change, of what the flow does not know
		}
	}
	if name := flowOf(top.Class); name != "" && top.Confidence >= r.u.act {
		if name == r.in.Active {
			return r.one(bot.CommandRepeat, top.Confidence)
		}
		if near := r.candidates(0); r.vague(near) {
			return r.clarifying(near[:2])
		}
		return r.begin(name, top.Confidence)
	}
	if out := r.byClass(top); out != nil && (!info || out[0].Kind == bot.CommandHuman || out[0].Kind == bot.CommandRepeat || top.Class == ClassAbout || top.Class == ClassHelp) {
		return out
	}
	if top.Class == ClassAnswer && top.Confidence >= r.u.clarify && r.in.Asking == nil || info || isQuestion(r.main) {
		if near := r.candidates(r.u.clarify); !info && len(near) > 1 && flowOf(top.Class) != "" {
			return r.clarifying(near)
		}
		return []bot.Command{{Kind: bot.CommandAnswer, Text: strings.TrimSpace(r.main.orig), Confidence: max(top.Confidence, 0.5), Candidates: r.about(r.candidates(r.u.clarify))}}
	}
	if top.Confidence >= r.u.clarify {
		return r.clarifying(r.withNamed(r.candidates(0.08)))
	}
	return nil
}

// vague reports whether the second best flow is so near that beginning the
// best one would be a guess: nearer is allowed the more was said.
func (r *reading) vague(near []bot.Candidate) bool {
	if len(near) < 2 {
		return false
	}
	most := 0.5
	if len(r.main.s) <= 6 || len(contentWords(r.main.s)) <= 1 && !hasHan(r.main.s) {
		most = 0.25
	}
	return near[1].Confidence > most*near[0].Confidence
}

// beatenByFlow reports whether the words are rather a flow of their own than
// the values found in them.
func (r *reading) beatenByFlow(sets []bot.Command) bool {
	top := r.top()
	name := flowOf(top.Class)
	return name != "" && name != r.in.Active && top.Confidence >= r.u.act+0.15 && !coversWords(r.main.s, sets)
}

// byClass reads small talk and steering that the model is sure of.
func (r *reading) byClass(top Scored) []bot.Command {
	if top.Confidence < r.u.act {
		return nil
	}
	kind := bot.CommandKind("")
	switch top.Class {
	case ClassAbout, ClassHelp:
		if r.u.model.Knows(r.main.orig) < 0.85 {
			return nil // "can you help me with my homework"
		}
		fallthrough
	case ClassGreeting, ClassThanks, ClassBye:
		_, value, _ := strings.Cut(top.Class, ":")
		return []bot.Command{{Kind: bot.CommandChitchat, Value: value, Text: r.in.Text, Confidence: top.Confidence}}
	case ClassHuman:
		kind = bot.CommandHuman
	case ClassCancel:
		if !r.active && len(r.in.Paused) == 0 {
			return r.cancelWhat()
		}
		kind = bot.CommandCancel
	case ClassRepeat:
		kind = bot.CommandRepeat
	case ClassSkip:
		if r.in.Asking == nil || !r.in.Asking.Slot.Optional {
			return nil
		}
		kind = bot.CommandSkip
	case ClassResume:
		return r.resume()
	case ClassBack:
		return r.back(top.Confidence)
	default:
		return nil
	}
	return r.one(kind, top.Confidence)
}

// clarifying offers two to four of the candidates; a lone one comes with the
// next best flow.
func (r *reading) clarifying(near []bot.Candidate) []bot.Command {
	if len(near) == 0 {
		return nil
	}
	if len(near) == 1 {
		near = r.candidates(0.005)
		near = near[:min(2, len(near))]
	}
	return []bot.Command{{Kind: bot.CommandClarify, Text: r.in.Text, Confidence: near[0].Confidence, Candidates: near[:min(4, len(near))]}}
}

// withNamed puts behind the first candidate what the words name.
func (r *reading) withNamed(near []bot.Candidate) []bot.Candidate {
	first := min(1, len(near))
	out := r.about(near[:first:first])
	for _, c := range near[first:] {
		if !slices.ContainsFunc(out, func(o bot.Candidate) bool { return o.Target == c.Target }) {
			out = append(out, c)
		}
	}
	return out
}

// candidates are the flows that the model gives at least the confidence, best
// first, without the active one.
func (r *reading) candidates(least float64) []bot.Candidate {
	var out []bot.Candidate
	for _, s := range r.scored {
		name := flowOf(s.Class)
		if name == "" || name == r.in.Active || s.Confidence < least || len(out) == 4 {
			continue
		}
		if f, ok := r.u.flow(name); ok {
			out = append(out, bot.Candidate{Target: desk.Target(s.Class), Title: f.Title, Confidence: s.Confidence})
		}
	}
	return out
}
