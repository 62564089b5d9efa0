package sip

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"net/netip"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// messages is what SIPp has sent and received.
func (s *sipp) messages() string {
	b, _ := os.ReadFile(filepath.Join(s.dir, "messages.log"))
	return string(b)
}

// fast allows session intervals of seconds.
func fast(c *Config) { c.MinSE = time.Second }

// trusted takes SIPp for a trunk that may transfer.
func trusted(c *Config) {
	c.Trunks = []Trunk{{
		Name: "city", Host: "127.0.0.9", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
		AllowRefer: true, Country: "86", Numbers: map[string]string{"": "coffee"},
	}}
}

func TestCall_InviteAnswerBye(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"u1", "un", "t1", "tn"} {
		t.Run(transport, func(t *testing.T) {
			r := start(t, func(c *Config) { c.TCP = "127.0.0.1:0" })
			at := r.Addr("udp")
			if transport[0] == 't' {
				at = r.Addr("tcp")
			}
			p := runSipp(t, "uac", at.String(), "-d", "200", "-t", transport, "-max_socket", "1000")
			l := r.call()
			if err := l.Ring(false); err != nil {
				t.Fatal(err)
			}
			answer(t, l)
			e := next(t, l, voice.LegEnded)
			if e.Cause.Reason != voice.EndNormal || e.Cause.By != "caller" {
				t.Errorf("cause %+v, want normal by the caller", e.Cause)
			}
			if got := l.Peer(); got.Number != "sipp" || got.Called != "parley" || got.Known || got.Secure {
				t.Errorf("peer %+v", got)
			}
			p.wait()
			eventually(t, "the call is forgotten", func() bool { return r.Active() == 0 })
		})
	}
}

func TestHold_ThreeSpellings(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := runSipp(t, "hold.xml", r.Addr("udp").String())
	l := r.call()
	answer(t, l)
	for range 3 {
		next(t, l, voice.LegHeld)
		next(t, l, voice.LegResumed)
	}
	next(t, l, voice.LegEnded)
	p.wait()
}

func TestCancel(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := runSipp(t, "cancel.xml", r.Addr("udp").String())
	l := r.call()
	if err := l.Ring(false); err != nil {
		t.Fatal(err)
	}
	e := next(t, l, voice.LegEnded)
	if e.Cause.Reason != voice.EndCancelled || e.Cause.SIP != 487 {
		t.Errorf("cause %+v, want cancelled with 487", e.Cause)
	}
	if err := l.Answer(context.Background()); !desk.IsKind(err, desk.Conflict) {
		t.Errorf("answering a cancelled call: %v, want a conflict", err)
	}
	p.wait()
}

func TestAnswer_WithoutAckIsRepeatedThenBye(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := runSipp(t, "noack.xml", r.Addr("udp").String())
	l := r.call()
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := l.Answer(ctx); err == nil {
		t.Error("answered without an ACK")
	}
	if took, want := time.Since(began), 64*r.cfg.T1; took < want*9/10 {
		t.Errorf("gave up after %v, want %v", took, want)
	}
	e := next(t, l, voice.LegEnded)
	if e.Cause.Reason != voice.EndLost {
		t.Errorf("cause %+v, want lost", e.Cause)
	}
	p.wait()
	// 0, 0.1, 0.3, 0.7, 1.5, then every 0.8 s until 6.4 s: RFC 3261, 13.3.1.4
	if n := strings.Count(p.messages(), "\nSIP/2.0 200 OK") - 1; n < 10 || n > 12 {
		t.Errorf("the 200 was sent %d times, want 11", n)
	}
}

func TestDelayedOffer(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := runSipp(t, "delayed.xml", r.Addr("udp").String())
	l := r.call()
	answer(t, l)
	next(t, l, voice.LegHeld) // the answer to our second offer says sendonly
	next(t, l, voice.LegEnded)
	p.wait()
}

func TestPrack(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := runSipp(t, "prack.xml", r.Addr("udp").String())
	l := r.call()
	if err := l.Ring(true); err != nil {
		t.Fatal(err)
	}
	answer(t, l) // waits for the PRACK
	next(t, l, voice.LegEnded)
	p.wait()
}

func TestPrack_NeverComes(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := runSipp(t, "noprack.xml", r.Addr("udp").String())
	l := r.call()
	if err := l.Ring(true); err != nil {
		t.Fatal(err)
	}
	if e := next(t, l, voice.LegEnded); e.Cause.Reason != voice.EndFailed {
		t.Errorf("cause %+v, want failed", e.Cause)
	}
	p.wait()
	if n := strings.Count(p.messages(), "\nSIP/2.0 183"); n < 6 || n > 8 {
		t.Errorf("the 183 was sent %d times, want 7: 0, 0.1, 0.3, 0.7, 1.5, 3.1, 6.3 s", n)
	}
}

