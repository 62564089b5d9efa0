//go:build linux

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/net/ipv4"

	"github.com/parleyhq/parley/voice/media"
)

const (
	frameTime = media.FrameMs * time.Millisecond
	turns     = 5 // in which calls send, spread over the 20 ms
	batch     = 128
	events    = 101 // the payload type of keys
	rtpHeader = 12
)

// exchange is the audio of all callers over one socket: a far end sends each
// call's from a port of its own, which tells them apart.
type exchange struct {
	conn, rtcp *net.UDPConn
	batch      *ipv4.PacketConn
	port       int
	gaps       spread // of all that arrives
	stop       chan struct{}
	done       sync.WaitGroup
	callers    [65536]atomic.Pointer[caller] // by the far end's port
	strays     atomic.Int64

	mu    sync.Mutex // guards what follows
	turns [turns][]*caller
	next  int
}

// caller is the audio of one call.
type caller struct {
	reception
	to   *net.UDPAddr
	turn int

	mu      sync.Mutex // guards what follows
	ssrc    uint32
	seq     uint16
	ts      uint32
	sent    int64
	loss    float64 // share of what is sent that gets lost
	silent  bool    // says nothing, but goes on sending
	voice   [][]byte
	at      int
	keys    []press
	told    func(stop, next time.Duration) // of the next sound after silence
	pressed int64
}

// press is a key that is being pressed.
type press struct {
	key  byte
	step int
	ts   uint32
	sent bool
	told func(stop, next time.Duration)
}

func listenPair() (a, b *net.UDPConn, err error) {
	for range 50 {
		if a, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
			return nil, nil, err
		}
		at := a.LocalAddr().(*net.UDPAddr)
		if at.Port%2 == 0 {
			if b, err = net.ListenUDP("udp4", &net.UDPAddr{IP: at.IP, Port: at.Port + 1}); err == nil {
				return a, b, nil
			}
		}
		_ = a.Close()
	}
	return nil, nil, errors.New("no pair of free ports")
}

func newExchange() (*exchange, error) {
	a, b, err := listenPair()
	if err != nil {
		return nil, err
	}
	x := &exchange{conn: a, rtcp: b, batch: ipv4.NewPacketConn(a), port: a.LocalAddr().(*net.UDPAddr).Port, stop: make(chan struct{})}
	if err := prepare(a, 32<<20); err != nil {
		return nil, err
	}
	x.done.Add(3)
	go x.send()
	go x.receive()
	go func() { // reports: taken, so that the kernel need not refuse them
		defer x.done.Done()
		buf := make([]byte, 2048)
		for {
			if _, _, err := x.rtcp.ReadFromUDPAddrPort(buf); err != nil {
				return
			}
		}
	}()
	return x, nil
}

const (
	soRcvBufForce  = 33
	soTimestampNS  = 35
	scmTimestampNS = 35
)

// prepare gives a socket a large buffer and the kernel's time stamps.
func prepare(c *net.UDPConn, size int) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		if syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, soRcvBufForce, size) != nil {
			_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, size)
		}
		failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, soTimestampNS, 1)
	})
	return errors.Join(err, failed)
}

// stamp is when the kernel received a datagram, by its control message.
func stamp(oob []byte, otherwise time.Time) time.Time {
	for len(oob) >= syscall.SizeofCmsghdr {
		h := (*syscall.Cmsghdr)(unsafe.Pointer(&oob[0]))
		n := int(h.Len)
		if n < syscall.SizeofCmsghdr || n > len(oob) {
			break
		}
		if h.Level == syscall.SOL_SOCKET && h.Type == scmTimestampNS && n >= syscall.CmsgLen(16) {
			data := oob[syscall.CmsgLen(0):]
			return time.Unix(int64(binary.NativeEndian.Uint64(data)), int64(binary.NativeEndian.Uint64(data[8:])))
		}
		next := (n + 7) &^ 7
		if next > len(oob) {
			break
		}
		oob = oob[next:]
	}
	return otherwise
}

