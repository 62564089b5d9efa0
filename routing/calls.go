package routing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
)

// errOnCall says that another call has the conversation already.
var errOnCall = errors.New("there is a call in this conversation already")

// recently is for how long a caller who hung up finds everything as it was: his
// place in line, or the question he was asked.
const recently = 30 * time.Minute

// MarkAbandoned records that a caller hung up while he waited: Value is the
// queue, Data.waited for how many seconds.
const MarkAbandoned desk.MarkKind = "abandoned"

// CallStart is a call that was answered.
type CallStart struct {
	Call         desk.ID
	Address      string // the caller: E.164, or what stands for it
	Name         string
	Lang         desk.Lang // empty: the contact's
	Playbook     string    // empty: the default
	Contact      desk.ID   // when it is known who calls, as from a browser
	Conversation desk.ID   // of an outgoing call; nothing is greeted
	Verified     bool      // he has proved who he is
}

// CallOver is a call that ended.
type CallOver struct {
	Call, Conversation desk.ID
	Cause              string // normal, busy, lost, ...
	Waiting            bool   // it ended while the caller waited in a queue
}

// CallBegan finds or starts the conversation of a call, notes that the call is
// up, and lets the responder greet before it returns. A caller who hung up in a
// queue, or at a question, within the last half hour goes on there. While there
// is a call in his conversation already, somebody else who calls from the same
// number is a contact of his own.
func (r *Router) CallBegan(ctx context.Context, s CallStart) (desk.Conversation, error) {
	s.Address, s.Name = cleanLine(s.Address), cut(cleanLine(s.Name), maxName)
	if desk.Hidden(s.Address) {
		s.Address = "anonymous"
	}
	if s.Call == "" || s.Address == "" || len(s.Address) > maxID {
		return desk.Conversation{}, &desk.Error{Kind: desk.Invalid, Code: "no_address", Field: "address", Message: "a call needs an id and the address of who calls, of at most 512 bytes"}
	}
	if s.Conversation != "" {
		rec, err := r.change(ctx, s.Conversation, func(ctx context.Context, c *change) error { return c.callBegan(ctx, s) })
		return rec.Conversation, err
	}
	rec, err := r.incoming(ctx, s)
	if err != nil {
		return rec.Conversation, fmt.Errorf("begin call %s: %w", s.Call, err)
	}
	if err := r.Answer(ctx, rec.ID); err != nil { // the job tries again
		r.log().WarnContext(ctx, "call not greeted yet", "conversation", rec.ID, "error", err)
	}
	rec, err = r.Store.Record(ctx, rec.ID)
	return rec.Conversation, err
}

// ofThisCall is the identity of somebody about whom nothing is known but that he
// calls.
func (s CallStart) ofThisCall() desk.Identity {
	return desk.Identity{Channel: desk.Voice, Address: cut(s.Address, maxID-64) + ";call=" + string(s.Call)}
}

// incoming takes in a call that somebody makes.
func (r *Router) incoming(ctx context.Context, s CallStart) (rec Record, err error) {
	in := desk.Inbound{Channel: desk.Voice, Address: s.Address, Lang: s.Lang, Playbook: s.Playbook, Contact: s.Contact, Open: true}
	var live *book
	for range 3 {
		err = r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
			rec, err = r.callIn(ctx, tx, s, in, live)
			return err
		})
		if errors.Is(err, errOnCall) {
			continue // another call from the same number was faster
		}
		if !errors.Is(err, errNeedsBook) {
			return rec, err
		}
		playbook := s.Playbook
		if playbook == "" {
			playbook = r.Playbook
		}
		live = &book{}
		if live.name, live.revision, err = r.Books.Live(ctx, playbook); err != nil {
			return rec, fmt.Errorf("find the live playbook: %w", err)
		}
	}
	return rec, desk.Errorf(desk.Internal, "accept_failed", "no playbook for a new conversation")
}

func (r *Router) callIn(ctx context.Context, tx Tx, s CallStart, in desk.Inbound, live *book) (Record, error) {
	contact, err := r.caller(ctx, tx, s)
	if err != nil {
		return Record{}, err
	}
	rec, open, err := tx.LockOpen(ctx, contact.ID, in.Playbook)
	if err != nil {
		return rec, err
	}
	if open && s.Contact == "" && rec.OnCall != "" && rec.OnCall != s.Call {
		if contact, err = r.meet(ctx, tx, Person{Identity: s.ofThisCall(), Name: s.Name, Lang: s.Lang}); err != nil {
			return rec, err
		}
		rec, open, err = tx.LockOpen(ctx, contact.ID, in.Playbook)
		if err != nil {
			return rec, err
		}
	}
	if !open {
		if rec, open, err = r.startFor(ctx, tx, &contact, in, live); err != nil {
			return rec, err
		}
	}
	if rec.OnCall == s.Call {
		return rec, nil
	}
	if open && s.Contact == "" && rec.OnCall != "" {
		return rec, errOnCall
	}
	c := r.begin(tx, rec)
	if !open {
		if err := c.started(ctx); err != nil {
			return rec, err
		}
	}
	if err := c.callBegan(ctx, s); err != nil {
		return rec, err
	}
	// What somebody said who had proved who he is, nobody else is to hear.
	if err := c.goOn(ctx, !open || rec.Verified && !c.rec.Verified); err != nil {
		return rec, err
	}
	err = c.commit(ctx)
	return c.rec, err
}

