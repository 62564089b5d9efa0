//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

// studio is the browsers of all agents, with one clock.
type studio struct {
	gaps spread // of all that arrives, by this process's clock
	stop chan struct{}
	done sync.WaitGroup

	mu     sync.Mutex // guards agents
	agents []*agent
}

func newStudio() *studio {
	s := &studio{stop: make(chan struct{})}
	s.done.Go(s.talk)
	return s
}

// browserAPI is a browser's, with a UDP socket of its own: the server tells
// browsers apart by their addresses.
func browserAPI() (*webrtc.API, *ice.UDPMuxDefault, error) {
	var codecs webrtc.MediaEngine
	for _, c := range []webrtc.RTPCodecParameters{
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: media.Rate, Channels: 1}, PayloadType: 0},
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "audio/telephone-event", ClockRate: media.Rate}, PayloadType: 126},
	} {
		if err := codecs.RegisterCodec(c, webrtc.RTPCodecTypeAudio); err != nil {
			return nil, nil, err
		}
	}
	var reports interceptor.Registry
	if err := webrtc.ConfigureRTCPReports(&reports); err != nil {
		return nil, nil, err
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, nil, err
	}
	_ = conn.SetReadBuffer(1 << 20)
	mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn})
	var set webrtc.SettingEngine
	set.SetIncludeLoopbackCandidate(true)
	set.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	set.SetICEUDPMux(mux)
	return webrtc.NewAPI(webrtc.WithMediaEngine(&codecs), webrtc.WithInterceptorRegistry(&reports), webrtc.WithSettingEngine(set)), mux, nil
}

func (s *studio) close() {
	close(s.stop)
	s.done.Wait()
	for _, a := range s.all() {
		a.close()
	}
}

func (s *studio) all() []*agent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*agent(nil), s.agents...)
}

// talk sends the audio of all who talk, on time.
func (s *studio) talk() {
	due := time.Now()
	for turn := 0; ; turn = (turn + 1) % turns {
		due = due.Add(frameTime / turns)
		if wait := time.Until(due); wait > 0 {
			pause(wait)
		} else if wait < -100*time.Millisecond {
			due = time.Now()
		}
		select {
		case <-s.stop:
			return
		default:
		}
		s.mu.Lock()
		all := s.agents
		s.mu.Unlock()
		for i := turn; i < len(all); i += turns {
			all[i].frame()
		}
	}
}

// agent is somebody with a console and a browser that is his telephone.
type agent struct {
	*client
	studio *studio
	name   string
	rx     reception
	decide func() bool // whether to take an offer
	tidy   bool        // he closes what he has when its call is over
	talks  atomic.Bool
	offers atomic.Int64
	took   atomic.Int64

	mu    sync.Mutex // guards what follows
	mux   *ice.UDPMuxDefault
	pc    *webrtc.PeerConnection
	track *webrtc.TrackLocalStaticRTP
	ws    *websocket.Conn
	phone desk.ID
	out   rtp.Packet
	over  bool
}

// hire makes a new agent and signs him in, with a browser that is his phone.
func (s *studio) hire(ctx context.Context, boss *client, name string) (*agent, error) {
	email, password := name+"@bench.example.com", "voicebench-"+name+"-2026"
	if err := boss.call(ctx, http.MethodPost, "/api/users", map[string]any{"name": name, "email": email, "password": password, "roles": []desk.Role{desk.AgentRole}}, nil); err != nil {
		return nil, err
	}
	a := &agent{client: newClient(boss.base), studio: s, name: name, decide: func() bool { return true }}
	if err := a.login(ctx, email, password); err != nil {
		return nil, err
	}
	if err := a.open(ctx); err != nil {
		a.close()
		return nil, err
	}
	s.mu.Lock()
	s.agents = append(s.agents, a)
	s.mu.Unlock()
	return a, nil
}

