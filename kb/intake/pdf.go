package intake

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/parleyhq/parley/desk"
)

const pdfTime = time.Minute // for one file

// PDF reads the text of a PDF: paragraphs, headings by the size of their
// letters, lists. Pages that are pictures, and text whose fonts do not say
// what their glyphs mean, are problems.
func PDF(ctx context.Context, name string, r io.ReaderAt, size int64) ([]Page, []Problem, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, pdfTime, desk.Errorf(desk.Invalid, "file_slow", "%s takes longer than %s to read: print it to a new PDF", name, pdfTime))
	defer cancel()
	b, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	if !bytes.Contains(b[:min(len(b), 1024)], []byte("%PDF-")) {
		return nil, nil, desk.Errorf(desk.Invalid, "file_broken", "%s is no PDF", name)
	}
	f, err := openPDF(ctx, b)
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, nil, desk.Errorf(desk.TooLarge, "file_too_large", "%s: %w", name, err)
	}
	if f.trailer["Encrypt"] != nil {
		return nil, nil, desk.Errorf(desk.Invalid, "encrypted", "%s is protected: save it without a password or restrictions", name)
	}
	pages := f.pages()
	if len(pages) == 0 {
		return nil, nil, desk.Errorf(desk.Invalid, "file_broken", "%s has no pages that can be read: print it to a new PDF", name)
	}
	var texts [][]*pdfLine
	var scanned []int
	letters, unknown := 0, 0
	fonts := map[any]*pdfFont{}
	for i, page := range pages {
		p := &pdfPage{file: f, fonts: fonts}
		p.run(f.content(page.dict), page.resources, matrix{1, 0, 0, 1, 0, 0}, 0)
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		n := 0
		for _, l := range p.lines {
			n += l.letters
			unknown += strings.Count(l.text.String(), "\uFFFD")
		}
		if n < 20 && p.images > 0 {
			scanned = append(scanned, i+1)
		}
		letters += n
		texts = append(texts, p.lines)
	}
	var problems []Problem
	if len(scanned) > 0 {
		problems = append(problems, Problem{name, "scanned", fmt.Sprintf("scanned PDF without text: %s; run text recognition (OCR) over it first", pageList(scanned, len(pages)))})
	}
	if unknown*4 > letters && letters > 0 {
		return nil, append(problems, Problem{name, "unreadable", "its fonts do not say which letters they show: print it to a new PDF, or export it with text"}), nil
	}
	title, text := layout(texts)
	if title == "" {
		title = f.title()
	}
	if title == "" {
		title = words(strings.TrimSuffix(path.Base(name), path.Ext(name)))
	}
	if letters == 0 {
		if len(scanned) == 0 {
			problems = append(problems, Problem{name, "empty", "the PDF has no text"})
		}
		return nil, problems, nil
	}
	return []Page{{Key: name, Title: title, Markdown: text, Section: folder(name)}}, problems, nil
}

func pageList(pages []int, all int) string {
	if len(pages) == all {
		return "all pages are pictures"
	}
	var b strings.Builder
	for i, p := range pages {
		if i == 10 {
			b.WriteString(" …")
			break
		}
		fmt.Fprintf(&b, " %d", p)
	}
	return "these pages are pictures:" + b.String()
}

// pdfLeaf is a page with the resources it has or inherits.
type pdfLeaf struct {
	dict, resources pdfDict
}

// pages lists the pages in order (7.7.3). In a file without a tree all that
// call themselves pages are taken.
func (f *pdfFile) pages() (out []pdfLeaf) {
	seen := map[any]bool{}
	var walk func(v any, resources pdfDict, depth int)
	walk = func(v any, resources pdfDict, depth int) {
		if ref, ok := v.(pdfRef); ok {
			if seen[ref] {
				return
			}
			seen[ref] = true
		}
		d := f.dict(v)
		if d == nil || depth > pdfDepth || len(out) >= pdfPages {
			return
		}
		if own := f.dict(d["Resources"]); own != nil {
			resources = own
		}
		kids := f.array(d["Kids"])
		if kids == nil {
			if d["Contents"] != nil {
				out = append(out, pdfLeaf{d, resources})
			}
			return
		}
		for _, k := range kids {
			walk(k, resources, depth+1)
		}
	}
	walk(f.dict(f.trailer["Root"])["Pages"], nil, 0)
	if len(out) > 0 {
		return out
	}
	for _, ref := range f.known() {
		if d := f.dict(ref); d["Type"] == pdfName("Page") && len(out) < pdfPages {
			out = append(out, pdfLeaf{d, f.dict(d["Resources"])})
		}
	}
	return out
}

// known lists the objects' numbers in order.
func (f *pdfFile) known() []pdfRef {
	var out []pdfRef
	most := pdfRef(0)
	for ref := range f.at {
		most = max(most, ref)
	}
	for ref := range f.objects {
		most = max(most, ref)
	}
	for ref := pdfRef(0); ref <= min(most, 2*pdfObjects); ref++ {
		_, a := f.at[ref]
		_, b := f.objects[ref]
		if a || b {
			out = append(out, ref)
		}
	}
	return out
}

// content is what a page shows; it may lie in several streams.
func (f *pdfFile) content(page pdfDict) []byte {
	parts := f.array(page["Contents"])
	if parts == nil {
		parts = pdfArray{page["Contents"]}
	}
	var out []byte
	for i, v := range parts {
		if s, ok := f.resolve(v).(pdfStream); ok && i < 1000 {
			if b, err := f.data(s); err == nil && len(out)+len(b) <= pdfStreamed {
				out = append(append(out, b...), '\n')
			}
		}
	}
	return out
}

// title is what the file says of itself, unless a program wrote it there.
func (f *pdfFile) title() string {
	t, _ := f.resolve(f.dict(f.trailer["Info"])["Title"]).(pdfText)
	var s string
	if strings.HasPrefix(string(t), "\xfe\xff") {
		s = utf16Long(t[2:])
	} else if strings.HasPrefix(string(t), "\xef\xbb\xbf") && utf8.ValidString(string(t)) {
		s = string(t[3:])
	} else {
		s, _ = charmap.Windows1252.NewDecoder().String(string(t))
	}
	s = strings.TrimSpace(s)
	low := strings.ToLower(s)
	for _, junk := range []string{"microsoft ", "untitled", ".doc", ".docx", ".indd", ".ppt", ".xls", "about:blank", "http", "file:"} {
		if strings.HasPrefix(low, junk) || strings.HasSuffix(low, junk) {
			return ""
		}
	}
	return s
}

func utf16Long(s pdfText) string {
	var b strings.Builder
	for i := 0; i < len(s) && i < 1000; i += 64 {
		b.WriteString(utf16Text(s[i:min(i+64, len(s))]))
	}
	return b.String()
}
