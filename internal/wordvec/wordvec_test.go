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
func TestEmbed_SayWhatTheOriginalSays(t *testing.T) {
	whole := func(text string) []float32 { // the part that is theirs
		v := Default().Embed(text)[:512]
		stretch(v, 1)
		return v
	}
	lost, missing, weather := whole("i lost my card"), whole("my card is missing"), whole("what is the weather")
	if got := between(lost, missing); math.Abs(got-0.7115) > 0.01 {
		t.Errorf("two ways to say it are at %.4f, want %.4f", got, 0.7115)
	}
	if got := between(lost, weather); math.Abs(got-0.1561) > 0.01 {
		t.Errorf("two things are at %.4f, want %.4f", got, 0.1561)
	}
	for i, want := range []float64{-0.0515, -0.0549, -0.0077, -0.0500, 0.0489, -0.0545} {
		if got := whole("hello world")[i]; math.Abs(float64(got)-want) > 0.01 {
			t.Errorf("number %d of hello world is %.4f, want %.4f", i, got, want)
		}
	}
}

func TestEmbed_WhatMeansAlikeIsNearer(t *testing.T) {
	for _, c := range []struct{ text, like, unlike string }{
		{"I lost my credit card", "my bank card was stolen", "what is the weather tomorrow"},
		{"how do I cancel my subscription", "I want to end my membership", "play some jazz music"},
		{"my parcel has not arrived", "the package was never delivered", "change my password"},
		{"did you charge me twice", "there is a duplicate payment", "did you like the concert"},
		{"waht is teh tranfser fee", "how much does a transfer cost", "what is the weather like"},
	} {
		e := Default()
		near, far := between(e.Embed(c.text), e.Embed(c.like)), between(e.Embed(c.text), e.Embed(c.unlike))
		if near <= far {
			t.Errorf("%q: %q is at %.2f, %q at %.2f", c.text, c.like, near, c.unlike, far)
		}
	}
}

func TestEmbed_NothingEnglishIsNil(t *testing.T) {
	for _, text := range []string{"", "  ", "我要退款", "我的订单什么时候发货？", "\xff\xfe", "привет, как дела"} {
		if v := Default().Embed(text); v != nil {
			t.Errorf("Embed(%q) has %d numbers, want none", text, len(v))
		}
	}
}

func TestEmbed_HaveLengthOneAndStayTheSame(t *testing.T) {
	e := Default()
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
	e := Default()
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
	e := Default()
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

func TestDot4_IsFourTimesDot(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{0, 1, 31, 32, 33, 100, 512} {
		stride := n + 5
		w, x := make([]int8, n), make([]int16, 3*stride+n)
		for i := range w {
			w[i] = int8(r.IntN(255) - 127)
		}
		for i := range x {
			x[i] = int16(r.IntN(2*finest+1) - finest)
		}
		for k, got := range dot4(w, x, stride) {
			if want := dotPlain(w, x[k*stride:]); got != want {
				t.Errorf("%d numbers, row %d: got %d, want %d", n, k, got, want)
			}
		}
	}
}

func TestRound_IsTheSameInEveryWay(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{0, 1, 15, 16, 17, 100} {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		whole, plain := make([]int16, n), make([]int16, n)
		toWhole(whole, x, 1000)
		toWholePlain(plain, x, 1000)
		if !slices.Equal(whole, plain) {
			t.Errorf("%d numbers: got %v, want %v", n, whole, plain)
		}
		unit := round(whole, x)
		for i, v := range x {
			if d := float32(whole[i])*unit - v; d > unit || d < -unit {
				t.Errorf("%d numbers: %v became %v", n, v, float32(whole[i])*unit)
			}
		}
	}
}

func TestLoad_RefusesAMalformedFile(t *testing.T) {
	at := func(i int, b ...byte) []byte {
		f := bytes.Clone(english)
		copy(f[i:], b)
		return f
	}
	textLen := int(binary.LittleEndian.Uint32(english[12:]))
	scores := 16 + textLen
	for name, file := range map[string][]byte{
		"nothing":             nil,
		"another kind":        at(0, 'x'),
		"cut short":           english[:len(english)-1],
		"cut in half":         english[:len(english)/2],
		"something more":      append(bytes.Clone(english), 0),
		"only its head":       english[:8],
		"too many pieces":     at(8, 0xff, 0xff, 0xff, 0xff),
		"one piece more":      at(8, english[8]+1),
		"a long text":         at(12, 0xff, 0xff, 0xff, 0x7f),
		"a score that is not": at(scores, 0, 0, 0xc0, 0x7f),
	} {
		if _, err := Load(file); err == nil {
			t.Errorf("%s: was read", name)
		}
	}
}

func TestEmbed_ASlipStaysNearItsSentence(t *testing.T) {
	e := Default()
	for slip, right := range map[string]string{
		"how do I tranfser money": "how do I transfer money",
		"my acount is blocked":    "my account is blocked",
		"i forgot my pasword":     "i forgot my password",
	} {
		if near, far := between(e.Embed(slip), e.Embed(right)), between(e.Embed(slip), e.Embed("what is the weather like")); near < far+0.2 {
			t.Errorf("%q is at %.2f of itself, %.2f of the weather", slip, near, far)
		}
	}
}

func TestEmbed_AllocatesOnlyItsAnswer(t *testing.T) {
	e := Default()
	text := "where is the money that I sent yesterday?"
	e.Embed(text)
	if n := testing.AllocsPerRun(20, func() { e.Embed(text) }); n > 2 { // the pool may be emptied once
		t.Errorf("allocates %v times, want once", n)
	}
}

func BenchmarkEmbed(b *testing.B) {
	e := Default()
	b.ReportAllocs()
	for b.Loop() {
		e.Embed("I transferred money to my friend yesterday but it has not arrived")
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(english); err != nil {
			b.Fatal(err)
		}
	}
}
