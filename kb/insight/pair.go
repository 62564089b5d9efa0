package insight

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// PairKind is why two places are shown side by side.
type PairKind string

// The kinds of pair.
const (
	Duplicate     PairKind = "duplicate"     // they say the same
	Contradiction PairKind = "contradiction" // they cannot both be right
)

// Pair is two places in published articles that should be looked at together.
type Pair struct {
	ID       string     `json:"id"`
	Kind     PairKind   `json:"kind"`
	Playbook string     `json:"playbook"`
	Lang     desk.Lang  `json:"lang"`
	Status   PairStatus `json:"status"`
	Score    float64    `json:"score" doc:"0 to 1, how alike they are."`
	Why      Why        `json:"why"`
	One      Spot       `json:"one"`
	Other    Spot       `json:"other"`
	Checked  Verdict    `json:"checked,omitempty" doc:"What a model said; empty when none was asked."`
	FoundAt  time.Time  `json:"found_at"`
}

// Why says what is the same, or what differs.
type Why string

// The reasons.
const (
	SameText     Why = "same_text"     // nearly the same words
	SameMeaning  Why = "same_meaning"  // other words, by their vectors
	SameQuestion Why = "same_question" // both say they answer it
	OtherPrice   Why = "price"
	OtherTime    Why = "time"     // of the day
	OtherSpan    Why = "duration" // or how long
	OtherShare   Why = "percent"
	OtherNumber  Why = "number"
	YesAndNo     Why = "yes_no"
	FreeAndFee   Why = "free_fee"
)

// Spot is a place in an article. Text is Markdown; what differs there, if it
// can be named, is in Values.
type Spot struct {
	ArticleID desk.ID  `json:"article_id"`
	Slug      string   `json:"slug"`
	Title     string   `json:"title"`
	Version   int      `json:"version"`
	Heading   string   `json:"heading,omitempty"`
	Text      string   `json:"text"`
	Sentence  string   `json:"sentence,omitempty" doc:"Of Text, the one that is meant; of contradictions only."`
	Values    []string `json:"values,omitempty" doc:"What differs, as it is written."`
}

// PairStatus is whether a person has looked.
type PairStatus string

// The statuses of a pair.
const (
	PairOpen      PairStatus = "open"
	PairDismissed PairStatus = "dismissed"
)

// PairFilter says which to list; empty fields let all through.
type PairFilter struct {
	Kind     PairKind
	Status   PairStatus
	Playbook *string
	Article  desk.ID
	After    string
	Limit    int // 1 to 200; 0: 50
}

// Verdict is what a model said of a contradiction.
type Verdict string

// The verdicts.
const (
	Confirmed Verdict = "contradicts"
	Denied    Verdict = "agrees"
	Unclear   Verdict = "unclear"
)

// Checker asks a model whether two passages contradict each other. What they
// say is data, whatever it says.
type Checker interface {
	Contradict(ctx context.Context, one, other string) (Verdict, error)
}

// Bounds on what is compared.
const (
	mostCompared = 5000 // articles
	mostPairs    = 500  // kept, the surest
	mostChecked  = 20   // put before a model in one go
	articlePage  = 200
)

// piece is a text of an article, ready to be compared.
type piece struct {
	article  *kb.Article
	heading  string
	text     string // as it is shown
	sentence string // empty: the whole text
	titled   bool   // what the sentence is about is the article's title
	point    point
	facts    facts
}

func (b *Board) findPairs(ctx context.Context) error {
	if b.Library == nil {
		return nil
	}
	articles, err := b.published(ctx)
	if err != nil {
		return err
	}
	byLang := map[desk.Lang][]kb.Article{}
	for _, a := range articles {
		byLang[a.Lang] = append(byLang[a.Lang], a)
	}
	var found []Pair
	for _, list := range byLang {
		found = append(found, duplicates(list, b.passageVectors(ctx, list))...)
		found = append(found, contradictions(list)...)
	}
	now := b.now()
	for i := range found {
		found[i].Status, found[i].FoundAt = PairOpen, now
	}
	slices.SortFunc(found, func(a, b Pair) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	found = slices.CompactFunc(found, func(a, b Pair) bool { return a.ID == b.ID })
	found = found[:min(len(found), mostPairs)]
	if err := b.Store.SavePairs(ctx, found); err != nil {
		return fmt.Errorf("store pairs of passages: %w", err)
	}
	return b.check(ctx)
}

// check puts open contradictions that were not yet looked at before a model.
func (b *Board) check(ctx context.Context) error {
	if b.Checker == nil {
		return nil
	}
	list, err := b.Store.Pairs(ctx, PairFilter{Kind: Contradiction, Status: PairOpen, Limit: 200})
	if err != nil {
		return fmt.Errorf("read contradictions: %w", err)
	}
	asked := 0
	for _, p := range list {
		if p.Checked != "" || asked == mostChecked {
			continue
		}
		asked++
		v, err := b.Checker.Contradict(ctx, p.One.Sentence, p.Other.Sentence)
		if err != nil {
			b.log().WarnContext(ctx, "contradictions are shown unchecked", "error", err)
			return nil
		}
		if err := b.Store.SetChecked(ctx, p.ID, v); err != nil {
			return fmt.Errorf("keep what the model said: %w", err)
		}
	}
	return nil
}

// published reads the articles that are published, as they are.
func (b *Board) published(ctx context.Context) ([]kb.Article, error) {
	ids := b.Library.Index.IDs()
	slices.Sort(ids)
	ids = ids[:min(len(ids), mostCompared)]
	var out []kb.Article
	for page := range slices.Chunk(ids, articlePage) {
		list, err := b.Store.LiveArticles(ctx, page)
		if err != nil {
			return nil, fmt.Errorf("read what is published: %w", err)
		}
		out = append(out, list...)
	}
	slices.SortFunc(out, func(x, y kb.Article) int { return cmp.Compare(x.ID, y.ID) })
	return out, nil
}

func (b *Board) passageVectors(ctx context.Context, list []kb.Article) map[string][]float32 {
	var texts []string
	for _, a := range list {
		texts = append(texts, kb.Texts(a)...)
	}
	return b.vectors(ctx, texts)
}

// meet reports whether one reader may meet both.
func meet(a, b *kb.Article) bool {
	return a.Playbook == b.Playbook || a.Playbook == "" || b.Playbook == ""
}

func newPair(kind PairKind, why Why, score float64, a, b piece) Pair {
	if a.article.ID > b.article.ID || a.article.ID == b.article.ID && a.text > b.text {
		a, b = b, a
	}
	spot := func(p piece) Spot {
		return Spot{ArticleID: p.article.ID, Slug: p.article.Slug, Title: p.article.Title, Version: p.article.Version, Heading: p.heading, Text: p.text,
			Sentence: strings.TrimSpace(p.sentence)}
	}
	playbook := a.article.Playbook
	if playbook == "" {
		playbook = b.article.Playbook
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{string(kind), string(a.article.ID), a.text, a.sentence, string(b.article.ID), b.text, b.sentence}, "\x00")))
	return Pair{ID: hex.EncodeToString(sum[:12]), Kind: kind, Playbook: playbook, Lang: a.article.Lang, Score: score, Why: why, One: spot(a), Other: spot(b)}
}

// Pairs lists what was found, the surest first.
func (b *Board) Pairs(ctx context.Context, f PairFilter) ([]Pair, error) {
	return b.Store.Pairs(ctx, f)
}

// DismissPair says that a pair is as it should be. When one of the texts is
// changed it may be shown again.
func (b *Board) DismissPair(ctx context.Context, by, id string) error {
	return b.Store.DismissPair(ctx, id, by)
}
