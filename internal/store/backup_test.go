package store_test

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
)

// world has every type and a table that refers to one that comes after it.
var world = fstest.MapFS{
	"migrations/0001_world.sql": {Data: []byte(`
		CREATE TABLE zoos (id TEXT PRIMARY KEY, open BOOLEAN NOT NULL, size DOUBLE PRECISION, visitors BIGINT, map {bytes}, "order" {json}) {strict};
		CREATE TABLE animals (zoo TEXT NOT NULL REFERENCES zoos (id), n BIGINT NOT NULL, parent BIGINT, PRIMARY KEY (zoo, n)) {strict};
		INSERT INTO zoos (id, open) VALUES ('made by the step', TRUE);
		{if postgres}CREATE TABLE derived (id BIGINT PRIMARY KEY, box box);{end}`)},
}

var world2 = fstest.MapFS{
	"migrations/0001_world.sql": world["migrations/0001_world.sql"],
	"migrations/0002_names.sql": {Data: []byte("ALTER TABLE animals ADD COLUMN name TEXT NOT NULL DEFAULT 'nameless'")},
}

// contents returns the tables of an archive as text.
func contents(t *testing.T, archive string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out := map[string]string{}
	for _, f := range z.File {
		if f.Name == "parley.json" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = strings.NewReplacer(",true,", ",1,", ",false,", ",0,").Replace(string(b)) // booleans differ
	}
	return out
}

func backup(t *testing.T, db *store.DB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "backup.zip")
	if err := db.Backup(t.Context(), path, ""); err != nil {
		t.Fatal(err)
	}
	return path
}

// From each engine to each engine, and to a program that is newer.
func TestBackup_RestoredIsTheSame(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, from string) {
		a := empty(t, from)
		if err := a.MigrateFrom(t.Context(), world); err != nil {
			t.Fatal(err)
		}
		write(t, a, func(ctx context.Context, q *store.Tx) error {
			if err := store.Exec1(ctx, q, `INSERT INTO zoos (id, open, size, visitors, map, "order") VALUES ($1, $2, $3, $4, $5, $6)`,
				"北京 <zoo>\n\"", false, 0.1, int64(1)<<62+1, []byte{0, 1, 255}, store.JSONOf(map[string]any{"a": []any{1, "ü"}})); err != nil {
				return err
			}
			if err := store.Exec1(ctx, q, `DELETE FROM zoos WHERE id = 'made by the step'`); err != nil {
				return err
			}
			for i := range 300 {
				if err := store.Exec1(ctx, q, "INSERT INTO animals (zoo, n) VALUES ($1, $2)", "北京 <zoo>\n\"", i); err != nil {
					return err
				}
			}
			return nil
		})
		path := backup(t, a)
		storetest.EachURL(t, func(t *testing.T, to string) {
			b := empty(t, to)
			if err := b.RestoreFrom(t.Context(), world, path); err != nil {
				t.Fatal(err)
			}
			want, got := contents(t, path), contents(t, backup(t, b))
			for name := range want {
				if got[name] != want[name] {
					t.Errorf("%s: got %.300s\nwant %.300s", name, got[name], want[name])
				}
			}
			if len(want) != 2 || len(got) != 2 || strings.Count(want["tables/animals.jsonl"], "\n") != 300 {
				t.Errorf("the archive lacks something: %v", want)
			}
		})
		storetest.EachURL(t, func(t *testing.T, to string) {
			b := empty(t, to)
			if err := b.RestoreFrom(t.Context(), world2, path); err != nil {
				t.Fatal(err)
			}
			n, err := store.One(t.Context(), b.Read(), store.Value[int], "SELECT count(*) FROM animals WHERE name = 'nameless'")
			if err != nil || n != 300 {
				t.Errorf("got %d animals, %v; want 300", n, err)
			}
			if err := b.RestoreFrom(t.Context(), world, backup(t, b)); !hasCode(err, "newer_archive") {
				t.Errorf("an older program: got %v, want newer_archive", err)
			}
		})
	})
}

func hasCode(err error, code string) bool {
	var e *desk.Error
	return errors.As(err, &e) && e.Code == code
}

