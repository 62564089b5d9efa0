package sip

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
)

// phones keeps the ways to phones that registered at this node open, through
// firewalls that forget, and notices those that are gone.
type phones struct {
	s *Server

	mu    sync.Mutex // guards all below
	at    map[string]*phone
	pongs map[string]chan struct{} // by who was sent a ping: closed when he answers
}

type phone struct {
	b      Binding
	misses int  // OPTIONS without an answer, in a row
	deaf   bool // it answers OPTIONS and no pings
}

func newPhones(s *Server) *phones {
	return &phones{s: s, at: map[string]*phone{}, pongs: map[string]chan struct{}{}}
}

func (p *phones) keep(b Binding) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at[b.User+"\x00"+b.Contact] = &phone{b: b}
}

func (p *phones) drop(user, contact string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for k, ph := range p.at {
		if ph.b.User == user && (contact == "" || ph.b.Contact == contact) {
			delete(p.at, k)
		}
	}
}

func (p *phones) run(ctx context.Context) {
	tick := time.NewTicker(p.s.cfg.KeepAlive)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			p.round(ctx, now)
		}
	}
}

// round asks every phone, 32 at a time.
func (p *phones) round(ctx context.Context, now time.Time) {
	p.mu.Lock()
	var all []*phone
	for k, ph := range p.at {
		if ph.b.Expires.Before(now) {
			delete(p.at, k)
			continue
		}
		all = append(all, ph)
	}
	p.mu.Unlock()
	gate := make(chan struct{}, 32)
	var wait sync.WaitGroup
	for _, ph := range all {
		gate <- struct{}{}
		wait.Add(1)
		go func() {
			defer func() { <-gate; wait.Done() }()
			p.ask(ctx, ph)
		}()
	}
	wait.Wait()
}

// ask pings a phone over its connection, or else sends OPTIONS; who misses three
// is taken off.
func (p *phones) ask(ctx context.Context, ph *phone) {
	p.mu.Lock()
	deaf := ph.deaf
	p.mu.Unlock()
	answered := !deaf && p.ping(ctx, ph.b)
	ctx, cancel := context.WithTimeout(ctx, 8*p.s.cfg.T1)
	defer cancel()
	t, err := targetOf(ph.b)
	if err == nil && !answered {
		var here local
		if here, err = p.s.local(t.transport, t.uri.Host); err == nil {
			d := dialog{
				callID: string(desk.NewID()), target: t.uri, routes: t.routes, contact: here.contact("parley", false),
				transport: here.transport, via: here.via(), laddr: here.laddr, dest: t.dest,
				local: sip.FromHeader{Address: p.s.shown("", p.s.cfg.Realm)}, remote: sip.ToHeader{Address: t.uri},
			}
			d.local.Params.Add("tag", sip.GenerateTagN(16))
			_, err = p.s.do(ctx, d.request(sip.OPTIONS))
		}
	}
	p.mu.Lock()
	ph.misses++
	if err == nil {
		ph.misses, ph.deaf = 0, !answered
	}
	gone := ph.misses >= 3 && p.at[ph.b.User+"\x00"+ph.b.Contact] == ph
	p.mu.Unlock()
	if gone {
		p.drop(ph.b.User, ph.b.Contact)
		if err := p.s.cfg.Bindings.Unbind(ctx, ph.b.User, ph.b.Contact); err != nil && p.s.ctx.Err() == nil {
			p.s.log.Warn("sip phone is gone", "user", ph.b.User, "error", err)
		}
	}
}

// ping is RFC 5626, 3.5.1 and 4.4.1: two line ends over the phone's own
// connection, of which it sends one back. It reports whether it has; not every
// phone knows how.
func (p *phones) ping(ctx context.Context, b Binding) bool {
	if !sip.IsReliable(b.Transport) {
		return false
	}
	conn, err := p.s.tp.GetConnection(b.Transport, b.Source)
	if err != nil {
		return false
	}
	defer func() { _, _ = conn.TryClose() }() // it only counts us out again
	w, ok := conn.(io.Writer)
	if !ok {
		return false
	}
	pong := make(chan struct{})
	p.mu.Lock()
	p.pongs[b.Source] = pong
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		if p.pongs[b.Source] == pong {
			delete(p.pongs, b.Source)
		}
		p.mu.Unlock()
	}()
	if _, err := w.Write([]byte("\r\n\r\n")); err != nil {
		return false
	}
	limit := time.NewTimer(4 * p.s.cfg.T1)
	defer limit.Stop()
	select {
	case <-pong:
		return true
	case <-limit.C:
	case <-ctx.Done():
	}
	return false
}

// pong takes a line end that came by itself.
func (p *phones) pong(from string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.pongs[from]; c != nil {
		close(c)
		delete(p.pongs, from)
	}
}
