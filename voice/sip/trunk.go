package sip

import (
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// The states of a trunk.
const (
	TrunkUp   = "up"
	TrunkDown = "down"
	TrunkNew  = "starting" // nothing has been heard of it yet
)

// TrunkState is how a trunk is.
type TrunkState struct {
	Name   string
	State  string
	Detail string // what was heard last: "200 OK", "403 Forbidden", "no answer"
	Calls  int
	Limit  int // 0: none
}

// trunk is a Trunk at work.
type trunk struct {
	s    *Server
	cfg  Trunk
	host string
	port int // 0: the transport's
	rate bucket

	mu         sync.Mutex // guards what follows
	calls      int
	state      string
	detail     string
	misses     int          // OPTIONS without an answer, in a row
	ips        []netip.Addr // of host
	d          dialog       // of its registration
	registered bool
	failures   int
	due        time.Time // of the next REGISTER
}

func newTrunk(s *Server, cfg Trunk) (*trunk, error) {
	host, port, err := hostPort(cfg.Host)
	if err != nil {
		return nil, err
	}
	put(&cfg.Transport, "udp")
	put(&cfg.Country, s.cfg.Country)
	t := &trunk{s: s, cfg: cfg, host: host, port: port, rate: newBucket(cfg.CallsPerSecond), state: TrunkNew}
	if ip, err := netip.ParseAddr(host); err == nil {
		t.ips = []netip.Addr{ip.Unmap()}
	}
	return t, nil
}

// Trunks tells how the trunks are.
func (s *Server) Trunks() []TrunkState {
	out := make([]TrunkState, 0, len(s.trunks))
	for _, t := range s.trunks {
		t.mu.Lock()
		out = append(out, TrunkState{Name: t.cfg.Name, State: t.state, Detail: t.detail, Calls: t.calls, Limit: t.cfg.Limit})
		t.mu.Unlock()
	}
	return out
}

// trunkAt finds the trunk that calls from an address.
func (s *Server) trunkAt(ip netip.Addr) *trunk {
	ip = ip.Unmap()
	for _, t := range s.trunks {
		if within(t.cfg.Allow, ip) {
			return t
		}
		t.mu.Lock()
		known := false
		for _, a := range t.ips {
			known = known || a == ip && len(t.cfg.Allow) == 0
		}
		t.mu.Unlock()
		if known {
			return t
		}
	}
	return nil
}

// trunkFor chooses the trunk for a number: the named one, else the one with the
// longest matching prefix that is up and has a line free.
func (s *Server) trunkFor(name, number string) (*trunk, error) {
	var best *trunk
	length, full := -1, false
	for _, t := range s.trunks {
		if name != "" {
			if t.cfg.Name == name {
				return t, nil
			}
			continue
		}
		n := t.match(number)
		if n <= length {
			continue
		}
		t.mu.Lock()
		up := t.state != TrunkDown
		busy := t.cfg.Limit > 0 && t.calls >= t.cfg.Limit
		t.mu.Unlock()
		full = full || up && busy
		if up && !busy {
			best, length = t, n
		}
	}
	switch {
	case best != nil:
		return best, nil
	case full:
		return nil, desk.Errorf(desk.TooMany, "trunk_full", "all lines are in use")
	}
	return nil, desk.Errorf(desk.Unavailable, "no_trunk", "there is no trunk for that number")
}

// match is the length of the longest prefix that fits, -1 for none.
func (t *trunk) match(number string) int {
	if len(t.cfg.Prefixes) == 0 {
		return 0
	}
	best := -1
	for _, p := range t.cfg.Prefixes {
		if strings.HasPrefix(number, p) {
			best = max(best, len(p))
		}
	}
	return best
}

func (t *trunk) enter() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cfg.Limit > 0 && t.calls >= t.cfg.Limit {
		return false
	}
	t.calls++
	return true
}

func (t *trunk) leave() {
	t.mu.Lock()
	t.calls--
	t.mu.Unlock()
}

// write is a number as the trunk wants it.
func (t *trunk) write(number string) string {
	if t.cfg.NoPlus {
		return strings.TrimPrefix(number, "+")
	}
	return number
}

func (t *trunk) uri(user string) sip.Uri {
	u := sip.Uri{Scheme: "sip", User: user, Host: written(t.host), Port: t.port}
	if t.cfg.Transport != "udp" {
		u.UriParams = sip.HeaderParams{{K: "transport", V: t.cfg.Transport}}
	}
	return u
}

