package kb

import (
	"strings"
	"unicode/utf8"
)

// passage is a piece of an article that can be found and shown by itself.
type passage struct {
	Heading string // the headings above it, without the article's title
	Text    string // Markdown, whole blocks where they fit
}

// The size of a passage in words, see length. Blocks are gathered up to the
// first and cut above the second.
const (
	passageWords    = 120
	passageMaxWords = 180
	maxPassages     = 2000 // of one article
)

// passages splits the Markdown body of an article at its headings, then into
// pieces of about passageWords.
func passages(body string) []passage {
	var out []passage
	var heads [7]string
	var cur []string
	size := 0
	flush := func() {
		if len(cur) > 0 && len(out) < maxPassages {
			out = append(out, passage{joinHeads(heads[:]), strings.Join(cur, "\n\n")})
		}
		cur, size = nil, 0
	}
	for _, b := range blocks(body) {
		if level, text := heading(b); level > 0 {
			flush()
			heads[level] = text
			clear(heads[level+1:])
			continue
		}
		for _, piece := range cut(b) {
			n := length(piece)
			if size > 0 && size+n > passageWords {
				flush()
			}
			cur, size = append(cur, piece), size+n
		}
	}
	flush()
	return out
}

func joinHeads(heads []string) string {
	var parts []string
	for _, h := range heads {
		if h != "" {
			parts = append(parts, h)
		}
	}
	return strings.Join(parts, " › ")
}

// blocks splits Markdown at blank lines and around headings; a fenced code
// block is one block whatever is in it.
func blocks(body string) []string {
	var out, cur []string
	fence := ""
	flush := func() {
		if len(cur) > 0 {
			out = append(out, strings.Join(cur, "\n"))
		}
		cur = nil
	}
	for line := range strings.Lines(body) {
		line = strings.TrimRight(line, " \t\r\n")
		bare := strings.TrimLeft(line, " ")
		switch {
		case fence != "":
			cur = append(cur, line)
			if strings.HasPrefix(bare, fence) {
				fence = ""
				flush()
			}
		case strings.HasPrefix(bare, "```"), strings.HasPrefix(bare, "~~~"):
			flush()
			fence = bare[:3]
			cur = append(cur, line)
		case line == "":
			flush()
		case isHeading(bare):
			flush()
			out = append(out, bare)
		default:
			cur = append(cur, line)
		}
	}
	flush()
	return out
}

func isHeading(line string) bool { level, _ := heading(line); return level > 0 }

// heading reads an ATX heading line: its level, 1 to 6, and text.
func heading(line string) (int, string) {
	if strings.Contains(line, "\n") {
		return 0, ""
	}
	level := 0
	for level < len(line) && line[level] == '#' {
		level++
	}
	if level == 0 || level > 6 || level < len(line) && line[level] != ' ' {
		return 0, ""
	}
	return level, plain(strings.Trim(line[level:], "# "))
}

// cut splits a block that is too long: a list or table at its lines, a
// paragraph at its sentences.
func cut(block string) []string {
	if length(block) <= passageMaxWords {
		return []string{block}
	}
	sep, parts := "\n", strings.Split(block, "\n")
	if !isList(block) && !strings.HasPrefix(block, "```") {
		sep, parts = "", Sentences(block)
	}
	var out []string
	var cur strings.Builder
	size := 0
	for _, p := range parts {
		n := length(p)
		if size > 0 && size+n > passageWords {
			out = append(out, strings.TrimSpace(cur.String()))
			cur.Reset()
			size = 0
		}
		if cur.Len() > 0 {
			cur.WriteString(sep)
		}
		cur.WriteString(p)
		size += n
	}
	if strings.TrimSpace(cur.String()) != "" {
		out = append(out, strings.TrimSpace(cur.String()))
	}
	return out
}

// isList reports whether the block is a list, a table or a quotation: things
// whose lines stand for themselves.
func isList(block string) bool {
	line := strings.TrimLeft(block, " ")
	if line == "" {
		return false
	}
	switch line[0] {
	case '-', '*', '+', '|', '>':
		return true
	}
	i := 0
	for i < len(line) && line[i] >= '0' && line[i] <= '9' {
		i++
	}
	return i > 0 && i+1 < len(line) && (line[i] == '.' || line[i] == ')') && line[i+1] == ' '
}

// Sentences splits a paragraph after its full stops, keeping every byte: the
// parts joined are the paragraph.
func Sentences(text string) []string {
	var out []string
	start := 0
	for i, r := range text {
		end := i + utf8.RuneLen(r)
		switch r {
		case '。', '！', '？', '；':
		case '.', '!', '?':
			if end < len(text) && text[end] != ' ' && text[end] != '\n' {
				continue // 3.5, example.com
			}
			if r == '.' && end-start < 4 {
				continue // "1. ", "e.g."
			}
			for end < len(text) && (text[end] == ' ' || text[end] == '\n') {
				end++
			}
		default:
			continue
		}
		if end > start {
			out = append(out, text[start:end])
			start = end
		}
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}

// plain takes the marks of Markdown off a text: what is left are its words.
func plain(md string) string {
	if !strings.ContainsAny(md, "[]<>*_`|#\\~!") {
		return md
	}
	var b strings.Builder
	for i := 0; i < len(md); i++ {
		switch c := md[i]; c {
		case '*', '`', '[', '~', '|', '\\', '#':
		case '!':
			if i+1 < len(md) && md[i+1] == '[' {
				continue
			}
			b.WriteByte(c)
		case ']':
			if i+1 < len(md) && md[i+1] == '(' {
				if n := strings.IndexByte(md[i:], ')'); n > 0 {
					i += n
				}
			}
		case '<':
			if n := strings.IndexByte(md[i:], '>'); n > 0 && n < 200 {
				i += n
			}
			b.WriteByte(' ')
		case '_':
			b.WriteByte(' ')
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
