package intake

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// The bounds of one document.
const (
	docxBytes = 32 << 20 // of XML, unpacked
	docxDepth = 200
)

// DOCX reads a Word document: headings, lists, tables and links become
// Markdown. Pictures, notes and comments are left out.
func DOCX(ctx context.Context, name string, r io.ReaderAt, size int64) ([]Page, []Problem, error) {
	broken := func(err error) ([]Page, []Problem, error) {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		return nil, nil, desk.Errorf(desk.Invalid, "file_broken", "%s is no Word document that can be read (.docx): %w; save it anew", name, err)
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return broken(err)
	}
	d := &docx{ctx: ctx, styles: map[string]string{}, outline: map[string]int{}, links: map[string]string{}, numbered: map[string]bool{}, left: docxBytes}
	for _, part := range []struct {
		file string
		read func(*xml.Decoder) error
		must bool
	}{
		{"word/styles.xml", d.readStyles, false}, {"word/numbering.xml", d.readNumbering, false},
		{"word/_rels/document.xml.rels", d.readLinks, false}, {"docProps/core.xml", d.readCore, false}, {"word/document.xml", d.readBody, true},
	} {
		if err := d.part(z, part.file, part.read); err != nil && (part.must || !errors.Is(err, errNoPart)) {
			return broken(err)
		}
	}
	p := Page{Key: name, Title: d.title, Markdown: d.out.String(), Section: folder(name)}
	if title, rest := leadingTitle(p.Markdown); title != "" {
		p.Title, p.Markdown = title, rest
	}
	if p.Title == "" {
		p.Title = words(strings.TrimSuffix(path.Base(name), path.Ext(name)))
	}
	return []Page{p}, nil, nil
}

var errNoPart = errors.New("the part is not there")

// docx is a document that is being read.
type docx struct {
	ctx      context.Context
	styles   map[string]string // names by id
	outline  map[string]int    // heading levels by style id
	links    map[string]string // addresses by relation
	numbered map[string]bool   // "numId/level": numbers rather than bullets
	title    string
	left     int64 // bytes of XML that may still be read

	out  strings.Builder
	list bool // the paragraph before was in a list
}

// part reads one file of the document.
func (d *docx) part(z *zip.Reader, name string, read func(*xml.Decoder) error) error {
	f, err := z.Open(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, errNoPart)
	}
	defer f.Close()
	dec := xml.NewDecoder(&bounds{ctx: d.ctx, r: f, left: &d.left})
	dec.Strict = false
	return read(dec)
}

// bounds is a reader that ends with an error when there is too much to read,
// or no time left.
type bounds struct {
	ctx  context.Context
	r    io.Reader
	left *int64
}

func (b *bounds) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if *b.left <= 0 {
		return 0, errors.New("it is too large when unpacked")
	}
	n, err := b.r.Read(p)
	*b.left -= int64(n)
	return n, err
}

// elements calls f for each start and end of an element until the document
// ends.
func elements(dec *xml.Decoder, start func(xml.StartElement), end func(name string), text func(string)) error {
	depth := 0
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth++; depth > docxDepth {
				return errors.New("it is nested too deep")
			}
			start(t)
		case xml.EndElement:
			depth--
			if end != nil {
				end(t.Name.Local)
			}
		case xml.CharData:
			if text != nil {
				text(string(t))
			}
		}
	}
}

func val(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (d *docx) readStyles(dec *xml.Decoder) error {
	id := ""
	return elements(dec, func(e xml.StartElement) {
		switch e.Name.Local {
		case "style":
			id = val(e, "styleId")
		case "name":
			d.styles[id] = strings.ToLower(val(e, "val"))
		case "outlineLvl":
			if v := val(e, "val"); len(v) == 1 && v >= "0" && v <= "5" {
				d.outline[id] = int(v[0]-'0') + 1
			}
		}
	}, nil, nil)
}

func (d *docx) readNumbering(dec *xml.Decoder) error {
	abstract, level, num := "", "", ""
	numbers := map[string]bool{}
	return elements(dec, func(e xml.StartElement) {
		switch e.Name.Local {
		case "abstractNum":
			abstract = val(e, "abstractNumId")
		case "lvl":
			level = val(e, "ilvl")
		case "numFmt":
			if v := val(e, "val"); v != "bullet" && v != "none" {
				numbers[abstract+"/"+level] = true
			}
		case "num":
			num = val(e, "numId")
		case "abstractNumId":
			for _, l := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8"} {
				if numbers[val(e, "val")+"/"+l] {
					d.numbered[num+"/"+l] = true
				}
			}
		}
	}, nil, nil)
}

func (d *docx) readLinks(dec *xml.Decoder) error {
	return elements(dec, func(e xml.StartElement) {
		if target := val(e, "Target"); e.Name.Local == "Relationship" && strings.HasSuffix(val(e, "Type"), "/hyperlink") {
			for _, scheme := range []string{"https://", "http://", "mailto:", "tel:"} {
				if strings.HasPrefix(strings.ToLower(target), scheme) {
					d.links[val(e, "Id")] = target
				}
			}
		}
	}, nil, nil)
}

func (d *docx) readCore(dec *xml.Decoder) error {
	in := ""
	return elements(dec, func(e xml.StartElement) { in = e.Name.Local }, func(string) { in = "" }, func(s string) {
		if in == "title" {
			d.title += strings.TrimSpace(s)
		}
	})
}
