package sip

import (
	"bytes"
	"strconv"
	"strings"
)

// fields is what a request says of itself, before anything is made of it.
type fields struct {
	method, uri, version string
	line                 string // the request line as it came
	h                    map[string][]string
	unended              bool // no empty line behind the headers
	crowded              bool // more parameters in a line than anybody needs
	body                 int  // octets that follow the headers; -1: a stream counts them
}

// long is the long name of compact headers (RFC 3261, 7.3.3).
var long = map[string]string{
	"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
	"c": "content-type", "k": "supported", "s": "subject", "e": "content-encoding",
}

// scanned is a datagram taken apart.
type scanned struct {
	fields
	response bool
	lines    []headerLine
	rest     []byte // the body
	odd      bool   // folded or oddly spaced: to be written anew
}

type headerLine struct{ name, value string }

// Bounds of what is read. Unfolding, and keeping parameters apart, takes time
// that grows with the square of their number.
const (
	maxLines  = 200 // of headers, folded ones counted apart
	maxParams = 200 // semicolons in one line
)

// scan takes a datagram apart. ok is false when it is no SIP message at all.
func scan(data []byte) (m scanned, ok bool) {
	head, rest, found := bytes.Cut(data, []byte("\r\n\r\n"))
	if !found { // answered all the same, with 400
		head, m.unended = bytes.CutSuffix(data, []byte("\r\n"))
	}
	if !found && !m.unended || len(head) > 16<<10 {
		return m, false
	}
	text := string(head)
	first, text, _ := strings.Cut(text, "\r\n")
	m.rest, m.h, m.line, m.body = rest, map[string][]string{}, first, len(rest)
	m.crowded = strings.Count(first, ";") > maxParams
	for n := 1; text != ""; n++ {
		var line string
		line, text, _ = strings.Cut(text, "\r\n")
		if n > maxLines {
			return m, false
		}
		if line != "" && (line[0] == ' ' || line[0] == '\t') { // folded
			if len(m.lines) == 0 {
				return m, false
			}
			last := &m.lines[len(m.lines)-1]
			last.value = strings.TrimSpace(last.value + " " + strings.TrimSpace(line))
			m.odd = true
			continue
		}
		name, value, colon := strings.Cut(line, ":")
		if !colon { // what has no name is no header: passed over
			m.odd = true
			continue
		}
		trimmed := strings.TrimRight(name, " \t")
		m.odd = m.odd || len(trimmed) != len(name)
		m.lines = append(m.lines, headerLine{trimmed, strings.TrimSpace(value)})
	}
	for i := range m.lines {
		l := &m.lines[i]
		m.crowded = m.crowded || strings.Count(l.value, ";") > maxParams
		name := strings.ToLower(l.name)
		if n := long[name]; n != "" {
			name = n
		}
		switch name {
		case "via", "from", "to", "contact", "route", "record-route", "cseq":
			if s := squeeze(l.value); s != l.value {
				l.value, m.odd = s, true
			}
		}
		m.h[name] = append(m.h[name], l.value)
	}
	if strings.HasPrefix(first, "SIP/") {
		m.response = true
		return m, true
	}
	f := strings.Fields(first)
	if len(f) < 3 || !strings.HasPrefix(strings.ToUpper(f[len(f)-1]), "SIP/") {
		return m, false
	}
	m.method, m.uri, m.version = f[0], strings.Join(f[1:len(f)-1], " "), strings.ToUpper(f[len(f)-1])
	return m, true
}

// squeeze takes white space away where it may stand and only confuses: around
// ; = , and / outside quotes and brackets, and more than one anywhere.
func squeeze(v string) string {
	if !strings.ContainsAny(v, " \t") {
		return v
	}
	var b strings.Builder
	b.Grow(len(v))
	quoted, angle, gap := false, false, false
	last := byte(';')
	for i := 0; i < len(v); i++ {
		c := v[i]
		if quoted || angle {
			b.WriteByte(c)
			last = c
			switch {
			case quoted && c == '\\' && i+1 < len(v):
				i++
				b.WriteByte(v[i])
			case quoted && c == '"':
				quoted = false
			case !quoted && c == '>':
				angle = false
			}
			continue
		}
		if c == ' ' || c == '\t' {
			gap = true
			continue
		}
		if gap && !strings.ContainsRune(";=,/", rune(c)) && !strings.ContainsRune(";=,/", rune(last)) {
			b.WriteByte(' ')
		}
		gap = false
		quoted, angle = c == '"', c == '<'
		b.WriteByte(c)
		last = c
	}
	return b.String()
}

// bytes is the message as it should have been written: headers unfolded, the
// body as long as it says.
func (m *scanned) bytes(data []byte) []byte {
	length := m.body
	if cl := m.h["content-length"]; len(cl) > 0 {
		if n, err := strconv.Atoi(cl[0]); err == nil && n >= 0 && n <= m.body {
			length = n
		}
	}
	if !m.odd {
		return data[:len(data)-(m.body-length)]
	}
	var b bytes.Buffer
	b.WriteString(m.line)
	b.WriteString("\r\n")
	for _, l := range m.lines {
		b.WriteString(l.name)
		b.WriteString(": ")
		b.WriteString(l.value)
		b.WriteString("\r\n")
	}
	b.WriteString("\r\n")
	b.Write(m.rest[:length])
	return b.Bytes()
}

// reply is an answer made from what a message says, without understanding more
// of it than its Via. It returns nil when the message may not be answered.
func (m *scanned) reply(code int, phrase, extra, source string, port int, tag string) (answer []byte, to int) {
	vias := m.h["via"]
	if len(vias) == 0 || strings.EqualFold(m.method, "ACK") {
		return nil, 0
	}
	top := splitList(vias[0])
	if len(top) == 0 {
		return nil, 0
	}
	to = sentByPort(top[0])
	if _, asked := paramOK(top[0], "rport"); asked {
		to = port
		top[0] = strings.Replace(top[0], "rport", "rport="+strconv.Itoa(port), 1)
	}
	top[0] += ";received=" + source
	var b bytes.Buffer
	b.WriteString("SIP/2.0 " + strconv.Itoa(code) + " " + phrase + "\r\n")
	b.WriteString("Via: " + strings.Join(top, ", ") + "\r\n")
	for _, v := range vias[1:] {
		b.WriteString("Via: " + v + "\r\n")
	}
	for _, n := range []struct{ key, name string }{{"from", "From"}, {"to", "To"}, {"call-id", "Call-ID"}, {"cseq", "CSeq"}} {
		if v := m.h[n.key]; len(v) > 0 {
			value := v[0]
			if _, tagged := paramOK(afterAddress(value), "tag"); n.key == "to" && !tagged {
				value += ";tag=" + tag
			}
			b.WriteString(n.name + ": " + value + "\r\n")
		}
	}
	b.WriteString(extra)
	b.WriteString("Server: " + product + "\r\nContent-Length: 0\r\n\r\n")
	return b.Bytes(), to
}

// sentByPort is the port in a Via's sent-by; 5060 when it names none.
func sentByPort(via string) int {
	via, _, _ = strings.Cut(via, ";")
	f := strings.Fields(via)
	if len(f) == 0 {
		return 5060
	}
	host := f[len(f)-1]
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		if n, err := strconv.ParseUint(host[i+1:], 10, 16); err == nil && n > 0 {
			return int(n)
		}
	}
	return 5060
}

// afterAddress is the header parameters behind an address.
func afterAddress(v string) string {
	if i := strings.LastIndexByte(v, '>'); i >= 0 {
		return v[i+1:]
	}
	_, params, _ := strings.Cut(v, ";")
	return params
}