func TestSessionTimer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scenario, reason string
	}{
		{"timer_uas.xml", voice.EndNormal},
		{"timer_reinvite.xml", voice.EndNormal},
		{"timer_uac.xml", voice.EndLost},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			t.Parallel()
			r := start(t, fast)
			p := runSipp(t, c.scenario, r.Addr("udp").String())
			l := r.call()
			answer(t, l)
			if e := next(t, l, voice.LegEnded); e.Cause.Reason != c.reason {
				t.Errorf("cause %+v, want %s", e.Cause, c.reason)
			}
			p.wait()
		})
	}
	t.Run("too brief", func(t *testing.T) {
		r := start(t, nil)
		runSipp(t, "timer_brief.xml", r.Addr("udp").String()).wait()
	})
}

func TestHold_OursMeets491(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := runSipp(t, "refused_hold.xml", r.Addr("udp").String())
	l := r.call()
	answer(t, l)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, on := range []bool{true, true, false} { // the second is nothing new
		if err := l.Hold(ctx, on); err != nil {
			t.Fatalf("hold %v: %v", on, err)
		}
	}
	l.Hangup(voice.Cause{Reason: voice.EndNormal})
	p.wait()
}

func TestKeys_ByInfo(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := runSipp(t, "info.xml", r.Addr("udp").String())
	l := r.call()
	answer(t, l)
	for _, want := range []byte("5#") {
		if got := next(t, l, voice.LegDigit).Digit; got != want {
			t.Errorf("key %c, want %c", got, want)
		}
	}
	next(t, l, voice.LegEnded)
	p.wait()
}

func TestKeys_ByRTP(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := runSipp(t, "uac_pcap", r.Addr("udp").String())
	l := r.call()
	answer(t, l)
	if got := next(t, l, voice.LegDigit).Digit; got != '1' {
		t.Errorf("key %c, want 1", got)
	}
	l.Hangup(voice.Cause{Reason: voice.EndNormal})
	_ = p // its own scenario goes on for longer than we listen
}

func TestRefer_FromATrunkThatMay(t *testing.T) {
	t.Parallel()
	r := start(t, trusted)
	p := runSipp(t, "refer.xml", r.Addr("udp").String())
	l := r.call()
	if got := l.Peer(); got.Trunk != "city" || got.Playbook != "coffee" {
		t.Errorf("peer %+v", got)
	}
	answer(t, l)
	e := next(t, l, voice.LegTransfer)
	if e.Target != "sip:+8613800138000@example.com" || e.Other != "" {
		t.Errorf("event %+v", e)
	}
	l.Hangup(voice.Cause{Reason: voice.EndTransferred})
	p.wait()
}

func TestRefer_StrangersMayNot(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := runSipp(t, "refer_refused.xml", r.Addr("udp").String())
	l := r.call()
	answer(t, l)
	next(t, l, voice.LegEnded)
	p.wait()
}

func TestDialog_Unknown(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	runSipp(t, "lost.xml", r.Addr("udp").String()).wait()
}

// dialTo calls SIPp.
func dialTo(t *testing.T, r *rig, p *sipp, timeout time.Duration) voice.Leg {
	t.Helper()
	l, err := r.Dial(context.Background(), voice.Dialing{To: "sip:bob@127.0.0.1:" + strconv.Itoa(p.port), Name: "Coffee", Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// answering runs SIPp as the one who is called, and waits until it listens.
func answering(t *testing.T, scenario string) *sipp {
	t.Helper()
	p := runSipp(t, scenario, "127.0.0.1:9", "-trace_logs", "-log_file", filepath.Join(t.TempDir(), "log"))
	eventually(t, "SIPp listens", func() bool {
		b, _ := os.ReadFile("/proc/net/udp")
		return strings.Contains(string(b), strings.ToUpper(":"+strconv.FormatInt(int64(p.port), 16)+" 00000000"))
	})
	return p
}

func TestDial(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scenario string
		timeout  time.Duration
		hangup   bool // as soon as it rings
		ended    voice.Cause
	}{
		{"uas_answer.xml", 0, false, voice.Cause{Reason: voice.EndNormal}},
		{"uas_many.xml", 0, false, voice.Cause{Reason: voice.EndNormal}},
		{"uas_busy.xml", 0, false, voice.Cause{Reason: voice.EndBusy, SIP: 486, Q850: 17}},
		{"uas_ring.xml", 500 * time.Millisecond, false, voice.Cause{Reason: voice.EndNoAnswer, SIP: 408, Q850: 19, By: "system"}},
		{"uas_ring.xml", 0, true, voice.Cause{Reason: voice.EndCancelled}},
		{"uas_crossing.xml", 0, true, voice.Cause{Reason: voice.EndCancelled}},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			r := start(t, nil)
			p := answering(t, c.scenario)
			l := dialTo(t, r, p, c.timeout)
			if c.ended.Reason == voice.EndNormal {
				next(t, l, voice.LegRinging)
				next(t, l, voice.LegAnswered)
				l.Hangup(c.ended)
			} else if c.hangup {
				next(t, l, voice.LegRinging)
				l.Hangup(c.ended)
			}
			if e := next(t, l, voice.LegEnded); e.Cause != c.ended {
				t.Errorf("cause %+v, want %+v", e.Cause, c.ended)
			}
			p.wait()
			eventually(t, "the call is forgotten", func() bool {
				r.mu.Lock()
				defer r.mu.Unlock()
				return r.active == 0 && len(r.dialogs) == 0
			})
		})
	}
}
