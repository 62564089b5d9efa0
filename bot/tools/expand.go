package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// request is a call with every template filled.
type request struct {
	method, url string
	header      http.Header
	body        []byte
}

var placeholder = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// values are what the templates of one call may hold.
type values struct {
	client *Client
	def    bot.ToolDef
	id     string
	args   map[string]string
	err    error // the first that went wrong
}

func (c *Client) expand(def bot.ToolDef, do desk.Do, secrets func(string) (string, bool)) (request, error) {
	v := &values{client: c, def: def, id: do.ID, args: map[string]string{}}
	for name, arg := range do.Args {
		if _, ok := def.Args[name]; !ok {
			return request{}, failure(Refused, fmt.Errorf("%s takes no argument %q", def.Name, name))
		}
		if ref, ok := strings.CutPrefix(arg, "secret:"); ok {
			if arg, ok = reveal(secrets, ref); !ok {
				return request{}, failure(Expired, errors.New("a sensitive answer is kept no longer"))
			}
		}
		v.args[name] = arg
	}
	for name, arg := range def.Args {
		if _, ok := v.args[name]; !ok && !arg.Optional {
			return request{}, failure(Refused, fmt.Errorf("%s needs the argument %s", def.Name, name))
		}
	}
	r := request{method: def.Method, url: v.url(), header: v.header()}
	if def.Body != nil {
		body, err := json.Marshal(v.body(def.Body))
		if err != nil || len(body) > maxBody {
			return request{}, failure(Refused, errors.New("the body is too large"))
		}
		r.body = body
		r.header.Set("Content-Type", "application/json")
	}
	return r, v.err
}

func reveal(secrets func(string) (string, bool), ref string) (string, bool) {
	if secrets == nil {
		return "", false
	}
	if s, ok := secrets("secret:" + ref); ok {
		return s, true
	}
	return secrets(ref)
}

func (v *values) fail(word string, format string, args ...any) {
	if v.err == nil {
		v.err = failure(word, fmt.Errorf(format, args...))
	}
}

// of is what a name in a template stands for.
func (v *values) of(name string) (s string, fromOperator bool) {
	if env, ok := strings.CutPrefix(name, "env."); ok {
		s, ok := v.client.opts.Env[env]
		if !ok {
			v.fail(Unavailable, "env.%s is not among what the operator lists", env)
		}
		return s, true
	}
	if secret, ok := strings.CutPrefix(name, "secret."); ok {
		s, ok := v.client.opts.Secrets.Secret(secret)
		if !ok {
			v.fail(Unavailable, "secret.%s is not set", secret)
		}
		return s, false
	}
	if name == "id" {
		return v.id, false
	}
	return v.args[name], false
}

func (v *values) text(template string) string {
	return placeholder.ReplaceAllStringFunc(template, func(m string) string {
		s, _ := v.of(placeholder.FindStringSubmatch(m)[1])
		return s
	})
}

// url fills the address; a value is one part of the path, or one of the query,
// whatever it holds.
func (v *values) url() string {
	var b strings.Builder
	rest, query := v.def.URL, false
	write := func(literal string) {
		query = query || strings.Contains(literal, "?")
		b.WriteString(literal)
	}
	for {
		at := placeholder.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		write(rest[:at[0]])
		s, fromOperator := v.of(rest[at[2]:at[3]])
		switch {
		case fromOperator:
			write(s)
		case query:
			b.WriteString(url.QueryEscape(s))
		default:
			b.WriteString(url.PathEscape(s))
		}
		rest = rest[at[1]:]
	}
	write(rest)
	u, err := url.Parse(b.String())
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		v.fail(Refused, "the url is not http or https")
		return ""
	}
	for part := range strings.SplitSeq(u.EscapedPath(), "/") {
		if part == "." || part == ".." {
			v.fail(Refused, "an argument would leave the path")
		}
	}
	return b.String()
}

func (v *values) header() http.Header {
	h := http.Header{"Accept": {"application/json"}, "User-Agent": {"Parley"}, "Idempotency-Key": {v.id}}
	for name, template := range v.def.Headers {
		s := v.text(template)
		if strings.ContainsAny(s, "\r\n\x00") {
			v.fail(Refused, "the header %s would have several lines", name)
			continue
		}
		h.Set(name, s)
	}
	return h
}

// body fills the texts of a JSON value. A text that is one argument and no more
// takes the argument's type; where an optional one is missing the key is left
// out.
func (v *values) body(x any) any {
	switch x := x.(type) {
	case string:
		if m := placeholder.FindStringSubmatch(x); m != nil && m[0] == x {
			return v.typed(m[1])
		}
		return v.text(x)
	case []any:
		out := make([]any, 0, len(x))
		for _, e := range x {
			out = append(out, v.body(e))
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			if b := v.body(e); b != missing {
				out[k] = b
			}
		}
		return out
	}
	return x
}

// missing stands for an optional argument that was not given.
const missing = absent("")

type absent string

// MarshalJSON makes what stands in a list null.
func (absent) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

func (v *values) typed(name string) any {
	arg, declared := v.def.Args[name]
	s, _ := v.of(name)
	if _, given := v.args[name]; declared && !given {
		return missing
	}
	switch arg.Type {
	case "number":
		if !json.Valid([]byte(s)) || strings.Trim(s, "0123456789.-") != "" {
			v.fail(Refused, "%s is no number", name)
			return nil
		}
		return json.Number(s)
	case "boolean":
		return s == "true" || s == "yes"
	}
	return s
}
