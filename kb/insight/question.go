package insight

import (
	"context"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
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
