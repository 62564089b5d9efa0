//go:build linux

package main

import (
	"context"
	"flag"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
	"github.com/parleyhq/parley/voice/rtp"
	"github.com/parleyhq/parley/voice/sip"
)

// lean serves SIP and audio and nothing else: it answers every call, plays one
// prompt again and again and counts keys. No menus, no conversations, no
// database. Its last line is the number of keys.
func lean(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("lean", flag.ExitOnError)
	udp := f.String("udp", "127.0.0.1:5062", "address for SIP")
	prompt := f.String("prompt", "", "WAV file that is played")
	_ = f.Parse(args) // ExitOnError
	file, err := os.Open(*prompt)
	if err != nil {
		return err
	}
	ulaw, err := media.ReadWAV(file)
	_ = file.Close()
	if err != nil {
		return err
	}
	pacer := media.NewPacer()
	defer pacer.Close()
	var keys atomic.Int64
	s, err := sip.New(sip.Config{
		UDP: *udp, Anonymous: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, MaxCalls: 2000, Pacer: pacer,
		Ports: rtp.NewPorts(20000, 29999, netip.AddrFrom4([4]byte{127, 0, 0, 1})),
		Incoming: func(ctx context.Context, leg voice.Leg) {
			answer, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			if leg.Answer(answer) != nil {
				leg.Hangup(voice.Cause{Reason: voice.EndFailed})
			}
			leg.Line().Play(media.Loop(ulaw), nil)
			for e := range leg.Events() {
				if e.Kind == voice.LegDigit {
					keys.Add(1)
				}
			}
		},
	})
	if err != nil {
		return desk.Errorf(desk.KindOf(err), "lean", "%w", err)
	}
	err = s.Run(ctx)
	println(keys.Load())
	return err
}
