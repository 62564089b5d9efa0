package rtc

import (
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

func TestLoad_FiftyBrowsersHearTheirOwnTone(t *testing.T) {
	s := open(t, nil)
	const pairs = 25
	type pair struct {
		customer, agent *browser
		in, out         voice.Leg
	}
	all := make([]pair, pairs)
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			p := &all[i]
			p.customer, p.in = talk(t, s, false)
			name := desk.ID("agent" + string(rune('A'+i)))
			p.agent, _ = phoneOf(t, s, name, false)
			p.out = called(t, s, name)
			media.Connect(p.in.Line(), p.out.Line())
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	freq := func(i int, agent bool) float64 {
		if agent {
			return 400 + float64(i)*20
		}
		return 1200 + float64(i)*20
	}
	for i, p := range all {
		defer p.customer.say(freq(i, false))()
		defer p.agent.say(freq(i, true))()
	}
	for i, p := range all {
		p.customer.hears(freq(i, true))
		p.agent.hears(freq(i, false))
	}
	for i, p := range all {
		if st := p.in.Stats(); st.Lost > 0 {
			t.Errorf("customer %d: lost %d of %d packets on loopback", i, st.Lost, st.Received)
		}
		if ok := p.out.ID() != p.in.ID(); !ok {
			t.Errorf("pair %d shares the ID %s", i, p.in.ID())
		}
	}
}

func TestServer_RefusesMoreBrowsersThanItTakes(t *testing.T) {
	s := open(t, func(c *Config) { c.MaxPeers = 1 })
	talk(t, s, false)
	if _, _, err := s.Talk(t.Context(), voice.Peer{}, newBrowser(t, false).offer); !desk.IsKind(err, desk.TooMany) {
		t.Errorf("got %v, want too many", err)
	}
}

func TestServer_CloseEndsEverythingAndNothingStays(t *testing.T) {
	before := running()
	t.Run("calls", func(t *testing.T) {
		s := open(t, nil)
		ada, customer := talk(t, s, true)
		phoneOf(t, s, "grace", true)
		agent := called(t, s, "grace")
		s.ConnectVideo(customer, agent)
		defer ada.say(440)()
		customer.SendDigits("123456789")
		if _, _, err := s.Talk(t.Context(), voice.Peer{}, newBrowser(t, true).offer); err != nil { // never connects
			t.Fatal(err)
		}
		ended, l := talk(t, s, false)
		_ = ended.pc.Close()
		next(t, l, voice.LegEnded)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		next(t, customer, voice.LegEnded)
		next(t, agent, voice.LegEnded)
		if n := s.Peers(); n > 0 {
			t.Errorf("%d browsers after Close", n)
		}
		if _, _, err := s.Talk(t.Context(), voice.Peer{}, newBrowser(t, false).offer); !desk.IsKind(err, desk.Unavailable) {
			t.Errorf("talking after Close: got %v, want unavailable", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
	})
	eventually(t, "the goroutines of "+before.what+" to end", func() bool { return running().n <= before.n })
}

type goroutines struct {
	n    int
	what string
}

// running counts the goroutines that are ours or pion's.
func running() (g goroutines) {
	buf := make([]byte, 4<<20)
	buf = buf[:runtime.Stack(buf, true)]
	g.what = "this package and pion"
	for s := range strings.SplitSeq(string(buf), "\n\n") {
		if (strings.Contains(s, "/voice/rtc") || strings.Contains(s, "github.com/pion/")) && !strings.Contains(s, "testing.tRunner") {
			g.n++
		}
	}
	return g
}

func TestServer_BadAddressesAreRefused(t *testing.T) {
	pacer := media.NewPacer()
	defer pacer.Close()
	for name, c := range map[string]Config{
		"no port":     {UDP: "localhost", Pacer: pacer},
		"public name": {UDP: "127.0.0.1:0", Public: []string{"example.org"}, Pacer: pacer},
		"no pacer":    {UDP: "127.0.0.1:0"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(c)
			if err == nil {
				t.Error("opened, want an error")
				_ = s.Close()
			}
		})
	}
	s := open(t, nil)
	if _, err := Open(Config{UDP: s.Addr().String(), Pacer: pacer}); !desk.IsKind(err, desk.Unavailable) {
		t.Errorf("a port that is taken: got %v, want unavailable", err)
	}
}

func TestLeg_ReaderThatStopsEndsTheLegInsteadOfLosingEvents(t *testing.T) {
	s := open(t, nil)
	_, l := talk(t, s, false)
	for range eventRoom {
		l.(*leg).tell(voice.LegEvent{Kind: voice.LegDigit, Digit: '1', At: time.Now()})
	}
	n := 0
	var last voice.LegEvent
	for last = range l.Events() {
		n++
	}
	if n != eventRoom || last.Kind != voice.LegEnded || last.Cause.Reason != voice.EndCongestion {
		t.Errorf("got %d events, the last %+v, want %d and an end by congestion", n, last, eventRoom)
	}
}