// caller is who calls.
func (r *Router) caller(ctx context.Context, tx Tx, s CallStart) (desk.Contact, error) {
	at := desk.Identity{Channel: desk.Voice, Address: s.Address}
	switch {
	case s.Contact != "":
		return r.link(ctx, tx, s.Contact, at)
	case s.Address == "anonymous":
		return r.meet(ctx, tx, Person{Identity: s.ofThisCall(), Name: s.Name, Lang: s.Lang})
	}
	_, known, err := tx.ContactAt(ctx, at)
	if err != nil {
		return desk.Contact{}, err
	}
	if !known {
		c, found, err := tx.ContactOfPhone(ctx, s.Address)
		if err != nil {
			return c, err
		}
		if found {
			return r.link(ctx, tx, c.ID, at)
		}
	}
	return r.meet(ctx, tx, Person{Identity: at, Name: s.Name, Lang: s.Lang})
}

// callBegan notes that a call is up.
func (c *change) callBegan(ctx context.Context, s CallStart) error {
	if c.rec.OnCall == s.Call {
		return errNothing
	}
	before := desk.Identity{Channel: c.rec.Channel, Address: c.rec.Address}
	if err := c.rec.Conversation.CallBegan(s.Call, s.Address, c.now); err != nil {
		return err
	}
	if before.Channel != desk.Voice && before.Channel != "" {
		c.rec.Aside = &Aside{before, c.rec.Status == desk.Waiting || c.rec.Status == desk.Offered}
	}
	// Who calls from a number has proved nothing by it, whatever was proved in
	// this conversation before; a browser that calls is the one that chats.
	c.rec.Verified = s.Verified || c.rec.Verified && (s.Contact != "" || s.Conversation != "")
	if !c.rec.OfferAfter.IsZero() && c.rec.OfferAfter.After(c.now) {
		c.rec.OfferAfter = c.now
	}
	if c.rec.Status == desk.Parked {
		if err := c.unpark(ctx, nil); err != nil {
			return err
		}
	}
	return c.mark(ctx, desk.Mark{Kind: desk.MarkCall, Value: "began", Data: map[string]string{"call_id": string(s.Call), "from": s.Address}})
}

// goOn makes the caller hear where he is: greeted, at the question he was asked
// last, or in line again.
func (c *change) goOn(ctx context.Context, fresh bool) error {
	if c.rec.Status != desk.Automated {
		if c.rec.Status == desk.Waiting {
			c.enqueue(assignJob())
		}
		return nil
	}
	place := c.rec.Abandoned
	c.rec.Abandoned = nil
	if fresh {
		c.rec.States = nil
	}
	switch {
	case place != nil && c.now.Sub(place.At) < recently:
		return c.backInLine(ctx, *place)
	case fresh || c.now.Sub(c.rec.LastAt) >= recently:
		c.rec.Responder, c.rec.States, c.rec.Asking, c.rec.Call = "", nil, nil, nil
		c.rec.AnsweredSeq = c.rec.HeardSeq
	case c.rec.Responder != "" && c.rec.Call == nil && c.rec.HeardSeq <= c.rec.AnsweredSeq:
		m, ok, err := c.tx.LastAsked(ctx, c.rec.ID)
		if err != nil || !ok {
			return err
		}
		return c.say(ctx, m.Content)
	}
	c.enqueue(answerJob(c.rec.ID))
	return nil
}

// backInLine gives a caller the place that he left by hanging up.
func (c *change) backInLine(ctx context.Context, p Abandoned) error {
	q, err := c.queueFor(ctx, p.Queue)
	if err != nil {
		return err
	}
	if err := c.rec.HandOff(desk.HandOff{Queue: q.Name, Skills: p.Skills, Priority: p.Priority}, c.now); err != nil {
		return err
	}
	c.newRound()
	c.rec.WaitingSince, c.rec.Prefer = p.Since, p.Prefer
	return c.moved(ctx, desk.Automated, "called_again", nil)
}

