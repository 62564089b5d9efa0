package yamlfile

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"
)

type decoder struct {
	file string
	errs Errors
}

func (d *decoder) fail(n ast.Node, format string, args ...any) {
	if len(d.errs) >= MaxErrors {
		return
	}
	line, col := position(n)
	d.errs = append(d.errs, &Error{File: d.file, Line: line, Column: col, Message: fmt.Sprintf(format, args...)})
}

// unmarshaler is what desk.Text and other types of several forms implement.
type unmarshaler interface{ UnmarshalYAML(func(any) error) error }

// ordered is implemented by *Map.
type ordered interface {
	fill(keys []string) (value func(i int) any)
}

// value reads n into v and collects what is wrong.
func (d *decoder) value(n ast.Node, v reflect.Value, depth int) {
	if depth > 2*MaxDepth {
		d.fail(n, "nested deeper than %d", 2*MaxDepth)
		return
	}
	if d.custom(n, v, depth) {
		return
	}
	if n.Type() == ast.NullType {
		return // "slots:" with nothing after it is the zero value
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.value(n, v.Elem(), depth)
	case reflect.Struct:
		d.structure(n, v, depth)
	case reflect.Map:
		d.mapping(n, v, depth)
	case reflect.Slice:
		d.sequence(n, v, depth)
	case reflect.Interface:
		if x := plain(n, depth); x != nil {
			v.Set(reflect.ValueOf(x))
		}
	default:
		d.scalar(n, v)
	}
}

// custom reads n by the type's own method, if it has one.
func (d *decoder) custom(n ast.Node, v reflect.Value, depth int) bool {
	if !v.CanAddr() {
		return false
	}
	switch u := v.Addr().Interface().(type) {
	case ordered:
		d.orderedMap(n, u, depth)
	case unmarshaler:
		err := u.UnmarshalYAML(func(into any) error {
			sub := &decoder{file: d.file}
			sub.value(n, reflect.ValueOf(into).Elem(), depth+1)
			return sub.errs.Err()
		})
		var ours Errors
		if errors.As(err, &ours) {
			d.errs = append(d.errs, ours...)
		} else if err != nil {
			d.fail(n, "%v", err)
		}
	case *time.Duration:
		s, ok := text(n)
		x, err := time.ParseDuration(s)
		if !ok || err != nil {
			d.fail(n, "want a duration such as 5s or 2m")
		}
		*u = x
	case encoding.TextUnmarshaler:
		s, ok := text(n)
		if !ok {
			d.fail(n, "want a text, got %s", kind(n))
		} else if err := u.UnmarshalText([]byte(s)); err != nil {
			d.fail(n, "%v", err)
		}
	default:
		return false
	}
	return true
}

func (d *decoder) structure(n ast.Node, v reflect.Value, depth int) {
	pairs, ok := pairsOf(n)
	if !ok {
		d.fail(n, "want a map, got %s", kind(n))
		return
	}
	fields := fieldsOf(v.Type())
	d.each(pairs, func(key string, p *ast.MappingValueNode) {
		index, ok := fields[key]
		if !ok {
			d.fail(p.Key, "unknown key %q%s", key, near(key, fields))
			return
		}
		f, err := v.FieldByIndexErr(index)
		if err != nil {
			d.fail(p.Key, "unknown key %q", key)
			return
		}
		d.value(p.Value, f, depth+1)
	})
}

func (d *decoder) mapping(n ast.Node, v reflect.Value, depth int) {
	pairs, ok := pairsOf(n)
	if !ok {
		d.fail(n, "want a map, got %s", kind(n))
		return
	}
	t := v.Type()
	out := reflect.MakeMapWithSize(t, len(pairs))
	d.each(pairs, func(key string, p *ast.MappingValueNode) {
		k, x := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		d.value(p.Key, k, depth+1)
		d.value(p.Value, x, depth+1)
		out.SetMapIndex(k, x)
	})
	v.Set(out)
}

func (d *decoder) orderedMap(n ast.Node, m ordered, depth int) {
	if n.Type() == ast.NullType {
		return
	}
	pairs, ok := pairsOf(n)
	if !ok {
		d.fail(n, "want a map, got %s", kind(n))
		return
	}
	var keys []string
	var values []ast.Node
	d.each(pairs, func(key string, p *ast.MappingValueNode) {
		keys, values = append(keys, key), append(values, p.Value)
	})
	value := m.fill(keys)
	for i, x := range values {
		d.value(x, reflect.ValueOf(value(i)).Elem(), depth+1)
	}
}

func (d *decoder) sequence(n ast.Node, v reflect.Value, depth int) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fail(n, "want a list, got %s", kind(n))
		return
	}
	out := reflect.MakeSlice(v.Type(), len(s.Values), len(s.Values))
	for i, x := range s.Values {
		d.value(x, out.Index(i), depth+1)
	}
	v.Set(out)
}

func (d *decoder) scalar(n ast.Node, v reflect.Value) {
	s, ok := text(n)
	if !ok {
		d.fail(n, "want %s, got %s", wanted(v.Kind()), kind(n))
		return
	}
	var err error
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		if n.Type() != ast.BoolType {
			d.fail(n, "want true or false, got %q", s)
			return
		}
		v.SetBool(s == "true" || s == "True" || s == "TRUE")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		var x int64
		if x, err = strconv.ParseInt(s, 10, v.Type().Bits()); err == nil {
			v.SetInt(x)
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		var x uint64
		if x, err = strconv.ParseUint(s, 10, v.Type().Bits()); err == nil {
			v.SetUint(x)
		}
	case reflect.Float32, reflect.Float64:
		var x float64
		if x, err = strconv.ParseFloat(s, v.Type().Bits()); err == nil {
			v.SetFloat(x)
		}
	default:
		d.fail(n, "nothing can be given here")
		return
	}
	if err != nil {
		d.fail(n, "want %s, got %q", wanted(v.Kind()), s)
	}
}

// each calls f for every pair whose key is a plain one and not a repeat.
func (d *decoder) each(pairs []*ast.MappingValueNode, f func(key string, p *ast.MappingValueNode)) {
	seen := make(map[string]bool, len(pairs))
	for _, p := range pairs {
		key, ok := text(p.Key)
		if !ok {
			d.fail(p.Key, "a key is a word")
			continue
		}
		if seen[key] {
			d.fail(p.Key, "key %q is given twice", key)
			continue
		}
		seen[key] = true
		f(key, p)
	}
}

// version checks the file's version if the struct has a place for it.
func (d *decoder) version(root ast.Node, t reflect.Type) {
	if t.Kind() != reflect.Struct || fieldsOf(t)["version"] == nil {
		return
	}
	pairs, _ := pairsOf(root)
	for _, p := range pairs {
		if key, _ := text(p.Key); key == "version" {
			if s, _ := text(p.Value); s != strconv.Itoa(Version) {
				d.fail(p.Value, "version %s is not known: this program reads version: %d", s, Version)
			}
			return
		}
	}
	d.fail(root, "version: %d is missing", Version)
}
