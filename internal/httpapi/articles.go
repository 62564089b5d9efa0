package httpapi

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/kb"
)

// Library is the knowledge base as editors and agents use it.
type Library interface {
	List(ctx context.Context, f kb.Filter) ([]kb.Article, string, error)
	Get(ctx context.Context, id desk.ID) (kb.Article, error)
	Save(ctx context.Context, by string, d kb.Draft) (kb.Article, error)
	Submit(ctx context.Context, by string, id desk.ID, version int) (kb.Article, error)
	Publish(ctx context.Context, by string, id desk.ID, version int) (kb.Article, error)
	PublishAnyway(ctx context.Context, by string, id desk.ID, version int) (kb.Article, error)
	Unpublish(ctx context.Context, by string, id desk.ID, version int) (kb.Article, error)
	Archive(ctx context.Context, by string, id desk.ID, version int) (kb.Article, error)
	Restore(ctx context.Context, by string, id desk.ID, version int) (kb.Article, error)
	Version(ctx context.Context, id desk.ID, number int) (kb.Version, error)
	Versions(ctx context.Context, id desk.ID, before, limit int) ([]kb.Version, error)
	Diff(ctx context.Context, id desk.ID, a, b int) (kb.Diff, error)
	Preview(markdown string) (string, error)
	Search(ctx context.Context, q kb.Question) ([]kb.Hit, error)
	Synonyms(ctx context.Context, playbook string, lang desk.Lang) (kb.SynonymSet, error)
	SetSynonyms(ctx context.Context, by string, set kb.SynonymSet) (kb.SynonymSet, error)
}

// library is the knowledge base, or why there is none.
func (s *Server) library() (Library, error) {
	if s.Library == nil {
		return nil, desk.Errorf(desk.Unavailable, "no_articles", "this server has no knowledge base")
	}
	return s.Library, nil
}

type listArticlesIn struct {
	Paged
	Search   string    `query:"q" maxLength:"200" doc:"In title, questions, tags, slug and text."`
	Status   kb.Status `query:"status" enum:"draft,review,published,archived"`
	Lang     desk.Lang `query:"lang" enum:"en,zh"`
	Tag      string    `query:"tag" maxLength:"60"`
	Playbook string    `query:"playbook" maxLength:"64"`
}

func (s *Server) listArticles(ctx context.Context, in *listArticlesIn) (*reply[Page[kb.Article]], error) {
	l, err := s.library()
	if err != nil {
		return nil, err
	}
	f := kb.Filter{Search: in.Search, Status: in.Status, Lang: in.Lang, Tag: in.Tag, After: in.After, Limit: in.Limit}
	if in.Playbook != "" {
		f.Playbook = &in.Playbook
	}
	list, next, err := l.List(ctx, f)
	if err != nil {
		return nil, err
	}
	return pageWith(list, next), nil
}

func (s *Server) getArticle(ctx context.Context, in *ByID) (*reply[kb.Article], error) {
	l, err := s.library()
	if err != nil {
		return nil, err
	}
	a, err := l.Get(ctx, desk.ID(in.ID))
	return &reply[kb.Article]{a}, err
}

// ArticleFields is what an editor writes; it is embedded in bodies. The bounds are kb's; here are only
// those that keep a request small.
type ArticleFields struct {
	Title     string      `json:"title"`
	Body      string      `json:"body" doc:"Markdown."`
	Questions []string    `json:"questions,omitempty" doc:"Other ways to ask for it."`
	Tags      []string    `json:"tags,omitempty"`
	Audience  kb.Audience `json:"audience,omitempty" enum:"customers,agents" doc:"Who may read it; customers unless said."`
	ValidFrom *time.Time  `json:"valid_from,omitempty"`
	ValidTo   *time.Time  `json:"valid_to,omitempty" doc:"Not valid any more from here on."`
	Note      string      `json:"note,omitempty" maxLength:"500" doc:"Why, for the list of versions."`
	Publish   bool        `json:"publish,omitempty" doc:"Publish it at once; needs articles.publish."`
}