// open opens the console and the phone.
func (a *agent) open(ctx context.Context) error {
	ws, err := a.socket(ctx, "/api/ws")
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.ws, a.over = ws, false
	a.mu.Unlock()
	go a.follow(ws)
	if err := a.connect(ctx); err != nil {
		return err
	}
	return a.call(ctx, http.MethodPut, "/api/presence", map[string]any{"presence": desk.Available}, nil)
}

// follow takes offers.
func (a *agent) follow(ws *websocket.Conn) {
	for {
		_, b, err := ws.Read(context.Background())
		if err != nil {
			return
		}
		var f struct {
			Type         string     `json:"type"`
			Offer        desk.Offer `json:"offer"`
			Conversation desk.ID    `json:"conversation_id"`
			Call         struct {
				State desk.CallState `json:"state"`
			} `json:"call"`
		}
		if json.Unmarshal(b, &f) != nil {
			continue
		}
		switch f.Type {
		case "offer":
			a.offers.Add(1)
			go a.answer(f.Offer.ID)
		case "call":
			if f.Call.State == desk.CallEnded {
				a.talks.Store(false)
				if a.tidy {
					go a.wrapUp(f.Conversation)
				}
			}
		}
	}
}

func (a *agent) answer(offer desk.ID) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if !a.decide() {
		_ = a.call(ctx, http.MethodPost, "/api/offers/"+string(offer)+"/decline", nil, nil) // it may be over
		return
	}
	if a.call(ctx, http.MethodPost, "/api/offers/"+string(offer)+"/accept", nil, nil) == nil {
		a.took.Add(1)
		a.talks.Store(true)
	}
}

// wrapUp closes a conversation, so that there is room for the next.
func (a *agent) wrapUp(conversation desk.ID) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = a.call(ctx, http.MethodPost, "/api/conversations/"+string(conversation)+"/close", struct{}{}, nil) // somebody else may have it by now
}

