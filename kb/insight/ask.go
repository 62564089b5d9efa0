package insight

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/privacy"
	"github.com/parleyhq/parley/kb"
)

// Outcome is what became of something asked.
type Outcome string

// The outcomes.
const (
	Answered   Outcome = "answered"    // by an article, and no more was heard of it
	Steered    Outcome = "steered"     // not understood
	Clarified  Outcome = "clarified"   // several things were offered instead
	HandedOver Outcome = "handed_over" // a person had to answer
	Rephrased  Outcome = "rephrased"   // an article answered, and he asked again, or for a person
	Missed     Outcome = "missed"      // nothing was found in the help centre
)

// Outcomes lists them all.
func Outcomes() []Outcome {
	return []Outcome{Answered, Steered, Clarified, HandedOver, Rephrased, Missed}
}

// Ask is something that a customer asked, without personal data.
type Ask struct {
	ID             string    `json:"id"`
	QuestionID     desk.ID   `json:"-"`
	Playbook       string    `json:"playbook"`
	Lang           desk.Lang `json:"lang"`
	Text           string    `json:"text"`
	Outcome        Outcome   `json:"outcome"`
	Article        string    `json:"article,omitempty" doc:"The slug of what answered."`
	ConversationID desk.ID   `json:"conversation_id,omitempty"`
	Times          int       `json:"times" doc:"Above 1 only of searches in the help centre."`
	At             time.Time `json:"at"`
}

// AskFilter says which to list; empty fields let all through.
type AskFilter struct {
	Question   desk.ID
	Playbook   *string
	Unanswered bool // all but Answered
	Limit      int
}

// Talk is a conversation to read.
type Talk struct {
	Conversation desk.Conversation
	Contact      desk.Contact
	LastAt       time.Time
}

// Bounds on what is read.
const (
	mostEvents   = 1000 // of one conversation
	mostAsked    = 50   // of one conversation
	leastAsk     = 2    // pieces of a text that can be a question, see kb.Terms
	longestAsk   = 300  // characters kept
	sameQuestion = 0.5  // likeness by words to what was asked before that makes it the same, asked again
)

func (b *Board) gatherTalks(ctx context.Context) error {
	const name = "talks"
	mark, err := b.Store.Mark(ctx, name)
	if err != nil {
		return err
	}
	for read := 0; read < mostGathered; {
		talks, err := b.Store.QuietTalks(ctx, mark, b.now().Add(-settled), gatherPage)
		if err != nil || len(talks) == 0 {
			return err
		}
		var asks []Ask
		for _, t := range talks {
			events, err := b.eventsOf(ctx, t.Conversation.ID)
			if err != nil {
				return err
			}
			list, err := AsksOf(t, events)
			if err != nil {
				return err
			}
			asks = append(asks, list...)
		}
		last := talks[len(talks)-1]
		mark = Mark{last.LastAt, string(last.Conversation.ID)}
		if err := b.Store.SaveAsks(ctx, name, mark, asks); err != nil {
			return err
		}
		read += len(talks)
	}
	return nil // the rest another time
}

func (b *Board) eventsOf(ctx context.Context, id desk.ID) ([]desk.Event, error) {
	var out []desk.Event
	for after := int64(0); len(out) < mostEvents; {
		page, err := b.Store.Timeline(ctx, id, after, 500)
		if err != nil {
			return nil, fmt.Errorf("read conversation %s: %w", id, err)
		}
		if len(page) == 0 {
			break
		}
		out, after = append(out, page...), page[len(page)-1].Seq
	}
	return out, nil
}

func (b *Board) gatherMisses(ctx context.Context) error {
	const name = "misses"
	mark, err := b.Store.Mark(ctx, name)
	if err != nil {
		return err
	}
	for read := 0; read < mostGathered; {
		list, err := b.Store.Misses(ctx, mark, gatherPage)
		if err != nil || len(list) == 0 {
			return err
		}
		last := list[len(list)-1]
		mark = Mark{last.At, last.ID}
		var asks []Ask
		for _, a := range list {
			if a.Text = tidy(a.Text, privacy.Person{}); worth(a.Text) {
				asks = append(asks, a)
			}
		}
		if err := b.Store.SaveAsks(ctx, name, mark, asks); err != nil {
			return err
		}
		read += len(list)
	}
	return nil
}

