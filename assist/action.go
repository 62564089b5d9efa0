package assist

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// FromAction is the kind of suggestion that is something to do, not to say.
const FromAction Kind = "action"

// ActionKind is what an Action does.
type ActionKind string

// The kinds of action.
const (
	StartFlow  ActionKind = "flow"  // hand the conversation to the bot, which begins the flow with what it knows
	ToQueue    ActionKind = "queue" // transfer it
	CallPerson ActionKind = "call"  // call the customer
)

// Action is what an agent may do next, with one click.
type Action struct {
	ID         desk.ID    `json:"id"`
	MessageID  desk.ID    `json:"message_id"`
	Kind       ActionKind `json:"kind" enum:"flow,queue,call"`
	Target     string     `json:"target"` // the flow, the queue or the number
	Title      string     `json:"title"`  // what that is called
	Confidence float64    `json:"confidence"`
}

// What is offered, and when it is better to offer nothing.
const (
	mostActions  = 2
	leastAction  = 0.6
	surelyCall   = 0.85 // of who asks in words to be called
	actionPrefix = "action:"
)

// Next gives at most two things to do next about the newest customer message,
// likeliest first, and records them as shown; often none. It stays the same until the customer says
// more or one of them is done. Titles are in lang.
func (d *Desk) Next(ctx context.Context, conversation desk.ID, lang desk.Lang) ([]Action, error) {
	c, err := d.Conversations.Conversation(ctx, conversation)
	if err != nil {
		return nil, fmt.Errorf("find what to do next: %w", err)
	}
	if c.AgentID == "" || c.Status != desk.Assigned && c.Status != desk.Parked {
		return nil, nil
	}
	t, err := d.thread(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("find what to do next: %w", err)
	}
	said := t.requests()
	if len(said) == 0 {
		return nil, nil
	}
	newest := said[len(said)-1]
	list, err := d.candidates(ctx, t, newest, lang)
	if err != nil {
		return nil, err
	}
	reason := Superseded // he said more before anybody could decide
	if n := len(said); n > 1 && slices.ContainsFunc(t.messages, func(m desk.Message) bool {
		return m.Author.Kind == desk.ByAgent && m.Seq > said[n-2].Seq
	}) {
		reason = WroteOwn
	}
	now := d.now().UTC()
	for i := range list {
		s := &list[i]
		s.ID, s.ConversationID, s.MessageID, s.Rank, s.At = desk.NewIDAt(now), c.ID, newest.ID, i+1, now
	}
	if list, err = d.Store.ShowActions(ctx, c.ID, newest.ID, c.AgentID, list, reason); err != nil {
		return nil, fmt.Errorf("record what to do next: %w", err)
	}
	var out []Action
	for _, s := range list {
		kind, target, _ := strings.Cut(s.Text, ":")
		a := Action{ID: s.ID, MessageID: s.MessageID, Kind: ActionKind(kind), Target: target, Title: s.Title, Confidence: s.Confidence}
		if s.Lang != lang { // it was shown to somebody who reads the other language
			a.Title = d.titleOf(ctx, c, a, lang)
		}
		out = append(out, a)
	}
	return out, nil
}

// Action finds one that was offered in a conversation.
func (d *Desk) Action(ctx context.Context, conversation, id desk.ID) (Action, error) {
	s, err := d.find(ctx, conversation, id)
	if err != nil {
		return Action{}, err
	}
	if s.Kind != FromAction {
		return Action{}, desk.Errorf(desk.NotFound, "not_found", "it is a reply, not a thing to do")
	}
	kind, target, _ := strings.Cut(s.Text, ":")
	return Action{ID: s.ID, MessageID: s.MessageID, Kind: ActionKind(kind), Target: target, Title: s.Title, Confidence: s.Confidence}, nil
}

// Did records that an agent did what was offered.
func (d *Desk) Did(ctx context.Context, conversation, action, agent desk.ID) error {
	if _, err := d.Action(ctx, conversation, action); err != nil {
		return err
	}
	return d.decide(ctx, action, Verdict{State: Sent, Agent: agent, Similarity: 1, At: d.now()})
}

