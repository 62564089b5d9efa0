package store

import (
	"context"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

const selectSynonyms = "SELECT playbook, lang, version, list, origin, updated_at, updated_by FROM synonyms "

func scanSynonyms(row Scanner) (kb.SynonymSet, error) {
	var s kb.SynonymSet
	err := row.Scan(&s.Playbook, &s.Lang, &s.Version, jsonInto(&s.Synonyms), &s.Origin, timeInto(&s.UpdatedAt), &s.UpdatedBy)
	return s, err
}

// Synonyms lists every set of synonyms.
func (s KB) Synonyms(ctx context.Context) ([]kb.SynonymSet, error) {
	return All(ctx, s.DB.Read(), scanSynonyms, selectSynonyms+"ORDER BY playbook, lang")
}

// SaveSynonyms writes a set whose Version is one more than that of the stored
// one.
func (s KB) SaveSynonyms(ctx context.Context, set kb.SynonymSet) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		n, err := Exec(ctx, q, `INSERT INTO synonyms (playbook, lang, version, list, origin, updated_at, updated_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (playbook, lang) DO UPDATE SET version = excluded.version, list = excluded.list, origin = excluded.origin,
				updated_at = excluded.updated_at, updated_by = excluded.updated_by
			WHERE synonyms.version = excluded.version - 1`,
			set.Playbook, string(set.Lang), set.Version, jsonOf(set.Synonyms), set.Origin, micros(set.UpdatedAt), set.UpdatedBy)
		if err == nil && n == 0 {
			err = desk.Errorf(desk.Conflict, "stale_synonyms", "the synonyms have changed meanwhile")
		}
		return err
	})
}
