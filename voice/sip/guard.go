package sip

import (
	"fmt"
	"net"
	"net/netip"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// methods are those we answer with more than 405.
var methods = []string{"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "PRACK", "UPDATE", "REFER", "NOTIFY", "REGISTER"}

var (
	allow     = "Allow: " + strings.Join(methods, ", ") + "\r\n"
	supported = []string{"100rel", "timer", "replaces", "path", "norefersub"}
)

// fault is why a request is refused before anything is done with it.
type fault struct {
	code  int
	extra string // headers, each with its line end
	why   string
}

// filter sees each datagram before the parser does, which drops in silence what
// it cannot read. What is no SIP is dropped here; what is wrong is answered here.
func (s *Server) filter(info sip.TransportReadProps, data []byte) (out []byte, err error) {
	from, perr := netip.ParseAddrPort(info.RemoteAddr.String())
	if perr != nil || !s.heard(from.Addr(), time.Now()) {
		return nil, nil
	}
	if info.Transport != "UDP" || len(data) <= 4 {
		return data, nil
	}
	defer func() {
		if p := recover(); p != nil { // a bad datagram never ends the process
			s.log.Error("sip filter", "panic", p, "stack", string(debug.Stack()))
			out = nil
		}
	}()
	m, ok := scan(data)
	switch {
	case !ok:
		return nil, nil
	case m.response:
		return m.bytes(data), nil
	}
	if f := m.fault(); f != nil {
		s.log.Debug("sip refused", "from", from, "code", f.code, "why", f.why)
		tag := s.nonces.tag(strings.Join(m.h["call-id"], "") + strings.Join(m.h["via"], ""))
		if answer, port := m.reply(f.code, reasonPhrase(f.code), f.extra, from.Addr().Unmap().String(), int(from.Port()), tag); answer != nil {
			_, _ = s.udp.WriteToUDP(answer, &net.UDPAddr{IP: from.Addr().AsSlice(), Port: port, Zone: from.Addr().Zone()})
		}
		return nil, nil
	}
	return m.bytes(data), nil
}

// onRequest is where every request comes in, each in its own goroutine.
func (s *Server) onRequest(req *sip.Request, tx *sip.ServerTx) {
	defer tx.TerminateGracefully()
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("sip handler", "method", req.Method, "panic", p, "stack", string(debug.Stack()))
			s.answer(req, tx, 500)
		}
	}()
	if sip.IsReliable(req.Transport()) {
		if f := fieldsOf(req).fault(); f != nil {
			if req.Method != sip.ACK {
				s.answer(req, tx, f.code, readExtra(f.extra)...)
			}
			return
		}
	}
	if req.From() == nil || req.To() == nil || req.CallID() == nil || req.CSeq() == nil || req.Via() == nil {
		if req.Method != sip.ACK {
			s.answer(req, tx, 400)
		}
		return
	}
	switch req.Method {
	case sip.INVITE:
		s.onInvite(req, tx)
	case sip.ACK:
		s.onAck(req)
	case sip.CANCEL: // of nothing: what it cancels has been taken by the layer below
		s.answer(req, tx, 481)
	case sip.REGISTER:
		s.onRegister(req, tx)
	case sip.OPTIONS:
		s.onOptions(req, tx)
	case sip.BYE, sip.INFO, sip.PRACK, sip.UPDATE, sip.REFER, sip.NOTIFY:
		s.inDialog(req, tx)
	default:
		s.answer(req, tx, 405, allowHeader())
	}
}

func allowHeader() sip.Header { return sip.NewHeader("Allow", strings.Join(methods, ", ")) }

// answer sends a final response without a body.
func (s *Server) answer(req *sip.Request, tx *sip.ServerTx, code int, extra ...sip.Header) {
	res := s.response(req, code, nil)
	for _, h := range extra {
		res.AppendHeader(h)
	}
	if err := tx.Respond(res); err != nil {
		s.log.Debug("sip answer", "code", code, "error", err)
	}
}

// response makes one with what all of ours say.
func (s *Server) response(req *sip.Request, code int, sdp []byte) *sip.Response {
	res := sip.NewResponseFromRequest(req, code, reasonPhrase(code), sdp)
	res.SipVersion = "SIP/2.0"
	if to := res.To(); to != nil && code > 100 && tagOf(req.To().Params) == "" {
		to.Params.Add("tag", s.nonces.tag(req.CallID().Value()+tagOf(req.From().Params)))
	}
	res.AppendHeader(sip.NewHeader("Server", product))
	if sdp != nil {
		res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	}
	return res
}

func readExtra(extra string) (hs []sip.Header) {
	for _, line := range strings.Split(extra, "\r\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			hs = append(hs, sip.NewHeader(name, value))
		}
	}
	return hs
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
