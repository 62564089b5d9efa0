package kb

import (
	"bufio"
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
)

// sample is the evidence for the best answer to one question.
type sample struct {
	evidence
	x     []float64
	right bool
}

func newSample(e evidence, right bool) sample { return sample{e, e.features(), right} }

// gather asks each question twice: as it is, and with what answers it left out.
// Vectors are the built-in ones; without them words alone speak.
func gather(t *testing.T, x *Index, list []asked, embed, vectors bool) []sample {
	var vecs [][]float32
	if embed {
		embedIndex(t, x)
	}
	if vectors {
		texts := make([]string, len(list))
		for i, a := range list {
			texts[i] = a.question.Text
		}
		vecs = embedTexts(t, texts)
	}
	var out []sample
	for i, a := range list {
		q := a.question
		q.Limit, q.Audience = 10, Agents
		var vec []float32
		if vectors {
			vec = vecs[i]
		}
		hits, proof, l := x.look(q.ready(), vec)
		if len(hits) == 0 {
			continue
		}
		right := slices.Contains(a.relevant, hits[0].Source.Slug)
		out = append(out, newSample(proof[0], right))
		if len(a.relevant) == 0 {
			continue
		}
		l.list = slices.DeleteFunc(l.list, func(c found) bool { return slices.Contains(a.relevant, c.entry.article.Slug) })
		if len(l.list) > 0 {
			out = append(out, newSample(judge(l.query, l.list, 0), false))
		}
	}
	return out
}

func embedTexts(t *testing.T, texts []string) [][]float32 {
	vecs, err := BuiltIn{}.Embed(context.Background(), texts)
	if err != nil {
		t.Fatal(err)
	}
	return vecs
}

// embedIndex gives the articles of an index their vectors.
func embedIndex(t *testing.T, x *Index) {
	for _, id := range x.IDs() {
		a := x.entry(id).article
		x.Put(a, embedTexts(t, Texts(a)))
	}
}

// answered is how many of ten questions something answers, as far as fit knows.
const answered = 0.6

// fit finds the weights of a logistic regression, by Newton's method with a
// little ridge. Each set counts the same.
func fit(sets map[string][]sample) []float64 {
	var n int
	for _, s := range sets {
		n = len(s[0].x)
	}
	w := make([]float64, n+1)
	for range 30 {
		g, h := make([]float64, n+1), make([][]float64, n+1)
		for i := range h {
			h[i] = make([]float64, n+1)
			h[i][i] = 1e-3
			g[i] = -1e-3 * w[i]
		}
		for _, set := range sets {
			yes := 0.0
			for _, s := range set {
				if s.right {
					yes++
				}
			}
			for _, s := range set {
				weight := (1 - answered) / math.Max(float64(len(set))-yes, 1)
				y := 0.0
				if s.right {
					weight, y = answered/yes, 1
				}
				x := append([]float64{1}, s.x...)
				p := 1 / (1 + math.Exp(-dot64(w, x)-s.before()))
				for i := range x {
					g[i] += weight * (y - p) * x[i]
					for j := range x {
						h[i][j] += weight * p * (1 - p) * x[i] * x[j]
					}
				}
			}
		}
		for i, d := range solve(h, g) {
			w[i] += d
		}
	}
	return w
}

func dot64(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// solve is Gaussian elimination; the matrix is positive definite.
func solve(a [][]float64, b []float64) []float64 {
	n := len(b)
	for i := range n {
		for j := i + 1; j < n; j++ {
			f := a[j][i] / a[i][i]
			for k := i; k < n; k++ {
				a[j][k] -= f * a[i][k]
			}
			b[j] -= f * b[i]
		}
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			b[i] -= a[i][k] * b[k]
		}
		b[i] /= a[i][i]
	}
	return b
}

// fooledAt is the share of wrong samples above the score that a tenth of the
// right ones are below.
func fooledAt(set []sample, score func(sample) float64) (fooled, area float64) {
	var yes, no []float64
	for _, s := range set {
		if s.right {
			yes = append(yes, score(s))
		} else {
			no = append(no, score(s))
		}
	}
	slices.Sort(yes)
	n := 0.0
	for _, v := range no {
		if v >= yes[len(yes)/10] {
			n++
		}
	}
	return n / float64(max(len(no), 1)), auc(yes, no)
}

func readPairs(t *testing.T, path string) [][2]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out [][2]string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if text, label, ok := strings.Cut(lines.Text(), "\t"); ok && len(out) < 20000 {
			out = append(out, [2]string{text, label})
		}
	}
	return out[1:]
}

