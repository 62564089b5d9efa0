package sip

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
)

// dialog is RFC 3261, 12: what both ends remember of a call. Its owner guards it.
type dialog struct {
	callID     string
	local      sip.FromHeader // we, with our tag
	remote     sip.ToHeader   // the far end, with its tag once it has said it
	localSeq   uint32
	remoteSeq  uint32
	seenRemote bool
	firstSeq   uint32    // the far end's INVITE
	seqs       uint64    // which of the last 64 numbers have been, from remoteSeq back
	target     sip.Uri   // where its requests go: the far end's Contact
	routes     []sip.Uri // by way of these
	contact    sip.Uri   // ours
	transport  string    // UDP, TCP, TLS
	via        sip.ViaHeader
	laddr      sip.Addr // our socket; only for UDP
	dest       string   // host:port to send to, whatever target says: it is behind a NAT
	methods    string   // what the far end allows; empty: it did not say
}

func (d *dialog) localTag() string  { return tagOf(d.local.Params) }
func (d *dialog) remoteTag() string { return tagOf(d.remote.Params) }

// allows reports whether the far end takes a method.
func (d *dialog) allows(method string) bool {
	for _, m := range splitList(d.methods) {
		if strings.EqualFold(m, method) {
			return true
		}
	}
	return false
}

// request makes the next request of the dialog; ACK and CANCEL repeat the
// number of what they belong to.
func (d *dialog) request(method sip.RequestMethod) *sip.Request {
	if method != sip.ACK && method != sip.CANCEL {
		d.localSeq++
	}
	return d.requestSeq(method, d.localSeq)
}

func (d *dialog) requestSeq(method sip.RequestMethod, seq uint32) *sip.Request {
	target, routes := d.target, d.routes
	if len(routes) > 0 && !routes[0].UriParams.Has("lr") { // a strict router, 12.2.1.1
		strict := routes[0]
		strict.Headers = nil
		routes = append(append([]sip.Uri{}, routes[1:]...), target)
		target = strict
	}
	target.Headers = nil
	req := sip.NewRequest(method, target)
	via := d.via.Clone()
	via.Params.Add("branch", sip.GenerateBranchN(16))
	via.Params.Add("rport", "")
	req.AppendHeader(via)
	for i := range routes {
		req.AppendHeader(&sip.RouteHeader{Address: *routes[i].Clone()})
	}
	hops := sip.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	from, to := d.local, d.remote
	from.Params, to.Params = from.Params.Clone(), to.Params.Clone()
	req.AppendHeader(&from)
	req.AppendHeader(&to)
	id := sip.CallIDHeader(d.callID)
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
	switch method {
	case sip.INVITE, sip.UPDATE, sip.REFER, sip.NOTIFY, sip.PRACK, sip.REGISTER, sip.OPTIONS:
		req.AppendHeader(&sip.ContactHeader{Address: *d.contact.Clone()})
	}
	req.AppendHeader(sip.NewHeader("User-Agent", product))
	req.SetTransport(d.transport)
	req.SetBody(nil)
	d.laddr.Copy(&req.Laddr)
	if d.dest != "" {
		req.SetDestination(d.dest)
	}
	return req
}

// product is what we call ourselves.
const product = "Parley"

// fresh gives a request that was refused with a challenge or a hint its next
// number and a new branch.
func (d *dialog) fresh(req *sip.Request) *sip.Request {
	d.localSeq++
	next := req.Clone()
	if req.MessageData.Destination() == "" {
		next.SetDestination("")
	}
	next.CSeq().SeqNo = d.localSeq
	next.Via().Params.Add("branch", sip.GenerateBranchN(16))
	return next
}

// local is one of our sockets, as the far end is to see it.
type local struct {
	transport string // UDP, TCP, TLS
	host      string
	port      int
	laddr     sip.Addr // of UDP
}

func (l local) via() sip.ViaHeader {
	return sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: l.transport, Host: written(l.host), Port: l.port}
}

// contact is our address over that socket. secure asks for a sips URI, as RFC
// 3261, 12.1.1 wants it when the far end used one.
func (l local) contact(user string, secure bool) sip.Uri {
	u := sip.Uri{Scheme: "sip", User: user, Host: written(l.host), Port: l.port}
	switch {
	case secure:
		u.Scheme = "sips"
	case l.transport != "UDP":
		u.UriParams = sip.HeaderParams{{K: "transport", V: strings.ToLower(l.transport)}}
	}
	return u
}

// written is a host as URIs and Via have it: an IPv6 address in brackets.
func written(host string) string {
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		return "[" + host + "]"
	}
	return host
}

// behindNAT reports whether what comes from source says in its Contact an
// address that cannot be reached: another than the one it has. It speaks for
// itself only when it has come without proxies.
func behindNAT(contact sip.Uri, source string, vias int) bool {
	if vias != 1 {
		return false
	}
	src, err := netip.ParseAddrPort(source)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(strings.Trim(contact.Host, "[]"))
	if err != nil {
		return strings.HasSuffix(contact.Host, ".invalid")
	}
	return ip.Unmap() != src.Addr().Unmap()
}

// hidden reports whether a contact names a private address although its owner
// is reached at a public one: what a phone behind a NAT says of itself.
func hidden(contact sip.Uri, source string) bool {
	src, err := netip.ParseAddrPort(source)
	if err != nil || src.Addr().IsPrivate() || src.Addr().IsLoopback() {
		return false
	}
	ip, err := netip.ParseAddr(strings.Trim(contact.Host, "[]"))
	return err == nil && (ip.IsPrivate() || ip.IsLoopback() || ip.IsUnspecified())
}

// hostPort splits "host[:port]" or "[v6]:port"; 0 when there is no port.
func hostPort(s string) (string, int, error) {
	if ip, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return ip.String(), 0, nil
	}
	host, p, err := net.SplitHostPort(s)
	if err != nil {
		if strings.ContainsAny(s, ":[] ") || s == "" {
			return "", 0, desk.Errorf(desk.Invalid, "sip_host", "%q is no host or host:port", s)
		}
		return s, 0, nil
	}
	n, err := strconv.ParseUint(p, 10, 16)
	if err != nil || host == "" {
		return "", 0, desk.Errorf(desk.Invalid, "sip_host", "%q is no host or host:port", s)
	}
	return host, int(n), nil
}

// routeSet is the Record-Route of a message; reversed for who called (12.1.2).
func routeSet(m sip.Message, reversed bool) []sip.Uri {
	var out []sip.Uri
	for _, h := range m.GetHeaders("Record-Route") {
		if rr, ok := h.(*sip.RecordRouteHeader); ok {
			out = append(out, *rr.Address.Clone())
		}
	}
	if reversed {
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}
