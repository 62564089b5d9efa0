package sip

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
)

// Server speaks SIP: it takes calls, registers phones, keeps trunks up and
// dials. It is safe for concurrent use.
type Server struct {
	cfg    Config
	log    *slog.Logger
	tp     *sip.TransportLayer
	tx     *sip.TransactionLayer
	udp    *net.UDPConn
	tcp    net.Listener
	tls    net.Listener
	nonces nonces
	trunks []*trunk
	phones *phones

	ctx    context.Context // ends with the server
	cancel context.CancelFunc
	ready  chan struct{}  // closed once what we send leaves by our own sockets
	work   sync.WaitGroup // goroutines that must end before Run returns
	rate   bucket         // incoming calls
	locks  lockout

	mu       sync.Mutex      // guards what follows
	dialogs  map[string]*leg // by Call-ID and our tag
	invites  map[string]bool // initial requests in progress: 8.2.2.2
	active   int             // legs that have not ended
	draining bool
	sources  map[netip.Addr]*bucket
	noTCP    map[string]time.Time // hosts that do not take it, until when
}

// writeTime is how long a connection may take what we send.
const writeTime = 5 * time.Second

var prepare sync.Once

// settle makes the library's settings for the process, which it wants before
// anything else is used: answers may be as long as their requests were (it would
// refuse them above 1,300 octets), and its own log is as quiet as the rest.
func settle(log *slog.Logger) {
	prepare.Do(func() {
		sip.UDPMTUSize = 65_000
		sip.SetDefaultLogger(slog.New(newQuiet(log.Handler())))
	})
}

// New makes a server and takes its addresses; Run serves them.
func New(cfg Config) (*Server, error) {
	cfg.defaults()
	settle(cfg.Log)
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if len(cfg.Secret) == 0 {
		cfg.Secret = make([]byte, 32)
		_, _ = rand.Read(cfg.Secret) // never fails
	}
	s := &Server{
		cfg: cfg, log: cfg.Log, nonces: nonces{secret: cfg.Secret},
		ready: make(chan struct{}), dialogs: map[string]*leg{}, invites: map[string]bool{}, sources: map[netip.Addr]*bucket{}, noTCP: map[string]time.Time{},
		rate: newBucket(cfg.CallsPerSecond),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.phones = newPhones(s)
	for i := range cfg.Trunks {
		t, err := newTrunk(s, cfg.Trunks[i])
		if err != nil {
			return nil, err
		}
		s.trunks = append(s.trunks, t)
	}
	client, err := clientTLS(cfg.Roots, cfg.ClientCert, cfg.ClientKey)
	if err != nil {
		return nil, err
	}
	quiet := slog.New(newQuiet(cfg.Log.Handler()))
	parser := sip.NewParser()
	parser.MaxMessageLength = 32 << 10
	s.tp = sip.NewTransportLayer(net.DefaultResolver, parser, client,
		sip.WithTransportLayerLogger(quiet), sip.WithTransportLayerReadFilter(s.filter),
		sip.WithTransportLayerTransports(sip.TransportsConfig{
			TCP: &sip.TransportTCP{WriteTimeout: writeTime},
			TLS: &sip.TransportTLS{TransportTCP: &sip.TransportTCP{WriteTimeout: writeTime}},
		}))
	s.tx = sip.NewTransactionLayer(s.tp, sip.WithTransactionLayerLogger(quiet),
		sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {}))
	s.tx.OnRequest(s.onRequest)
	if err := s.listen(); err != nil {
		s.closeListeners()
		return nil, err
	}
	return s, nil
}

func (s *Server) listen() error {
	if a := s.cfg.UDP; a != "" {
		addr, err := net.ResolveUDPAddr("udp", a)
		if err != nil {
			return desk.Errorf(desk.Invalid, "sip_listen", "UDP address %s: %w", a, err)
		}
		if s.udp, err = net.ListenUDP("udp", addr); err != nil {
			return desk.Errorf(desk.Unavailable, "sip_listen", "listen on UDP %s: %w", a, err)
		}
	}
	var err error
	if a := s.cfg.TCP; a != "" {
		if s.tcp, err = net.Listen("tcp", a); err != nil {
			return desk.Errorf(desk.Unavailable, "sip_listen", "listen on TCP %s: %w", a, err)
		}
	}
	if a := s.cfg.TLS; a != "" {
		conf, err := serverTLS(s.cfg.Cert, s.cfg.Key, s.cfg.Clients)
		if err != nil {
			return err
		}
		if s.tls, err = tls.Listen("tcp", a, conf); err != nil {
			return desk.Errorf(desk.Unavailable, "sip_listen", "listen on TLS %s: %w", a, err)
		}
	}
	return nil
}

func (s *Server) closeListeners() {
	if s.udp != nil {
		_ = s.udp.Close()
	}
	if s.tcp != nil {
		_ = s.tcp.Close()
	}
	if s.tls != nil {
		_ = s.tls.Close()
	}
}

// Addr is the address listened on: of "udp", "tcp" or "tls". Not valid when
// there is none.
func (s *Server) Addr(network string) netip.AddrPort {
	var a net.Addr
	switch {
	case strings.EqualFold(network, "udp") && s.udp != nil:
		a = s.udp.LocalAddr()
	case strings.EqualFold(network, "tcp") && s.tcp != nil:
		a = s.tcp.Addr()
	case strings.EqualFold(network, "tls") && s.tls != nil:
		a = s.tls.Addr()
	default:
		return netip.AddrPort{}
	}
	ap, _ := netip.ParseAddrPort(a.String())
	return ap
}

