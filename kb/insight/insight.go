// Package insight shows editors what to look at: questions that nobody answered,
// articles that say the same or the contrary, articles that help nobody, and
// drafts made of what agents answered. Whatever it keeps of customers is without
// personal data.
package insight

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Board finds what editors should look at, and carries out what they decide.
// Fill in its fields before the first call.
type Board struct {
	Store   Store
	Library *kb.Library
	Learns  bool    // the operator consents to drafts made of agents' replies
	Checker Checker // asks a model whether two passages contradict each other; nil: rules alone
	Now     func() time.Time
	Log     *slog.Logger

	once sync.Mutex // held while this node looks
}

// Registrar takes the handlers of jobs.
type Registrar interface {
	Every(kind string, every time.Duration, f func(ctx context.Context) error)
}

// The pace.
const (
	gatherEvery  = 10 * time.Minute
	compareEvery = time.Hour
	settled      = 15 * time.Minute // a conversation that was quiet for so long is read
	keepAsks     = 90 * 24 * time.Hour
	mostAsks     = 20_000 // kept
	mostGathered = 2000   // conversations read in one go
	gatherPage   = 100
)

// Register takes over the periodic work.
func (b *Board) Register(q Registrar) {
	q.Every("insight.gather", gatherEvery, b.Gather)
	q.Every("insight.compare", compareEvery, b.Compare)
}

// Gather reads what was asked since it last did, and puts it together with
// what was asked before. Doing it again finds nothing new.
func (b *Board) Gather(ctx context.Context) error {
	b.once.Lock()
	defer b.once.Unlock()
	err := errors.Join(b.gatherTalks(ctx), b.gatherMisses(ctx))
	if err == nil {
		err = b.Store.ForgetAsks(ctx, b.now().Add(-keepAsks), mostAsks)
	}
	if err != nil {
		return fmt.Errorf("gather what was asked: %w", err)
	}
	return b.cluster(ctx)
}

// Compare looks for passages that say the same or the contrary, and makes
// drafts of agents' replies.
func (b *Board) Compare(ctx context.Context) error {
	b.once.Lock()
	defer b.once.Unlock()
	return errors.Join(b.findPairs(ctx), b.findDrafts(ctx))
}

func (b *Board) now() time.Time {
	if b.Now == nil {
		return time.Now().UTC().Truncate(time.Microsecond)
	}
	return b.Now().UTC().Truncate(time.Microsecond)
}

func (b *Board) log() *slog.Logger {
	if b.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return b.Log
}

// decided is the error of who comes too late.
func decided(what string) error {
	return desk.Errorf(desk.Conflict, "decided_already", "somebody has decided on this %s already; read the list again", what)
}

// code is the stable word of a known error.
func code(err error) string {
	var e *desk.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
