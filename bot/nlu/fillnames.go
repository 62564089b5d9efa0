package nlu

import (
	"slices"
	"strings"
)

// fillToken is a word, a Han character or a sign of a plain text.
type fillToken struct {
	s        string
	from, to int
	hash     uint32
}

// maxFillTokens bounds how much of an utterance is weighed.
const maxFillTokens = 120

func fillTokens(s string) []fillToken {
	var out []fillToken
	start := -1
	flush := func(end int) {
		if start >= 0 {
			out = append(out, fillToken{s: s[start:end], from: start, to: end})
		}
		start = -1
	}
	for i, r := range s {
		if len(out) >= maxFillTokens {
			return out
		}
		switch {
		case isHan(r):
			flush(i)
			out = append(out, fillToken{s: string(r), from: i, to: i + len(string(r))})
		case r < 0x80 && isWord(byte(r)) || r == '\'' && start >= 0 || r > 0x80 && r < 0x2000:
			if start < 0 {
				start = i
			}
		case (r == '.' || r == ':') && start >= 0 && i+1 < len(s) && s[i-1] >= '0' && s[i-1] <= '9' && s[i+1] >= '0' && s[i+1] <= '9':
		case r == ' ' || r == '\n' || r == '\t':
			flush(i)
		default:
			flush(i)
			out = append(out, fillToken{s: string(r), from: i, to: i + len(string(r))})
		}
	}
	flush(len(s))
	for i := range out {
		out[i].hash = hashOf('t', out[i].s)
	}
	return out
}

// names are the known values of slots that any words could fill.
type names struct {
	byWords map[string][]nameOf // by nameKey
	longest int                 // in tokens
}

// nameOf is a slot that the name was a value of. A name that only one
// conversation spoke of is unknown while learning from it.
type nameOf struct{ slot, value, only string }

// maxName bounds how many tokens of a name are looked up.
const maxName = 24

// nameKey is how a name is found again: its tokens, signs and a leading article
// left out.
func nameKey(ts []fillToken) string {
	var b strings.Builder
	for i, t := range ts {
		if len(t.s) == 1 && !isWord(t.s[0]) || i == 0 && t.s == "the" && len(ts) > 1 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.s)
	}
	return b.String()
}

func (n *names) add(slot, value, talk string) {
	ts := fillTokens(newPlain(value).s)
	if len(ts) == 0 || len(ts) > maxName {
		return
	}
	key := nameKey(ts)
	if key == "" {
		return
	}
	if i := slices.IndexFunc(n.byWords[key], func(o nameOf) bool { return o.slot == slot }); i >= 0 {
		if o := &n.byWords[key][i]; o.only != talk {
			o.only = ""
		}
		return
	}
	if n.byWords == nil {
		n.byWords = map[string][]nameOf{}
	}
	n.byWords[key] = append(n.byWords[key], nameOf{slot, value, talk})
	n.longest = max(n.longest, len(ts))
}

// find calls f with every known name in the tokens that no longer name of the
// same slot holds within it.
func (n *names) find(ts []fillToken, talk string, f func(from, to int, o nameOf)) {
	ends := map[string]int{}
	for i := range ts {
		for l := min(n.longest+2, len(ts)-i); l > 0; l-- {
			if first, last := ts[i].s, ts[i+l-1].s; len(first) == 1 && !isWord(first[0]) || len(last) == 1 && !isWord(last[0]) {
				continue
			}
			for _, o := range n.byWords[nameKey(ts[i:i+l])] {
				if ends[o.slot] < i+l && (talk == "" || o.only != talk) {
					ends[o.slot] = i + l
					f(i, i+l, o)
				}
			}
		}
	}
}
