package kb

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
)

// coffeeIndex holds testdata/articles.
func coffeeIndex(t testing.TB) *Index {
	t.Helper()
	names, err := filepath.Glob("testdata/articles/*.md")
	if err != nil || len(names) == 0 {
		t.Fatalf("no articles: %v", err)
	}
	x := NewIndex()
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := ParseFile(name, data)
		if err != nil {
			t.Fatal(err)
		}
		x.Put(Article{ID: desk.NewID(), Slug: f.Slug, Lang: f.Lang, Version: 1, Content: f.Content}, nil)
	}
	return x
}

func labelled(t *testing.T, lang string) []asked {
	t.Helper()
	data, err := os.ReadFile("testdata/questions.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var list []asked
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		cells := strings.Split(line, "\t")
		if len(cells) != 3 {
			t.Fatalf("bad line %q", line)
		}
		if cells[0] != lang {
			continue
		}
		a := asked{question: Question{Text: cells[2], Lang: desk.Lang(lang)}}
		if cells[1] != "-" {
			a.relevant = []string{cells[1]}
		}
		list = append(list, a)
	}
	return list
}

// The knowledge base answers most of what it knows, and keeps quiet about most
// of what it does not.
func TestLabelledQuestions(t *testing.T) {
	x := coffeeIndex(t)
	for _, lang := range []string{"en", "zh"} {
		s := measure(t, x, "coffee-"+lang, labelled(t, lang))
		n := float64(s.n)
		if hit := float64(s.hit1) / n; hit < 0.8 {
			t.Errorf("%s: hit@1 %.2f", lang, hit)
		}
		if right := float64(s.right) / n; right < 0.7 {
			t.Errorf("%s: answered right %.2f", lang, right)
		}
		if wrong := float64(s.wrong) / n; wrong > 0.05 {
			t.Errorf("%s: answered wrong %.2f", lang, wrong)
		}
		if fooled := float64(s.fooled) / float64(s.without); fooled > 0.1 {
			t.Errorf("%s: answered what nothing answers %.2f", lang, fooled)
		}
	}
}
