package store

import (
	"context"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
)

const suggestionColumns = `id, conversation_id, message_id, rank, kind, canned_id, source, title, body, lang, internal, confidence, shown_at, label, url, times`

func scanSuggestionAnd(row Scanner, more ...any) (v assist.Suggestion, err error) {
	err = row.Scan(append([]any{&v.ID, &v.ConversationID, &v.MessageID, &v.Rank, &v.Kind, &v.CannedID, jsonInto(&v.Source), &v.Title, &v.Text, &v.Lang,
		&v.Internal, &v.Confidence, timeInto(&v.At), &v.Label, &v.URL, &v.Times}, more...)...)
	return v, err
}

func scanSuggestion(row Scanner) (assist.Suggestion, error) { return scanSuggestionAnd(row) }

func addSuggestion(ctx context.Context, q *Tx, agent desk.ID, v assist.Suggestion) error {
	var article desk.ID
	if v.Source != nil {
		article = v.Source.ArticleID
	}
	key, where := v.Made()
	return Exec1(ctx, q, "INSERT INTO suggestions ("+suggestionColumns+`, article_id, agent_id, made_of, made_in, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 'shown')`,
		v.ID, v.ConversationID, v.MessageID, v.Rank, v.Kind, v.CannedID, jsonOf(v.Source), v.Title, v.Text, v.Lang,
		v.Internal, v.Confidence, micros(v.At), v.Label, v.URL, v.Times, article, agent, key, where)
}

// beside lists what is suggested for a message: our own first, then what other
// systems pushed.
const beside = " FROM suggestions WHERE message_id = $1 AND kind <> 'action' ORDER BY CASE WHEN kind = 'external' THEN 1 ELSE 0 END, rank"

// Show records suggestions for a message, unless some were recorded before.
func (s Assist) Show(ctx context.Context, conversation, message, agent desk.ID, list []assist.Suggestion) (out []assist.Suggestion, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if err := q.Lock(ctx, "suggest:"+string(message)); err != nil {
			return err
		}
		var err error
		out, err = All(ctx, q, scanSuggestion, "SELECT "+suggestionColumns+beside, message)
		if err != nil || len(out) > 0 && out[0].Kind != assist.External {
			return err
		}
		if _, err := Exec(ctx, q, `UPDATE suggestions SET state = 'ignored', reason = $2, decided_at = $3
			WHERE conversation_id = $1 AND message_id <> $4 AND state = 'shown' AND kind <> 'action'`, conversation, assist.Superseded, micros(time.Now()), message); err != nil {
			return err
		}
		pushed := out
		out = nil
		for _, v := range list {
			if n := len(pushed); n > 0 {
				v.Rank += pushed[n-1].Rank
			}
			if err := addSuggestion(ctx, q, agent, v); err != nil {
				return err
			}
			out = append(out, v)
		}
		out = append(out, pushed...)
		return nil
	})
	return out, err
}

// Push records a suggestion beside those for its message.
func (s Assist) Push(ctx context.Context, agent desk.ID, v assist.Suggestion, most int) (assist.Suggestion, error) {
	err := s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if err := q.Lock(ctx, "suggest:"+string(v.MessageID)); err != nil {
			return err
		}
		there, err := All(ctx, q, scanSuggestion, "SELECT "+suggestionColumns+beside, v.MessageID)
		if err != nil {
			return err
		}
		same := 0
		v.Rank = 1
		for _, o := range there {
			v.Rank = max(v.Rank, o.Rank+1)
			if o.Kind == v.Kind {
				same++
			}
		}
		if same >= most {
			return desk.Errorf(desk.TooMany, "too_many_suggestions", "there are %d suggestions of other systems for this message already", same)
		}
		return addSuggestion(ctx, q, agent, v)
	})
	return v, err
}

// Shown reads what was suggested for a message, and whether that was decided.
func (s Assist) Shown(ctx context.Context, message desk.ID) (list []assist.Suggestion, decided bool, err error) {
	scan := func(row Scanner) (assist.Suggestion, error) {
		var state assist.State
		v, err := scanSuggestionAnd(row, &state)
		decided = decided || state == assist.Sent || state == assist.Edited
		return v, err
	}
	list, err = All(ctx, s.DB.Read(), scan, "SELECT "+suggestionColumns+", state"+beside, message)
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
		if err := noteFirst(ctx, q, v.Agent, v.At); err != nil {
			return err
		}
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
			WHERE message_id = (SELECT message_id FROM suggestions WHERE id = $1) AND state = 'shown'
			AND (kind = 'action') = (SELECT kind = 'action' FROM suggestions WHERE id = $1)`,
			suggestion, assist.OtherChosen, v.Agent, micros(v.At))
		return err
	})
}

// Pass ends all open suggestions of a conversation as ignored.
func (s Assist) Pass(ctx context.Context, conversation, agent desk.ID, reason assist.Reason, at time.Time) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if err := noteFirst(ctx, q, agent, at); err != nil {
			return err
		}
		_, err := Exec(ctx, q, `UPDATE suggestions SET state = 'ignored', reason = $2, agent_id = $3, decided_at = $4
			WHERE conversation_id = $1 AND state = 'shown' AND kind <> 'action'`, conversation, reason, agent, micros(at))
		return err
	})
}

// noteFirst notes when an agent first wrote, unless it is known.
func noteFirst(ctx context.Context, q *Tx, agent desk.ID, at time.Time) error {
	if agent == "" {
		return nil
	}
	_, err := Exec(ctx, q, "INSERT INTO agent_firsts (agent_id, at) VALUES ($1, $2) ON CONFLICT (agent_id) DO NOTHING", agent, micros(at))
	return err
}

// SentAs tells what the suggestions that were sent as they were were made of.
func (s Assist) SentAs(ctx context.Context, conversation desk.ID) (map[desk.ID]string, error) {
	out := map[desk.ID]string{}
	_, err := All(ctx, s.DB.Read(), func(row Scanner) (id desk.ID, err error) {
		var made string
		err = row.Scan(&id, &made)
		out[id] = made
		return id, err
	}, "SELECT id, made_of FROM suggestions WHERE conversation_id = $1 AND state = 'sent' AND made_of <> '' AND kind <> 'external'", conversation)
	return out, err
}

// Verdicts lists what was decided, in that order.
func (s Assist) Verdicts(ctx context.Context, from time.Time, after desk.ID, limit int) ([]assist.Decided, error) {
	return All(ctx, s.DB.Read(), func(row Scanner) (d assist.Decided, err error) {
		err = row.Scan(&d.ID, &d.Key, &d.Where, &d.State, &d.Reason, &d.Similarity, timeInto(&d.At))
		return d, err
	}, `SELECT id, made_of, made_in, state, reason, similarity, decided_at FROM suggestions
		WHERE state <> 'shown' AND (decided_at, id) > ($1, $2) ORDER BY decided_at, id LIMIT 0+$3`, micros(from), after, limit)
}
