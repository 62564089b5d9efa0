package httpapi

import (
	"context"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/playbook"
)

// Previews tells what publishing would change.
type Previews interface {
	Impact(ctx context.Context, w playbook.Wish) (playbook.Impact, error)
}

func (s *Server) previews() (Previews, error) {
	if s.Previews == nil {
		return nil, desk.Errorf(desk.Unavailable, "no_previews", "this server makes no previews")
	}
	return s.Previews, nil
}

type impactIn struct {
	ByID
	Body impactBody
}

type impactBody struct {
	ArticleFields
	Unpublish bool `json:"unpublish,omitempty" doc:"What if it were taken out of answers? Then the other fields do not matter; they may be empty."`
}

// articleImpact previews content that need not be saved.
func (s *Server) articleImpact(ctx context.Context, in *impactIn) (*reply[playbook.Impact], error) {
	p, err := s.previews()
	if err != nil {
		return nil, err
	}
	l, err := s.library()
	if err != nil {
		return nil, err
	}
	a, err := l.Get(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	var w playbook.Wish
	if in.Body.Unpublish {
		w.Remove = &a
	} else {
		in.Body.Publish = false
		d, err := in.Body.draft(ctx)
		if err != nil {
			return nil, err
		}
		a.Content = d.Content.Clean()
		if err := a.Content.Check(); err != nil {
			return nil, err
		}
		a.Status, a.PublishedVersion = kb.Published, a.Version
		w.Article = &a
	}
	return impact(ctx, p, w)
}

func impact(ctx context.Context, p Previews, w playbook.Wish) (*reply[playbook.Impact], error) {
	out, err := p.Impact(ctx, w)
	hideTalks(ctx, out.Answers, func(c *playbook.AnswerChange) *desk.ID { return &c.ConversationID })
	hideTalks(ctx, out.Suggested, func(c *playbook.SuggestedChange) *desk.ID { return &c.ConversationID })
	return &reply[playbook.Impact]{out}, err
}

type synonymsImpactBody struct {
	Playbook string       `json:"playbook,omitempty" maxLength:"64" doc:"Whose they are; empty: everybody's."`
	Lang     desk.Lang    `json:"lang" enum:"en,zh"`
	Synonyms []kb.Synonym `json:"synonyms" nullable:"false" doc:"All of the set, as it would be saved."`
}

func (s *Server) synonymsImpact(ctx context.Context, in *body[synonymsImpactBody]) (*reply[playbook.Impact], error) {
	p, err := s.previews()
	if err != nil {
		return nil, err
	}
	set := kb.SynonymSet{Playbook: in.Body.Playbook, Lang: in.Body.Lang, Synonyms: in.Body.Synonyms}
	if err := set.Check(); err != nil {
		return nil, err
	}
	return impact(ctx, p, playbook.Wish{Synonyms: &set})
}
