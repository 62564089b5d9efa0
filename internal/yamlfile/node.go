package yamlfile

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// pairsOf lists the pairs of a map, in the order of the file. Nothing at all
// is an empty map.
func pairsOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, n.Type() == ast.NullType
}

// text is a scalar as it was written, without quotes.
func text(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// plain is n for a field of type any.
func plain(n ast.Node, depth int) any {
	if depth > 2*MaxDepth {
		return nil
	}
	switch n := n.(type) {
	case *ast.BoolNode:
		return n.Value
	case *ast.IntegerNode:
		if i, err := strconv.Atoi(n.GetToken().Value); err == nil {
			return i
		}
	case *ast.FloatNode:
		return n.Value
	case *ast.SequenceNode:
		out := make([]any, len(n.Values))
		for i, x := range n.Values {
			out[i] = plain(x, depth+1)
		}
		return out
	case *ast.MappingNode:
		out := make(map[string]any, len(n.Values))
		for _, p := range n.Values {
			key, _ := text(p.Key)
			out[key] = plain(p.Value, depth+1)
		}
		return out
	case *ast.MappingValueNode:
		key, _ := text(n.Key)
		return map[string]any{key: plain(n.Value, depth+1)}
	}
	if s, ok := text(n); ok {
		return s
	}
	return nil
}

// find follows path from root as far as it goes.
func find(root ast.Node, path string) (line, col int) {
	n := root
	line, col = position(root)
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		if part == "$" {
			continue
		}
		next, at := child(n, part)
		if next == nil {
			break
		}
		n = next
		line, col = position(at)
	}
	return line, col
}

// child is the part of n and where to point at: the key of a map or list, the
// value itself when it is a scalar.
func child(n ast.Node, part string) (next, at ast.Node) {
	if s, ok := n.(*ast.SequenceNode); ok {
		i, err := strconv.Atoi(part)
		if err != nil || i < 0 || i >= len(s.Values) {
			return nil, nil
		}
		return s.Values[i], s.Values[i]
	}
	pairs, _ := pairsOf(n)
	for _, p := range pairs {
		if key, _ := text(p.Key); key == part {
			if _, scalar := text(p.Value); scalar {
				return p.Value, p.Value
			}
			return p.Value, p.Key
		}
	}
	return nil, nil
}

// fieldsOf maps the keys of a struct to its fields; embedded structs marked
// inline count as part of it.
func fieldsOf(t reflect.Type) map[string][]int {
	out := map[string][]int{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, opts, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if f.Anonymous && strings.Contains(opts, "inline") && f.Type.Kind() == reflect.Struct {
			for key, index := range fieldsOf(f.Type) {
				out[key] = append([]int{i}, index...)
			}
			continue
		}
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		out[name] = []int{i}
	}
	return out
}

func kind(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a map"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	}
	return "a text"
}

func wanted(k reflect.Kind) string {
	switch k {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return "a whole number"
}

// near suggests the key that was probably meant.
func near(key string, fields map[string][]int) string {
	best, least := "", min(3, max(2, len(key)/3+1))
	for f := range fields {
		if d := distance(key, f); d < least || d == least && f < best {
			best, least = f, d
		}
	}
	if best == "" {
		return ""
	}
	return ", did you mean " + strconv.Quote(best) + "?"
}

// distance is the edit distance of a and b, cut off at 3.
func distance(a, b string) int {
	if d := len(a) - len(b); d > 2 || d < -2 {
		return 3
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost = min(last, row[j], row[j+1]) + 1
			}
			last, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
