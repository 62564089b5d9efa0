package intents

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals/score"
)

// Options of a run on slots. The files are JSONL; see Sets for what each is for.
type Options struct {
	Train, Dev, Test []string
	Folds            int // without Test and Dev: cross-validation on Train, the row i being held back in fold i mod Folds
}

const maxFolds = 20

// Slots trains the product's classifier and tagger and measures them on the test
// set: the F1 of exact values as the CoNLL scorer counts them, the share of rows
// with all values right and, where rows have intents, how many are understood. A
// value bounded within a token counts as missed. The tagger is told the intent
// that the classifier gave, unless rows may have several. Of those any counts as
// right. step is called at each step.
func Slots(ctx context.Context, o Options, step func(done, of int)) (Report, error) {
	begin := time.Now()
	if step == nil {
		step = func(int, int) {}
	}
	parts, sizes, err := o.parts()
	if err != nil {
		return Report{}, err
	}
	var c slotCount
	for i, p := range parts {
		step(i, len(parts))
		if err := c.part(ctx, p); err != nil {
			return Report{}, err
		}
	}
	step(len(parts), len(parts))
	r := Report{Command: "nlu", Sets: sizes, Metrics: c.metrics(), Settings: map[string]any{"slots": c.slots, "measured_on": "test"}}
	if o.Folds > 0 {
		r.Settings["measured_on"], r.Settings["folds"] = "cross-validation", o.Folds
	}
	r.TookMS = time.Since(begin).Milliseconds()
	return r, nil
}

// part is one training with its test.
type part struct{ train, test []slotRow }

func (o Options) parts() ([]part, map[string]int, error) {
	train, err := readSlots(o.Train...)
	if err != nil {
		return nil, nil, err
	}
	dev, err := readSlots(o.Dev...)
	if err != nil {
		return nil, nil, err
	}
	test, err := readSlots(o.Test...)
	if err != nil {
		return nil, nil, err
	}
	if len(train) == 0 {
		return nil, nil, desk.Errorf(desk.Invalid, "no_sets", "a training set is needed")
	}
	if o.Folds == 0 {
		sizes := map[string]int{"train": len(train), "test": len(test)}
		if len(test) == 0 {
			test = dev
			sizes["test"] = len(dev)
		} else if len(dev) > 0 {
			train = slices.Concat(train, dev)
			sizes["dev"] = len(dev)
		}
		if len(test) == 0 {
			return nil, nil, desk.Errorf(desk.Invalid, "no_sets", "a test set, a dev set, or a number of folds is needed")
		}
		return []part{{train, test}}, sizes, nil
	}
	if o.Folds < 2 || o.Folds > maxFolds || o.Folds > len(train) || len(test)+len(dev) > 0 {
		return nil, nil, desk.Errorf(desk.Invalid, "bad_folds", "folds is 2 to %d, and only without a test or dev set", maxFolds)
	}
	parts := make([]part, o.Folds)
	for i, row := range train {
		for fold := range parts {
			if i%o.Folds == fold {
				parts[fold].test = append(parts[fold].test, row)
			} else {
				parts[fold].train = append(parts[fold].train, row)
			}
		}
	}
	return parts, map[string]int{"train": len(train)}, nil
}

// slotCount is what was seen so far.
type slotCount struct {
	right, found, wanted int // values
	rows, whole          int // whole: all values right, and no other found
	judged, first, third int // rows with an intent; where it was ranked
	slots                int
	bytes                int
	tagging, all, train  time.Duration
}

// intentPrefix is what a class of the classifier begins with.
const intentPrefix = desk.KindFlow + ":"

func (c *slotCount) part(ctx context.Context, p part) error {
	model, err := trainIntents(ctx, p.train)
	if err != nil {
		return err
	}
	examples := make([]nlu.Tagged, len(p.train))
	for i, r := range p.train {
		examples[i] = r.example()
	}
	start := time.Now()
	tagger, err := nlu.TrainTagger(ctx, examples)
	if err != nil {
		return err
	}
	c.train += time.Since(start)
	c.slots = max(c.slots, len(tagger.Slots()))
	c.bytes = max(c.bytes, len(tagger.Save()))
	for _, r := range p.test {
		if err := ctx.Err(); err != nil {
			return err
		}
		c.row(r, model, tagger)
	}
	return nil
}

// row judges one row.
func (c *slotCount) row(r slotRow, model *nlu.Model, tagger *nlu.Tagger) {
	start := time.Now()
	intent := ""
	if model != nil && len(r.intents) > 0 {
		ranked := model.Classify(r.text, "")
		c.judged++
		for i, s := range ranked[:min(len(ranked), menuSize)] {
			if slices.Contains(r.intents, strings.TrimPrefix(s.Class, intentPrefix)) {
				c.third++
				if i == 0 {
					c.first++
				}
				break
			}
		}
		if len(ranked) > 0 && !r.several {
			intent = strings.TrimPrefix(ranked[0].Class, intentPrefix)
		}
	}
	startTagger := time.Now()
	spans := tagger.Tag(r.tokens, intent)
	c.tagging += time.Since(startTagger)
	c.all += time.Since(start)
	right := 0
	for _, s := range spans {
		if slices.Contains(r.values, r.found(s)) {
			right++
		}
	}
	c.right, c.found, c.wanted = c.right+right, c.found+len(spans), c.wanted+len(r.values)
	c.rows++
	if right == len(spans) && right == len(r.values) {
		c.whole++
	}
}

func (c *slotCount) metrics() map[string]float64 {
	each := func(n, of int) float64 { return float64(n) / float64(max(1, of)) }
	us := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 / float64(max(1, c.rows)) }
	out := map[string]float64{
		"slot_f1": score.F1(c.right, c.found, c.wanted), "slot_precision": each(c.right, c.found), "slot_recall": each(c.right, c.wanted),
		"all_slots_right": each(c.whole, c.rows), "tag_us": us(c.tagging), "utterance_us": us(c.all),
		"train_tagger_ms": float64(c.train.Milliseconds()), "tagger_bytes": float64(c.bytes),
	}
	if c.judged > 0 {
		out["accuracy"], out["top3"] = each(c.first, c.judged), each(c.third, c.judged)
	}
	return out
}

// trainIntents trains the classifier on the rows' intents; nil when they have
// none. A row with several is an example of each.
func trainIntents(ctx context.Context, rows []slotRow) (*nlu.Model, error) {
	texts := map[string][]string{}
	for _, r := range rows {
		for _, name := range r.intents {
			texts[name] = append(texts[name], r.text)
		}
	}
	if len(texts) == 0 {
		return nil, nil
	}
	t := nlu.Training{Bare: true}
	for _, name := range keys(texts) {
		t.Flows = append(t.Flows, nlu.FlowExamples{Name: name, Examples: map[desk.Lang][]string{"": texts[name]}})
	}
	return nlu.Train(ctx, t)
}
