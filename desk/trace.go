package desk

import "context"

// Trace names what is being worked on, so that the log's lines about one
// request, job or conversation are found together.
type Trace struct {
	Request      string
	Job          ID
	Conversation ID
}

type traceKey struct{}

// WithTrace returns ctx with what t names; its empty fields stay as they were.
func WithTrace(ctx context.Context, t Trace) context.Context {
	old := TraceOf(ctx)
	if t.Request == "" {
		t.Request = old.Request
	}
	if t.Job == "" {
		t.Job = old.Job
	}
	if t.Conversation == "" {
		t.Conversation = old.Conversation
	}
	return context.WithValue(ctx, traceKey{}, t)
}

// TraceOf is what ctx is about.
func TraceOf(ctx context.Context) Trace {
	t, _ := ctx.Value(traceKey{}).(Trace)
	return t
}