// now is the time without the monotonic clock: the kernel's stamps have none.
func now() time.Time { return time.Now().Round(0) }

func (x *exchange) close() {
	close(x.stop)
	_ = x.conn.Close()
	_ = x.rtcp.Close()
	x.done.Wait()
}

// join begins to send and receive the audio of one call with a far end.
func (x *exchange) join(to *net.UDPAddr) *caller {
	c := &caller{to: to, ssrc: rand.Uint32(), seq: uint16(rand.Uint32()), ts: rand.Uint32(), voice: tone}
	x.callers[to.Port].Store(c)
	x.mu.Lock()
	c.turn = x.next % turns
	x.next++
	x.turns[c.turn] = append(x.turns[c.turn], c)
	x.mu.Unlock()
	return c
}

// leave ends that.
func (x *exchange) leave(c *caller) {
	x.callers[c.to.Port].CompareAndSwap(c, nil)
	x.mu.Lock()
	defer x.mu.Unlock()
	was := x.turns[c.turn]
	kept := make([]*caller, 0, len(was))
	for _, o := range was {
		if o != c {
			kept = append(kept, o)
		}
	}
	x.turns[c.turn] = kept
}

// receive takes what has arrived, every few milliseconds: that costs the far end no
// waking of a reader, as a network would not either.
func (x *exchange) receive() {
	defer x.done.Done()
	runtime.LockOSThread()
	msgs := make([]ipv4.Message, batch)
	for i := range msgs {
		msgs[i].Buffers, msgs[i].OOB = [][]byte{make([]byte, 512)}, make([]byte, 64)
	}
	for {
		select {
		case <-x.stop:
			return
		default:
		}
		n, err := x.batch.ReadBatch(msgs, syscall.MSG_DONTWAIT)
		if err != nil || n <= 0 {
			pause(4 * time.Millisecond)
			continue
		}
		at := now()
		for i := range msgs[:n] {
			m := &msgs[i]
			from, _ := m.Addr.(*net.UDPAddr)
			if from == nil || m.N < rtpHeader {
				continue
			}
			c := x.callers[from.Port].Load()
			if c == nil {
				x.strays.Add(1)
				continue
			}
			b := m.Buffers[0]
			if b[1]&0x7f != 0 { // not µ-law
				continue
			}
			if gap, ok := c.take(binary.BigEndian.Uint16(b[2:]), b[1]&0x80 != 0, stamp(m.OOB[:m.NN], at)); ok {
				x.gaps.add(gap)
			}
		}
	}
}

// send writes everybody's audio on time. After a stall it goes on from now.
func (x *exchange) send() {
	defer x.done.Done()
	runtime.LockOSThread()
	msgs := make([]ipv4.Message, batch)
	for i := range msgs {
		msgs[i].Buffers = [][]byte{make([]byte, 0, rtpHeader+media.Frame)}
	}
	due := time.Now()
	for turn := 0; ; turn = (turn + 1) % turns {
		due = due.Add(frameTime / turns)
		if wait := time.Until(due); wait > 0 {
			pause(wait)
		} else if wait < -100*time.Millisecond {
			due = time.Now()
		}
		select {
		case <-x.stop:
			return
		default:
		}
		x.mu.Lock()
		all := x.turns[turn]
		x.mu.Unlock()
		n := 0
		for _, c := range all {
			if n+3 > len(msgs) {
				x.flush(msgs[:n])
				n = 0
			}
			n += c.frame(msgs[n:])
		}
		x.flush(msgs[:n])
	}
}

func (x *exchange) flush(msgs []ipv4.Message) {
	for len(msgs) > 0 {
		n, err := x.batch.WriteBatch(msgs, 0)
		if err != nil || n <= 0 {
			return
		}
		msgs = msgs[n:]
	}
}

