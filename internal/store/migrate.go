package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/parleyhq/parley/desk"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Step is one migration. Steps are never changed once released; the next
// change is a new step.
type Step struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	script string
}

var stepName = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)\.sql$`)

// Steps lists the migrations this program knows, in order.
func Steps() ([]Step, error) { return readSteps(migrations) }

func readSteps(files fs.FS) ([]Step, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, name := range names {
		m := stepName.FindStringSubmatch(path.Base(name))
		if m == nil {
			return nil, fmt.Errorf("migration %s: the name must be like 0001_jobs.sql", name)
		}
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		n, _ := strconv.Atoi(m[1]) // four digits
		steps = append(steps, Step{Number: n, Name: m[2], script: string(b)})
	}
	slices.SortFunc(steps, func(a, b Step) int { return a.Number - b.Number })
	for i := 1; i < len(steps); i++ {
		if steps[i].Number == steps[i-1].Number {
			return nil, fmt.Errorf("migrations %s and %s have the same number", steps[i-1].Name, steps[i].Name)
		}
	}
	return steps, nil
}

// Migrate brings the database to what this program needs and does nothing when
// it is there already. Each step is one transaction, and several nodes may
// start at once. A database that a newer program has migrated is refused.
func (db *DB) Migrate(ctx context.Context) error {
	steps, err := Steps()
	if err != nil {
		return err
	}
	return db.migrate(ctx, steps)
}

func (db *DB) migrate(ctx context.Context, steps []Step) error {
	for {
		var did bool
		err := db.single(ctx, func(tx *sql.Tx) (err error) {
			did, err = db.nextStep(ctx, tx, steps)
			return err
		})
		if err != nil {
			return fmt.Errorf("migrate the database: %w", err)
		}
		if !did {
			return nil
		}
	}
}

// migrationLock is the key of the advisory lock that nodes take turns on.
const migrationLock = 0x706172

// nextStep applies the first step that is missing, if any is.
func (db *DB) nextStep(ctx context.Context, tx *sql.Tx, steps []Step) (bool, error) {
	if db.D.Postgres() {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
			return false, err
		}
	}
	_, err := tx.ExecContext(ctx, db.D.ddl("CREATE TABLE IF NOT EXISTS schema_steps (number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL) {strict}"))
	if err != nil {
		return false, err
	}
	applied, err := All(ctx, tx, scanStep, "SELECT number, name FROM schema_steps ORDER BY number")
	if err != nil {
		return false, err
	}
	have := map[int]bool{}
	for _, a := range applied {
		if !slices.ContainsFunc(steps, func(s Step) bool { return s.Number == a.Number && s.Name == a.Name }) {
			return false, desk.Errorf(desk.Conflict, "newer_database",
				"the database has step %04d_%s, which this program does not know: run the program that made it, or a newer one", a.Number, a.Name)
		}
		have[a.Number] = true
	}
	if db.D.Postgres() && len(applied) == 0 {
		if err := createVector(ctx, tx); err != nil {
			return false, err
		}
	}
	for _, s := range steps {
		if have[s.Number] {
			continue
		}
		if _, err := tx.ExecContext(ctx, db.D.ddl(s.script)); err != nil {
			return false, fmt.Errorf("step %04d_%s: %w", s.Number, s.Name, err)
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO schema_steps (number, name, applied_at) VALUES ($1, $2, $3)", s.Number, s.Name, micros(time.Now()))
		return true, err
	}
	return false, nil
}

func scanStep(row Scanner) (Step, error) {
	var s Step
	err := row.Scan(&s.Number, &s.Name)
	return s, err
}

// createVector makes pgvector's extension when the server has it and we may;
// without it everything works, embeddings are then searched in memory.
func createVector(ctx context.Context, tx *sql.Tx) error {
	script := `SAVEPOINT vector`
	if _, err := tx.ExecContext(ctx, script); err != nil {
		return err
	}
	n, err := One(ctx, tx, Value[int], "SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'")
	if err != nil {
		return err
	}
	end := "RELEASE SAVEPOINT vector"
	if n > 0 {
		if _, err := tx.ExecContext(ctx, "CREATE EXTENSION IF NOT EXISTS vector"); err != nil {
			end = "ROLLBACK TO SAVEPOINT vector" // not allowed to: the administrator decides
		}
	}
	_, err = tx.ExecContext(ctx, end)
	return err
}

// HasVector reports whether pgvector can be used.
func (db *DB) HasVector(ctx context.Context) (bool, error) {
	if !db.D.Postgres() {
		return false, nil
	}
	n, err := One(ctx, db.Read(), Value[int], "SELECT count(*) FROM pg_extension WHERE extname = 'vector'")
	if err != nil {
		return false, fmt.Errorf("look for pgvector: %w", err)
	}
	return n > 0, nil
}
