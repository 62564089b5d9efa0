package intake

import (
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/unicode/norm"
)

// pdfFont turns the bytes that a font is asked to show into letters and
// widths.
type pdfFont struct {
	bold     bool
	wide     bool                             // two bytes for each glyph
	text     map[uint32]string                // by code, of ToUnicode
	simple   [256]string                      // of a font with one byte for each glyph
	decoder  func(b []byte) (s string, n int) // of a font in a known Chinese encoding; nil: none
	widths   map[uint32]float64               // in thousandths of the size
	fallback float64
}

// glyph is one thing shown.
type glyph struct {
	text  string
	width float64 // in units of the font's size
	space bool    // the code 32 of one byte, which word spacing widens
}

const pdfMapped = 200_000 // entries of one ToUnicode

func (f *pdfFile) font(d pdfDict) *pdfFont {
	out := &pdfFont{text: map[uint32]string{}, widths: map[uint32]float64{}, fallback: 500}
	name, _ := f.resolve(d["BaseFont"]).(pdfName)
	out.bold = strings.Contains(strings.ToLower(string(name)), "bold") || strings.Contains(string(name), "Heavy") || strings.Contains(string(name), "Black")
	if s, ok := f.resolve(d["ToUnicode"]).(pdfStream); ok {
		if b, err := f.data(s); err == nil {
			out.readCMap(b)
		}
	}
	if f.resolve(d["Subtype"]) == pdfName("Type0") {
		out.wide, out.fallback = true, 1000
		encName, _ := f.resolve(d["Encoding"]).(pdfName)
		out.decoder = knownCMap(string(encName))
		if kids := f.array(d["DescendantFonts"]); len(kids) > 0 {
			kid := f.dict(kids[0])
			out.fallback = f.number(kid["DW"], 1000)
			f.wideWidths(out, f.array(kid["W"]))
		}
		return out
	}
	f.simpleEncoding(out, d)
	first := uint32(max(0, f.number(d["FirstChar"], 0)))
	for i, w := range f.array(d["Widths"]) {
		if i > 255 {
			break
		}
		out.widths[first+uint32(i)] = f.number(w, 500)
	}
	if len(out.widths) == 0 && !strings.Contains(string(name), "Courier") {
		for i, w := range helvetica {
			out.widths[uint32(i)+32] = float64(w) * 10
		}
	} else if len(out.widths) == 0 {
		out.fallback = 600
	}
	if f.resolve(d["Subtype"]) == pdfName("Type3") { // widths are in a space of its own
		scale := 0.001
		if m := f.array(d["FontMatrix"]); len(m) == 6 {
			scale = f.number(m[0], 0.001)
		}
		for c := range out.widths {
			out.widths[c] *= scale * 1000
		}
	}
	return out
}

// helvetica are the widths of the signs from 32 to 126, in hundredths of the
// size, for the fonts that a PDF need not bring along.
var helvetica = [...]int{28, 28, 36, 56, 56, 89, 67, 19, 33, 33, 39, 58, 28, 33, 28, 28, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 28, 28, 58, 58, 58, 56, 102,
	67, 67, 72, 72, 67, 61, 78, 72, 28, 50, 67, 56, 83, 72, 78, 67, 78, 72, 67, 61, 72, 67, 94, 67, 67, 61, 28, 28, 28, 47, 56, 33,
	56, 56, 50, 56, 56, 28, 56, 56, 22, 22, 50, 22, 83, 56, 56, 56, 56, 33, 50, 28, 56, 50, 72, 50, 50, 50, 33, 26, 33, 58}

// wideWidths reads the widths of a composite font (9.7.4.3).
func (f *pdfFile) wideWidths(out *pdfFont, w pdfArray) {
	for i := 0; i+1 < len(w) && len(out.widths) < pdfMapped; {
		from := uint32(max(0, f.number(w[i], 0)))
		if list := f.array(w[i+1]); list != nil {
			for k, v := range list {
				out.widths[from+uint32(k)] = f.number(v, 1000)
			}
			i += 2
			continue
		}
		if i+2 >= len(w) {
			return
		}
		to := uint32(max(0, f.number(w[i+1], 0)))
		for c := from; c <= to && c-from < 1<<16; c++ {
			out.widths[c] = f.number(w[i+2], 1000)
		}
		i += 3
	}
}

