package routing

import (
	"context"
	"slices"
	"strconv"

	"github.com/parleyhq/parley/desk"
)

// Marks that routing makes itself, beside those of the responders.
const (
	MarkCardEdited desk.MarkKind = "card_edited" // Data.changed and Data.removed count lines
	MarkRated      desk.MarkKind = "rated"       // Value is the number of stars
)

// Rate records what the customer thought of a closed conversation.
func (r *Router) Rate(ctx context.Context, conversation desk.ID, stars int, note string) (desk.Conversation, error) {
	note = cleanText(note)
	if err := checkText("note", note); err != nil {
		return desk.Conversation{}, err
	}
	rec, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		if err := c.rec.Conversation.Rate(stars, note, c.now); err != nil {
			return err
		}
		if c.rec.LastAgent != "" {
			c.enqueue(learnJob(c.rec.ID))
		}
		return c.mark(ctx, desk.Mark{Kind: MarkRated, Value: strconv.Itoa(stars)})
	})
	return rec.Conversation, err
}

// HandOverEdit is what the customer changes on his hand-over card.
type HandOverEdit struct {
	Wants  *string
	Set    []desk.Fact // of facts that are there only Value changes; others are added
	Remove []string    // keys
}

// The bounds of a card.
const (
	maxFacts     = 50
	maxFactValue = 500
)

// EditHandOver changes the card that goes to a person with the conversation.
// It can be changed until an agent has replied.
func (r *Router) EditHandOver(ctx context.Context, conversation desk.ID, e HandOverEdit) (desk.Conversation, error) {
	rec, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		switch {
		case c.rec.HandOver == nil || c.rec.Status == desk.Automated || c.rec.Status == desk.Closed:
			return desk.Errorf(desk.Conflict, "no_card", "there is no card to change now")
		case c.rec.Replied:
			return desk.Errorf(desk.Conflict, "card_used", "an agent has replied; tell him what is different")
		}
		card, changed, removed, err := editCard(*c.rec.HandOver, e)
		if err != nil {
			return err
		}
		if changed+removed == 0 {
			return errNothing
		}
		c.rec.HandOver, c.rec.UpdatedAt = &card, c.now
		return c.mark(ctx, desk.Mark{Kind: MarkCardEdited, Data: map[string]string{
			"changed": strconv.Itoa(changed), "removed": strconv.Itoa(removed),
		}})
	})
	return rec.Conversation, err
}

func editCard(card desk.HandOver, e HandOverEdit) (out desk.HandOver, changed, removed int, err error) {
	card.Facts = slices.Clone(card.Facts)
	if e.Wants != nil {
		if w := cut(cleanText(*e.Wants), maxFactValue); w != card.Wants {
			card.Wants, changed = w, changed+1
		}
	}
	for _, f := range e.Set {
		f.Key, f.Label, f.Value = cut(cleanLine(f.Key), 64), cut(cleanLine(f.Label), maxName), cut(cleanText(f.Value), maxFactValue)
		if f.Key == "" {
			return card, 0, 0, &desk.Error{Kind: desk.Invalid, Code: "no_key", Field: "set", Message: "a fact needs its key"}
		}
		i := slices.IndexFunc(card.Facts, func(o desk.Fact) bool { return o.Key == f.Key })
		switch {
		case i >= 0 && card.Facts[i].Value != f.Value:
			card.Facts[i].Value, changed = f.Value, changed+1
		case i < 0 && len(card.Facts) >= maxFacts:
			return card, 0, 0, &desk.Error{Kind: desk.TooLarge, Code: "too_many_facts", Field: "set", Message: "a card has at most 50 lines"}
		case i < 0:
			if f.Label == "" {
				f.Label = f.Key
			}
			card.Facts, changed = append(card.Facts, f), changed+1
		}
	}
	before := len(card.Facts)
	card.Facts = slices.DeleteFunc(card.Facts, func(f desk.Fact) bool { return slices.Contains(e.Remove, f.Key) })
	removed = before - len(card.Facts)
	trace := desk.EditTrace{Changed: changed, Removed: removed}
	if card.Edited != nil {
		trace.Changed += card.Edited.Changed
		trace.Removed += card.Edited.Removed
	}
	card.Edited = &trace
	return card, changed, removed, nil
}

// ReadMark is the data of an EventRead.
type ReadMark struct {
	By  desk.AuthorKind `json:"by"`
	Seq int64           `json:"seq"`
}

// MarkRead notes that the customer, or the agent who has the conversation,
// has read up to seq. It never goes back.
func (r *Router) MarkRead(ctx context.Context, conversation desk.ID, by desk.AuthorKind, seq int64) error {
	_, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		seq = min(seq, c.rec.Seq)
		to := &c.rec.CustomerSeq
		if by == desk.ByAgent {
			to = &c.rec.AgentSeq
		} else if by != desk.ByCustomer {
			return &desk.Error{Kind: desk.Invalid, Code: "bad_reader", Field: "by", Message: "customers and agents read"}
		}
		if seq <= *to {
			return errNothing
		}
		*to = seq
		if by == desk.ByAgent {
			n, err := c.tx.UnreadAfter(ctx, c.rec.ID, seq)
			if err != nil {
				return err
			}
			c.rec.Unread = n
		}
		c.push(desk.EventRead, ReadMark{by, seq})
		return nil
	})
	return err
}

// TypingNews is the data of an EventTyping.
type TypingNews struct {
	By   desk.AuthorKind `json:"by"`
	Name string          `json:"name,omitempty"`
	On   bool            `json:"on"`
}

// Typing tells the other side that somebody types. It is only published.
func (r *Router) Typing(_ context.Context, conversation desk.ID, by desk.Author, on bool) {
	r.publish("conv."+string(conversation), r.passing(conversation, desk.EventTyping, TypingNews{by.Kind, by.Name, on}))
}
