package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/rtp"
	"github.com/parleyhq/parley/voice/sip"
)

// certificate writes a certificate of 127.0.0.1 that is its own authority.
func certificate(tb testing.TB) (cert, key string) {
	tb.Helper()
	fatal := func(err error) {
		if err != nil {
			tb.Helper()
			tb.Fatal(err)
		}
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fatal(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "parley"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	fatal(err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	fatal(err)
	dir := tb.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	fatal(os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	fatal(os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600))
	return cert, key
}

// An agent's desk telephone: it registers by digest over TLS, its audio is
// encrypted, and it transfers by itself.
func TestDeskTelephone_RegistersTalksAndTransfers(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t)
	tls := freeAddr(t)
	s, at := newSetting(t).withCalls()
	s = s.with("PARLEY_SIP_TLS", tls, "PARLEY_SIP_TLS_CERT", cert, "PARLEY_SIP_TLS_KEY", key, "PARLEY_SRTP", "required")
	s.addUser("bo@example.com", "Bo", "owner,agent")
	n := s.serve()
	bo := n.atWork("bo@example.com")

	var account struct {
		Password string `json:"password"`
	}
	bo.get(&account, "POST", "/api/voice/phones", map[string]any{"user": "bo", "agent_id": bo.id, "label": "On Bo's desk"})
	desktop := func(password string) *telephone {
		return newTelephone(t, func(c *sip.Config) {
			c.UDP, c.TLS, c.Cert, c.Key, c.Roots, c.PhoneSRTP = "", "127.0.0.1:0", cert, key, cert, rtp.Required
			c.Trunks = []sip.Trunk{{Name: "desk", Host: tls, Transport: "tls", User: "bo", Password: password, Register: true, SRTP: rtp.Required, AllowRefer: true}}
		})
	}

	// Somebody who guesses the password does not get in, neither to register nor
	// to call.
	thief := desktop("guessed")
	eventually(t, 10*time.Second, "the wrong password is refused", func() bool { return thief.Trunks()[0].State == sip.TrunkDown })
	if d := thief.Trunks()[0].Detail; !strings.HasPrefix(d, "403") {
		t.Errorf("refused with %q, want 403", d)
	}
	if e := thief.dial(voice.Dialing{To: "100", Trunk: "desk"}).until(voice.LegEnded); e.Cause.SIP != 403 {
		t.Errorf("a call with the wrong password ended with %+v, want 403", e.Cause)
	}
	thief.stop()

	phone := desktop(account.Password)
	eventually(t, 10*time.Second, "the telephone is registered", func() bool { return phone.Trunks()[0].State == sip.TrunkUp })
	var state struct {
		Where  string `json:"where"`
		Phones []struct {
			User       string `json:"user"`
			Registered bool   `json:"registered"`
		} `json:"phones"`
	}
	bo.get(&state, "PUT", "/api/voice/me", map[string]any{"where": "phone"})
	if state.Where != "phone" || len(state.Phones) != 1 || !state.Phones[0].Registered {
		t.Errorf("the console shows %+v", state)
	}

	outside := newTelephone(t, nil)
	caller := outside.call(address("cafe", at), "+4930123456")
	caller.SendDigits("0")
	conversation := bo.takes()
	ringing := phone.rung()
	if got := ringing.Peer().Number; got != "+4930123456" {
		t.Errorf("the telephone shows %q, want the caller's number", got)
	}
	ringing.answer()
	call := bo.talking(conversation)
	if !ringing.Peer().Secure {
		t.Error("the telephone's call is not encrypted")
	}
	both(caller, ringing)

	// He transfers by his telephone's own key, blindly.
	third := newTelephone(t, nil)
	if err := ringing.Refer(t.Context(), address("third", third.addr())); err != nil {
		t.Fatal(err)
	}
	other := third.rung()
	other.answer()
	ringing.until(voice.LegEnded)
	both(caller, other)
	other.leave()
	caller.until(voice.LegEnded)
	r := bo.ended("+4930123456")
	if r.ID != call || r.Cause.Reason != voice.EndTransferred || r.AgentID != bo.id || r.ConversationID != conversation {
		t.Errorf("the record is %+v, want a transferred call of Bo's", r)
	}
	if got := bo.marks(conversation, desk.MarkCall); len(got) == 0 {
		t.Error("the call is not in the conversation")
	}
}
