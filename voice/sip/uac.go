package sip

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/voice"
)

// outgoingPart is what only a leg that goes out has.
type outgoingPart struct {
	calls   []*attempt
	left    int // attempts without an outcome
	ringing *time.Timer
	best    int      // the most telling of the refusals
	rang    bool     // LegRinging has been told
	heard   bool     // LegEarly has been told
	early   []string // the dialogs of its provisional responses, a few
}

// rings reports whether a dialog is one of those that ring.
func (p *outgoingPart) rings(callID, tag string) bool {
	return slices.Contains(p.early, dialogKey(callID, tag))
}

func (p *outgoingPart) stop() {
	if p.ringing != nil {
		p.ringing.Stop()
	}
}

// target is one address that an outgoing leg tries.
type target struct {
	uri       sip.Uri
	transport string
	dest      string    // where to send, whatever uri says
	routes    []sip.Uri // by way of these
	user      string    // for digest
	password  string
}

// attempt is one INVITE of an outgoing leg. A phone that is registered twice
// is called at both places; the first to answer has the call.
type attempt struct {
	l    *leg
	t    target
	req  *sip.Request
	quit chan struct{} // closed to cancel it

	mu     sync.Mutex // guards what follows
	d      dialog
	why    voice.Cause
	closed bool
	acks   map[string]*sip.Request // by the tag of the fork that answered
	rseq   map[string]uint32       // the last reliable provisional of each fork
}

// cancel gives the attempt up.
func (a *attempt) cancel(why voice.Cause) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed {
		a.closed, a.why = true, why
		close(a.quit)
	}
}

var errGivenUp = errors.New("cancelled, and nothing was heard of it")

// run calls until there is an outcome.
func (a *attempt) run() {
	defer a.l.s.work.Done()
	res, err := a.call()
	a.l.outcome(a, res, err)
}

// call sends the INVITE, again with what a refusal asks for, and returns the
// final response.
func (a *attempt) call() (*sip.Response, error) {
	s, challenged := a.l.s, 0
	for range 5 {
		res, err := a.invite()
		if err != nil {
			return nil, err
		}
		select {
		case <-a.quit:
			return res, nil
		default:
		}
		a.mu.Lock()
		next := a.d.fresh(a.req)
		switch {
		case (res.StatusCode == 401 || res.StatusCode == 407) && challenged < 2 && authorize(next, res, a.t.user, a.t.password):
			challenged++
		case res.StatusCode == 422:
			least, _ := seconds(header(res, "Min-SE"))
			next.RemoveHeader("Session-Expires")
			next.RemoveHeader("Min-SE")
			d := secondsText(max(least, s.cfg.SessionExpires))
			next.AppendHeader(sip.NewHeader("Session-Expires", d))
			next.AppendHeader(sip.NewHeader("Min-SE", secondsText(least)))
		default:
			a.mu.Unlock()
			return res, nil
		}
		a.req = next
		a.mu.Unlock()
	}
	return nil, errors.New("refused again and again")
}

// invite is one transaction. It waits as long as it rings; CANCEL goes out once
// something has been heard (9.1).
func (a *attempt) invite() (*sip.Response, error) {
	s := a.l.s
	req := a.req
	tx, err := s.send(s.ctx, req)
	if err != nil {
		return nil, err
	}
	tx.OnRetransmission(func(res *sip.Response) { a.again(req, res) })
	quit, heard, cancelled := a.quit, false, false
	var limit <-chan time.Time
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
			if !heard && cancelled {
				a.sendCancel(req)
			}
			heard = true
			if !cancelled {
				a.provisional(res)
			}
		case <-quit:
			quit, cancelled = nil, true
			t := time.NewTimer(64 * s.cfg.T1)
			defer t.Stop()
			limit = t.C
			if heard {
				a.sendCancel(req)
			}
		case <-limit:
			tx.Terminate()
			return nil, errGivenUp
		case <-tx.Done():
			return nil, tx.Err()
		case <-s.ctx.Done():
			return nil, s.ctx.Err()
		}
	}
}

func (a *attempt) sendCancel(invite *sip.Request) {
	c := sip.NewRequest(sip.CANCEL, *invite.Recipient.Clone())
	c.AppendHeader(invite.Via().Clone())
	sip.CopyHeaders("Route", invite, c)
	hops := sip.MaxForwardsHeader(70)
	c.AppendHeader(&hops)
	c.AppendHeader(sip.HeaderClone(invite.From()))
	c.AppendHeader(sip.HeaderClone(invite.To()))
	c.AppendHeader(sip.HeaderClone(invite.CallID()))
	c.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sip.CANCEL})
	a.mu.Lock()
	why := a.why
	a.mu.Unlock()
	if why.Reason != "" {
		c.AppendHeader(reasonHeader(why))
	}
	c.SetTransport(invite.Transport())
	c.SetDestination(invite.MessageData.Destination())
	c.SetBody(nil)
	invite.Laddr.Copy(&c.Laddr)
	s := a.l.s
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		ctx, cancel := context.WithTimeout(s.ctx, 64*s.cfg.T1)
		defer cancel()
		_, _ = s.do(ctx, c)
	}()
}

