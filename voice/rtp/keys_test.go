package rtp

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/parleyhq/parley/voice/media"
)

// 400 keys in a row, their packets lost at random by the receiver: each key is
// heard, and once. A key is seven packets, so at 30 % one in 4600 is lost
// whole; the dice are fixed so that none is here.
func TestKeys_SurviveLoss(t *testing.T) {
	const all = 400
	for _, percent := range []int{0, 5, 10, 30} {
		t.Run(fmt.Sprintf("%d %%", percent), func(t *testing.T) {
			dice := rand.New(rand.NewPCG(uint64(percent), 1))
			arrived := make(chan struct{}, 100)
			var heard []byte
			a := newSession(t, Options{})
			b := newSession(t, Options{
				OnDigit: func(k byte) { heard = append(heard, k) },
				lose: func() bool {
					arrived <- struct{}{}
					return dice.IntN(100) < percent
				},
			})
			exchange(t, a, b, a.Offer())
			const keys = "0123456789*#ABCD1122"
			var want []byte
			for i := range all {
				key := keys[i%len(keys)]
				want = append(want, key)
				ts := a.out.hush(uint32(i * 1600))
				packets := media.EventPackets(key)
				for n, p := range packets {
					a.out.event(key, n, p, ts)
				}
				a.out.resume()
				for range 5 { // and the audio between two keys
					a.out.Write(silence[:], uint32(i*1600+1000), false)
				}
				for range len(packets) + 5 {
					within(t, arrived, "packet")
				}
			}
			b.Close()
			if string(heard) != string(want) {
				t.Errorf("heard %d keys of %d: %s", len(heard), all, heard)
			}
			if st := b.Stats(); percent > 0 && (st.LossPct < float64(percent)*0.8 || st.LossPct > float64(percent)*1.2) {
				t.Errorf("counted %.1f %% loss of %d %%", st.LossPct, percent)
			}
		})
	}
}

func TestKeys_ArriveInOrder(t *testing.T) {
	for name, inband := range map[string]bool{"events": false, "sounds": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pressed := make(chan byte, 20)
			a, b := newSession(t, Options{}), newSession(t, Options{OnDigit: func(k byte) { pressed <- k }})
			offer := string(a.Offer())
			if inband {
				offer = strings.ReplaceAll(offer, "telephone-event", "nothing-known")
			}
			exchange(t, a, b, []byte(offer))
			a.Digits("15x")
			a.Digits("#d")
			got := ""
			for range 4 {
				got += string(within(t, pressed, "key"))
			}
			if got != "15#D" {
				t.Errorf("got %s, want 15#D", got)
			}
		})
	}
}

// What the line plays gives way to a key, and the stream stays one stream:
// numbers in a row, time stamps that never go back, one source.
func TestKeys_KeepTheStreamWhole(t *testing.T) {
	t.Parallel()
	s := newSession(t, Options{})
	p := newPeer(t, s, 0)
	s.Line().Play(hum(440), nil)
	first, _ := p.read()
	s.Digits("5")
	last := first
	events, audioAfter := 0, 0
	for audioAfter < 5 {
		h, payload := p.read()
		if h.SSRC != first.SSRC || h.Seq != last.Seq+1 {
			t.Fatalf("after %+v came %+v", last, h)
		}
		if d := int32(h.TS - last.TS); d < 0 || d > 3200 {
			t.Fatalf("the clock went from %d to %d", last.TS, h.TS)
		}
		switch {
		case h.PT == 101:
			if events > 0 && (h.Marker || h.TS != last.TS) {
				t.Errorf("packet %d of the key: %+v after %+v", events, h, last)
			}
			if end := payload[1]&0x80 != 0; end != (events >= 4) {
				t.Errorf("packet %d of the key: end %v", events, end)
			}
			events++
		case events > 0:
			if audioAfter == 0 && (events != 7 || !h.Marker) {
				t.Errorf("audio after %d packets of the key: %+v", events, h)
			}
			audioAfter++
		}
		last = h
	}
}

func TestKeys_OfAnotherSourceNumberCount(t *testing.T) {
	pressed := make(chan byte, 20)
	s := newSession(t, Options{OnDigit: func(k byte) { pressed <- k }})
	p := newPeer(t, s, 0)
	p.send(p.packet(0, 160))
	keys := *p
	keys.head.SSRC, keys.head.Seq = 99, 1
	for _, e := range media.EventPackets('7') {
		b := keys.packet(101, 4)
		copy(b[media.HeaderSize:], e.Payload[:])
		keys.head.TS -= 4
		keys.send(b)
	}
	p.send(p.packet(0, 160))
	if k := within(t, pressed, "key"); k != '7' {
		t.Errorf("got %c", k)
	}
	eventually(t, "both packets of the audio", func() bool { return s.Stats().Received == 2 })
	if st := s.Stats(); st.Lost != 0 || len(pressed) != 0 {
		t.Errorf("stats %+v, %d keys more", st, len(pressed))
	}
}
