package routing

import (
	"context"
	"errors"

	"github.com/parleyhq/parley/desk"
)

// backWords are what the customer is told when his agent hands him to the bot.
var backWords = desk.T("The assistant goes on with you from here. Say “person” whenever you would rather talk to somebody.",
	"接下来由自动助手为您办理，想找人工随时说“转人工”就行。")

// HandBack gives an agent's conversation to the bot, which goes on at a flow or
// a menu. It still knows what it knew, and hears the customer's newest words
// again if that helps it. When it could only hand the conversation over again,
// nothing changes: a Conflict, "bot_cannot". While nobody else has it, the agent
// may Take it back.
func (r *Router) HandBack(ctx context.Context, agent desk.Author, conversation desk.ID, to desk.Target) (desk.Conversation, error) {
	agent.Kind = desk.ByAgent
	if k := to.Kind(); k != desk.KindFlow && k != desk.KindMenu {
		return desk.Conversation{}, &desk.Error{Kind: desk.Invalid, Code: "bad_target", Field: "target", Message: "name a flow or a menu: flow:NAME or menu:NAME"}
	}
	unlock, err := r.turns.lock(ctx, "turn ", conversation)
	if err != nil {
		return desk.Conversation{}, err
	}
	defer unlock()
	for range turnTries {
		rec, err := r.handBack(ctx, agent, conversation, to)
		if !errors.Is(err, errStale) {
			return rec.Conversation, err
		}
	}
	return desk.Conversation{}, desk.Errorf(desk.Conflict, "moved_on", "the customer wrote meanwhile; read it and try again")
}

func (r *Router) handBack(ctx context.Context, agent desk.Author, conversation desk.ID, to desk.Target) (Record, error) {
	facts, err := r.Store.TurnFacts(ctx, conversation, historyLength)
	if err != nil {
		return Record{}, err
	}
	seen := facts.Record
	if err := mayHandBack(&seen, agent); err != nil {
		return Record{}, err
	}
	out, err := r.beginAt(ctx, r.turn(facts), to)
	if err != nil {
		return Record{}, err
	}
	return r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		if err := mayHandBack(&c.rec, agent); err != nil {
			return err
		}
		if c.rec.HeardSeq != seen.HeardSeq {
			return errStale
		}
		from := c.rec.Status
		if err := c.rec.Conversation.HandBack(agent.ID, c.now); err != nil {
			return err
		}
		c.rec.Call, c.rec.AnsweredSeq = nil, c.rec.HeardSeq
		c.rec.Responder, c.rec.States, c.rec.Asking = out.Responder, out.States, out.Asking
		if err := c.moved(ctx, from, "handed_back", &agent); err != nil {
			return err
		}
		for _, m := range out.Marks {
			if err := c.mark(ctx, m); err != nil {
				return err
			}
		}
		if err := c.say(ctx, desk.Content{Text: backWords.In(c.rec.Lang)}); err != nil {
			return err
		}
		for _, s := range out.Says {
			if err := c.say(ctx, s); err != nil {
				return err
			}
		}
		return c.endTurn(ctx, out)
	})
}

func mayHandBack(rec *Record, agent desk.Author) error {
	switch {
	case !rec.HeldBy(agent.ID):
		return desk.Errorf(desk.Conflict, "not_yours", "only the agent who has the conversation may hand it to the bot")
	case rec.OnCall != "":
		return desk.Errorf(desk.Conflict, "on_call", "end the call first")
	}
	return nil
}

// beginAt lets the bot enter a target: with the customer's newest words, or
// without them when they would lead it back to a person.
func (r *Router) beginAt(ctx context.Context, t desk.Turn, to desk.Target) (desk.Outcome, error) {
	t.Enter = to
	var heard *desk.Message
	err := r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		m, ok, err := tx.LastHeard(ctx, t.Conversation.ID)
		if ok && m.Content.Text != "" && !m.Content.Masked && m.Content.Picked == nil && m.Content.Command == "" {
			heard = &m
		}
		return err
	})
	if err != nil {
		return desk.Outcome{}, err
	}
	for _, m := range []*desk.Message{heard, nil} {
		t.Message = m
		out, err := r.try(ctx, t)
		if desk.IsKind(err, desk.NotFound) || desk.IsKind(err, desk.Invalid) {
			return desk.Outcome{}, err
		}
		if err == nil && out.HandOff == nil && out.Close == nil {
			return out, nil
		}
		if m == nil && err != nil {
			return desk.Outcome{}, err
		}
	}
	return desk.Outcome{}, desk.Errorf(desk.Conflict, "bot_cannot", "the bot would only hand the conversation over again")
}
