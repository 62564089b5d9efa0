package evals

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// play is a case in one mode.
type play struct {
	suite Suite
	Case
	mode Mode
}

// plays lists what a suite comes to; as, unless nil, is how each case is played.
func (s Suite) plays(as []Mode) []play {
	var out []play
	for _, c := range s.Cases {
		if as != nil {
			c.As = as
		}
		if len(c.As) == 0 {
			out = append(out, play{s, c, ""})
		}
		for _, m := range c.As {
			out = append(out, play{s, c, m})
		}
	}
	return out
}

// Plays is how many cases a suite comes to, each mode counted.
func (s Suite) Plays() int { return len(s.plays(nil)) }

// key names a play and everything that its outcome comes from but the
// playbook.
func (o Options) key(p play) string {
	b, err := json.Marshal([]any{p.suite.Name, p.suite.Tools, o.clock(p.suite), p.Name, p.Lang, p.Open, p.Turns, p.Customer, p.Case.Expect, p.Judge, p.mode, o.Repeat, o.Seed})
	if err != nil {
		panic("evals: " + err.Error()) // they are structs of texts
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

// play plays a case as often as asked and keeps the transcript of the first
// failure, else of the first playing.
func (o Options) play(ctx context.Context, p play) CaseResult {
	out := CaseResult{Suite: p.suite.Name, Name: p.Name, Mode: p.mode, Lang: p.Lang, File: p.suite.File, Line: p.Line, Tags: p.Tags, Key: o.key(p)}
	if p.Customer != nil && p.Customer.Model && o.Chat == nil {
		out.Skipped = NoModel
		return out
	}
	if p.mode == AsAudio {
		if o.Phone == nil {
			out.Skipped = NoSpeech
			return out
		}
		select {
		case o.lines <- struct{}{}:
			defer func() { <-o.lines }()
		case <-ctx.Done():
			return out
		}
	}
	for i := range o.Repeat {
		if ctx.Err() != nil {
			return out
		}
		began := time.Now()
		meter := &meter{scope: fmt.Sprintf("%s#%d", out.Key, i+1)}
		limited, cancel := context.WithTimeout(withMeter(ctx, meter), o.limit(p))
		played := o.once(limited, p, i)
		timedOut := limited.Err() != nil && ctx.Err() == nil
		cancel()
		out.Took += time.Since(began)
		out.Runs++
		meter.add(&out.Cost)
		if timedOut {
			played.Error = fmt.Sprintf("the case took longer than %s", o.limit(p))
		}
		if err := meter.missing(); err != nil {
			played.Error = err.Error()
		}
		if played.ok() {
			out.Passes++
		}
		if i == 0 || out.Playing.ok() && !played.ok() {
			out.Playing = played
		}
	}
	return out
}

// limit is the time of one playing: more where a model has to be asked, and
// where everything has to be spoken.
func (o Options) limit(p play) time.Duration {
	if p.mode == AsAudio {
		turns := len(p.Turns)
		if p.Customer != nil {
			turns = p.Customer.Patience
		}
		return time.Duration(turns+2) * 3 * o.Limit
	}
	if len(p.Judge) > 0 && o.Chat != nil || p.Customer != nil && p.Customer.Model {
		return 6 * o.Limit
	}
	return o.Limit
}

// dice is the chance in one playing: the same for the same run, case and
// repeat.
func (o Options) dice(p play, repeat int) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(p.suite.Name + "\x00" + p.Name + "\x00" + string(p.mode))) // a hash never fails
	return rand.New(rand.NewPCG(o.Seed+uint64(repeat), h.Sum64()))
}

// stage is a playing under way.
type stage struct {
	o   Options
	p   play
	s   *session
	all did // of every turn
	out Playing

	far  *Far // of a case as AsAudio; so is
	call Call
}

// once plays a case. It stops at the first turn where something does not hold:
// what follows would only fail because of it.
func (o Options) once(ctx context.Context, p play, repeat int) Playing {
	st := &stage{o: o, p: p, s: newSession(o.Book, p.Lang, o.clock(p.suite), o.Zone)}
	st.s.fakes, st.s.tools = p.suite.Tools, o.Tools
	ok := true
	switch {
	case p.mode == AsAudio: // who answers a call greets
		var hangup func()
		hangup, ok = st.dial(ctx)
		defer hangup()
	case p.Open:
		d, err := st.s.open(ctx)
		ok = st.keep(Turn{Line: p.Line}, d, err)
	}
	end := p.Case.Expect
	switch {
	case !ok:
		return st.out
	case p.Customer != nil:
		var but map[string]bool
		if but, ok = st.serve(ctx, o.dice(p, repeat)); ok && end.isZero() {
			end = p.Customer.Goal.reached(but)
		}
	default:
		ok = st.turns(ctx)
	}
	if !ok {
		return st.out
	}
	if problems := end.check(view{did: st.all, conv: st.s.conv, after: st.s.flows.clone(), args: st.s.args}); len(problems) > 0 {
		if len(st.out.Turns) == 0 {
			st.out.Turns = []Turn{{Line: p.Line}}
		}
		last := &st.out.Turns[len(st.out.Turns)-1]
		last.Problems = append(last.Problems, problems...)
		return st.out
	}
	o.judge(ctx, p, &st.out)
	return st.out
}

