package sip

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"runtime/debug"
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

var errCrowded = errors.New("more parameters than anybody needs")

// filter sees each datagram before the parser does, which drops in silence what
// it cannot read. What is no SIP is dropped here; what is wrong is answered here.
func (s *Server) filter(info sip.TransportReadProps, data []byte) (out []byte, err error) {
	from, perr := netip.ParseAddrPort(info.RemoteAddr.String())
	if perr != nil || !s.heard(from.Addr(), time.Now()) {
		return nil, nil
	}
	if info.Transport != "UDP" {
		if string(data) == "\r\n" {
			s.phones.pong(info.RemoteAddr.String())
		}
		if bytes.Count(data, []byte(";")) > 4*maxParams { // the connection ends
			return nil, errCrowded
		}
		return data, nil
	}
	if len(data) <= 4 {
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
	case m.response && m.crowded:
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
