package httpapi

import (
	"context"
	"errors"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
)

// Assist is what stands beside a conversation, and what becomes of it.
type Assist interface {
	// Current gives the suggestions for the newest customer message, or none
	// once it has been replied to.
	Current(ctx context.Context, conversation desk.ID) ([]assist.Suggestion, error)
	// Check reports whether text, made from a suggestion, may be sent.
	Check(ctx context.Context, conversation, suggestion desk.ID, text string) error
	// Replied notes an agent's reply, made from a suggestion or not.
	Replied(ctx context.Context, conversation, agent, suggestion desk.ID, text string) error
	// Ignored notes that an agent waved a suggestion away.
	Ignored(ctx context.Context, conversation, suggestion, agent desk.ID) error
	// Push puts a suggestion of another system beside the newest customer
	// message, before the agent who has the conversation.
	Push(ctx context.Context, conversation desk.ID, s assist.Suggestion) (assist.Suggestion, error)
}

// Canned is the replies written beforehand, and the ledger of suggestions.
type Canned interface {
	ListCanned(ctx context.Context, f assist.CannedFilter) ([]assist.Canned, string, error)
	SaveCanned(ctx context.Context, by string, c assist.Canned) (assist.Canned, error)
	DeleteCanned(ctx context.Context, id desk.ID) error
	Ledger(ctx context.Context, f assist.LedgerFilter) ([]assist.Count, error)
}

// canned is the canned replies, or why there are none.
func (s *Server) canned() (Canned, error) {
	if s.Canned == nil {
		return nil, desk.Errorf(desk.Unavailable, "no_canned", "this server has no canned replies")
	}
	return s.Canned, nil
}

type listCannedIn struct {
	Paged
	Search   string `query:"q" maxLength:"200" doc:"In key, title and text."`
	Playbook string `query:"playbook" maxLength:"64"`
}

func (s *Server) listCanned(ctx context.Context, in *listCannedIn) (*reply[Page[assist.Canned]], error) {
	c, err := s.canned()
	if err != nil {
		return nil, err
	}
	f := assist.CannedFilter{Search: in.Search, After: in.After, Limit: in.Limit}
	if in.Playbook != "" {
		f.Playbook = &in.Playbook
	}
	list, next, err := c.ListCanned(ctx, f)
	if err != nil {
		return nil, err
	}
	return pageWith(list, next), nil
}

// CannedFields is what an editor writes; it is embedded in bodies.
type CannedFields struct {
	Key       string              `json:"key" maxLength:"64"`
	Title     map[string]string   `json:"title" doc:"By language: en, zh, or an empty key for all."`
	Text      map[string]string   `json:"text" doc:"Markdown with the variables {{contact.name}}, {{agent.name}}, {{conversation.number}} and {{slots.NAME}}."`
	Questions map[string][]string `json:"questions,omitempty" doc:"What customers say when it fits, by language."`
}

func (f CannedFields) canned() assist.Canned {
	c := assist.Canned{Key: f.Key, Title: text(f.Title), Text: text(f.Text)}
	if len(f.Questions) > 0 {
		c.Questions = map[desk.Lang][]string{}
		for lang, list := range f.Questions {
			c.Questions[desk.Lang(lang)] = list
		}
	}
	return c
}

func text(m map[string]string) desk.Text {
	t := desk.Text{}
	for lang, s := range m {
		t[desk.Lang(lang)] = s
	}
	return t
}

type newCannedBody struct {
	CannedFields
	Playbook string `json:"playbook,omitempty" maxLength:"64" doc:"Whose it is; empty: everybody's."`
}

func (s *Server) createCanned(ctx context.Context, in *body[newCannedBody]) (*reply[assist.Canned], error) {
	c := in.Body.canned()
	c.Playbook = in.Body.Playbook
	return s.saveCanned(ctx, c)
}

type putCannedIn struct {
	ByID
	Body putCannedBody
}

type putCannedBody struct {
	CannedFields
	Version int `json:"version" minimum:"1" doc:"The version that the edit is based on. When it is stale, the answer is 409 with the current reply as detail."`
}

func (s *Server) putCanned(ctx context.Context, in *putCannedIn) (*reply[assist.Canned], error) {
	c := in.Body.canned()
	c.ID, c.Version = desk.ID(in.ID), in.Body.Version
	return s.saveCanned(ctx, c)
}

func (s *Server) saveCanned(ctx context.Context, c assist.Canned) (*reply[assist.Canned], error) {
	replies, err := s.canned()
	if err != nil {
		return nil, err
	}
	saved, err := replies.SaveCanned(ctx, user(ctx).Name, c)
	var stale *assist.StaleCanned
	if errors.As(err, &stale) {
		return nil, withDetail(err, stale.Current)
	}
	return &reply[assist.Canned]{saved}, err
}

func (s *Server) deleteCanned(ctx context.Context, in *ByID) (*none, error) {
	c, err := s.canned()
	if err != nil {
		return nil, err
	}
	return nil, c.DeleteCanned(ctx, desk.ID(in.ID))
}

type ledgerIn struct {
	Article string    `query:"article" maxLength:"64" doc:"Only suggestions made of this article."`
	Canned  string    `query:"canned" maxLength:"64" doc:"Only suggestions made of this canned reply."`
	Agent   string    `query:"agent" maxLength:"64" doc:"Only those shown to this agent."`
	From    time.Time `query:"from" doc:"Shown then or later."`
	To      time.Time `query:"to" doc:"Shown before."`
	Limit   int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *Server) readLedger(ctx context.Context, in *ledgerIn) (*reply[Page[assist.Count]], error) {
	c, err := s.canned()
	if err != nil {
		return nil, err
	}
	list, err := c.Ledger(ctx, assist.LedgerFilter{Article: desk.ID(in.Article), Canned: desk.ID(in.Canned), Agent: desk.ID(in.Agent), From: in.From, To: in.To, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return pageWith(list, ""), nil
}

type pushIn struct {
	ByID
	Body pushBody
}

type pushBody struct {
	Text       string  `json:"text" maxLength:"20000" doc:"Markdown, ready to be sent; at most 5,000 characters."`
	Title      string  `json:"title,omitempty" maxLength:"800" doc:"At most 200 characters; empty: the first words."`
	Lang       string  `json:"lang,omitempty" maxLength:"8" doc:"en or zh; empty: that of the conversation."`
	Confidence float64 `json:"confidence,omitempty" doc:"0 to 1, for the agent to see."`
	Source     string  `json:"source" maxLength:"240" doc:"Who suggests it, in words for the agent; the ledger counts by it. At most 60 characters."`
	URL        string  `json:"url,omitempty" maxLength:"2000" doc:"Where more is to be read."`
}

func (s *Server) pushSuggestion(ctx context.Context, in *pushIn) (*reply[assist.Suggestion], error) {
	if _, err := s.visible(ctx, desk.ID(in.ID)); err != nil {
		return nil, err
	}
	if s.Assist == nil {
		return nil, desk.Errorf(desk.Unavailable, "no_assist", "this server suggests nothing")
	}
	b := in.Body
	v, err := s.Assist.Push(ctx, desk.ID(in.ID), assist.Suggestion{Text: b.Text, Title: b.Title, Lang: desk.Lang(b.Lang), Confidence: b.Confidence, Label: b.Source, URL: b.URL})
	return &reply[assist.Suggestion]{v}, err
}
