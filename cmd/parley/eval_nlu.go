package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/parleyhq/parley/evals/intents"
)

type evalNLUCmd struct {
	Train    []string `type:"existingfile" required:"" help:"What to learn: TSV with the header text, label; or JSONL. Label oos: belongs to no intent."`
	Dev      []string `type:"existingfile" help:"Thresholds are picked on it; the model tested has learnt it, too. Without it the model picks its own."`
	Test     []string `type:"existingfile" help:"What to measure on; dev when left out."`
	OOS      []string `name:"oos" type:"existingfile" help:"Utterances that belong to no intent, to measure on."`
	OOSTrain []string `name:"oos-train" type:"existingfile" help:"Utterances that belong to no intent, to learn from."`
	Folds    int      `help:"Rows with slots, and no test set: cross-validation with so many folds."`
	JSON     bool     `name:"json" help:"Write one JSON object."`
}

// Run measures the classifier, and the tagger where the sets mark slots, and shows the numbers.
func (c evalNLUCmd) Run(s *session) error {
	report, err := c.measure(s)
	if err != nil {
		return err
	}
	if c.JSON {
		return report.WriteJSON(s.out)
	}
	return report.WriteTable(s.out)
}

func (c evalNLUCmd) measure(s *session) (intents.Report, error) {
	if c.Folds != 0 || intents.HasSlots(c.Train...) {
		return intents.Slots(s.ctx, intents.Options{Train: c.Train, Dev: c.Dev, Test: c.Test, Folds: c.Folds}, bar("training and testing"))
	}
	return intents.Run(s.ctx, intents.Sets{Train: c.Train, Dev: c.Dev, Test: c.Test, Outside: c.OOS, TrainOutside: c.OOSTrain}, bar("training and testing"))
}

// bar draws progress on standard error, when that is a terminal.
func bar(what string) func(done, of int) {
	info, err := os.Stderr.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return func(done, of int) {
		const width = 30
		full := width * done / max(of, 1)
		fmt.Fprintf(os.Stderr, "\r%s [%s%s] %d/%d", what, strings.Repeat("=", full), strings.Repeat(" ", width-full), done, of)
		if done == of {
			fmt.Fprintln(os.Stderr)
		}
	}
}