// candidates are the likely actions, best first.
func (d *Desk) candidates(ctx context.Context, t thread, newest desk.Message, lang desk.Lang) ([]Suggestion, error) {
	c := t.conversation
	where := Situation{Playbook: c.Playbook, Queue: string(c.Queue), Flows: t.flows()}.Kind()
	d.mu.RLock()
	tally := d.tally
	d.mu.RUnlock()
	var out []Suggestion
	add := func(kind ActionKind, target string, confidence float64) {
		a := Action{Kind: kind, Target: target}
		s := Suggestion{Kind: FromAction, Text: string(kind) + ":" + target, Lang: lang, Title: d.titleOf(ctx, c, a, lang)}
		s.key, s.where = actionPrefix+s.Text, where
		if kind == CallPerson {
			s.key = actionPrefix + string(kind) // never a number
		}
		if s.Confidence = tally.Adjust(s.key, where, confidence, d.now()); s.Confidence >= leastAction && s.Title != "" {
			out = append(out, s)
		}
	}
	if phone := t.phone(); phone != "" && c.OnCall == "" && callsMe.MatchString(newest.Content.Text) {
		add(CallPerson, phone, surelyCall)
	}
	if flow, p := d.wish(ctx, t, newest); flow != "" && c.OnCall == "" {
		add(StartFlow, flow, p)
	}
	queue, p, err := d.mover(ctx, t)
	if err != nil {
		return nil, err
	}
	if queue != "" {
		add(ToQueue, queue, p)
	}
	slices.SortStableFunc(out, func(a, b Suggestion) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return out[:min(len(out), mostActions)], nil
}

// wish is the flow that the newest message begins, if the bot did not just fail
// at it.
func (d *Desk) wish(ctx context.Context, t thread, newest desk.Message) (string, float64) {
	c := t.conversation
	if d.Books == nil || c.Playbook == "" {
		return "", 0
	}
	list, human, err := d.Books.Wishes(ctx, c.Playbook, c.Revision, newest.Content.Text, c.Lang)
	if err != nil {
		d.log().WarnContext(ctx, "no flow is offered", "conversation", c.ID, "err", err)
		return "", 0
	}
	if len(list) == 0 || human > list[0].Confidence {
		return "", 0
	}
	if w := follows(t, nil, c.Lang); slices.Contains(w.order, list[0].Flow) && w.state[list[0].Flow] != done {
		return "", 0 // that is where he comes from
	}
	return list[0].Flow, list[0].Confidence
}

// mover is the queue that agents usually transfer such a conversation to.
func (d *Desk) mover(ctx context.Context, t thread) (string, float64, error) {
	c := t.conversation
	past, err := d.outcomes(ctx, c.Playbook)
	if err != nil {
		return "", 0, err
	}
	var lessons []lesson
	for _, o := range past {
		if o.From == string(c.Queue) && o.ConversationID != c.ID {
			lessons = append(lessons, lesson{o.Moved, o.features()})
		}
	}
	if len(lessons) < shortestPast {
		return "", 0, nil
	}
	queue, p := study(lessons).guess(outcomeOf(t).features())
	return queue, p, nil
}

// phone is where the customer can be called.
func (t thread) phone() string {
	if cb := t.conversation.Callback; cb != nil {
		return cb.Phone
	}
	return t.contact.Phone
}

// titleOf is what an action's target is called; empty when it is not there any
// more.
func (d *Desk) titleOf(ctx context.Context, c desk.Conversation, a Action, lang desk.Lang) string {
	switch a.Kind {
	case StartFlow:
		if f, ok := d.flows(ctx, c)[a.Target]; ok {
			return f.Title.In(lang)
		}
	case ToQueue:
		if a.Target == string(c.Queue) {
			return ""
		}
		if q, err := d.queue(ctx, desk.QueueName(a.Target)); err == nil && q.Name != "" {
			return cmp.Or(q.Title.In(lang), string(q.Name))
		}
	case CallPerson:
		return a.Target
	}
	return ""
}

// callsMe is a customer who wants to be called, not one who calls or has called.
var callsMe = regexp.MustCompile(`(?i)\b(?:call|phone|ring) me\b|\bcall ?back\b|\bgive me a (?:call|ring)\b|(?:打|给我|回)(?:个)?电话|回电|致电`)
