package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
)

// Assist keeps canned replies and the ledger of suggestions.
type Assist struct{ DB *DB }

var _ assist.Store = Assist{}

const cannedColumns = "id, playbook, key, title, body, questions, version, origin, updated_at, updated_by"

func scanCanned(row Scanner) (c assist.Canned, err error) {
	err = row.Scan(&c.ID, &c.Playbook, &c.Key, jsonInto(&c.Title), jsonInto(&c.Text), jsonInto(&c.Questions), &c.Version, &c.Origin,
		timeInto(&c.UpdatedAt), &c.UpdatedBy)
	return c, err
}

// Canned finds a canned reply.
func (s Assist) Canned(ctx context.Context, id desk.ID) (assist.Canned, error) {
	return One(ctx, s.DB.Read(), scanCanned, "SELECT "+cannedColumns+" FROM canned_replies WHERE id = $1", id)
}

// AllCanned lists every canned reply.
func (s Assist) AllCanned(ctx context.Context) ([]assist.Canned, error) {
	return All(ctx, s.DB.Read(), scanCanned, "SELECT "+cannedColumns+" FROM canned_replies ORDER BY id")
}

// PlaybookCanned lists every canned reply of a playbook.
func (s Assist) PlaybookCanned(ctx context.Context, playbook string) ([]assist.Canned, error) {
	return All(ctx, s.DB.Read(), scanCanned, "SELECT "+cannedColumns+" FROM canned_replies WHERE playbook = $1 ORDER BY key", playbook)
}

// CannedReplies lists canned replies in the order of playbook and key.
func (s Assist) CannedReplies(ctx context.Context, f assist.CannedFilter) ([]assist.Canned, string, error) {
	after, afterKey := "", ""
	if f.After != "" {
		var ok bool
		if after, afterKey, ok = strings.Cut(f.After, "/"); !ok {
			return nil, "", &desk.Error{Kind: desk.Invalid, Code: "bad_cursor", Field: "after", Message: "use the cursor that the list before gave as next"}
		}
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	var playbook any
	if f.Playbook != nil {
		playbook = *f.Playbook
	}
	list, err := All(ctx, s.DB.Read(), scanCanned, "SELECT "+cannedColumns+` FROM canned_replies
		WHERE (playbook, key) > ($1, $2) AND (CAST($3 AS TEXT) IS NULL OR playbook = $3) AND fold LIKE $4 ESCAPE '\'
		ORDER BY playbook, key LIMIT 0+$5`, after, afterKey, playbook, like(strings.ToLower(f.Search)), limit+1)
	if err != nil || len(list) <= limit {
		return list, "", err
	}
	last := list[limit-1]
	return list[:limit], last.Playbook + "/" + last.Key, nil
}

// WriteCanned stores replies and deletes others, in one transaction.
func (s Assist) WriteCanned(ctx context.Context, put []assist.Canned, drop []desk.ID) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		for _, id := range drop {
			if _, err := Exec(ctx, q, "DELETE FROM canned_replies WHERE id = $1", id); err != nil {
				return err
			}
		}
		for _, c := range put {
			if err := putCanned(ctx, q, c); err != nil {
				return err
			}
		}
		return nil
	})
}

