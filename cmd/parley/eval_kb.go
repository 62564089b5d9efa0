package main

import (
	"encoding/json"
	"time"

	"github.com/parleyhq/parley/evals/retrieval"
)

type evalKBCmd struct {
	Corpus       string `required:"" type:"existingfile" help:"Documents, one JSON object a line: id with title, content or question, answer (entity, type, lang)."`
	Queries      string `required:"" type:"existingfile" help:"Questions: id with query or turns, and relevant, the ids of the documents that answer."`
	TrainQueries string `type:"existingfile" help:"Questions asked before, in the same form: they become other ways to ask."`
	JSON         bool   `name:"json" help:"Print one JSON object and nothing else."`
}

// Run measures how well the knowledge base finds.
func (c evalKBCmd) Run(s *session) error {
	start := time.Now()
	corpus, err := retrieval.ReadCorpus(c.Corpus)
	if err != nil {
		return err
	}
	queries, err := retrieval.ReadQueries(c.Queries, corpus)
	if err != nil {
		return err
	}
	o := retrieval.Options{Corpus: corpus, Queries: queries, Progress: func(phase string, done, total int) {
		if draw := bar(phase); draw != nil {
			draw(done, total)
		}
	}}
	if c.TrainQueries != "" {
		if o.Train, err = retrieval.ReadQueries(c.TrainQueries, corpus); err != nil {
			return err
		}
	}
	report, err := retrieval.Run(s.ctx, o)
	if err != nil {
		return err
	}
	took := time.Since(start).Milliseconds()
	if c.JSON {
		return json.NewEncoder(s.out).Encode(map[string]any{"command": "kb", "sets": report.Sets, "metrics": report.Metrics, "took_ms": took,
			"settings": map[string]any{"corpus": c.Corpus, "queries": c.Queries, "train_queries": c.TrainQueries}})
	}
	s.figures(report.Sets, report.Metrics, took)
	return nil
}
