package bot

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

var placeholder = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// checkTemplate refuses names that render would not know.
func checkTemplate(t desk.Text, known []string) error {
	for _, lang := range t.Langs() {
		for _, m := range placeholder.FindAllStringSubmatch(t[lang], -1) {
			if !slices.Contains(known, m[1]) {
				return fmt.Errorf("unknown name {{%s}}: use one of %s", m[1], strings.Join(known, ", "))
			}
		}
		if rest := placeholder.ReplaceAllString(t[lang], ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
			return fmt.Errorf("a {{name}} is not closed in %q", t[lang])
		}
	}
	return nil
}

// render fills the {{names}} of an author's Markdown with values, which are
// data: nothing in them is Markdown.
func render(template string, value func(name string) string) string {
	return fillTemplate(template, func(name string) string { return escapeMarkdown(value(name)) })
}

// fillTemplate fills the {{names}} of a text that is no Markdown.
func fillTemplate(template string, value func(name string) string) string {
	if !strings.Contains(template, "{{") {
		return template
	}
	return placeholder.ReplaceAllStringFunc(template, func(m string) string {
		return value(placeholder.FindStringSubmatch(m)[1])
	})
}

// escapeMarkdown makes s, on one line, mean itself in Markdown (CommonMark 2.4).
func escapeMarkdown(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		switch c := s[i]; c {
		case '\\', '`', '*', '_', '[', ']', '<', '>', '~', '|', '&', '!':
			b.WriteByte('\\')
		case '#', '+', '-', '=':
			if i == 0 {
				b.WriteByte('\\')
			}
		case '.', ')':
			if i > 0 && i < 10 && strings.Trim(s[:i], "0123456789") == "" && (i+1 == len(s) || s[i+1] == ' ') {
				b.WriteByte('\\')
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
