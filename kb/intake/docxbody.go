package intake

import (
	"encoding/xml"
	"strings"
)

// paragraph is one that is being read.
type paragraph struct {
	style, num, level string
	outline           int
	text              strings.Builder
	bold              bool // of the run
}

// readBody writes the document's text as Markdown. Text in tables becomes
// cells; a table within a table is text of its cell.
func (d *docx) readBody(dec *xml.Decoder) error {
	var (
		p      paragraph
		run    strings.Builder
		inText bool
		skip   int // within deleted text, pictures and other things that are not read
		tables int
		rows   [][]string
		cell   []string
		link   string
	)
	start := func(e xml.StartElement) {
		if skip > 0 || e.Name.Local == "del" || e.Name.Local == "Fallback" || e.Name.Local == "moveFrom" || e.Name.Local == "instrText" {
			skip++
			return
		}
		switch e.Name.Local {
		case "p":
			p = paragraph{}
		case "pStyle":
			p.style = val(e, "val")
		case "outlineLvl":
			if v := val(e, "val"); len(v) == 1 && v >= "0" && v <= "5" {
				p.outline = int(v[0]-'0') + 1
			}
		case "numId":
			p.num = val(e, "val")
		case "ilvl":
			p.level = val(e, "val")
		case "r":
			run.Reset()
			p.bold = false
		case "b":
			p.bold = val(e, "val") != "0" && val(e, "val") != "false"
		case "t":
			inText = true
		case "tab":
			run.WriteByte(' ')
		case "br", "cr":
			run.WriteByte('\n')
		case "hyperlink":
			if link = d.links[val(e, "id")]; link != "" {
				p.text.WriteByte('[')
			}
		case "tbl":
			if tables++; tables == 1 {
				rows = nil
			}
		case "tr":
			if tables == 1 {
				rows = append(rows, nil)
			}
		case "tc":
			if tables == 1 {
				cell = nil
			}
		}
	}
	end := func(name string) {
		if skip > 0 {
			skip--
			return
		}
		switch name {
		case "t":
			inText = false
		case "r":
			p.write(run.String(), d.heading(&p) > 0)
		case "hyperlink":
			if link != "" {
				p.text.WriteString("](" + strings.NewReplacer(" ", "%20", "(", "%28", ")", "%29").Replace(link) + ")")
			}
			link = ""
		case "p":
			if tables > 0 {
				if s := strings.TrimSpace(p.text.String()); s != "" {
					cell = append(cell, strings.ReplaceAll(s, "\n", lineBreak))
				}
				return
			}
			d.paragraph(&p)
		case "tc":
			if tables == 1 && len(rows) > 0 {
				rows[len(rows)-1] = append(rows[len(rows)-1], strings.Join(cell, lineBreak))
			}
		case "tbl":
			if tables--; tables == 0 {
				d.block(tableOf(rows))
			}
		}
	}
	return elements(dec, start, end, func(s string) {
		if inText && skip == 0 {
			run.WriteString(escape(s))
		}
	})
}

// write adds a run; bold ones stand out, but not within a heading.
func (p *paragraph) write(s string, heading bool) {
	core := strings.TrimSpace(s)
	if !p.bold || heading || core == "" {
		p.text.WriteString(s)
		return
	}
	i := strings.Index(s, core)
	before := p.text.String()
	if s[:i] == "" && strings.HasSuffix(before, "**") { // a bold text in several runs
		p.text.Reset()
		p.text.WriteString(strings.TrimSuffix(before, "**") + core + "**" + s[i+len(core):])
		return
	}
	p.text.WriteString(s[:i] + "**" + core + "**" + s[i+len(core):])
}

// heading is the level of a heading, 0 of other paragraphs.
func (d *docx) heading(p *paragraph) int {
	if p.outline > 0 {
		return p.outline
	}
	name := d.styles[p.style]
	if name == "" {
		name = strings.ToLower(p.style)
	}
	if name == "title" {
		return 1
	}
	if rest, ok := strings.CutPrefix(strings.ReplaceAll(name, " ", ""), "heading"); ok && len(rest) == 1 && rest >= "1" && rest <= "6" {
		return int(rest[0] - '0')
	}
	return d.outline[p.style]
}

func (d *docx) paragraph(p *paragraph) {
	s := strings.TrimSpace(p.text.String())
	if s == "" {
		return
	}
	level := d.heading(p)
	switch {
	case level > 0:
		d.block(strings.Repeat("#", level) + " " + strings.Join(strings.Fields(s), " "))
	case p.num != "" && p.num != "0", strings.HasPrefix(d.styles[p.style], "list bullet"), strings.HasPrefix(d.styles[p.style], "list number"):
		depth := 0
		if len(p.level) == 1 && p.level >= "1" && p.level <= "8" {
			depth = int(p.level[0] - '0')
		} else {
			p.level = "0"
		}
		mark := "- "
		if d.numbered[p.num+"/"+p.level] || strings.HasPrefix(d.styles[p.style], "list number") {
			mark = "1. "
		}
		indent := strings.Repeat("   ", depth)
		if !d.list {
			d.out.WriteByte('\n')
		}
		d.out.WriteString(indent + mark + strings.ReplaceAll(s, "\n", "\n"+indent+"   ") + "\n")
		d.list = true
	default:
		d.block(strings.ReplaceAll(s, "\n", "  \n"))
	}
}

// block writes something with an empty line around it.
func (d *docx) block(s string) {
	if s == "" {
		return
	}
	d.list = false
	d.out.WriteString("\n" + s + "\n")
}

// tableOf writes rows as a table whose first row is the header. A table of a
// single column is only a frame: its cells are paragraphs.
func tableOf(rows [][]string) string {
	width := 0
	for _, r := range rows {
		width = max(width, len(r))
	}
	if width == 0 || width > 100 {
		return ""
	}
	var b strings.Builder
	if width == 1 {
		for _, r := range rows {
			b.WriteString(strings.ReplaceAll(strings.Join(r, ""), lineBreak, "\n\n") + "\n\n")
		}
		return strings.TrimSpace(b.String())
	}
	for i, r := range rows {
		if strings.Join(r, "") == "" && i > 0 {
			continue
		}
		b.WriteByte('|')
		for _, cell := range r {
			b.WriteString(" " + inCell.Replace(cell) + " |")
		}
		if i == 0 { // the others may be shorter
			b.WriteString(strings.Repeat("  |", width-len(r)))
		}
		b.WriteByte('\n')
		if i == 0 {
			b.WriteString("|" + strings.Repeat(" --- |", width) + "\n")
		}
	}
	return strings.TrimSpace(b.String())
}

// inCell fits a text into a cell: it can have no lines, nor the sign between
// cells.
var inCell = strings.NewReplacer("|", `\|`, lineBreak, " ")

var escaper = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, "`", "\\`")

// escape keeps the signs of a plain text from being taken for Markdown.
func escape(s string) string { return escaper.Replace(s) }
