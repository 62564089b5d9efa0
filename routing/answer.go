package routing

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// The bounds of answering.
const (
	historyLength = 50
	turnsPerJob   = 50 // then other conversations get their turn
	turnTries     = 3
	turnPause     = 50 * time.Millisecond // before the second try; longer before the third
)

// errStale says that the conversation moved on while a turn was thought about:
// handed off, closed, taken, or answered by another node. That one wins.
var errStale = errors.New("the conversation moved on")

// Answer lets the responder of an automated conversation answer, in order,
// every customer message that has no answer yet, or greet when nothing was
// said. Each turn is one transaction. A turn that keeps failing does not leave
// silence: the customer is told and handed to a person. It is a job, and
// running it again changes nothing.
func (r *Router) Answer(ctx context.Context, conversation desk.ID) error {
	unlock, err := r.turns.lock(ctx, "turn ", conversation)
	if err != nil {
		return err
	}
	defer unlock()
	for range turnsPerJob {
		more, err := r.answerNext(ctx, conversation)
		if err != nil {
			return fmt.Errorf("answer %s: %w", conversation, err)
		}
		if !more {
			return nil
		}
	}
	return r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		return tx.Enqueue(ctx, answerJob(conversation))
	})
}

// answerNext takes one turn, and reports whether there may be another.
func (r *Router) answerNext(ctx context.Context, conversation desk.ID) (more bool, err error) {
	facts, err := r.Store.TurnFacts(ctx, conversation, historyLength)
	if err != nil {
		return false, err
	}
	rec := facts.Record
	if rec.Status != desk.Automated || rec.Call != nil || facts.Next == nil && rec.Responder != "" {
		return false, nil
	}
	t := r.turn(facts)
	answered := rec.AnsweredSeq
	if facts.Next != nil {
		answered = facts.Next.Seq
		t.Message = r.unmask(facts.Next)
		if t.Message.Content.Masked && t.Message.Content.Text != dots {
			t.Secret = SecretRef(facts.Next.ID)
		}
	}
	out, err := r.respond(ctx, t)
	if err != nil {
		return false, err
	}
	rec, err = r.carryOut(ctx, rec, out, answered)
	if errors.Is(err, errStale) {
		return true, nil // look again
	}
	// Who writes from now on queues a job of his own.
	return rec.Status == desk.Automated && rec.Call == nil && rec.HeardSeq > rec.AnsweredSeq, err
}

func (r *Router) turn(facts TurnFacts) desk.Turn {
	rec := facts.Record
	byLink := rec.Channel == desk.Webchat && strings.HasPrefix(rec.Address, "call:")
	if rec.Verified || rec.OnCall != "" || rec.Channel == desk.Voice || rec.Channel == desk.SMS || byLink {
		// A telephone's number tells whose contact it is, not who holds it, and
		// the link to the page of a call may have been passed on.
		facts.Contact.Verified = rec.Verified
	}
	return desk.Turn{
		Conversation: facts.Record.Conversation, Contact: facts.Contact, History: facts.History, Now: r.now(), Zone: r.zone(),
	}
}

// unmask gives a message its true text back while the vault has it.
func (r *Router) unmask(m *desk.Message) *desk.Message {
	out := *m
	if m.Content.Masked && r.Vault != nil {
		if text, ok := r.Vault.Get(SecretRef(m.ID)); ok {
			out.Content.Text = text
		}
	}
	return &out
}

// respond lets the playbook answer, a few times if it fails. When it cannot,
// the outcome is an apology and a person; it errs only when ctx ends.
func (r *Router) respond(ctx context.Context, t desk.Turn) (desk.Outcome, error) {
	var err error
	for try := range turnTries {
		if try > 0 {
			select {
			case <-ctx.Done():
				return desk.Outcome{}, ctx.Err()
			case <-time.After(turnPause << (2 * (try - 1))):
			}
		}
		var out desk.Outcome
		if out, err = r.try(ctx, t); err == nil {
			return out, nil
		}
		if ctx.Err() != nil {
			return desk.Outcome{}, ctx.Err()
		}
		if desk.IsKind(err, desk.NotFound) || desk.IsKind(err, desk.Invalid) {
			break // the same again would fail again
		}
	}
	r.log().ErrorContext(ctx, "turn failed; the customer goes to a person", "conversation", t.Conversation.ID,
		"playbook", t.Conversation.Playbook, "revision", t.Conversation.Revision, "error", err)
	return sorry(t), nil
}