// AsksOf finds in a conversation what its customer asked a bot, and what became
// of it. What he tapped, what was kept secret and what a flow took for its own
// is no question.
func AsksOf(t Talk, events []desk.Event) ([]Ask, error) {
	r := reading{talk: t, person: privacy.PersonOf(t.Contact)}
	if c := t.Conversation.HandOver; c != nil {
		for _, f := range c.Facts {
			r.person.Values = append(r.person.Values, f.Value)
		}
	}
	for _, e := range events {
		switch e.Kind {
		case desk.EventMessage:
			var m desk.Message
			if err := json.Unmarshal(e.Data, &m); err != nil {
				return nil, fmt.Errorf("read message %s: %w", e.ID, err)
			}
			r.hear(m)
		case desk.EventMark:
			var m desk.Mark
			if err := json.Unmarshal(e.Data, &m); err != nil {
				return nil, fmt.Errorf("read mark %s: %w", e.ID, err)
			}
			r.note(m)
		}
	}
	return r.asks(), nil
}

// reading is how far a conversation has been read.
type reading struct {
	talk   Talk
	person privacy.Person
	said   *Ask  // what the customer said last, and nothing is known of yet
	list   []Ask // with an outcome
	about  bool  // what happens is still about the last of list
}

func (r *reading) hear(m desk.Message) {
	if m.Author.Kind != desk.ByCustomer || m.Private {
		return
	}
	r.said = nil
	c := m.Content
	if c.Text == "" || c.Masked || c.Picked != nil || c.Command != "" {
		return
	}
	text := tidy(c.Text, r.person)
	if !worth(text) {
		return
	}
	r.said = &Ask{ID: string(m.ID), Playbook: r.talk.Conversation.Playbook, Lang: kb.LangOf(text, r.talk.Conversation.Lang), Text: text,
		ConversationID: r.talk.Conversation.ID, Times: 1, At: m.At}
}

func (r *reading) note(m desk.Mark) {
	switch m.Kind {
	case desk.MarkAnswered:
		r.put(Answered, m.Value)
	case desk.MarkSteered:
		r.put(Steered, "")
	case desk.MarkClarify:
		r.put(Clarified, "")
	case desk.MarkHuman:
		if m.Value == "asked" || m.Value == "retries" { // not by a rule of a flow
			r.handedOver()
		}
	case desk.MarkStarted, desk.MarkSet, desk.MarkCorrected, desk.MarkInvalid, desk.MarkRefused, desk.MarkConfirm, desk.MarkCompleted, desk.MarkCancelled:
		r.said, r.about = nil, false // a flow understood it
	}
}

// put gives what was said its outcome. Saying nearly the same again after an
// answer means that the answer was none.
func (r *reading) put(o Outcome, article string) {
	if r.said == nil {
		return
	}
	if n := len(r.list); n > 0 && r.about && r.list[n-1].Outcome == Answered {
		s := newSpace([]string{r.list[n-1].Text, r.said.Text})
		if s.point(r.list[n-1].Text, nil).words(s.point(r.said.Text, nil)) >= sameQuestion {
			r.list[n-1].Outcome = Rephrased
		}
	}
	r.said.Outcome, r.said.Article = o, article
	r.list, r.said, r.about = append(r.list, *r.said), nil, true
}

// handedOver: what was asked last was not settled by it. Asking for a person is
// no question itself.
func (r *reading) handedOver() {
	if n := len(r.list); n > 0 && r.about {
		switch last := &r.list[n-1]; last.Outcome {
		case Answered:
			last.Outcome = Rephrased
		case Steered, Clarified:
			last.Outcome = HandedOver
		}
		r.said = nil
		return
	}
	if r.said != nil && strings.ContainsAny(r.said.Text, "?？") {
		r.put(HandedOver, "")
	}
	r.said = nil
}

func (r *reading) asks() []Ask { return r.list[max(0, len(r.list)-mostAsked):] }

// tidy is a text as it is kept.
func tidy(text string, p privacy.Person) string {
	text = strings.Join(strings.Fields(privacy.Hide(text, p)), " ")
	if utf8.RuneCountInString(text) > longestAsk {
		text = string([]rune(text)[:longestAsk])
	}
	return text
}

// worth reports whether a text can be a question at all.
func worth(text string) bool { return len(kb.Terms(text)) >= leastAsk }