func (b ArticleFields) draft(ctx context.Context) (kb.Draft, error) {
	if b.Publish && !can(ctx, access.ArticlesPublish) {
		return kb.Draft{}, &desk.Error{Kind: desk.Forbidden, Code: "may_not_publish", Message: "you may write articles, but not publish them", Field: "publish"}
	}
	d := kb.Draft{Note: b.Note, Publish: b.Publish,
		Content: kb.Content{Title: b.Title, Body: b.Body, Questions: b.Questions, Tags: b.Tags, Audience: b.Audience}}
	if b.ValidFrom != nil {
		d.ValidFrom = *b.ValidFrom
	}
	if b.ValidTo != nil {
		d.ValidTo = *b.ValidTo
	}
	return d, nil
}

type newArticleBody struct {
	ArticleFields
	Slug     string    `json:"slug" maxLength:"64" doc:"The same for all translations; it never changes."`
	Lang     desk.Lang `json:"lang" enum:"en,zh"`
	Playbook string    `json:"playbook,omitempty" maxLength:"64" doc:"Whose it is; empty: everybody's."`
}

func (s *Server) createArticle(ctx context.Context, in *body[newArticleBody]) (*reply[kb.Article], error) {
	d, err := in.Body.draft(ctx)
	if err != nil {
		return nil, err
	}
	d.Slug, d.Lang, d.Playbook = in.Body.Slug, in.Body.Lang, in.Body.Playbook
	return s.saveArticle(ctx, d)
}

type putArticleIn struct {
	ByID
	Body putArticleBody
}

type putArticleBody struct {
	ArticleFields
	Version int `json:"version" minimum:"1" doc:"The version that the edit is based on. When it is stale, the answer is 409 with the current article as detail."`
}

func (s *Server) putArticle(ctx context.Context, in *putArticleIn) (*reply[kb.Article], error) {
	d, err := in.Body.draft(ctx)
	if err != nil {
		return nil, err
	}
	d.ID, d.Version = desk.ID(in.ID), in.Body.Version
	return s.saveArticle(ctx, d)
}

func (s *Server) saveArticle(ctx context.Context, d kb.Draft) (*reply[kb.Article], error) {
	l, err := s.library()
	if err != nil {
		return nil, err
	}
	by, publish := user(ctx).Name, d.Publish
	d.Publish = false
	a, err := l.Save(ctx, by, d)
	if err == nil && publish { // what may not be published is saved all the same
		a, err = l.Publish(ctx, by, a.ID, a.Version)
	}
	return article(a, err)
}

// article answers with an article; a stale edit with the current one.
func article(a kb.Article, err error) (*reply[kb.Article], error) {
	var stale *kb.Stale
	if errors.As(err, &stale) {
		return nil, withDetail(err, stale.Current)
	}
	return &reply[kb.Article]{a}, err
}

type moveArticleIn struct {
	ByID
	Body *moveArticleBody // need not be there
}

type moveArticleBody struct {
	Version int `json:"version,omitempty" minimum:"0" doc:"Only if this is still the newest version; 0: whichever is."`
}

type articleMove func(ctx context.Context, by string, id desk.ID, version int) (kb.Article, error)

func (s *Server) moveArticle(ctx context.Context, in *moveArticleIn, pick func(Library) articleMove) (*reply[kb.Article], error) {
	l, err := s.library()
	if err != nil {
		return nil, err
	}
	version := 0
	if in.Body != nil {
		version = in.Body.Version
	}
	return article(pick(l)(ctx, user(ctx).Name, desk.ID(in.ID), version))
}

func (s *Server) submitArticle(ctx context.Context, in *moveArticleIn) (*reply[kb.Article], error) {
	return s.moveArticle(ctx, in, func(l Library) articleMove { return l.Submit })
}

type publishArticleIn struct {
	ByID
	Body *publishArticleBody // need not be there
}

type publishArticleBody struct {
	Version int  `json:"version,omitempty" minimum:"0" doc:"Only if this is still the newest version; 0: whichever is."`
	Anyway  bool `json:"anyway,omitempty" doc:"Although a set of questions would miss what it has to reach; without it the answer is 409, questions_fail."`
}

func (s *Server) publishArticle(ctx context.Context, in *publishArticleIn) (*reply[kb.Article], error) {
	var b publishArticleBody
	if in.Body != nil {
		b = *in.Body
	}
	return s.moveArticle(ctx, &moveArticleIn{in.ByID, &moveArticleBody{b.Version}}, func(l Library) articleMove {
		if b.Anyway {
			return l.PublishAnyway
		}
		return l.Publish
	})
}