func putCanned(ctx context.Context, q *Tx, c assist.Canned) error {
	taken := func() error {
		return &desk.Error{Kind: desk.Conflict, Code: "key_taken", Field: "key", Message: fmt.Sprintf("there is a reply %q already", c.Key)}
	}
	args := []any{c.ID, c.Playbook, c.Key, jsonOf(c.Title), jsonOf(c.Text), jsonOf(c.Questions), foldCanned(c), c.Version, c.Origin, micros(c.UpdatedAt), c.UpdatedBy}
	if c.Version == 1 {
		n, err := Exec(ctx, q, `INSERT INTO canned_replies (id, playbook, key, title, body, questions, fold, version, origin, updated_at, updated_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (playbook, key) DO NOTHING`, args...)
		if err == nil && n == 0 {
			err = taken()
		}
		return err
	}
	n, err := Exec(ctx, q, `UPDATE canned_replies SET playbook = $2, key = $3, title = $4, body = $5, questions = $6, fold = $7,
		version = $8, origin = $9, updated_at = $10, updated_by = $11 WHERE id = $1 AND version = $8 - 1`, args...)
	switch {
	case q.D.Classify(err) == ClassConflict:
		return taken()
	case err == nil && n == 0:
		return desk.Errorf(desk.Conflict, "stale_canned", "the reply %s has changed meanwhile", c.Key)
	}
	return err
}

func foldCanned(c assist.Canned) string {
	parts := []string{c.Key}
	for _, t := range []desk.Text{c.Title, c.Text} {
		for _, lang := range t.Langs() {
			parts = append(parts, t[lang])
		}
	}
	return strings.ToLower(strings.Join(parts, "\n"))
}

const suggestionColumns = "id, conversation_id, message_id, rank, kind, canned_id, source, title, body, lang, internal, confidence, shown_at"

func scanSuggestion(row Scanner) (v assist.Suggestion, err error) {
	err = row.Scan(&v.ID, &v.ConversationID, &v.MessageID, &v.Rank, &v.Kind, &v.CannedID, jsonInto(&v.Source), &v.Title, &v.Text, &v.Lang,
		&v.Internal, &v.Confidence, timeInto(&v.At))
	return v, err
}

// Show records suggestions for a message, unless some were recorded before.
func (s Assist) Show(ctx context.Context, conversation, message, agent desk.ID, list []assist.Suggestion) (out []assist.Suggestion, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if err := q.Lock(ctx, "suggest:"+string(message)); err != nil {
			return err
		}
		var err error
		out, err = All(ctx, q, scanSuggestion, "SELECT "+suggestionColumns+" FROM suggestions WHERE message_id = $1 ORDER BY rank", message)
		if err != nil || len(out) > 0 {
			return err
		}
		if _, err := Exec(ctx, q, `UPDATE suggestions SET state = 'ignored', reason = $2, decided_at = $3
			WHERE conversation_id = $1 AND state = 'shown'`, conversation, assist.Superseded, micros(time.Now())); err != nil {
			return err
		}
		for _, v := range list {
			var article desk.ID
			if v.Source != nil {
				article = v.Source.ArticleID
			}
			if err := Exec1(ctx, q, "INSERT INTO suggestions ("+suggestionColumns+`, article_id, agent_id, state)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'shown')`,
				v.ID, v.ConversationID, v.MessageID, v.Rank, v.Kind, v.CannedID, jsonOf(v.Source), v.Title, v.Text, v.Lang,
				v.Internal, v.Confidence, micros(v.At), article, agent); err != nil {
				return err
			}
		}
		out = list
		return nil
	})
	return out, err
}

// Shown reads what was suggested for a message, and whether that was decided.
func (s Assist) Shown(ctx context.Context, message desk.ID) (list []assist.Suggestion, decided bool, err error) {
	scan := func(row Scanner) (v assist.Suggestion, err error) {
		var state assist.State
		err = row.Scan(&v.ID, &v.ConversationID, &v.MessageID, &v.Rank, &v.Kind, &v.CannedID, jsonInto(&v.Source), &v.Title, &v.Text, &v.Lang,
			&v.Internal, &v.Confidence, timeInto(&v.At), &state)
		decided = decided || state == assist.Sent || state == assist.Edited
		return v, err
	}
	list, err = All(ctx, s.DB.Read(), scan, "SELECT "+suggestionColumns+", state FROM suggestions WHERE message_id = $1 ORDER BY rank", message)
	return list, decided, err
}

