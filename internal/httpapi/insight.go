package httpapi

import (
	"context"
	"strconv"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/kb/insight"
)

// Insight shows editors what to look at.
type Insight interface {
	Gather(ctx context.Context) error
	Compare(ctx context.Context) error
	Questions(ctx context.Context, f insight.QuestionFilter) ([]insight.Question, string, error)
	Question(ctx context.Context, id desk.ID) (insight.QuestionDetail, error)
	Dismiss(ctx context.Context, by string, id desk.ID) (insight.Question, error)
	Reopen(ctx context.Context, by string, id desk.ID) (insight.Question, error)
	Link(ctx context.Context, by string, id, article desk.ID) (insight.Question, kb.Article, error)
	Start(ctx context.Context, by string, id desk.ID, w insight.Began) (insight.Question, kb.Article, error)
	Pairs(ctx context.Context, f insight.PairFilter) ([]insight.Pair, error)
	DismissPair(ctx context.Context, by, id string) error
	Advice(ctx context.Context, f insight.AdviceFilter) ([]insight.Advice, error)
	Drafts(ctx context.Context, f insight.DraftFilter) ([]insight.Draft, error)
	Accept(ctx context.Context, by string, id desk.ID, slug string, c kb.Content) (insight.Draft, kb.Article, error)
	Refuse(ctx context.Context, by string, id desk.ID) (insight.Draft, error)
}

func (s *Server) insight() (Insight, error) {
	if s.Insight == nil {
		return nil, desk.Errorf(desk.Unavailable, "no_insight", "this server does not look for what articles lack")
	}
	return s.Insight, nil
}

// lookLimit bounds how long a request waits for what jobs do by themselves.
const lookLimit = time.Minute

// lookAgain does at once what is done every ten minutes, and every hour.
func (s *Server) lookAgain(ctx context.Context, _ *struct{}) (*none, error) {
	b, err := s.insight()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	if err := b.Gather(ctx); err != nil {
		return nil, err
	}
	return nil, b.Compare(ctx)
}

// InPlaybook narrows a list to a playbook; embed it in the input.
type InPlaybook struct {
	Playbook string `query:"playbook" maxLength:"64" doc:"Empty: all."`
}

func (p InPlaybook) filter() *string {
	if p.Playbook == "" {
		return nil
	}
	return &p.Playbook
}

type listQuestionsIn struct {
	Paged
	InPlaybook
	Status insight.QuestionStatus `query:"status" enum:"open,dismissed,linked,drafted,answered,all" default:"open"`
	Lang   desk.Lang              `query:"lang" enum:"en,zh"`
	Search string                 `query:"q" maxLength:"200" doc:"In the labels."`
}

func (s *Server) listQuestions(ctx context.Context, in *listQuestionsIn) (*reply[Page[insight.Question]], error) {
	b, err := s.insight()
	if err != nil {
		return nil, err
	}
	if in.Status == "all" {
		in.Status = ""
	}
	list, next, err := b.Questions(ctx, insight.QuestionFilter{Status: in.Status, Playbook: in.filter(), Lang: in.Lang, Search: in.Search, After: in.After, Limit: in.Limit})
	return pageWith(list, next), err
}

