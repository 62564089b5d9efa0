package store

import (
	"context"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/helpcentre"
	"github.com/parleyhq/parley/internal/privacy"
)

// Help keeps what readers of the help centre tell.
type Help struct{ DB *DB }

var _ helpcentre.Keeper = Help{}

// mostMisses bounds how many different searches without an answer are kept;
// the oldest make room.
const mostMisses = 20_000

// Vote counts whether an article's version helped a reader.
func (s Help) Vote(ctx context.Context, article desk.ID, version int, helped bool) error {
	yes, no := 0, 1
	if helped {
		yes, no = 1, 0
	}
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, `INSERT INTO help_votes (article_id, version, helped, not_helped, voted_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (article_id, version) DO UPDATE SET helped = help_votes.helped + $3, not_helped = help_votes.not_helped + $4, voted_at = $5`,
			article, version, yes, no, micros(time.Now()))
		return err
	})
}

// Missed keeps what was searched for and not found, without personal data.
func (s Help) Missed(ctx context.Context, playbook string, lang desk.Lang, text string) error {
	text = strings.Join(strings.Fields(strings.ToLower(privacy.Hide(text, privacy.Person{}))), " ")
	if text == "" {
		return nil
	}
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		now := micros(time.Now())
		if _, err := Exec(ctx, q, `INSERT INTO help_misses (playbook, lang, body, times, missed_at) VALUES ($1, $2, $3, 1, $4)
			ON CONFLICT (playbook, lang, body) DO UPDATE SET times = help_misses.times + 1, missed_at = $4`, playbook, lang, text, now); err != nil {
			return err
		}
		_, err := Exec(ctx, q, `DELETE FROM help_misses WHERE missed_at <= COALESCE((SELECT missed_at FROM help_misses ORDER BY missed_at DESC LIMIT 1 OFFSET 0+$1), -1)`, mostMisses)
		return err
	})
}
