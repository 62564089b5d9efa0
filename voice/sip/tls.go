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
// clients, when there is such a file, are the authorities of those who may
// connect.
func serverTLS(cert, key, clients string) (*tls.Config, error) {
	c, err := keyPair(cert, key)
	if err != nil {
		return nil, err
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.get() }}
	if clients != "" {
		if conf.ClientCAs, err = authorities(clients); err != nil {
			return nil, err
		}
		conf.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return conf, nil
}

// clientTLS is for connections that we begin: roots are whom we trust, the
// system's authorities when empty, and cert and key what we show who asks.
func clientTLS(roots, cert, key string) (conf *tls.Config, err error) {
	conf = &tls.Config{MinVersion: tls.VersionTLS12}
	if roots != "" {
		if conf.RootCAs, err = authorities(roots); err != nil {
			return nil, err
		}
	}
	if cert != "" {
		c, err := keyPair(cert, key)
		if err != nil {
			return nil, err
		}
		conf.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.get() }
	}
	return conf, nil
}

// authorities reads a PEM file.
func authorities(name string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(name)
	if err != nil {
		return nil, desk.Errorf(desk.Invalid, "sip_tls", "the authorities in %s: %w", name, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, desk.Errorf(desk.Invalid, "sip_tls", "%s holds no certificate in PEM", name)
	}
	return pool, nil
}

func keyPair(cert, key string) (*certificate, error) {
	c := &certificate{cert: cert, key: key}
	if err := c.load(); err != nil {
		return nil, desk.Errorf(desk.Invalid, "sip_tls", "the certificate %s: %w", cert, err)
	}
	return c, nil
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

func (c *certificate) get() (*tls.Certificate, error) {
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