func (s *Server) unpublishArticle(ctx context.Context, in *moveArticleIn) (*reply[kb.Article], error) {
	return s.moveArticle(ctx, in, func(l Library) articleMove { return l.Unpublish })
}

func (s *Server) archiveArticle(ctx context.Context, in *moveArticleIn) (*reply[kb.Article], error) {
	return s.moveArticle(ctx, in, func(l Library) articleMove { return l.Archive })
}

type restoreArticleIn struct {
	ByID
	Body struct {
		Version int `json:"version" minimum:"1" doc:"The one to write again."`
	}
}

func (s *Server) restoreArticle(ctx context.Context, in *restoreArticleIn) (*reply[kb.Article], error) {
	l, err := s.library()
	if err != nil {
		return nil, err
	}
	return article(l.Restore(ctx, user(ctx).Name, desk.ID(in.ID), in.Body.Version))
}

type listVersionsIn struct {
	ByID
	Paged
}

func (s *Server) listVersions(ctx context.Context, in *listVersionsIn) (*reply[Page[kb.Version]], error) {
	l, err := s.library()
	if err != nil {
		return nil, err
	}
	before := 0
	if in.After != "" {
		if before, err = strconv.Atoi(in.After); err != nil {
			return nil, &desk.Error{Kind: desk.Invalid, Code: "bad_cursor", Field: "after", Message: "use the cursor that the list before gave as next"}
		}
	}
	if _, err := l.Get(ctx, desk.ID(in.ID)); err != nil {
		return nil, err
	}
	list, err := l.Versions(ctx, desk.ID(in.ID), before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return pageOf(list, in.Limit, func(v kb.Version) string { return strconv.Itoa(v.Number) }), nil
}

type versionIn struct {
	ByID
	Number int `path:"n" minimum:"1"`
}

func (s *Server) getVersion(ctx context.Context, in *versionIn) (*reply[kb.Version], error) {
	l, err := s.library()
	if err != nil {
		return nil, err
	}
	v, err := l.Version(ctx, desk.ID(in.ID), in.Number)
	return &reply[kb.Version]{v}, err
}

type diffIn struct {
	ByID
	A int `query:"a" required:"true" minimum:"1" doc:"The version before."`
	B int `query:"b" required:"true" minimum:"1" doc:"The version after."`
}

func (s *Server) diffVersions(ctx context.Context, in *diffIn) (*reply[kb.Diff], error) {
	l, err := s.library()
	if err != nil {
		return nil, err
	}
	d, err := l.Diff(ctx, desk.ID(in.ID), in.A, in.B)
	return &reply[kb.Diff]{d}, err
}

type previewBody struct {
	Markdown string `json:"markdown"`
}

type preview struct {
	HTML string `json:"html" doc:"Safe to show: no scripts, no foreign images."`
}

func (s *Server) previewArticle(_ context.Context, in *body[previewBody]) (*reply[preview], error) {
	l, err := s.library()
	if err != nil {
		return nil, err
	}
	html, err := l.Preview(in.Body.Markdown)
	return &reply[preview]{preview{html}}, err
}

type searchIn struct {
	Text     string    `query:"q" required:"true" minLength:"1" maxLength:"1000" doc:"A question or a few words."`
	Lang     desk.Lang `query:"lang" enum:"en,zh" doc:"Articles in another language are found only where there is none in this one."`
	Playbook string    `query:"playbook" maxLength:"64" doc:"Only its articles and those of everybody."`
	Tag      string    `query:"tag" maxLength:"60"`
	Limit    int       `query:"limit" minimum:"1" maximum:"50" default:"10"`
}

func (s *Server) searchArticles(ctx context.Context, in *searchIn) (*reply[Page[kb.Hit]], error) {
	l, err := s.library()
	if err != nil {
		return nil, err
	}
	q := kb.Question{Text: in.Text, Lang: in.Lang, Playbook: in.Playbook, Audience: kb.Agents, Limit: in.Limit}
	if in.Tag != "" {
		q.Tags = []string{in.Tag}
	}
	hits, err := l.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	return pageWith(hits, ""), nil
}
