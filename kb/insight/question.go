package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Question is what several customers asked and no article answered well.
type Question struct {
	ID        desk.ID         `json:"id"`
	Playbook  string          `json:"playbook"`
	Label     string          `json:"label" doc:"The one that is most like the others."`
	Status    QuestionStatus  `json:"status"`
	ArticleID desk.ID         `json:"article_id,omitempty" doc:"That it was linked to, or drafted as."`
	Asked     int             `json:"asked" doc:"How often, in the last 90 days."`
	Recent    int             `json:"recent" doc:"Of these, in the last seven days."`
	Earlier   int             `json:"earlier" doc:"Of these, in the seven days before."`
	Outcomes  map[Outcome]int `json:"outcomes"`
	Langs     []desk.Lang     `json:"langs" nullable:"false" doc:"The most frequent first."`
	Nearest   *Nearest        `json:"nearest,omitempty" doc:"The article that comes nearest to the label now."`
	FirstAt   time.Time       `json:"first_at"`
	LastAt    time.Time       `json:"last_at"`
	ChangedAt time.Time       `json:"changed_at,omitzero"`
	ChangedBy string          `json:"changed_by,omitempty" doc:"Who decided on it."`
}

// Nearest is an article near a question.
type Nearest struct {
	desk.Source
	Confidence float64 `json:"confidence"`
	Answers    bool    `json:"answers" doc:"The bot would answer from it."`
}

// QuestionStatus says what became of a question.
type QuestionStatus string

// The statuses of a question.
const (
	QuestionOpen      QuestionStatus = "open"
	QuestionDismissed QuestionStatus = "dismissed"
	QuestionLinked    QuestionStatus = "linked"   // an article's draft has it as a question
	QuestionDrafted   QuestionStatus = "drafted"  // a draft was begun from it
	QuestionAnswered  QuestionStatus = "answered" // what answers it was published, and nobody asked in vain since
)

// QuestionFilter says which to list; empty fields let all through.
type QuestionFilter struct {
	Status   QuestionStatus
	Playbook *string
	Lang     desk.Lang
	Search   string
	After    string
	Limit    int // 1 to 200; 0: 50
}

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

// nearest asks the library for the label, and sees whether what answers it came
// after the last who asked in vain.
func (b *Board) nearest(ctx context.Context, q *Question) error {
	q.Nearest = nil
	if b.Library == nil {
		return nil
	}
	lang := desk.Lang("")
	if len(q.Langs) > 0 {
		lang = q.Langs[0]
	}
	a, ok, err := b.Library.Answer(ctx, kb.Question{Text: q.Label, Lang: lang, Playbook: q.Playbook})
	if err != nil {
		return fmt.Errorf("look for an answer: %w", err)
	}
	switch {
	case ok:
		q.Nearest = &Nearest{a.Source, a.Confidence, true}
	case len(a.Passages) > 0:
		q.Nearest = &Nearest{a.Passages[0].Source, a.Passages[0].Confidence, false}
	}
	since, err := b.publishedAt(ctx, *q, ok)
	if err != nil {
		return err
	}
	settled := !since.IsZero() && since.After(q.LastAt)
	switch q.Status {
	case QuestionOpen, QuestionLinked, QuestionDrafted:
		if settled {
			q.Status = QuestionAnswered
		}
	case QuestionAnswered:
		if !settled {
			q.Status = QuestionOpen // it is asked in vain again
		}
	}
	return nil
}

