package rtc

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// film sends pictures until stop: each one packet, its number in its payload.
func (b *browser) film() (stop func()) {
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for i := uint16(0); ; i++ {
			select {
			case <-tick.C:
				_ = b.video.WriteRTP(&rtp.Packet{
					Header:  rtp.Header{Version: 2, Marker: true, SequenceNumber: 1000 + i, Timestamp: 5000 + uint32(i)*900},
					Payload: []byte{0x10, byte(i >> 8), byte(i)},
				})
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-over }
}

func (b *browser) pictures() []rtp.Packet {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]rtp.Packet(nil), b.shown...)
}

func (b *browser) askedFor(ok func(rtcp.Packet) bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.wishes {
		if ok(w) {
			return true
		}
	}
	return false
}

func isPLI(p rtcp.Packet) bool { _, ok := p.(*rtcp.PictureLossIndication); return ok }

// pressed are the keys a browser was sent.
func (b *browser) pressed() (keys []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var d media.Digits
	for _, p := range b.keys {
		if k, ok := d.Packet(p.SSRC, p.Timestamp, p.Payload, p.Marker, time.Now()); ok {
			keys = append(keys, k)
		}
	}
	return keys
}

func TestVideo_GoesBothWaysAndWishesGoBack(t *testing.T) {
	s := open(t, nil)
	ada, customer := talk(t, s, true)
	grace, _ := phoneOf(t, s, "grace", true)
	agent := called(t, s, "grace")
	defer ada.film()()
	defer grace.film()()
	eventually(t, "the cameras", func() bool {
		return customer.(*leg).at.Load().camera.Load() != nil && agent.(*leg).at.Load().camera.Load() != nil
	})
	if len(ada.pictures())+len(grace.pictures()) > 0 {
		t.Error("pictures were shown before they were connected")
	}
	disconnect, ok := s.ConnectVideo(customer, agent)
	if !ok {
		t.Fatal("not connected, want ok")
	}
	eventually(t, "pictures both ways", func() bool { return len(ada.pictures()) > 20 && len(grace.pictures()) > 20 })
	eventually(t, "both to be asked for a key frame", func() bool { return ada.askedFor(isPLI) && grace.askedFor(isPLI) })
	shown := grace.pictures()
	for i := 1; i < len(shown); i++ {
		was, is := shown[i-1], shown[i]
		if is.SSRC != was.SSRC || is.SequenceNumber-was.SequenceNumber != 1 || is.Timestamp-was.Timestamp != 900 || !is.Marker {
			t.Fatalf("packet %d: got %v after %v", i, is.Header, was.Header)
		}
	}

	// What the watching browser misses is asked of the one that shows it.
	lost := shown[10]
	sent := 1000 + uint16(lost.Payload[1])<<8 + uint16(lost.Payload[2])
	if err := grace.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{
		MediaSSRC: lost.SSRC, Nacks: []rtcp.NackPair{{PacketID: lost.SequenceNumber}},
	}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lost packet to be asked for", func() bool {
		return ada.askedFor(func(p rtcp.Packet) bool {
			n, ok := p.(*rtcp.TransportLayerNack)
			return ok && n.Nacks[0].PacketID == sent
		})
	})

	disconnect()
	<-time.After(100 * time.Millisecond)
	n := len(grace.pictures())
	<-time.After(100 * time.Millisecond)
	if more := len(grace.pictures()) - n; more > 0 {
		t.Errorf("%d pictures after disconnect, want none", more)
	}
}

func TestVideo_FollowsAReload(t *testing.T) {
	s := open(t, nil)
	ada, customer := talk(t, s, true)
	before, _ := phoneOf(t, s, "grace", true)
	agent := called(t, s, "grace")
	defer ada.film()()
	if _, ok := s.ConnectVideo(agent, customer); !ok {
		t.Fatal("not connected, want ok")
	}
	eventually(t, "pictures", func() bool { return len(before.pictures()) > 5 })
	_ = before.pc.Close()
	after, _ := phoneOf(t, s, "grace", true)
	defer after.film()()
	eventually(t, "pictures in the new page, and of it", func() bool {
		return len(after.pictures()) > 5 && len(ada.pictures()) > 5
	})
}

func TestVideo_WithoutACameraNothingHappens(t *testing.T) {
	s := open(t, nil)
	ada, customer := talk(t, s, false)
	phoneOf(t, s, "grace", true)
	agent := called(t, s, "grace")
	if disconnect, ok := s.ConnectVideo(customer, agent); ok {
		t.Error("connected with a browser that offers no video")
	} else {
		disconnect()
	}
	if _, ok := s.ConnectVideo(agent, agent); ok {
		t.Error("connected with itself")
	}
	if _, ok := s.ConnectVideo(agent, nil); ok {
		t.Error("connected with nothing")
	}
	customer.Line().Play(&beep{freq: 440}, nil)
	ada.hears(440)
	customer.Hangup(voice.Cause{Reason: voice.EndNormal})
}
