//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// phones are all callers' SIP over one UDP socket: fixed requests, whose
// answers are checked and which are sent again until they come.
type phones struct {
	conn   *net.UDPConn
	to     *net.UDPAddr
	audio  *exchange
	run    string // makes the ids of this run unlike another's
	setup  spread // from INVITE to 200
	stop   chan struct{}
	done   sync.WaitGroup
	called string // user part of whom they call

	mu       sync.Mutex // guards what follows
	calls    map[string]*dialog
	n        int
	resent   int
	problems []string // the first few
}

// dialog is one call.
type dialog struct {
	*caller // once it is answered
	phones  *phones
	id      string // Call-ID
	number  string // the caller's
	tag     string
	branch  string

	// phones.mu guards what follows.
	state    state
	toLine   string // To with the far end's tag
	target   string // of requests within the dialog
	request  []byte // that has no answer yet
	first    time.Time
	again    time.Time
	wait     time.Duration
	ack      []byte
	ringing  bool
	cancel   bool // has been asked for
	err      error
	answered chan struct{} // closed when the INVITE has its final answer
	ended    chan struct{} // closed when the dialog is over
	byThem   bool
}

type state int

const (
	inviting state = iota
	up
	leaving
	over
)

const t1 = 500 * time.Millisecond

func newPhones(to *net.UDPAddr, called string, audio *exchange) (*phones, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	if err := prepare(conn, 8<<20); err != nil {
		return nil, err
	}
	p := &phones{
		conn: conn, to: to, audio: audio, called: called, run: strconv.FormatUint(rand.Uint64(), 36),
		stop: make(chan struct{}), calls: map[string]*dialog{},
	}
	p.done.Add(2)
	go p.read()
	go p.repeat()
	return p, nil
}

func (p *phones) close() {
	close(p.stop)
	_ = p.conn.Close()
	p.done.Wait()
}

func (p *phones) local() string { return p.conn.LocalAddr().String() }

// dial begins a call from a number.
func (p *phones) dial(number string) *dialog {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	d := &dialog{
		phones: p, id: fmt.Sprintf("%d.%s@voicebench", p.n, p.run), number: number, tag: fmt.Sprintf("t%d", p.n),
		branch: fmt.Sprintf("z9hG4bK%s.%d", p.run, p.n), answered: make(chan struct{}), ended: make(chan struct{}),
	}
	d.toLine = "<sip:" + p.called + "@" + p.to.String() + ">"
	d.target = "sip:" + p.called + "@" + p.to.String()
	sdp := fmt.Sprintf("v=0\r\no=- %d 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 0 %d\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\na=ptime:20\r\n",
		p.n, p.audio.port, events, events, events)
	p.calls[d.id] = d
	p.transmit(d, d.compose("INVITE", 1, d.branch, "Content-Type: application/sdp\r\n", sdp))
	return d
}

func (d *dialog) compose(method string, cseq int, branch, headers, body string) []byte {
	at := d.phones.local()
	return fmt.Appendf(nil, "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=%s;rport\r\nMax-Forwards: 70\r\nFrom: <sip:%s@%s>;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\nContact: <sip:%s@%s>\r\n%sContent-Length: %d\r\n\r\n%s",
		method, d.target, at, branch, d.number, at, d.tag, d.toLine, d.id, cseq, method, d.number, at, headers, len(body), body)
}

// transmit sends a request and goes on doing so until it is answered. The
// caller holds mu.
func (p *phones) transmit(d *dialog, request []byte) {
	d.request, d.wait, d.first = request, t1, now()
	d.again = d.first.Add(t1)
	p.write(request)
}

func (p *phones) write(b []byte) { _, _ = p.conn.WriteToUDP(b, p.to) } // what gets lost is sent again

// hangup ends the call and waits until the far end has agreed.
func (d *dialog) hangup(ctx context.Context) error {
	p := d.phones
	p.mu.Lock()
	switch d.state {
	case inviting:
		d.cancel = true
		if d.ringing {
			p.write(d.compose("CANCEL", 1, d.branch, "", ""))
		}
	case up:
		d.state = leaving
		p.transmit(d, d.compose("BYE", 2, d.branch+"b", "", ""))
	}
	p.mu.Unlock()
	select {
	case <-d.ended:
		return d.err
	case <-ctx.Done():
		return errors.New("hanging up was not answered")
	}
}

// vanish forgets the call without a word to the far end.
func (d *dialog) vanish() {
	p := d.phones
	p.mu.Lock()
	defer p.mu.Unlock()
	d.err = errors.New("vanished")
	p.finish(d)
}

// finish lets go of a call. The caller holds mu.
func (p *phones) finish(d *dialog) {
	if d.state == over {
		return
	}
	if d.state == inviting {
		close(d.answered)
	}
	d.state, d.request = over, nil
	if d.caller != nil {
		p.audio.leave(d.caller)
	}
	close(d.ended)
	delete(p.calls, d.id)
}

func (p *phones) fail(d *dialog, format string, args ...any) {
	d.err = fmt.Errorf(format, args...)
	if len(p.problems) < 5 {
		p.problems = append(p.problems, d.err.Error())
	}
	p.finish(d)
}

// up is how many calls there are.
func (p *phones) up() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.calls {
		if d.state == up {
			n++
		}
	}
	return n
}

// wait waits until the call is answered.
func (d *dialog) await(ctx context.Context) error {
	select {
	case <-d.answered:
		d.phones.mu.Lock()
		defer d.phones.mu.Unlock()
		return d.err
	case <-ctx.Done():
		return errors.New("the call was not answered in time")
	}
}

