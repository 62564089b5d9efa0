package main

import (
	"net"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	sound "github.com/parleyhq/parley/voice/media"
)

// browser is somebody's browser with a microphone and a loudspeaker.
type browser struct {
	*hearing
	pc    *webrtc.PeerConnection
	track *webrtc.TrackLocalStaticSample
	said  chan sound.Source
	over  chan struct{}
}

// newBrowser has made its offer; connect gives it to a server and returns its
// answer.
func newBrowser(tb testing.TB, connect func(offer string) (answer string)) *browser {
	tb.Helper()
	fatal := func(err error) {
		if err != nil {
			tb.Helper()
			tb.Fatal(err)
		}
	}
	var codecs webrtc.MediaEngine
	fatal(codecs.RegisterDefaultCodecs())
	var set webrtc.SettingEngine
	set.SetIncludeLoopbackCandidate(true)
	set.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	set.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(&codecs), webrtc.WithSettingEngine(set)).NewPeerConnection(webrtc.Configuration{})
	fatal(err)
	b := &browser{hearing: &hearing{tb: tb}, pc: pc, said: make(chan sound.Source), over: make(chan struct{})}
	tb.Cleanup(b.close)
	pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := t.ReadRTP()
			if err != nil {
				return
			}
			if p.PayloadType == 0 {
				b.In(0, p.Payload)
			}
		}
	})
	b.track, err = webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: sound.Rate}, "microphone", "me")
	fatal(err)
	_, err = pc.AddTrack(b.track)
	fatal(err)
	_, err = pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo)
	fatal(err)
	offer, err := pc.CreateOffer(nil)
	fatal(err)
	gathered := webrtc.GatheringCompletePromise(pc)
	fatal(pc.SetLocalDescription(offer))
	<-gathered
	fatal(pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: connect(pc.LocalDescription().SDP)}))
	eventually(tb, 15*time.Second, "the browser is connected", func() bool { return pc.ConnectionState() == webrtc.PeerConnectionStateConnected })
	go b.speak()
	return b
}

// close closes the browser, like a user who has had enough.
func (b *browser) close() {
	select {
	case <-b.over:
	default:
		close(b.over)
		_ = b.pc.Close()
	}
}

// speak sends the microphone's sound: silence unless something is said.
func (b *browser) speak() {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var says sound.Source = sound.Silence(0)
	frame := make([]byte, sound.Frame)
	for {
		select {
		case says = <-b.said:
		case <-tick.C:
			if !says.Next(frame) {
				for i := range frame {
					frame[i] = 0xFF
				}
			}
			_ = b.track.WriteSample(media.Sample{Data: append([]byte(nil), frame...), Duration: 20 * time.Millisecond})
		case <-b.over:
			return
		}
	}
}

// hum sends a tone from now on.
func (b *browser) hum(freq float64) { b.said <- sound.Tone([]float64{freq}, 0, 0) }

// talk begins to say words aloud.
func (b *browser) talk(words string) { b.said <- sound.Clip(spoken(b.tb, words)) }

// softphone makes the browser of a console user his telephone.
func (p person) softphone() *browser {
	p.n.tb.Helper()
	b := newBrowser(p.n.tb, func(offer string) string {
		var out struct {
			SDP string `json:"sdp"`
		}
		p.get(&out, "POST", "/api/voice/phone", map[string]any{"sdp": offer})
		return out.SDP
	})
	eventually(p.n.tb, 10*time.Second, "the browser can ring", func() bool {
		var v struct {
			Ready bool `json:"phone_ready"`
		}
		p.get(&v, "GET", "/api/voice", nil)
		return v.Ready
	})
	return b
}