// publishedAt is when what answers a question was last written, of what is
// published; zero when nothing does.
func (b *Board) publishedAt(ctx context.Context, q Question, answers bool) (time.Time, error) {
	if !answers {
		return time.Time{}, nil
	}
	list, err := b.Store.LiveArticles(ctx, []desk.ID{q.Nearest.ArticleID})
	if err != nil || len(list) == 0 {
		return time.Time{}, err
	}
	return list[0].UpdatedAt, nil
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

// Questions lists them, those asked most often first.
func (b *Board) Questions(ctx context.Context, f QuestionFilter) ([]Question, string, error) {
	f.Search = strings.TrimSpace(f.Search)
	return b.Store.Questions(ctx, f)
}

// QuestionDetail is a question with some of those who asked it.
type QuestionDetail struct {
	Question
	Samples []Ask `json:"samples" nullable:"false" doc:"The newest, at most twenty."`
}

// mostSamples is how many askings of a question are shown.
const mostSamples = 20

// Question reads one.
func (b *Board) Question(ctx context.Context, id desk.ID) (QuestionDetail, error) {
	q, err := b.Store.Question(ctx, id)
	if err != nil {
		return QuestionDetail{}, err
	}
	asks, err := b.Store.Asks(ctx, AskFilter{Question: id, Limit: mostSamples})
	return QuestionDetail{q, asks}, err
}

// Dismiss puts a question away: it is no business of the knowledge base. It is
// counted on, but not shown among the open ones.
func (b *Board) Dismiss(ctx context.Context, by string, id desk.ID) (Question, error) {
	return b.decide(ctx, by, id, QuestionDismissed, "")
}

// Reopen takes back whatever was decided.
func (b *Board) Reopen(ctx context.Context, by string, id desk.ID) (Question, error) {
	return b.decide(ctx, by, id, QuestionOpen, "")
}

func (b *Board) decide(ctx context.Context, by string, id desk.ID, to QuestionStatus, article desk.ID) (Question, error) {
	if err := b.Store.DecideQuestion(ctx, id, to, article, by, b.now()); err != nil {
		return Question{}, err
	}
	return b.Store.Question(ctx, id)
}

// Link gives an article the question as another way to ask for it: its next
// draft has it. The article stays published as it was.
func (b *Board) Link(ctx context.Context, by string, id, article desk.ID) (Question, kb.Article, error) {
	q, err := b.Store.Question(ctx, id)
	if err != nil {
		return Question{}, kb.Article{}, err
	}
	a, err := b.Library.Get(ctx, article)
	if err != nil {
		return Question{}, kb.Article{}, err
	}
	if q.Playbook != "" && a.Playbook != "" && a.Playbook != q.Playbook {
		return Question{}, kb.Article{}, desk.Errorf(desk.Invalid, "other_playbook", "the question is of playbook %q, the article of %q", q.Playbook, a.Playbook)
	}
	asked, err := b.likely(ctx, q, a.Lang)
	if err != nil {
		return Question{}, kb.Article{}, err
	}
	d := kb.Draft{ID: a.ID, Version: a.Version, Content: a.Content, Note: "a question that customers asked: " + q.Label}
	d.Questions = append(slices.Clone(a.Questions), asked)
	if len(d.Questions) > kb.MaxQuestions {
		return Question{}, kb.Article{}, desk.Errorf(desk.Conflict, "too_many_questions", "the article has %d questions already: take some out, or make it two articles", len(a.Questions))
	}
	if a, err = b.Library.Save(ctx, by, d); err != nil {
		return Question{}, kb.Article{}, err
	}
	q, err = b.decide(ctx, by, id, QuestionLinked, a.ID)
	return q, a, err
}

// likely is how the question is put to an article in lang: its label, or the
// newest asking in that language.
func (b *Board) likely(ctx context.Context, q Question, lang desk.Lang) (string, error) {
	if kb.LangOf(q.Label, lang) == lang {
		return q.Label, nil
	}
	asks, err := b.Store.Asks(ctx, AskFilter{Question: q.ID, Limit: 200})
	for _, a := range asks {
		if a.Lang == lang {
			return a.Text, err
		}
	}
	return q.Label, err
}

// Began is what a draft is begun with.
type Began struct {
	Slug string    // empty: made of the label
	Lang desk.Lang // empty: the one most asked in
	Body string    // empty: a line that says what to write
}

// Start begins an article's draft from a question: its label is the title, what
// was asked are its questions.
func (b *Board) Start(ctx context.Context, by string, id desk.ID, w Began) (Question, kb.Article, error) {
	q, err := b.Store.Question(ctx, id)
	if err != nil {
		return Question{}, kb.Article{}, err
	}
	if w.Lang == "" && len(q.Langs) > 0 {
		w.Lang = q.Langs[0]
	}
	asks, err := b.Store.Asks(ctx, AskFilter{Question: id, Limit: 200})
	if err != nil {
		return Question{}, kb.Article{}, err
	}
	title, err := b.likely(ctx, q, w.Lang)
	if err != nil {
		return Question{}, kb.Article{}, err
	}
	d := kb.Draft{Playbook: q.Playbook, Slug: w.Slug, Lang: w.Lang, Note: fmt.Sprintf("begun from a question that was asked %d times", q.Asked)}
	d.Title, d.Body = cut(title, kb.MaxTitle), w.Body
	for _, a := range asks {
		if a.Lang == w.Lang && a.Text != title && !slices.Contains(d.Questions, a.Text) && len(d.Questions) < mostSamples {
			d.Questions = append(d.Questions, a.Text)
		}
	}
	if d.Body == "" {
		d.Body = toWrite.In(w.Lang)
	}
	a, err := b.create(ctx, by, d)
	if err != nil {
		return Question{}, kb.Article{}, err
	}
	q, err = b.decide(ctx, by, id, QuestionDrafted, a.ID)
	return q, a, err
}

var toWrite = desk.T("Write the answer here.", "在此撰写答案。")

// create saves a new draft under a name that is free.
func (b *Board) create(ctx context.Context, by string, d kb.Draft) (kb.Article, error) {
	base := d.Slug
	if base == "" {
		base = slugOf(d.Title)
	}
	var a kb.Article
	var err error
	for n := 1; n <= slugTries; n++ {
		if d.Slug = base; n > 1 {
			d.Slug = fmt.Sprintf("%s-%d", base[:min(len(base), 60)], n)
		}
		a, err = b.Library.Save(ctx, by, d)
		if code(err) != "slug_taken" {
			break
		}
	}
	return a, err
}

// slugTries bounds the search for a free name.
const slugTries = 20

// slugOf makes a name of a title: its Latin words of meaning, or "question".
func slugOf(title string) string {
	var parts []string
	for _, w := range strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		t := kb.Terms(w)
		if len(t) > 0 && t[0].Weight == 1 && len(parts) < 6 {
			parts = append(parts, w)
		}
	}
	s := strings.Join(parts, "-")
	s = strings.Trim(s[:min(len(s), 50)], "-")
	if s == "" {
		return "question"
	}
	return s
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
