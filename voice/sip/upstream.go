package sip

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// register tells the trunk where we are, and returns when to do so again.
func (t *trunk) register(ctx context.Context) time.Duration {
	t.mu.Lock()
	var err error
	if t.d.callID == "" {
		t.d, err = t.begin()
	}
	t.mu.Unlock()
	if err != nil {
		return t.failed(err.Error())
	}
	expires := 5 * time.Minute
	for range 4 {
		t.mu.Lock()
		req := t.d.request(sip.REGISTER)
		t.mu.Unlock()
		req.AppendHeader(sip.NewHeader("Expires", secondsText(expires)))
		res, err := t.s.do(ctx, req)
		if err == nil && (res.StatusCode == 401 || res.StatusCode == 407) {
			t.mu.Lock()
			next := t.d.fresh(req)
			t.mu.Unlock()
			if !authorize(next, res, t.cfg.User, t.cfg.Password) {
				return t.failed("it asks for a password")
			}
			res, err = t.s.do(ctx, next)
		}
		switch {
		case err != nil:
			return t.failed("no answer")
		case res.StatusCode == 423:
			least, _ := seconds(header(res, "Min-Expires"))
			expires = max(expires*2, least)
			continue
		case !res.IsSuccess():
			return t.failed(strconv.Itoa(res.StatusCode) + " " + clean(res.Reason))
		}
		t.mu.Lock()
		wait := granted(res, t.d.contact, expires) * 8 / 10
		t.registered, t.failures, t.state = true, 0, TrunkUp
		t.detail = "registered"
		t.due = time.Now().Add(wait)
		t.mu.Unlock()
		return wait
	}
	return t.failed("it wants ever longer registrations")
}

// unregister takes back where the trunks reach us; what it returns is closed
// when all have heard of it.
func (s *Server) unregister() <-chan struct{} {
	done := make(chan struct{})
	var all sync.WaitGroup
	for _, t := range s.trunks {
		all.Add(1)
		go func() {
			defer all.Done()
			t.unregister()
		}()
	}
	go func() { all.Wait(); close(done) }()
	return done
}

func (t *trunk) unregister() {
	t.mu.Lock()
	if !t.registered {
		t.mu.Unlock()
		return
	}
	t.registered = false
	req := t.d.request(sip.REGISTER)
	t.mu.Unlock()
	req.AppendHeader(sip.NewHeader("Expires", "0"))
	ctx, cancel := context.WithTimeout(t.s.ctx, time.Second)
	defer cancel()
	res, err := t.s.do(ctx, req)
	if err != nil || res.StatusCode != 401 && res.StatusCode != 407 {
		return
	}
	t.mu.Lock()
	next := t.d.fresh(req)
	t.mu.Unlock()
	if authorize(next, res, t.cfg.User, t.cfg.Password) {
		_, _ = t.s.do(ctx, next)
	}
}

// granted is how long a registration holds.
func granted(res *sip.Response, ours sip.Uri, asked time.Duration) time.Duration {
	for _, h := range res.GetHeaders("Contact") {
		c, ok := h.(*sip.ContactHeader)
		if !ok || c.Address.Host != ours.Host || c.Address.Port != ours.Port {
			continue
		}
		if v, ok := c.Params.Get("expires"); ok {
			if d, ok := seconds(v); ok {
				return max(d, time.Second)
			}
		}
	}
	if d, ok := seconds(header(res, "Expires")); ok {
		return max(d, time.Second)
	}
	return asked
}

// failed waits longer each time: 5 s to 5 minutes.
func (t *trunk) failed(detail string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	wait := min(5*time.Second<<min(t.failures, 6), 5*time.Minute)
	wait += rand.N(wait / 5)
	wait = wait * t.s.cfg.T1 / (500 * time.Millisecond)
	t.failures++
	t.registered, t.state, t.detail = false, TrunkDown, detail
	t.d = dialog{}
	t.due = time.Now().Add(wait)
	return wait
}
