package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
)

// counters makes a table with one row, n = 0.
func counters(t *testing.T, db *store.DB) {
	t.Helper()
	script := db.D.DDL(`CREATE TABLE counters (id TEXT PRIMARY KEY, n BIGINT NOT NULL CHECK (n < 1000000)) {strict};
		CREATE TABLE refs (id TEXT PRIMARY KEY, counter TEXT REFERENCES counters (id) DEFERRABLE INITIALLY DEFERRED) {strict};
		INSERT INTO counters (id, n) VALUES ('c', 0)`)
	write(t, db, func(ctx context.Context, q *store.Tx) error {
		_, err := q.ExecContext(ctx, script)
		return err
	})
}

func write(t *testing.T, db *store.DB, f func(context.Context, *store.Tx) error) {
	t.Helper()
	if err := db.Tx(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func add(ctx context.Context, q *store.Tx, by int) error {
	return store.Exec1(ctx, q, "UPDATE counters SET n = n + $1 WHERE id = 'c'", by)
}

func count(t *testing.T, db *store.DB) int {
	t.Helper()
	n, err := store.One(context.Background(), db.Read(), store.Value[int], "SELECT n FROM counters WHERE id = 'c'")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTx_ErrorUndoesAndHooksRunAfterCommitOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		counters(t, db)
		var hooks []string
		write(t, db, func(ctx context.Context, q *store.Tx) error {
			q.After(func() { hooks = append(hooks, fmt.Sprint("committed ", count(t, db))) })
			return add(ctx, q, 1)
		})
		oops := errors.New("oops")
		err := db.Tx(t.Context(), func(ctx context.Context, q *store.Tx) error {
			q.After(func() { hooks = append(hooks, "never") })
			if err := add(ctx, q, 1); err != nil {
				return err
			}
			return oops
		})
		if !errors.Is(err, oops) {
			t.Errorf("got %v, want %v", err, oops)
		}
		if got := fmt.Sprint(hooks); got != "[committed 1]" {
			t.Errorf("hooks: got %s", got)
		}
		if n := count(t, db); n != 1 {
			t.Errorf("got n = %d, want 1", n)
		}
	})
}

// Every way a transaction can go wrong, among a crowd that does everything
// right: only the wrong one is undone.
func TestTx_OneThatFailsHurtsNobodyElse(t *testing.T) {
	insert := func(ctx context.Context, q *store.Tx, sql string) error {
		_, err := q.ExecContext(ctx, sql)
		return err
	}
	wrongs := map[string]func(ctx context.Context, cancel func(), q *store.Tx) error{
		"error": func(context.Context, func(), *store.Tx) error { return errors.New("oops") },
		"panic": func(context.Context, func(), *store.Tx) error { panic("oops") },
		"ended goroutine": func(context.Context, func(), *store.Tx) error {
			runtime.Goexit()
			return nil
		},
		"cancelled": func(ctx context.Context, cancel func(), q *store.Tx) error {
			cancel()
			return add(ctx, q, 100)
		},
		"swallowed error": func(ctx context.Context, _ func(), q *store.Tx) error {
			_ = insert(ctx, q, "INSERT INTO counters (id, n) VALUES ('c', 0)")
			return nil
		},
		"bad row at commit": func(ctx context.Context, _ func(), q *store.Tx) error {
			return insert(ctx, q, "INSERT INTO refs (id, counter) VALUES ('r', 'nowhere')")
		},
	}
	for name, wrong := range wrongs {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				counters(t, db)
				const crowd = 40
				var wg sync.WaitGroup
				for i := range crowd {
					wg.Go(func() {
						if err := db.Tx(context.Background(), func(ctx context.Context, q *store.Tx) error { return add(ctx, q, 1) }); err != nil {
							t.Errorf("an innocent transaction failed: %v", err)
						}
					})
					if i%4 != 0 {
						continue
					}
					wg.Go(func() {
						defer func() { _ = recover() }()
						ctx, cancel := context.WithCancel(context.Background())
						defer cancel()
						err := db.Tx(ctx, func(ctx context.Context, q *store.Tx) error {
							if err := add(ctx, q, 100); err != nil {
								return err
							}
							return wrong(ctx, cancel, q)
						})
						if err == nil {
							t.Error("the wrong transaction was committed")
						}
					})
				}
				wg.Wait()
				if n := count(t, db); n != crowd {
					t.Errorf("got n = %d, want %d", n, crowd)
				}
			})
		})
	}
}

func TestTx_ForUpdateLosesNoUpdate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		counters(t, db)
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for range 10 {
					err := db.Tx(context.Background(), func(ctx context.Context, q *store.Tx) error {
						n, err := store.One(ctx, q, store.Value[int], "SELECT n FROM counters WHERE id = 'c'"+q.D.ForUpdate())
						if err != nil {
							return err
						}
						return store.Exec1(ctx, q, "UPDATE counters SET n = $1 WHERE id = 'c'", n+1)
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n := count(t, db); n != 160 {
			t.Errorf("got n = %d, want 160", n)
		}
	})
}

