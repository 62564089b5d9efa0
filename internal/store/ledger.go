package store

import (
	"context"
	"fmt"

	"github.com/parleyhq/parley/assist"
)

// Ledger counts what became of suggestions, those shown most first.
func (s Assist) Ledger(ctx context.Context, f assist.LedgerFilter) ([]assist.Count, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = 100
	}
	reasons := []assist.Reason{assist.Dismissed, assist.WroteOwn, assist.OtherChosen, assist.Superseded}
	scan := func(row Scanner) (c assist.Count, err error) {
		why := make([]int, len(reasons))
		into := []any{&c.Kind, &c.ArticleID, &c.CannedID, &c.Key, &c.Title, &c.Shown, &c.Sent, &c.Edited, &c.Ignored, &c.Similarity, &why[0], &why[1], &why[2], &why[3]}
		c.Tenure = make([]assist.TenureCount, len(assist.Tenures()))
		for i, t := range assist.Tenures() {
			n := &c.Tenure[i]
			n.Tenure = t.Name
			into = append(into, &n.Shown, &n.Sent, &n.Edited, &n.Ignored)
		}
		err = row.Scan(into...)
		c.Open = c.Shown - c.Sent - c.Edited - c.Ignored
		c.Why = map[assist.Reason]int{}
		for i, n := range why {
			if n > 0 {
				c.Why[reasons[i]] = n
			}
		}
		return c, err
	}
	args := []any{f.Article, f.Canned, f.Agent, micros(f.From), micros(f.To), limit}
	tenure := ""
	for _, t := range assist.Tenures() {
		args = append(args, t.From.Microseconds(), t.To.Microseconds())
		in := fmt.Sprintf("worked >= $%d AND worked < $%d", len(args)-1, len(args))
		tenure += ", count(*) FILTER (WHERE " + in + ")"
		for _, state := range []assist.State{assist.Sent, assist.Edited, assist.Ignored} {
			tenure += fmt.Sprintf(", count(*) FILTER (WHERE state = '%s' AND %s)", state, in)
		}
	}
	return All(ctx, s.DB.Read(), scan, `SELECT kind, article_id, canned_id, made, max(title), count(*) AS n,
		count(*) FILTER (WHERE state = 'sent'), count(*) FILTER (WHERE state = 'edited'), count(*) FILTER (WHERE state = 'ignored'),
		coalesce(avg(similarity) FILTER (WHERE state = 'edited'), 0.0),
		count(*) FILTER (WHERE reason = 'dismissed'), count(*) FILTER (WHERE reason = 'wrote_own'),
		count(*) FILTER (WHERE reason = 'other_chosen'), count(*) FILTER (WHERE reason = 'superseded')`+tenure+`
		FROM (SELECT s.kind, s.article_id, s.canned_id, CASE WHEN s.kind IN ('article', 'canned') THEN '' ELSE s.made_of END AS made,
			s.title, s.state, s.reason, s.similarity, CASE WHEN f.at IS NULL OR f.at > s.shown_at THEN 0 ELSE s.shown_at - f.at END AS worked
			FROM suggestions s LEFT JOIN agent_firsts f ON f.agent_id = s.agent_id
			WHERE ($1 = '' OR s.article_id = $1) AND ($2 = '' OR s.canned_id = $2) AND ($3 = '' OR s.agent_id = $3)
			AND s.shown_at >= $4 AND (CAST($5 AS BIGINT) = 0 OR s.shown_at < $5)) AS x
		GROUP BY kind, article_id, canned_id, made ORDER BY n DESC, article_id, canned_id, made LIMIT 0+$6`, args...)
}
