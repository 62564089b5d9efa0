package kb

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
)

// BenchmarkSearch measures a search among 10,000 articles, half of them
// Chinese, and how long a saved article takes to be found.
//
//	go test ./kb -run xxx -bench Search -benchtime 5000x
func BenchmarkSearch(b *testing.B) {
	const articles = 10000
	random := rand.New(rand.NewPCG(1, 2))
	vocabulary := map[desk.Lang][]string{}
	for range 8000 {
		var w strings.Builder
		for range 2 + random.IntN(3) {
			w.WriteString([]string{"ka", "to", "ri", "men", "sul", "ban", "per", "dol", "wex", "ing"}[random.IntN(10)])
		}
		vocabulary[desk.English] = append(vocabulary[desk.English], w.String())
		vocabulary[desk.Chinese] = append(vocabulary[desk.Chinese], string([]rune{rune(0x4e00 + random.IntN(3000)), rune(0x4e00 + random.IntN(3000))}))
	}
	say := func(lang desk.Lang, n int) string {
		var out []string
		for range n {
			f := random.Float64()
			out = append(out, vocabulary[lang][int(f*f*f*8000)]) // few words are said often
		}
		if lang == desk.Chinese {
			return strings.Join(out, "")
		}
		return strings.Join(out, " ")
	}
	make := func(i int) Article {
		lang := []desk.Lang{desk.English, desk.Chinese}[i%2]
		return Article{ID: desk.ID(fmt.Sprint(i)), Slug: fmt.Sprint(i), Lang: lang, Version: 1, Content: Content{
			Title: say(lang, 3), Questions: []string{say(lang, 8), say(lang, 7)}, Body: say(lang, 120), Audience: Customers}}
	}
	x := NewIndex()
	for i := range articles {
		x.Put(make(i), nil)
	}
	var found, saved []time.Duration
	for i := range b.N {
		lang := []desk.Lang{desk.English, desk.Chinese}[i%2]
		q := Question{Text: say(lang, 7), Lang: lang}
		from := time.Now()
		x.Search(q)
		found = append(found, time.Since(from))
		if i%20 == 0 {
			a := make(random.IntN(articles))
			from := time.Now()
			x.Put(a, nil)
			saved = append(saved, time.Since(from))
		}
	}
	at := func(list []time.Duration, p int) float64 {
		slices.Sort(list)
		return float64(list[min(len(list)-1, len(list)*p/100)].Nanoseconds()) / 1000
	}
	b.ReportMetric(at(found, 50), "p50-us")
	b.ReportMetric(at(found, 99), "p99-us")
	b.ReportMetric(at(saved, 50), "put-us")
}
