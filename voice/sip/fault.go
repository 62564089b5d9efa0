package sip

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// fault is why a request is refused before anything is done with it.
type fault struct {
	code  int
	extra string // headers, each with its line end
	why   string
}

// fieldsOf is a parsed request as its fields.
func fieldsOf(req *sip.Request) *fields {
	f := &fields{method: string(req.Method), uri: req.Recipient.String(), version: req.SipVersion, h: map[string][]string{}, body: -1}
	f.line = f.method + " " + f.uri + " " + f.version
	for _, h := range req.Headers() {
		name := strings.ToLower(h.Name())
		if n := long[name]; n != "" {
			name = n
		}
		f.h[name] = append(f.h[name], h.Value())
	}
	return f
}

// once are the headers that stand in a request exactly, or at most, once.
var once = []struct {
	name string
	must bool
}{
	{"via", true}, {"from", true}, {"to", true}, {"call-id", true}, {"cseq", true},
	{"max-forwards", false}, {"content-length", false}, {"content-type", false},
}

// fault looks for what makes a request one that nobody may act on: RFC 3261,
// 8.2 and 16.3, with the cases of RFC 4475. nil: there is nothing wrong.
func (f *fields) fault() *fault {
	if len(f.h["via"]) == 0 {
		return &fault{code: 400, why: "no Via"}
	}
	if f.version != "SIP/2.0" {
		return &fault{code: 505, why: "version"}
	}
	if f.line != f.method+" "+f.uri+" SIP/2.0" && !strings.EqualFold(f.line, f.method+" "+f.uri+" SIP/2.0") {
		return &fault{code: 400, why: "spaces in the request line"}
	}
	if f.crowded {
		return &fault{code: 400, why: "too many parameters"}
	}
	if f.unended {
		return &fault{code: 400, why: "no end of the headers"}
	}
	for _, o := range once {
		n := len(f.h[o.name])
		if n == 0 && o.must {
			return &fault{code: 400, why: "no " + o.name}
		}
		if n > 1 && o.name != "via" {
			return &fault{code: 400, why: "two headers " + o.name}
		}
	}
	for _, check := range []func() *fault{f.badURI, f.badNumbers, f.badVia, f.badAddresses, f.badExtensions, f.badBody} {
		if why := check(); why != nil {
			return why
		}
	}
	return nil
}

func (f *fields) badURI() *fault {
	scheme, rest, ok := strings.Cut(f.uri, ":")
	if !ok || strings.ContainsAny(f.uri, " <>\"") {
		return &fault{code: 400, why: "request URI"}
	}
	switch strings.ToLower(scheme) {
	case "sip", "sips":
		host := rest[strings.LastIndexByte(rest, '@')+1:]
		if strings.Contains(host, "?") { // headers have no place in a request URI, 19.1.1
			return &fault{code: 400, why: "headers in the request URI"}
		}
		if host == "" {
			return &fault{code: 400, why: "request URI without a host"}
		}
	case "tel":
	default:
		return &fault{code: 416, why: "scheme"}
	}
	return nil
}

func (f *fields) badNumbers() *fault {
	num, method, _ := strings.Cut(f.h["cseq"][0], " ")
	if n, err := strconv.ParseUint(num, 10, 64); err != nil || n >= 1<<31 {
		return &fault{code: 400, why: "CSeq number"}
	}
	if strings.TrimSpace(method) != f.method {
		if known(f.method) {
			return &fault{code: 400, why: "CSeq is of another method"}
		}
		return &fault{code: 405, extra: allow, why: "method"}
	}
	for _, v := range f.h["max-forwards"] {
		if _, err := strconv.ParseUint(v, 10, 16); err != nil {
			return &fault{code: 400, why: "Max-Forwards"}
		}
	}
	for _, v := range f.h["content-length"] {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil || f.body >= 0 && n > uint64(f.body) {
			return &fault{code: 400, why: "Content-Length"}
		}
	}
	return nil
}

func known(method string) bool {
	for _, m := range methods {
		if m == method {
			return true
		}
	}
	return false
}

func (f *fields) badVia() *fault {
	for _, v := range f.h["via"] {
		for _, via := range splitList(v) {
			sent, params, _ := strings.Cut(via, ";")
			if !strings.HasPrefix(strings.ToUpper(sent), "SIP/2.0/") || len(strings.Fields(sent)) != 2 || strings.Contains(";"+params, ";;") {
				return &fault{code: 400, why: "Via"}
			}
		}
	}
	return nil
}

