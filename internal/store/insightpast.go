package store

import (
	"context"

	"github.com/parleyhq/parley/playbook"
)

var _ playbook.PastQuestions = Insight{}

// PastQuestions lists the newest things that customers asked, each text once.
func (s Insight) PastQuestions(ctx context.Context, name string, limit int) ([]playbook.PastQuestion, error) {
	return All(ctx, s.DB.Read(), func(row Scanner) (q playbook.PastQuestion, err error) {
		return q, row.Scan(&q.Playbook, &q.Lang, &q.Text, &q.Times, &q.ConversationID, timeInto(&q.At))
	}, `SELECT playbook, lang, min(body), sum(times), max(conversation_id), max(at) AS newest FROM insight_asks
		WHERE $1 = '' OR playbook = $1 GROUP BY playbook, lang, lower(body) ORDER BY newest DESC, min(body) LIMIT 0+$2`, name, limit)
}
