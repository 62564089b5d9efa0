package bot

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// ToolDef declares an HTTP call that flows may make. Its url, headers and body
// are templates of {{argument}}, {{env.NAME}}, {{secret.NAME}} and {{id}}, the
// idempotency key.
type ToolDef struct {
	Name        string
	Description string
	SideEffect  bool // the customer confirms before it is called
	Method      string
	URL         string
	Headers     map[string]string
	Body        any               // a JSON value whose texts are templates; nil: no body
	Timeout     time.Duration     // of one attempt
	Retries     int               // further attempts after a network error, 429 or 5xx
	Result      map[string]string // dotted path in the answer: name; empty: the whole answer is kept
	Args        map[string]ArgDef
}

// ArgDef is the type of an argument.
type ArgDef struct {
	Type     string // string, number or boolean
	Optional bool
}

// The bounds of a tool.
const (
	DefaultToolTimeout = 5 * time.Second
	MaxToolTimeout     = 30 * time.Second
	MaxToolRetries     = 5
	maxKept            = 16 << 10 // bytes of an answer that is kept whole
)

// errExpired is the error word of a tool whose secret argument is gone.
const errExpired = "expired"

type toolsFile struct {
	Version int                 `yaml:"version"`
	Tools   map[string]toolFile `yaml:"tools"`
}

type toolFile struct {
	Description string            `yaml:"description"`
	SideEffect  bool              `yaml:"side_effect"`
	Method      string            `yaml:"method"`
	URL         string            `yaml:"url"`
	Headers     map[string]string `yaml:"headers"`
	Body        any               `yaml:"body"`
	Timeout     time.Duration     `yaml:"timeout"`
	Retries     int               `yaml:"retries"`
	Result      map[string]string `yaml:"result"`
	Args        map[string]string `yaml:"args"`
}

var (
	toolName  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	urlPrefix = regexp.MustCompile(`^(https?://[A-Za-z0-9.:\[\]-]+|\{\{\s*env\.[A-Z0-9_]+\s*\}\})(/|\?|$)`)
	outerName = regexp.MustCompile(`^(env|secret)\.[A-Z][A-Z0-9_]{0,63}$`)
)

// ParseTools reads and checks tools.yaml. The tools come sorted by name.
func ParseTools(name string, data []byte) ([]ToolDef, error) {
	doc, err := yamlfile.Parse(name, data)
	if err != nil {
		return nil, err
	}
	var raw toolsFile
	if err := doc.Decode(&raw); err != nil {
		return nil, err
	}
	var errs yamlfile.Errors
	var out []ToolDef
	for _, tool := range slices.Sorted(maps.Keys(raw.Tools)) {
		p := toolParser{doc: doc, path: "$.tools." + tool}
		out = append(out, p.read(tool, raw.Tools[tool]))
		errs = append(errs, p.errs...)
	}
	return out, errs.Err()
}

type toolParser struct {
	doc  *yamlfile.Doc
	path string
	errs yamlfile.Errors
}

func (p *toolParser) fail(path, format string, args ...any) {
	p.errs = append(p.errs, p.doc.Errorf(p.path+path, format, args...))
}

func (p *toolParser) read(name string, raw toolFile) ToolDef {
	def := ToolDef{
		Name: name, Description: raw.Description, SideEffect: raw.SideEffect, Method: strings.ToUpper(raw.Method), URL: raw.URL,
		Headers: raw.Headers, Body: raw.Body, Timeout: raw.Timeout, Retries: raw.Retries, Result: raw.Result, Args: map[string]ArgDef{},
	}
	if !toolName.MatchString(name) {
		p.fail("", "%q cannot name a tool: use small letters, digits and _", name)
	}
	for arg, word := range raw.Args {
		kind, optional := strings.CutSuffix(word, "?")
		if kind != "string" && kind != "number" && kind != "boolean" || !slotName.MatchString(arg) || arg == "id" {
			p.fail(".args."+arg, "an argument is a name and string, number or boolean, with ? when it may be missing (id is taken); got %q", word)
		}
		def.Args[arg] = ArgDef{Type: kind, Optional: optional}
	}
	p.request(&def)
	if def.Timeout == 0 {
		def.Timeout = DefaultToolTimeout
	}
	if def.Timeout < 0 || def.Timeout > MaxToolTimeout {
		p.fail(".timeout", "timeout is at most %s", MaxToolTimeout)
	}
	if def.Retries < 0 || def.Retries > MaxToolRetries {
		p.fail(".retries", "retries is 0 to %d", MaxToolRetries)
	}
	for path, as := range def.Result {
		if !slotName.MatchString(as) {
			p.fail(".result", "%s: %q cannot name a result: use small letters, digits and _", path, as)
		}
	}
	return def
}

