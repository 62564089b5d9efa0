package store

import (
	"context"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
)

// KeepSummary makes this the summary that a model wrote of a conversation in a
// language, unless a newer one is there.
func (s Assist) KeepSummary(ctx context.Context, v assist.Summary) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, `INSERT INTO summaries (conversation_id, lang, seq, lines, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (conversation_id, lang) DO UPDATE SET seq = $3, lines = $4, at = $5 WHERE summaries.seq <= $3`,
			v.ConversationID, v.Lang, v.Seq, jsonOf(v.Lines), micros(v.At))
		return err
	})
}

// Summary reads what a model wrote of a conversation.
func (s Assist) Summary(ctx context.Context, conversation desk.ID, lang desk.Lang) (assist.Summary, error) {
	return One(ctx, s.DB.Read(), func(row Scanner) (v assist.Summary, err error) {
		v.By = assist.ByModel
		err = row.Scan(&v.ConversationID, &v.Lang, &v.Seq, jsonInto(&v.Lines), timeInto(&v.At))
		return v, err
	}, "SELECT conversation_id, lang, seq, lines, at FROM summaries WHERE conversation_id = $1 AND lang = $2", conversation, lang)
}

// KeepOutcome remembers how a conversation ended.
func (s Assist) KeepOutcome(ctx context.Context, o assist.Outcome) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, `INSERT INTO outcomes (conversation_id, playbook, queue, came_from, moved_to, flows, words, disposition, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (conversation_id) DO UPDATE SET
			playbook = $2, queue = $3, came_from = $4, moved_to = $5, flows = $6, words = $7, disposition = $8, at = $9`,
			o.ConversationID, o.Playbook, o.Queue, o.From, o.Moved, jsonOf(o.Flows), o.Words, o.Disposition, micros(o.At))
	})
}

// DropOutcome forgets how a conversation ended.
func (s Assist) DropOutcome(ctx context.Context, conversation desk.ID) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, "DELETE FROM outcomes WHERE conversation_id = $1", conversation)
		return err
	})
}

// Outcomes lists how the conversations of a playbook ended, the newest first.
func (s Assist) Outcomes(ctx context.Context, playbook string, limit int) ([]assist.Outcome, error) {
	return All(ctx, s.DB.Read(), func(row Scanner) (o assist.Outcome, err error) {
		err = row.Scan(&o.ConversationID, &o.Playbook, &o.Queue, &o.From, &o.Moved, jsonInto(&o.Flows), &o.Words, &o.Disposition, timeInto(&o.At))
		return o, err
	}, `SELECT conversation_id, playbook, queue, came_from, moved_to, flows, words, disposition, at FROM outcomes
		WHERE playbook = $1 ORDER BY at DESC, conversation_id DESC LIMIT 0+$2`, playbook, limit)
}

// actionRank keeps the ranks of actions apart from those of replies.
const actionRank = 1000

// ShowActions records what may be done next after a message.
func (s Assist) ShowActions(ctx context.Context, conversation, message, agent desk.ID, list []assist.Suggestion, reason assist.Reason) (out []assist.Suggestion, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		out = nil
		if err := q.Lock(ctx, "suggest:"+string(message)); err != nil {
			return err
		}
		if _, err := Exec(ctx, q, `UPDATE suggestions SET state = 'ignored', reason = $2, decided_at = $3
			WHERE conversation_id = $1 AND message_id <> $4 AND state = 'shown' AND kind = 'action'`, conversation, reason, micros(time.Now()), message); err != nil {
			return err
		}
		type stated struct {
			assist.Suggestion
			state assist.State
		}
		there, err := All(ctx, q, func(row Scanner) (v stated, err error) {
			v.Suggestion, err = scanSuggestionAnd(row, &v.state)
			return v, err
		}, "SELECT "+suggestionColumns+", state FROM suggestions WHERE message_id = $1 AND kind = 'action' ORDER BY rank", message)
		if err != nil {
			return err
		}
		for _, v := range there {
			if v.state == assist.Shown {
				out = append(out, v.Suggestion)
			}
		}
		if len(there) > 0 {
			return nil
		}
		for _, v := range list {
			v.Rank += actionRank
			if err := addSuggestion(ctx, q, agent, v); err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}
