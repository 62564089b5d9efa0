//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

func TestSpread_QuantilesAreRoundedUpAndNeverAboveTheLargest(t *testing.T) {
	var s spread
	if s.quantile(.99) != 0 || s.max() != 0 {
		t.Error("an empty one says something")
	}
	for i := 1; i <= 100; i++ {
		s.add(time.Duration(i) * time.Millisecond)
	}
	for q, want := range map[float64]time.Duration{.5: 50 * time.Millisecond, .99: 99 * time.Millisecond, 1: 100 * time.Millisecond, 0: time.Millisecond} {
		if got := s.quantile(q); got != want {
			t.Errorf("quantile %v: got %v, want %v", q, got, want)
		}
	}
	s.add(7 * time.Second) // beyond the cells
	if got := s.quantile(1); got != 7*time.Second {
		t.Errorf("the largest: got %v", got)
	}
	if was := s.reset(); was.count() != 101 || s.count() != 0 {
		t.Errorf("reset: %d were there, %d are left", was.count(), s.count())
	}
	s.add(20*time.Millisecond + time.Microsecond)
	if got := s.quantile(.5); got < 20*time.Millisecond+time.Microsecond {
		t.Errorf("got %v, want no less than what was added", got)
	}
}

// heard is a packet as it arrived.
type heard struct {
	seq    uint16
	at     int // milliseconds
	marker bool
}

func TestReception_GapsAndLosses(t *testing.T) {
	for name, c := range map[string]struct {
		press   int // milliseconds; 0: no key
		packets []heard
		gaps    []int // milliseconds
		want    counts
		stop    int // -1: not told
		next    int
	}{
		"even":               {packets: []heard{{65534, 0, true}, {65535, 20, false}, {0, 40, false}, {1, 61, false}}, gaps: []int{20, 20, 21}, want: counts{4, 0, 0, 1}, stop: -1},
		"one lost":           {packets: []heard{{1, 0, true}, {2, 20, false}, {4, 60, false}, {5, 80, false}}, gaps: []int{20, 20}, want: counts{4, 1, 0, 1}, stop: -1},
		"one late":           {packets: []heard{{1, 0, true}, {3, 40, false}, {2, 41, false}, {4, 60, false}}, gaps: []int{20}, want: counts{4, 0, 1, 1}, stop: -1},
		"one twice":          {packets: []heard{{1, 0, true}, {2, 20, false}, {2, 21, false}}, gaps: []int{20}, want: counts{3, 0, 1, 1}, stop: -1},
		"stall, then marked": {packets: []heard{{1, 0, true}, {2, 20, false}, {3, 120, true}}, gaps: []int{20, 100}, want: counts{3, 0, 0, 2}, stop: -1},
		"prompt repeated":    {packets: []heard{{1, 0, true}, {2, 20, false}, {3, 7020, true}, {4, 7040, false}}, gaps: []int{20, 20}, want: counts{4, 0, 0, 2}, stop: -1},
		"key over a prompt":  {press: 25, packets: []heard{{1, 0, true}, {2, 20, false}, {3, 40, false}, {4, 75, true}, {5, 95, false}}, gaps: []int{20, 20, 20}, want: counts{5, 0, 0, 2}, stop: 15, next: 50},
		"key obeyed at once": {press: 25, packets: []heard{{1, 0, true}, {2, 20, false}, {3, 60, true}}, gaps: []int{20}, want: counts{3, 0, 0, 2}, stop: 0, next: 35},
		"key into silence":   {press: 3000, packets: []heard{{1, 0, true}, {2, 20, false}, {3, 3040, true}}, gaps: []int{20}, want: counts{3, 0, 0, 2}, stop: -1},
	} {
		t.Run(name, func(t *testing.T) {
			var r reception
			zero := time.Unix(1000, 0)
			at := func(ms int) time.Time { return zero.Add(time.Duration(ms) * time.Millisecond) }
			stop, next, pressed := time.Duration(-1), time.Duration(0), c.press == 0
			var gaps []int
			for _, p := range c.packets {
				if !pressed && p.at > c.press {
					pressed = true
					r.press(at(c.press), func(s, n time.Duration) { stop, next = s, n })
				}
				if gap, ok := r.take(p.seq, p.marker, at(p.at)); ok {
					gaps = append(gaps, int(gap/time.Millisecond))
				}
			}
			if got := r.counts(); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if len(gaps) != len(c.gaps) {
				t.Fatalf("got gaps %v, want %v", gaps, c.gaps)
			}
			for i := range gaps {
				if gaps[i] != c.gaps[i] {
					t.Errorf("got gaps %v, want %v", gaps, c.gaps)
				}
			}
			if want := time.Duration(c.stop) * time.Millisecond; c.stop >= 0 && (stop != want || next != time.Duration(c.next)*time.Millisecond) {
				t.Errorf("stopped after %v, next after %v, want %d and %d ms", stop, next, c.stop, c.next)
			} else if c.stop < 0 && stop != -1 {
				t.Errorf("told of a stop after %v, want nothing", stop)
			}
		})
	}
}

