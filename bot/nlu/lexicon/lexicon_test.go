package lexicon

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"
)

func cosine(t *testing.T, a, b string) float64 {
	t.Helper()
	m := Default()
	u, v := m.Embed(a), m.Embed(b)
	if u == nil || v == nil {
		t.Fatalf("no vector for %q or %q", a, b)
	}
	var s float64
	for i := range u {
		s += float64(u[i]) * float64(v[i])
	}
	return s
}

func TestEmbed_WhatMeansAlikeIsNearer(t *testing.T) {
	for _, c := range []struct{ text, like, unlike string }{
		{"money", "cash", "tree"},
		{"purchase", "buy", "sing"},
		{"vehicle", "car", "banana"},
		{"doctor", "physician", "keyboard"},
		{"I lost my credit card", "my bank card was stolen", "what is the weather tomorrow"},
		{"how do I cancel my subscription", "I want to end my membership", "play some jazz music"},
		{"my parcel has not arrived", "the package was never delivered", "change my password"},
	} {
		near, far := cosine(t, c.text, c.like), cosine(t, c.text, c.unlike)
		if near <= far {
			t.Errorf("%q: %q is at %.2f, %q at %.2f", c.text, c.like, near, c.unlike, far)
		}
	}
}

func TestEmbed_ASlipStaysNearItsWord(t *testing.T) {
	for slip, word := range map[string]string{
		"tranfser": "transfer", "waht": "what", "acount": "account", "passwrod": "password",
		"refundd": "refund", "TRANSFER": "transfer", "paymwnt": "payment", "account's": "account",
	} {
		if got := cosine(t, slip, word); got < 0.99 {
			t.Errorf("%q is at %.2f of %q", slip, got, word)
		}
	}
}

func TestEmbed_WordsWrittenAsOne(t *testing.T) {
	if got := cosine(t, "bankaccount", "bank account"); got < 0.99 {
		t.Errorf("bankaccount is at %.2f of bank account", got)
	}
}

func TestEmbed_NothingKnownIsNil(t *testing.T) {
	for _, text := range []string{"", "  ", "123 456", "我要退款", "?!", "zqxjkvw", "\xff\xfe"} {
		if v := Default().Embed(text); v != nil {
			t.Errorf("Embed(%q) has %d numbers, want none", text, len(v))
		}
	}
}

func TestEmbed_HasLengthOneAndIsTheSameEachTime(t *testing.T) {
	m := Default()
	for _, text := range []string{"hello", "where is my order?", "the the the"} {
		v := m.Embed(text)
		if len(v) != m.Dims() {
			t.Fatalf("%q has %d numbers, want %d", text, len(v), m.Dims())
		}
		var s float64
		for _, x := range v {
			s += float64(x) * float64(x)
		}
		if math.Abs(s-1) > 1e-5 {
			t.Errorf("%q has length %v", text, math.Sqrt(s))
		}
		if !slices.Equal(v, m.Embed(text)) {
			t.Errorf("%q has another vector the second time", text)
		}
	}
}

func TestEmbed_AllocatesOnlyItsAnswer(t *testing.T) {
	m := Default()
	for _, text := range []string{"where is the money that I sent yesterday?", "waht abuot teh tranfser bankaccount zqxjkvw"} {
		if n := testing.AllocsPerRun(100, func() { m.Embed(text) }); n > 1 {
			t.Errorf("%q allocates %v times, want once", text, n)
		}
	}
}

func TestWords_AsTheTableSpellsThem(t *testing.T) {
	for text, want := range map[string][]string{
		"I can't, I won't; don't!":       {"i", "can", "not", "i", "will", "not", "do", "not"},
		"The card's here – it’s Anna’s":  {"the", "card", "here", "it", "anna"},
		"top-up £10 via APP2":            {"top", "up", "via", "app"},
		"'quoted'":                       {"quoted"},
		"abcdefghijklmnopqrstuvwxyzabcd": {"abcdefghijklmnopqrstuvwx"},
		"cafe\u0301 au lait":             {"cafe", "au", "lait"},
		"it isn't":                       {"it", "is", "not"},
	} {
		var got []string
		in := words{text: text}
		for w := in.next(); w != nil; w = in.next() {
			got = append(got, string(w))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// table is a small good file.
func table() []byte {
	b := []byte(magic)
	text := "yes\nno"
	for _, n := range []int{2, 2, len(text)} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	b = append(b, text...)
	for range 2 {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(0.5))
	}
	return append(b, 1, 2, 3, 0xff)
}

func TestLoad_ReadsWhatWasWritten(t *testing.T) {
	m, err := Load(table())
	if err != nil {
		t.Fatal(err)
	}
	if m.Dims() != 2 || m.Words() != 2 {
		t.Fatalf("%d words of %d numbers, want 2 of 2", m.Words(), m.Dims())
	}
	v := m.Embed("no")
	if len(v) != 2 || math.Abs(float64(v[0]+3*v[1])) > 1e-6 || v[0] < 0 {
		t.Errorf("no is %v, want the direction of 3, -1", v)
	}
}

func TestLoad_RefusesAMalformedFile(t *testing.T) {
	at := func(i int, b ...byte) []byte {
		f := table()
		copy(f[i:], b)
		return f
	}
	good := table()
	twice := slices.Concat(at(len(magic)+8, 5)[:header], []byte("no\nno"), good[header+6:])
	for name, file := range map[string][]byte{
		"nothing":           nil,
		"another kind":      at(0, 'x'),
		"cut short":         good[:len(good)-1],
		"something more":    append(bytes.Clone(good), 0),
		"only its head":     good[:header],
		"no numbers":        at(len(magic), 0),
		"too many numbers":  at(len(magic), 0xff, 0xff, 0xff, 0xff),
		"too many words":    at(len(magic)+4, 0xff, 0xff, 0xff, 0xff),
		"a long text":       at(len(magic)+8, 0xff, 0xff, 0xff, 0xff),
		"a word twice":      twice,
		"one word":          at(header, []byte("yes no")...),
		"an empty word":     at(header, []byte("yesno\n")...),
		"scaled by nothing": at(header+6, 0, 0, 0xc0, 0x7f),
	} {
		if _, err := Load(file); err == nil {
			t.Errorf("%s: was read", name)
		}
	}
}

func BenchmarkEmbed(b *testing.B) {
	m := Default()
	b.ReportAllocs()
	for b.Loop() {
		m.Embed("I transferred money to my friend yesterday but it has not arrived")
	}
}

func BenchmarkEmbed_Slips(b *testing.B) {
	m := Default()
	b.ReportAllocs()
	for b.Loop() {
		m.Embed("waht abuot teh tranfser")
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(english); err != nil {
			b.Fatal(err)
		}
	}
}
