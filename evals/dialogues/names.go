package dialogues

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var notName = regexp.MustCompile(`[^a-z0-9]+`)

// slotName is a schema's name as the product may call a slot or a flow.
func slotName(name string) string {
	out := strings.Trim(notName.ReplaceAllString(strings.ToLower(name), "_"), "_")
	if out == "" || out[0] >= '0' && out[0] <= '9' {
		out = "s_" + out
	}
	switch out {
	case "contact", "today", "days", "hours", "weekday", "value", "type", "date", "in", "not", "and", "or", "let":
		out += "_"
	}
	return strings.TrimSuffix(out, "__")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func idOf(v any) string { return fmt.Sprint(v) }

// containsWord reports whether s holds w between signs or blanks.
func containsWord(s, w string) bool {
	w = strings.ToLower(w)
	for from := 0; w != ""; {
		i := strings.Index(s[from:], w)
		if i < 0 {
			return false
		}
		from += i
		end := from + len(w)
		if (from == 0 || !letter(s[from-1])) && (end == len(s) || !letter(s[end])) {
			return true
		}
		from = end
	}
	return false
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80 }
