package kb_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb"
)

// BenchmarkScale measures searching a knowledge base of many passages: on
// SQLite with the vectors in memory, on PostgreSQL with the vectors in pgvector's
// HNSW index. Texts and vectors are made up, see madeUp; what a question's
// vector costs is not in it. PARLEY_BENCH_LARGE=1 adds a million passages, which
// takes some ten minutes on two cores, 8 GB of memory and as much in the temporary
// folder.
//
//	p50-ms, p99-ms  one search, words and vectors, one after the other
//	cpu-ms          of it this process was at work, whatever else the machine did
//	recall          share of the ten texts with the nearest vectors, by comparing all, that the search's own candidates have
//	index-s         until all that the database has is found: loading, and building the HNSW index
//	heap-MB         what the node then keeps in memory
//	saved-ms        saving an article, until a search by its words finds it
//	vector-ms       embedding it (the endpoint's time not in it), until its vector is found
//	other-ms        until another node finds the saved article; not at a million
//	disk-MB         of PostgreSQL: embeddings and their HNSW index
func BenchmarkScale(b *testing.B) {
	sizes := []int{10_000, 100_000}
	if testing.Short() {
		sizes = []int{10_000}
	}
	if os.Getenv("PARLEY_BENCH_LARGE") != "" {
		sizes = append(sizes, 1_000_000)
	}
	for _, passages := range sizes {
		b.Run(fmt.Sprintf("sqlite/%d", passages), func(b *testing.B) { benchmarkScale(b, storetest.SQLite(b), passages) })
		b.Run(fmt.Sprintf("postgres/%d", passages), func(b *testing.B) { benchmarkScale(b, storetest.Postgres(b), passages) })
	}
}

func benchmarkScale(b *testing.B, url string, passages int) {
	ctx := context.Background()
	db := storetest.Open(b, url)
	m := newMadeUp()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	open := func() *kb.Library {
		l := &kb.Library{Store: store.KB{DB: db}, Index: kb.NewIndex(), Embedder: m, Log: quiet}
		if db.D.Postgres() {
			l.Near = store.Near{DB: db}
		}
		return l
	}
	type metric struct {
		value float64
		unit  string
	}
	var metrics []metric // b.Loop forgets what was reported before
	report := func(value float64, unit string) { metrics = append(metrics, metric{value, unit}) }
	truth := newTruth(m, 20)
	from := time.Now()
	storetest.Fill(b, db, url, m.Model(), truth.watch(m.articles(passages)))
	b.Logf("made up and stored in %.0f s", time.Since(from).Seconds())

	before, from := heapMB(), time.Now()
	l := open()
	if err := l.Load(ctx); err != nil {
		b.Fatal(err)
	}
	loaded := time.Since(from)
	if err := l.BuildNear(ctx); err != nil {
		b.Fatal(err)
	}
	report(time.Since(from).Seconds(), "index-s")
	b.Logf("words and articles loaded in %.0f s", loaded.Seconds())
	report(heapMB()-before, "heap-MB")
	report(truth.recall(b, l), "recall")
	if db.D.Postgres() {
		mb, err := store.One(ctx, db.Read(), store.Value[float64], "SELECT pg_total_relation_size('embeddings') / 1048576.0::float8")
		if err != nil {
			b.Fatal(err)
		}
		report(mb, "disk-MB")
	}
	benchmarkSaving(b, l, open, passages < 1_000_000, report)

	r := rand.New(rand.NewPCG(7, 7))
	zipf := rand.NewZipf(r, 1.2, 8, madeUpWords-1)
	search := func() time.Duration {
		q := kb.Question{Text: m.question(r, zipf)}
		from := time.Now()
		if _, err := l.Search(ctx, q); err != nil {
			b.Fatal(err)
		}
		return time.Since(from)
	}
	for range 50 {
		search() // PostgreSQL's pages are read once
	}
	var spent []time.Duration
	busy := busyMS()
	for b.Loop() {
		spent = append(spent, search())
	}
	report((busyMS()-busy)/float64(len(spent)), "cpu-ms")
	for len(spent) < 200 {
		spent = append(spent, search())
	}
	report(percentile(spent, 50), "p50-ms")
	report(percentile(spent, 99), "p99-ms")
	for _, m := range metrics {
		b.ReportMetric(m.value, m.unit)
	}
}

