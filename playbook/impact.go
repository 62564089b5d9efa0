package playbook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Previews tells before something is published what would be another then.
// Nothing is stored, and what is live is not touched.
type Previews struct {
	Articles *kb.Library
	Past     PastQuestions
	Runs     *Runs // whose sets of questions and suites are asked; nil: none
}

// PastQuestions are what customers asked before, without personal data.
type PastQuestions interface {
	// PastQuestions lists the newest of a playbook, each text once; an empty
	// playbook is all.
	PastQuestions(ctx context.Context, playbook string, limit int) ([]PastQuestion, error)
}

// PastQuestion is something that customers asked.
type PastQuestion struct {
	Text           string    `json:"text"`
	Lang           desk.Lang `json:"lang"`
	Playbook       string    `json:"playbook"`
	Times          int       `json:"times"`
	ConversationID desk.ID   `json:"conversation_id,omitempty"` // the newest in which it was asked
	At             time.Time `json:"at"`
}

// Wish is what is to be published, or taken away. One of its parts is set.
type Wish struct {
	Article  *kb.Article    // as it would be live, in place of what is live of it
	Remove   *kb.Article    // not live any more
	Synonyms *kb.SynonymSet // in place of those of its playbook and language
}

func (w Wish) overlaid() (o kb.Overlaid, playbook string) {
	switch {
	case w.Article != nil:
		return kb.Overlaid{Put: []kb.Article{*w.Article}}, w.Article.Playbook
	case w.Remove != nil:
		return kb.Overlaid{Remove: []desk.ID{w.Remove.ID}}, w.Remove.Playbook
	case w.Synonyms != nil:
		return kb.Overlaid{Synonyms: []kb.SynonymSet{*w.Synonyms}}, w.Synonyms.Playbook
	}
	return o, ""
}

// Impact is what would be another. Where there was no time for all of it,
// Partial says so, and each part what was looked at.
type Impact struct {
	Partial   bool              `json:"partial" doc:"There was no time for everything; what is not told may still change."`
	TookMS    int64             `json:"took_ms"`
	Asked     int               `json:"asked" doc:"Different past questions that could be asked again."`
	Looked    int               `json:"looked" doc:"Of these, how many were, the newest first."`
	Answers   []AnswerChange    `json:"answers" nullable:"false" doc:"The most often asked first."`
	Suggested []SuggestedChange `json:"suggested" nullable:"false" doc:"Past questions for which an agent would be offered another text."`
	Retrieval []SetChange       `json:"retrieval" nullable:"false" doc:"Sets of questions, also those that do as well as before."`
	Suites    SuitesChange      `json:"suites"`
}

// AnswerChange is a past question that would get another answer.
type AnswerChange struct {
	PastQuestion
	Kind   AnswerChangeKind `json:"kind"`
	Before Given            `json:"before"`
	After  Given            `json:"after"`
}

// AnswerChangeKind says how an answer changes.
type AnswerChangeKind string

// The kinds of change.
const (
	Gained       AnswerChangeKind = "gained" // there was none
	Lost         AnswerChangeKind = "lost"   // there is none any more
	OtherArticle AnswerChangeKind = "other_article"
	OtherText    AnswerChangeKind = "other_text"
)

// Given is an answer, or none with what came nearest.
type Given struct {
	OK         bool         `json:"ok" doc:"The bot answers."`
	Text       string       `json:"text,omitempty"`
	Article    *desk.Source `json:"article,omitempty" doc:"It is from; without an answer, what came nearest."`
	Confidence float64      `json:"confidence"`
}

// SuggestedChange is a past question for which agents would be offered another
// text. What the ledger makes of them is not in it.
type SuggestedChange struct {
	PastQuestion
	Before []Offered `json:"before" nullable:"false"`
	After  []Offered `json:"after" nullable:"false"`
}

// Offered is an article that an agent would be offered, and what of it.
type Offered struct {
	desk.Source
	Text string `json:"text"`
}

// Bounds on a preview.
const (
	mostPast     = 2000
	impactLimit  = 10 * time.Second
	mostPassages = 250_000 // copying a larger index is no matter of a request
	suggestions  = 3
	suggestLeast = 0.4 // confidence from which an article may be offered to an agent
	mostShown    = 200 // changes told of each kind
)

// Impact compares what is live with what would be. It takes ten seconds at most.
func (p *Previews) Impact(ctx context.Context, w Wish) (Impact, error) {
	start := time.Now()
	over, playbook := w.overlaid()
	out := Impact{Answers: []AnswerChange{}, Suggested: []SuggestedChange{}, Retrieval: []SetChange{}, Suites: SuitesChange{Broken: []SuiteChange{}, Fixed: []SuiteChange{}, NotRun: []NotRun{}}}
	if _, passages, _ := p.Articles.Index.Size(); passages > mostPassages {
		return out, desk.Errorf(desk.Unavailable, "too_many_passages", "the knowledge base has %d passages; a preview is made up to %d", passages, mostPassages)
	}
	limited, cancel := context.WithTimeout(ctx, impactLimit)
	defer cancel()
	past, err := p.Past.PastQuestions(limited, playbook, mostPast)
	if err != nil {
		return out, fmt.Errorf("read past questions: %w", err)
	}
	out.Asked = len(past)
	before, after, err := p.both(limited, over, past)
	if err != nil {
		return out, err
	}
	var g errgroup.Group
	var questions, sets, suites bool // whole
	g.Go(func() (err error) { questions, err = ask(limited, before, after, past, &out); return err })
	if p.Runs != nil {
		g.Go(func() (err error) {
			if sets, err = p.sets(limited, playbook, before, after, &out); err == nil {
				suites, err = p.suites(limited, playbook, before, after, &out.Suites)
			}
			return err
		})
	} else {
		sets, suites = true, true
	}
	if err := g.Wait(); err != nil {
		return out, err
	}
	out.Partial = !questions || !sets || !suites
	out.TookMS = time.Since(start).Milliseconds()
	return out, ctx.Err()
}