func (f *fields) badAddresses() *fault {
	for _, name := range []string{"from", "to", "contact"} {
		for _, line := range f.h[name] {
			parts := splitList(line)
			if name != "contact" && len(parts) > 1 {
				return &fault{code: 400, why: "a comma in " + name}
			}
			for _, v := range parts {
				if why := badAddress(v); why != "" {
					return &fault{code: 400, why: name + ": " + why}
				}
			}
		}
	}
	if f.method == "REGISTER" {
		if u := addressURI(f.h["to"][0]); !sipURI(u) {
			return &fault{code: 400, why: "To is no SIP address"}
		}
	}
	if tag, ok := paramOK(afterAddress(f.h["from"][0]), "tag"); !ok || tag == "" {
		return &fault{code: 400, why: "From has no tag"} // RFC 2543 is not spoken here
	}
	return nil
}

// badAddress says what is wrong with a From, To or Contact.
func badAddress(v string) string {
	if v == "*" {
		return ""
	}
	name, rest, bracketed := cutUnquoted(v, '<')
	if strings.Count(strings.ReplaceAll(strings.ReplaceAll(name, `\\`, ""), `\"`, ""), `"`)%2 != 0 {
		return "quotes do not match"
	}
	if !bracketed {
		uri, params, _ := strings.Cut(v, ";")
		switch {
		case strings.Contains(uri, "?"):
			return "headers in an address without brackets"
		case strings.ContainsAny(uri, " \t<>\""):
			return "address"
		case strings.Contains(";"+params, ";;"):
			return "empty parameters"
		case !strings.Contains(uri, ":"):
			return "no address"
		}
		return ""
	}
	uri, params, closed := strings.Cut(rest, ">")
	switch {
	case !closed:
		return "no closing bracket"
	case uri == "" || strings.ContainsAny(uri, " \t<\""):
		return "spaces in the address"
	case strings.Contains(params, ";;") || strings.HasSuffix(params, ";"):
		return "empty parameters"
	}
	return ""
}

// cutUnquoted cuts v at the first c outside of quotes.
func cutUnquoted(v string, c byte) (before, after string, found bool) {
	quoted := false
	for i := 0; i < len(v); i++ {
		switch {
		case quoted && v[i] == '\\':
			i++
		case v[i] == '"':
			quoted = !quoted
		case v[i] == c && !quoted:
			return v[:i], v[i+1:], true
		}
	}
	return v, "", false
}

// addressURI is the URI of a From, To or Contact.
func addressURI(v string) string {
	if _, rest, ok := cutUnquoted(v, '<'); ok {
		uri, _, _ := strings.Cut(rest, ">")
		return uri
	}
	uri, _, _ := strings.Cut(v, ";")
	return strings.TrimSpace(uri)
}

func sipURI(u string) bool {
	scheme, _, _ := strings.Cut(u, ":")
	return strings.EqualFold(scheme, "sip") || strings.EqualFold(scheme, "sips")
}

func (f *fields) badExtensions() *fault {
	if f.method == "ACK" || f.method == "CANCEL" { // 8.2.2.3
		return nil
	}
	var missing []string
	for _, name := range []string{"require", "proxy-require"} {
		for _, v := range f.h[name] {
			for _, tag := range splitList(v) {
				if tag != "" && !containsFold(supported, tag) {
					missing = append(missing, tag)
				}
			}
		}
		if name == "require" && len(missing) > 0 {
			break
		}
	}
	if len(missing) > 0 {
		return &fault{code: 420, extra: "Unsupported: " + strings.Join(missing, ", ") + "\r\n", why: "extension"}
	}
	return nil
}

func (f *fields) badBody() *fault {
	if f.method != "INVITE" && f.method != "UPDATE" {
		return nil
	}
	if accept := strings.Join(f.h["accept"], ","); accept != "" {
		ok := false
		for _, a := range splitList(accept) {
			kind, _, _ := strings.Cut(a, ";")
			switch strings.ToLower(strings.TrimSpace(kind)) {
			case "application/sdp", "application/*", "*/*":
				ok = true
			}
		}
		if !ok {
			return &fault{code: 406, extra: "Accept: application/sdp\r\n", why: "Accept"}
		}
	}
	for _, v := range f.h["content-type"] {
		kind, _, _ := strings.Cut(v, ";")
		if !strings.EqualFold(strings.TrimSpace(kind), "application/sdp") {
			return &fault{code: 415, extra: "Accept: application/sdp\r\n", why: fmt.Sprintf("content type %.40q", kind)}
		}
	}
	return nil
}

func containsFold(list []string, s string) bool {
	for _, v := range list {
		if strings.EqualFold(v, s) {
			return true
		}
	}
	return false
}