// connect makes the browser the agent's telephone.
func (a *agent) connect(ctx context.Context) error {
	api, mux, err := browserAPI()
	if err != nil {
		return err
	}
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		_ = mux.Close()
		return err
	}
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: media.Rate, Channels: 1}, "audio", "me")
	if err != nil {
		return err
	}
	pc.OnTrack(a.listen)
	up := make(chan struct{})
	var once sync.Once
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			once.Do(func() { close(up) })
		}
	})
	a.mu.Lock()
	old, oldMux := a.pc, a.mux
	a.pc, a.mux, a.track = pc, mux, track
	a.out = rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(rand.Uint32()), Timestamp: rand.Uint32()}, Payload: tone[0]}
	a.mu.Unlock()
	if old != nil {
		_ = old.Close()
		_ = oldMux.Close()
	}
	if _, err := pc.AddTrack(track); err != nil {
		return err
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(offer); err != nil {
		return err
	}
	<-gathered
	var out struct {
		ID  desk.ID `json:"id"`
		SDP string  `json:"sdp"`
	}
	if err := a.call(ctx, http.MethodPost, "/api/voice/phone", map[string]string{"sdp": pc.LocalDescription().SDP}, &out); err != nil {
		return err
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: out.SDP}); err != nil {
		return err
	}
	a.mu.Lock()
	a.phone = out.ID
	a.mu.Unlock()
	select {
	case <-up:
		return nil
	case <-time.After(10 * time.Second):
		return errors.New("the browser did not connect")
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *agent) listen(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
	go func() { // so that reports are made
		for {
			if _, _, err := r.ReadRTCP(); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 1500)
	for {
		n, _, err := t.Read(buf)
		if err != nil {
			return
		}
		if n < rtpHeader {
			continue
		}
		if gap, ok := a.rx.take(uint16(buf[2])<<8|uint16(buf[3]), buf[1]&0x80 != 0, now()); ok {
			a.studio.gaps.add(gap)
		}
	}
}

// frame sends the next 20 ms, while he talks.
func (a *agent) frame() {
	if !a.talks.Load() {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.track == nil || a.over {
		return
	}
	a.out.SequenceNumber++
	a.out.Timestamp += media.Frame
	_ = a.track.WriteRTP(&a.out) // not connected any more: nobody hears it
}

// kill ends the browser without a word, as a crash does.
func (a *agent) kill() {
	a.mu.Lock()
	pc, mux, ws := a.pc, a.mux, a.ws
	a.pc, a.track, a.ws, a.over = nil, nil, nil, true
	a.mu.Unlock()
	a.talks.Store(false)
	if ws != nil {
		_ = ws.CloseNow()
	}
	if pc != nil {
		_ = pc.Close()
		_ = mux.Close()
	}
}

func (a *agent) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	_ = a.call(ctx, http.MethodPut, "/api/presence", map[string]any{"presence": desk.Offline}, nil)
	a.kill()
}

// bridge has telephones talk with browsers: each caller asks for a person.
func (b *bench) bridge(ctx context.Context, s *server, x *exchange, p *phones) error {
	if len(b.bridges) == 0 {
		return nil
	}
	boss, err := owner(ctx, s)
	if err != nil {
		return err
	}
	st := newStudio()
	defer st.close()
	b.say("\n### Telephones talking with browsers\n\nEach caller presses 0, waits in the queue and is connected with an agent, who signed in over the API and takes the offer in a browser (pion, PCMU, DTLS-SRTP, in the load's process). Both talk. The browsers' gaps are by this process's clock.\n\n")
	t := &table{}
	t.row("calls", "held", "failed", "to telephones", "lost", "gap p50 / p99 / max ms", "to browsers", "lost", "gap p50 / p99 / max ms", "server CPU", "load CPU", "others")
	defer func() { b.say("%s", t) }()
	c := newCrowd(x, p, s.pid(), 0)
	defer func() {
		if err := c.hangup(ctx); err != nil {
			b.say("(%v)\n", err)
		}
	}()
	heard := func() (n counts, agents int) {
		for _, a := range st.all() {
			k := a.rx.counts()
			n.received, n.lost = n.received+k.received, n.lost+k.lost
			if a.rx.quiet(now()) < time.Second {
				agents++
			}
		}
		return n, agents
	}
	for _, n := range b.bridges {
		for have := len(st.all()); have < n; have++ {
			if _, err := st.hire(ctx, boss, fmt.Sprintf("agent%03d", have)); err != nil {
				return fmt.Errorf("agent %d: %w", have, err)
			}
		}
		was := len(c.all())
		c.grow(ctx, n, 10)
		if err := rest(ctx, time.Second); err != nil {
			return err
		}
		for _, d := range c.all()[was:] {
			d.key('0', nil)
		}
		talking := 0
		for range 100 {
			if _, talking = heard(); talking >= n {
				break
			}
			if err := rest(ctx, 200*time.Millisecond); err != nil {
				return err
			}
		}
		if err := rest(ctx, time.Second); err != nil {
			return err
		}
		before, _ := heard()
		st.gaps.reset()
		m, err := c.measure(ctx, b.hold)
		if err != nil {
			return err
		}
		after, _ := heard()
		g := st.gaps.reset()
		lost := after.lost - before.lost
		held := m.failed == 0 && talking >= n && m.lost+m.dropped+lost == 0 && m.gaps.quantile(.99) < gapGoal
		t.row(n, yes(held), max(m.failed, n-talking), m.received, m.lost+m.dropped, three(m.gaps), after.received-before.received, lost, three(g),
			percent(m.server), percent(m.load), percent(m.others))
		if m.why != nil {
			b.say("(%d calls: %v)\n", n, m.why)
		}
		if !held {
			break
		}
	}
	return nil
}

func three(s *spread) string {
	return fmt.Sprintf("%s / %s / %s", ms(s.quantile(.5)), ms(s.quantile(.99)), ms(s.max()))
}
