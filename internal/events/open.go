package events

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/parleyhq/parley/desk"
)

// Options say where the bus runs. The zero value is inside this process.
type Options struct {
	URL    string      // an external NATS: nats://user:password@host:4222[,…]
	Listen string      // host:port on which the nodes of an embedded cluster meet; port 0 is any
	Peers  []string    // host:port of some of the others; the rest become known
	Secret string      // the nodes of an embedded cluster share it; required with Listen
	TLS    *tls.Config // between the nodes of an embedded cluster; use it outside of a private network
	Log    *slog.Logger
}

const startLimit = 15 * time.Second

// Open starts the bus or connects to it.
func Open(o Options) (*Bus, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b := &Bus{log: o.Log, topics: map[string]*topic{}, done: make(chan struct{})}
	if o.URL != "" {
		if o.Listen != "" || len(o.Peers) > 0 {
			return nil, desk.Errorf(desk.Invalid, "events_options", "use either an external NATS or an embedded cluster, not both")
		}
		if err := b.connect(o.URL); err != nil {
			return nil, err
		}
		return b, nil
	}
	opts, err := o.embedded()
	if err != nil {
		return nil, err
	}
	if b.server, err = server.NewServer(opts); err != nil {
		return nil, fmt.Errorf("start embedded NATS: %w", err)
	}
	b.server.SetLoggerV2(logger{o.Log}, false, false, false)
	go b.server.Start()
	if !b.server.ReadyForConnections(startLimit) {
		b.server.Shutdown()
		return nil, desk.Errorf(desk.Unavailable, "events_unavailable", "embedded NATS did not start; is %s taken?", o.Listen)
	}
	if err := b.connect(nats.DefaultURL, nats.InProcessServer(b.server), nats.Token(opts.Authorization)); err != nil {
		b.server.Shutdown()
		return nil, err
	}
	if o.Listen != "" {
		go b.meet()
	}
	return b, nil
}

// embedded configures the server within this process.
func (o Options) embedded() (*server.Options, error) {
	opts := &server.Options{ServerName: string(desk.NewID()), NoSigs: true, DontListen: true}
	if o.Listen == "" {
		if len(o.Peers) > 0 {
			return nil, desk.Errorf(desk.Invalid, "events_options", "a cluster needs the address to listen on as well as its peers")
		}
		return opts, nil
	}
	if o.Secret == "" {
		return nil, desk.Errorf(desk.Invalid, "events_options", "a cluster needs a secret that its nodes share")
	}
	host, port, err := address(o.Listen)
	if err != nil {
		return nil, err
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	// Routes start only beside a listener for clients, so there is one: on
	// the loopback, behind a password that nobody else knows.
	opts.DontListen, opts.Host, opts.Port = false, "127.0.0.1", server.RANDOM_PORT
	opts.Authorization = rand.Text()
	opts.Cluster = server.ClusterOpts{Name: "parley", Host: host, Port: port, Username: "parley", Password: o.Secret, TLSConfig: o.TLS}
	if o.TLS != nil {
		opts.Cluster.TLSTimeout = 5
	}
	for _, peer := range o.Peers {
		if _, _, err := address(peer); err != nil {
			return nil, err
		}
		opts.Routes = append(opts.Routes, &url.URL{Scheme: "nats-route", User: url.UserPassword("parley", o.Secret), Host: peer})
	}
	return opts, nil
}

func address(s string) (host string, port int, err error) {
	host, p, err := net.SplitHostPort(strings.TrimSpace(s))
	if err == nil {
		port, err = strconv.Atoi(p)
	}
	if err != nil {
		return "", 0, desk.Errorf(desk.Invalid, "events_options", "%q is not an address: use host:port", s)
	}
	return host, port, nil
}

// connect makes the client side, which comes back by itself when it breaks.
func (b *Bus) connect(url string, more ...nats.Option) error {
	opts := append([]nats.Option{
		nats.Name("parley"), nats.MaxReconnects(-1), nats.ReconnectWait(500 * time.Millisecond), nats.Timeout(5 * time.Second),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			subject := ""
			if sub != nil {
				subject = sub.Subject
			}
			b.log.Error("events were lost", "subject", subject, "error", err) // a subscriber is too slow
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				b.log.Warn("events: the connection broke", "error", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) {
			b.log.Info("events: connected again")
			b.tellJoined()
		}),
	}, more...)
	var err error
	for end := time.Now().Add(startLimit); ; <-time.After(500 * time.Millisecond) {
		if b.conn, err = nats.Connect(url, opts...); err == nil {
			return nil
		}
		if time.Now().After(end) || errors.Is(err, nats.ErrAuthorization) {
			return desk.Errorf(desk.Unavailable, "events_unavailable", "connect to NATS: %w", err)
		}
	}
}

// ClusterAddr is the address on which the other nodes of an embedded cluster
// reach this one; empty when there is no cluster.
func (b *Bus) ClusterAddr() string {
	if b.server == nil || b.server.ClusterAddr() == nil {
		return ""
	}
	return b.server.ClusterAddr().String()
}

// logger passes the server's complaints on.
type logger struct{ log *slog.Logger }

func (l logger) Noticef(f string, v ...any) { l.log.Debug("nats: " + fmt.Sprintf(f, v...)) }
func (l logger) Warnf(f string, v ...any)   { l.log.Warn("nats: " + fmt.Sprintf(f, v...)) }
func (l logger) Fatalf(f string, v ...any)  { l.log.Error("nats: " + fmt.Sprintf(f, v...)) }
func (l logger) Errorf(f string, v ...any)  { l.log.Error("nats: " + fmt.Sprintf(f, v...)) }
func (l logger) Debugf(string, ...any)      {}
func (l logger) Tracef(string, ...any)      {}
