package assist

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// Bounds on what another system may suggest.
const (
	mostExternal     = 3    // for one message
	maxExternal      = 5000 // characters
	maxExternalTitle = 200  // characters
	maxLabel         = 60   // characters
	maxURL           = 2000 // bytes
)

// Push puts a suggestion of another system beside the newest customer message
// of a conversation that an agent has. Of it count Text, Title, Lang,
// Confidence, Label and URL. What is not sent is ignored, as any other; Label
// is what the ledger counts it under.
func (d *Desk) Push(ctx context.Context, conversation desk.ID, s Suggestion) (Suggestion, error) {
	s, err := tidy(s)
	if err != nil {
		return Suggestion{}, err
	}
	c, err := d.Conversations.Conversation(ctx, conversation)
	if err != nil {
		return Suggestion{}, fmt.Errorf("push a suggestion: %w", err)
	}
	if c.AgentID == "" || c.Status != desk.Assigned && c.Status != desk.Parked && c.Status != desk.Offered {
		return Suggestion{}, desk.Errorf(desk.Conflict, "no_agent", "no agent has this conversation, so nobody would see it")
	}
	history, err := d.Conversations.Newest(ctx, conversation, turns)
	if err != nil {
		return Suggestion{}, fmt.Errorf("read the conversation: %w", err)
	}
	at := -1
	for i, m := range history {
		switch {
		case m.Author.Kind == desk.ByCustomer && !m.Private:
			at = i
		case m.Author.Kind == desk.ByAgent && !m.Private:
			at = -1
		}
	}
	if at < 0 {
		return Suggestion{}, desk.Errorf(desk.Conflict, "nothing_to_answer", "the customer's last message was answered already")
	}
	if s.Lang == "" {
		s.Lang = c.Lang
	}
	now := d.now().UTC().Truncate(time.Microsecond)
	s.ID, s.ConversationID, s.MessageID, s.Kind, s.At = desk.NewIDAt(now), conversation, history[at].ID, External, now
	s.key, s.where = externalPrefix+s.Label, Situation{Playbook: c.Playbook, Queue: string(c.Queue)}.Kind()
	if s, err = d.Store.Push(ctx, c.AgentID, s, mostExternal); err != nil {
		return Suggestion{}, fmt.Errorf("record the suggestion: %w", err)
	}
	list, _, err := d.Store.Shown(ctx, s.MessageID)
	if err != nil {
		return s, fmt.Errorf("read the ledger: %w", err)
	}
	d.show(c, s.MessageID, list)
	return s, nil
}

// tidy checks what another system suggests, and keeps what counts of it.
func tidy(s Suggestion) (Suggestion, error) {
	bad := func(field, format string, args ...any) error {
		return &desk.Error{Kind: desk.Invalid, Code: "bad_suggestion", Field: field, Message: fmt.Sprintf(format, args...)}
	}
	out := Suggestion{Text: strings.TrimSpace(s.Text), Title: oneLine(s.Title), Lang: s.Lang, Confidence: s.Confidence, Label: oneLine(s.Label), URL: s.URL}
	switch {
	case !utf8.ValidString(s.Text + s.Title + s.Label):
		return out, bad("text", "write UTF-8")
	case out.Text == "" || utf8.RuneCountInString(out.Text) > maxExternal:
		return out, bad("text", "1 to %d characters", maxExternal)
	case utf8.RuneCountInString(out.Title) > maxExternalTitle:
		return out, bad("title", "at most %d characters", maxExternalTitle)
	case out.Label == "" || utf8.RuneCountInString(out.Label) > maxLabel:
		return out, bad("source", "say who suggests it, in 1 to %d characters", maxLabel)
	case out.Lang != "" && !slices.Contains([]desk.Lang{desk.English, desk.Chinese}, out.Lang):
		return out, bad("lang", "unknown language %q: use en or zh", out.Lang)
	case !(out.Confidence >= 0 && out.Confidence <= 1):
		return out, bad("confidence", "0 to 1")
	}
	if out.URL != "" {
		u, err := url.Parse(out.URL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(out.URL) > maxURL {
			return out, bad("url", "a link that begins with https:// or http://, at most %d bytes, without a password", maxURL)
		}
	}
	if out.Title == "" {
		out.Title = firstWords(out.Text)
	}
	return out, nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
