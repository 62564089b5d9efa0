// Package intents measures how well the built-in classifier understands what
// customers want, on data sets of utterances with their labels.
package intents

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// Outside is the label of utterances that belong to no intent.
const Outside = "oos"

// Row is an utterance with its label.
type Row struct {
	Text  string
	Label string
}

const (
	maxLine = 1 << 20 // bytes
	maxRows = 1_000_000
)

// Read reads the rows of files, one file after the other. A .jsonl file has
// an object a line with text, or tokens, and intent, or label; objects without
// an intent are left out. Any other file is TSV with the header text, label.
// A line that is neither is an error of Kind Invalid that names file and line.
func Read(files ...string) ([]Row, error) {
	var out []Row
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, desk.Errorf(desk.Invalid, "no_file", "read the data set: %w", err)
		}
		parse := tsvLine
		if ext := filepath.Ext(name); ext == ".jsonl" || ext == ".json" {
			parse = jsonLine
		}
		lines := bufio.NewScanner(bytes.NewReader(b))
		lines.Buffer(nil, maxLine)
		n := 0
		for ; lines.Scan(); n++ {
			line := lines.Text()
			if n == 0 {
				line = strings.TrimPrefix(line, "\ufeff")
			}
			if strings.TrimSpace(line) == "" {
				continue
			}
			row, ok, problem := parse(line, n == 0)
			if problem != "" {
				return nil, desk.Errorf(desk.Invalid, "bad_row", "%s:%d: %s", name, n+1, problem)
			}
			if ok {
				out = append(out, row)
			}
			if len(out) > maxRows {
				return nil, desk.Errorf(desk.Invalid, "too_many_rows", "%s:%d: more than %d rows; split the set", name, n+1, maxRows)
			}
		}
		if err := lines.Err(); err != nil {
			return nil, desk.Errorf(desk.Invalid, "bad_row", "%s:%d: %w", name, n+1, err)
		}
	}
	return out, nil
}

func tsvLine(line string, first bool) (Row, bool, string) {
	const want = "expected two columns divided by a tab, text and label, under the header \"text\\tlabel\""
	text, label, ok := strings.Cut(strings.TrimSuffix(line, "\r"), "\t")
	text, label = strings.TrimSpace(text), strings.TrimSpace(label)
	switch {
	case !ok || strings.Contains(label, "\t"):
		return Row{}, false, want
	case first:
		if text != "text" || label != "label" {
			return Row{}, false, want
		}
		return Row{}, false, ""
	case text == "" || label == "":
		return Row{}, false, "text or label is empty; " + want
	}
	return Row{text, label}, true, ""
}

func jsonLine(line string, _ bool) (Row, bool, string) {
	var v struct {
		Text   string
		Tokens []string
		Intent string
		Label  string
	}
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		return Row{}, false, "expected a JSON object with text (or tokens) and intent: " + err.Error()
	}
	if v.Text == "" {
		v.Text = strings.Join(v.Tokens, " ")
	}
	if v.Intent == "" {
		v.Intent = v.Label
	}
	if strings.TrimSpace(v.Text) == "" {
		return Row{}, false, "expected text or tokens"
	}
	return Row{strings.TrimSpace(v.Text), v.Intent}, v.Intent != "", ""
}

// divide separates what belongs to an intent from what does not.
func divide(rows []Row) (in []Row, out []string) {
	for _, r := range rows {
		if r.Label == Outside {
			out = append(out, r.Text)
		} else {
			in = append(in, r)
		}
	}
	return in, out
}
