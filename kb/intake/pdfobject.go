package intake

import (
	"bytes"
	"strconv"
)

// The values of a PDF (ISO 32000-1, 7.3). Numbers are float64.
type (
	pdfName   string
	pdfText   string // bytes, in some encoding
	pdfWord   string // an operator or other bare word
	pdfArray  []any
	pdfDict   map[pdfName]any
	pdfRef    int // the object's number; generations are of no use here
	pdfStream struct {
		dict pdfDict
		raw  []byte
	}
)

const pdfDepth = 60 // of arrays and dictionaries

// pdfLexer reads values from bytes. It never fails: what is no value is
// passed over, and at the end it gives pdfEnd.
type pdfLexer struct {
	b  []byte
	at int
}

type pdfEnd struct{}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func (l *pdfLexer) space() {
	for l.at < len(l.b) {
		switch c := l.b[l.at]; {
		case isSpace(c):
			l.at++
		case c == '%':
			for l.at < len(l.b) && l.b[l.at] != '\n' && l.b[l.at] != '\r' {
				l.at++
			}
		default:
			return
		}
	}
}

// value reads one value; a closing bracket that nothing opened is a word.
func (l *pdfLexer) value(depth int) any {
	l.space()
	if l.at >= len(l.b) || depth > pdfDepth {
		l.at = len(l.b)
		return pdfEnd{}
	}
	switch c := l.b[l.at]; {
	case c == '/':
		return l.name()
	case c == '(':
		return l.text()
	case c == '<' && l.at+1 < len(l.b) && l.b[l.at+1] == '<':
		l.at += 2
		return l.dict(depth)
	case c == '<':
		return l.hex()
	case c == '[':
		l.at++
		return l.array(depth)
	case c == '>' && l.at+1 < len(l.b) && l.b[l.at+1] == '>':
		l.at += 2
		return pdfWord(">>")
	case isDelimiter(c):
		l.at++
		return pdfWord(c)
	}
	start := l.at
	for l.at < len(l.b) && !isSpace(l.b[l.at]) && !isDelimiter(l.b[l.at]) {
		l.at++
	}
	word := string(l.b[start:l.at])
	if c := word[0]; c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' {
		if f, err := strconv.ParseFloat(word, 64); err == nil && f > -1e9 && f < 1e9 {
			return f
		}
		return 0.0
	}
	switch word {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	return pdfWord(word)
}

func (l *pdfLexer) name() pdfName {
	l.at++
	var out []byte
	for l.at < len(l.b) && !isSpace(l.b[l.at]) && !isDelimiter(l.b[l.at]) {
		c := l.b[l.at]
		if c == '#' && l.at+2 < len(l.b) {
			if n, err := strconv.ParseUint(string(l.b[l.at+1:l.at+3]), 16, 8); err == nil {
				c = byte(n)
				l.at += 2
			}
		}
		out = append(out, c)
		l.at++
	}
	return pdfName(out)
}

func (l *pdfLexer) text() pdfText {
	var out []byte
	open := 0
	for ; l.at < len(l.b); l.at++ {
		c := l.b[l.at]
		switch c {
		case '(':
			if open++; open == 1 {
				continue
			}
		case ')':
			if open--; open == 0 {
				l.at++
				return pdfText(out)
			}
		case '\\':
			l.at++
			if l.at >= len(l.b) {
				return pdfText(out)
			}
			c = l.b[l.at]
			if i := bytes.IndexByte([]byte("nrtbf"), c); i >= 0 {
				c = "\n\r\t\b\f"[i]
			} else if c == '\n' || c == '\r' {
				if c == '\r' && l.at+1 < len(l.b) && l.b[l.at+1] == '\n' {
					l.at++
				}
				continue
			} else if c >= '0' && c <= '7' {
				n := 0
				for k := 0; k < 3 && l.at < len(l.b) && l.b[l.at] >= '0' && l.b[l.at] <= '7'; k++ {
					n = n*8 + int(l.b[l.at]-'0')
					l.at++
				}
				l.at--
				c = byte(n)
			}
		}
		out = append(out, c)
	}
	return pdfText(out)
}

func (l *pdfLexer) hex() pdfText {
	l.at++
	var out []byte
	half, digits := byte(0), 0
	for ; l.at < len(l.b); l.at++ {
		c := l.b[l.at]
		var d byte
		switch {
		case c >= '0' && c <= '9':
			d = c - '0'
		case c >= 'a' && c <= 'f':
			d = c - 'a' + 10
		case c >= 'A' && c <= 'F':
			d = c - 'A' + 10
		case c == '>':
			l.at++
			if digits%2 == 1 {
				out = append(out, half<<4)
			}
			return pdfText(out)
		default:
			continue
		}
		if digits++; digits%2 == 1 {
			half = d
		} else {
			out = append(out, half<<4|d)
		}
	}
	return pdfText(out)
}

// array reads up to the bracket that closes it; "12 0 R" becomes a reference.
func (l *pdfLexer) array(depth int) pdfArray {
	out := pdfArray{}
	for {
		switch v := l.value(depth + 1).(type) {
		case pdfEnd:
			return out
		case pdfWord:
			if v == "]" || v == ">>" || v == "endobj" {
				return out
			}
			if n, ok := tailRef(v, out); ok {
				out = append(out[:len(out)-2], n)
			}
		default:
			out = append(out, v)
		}
	}
}

func tailRef(word pdfWord, before pdfArray) (pdfRef, bool) {
	if word != "R" || len(before) < 2 {
		return 0, false
	}
	n, ok := before[len(before)-2].(float64)
	_, gen := before[len(before)-1].(float64)
	return pdfRef(n), ok && gen && n >= 0
}

func (l *pdfLexer) dict(depth int) pdfDict {
	out := pdfDict{}
	var key pdfName
	var vals pdfArray
	put := func() {
		if key != "" && len(vals) > 0 {
			out[key] = vals[0]
		}
		vals = vals[:0]
	}
	for {
		switch v := l.value(depth + 1).(type) {
		case pdfEnd:
			put()
			return out
		case pdfWord:
			if v == ">>" || v == "endobj" || v == "stream" {
				if v == "stream" {
					l.at -= len(v)
				}
				put()
				return out
			}
			if n, ok := tailRef(v, vals); ok {
				vals = append(vals[:len(vals)-2], n)
			}
		case pdfName:
			if key == "" || len(vals) > 0 {
				put()
				key = v
			} else {
				vals = append(vals, v)
			}
		default:
			if len(vals) < 3 {
				vals = append(vals, v)
			}
		}
	}
}
