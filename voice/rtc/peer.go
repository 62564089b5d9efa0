package rtc

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// peer is the connection with one browser tab.
type peer struct {
	s     *Server
	id    desk.ID
	agent desk.ID // empty: a customer's
	pc    *webrtc.PeerConnection
	audio *sender
	video *sender // nil: not offered

	leg    atomic.Pointer[leg]    // whose audio it carries now
	camera atomic.Pointer[camera] // what it shows us
	heard  atomic.Int64           // when audio last came, in Unix nanoseconds

	up   chan struct{} // closed when it is connected for the first time
	over chan struct{} // closed when it is gone

	once  sync.Once // closes up
	limit *time.Timer

	mu    sync.Mutex // guards ended
	ended bool
	wg    sync.WaitGroup // its goroutines

	// These are guarded by Server.mu.
	live    bool // connected now
	dropped bool
}

// connect answers an offer with a new peer.
func (s *Server) connect(ctx context.Context, agent desk.ID, offer string) (_ *peer, sdp string, err error) {
	cert, err := s.cert.get(time.Now())
	if err != nil {
		return nil, "", err
	}
	pc, err := s.api.NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{cert}})
	if err != nil {
		return nil, "", err
	}
	p := &peer{s: s, id: desk.NewID(), agent: agent, pc: pc, up: make(chan struct{}), over: make(chan struct{})}
	if err := s.admit(p); err != nil {
		return nil, "", errors.Join(err, pc.Close())
	}
	pc.OnTrack(p.receive)
	pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { s.changed(p) })
	if sdp, err = answer(ctx, p, offer); err != nil {
		s.drop(p, voice.Cause{Reason: voice.EndFailed})
		return nil, "", err
	}
	limit := time.AfterFunc(s.cfg.Patience*3/2, func() {
		select {
		case <-p.up:
		default:
			s.drop(p, voice.Cause{Reason: voice.EndLost})
		}
	})
	s.mu.Lock()
	if p.limit = limit; p.dropped {
		limit.Stop()
	}
	s.mu.Unlock()
	return p, sdp, nil
}

// admit counts a peer in, until finish.
func (s *Server) admit(p *peer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return desk.Errorf(desk.Unavailable, "voice_closing", "this node is closing")
	case len(s.peers) >= s.cfg.MaxPeers:
		return desk.Errorf(desk.TooMany, "voice_full", "this node has its %d browsers", s.cfg.MaxPeers)
	}
	s.peers[p.id] = p
	s.wg.Add(1)
	return nil
}

// addTracks makes what is sent, for an offer that is set.
func (p *peer) addTracks(video bool) error {
	p.audio = newSender(webrtc.RTPCodecTypeAudio)
	out, err := p.pc.AddTrack(p.audio)
	if err != nil {
		return err
	}
	p.start(func() { p.readReports(out) })
	if !video {
		return nil
	}
	p.video = newSender(webrtc.RTPCodecTypeVideo)
	screen, err := p.pc.AddTrack(p.video)
	if err != nil {
		return err
	}
	p.start(func() { p.readWishes(screen) })
	return nil
}

// start runs f unless the peer has ended; the peer's end waits for f.
func (p *peer) start(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.wg.Go(f)
	}
}

// finish closes the connection and waits for its goroutines.
func (p *peer) finish() {
	defer p.s.wg.Done()
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	if err := p.pc.GracefulClose(); err != nil {
		p.s.log.Debug("close a browser's connection", "peer", p.id, "err", err)
	}
	p.wg.Wait()
}

// changed follows the state of the connection.
func (s *Server) changed(p *peer) {
	switch p.pc.ConnectionState() {
	case webrtc.PeerConnectionStateConnected:
		s.setLive(p, true)
		p.once.Do(func() { close(p.up) })
	case webrtc.PeerConnectionStateDisconnected:
		s.setLive(p, false)
	case webrtc.PeerConnectionStateFailed:
		s.drop(p, voice.Cause{Reason: voice.EndLost})
	case webrtc.PeerConnectionStateClosed:
		s.drop(p, voice.Cause{Reason: voice.EndNormal, By: "caller"})
	}
}

func (s *Server) setLive(p *peer, live bool) {
	s.mu.Lock()
	p.live = live && !p.dropped
	s.mu.Unlock()
	s.follow(p.agent)
}

// drop forgets a peer that is gone, or is to go. A customer's call ends with it;
// an agent's waits for him to come back.
func (s *Server) drop(p *peer, why voice.Cause) {
	s.mu.Lock()
	if p.dropped {
		s.mu.Unlock()
		return
	}
	p.dropped, p.live = true, false
	delete(s.peers, p.id)
	if p.limit != nil {
		p.limit.Stop()
	}
	if ph := s.phones[p.agent]; ph != nil {
		ph.lose(p, time.Now(), why.Reason == voice.EndLost, s.cfg.Patience)
	}
	s.mu.Unlock()
	close(p.over)
	if l := p.leg.Load(); l != nil && p.agent == "" {
		l.end(why)
	}
	go p.finish()
	s.follow(p.agent)
}

// receive reads what the browser sends of one track.
func (p *peer) receive(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
	// Reading lets the reports see what comes in.
	p.start(func() { p.drain(r) })
	if t.Kind() == webrtc.RTPCodecTypeVideo {
		p.start(func() { p.watch(t) })
		return
	}
	p.start(func() { p.listen(t) })
}

func (p *peer) drain(r *webrtc.RTPReceiver) {
	buf := make([]byte, 1500)
	for {
		if _, _, err := r.Read(buf); err != nil {
			return
		}
	}
}

// listen reads audio and keys. The payload type is that of each packet: a
// browser that presses a key first is no browser that only presses keys.
func (p *peer) listen(t *webrtc.TrackRemote) {
	p.read(t, func(h media.Header, payload []byte) {
		now := time.Now()
		p.heard.Store(now.UnixNano())
		if l := p.leg.Load(); l != nil {
			l.arrive(p, h, payload, now)
		}
	})
}

// maxBad is how many packets that cannot be read, one after the other, end a
// track.
const maxBad = 1000

func (p *peer) read(t *webrtc.TrackRemote, f func(media.Header, []byte)) {
	buf := make([]byte, 1500)
	for bad := 0; bad < maxBad; {
		n, _, err := t.Read(buf)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) {
			return
		}
		h, payload, bent := media.ParseRTP(buf[:n])
		if err != nil || bent != nil {
			bad++
			continue
		}
		bad = 0
		f(h, payload)
	}
}

// readReports reads what the browser tells of the audio it gets.
func (p *peer) readReports(out *webrtc.RTPSender) {
	p.readRTCP(out, func(b []byte) {
		l := p.leg.Load()
		if l == nil {
			return
		}
		reports, err := media.ParseRTCP(b)
		if err != nil {
			return
		}
		ssrc, now := p.audio.source(), time.Now()
		for _, r := range reports {
			l.quality.reported(r, ssrc, now)
		}
	})
}

func (p *peer) readRTCP(out *webrtc.RTPSender, f func([]byte)) {
	buf := make([]byte, 1500)
	for {
		n, _, err := out.Read(buf)
		if err != nil {
			return
		}
		f(buf[:n])
	}
}
