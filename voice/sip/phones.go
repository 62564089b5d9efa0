package sip

import (
	"context"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
)

// phones keeps the ways to phones that registered at this node open, through
// firewalls that forget, and notices those that are gone.
type phones struct {
	s *Server

	mu sync.Mutex // guards at
	at map[string]*phone
}

type phone struct {
	b      Binding
	misses int // OPTIONS without an answer, in a row
}

func newPhones(s *Server) *phones { return &phones{s: s, at: map[string]*phone{}} }

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

// ask sends OPTIONS; who misses three is taken off.
func (p *phones) ask(ctx context.Context, ph *phone) {
	ctx, cancel := context.WithTimeout(ctx, 8*p.s.cfg.T1)
	defer cancel()
	t, err := ph.b.target()
	if err == nil {
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
		ph.misses = 0
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
