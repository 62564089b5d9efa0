package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals/dialogues"
)

type evalDialogueCmd struct {
	Data     string `type:"existingfile" required:"" help:"Dialogues to replay, one JSON object a line: WOZ 2.0, MultiWOZ, schema-guided or CrossWOZ."`
	Schema   string `type:"existingfile" help:"Their schema."`
	Ontology string `type:"existingfile" help:"Their ontology (WOZ 2.0)."`
	Train    string `type:"existingfile" help:"Dialogues of the same format to learn from."`
	Split    bool   `help:"Learn from the first two thirds of the dialogues, replay the rest."`
	Limit    int    `help:"Replay only so many dialogues."`
	JSON     bool   `name:"json" help:"Print one JSON object and nothing else."`
	Wrong    int    `help:"Show so many turns after which something is wrong."`
	Write    string `type:"path" help:"Write the flows and suites made of the dialogues as a playbook into this new folder."`
}

// Run measures understanding over whole dialogues.
func (c evalDialogueCmd) Run(s *session) error {
	begin := time.Now()
	files := dialogues.Files{Data: c.Data, Schema: c.Schema, Train: c.Train, Limit: c.Limit, Split: c.Split}
	if files.Schema == "" {
		files.Schema = c.Ontology
	}
	data, train, err := dialogues.Load(s.ctx, files)
	if err != nil {
		return err
	}
	if c.Write != "" {
		if err := dialogues.Write(c.Write, data, train); err != nil {
			return err
		}
	}
	o := dialogues.Options{Wrong: c.Wrong}
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		o.Progress = func(done, total int) {
			fmt.Fprintf(os.Stderr, "\r[%-30s] %d/%d", strings.Repeat("#", 30*done/total), done, total)
			if done == total {
				fmt.Fprint(os.Stderr, "\r\033[K")
			}
		}
	}
	r, err := dialogues.Measure(s.ctx, data, train, o)
	if err != nil {
		return err
	}
	if !c.JSON {
		return r.WriteTable(s.out)
	}
	out := map[string]any{
		"command": "dialogue", "sets": map[string]any{"data": c.Data, "train": c.Train, "schema": files.Schema},
		"metrics": r.Metrics(), "flows": r.FlowMetrics(), "took_ms": time.Since(begin).Milliseconds(), "settings": r.Settings(),
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return desk.Errorf(desk.Internal, "json", "write the report: %w", err)
	}
	s.printf("%s\n", b)
	return nil
}
