package main

import (
	"encoding/json"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals/replies"
)

type evalAssistCmd struct {
	Data    string `type:"existingfile" help:"Recorded conversations with the replies that agents picked, one JSON object a line: id, tasks, domains, events."`
	Train   string `type:"existingfile" help:"Conversations whose replies are the past ones; without them, the rest of the data at a time."`
	Corpus  string `type:"existingfile" help:"Knowledge, one JSON object a line: id, entity, question, answer."`
	Queries string `type:"existingfile" help:"Conversations to be answered from it: id, turns, needs_knowledge, relevant."`
	JSON    bool   `name:"json" help:"Print one JSON object and nothing else."`
}

// Run measures how good suggested replies are.
func (c evalAssistCmd) Run(s *session) error {
	start := time.Now()
	if c.Data == "" && c.Queries == "" || (c.Corpus == "") != (c.Queries == "") {
		return desk.Errorf(desk.Invalid, "no_data", "give --data, or --corpus and --queries, or all three")
	}
	o := replies.Options{Progress: bar("suggesting")}
	bad := func(err error) error { return desk.Errorf(desk.Invalid, "bad_file", "%w", err) }
	var err error
	for path, into := range map[string]*[]replies.Chat{c.Data: &o.Data, c.Train: &o.Train} {
		if path == "" {
			continue
		}
		if *into, err = replies.ReadChats(path); err != nil {
			return bad(err)
		}
	}
	if c.Corpus != "" {
		if o.Corpus, err = replies.ReadSnippets(c.Corpus); err != nil {
			return bad(err)
		}
		if o.Queries, err = replies.ReadQueries(c.Queries); err != nil {
			return bad(err)
		}
	}
	report, err := replies.Run(s.ctx, o)
	if err != nil {
		return err
	}
	took := time.Since(start).Milliseconds()
	if c.JSON {
		return json.NewEncoder(s.out).Encode(map[string]any{"command": "assist", "sets": report.Sets, "metrics": report.Metrics, "groups": report.Groups, "took_ms": took,
			"settings": map[string]any{"data": c.Data, "train": c.Train, "corpus": c.Corpus, "queries": c.Queries}})
	}
	s.figures(report.Sets, report.Metrics, took)
	if len(report.Groups) > 0 {
		s.printf("\n%-12s %-28s %8s %8s %8s %8s\n", "domain", "task", "replies", "first", "three", "shown")
	}
	for _, g := range report.Groups {
		s.printf("%-12s %-28s %8d %6.1f %% %6.1f %% %6.1f %%\n", g.Domain, g.Task, g.Replies, 100*g.First, 100*g.AmongThree, 100*g.Shown)
	}
	return nil
}
