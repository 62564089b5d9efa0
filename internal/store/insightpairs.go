package store

import (
	"context"
	"strings"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb/insight"
)

const pairColumns = "id, kind, playbook, lang, status, score, why, one, other, checked, found_at"

func scanPair(row Scanner) (p insight.Pair, err error) {
	return p, row.Scan(&p.ID, &p.Kind, &p.Playbook, &p.Lang, &p.Status, &p.Score, &p.Why, jsonInto(&p.One), jsonInto(&p.Other), &p.Checked, timeInto(&p.FoundAt))
}

// Pairs lists them, the surest first.
func (s Insight) Pairs(ctx context.Context, f insight.PairFilter) ([]insight.Pair, error) {
	var a asking
	a.that("1 = 1")
	if f.Kind != "" {
		a.that("kind = " + a.arg(string(f.Kind)))
	}
	if f.Status != "" {
		a.that("status = " + a.arg(string(f.Status)))
	}
	if f.Playbook != nil {
		a.that("playbook = " + a.arg(*f.Playbook))
	}
	if f.Article != "" {
		id := a.arg(string(f.Article))
		a.that("(one ->> 'article_id' = " + id + " OR other ->> 'article_id' = " + id + ")")
	}
	if f.After != "" {
		a.that("(score, id) < (SELECT score, id FROM insight_pairs WHERE id = " + a.arg(f.After) + ")")
	}
	return All(ctx, s.DB.Read(), scanPair, "SELECT "+pairColumns+" FROM insight_pairs WHERE "+strings.Join(a.where, " AND ")+
		" ORDER BY score DESC, id DESC LIMIT 0+"+a.arg(min(max(f.Limit, 1), 201)), a.args...)
}

// SavePairs makes the open pairs these; one that was dismissed stays so, as
// long as it is found.
func (s Insight) SavePairs(ctx context.Context, list []insight.Pair) error {
	ids := make([]string, len(list))
	for i, p := range list {
		ids[i] = p.ID
	}
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if _, err := Exec(ctx, q, "DELETE FROM insight_pairs WHERE id NOT IN "+q.D.InList("$1"), jsonOf(ids)); err != nil {
			return err
		}
		for _, p := range list {
			if err := Exec1(ctx, q, "INSERT INTO insight_pairs ("+pairColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
				ON CONFLICT (id) DO UPDATE SET score = excluded.score, why = excluded.why, one = excluded.one, other = excluded.other`,
				p.ID, string(p.Kind), p.Playbook, p.Lang, string(p.Status), p.Score, string(p.Why), jsonOf(p.One), jsonOf(p.Other), string(p.Checked), micros(p.FoundAt)); err != nil {
				return err
			}
		}
		return nil
	})
}

// DismissPair puts an open one away.
func (s Insight) DismissPair(ctx context.Context, id, by string) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, "UPDATE insight_pairs SET status = 'dismissed', changed_by = $2 WHERE id = $1", id, by)
	})
}

// SetChecked keeps what a model said of a pair.
func (s Insight) SetChecked(ctx context.Context, id string, v insight.Verdict) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, "UPDATE insight_pairs SET checked = $2 WHERE id = $1", id, string(v))
		return err
	})
}

const draftColumns = "id, playbook, lang, status, title, body, questions, replies, quality, article_id, last_at, changed_at, changed_by"

func scanDraft(row Scanner) (d insight.Draft, err error) {
	return d, row.Scan(&d.ID, &d.Playbook, &d.Lang, &d.Status, &d.Title, &d.Body, jsonInto(&d.Questions), jsonInto(&d.Replies), &d.Quality, &d.ArticleID,
		timeInto(&d.LastAt), timeInto(&d.ChangedAt), &d.ChangedBy)
}

// Drafts lists proposed drafts, the newest first.
func (s Insight) Drafts(ctx context.Context, f insight.DraftFilter) ([]insight.Draft, error) {
	var a asking
	a.that("1 = 1")
	if f.Status != "" {
		a.that("status = " + a.arg(string(f.Status)))
	}
	if f.Playbook != nil {
		a.that("playbook = " + a.arg(*f.Playbook))
	}
	if f.After != "" {
		a.that("(last_at, id) < (SELECT last_at, id FROM insight_drafts WHERE id = " + a.arg(f.After) + ")")
	}
	return All(ctx, s.DB.Read(), scanDraft, "SELECT "+draftColumns+" FROM insight_drafts WHERE "+strings.Join(a.where, " AND ")+
		" ORDER BY last_at DESC, id DESC LIMIT 0+"+a.arg(min(max(f.Limit, 1), 500)), a.args...)
}

// Draft reads one.
func (s Insight) Draft(ctx context.Context, id desk.ID) (insight.Draft, error) {
	return One(ctx, s.DB.Read(), scanDraft, "SELECT "+draftColumns+" FROM insight_drafts WHERE id = $1", id)
}

// SaveDrafts stores new ones and changes open ones.
func (s Insight) SaveDrafts(ctx context.Context, list []insight.Draft) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		for _, d := range list {
			if _, err := Exec(ctx, q, "INSERT INTO insight_drafts ("+draftColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
				ON CONFLICT (id) DO UPDATE SET title = excluded.title, body = excluded.body, questions = excluded.questions, replies = excluded.replies,
				quality = excluded.quality, last_at = excluded.last_at WHERE insight_drafts.status = 'open'`,
				d.ID, d.Playbook, d.Lang, string(d.Status), d.Title, d.Body, orEmpty(d.Questions), orEmpty(d.Replies), d.Quality, d.ArticleID,
				micros(d.LastAt), micros(d.ChangedAt), d.ChangedBy); err != nil {
				return err
			}
		}
		return nil
	})
}

