package store

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/webhooks"
	"github.com/parleyhq/parley/voice"
)

const recordingColumns = "id, call_id, conversation_id, path, at, seconds, kind, pauses, keep_until"

func scanRecording(row Scanner) (r voice.Recording, err error) {
	err = row.Scan(&r.ID, &r.CallID, &r.ConversationID, &r.Path, timeInto(&r.At), &r.Seconds, &r.Kind, jsonInto(&r.Pauses), timeInto(&r.KeepUntil))
	return r, err
}

// AddRecording stores where a recording is, and the job that tells other
// systems of it. Its call was recorded.
func (v *Voice) AddRecording(ctx context.Context, r voice.Recording) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		n, err := Exec(ctx, q, "INSERT INTO recordings ("+recordingColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
			r.ID, r.CallID, r.ConversationID, r.Path, micros(r.At), r.Seconds, r.Kind, orEmpty(r.Pauses), micros(r.KeepUntil))
		if err != nil || n == 0 {
			return err
		}
		if _, err := Exec(ctx, q, "UPDATE calls SET recorded = TRUE WHERE id = $1", r.CallID); err != nil {
			return err
		}
		return q.Enqueue(ctx, webhooks.NewRecordingJob(r.ID))
	})
}

// Recordings lists those of a conversation, or of a call, oldest first.
func (v *Voice) Recordings(ctx context.Context, conversation, call desk.ID) ([]voice.Recording, error) {
	return All(ctx, v.db.Read(), scanRecording, "SELECT "+recordingColumns+` FROM recordings
		WHERE ($1 <> '' AND conversation_id = $1) OR ($2 <> '' AND call_id = $2) ORDER BY at, id LIMIT 500`, conversation, call)
}

// Recording finds one.
func (v *Voice) Recording(ctx context.Context, id desk.ID) (voice.Recording, error) {
	return One(ctx, v.db.Read(), scanRecording, "SELECT "+recordingColumns+" FROM recordings WHERE id = $1", id)
}

// RecordingsDue lists those that are not to be kept any longer, the oldest
// first. Delete the file, then DropRecording.
func (v *Voice) RecordingsDue(ctx context.Context, now time.Time, limit int) ([]voice.Recording, error) {
	return All(ctx, v.db.Read(), scanRecording, "SELECT "+recordingColumns+` FROM recordings
		WHERE keep_until > 0 AND keep_until <= $1 ORDER BY keep_until LIMIT 0+$2`, micros(now), limit)
}

// KeepRecording changes until when a recording is kept; zero: until somebody
// deletes it.
func (v *Voice) KeepRecording(ctx context.Context, id desk.ID, until time.Time) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, "UPDATE recordings SET keep_until = $2 WHERE id = $1", id, micros(until))
	})
}

// DropRecording forgets one; its file is the caller's to delete.
func (v *Voice) DropRecording(ctx context.Context, id desk.ID) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, "DELETE FROM recordings WHERE id = $1", id)
	})
}

// Prompts lists the uploaded prompts by name and language.
func (v *Voice) Prompts(ctx context.Context) ([]voice.PromptFile, error) {
	return All(ctx, v.db.Read(), func(row Scanner) (p voice.PromptFile, err error) {
		return p, row.Scan(&p.Name, &p.Lang, &p.Path, &p.Seconds, &p.Size, timeInto(&p.At))
	}, "SELECT name, lang, path, seconds, size, at FROM prompts ORDER BY name, lang LIMIT 2000")
}

// PutPrompt stores a prompt and returns the path of the one that it replaced.
func (v *Voice) PutPrompt(ctx context.Context, p voice.PromptFile) (replaced string, err error) {
	err = v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if err := q.Lock(ctx, "prompt "+p.Name); err != nil {
			return err
		}
		replaced, _, err = first(All(ctx, q, Value[string], "SELECT path FROM prompts WHERE name = $1 AND lang = $2", p.Name, p.Lang))
		if err != nil {
			return err
		}
		return Exec1(ctx, q, `INSERT INTO prompts (name, lang, path, seconds, size, at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (name, lang) DO UPDATE SET path = excluded.path, seconds = excluded.seconds, size = excluded.size, at = excluded.at`,
			p.Name, p.Lang, p.Path, p.Seconds, p.Size, micros(p.At))
	})
	if replaced == p.Path {
		replaced = ""
	}
	return replaced, err
}

// DropPrompt forgets a prompt in every language and returns its paths.
func (v *Voice) DropPrompt(ctx context.Context, name string) (paths []string, err error) {
	err = v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		paths, err = All(ctx, q, Value[string], "DELETE FROM prompts WHERE name = $1 RETURNING path", name)
		if err == nil && len(paths) == 0 {
			err = desk.Errorf(desk.NotFound, "no_prompt", "there is no prompt %q", name)
		}
		return err
	})
	return paths, err
}

// Prompt is the path of a prompt in a language, else for every language.
func (v *Voice) Prompt(ctx context.Context, name string, lang desk.Lang) (path string, err error) {
	return One(ctx, v.db.Read(), Value[string], "SELECT path FROM prompts WHERE name = $1 AND lang IN ($2, '') ORDER BY lang DESC LIMIT 1", name, lang)
}
