package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Usage is what became of a published article since some time.
type Usage struct {
	ArticleID desk.ID `json:"-"`
	Answered  int     `json:"answered"` // by the bot
	Rephrased int     `json:"rephrased"`
	Shown     int     `json:"shown"` // to agents
	Sent      int     `json:"sent"`
	Edited    int     `json:"edited"`
	Ignored   int     `json:"ignored"`
	Helped    int     `json:"helped"` // votes in the help centre, of all times
	NotHelped int     `json:"not_helped"`
}

// Written is a published article and when what is published was written.
type Written struct {
	Source    desk.Source
	Playbook  string
	Lang      desk.Lang
	Tags      []string
	At        time.Time // the published version
	CreatedAt time.Time
	ValidFrom time.Time
	ValidTo   time.Time
}

// Advice is an article to look at, and why.
type Advice struct {
	desk.Source
	Playbook  string    `json:"playbook"`
	Lang      desk.Lang `json:"lang"`
	UpdatedAt time.Time `json:"updated_at"`
	Reasons   []Reason  `json:"reasons" nullable:"false" doc:"At least one, the most pressing first."`
	Usage     Usage     `json:"usage"`
}

// Reason says why to look at an article. Share is a part of what it is counted
// of; At is when it ends or what it should be as new as.
type Reason struct {
	Kind  ReasonKind `json:"kind"`
	Share float64    `json:"share,omitempty"`
	Count int        `json:"count,omitempty"`
	Lang  desk.Lang  `json:"lang,omitempty" doc:"Of the translation that is missing, or newer."`
	At    time.Time  `json:"at,omitzero"`
}

// ReasonKind names a reason.
type ReasonKind string

// The reasons, the most pressing first.
const (
	Expired        ReasonKind = "expired"
	Expiring       ReasonKind = "expiring"
	NotHelpful     ReasonKind = "not_helpful"     // in the help centre most say that it did not help
	AskedAgain     ReasonKind = "asked_again"     // the bot answers from it, and customers ask again or want a person
	OftenEdited    ReasonKind = "often_edited"    // agents seldom send it as it is
	OftenIgnored   ReasonKind = "often_ignored"   // agents see it and send something else
	OldTranslation ReasonKind = "old_translation" // another language is newer
	NotTranslated  ReasonKind = "not_translated"
	NeverUsed      ReasonKind = "never_used" // not answered from, not sent, not voted on
)

// ReasonKinds lists them, the most pressing first.
func ReasonKinds() []ReasonKind {
	return []ReasonKind{Expired, Expiring, NotHelpful, AskedAgain, OftenEdited, OftenIgnored, OldTranslation, NotTranslated, NeverUsed}
}

// When a share is one to look at, and of how many at least.
const (
	expiringIn   = 14 * 24 * time.Hour
	leastVotes   = 3
	unhelpful    = 0.5
	leastUses    = 4
	oftenEdited  = 0.5
	oftenIgnored = 0.8
	askedAgain   = 0.4
	newer        = time.Hour // a translation saved within it is as new
	// DefaultUnused is for how long an article may go without use.
	DefaultUnused = 60
	// MostUnused is the most days that can be looked back.
	MostUnused = 90
)

// AdviceFilter says what to list; empty fields let all through.
type AdviceFilter struct {
	Reason   ReasonKind
	Playbook *string
	Lang     desk.Lang
	Days     int // looked back; 0: DefaultUnused
}