func TestTx_RunsAgainAfterADeadlock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		counters(t, db)
		write(t, db, func(ctx context.Context, q *store.Tx) error {
			return store.Exec1(ctx, q, "INSERT INTO counters (id, n) VALUES ('d', 0)")
		})
		var wg sync.WaitGroup
		for _, order := range [][2]string{{"c", "d"}, {"d", "c"}} {
			for range 4 {
				wg.Go(func() {
					err := db.Tx(context.Background(), func(ctx context.Context, q *store.Tx) error {
						for _, id := range order {
							if err := store.Exec1(ctx, q, "UPDATE counters SET n = n + 1 WHERE id = $1", id); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		if n := count(t, db); n != 8 {
			t.Errorf("got n = %d, want 8", n)
		}
	})
}

func TestTx_NestedIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		counters(t, db)
		for name, nested := range map[string]func(context.Context) error{
			"Tx": func(ctx context.Context) error {
				return db.Tx(ctx, func(context.Context, *store.Tx) error { return nil })
			},
			"ReadTx": func(ctx context.Context) error {
				return db.ReadTx(ctx, func(context.Context, store.Q) error { return nil })
			},
			"Read": func(ctx context.Context) error {
				_, err := store.One(ctx, db.Read(), store.Value[int], "SELECT n FROM counters")
				return err
			},
		} {
			err := db.Tx(t.Context(), func(ctx context.Context, _ *store.Tx) error { return nested(ctx) })
			var e *desk.Error
			if !errors.As(err, &e) || e.Code != "nested_transaction" {
				t.Errorf("%s within a transaction: got %v, want nested_transaction", name, err)
			}
		}
	})
}

func TestTx_WaitingEndsWithTheContext(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	counters(t, db)
	held, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = db.Tx(context.Background(), func(ctx context.Context, q *store.Tx) error {
			close(held)
			<-release
			return add(ctx, q, 1)
		})
	})
	<-held
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	err := db.Tx(ctx, func(context.Context, *store.Tx) error { t.Error("ran after its context ended"); return nil })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want deadline exceeded", err)
	}
	close(release)
	wg.Wait()
	if n := count(t, db); n != 1 {
		t.Errorf("got n = %d, want 1", n)
	}
}

func TestTx_IsOverAfterItsFunction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		counters(t, db)
		var kept *store.Tx
		write(t, db, func(_ context.Context, q *store.Tx) error { kept = q; return nil })
		var e *desk.Error
		if err := add(t.Context(), kept, 1); !errors.As(err, &e) || e.Code != "transaction_over" {
			t.Errorf("got %v, want transaction_over", err)
		}
	})
}

func TestLock_OneAtATime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		counters(t, db)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				err := db.Tx(context.Background(), func(ctx context.Context, q *store.Tx) error {
					if err := q.Lock(ctx, "the counter"); err != nil {
						return err
					}
					n, err := store.One(ctx, q, store.Value[int], "SELECT n FROM counters WHERE id = 'c'")
					if err != nil {
						return err
					}
					return store.Exec1(ctx, q, "UPDATE counters SET n = $1 WHERE id = 'c'", n+1)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := count(t, db); n != 8 {
			t.Errorf("got n = %d, want 8", n)
		}
	})
}

func TestReadTx_SeesOneMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		counters(t, db)
		err := db.ReadTx(t.Context(), func(ctx context.Context, q store.Q) error {
			for range 2 {
				n, err := store.One(ctx, q, store.Value[int], "SELECT n FROM counters WHERE id = 'c'")
				if err != nil || n != 0 {
					t.Errorf("got %d, %v; want 0", n, err)
				}
				write(t, db, func(ctx context.Context, q *store.Tx) error { return add(ctx, q, 1) })
			}
			if _, err := q.ExecContext(ctx, "UPDATE counters SET n = 0"); err == nil {
				t.Error("a reading transaction wrote")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkInsert(b *testing.B) {
	for name, url := range map[string]string{"sqlite": storetest.SQLite(b), "postgres": storetest.Postgres(b)} {
		b.Run(name, func(b *testing.B) { benchmarkInsert(b, url) })
	}
}

// BenchmarkInsertDurable waits for the disk, as SQLite does by default.
func BenchmarkInsertDurable(b *testing.B) {
	url := storetest.SQLite(b)
	benchmarkInsert(b, url[:len(url)-len("off")]+"full")
}

// benchmarkInsert has 64 writers insert one small row per transaction.
func benchmarkInsert(b *testing.B, url string) {
	db := storetest.Open(b, url)
	job := desk.NewJob("bench", "", map[string]string{"conversation": string(desk.NewID())})
	b.SetParallelism(64 / runtime.GOMAXPROCS(0))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			err := db.Tx(context.Background(), func(ctx context.Context, q *store.Tx) error { return q.Enqueue(ctx, job) })
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
}
