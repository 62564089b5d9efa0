package kb

import (
	"time"

	"github.com/parleyhq/parley/desk"
)

// Audience is who may read an article. Agents read everything.
type Audience string

// The audiences.
const (
	Customers Audience = "customers"
	Agents    Audience = "agents"
)

// Sees reports whether somebody of audience a may read what is written for b.
func (a Audience) Sees(b Audience) bool { return a == Agents || b == Customers }

// Question is what somebody wants to know.
type Question struct {
	Text     string
	Lang     desk.Lang // articles in another language are used only where there is none in this one
	Audience Audience  // who asks; empty: Customers
	Playbook string    // only this playbook's articles and those of none; empty: all articles
	Article  string    // the answer is the article of this slug, whatever Text says
	Tags     []string  // only articles with one of these tags; empty: all
	Now      time.Time // which articles are valid; zero: the present
	Limit    int       // hits wanted; zero: 5
	Context  []string  // what was said before, oldest first: names in it help to choose

	words int // of the whole message, where Text is a part of it
}

// Hit is one article found, by its best passage. Score orders the hits of one
// search; only Confidence, 0 to 1, can be compared between searches.
type Hit struct {
	Source     desk.Source `json:"source"`
	Lang       desk.Lang   `json:"lang"`
	Audience   Audience    `json:"audience"`
	Tags       []string    `json:"tags,omitempty"`
	Heading    string      `json:"heading,omitempty"` // of the passage, when it is not the article's title
	Text       string      `json:"text"`              // the passage, Markdown
	Question   string      `json:"question,omitempty"`
	Score      float64     `json:"score"`
	Confidence float64     `json:"confidence"`
	DidYouMean string      `json:"did_you_mean,omitempty"` // of the best hit: the question, with misspelt words as the article writes them
}

// Answer is what the knowledge base says to a question.
type Answer struct {
	Text       string      `json:"text"` // Markdown, at most MaxAnswer characters
	Lang       desk.Lang   `json:"lang"`
	Source     desk.Source `json:"source"`
	Confidence float64     `json:"confidence"`             // 0 to 1, calibrated
	DidYouMean string      `json:"did_you_mean,omitempty"` // as Hit's
	Place      *Place      `json:"place,omitempty"`        // of Text in the source
	Passages   []Hit       `json:"passages,omitempty"`
}

// MaxAnswer bounds the text of an Answer, in characters.
const MaxAnswer = 900
