package desk

import (
	"errors"
	"fmt"
)

// Kind says what sort of failure an error is. The HTTP status, the exit code
// and whether a retry helps all follow from it.
type Kind string

// The kinds of failure.
const (
	Invalid         Kind = "invalid"         // the input is wrong; repeating it will not help
	Unauthenticated Kind = "unauthenticated" // who are you?
	Forbidden       Kind = "forbidden"       // known, but not allowed
	NotFound        Kind = "not_found"
	Conflict        Kind = "conflict"  // somebody was faster, or the move is not legal now
	TooLarge        Kind = "too_large" // a body, file or list over its limit
	TooMany         Kind = "too_many"  // rate limited; later will do
	Unavailable     Kind = "unavailable"
	Internal        Kind = "internal"
)

// Error is a failure with a known cause. Code is a stable word that screens
// translate ("offer_taken"); Message is plain English for logs and for users
// of the API, and never holds a secret.
type Error struct {
	Kind    Kind
	Code    string
	Message string
	Field   string // the offending input, if one is: "slots.drink", "body.text"
	Err     error
}

func (e *Error) Error() string {
	s := e.Message
	if s == "" {
		s = e.Code
	}
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an *Error of kind with a stable code and a formatted message.
// What a %w in format wraps stays reachable for errors.Is and errors.As.
func Errorf(kind Kind, code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Code: code, Message: err.Error(), Err: errors.Unwrap(err)}
}

// KindOf returns the kind of err: that of the first *Error in its chain, or
// Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// IsKind reports whether err is a failure of kind.
func IsKind(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }
