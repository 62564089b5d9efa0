package store

import (
	"context"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/kb/insight"
)

// Insight keeps what editors should look at.
type Insight struct{ DB *DB }

var _ insight.Store = Insight{}

// Mark reads how far a gathering has come.
func (s Insight) Mark(ctx context.Context, name string) (m insight.Mark, err error) {
	m, err = One(ctx, s.DB.Read(), func(row Scanner) (m insight.Mark, err error) { return m, row.Scan(timeInto(&m.At), &m.ID) },
		"SELECT at, id FROM insight_marks WHERE name = $1", name)
	if desk.IsKind(err, desk.NotFound) {
		return insight.Mark{}, nil
	}
	return m, err
}

// QuietTalks lists conversations by when they were last spoken in.
func (s Insight) QuietTalks(ctx context.Context, after insight.Mark, until time.Time, limit int) (out []insight.Talk, err error) {
	part := func(status string) string {
		return "SELECT * FROM (SELECT " + recordColumns + " FROM conversations WHERE " + status + ` AND (last_at, id) > ($1, $2) AND last_at <= $3
			ORDER BY last_at, id LIMIT 0+$4) AS ` + map[bool]string{true: "c", false: "o"}[strings.Contains(status, "=")]
	}
	err = s.DB.ReadTx(ctx, func(ctx context.Context, q Q) error {
		list, err := All(ctx, q, scanRecord, "SELECT "+recordColumns+" FROM ("+part("status = 'closed'")+" UNION ALL "+part("status <> 'closed'")+
			") AS c ORDER BY last_at, id LIMIT 0+$4", micros(after.At), after.ID, micros(until), limit)
		if err != nil {
			return err
		}
		out = nil
		for _, r := range list {
			who, err := contactByID(ctx, q, r.ContactID, "")
			if err != nil && !desk.IsKind(err, desk.NotFound) {
				return err
			}
			out = append(out, insight.Talk{Conversation: r.Conversation, Contact: who, LastAt: r.LastAt})
		}
		return nil
	})
	return out, err
}

// Timeline returns the messages and events of a conversation after seq.
func (s Insight) Timeline(ctx context.Context, conversation desk.ID, after int64, limit int) ([]desk.Event, error) {
	return s.DB.Routing().Timeline(ctx, conversation, after, limit)
}

// Misses lists searches of the help centre that found nothing.
func (s Insight) Misses(ctx context.Context, after insight.Mark, limit int) ([]insight.Ask, error) {
	return All(ctx, s.DB.Read(), func(row Scanner) (a insight.Ask, err error) {
		a.Outcome = insight.Missed
		return a, row.Scan(&a.ID, &a.Playbook, &a.Lang, &a.Text, &a.Times, timeInto(&a.At))
	}, `SELECT key, playbook, lang, body, times, missed_at FROM (SELECT 'help:' || playbook || '/' || lang || '/' || body AS key, playbook, lang, body, times, missed_at
		FROM help_misses WHERE missed_at >= $1) AS m WHERE (missed_at, key) > ($1, $2) ORDER BY missed_at, key LIMIT 0+$3`, micros(after.At), after.ID, limit)
}

const askColumns = "id, question_id, playbook, lang, body, outcome, article, conversation_id, times, at"

func scanAsk(row Scanner) (a insight.Ask, err error) {
	return a, row.Scan(&a.ID, &a.QuestionID, &a.Playbook, &a.Lang, &a.Text, &a.Outcome, &a.Article, &a.ConversationID, &a.Times, timeInto(&a.At))
}

// SaveAsks stores what was asked and moves the mark.
func (s Insight) SaveAsks(ctx context.Context, name string, to insight.Mark, list []insight.Ask) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		for _, a := range list {
			if err := Exec1(ctx, q, "INSERT INTO insight_asks ("+askColumns+`) VALUES ($1, '', $2, $3, $4, $5, $6, $7, $8, $9)
				ON CONFLICT (id) DO UPDATE SET body = excluded.body, outcome = excluded.outcome, article = excluded.article, times = excluded.times, at = excluded.at`,
				a.ID, a.Playbook, a.Lang, a.Text, string(a.Outcome), a.Article, a.ConversationID, a.Times, micros(a.At)); err != nil {
				return err
			}
		}
		return Exec1(ctx, q, "INSERT INTO insight_marks (name, at, id) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET at = excluded.at, id = excluded.id",
			name, micros(to.At), to.ID)
	})
}

// ForgetAsks deletes what was asked before, and all but the newest keep.
func (s Insight) ForgetAsks(ctx context.Context, before time.Time, keep int) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, "DELETE FROM insight_asks WHERE at < $1 OR at < COALESCE((SELECT at FROM insight_asks ORDER BY at DESC, id DESC LIMIT 1 OFFSET 0+$2), 0)",
			micros(before), keep)
		return err
	})
}

