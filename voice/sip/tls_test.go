package sip

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/rtp"
)

// byTLS is a server that speaks TLS, with a certificate of its own.
func byTLS(t *testing.T, cert, key string, change func(*Config)) *rig {
	return start(t, func(c *Config) {
		c.TLS, c.Cert, c.Key = "127.0.0.1:0", cert, key
		c.KeepAlive, c.T1 = 50*time.Millisecond, 20*time.Millisecond
		change(c)
	})
}

func TestTrunk_OverTLSIsChecked(t *testing.T) {
	t.Parallel()
	theirs, theirKey := selfSigned(t, t.TempDir(), 1)
	ours, ourKey := selfSigned(t, t.TempDir(), 2)
	other, otherKey := selfSigned(t, t.TempDir(), 3)
	for _, c := range []struct {
		name             string
		roots, cert, key string
		mutual, up       bool
	}{
		{"one we trust", theirs, "", "", false, true},
		{"one we do not trust", other, "", "", false, false},
		{"one the system does not trust", "", "", "", false, false},
		{"both trust each other", theirs, ours, ourKey, true, true},
		{"we show none", theirs, "", "", true, false},
		{"we show one it does not trust", theirs, other, otherKey, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			far := byTLS(t, theirs, theirKey, func(f *Config) {
				if c.mutual {
					f.Clients = ours
				}
				f.Trunks = []Trunk{{
					Name: "customer", Host: "127.0.0.9", Transport: "tls", SRTP: rtp.Required, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
				}}
			})
			near := byTLS(t, ours, ourKey, func(n *Config) {
				n.Roots, n.ClientCert, n.ClientKey = c.roots, c.cert, c.key
				n.Trunks = []Trunk{{Name: "city", Host: far.Addr("tls").String(), Transport: "tls", SRTP: rtp.Required, Country: "86"}}
			})
			want := TrunkDown
			if c.up {
				want = TrunkUp
			}
			eventually(t, "the trunk is "+want, func() bool { return trunkState(near).State == want })
			l, err := near.Dial(context.Background(), voice.Dialing{To: "+8613800138000"})
			if !c.up {
				if !desk.IsKind(err, desk.Unavailable) {
					t.Errorf("dialling: %v, want unavailable", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			in := far.call()
			answer(t, in)
			next(t, l, voice.LegAnswered)
			if !l.Peer().Secure || !in.Peer().Secure || in.Peer().Trunk != "customer" {
				t.Errorf("peers %+v and %+v, want secure ones", l.Peer(), in.Peer())
			}
			l.Hangup(voice.Cause{Reason: voice.EndNormal})
			next(t, in, voice.LegEnded)
		})
	}
}