// alive reports whether the call is up.
func (d *dialog) alive() bool {
	d.phones.mu.Lock()
	defer d.phones.mu.Unlock()
	return d.state == up
}

// repeat sends again what was not answered, until that is 32 s old.
func (p *phones) repeat() {
	defer p.done.Done()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
		}
		p.mu.Lock()
		t := now()
		for _, d := range p.calls {
			switch {
			case d.request == nil || t.Before(d.again):
			case t.Sub(d.first) > 64*t1:
				method, _, _ := strings.Cut(string(d.request), " ")
				p.fail(d, "%s was not answered", method)
			default:
				p.resent++
				p.write(d.request)
				d.wait = min(2*d.wait, 8*t1)
				d.again = t.Add(d.wait)
			}
		}
		p.mu.Unlock()
	}
}

func (p *phones) read() {
	defer p.done.Done()
	buf, oob := make([]byte, 65536), make([]byte, 64)
	for {
		n, k, _, _, err := p.conn.ReadMsgUDP(buf, oob)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		at := stamp(oob[:k], now())
		if m, ok := parse(string(buf[:n])); ok {
			p.mu.Lock()
			p.took(m, at)
			p.mu.Unlock()
		}
	}
}

// message is what we read of a SIP message.
type message struct {
	code             int    // 0: a request
	method           string // of CSeq
	uri              string // of a request
	cseq             string
	to, from, callID string
	contact, body    string
	vias             []string
}

func parse(text string) (m message, ok bool) {
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	first := strings.SplitN(lines[0], " ", 3)
	if len(first) < 3 {
		return m, false
	}
	m.body = body
	if first[0] == "SIP/2.0" {
		m.code, _ = strconv.Atoi(first[1])
		if m.code < 100 || m.code > 699 {
			return m, false
		}
	} else {
		m.uri = first[1]
	}
	for _, l := range lines[1:] {
		name, value, found := strings.Cut(l, ":")
		if !found {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "via", "v":
			m.vias = append(m.vias, value)
		case "to", "t":
			m.to = value
		case "from", "f":
			m.from = value
		case "call-id", "i":
			m.callID = value
		case "cseq":
			m.cseq = value
			_, m.method, _ = strings.Cut(value, " ")
		case "contact", "m":
			m.contact = value
			if _, after, ok := strings.Cut(value, "<"); ok {
				m.contact, _, _ = strings.Cut(after, ">")
			}
		}
	}
	return m, m.callID != "" && m.method != "" && len(m.vias) > 0
}

// port is where the audio of a session description goes.
func (m message) port() int {
	for l := range strings.SplitSeq(m.body, "\n") {
		if rest, ok := strings.CutPrefix(l, "m=audio "); ok {
			text, _, _ := strings.Cut(rest, " ")
			n, _ := strconv.Atoi(text)
			return n
		}
	}
	return 0
}

// took takes a message in. The caller holds mu.
func (p *phones) took(m message, at time.Time) {
	d := p.calls[m.callID]
	if m.code == 0 {
		p.asked(d, m)
		return
	}
	if d == nil {
		return
	}
	switch m.method {
	case "INVITE":
		p.invited(d, m, at)
	case "BYE":
		if m.code >= 200 {
			if m.code != 200 && m.code != 481 {
				p.fail(d, "BYE was answered %d", m.code)
			}
			p.finish(d)
		}
	}
}

func (p *phones) invited(d *dialog, m message, at time.Time) {
	switch {
	case m.code < 200:
		d.request = nil
		if !d.ringing {
			d.ringing = true
			if d.cancel {
				p.write(d.compose("CANCEL", 1, d.branch, "", ""))
			}
		}
	case m.code >= 300:
		if d.state != inviting {
			return
		}
		to := d.toLine
		d.toLine = m.to
		p.write(d.compose("ACK", 1, d.branch, "", ""))
		d.toLine = to
		if d.cancel && m.code == 487 {
			d.err = errors.New("cancelled")
			p.finish(d)
			return
		}
		p.fail(d, "INVITE was answered %d", m.code)
	case d.state != inviting: // our ACK got lost
		p.write(d.ack)
	default:
		took := at.Sub(d.first)
		d.toLine, d.request = m.to, nil
		if m.contact != "" {
			d.target = m.contact
		}
		d.ack = d.compose("ACK", 1, d.branch+"a", "", "")
		p.write(d.ack)
		port := m.port()
		d.state = up
		if port == 0 || !strings.Contains(m.to, ";tag=") || m.contact == "" {
			close(d.answered)
			p.fail(d, "the answer lacks the audio, the tag or the contact")
			return
		}
		p.setup.add(took)
		d.caller = p.audio.join(&net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		close(d.answered)
		if d.cancel {
			d.state = leaving
			p.transmit(d, d.compose("BYE", 2, d.branch+"b", "", ""))
		}
	}
}

// asked answers a request of the far end's.
func (p *phones) asked(d *dialog, m message) {
	code := "200 OK"
	switch {
	case m.method == "ACK":
		return
	case d == nil && m.method != "OPTIONS":
		code = "481 Call/Transaction Does Not Exist"
	case m.method == "BYE", m.method == "OPTIONS":
	default:
		code = "405 Method Not Allowed"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %s\r\n", code)
	for _, v := range m.vias {
		fmt.Fprintf(&b, "Via: %s\r\n", v)
	}
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\nContent-Length: 0\r\n\r\n", m.from, m.to, m.callID, m.cseq)
	p.write([]byte(b.String()))
	if d != nil && m.method == "BYE" {
		d.byThem = true
		if d.state != leaving {
			d.err = errors.New("the far end hung up")
		}
		p.finish(d)
	}
}
