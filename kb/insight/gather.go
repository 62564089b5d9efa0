package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/parleyhq/parley/desk"
)

// mostClustered bounds what is put together at once: the newest.
const mostClustered = 5000

// cluster puts what is new to what is there, and counts. Questions keep their
// ids: what was put to one stays there, and of two that turn out to be one the
// older keeps its own.
func (b *Board) cluster(ctx context.Context) error {
	asks, err := b.Store.Asks(ctx, AskFilter{Unanswered: true, Limit: mostClustered})
	if err != nil {
		return fmt.Errorf("read what was asked: %w", err)
	}
	slices.Reverse(asks) // oldest first, as they came
	old, err := b.allQuestions(ctx)
	if err != nil {
		return err
	}
	of := map[string]desk.ID{}
	var gone []desk.ID
	var list []Question
	for _, playbook := range playbooksOf(asks, old) {
		mine := slices.DeleteFunc(slices.Clone(asks), func(a Ask) bool { return a.Playbook != playbook })
		known := map[desk.ID]Question{}
		for _, q := range old {
			if q.Playbook == playbook {
				known[q.ID] = q
			}
		}
		qs, left, err := b.clusterIn(ctx, mine, known, of)
		if err != nil {
			return err
		}
		list, gone = append(list, qs...), append(gone, left...)
	}
	if err := b.Store.SaveQuestions(ctx, list, of, gone); err != nil {
		return fmt.Errorf("store questions: %w", err)
	}
	return nil
}

func (b *Board) allQuestions(ctx context.Context) (out []Question, err error) {
	f := QuestionFilter{Limit: 200}
	for len(out) < mostClustered {
		page, next, err := b.Store.Questions(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("read questions: %w", err)
		}
		out = append(out, page...)
		if f.After = next; next == "" {
			break
		}
	}
	return out, nil
}

func playbooksOf(asks []Ask, old []Question) []string {
	var out []string
	for _, a := range asks {
		out = append(out, a.Playbook)
	}
	for _, q := range old {
		out = append(out, q.Playbook)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// clusterIn does it for one playbook: it adds to of what belongs elsewhere than
// is stored, and returns the questions that there are and those that are not
// any more.
func (b *Board) clusterIn(ctx context.Context, asks []Ask, known map[desk.ID]Question, of map[string]desk.ID) (list []Question, gone []desk.ID, err error) {
	texts := make([]string, len(asks))
	for i, a := range asks {
		texts[i] = a.Text
	}
	vectors := b.vectors(ctx, texts)
	space := newSpace(texts)
	points := make([]point, len(asks))
	members := map[desk.ID][]int{}
	var fresh []int
	for i, a := range asks {
		points[i] = space.point(a.Text, vectors[a.Text])
		if _, ok := known[a.QuestionID]; ok {
			members[a.QuestionID] = append(members[a.QuestionID], i)
		} else {
			fresh = append(fresh, i)
		}
	}
	var ids []desk.ID
	for id := range known {
		if len(members[id]) == 0 {
			gone = append(gone, id) // nobody asks for it any more
			continue
		}
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(x, y desk.ID) int { // the older first; those decided on before all
		return cmp.Or(cmp.Compare(rank(known[x]), rank(known[y])), known[x].FirstAt.Compare(known[y].FirstAt), cmp.Compare(x, y))
	})
	groups := make([]group, len(ids))
	for i, id := range ids {
		groups[i] = group{members[id], middleOf(points, members[id])}
	}
	groups, merged := join(points, groups, fresh)
	for from := range merged {
		if from < len(ids) {
			gone = append(gone, ids[from])
		}
	}
	for i, g := range groups {
		if len(g.members) == 0 {
			continue
		}
		q := Question{ID: desk.NewIDAt(b.now()), Playbook: asks[g.members[0]].Playbook, Status: QuestionOpen}
		if i < len(ids) {
			q = known[ids[i]]
		}
		for _, n := range g.members {
			if asks[n].QuestionID != q.ID {
				of[asks[n].ID] = q.ID
			}
		}
		q.count(asks, g, points, b.now())
		if err := b.nearest(ctx, &q); err != nil {
			return nil, nil, err
		}
		list = append(list, q)
	}
	return list, gone, nil
}

// rank puts what a person decided on before what he did not.
func rank(q Question) int {
	if q.Status == QuestionOpen || q.Status == QuestionAnswered {
		return 1
	}
	return 0
}

const week = 7 * 24 * time.Hour

func (q *Question) count(asks []Ask, g group, points []point, now time.Time) {
	q.Label = asks[g.central(points)].Text
	q.Asked, q.Recent, q.Earlier, q.Outcomes = 0, 0, 0, map[Outcome]int{}
	langs := map[desk.Lang]int{}
	for i, n := range g.members {
		a := asks[n]
		q.Asked += a.Times
		q.Outcomes[a.Outcome] += a.Times
		langs[a.Lang] += a.Times
		switch age := now.Sub(a.At); {
		case age < week:
			q.Recent += a.Times
		case age < 2*week:
			q.Earlier += a.Times
		}
		if i == 0 || a.At.Before(q.FirstAt) {
			q.FirstAt = a.At
		}
		if i == 0 || a.At.After(q.LastAt) {
			q.LastAt = a.At
		}
	}
	q.Langs = q.Langs[:0:0]
	for l := range langs {
		q.Langs = append(q.Langs, l)
	}
	slices.SortFunc(q.Langs, func(a, b desk.Lang) int { return cmp.Or(cmp.Compare(langs[b], langs[a]), cmp.Compare(a, b)) })
}

// vectors embeds the English of texts; without a model, or in another
// language, words alone tell. What was embedded once is kept.
func (b *Board) vectors(ctx context.Context, texts []string) map[string][]float32 {
	if b.Library == nil || b.Library.Embedder == nil {
		return nil
	}
	out, err := b.Library.Embed(ctx, texts)
	if err != nil {
		b.log().WarnContext(ctx, "questions are put together by their words alone", "error", err)
	}
	return out
}