// DecideDraft moves an open one to status.
func (s Insight) DecideDraft(ctx context.Context, id desk.ID, status insight.DraftStatus, article desk.ID, by string, at time.Time) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		n, err := Exec(ctx, q, "UPDATE insight_drafts SET status = $2, article_id = $3, changed_by = $4, changed_at = $5 WHERE id = $1 AND status = 'open'",
			id, string(status), article, by, micros(at))
		if err != nil || n > 0 {
			return err
		}
		if _, err := One(ctx, q, scanDraft, "SELECT "+draftColumns+" FROM insight_drafts WHERE id = $1", id); err != nil {
			return err
		}
		return desk.Errorf(desk.Conflict, "decided_already", "somebody has decided on this draft already; read the list again")
	})
}

// OwnReplies lists what agents wrote in their own words, the newest first.
func (s Insight) OwnReplies(ctx context.Context, since time.Time, limit int) ([]insight.Reply, error) {
	return All(ctx, s.DB.Read(), func(row Scanner) (r insight.Reply, err error) {
		var in assist.Situation
		err = row.Scan(&r.ID, &r.ConversationID, &r.Text, &r.Lang, jsonInto(&in), &r.Quality, timeInto(&r.At))
		r.Playbook, r.Said = in.Playbook, in.Said
		return r, err
	}, `SELECT id, conversation_id, body, lang, situation, quality, at FROM past_replies
		WHERE origin = '' AND NOT withdrawn AND at >= $1 ORDER BY at DESC, id DESC LIMIT 0+$2`, micros(since), limit)
}

// Usage counts what became of each article since.
func (s Insight) Usage(ctx context.Context, since time.Time) ([]insight.Usage, error) {
	return All(ctx, s.DB.Read(), func(row Scanner) (u insight.Usage, err error) {
		return u, row.Scan(&u.ArticleID, &u.Answered, &u.Rephrased, &u.Shown, &u.Sent, &u.Edited, &u.Ignored, &u.Helped, &u.NotHelped)
	}, `SELECT a.id, COALESCE(k.answered, 0), COALESCE(k.rephrased, 0), COALESCE(g.shown, 0), COALESCE(g.sent, 0), COALESCE(g.edited, 0), COALESCE(g.ignored, 0),
			COALESCE(v.helped, 0), COALESCE(v.not_helped, 0)
		FROM articles a
		LEFT JOIN (SELECT playbook, article, lang, sum(CASE WHEN outcome = 'answered' THEN times ELSE 0 END) AS answered,
			sum(CASE WHEN outcome = 'rephrased' THEN times ELSE 0 END) AS rephrased
			FROM insight_asks WHERE article <> '' AND at >= $1 GROUP BY playbook, article, lang) AS k
			ON k.article = a.slug AND k.lang = a.lang AND (k.playbook = a.playbook OR a.playbook = '')
		LEFT JOIN (SELECT article_id, count(*) AS shown, count(*) FILTER (WHERE state = 'sent') AS sent, count(*) FILTER (WHERE state = 'edited') AS edited,
			count(*) FILTER (WHERE state = 'ignored') AS ignored FROM suggestions WHERE article_id <> '' AND shown_at >= $1 GROUP BY article_id) AS g ON g.article_id = a.id
		LEFT JOIN (SELECT article_id, sum(helped) AS helped, sum(not_helped) AS not_helped FROM help_votes GROUP BY article_id) AS v ON v.article_id = a.id
		WHERE a.published_version > 0`, micros(since))
}

// Families lists the published articles and when each was last written.
func (s Insight) Families(ctx context.Context) ([]insight.Written, error) {
	return All(ctx, s.DB.Read(), func(row Scanner) (w insight.Written, err error) {
		return w, row.Scan(&w.Source.ArticleID, &w.Source.Slug, &w.Source.Title, &w.Source.Version, &w.Playbook, &w.Lang, jsonInto(&w.Tags), timeInto(&w.At),
			timeInto(&w.CreatedAt), timeInto(&w.ValidFrom), timeInto(&w.ValidTo))
	}, `SELECT a.id, a.slug, v.title, v.version, a.playbook, a.lang, v.tags, v.written_at, a.created_at, v.valid_from, v.valid_to
		FROM articles a JOIN article_versions v ON v.article_id = a.id AND v.version = a.published_version
		WHERE a.published_version > 0 ORDER BY a.id LIMIT 0+$1`, mostFamilies)
}

// mostFamilies bounds how many articles are looked at for advice.
const mostFamilies = 20_000