func (t *trunk) target(number string) target {
	return target{uri: t.uri(t.write(number)), transport: strings.ToUpper(t.cfg.Transport), user: t.cfg.User, password: t.cfg.Password}
}

// from is the address shown on calls by the trunk.
func (t *trunk) from(number string) sip.Uri {
	for _, n := range []string{number, t.cfg.From, t.cfg.User} {
		if n == "" {
			continue
		}
		if e := normal(n, t.cfg.Country); e != "" && n != t.cfg.User {
			n = t.write(e)
		}
		return t.s.shown(n, written(t.host))
	}
	return t.s.shown("", written(t.host))
}

// introduce fills in what the trunk tells of a caller.
func (t *trunk) introduce(p *voice.Peer, req *sip.Request) {
	p.Trunk, p.Refers = t.cfg.Name, t.cfg.AllowRefer
	if id := splitList(header(req, "P-Asserted-Identity")); len(id) > 0 && badAddress(id[0]) == "" {
		var u sip.Uri
		if sip.ParseUri(addressURI(id[0]), &u) == nil && u.User != "" {
			p.Number, p.URI = u.User, u.Addr()
		}
	}
	if strings.Contains(strings.ToLower(header(req, "Privacy")), "id") { // RFC 3323, 3325: not to be shown
		p.Number, p.Name, p.URI = "anonymous", "", ""
	}
	if n := normal(p.Number, t.cfg.Country); n != "" {
		p.Number = n
	}
	if n := normal(p.Called, t.cfg.Country); n != "" {
		p.Called = n
	}
	var ok bool
	if p.Playbook, ok = t.cfg.Numbers[p.Called]; !ok {
		p.Playbook = t.cfg.Numbers[""]
	}
}

// run keeps the trunk known until ctx ends.
func (t *trunk) run(ctx context.Context) {
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			next.Reset(t.tick(ctx))
		}
	}
}

// tick does what is due and says when to come again.
func (t *trunk) tick(ctx context.Context) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, 16*t.s.cfg.T1)
	defer cancel()
	t.resolve(ctx)
	every := t.s.cfg.KeepAlive
	if t.cfg.Register {
		t.mu.Lock()
		wait := time.Until(t.due)
		t.mu.Unlock()
		if wait <= 0 {
			wait = t.register(ctx)
		}
		return max(min(wait, every), 10*time.Millisecond)
	}
	t.probe(ctx)
	return every - every/10 + rand.N(every/5)
}

// resolve finds the addresses that the far end calls from.
func (t *trunk) resolve(ctx context.Context) {
	if _, err := netip.ParseAddr(t.host); err == nil {
		return
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", t.host)
	if err != nil || len(ips) == 0 {
		return
	}
	for i := range ips {
		ips[i] = ips[i].Unmap()
	}
	t.mu.Lock()
	t.ips = ips
	t.mu.Unlock()
}

// begin makes the dialog of our own requests to the trunk.
func (t *trunk) begin() (dialog, error) {
	here, err := t.s.local(t.cfg.Transport, t.host)
	if err != nil {
		return dialog{}, err
	}
	user := t.cfg.User
	put(&user, "parley")
	aor := sip.Uri{Scheme: "sip", User: user, Host: written(t.host)}
	d := dialog{
		callID: string(desk.NewID()) + "@" + here.host, target: t.uri(""), contact: here.contact(user, false),
		transport: here.transport, via: here.via(), laddr: here.laddr,
		local: sip.FromHeader{Address: aor}, remote: sip.ToHeader{Address: aor},
	}
	d.local.Params.Add("tag", sip.GenerateTagN(16))
	return d, nil
}

// probe asks whether the trunk is there.
func (t *trunk) probe(ctx context.Context) {
	d, err := t.begin()
	if err != nil {
		t.note(TrunkDown, err.Error())
		return
	}
	res, err := t.s.do(ctx, d.request(sip.OPTIONS))
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		if t.misses++; t.misses >= 2 || t.state == TrunkNew {
			t.state, t.detail = TrunkDown, "no answer"
		}
		return
	}
	t.misses, t.state, t.detail = 0, TrunkUp, strconv.Itoa(res.StatusCode)+" "+clean(res.Reason)
	if res.StatusCode == 503 {
		t.state = TrunkDown
	}
}

func (t *trunk) note(state, detail string) {
	t.mu.Lock()
	t.state, t.detail = state, detail
	t.mu.Unlock()
}
