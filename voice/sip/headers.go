package sip

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
)

// splitList splits a header at its commas, outside quotes and angle brackets.
func splitList(v string) []string {
	var out []string
	quoted, angle, from := false, false, 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case c == ',' && !angle:
			out = append(out, strings.TrimSpace(v[from:i]))
			from = i + 1
		}
	}
	if s := strings.TrimSpace(v[from:]); s != "" || len(out) > 0 {
		out = append(out, s)
	}
	return out
}

// param finds a parameter in a list like "a=1;b", without quotes.
func param(params, name string) string {
	v, _ := paramOK(params, name)
	return v
}

func paramOK(params, name string) (string, bool) {
	for _, p := range strings.Split(params, ";") {
		k, v, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(k), name) {
			return strings.Trim(strings.TrimSpace(v), `"`), true
		}
	}
	return "", false
}

// short is the compact form of the headers that are asked for by name here.
var short = map[string]string{"supported": "k", "refer-to": "r", "event": "o", "session-expires": "x", "referred-by": "b"}

// header returns the values of all headers of a name, joined.
func header(m sip.Message, name string) string {
	hs := m.GetHeaders(name)
	if s := short[strings.ToLower(name)]; s != "" {
		hs = append(hs, m.GetHeaders(s)...)
	}
	switch len(hs) {
	case 0:
		return ""
	case 1:
		return hs[0].Value()
	}
	vs := make([]string, len(hs))
	for i, h := range hs {
		vs[i] = h.Value()
	}
	return strings.Join(vs, ", ")
}

// has reports whether an option tag or a method is in a header's list.
func has(m sip.Message, name, tag string) bool {
	for _, t := range splitList(header(m, name)) {
		if strings.EqualFold(t, tag) {
			return true
		}
	}
	return false
}

// sessionExpires reads RFC 4028, 4. ok is false when the header is missing or
// makes no sense.
func sessionExpires(v string) (d time.Duration, refresher string, ok bool) {
	num, params, _ := strings.Cut(v, ";")
	n, err := strconv.ParseUint(strings.TrimSpace(num), 10, 31)
	if err != nil || n == 0 {
		return 0, "", false
	}
	switch r := strings.ToLower(param(params, "refresher")); r {
	case "uac", "uas":
		refresher = r
	}
	return time.Duration(n) * time.Second, refresher, true
}

// seconds reads a header that is a number of seconds; more than a week counts
// as a week.
func seconds(v string) (time.Duration, bool) {
	v, _, _ = strings.Cut(v, ";")
	v, _, _ = strings.Cut(v, "(")
	v = strings.TrimSpace(v)
	if v == "" || strings.Trim(v, "0123456789") != "" {
		return 0, false
	}
	const week = 7 * 24 * time.Hour
	n, err := strconv.ParseUint(v, 10, 32)
	if err != nil || time.Duration(n)*time.Second > week {
		return week, true
	}
	return time.Duration(n) * time.Second, true
}

// rack is RFC 3262, 7.2: the response number and the CSeq it acknowledges.
func rack(v string) (rseq, cseq uint32, method string, ok bool) {
	f := strings.Fields(v)
	if len(f) != 3 {
		return 0, 0, "", false
	}
	a, err1 := strconv.ParseUint(f[0], 10, 32)
	b, err2 := strconv.ParseUint(f[1], 10, 32)
	return uint32(a), uint32(b), f[2], err1 == nil && err2 == nil
}

// replaces is RFC 3891, 6.1.
type replaces struct{ callID, toTag, fromTag string }

func readReplaces(v string) (replaces, bool) {
	id, params, _ := strings.Cut(v, ";")
	r := replaces{callID: strings.TrimSpace(id), toTag: param(params, "to-tag"), fromTag: param(params, "from-tag")}
	return r, r.callID != "" && r.toTag != "" && r.fromTag != ""
}

// readReferTo takes the target out of a Refer-To header, and the dialog that
// the call to it is to replace.
func readReferTo(v string) (target string, with replaces, err error) {
	if len(v) > 2048 {
		return "", with, desk.Errorf(desk.Invalid, "refer_to", "Refer-To is too long")
	}
	uri := v
	if i := strings.IndexByte(v, '<'); i >= 0 {
		j := strings.IndexByte(v[i:], '>')
		if j < 0 {
			return "", with, desk.Errorf(desk.Invalid, "refer_to", "Refer-To has no closing bracket")
		}
		uri = v[i+1 : i+j]
	}
	uri = strings.TrimSpace(uri)
	uri, headers, _ := strings.Cut(uri, "?")
	low := strings.ToLower(uri)
	if !strings.HasPrefix(low, "sip:") && !strings.HasPrefix(low, "sips:") && !strings.HasPrefix(low, "tel:") {
		return "", with, desk.Errorf(desk.Invalid, "refer_to", "Refer-To is no address that can be called")
	}
	if strings.ContainsAny(uri, " \t\r\n\"<>") || len(uri) < 5 {
		return "", with, desk.Errorf(desk.Invalid, "refer_to", "Refer-To is no address that can be called")
	}
	for _, h := range strings.Split(headers, "&") {
		k, hv, _ := strings.Cut(h, "=")
		if !strings.EqualFold(k, "Replaces") {
			continue
		}
		raw, err := url.PathUnescape(hv)
		if err != nil {
			return "", with, desk.Errorf(desk.Invalid, "refer_to", "Replaces is not well escaped")
		}
		var ok bool
		if with, ok = readReplaces(raw); !ok {
			return "", with, desk.Errorf(desk.Invalid, "refer_to", "Replaces lacks a tag")
		}
	}
	return uri, with, nil
}

// infoDigit reads a key from the body of INFO: application/dtmf-relay
// ("Signal=5") or application/dtmf ("5"). 0 when there is none.
func infoDigit(contentType string, body []byte) byte {
	kind, _, _ := strings.Cut(contentType, ";")
	text := strings.TrimSpace(string(body))
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "application/dtmf":
	case "application/dtmf-relay":
		value := ""
		for _, line := range strings.Split(text, "\n") {
			k, v, ok := strings.Cut(line, "=")
			if ok && strings.EqualFold(strings.TrimSpace(k), "Signal") {
				value = strings.TrimSpace(v)
			}
		}
		text = value
	default:
		return 0
	}
	switch text { // some phones send the number of the event
	case "10":
		return '*'
	case "11":
		return '#'
	}
	if len(text) != 1 {
		return 0
	}
	c := text[0]
	switch {
	case c >= '0' && c <= '9', c == '*', c == '#':
		return c
	case c >= 'A' && c <= 'D':
		return c
	case c >= 'a' && c <= 'd':
		return c - 'a' + 'A'
	}
	return 0
}

// sipfrag reads the status code of a message/sipfrag body; 0 when it has none.
func sipfrag(body []byte) int {
	line, _, _ := strings.Cut(string(body), "\n")
	f := strings.Fields(line)
	if len(f) < 2 || f[0] != "SIP/2.0" {
		return 0
	}
	n, err := strconv.Atoi(f[1])
	if err != nil || n < 100 || n > 699 {
		return 0
	}
	return n
}

func tagOf(p sip.HeaderParams) string {
	for _, kv := range p {
		if strings.EqualFold(kv.K, "tag") {
			return kv.V
		}
	}
	return ""
}

// clean makes text fit between the quotes of a display name.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == '\\' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 64 {
		s = string(r[:64])
	}
	return s
}
