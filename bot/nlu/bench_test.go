package nlu_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
)

const (
	mostUtterance = 200 * time.Microsecond
	mostModel     = 20_000_000 // bytes
)

var (
	doings  = strings.Fields("change cancel find order book pay report track return renew check send open close move")
	objects = strings.Fields("flight card table parcel invoice account meeting recipe alarm playlist")
	before  = strings.Split("please|can you|i want to|i need to|could you help me|how do i|hey|is it possible to|let me|would you|i'd like to|just", "|")
	after   = strings.Split("today|for my wife|as soon as possible|again|from last week|at the office|before friday|in the morning|with my phone|on the app|without a fee|at home|thanks|now", "|")
	between = strings.Fields("the my this that our another a")
)

// many is a training of 150 intents, so many examples each: what is done, and to
// what, among other words.
func many(each int) nlu.Training {
	rng := rand.New(rand.NewPCG(7, 7))
	t := nlu.Training{Bare: true}
	for _, do := range doings {
		for _, object := range objects {
			f := nlu.FlowExamples{Name: do + "_" + object, Examples: map[desk.Lang][]string{}}
			for range each {
				f.Examples[desk.English] = append(f.Examples[desk.English], saying(rng, do, object))
			}
			t.Flows = append(t.Flows, f)
		}
	}
	return t
}

func saying(rng *rand.Rand, do, object string) string {
	one := func(from []string) string { return from[rng.IntN(len(from))] }
	return strings.Join([]string{one(before), do, one(between), object, fmt.Sprintf("number%c", 'a'+rng.IntN(26)), one(after), one(after)}, " ")
}

// BenchmarkTrain_150Intents of 100 examples: the seconds of training, the size
// of what is saved, and the microseconds of the middle utterance, of those that
// words alone decide.
func BenchmarkTrain_150Intents(b *testing.B) {
	var m *nlu.Model
	for b.Loop() {
		start := time.Now()
		var err error
		if m, err = nlu.Train(context.Background(), many(100)); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "train-s")
	}
	size := len(m.Save())
	b.ReportMetric(float64(size)/1e6, "MB")
	if size > mostModel {
		b.Errorf("the model has %d bytes, want at most %d", size, mostModel)
	}
	middle := middleOf(m, 1000)
	b.ReportMetric(float64(middle.Nanoseconds())/1000, "us/utterance")
	if middle > mostUtterance {
		b.Errorf("an utterance takes %v, want at most %v", middle, mostUtterance)
	}
}

func middleOf(m *nlu.Model, n int) time.Duration {
	rng := rand.New(rand.NewPCG(8, 8))
	took := make([]time.Duration, n)
	for i := range took {
		s := saying(rng, doings[i%len(doings)], objects[i%len(objects)])
		start := time.Now()
		m.Judge(s)
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return took[n/2]
}

func TestTrain_150IntentsFitTheirBounds(t *testing.T) {
	m := train(t, many(6))
	if n := len(m.Save()); n > mostModel {
		t.Errorf("the model has %d bytes, want at most %d", n, mostModel)
	}
	rng, right := rand.New(rand.NewPCG(9, 9)), 0
	for i := range 150 {
		do, object := doings[i%len(doings)], objects[i/len(doings)]
		if m.Judge(saying(rng, do, object)).Ranked[0].Class == nlu.FlowClass(do+"_"+object) {
			right++
		}
	}
	if right < 140 {
		t.Errorf("%d of 150 right, want 140", right)
	}
}
