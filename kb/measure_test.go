package kb

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
)

// The public question sets are not part of the project. With PARLEY_DATA
// naming the folder that has kb/cmrc2018_zh and kb/dstc11_track5_en, the tests
// below measure the search on them and hold it to what it reached before.
// PARLEY_EVIDENCE names a file to write the evidence of each question to.
func dataFolder(t *testing.T) string {
	dir := os.Getenv("PARLEY_DATA")
	if dir == "" {
		t.Skip("NOT MEASURED: set PARLEY_DATA to the folder with the public question sets")
	}
	return dir
}

type asked struct {
	question Question
	relevant []string // article slugs; none: nothing answers
	answers  []string
}

// scores counts how a set of questions went.
type scores struct {
	n, hit1, hit3, hit5 int
	mrr                 float64
	spent               []time.Duration
	right, wrong        int // answered confidently, by the right article or by another
	refused             int // of questions that something answers
	fooled, without     int // questions that nothing answers: answered all the same, and all of them
	extracts, contained int
	chars               int
	yes, no             []float64 // confidence of the right answers, of the wrong
}

func (s *scores) String() string {
	n := float64(max(s.n, 1))
	slices.Sort(s.spent)
	return fmt.Sprintf("n=%d hit@1 %.1f hit@3 %.1f hit@5 %.1f MRR %.1f | answered right %.1f%% wrong %.1f%% refused %.1f%% | nothing answers: n=%d, refused %.1f%% | AUC %.3f | extract has the answer %.1f%%, %d chars | p50 %s p95 %s",
		s.n, 100*float64(s.hit1)/n, 100*float64(s.hit3)/n, 100*float64(s.hit5)/n, 100*s.mrr/n,
		100*float64(s.right)/n, 100*float64(s.wrong)/n, 100*float64(s.refused)/n,
		s.without, 100*float64(s.without-s.fooled)/float64(max(s.without, 1)), auc(s.yes, s.no),
		100*float64(s.contained)/float64(max(s.extracts, 1)), s.chars/max(s.extracts, 1),
		s.spent[len(s.spent)/2], s.spent[len(s.spent)*95/100])
}

// auc is the chance that a right answer is trusted more than a wrong one.
func auc(yes, no []float64) float64 {
	if len(yes) == 0 || len(no) == 0 {
		return 0
	}
	slices.Sort(no)
	sum := 0.0
	for _, y := range yes {
		below, _ := slices.BinarySearch(no, y)
		upTo, _ := slices.BinarySearchFunc(no, y, func(a, b float64) int {
			if a <= b {
				return -1
			}
			return 1
		})
		sum += float64(below) + float64(upTo-below)/2
	}
	return sum / float64(len(yes)) / float64(len(no))
}

