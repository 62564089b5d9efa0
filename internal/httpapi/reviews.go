package httpapi

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/kb"
)

// Reviews is how drafts come to be published.
type Reviews interface {
	Ask(ctx context.Context, by kb.Editor, id desk.ID, version int, reviewer desk.ID, note string) (kb.Article, error)
	Return(ctx context.Context, by kb.Editor, id desk.ID, version int, text string) (kb.Article, error)
	Approve(ctx context.Context, by kb.Editor, id desk.ID, version int, text string) (kb.Article, error)
	ApproveAnyway(ctx context.Context, by kb.Editor, id desk.ID, version int, text string) (kb.Article, error)
	Comment(ctx context.Context, by kb.Editor, id desk.ID, version int, text string) (kb.Comment, error)
	Comments(ctx context.Context, id, before desk.ID, limit int) ([]kb.Comment, error)
	Waiting(ctx context.Context, reviewer, after desk.ID, limit int) ([]kb.InReviewBy, error)
	Review(ctx context.Context, id desk.ID) (*kb.Review, error)
	Plan(ctx context.Context, by string, id desk.ID, action kb.Action, version int, at time.Time) (kb.Scheduled, error)
	Cancel(ctx context.Context, article, id desk.ID) (kb.Scheduled, error)
	Plans(ctx context.Context, article desk.ID) ([]kb.Scheduled, error)
}

func (s *Server) reviews() (Reviews, error) {
	if s.Reviews == nil {
		return nil, desk.Errorf(desk.Unavailable, "no_articles", "this server has no knowledge base")
	}
	return s.Reviews, nil
}

func editor(ctx context.Context) kb.Editor {
	u := user(ctx)
	return kb.Editor{ID: u.ID, Name: u.Name}
}

type askReviewIn struct {
	ByID
	Body struct {
		Version  int    `json:"version,omitempty" minimum:"0" doc:"Only if this is still the newest version; 0: whichever is."`
		Reviewer string `json:"reviewer,omitempty" maxLength:"64" doc:"A user who may publish; empty: whoever may."`
		Note     string `json:"note,omitempty" doc:"What to look at."`
	}
}

func (s *Server) askReview(ctx context.Context, in *askReviewIn) (*reply[kb.Article], error) {
	r, err := s.reviews()
	if err != nil {
		return nil, err
	}
	if id := desk.ID(in.Body.Reviewer); id != "" {
		u, err := s.Gate.Store.Account(ctx, id)
		if desk.IsKind(err, desk.NotFound) || err == nil && (u.Disabled || !access.Can(u.Roles, access.ArticlesPublish)) {
			return nil, &desk.Error{Kind: desk.Invalid, Code: "no_reviewer", Field: "reviewer", Message: "choose a user who may publish articles"}
		}
		if err != nil {
			return nil, err
		}
	}
	return article(r.Ask(ctx, editor(ctx), desk.ID(in.ID), in.Body.Version, desk.ID(in.Body.Reviewer), in.Body.Note))
}

type commentIn struct {
	ByID
	Body struct {
		Version int    `json:"version,omitempty" minimum:"0" doc:"It is about; 0: the newest."`
		Text    string `json:"text" minLength:"1"`
	}
}

func (s *Server) returnArticle(ctx context.Context, in *commentIn) (*reply[kb.Article], error) {
	r, err := s.reviews()
	if err != nil {
		return nil, err
	}
	return article(r.Return(ctx, editor(ctx), desk.ID(in.ID), in.Body.Version, in.Body.Text))
}

type approveIn struct {
	ByID
	Body *struct {
		Version int    `json:"version,omitempty" minimum:"0" doc:"Only if this is still the newest version; 0: whichever is."`
		Text    string `json:"text,omitempty" doc:"A comment, if there is one to make."`
		Anyway  bool   `json:"anyway,omitempty" doc:"Although a set of questions would miss what it has to reach; see publish."`
	}
}

func (s *Server) approveArticle(ctx context.Context, in *approveIn) (*reply[kb.Article], error) {
	r, err := s.reviews()
	if err != nil {
		return nil, err
	}
	version, text, approve := 0, "", r.Approve
	if in.Body != nil {
		version, text = in.Body.Version, in.Body.Text
		if in.Body.Anyway {
			approve = r.ApproveAnyway
		}
	}
	return article(approve(ctx, editor(ctx), desk.ID(in.ID), version, text))
}

func (s *Server) commentArticle(ctx context.Context, in *commentIn) (*reply[kb.Comment], error) {
	r, err := s.reviews()
	if err != nil {
		return nil, err
	}
	c, err := r.Comment(ctx, editor(ctx), desk.ID(in.ID), in.Body.Version, in.Body.Text)
	return &reply[kb.Comment]{c}, err
}

func (s *Server) listComments(ctx context.Context, in *struct {
	ByID
	Paged
}) (*reply[Page[kb.Comment]], error) {
	r, err := s.reviews()
	if err != nil {
		return nil, err
	}
	list, err := r.Comments(ctx, desk.ID(in.ID), desk.ID(in.After), in.Limit+1)
	if err != nil {
		return nil, err
	}
	return pageOf(list, in.Limit, func(c kb.Comment) string { return string(c.ID) }), nil
}

type waitingIn struct {
	Paged
	All bool `query:"all" doc:"Also what was asked of others."`
}

func (s *Server) listWaiting(ctx context.Context, in *waitingIn) (*reply[Page[kb.InReviewBy]], error) {
	r, err := s.reviews()
	if err != nil {
		return nil, err
	}
	reviewer := user(ctx).ID
	if in.All {
		reviewer = ""
	}
	list, err := r.Waiting(ctx, reviewer, desk.ID(in.After), in.Limit+1)
	if err != nil {
		return nil, err
	}
	return pageOf(list, in.Limit, func(w kb.InReviewBy) string { return string(w.Article.ID) }), nil
}

// articlePlan is what is under way with an article.
type articlePlan struct {
	Review *kb.Review     `json:"review" doc:"Null when none is asked for."`
	Plans  []kb.Scheduled `json:"plans" nullable:"false" doc:"Planned, carried out and cancelled, the newest first."`
}

func (s *Server) articlePlans(ctx context.Context, in *ByID) (*reply[articlePlan], error) {
	r, err := s.reviews()
	if err != nil {
		return nil, err
	}
	review, err := r.Review(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	plans, err := r.Plans(ctx, desk.ID(in.ID))
	return &reply[articlePlan]{articlePlan{review, plans}}, err
}

type planIn struct {
	ByID
	Body struct {
		Action  kb.Action `json:"action" enum:"publish,unpublish"`
		At      time.Time `json:"at"`
		Version int       `json:"version,omitempty" minimum:"0" doc:"Only if this is still the newest version; 0: whichever is."`
	}
}

func (s *Server) planArticle(ctx context.Context, in *planIn) (*reply[kb.Scheduled], error) {
	r, err := s.reviews()
	if err != nil {
		return nil, err
	}
	p, err := r.Plan(ctx, user(ctx).Name, desk.ID(in.ID), in.Body.Action, in.Body.Version, in.Body.At)
	return &reply[kb.Scheduled]{p}, err
}

type planByID struct {
	ByID
	Plan string `path:"sid" maxLength:"64"`
}

func (s *Server) cancelPlan(ctx context.Context, in *planByID) (*reply[kb.Scheduled], error) {
	r, err := s.reviews()
	if err != nil {
		return nil, err
	}
	p, err := r.Cancel(ctx, desk.ID(in.ID), desk.ID(in.Plan))
	return &reply[kb.Scheduled]{p}, err
}
