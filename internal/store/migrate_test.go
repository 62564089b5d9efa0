package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
)

func files(names ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for _, name := range names {
		table := strings.TrimSuffix(name[5:], ".sql")
		m["migrations/"+name] = &fstest.MapFile{Data: []byte("CREATE TABLE " + table + " (id BIGINT PRIMARY KEY, ok BOOLEAN, x DOUBLE PRECISION, j {json}, b {bytes}) {strict};")}
	}
	return m
}

// empty opens a database without any table.
func empty(t *testing.T, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if db.D.Postgres() {
		write(t, db, func(ctx context.Context, q *store.Tx) error {
			_, err := q.ExecContext(ctx, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
			return err
		})
	}
	return db
}

func TestMigrate_ManyNodesAtOnceApplyEachStepOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		empty(t, url)
		steps := files("0001_one.sql", "0002_two.sql", "0003_three.sql")
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				db, err := store.Open(context.Background(), url)
				if err != nil {
					t.Error(err)
					return
				}
				defer db.Close()
				if err := db.MigrateFrom(context.Background(), steps); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestMigrate_RefusesANewerDatabase(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := empty(t, url)
		if err := db.MigrateFrom(t.Context(), files("0001_one.sql", "0002_two.sql")); err != nil {
			t.Fatal(err)
		}
		err := db.MigrateFrom(t.Context(), files("0001_one.sql"))
		var e *desk.Error
		if !errors.As(err, &e) || e.Code != "newer_database" {
			t.Errorf("got %v, want newer_database", err)
		}
	})
}

func TestMigrate_AStepThatFailsLeavesNothing(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db := empty(t, url)
		steps := files("0001_one.sql", "0002_two.sql")
		good := steps["migrations/0002_two.sql"].Data
		steps["migrations/0002_two.sql"] = &fstest.MapFile{Data: append(append([]byte{}, good...), "nonsense"...)}
		if err := db.MigrateFrom(t.Context(), steps); err == nil || !strings.Contains(err.Error(), "0002_two") {
			t.Fatalf("got %v, want an error that names the step", err)
		}
		steps["migrations/0002_two.sql"] = &fstest.MapFile{Data: good}
		if err := db.MigrateFrom(t.Context(), steps); err != nil {
			t.Errorf("after the repair: %v", err)
		}
	})
}

func TestSteps_AreNamedAndNumbered(t *testing.T) {
	if _, err := store.Steps(); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"001_x.sql", "0001-x.sql"} {
		if _, err := store.ReadSteps(fstest.MapFS{"migrations/" + bad: {}}); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	if _, err := store.ReadSteps(files("0001_a.sql", "0001_b.sql")); err == nil {
		t.Error("two steps with one number were taken")
	}
}

func TestOpen_SaysWhatIsWrongWithTheURL(t *testing.T) {
	for _, url := range []string{"", "mysql://x", "sqlite:x.db?cache=1", "sqlite:x.db?synchronous=maybe", "postgres://%zz"} {
		if _, err := store.Open(t.Context(), url); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("%q: got %v, want an invalid URL", url, err)
		}
	}
}

func TestOpen_FilesWithOddNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b%20c #1.db")
	storetest.Open(t, "sqlite://"+path)
	if found, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "a b%20c #1.db")); len(found) != 1 {
		t.Errorf("the file is not where it was asked for")
	}
}
