package store

import (
	"context"
	"fmt"
	"strings"

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
