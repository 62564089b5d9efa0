package evals

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// YAML writes the file as people would: what ParseSuite reads again as the
// same.
func (f SuiteFile) YAML() []byte {
	f.Version = 1
	var w yamlWriter
	w.block(reflect.ValueOf(f), 0)
	return w.b.Bytes()
}

type yamlWriter struct{ b bytes.Buffer }

// field is one key of a struct that has a value.
type field struct {
	key   string
	value reflect.Value
}

func fields(v reflect.Value) []field {
	var out []field
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() {
			out = append(out, field{v.Type().Field(i).Tag.Get("yaml"), f})
		}
	}
	return out
}

// block writes a struct with a line for each key.
func (w *yamlWriter) block(v reflect.Value, indent int) {
	for i, f := range fields(v) {
		if i > 0 {
			w.b.WriteString(strings.Repeat(" ", indent))
		}
		w.b.WriteString(f.key + ":")
		switch f.value.Type() {
		case reflect.TypeFor[[]CaseFile](), reflect.TypeFor[[]StepFile]():
			w.b.WriteByte('\n')
			for k := range f.value.Len() {
				w.b.WriteString(strings.Repeat(" ", indent+2) + "- ")
				w.block(f.value.Index(k), indent+4)
			}
			continue
		case reflect.TypeFor[map[string]FakeFile]():
			w.b.WriteByte('\n')
			for _, k := range keys(f.value) {
				w.b.WriteString(strings.Repeat(" ", indent+2) + scalar(k.String()) + ": ")
				w.flow(f.value.MapIndex(k))
				w.b.WriteByte('\n')
			}
			continue
		}
		w.b.WriteByte(' ')
		w.flow(f.value)
		w.b.WriteByte('\n')
	}
}

func keys(m reflect.Value) []reflect.Value {
	out := m.MapKeys()
	slices.SortFunc(out, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// flow writes a value in one line.
func (w *yamlWriter) flow(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			w.b.WriteString("null")
			return
		}
		w.flow(v.Elem())
	case reflect.Struct:
		if one, ok := v.Interface().(ValueFile); ok && len(one.Say) == 0 {
			w.b.WriteString(scalar(one.Value))
			return
		}
		w.b.WriteByte('{')
		for i, f := range fields(v) {
			if i > 0 {
				w.b.WriteString(", ")
			}
			w.b.WriteString(f.key + ": ")
			w.flow(f.value)
		}
		w.b.WriteByte('}')
	case reflect.Map:
		w.b.WriteByte('{')
		for i, k := range keys(v) {
			if i > 0 {
				w.b.WriteString(", ")
			}
			w.b.WriteString(scalar(k.String()) + ": ")
			w.flow(v.MapIndex(k))
		}
		w.b.WriteByte('}')
	case reflect.Slice:
		w.b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				w.b.WriteString(", ")
			}
			w.flow(v.Index(i))
		}
		w.b.WriteByte(']')
	case reflect.String:
		w.b.WriteString(scalar(v.String()))
	default:
		w.b.WriteString(quoted(v.Interface())) // numbers, true and false are the same in JSON
	}
}

var (
	plainWords = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_ .'!?，。？！-]*$`)
	notWords   = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
)

// scalar is a text as YAML writes it; what could be anything else is quoted.
func scalar(s string) string {
	if plainWords.MatchString(s) && strings.TrimSpace(s) == s && !slices.Contains(notWords, strings.ToLower(s)) {
		return s
	}
	return quoted(s)
}

// quoted is v in JSON, which YAML reads as well.
func quoted(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return `""` // a channel or a function: no file holds one
	}
	return strings.TrimSpace(b.String())
}
