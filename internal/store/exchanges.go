package store

import (
	"context"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/llm"
)

// Exchanges keeps what was said to models and what they said.
type Exchanges struct{ DB *DB }

// Save writes exchanges, all or none.
func (s Exchanges) Save(ctx context.Context, xs []llm.Exchange) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		for _, x := range xs {
			if x.Prompt == nil {
				x.Prompt = []llm.Message{}
			}
			_, err := Exec(ctx, q, `INSERT INTO model_exchanges (id, at, purpose, conversation_id, model, prompt, answer, prompt_tokens, completion_tokens, took_us, error)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
				desk.NewID(), micros(x.At), string(x.Purpose), x.Conversation, x.Model, jsonOf(x.Prompt), storable(x.Answer),
				x.Usage.Prompt, x.Usage.Completion, x.Took.Microseconds(), string(x.Error))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// storable is s without what PostgreSQL takes in no text.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// Exchanges lists them, the newest first.
func (s Exchanges) Exchanges(ctx context.Context, q llm.ExchangeQuery) ([]llm.Kept, error) {
	scan := func(row Scanner) (k llm.Kept, err error) {
		var took int64
		err = row.Scan(&k.ID, timeInto(&k.At), &k.Purpose, &k.Conversation, &k.Model, jsonInto(&k.Prompt), &k.Answer, &k.Usage.Prompt, &k.Usage.Completion, &took, &k.Error)
		k.Took = time.Duration(took) * time.Microsecond
		return k, err
	}
	return All(ctx, s.DB.Read(), scan, `SELECT id, at, purpose, conversation_id, model, prompt, answer, prompt_tokens, completion_tokens, took_us, error
		FROM model_exchanges WHERE ($1 = '' OR conversation_id = $1) AND ($2 = '' OR purpose = $2) AND ($3 = '' OR id < $3) ORDER BY id DESC LIMIT 0+$4`,
		q.Conversation, string(q.Purpose), q.Before, q.Limit)
}

// tidied is how many exchanges one statement forgets.
const tidied = 1000

// Forget drops exchanges from before a time and tells how many.
func (s Exchanges) Forget(ctx context.Context, before time.Time) (int, error) {
	gone := 0
	for {
		var n int64
		err := s.DB.Tx(ctx, func(ctx context.Context, q *Tx) (err error) {
			n, err = Exec(ctx, q, "DELETE FROM model_exchanges WHERE id IN (SELECT id FROM model_exchanges WHERE at < $1 ORDER BY at LIMIT 0+$2)", micros(before), tidied)
			return err
		})
		gone += int(n)
		if err != nil || n < tidied {
			return gone, err
		}
	}
}