// benchmarkSaving saves articles and waits until they are found.
func benchmarkSaving(b *testing.B, l *kb.Library, open func() *kb.Library, another bool, report func(float64, string)) {
	ctx := context.Background()
	jobs := handled{}
	l.Register(jobs)
	line := &news{on: make(chan struct{})}
	other := open()
	if another {
		if err := other.Load(ctx); err != nil {
			b.Fatal(err)
		}
		if err := other.BuildNear(ctx); err != nil {
			b.Fatal(err)
		}
		l.Bus = line
		running, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- other.Run(running, line) }()
		defer func() {
			stop()
			if err := <-done; err != nil {
				b.Error(err)
			}
			l.Bus = nil
		}()
		<-line.on
	}
	until := func(l *kb.Library, text string, id desk.ID) {
		for {
			hits, err := l.Search(ctx, kb.Question{Text: text})
			if err != nil {
				b.Fatal(err)
			}
			if slices.ContainsFunc(hits, func(h kb.Hit) bool { return h.Source.ArticleID == id }) {
				return
			}
		}
	}
	var saved, embedded, elsewhere []time.Duration
	for i := range 20 {
		word := fmt.Sprintf("zeppelin%d", i)
		body := l.Embedder.(*madeUp).say(rand.New(rand.NewPCG(uint64(i), 9)), rand.NewZipf(rand.New(rand.NewPCG(uint64(i), 9)), 1.2, 8, madeUpWords-1), 200)
		from := time.Now()
		a, err := l.Save(ctx, "ann", kb.Draft{Slug: word, Lang: desk.English, Publish: true, Content: kb.Content{Title: word, Body: body, Audience: kb.Customers}})
		if err != nil {
			b.Fatal(err)
		}
		until(l, word, a.ID)
		saved = append(saved, time.Since(from))
		if another {
			until(other, word, a.ID)
			elsewhere = append(elsewhere, time.Since(from))
		}
		from = time.Now()
		jobs.embed(b, a.ID)
		until(l, word, a.ID)
		embedded = append(embedded, time.Since(from))
	}
	report(percentile(saved, 50), "saved-ms")
	report(percentile(embedded, 50), "vector-ms")
	if another {
		report(percentile(elsewhere, 50), "other-ms")
	}
}

// news is the line between two nodes.
type news struct {
	mu sync.Mutex // guards to
	to func(string, []byte)
	on chan struct{} // closed when somebody listens
}

func (n *news) Subscribe(_ string, f func(string, []byte)) (func(), error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.to = f
	close(n.on)
	return func() {}, nil
}

func (n *news) Publish(subject string, v any) error {
	data, err := json.Marshal(v)
	n.mu.Lock()
	defer n.mu.Unlock()
	if err == nil && n.to != nil {
		n.to(subject, data)
	}
	return err
}

func percentile(list []time.Duration, p int) float64 {
	slices.Sort(list)
	return float64(list[min(len(list)-1, len(list)*p/100)].Microseconds()) / 1000
}

// busyMS is how long processors have worked for this process.
func busyMS() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // 0 where there is none
	return float64(time.Duration(u.Utime.Nano()+u.Stime.Nano()).Microseconds()) / 1000
}

func heapMB() float64 {
	runtime.GC()
	runtime.GC() // what a pool kept
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// truth is what comparing everything finds.
type truth struct {
	asked [][]float32
	best  [][]far
}

type far struct {
	id    desk.ID
	place int
	sim   float32
}

const truthDepth = 10

func newTruth(m *madeUp, questions int) *truth {
	t := &truth{best: make([][]far, questions)}
	r := rand.New(rand.NewPCG(8, 8))
	for i := range questions {
		t.asked = append(t.asked, m.vector(fmt.Sprintf("%s what %d", m.topic(r.IntN(madeUpTopics)), i)))
	}
	return t
}

// watch compares what passes by, of articles that customers may read.
func (t *truth) watch(articles iter.Seq2[kb.Article, [][]float32]) iter.Seq2[kb.Article, [][]float32] {
	return func(yield func(kb.Article, [][]float32) bool) {
		for a, vecs := range articles {
			if a.Audience == kb.Customers {
				for place, v := range vecs {
					for i, q := range t.asked {
						t.offer(i, far{a.ID, place, kb.Cosine(q, v)})
					}
				}
			}
			if !yield(a, vecs) {
				return
			}
		}
	}
}

func (t *truth) offer(i int, f far) {
	best := t.best[i]
	at := len(best)
	for at > 0 && best[at-1].sim < f.sim {
		at--
	}
	if at < truthDepth {
		t.best[i] = slices.Insert(best, at, f)[:min(len(best)+1, truthDepth)]
	}
}

// recall is how many of the nearest texts a library's search takes into
// account.
func (t *truth) recall(tb testing.TB, l *kb.Library) float64 {
	tb.Helper()
	hit, all := 0, 0
	for i, q := range t.asked {
		list, err := l.NearestTexts(context.Background(), q)
		if err != nil {
			tb.Fatal(err)
		}
		list = list[:min(len(list), truthDepth)]
		for _, want := range t.best[i] {
			if all++; slices.ContainsFunc(list, func(n kb.Neighbour) bool { return n.ArticleID == want.id && n.Place == want.place }) {
				hit++
			}
		}
	}
	return float64(hit) / float64(all)
}
