package intake

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// robotsSize is how much of a robots.txt is read (RFC 9309, 2.5).
const robotsSize = 500 << 10

// robots is what a site lets crawlers do (RFC 9309).
type robots struct {
	rules    []robotsRule
	delay    time.Duration
	sitemaps []string
	closed   bool    // it could not be asked: nothing may be fetched
	why      Problem // it is closed
}

type robotsRule struct {
	path  string // may hold * and end with $
	allow bool
}

// parseRobots reads a robots.txt for the crawler of the name: the rules of the
// groups that name it, or else of those for everybody.
func parseRobots(text, agent string) robots {
	var own, all, sites robots
	named, everybody, inRules := false, false, false
	found := false
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		key = strings.ToLower(strings.TrimSpace(key))
		add := func(f func(*robots)) {
			inRules = true
			if named {
				f(&own)
			}
			if everybody {
				f(&all)
			}
		}
		switch key {
		case "user-agent":
			if inRules {
				named, everybody, inRules = false, false, false
			}
			if value == "*" {
				everybody = true
			} else if name, _, _ := strings.Cut(value, "/"); name != "" && strings.EqualFold(name, agent) {
				named, found = true, true
			}
		case "allow", "disallow":
			add(func(r *robots) {
				if value != "" && len(r.rules) < 5000 && len(value) < 2000 {
					r.rules = append(r.rules, robotsRule{encoded(value), key == "allow"})
				}
			})
		case "crawl-delay":
			if s, err := strconv.ParseFloat(value, 64); err == nil && s > 0 && s < 86400 {
				add(func(r *robots) { r.delay = time.Duration(s * float64(time.Second)) })
			}
		case "sitemap":
			if len(sites.sitemaps) < 100 {
				sites.sitemaps = append(sites.sitemaps, value)
			}
		}
	}
	if !found {
		own = all
	}
	own.sitemaps = sites.sitemaps
	return own
}

// encoded writes a path as requests do, whichever way it is spelt: letters
// beyond ASCII as their bytes in capital hexadecimal digits, and what needs no
// encoding as itself (RFC 9309, 2.2.2).
func encoded(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c == '%' && i+2 < len(path) {
			if v, err := strconv.ParseUint(path[i+1:i+3], 16, 8); err == nil {
				if plain := v >= 'a' && v <= 'z' || v >= 'A' && v <= 'Z' || v >= '0' && v <= '9' || strings.IndexByte("-._~", byte(v)) >= 0; plain {
					b.WriteByte(byte(v))
				} else {
					fmt.Fprintf(&b, "%%%02X", v)
				}
				i += 2
				continue
			}
		}
		if c <= ' ' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// allows reports whether a path with its query may be fetched: the longest
// rule that fits decides, and of two as long the one that allows.
func (r robots) allows(path string) bool {
	if path == "/robots.txt" {
		return true
	}
	if r.closed {
		return false
	}
	path = encoded(path)
	best, allow := -1, true
	for _, rule := range r.rules {
		if n := len(rule.path); (n > best || n == best && rule.allow) && fitsRule(rule.path, path) {
			best, allow = n, rule.allow
		}
	}
	return allow
}

// fitsRule matches a rule's pattern from the beginning of the path.
func fitsRule(pattern, path string) bool {
	pattern, whole := strings.CutSuffix(pattern, "$")
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(path, parts[0]) {
		return false
	}
	rest := path[len(parts[0]):]
	for i, part := range parts[1:] {
		if whole && i == len(parts)-2 {
			return strings.HasSuffix(rest, part)
		}
		n := strings.Index(rest, part)
		if n < 0 {
			return false
		}
		rest = rest[n+len(part):]
	}
	return !whole || rest == ""
}
