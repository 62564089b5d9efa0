package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/parleyhq/parley/desk"
)

const indexMessages = 500 // messages of one conversation made findable in one transaction

// Unindexed reports whether Index has anything to do.
func (s *Routing) Unindexed(ctx context.Context) (bool, error) {
	return One(ctx, s.db.Read(), Value[bool], "SELECT EXISTS (SELECT 1 FROM conversations WHERE indexed_seq < seq)")
}

// Index makes what was said lately findable, in at most limit conversations.
// What is masked, and notes that say nothing, are left out.
func (s *Routing) Index(ctx context.Context, limit int) error {
	ids, err := All(ctx, s.db.Read(), Value[desk.ID], "SELECT id FROM conversations WHERE indexed_seq < seq ORDER BY last_at LIMIT 0+$1", limit)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.db.Tx(ctx, func(ctx context.Context, q *Tx) error { return indexOne(ctx, q, id) }); err != nil {
			return fmt.Errorf("index conversation %s: %w", id, err)
		}
	}
	return nil
}

func indexOne(ctx context.Context, q *Tx, id desk.ID) error {
	var from, to int64
	var text strings.Builder
	_, err := One(ctx, q, func(row Scanner) (any, error) {
		var subject, contact string
		err := row.Scan(&from, &to, &subject, &contact)
		text.WriteString(subject + "\n" + contact + "\n")
		return nil, err
	}, "SELECT c.indexed_seq, c.seq, c.subject, p.search FROM conversations c JOIN contacts p ON p.id = c.contact_id WHERE c.id = $1", id)
	if err != nil {
		return err
	}
	said, err := All(ctx, q, scanMessage, "SELECT "+messageColumns+" FROM messages WHERE conversation_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT 0+$4",
		id, from, to, indexMessages)
	if err != nil {
		return err
	}
	for _, m := range said {
		if !m.Content.Masked {
			text.WriteString(m.Content.Text + "\n")
		}
	}
	if len(said) == indexMessages {
		to = said[len(said)-1].Seq
	}
	_, err = Exec(ctx, q, "INSERT INTO conversation_words (word, conversation_id) SELECT w.*, CAST($2 AS TEXT) FROM "+q.D.InList("$1")+
		" AS w WHERE true ON CONFLICT DO NOTHING", list(wordsOf(text.String())), id)
	if err != nil {
		return err
	}
	_, err = Exec(ctx, q, "UPDATE conversations SET indexed_seq = $2 WHERE id = $1", id, to)
	return err
}
