package rtc

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestTalk_AudioGoesBothWays(t *testing.T) {
	for name, laws := range map[string][]string{
		"µ-law and A-law": {webrtc.MimeTypePCMU, webrtc.MimeTypePCMA},
		"A-law only":      {webrtc.MimeTypePCMA},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, nil)
			b := newBrowserWith(t, false, laws...)
			answer, l, err := s.Talk(t.Context(), voice.Peer{Name: "Ada"}, b.offer)
			if err != nil {
				t.Fatal(err)
			}
			b.accept(answer)
			if err := l.Answer(t.Context()); err != nil {
				t.Fatal(err)
			}
			e := &ear{}
			l.Line().Tap(e)
			stop := b.say(1000)
			defer stop()
			l.Line().Play(&beep{freq: 440}, nil)
			e.hears(t, 1000)
			if len(laws) == 2 {
				b.hears(440)
			} else {
				eventually(t, "sound", func() bool { return b.samples() > 8000 })
			}
			if !l.Peer().Secure || l.Peer().Name != "Ada" {
				t.Errorf("got peer %+v, want Ada, secure", l.Peer())
			}
			if codec := l.Stats().Codec; (codec == "PCMA") != (len(laws) == 1) {
				t.Errorf("got codec %s for %v", codec, laws)
			}
			l.Hangup(voice.Cause{Reason: voice.EndNormal, By: "agent"})
			if e := next(t, l, voice.LegEnded); e.Cause.By != "agent" {
				t.Errorf("got cause %+v, want the one of Hangup", e.Cause)
			}
			eventually(t, "the connection to go", func() bool { return s.Peers() == 0 })
		})
	}
}

func TestTalk_OnEveryAddressOfTheMachine(t *testing.T) {
	s := open(t, func(c *Config) { c.UDP, c.Loopback = ":0", true })
	b, l := talk(t, s, false)
	l.Line().Play(&beep{freq: 440}, nil)
	b.hears(440)
}

func TestTalk_NothingIsHeardBeforeTheAnswer(t *testing.T) {
	s := open(t, nil)
	b := newBrowser(t, false)
	answer, l, err := s.Talk(t.Context(), voice.Peer{}, b.offer)
	if err != nil {
		t.Fatal(err)
	}
	l.Line().Play(&beep{freq: 440}, nil)
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := l.Answer(short); !desk.IsKind(err, desk.Unavailable) {
		t.Errorf("answering before the browser has connected: got %v, want unavailable", err)
	}
	b.accept(answer)
	<-time.After(200 * time.Millisecond)
	if n := b.samples(); n > 0 {
		t.Errorf("heard %d samples before the answer, want none", n)
	}
	if err := l.Ring(true); err != nil {
		t.Fatal(err)
	}
	b.hears(440)
}

func TestTalk_EndsWithItsBrowser(t *testing.T) {
	for name, c := range map[string]struct {
		leave func(*browser)
		want  string
	}{
		"closed":   {func(b *browser) { _ = b.pc.Close() }, voice.EndNormal},
		"vanished": {func(b *browser) { b.net.cut.Store(true) }, voice.EndLost},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, func(c *Config) { c.Patience = 2 * time.Second })
			b, l := talk(t, s, false)
			c.leave(b)
			if e := next(t, l, voice.LegEnded); e.Cause.Reason != c.want {
				t.Errorf("got %+v, want %s", e.Cause, c.want)
			}
			if err := l.Answer(t.Context()); !desk.IsKind(err, desk.Conflict) {
				t.Errorf("answering an ended leg: got %v, want conflict", err)
			}
		})
	}
}

func TestTalk_BrowserThatNeverConnectsIsLost(t *testing.T) {
	s := open(t, func(c *Config) { c.Patience = time.Second })
	_, l, err := s.Talk(t.Context(), voice.Peer{}, newBrowser(t, false).offer)
	if err != nil {
		t.Fatal(err)
	}
	if e := next(t, l, voice.LegEnded); e.Cause.Reason != voice.EndLost {
		t.Errorf("got %+v, want lost", e.Cause)
	}
}

func TestKeys_AreHeardAlsoWhenTheyComeFirst(t *testing.T) {
	s := open(t, nil)
	b, l := talk(t, s, false)
	const keys = "159#*0AD"
	for _, k := range []byte(keys) { // before any audio
		b.press(k)
	}
	for _, want := range []byte(keys) {
		if e := next(t, l, voice.LegDigit); e.Digit != want {
			t.Errorf("got key %q, want %q", e.Digit, want)
		}
	}
	e := &ear{}
	l.Line().Tap(e)
	defer b.say(1000)()
	e.hears(t, 1000)
}