func TestRestore_RealTablesAndUploads(t *testing.T) {
	storetest.Each(t, func(t *testing.T, a *store.DB) {
		write(t, a, func(ctx context.Context, q *store.Tx) error {
			return q.Enqueue(ctx, desk.NewJob("k", "u", map[string]string{"x": "y"}))
		})
		from := filepath.Join(t.TempDir(), "uploads")
		put(t, filepath.Join(from, "ab", "photo.jpg"), "a photo")
		if err := os.Symlink("/etc/passwd", filepath.Join(from, "link")); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "backup.zip")
		if err := a.Backup(t.Context(), path, from); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the archive is open to others: %v, %v", info.Mode(), err)
		}
		storetest.Each(t, func(t *testing.T, b *store.DB) {
			to := filepath.Join(t.TempDir(), "data", "uploads")
			if err := b.Restore(t.Context(), path, to, false); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(filepath.Join(to, "ab", "photo.jpg")); err != nil || string(got) != "a photo" {
				t.Errorf("the upload: %q, %v", got, err)
			}
			if _, err := os.Lstat(filepath.Join(to, "link")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the link was followed: %v", err)
			}
			if d, err := b.JobDepth(t.Context(), desk.Conversation{}.CreatedAt); err != nil || d.Later != 1 {
				t.Errorf("the job: %+v, %v", d, err)
			}
			if err := b.Migrate(t.Context()); err != nil {
				t.Errorf("migrate afterwards: %v", err)
			}
			if err := b.Restore(t.Context(), path, to, false); !hasCode(err, "not_empty") {
				t.Errorf("uploads are there: got %v, want not_empty", err)
			}
			put(t, filepath.Join(to, "later.txt"), "later")
			if err := b.Restore(t.Context(), path, to, true); err != nil {
				t.Fatal(err)
			}
			old, _ := filepath.Glob(to + ".old-*/later.txt")
			now, _ := filepath.Glob(to + "/*")
			if len(old) != 1 || len(now) != 1 {
				t.Errorf("after a forced restore: old %v, new %v", old, now)
			}
		})
	})
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRestore_ThatFailsLeavesTheDatabaseAsItWas(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := empty(t, url)
		if err := db.MigrateFrom(t.Context(), world); err != nil {
			t.Fatal(err)
		}
		path := backup(t, db)
		if err := db.RestoreFrom(t.Context(), world, path); !hasCode(err, "not_empty") {
			t.Errorf("not empty: got %v", err)
		}
		write(t, db, func(ctx context.Context, q *store.Tx) error { return store.Exec1(ctx, q, "DELETE FROM zoos") })
		for name, rows := range map[string]string{
			"a row too few":   "",
			"not JSON":        "oops\n",
			"a value too few": `["a"]` + "\n",
			"a wrong value":   `["a",true,"much",1,null,null]` + "\n",
			"a row twice":     strings.Repeat(`["a",true,1,1,null,null]`+"\n", 2),
		} {
			if err := db.RestoreFrom(t.Context(), world, forge(t, path, rows)); err == nil {
				t.Errorf("%s was restored", name)
			}
			n, err := store.One(t.Context(), db.Read(), store.Value[int], "SELECT count(*) FROM zoos")
			if err != nil || n != 0 {
				t.Errorf("%s: the table afterwards: %d, %v", name, n, err)
			}
		}
		for _, bad := range []string{filepath.Join(t.TempDir(), "nowhere"), "backup_test.go"} {
			if err := db.RestoreFrom(t.Context(), world, bad); !hasCode(err, "bad_archive") {
				t.Errorf("%s: got %v, want bad_archive", bad, err)
			}
		}
	})
}

// forge copies an archive with other rows of zoos.
func forge(t *testing.T, archive, rows string) string {
	t.Helper()
	in, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	path := filepath.Join(t.TempDir(), "forged.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := zip.NewWriter(f)
	for _, e := range in.File {
		if e.Name != "tables/zoos.jsonl" {
			if err := out.Copy(e); err != nil {
				t.Fatal(err)
			}
		}
	}
	w, err := out.Create("tables/zoos.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, rows); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRestore_NothingLeavesTheUploads(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "evil.zip")
	db := storetest.Open(t, storetest.SQLite(t))
	if err := db.Backup(t.Context(), path, ""); err != nil {
		t.Fatal(err)
	}
	in, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	evil := filepath.Join(dir, "evil2.zip")
	f, err := os.Create(evil)
	if err != nil {
		t.Fatal(err)
	}
	out := zip.NewWriter(f)
	for _, e := range in.File {
		if err := out.Copy(e); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := out.Create("uploads/../../escaped"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(out.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	err = db.Restore(t.Context(), evil, filepath.Join(dir, "a", "uploads"), false)
	if err == nil {
		t.Error("the archive was restored")
	}
	found, _ := filepath.Glob(filepath.Join(dir, "*escaped*"))
	left, _ := filepath.Glob(filepath.Join(dir, "a", "*"))
	if len(found)+len(left) > 0 {
		t.Errorf("left behind: %v %v", found, left)
	}
}
