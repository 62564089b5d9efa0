package sip

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
)

// certificate is a key pair that is read again when its files change.
type certificate struct {
	cert, key string

	mu      sync.Mutex // guards all below
	pair    *tls.Certificate
	changed time.Time
	looked  time.Time
}

// serverTLS serves the certificate in two PEM files, and the next one once they
// have been replaced. A pair that cannot be read later leaves the old one.
func serverTLS(cert, key string) (*tls.Config, error) {
	c := &certificate{cert: cert, key: key}
	if err := c.load(); err != nil {
		return nil, desk.Errorf(desk.Invalid, "sip_tls", "the certificate %s: %w", cert, err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

func (c *certificate) load() error {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return err
	}
	c.pair, c.changed = &pair, c.modified()
	return nil
}

// modified is when the later of both files changed.
func (c *certificate) modified() time.Time {
	var t time.Time
	for _, name := range []string{c.cert, c.key} {
		if fi, err := os.Stat(name); err == nil && fi.ModTime().After(t) {
			t = fi.ModTime()
		}
	}
	return t
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) > time.Second {
		c.looked = now
		if !c.modified().Equal(c.changed) {
			_ = c.load() // half written: the old one goes on
		}
	}
	return c.pair, nil
}

// clientTLS is for connections that we begin.
func clientTLS(roots string) (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if roots == "" {
		return conf, nil
	}
	pem, err := os.ReadFile(roots)
	if err != nil {
		return nil, desk.Errorf(desk.Invalid, "sip_tls", "the authorities in %s: %w", roots, err)
	}
	conf.RootCAs = x509.NewCertPool()
	if !conf.RootCAs.AppendCertsFromPEM(pem) {
		return nil, desk.Errorf(desk.Invalid, "sip_tls", "%s holds no certificate in PEM", roots)
	}
	return conf, nil
}
