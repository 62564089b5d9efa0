package insight

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/privacy"
	"github.com/parleyhq/parley/kb"
)

// Reply is what an agent wrote in his own words, without personal data.
type Reply struct {
	ID             desk.ID   `json:"id"`
	ConversationID desk.ID   `json:"conversation_id"`
	Playbook       string    `json:"-"`
	Lang           desk.Lang `json:"-"`
	Said           string    `json:"asked"` // what the customer had said
	Text           string    `json:"text"`
	Quality        float64   `json:"quality" doc:"Above 0, at most 1: how content the customer was, as far as is known."`
	At             time.Time `json:"at"`
}

// Draft is an article that could be: what agents answered again and again, and
// no article says.
type Draft struct {
	ID        desk.ID     `json:"id"`
	Playbook  string      `json:"playbook"`
	Lang      desk.Lang   `json:"lang"`
	Status    DraftStatus `json:"status"`
	Title     string      `json:"title"`
	Body      string      `json:"body"`
	Questions []string    `json:"questions" nullable:"false"`
	Replies   []Reply     `json:"replies" nullable:"false" doc:"It was made of, the most alike first."`
	Quality   float64     `json:"quality" doc:"Mean of the replies'."`
	ArticleID desk.ID     `json:"article_id,omitempty" doc:"What it became."`
	LastAt    time.Time   `json:"last_at"`
	ChangedAt time.Time   `json:"changed_at,omitzero"`
	ChangedBy string      `json:"changed_by,omitempty"`
}

// DraftStatus is what a person made of a draft.
type DraftStatus string

// The statuses of a draft.
const (
	DraftOpen      DraftStatus = "open"
	DraftAccepted  DraftStatus = "accepted"
	DraftDismissed DraftStatus = "dismissed"
)

// DraftFilter says which to list; empty fields let all through.
type DraftFilter struct {
	Status   DraftStatus
	Playbook *string
	After    string
	Limit    int // 1 to 200; 0: 50
}

// What makes a draft of replies.
const (
	leastReplies   = 3    // from as many conversations
	leastQuality   = 0.5  // mean; unrated ones count 0.7, those who came back half
	sameReply      = 0.5  // likeness of two replies by words
	sameSaid       = 0.15 // mean likeness of what else was asked to the most central of it
	leastReplyText = 6    // pieces of what is left without personal data
	mostReplies    = 4000
	mostDrafts     = 500
	shownReplies   = 10
)

