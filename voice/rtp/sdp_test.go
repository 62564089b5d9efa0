package rtp

import (
	"bytes"
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/parleyhq/parley/voice/media"
)

var update = flag.Bool("update", false, "write the answers that are given into testdata")

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// newSession begins a session on a port the kernel chooses, and ends it with
// the test.
func newSession(t testing.TB, o Options) *Session {
	t.Helper()
	return sessionOn(t, loopback, o)
}

func sessionOn(t testing.TB, bind netip.Addr, o Options) *Session {
	t.Helper()
	if o.Pacer == nil {
		o.Pacer = media.NewPacer()
		t.Cleanup(o.Pacer.Close)
	}
	s, err := NewPorts(0, 0, bind).Session(o)
	if err != nil {
		t.Fatalf("no session: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

var (
	originLine = regexp.MustCompile(`(?m)^o=parley \d+ `)
	ownPort    = regexp.MustCompile(`(?m)^m=audio [1-9]\d* `)
	rtcpPort   = regexp.MustCompile(`(?m)^a=rtcp:\d+`)
	inlineKey  = regexp.MustCompile(`inline:[A-Za-z0-9+/]{40}`)
)

// plain replaces what differs from run to run.
func plain(b []byte) string {
	s := strings.ReplaceAll(string(b), "\r\n", "\n")
	s = originLine.ReplaceAllString(s, "o=parley ID ")
	s = ownPort.ReplaceAllString(s, "m=audio PORT ")
	s = rtcpPort.ReplaceAllString(s, "a=rtcp:RTCP")
	return inlineKey.ReplaceAllString(s, "inline:KEY")
}

// Each file of testdata/offers is an offer as some device makes it; the file
// .want beside it is our answer, or why there is none. SRTP is optional.
func TestAnswer_ToEveryDevice(t *testing.T) {
	offers, err := filepath.Glob("testdata/offers/*.sdp")
	if err != nil || len(offers) < 15 {
		t.Fatalf("%d offers: %v", len(offers), err)
	}
	for _, name := range offers {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".sdp"), func(t *testing.T) {
			offer, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			bind := loopback
			if bytes.Contains(offer, []byte("IN IP6")) {
				bind = netip.IPv6Loopback()
			}
			s := sessionOn(t, bind, Options{SRTP: Optional})
			answer, err := s.Answer(offer)
			got := plain(answer)
			switch {
			case errors.Is(err, ErrNotAcceptable):
				got = "488\n"
			case errors.Is(err, ErrBadSDP):
				got = "400\n"
			case err != nil:
				t.Fatal(err)
			}
			if err == nil {
				if _, err := parseSDP(answer); err != nil {
					t.Errorf("our answer cannot be read: %v\n%s", err, answer)
				}
			}
			golden := strings.TrimSuffix(name, ".sdp") + ".want"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestAnswer_RefusesWhatIsNoDescription(t *testing.T) {
	const ok = "v=0\no=x 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n"
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"empty":           {"", ErrBadSDP},
		"words":           {"hello", ErrBadSDP},
		"version 1":       {"v=1\n", ErrBadSDP},
		"no media":        {ok, ErrNotAcceptable},
		"short m=":        {ok + "m=audio 4000\n", ErrBadSDP},
		"port too large":  {ok + "m=audio 70000 RTP/AVP 0\n", ErrBadSDP},
		"negative port":   {ok + "m=audio -1 RTP/AVP 0\n", ErrBadSDP},
		"no address":      {"v=0\nm=audio 4000 RTP/AVP 0\n", ErrBadSDP},
		"broken c=":       {"v=0\nc=IN\nm=audio 4000 RTP/AVP 0\n", ErrBadSDP},
		"multicast":       {"v=0\nc=IN IP4 224.2.1.1/127\nm=audio 4000 RTP/AVP 0\n", ErrBadSDP},
		"other IP":        {"v=0\nc=IN IP6 2001:db8::1\nm=audio 4000 RTP/AVP 0\n", ErrNotAcceptable},
		"port 0":          {ok + "m=audio 0 RTP/AVP 0\n", ErrNotAcceptable},
		"no format of us": {ok + "m=audio 4000 RTP/AVP 300 -1 x\n", ErrNotAcceptable},
		"remapped number": {ok + "m=audio 4000 RTP/AVP 0\na=rtpmap:0 G726/8000\n", ErrNotAcceptable},
		"SRTP, no key":    {ok + "m=audio 4000 RTP/SAVP 0\n", ErrNotAcceptable},
		"SRTP, short key": {ok + "m=audio 4000 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA\n", ErrNotAcceptable},
		"too long":        {ok + strings.Repeat("a=x\n", maxSDP/4), ErrBadSDP},
		"too many media":  {ok + strings.Repeat("m=video 1 RTP/AVP 96\n", maxStreams+1), ErrBadSDP},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t, Options{SRTP: Optional})
			if _, err := s.Answer([]byte(c.body)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func offerOf(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/offers/" + name + ".sdp")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAnswer_KeepsToItsSecurity(t *testing.T) {
	for _, c := range []struct {
		mode  SRTPMode
		offer string
		want  error
		safe  bool
	}{
		{Off, "baresip", nil, false},
		{Off, "baresip-srtp", ErrNotAcceptable, false},
		{Off, "snom-two-audio", nil, false},
		{Optional, "baresip", nil, false},
		{Optional, "baresip-srtp", nil, true},
		{Optional, "snom-two-audio", nil, true},
		{Required, "baresip", ErrNotAcceptable, false},
		{Required, "baresip-srtp", nil, true},
		{Required, "snom-two-audio", nil, true},
	} {
		s := newSession(t, Options{SRTP: c.mode})
		_, err := s.Answer(offerOf(t, c.offer))
		if !errors.Is(err, c.want) || s.Secure() != c.safe {
			t.Errorf("mode %d, %s: got %v, secure %v; want %v, %v", c.mode, c.offer, err, s.Secure(), c.want, c.safe)
		}
	}
}

func TestHold_InAllItsSpellings(t *testing.T) {
	const head = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\n"
	for name, c := range map[string]struct {
		offer, want string
		held        bool
	}{
		"talks":            {"c=IN IP4 127.0.0.1\nt=0 0\nm=audio 4000 RTP/AVP 0\n", "sendrecv", false},
		"sendonly":         {"c=IN IP4 127.0.0.1\nt=0 0\nm=audio 4000 RTP/AVP 0\na=sendonly\n", "recvonly", true},
		"inactive":         {"c=IN IP4 127.0.0.1\nt=0 0\nm=audio 4000 RTP/AVP 0\na=inactive\n", "inactive", true},
		"zero address":     {"c=IN IP4 0.0.0.0\nt=0 0\nm=audio 4000 RTP/AVP 0\n", "recvonly", true},
		"zero, by media":   {"c=IN IP4 127.0.0.1\nt=0 0\nm=audio 4000 RTP/AVP 0\nc=IN IP4 0.0.0.0\na=inactive\n", "inactive", true},
		"by session":       {"c=IN IP4 127.0.0.1\nt=0 0\na=sendonly\nm=audio 4000 RTP/AVP 0\n", "recvonly", true},
		"media wins":       {"c=IN IP4 127.0.0.1\nt=0 0\na=sendonly\nm=audio 4000 RTP/AVP 0\na=sendrecv\n", "sendrecv", false},
		"it only receives": {"c=IN IP4 127.0.0.1\nt=0 0\nm=audio 4000 RTP/AVP 0\na=recvonly\n", "sendonly", false},
	} {
		t.Run(name, func(t *testing.T) {
			var told []bool
			s := newSession(t, Options{OnHold: func(held bool) { told = append(told, held) }})
			answer, err := s.Answer([]byte(head + c.offer))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(answer, []byte("a="+c.want+"\r\n")) {
				t.Errorf("want %s in\n%s", c.want, answer)
			}
			if s.RemoteHold() != c.held || len(told) > 0 != c.held {
				t.Errorf("held %v, told %v; want %v", s.RemoteHold(), told, c.held)
			}
			if _, err := s.Answer([]byte(head + "c=IN IP4 127.0.0.1\nm=audio 4000 RTP/AVP 0\n")); err != nil || s.RemoteHold() {
				t.Errorf("resumed: held %v, %v", s.RemoteHold(), err)
			}
			if c.held && (len(told) != 2 || told[1]) {
				t.Errorf("told %v, want a hold and its end", told)
			}
		})
	}
}

func TestReoffer_HoldsAndResumes(t *testing.T) {
	a, b := newSession(t, Options{}), newSession(t, Options{})
	exchange(t, a, b, a.Offer())
	for _, c := range []struct {
		dir    Direction
		theirs string
		held   bool // b sees itself held
	}{
		{SendOnly, "recvonly", true}, {SendRecv, "sendrecv", false}, {Inactive, "inactive", true}, {SendRecv, "sendrecv", false},
	} {
		answer := exchange(t, a, b, a.Reoffer(c.dir))
		if !bytes.Contains(answer, []byte("a="+c.theirs+"\r\n")) {
			t.Errorf("%s answered by\n%s", c.dir, answer)
		}
		if b.RemoteHold() != c.held || a.RemoteHold() {
			t.Errorf("%s: held %v and %v, want %v and false", c.dir, b.RemoteHold(), a.RemoteHold(), c.held)
		}
	}
}

func TestReoffer_CountsOnceAccepted(t *testing.T) {
	a, b := newSession(t, Options{}), newSession(t, Options{})
	exchange(t, a, b, a.Offer())
	a.Reoffer(SendOnly) // refused, say by a 491
	if answer := exchange(t, b, a, b.Offer()); !bytes.Contains(answer, []byte("a=sendrecv\r\n")) {
		t.Errorf("a hold that was refused is in force:\n%s", answer)
	}
	exchange(t, a, b, a.Reoffer(SendOnly))
	if answer := exchange(t, b, a, b.Offer()); !bytes.Contains(answer, []byte("a=sendonly\r\n")) {
		t.Errorf("the far end's offer ended our hold:\n%s", answer)
	}
}

// exchange carries an offer of a to b and the answer back.
func exchange(t testing.TB, a, b *Session, offer []byte) (answer []byte) {
	t.Helper()
	answer, err := b.Answer(offer)
	if err != nil {
		t.Fatalf("offer refused: %v\n%s", err, offer)
	}
	if err := a.Accept(answer); err != nil {
		t.Fatalf("answer refused: %v\n%s", err, answer)
	}
	return answer
}

func TestVersion_GrowsAtChangesOnly(t *testing.T) {
	s := newSession(t, Options{})
	version := func(b []byte) string {
		return regexp.MustCompile(`o=parley \d{1,19} (\d+) `).FindStringSubmatch(string(b))[1]
	}
	first := s.Offer()
	again := s.Offer()
	if !bytes.Equal(first, again) {
		t.Errorf("the same offer differs:\n%s\n%s", first, again)
	}
	held := s.Reoffer(SendOnly)
	back := s.Reoffer(SendRecv)
	if got := version(first) + version(held) + version(back); got != "123" {
		t.Errorf("versions %s, want 1, 2, 3", got)
	}
}

func TestAccept_RefusesWhatWasNotOffered(t *testing.T) {
	const head = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
	const key = "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
	for name, c := range map[string]struct {
		mode   SRTPMode
		answer string
		want   error
	}{
		"plain":            {Off, "m=audio 4000 RTP/AVP 0\n", nil},
		"refused":          {Off, "m=audio 0 RTP/AVP 0\n", ErrNotAcceptable},
		"another codec":    {Off, "m=audio 4000 RTP/AVP 18\n", ErrNotAcceptable},
		"plain, must not":  {Required, "m=audio 4000 RTP/AVP 0\n", ErrNotAcceptable},
		"plain, may":       {Optional, "m=audio 4000 RTP/AVP 0\n", nil},
		"key":              {Required, "m=audio 4000 RTP/SAVP 0\na=crypto:2 AES_CM_128_HMAC_SHA1_32 " + key + "\n", nil},
		"key, wrong tag":   {Required, "m=audio 4000 RTP/SAVP 0\na=crypto:9 AES_CM_128_HMAC_SHA1_32 " + key + "\n", ErrNotAcceptable},
		"key, wrong suite": {Required, "m=audio 4000 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_32 " + key + "\n", ErrNotAcceptable},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t, Options{SRTP: c.mode})
			s.Offer()
			for range 2 { // in a provisional response, and in the final one
				if err := s.Accept([]byte(head + c.answer)); !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			}
		})
	}
	t.Run("no offer", func(t *testing.T) {
		s := newSession(t, Options{})
		if err := s.Accept([]byte(head + "m=audio 4000 RTP/AVP 0\n")); !errors.Is(err, ErrNotAcceptable) {
			t.Errorf("got %v", err)
		}
	})
}

func TestReoffer_KeepsTheMediaInTheirPlaces(t *testing.T) {
	s := newSession(t, Options{})
	if _, err := s.Answer(offerOf(t, "gateway-mux")); err != nil {
		t.Fatal(err)
	}
	d, err := parseSDP(s.Reoffer(SendOnly))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range d.streams {
		got = append(got, m.kind)
	}
	if strings.Join(got, " ") != "video audio image" || d.streams[0].port != 0 || d.streams[1].port == 0 || d.streams[2].port != 0 {
		t.Errorf("media are %v", got)
	}
	if f := d.streams[1].formats; f[0] != "97" || f[len(f)-1] != "96" {
		t.Errorf("formats %v: the far end's numbers must stay", f)
	}
}

func FuzzSDP(f *testing.F) {
	offers, _ := filepath.Glob("testdata/offers/*.sdp")
	for _, name := range offers {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	p := media.NewPacer()
	f.Cleanup(p.Close)
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := parseSDP(b)
		if err != nil {
			if !errors.Is(err, ErrBadSDP) {
				t.Errorf("error of an unknown kind: %v", err)
			}
			return
		}
		for _, mode := range []SRTPMode{Off, Optional, Required} {
			i, terms, err := d.choose([]Codec{PCMU, PCMA}, mode, false)
			if err != nil {
				continue
			}
			if len(terms.formats) == 0 || mode == Required && terms.sends == nil {
				t.Fatalf("chosen without a format or a key: %+v", terms)
			}
			// What we answer can be read again, and refuses nothing but the rest.
			answer := body{addr: loopback, port: 4000, proto: d.streams[i].proto, formats: terms.formats, events: terms.events, dir: terms.dir}
			for j, m := range d.streams {
				if j == i {
					answer.slots = append(answer.slots, slot{})
				} else {
					answer.slots = append(answer.slots, refusal(m))
				}
			}
			back, err := parseSDP(answer.write())
			if err != nil || len(back.streams) != len(d.streams) || back.streams[i].port != 4000 {
				t.Fatalf("our own answer cannot be read: %v\n%s", err, answer.write())
			}
		}
	})
}
