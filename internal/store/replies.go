package store

import (
	"context"
	"fmt"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
)

// CameBack reports whether a contact began another conversation soon after one
// was closed.
func (s Assist) CameBack(ctx context.Context, conversation desk.ID, within time.Duration) (bool, error) {
	n, err := One(ctx, s.DB.Read(), Value[int], `SELECT count(*) FROM conversations c JOIN conversations o ON o.contact_id = c.contact_id AND o.id <> c.id
		AND o.playbook = c.playbook AND o.created_at >= c.closed_at AND o.created_at <= c.closed_at + $2
		WHERE c.id = $1 AND c.status = 'closed'`, conversation, within.Microseconds())
	return n > 0, err
}

// CameFrom lists the conversations that were closed shortly before one of the
// same contact began.
func (s Assist) CameFrom(ctx context.Context, conversation desk.ID, within time.Duration) ([]desk.ID, error) {
	return All(ctx, s.DB.Read(), Value[desk.ID], `SELECT o.id FROM conversations c JOIN conversations o ON o.contact_id = c.contact_id AND o.id <> c.id
		AND o.playbook = c.playbook AND o.status = 'closed' AND o.closed_at <= c.created_at AND o.closed_at >= c.created_at - $2
		WHERE c.id = $1 ORDER BY o.closed_at DESC LIMIT 10`, conversation, within.Microseconds())
}

// Remember makes the past replies of a conversation these.
func (s Assist) Remember(ctx context.Context, conversation desk.ID, list []assist.Past, now time.Time) (changed bool, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		changed = false
		if err := q.Lock(ctx, "remember:"+string(conversation)); err != nil {
			return err
		}
		there, err := All(ctx, q, func(row Scanner) (string, error) {
			p, _, err := scanPast(row)
			return print(p), err
		}, "SELECT "+pastColumns+" FROM past_replies WHERE conversation_id = $1 AND NOT withdrawn ORDER BY id", conversation)
		if err != nil {
			return err
		}
		same := map[string]bool{}
		for _, p := range there {
			same[p] = true
		}
		keep := 0
		for _, p := range list {
			if same[print(p)] {
				keep++
			}
		}
		if keep == len(there) && keep == len(list) {
			return nil
		}
		changed = true
		if _, err := Exec(ctx, q, "UPDATE past_replies SET withdrawn = TRUE, learnt_at = $2 WHERE conversation_id = $1 AND NOT withdrawn", conversation, micros(now)); err != nil {
			return err
		}
		for _, p := range list {
			if err := Exec1(ctx, q, `INSERT INTO past_replies (id, conversation_id, origin, body, lang, situation, quality, withdrawn, at, learnt_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE, $8, $9)
				ON CONFLICT (id) DO UPDATE SET origin = $3, body = $4, lang = $5, situation = $6, quality = $7, withdrawn = FALSE, learnt_at = $9`,
				p.ID, p.ConversationID, p.Group, p.Text, p.Lang, jsonOf(p.Situation), p.Quality, micros(p.At), micros(now)); err != nil {
				return err
			}
		}
		return nil
	})
	return changed, err
}

// print is all that Remember may change of a past reply.
func print(p assist.Past) string {
	return fmt.Sprintf("%s|%s|%s|%s|%.6f|%+v", p.ID, p.Group, p.Text, p.Lang, p.Quality, p.Situation)
}

const pastColumns = "id, conversation_id, origin, body, lang, situation, quality, withdrawn, at, learnt_at"

func scanPast(row Scanner) (p assist.Past, learnt time.Time, err error) {
	err = row.Scan(&p.ID, &p.ConversationID, &p.Group, &p.Text, &p.Lang, jsonInto(&p.Situation), &p.Quality, &p.Withdrawn, timeInto(&p.At), timeInto(&learnt))
	return p, learnt, err
}

// PastReplies lists those remembered or withdrawn since, in that order.
func (s Assist) PastReplies(ctx context.Context, from time.Time, after desk.ID, limit int) (list []assist.Past, learnt []time.Time, err error) {
	list, err = All(ctx, s.DB.Read(), func(row Scanner) (assist.Past, error) {
		p, at, err := scanPast(row)
		learnt = append(learnt, at)
		return p, err
	}, "SELECT "+pastColumns+" FROM past_replies WHERE (learnt_at, id) > ($1, $2) ORDER BY learnt_at, id LIMIT 0+$3", micros(from), after, limit)
	return list, learnt, err
}

// Forget deletes past replies but the newest keep.
func (s Assist) Forget(ctx context.Context, keep int) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, `DELETE FROM past_replies WHERE at < (SELECT at FROM past_replies ORDER BY at DESC, id DESC LIMIT 1 OFFSET 0+$1)`, keep)
		return err
	})
}