// both is what is live, and what would be; each text is embedded once for both.
func (p *Previews) both(ctx context.Context, o kb.Overlaid, past []PastQuestion) (before, after *kb.Library, err error) {
	var embedder kb.Embedder
	if p.Articles.Embedder != nil {
		texts := make([]string, len(past))
		for i, q := range past {
			texts[i] = q.Text
		}
		have, err := p.Articles.Embed(ctx, texts)
		if err != nil && ctx.Err() == nil {
			return nil, nil, fmt.Errorf("embed past questions: %w", err)
		}
		embedder = known{p.Articles.Embedder, have}
	}
	after, err = p.Articles.Overlay(ctx, o, embedder)
	if err != nil {
		return nil, nil, fmt.Errorf("make the preview: %w", err)
	}
	return &kb.Library{Index: p.Articles.Index, Embedder: embedder, Log: p.Articles.Log, Now: p.Articles.Now}, after, nil
}

// known has the vectors of some texts already.
type known struct {
	kb.Embedder
	have map[string][]float32
}

// Embed implements kb.Embedder.
func (k known) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	var missing []string
	for i, t := range texts {
		if out[i] = k.have[t]; out[i] == nil {
			missing = append(missing, t)
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	made, err := k.Embedder.Embed(ctx, missing)
	if err != nil || len(made) != len(missing) {
		return nil, errors.Join(err, desk.Errorf(desk.Unavailable, "bad_embeddings", "asked for %d vectors, got %d", len(missing), len(made)))
	}
	for i := range out {
		if out[i] == nil {
			out[i], made = made[0], made[1:]
		}
	}
	return out, nil
}

// ask asks both; it is not whole when the time is over first.
func ask(ctx context.Context, before, after *kb.Library, past []PastQuestion, out *Impact) (whole bool, err error) {
	for _, q := range past {
		if ctx.Err() != nil {
			break
		}
		var was, is Given
		var had, has []Offered
		for _, side := range []struct {
			library *kb.Library
			given   *Given
			offered *[]Offered
		}{{before, &was, &had}, {after, &is, &has}} {
			if *side.given, *side.offered, err = askOne(ctx, side.library, q); err != nil {
				break
			}
		}
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return false, err
		}
		out.Looked++
		if kind := changed(was, is); kind != "" {
			out.Answers = append(out.Answers, AnswerChange{q, kind, was, is})
		}
		if !slices.EqualFunc(had, has, func(a, b Offered) bool { return a.ArticleID == b.ArticleID && a.Text == b.Text }) {
			out.Suggested = append(out.Suggested, SuggestedChange{q, had, has})
		}
	}
	slices.SortStableFunc(out.Answers, func(a, b AnswerChange) int { return b.Times - a.Times })
	slices.SortStableFunc(out.Suggested, func(a, b SuggestedChange) int { return b.Times - a.Times })
	whole = out.Looked == len(past) && len(out.Answers) <= mostShown && len(out.Suggested) <= mostShown
	out.Answers, out.Suggested = out.Answers[:min(len(out.Answers), mostShown)], out.Suggested[:min(len(out.Suggested), mostShown)]
	return whole, nil
}

func askOne(ctx context.Context, l *kb.Library, q PastQuestion) (g Given, offered []Offered, err error) {
	a, ok, err := l.Answer(ctx, kb.Question{Text: q.Text, Lang: q.Lang, Playbook: q.Playbook, Audience: kb.Customers})
	if err != nil {
		return g, nil, err
	}
	g = Given{OK: ok, Confidence: a.Confidence}
	switch {
	case ok:
		g.Text, g.Article = a.Text, &a.Source
	case len(a.Passages) > 0:
		g.Article = &a.Passages[0].Source
	}
	list, err := l.Replies(ctx, kb.Question{Text: q.Text, Lang: q.Lang, Playbook: q.Playbook, Audience: kb.Agents, Limit: suggestions}, suggestLeast)
	offered = []Offered{}
	for _, r := range list {
		offered = append(offered, Offered{r.Source, r.Text})
	}
	return g, offered, err
}

func changed(was, is Given) AnswerChangeKind {
	switch {
	case !was.OK && !is.OK:
		return ""
	case !was.OK:
		return Gained
	case !is.OK:
		return Lost
	case was.Article.ArticleID != is.Article.ArticleID:
		return OtherArticle
	case strings.TrimSpace(was.Text) != strings.TrimSpace(is.Text):
		return OtherText
	}
	return ""
}
