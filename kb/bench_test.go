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

// BenchmarkSearch measures a search, half of the articles and questions being
// Chinese, and how long a saved article takes to be found.
//
//	go test ./kb -run xxx -bench Search -benchtime 2000x -cpu 1
func BenchmarkSearch(b *testing.B) {
	for _, articles := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(articles), func(b *testing.B) { searchAmong(b, articles) })
	}
}

func searchAmong(b *testing.B, articles int) {
	if testing.Short() && articles > 10_000 {
		return
	}
	random := rand.New(rand.NewPCG(1, 2))
	vocabulary := map[desk.Lang][]string{}
	letters := func(of string) byte { return of[random.IntN(len(of))] }
	for range vocabularySize {
		var w strings.Builder
		for range 1 + random.IntN(4) {
			w.Write([]byte{letters("bcdfghklmnprstvw"), letters("aeiou")})
			if random.IntN(2) == 0 {
				w.WriteByte(letters("lmnrst"))
			}
		}
		vocabulary[desk.English] = append(vocabulary[desk.English], w.String())
		vocabulary[desk.Chinese] = append(vocabulary[desk.Chinese], string([]rune{rune(0x4e00 + random.IntN(3000)), rune(0x4e00 + random.IntN(3000))}))
	}
	say := func(lang desk.Lang, n int) string {
		var out []string
		for range n {
			f := random.Float64()
			out = append(out, vocabulary[lang][int(f*f*f*vocabularySize)]) // few words are said often
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
	for i := 0; b.Loop(); i++ {
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

const vocabularySize = 20_000