func (f *pdfFile) simpleEncoding(out *pdfFont, d pdfDict) {
	table := charmap.Windows1252
	enc := f.resolve(d["Encoding"])
	dict := f.dict(enc)
	if dict != nil {
		enc = f.resolve(dict["BaseEncoding"])
	}
	if enc == pdfName("MacRomanEncoding") {
		table = charmap.Macintosh
	}
	for c := 32; c < 256; c++ {
		out.simple[c] = string(table.DecodeByte(byte(c)))
	}
	code := 0
	for _, v := range f.array(dict["Differences"]) {
		switch v := f.resolve(v).(type) {
		case float64:
			code = int(v)
		case pdfName:
			if code >= 0 && code < 256 {
				out.simple[code] = glyphText(string(v))
			}
			code++
		}
	}
}

// knownCMap decodes the predefined encodings of Chinese fonts.
func knownCMap(name string) func([]byte) (string, int) {
	var multi encoding.Encoding
	switch {
	case strings.Contains(name, "-UCS2-"), strings.Contains(name, "-UTF16-"):
		return func(b []byte) (string, int) {
			if len(b) < 2 {
				return "", len(b)
			}
			u := []uint16{uint16(b[0])<<8 | uint16(b[1])}
			if utf16.IsSurrogate(rune(u[0])) && len(b) >= 4 {
				u = append(u, uint16(b[2])<<8|uint16(b[3]))
			}
			return string(utf16.Decode(u)), 2 * len(u)
		}
	case strings.HasPrefix(name, "GBK2K"), strings.HasPrefix(name, "GBK"), strings.HasPrefix(name, "GB-EUC"), strings.HasPrefix(name, "GBpc-EUC"):
		multi = simplifiedchinese.GB18030
	default:
		return nil
	}
	return func(b []byte) (string, int) {
		n := 1
		if b[0] >= 0x81 && len(b) >= 2 {
			n = 2
			if b[1] >= '0' && b[1] <= '9' && len(b) >= 4 {
				n = 4
			}
		}
		s, _ := multi.NewDecoder().Bytes(b[:n])
		return string(s), n
	}
}

// readCMap reads which text each code stands for (9.10.3).
func (p *pdfFont) readCMap(b []byte) {
	l := pdfLexer{b: b}
	var args []any
	put := func(code uint32, text string) {
		if len(p.text) < pdfMapped {
			p.text[code] = text
		}
	}
	for {
		v := l.value(0)
		switch v {
		case pdfEnd{}:
			return
		case pdfWord("beginbfchar"), pdfWord("beginbfrange"):
			args = args[:0]
			continue
		case pdfWord("endbfchar"):
			for i := 0; i+1 < len(args); i += 2 {
				from, ok1 := args[i].(pdfText)
				to, ok2 := args[i+1].(pdfText)
				if ok1 && ok2 {
					put(codeOf(from), utf16Text(to))
				}
			}
		case pdfWord("endbfrange"):
			for i := 0; i+2 < len(args); i += 3 {
				lo, ok1 := args[i].(pdfText)
				hi, ok2 := args[i+1].(pdfText)
				if !ok1 || !ok2 {
					continue
				}
				from, to := codeOf(lo), min(codeOf(hi), codeOf(lo)+1<<16)
				switch dst := args[i+2].(type) {
				case pdfText:
					last := []rune(utf16Text(dst))
					for c := from; c <= to && len(last) > 0 && len(p.text) < pdfMapped; c++ {
						put(c, string(last))
						last[len(last)-1]++
					}
				case pdfArray:
					for k, v := range dst {
						if s, ok := v.(pdfText); ok {
							put(from+uint32(k), utf16Text(s))
						}
					}
				}
			}
		}
		if len(args) < 3*1<<16 {
			args = append(args, v)
		}
	}
}

