package kb

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// Reviews is how a draft comes to be published: somebody asks for it, somebody
// else looks, comments, and publishes or returns it, now or at a set time.
type Reviews struct {
	Library *Library
	Store   ReviewStore
}

// ReviewStore keeps reviews, comments and what is to be done later.
type ReviewStore interface {
	// SaveReview stores who asked for the review of an article, in place of
	// what was asked before.
	SaveReview(ctx context.Context, r Review) error
	// Waiting lists articles in review, with what was asked, those asked first
	// first, after the article of the page before. Of a reviewer: those asked of
	// him, or of nobody; empty: all.
	Waiting(ctx context.Context, reviewer desk.ID, after desk.ID, limit int) ([]InReviewBy, error)
	// Review reads what was asked of an article last; NotFound when nothing was.
	Review(ctx context.Context, article desk.ID) (Review, error)

	AddComment(ctx context.Context, c Comment) error
	// Comments lists those of an article, the newest first, before the id.
	Comments(ctx context.Context, article, before desk.ID, limit int) ([]Comment, error)

	// AddSchedule stores a plan, cancels another for the same, and enqueues the
	// job, in one transaction.
	AddSchedule(ctx context.Context, s Scheduled, job desk.Job) error
	Schedule(ctx context.Context, id desk.ID) (Scheduled, error)
	// Schedules lists the plans of an article, the newest first.
	Schedules(ctx context.Context, article desk.ID, limit int) ([]Scheduled, error)
	// EndSchedule moves a planned one to state; Conflict when it is not planned.
	EndSchedule(ctx context.Context, id desk.ID, state PlanState, problem string) error
}

// Editor is who writes or reviews.
type Editor struct {
	ID   desk.ID `json:"id"`
	Name string  `json:"name"`
}

// Review is a wish that a version be looked at.
type Review struct {
	ArticleID desk.ID   `json:"article_id"`
	Version   int       `json:"version"`
	Reviewer  desk.ID   `json:"reviewer,omitempty"` // empty: whoever may publish
	By        Editor    `json:"by"`
	Note      string    `json:"note,omitempty"`
	At        time.Time `json:"at"`
}

// InReviewBy is an article that waits for a review.
type InReviewBy struct {
	Article Article `json:"article"`
	Review  Review  `json:"review"`
}

// Comment is what somebody says of a version. It never changes.
type Comment struct {
	ID        desk.ID     `json:"id"`
	ArticleID desk.ID     `json:"article_id"`
	Version   int         `json:"version"`
	Kind      CommentKind `json:"kind"`
	Text      string      `json:"text"`
	At        time.Time   `json:"at"`
	By        Editor      `json:"by"`
}

// CommentKind says what came with a comment.
type CommentKind string

// The kinds of comment.
const (
	Commented CommentKind = "comment"
	Returned  CommentKind = "returned" // the review ended with it
	Approved  CommentKind = "approved" // the version was published with it
)

// MaxComment bounds a comment, in characters.
const MaxComment = 4000

func (r *Reviews) comment(ctx context.Context, by Editor, a Article, kind CommentKind, text string) (Comment, error) {
	now := micro(r.Library.now())
	c := Comment{ID: desk.NewIDAt(now), ArticleID: a.ID, Version: a.Version, Kind: kind, Text: text, At: now, By: by}
	return c, r.Store.AddComment(ctx, c)
}

func checkComment(text string, needed bool) (string, error) {
	text = strings.TrimSpace(cleanText(text))
	switch {
	case text == "" && needed:
		return "", &desk.Error{Kind: desk.Invalid, Code: "bad_comment", Field: "text", Message: "say what should change"}
	case utf8.RuneCountInString(text) > MaxComment:
		return "", &desk.Error{Kind: desk.Invalid, Code: "bad_comment", Field: "text", Message: "a comment is too long"}
	}
	return text, nil
}

// Ask submits an article for review, by reviewer when he is named. Asking again
// asks another one.
func (r *Reviews) Ask(ctx context.Context, by Editor, id desk.ID, version int, reviewer desk.ID, note string) (Article, error) {
	note, err := checkComment(note, false)
	if err != nil {
		return Article{}, err
	}
	a, err := r.Library.Submit(ctx, by.Name, id, version)
	if err != nil {
		return a, err
	}
	return a, r.Store.SaveReview(ctx, Review{ArticleID: id, Version: a.Version, Reviewer: reviewer, By: by, Note: note, At: micro(r.Library.now())})
}

// Return ends a review with a comment: the version is a draft again.
func (r *Reviews) Return(ctx context.Context, by Editor, id desk.ID, version int, text string) (Article, error) {
	text, err := checkComment(text, true)
	if err != nil {
		return Article{}, err
	}
	a, err := r.Library.Return(ctx, by.Name, id, version)
	if err != nil {
		return a, err
	}
	_, err = r.comment(ctx, by, a, Returned, text)
	return a, err
}

// Approve publishes a version if the Gate lets it, with a comment if there is
// one.
func (r *Reviews) Approve(ctx context.Context, by Editor, id desk.ID, version int, text string) (Article, error) {
	return r.approve(ctx, by, id, version, text, r.Library.Publish)
}

// ApproveAnyway publishes a version whatever the Gate would say.
func (r *Reviews) ApproveAnyway(ctx context.Context, by Editor, id desk.ID, version int, text string) (Article, error) {
	return r.approve(ctx, by, id, version, text, r.Library.PublishAnyway)
}

func (r *Reviews) approve(ctx context.Context, by Editor, id desk.ID, version int, text string, publish func(context.Context, string, desk.ID, int) (Article, error)) (Article, error) {
	text, err := checkComment(text, false)
	if err != nil {
		return Article{}, err
	}
	a, err := publish(ctx, by.Name, id, version)
	if err != nil || text == "" {
		return a, err
	}
	_, err = r.comment(ctx, by, a, Approved, text)
	return a, err
}

// Comment says something of a version; 0: of the newest.
func (r *Reviews) Comment(ctx context.Context, by Editor, id desk.ID, version int, text string) (Comment, error) {
	text, err := checkComment(text, true)
	if err != nil {
		return Comment{}, err
	}
	a, err := r.Library.Get(ctx, id)
	if err != nil {
		return Comment{}, err
	}
	if version > a.Version {
		return Comment{}, &desk.Error{Kind: desk.Invalid, Code: "no_version", Field: "version", Message: "the article has no such version"}
	}
	if version > 0 {
		a.Version = version
	}
	return r.comment(ctx, by, a, Commented, text)
}

// Comments lists those of an article, the newest first.
func (r *Reviews) Comments(ctx context.Context, id, before desk.ID, limit int) ([]Comment, error) {
	return r.Store.Comments(ctx, id, before, limit)
}

// Waiting lists what waits for a reviewer; see ReviewStore.
func (r *Reviews) Waiting(ctx context.Context, reviewer, after desk.ID, limit int) ([]InReviewBy, error) {
	return r.Store.Waiting(ctx, reviewer, after, limit)
}

// Review reads what was asked of an article last; nil when nothing was, or that
// is over.
func (r *Reviews) Review(ctx context.Context, id desk.ID) (*Review, error) {
	v, err := r.Store.Review(ctx, id)
	if desk.IsKind(err, desk.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	a, err := r.Library.Get(ctx, id)
	if err != nil || a.Status != InReview || a.Version != v.Version {
		return nil, err
	}
	return &v, nil
}
