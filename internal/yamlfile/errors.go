package yamlfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// Error is one thing wrong in a file. It is of Kind Invalid.
type Error struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // from 1
	Column  int    `json:"column"` // from 1, in characters
	Message string `json:"message"`
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Unwrap gives the failure its desk.Kind.
func (e *Error) Unwrap() error {
	return &desk.Error{Kind: desk.Invalid, Code: "bad_file", Message: e.Error()}
}

// Errors is everything wrong in one or several files.
type Errors []*Error

func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes each of them reachable for errors.Is and errors.As.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// Err is es as an error in the order of files and lines, nil when it is empty.
func (es Errors) Err() error {
	if len(es) == 0 {
		return nil
	}
	sorted := slices.Clone(es)
	slices.SortStableFunc(sorted, func(a, b *Error) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return sorted
}

// Add appends err: all of its parts if it is an Errors, as it is if it is an
// *Error, otherwise at the start of file. A nil err adds nothing.
func (es *Errors) Add(file string, err error) {
	var one *Error
	var many Errors
	switch {
	case err == nil:
	case errors.As(err, &many):
		*es = append(*es, many...)
	case errors.As(err, &one):
		*es = append(*es, one)
	default:
		*es = append(*es, &Error{File: file, Line: 1, Column: 1, Message: err.Error()})
	}
}
