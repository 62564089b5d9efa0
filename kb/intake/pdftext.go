package intake

import (
	"math"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// matrix is a transformation (8.3.4): [a b c d e f].
type matrix [6]float64

func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// pdfLine is what stands on one line, in the order of the content.
type pdfLine struct {
	text    strings.Builder
	x, y    float64 // where it begins; y grows upwards
	end     float64 // where it ends
	size    float64 // of its letters
	letters int
	bold    int // letters of them that are bold
}

// pdfPage collects the lines of one page.
type pdfPage struct {
	file   *pdfFile
	fonts  map[any]*pdfFont // by reference
	lines  []*pdfLine
	images int
	ops    int
}

const (
	pdfForms = 8         // forms within forms
	pdfOps   = 2_000_000 // operators of one page
	pdfLines = 20_000
)

// pdfState is what q keeps and Q brings back.
type pdfState struct {
	ctm                          matrix
	font                         *pdfFont
	size, char, word, lead, rise float64
	scale                        float64
}

// run reads the operators of a content stream (9.4).
func (p *pdfPage) run(b []byte, resources pdfDict, ctm matrix, depth int) {
	l := pdfLexer{b: b}
	s := pdfState{ctm: ctm, scale: 1}
	var kept []pdfState
	var tm, tlm matrix
	var args []any
	num := func(i int) float64 {
		if i < len(args) {
			f, _ := args[i].(float64)
			return f
		}
		return 0
	}
	next := func(x, y float64) { tlm = matrix{1, 0, 0, 1, x, y}.times(tlm); tm = tlm }
	show := func(v any) {
		if t, ok := v.(pdfText); ok && s.font != nil {
			s.font.show(t, func(g glyph) {
				at := matrix{s.size * s.scale, 0, 0, s.size, 0, s.rise}.times(tm).times(s.ctm)
				wide := g.width*s.size + s.char
				if g.space {
					wide += s.word
				}
				p.put(g.text, at, g.width, s.font.bold)
				tm = matrix{1, 0, 0, 1, wide * s.scale, 0}.times(tm)
			})
		}
	}
	for p.ops < pdfOps {
		v := l.value(0)
		op, ok := v.(pdfWord)
		if !ok {
			if v == (pdfEnd{}) {
				return
			}
			if len(args) < 64 {
				args = append(args, v)
			}
			continue
		}
		if p.ops++; p.ops%1024 == 0 && p.file.ctx.Err() != nil {
			return
		}
		switch op {
		case "q":
			if len(kept) < 200 {
				kept = append(kept, s)
			}
		case "Q":
			if n := len(kept); n > 0 {
				s, kept = kept[n-1], kept[:n-1]
			}
		case "cm":
			s.ctm = matrix{num(0), num(1), num(2), num(3), num(4), num(5)}.times(s.ctm)
		case "BT":
			tm, tlm = matrix{1, 0, 0, 1, 0, 0}, matrix{1, 0, 0, 1, 0, 0}
		case "Tf":
			if len(args) > 0 {
				name, _ := args[0].(pdfName)
				s.font, s.size = p.font(p.file.dict(resources["Font"])[name]), num(1)
			}
		case "Tc":
			s.char = num(0)
		case "Tw":
			s.word = num(0)
		case "Tz":
			s.scale = num(0) / 100
		case "TL":
			s.lead = num(0)
		case "Ts":
			s.rise = num(0)
		case "Td":
			next(num(0), num(1))
		case "TD":
			s.lead = -num(1)
			next(num(0), num(1))
		case "Tm":
			tm = matrix{num(0), num(1), num(2), num(3), num(4), num(5)}
			tlm = tm
		case "T*":
			next(0, -s.lead)
		case "Tj":
			if len(args) > 0 {
				show(args[0])
			}
		case "'", "\"":
			if op == "\"" {
				s.word, s.char = num(0), num(1)
			}
			next(0, -s.lead)
			if len(args) > 0 {
				show(args[len(args)-1])
			}
		case "TJ":
			if len(args) > 0 {
				list, _ := args[0].(pdfArray)
				for _, v := range list {
					if f, ok := v.(float64); ok {
						tm = matrix{1, 0, 0, 1, -f / 1000 * s.size * s.scale, 0}.times(tm)
						continue
					}
					show(v)
				}
			}
		case "Do":
			if len(args) > 0 {
				name, _ := args[0].(pdfName)
				p.object(p.file.resolve(p.file.dict(resources["XObject"])[name]), resources, s.ctm, depth)
			}
		case "ID":
			p.images++
			l.skipImage()
		}
		args = args[:0]
	}
}

// skipImage passes over the bytes of a picture within the content (8.9.7).
func (l *pdfLexer) skipImage() {
	for ; l.at+2 < len(l.b); l.at++ {
		if l.b[l.at] == 'E' && l.b[l.at+1] == 'I' && isSpace(l.b[l.at-1]) && isSpace(l.b[l.at+2]) {
			l.at += 2
			return
		}
	}
	l.at = len(l.b)
}

// object shows a form, or counts a picture.
func (p *pdfPage) object(v any, resources pdfDict, ctm matrix, depth int) {
	x, ok := v.(pdfStream)
	if !ok {
		return
	}
	if x.dict["Subtype"] == pdfName("Image") {
		p.images++
		return
	}
	if x.dict["Subtype"] != pdfName("Form") || depth >= pdfForms {
		return
	}
	b, err := p.file.data(x)
	if err != nil {
		return
	}
	if m := p.file.array(x.dict["Matrix"]); len(m) == 6 {
		var own matrix
		for i := range own {
			own[i] = p.file.number(m[i], 0)
		}
		ctm = own.times(ctm)
	}
	if own := p.file.dict(x.dict["Resources"]); own != nil {
		resources = own
	}
	p.run(b, resources, ctm, depth+1)
}

func (p *pdfPage) font(v any) *pdfFont {
	ref, named := v.(pdfRef)
	if f, ok := p.fonts[ref]; ok && named {
		return f
	}
	d := p.file.dict(v)
	if d == nil {
		return nil
	}
	f := p.file.font(d)
	if named {
		p.fonts[ref] = f
	}
	return f
}

// put adds a glyph to the line it stands on. What is not upright is no text
// of the page: a watermark, a mark in the margin.
func (p *pdfPage) put(text string, at matrix, width float64, bold bool) {
	size := math.Hypot(at[2], at[3])
	x, y := at[4], at[5]
	if size == 0 || math.IsNaN(x+y+size) || math.IsInf(x+y+size, 0) || math.Abs(at[1]) > math.Abs(at[0]) {
		return
	}
	if r := []rune(text); len(r) == 1 && r[0] >= 0xfb00 && r[0] <= 0xfb06 { // two or three letters drawn as one
		text = norm.NFKC.String(text)
	}
	if text == "\u00ad" || text == "\x00" {
		return
	}
	end := x + width*at[0]
	var line *pdfLine
	if n := len(p.lines); n > 0 {
		line = p.lines[n-1]
	}
	if line == nil || math.Abs(line.y-y) > 0.5*math.Max(size, line.size) || x < line.end-3*size {
		if strings.TrimSpace(text) == "" || len(p.lines) >= pdfLines {
			return
		}
		line = &pdfLine{x: x, y: y, end: x, size: size}
		p.lines = append(p.lines, line)
	}
	s := line.text.String()
	if gap := x - line.end; gap > 0.15*size && s != "" && !strings.HasSuffix(s, " ") && text != " " {
		if gap > 2.5*size {
			line.text.WriteString("  ") // columns of a table
		} else if gap > 0.2*size || !isHanText(text) {
			line.text.WriteByte(' ')
		}
	}
	line.text.WriteString(text)
	line.end = math.Max(line.end, end)
	if strings.TrimSpace(text) != "" {
		if line.letters == 0 || size > line.size {
			line.size = size
		}
		line.letters++
		if bold {
			line.bold++
		}
	}
}

func isHanText(s string) bool { return Detect(s) == "zh" }
