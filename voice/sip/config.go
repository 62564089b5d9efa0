package sip

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
	"github.com/parleyhq/parley/voice/rtp"
)

// Config says how a Server listens, whom it trusts and what it allows. Its zero
// value listens nowhere.
type Config struct {
	UDP, TCP, TLS string // addresses to listen on, "127.0.0.1:5060"; empty: not
	Cert, Key     string // PEM files for TLS, read again when they change
	Roots         string // PEM file of the authorities for TLS we begin; empty: the system's

	// Mutual TLS. ClientCert and ClientKey, PEM files read again when they change,
	// are shown to trunks that ask for a certificate; empty: none is. Clients is a
	// PEM file of authorities: whoever connects by TLS must show a certificate of
	// theirs; empty: nobody is asked for one, as suits phones.
	ClientCert, ClientKey, Clients string

	Public netip.Addr // the address the world sees; zero: the one that reaches the peer
	Realm  string     // of digest, and the host in From; "parley" when empty
	// SHA256 offers that digest before MD5. Phones on libre 1.x (baresip 1.0) give
	// up when they meet a challenge they do not know, so it has to be wanted.
	SHA256 bool
	Secret []byte // signs nonces; the same on every node, at least 16 bytes. Empty: made up
	Node   string // which node this is, kept with its bindings

	Trunks   []Trunk
	Accounts Accounts // who may register; nil: nobody
	Bindings Bindings // where they registered

	Allow     []netip.Prefix // who is listened to besides the trunks; empty: everybody
	Anonymous []netip.Prefix // who may call without a trunk or a password

	MaxCalls       int           // legs at a time; 0: 1,000
	CallsPerSecond int           // incoming; 0: 200
	PerSource      int           // datagrams a second from one unknown address; 0: 200
	LockOut        time.Duration // of who fails to log in ten times a minute; 0: 5 minutes
	Ring           time.Duration // longest ringing of an incoming leg; 0: 3 minutes
	MaxCall        time.Duration // longest leg; 0: 12 hours

	SessionExpires time.Duration // RFC 4028; 0: 30 minutes
	MinSE          time.Duration // 0: 90 seconds
	MaxExpires     time.Duration // of a registration; 0: 5 minutes
	KeepAlive      time.Duration // between OPTIONS to phones and trunks; 0: 30 s
	T1, T2         time.Duration // RFC 3261, 17.1.1.1; 0: 500 ms and 4 s

	Country   string       // numbers without one belong there: "86"
	Codecs    []rtp.Codec  // in our order; empty: rtp's
	PhoneSRTP rtp.SRTPMode // of registered phones that speak TLS
	Ports     *rtp.Ports   // where audio is received
	Pacer     *media.Pacer // the clock of generated audio

	// Incoming is called for every call that comes in, each in its own goroutine.
	// ctx ends with the leg.
	Incoming func(ctx context.Context, leg voice.Leg)
	Log      *slog.Logger
}

func (c *Config) defaults() {
	put(&c.Realm, "parley")
	put(&c.MaxCalls, 1000)
	put(&c.CallsPerSecond, 200)
	put(&c.PerSource, 200)
	put(&c.LockOut, 5*time.Minute)
	put(&c.Ring, 3*time.Minute)
	put(&c.MaxCall, 12*time.Hour)
	put(&c.SessionExpires, 30*time.Minute)
	put(&c.MinSE, 90*time.Second)
	put(&c.MaxExpires, 5*time.Minute)
	put(&c.KeepAlive, 30*time.Second)
	put(&c.T1, 500*time.Millisecond)
	put(&c.T2, 4*time.Second)
	if c.Log == nil {
		c.Log = slog.Default()
	}
}

func put[T comparable](at *T, v T) {
	var zero T
	if *at == zero {
		*at = v
	}
}

