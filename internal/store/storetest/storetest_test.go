package storetest_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
)

func TestEach_DatabasesAreEmptyAndApart(t *testing.T) {
	for range 2 {
		storetest.Each(t, func(t *testing.T, db *store.DB) {
			err := db.Tx(t.Context(), func(ctx context.Context, q *store.Tx) error {
				_, err := q.ExecContext(ctx, "CREATE TABLE mine (id BIGINT)")
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPostgres_HasVectorWhereItIsBuilt(t *testing.T) {
	if os.Getenv("PARLEY_PG_BIN") != "" {
		t.Skip("PGVECTOR NOT TESTED: PARLEY_PG_BIN names a PostgreSQL that may be without it")
	}
	db := storetest.Open(t, storetest.Postgres(t))
	has, err := db.HasVector(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !has {
		if os.Getenv("CI") == "true" {
			t.Fatal("no pgvector: run scripts/pgvector.sh")
		}
		t.Skip("PGVECTOR NOT TESTED: run scripts/pgvector.sh")
	}
}

// The server ends and its folder goes even when the test binary is killed.
func TestPostgres_EndsWithTheTest(t *testing.T) {
	if os.Getenv("STORETEST_CHILD") != "" {
		db := storetest.Open(t, storetest.Postgres(t))
		dir, err := store.One(t.Context(), db.Read(), store.Value[string], "SHOW data_directory")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = os.Stdout.WriteString(dir + "\n")
		select {} // until killed
	}
	storetest.Postgres(t) // skips where there is none
	child := exec.Command(os.Args[0], "-test.run=^TestPostgres_EndsWithTheTest$", "-test.timeout=1m")
	child.Env = append(os.Environ(), "STORETEST_CHILD=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := out.Read(buf)
	_ = child.Process.Kill()
	_ = child.Wait()
	if err != nil || n < 2 {
		t.Fatalf("the child said %q, %v", buf[:n], err)
	}
	dir := string(buf[:n-1])
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); <-tick.C {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
	}
	t.Errorf("%s is still there", dir)
}
