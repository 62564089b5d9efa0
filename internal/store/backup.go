package store

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/parleyhq/parley/desk"
)

// An archive is a ZIP file, the same whichever engine it comes from:
//
//	parley.json        the manifest, below
//	tables/NAME.jsonl  a row per line: an array in the order of the columns;
//	                   bytes are base64, times and the rest as stored
//	uploads/PATH       the uploaded files
//
// What the program derives from other data and one engine keeps in types of
// its own (embeddings in pgvector) is left out and made again.
const (
	archiveFormat = 1
	manifestName  = "parley.json"
	stepsTable    = "schema_steps"
)

type manifest struct {
	Format int             `json:"format"`
	MadeAt time.Time       `json:"made_at"`
	Engine string          `json:"engine"`
	Steps  []Step          `json:"steps"`
	Tables []archivedTable `json:"tables"` // those that others refer to first
}

type archivedTable struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Rows    int      `json:"rows"`
}

// Backup writes everything, as it is at one moment, to a new file at path,
// which only its owner may read: it holds what customers said. uploads is the
// folder of uploaded files, or empty. Everybody may go on working meanwhile.
// There is a file at path only when it is complete.
func (db *DB) Backup(ctx context.Context, path, uploads string) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return desk.Errorf(desk.Conflict, "backup_exists", "%s is there already: name another file", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part") // mode 0600
	if err != nil {
		return fmt.Errorf("make the backup file: %w", err)
	}
	defer func() {
		_ = f.Close() // a second time after success
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	z := zip.NewWriter(f)
	if err := db.backup(ctx, z, uploads); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return os.Rename(f.Name(), path)
}

func (db *DB) backup(ctx context.Context, z *zip.Writer, uploads string) error {
	m := manifest{Format: archiveFormat, MadeAt: time.Now().UTC(), Engine: db.D.Name()}
	// A file is there before its row: rows first.
	err := db.ReadTx(ctx, func(ctx context.Context, q Q) error {
		tables, err := db.D.schema(ctx, q)
		if err != nil {
			return err
		}
		if m.Steps, err = All(ctx, q, scanStep, "SELECT number, name FROM "+stepsTable+" ORDER BY number"); err != nil {
			return fmt.Errorf("the database was never migrated: %w", err)
		}
		for _, t := range tables {
			if t.name == stepsTable || !t.portable() {
				continue
			}
			w, err := z.Create("tables/" + t.name + ".jsonl")
			if err != nil {
				return err
			}
			rows, err := dump(ctx, q, t, w)
			if err != nil {
				return fmt.Errorf("table %s: %w", t.name, err)
			}
			m.Tables = append(m.Tables, archivedTable{Name: t.name, Columns: t.names(), Rows: rows})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := addFiles(ctx, z, uploads); err != nil {
		return err
	}
	w, err := z.Create(manifestName)
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(m)
}

// dump writes the rows of a table and returns how many there are.
func dump(ctx context.Context, q Q, t table, w io.Writer) (n int, err error) {
	query := "SELECT " + quoted(t.names()...) + " FROM " + quoted(t.name)
	if len(t.key) > 0 {
		query += " ORDER BY " + quoted(t.key...)
	}
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	values, dest := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range dest {
		dest[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return n, err
		}
		for i, v := range values {
			if values[i], err = t.columns[i].kind.archived(v); err != nil {
				return n, fmt.Errorf("column %s: %w", t.columns[i].name, err)
			}
		}
		if err := e.Encode(values); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

// archived makes what a column of this kind holds into what an archive does.
func (k kind) archived(v any) (any, error) {
	if b, ok := v.([]byte); ok {
		if k == kindBytes {
			return base64.StdEncoding.EncodeToString(b), nil
		}
		v = string(b)
	}
	s, ok := v.(string)
	if !ok || k != kindJSON {
		return v, nil
	}
	var out bytes.Buffer // PostgreSQL puts spaces in
	err := json.Compact(&out, []byte(s))
	return out.String(), err
}

// addFiles adds the ordinary files below folder. One that is deleted meanwhile
// is left out.
func addFiles(ctx context.Context, z *zip.Writer, folder string) error {
	if folder == "" {
		return nil
	}
	root, err := os.OpenRoot(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case !d.Type().IsRegular():
			return nil
		}
		f, err := root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		defer f.Close()
		w, err := z.CreateHeader(&zip.FileHeader{Name: path.Join("uploads", name), Method: zip.Store}) // pictures do not shrink
		if err != nil {
			return err
		}
		_, err = io.Copy(w, f)
		return err
	})
}
