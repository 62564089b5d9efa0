package routing

import (
	"context"
	"encoding/json"
	"time"

	"github.com/parleyhq/parley/desk"
)

// The kinds of job that routing enqueues. SuggestJob and LearnJob are handled by
// assist.
const (
	AnswerJob   = "answer"
	ToolJob     = "tool"
	DeliverJob  = "deliver"
	AssignJob   = "assign"
	ExpireJob   = "offer.expire"
	UnparkJob   = "unpark"
	GraceJob    = "presence.grace"
	PlaceJob    = "place"
	SuggestJob  = "suggest"
	LearnJob    = "learn" // {conversation_id}: an agent's conversation was closed, or rated since
	SweepJob    = "routing.sweep"
	IndexJob    = "routing.index"
	CallOverJob = "call.over"
	DialJob     = "voice.dial" // {conversation_id, agent_id}: call back; handled by whoever has telephones
)

// jobArgs are the arguments of every kind; each uses some of them.
type jobArgs struct {
	ConversationID desk.ID        `json:"conversation_id,omitempty"`
	MessageID      desk.ID        `json:"message_id,omitempty"`
	CallID         string         `json:"call_id,omitempty"`
	OfferID        desk.ID        `json:"offer_id,omitempty"`
	AgentID        desk.ID        `json:"agent_id,omitempty"`
	Queue          desk.QueueName `json:"queue,omitempty"`
	Seq            int64          `json:"seq,omitempty"`
}

// Register makes q run what routing enqueues.
func (r *Router) Register(q Jobs) {
	handle := func(kind string, limit time.Duration, f func(context.Context, jobArgs) error) {
		q.Handle(kind, limit, func(ctx context.Context, raw json.RawMessage) error {
			var a jobArgs
			if err := json.Unmarshal(raw, &a); err != nil {
				return desk.Errorf(desk.Invalid, "bad_job", "arguments of a %s job: %w", kind, err)
			}
			return f(ctx, a)
		})
	}
	handle(AnswerJob, 3*time.Minute, func(ctx context.Context, a jobArgs) error { return r.Answer(ctx, a.ConversationID) })
	handle(ToolJob, 3*time.Minute, func(ctx context.Context, a jobArgs) error { return r.RunTool(ctx, a.ConversationID, a.CallID) })
	handle(DeliverJob, 3*time.Minute, func(ctx context.Context, a jobArgs) error { return r.Deliver(ctx, a.ConversationID) })
	handle(AssignJob, time.Minute, func(ctx context.Context, _ jobArgs) error { return r.Assign(ctx) })
	handle(ExpireJob, time.Minute, func(ctx context.Context, a jobArgs) error { return r.ExpireOffer(ctx, a.OfferID) })
	handle(UnparkJob, time.Minute, func(ctx context.Context, a jobArgs) error { return r.unparkDue(ctx, a.ConversationID) })
	handle(GraceJob, time.Minute, func(ctx context.Context, a jobArgs) error { return r.GraceOver(ctx, a.AgentID) })
	handle(PlaceJob, time.Minute, func(ctx context.Context, a jobArgs) error { return r.tellPlaces(ctx, a.Queue) })
	handle(CallOverJob, time.Minute, func(ctx context.Context, a jobArgs) error { return r.callOver(ctx, a.ConversationID, a.Seq) })
	q.When(SweepJob, 15*time.Second, r.astray, r.Sweep)
	q.When(IndexJob, 3*time.Second, r.Store.Unindexed, func(ctx context.Context) error { return r.Store.Index(ctx, 200) })
}

// patient is how often a job is tried that customers wait for: a few restarts
// in a row must not use its attempts up.
const patient = 50

func answerJob(conversation desk.ID) desk.Job {
	j := desk.NewJob(AnswerJob, "answer:"+string(conversation), jobArgs{ConversationID: conversation})
	j.Max = patient
	return j
}

func deliverJob(conversation desk.ID) desk.Job {
	j := desk.NewJob(DeliverJob, "deliver:"+string(conversation), jobArgs{ConversationID: conversation})
	j.Max = patient
	return j
}

func toolJob(conversation desk.ID, call string) desk.Job {
	j := desk.NewJob(ToolJob, "tool:"+string(conversation)+":"+call, jobArgs{ConversationID: conversation, CallID: call})
	j.Max = patient
	return j
}

func suggestJob(conversation, message desk.ID) desk.Job {
	j := desk.NewJob(SuggestJob, "suggest:"+string(message), jobArgs{ConversationID: conversation, MessageID: message})
	j.Max = 3
	return j
}

func learnJob(conversation desk.ID) desk.Job {
	return desk.NewJob(LearnJob, "learn:"+string(conversation), jobArgs{ConversationID: conversation})
}

func assignJob() desk.Job { return desk.NewJob(AssignJob, "assign", jobArgs{}) }

func assignJobAt(at time.Time) desk.Job {
	j := desk.NewJob(AssignJob, "assign:"+at.Truncate(time.Second).Format(time.RFC3339), jobArgs{})
	j.At = at
	return j
}

func placeJob(queue desk.QueueName, at time.Time) desk.Job {
	j := desk.NewJob(PlaceJob, "place:"+string(queue), jobArgs{Queue: queue})
	j.At = at
	j.Max = 2
	return j
}