// confirmed is the dialog that a response makes: 12.1.2. The caller holds mu.
func (a *attempt) confirmed(res *sip.Response) dialog {
	d := a.d
	d.remote.Params = d.remote.Params.Clone()
	d.remote.Params.Add("tag", tagOf(res.To().Params))
	if rs := routeSet(res, true); len(rs) > 0 {
		d.routes = rs
		d.dest = ""
	}
	if c := res.Contact(); c != nil && c.Address.Host != "" {
		d.target = *c.Address.Clone()
		if a.t.dest == "" && len(d.routes) == 0 && hidden(d.target, res.Source()) {
			d.dest = res.Source()
		}
	}
	if m := header(res, "Allow"); m != "" {
		d.methods = m
	}
	return d
}

// provisional takes a 1xx: it rings, there is audio, it wants a PRACK.
func (a *attempt) provisional(res *sip.Response) {
	tag := ""
	if res.To() != nil {
		tag = tagOf(res.To().Params)
	}
	if res.StatusCode == 100 || tag == "" {
		return
	}
	if has(res, "Require", "100rel") && !a.prack(tag, res) {
		return
	}
	l := a.l
	var sdp bool
	if len(res.Body()) > 0 && len(l.out.calls) == 1 {
		sdp = l.sound.Accept(res.Body()) == nil
	}
	l.mu.Lock()
	if l.st >= answered {
		l.mu.Unlock()
		return
	}
	l.st = early
	if k := dialogKey(a.d.callID, tag); len(l.out.early) < 16 && !slices.Contains(l.out.early, k) {
		l.out.early = append(l.out.early, k)
	}
	tellEarly := sdp && !l.out.heard
	tellRing := res.StatusCode != 183 && !l.out.rang
	l.out.heard = l.out.heard || sdp
	l.out.rang = l.out.rang || tellRing
	l.mu.Unlock()
	if tellRing {
		l.emit(voice.LegRinging)
	}
	if tellEarly {
		l.emit(voice.LegEarly)
	}
}

// prack acknowledges a reliable provisional response (RFC 3262, 4), and reports
// whether it is new and in order.
func (a *attempt) prack(tag string, res *sip.Response) bool {
	n, err := strconv.ParseUint(header(res, "RSeq"), 10, 32)
	if err != nil {
		return false
	}
	a.mu.Lock()
	last, seen := a.rseq[tag]
	if seen && uint32(n) != last+1 {
		a.mu.Unlock()
		return false
	}
	a.rseq[tag] = uint32(n)
	d := a.confirmed(res)
	req := d.request(sip.PRACK)
	a.d.localSeq = d.localSeq
	a.mu.Unlock()
	req.AppendHeader(sip.NewHeader("RAck", strconv.FormatUint(n, 10)+" "+res.CSeq().Value()))
	s := a.l.s
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		ctx, cancel := context.WithTimeout(a.l.ctx, 64*s.cfg.T1)
		defer cancel()
		_, _ = s.do(ctx, req)
	}()
	return true
}

// acknowledge sends the ACK to a 2xx and keeps it for repetitions.
func (a *attempt) acknowledge(invite *sip.Request, res *sip.Response) dialog {
	a.mu.Lock()
	d := a.confirmed(res)
	ack := d.requestSeq(sip.ACK, invite.CSeq().SeqNo)
	copyCredentials(invite, ack)
	a.acks[tagOf(res.To().Params)] = ack
	a.mu.Unlock()
	a.l.s.write(ack)
	return d
}

// again takes a 2xx that comes after the first: a repetition, which has missed
// its ACK, or the answer of another fork, which is not wanted (13.2.2.4).
func (a *attempt) again(invite *sip.Request, res *sip.Response) {
	if res.To() == nil {
		return
	}
	a.mu.Lock()
	ack := a.acks[tagOf(res.To().Params)]
	a.mu.Unlock()
	if ack != nil {
		a.l.s.write(ack.Clone())
		return
	}
	go a.drop(invite, res)
}

// drop hangs up on an answer that comes too late.
func (a *attempt) drop(invite *sip.Request, res *sip.Response) {
	d := a.acknowledge(invite, res)
	bye := d.request(sip.BYE)
	bye.AppendHeader(reasonHeader(voice.Cause{Reason: voice.EndNormal}))
	ctx, cancel := context.WithTimeout(context.Background(), 64*a.l.s.cfg.T1)
	defer cancel()
	_, _ = a.l.s.do(ctx, bye)
}
