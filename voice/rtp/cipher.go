package rtp

import "github.com/pion/srtp/v3"

// ciphers is the SRTP state of a stream. RTP and RTCP, and the two directions,
// have one each, because each is used by another goroutine. All are nil when
// the audio is plain.
type ciphers struct {
	theirs, ours             cryptoLine
	in, out, inRTCP, outRTCP *srtp.Context
}

// renew returns the state for terms. A direction whose key has not changed goes
// on with what it has: its roll-over counter belongs to the key.
func (c ciphers) renew(t terms) (ciphers, error) {
	if t.sends == nil || t.ours == nil {
		return ciphers{}, nil
	}
	n := c
	var err error
	if c.in == nil || !c.theirs.same(*t.sends) {
		n.theirs = *t.sends
		if n.in, n.inRTCP, err = n.theirs.contexts(); err != nil {
			return c, err
		}
	}
	if c.out == nil || !c.ours.same(*t.ours) {
		n.ours = *t.ours
		if n.out, n.outRTCP, err = n.ours.contexts(); err != nil {
			return c, err
		}
	}
	return n, nil
}

// contexts makes the cipher states of one direction.
func (c cryptoLine) contexts() (rtp, rtcp *srtp.Context, err error) {
	opts := []srtp.ContextOption{srtp.SRTPReplayProtection(128), srtp.SRTCPReplayProtection(128)}
	if len(c.mki) > 0 {
		opts = append(opts, srtp.MasterKeyIndicator(c.mki))
	}
	make := func() (*srtp.Context, error) {
		return srtp.CreateContext(c.key[:16], c.key[16:], suites[c.suite].profile, opts...)
	}
	if rtp, err = make(); err != nil {
		return nil, nil, err
	}
	rtcp, err = make()
	return rtp, rtcp, err
}