// CallEnded notes that a call is over. A conversation that waited for it leaves
// its queue, unless a call back was asked for, or the customer waited on another
// channel before he called. Nothing happens when another call is up.
func (r *Router) CallEnded(ctx context.Context, o CallOver) error {
	_, err := r.change(ctx, o.Conversation, func(ctx context.Context, c *change) error {
		mine := c.rec.OnCall == o.Call
		c.rec.Conversation.CallEnded(o.Call, c.now)
		err := c.mark(ctx, desk.Mark{Kind: desk.MarkCall, Value: "ended", Data: map[string]string{"call_id": string(o.Call), "cause": cut(cleanLine(o.Cause), 64)}})
		if err != nil || !mine {
			return err
		}
		inLine := c.rec.Status == desk.Waiting || c.rec.Status == desk.Offered
		if inLine && c.rec.Callback == nil && (c.rec.Aside == nil || !c.rec.Aside.Waits) {
			if err := c.abandon(ctx); err != nil {
				return err
			}
		}
		if c.rec.Status == desk.Assigned {
			c.dial(c.rec.AgentID)
		}
		if c.rec.Status != desk.Assigned && c.rec.Aside != nil {
			c.rec.Channel, c.rec.Address = c.rec.Aside.Channel, c.rec.Aside.Address
		}
		if c.rec.Status == desk.Automated {
			c.enqueue(callOverJob(c.rec.ID, c.rec.Seq, c.now.Add(recently)))
		}
		return nil
	})
	return err
}

// abandon takes a caller out of line who hung up, and remembers his place.
func (c *change) abandon(ctx context.Context) error {
	from := c.rec.Status
	place := Abandoned{
		At: c.now, Queue: c.rec.Queue, Since: c.rec.WaitingSince, Skills: c.rec.Skills, Priority: c.rec.Priority, Prefer: c.rec.LastAgent,
	}
	if place.Prefer == "" {
		place.Prefer = c.rec.AgentID // it was before him
	}
	if from == desk.Offered {
		if err := c.endOffer(ctx, desk.OfferRevoked); err != nil {
			return err
		}
		if err := c.rec.Requeue(c.now); err != nil {
			return err
		}
	}
	if err := c.rec.Abandon(c.now); err != nil {
		return err
	}
	c.rec.Abandoned = &place
	c.rec.AnsweredSeq = c.rec.HeardSeq // what he said to those in the queue is not the bot's to answer
	if c.rec.Responder == "" {
		c.enqueue(answerJob(c.rec.ID))
	}
	err := c.mark(ctx, desk.Mark{Kind: MarkAbandoned, Value: string(place.Queue), Data: map[string]string{
		"waited": fmt.Sprint(int(c.now.Sub(place.Since).Seconds())),
	}})
	if err != nil {
		return err
	}
	return c.moved(ctx, from, "abandoned", nil)
}

// callOver closes a conversation in which nothing followed after its call. It
// is a job.
func (r *Router) callOver(ctx context.Context, conversation desk.ID, seq int64) error {
	_, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		if c.rec.Status != desk.Automated || c.rec.OnCall != "" || c.rec.Seq != seq {
			return errNothing
		}
		return c.close(ctx, nil, "call_over")
	})
	if desk.IsKind(err, desk.NotFound) {
		return nil
	}
	return err
}

func callOverJob(conversation desk.ID, seq int64, at time.Time) desk.Job {
	j := desk.NewJob(CallOverJob, "", jobArgs{ConversationID: conversation, Seq: seq})
	j.At = at
	return j
}

// heardAt notes where a customer wrote from. While he is on the phone, that is
// where to reply; a tap on a page beside it is remembered for afterwards.
func (c *change) heardAt(at desk.Identity) {
	if at.Channel != desk.Voice && c.rec.OnCall != "" {
		c.rec.Aside = &Aside{at, c.rec.Aside != nil && c.rec.Aside.Waits}
	}
	if at.Channel == desk.Voice || c.rec.OnCall == "" {
		c.rec.Channel, c.rec.Address = at.Channel, at.Address
	}
	c.rec.Abandoned = nil
}

// replyBy is the channel that what somebody writes goes out on. A call speaks
// what menus and bots say; what a person types is for reading, and once the call
// is over the telephone is reached by short messages only.
func (c *change) replyBy(author desk.AuthorKind) desk.ChannelName {
	switch {
	case c.rec.Channel != desk.Voice:
	case c.rec.Aside != nil && (c.rec.OnCall == "" || author == desk.ByAgent):
		return c.rec.Aside.Channel
	case c.rec.OnCall == "" && author == desk.ByAgent && telephone.MatchString(c.rec.Address):
		return desk.SMS
	}
	return c.rec.Channel
}
