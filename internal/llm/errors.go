package llm

import "fmt"

// ErrorKind says what went wrong with a call.
type ErrorKind string

// The kinds of failure. The first three may pass by themselves and have been
// tried again already.
const (
	TimedOut      ErrorKind = "timeout"
	Limited       ErrorKind = "rate_limited"
	Down          ErrorKind = "unavailable"    // cannot be reached, or says that it is broken
	Rejected      ErrorKind = "rejected"       // the endpoint does not take the request: key, model or schema
	Refused       ErrorKind = "refused"        // the model will not answer
	BadAnswer     ErrorKind = "bad_answer"     // empty, cut short, or not JSON although JSON was asked for
	OverBudget    ErrorKind = "over_budget"    // the conversation has spent its tokens
	NotConfigured ErrorKind = "not_configured" // no such model was named
	Cancelled     ErrorKind = "cancelled"
)

// Error is a failed call. It says nothing of what was asked or answered, so it
// may be logged.
type Error struct {
	Kind   ErrorKind
	Status int // of HTTP, if it came to that
	cause  error
}

func (e *Error) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("llm: %s (status %d)", e.Kind, e.Status)
	}
	return "llm: " + string(e.Kind)
}

func (e *Error) Unwrap() error { return e.cause }

// again reports whether the same call may succeed later.
func (e *Error) again() bool { return e.Kind == TimedOut || e.Kind == Limited || e.Kind == Down }