func (c *Config) check() error {
	if c.UDP == "" && c.TCP == "" && c.TLS == "" {
		return desk.Errorf(desk.Invalid, "sip_listen", "no address to listen on: set one for UDP, TCP or TLS")
	}
	if c.TLS != "" && (c.Cert == "" || c.Key == "") {
		return desk.Errorf(desk.Invalid, "sip_tls", "TLS needs a certificate and its key")
	}
	if (c.ClientCert == "") != (c.ClientKey == "") {
		return desk.Errorf(desk.Invalid, "sip_tls", "a certificate for trunks and its key are needed together")
	}
	if n := len(c.Secret); n > 0 && n < 16 {
		return desk.Errorf(desk.Invalid, "sip_secret", "the secret for nonces is too short: 16 bytes at least")
	}
	if (c.Accounts == nil) != (c.Bindings == nil) {
		return desk.Errorf(desk.Invalid, "sip_registrar", "accounts and bindings are needed together")
	}
	if c.Incoming == nil {
		return desk.Errorf(desk.Invalid, "sip_incoming", "nobody takes incoming calls")
	}
	if c.Ports == nil || c.Pacer == nil {
		return desk.Errorf(desk.Invalid, "sip_media", "calls need ports and a pacer for their audio")
	}
	seen := map[string]bool{}
	for i := range c.Trunks {
		t := &c.Trunks[i]
		if t.Name == "" || t.Host == "" {
			return desk.Errorf(desk.Invalid, "sip_trunk", "trunk %d needs a name and a host", i+1)
		}
		if seen[t.Name] {
			return desk.Errorf(desk.Invalid, "sip_trunk", "two trunks are called %q", t.Name)
		}
		seen[t.Name] = true
		switch t.Transport {
		case "", "udp", "tcp", "tls":
		default:
			return desk.Errorf(desk.Invalid, "sip_trunk", "trunk %s: transport %q is none of udp, tcp, tls", t.Name, t.Transport)
		}
	}
	return nil
}

// Trunk is a line to the telephone network, or to another exchange.
type Trunk struct {
	Name           string
	Host           string   // host[:port] of the far end
	Transport      string   // udp, tcp or tls; udp when empty
	User, Password string   // for digest
	Register       bool     // tell the far end where we are
	From           string   // the number shown when a call names none
	Prefixes       []string // calls to numbers that begin so go out here; empty: any
	Country        string   // its numbers without one belong there; empty: Config.Country
	NoPlus         bool     // it wants numbers without the plus

	Allow   []netip.Prefix    // addresses it calls from, besides Host's when that is an address
	Numbers map[string]string // the playbook of each called number; "": of all others

	Limit          int          // calls at a time, both ways; 0: no limit
	CallsPerSecond int          // outgoing; 0: no limit
	SRTP           rtp.SRTPMode // encryption of audio
	AllowRefer     bool         // it transfers calls itself (REFER)
}

// Account is somebody who may register. MD5 and SHA256 are HA1 of RFC 7616:
// H(user:realm:password) in hex; one of them is enough.
type Account struct {
	User, MD5, SHA256 string
	Name              string
	Agent, Contact    desk.ID // whose phone it is
}

// Accounts finds those who may register.
type Accounts interface {
	// Account finds an account by its user part. NotFound when there is none.
	Account(ctx context.Context, user string) (Account, error)
	// AccountsOf lists the accounts of an agent.
	AccountsOf(ctx context.Context, agent desk.ID) ([]Account, error)
}

// Binding is where a registered phone is reached.
type Binding = voice.Binding

// Bindings keeps where phones are reached, on every node the same.
type Bindings interface {
	// Bind stores a binding, in place of the same user's same contact.
	Bind(ctx context.Context, b Binding) error
	// Bound lists the bindings of a user that have not expired.
	Bound(ctx context.Context, user string) ([]Binding, error)
	// Unbind removes a user's contact; all of them when contact is empty.
	Unbind(ctx context.Context, user, contact string) error
}