// Asks lists what was asked, the newest first.
func (s Insight) Asks(ctx context.Context, f insight.AskFilter) ([]insight.Ask, error) {
	var playbook any
	if f.Playbook != nil {
		playbook = *f.Playbook
	}
	return All(ctx, s.DB.Read(), scanAsk, "SELECT "+askColumns+` FROM insight_asks WHERE ($1 = '' OR question_id = $1)
		AND (CAST($2 AS TEXT) IS NULL OR playbook = $2) AND (NOT $3 OR outcome <> 'answered') ORDER BY at DESC, id DESC LIMIT 0+$4`,
		f.Question, playbook, f.Unanswered, f.Limit)
}

const questionColumns = "id, playbook, label, status, article_id, asked, recent, earlier, outcomes, langs, nearest, first_at, last_at, changed_at, changed_by"

func scanQuestion(row Scanner) (q insight.Question, err error) {
	return q, row.Scan(&q.ID, &q.Playbook, &q.Label, &q.Status, &q.ArticleID, &q.Asked, &q.Recent, &q.Earlier, jsonInto(&q.Outcomes), jsonInto(&q.Langs),
		jsonInto(&q.Nearest), timeInto(&q.FirstAt), timeInto(&q.LastAt), timeInto(&q.ChangedAt), &q.ChangedBy)
}

// Questions lists what f asks for, those asked most often first.
func (s Insight) Questions(ctx context.Context, f insight.QuestionFilter) ([]insight.Question, string, error) {
	var a asking
	a.that("1 = 1")
	if f.Status != "" {
		a.that("status = " + a.arg(string(f.Status)))
	}
	if f.Playbook != nil {
		a.that("playbook = " + a.arg(*f.Playbook))
	}
	if f.Lang != "" {
		a.that(`CAST(langs AS TEXT) LIKE ` + a.arg(like(`"`+string(f.Lang)+`"`)) + ` ESCAPE '\'`)
	}
	if f.Search != "" {
		a.that("fold LIKE " + a.arg(like(fold(f.Search))) + ` ESCAPE '\'`)
	}
	if f.After != "" {
		n, id, err := readRowCursor(f.After)
		if err != nil {
			return nil, "", err
		}
		a.that("(asked, id) < (" + a.arg(n) + ", " + a.arg(id) + ")")
	}
	limit := pageSize(f.Limit)
	list, err := All(ctx, s.DB.Read(), scanQuestion, "SELECT "+questionColumns+" FROM insight_questions WHERE "+strings.Join(a.where, " AND ")+
		" ORDER BY asked DESC, id DESC LIMIT 0+"+a.arg(limit+1), a.args...)
	if err != nil || len(list) <= limit {
		return list, "", err
	}
	last := list[limit-1]
	return list[:limit], rowCursor(int64(last.Asked), last.ID), nil
}

// Question reads one.
func (s Insight) Question(ctx context.Context, id desk.ID) (insight.Question, error) {
	return One(ctx, s.DB.Read(), scanQuestion, "SELECT "+questionColumns+" FROM insight_questions WHERE id = $1", id)
}

// SaveQuestions stores what was counted. Where somebody has decided meanwhile,
// his decision stays.
func (s Insight) SaveQuestions(ctx context.Context, list []insight.Question, of map[string]desk.ID, gone []desk.ID) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx *Tx) error {
		for _, q := range list {
			if err := Exec1(ctx, tx, "INSERT INTO insight_questions ("+questionColumns+`, fold) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
				ON CONFLICT (id) DO UPDATE SET label = excluded.label, fold = excluded.fold, asked = excluded.asked, recent = excluded.recent, earlier = excluded.earlier,
				outcomes = excluded.outcomes, langs = excluded.langs, nearest = excluded.nearest, first_at = excluded.first_at, last_at = excluded.last_at,
				status = CASE WHEN insight_questions.changed_at = excluded.changed_at THEN excluded.status ELSE insight_questions.status END`,
				q.ID, q.Playbook, q.Label, string(q.Status), q.ArticleID, q.Asked, q.Recent, q.Earlier, jsonOf(q.Outcomes), orEmpty(q.Langs), orNull(q.Nearest),
				micros(q.FirstAt), micros(q.LastAt), micros(q.ChangedAt), q.ChangedBy, fold(q.Label)); err != nil {
				return err
			}
		}
		for ask, question := range of {
			if _, err := Exec(ctx, tx, "UPDATE insight_asks SET question_id = $2 WHERE id = $1", ask, question); err != nil {
				return err
			}
		}
		for _, id := range gone {
			if _, err := Exec(ctx, tx, "DELETE FROM insight_questions WHERE id = $1", id); err != nil {
				return err
			}
		}
		return nil
	})
}

// DecideQuestion says what becomes of a question.
func (s Insight) DecideQuestion(ctx context.Context, id desk.ID, to insight.QuestionStatus, article desk.ID, by string, at time.Time) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, "UPDATE insight_questions SET status = $2, article_id = $3, changed_by = $4, changed_at = $5 WHERE id = $1", id, string(to), article, by, micros(at))
	})
}

// LiveArticles reads those of ids that are published, as published.
func (s Insight) LiveArticles(ctx context.Context, ids []desk.ID) ([]kb.Article, error) {
	return KB(s).LiveArticles(ctx, ids)
}