func TestKeys_AreSentBetweenTheAudio(t *testing.T) {
	s := open(t, nil)
	b, l := talk(t, s, false)
	l.Line().Play(&beep{freq: 440}, nil)
	b.hears(440)
	l.SendDigits("42x#")
	eventually(t, "three keys", func() bool { return len(b.pressed()) == 3 })
	if got := string(b.pressed()); got != "42#" {
		t.Errorf("got keys %q, want 42#", got)
	}
	b.deaf()
	b.hears(440)
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := 1; i < len(b.seqs); i++ {
		if b.seqs[i]-b.seqs[i-1] != 1 {
			t.Fatalf("packet %d: sequence %d after %d", i, b.seqs[i], b.seqs[i-1])
		}
	}
	if k := b.keys[0]; k.Timestamp-b.stamps[0] > 30*8000 {
		t.Errorf("the key's clock is %d samples from the audio's", k.Timestamp-b.stamps[0])
	}
}

func TestStats_TellQualityBothWays(t *testing.T) {
	s := open(t, nil)
	b, l := talk(t, s, true) // the reports of video are not mistaken for audio's
	defer b.say(1000)()
	l.Line().Play(&beep{freq: 440}, nil)
	eventually(t, "the browser's report", func() bool { return l.Stats().RTTMs > 0 })
	st := l.Stats()
	if st.Codec != "PCMU" || st.Sent == 0 || st.Received == 0 || st.Lost != 0 || st.MOS < 4 || st.RTTMs > 500 {
		t.Errorf("got %+v, want PCMU, packets both ways, none lost, a MOS above 4", st)
	}
}

func TestOffer_ChromiumsIsAnsweredWithPCMUAndKeys(t *testing.T) {
	s := open(t, nil)
	offer, err := os.ReadFile("testdata/chromium-156.sdp")
	if err != nil {
		t.Fatal(err)
	}
	answer, _, err := s.Phone(t.Context(), "grace", "Grace", string(offer))
	if err != nil {
		t.Fatal(err)
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(answer); err != nil {
		t.Fatal(err)
	}
	if _, lite := d.Attribute("ice-lite"); !lite {
		t.Error("the answer is not ICE-lite")
	}
	if n := len(d.MediaDescriptions); n != 2 {
		t.Fatalf("got %d media, want audio and video", n)
	}
	for i, want := range []string{"0 8 126", "96"} {
		m := d.MediaDescriptions[i]
		if got := strings.Join(m.MediaName.Formats, " "); got != want {
			t.Errorf("%s: got formats %s, want %s", m.MediaName.Media, got, want)
		}
		if _, both := m.Attribute("sendrecv"); !both {
			t.Errorf("%s is not sendrecv", m.MediaName.Media)
		}
		if _, mux := m.Attribute("rtcp-mux"); !mux {
			t.Errorf("%s has no rtcp-mux", m.MediaName.Media)
		}
	}
	a := d.MediaDescriptions[0]
	if _, ok := a.Attribute("end-of-candidates"); !ok {
		t.Error("the answer is not complete")
	}
	candidates := 0
	for _, at := range a.Attributes {
		if at.Key == "candidate" {
			candidates++
			if !strings.Contains(at.Value, " 127.0.0.1 ") || !strings.Contains(at.Value, " typ host") {
				t.Errorf("got candidate %s, want 127.0.0.1, host", at.Value)
			}
		}
	}
	if candidates == 0 {
		t.Error("the answer has no candidate")
	}
}

func TestOffer_WhatCannotBeAnsweredIsRefused(t *testing.T) {
	s := open(t, nil)
	b, err := os.ReadFile("testdata/chromium-156.sdp")
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	audio, video, _ := strings.Cut(good, "m=video")
	for name, c := range map[string]struct {
		offer string
		want  desk.Kind
	}{
		"nothing":        {"", desk.Invalid},
		"no SDP":         {"hello", desk.Invalid},
		"no audio":       {audio[:strings.Index(audio, "m=audio")] + "m=video" + video, desk.Invalid},
		"no G.711":       {strings.NewReplacer(" 0 8 ", " ", "PCMU", "XX", "PCMA", "YY").Replace(good), desk.Invalid},
		"two videos":     {good + "m=video" + video, desk.Invalid},
		"data channel":   {good + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\na=sctp-port:5000\r\n", desk.Invalid},
		"no fingerprint": {dropLines(good, "a=fingerprint"), desk.Invalid},
		"no ufrag":       {dropLines(good, "a=ice-ufrag"), desk.Invalid},
		"no mid":         {dropLines(good, "a=mid"), desk.Invalid},
		"too large":      {good + strings.Repeat("a=x:y\r\n", 10000), desk.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := s.Talk(t.Context(), voice.Peer{}, c.offer); !desk.IsKind(err, c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	eventually(t, "the refused ones to be forgotten", func() bool { return s.Peers() == 0 })
	if _, _, err := s.Phone(t.Context(), "", "", good); !desk.IsKind(err, desk.Invalid) {
		t.Errorf("a phone of nobody: got %v, want invalid", err)
	}
}

func dropLines(s, prefix string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if !strings.HasPrefix(line, prefix) {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestOffer_PublicAddressIsTold(t *testing.T) {
	s := open(t, func(c *Config) { c.Public = []string{"203.0.113.7"} })
	answer, _, err := s.Talk(t.Context(), voice.Peer{}, newBrowser(t, false).offer)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(answer, " 203.0.113.7 ") || strings.Contains(answer, " 127.0.0.1 ") {
		t.Errorf("got %s, want the public address only", answer)
	}
}