// Advice lists the articles that need a look, the most pressing first.
func (b *Board) Advice(ctx context.Context, f AdviceFilter) ([]Advice, error) {
	if f.Days <= 0 {
		f.Days = DefaultUnused
	}
	since := b.now().Add(-time.Duration(min(f.Days, MostUnused)) * 24 * time.Hour)
	all, err := b.Store.Families(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what is published: %w", err)
	}
	used, err := b.Store.Usage(ctx, since)
	if err != nil {
		return nil, fmt.Errorf("count how articles are used: %w", err)
	}
	usage := map[desk.ID]Usage{}
	for _, u := range used { // an article of everybody's has one line for each playbook that answered from it
		was := usage[u.ArticleID]
		u.Answered, u.Rephrased = u.Answered+was.Answered, u.Rephrased+was.Rephrased
		usage[u.ArticleID] = u
	}
	families, langs := map[string][]Written{}, map[string][]desk.Lang{}
	for _, w := range all {
		k := w.Playbook + "\x00" + w.Source.Slug
		families[k] = append(families[k], w)
		if !slices.Contains(langs[w.Playbook], w.Lang) {
			langs[w.Playbook] = append(langs[w.Playbook], w.Lang)
		}
	}
	out := []Advice{}
	for _, w := range all {
		if f.Playbook != nil && w.Playbook != *f.Playbook || f.Lang != "" && w.Lang != f.Lang {
			continue
		}
		a := Advice{Source: w.Source, Playbook: w.Playbook, Lang: w.Lang, UpdatedAt: w.At, Usage: usage[w.Source.ArticleID]}
		a.Reasons = append(w.dates(b.now()), a.Usage.reasons()...)
		a.Reasons = append(a.Reasons, w.translations(families[w.Playbook+"\x00"+w.Source.Slug], langs[w.Playbook])...)
		if a.Usage.unused() && w.At.Before(since) {
			a.Reasons = append(a.Reasons, Reason{Kind: NeverUsed, Count: f.Days})
		}
		if len(a.Reasons) > 0 && (f.Reason == "" || slices.ContainsFunc(a.Reasons, func(r Reason) bool { return r.Kind == f.Reason })) {
			out = append(out, a)
		}
	}
	order := ReasonKinds()
	slices.SortFunc(out, func(a, b Advice) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Reasons[0].Kind), slices.Index(order, b.Reasons[0].Kind)),
			cmp.Compare(len(b.Reasons), len(a.Reasons)), strings.Compare(a.Title, b.Title), cmp.Compare(a.ArticleID, b.ArticleID))
	})
	return out, nil
}

func (w Written) dates(now time.Time) []Reason {
	switch {
	case w.ValidTo.IsZero():
		return nil
	case !now.Before(w.ValidTo):
		return []Reason{{Kind: Expired, At: w.ValidTo}}
	case w.ValidTo.Sub(now) < expiringIn:
		return []Reason{{Kind: Expiring, At: w.ValidTo}}
	}
	return nil
}

func (u Usage) reasons() (out []Reason) {
	share := func(part, all int) float64 { return float64(part) / float64(max(all, 1)) }
	if votes := u.Helped + u.NotHelped; votes >= leastVotes && share(u.NotHelped, votes) >= unhelpful {
		out = append(out, Reason{Kind: NotHelpful, Share: share(u.NotHelped, votes), Count: votes})
	}
	if n := u.Answered + u.Rephrased; n >= leastUses && share(u.Rephrased, n) >= askedAgain {
		out = append(out, Reason{Kind: AskedAgain, Share: share(u.Rephrased, n), Count: n})
	}
	if n := u.Sent + u.Edited; n >= leastUses && share(u.Edited, n) >= oftenEdited {
		out = append(out, Reason{Kind: OftenEdited, Share: share(u.Edited, n), Count: n})
	}
	if n := u.Sent + u.Edited + u.Ignored; n >= 2*leastUses && share(u.Ignored, n) >= oftenIgnored {
		out = append(out, Reason{Kind: OftenIgnored, Share: share(u.Ignored, n), Count: n})
	}
	return out
}

func (u Usage) unused() bool {
	return u.Answered+u.Rephrased+u.Sent+u.Edited+u.Helped+u.NotHelped == 0
}

// translations compares an article with its family, and with the languages
// that its playbook speaks.
func (w Written) translations(family []Written, langs []desk.Lang) (out []Reason) {
	for _, l := range langs {
		if l == w.Lang {
			continue
		}
		i := slices.IndexFunc(family, func(o Written) bool { return o.Lang == l })
		switch {
		case i < 0:
			out = append(out, Reason{Kind: NotTranslated, Lang: l})
		case family[i].At.Sub(w.At) > newer:
			out = append(out, Reason{Kind: OldTranslation, Lang: l, At: family[i].At})
		}
	}
	slices.SortFunc(out, func(a, b Reason) int { return cmp.Compare(b.Kind, a.Kind) }) // old before missing
	return out
}