func codeOf(s pdfText) (n uint32) {
	for i := range min(len(s), 4) {
		n = n<<8 | uint32(s[i])
	}
	return n
}

func utf16Text(s pdfText) string {
	u := make([]uint16, 0, len(s)/2)
	for i := 0; i+1 < len(s) && i < 64; i += 2 {
		u = append(u, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return string(utf16.Decode(u))
}

// show turns a string of the content into glyphs.
func (p *pdfFont) show(s pdfText, f func(glyph)) {
	b := []byte(s)
	for len(b) > 0 {
		g, n := glyph{}, 1
		code := uint32(b[0])
		if p.wide {
			if n = min(2, len(b)); n == 2 {
				code = code<<8 | uint32(b[1])
			}
		}
		text, known := p.text[code]
		switch {
		case known:
		case p.decoder != nil:
			text, n = p.decoder(b)
		case !p.wide:
			text = p.simple[b[0]]
		default:
			text = "\uFFFD"
		}
		width, ok := p.widths[code]
		if !ok {
			width = p.fallback
			if p.decoder != nil && n == 1 {
				width = 500
			}
		}
		g.text, g.width, g.space = text, width/1000, n == 1 && b[0] == ' '
		f(g)
		b = b[n:]
	}
}

// glyphNames are the names of signs that are no letter with an accent.
var glyphNames = strings.Fields(`space   exclam ! quotedbl " numbersign # dollar $ percent % ampersand & quotesingle ' parenleft ( parenright ) asterisk * plus +
 comma , hyphen - minus - period . slash / zero 0 one 1 two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 colon : semicolon ; less < equal = greater >
 question ? at @ bracketleft [ backslash \ bracketright ] asciicircum ^ underscore _ grave ` + "`" + ` braceleft { bar | braceright } asciitilde ~ bullet • endash – emdash —
 quoteleft ‘ quoteright ’ quotedblleft “ quotedblright ” ellipsis … fi fi fl fl ff ff ffi ffi ffl ffl trademark ™ copyright © registered ® degree ° Euro € sterling £
 yen ¥ cent ¢ section § paragraph ¶ multiply × divide ÷ plusminus ± germandbls ß ae æ AE Æ oe œ OE Œ oslash ø Oslash Ø mu µ periodcentered · guillemotleft « guillemotright »
 exclamdown ¡ questiondown ¿ quotesinglbase ‚ quotedblbase „ dagger † daggerdbl ‡ onehalf ½ onequarter ¼ arrowright → arrowleft ← checkmark ✓ dotlessi ı`)[1:]

var accents = map[string]string{"acute": "\u0301", "grave": "\u0300", "circumflex": "\u0302", "dieresis": "\u0308", "tilde": "\u0303", "cedilla": "\u0327", "ring": "\u030a", "caron": "\u030c", "macron": "\u0304"}

// glyphText is the text of a glyph's name, as fonts commonly name them.
func glyphText(name string) string {
	name, _, _ = strings.Cut(name, ".")
	if name == "space" || name == "nbspace" {
		return " "
	}
	if len(name) == 1 {
		return name
	}
	for i := 0; i+1 < len(glyphNames); i += 2 {
		if glyphNames[i] == name {
			return glyphNames[i+1]
		}
	}
	for _, prefix := range []string{"uni", "u"} {
		if hex, ok := strings.CutPrefix(name, prefix); ok && len(hex) >= 4 {
			if n, err := strconv.ParseUint(hex[:min(len(hex), 6)], 16, 32); err == nil && n > 0 && n <= 0x10FFFF {
				return string(rune(n))
			}
		}
	}
	if mark, ok := accents[name[1:]]; ok {
		return norm.NFC.String(name[:1] + mark)
	}
	return ""
}
