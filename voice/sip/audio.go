package sip

import (
	"errors"
	"net/netip"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/rtp"
)

// audio opens the media of a leg that reaches its peer from host.
func (s *Server) audio(l *leg, host string, mode rtp.SRTPMode) (*rtp.Session, error) {
	public, err := netip.ParseAddr(host)
	if err != nil {
		public = s.cfg.Public
	}
	session, err := s.cfg.Ports.Session(rtp.Options{
		Pacer: s.cfg.Pacer, Public: public, SRTP: mode, Codecs: s.cfg.Codecs,
		OnDigit: l.digit, OnSilent: l.silent, OnHold: l.heldBy, Log: s.log,
	})
	if err != nil {
		return nil, desk.Errorf(desk.Unavailable, "no_ports", "audio of a call: %w", err)
	}
	return session, nil
}

// mediaCode is the status code for a session description that was not taken.
func mediaCode(err error) int {
	switch {
	case errors.Is(err, rtp.ErrNotAcceptable):
		return 488
	case errors.Is(err, rtp.ErrBadSDP), desk.IsKind(err, desk.Invalid):
		return 400
	}
	return 500
}
