package wordvec

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func between(a, b []float32) float64 {
	var s float64
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}

// The numbers are those of the original graph with all its bits, run by
// TensorFlow.js.
func TestSentences_SayWhatTheOriginalSays(t *testing.T) {
	e := Sentences()
	lost, missing, weather := e.Embed("i lost my card"), e.Embed("my card is missing"), e.Embed("what is the weather")
	if got := between(lost, missing); math.Abs(got-0.7115) > 0.01 {
		t.Errorf("two ways to say it are at %.4f, want %.4f", got, 0.7115)
	}
	if got := between(lost, weather); math.Abs(got-0.1561) > 0.01 {
		t.Errorf("two things are at %.4f, want %.4f", got, 0.1561)
	}
	for i, want := range []float64{-0.0515, -0.0549, -0.0077, -0.0500, 0.0489, -0.0545} {
		if got := e.Embed("hello world")[i]; math.Abs(float64(got)-want) > 0.01 {
			t.Errorf("number %d of hello world is %.4f, want %.4f", i, got, want)
		}
	}
}

func TestSentences_WhatMeansAlikeIsNearer(t *testing.T) {
	for _, c := range []struct{ text, like, unlike string }{
		{"I lost my credit card", "my bank card was stolen", "what is the weather tomorrow"},
		{"how do I cancel my subscription", "I want to end my membership", "play some jazz music"},
		{"my parcel has not arrived", "the package was never delivered", "change my password"},
		{"did you charge me twice", "there is a duplicate payment", "did you like the concert"},
		{"waht is teh tranfser fee", "how much does a transfer cost", "what is the weather like"},
	} {
		e := Sentences()
		near, far := between(e.Embed(c.text), e.Embed(c.like)), between(e.Embed(c.text), e.Embed(c.unlike))
		if near <= far {
			t.Errorf("%q: %q is at %.2f, %q at %.2f", c.text, c.like, near, c.unlike, far)
		}
	}
}

func TestSentences_NothingEnglishIsNil(t *testing.T) {
	for _, text := range []string{"", "  ", "我要退款", "我的订单什么时候发货？", "\xff\xfe", "привет, как дела"} {
		if v := Sentences().Embed(text); v != nil {
			t.Errorf("Embed(%q) has %d numbers, want none", text, len(v))
		}
	}
}

func TestSentences_HaveLengthOneAndStayTheSame(t *testing.T) {
	e := Sentences()
	long := strings.Repeat("and then I asked about my order again ", 1000)
	for _, text := range []string{"hello", "HELLO there’s a $5.00 fee :)", "where is my order?", long, strings.Repeat("x", 10_000)} {
		v := e.Embed(text)
		if len(v) != e.Dims() || math.Abs(between(v, v)-1) > 1e-5 {
			t.Fatalf("%.20q has %d numbers of length %v, want %d of 1", text, len(v), math.Sqrt(between(v, v)), e.Dims())
		}
		e.Embed("something else in between, to leave its marks behind")
		if !slices.Equal(v, e.Embed(text)) {
			t.Errorf("%.20q has another vector the second time", text)
		}
	}
	if !slices.Equal(e.Embed("Where  is\nmy order "), e.Embed("where is my order")) {
		t.Error("case and blanks matter")
	}
}

func TestEmbedAll_IsEachByItself(t *testing.T) {
	e := Sentences()
	texts := []string{"one", "我", "where is my order", "two", ""}
	got, err := e.EmbedAll(t.Context(), texts)
	if err != nil || len(got) != len(texts) {
		t.Fatalf("%d vectors, %v", len(got), err)
	}
	for i, text := range texts {
		if !slices.Equal(got[i], e.Embed(text)) {
			t.Errorf("%q has another vector among others", text)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := e.EmbedAll(stopped, texts); err == nil {
		t.Error("went on although nobody waits")
	}
}

func TestPieces_AreTheCommonest(t *testing.T) {
	e := Sentences()
	for text, want := range map[string][]int32{ // as TensorFlow.js cuts them
		"hello":               {2002, 102},
		"hello, how are you?": {2002, 102, 8, 140, 31, 19, 54},
		"你好":                  {30, 0},
	} {
		if got := e.pieces.split(text, new(scratch)); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestDot_IsTheSameInEveryWay(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 31, 32, 33, 64, 100, 512, 1536} {
		w, x := make([]int8, n), make([]int16, n)
		var want int32
		for i := range w {
			w[i], x[i] = int8(r.IntN(255)-127), int16(r.IntN(2*finest+1)-finest)
			want += int32(w[i]) * int32(x[i])
		}
		if got := dot(w, x); got != want {
			t.Errorf("dot of %d is %d, want %d", n, got, want)
		}
		if got := dotPlain(w, x); got != want {
			t.Errorf("dotPlain of %d is %d, want %d", n, got, want)
		}
	}
}

func TestLoadEncoder_RefusesAMalformedFile(t *testing.T) {
	at := func(i int, b ...byte) []byte {
		f := bytes.Clone(englishEncoder)
		copy(f[i:], b)
		return f
	}
	textLen := int(binary.LittleEndian.Uint32(englishEncoder[12:]))
	scores := 16 + textLen
	for name, file := range map[string][]byte{
		"nothing":             nil,
		"another kind":        at(0, 'x'),
		"cut short":           englishEncoder[:len(englishEncoder)-1],
		"cut in half":         englishEncoder[:len(englishEncoder)/2],
		"something more":      append(bytes.Clone(englishEncoder), 0),
		"only its head":       englishEncoder[:8],
		"too many pieces":     at(8, 0xff, 0xff, 0xff, 0xff),
		"one piece more":      at(8, englishEncoder[8]+1),
		"a long text":         at(12, 0xff, 0xff, 0xff, 0x7f),
		"a score that is not": at(scores, 0, 0, 0xc0, 0x7f),
	} {
		if _, err := LoadEncoder(file); err == nil {
			t.Errorf("%s: was read", name)
		}
	}
}
