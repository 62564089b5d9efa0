package bot

import (
	"regexp"
	"strings"
)

var (
	codeRE = regexp.MustCompile("(?s)```.*?(?:```|$)|`[^`\n]*`")
	// What is between these is nothing to read.
	unreadRE = regexp.MustCompile(`(?is)<!--.*?(?:-->|$)|<script\b.*?(?:</script\s*>|$)|<style\b.*?(?:</style\s*>|$)|<iframe\b.*?(?:</iframe\s*>|$)|<object\b.*?(?:</object\s*>|$)|<svg\b.*?(?:</svg\s*>|$)`)
	tagRE    = regexp.MustCompile(`</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]*|/)?>`)
	linkRE   = regexp.MustCompile(`(!?)\[([^\[\]]*)\]\(([^()]*(?:\([^()]*\)[^()]*)*)\)`)
	openRE   = regexp.MustCompile(`\]\(([^()]*)`)
	defRE    = regexp.MustCompile(`(?m)^ {0,3}\[[^\[\]\n]+\]:\s*(\S+).*$`)
	schemeRE = regexp.MustCompile(`^[a-z][a-z0-9+.\-]*:`)
)

// tame is the Markdown of an article as a customer may get it, whoever wrote the
// article: raw HTML is left out, links that are no web, mail or telephone
// addresses become their words, and so do pictures whose address carries
// something away. Code stays as it is: it is shown, not run.
func tame(markdown string) string {
	if !strings.ContainsAny(markdown, "<[]") {
		return markdown
	}
	var b strings.Builder
	at := 0
	for _, m := range codeRE.FindAllStringIndex(markdown, -1) {
		b.WriteString(tameText(markdown[at:m[0]]))
		b.WriteString(markdown[m[0]:m[1]])
		at = m[1]
	}
	b.WriteString(tameText(markdown[at:]))
	return strings.TrimSpace(b.String())
}

func tameText(s string) string {
	s = unreadRE.ReplaceAllString(s, "")
	for range 3 { // what is left of one tag may make another: <<b>script>
		next := tagRE.ReplaceAllString(s, "")
		if next == s {
			break
		}
		s = next
	}
	s = linkRE.ReplaceAllStringFunc(s, func(whole string) string {
		m := linkRE.FindStringSubmatch(whole)
		if picture := m[1] == "!"; harmless(m[3]) && !(picture && strings.ContainsAny(m[3], "?#")) {
			return whole
		}
		return m[2]
	})
	s = openRE.ReplaceAllStringFunc(s, func(open string) string { // around a picture, or never closed
		if harmless(open[2:]) {
			return open
		}
		return "] (" + open[2:]
	})
	return defRE.ReplaceAllStringFunc(s, func(line string) string {
		if harmless(defRE.FindStringSubmatch(line)[1]) {
			return line
		}
		return ""
	})
}

// harmless reports whether a link leads to the web, a mail or a telephone.
func harmless(to string) bool {
	to = strings.ToLower(strings.Map(func(r rune) rune {
		if r <= ' ' || r == '<' || r == '>' || r == 0x7F {
			return -1 // browsers look past them
		}
		return r
	}, to))
	if strings.Contains(to, "&") && strings.Contains(to, ";") && !strings.HasPrefix(to, "http") {
		return false // an address in disguise
	}
	switch schemeRE.FindString(to) {
	case "", "http:", "https:", "mailto:", "tel:":
		return !strings.HasPrefix(to, "//")
	}
	return false
}
