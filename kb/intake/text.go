package intake

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	textunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// readText reads a text file and makes it UTF-8. A byte order mark decides;
// without one, what is not UTF-8 is taken for GB18030, of which GBK and GB2312
// are parts, or for Windows-1252, in which Excel saves tables in English.
func readText(name string, r io.ReaderAt, size int64) (string, error) {
	if size > maxText {
		return "", desk.Errorf(desk.TooLarge, "file_too_large", "%s has %d MiB of text; at most %d MiB can be read: divide it", name, size>>20, maxText>>20)
	}
	b, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return decode(b), nil
}

func decode(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		b = b[3:]
	case bytes.HasPrefix(b, []byte("\xff\xfe\x00\x00")):
		if out, err := utf32.UTF32(utf32.LittleEndian, utf32.UseBOM).NewDecoder().Bytes(b); err == nil {
			b = out
		}
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		if out, err := textunicode.UTF16(textunicode.BigEndian, textunicode.UseBOM).NewDecoder().Bytes(b); err == nil {
			b = out
		}
	case damaged(b): // some bytes of it are lost
	case !utf8.Valid(b) && western(b):
		if out, err := charmap.Windows1252.NewDecoder().Bytes(b); err == nil {
			b = out
		}
	case !utf8.Valid(b):
		if out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b); err == nil {
			b = out
		}
	}
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(string(b), "\uFFFD"), "\r\n", "\n"), "\r", "\n")
}

// damaged reports whether b is UTF-8 but for a few bytes.
func damaged(b []byte) bool {
	long, bad := 0, 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if n > 1 {
			long++
		} else if r == utf8.RuneError {
			bad++
		}
		b = b[n:]
	}
	return bad > 0 && long > 5*bad
}

// western reports whether bytes beyond ASCII mostly stand alone between
// letters, as accents and curly quotes of one byte do. Those of Chinese stand
// in pairs.
func western(b []byte) bool {
	alone, runs := 0, 0
	for i := 0; i < len(b); i++ {
		if b[i] < 0x80 {
			continue
		}
		start := i
		for i+1 < len(b) && b[i+1] >= 0x80 {
			i++
		}
		runs++
		if i == start {
			alone++
		}
	}
	return alone*2 > runs
}

// Detect tells Chinese from English by its letters: a Chinese one says about
// as much as half an English word.
func Detect(text string) desk.Lang {
	han, latin := 0, 0
	for i, r := range text {
		if i > 20000 {
			break
		}
		switch {
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.IsLetter(r):
			latin++
		}
	}
	if han > 0 && han*4 >= latin {
		return desk.Chinese
	}
	return desk.English
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// slugOf makes a slug of the last part of a key or else of its title; what
// leaves no letters, such as a Chinese title, gets a name of its own.
func slugOf(p Page) string {
	if p.Slug != "" && kb.CheckSlug(p.Slug) == nil {
		return p.Slug
	}
	key, _, _ := strings.Cut(p.Key, "?")
	base := strings.TrimSuffix(path.Base(strings.TrimRight(key, "/")), path.Ext(key))
	for _, s := range []string{base, p.Title} {
		if s = plainSlug(s); len(s) >= 3 && strings.ContainsFunc(s, func(r rune) bool { return r >= 'a' && r <= 'z' }) {
			return s
		}
	}
	return "page-" + short(p.Key)
}

func plainSlug(s string) string {
	s = strings.Trim(notSlug.ReplaceAllString(strings.ToLower(s), "-"), "-")
	return strings.TrimRight(s[:min(len(s), 50)], "-")
}

// short is a name of ten hexadecimal digits for any text.
func short(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:5])
}

func clip(s string, runes int) string {
	if utf8.RuneCountInString(s) <= runes {
		return s
	}
	return string([]rune(s)[:runes-1]) + "…"
}

// firstWords is a title for a text that has none.
func firstWords(body string) string {
	for line := range strings.Lines(body) {
		if line = strings.TrimSpace(strings.TrimLeft(line, "#>-*| \t")); line != "" {
			return clip(line, 80)
		}
	}
	return ""
}

var headingLine = regexp.MustCompile(`^#{1,3} +(.+)$`)

// split cuts a page that is longer than an article may be before headings, or
// else between paragraphs. The first part keeps the key.
func split(p Page) []Page {
	const most = kb.MaxBody * 9 / 10
	if len(p.Markdown) <= kb.MaxBody {
		return []Page{p}
	}
	var out []Page
	add := func(body, heading string) {
		part := p
		part.Markdown, part.Questions = body, nil
		if n := len(out) + 1; n > 1 {
			part.Key, part.Slug = fmt.Sprintf("%s#part-%d", p.Key, n), ""
			part.Title = fmt.Sprintf("%s (%d)", clip(p.Title, kb.MaxTitle-10), n)
			if heading != "" {
				part.Title = clip(p.Title+": "+heading, kb.MaxTitle)
			}
		} else {
			part.Questions = p.Questions
		}
		out = append(out, part)
	}
	var b strings.Builder
	heading, next := "", ""
	flush := func() {
		if strings.TrimSpace(b.String()) != "" {
			add(b.String(), heading)
		}
		b.Reset()
		heading = next
	}
	for line := range strings.Lines(p.Markdown) {
		next = ""
		if m := headingLine.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			next = m[1]
		}
		if b.Len()+len(line) > most || next != "" && b.Len() > most/2 {
			flush()
		}
		for len(line) > most { // one line without end
			cut := most
			for !utf8.RuneStart(line[cut]) {
				cut--
			}
			b.WriteString(line[:cut])
			flush()
			line = line[cut:]
		}
		b.WriteString(line)
	}
	flush()
	return out
}
