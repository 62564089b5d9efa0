package dialogues

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// known is what the bot knows: by flow and slot.
type known map[string]map[string]string

// played is what came of one turn.
type played struct {
	known     known
	corrected int
	cancelled bool
	took      time.Duration
}

// replay gives the customer's side of a dialogue to the bot, each utterance as
// the answer to what was really said before it, and calls each with what the
// bot knows then. What the bot knows is its own, errors included. What it knew
// of a flow that it gave up counts as known: the annotations keep it.
func replay(ctx context.Context, b *bot.Bot, lang desk.Lang, d Dialogue, each func(i int, p played)) error {
	var state json.RawMessage
	var history []desk.Message
	have := known{}
	for i, t := range d.Turns {
		if t.System != "" {
			history = append(history, message(i, desk.ByAgent, t.System))
		}
		state = b.Asked(state, t.Asked)
		said := message(i, desk.ByCustomer, t.User)
		turn := desk.Turn{
			Conversation: desk.Conversation{ID: "conversation", Status: desk.Automated, Channel: desk.Webchat, Lang: lang},
			Contact:      desk.Contact{ID: "contact", Lang: lang}, History: history, Message: &said, State: state, Now: now, Zone: now.Location(),
		}
		begin := time.Now()
		p := played{known: have}
		for step, err := range b.Respond(ctx, turn) {
			if err != nil {
				return fmt.Errorf("dialogue %s, turn %d: %w", d.ID, i+1, err)
			}
			switch s := step.(type) {
			case desk.Remember:
				state = s.State
			case desk.Mark:
				p.mark(s)
			}
		}
		p.took = time.Since(begin)
		each(i, p)
		history = append(history, said)
		history = history[max(0, len(history)-8):]
	}
	return nil
}

func (p *played) mark(m desk.Mark) {
	switch m.Kind {
	case desk.MarkCorrected:
		p.corrected++
		fallthrough
	case desk.MarkSet:
		if p.known[m.Flow] == nil {
			p.known[m.Flow] = map[string]string{}
		}
		p.known[m.Flow][m.Slot] = m.Value
	case desk.MarkCancelled:
		p.cancelled = true
	}
}

func message(i int, by desk.AuthorKind, text string) desk.Message {
	return desk.Message{ID: desk.ID(fmt.Sprintf("%s%d", by, i)), ConversationID: "conversation", Author: desk.Author{Kind: by}, Channel: desk.Webchat, Content: desk.Content{Text: text}, At: now}
}
