package main

import (
	"fmt"
	"strings"
)

// set is a measurement: a command and what is looked at of its outcome.
// Arguments that begin with @ are files below the data's folder.
type set struct {
	Area, Name, Command string
	Args                []string
	Figures             []figure
}

func (s set) file() string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(s.Command+" "+s.Name)) + ".json"
}

// figure is one number: its key in the outcome, the goal (bold when reached),
// whether lower is better, and what others published or a baseline had.
type figure struct {
	Key, Label string
	Goal       float64
	Lower      bool
	Known      string
}

func (f figure) format(v float64) string {
	switch {
	case strings.HasSuffix(f.Key, "_us"), strings.HasPrefix(f.Key, "us_"):
		return fmt.Sprintf("%.0f µs", v)
	case strings.HasSuffix(f.Key, "_ms") && v >= 10_000:
		return fmt.Sprintf("%.0f s", v/1000)
	case strings.HasSuffix(f.Key, "_ms"):
		return fmt.Sprintf("%.1f ms", v)
	case strings.HasSuffix(f.Key, "_bytes"):
		return fmt.Sprintf("%.1f MB", v/1e6)
	case f.Key == "best_mcc":
		return fmt.Sprintf("%.3f", v)
	}
	return fmt.Sprintf("%.1f %%", 100*v)
}

func top(acc, top3 float64, known string) []figure {
	return []figure{{Key: "accuracy", Label: "accuracy", Goal: acc, Known: known}, {Key: "top3", Label: "right one among three", Goal: top3}}
}

var (
	cost   = []figure{{Key: "us_per_utterance", Label: "an utterance, median", Goal: 200, Lower: true}, {Key: "us_mean", Label: "an utterance, mean"}, {Key: "train_ms", Label: "training"}, {Key: "model_bytes", Label: "model", Goal: 20e6, Lower: true}}
	direct = func(goal float64) []figure {
		return []figure{{Key: "direct_share_at_97", Label: "answered directly at 97 % precision", Goal: goal}, {Key: "menu_hit", Label: "of the rest, right one among three taps", Goal: .87}}
	}
	outside = []figure{{Key: "oos_auroc", Label: "out of scope, AUROC", Goal: .968, Known: "95.5 ensemble, max-prob"}, {Key: "oos_recall_at_9", Label: "out of scope found at 9 % false rejects", Goal: .91, Known: "BERT 40.3–52.3 % at its own threshold"}}
	slots   = func(goal float64, known string) []figure {
		return []figure{{Key: "slot_f1", Label: "slot F1", Goal: goal, Known: known}, {Key: "all_slots_right", Label: "all slots right"}, {Key: "tag_us", Label: "an utterance"}}
	}
	dialogue = func(goal float64, known string) []figure {
		return []figure{{Key: "joint_goal", Label: "joint goal accuracy", Goal: goal, Known: known}, {Key: "slot_f1", Label: "slot F1"}, {Key: "completed", Label: "tasks completed"}, {Key: "turn_us", Label: "a turn"}}
	}
)

