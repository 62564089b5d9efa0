package store

import (
	"context"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Reviews keeps reviews of articles, comments and plans.
type Reviews struct{ DB *DB }

var _ kb.ReviewStore = Reviews{}

const reviewColumns = "r.article_id, r.version, r.reviewer, r.requested_by, r.requested, r.note, r.at"

func reviewInto(r *kb.Review) []any {
	return []any{&r.ArticleID, &r.Version, &r.Reviewer, &r.By.ID, &r.By.Name, &r.Note, timeInto(&r.At)}
}

// SaveReview implements kb.ReviewStore.
func (s Reviews) SaveReview(ctx context.Context, r kb.Review) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, `INSERT INTO article_reviews (article_id, version, reviewer, requested_by, requested, note, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (article_id) DO UPDATE SET version = excluded.version, reviewer = excluded.reviewer, requested_by = excluded.requested_by,
			requested = excluded.requested, note = excluded.note, at = excluded.at`, r.ArticleID, r.Version, r.Reviewer, r.By.ID, r.By.Name, r.Note, micros(r.At))
	})
}

// Review implements kb.ReviewStore.
func (s Reviews) Review(ctx context.Context, article desk.ID) (kb.Review, error) {
	return One(ctx, s.DB.Read(), func(row Scanner) (r kb.Review, err error) { return r, row.Scan(reviewInto(&r)...) },
		"SELECT "+reviewColumns+" FROM article_reviews r WHERE r.article_id = $1", article)
}

// Waiting implements kb.ReviewStore.
func (s Reviews) Waiting(ctx context.Context, reviewer, after desk.ID, limit int) ([]kb.InReviewBy, error) {
	return All(ctx, s.DB.Read(), func(row Scanner) (w kb.InReviewBy, err error) {
		into := append(articleInto(&w.Article), contentInto(&w.Article.Content)...)
		return w, row.Scan(append(into, reviewInto(&w.Review)...)...)
	}, "SELECT "+articleColumns+", "+contentColumns+", "+reviewColumns+`
		FROM article_reviews r JOIN articles a ON a.id = r.article_id AND a.version = r.version AND a.status = 'review'
		JOIN article_versions v ON v.article_id = a.id AND v.version = a.version
		WHERE ($1 = '' OR r.reviewer = '' OR r.reviewer = $1)
		AND ($2 = '' OR (r.at, r.article_id) > (SELECT at, article_id FROM article_reviews WHERE article_id = $2))
		ORDER BY r.at, r.article_id LIMIT 0+$3`, reviewer, after, limit)
}

// AddComment implements kb.ReviewStore.
func (s Reviews) AddComment(ctx context.Context, c kb.Comment) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, "INSERT INTO article_comments (id, article_id, version, kind, body, at, author_id, author) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			c.ID, c.ArticleID, c.Version, string(c.Kind), c.Text, micros(c.At), c.By.ID, c.By.Name)
	})
}

// Comments implements kb.ReviewStore.
func (s Reviews) Comments(ctx context.Context, article, before desk.ID, limit int) ([]kb.Comment, error) {
	return All(ctx, s.DB.Read(), func(row Scanner) (c kb.Comment, err error) {
		return c, row.Scan(&c.ID, &c.ArticleID, &c.Version, &c.Kind, &c.Text, timeInto(&c.At), &c.By.ID, &c.By.Name)
	}, `SELECT id, article_id, version, kind, body, at, author_id, author FROM article_comments
		WHERE article_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT 0+$3`, article, before, limit)
}

const planColumns = "id, article_id, action, version, state, problem, at, made_at, made_by"

func scanPlan(row Scanner) (p kb.Scheduled, err error) {
	return p, row.Scan(&p.ID, &p.ArticleID, &p.Action, &p.Version, &p.State, &p.Problem, timeInto(&p.At), timeInto(&p.MadeAt), &p.MadeBy)
}

// AddSchedule implements kb.ReviewStore.
func (s Reviews) AddSchedule(ctx context.Context, p kb.Scheduled, job desk.Job) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if err := q.Lock(ctx, "plan:"+string(p.ArticleID)); err != nil {
			return err
		}
		if _, err := Exec(ctx, q, "UPDATE article_schedules SET state = 'cancelled' WHERE article_id = $1 AND action = $2 AND state = 'planned'", p.ArticleID, string(p.Action)); err != nil {
			return err
		}
		if err := Exec1(ctx, q, "INSERT INTO article_schedules ("+planColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
			p.ID, p.ArticleID, string(p.Action), p.Version, string(p.State), p.Problem, micros(p.At), micros(p.MadeAt), p.MadeBy); err != nil {
			return err
		}
		return q.Enqueue(ctx, job)
	})
}

// Schedule implements kb.ReviewStore.
func (s Reviews) Schedule(ctx context.Context, id desk.ID) (kb.Scheduled, error) {
	return One(ctx, s.DB.Read(), scanPlan, "SELECT "+planColumns+" FROM article_schedules WHERE id = $1", id)
}

// Schedules implements kb.ReviewStore.
func (s Reviews) Schedules(ctx context.Context, article desk.ID, limit int) ([]kb.Scheduled, error) {
	return All(ctx, s.DB.Read(), scanPlan, "SELECT "+planColumns+" FROM article_schedules WHERE article_id = $1 ORDER BY id DESC LIMIT 0+$2", article, limit)
}

// EndSchedule implements kb.ReviewStore.
func (s Reviews) EndSchedule(ctx context.Context, id desk.ID, state kb.PlanState, problem string) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		n, err := Exec(ctx, q, "UPDATE article_schedules SET state = $2, problem = $3 WHERE id = $1 AND state = 'planned'", id, string(state), problem)
		if err == nil && n == 0 {
			err = desk.Errorf(desk.Conflict, "not_planned", "it was carried out or cancelled already")
		}
		return err
	})
}
