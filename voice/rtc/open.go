package rtc

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// Config says how browsers reach this node.
type Config struct {
	// UDP is the address of the one port all browsers share: ":8555",
	// "127.0.0.1:0". Port 0 is any free one.
	UDP string
	// Public are the IP addresses that browsers are told; empty: those of the
	// machine's interfaces.
	Public []string
	// Loopback tells browsers 127.0.0.1, too: for a demonstration and for tests.
	// A loopback address in UDP or Public implies it.
	Loopback bool
	// Pacer is the clock of what plays. It is not closed with the Server.
	Pacer *media.Pacer
	// Patience is how long a browser may be gone before its call is over; 0: 10 s.
	Patience time.Duration
	// MaxPeers bounds the browsers at this node; 0: 2000.
	MaxPeers int
	// OnReady is told when an agent's first browser is there and when his last
	// one has gone. Calls do not overlap; it must not block.
	OnReady func(agent desk.ID, ready bool)
	Log     *slog.Logger
}

// Server is the browsers at this node. It is safe for concurrent use.
type Server struct {
	cfg  Config
	log  *slog.Logger
	conn *net.UDPConn
	mux  *ice.UDPMuxDefault
	api  *webrtc.API
	cert certificate

	wg sync.WaitGroup // what runs for peers and legs

	mu     sync.Mutex // guards what follows
	closed bool
	peers  map[desk.ID]*peer
	phones map[desk.ID]*phone // by agent

	tellMu sync.Mutex // guards told; held while OnReady runs
	told   map[desk.ID]bool
}

var _ voice.Softphones = (*Server)(nil)

// Open takes the port. Close the Server.
func Open(cfg Config) (*Server, error) {
	if cfg.Pacer == nil {
		return nil, errors.New("rtc needs a pacer")
	}
	if cfg.Patience <= 0 {
		cfg.Patience = 10 * time.Second
	}
	if cfg.MaxPeers <= 0 {
		cfg.MaxPeers = 2000
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	addr, err := net.ResolveUDPAddr("udp", cfg.UDP)
	if err != nil {
		return nil, desk.Errorf(desk.Invalid, "voice_udp", "browsers' UDP address %q: write host:port or :port: %w", cfg.UDP, err)
	}
	cfg.Loopback = cfg.Loopback || addr.IP.IsLoopback()
	for _, p := range cfg.Public {
		ip, err := netip.ParseAddr(p)
		if err != nil {
			return nil, desk.Errorf(desk.Invalid, "voice_public", "public address %q: write an IP address: %w", p, err)
		}
		cfg.Loopback = cfg.Loopback || ip.IsLoopback()
	}
	conn, err := net.ListenUDP("udp", addr)
	if err != nil {
		return nil, desk.Errorf(desk.Unavailable, "voice_udp", "browsers' UDP port: %w", err)
	}
	// Bursts of many calls; the system may grant less.
	_ = conn.SetReadBuffer(2 << 20)
	_ = conn.SetWriteBuffer(2 << 20)

	s := &Server{
		cfg: cfg, log: cfg.Log, conn: conn,
		peers: map[desk.ID]*peer{}, phones: map[desk.ID]*phone{}, told: map[desk.ID]bool{},
	}
	logs := pionLogs{s.log}
	s.mux = ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn, Logger: logs.NewLogger("mux")})
	if s.api, err = newAPI(cfg, s.mux, logs); err != nil {
		return nil, errors.Join(err, s.mux.Close())
	}
	return s, nil
}

// Addr is the UDP address that was taken.
func (s *Server) Addr() net.Addr { return s.conn.LocalAddr() }

// Peers is how many browsers are here, those that are still connecting among
// them.
func (s *Server) Peers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.peers)
}

// Close ends all calls and connections and returns when they have ended.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	var peers []*peer
	for _, p := range s.peers {
		peers = append(peers, p)
	}
	var legs []*leg
	for _, ph := range s.phones {
		if ph.leg != nil {
			legs = append(legs, ph.leg)
		}
	}
	s.mu.Unlock()

	for _, l := range legs {
		l.end(voice.Cause{Reason: voice.EndFailed, By: "system"})
	}
	for _, p := range peers {
		s.drop(p, voice.Cause{Reason: voice.EndFailed, By: "system"})
	}
	s.wg.Wait()
	if err := s.mux.Close(); err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.ErrClosedPipe) {
		return err
	}
	return nil
}

// run runs f unless the Server is closing; Close waits for f.
func (s *Server) run(f func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.wg.Go(f)
	}
	return !s.closed
}
