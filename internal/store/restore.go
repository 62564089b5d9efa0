package store

import (
	"archive/zip"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Restore replaces everything in the database by what Backup wrote to path, on
// whichever engine, and brings it to what this program needs. Nothing else may
// use the database meanwhile. A database or a folder of uploads that holds
// something is refused, unless force; the old uploads are then kept beside the
// new ones. When Restore fails the database is as before.
func (db *DB) Restore(ctx context.Context, path, uploads string, force bool) error {
	steps, err := Steps()
	if err != nil {
		return err
	}
	return db.restore(ctx, path, uploads, force, steps)
}

func (db *DB) restore(ctx context.Context, path, uploads string, force bool, steps []Step) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return desk.Errorf(desk.Invalid, "bad_archive", "open the archive %s: %w", path, err)
	}
	defer z.Close()
	m, err := readManifest(&z.Reader, steps)
	if err != nil {
		return err
	}
	files, err := unpackFiles(ctx, &z.Reader, uploads, force)
	if err != nil {
		return fmt.Errorf("restore the uploads: %w", err)
	}
	defer files.drop()
	err = db.single(ctx, func(tx *sql.Tx) error {
		if err := db.wipe(ctx, tx, force); err != nil {
			return err
		}
		if err := db.apply(ctx, tx, m.Steps); err != nil {
			return err
		}
		if err := db.load(ctx, tx, &z.Reader, m); err != nil {
			return err
		}
		return db.apply(ctx, tx, steps)
	})
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return files.place()
}

// readManifest checks that a program that knows the steps can read the archive,
// and puts their scripts into the manifest's.
func readManifest(z *zip.Reader, steps []Step) (m manifest, err error) {
	f, err := z.Open(manifestName)
	if err != nil {
		return m, desk.Errorf(desk.Invalid, "bad_archive", "this is not a backup of Parley: it has no %s", manifestName)
	}
	defer f.Close()
	if err := json.NewDecoder(f).Decode(&m); err != nil {
		return m, desk.Errorf(desk.Invalid, "bad_archive", "read %s: %w", manifestName, err)
	}
	if m.Format != archiveFormat {
		return m, desk.Errorf(desk.Invalid, "newer_archive", "the archive has format %d, this program reads %d", m.Format, archiveFormat)
	}
	for i, s := range m.Steps {
		at := slices.IndexFunc(steps, func(a Step) bool { return a.Number == s.Number && a.Name == s.Name })
		if at < 0 {
			return m, desk.Errorf(desk.Conflict, "newer_archive",
				"the archive has step %04d_%s, which this program does not know: use the program that made it, or a newer one", s.Number, s.Name)
		}
		m.Steps[i] = steps[at]
	}
	return m, nil
}

// incidental tables fill by themselves: their rows are not worth keeping.
var incidental = []string{stepsTable, "jobs", "periodic_jobs"}

// wipe drops all tables. Unless force, it refuses when there is data in them.
func (db *DB) wipe(ctx context.Context, tx *sql.Tx, force bool) error {
	tables, err := db.D.schema(ctx, tx)
	if err != nil {
		return err
	}
	for _, t := range slices.Backward(tables) {
		if !force && !slices.Contains(incidental, t.name) {
			n, err := One(ctx, tx, Value[int], "SELECT count(*) FROM "+quoted(t.name))
			if err != nil {
				return err
			}
			if n > 0 {
				return desk.Errorf(desk.Conflict, "not_empty", "the database is not empty: %d rows in %s; force replaces them", n, t.name)
			}
		}
		if _, err := tx.ExecContext(ctx, "DROP TABLE "+quoted(t.name)); err != nil {
			return fmt.Errorf("drop table %s: %w", t.name, err)
		}
	}
	return nil
}

// apply applies the steps that are missing.
func (db *DB) apply(ctx context.Context, tx *sql.Tx, steps []Step) error {
	for {
		if did, err := db.nextStep(ctx, tx, steps); err != nil || !did {
			return err
		}
	}
}

// load fills the tables.
func (db *DB) load(ctx context.Context, tx *sql.Tx, z *zip.Reader, m manifest) error {
	tables, err := db.D.schema(ctx, tx)
	if err != nil {
		return err
	}
	// Rows that migrations made are part of the archive too.
	for _, t := range slices.Backward(tables) {
		if t.name == stepsTable {
			continue
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+quoted(t.name)); err != nil {
			return fmt.Errorf("empty table %s: %w", t.name, err)
		}
	}
	for _, t := range tables {
		at := slices.IndexFunc(m.Tables, func(a archivedTable) bool { return a.Name == t.name })
		if at < 0 {
			continue
		}
		a := m.Tables[at]
		m.Tables[at].Name = "" // done
		n, err := loadTable(ctx, tx, z, t, a)
		if err != nil {
			return fmt.Errorf("table %s, row %d: %w", a.Name, n+1, err)
		}
		if n != a.Rows {
			return desk.Errorf(desk.Invalid, "bad_archive", "table %s has %d rows, %d were saved", a.Name, n, a.Rows)
		}
	}
	for _, a := range m.Tables {
		if a.Name != "" {
			return desk.Errorf(desk.Invalid, "bad_archive", "the archive has a table %s that no step makes", a.Name)
		}
	}
	return nil
}