func join(lists ...[]figure) (out []figure) {
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

var sets = []set{
	{"intents", "BANKING77, 77 intents", "nlu", []string{"--train", "@intent/banking77/train.tsv", "--test", "@intent/banking77/dev.tsv"}, join(top(.934, .983, "BERT-tuned 93.7, USE 92.8, bge-small + SVC 93.1 (on test)"), direct(.89), cost)},
	{"intents", "CLINC150, 150 intents", "nlu", []string{"--train", "@intent/clinc150/train.tsv", "--test", "@intent/clinc150/dev.tsv", "--oos", "@intent/clinc150/oos_dev.tsv"}, join(top(.946, .985, "BERT 96.9, SVM 91.0, FastText 89.0 (on test)"), outside, direct(.94), cost)},
	{"intents", "HWU64, 64 intents", "nlu", []string{"--train", "@intent/hwu64/train.tsv", "--test", "@intent/hwu64/dev.tsv"}, join(top(.893, .966, "USE 91.2, BERT-tuned 92.1 (on test)"), cost)},
	{"intents", "BANKING77, ten examples each", "nlu", []string{"--train", "@intent/banking77/train_10shot.tsv", "--test", "@intent/banking77/dev.tsv"}, join(top(.795, 0, "RoBERTa 84.3, USE 84.2"), cost)},
	{"intents", "CLINC150, ten examples each", "nlu", []string{"--train", "@intent/clinc150/train_10shot.tsv", "--test", "@intent/clinc150/dev.tsv", "--oos", "@intent/clinc150/oos_dev.tsv"}, join(top(.833, 0, "RoBERTa 91.6, USE 90.9"), outside[:1], cost)},
	{"intents", "HWU64, ten examples each", "nlu", []string{"--train", "@intent/hwu64/train_10shot.tsv", "--test", "@intent/hwu64/dev.tsv"}, join(top(.718, 0, "RoBERTa 82.9, USE 83.8"), cost)},
	{"intents", "BANKING77-OOS, near-domain", "nlu", []string{"--train", "@intent/banking77_oos/train.tsv", "--test", "@intent/banking77_oos/dev.tsv", "--oos", "@intent/banking77_oos/dev_id_oos.tsv"}, join(top(0, 0, ""), []figure{{Key: "oos_auroc", Label: "out of scope, AUROC", Goal: .918, Known: "baseline's combiner 91.8"}, {Key: "wrongly_acted", Label: "out of scope, wrongly acted on", Lower: true}})},
	{"intents", "HINT3 SOFMattress, labels of the paper", "nlu", []string{"--train", "@intent/hint3_sofmattress/train_v1_paper.tsv", "--test", "@intent/hint3_sofmattress/test_v1_paper.tsv"}, []figure{{Key: "accuracy", Label: "in scope", Goal: .736, Known: "BERT 73.6, Dialogflow 73.2"}, {Key: "best_accuracy", Label: "best over thresholds", Goal: .713, Known: "Dialogflow 71.3"}, {Key: "best_mcc", Label: "best MCC", Goal: .638, Known: "Dialogflow .638"}}},
	{"slots", "SNIPS", "nlu", []string{"--train", "@slots/snips/train.jsonl", "--test", "@slots/snips/dev.jsonl"}, slots(.931, "slot-gated 88.8, Stack-Propagation 94.2 (on test)")},
	{"slots", "MultiDoGO airline", "nlu", []string{"--train", "@slots/multidogo_airline/train.jsonl", "--test", "@slots/multidogo_airline/dev.jsonl"}, slots(.863, "")},
	{"slots", "MultiDoGO finance", "nlu", []string{"--train", "@slots/multidogo_finance/train.jsonl", "--test", "@slots/multidogo_finance/dev.jsonl"}, slots(.763, "")},
	{"slots", "xSID, Chinese, five folds over its own rows", "nlu", []string{"--train", "@slots/xsid_zh/dev.jsonl", "--folds", "5"}, append(slots(0, ""), figure{Key: "intent_accuracy", Label: "intent"})},
	{"dialogue", "WOZ 2.0", "dialogue", []string{"--data", "@dst/woz2/dev.jsonl", "--ontology", "@dst/woz2/ontology.json", "--train", "@dst/woz2/train.jsonl"}, dialogue(.84, "NBT 84.4")},
	{"dialogue", "MultiWOZ 2.1, by its schema alone", "dialogue", []string{"--data", "@dst/multiwoz21/dev.jsonl", "--schema", "@dst/multiwoz21/schema_22.json"}, dialogue(0, "trained: TRADE 46.0, TripPy 55.3")},
	{"dialogue", "Schema-Guided, unseen services", "dialogue", []string{"--data", "@dst/sgd/dev_sample.jsonl", "--schema", "@dst/sgd/schema_dev.json"}, dialogue(.20, "baseline 25.4, best 86.5 (trained)")},
	{"dialogue", "Schema-Guided, with a sample of its training", "dialogue", []string{"--data", "@dst/sgd/dev_sample.jsonl", "--schema", "@dst/sgd/schema_dev.json", "--train", "@dst/sgd/train_sample.jsonl"}, dialogue(.20, "baseline 25.4, best 86.5")},
	{"dialogue", "CrossWOZ, Chinese, nothing to learn from", "dialogue", []string{"--data", "@dst/crosswoz_zh/dev.jsonl"}, dialogue(0, "trained: TRADE 36.1")},
	{"dialogue", "CrossWOZ, Chinese, the last third, with recorded dialogues: the first two thirds", "dialogue", []string{"--data", "@dst/crosswoz_zh/dev.jsonl", "--split"}, dialogue(0, "trained: TRADE 36.1")},
	{"dialogue", "MultiWOZ 2.1, the last third, with recorded dialogues: the first two thirds", "dialogue", []string{"--data", "@dst/multiwoz21/dev.jsonl", "--schema", "@dst/multiwoz21/schema_22.json", "--split"}, dialogue(0, "trained: TRADE 46.0, TripPy 55.3")},
	{"knowledge", "DSTC11 track 5, FAQs and reviews of 143 places", "kb", []string{"--corpus", "@kb/dstc11_track5_en/corpus.jsonl", "--queries", "@kb/dstc11_track5_en/queries_dev.jsonl"}, []figure{{Key: "faq_hit_at_1", Label: "FAQs, hit@1", Goal: .38}, {Key: "faq_hit_at_5", Label: "FAQs, hit@5", Goal: .59}, {Key: "hit_at_1", Label: "all, hit@1"}, {Key: "wrong_at_90_kept", Label: "wrong when there is none, at 90 % kept", Goal: .10, Lower: true}, {Key: "p50_us", Label: "p50"}, {Key: "p99_us", Label: "p99"}}},
	{"knowledge", "CMRC2018, Chinese", "kb", []string{"--corpus", "@kb/cmrc2018_zh/corpus_dev.jsonl", "--queries", "@kb/cmrc2018_zh/queries_dev.jsonl"}, []figure{{Key: "hit_at_1", Label: "hit@1", Goal: .975}, {Key: "mrr_at_10", Label: "MRR@10"}, {Key: "ndcg_at_10", Label: "nDCG@10"}, {Key: "wrong_at_90_kept", Label: "wrong when there is none, at 90 % kept", Goal: .10, Lower: true}, {Key: "p50_us", Label: "p50"}, {Key: "p99_us", Label: "p99"}}},
	{"assist", "STAR and DSTC11", "assist", []string{"--data", "@agent/star/dev.jsonl", "--train", "@agent/star/train.jsonl", "--corpus", "@kb/dstc11_track5_en/corpus.jsonl", "--queries", "@kb/dstc11_track5_en/queries_dev.jsonl"}, []figure{{Key: "first", Label: "STAR: the reply the agent picked is first", Goal: .70, Known: "baseline 70.3"}, {Key: "among_three", Label: "STAR: among three", Goal: .92, Known: "baseline 92.1"}, {Key: "shown", Label: "STAR: something is shown"}, {Key: "wrong_when_none_fits", Label: "DSTC11: shown when none fits", Goal: .05, Lower: true}, {Key: "p95_ms", Label: "p95", Goal: 150, Lower: true}}},
}
