package intents

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
)

// slotRow is an utterance with the values in it.
type slotRow struct {
	text    string
	tokens  []string
	places  []nlu.Token // of tokens in text; nil where the set has its own tokens
	values  []value
	intents []string
	several bool // it may have more than one intent
}

// value is a slot's value: From and To are places in the text in bytes or,
// where the set has its own tokens, counts of tokens.
type value struct {
	slot     string
	from, to int
}

// HasSlots reports whether the first row of any of the files marks the values of
// slots. What cannot be read has none.
func HasSlots(files ...string) bool {
	for _, name := range files {
		if filepath.Ext(name) != ".jsonl" && filepath.Ext(name) != ".json" {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		line, _, _ := bytes.Cut(b, []byte("\n"))
		var keys map[string]json.RawMessage
		if json.Unmarshal(line, &keys) != nil {
			continue
		}
		for _, k := range []string{"tags", "entities", "slots"} {
			if _, ok := keys[k]; ok {
				return true
			}
		}
	}
	return false
}

// readSlots reads JSONL: an object a line with tokens and tags (B-x, I-x and O,
// or the slot's name at each of its tokens), or with text and entities or slots.
func readSlots(files ...string) ([]slotRow, error) {
	var out []slotRow
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, desk.Errorf(desk.Invalid, "no_file", "read the data set: %w", err)
		}
		n := 0
		for line := range bytes.Lines(b) {
			n++
			if len(bytes.TrimSpace(line)) == 0 {
				continue
			}
			row, err := readSlotRow(line)
			if err != nil {
				return nil, desk.Errorf(desk.Invalid, "bad_row", "%s:%d: %w", name, n, err)
			}
			if out = append(out, row); len(out) > maxRows {
				return nil, desk.Errorf(desk.Invalid, "too_many_rows", "%s:%d: more than %d rows; split the set", name, n, maxRows)
			}
		}
	}
	return out, nil
}

// marked is a value as a row marks it: Start and End count characters.
type marked struct {
	Name       string
	Start, End int
}

func readSlotRow(line []byte) (slotRow, error) {
	var v struct {
		Text, Intent, Label string
		Intents             []string
		Tokens, Tags        []string
		Entities            []marked
		Slots               json.RawMessage
	}
	if err := json.Unmarshal(line, &v); err != nil {
		return slotRow{}, fmt.Errorf("expected a JSON object with tokens and tags, or text and entities: %w", err)
	}
	row := slotRow{text: v.Text, tokens: v.Tokens, intents: v.Intents, several: v.Intents != nil}
	if label := cmp.Or(v.Intent, v.Label); label != "" {
		row.intents = []string{label}
	}
	if v.Tokens != nil {
		if len(v.Tags) != len(v.Tokens) {
			return slotRow{}, fmt.Errorf("expected as many tags as tokens, got %d tags for %d tokens", len(v.Tags), len(v.Tokens))
		}
		row.text, row.values = cmp.Or(v.Text, joined(v.Tokens)), runs(v.Tags)
		return row, nil
	}
	if strings.TrimSpace(v.Text) == "" {
		return slotRow{}, fmt.Errorf("expected tokens and tags, or text and entities")
	}
	listed, err := readMarks(v.Slots)
	if err != nil {
		return slotRow{}, err
	}
	row.places = nlu.Tokens(v.Text)
	for _, t := range row.places {
		row.tokens = append(row.tokens, t.Text)
	}
	for _, m := range slices.Concat(v.Entities, listed) {
		from, ok := byteAt(v.Text, m.Start)
		to, ok2 := byteAt(v.Text, m.End)
		if !ok || !ok2 || from >= to || m.Name == "" {
			return slotRow{}, fmt.Errorf("the value of %q from character %d to %d is not in a text of %d", m.Name, m.Start, m.End, utf8.RuneCountInString(v.Text))
		}
		row.values = append(row.values, value{m.Name, from, to})
	}
	return row, nil
}

// readMarks reads slots: a list of {name, start, end}, or a map of the name to
// an object with span [start, end].
func readMarks(raw json.RawMessage) ([]marked, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var list []marked
	if json.Unmarshal(raw, &list) == nil {
		return list, nil
	}
	var named map[string]struct{ Span [2]int }
	if err := json.Unmarshal(raw, &named); err != nil {
		return nil, fmt.Errorf("expected slots as a list with name, start and end, or a map of name to span: %w", err)
	}
	for _, name := range keys(named) {
		list = append(list, marked{name, named[name].Span[0], named[name].Span[1]})
	}
	return list, nil
}

func byteAt(s string, character int) (int, bool) {
	n := 0
	for i := range s {
		if n == character {
			return i, true
		}
		n++
	}
	return len(s), n == character
}

// runs reads tags as the CoNLL scorer does: a value begins at B-, and where the
// name changes.
func runs(tags []string) []value {
	var out []value
	last := ""
	for i, tag := range tags {
		name, begins := strings.CutPrefix(tag, "B-")
		if !begins {
			name = strings.TrimPrefix(tag, "I-")
		}
		switch {
		case tag == "O" || tag == "":
			name = ""
		case begins || name != last:
			out = append(out, value{name, i, i + 1})
		default:
			out[len(out)-1].to = i + 1
		}
		last = name
	}
	return out
}

// joined writes tokens as a text: with blanks, but not between Chinese.
func joined(tokens []string) string {
	var b strings.Builder
	for i, t := range tokens {
		first, _ := utf8.DecodeRuneInString(t)
		last, _ := utf8.DecodeLastRuneInString(b.String())
		if i > 0 && (first < 0x2E80 || last < 0x2E80) {
			b.WriteByte(' ')
		}
		b.WriteString(t)
	}
	return b.String()
}

// example is the row for a tagger: values that overlap a longer one, or are
// bounded within a token, cannot be learnt.
func (r slotRow) example() nlu.Tagged {
	x := nlu.Tagged{Tokens: r.tokens, Intent: r.intent()}
	values := slices.Clone(r.values)
	slices.SortStableFunc(values, func(a, b value) int { return cmp.Compare(b.to-b.from, a.to-a.from) })
	for _, v := range values {
		s, ok := r.span(v)
		if ok && !slices.ContainsFunc(x.Spans, func(o nlu.Span) bool { return s.From < o.To && o.From < s.To }) {
			x.Spans = append(x.Spans, s)
		}
	}
	slices.SortFunc(x.Spans, func(a, b nlu.Span) int { return cmp.Compare(a.From, b.From) })
	return x
}

// intent is what the tagger is told: nothing where there may be several.
func (r slotRow) intent() string {
	if r.several || len(r.intents) != 1 {
		return ""
	}
	return r.intents[0]
}

func (r slotRow) span(v value) (nlu.Span, bool) {
	if r.places == nil {
		return nlu.Span{Slot: v.slot, From: v.from, To: v.to}, true
	}
	from := slices.IndexFunc(r.places, func(t nlu.Token) bool { return t.Start == v.from })
	to := slices.IndexFunc(r.places, func(t nlu.Token) bool { return t.End == v.to })
	return nlu.Span{Slot: v.slot, From: from, To: to + 1}, from >= 0 && to >= from
}

// found is the span in the units of the row's values.
func (r slotRow) found(s nlu.Span) value {
	if r.places == nil {
		return value{s.Slot, s.From, s.To}
	}
	return value{s.Slot, r.places[s.From].Start, r.places[s.To-1].End}
}
