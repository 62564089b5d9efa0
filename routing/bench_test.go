package routing_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/routing"
)

const atOnce = 64 // customers

// BenchmarkAccept is messages accepted by 64 customers at once, beside the
// engine's bare rate: one transaction with one small insert. SQLite is safe
// against a power cut here; the PostgreSQL of the tests is not, set
// PARLEY_BENCH_DATABASE to measure another.
func BenchmarkAccept(b *testing.B) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite-full": func(tb testing.TB) string { return "sqlite://" + tb.TempDir() + "/parley.db" },
		"sqlite-off":  storetest.SQLite, "postgres": storetest.Postgres,
	} {
		b.Run(name+"/accept", func(b *testing.B) {
			o := open(b, storetest.Open(b, url(b)))
			for i := range atOnce {
				o.hear(fmt.Sprint(i), "hello") // who writes is known, as a rule
			}
			b.ResetTimer()
			together(b, func(who, n int) error {
				_, err := o.Accept(context.Background(), desk.Inbound{
					Channel: desk.Webchat, Address: fmt.Sprint(who), ExternalID: fmt.Sprint(n), Text: "a large latte to the office please",
				})
				return err
			})
		})
		b.Run(name+"/bare-insert", func(b *testing.B) {
			db := storetest.Open(b, url(b))
			b.ResetTimer()
			together(b, func(who, n int) error {
				return db.Tx(context.Background(), func(ctx context.Context, q *store.Tx) error {
					return store.Exec1(ctx, q, "INSERT INTO queues (name, title, skills, priority, playbook) VALUES ($1, '{}', '[]', 0, $2)",
						fmt.Sprint(who, " ", n), "a large latte to the office please")
				})
			})
		})
	}
}

// BenchmarkTurn is a message of one of 64 customers, taken in and answered: two
// transactions, with the history read between them.
func BenchmarkTurn(b *testing.B) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite-full": func(tb testing.TB) string { return "sqlite://" + tb.TempDir() + "/parley.db" }, "postgres": storetest.Postgres,
	} {
		b.Run(name, func(b *testing.B) {
			o := open(b, storetest.Open(b, url(b)))
			for i := range atOnce {
				o.hear(fmt.Sprint(i), "hello")
			}
			b.ResetTimer()
			together(b, func(who, n int) error {
				out, err := o.Accept(context.Background(), desk.Inbound{
					Channel: desk.Webchat, Address: fmt.Sprint(who), ExternalID: fmt.Sprint(n), Text: "a large latte to the office please",
				})
				if err != nil {
					return err
				}
				return o.Answer(context.Background(), out.Conversation.ID)
			})
		})
	}
}

// together runs f b.N times from 64 goroutines and reports the rate and times.
func together(b *testing.B, f func(who, n int) error) {
	var next atomic.Int64
	times := make([][]time.Duration, atOnce)
	var wg sync.WaitGroup
	began := time.Now()
	for who := range atOnce {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				start := time.Now()
				if err := f(who, int(n)); err != nil {
					b.Error(err)
					return
				}
				times[who] = append(times[who], time.Since(start))
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	all := slices.Sorted(slices.Values(slices.Concat(times...)))
	if len(all) == 0 {
		return
	}
	b.ReportMetric(float64(len(all))/took.Seconds(), "tx/s")
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkInbox is a page of each tab, and searches for a rare and a common
// word, among 100,000 conversations.
func BenchmarkInbox(b *testing.B) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		db := storetest.Open(b, url(b))
		fill(b, db, 100_000)
		s := db.Routing()
		for what, q := range map[string]routing.InboxQuery{
			"mine": {Tab: routing.Mine, AgentID: "a1"}, "queues": {Tab: routing.InQueues}, "all": {Tab: routing.All}, "closed": {Tab: routing.ClosedOnes},
			"search-rare": {Tab: routing.ClosedOnes, Search: "number77777"}, "search-common": {Tab: routing.ClosedOnes, Search: "coffee"},
			"search-both": {Tab: routing.ClosedOnes, Search: "coffee number77777"}, "search-none-open": {Tab: routing.InQueues, Search: "coffee tea"},
		} {
			b.Run(name+"/"+what, func(b *testing.B) {
				for b.Loop() {
					if _, _, err := s.Inbox(context.Background(), q); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// fill stores n conversations, most of them closed, in a few statements.
func fill(b *testing.B, db *store.DB, n int) {
	b.Helper()
	numbers := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + fmt.Sprint(n) + ") "
	must0(b, db.Tx(context.Background(), func(ctx context.Context, q *store.Tx) error {
		for _, sql := range []string{
			`INSERT INTO contacts (id, name, email, phone, lang, verified, attributes, tags, search, created_at, updated_at)
				` + numbers + `SELECT 'p' || i, 'Customer ' || i, '', '', 'en', false, '{}', '[]', 'customer', i, i FROM n`,
			`INSERT INTO conversations (id, contact_id, version, status, subject, channel, address, lang, playbook, revision, responder, states, queue, skills,
				priority, agent_id, seq, answered_seq, heard_seq, customer_seq, agent_seq, unread, replied, passed, prefer, offer_after, preview, preview_by,
				rating, rating_note, disposition, created_at, updated_at, last_at, waiting_since, last_customer_at, last_reply_at, assigned_at, parked_until,
				closed_at, cost, indexed_seq)
				` + numbers + `SELECT 'c' || i, 'p' || i, 1, CASE WHEN i % 100 = 0 THEN 'waiting' WHEN i % 100 = 1 THEN 'assigned' ELSE 'closed' END,
				'a coffee', 'webchat', 'x', 'en', 'coffee', 1, 'bot', '{}', 'support', '[]', 0, CASE WHEN i % 100 = 1 THEN 'a' || (i % 7) ELSE '' END,
				9, 9, 9, 0, 0, 0, false, '[]', '', 0, 'hello', 'bot', 0, '', '', i, i, i, i, i, i, 0, 0, 0, 20, 9 FROM n`,
			`INSERT INTO conversation_words (word, conversation_id) ` + numbers + `SELECT 'coffee', 'c' || i FROM n`,
			`INSERT INTO conversation_words (word, conversation_id) ` + numbers + `SELECT 'number' || i, 'c' || i FROM n`,
			`INSERT INTO conversation_words (word, conversation_id) ` + numbers + `SELECT 'tea', 'c' || i FROM n WHERE i % 3 = 0`,
			"ANALYZE",
		} {
			if _, err := store.Exec(ctx, q, sql); err != nil {
				return err
			}
		}
		return nil
	}))
}
