package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/parleyhq/parley/desk"
)

// together is how many transactions are committed with one write to the disk
// at most.
const together = 64

var (
	// errTogether says that the transactions committed together failed
	// together; each runs again alone to find out whose fault it was.
	errTogether = errors.New("the transactions committed together failed")
	errAborted  = errors.New("the transaction did not finish")
	errClosed   = desk.Errorf(desk.Unavailable, "database_closed", "the database is closed")
)

// writer is SQLite's only writer. It hands one database transaction round
// among the callers that wait, first come first served: each runs in its own
// goroutine between two savepoints, then all are committed at once. A caller
// that fails, panics or is cancelled undoes only its own part.
type writer struct {
	db    *sql.DB
	queue chan *turn // unbuffered: who waits, waits in order
	quit  chan struct{}
	done  chan struct{}
}

// turn is one caller's place in the queue.
type turn struct {
	ctx    context.Context
	alone  bool
	begin  chan *sql.Tx // unbuffered; the caller runs now
	ran    chan error   // the caller has run; with an error its part is undone
	result chan error   // what became of the commit of all, or why there was no begin
}

func newWriter(db *sql.DB) *writer {
	w := &writer{db: db, queue: make(chan *turn), quit: make(chan struct{}), done: make(chan struct{})}
	go w.run()
	return w
}

// close ends the writer after the batch that is under way.
func (w *writer) close() {
	select {
	case <-w.quit:
	default:
		close(w.quit)
	}
	<-w.done
}

// do runs f in a transaction and returns once that is on the disk.
func (w *writer) do(ctx context.Context, alone bool, f func(*sql.Tx) error) error {
	t := &turn{ctx: ctx, alone: alone, begin: make(chan *sql.Tx), ran: make(chan error, 1), result: make(chan error, 1)}
	select {
	case w.queue <- t:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.done:
		return errClosed
	}
	select {
	case tx := <-t.begin:
		// Also who failed waits for the commit: what he has seen of the
		// others, and why he failed, holds only from then on.
		err := t.run(tx, f)
		if broken := <-t.result; broken != nil { // it is short
			return broken
		}
		return err
	case err := <-t.result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run calls f and always tells the writer that it has ended, also when f
// panics or ends its goroutine.
func (t *turn) run(tx *sql.Tx, f func(*sql.Tx) error) error {
	err := errAborted
	defer func() { t.ran <- err }()
	err = f(tx)
	return err
}

func (w *writer) run() {
	defer close(w.done)
	var next *turn
	for {
		if next == nil {
			select {
			case next = <-w.queue:
			case <-w.quit:
				return
			}
		}
		next = w.batch(next)
	}
}

// batch commits first, and whoever else waits, in one transaction. It returns
// a turn that it took from the queue but that must run alone.
func (w *writer) batch(first *turn) (left *turn) {
	tx, err := w.db.BeginTx(context.Background(), nil)
	if err != nil {
		first.result <- fmt.Errorf("begin: %w", err)
		return nil
	}
	var ran []*turn
	var broken error
	for t := first; t != nil && broken == nil; {
		ok := false
		if ok, broken = w.give(tx, t); ok {
			ran = append(ran, t)
		}
		if t.alone || len(ran) == together {
			break
		}
		select {
		case t = <-w.queue:
			if t.alone {
				left, t = t, nil
			}
		default:
			t = nil
		}
	}
	if broken == nil {
		broken = tx.Commit()
	}
	if broken != nil {
		_ = tx.Rollback()
		broken = fmt.Errorf("commit: %w", broken)
		if len(ran) > 1 {
			broken = fmt.Errorf("%w: %w", errTogether, broken)
		}
	}
	for _, t := range ran {
		t.result <- broken
	}
	return left
}

// give lends the transaction to one caller. It reports whether the caller has
// run and waits for the commit; broken means that the whole transaction is
// lost.
func (w *writer) give(tx *sql.Tx, t *turn) (ran bool, broken error) {
	if _, err := tx.Exec("SAVEPOINT turn"); err != nil {
		t.result <- errTogether
		return false, err
	}
	err := context.Canceled
	select {
	case t.begin <- tx:
		ran, err = true, <-t.ran
	case <-t.ctx.Done():
	}
	end := "RELEASE turn"
	if err != nil {
		end = "ROLLBACK TO turn; RELEASE turn"
	}
	if _, broken = tx.Exec(end); broken != nil {
		// The engine has given up the transaction, as it does when the disk
		// is full.
		t.result <- errTogether
		return false, broken
	}
	return ran, nil
}