// Our own detector must find each key once in what the load sends, whatever
// tenth of it is lost.
func TestExchange_KeysAreWellFormedAndSurviveLoss(t *testing.T) {
	far, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	x, err := newExchange()
	if err != nil {
		t.Fatal(err)
	}
	defer x.close()
	c := x.join(far.LocalAddr().(*net.UDPAddr))
	c.lose(.1)
	const keys = "13*#0955"
	for i := range len(keys) {
		c.key(keys[i], nil)
	}
	var found strings.Builder
	var digits media.Digits
	audio := 0
	buf := make([]byte, 2048)
	_ = far.SetReadDeadline(time.Now().Add(10 * time.Second))
	for audio < 10 {
		n, err := far.Read(buf)
		if err != nil {
			t.Fatalf("after keys %q: %v", found.String(), err)
		}
		h, payload, err := media.ParseRTP(buf[:n])
		if err != nil {
			t.Fatal(err)
		}
		if h.PT != events {
			if found.Len() > 0 {
				audio++
			}
			continue
		}
		if key, ok := digits.Packet(h.SSRC, h.TS, payload, h.Marker, time.Now()); ok {
			found.WriteByte(key)
		}
	}
	if found.String() != keys {
		t.Errorf("found %q, want %q", found.String(), keys)
	}
	if c.takeKey().IsZero() {
		t.Error("when the last key was sent is not known")
	}
}

func TestExchange_MeasuresWhatAFarEndSends(t *testing.T) {
	far, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	x, err := newExchange()
	if err != nil {
		t.Fatal(err)
	}
	defer x.close()
	c := x.join(far.LocalAddr().(*net.UDPAddr))
	to := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: x.port}
	for _, seq := range []byte{1, 2, 4} { // 3 is lost
		b := append([]byte{0x80, 0, 0, seq, 0, 0, 0, 0, 1, 2, 3, 4}, hush...)
		if _, err := far.WriteToUDP(b, to); err != nil {
			t.Fatal(err)
		}
	}
	for until := time.Now().Add(5 * time.Second); c.counts().received < 3; {
		if time.Now().After(until) {
			t.Fatalf("got %+v", c.counts())
		}
		pause(time.Millisecond)
	}
	if got := c.counts(); got != (counts{received: 3, lost: 1}) {
		t.Errorf("got %+v, want 3 received and 1 lost", got)
	}
	if n := x.gaps.count(); n != 1 {
		t.Errorf("%d gaps, want the one without a loss", n)
	}
}

