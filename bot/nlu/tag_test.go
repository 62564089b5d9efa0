package nlu_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/parleyhq/parley/bot/nlu"
)

// marked reads "play [hey jude|track] now" into an example.
func marked(text, intent string) nlu.Tagged {
	x := nlu.Tagged{Intent: intent}
	add := func(s string) {
		for _, t := range nlu.Tokens(s) {
			x.Tokens = append(x.Tokens, t.Text)
		}
	}
	for {
		before, rest, ok := strings.Cut(text, "[")
		add(before)
		if !ok {
			return x
		}
		inside, after, _ := strings.Cut(rest, "]")
		value, slot, _ := strings.Cut(inside, "|")
		from := len(x.Tokens)
		add(value)
		x.Spans = append(x.Spans, nlu.Span{Slot: slot, From: from, To: len(x.Tokens)})
		text = after
	}
}

func travel() []nlu.Tagged {
	var out []nlu.Tagged
	names := []string{"Anna Schmidt", "John Miller", "Wei Chen", "Maria Garcia Lopez", "Bob Stone", "Lena Fischer"}
	towns := []string{"Paris", "New York", "Rome", "Los Angeles", "Oslo", "Hamburg"}
	for i, name := range names {
		town, other := towns[i], towns[(i+1)%len(towns)]
		out = append(out,
			marked("book a flight from ["+town+"|from] to ["+other+"|to] for ["+name+"|name]", "book"),
			marked("my name is ["+name+"|name]", "book"),
			marked("["+name+"|name], I want to go to ["+town+"|to]", "book"),
			marked("what is the weather in ["+town+"|place]", "weather"),
			marked("hello, can you help me", ""),
		)
	}
	for _, p := range []string{"北京", "上海", "广州", "深圳", "杭州"} {
		out = append(out, marked("我要去["+p+"|to]", "book"), marked("从["+p+"|from]出发", "book"))
	}
	return out
}

func trainTravel(t *testing.T) *nlu.Tagger {
	t.Helper()
	tagger, err := nlu.TrainTagger(context.Background(), travel())
	if err != nil {
		t.Fatal(err)
	}
	return tagger
}

func found(tagger *nlu.Tagger, text, intent string) string {
	var tokens, out []string
	for _, t := range nlu.Tokens(text) {
		tokens = append(tokens, t.Text)
	}
	for _, s := range tagger.Tag(tokens, intent) {
		out = append(out, fmt.Sprintf("%s=%s", s.Slot, strings.Join(tokens[s.From:s.To], " ")))
	}
	return strings.Join(out, " ")
}

func TestValuesAreFoundByWhatStandsAroundThem(t *testing.T) {
	tagger := trainTravel(t)
	for _, c := range []struct{ text, intent, want string }{
		{"book a flight from Lisbon to Madrid for Ivan Petrov", "book", "from=Lisbon to=Madrid name=Ivan Petrov"},
		{"my name is Olga Berg", "book", "name=Olga Berg"},
		{"what is the weather in Lisbon", "weather", "place=Lisbon"},
		{"我要去成都", "book", "to=成 都"},
		{"can you help me", "", ""},
		{"", "book", ""},
		{"my name is Olga Berg", "never heard of", "name=Olga Berg"},
	} {
		if got := found(tagger, c.text, c.intent); got != c.want {
			t.Errorf("%q: found %q, want %q", c.text, got, c.want)
		}
	}
}

func TestConfidenceIsLowerWhereTheWordsAreStrange(t *testing.T) {
	tagger := trainTravel(t)
	sure := func(text string) float64 {
		var tokens []string
		for _, x := range nlu.Tokens(text) {
			tokens = append(tokens, x.Text)
		}
		least := 1.0
		for _, s := range tagger.Tag(tokens, "book") {
			if s.Confidence < 0 || s.Confidence > 1 {
				t.Errorf("%q: confidence %v", text, s.Confidence)
			}
			least = min(least, s.Confidence)
		}
		return least
	}
	if known, strange := sure("my name is John Miller"), sure("zebra quux name is Flumpo to Bingle from"); known < 0.7 || strange >= known {
		t.Errorf("confidence is %.2f of what was learnt, %.2f of nonsense", known, strange)
	}
}

func TestATaggerIsTheSameEachTimeAndAfterLoading(t *testing.T) {
	a, b := trainTravel(t).Save(), trainTravel(t).Save()
	if !bytes.Equal(a, b) {
		t.Error("two trainings differ")
	}
	loaded, err := nlu.LoadTagger(a)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(loaded.Slots(), []string{"from", "name", "place", "to"}) {
		t.Errorf("slots are %v", loaded.Slots())
	}
	fresh := trainTravel(t)
	for _, x := range travel() {
		text := strings.Join(x.Tokens, " ")
		if got, want := found(loaded, text, x.Intent), found(fresh, text, x.Intent); got != want {
			t.Errorf("%q: %q after loading, %q before", text, got, want)
		}
	}
}

func TestWhatIsNoTaggerIsRefused(t *testing.T) {
	whole := trainTravel(t).Save()
	for _, b := range [][]byte{nil, []byte("parley-tag-1\n"), whole[:len(whole)/2], whole[:len(whole)-1], append(slices.Clone(whole), 0)} {
		if _, err := nlu.LoadTagger(b); err == nil {
			t.Errorf("%d bytes were taken for a tagger of %d", len(b), len(whole))
		}
	}
	for i := range 64 { // broken bytes are an error or a tagger, never a panic
		b := slices.Clone(whole)
		b[len(tagHead)+i*(len(b)-len(tagHead))/64] ^= 0xFF
		if tagger, err := nlu.LoadTagger(b); err == nil {
			found(tagger, "my name is John Miller", "book")
		}
	}
}

const tagHead = "parley-tag-1\n"

func TestWrongSpansAreRefused(t *testing.T) {
	for _, spans := range [][]nlu.Span{
		{{Slot: "a", From: 0, To: 3}}, {{Slot: "a", From: 1, To: 1}}, {{Slot: "", From: 0, To: 1}},
		{{Slot: "a", From: 0, To: 2}, {Slot: "b", From: 1, To: 2}},
	} {
		if _, err := nlu.TrainTagger(context.Background(), []nlu.Tagged{{Tokens: []string{"x", "y"}, Spans: spans}}); err == nil {
			t.Errorf("%v was taken", spans)
		}
	}
}

func TestTrainingATaggerStopsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := nlu.TrainTagger(ctx, travel()); err == nil {
		t.Error("it went on")
	}
}

func TestTokensKnowWhereTheyStand(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"I'd like 2 lattes, please!", "I'd like 2 lattes , please !"},
		{"送到人民路12号A座", "送 到 人 民 路 12 号 A 座"},
		{"on 3.50 at 15:04 a-17 x-ray x.", "on 3.50 at 15:04 a-17 x - ray x ."},
		{"", ""},
		{"e\u0301t\u00e9 \xff!", "e\u0301t\u00e9 \xff !"},
	} {
		var got []string
		for _, x := range nlu.Tokens(c.text) {
			if c.text[x.Start:x.End] != x.Text {
				t.Errorf("%q: %q is not at %d to %d", c.text, x.Text, x.Start, x.End)
			}
			got = append(got, x.Text)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q is %q, want %q", c.text, strings.Join(got, " "), c.want)
		}
	}
}