func (p *toolParser) request(def *ToolDef) {
	if def.Method == "" {
		def.Method = "GET"
		if def.Body != nil {
			def.Method = "POST"
		}
	}
	switch def.Method {
	case "GET":
		if def.SideEffect {
			p.fail(".method", "a GET has no side effect: use POST, PUT, PATCH or DELETE")
		}
	case "POST", "PUT", "PATCH", "DELETE":
	default:
		p.fail(".method", "unknown method %q", def.Method)
	}
	if !urlPrefix.MatchString(def.URL) {
		p.fail(".url", "a url starts with http://HOST, https://HOST or {{env.NAME}}; arguments come after the host")
	}
	p.template(".url", def.URL, def.Args)
	for k, v := range def.Headers {
		p.template(".headers."+k, v, def.Args)
	}
	p.body(".body", def.Body, def.Args, 0)
}

func (p *toolParser) body(path string, v any, args map[string]ArgDef, depth int) {
	if depth > 8 {
		p.fail(path, "the body is nested deeper than 8")
		return
	}
	switch v := v.(type) {
	case string:
		p.template(path, v, args)
	case []any:
		for i, x := range v {
			p.body(indexed(path, i), x, args, depth+1)
		}
	case map[string]any:
		for k, x := range v {
			p.body(path+"."+k, x, args, depth+1)
		}
	}
}

func (p *toolParser) template(path, s string, args map[string]ArgDef) {
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		if _, ok := args[m[1]]; !ok && m[1] != "id" && !outerName.MatchString(m[1]) {
			p.fail(path, "unknown name {{%s}}: use an argument listed under args, env.NAME, secret.NAME or id", m[1])
		}
	}
}

// Map keeps of a tool's answer what the definition names. It fails when the
// answer is no JSON or a named path is missing.
func (d ToolDef) Map(answer []byte) (json.RawMessage, error) {
	if len(d.Result) == 0 {
		if len(strings.TrimSpace(string(answer))) == 0 {
			return json.RawMessage("{}"), nil
		}
		if len(answer) > maxKept || !json.Valid(answer) {
			return nil, fmt.Errorf("the answer of %s is no JSON of at most %d bytes", d.Name, maxKept)
		}
		return json.RawMessage(answer), nil
	}
	out := make(map[string]any, len(d.Result))
	for path, name := range d.Result {
		path, optional := strings.CutSuffix(path, "?")
		v, ok := lookup(answer, path)
		if !ok && !optional {
			return nil, fmt.Errorf("the answer of %s has no %s", d.Name, path)
		}
		if ok {
			out[name] = v
		}
	}
	return json.Marshal(out)
}

// lookup finds the value at a dotted path ("order.items.0.name") of a JSON
// object, or the value of the key that is the whole path.
func lookup(data []byte, path string) (any, bool) {
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return nil, false
	}
	if m, ok := v.(map[string]any); ok && m[path] != nil {
		return m[path], true
	}
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, v != nil
}

// plainText shows a JSON value as text, at most maxValue characters.
func plainText(v any) string {
	var s string
	switch v := v.(type) {
	case nil:
	case string:
		s = v
	case json.Number:
		s = v.String()
	default:
		b, _ := json.Marshal(v)
		s = string(b)
	}
	return cut(s, maxValue)
}

// saved reads what the flow keeps of a result.
func (a *Action) saved(def ToolDef, res desk.Result) map[string]string {
	out := make(map[string]string, len(a.Save))
	for name, path := range a.Save {
		if mapped, ok := def.Result[path]; ok { // the path in the answer was given a name
			if v, ok := lookup(res.Data, mapped); ok {
				out[name] = plainText(v)
				continue
			}
		}
		if v, ok := lookup(res.Data, path); ok {
			out[name] = plainText(v)
		}
	}
	return out
}
