package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/voice"
)

// rubbish is what nobody should send to a SIP port.
func rubbish(r *rand.Rand, to string) []byte {
	invite := fmt.Sprintf("INVITE sip:cafe@%s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.7:5060;branch=z9hG4bK%d\r\nFrom: <sip:x@127.0.0.7>;tag=1\r\nTo: <sip:cafe@%s>\r\nCall-ID: %d\r\nCSeq: 1 INVITE\r\nContent-Length: 99999\r\n\r\nv=0\r\n", to, r.Int64(), to, r.Int64())
	switch r.IntN(4) {
	case 0:
		b := make([]byte, r.IntN(1400))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	case 1:
		return []byte(invite[:r.IntN(len(invite))])
	case 2:
		return []byte(strings.Repeat("BYE ", 300))
	}
	b := []byte(invite)
	for range 8 {
		b[r.IntN(len(b))] = byte(r.Uint32())
	}
	return b
}

// While two talk, strangers throw garbage at every port, and fifty others call
// and hang up whenever they like. The talk goes on, every call has its record,
// and every port is free again.
func TestWeather_GarbageAndCallersWhoComeAndGo(t *testing.T) {
	t.Parallel()
	s, at := newSetting(t).withCalls()
	s.addUser("bo@example.com", "Bo", "owner,agent")
	var first, last int
	if _, err := fmt.Sscanf(s.env["PARLEY_RTP_PORTS"], "%d-%d", &first, &last); err != nil {
		t.Fatal(err)
	}
	n := s.serve()
	bo := n.atWork("bo@example.com")
	browser := bo.softphone()
	outside := newTelephone(t, nil)
	caller := outside.call(address("cafe", at), "+4930123456")
	caller.SendDigits("0")
	conversation := bo.takes()
	call := bo.talking(conversation)
	both(caller, browser)

	const seed = 7
	r := rand.New(rand.NewPCG(seed, seed))
	sipPort, err := net.ResolveUDPAddr("udp4", at)
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"127.0.0.7:0", "127.0.0.8:0"} {
		c, err := net.ListenPacket("udp4", from)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for range 400 {
			_, _ = c.WriteTo(rubbish(r, at), sipPort)
		}
		for port := first; port <= last; port++ {
			for range 4 {
				b := append([]byte{0x80, byte(r.UintN(128))}, rubbish(r, at)...)
				_, _ = c.WriteTo(b, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
			}
		}
	}

	const many = 50
	var wg sync.WaitGroup
	var mu sync.Mutex
	answered := 0
	for i := range many {
		stay := time.Duration(r.Int64N(int64(3 * time.Second)))
		wg.Go(func() {
			p := outside.ring(address("cafe", at), fmt.Sprintf("+49309990%02d", i))
			<-time.After(stay) // whatever the call is doing then
			p.leave()
			eventually(t, 15*time.Second, "a call is over", func() bool { _, over := p.had(voice.LegEnded); return over })
			if _, ok := p.had(voice.LegAnswered); ok {
				mu.Lock()
				answered++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	both(caller, browser) // as if nothing had been
	if live, ok := bo.live(conversation); !ok || live.CallID != call {
		t.Errorf("the call is not up any more: %+v", live)
	}
	caller.leave()
	bo.ended("+4930123456")

	seen := map[string]int{}
	eventually(t, 20*time.Second, "every call has its record", func() bool {
		clear(seen)
		for _, r := range bo.records() {
			if !r.EndedAt.IsZero() && r.Cause.Reason != "" {
				seen[r.From]++
			}
		}
		return len(seen) >= answered+1
	})
	missing := 0
	for i := range many {
		switch seen[fmt.Sprintf("+49309990%02d", i)] {
		case 0:
			missing++
		case 1:
		default:
			t.Errorf("caller %d has %d records", i, seen[fmt.Sprintf("+49309990%02d", i)])
		}
	}
	t.Logf("%d of %d were answered before they hung up; %d hung up before anything was known of them", answered, many, missing)
	if answered < many/3 {
		t.Errorf("only %d of %d were answered", answered, many)
	}
	if missing > many-answered {
		t.Errorf("%d records are missing, of %d calls that were answered", missing, answered)
	}
	eventually(t, 10*time.Second, "all ports are free", func() bool {
		for port := first; port <= last; port++ {
			c, err := net.ListenPacket("udp4", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				return false
			}
			_ = c.Close()
		}
		return true
	})
	for _, bad := range []string{"panic", `"level":"ERROR"`} {
		if strings.Contains(n.log.String(), bad) {
			t.Errorf("the log has %s: seed %d", bad, seed)
		}
	}
}