// Suggestion finds a suggestion.
func (s Assist) Suggestion(ctx context.Context, id desk.ID) (assist.Suggestion, error) {
	return One(ctx, s.DB.Read(), scanSuggestion, "SELECT "+suggestionColumns+" FROM suggestions WHERE id = $1", id)
}

// Decide records what became of a suggestion. One that was passed over because
// the customer said more may still be used.
func (s Assist) Decide(ctx context.Context, suggestion desk.ID, v assist.Verdict) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		n, err := Exec(ctx, q, `UPDATE suggestions SET state = $2, reason = $3, agent_id = $4, final_text = $5, similarity = $6, decided_at = $7
			WHERE id = $1 AND (state = 'shown' OR state = 'ignored' AND reason = 'superseded')`,
			suggestion, v.State, v.Reason, v.Agent, v.Text, v.Similarity, micros(v.At))
		if err != nil {
			return err
		}
		if n == 0 { // decided before, unless it is not there
			_, err := One(ctx, q, Value[string], "SELECT id FROM suggestions WHERE id = $1", suggestion)
			return err
		}
		if v.State != assist.Sent && v.State != assist.Edited {
			return nil
		}
		_, err = Exec(ctx, q, `UPDATE suggestions SET state = 'ignored', reason = $2, agent_id = $3, decided_at = $4
			WHERE message_id = (SELECT message_id FROM suggestions WHERE id = $1) AND state = 'shown'`,
			suggestion, assist.OtherChosen, v.Agent, micros(v.At))
		return err
	})
}

// Pass ends all open suggestions of a conversation as ignored.
func (s Assist) Pass(ctx context.Context, conversation, agent desk.ID, reason assist.Reason, at time.Time) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, `UPDATE suggestions SET state = 'ignored', reason = $2, agent_id = $3, decided_at = $4
			WHERE conversation_id = $1 AND state = 'shown'`, conversation, reason, agent, micros(at))
		return err
	})
}

// Ledger counts what became of suggestions, those shown most first.
func (s Assist) Ledger(ctx context.Context, f assist.LedgerFilter) ([]assist.Count, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = 100
	}
	reasons := []assist.Reason{assist.Dismissed, assist.WroteOwn, assist.OtherChosen, assist.Superseded}
	scan := func(row Scanner) (c assist.Count, err error) {
		why := make([]int, len(reasons))
		err = row.Scan(&c.Kind, &c.ArticleID, &c.CannedID, &c.Title, &c.Shown, &c.Sent, &c.Edited, &c.Ignored, &c.Similarity, &why[0], &why[1], &why[2], &why[3])
		c.Open = c.Shown - c.Sent - c.Edited - c.Ignored
		c.Why = map[assist.Reason]int{}
		for i, n := range why {
			if n > 0 {
				c.Why[reasons[i]] = n
			}
		}
		return c, err
	}
	return All(ctx, s.DB.Read(), scan, `SELECT kind, article_id, canned_id, max(title), count(*) AS n,
		count(*) FILTER (WHERE state = 'sent'), count(*) FILTER (WHERE state = 'edited'), count(*) FILTER (WHERE state = 'ignored'),
		coalesce(avg(similarity) FILTER (WHERE state = 'edited'), 0.0),
		count(*) FILTER (WHERE reason = 'dismissed'), count(*) FILTER (WHERE reason = 'wrote_own'),
		count(*) FILTER (WHERE reason = 'other_chosen'), count(*) FILTER (WHERE reason = 'superseded')
		FROM suggestions
		WHERE ($1 = '' OR article_id = $1) AND ($2 = '' OR canned_id = $2) AND ($3 = '' OR agent_id = $3)
		AND shown_at >= $4 AND (CAST($5 AS BIGINT) = 0 OR shown_at < $5)
		GROUP BY kind, article_id, canned_id ORDER BY n DESC, article_id, canned_id LIMIT 0+$6`,
		f.Article, f.Canned, f.Agent, micros(f.From), micros(f.To), limit)
}