// frame writes the caller's next 20 ms into at most three messages.
func (c *caller) frame(msgs []ipv4.Message) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	put := func(pt byte, marker bool, ts uint32, payload []byte) bool {
		c.seq++
		c.sent++
		if c.loss > 0 && rand.Float64() < c.loss {
			return false
		}
		m := &msgs[n]
		b := append(m.Buffers[0][:0], 0x80, pt)
		if marker {
			b[1] |= 0x80
		}
		b = binary.BigEndian.AppendUint16(b, c.seq)
		b = binary.BigEndian.AppendUint32(b, ts)
		b = binary.BigEndian.AppendUint32(b, c.ssrc)
		m.Buffers[0], m.Addr = append(b, payload...), c.to
		n++
		return true
	}
	if len(c.keys) > 0 {
		k := &c.keys[0]
		if k.step == 0 {
			k.ts = c.ts
		}
		out := func(end bool, ticks int) {
			payload := event(k.key, end, ticks*media.Frame)
			if put(events, k.step == 0, k.ts, payload[:]) && !k.sent {
				k.sent = true
				c.pressKey(now(), k.told)
			}
		}
		c.ts += media.Frame
		if k.step < 5 {
			out(false, k.step+1)
			k.step++
			return n
		}
		for range 3 {
			out(true, k.step+1)
		}
		c.keys = c.keys[1:]
		return n
	}
	payload := hush
	if !c.silent && len(c.voice) > 0 {
		payload = c.voice[c.at%len(c.voice)]
		c.at++
	}
	if put(0, c.sent == 0, c.ts, payload) && c.told != nil && !c.silent {
		c.press(now(), c.told)
		c.told = nil
	}
	c.ts += media.Frame
	return n
}

// key presses a key. told is called when the next prompt begins.
func (c *caller) key(key byte, told func(stop, next time.Duration)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys = append(c.keys, press{key: key, told: told})
	c.pressed++
}

// say speaks, or is silent. told is called when the next prompt begins.
func (c *caller) say(frames [][]byte, told func(stop, next time.Duration)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silent, c.voice, c.at, c.told = frames == nil, frames, 0, told
}

func (c *caller) lose(share float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loss = share
}

// event is the payload of a telephone event, RFC 4733.
func event(key byte, end bool, duration int) (b [4]byte) {
	switch {
	case key == '*':
		b[0] = 10
	case key == '#':
		b[0] = 11
	default:
		b[0] = key - '0'
	}
	b[1] = 10
	if end {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], uint16(duration))
	return b
}

// sound makes frames of µ-law of a function of time, so many.
func sound(n int, f func(at float64) float64) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		pcm := make([]int16, media.Frame)
		for j := range pcm {
			pcm[j] = int16(f(float64(i*media.Frame+j)/media.Rate) * 32767)
		}
		out[i] = make([]byte, media.Frame)
		media.PCMToULaw(out[i], pcm)
	}
	return out
}

var (
	// tone is what callers say all the time: 400 Hz, a whole number of periods.
	tone = sound(1, func(at float64) float64 { return .05 * math.Sin(2*math.Pi*400*at) })
	// hush is 20 ms of nothing.
	hush = sound(1, func(float64) float64 { return 0 })[0]
)

// noise is loud noise that goes up and down as speech does.
func noise(frames int) [][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	return sound(frames, func(at float64) float64 {
		return .5 * (r.Float64()*2 - 1) * (.6 + .4*math.Sin(2*math.Pi*4*at))
	})
}

// pause sleeps in the kernel, finer than the runtime's timers. The runtime is
// not told: finding work for its other threads each time would cost more than
// all the packets, so main gives it processors to spare.
func pause(d time.Duration) {
	t := syscall.NsecToTimespec(int64(d))
	_, _, _ = syscall.RawSyscall(syscall.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&t)), 0, 0)
}

// sleepers is how many goroutines pause.
const sleepers = 3

// drops is how many datagrams this machine has thrown away for want of room.
func drops() (int64, error) { return snmp("Udp", "RcvbufErrors") }

func hostPort(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