// try is one attempt at a turn, with its time limit. A responder that ignores
// its limit is left behind.
func (r *Router) try(ctx context.Context, t desk.Turn) (desk.Outcome, error) {
	if r.Turned != nil {
		defer func(began time.Time) { r.Turned(time.Since(began)) }(time.Now())
	}
	ctx, cancel := context.WithTimeout(ctx, r.turnTime())
	defer cancel()
	type answer struct {
		out desk.Outcome
		err error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil {
				a = answer{err: desk.Errorf(desk.Internal, "turn_panicked", "the responder panicked: %v\n%s", p, debug.Stack())}
			}
			done <- a
		}()
		var b desk.Book
		if b, a.err = r.Books.Book(ctx, t.Conversation.Playbook, t.Conversation.Revision); a.err == nil {
			a.out, a.err = desk.Respond(ctx, b, t)
		}
	}()
	select {
	case a := <-done:
		return a.out, a.err
	case <-ctx.Done():
		return desk.Outcome{}, desk.Errorf(desk.Unavailable, "turn_timeout", "the turn took longer than %s: %w", r.turnTime(), ctx.Err())
	}
}

// sorry is the outcome of a turn that failed.
func sorry(t desk.Turn) desk.Outcome {
	text := desk.T("Sorry, something went wrong on our side. A colleague will go on from here.",
		"抱歉，我们这边出了点问题，接下来由人工同事为您服务。")
	return desk.Outcome{
		Responder: t.Conversation.Responder,
		States:    t.Conversation.States,
		Marks:     []desk.Mark{{Kind: desk.MarkHuman, Value: "failed"}},
		HandOff: &desk.HandOff{
			Card: &desk.HandOver{Reason: "failed", Wants: t.Conversation.Subject},
			Say:  desk.Content{Text: text.In(t.Lang())},
		},
	}
}

// RunTool calls the tool that a conversation waits for, then lets the
// responder that waits go on with the result. The call has the Do's ID as its
// idempotency key: after a crash it is made again with the same one. Customer
// messages that came meanwhile are answered after it, in order.
func (r *Router) RunTool(ctx context.Context, conversation desk.ID, call string) error {
	unlock, err := r.turns.lock(ctx, "turn ", conversation)
	if err != nil {
		return err
	}
	defer unlock()
	facts, err := r.Store.TurnFacts(ctx, conversation, historyLength)
	if err != nil {
		return err
	}
	rec := facts.Record
	if rec.Status != desk.Automated || rec.Call == nil || rec.Call.ID != call {
		return nil // done before, or not wanted any more
	}
	result := r.callTool(ctx, rec)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if facts, err = r.Store.TurnFacts(ctx, conversation, historyLength); err != nil {
		return err
	}
	t := r.turn(facts)
	t.Conversation.Responder, t.Result = rec.Call.By, &result
	out, err := r.respond(ctx, t)
	if err != nil {
		return err
	}
	_, err = r.carryOut(ctx, rec, out, rec.AnsweredSeq)
	if errors.Is(err, errStale) {
		return nil
	}
	return err
}

// callTool asks the tool. Whatever goes wrong is a result, too.
func (r *Router) callTool(ctx context.Context, rec Record) (result desk.Result) {
	do := rec.Call.Do
	failed := desk.Result{ID: do.ID, Tool: do.Tool, Error: "unavailable"}
	if r.Tools == nil {
		return failed
	}
	defer func() {
		if p := recover(); p != nil {
			r.log().ErrorContext(ctx, "tool panicked", "conversation", rec.ID, "tool", do.Tool, "panic", p)
			result = failed
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, r.toolTime())
	defer cancel()
	secrets := func(string) (string, bool) { return "", false }
	if r.Vault != nil {
		secrets = r.Vault.Get
	}
	result = r.Tools.Call(ctx, rec.Playbook, rec.Revision, do, secrets)
	result.ID, result.Tool = do.ID, do.Tool
	return result
}
