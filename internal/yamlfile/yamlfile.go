// Package yamlfile reads the YAML files of a playbook strictly: an unknown
// key, a key given twice, a wrong type or a missing version is an error that
// names file, line and column, and one reading reports all of them.
//
// The language is a subset of YAML 1.2: no anchors, aliases, merge keys, tags
// or several documents, so a file cannot grow when it is read. A string field
// takes any plain scalar as it was written: 0123 stays "0123", yes stays "yes".
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The bounds of a file.
const (
	MaxBytes  = 1 << 20
	MaxDepth  = 32
	MaxErrors = 100 // further ones are left out
	Version   = 1   // of the format; every file says it
)

// Decode reads data into the struct that into points to. If that struct has a
// field for the key "version", the file must say version: 1. What it returns
// is an Errors, all with name as their file.
func Decode(name string, data []byte, into any) error {
	doc, err := Parse(name, data)
	if err != nil {
		return err
	}
	return doc.Decode(into)
}

// At returns the line and column, from 1, of what path leads to, for example
// "$.slots.drink.of[1]". Where the path ends early it is the position of the
// last part found; 1, 1 when the file cannot be read.
func At(name string, data []byte, path string) (line, col int) {
	doc, err := Parse(name, data)
	if err != nil {
		return 1, 1
	}
	return doc.At(path)
}

// Doc is a file that was parsed. It is safe for several readers.
type Doc struct {
	name string
	root ast.Node
}

// Parse checks the syntax of a file. What it returns is an Errors.
func Parse(name string, data []byte) (doc *Doc, err error) {
	defer func() { // the parser is not ours; no file may stop the process
		if r := recover(); r != nil {
			doc, err = nil, Errors{{File: name, Line: 1, Column: 1, Message: fmt.Sprintf("the file cannot be parsed: %v", r)}}
		}
	}()
	fail := func(line, col int, format string, args ...any) (*Doc, error) {
		return nil, Errors{{File: name, Line: line, Column: col, Message: fmt.Sprintf(format, args...)}}
	}
	if len(data) > MaxBytes {
		return fail(1, 1, "the file has %d bytes, the limit is %d", len(data), MaxBytes)
	}
	if !utf8.Valid(data) {
		return fail(1, 1, "the file is not UTF-8 text")
	}
	tokens := lexer.Tokenize(string(data))
	if t, why := forbidden(tokens); t != nil {
		return fail(t.Position.Line, t.Position.Column, "%s", why)
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // Decode reports the duplicates, all of them
	if err != nil {
		var y yaml.Error
		if errors.As(err, &y) && y.GetToken() != nil {
			p := y.GetToken().Position
			return fail(p.Line, p.Column, "%s%s", y.GetMessage(), hint(data, p.Line))
		}
		return fail(1, 1, "%v", err)
	}
	doc = &Doc{name: name}
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		if doc.root != nil {
			line, col := position(d.Body)
			return fail(line, col, "a second document: a file holds one")
		}
		doc.root = d.Body
	}
	if doc.root == nil {
		return fail(1, 1, "the file is empty")
	}
	return doc, nil
}

// Decode reads the document as the function Decode does.
func (doc *Doc) Decode(into any) error {
	rv := reflect.ValueOf(into)
	if rv.Kind() != reflect.Pointer || rv.IsNil() {
		return fmt.Errorf("yamlfile: decode into %T, want a pointer", into)
	}
	d := &decoder{file: doc.name}
	d.version(doc.root, rv.Elem().Type())
	d.value(doc.root, rv.Elem(), 0)
	return d.errs.Err()
}

// At is the function At on a parsed document.
func (doc *Doc) At(path string) (line, col int) { return find(doc.root, path) }

// Errorf makes an Error at the position of path.
func (doc *Doc) Errorf(path, format string, args ...any) *Error {
	line, col := doc.At(path)
	return &Error{File: doc.name, Line: line, Column: col, Message: fmt.Sprintf(format, args...)}
}

// hint explains the slip that is made most in line number line: braces are
// YAML's own, so a text with {{name}} within {...} needs quotes.
func hint(data []byte, line int) string {
	for i, text := range bytes.Split(data, []byte("\n")) {
		if i+1 == line && bytes.Contains(text, []byte("{{")) {
			return " (a text with {{...}} needs quotes)"
		}
	}
	return ""
}

// forbidden finds the first token that is not part of our subset.
func forbidden(tokens token.Tokens) (*token.Token, string) {
	depth, entries, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, entries = t.Position.Line, 0
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			return t, "anchors, aliases and merge keys are not allowed: write the value out"
		case token.TagType:
			return t, "tags are not allowed"
		case token.MappingKeyType:
			return t, `complex keys ("? ") are not allowed`
		case token.DirectiveType:
			return t, "directives are not allowed"
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType:
			entries++
		}
		if depth > MaxDepth || entries > MaxDepth {
			return t, fmt.Sprintf("nested deeper than %d", MaxDepth)
		}
	}
	return nil, ""
}

func position(n ast.Node) (line, col int) {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return position(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return position(n.Key)
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return max(1, t.Position.Line), max(1, t.Position.Column)
	}
	return 1, 1
}