func measure(t *testing.T, x *Index, name string, list []asked) *scores {
	var dump *os.File
	if path := os.Getenv("PARLEY_EVIDENCE"); path != "" {
		var err error
		if dump, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
			t.Fatal(err)
		}
		defer dump.Close()
	}
	s := &scores{}
	write := func(e evidence, label int) {
		if dump != nil {
			fmt.Fprintf(dump, "%s\t%d\t%v\n", name, label, e)
		}
	}
	for _, a := range list {
		q := a.question
		q.Limit, q.Audience = 10, Agents
		q = q.ready()
		start := time.Now()
		hits, proof, l := x.look(q, nil)
		s.spent = append(s.spent, time.Since(start))
		isRight := func(i int) bool { return slices.Contains(a.relevant, hits[i].Source.Slug) }
		if len(a.relevant) > 0 {
			s.n++
			rank := slices.IndexFunc(hits, func(h Hit) bool { return slices.Contains(a.relevant, h.Source.Slug) })
			if rank >= 0 {
				s.mrr += 1 / float64(rank+1)
				s.hit1, s.hit3, s.hit5 = s.hit1+one(rank < 1), s.hit3+one(rank < 3), s.hit5+one(rank < 5)
			}
			if len(hits) == 0 || proof[0].confidence() < sure {
				s.refused++
			} else if isRight(0) {
				s.right++
			} else {
				s.wrong++
			}
			if len(hits) > 0 {
				write(proof[0], one(isRight(0)))
				if isRight(0) {
					s.yes = append(s.yes, proof[0].confidence())
					if len(a.answers) > 0 {
						text, _ := x.extract(l, 0)
						s.extracts++
						s.chars += len([]rune(text))
						s.contained += one(slices.ContainsFunc(a.answers, func(w string) bool { return strings.Contains(text, w) }))
					}
				} else {
					s.no = append(s.no, proof[0].confidence())
				}
			}
		}
		// The same question when what answers it is not there.
		l.list = slices.DeleteFunc(l.list, func(c found) bool { return slices.Contains(a.relevant, c.entry.article.Slug) })
		s.without++
		if len(l.list) > 0 {
			e := judge(l.query, l.list, 0)
			write(e, 0)
			s.no = append(s.no, e.confidence())
			s.fooled += one(e.confidence() >= sure)
		}
	}
	t.Logf("%s: %s", name, s)
	return s
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func readLines[T any](t *testing.T, path string) []T {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

func cmrc(t *testing.T, dir string) (*Index, []asked) {
	dir = filepath.Join(dir, "kb", "cmrc2018_zh")
	x := NewIndex()
	for _, d := range readLines[struct{ ID, Title, Content string }](t, filepath.Join(dir, "corpus_dev.jsonl")) {
		x.Put(Article{ID: desk.NewID(), Slug: d.ID, Lang: desk.Chinese, Version: 1, Content: Content{Title: d.Title, Body: d.Content, Audience: Customers}}, nil)
	}
	var list []asked
	for _, q := range readLines[struct {
		Query             string
		Relevant, Answers []string
	}](t, filepath.Join(dir, "queries_dev.jsonl")) {
		list = append(list, asked{Question{Text: q.Query, Lang: desk.Chinese}, q.Relevant, q.Answers})
	}
	return x, list
}

func TestMeasure_CMRC(t *testing.T) {
	x, list := cmrc(t, dataFolder(t))
	s := measure(t, x, "cmrc", list)
	if hit := float64(s.hit1) / float64(s.n); hit < 0.98 {
		t.Errorf("hit@1 %.3f, want at least 0.98", hit)
	}
}

func dstc(t *testing.T, dir string) (*Index, []asked) {
	dir = filepath.Join(dir, "kb", "dstc11_track5_en")
	x := NewIndex()
	isFAQ := map[string]bool{}
	for _, d := range readLines[struct{ ID, Domain, Entity, Type, Question, Answer string }](t, filepath.Join(dir, "corpus.jsonl")) {
		if d.Type != "faq" {
			continue
		}
		isFAQ[d.ID] = true
		x.Put(Article{ID: desk.NewID(), Slug: d.ID, Lang: desk.English, Version: 1,
			Content: Content{Title: d.Entity, Questions: []string{d.Question}, Body: d.Answer, Audience: Customers}}, nil)
	}
	var list []asked
	for _, q := range readLines[struct {
		Turns          [][2]string
		NeedsKnowledge bool `json:"needs_knowledge"`
		Relevant       []string
	}](t, filepath.Join(dir, "queries_dev.jsonl")) {
		var context []string
		for _, turn := range q.Turns {
			context = append(context, turn[1])
		}
		last := len(context) - 1
		var relevant []string
		for _, id := range q.Relevant {
			if isFAQ[id] {
				relevant = append(relevant, id)
			}
		}
		if q.NeedsKnowledge && len(relevant) == 0 {
			continue // answered by reviews alone
		}
		list = append(list, asked{Question{Text: context[last], Lang: desk.English, Context: context[:last]}, relevant, nil})
	}
	return x, list
}

func TestMeasure_DSTC11(t *testing.T) {
	x, list := dstc(t, dataFolder(t))
	s := measure(t, x, "dstc", list)
	if hit := float64(s.hit1) / float64(s.n); hit < 0.38 {
		t.Errorf("hit@1 %.3f by words alone, want at least 0.38", hit)
	}
}