// findDrafts puts similar replies together.
func (b *Board) findDrafts(ctx context.Context) error {
	if !b.Learns || b.Library == nil {
		return nil
	}
	replies, err := b.Store.OwnReplies(ctx, b.now().Add(-keepAsks), mostReplies)
	if err != nil {
		return fmt.Errorf("read what agents answered: %w", err)
	}
	old, err := b.Store.Drafts(ctx, DraftFilter{Limit: mostDrafts})
	if err != nil {
		return fmt.Errorf("read proposed drafts: %w", err)
	}
	known := map[desk.ID]int{} // by reply
	for i, d := range old {
		for _, r := range d.Replies {
			known[r.ID] = i
		}
	}
	type where struct {
		playbook string
		lang     desk.Lang
	}
	by := map[where][]Reply{}
	for _, r := range replies {
		r.Text, r.Said = impersonal(r.Text), tidy(r.Said, privacy.Person{})
		if r.Quality > 0 && len(kb.Terms(r.Text)) >= leastReplyText && worth(r.Said) {
			k := where{r.Playbook, r.Lang}
			by[k] = append(by[k], r)
		}
	}
	var out []Draft
	for k, list := range by {
		slices.SortFunc(list, func(a, b Reply) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
		for _, d := range draftsOf(list) {
			d.Playbook, d.Lang = k.playbook, k.lang
			if i := slices.IndexFunc(d.Replies, func(r Reply) bool { _, ok := known[r.ID]; return ok }); i >= 0 {
				was := old[known[d.Replies[i].ID]]
				if was.Status != DraftOpen {
					continue // a person has decided
				}
				d.ID, d.Status = was.ID, was.Status
			} else {
				d.ID, d.Status = desk.NewIDAt(b.now()), DraftOpen
			}
			if _, ok, err := b.Library.Answer(ctx, kb.Question{Text: d.Title, Lang: d.Lang, Playbook: d.Playbook}); err != nil {
				return fmt.Errorf("look for an answer: %w", err)
			} else if ok {
				continue // there is an article
			}
			out = append(out, d)
		}
	}
	if err := b.Store.SaveDrafts(ctx, out); err != nil {
		return fmt.Errorf("store proposed drafts: %w", err)
	}
	return nil
}

// draftsOf groups replies by what they say, and keeps the groups whose
// customers asked about the same.
func draftsOf(list []Reply) []Draft {
	var texts, said []string
	for _, r := range list {
		texts, said = append(texts, r.Text), append(said, r.Said)
	}
	bySaid, byText := newSpace(said), newSpace(texts)
	asked, points := make([]point, len(list)), make([]point, len(list))
	for i, r := range list {
		asked[i], points[i] = bySaid.point(r.Said, nil), byText.point(r.Text, nil)
	}
	var groups []group
	for i := range list {
		best, at := sameReply, -1
		for g := range groups {
			if s := points[i].words(groups[g].middle); s >= best {
				best, at = s, g
			}
		}
		if at < 0 {
			groups = append(groups, group{[]int{i}, points[i]})
			continue
		}
		groups[at].members = append(groups[at].members, i)
		groups[at].middle = middleOf(points, groups[at].members)
	}
	var out []Draft
	for _, g := range groups {
		if d, ok := draftOf(list, asked, points, g); ok {
			out = append(out, d)
		}
	}
	return out
}

func draftOf(list []Reply, asked, points []point, g group) (d Draft, ok bool) {
	talks := map[desk.ID]bool{}
	for _, n := range g.members {
		talks[list[n].ConversationID] = true
		d.Quality += list[n].Quality / float64(len(g.members))
		if list[n].At.After(d.LastAt) {
			d.LastAt = list[n].At
		}
	}
	if len(talks) < leastReplies || d.Quality < leastQuality {
		return d, false
	}
	label := group{g.members, middleOf(asked, g.members)}.central(asked)
	mean := 0.0
	for _, n := range g.members {
		if n != label {
			mean += asked[n].words(asked[label]) / float64(len(g.members)-1)
		}
	}
	if mean < sameSaid {
		return d, false // "you are welcome" is said to everything
	}
	d.Title, d.Body = cut(list[label].Said, kb.MaxTitle), list[g.central(points)].Text
	slices.SortStableFunc(g.members, func(a, b int) int { return cmp.Compare(points[b].words(g.middle), points[a].words(g.middle)) })
	for _, n := range g.members[:min(len(g.members), shownReplies)] {
		d.Replies = append(d.Replies, list[n])
		if q := list[n].Said; q != d.Title && !slices.Contains(d.Questions, q) {
			d.Questions = append(d.Questions, cut(q, kb.MaxQuestion))
		}
	}
	return d, true
}

// hidden is what stands for personal data and for a variable.
var hidden = regexp.MustCompile(`\{\{[^}]*\}\}|\[(?:card|account|id|mail|phone|secret|name|known|link)\]`)

// impersonal leaves out the sentences that speak of somebody: with a variable,
// or with personal data taken out. A greeting before a name goes with it.
func impersonal(reply string) string {
	var out []string
	for _, line := range strings.Split(privacy.Hide(reply, privacy.Person{}), "\n") {
		kept := ""
		for _, s := range kb.Sentences(line) {
			if greeting := strings.Index(s, ","); greeting > 0 && greeting < 40 && hidden.MatchString(s[:greeting]) && !hidden.MatchString(s[greeting:]) {
				s = strings.TrimSpace(s[greeting+1:])
				s = strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):]
			}
			if !hidden.MatchString(s) {
				kept += s
			}
		}
		out = append(out, strings.TrimSpace(kept))
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

// Drafts lists proposed drafts, the newest first.
func (b *Board) Drafts(ctx context.Context, f DraftFilter) ([]Draft, error) {
	return b.Store.Drafts(ctx, f)
}

// Accept makes an article's draft of a proposed one, with what the reviewer
// changed; its note says where it comes from. Nothing is published.
func (b *Board) Accept(ctx context.Context, by string, id desk.ID, slug string, c kb.Content) (Draft, kb.Article, error) {
	d, err := b.Store.Draft(ctx, id)
	if err != nil {
		return Draft{}, kb.Article{}, err
	}
	if d.Status != DraftOpen {
		return d, kb.Article{}, decided("draft")
	}
	if c.Title == "" {
		c.Title = d.Title
	}
	if c.Body == "" {
		c.Body = d.Body
	}
	if c.Questions == nil {
		c.Questions = d.Questions
	}
	talks := map[desk.ID]bool{}
	for _, r := range d.Replies {
		talks[r.ConversationID] = true
	}
	a, err := b.create(ctx, by, kb.Draft{Playbook: d.Playbook, Slug: slug, Lang: d.Lang, Content: c,
		Note: fmt.Sprintf("made of what agents answered in %d conversations; proposed as %s", len(talks), d.ID)})
	if err != nil {
		return d, kb.Article{}, err
	}
	if err := b.Store.DecideDraft(ctx, id, DraftAccepted, a.ID, by, b.now()); err != nil {
		return d, a, err
	}
	d, err = b.Store.Draft(ctx, id)
	return d, a, err
}

// Refuse puts a proposed draft away.
func (b *Board) Refuse(ctx context.Context, by string, id desk.ID) (Draft, error) {
	if err := b.Store.DecideDraft(ctx, id, DraftDismissed, "", by, b.now()); err != nil {
		return Draft{}, err
	}
	return b.Store.Draft(ctx, id)
}