// getQuestion leaves out of the samples what the reader may not open: the texts
// stay, they are without personal data.
func (s *Server) getQuestion(ctx context.Context, in *ByID) (*reply[insight.QuestionDetail], error) {
	b, err := s.insight()
	if err != nil {
		return nil, err
	}
	d, err := b.Question(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	if d.Samples == nil {
		d.Samples = []insight.Ask{}
	}
	hideTalks(ctx, d.Samples, func(a *insight.Ask) *desk.ID { return &a.ConversationID })
	return &reply[insight.QuestionDetail]{d}, nil
}

// hideTalks takes out which conversations things come from, where the reader
// may not open all of them.
func hideTalks[T any](ctx context.Context, list []T, talk func(*T) *desk.ID) {
	if can(ctx, access.InboxAll) {
		return
	}
	for i := range list {
		*talk(&list[i]) = ""
	}
}

// readable is a draft as the reader may see it.
func readable(ctx context.Context, d insight.Draft) insight.Draft {
	hideTalks(ctx, d.Replies, func(r *insight.Reply) *desk.ID { return &r.ConversationID })
	return d
}

func (s *Server) dismissQuestion(ctx context.Context, in *ByID) (*reply[insight.Question], error) {
	return s.decideQuestion(ctx, in, Insight.Dismiss)
}

func (s *Server) reopenQuestion(ctx context.Context, in *ByID) (*reply[insight.Question], error) {
	return s.decideQuestion(ctx, in, Insight.Reopen)
}

func (s *Server) decideQuestion(ctx context.Context, in *ByID, f func(Insight, context.Context, string, desk.ID) (insight.Question, error)) (*reply[insight.Question], error) {
	b, err := s.insight()
	if err != nil {
		return nil, err
	}
	q, err := f(b, ctx, user(ctx).Name, desk.ID(in.ID))
	return &reply[insight.Question]{q}, err
}

// questionAndArticle is what linking and drafting give.
type questionAndArticle struct {
	Question insight.Question `json:"question"`
	Article  kb.Article       `json:"article" doc:"Its newest version, a draft."`
}

type linkQuestionIn struct {
	ByID
	Body struct {
		ArticleID string `json:"article_id" minLength:"1" maxLength:"64"`
	}
}

func (s *Server) linkQuestion(ctx context.Context, in *linkQuestionIn) (*reply[questionAndArticle], error) {
	b, err := s.insight()
	if err != nil {
		return nil, err
	}
	q, a, err := b.Link(ctx, user(ctx).Name, desk.ID(in.ID), desk.ID(in.Body.ArticleID))
	return &reply[questionAndArticle]{questionAndArticle{q, a}}, err
}

type draftQuestionIn struct {
	ByID
	Body *struct {
		Slug string    `json:"slug,omitempty" maxLength:"64" doc:"Empty: made of the question."`
		Lang desk.Lang `json:"lang,omitempty" enum:"en,zh," doc:"Empty: the one it is most asked in."`
		Text string    `json:"body,omitempty" doc:"Markdown; empty: a line that says what to write."`
	}
}

func (s *Server) draftQuestion(ctx context.Context, in *draftQuestionIn) (*reply[questionAndArticle], error) {
	b, err := s.insight()
	if err != nil {
		return nil, err
	}
	var w insight.Began
	if in.Body != nil {
		w = insight.Began{Slug: in.Body.Slug, Lang: in.Body.Lang, Body: in.Body.Text}
	}
	q, a, err := b.Start(ctx, user(ctx).Name, desk.ID(in.ID), w)
	return &reply[questionAndArticle]{questionAndArticle{q, a}}, err
}

type listPairsIn struct {
	Paged
	InPlaybook
	Kind    insight.PairKind   `query:"kind" enum:"duplicate,contradiction"`
	Status  insight.PairStatus `query:"status" enum:"open,dismissed" default:"open"`
	Article string             `query:"article" maxLength:"64" doc:"Only pairs that it is in."`
}

func (s *Server) listPairs(ctx context.Context, in *listPairsIn) (*reply[Page[insight.Pair]], error) {
	b, err := s.insight()
	if err != nil {
		return nil, err
	}
	list, err := b.Pairs(ctx, insight.PairFilter{Kind: in.Kind, Status: in.Status, Playbook: in.filter(), Article: desk.ID(in.Article), After: in.After, Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	return pageOf(list, in.Limit, func(p insight.Pair) string { return p.ID }), nil
}

func (s *Server) dismissPair(ctx context.Context, in *ByID) (*none, error) {
	b, err := s.insight()
	if err != nil {
		return nil, err
	}
	return nil, b.DismissPair(ctx, user(ctx).Name, in.ID)
}

type listAdviceIn struct {
	Paged
	InPlaybook
	Reason insight.ReasonKind `query:"reason" enum:"expired,expiring,not_helpful,asked_again,often_edited,often_ignored,old_translation,not_translated,never_used"`
	Lang   desk.Lang          `query:"lang" enum:"en,zh"`
	Days   int                `query:"days" minimum:"1" maximum:"90" default:"60" doc:"Looked back."`
}

func (s *Server) listAdvice(ctx context.Context, in *listAdviceIn) (*reply[Page[insight.Advice]], error) {
	b, err := s.insight()
	if err != nil {
		return nil, err
	}
	list, err := b.Advice(ctx, insight.AdviceFilter{Reason: in.Reason, Playbook: in.filter(), Lang: in.Lang, Days: in.Days})
	if err != nil {
		return nil, err
	}
	from := 0
	if in.After != "" {
		if from, err = strconv.Atoi(in.After); err != nil || from < 0 {
			return nil, &desk.Error{Kind: desk.Invalid, Code: "bad_cursor", Field: "after", Message: "use the cursor that the list before gave as next"}
		}
	}
	list = list[min(from, len(list)):]
	return pageOf(list, in.Limit, func(insight.Advice) string { return strconv.Itoa(from + in.Limit) }), nil
}

type listDraftsIn struct {
	Paged
	InPlaybook
	Status insight.DraftStatus `query:"status" enum:"open,accepted,dismissed" default:"open"`
}

func (s *Server) listDrafts(ctx context.Context, in *listDraftsIn) (*reply[Page[insight.Draft]], error) {
	b, err := s.insight()
	if err != nil {
		return nil, err
	}
	list, err := b.Drafts(ctx, insight.DraftFilter{Status: in.Status, Playbook: in.filter(), After: in.After, Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i] = readable(ctx, list[i])
	}
	return pageOf(list, in.Limit, func(d insight.Draft) string { return string(d.ID) }), nil
}

type acceptDraftIn struct {
	ByID
	Body *struct {
		Slug      string   `json:"slug,omitempty" maxLength:"64" doc:"Empty: made of the title."`
		Title     string   `json:"title,omitempty" doc:"This and what follows: empty is as it was proposed."`
		Text      string   `json:"body,omitempty"`
		Questions []string `json:"questions,omitempty"`
	}
}

// draftAndArticle is what accepting a proposed draft gives.
type draftAndArticle struct {
	Draft   insight.Draft `json:"draft"`
	Article kb.Article    `json:"article" doc:"A draft; nothing is published."`
}

func (s *Server) acceptDraft(ctx context.Context, in *acceptDraftIn) (*reply[draftAndArticle], error) {
	b, err := s.insight()
	if err != nil {
		return nil, err
	}
	var c kb.Content
	slug := ""
	if in.Body != nil {
		slug, c = in.Body.Slug, kb.Content{Title: in.Body.Title, Body: in.Body.Text, Questions: in.Body.Questions}
	}
	d, a, err := b.Accept(ctx, user(ctx).Name, desk.ID(in.ID), slug, c)
	return &reply[draftAndArticle]{draftAndArticle{readable(ctx, d), a}}, err
}

func (s *Server) refuseDraft(ctx context.Context, in *ByID) (*reply[insight.Draft], error) {
	b, err := s.insight()
	if err != nil {
		return nil, err
	}
	d, err := b.Refuse(ctx, user(ctx).Name, desk.ID(in.ID))
	return &reply[insight.Draft]{readable(ctx, d)}, err
}
