package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/playbook"
)

// keeping is the file in which a run keeps its finished cases: what it is of
// in the first line, then one case a line. A nil one keeps nothing.
type keeping struct {
	file     *os.File
	finished map[string]evals.CaseResult
	err      error
}

// keptHead says what the cases of such a file are of.
type keptHead struct {
	Playbook string `json:"playbook"`
	Digest   string `json:"digest"`
	Model    string `json:"model,omitempty"` // or the recording that is replayed
}

// resume opens the file of --resume, with what a run that was cut off has left
// in it; nil without the flag.
func (c evalRunCmd) resume(p *playbook.Playbook, model string) (*keeping, error) {
	if c.Resume == "" {
		return nil, nil
	}
	if c.Record != "" {
		return nil, desk.Errorf(desk.Invalid, "record_whole", "a recording is of a whole run: leave out --resume or --record")
	}
	head := keptHead{p.Name, p.Files.Digest(), c.Replay}
	if c.Model {
		head.Model = model
	}
	k := &keeping{finished: map[string]evals.CaseResult{}}
	var err error
	if k.file, err = os.OpenFile(c.Resume, os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, fmt.Errorf("open %s: %w", c.Resume, err)
	}
	lines := bufio.NewScanner(k.file)
	lines.Buffer(nil, 16<<20)
	if !lines.Scan() {
		k.write(head)
		return k, errors.Join(lines.Err(), k.err)
	}
	var of keptHead
	if err := json.Unmarshal(lines.Bytes(), &of); err != nil || of != head {
		_ = k.file.Close()
		return nil, desk.Errorf(desk.Conflict, "other_run", "%s holds cases of another run: the playbook or the model has changed since, or it is another file; remove it to begin anew", c.Resume)
	}
	for lines.Scan() {
		var r evals.CaseResult
		if json.Unmarshal(lines.Bytes(), &r) == nil && r.Key != "" { // the last line may be cut off
			k.finished[r.Key] = r
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", c.Resume, err)
	}
	_, err = k.file.WriteString("\n") // ends a line that was cut off
	return k, err
}

func (k *keeping) take(p evals.Progress) {
	if k != nil && !p.Before {
		k.write(p.Case)
	}
}

func (k *keeping) write(v any) {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = k.file.Write(append(b, '\n'))
	}
	k.err = errors.Join(k.err, err)
}

// close lets go of the file; of a run that came to its end it is removed.
func (k *keeping) close(ended bool) error {
	if k == nil {
		return nil
	}
	err := errors.Join(k.err, k.file.Close())
	if ended && err == nil {
		err = os.Remove(k.file.Name())
	}
	return err
}