// turns plays the fixed turns; false when it must not go on.
func (st *stage) turns(ctx context.Context) bool {
	for _, step := range st.p.Turns {
		what, err := st.s.step(step, st.p.mode)
		if err != nil {
			st.out.Turns = append(st.out.Turns, Turn{Tap: step.Tap, Line: step.Line, Problems: []Problem{{Key: "tap", Got: err.Error(), Want: quote(step.Tap)}}})
			return false
		}
		if !st.does(ctx, what, step) {
			return false
		}
	}
	return true
}

// does plays one turn; false when it must not go on.
func (st *stage) does(ctx context.Context, what act, step Step) bool {
	s := st.s
	content, user, tap := what.content(st.p.mode, st.p.Lang)
	keys := ""
	if st.call != nil {
		var err error
		if content, user, keys, err = st.spoken(what); err != nil {
			return st.keep(Turn{Line: step.Line}, did{}, err)
		}
		tap = keys
	}
	t := Turn{User: user, Tap: tap, Line: step.Line, Wanted: st.wanted(step, content)}
	before := s.flows.clone()
	secret := s.conv.Asking != nil && s.conv.Asking.Sensitive && what.option == nil
	if secret && user != "" {
		t.User = masked
	}
	if secret && keys != "" {
		t.Tap = masked
	}
	var d did
	var err error
	understood := content.Text
	if st.call != nil {
		d, t.Heard, err = st.acts(ctx, user, keys)
		understood = t.Heard
	} else {
		d, err = s.hear(ctx, content)
	}
	if t.Wanted != "" && understood != "" && st.o.Candidates != nil {
		t.Nearest = nearest(st.o.Candidates(ctx, understood, st.p.Lang), t.Wanted)
	}
	if secret && t.Heard != "" {
		t.Heard = masked
	}
	if !st.keep(t, d, err) {
		return false
	}
	last := &st.out.Turns[len(st.out.Turns)-1]
	now := view{did: d, conv: s.conv, before: before, after: s.flows.clone(), args: s.args}
	if t.Wanted != "" {
		last.Got = got(now)
	}
	last.Problems = step.Expect.check(now)
	return len(last.Problems) == 0
}

// masked stands for a sensitive answer.
const masked = "••••"

// keep writes a turn down; false when it has failed.
func (st *stage) keep(t Turn, d did, err error) bool {
	st.out.Turns = append(st.out.Turns, record(t, d))
	st.all.add(d)
	if err != nil {
		st.out.Error = err.Error()
	}
	return err == nil
}

// wanted is the target that words outside of any flow should lead to, for the
// confusion of what was understood; "" where nothing is said of it.
func (st *stage) wanted(step Step, c desk.Content) string {
	if c.Text == "" || c.Picked != nil || len(st.s.flows.stack) > 0 || st.s.conv.Status != desk.Automated {
		return ""
	}
	e := step.Expect
	switch {
	case e.Flow != nil && *e.Flow != "":
		return desk.KindFlow + ":" + *e.Flow
	case len(e.Reaches) == 1:
		return e.Reaches[0]
	case e.Answered != nil && *e.Answered != "":
		return desk.KindArticle + ":" + *e.Answered
	case e.HandedOver != nil && *e.HandedOver != "":
		return desk.KindQueue + ":" + *e.HandedOver
	case e.Steered != nil && *e.Steered:
		return nothing
	}
	return ""
}

// nothing stands for words that nothing is there for.
const nothing = "none"

// got is where words led: the first that happened.
func got(v view) string {
	if f, ok := v.after.active(); ok {
		return desk.KindFlow + ":" + f.name
	}
	for _, m := range v.marks {
		switch m.Kind {
		case desk.MarkStarted:
			return desk.KindFlow + ":" + m.Flow
		case desk.MarkAnswered:
			return desk.KindArticle + ":" + m.Value
		case desk.MarkClarify:
			return "clarified"
		}
	}
	if v.handOff != nil {
		return desk.KindQueue + ":" + string(v.handOff.Queue)
	}
	if m := v.menus(); len(m) > 0 {
		return desk.KindMenu + ":" + m[0]
	}
	return nothing
}

// record writes a turn down for the report, without secrets.
func record(t Turn, d did) Turn {
	for _, c := range d.says {
		line := Line{Text: c.Text, Menu: c.Menu}
		for _, o := range c.Options {
			line.Options = append(line.Options, o.Label)
		}
		if c.Card != nil {
			if c.Card.Title != "" {
				line.Card = append(line.Card, c.Card.Title)
			}
			for _, l := range c.Card.Lines {
				line.Card = append(line.Card, l.Label+": "+l.Value)
			}
		}
		t.Bot = append(t.Bot, line)
	}
	for _, m := range d.marks {
		t.Marks = append(t.Marks, briefMark(m))
	}
	return t
}

// briefMark is a mark as one line: "set order_coffee.size=large".
func briefMark(m desk.Mark) string {
	var b strings.Builder
	b.WriteString(string(m.Kind))
	if m.Flow != "" || m.Slot != "" {
		b.WriteByte(' ')
		b.WriteString(m.Flow)
		if m.Slot != "" {
			b.WriteString("." + m.Slot)
		}
	}
	if m.Value != "" {
		b.WriteString("=" + m.Value)
	}
	if o := m.Data["options"]; o != "" {
		b.WriteString(" [" + o + "]")
	}
	return b.String()
}