// intents makes each label an article with up to n examples as its questions.
func intents(t *testing.T, dir string, n int, none string) (*Index, []asked) {
	questions := map[string][]string{}
	for _, p := range readPairs(t, filepath.Join(dir, "train_10shot.tsv")) {
		if len(questions[p[1]]) < n {
			questions[p[1]] = append(questions[p[1]], p[0])
		}
	}
	x := NewIndex()
	for label, list := range questions {
		x.Put(Article{ID: desk.ID(label), Slug: label, Lang: desk.English, Version: 1, Content: Content{Title: list[0], Questions: list[1:], Audience: Customers}}, nil)
	}
	var list []asked
	for _, p := range readPairs(t, filepath.Join(dir, "dev.tsv")) {
		h := fnv.New32a()
		h.Write([]byte(p[0]))
		if h.Sum32()%4 == 0 {
			list = append(list, asked{question: Question{Text: p[0], Lang: desk.English}, relevant: []string{p[1]}})
		}
	}
	if none != "" {
		for _, p := range readPairs(t, none) {
			list = append(list, asked{question: Question{Text: p[0], Lang: desk.English}})
		}
	}
	return x, list
}

// TestFit prints the weights of confidence.go, fitted to public development
// sets, and how each set comes out with those that are in the code and with
// new ones that were fitted to all other sets. Vectors are of English alone. The
// weights for what is one of several about the same thing come of dialogues, and
// are tried on the part of them that they were not fitted to.
func TestFit(t *testing.T) {
	dir := dataFolder(t)
	for _, vectors := range []bool{false, true} {
		t.Run(fmt.Sprintf("vectors %t", vectors), func(t *testing.T) {
			sets, dialogues := fitSets(t, dir, vectors)
			compare(t, sets, func(name, other string) bool { return strings.Split(other, "-")[0] != strings.Split(name, "-")[0] })
			compare(t, dialogues, func(name, other string) bool { return other != name })
		})
	}
}

// fitSets gathers the sets, and dialogues about places apart, in five parts.
func fitSets(t *testing.T, dir string, vectors bool) (sets map[string][]sample, dialogues map[string][]sample) {
	sets = map[string][]sample{}
	take := func(name string, x *Index, list []asked) { sets[name] = gather(t, x, list, vectors, vectors) }
	take("coffee-en", coffeeIndex(t), labelled(t, "en"))
	if !vectors {
		take("coffee-zh", coffeeIndex(t), labelled(t, "zh"))
		x, list := cmrc(t, dir)
		take("cmrc", x, list[:400])
	}
	for _, n := range []int{1, 3, 10} {
		x, list := intents(t, filepath.Join(dir, "intent", "banking77"), n, "")
		take(fmt.Sprint("banking-", n), x, list)
		x, list = intents(t, filepath.Join(dir, "intent", "hwu64"), n, "")
		take(fmt.Sprint("hwu-", n), x, list)
		x, list = intents(t, filepath.Join(dir, "intent", "clinc150"), n, filepath.Join(dir, "intent", "clinc150", "oos_dev.tsv"))
		take(fmt.Sprint("clinc-", n), x, list)
	}
	dialogues = map[string][]sample{}
	x, list := dstc(t, dir)
	for i, some := range slices.Collect(slices.Chunk(list, len(list)/5+1)) {
		dialogues[fmt.Sprint("dialogues-", i)] = gather(t, x, some, vectors && i == 0, vectors)
	}
	return sets, dialogues
}

// compare tries the weights of the code, and those fitted to the sets that may
// teach.
func compare(t *testing.T, sets map[string][]sample, mayTeach func(name, other string) bool) {
	by := func(w []float64) func(sample) float64 {
		return func(s sample) float64 { return s.before() + w[0] + dot64(w[1:], s.x) }
	}
	inCode := func(s sample) float64 { return s.before() + s.weights()[0] + dot64(s.weights()[1:], s.x) }
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		others := map[string][]sample{}
		for other, s := range sets {
			if mayTeach(name, other) {
				others[other] = s
			}
		}
		fooledNow, areaNow := fooledAt(sets[name], inCode)
		fooledNew, areaNew := fooledAt(sets[name], by(fit(others)))
		t.Logf("%-12s n=%5d | in the code: AUROC %.3f, answered wrongly at 90 %% kept %.3f | fitted without it: %.3f %.3f", name, len(sets[name]), areaNow, fooledNow, areaNew, fooledNew)
	}
	t.Logf("weights: %s", strings.Join(strings.Fields(fmt.Sprintf("%.2f", fit(sets))), ", "))
}
