package assist

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/privacy"
)

// Outcome is how a closed conversation ended, without personal data.
type Outcome struct {
	ConversationID desk.ID
	Playbook       string
	Queue          string // it was in at the end
	From           string // the queue that it first waited in
	Moved          string // the queue that an agent transferred it to first; empty: none
	Flows          []string
	Words          string // the customer's first requests and his newest
	Disposition    string
	At             time.Time
}

const (
	mostOutcomes  = 1000 // the newest ones that are learnt from
	outcomeWords  = 300  // characters
	firstRequests = 2
	shortestPast  = 20 // closings from which on they decide
)

// outcomeOf reads how a thread ended, or how it stands.
func outcomeOf(t thread) Outcome {
	c := t.conversation
	o := Outcome{ConversationID: c.ID, Playbook: c.Playbook, Queue: string(c.Queue), Flows: t.flows(), Disposition: c.Disposition, At: c.ClosedAt}
	for _, d := range t.deeds {
		switch {
		case o.From == "" && d.move.To == desk.Waiting:
			o.From = string(d.move.Queue)
		case o.Moved == "" && d.move.Reason == "transferred" && string(d.move.Queue) != o.From:
			o.Moved = string(d.move.Queue)
		}
	}
	if o.From == "" {
		o.From = o.Queue
	}
	var said []string
	for i, list := 0, t.requests(); i < len(list); i++ {
		if i < firstRequests || i == len(list)-1 {
			said = append(said, short(list[i].Content.Text, outcomeWords/(firstRequests+1)))
		}
	}
	o.Words = privacy.Hide(strings.Join(said, " "), privacy.PersonOf(t.contact))
	return o
}

// learnOutcome remembers how a closed conversation ended.
func (d *Desk) learnOutcome(ctx context.Context, c desk.Conversation) error {
	if worthOf(c.Rating) == 0 {
		return d.Store.DropOutcome(ctx, c.ID) // no example to anybody
	}
	t, err := d.thread(ctx, c)
	if err != nil {
		return fmt.Errorf("learn how %s ended: %w", c.ID, err)
	}
	if err := d.Store.KeepOutcome(ctx, outcomeOf(t)); err != nil {
		return fmt.Errorf("remember how %s ended: %w", c.ID, err)
	}
	return nil
}

// outcomes are the past ones of a playbook, the oldest first; none without the
// operator's consent.
func (d *Desk) outcomes(ctx context.Context, playbook string) ([]Outcome, error) {
	if !d.Learns || playbook == "" {
		return nil, nil
	}
	list, err := d.Store.Outcomes(ctx, playbook, mostOutcomes)
	if err != nil {
		return nil, fmt.Errorf("read how conversations ended: %w", err)
	}
	slices.Reverse(list)
	return list, nil
}

// features are what an outcome is told by: its flows and its words.
func (o Outcome) features() []string {
	var out []string
	for i, f := range o.Flows {
		out = append(out, "flow:"+f)
		if i == len(o.Flows)-1 {
			out = append(out, "last:"+f)
		}
	}
	words := wordsOf(placeholder.ReplaceAllString(o.Words, " "), 60)
	seen := map[string]bool{}
	for i, w := range words {
		add := []string{w}
		if i > 0 && isHan(w) && isHan(words[i-1]) {
			add = []string{words[i-1] + w}
		} else if isHan(w) {
			add = nil // a character alone says little
		}
		for _, a := range add {
			if !seen[a] && len(a) > 1 {
				seen[a] = true
				out = append(out, "w:"+a)
			}
		}
	}
	return out
}
