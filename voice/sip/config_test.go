package sip

import (
	"context"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
	"github.com/parleyhq/parley/voice/rtp"
)

func TestNew_RefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	pacer := media.NewPacer()
	defer pacer.Close()
	for name, change := range map[string]func(*Config){
		"no address":           func(c *Config) { c.UDP = "" },
		"no such address":      func(c *Config) { c.UDP = "nowhere:port" },
		"TLS without a key":    func(c *Config) { c.TLS = "127.0.0.1:0" },
		"a short secret":       func(c *Config) { c.Secret = []byte("short") },
		"accounts alone":       func(c *Config) { c.Accounts = accounts{} },
		"nobody takes calls":   func(c *Config) { c.Incoming = nil },
		"no ports":             func(c *Config) { c.Ports = nil },
		"a trunk to nowhere":   func(c *Config) { c.Trunks = []Trunk{{Name: "a"}} },
		"two trunks alike":     func(c *Config) { c.Trunks = []Trunk{{Name: "a", Host: "h"}, {Name: "a", Host: "h"}} },
		"an unknown transport": func(c *Config) { c.Trunks = []Trunk{{Name: "a", Host: "h", Transport: "sctp"}} },
		"no port":              func(c *Config) { c.Trunks = []Trunk{{Name: "a", Host: "h:x"}} },
		"a certificate alone":  func(c *Config) { c.ClientCert = "/nowhere.pem" },
		"no such certificate":  func(c *Config) { c.ClientCert, c.ClientKey = "/nowhere.pem", "/nowhere.key" },
		"no authorities":       func(c *Config) { c.Roots = "/nowhere.pem" },
	} {
		c := Config{UDP: "127.0.0.1:0", Ports: rtp.NewPorts(0, 0, loopback), Pacer: pacer, Incoming: func(context.Context, voice.Leg) {}}
		change(&c)
		if s, err := New(c); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("%s: %v, want invalid", name, err)
			if s != nil {
				s.Close()
			}
		}
	}
}