// Run serves until ctx ends: then it takes no new calls, hangs up on those
// that are left, and returns.
func (s *Server) Run(ctx context.Context) error {
	serve := func(f func() error) {
		s.work.Add(1)
		go func() {
			defer s.work.Done()
			if err := f(); err != nil && s.ctx.Err() == nil && !errors.Is(err, net.ErrClosed) {
				s.log.Error("sip listener stopped", "error", err)
			}
		}()
	}
	if s.udp != nil {
		serve(func() error { return s.tp.ServeUDP(s.udp) })
	}
	if s.tcp != nil {
		serve(func() error { return s.tp.ServeTCP(s.tcp) })
	}
	if s.tls != nil {
		serve(func() error { return s.tp.ServeTLS(s.tls) })
	}
	if !s.settled() {
		s.Close()
		s.work.Wait()
		return desk.Errorf(desk.Unavailable, "sip_listen", "the UDP socket is not being read")
	}
	close(s.ready)
	for _, t := range s.trunks {
		serve(func() error { t.run(s.ctx); return nil })
	}
	serve(func() error { s.phones.run(s.ctx); return nil })
	select {
	case <-ctx.Done():
	case <-s.ctx.Done():
	}
	s.Close()
	s.work.Wait()
	return nil
}

// settled waits until the library knows our UDP socket: before that it would
// open another to send by.
func (s *Server) settled() bool {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 5000 {
		if s.udp == nil || s.tp.Pool("udp").Size() > 0 {
			return true
		}
		<-tick.C
	}
	return false
}

// Drain refuses new calls with 503 from now on; those that are up go on.
func (s *Server) Drain() {
	s.mu.Lock()
	s.draining = true
	s.mu.Unlock()
}

// Active is how many legs are up or on their way.
func (s *Server) Active() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active
}

// Close ends all legs and registrations, gives their goodbyes a second to go
// out, and stops listening.
func (s *Server) Close() {
	s.Drain()
	gone := s.unregister()
	s.mu.Lock()
	legs := make([]*leg, 0, len(s.dialogs))
	for _, l := range s.dialogs {
		legs = append(legs, l)
	}
	s.mu.Unlock()
	goodbyes := []<-chan struct{}{gone}
	for _, l := range legs {
		l.Hangup(shutdown)
		goodbyes = append(goodbyes, l.gone)
	}
	limit := time.NewTimer(time.Second)
	defer limit.Stop()
wait:
	for _, g := range goodbyes {
		select {
		case <-g:
		case <-limit.C:
			break wait
		}
	}
	s.cancel()
	s.closeListeners()
	s.tx.Close()
	_ = s.tp.Close()
}

// local is the socket for a transport to a host, and the address that is to
// be told to it.
func (s *Server) local(transport, host string) (local, error) {
	transport = strings.ToUpper(transport)
	at := s.Addr(transport)
	if !at.IsValid() {
		return local{}, desk.Errorf(desk.Unavailable, "sip_transport", "this node does not speak %s: set an address to listen on", transport)
	}
	l := local{transport: transport, port: int(at.Port())}
	if transport == "UDP" {
		l.laddr = sip.Addr{IP: s.udp.LocalAddr().(*net.UDPAddr).IP, Port: int(at.Port())}
	}
	l.host = s.hostFor(at.Addr(), host)
	return l, nil
}

// hostFor is our address as a peer reaches it.
func (s *Server) hostFor(bound netip.Addr, peer string) string {
	ip, err := netip.ParseAddr(strings.Trim(peer, "[]"))
	if s.cfg.Public.IsValid() && (err != nil || !ip.IsLoopback()) {
		return s.cfg.Public.String()
	}
	if !bound.IsUnspecified() {
		return bound.Unmap().String()
	}
	c, err := net.Dial("udp", net.JoinHostPort(strings.Trim(peer, "[]"), "9")) // sends nothing
	if err != nil {
		return "127.0.0.1"
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).IP.String()
}

// send begins a client transaction.
func (s *Server) send(ctx context.Context, req *sip.Request) (*sip.ClientTx, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // to resolve and connect
	defer cancel()
	if to := req.MessageData.Destination(); to != "" && sip.IsReliable(req.Transport()) {
		if c, err := s.tp.GetConnection(req.Transport(), to); err == nil {
			_, _ = c.TryClose() // it only counts us out again
		} else {
			req.SetDestination("") // the connection is gone: to its Contact, by a new one
		}
	}
	if tx, ok := s.sendLarge(ctx, req); ok {
		return tx, nil
	}
	tx, err := s.tx.Request(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("send %s: %w", req.Method, err)
	}
	return tx, nil
}

// do sends a request that is no INVITE and waits for its final response.
func (s *Server) do(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	tx, err := s.send(ctx, req)
	if err != nil {
		return nil, err
	}
	return s.final(ctx, tx)
}

// final waits for the final response of a transaction that is no INVITE's, and
// ends it.
func (s *Server) final(ctx context.Context, tx *sip.ClientTx) (*sip.Response, error) {
	defer tx.Terminate()
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			return nil, fmt.Errorf("%s: %w", tx.Origin().Method, tx.Err())
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// write sends a request outside of transactions: ACK.
func (s *Server) write(req *sip.Request) {
	if err := s.tp.WriteMsg(req); err != nil {
		s.log.Debug("sip write", "method", req.Method, "error", err)
	}
}

func dialogKey(callID, tag string) string { return callID + "\x00" + tag }

func (s *Server) find(callID, ourTag string) *leg {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dialogs[dialogKey(callID, ourTag)]
}

func (s *Server) forget(keys ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range keys {
		delete(s.dialogs, k)
	}
}
