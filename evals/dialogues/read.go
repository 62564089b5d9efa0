package dialogues

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/parleyhq/parley/desk"
)

// The bounds of a file.
const (
	maxLine  = 4 << 20 // bytes of a dialogue
	maxFile  = 200000  // dialogues
	maxTurns = 200     // of a dialogue
)

// Files are what a set is read from. Schema is that of the data and may be
// empty: then it is made from the data.
type Files struct {
	Data, Schema, Train string
	Limit               int  // dialogues of Data; 0: all
	Split               bool // the first two thirds of Data are learned from, the rest is replayed
}

// Load reads the dialogues to replay, and those to learn from, which share
// their flows. What is wrong is a desk.Invalid error that names the file and
// the line.
func Load(ctx context.Context, f Files) (data, train *Set, err error) {
	lines, err := readLines(ctx, f.Data, f.Limit)
	if err != nil {
		return nil, nil, err
	}
	format, err := detect(f.Data, lines)
	if err != nil {
		return nil, nil, err
	}
	var more [][]byte
	if f.Train != "" {
		if more, err = readLines(ctx, f.Train, 0); err != nil {
			return nil, nil, err
		}
		other, err := detect(f.Train, more)
		if err != nil {
			return nil, nil, err
		}
		if other != format {
			return nil, nil, desk.Errorf(desk.Invalid, "other_format", "%s is %s, but %s is %s: both must be of one format", f.Train, other, f.Data, format)
		}
	}
	var schema []byte
	if f.Schema != "" {
		if schema, err = os.ReadFile(f.Schema); err != nil {
			return nil, nil, desk.Errorf(desk.Invalid, "no_schema", "read the schema: %w", err)
		}
	}
	r := source{files: f, schema: schema, data: lines, train: more}
	if f.Split {
		if f.Train != "" || len(lines) < 3 {
			return nil, nil, desk.Errorf(desk.Invalid, "no_split", "%s: to be split it needs three dialogues, and no others to learn from", f.Data)
		}
		r.skip = len(lines) * 2 / 3
		r.files.Train, r.train, r.data = f.Data, lines[:r.skip], lines[r.skip:]
	}
	switch format {
	case WOZ2:
		return r.woz2()
	case MultiWOZ:
		return r.multiwoz()
	case SGD:
		return r.sgd()
	}
	return r.crosswoz()
}

// source is what the readers of the formats share.
type source struct {
	files       Files
	schema      []byte
	data, train [][]byte
	skip        int // lines of the file that stand before those of data
}

// both reads the two files by one reader of a dialogue.
func (r *source) both(flows []Flow, format Format, lang desk.Lang, read func(line []byte) (Dialogue, error)) (data, train *Set, err error) {
	all := func(name string, lines [][]byte, skip int) (*Set, error) {
		s := &Set{Format: format, Lang: lang, Flows: flows}
		for i, l := range lines {
			d, err := read(l)
			if err != nil {
				return nil, badLine(name, skip+i, err)
			}
			if len(d.Turns) > maxTurns {
				return nil, badLine(name, skip+i, fmt.Errorf("%d turns, the limit is %d", len(d.Turns), maxTurns))
			}
			s.Dialogues = append(s.Dialogues, d)
		}
		return s, nil
	}
	if data, err = all(r.files.Data, r.data, r.skip); err != nil {
		return nil, nil, err
	}
	if train, err = all(r.files.Train, r.train, 0); err != nil {
		return nil, nil, err
	}
	return data, train, nil
}

func badLine(name string, i int, err error) error {
	return desk.Errorf(desk.Invalid, "bad_dialogue", "%s:%d: %w", name, i+1, err)
}

// readLines reads the lines that hold something.
func readLines(ctx context.Context, name string, limit int) ([][]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, desk.Errorf(desk.Invalid, "no_file", "read the dialogues: %w", err)
	}
	defer f.Close()
	var out [][]byte
	in := bufio.NewScanner(f)
	in.Buffer(make([]byte, 0, 1<<16), maxLine)
	for in.Scan() {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("read the dialogues: %w", ctx.Err())
		}
		if len(bytes.TrimSpace(in.Bytes())) == 0 {
			continue
		}
		out = append(out, bytes.Clone(in.Bytes()))
		if limit > 0 && len(out) == limit || len(out) == maxFile {
			break
		}
	}
	if err := in.Err(); err != nil {
		return nil, desk.Errorf(desk.Invalid, "bad_dialogue", "%s:%d: %w", name, len(out)+1, err)
	}
	if len(out) == 0 {
		return nil, desk.Errorf(desk.Invalid, "no_dialogues", "%s holds no dialogues: one JSON object a line is expected", name)
	}
	return out, nil
}

// detect tells the format by the first line.
func detect(name string, lines [][]byte) (Format, error) {
	var first struct {
		Turns []struct {
			Belief json.RawMessage `json:"belief"`
			Frames json.RawMessage `json:"frames"`
			Acts   json.RawMessage `json:"acts"`
		} `json:"turns"`
	}
	if err := json.Unmarshal(lines[0], &first); err != nil {
		return "", badLine(name, 0, err)
	}
	if len(first.Turns) > 0 {
		t := first.Turns[0]
		switch {
		case t.Belief != nil:
			return WOZ2, nil
		case t.Frames != nil:
			return SGD, nil
		case len(t.Acts) > 0 && t.Acts[0] == '{':
			return MultiWOZ, nil
		case len(t.Acts) > 0 && t.Acts[0] == '[':
			return CrossWOZ, nil
		}
	}
	return "", badLine(name, 0, fmt.Errorf("a dialogue of no known format: its turns have belief (WOZ 2.0), frames (SGD) or acts (MultiWOZ: an object, CrossWOZ: a list)"))
}

// decode reads JSON and says what is wrong with it.
func decode(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("bad JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("bad JSON: more follows than one value")
	}
	return nil
}