func TestSpokenBy_CountsOnlyWhatTheCallerSaidByVoice(t *testing.T) {
	for name, c := range map[string]struct {
		m    desk.Message
		want int
	}{
		"a key":          {desk.Message{Author: desk.Author{Kind: desk.ByCustomer}, Channel: desk.Voice}, 1},
		"a tap":          {desk.Message{Author: desk.Author{Kind: desk.ByCustomer}, Channel: desk.Webchat}, 0},
		"what was asked": {desk.Message{Author: desk.Author{Kind: desk.ByBot}, Channel: desk.Voice}, 0},
	} {
		b, err := json.Marshal(c.m)
		if err != nil {
			t.Fatal(err)
		}
		if got := spokenBy(desk.Event{Kind: desk.EventMessage, Data: b}); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
	if spokenBy(desk.Event{Kind: desk.EventStatus, Data: []byte(`{}`)}) != 0 {
		t.Error("a change of status is no key")
	}
}

// answerer answers SIP as told.
func answerer(t *testing.T, answer func(m message, n int) []string) *net.UDPAddr {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buf := make([]byte, 65536)
		seen := map[string]int{}
		for {
			n, from, err := conn.ReadFromUDP(buf)
			if err != nil {
				return
			}
			m, ok := parse(string(buf[:n]))
			if !ok {
				continue
			}
			seen[m.method]++
			for _, line := range answer(m, seen[m.method]) {
				status, rest, _ := strings.Cut(line, "|")
				text := "SIP/2.0 " + status + "\r\nVia: " + m.vias[0] + "\r\nFrom: " + m.from + "\r\nTo: " + m.to + ";tag=x\r\nCall-ID: " + m.callID + "\r\nCSeq: " + m.cseq + "\r\n" + rest
				if !strings.Contains(rest, "\r\n\r\n") {
					text += "\r\n"
				}
				_, _ = conn.WriteToUDP([]byte(text), from)
			}
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr)
}

func TestPhones_CallIsMadeAndEnded(t *testing.T) {
	ok := "200 OK|Contact: <sip:a@127.0.0.1>\r\n\r\nv=0\r\nm=audio 4000 RTP/AVP 0\r\n"
	for name, c := range map[string]struct {
		answer func(m message, n int) []string
		fails  string
		again  bool
	}{
		"at once": {answer: func(m message, _ int) []string {
			return map[string][]string{"INVITE": {"100 Trying|", ok}, "BYE": {"200 OK|"}}[m.method]
		}},
		"first INVITE is dropped": {answer: func(m message, n int) []string {
			if m.method == "INVITE" && n == 1 {
				return nil
			}
			return map[string][]string{"INVITE": {ok}, "BYE": {"200 OK|"}}[m.method]
		}, again: true},
		"refused": {answer: func(m message, _ int) []string { return map[string][]string{"INVITE": {"503 Busy|"}}[m.method] }, fails: "503"},
		"without audio": {answer: func(m message, _ int) []string {
			return map[string][]string{"INVITE": {"200 OK|Contact: <sip:a@b>\r\n"}}[m.method]
		}, fails: "lacks"},
		"BYE is not fine": {answer: func(m message, _ int) []string {
			return map[string][]string{"INVITE": {ok}, "BYE": {"500 No|"}}[m.method]
		}, fails: "500"},
	} {
		t.Run(name, func(t *testing.T) {
			x, err := newExchange()
			if err != nil {
				t.Fatal(err)
			}
			defer x.close()
			p, err := newPhones(answerer(t, c.answer), "coffee", x)
			if err != nil {
				t.Fatal(err)
			}
			defer p.close()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			d := p.dial("+4930")
			if err = d.await(ctx); err == nil {
				if !d.alive() || p.up() != 1 {
					t.Error("the call is not up")
				}
				err = d.hangup(ctx)
			}
			switch {
			case c.fails == "" && err != nil, c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)):
				t.Errorf("got %v, want %q", err, c.fails)
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.resent > 0 != c.again || len(p.calls) > 0 {
				t.Errorf("sent again %d times, %d calls left", p.resent, len(p.calls))
			}
		})
	}
}

func TestBencode_ReadsWhatItWrites(t *testing.T) {
	var b bytes.Buffer
	bencode(&b, map[string]any{"result": "ok", "n": 3, "flags": []string{"a", "bc"}, "sdp": "v=0\r\nm=audio 30000 RTP/AVP 0\r\n"})
	const want = "d5:flagsl1:a2:bce1:ni3e6:result2:ok3:sdp30:v=0\r\nm=audio 30000 RTP/AVP 0\r\ne"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	if bstring(b.String(), "result") != "ok" || (message{body: bstring(b.String(), "sdp")}).port() != 30000 || bstring(b.String(), "none") != "" {
		t.Error("it does not read what it wrote")
	}
}

func TestSlope_OfALine(t *testing.T) {
	if got := slope([]float64{0, 1, 2, 3}, []float64{5, 7, 9, 11}); got < 1.999 || got > 2.001 {
		t.Errorf("got %v, want 2", got)
	}
	if slope([]float64{1}, []float64{1}) != 0 || slope(nil, nil) != 0 {
		t.Error("a point has no slope")
	}
}

func TestTable_IsMarkdown(t *testing.T) {
	var tb table
	tb.row("a", "key→b")
	tb.row(10, "c")
	if got, want := tb.String(), "| a  | key→b |\n|----|-------|\n| 10 | c     |\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestProcess_CountsItsOwnTimeAndSockets(t *testing.T) {
	var wg sync.WaitGroup
	before, err := cpu(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	wg.Go(func() {
		for until := time.Now().Add(300 * time.Millisecond); time.Now().Before(until); {
		}
	})
	wg.Wait()
	after, err := cpu(os.Getpid())
	if err != nil || after <= before {
		t.Errorf("from %v to %v, %v", before, after, err)
	}
	n, err := udpSockets(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.ListenUDP("udp4", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if more, err := udpSockets(os.Getpid()); err != nil || more != n+1 {
		t.Errorf("%d UDP sockets after %d and one more, %v", more, n, err)
	}
}