func loadTable(ctx context.Context, tx *sql.Tx, z *zip.Reader, t table, a archivedTable) (n int, err error) {
	f, err := z.Open("tables/" + a.Name + ".jsonl")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	kinds, marks := make([]kind, len(a.Columns)), make([]string, len(a.Columns))
	for i, name := range a.Columns {
		at := slices.IndexFunc(t.columns, func(c column) bool { return c.name == name })
		if at < 0 {
			return 0, fmt.Errorf("there is no column %s", name)
		}
		kinds[i], marks[i] = t.columns[at].kind, fmt.Sprintf("$%d", i+1)
	}
	insert, err := tx.PrepareContext(ctx, "INSERT INTO "+quoted(t.name)+" ("+quoted(a.Columns...)+") VALUES ("+strings.Join(marks, ", ")+")")
	if err != nil {
		return 0, err
	}
	defer insert.Close()
	d := json.NewDecoder(f)
	d.UseNumber()
	for ; ; n++ {
		var values []any
		if err := d.Decode(&values); errors.Is(err, io.EOF) {
			return n, nil
		} else if err != nil {
			return n, err
		}
		if len(values) != len(kinds) {
			return n, fmt.Errorf("%d values for %d columns", len(values), len(kinds))
		}
		for i, v := range values {
			if values[i], err = kinds[i].value(v); err != nil {
				return n, fmt.Errorf("column %s: %w", a.Columns[i], err)
			}
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return n, err
		}
	}
}

// value makes what an archive holds into what a column of this kind takes.
func (k kind) value(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case bool:
		switch {
		case k == kindBool:
			return v, nil
		case k == kindInt && v:
			return int64(1), nil
		case k == kindInt:
			return int64(0), nil
		}
	case json.Number:
		switch k {
		case kindInt:
			return v.Int64()
		case kindFloat:
			return v.Float64()
		case kindBool:
			return v != "0", nil
		}
	case string:
		switch k {
		case kindText, kindJSON:
			return v, nil
		case kindBytes:
			return base64.StdEncoding.DecodeString(v)
		}
	}
	return nil, fmt.Errorf("%T does not belong here", v)
}

// unpacked is a folder of uploads that is not in its place yet.
type unpacked struct{ from, to string }

// unpackFiles unpacks the uploads beside the folder they belong in.
func unpackFiles(ctx context.Context, z *zip.Reader, folder string, force bool) (u unpacked, err error) {
	if folder == "" {
		return u, nil
	}
	there, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return u, err
	}
	if len(there) > 0 && !force {
		return u, desk.Errorf(desk.Conflict, "not_empty", "the folder %s is not empty; force replaces it", folder)
	}
	folder = filepath.Clean(folder)
	if err := os.MkdirAll(filepath.Dir(folder), 0o750); err != nil {
		return u, err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(folder), filepath.Base(folder)+".new-")
	if err != nil {
		return u, err
	}
	u = unpacked{tmp, folder}
	root, err := os.OpenRoot(tmp) // nothing gets out of it, whatever the names say
	if err != nil {
		u.drop()
		return u, err
	}
	defer root.Close()
	for _, f := range z.File {
		name, ok := strings.CutPrefix(f.Name, "uploads/")
		if !ok || !f.Mode().IsRegular() {
			continue
		}
		if err := unpackFile(ctx, root, f, name); err != nil {
			u.drop()
			return u, fmt.Errorf("%s: %w", name, err)
		}
	}
	return u, nil
}

func unpackFile(ctx context.Context, root *os.Root, f *zip.File, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := root.MkdirAll(filepath.Dir(filepath.FromSlash(name)), 0o750); err != nil {
		return err
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := root.OpenFile(filepath.FromSlash(name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		_ = w.Close()
		return err
	}
	return w.Close()
}

// place puts the folder in its place and keeps what was there beside it.
func (u *unpacked) place() error {
	if u.to == "" {
		return nil
	}
	from := u.from
	u.from = "" // from here on it is kept
	old := u.to + ".old-" + time.Now().UTC().Format("20060102T150405.000")
	if err := os.Rename(u.to, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the database is restored; the uploads are in %s: %w", from, err)
	}
	_ = os.Remove(old) // only when it is empty
	if err := os.Rename(from, u.to); err != nil {
		return fmt.Errorf("the database is restored; the uploads are in %s: %w", from, err)
	}
	return nil
}

// drop removes the folder unless it is in its place.
func (u *unpacked) drop() {
	if u.from != "" {
		_ = os.RemoveAll(u.from)
	}
}
