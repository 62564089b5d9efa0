package sip

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/rtp"
)

// selfSigned writes a certificate for loopback, good until it says.
func selfSigned(t *testing.T, dir string, serial int64) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for _, f := range []struct {
		name, kind string
		b          []byte
	}{{cert, "CERTIFICATE", der}, {key, "EC PRIVATE KEY", raw}} {
		if err := os.WriteFile(f.name, pem.EncodeToMemory(&pem.Block{Type: f.kind, Bytes: f.b}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func account(user, realm, password string, agent desk.ID) Account {
	a := user + ":" + realm + ":" + password
	m, s := md5.Sum([]byte(a)), sha256.Sum256([]byte(a))
	return Account{User: user, MD5: hex.EncodeToString(m[:]), SHA256: hex.EncodeToString(s[:]), Name: "Ann", Agent: agent}
}

// baresip is a running baresip.
type baresip struct {
	t    *testing.T
	ctrl net.Conn
	out  *syncBuffer
}

// runBaresip starts a phone with one account.
func runBaresip(t *testing.T, account string) *baresip {
	t.Helper()
	bin := need(t, "baresip")
	dir := t.TempDir()
	ctrl := freePort(t)
	tone := filepath.Join(dir, "tone.wav") // it hangs up when it ends
	samples := make([]int16, 120*8000)
	for i := range samples {
		samples[i] = int16(8000 * math.Sin(2*math.Pi*440*float64(i)/8000))
	}
	var wav bytes.Buffer
	wav.WriteString("RIFF")
	for _, v := range []any{uint32(36 + 2*len(samples)), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(8000), uint32(16000), uint16(2), uint16(16), []byte("data"), uint32(2 * len(samples)), samples} {
		if err := binary.Write(&wav, binary.LittleEndian, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(tone, wav.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf(`
poll_method epoll
sip_listen 127.0.0.1:0
sip_verify_server no
call_max_calls 4
audio_source aufile,%s
audio_player aubridge,sink
audio_alert aubridge,alert
audio_level no
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_stats no
net_interface 127.0.0.1
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module srtp.so
module uuid.so
module_tmp account.so
module_app menu.so
module ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:%d
`, tone, ctrl)
	for name, text := range map[string]string{"config": config, "accounts": account + "\n", "contacts": "", "uuid": "6c3a1c5e-0000-4000-8000-000000000001\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := &baresip{t: t, out: &syncBuffer{}}
	cmd := exec.Command(bin, "-f", dir)
	cmd.Stdout, cmd.Stderr = b.out, b.out
	in, err := cmd.StdinPipe() // it reads keys; at the end of them it would spin
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		in.Close()
		if t.Failed() {
			out := b.out.String()
			t.Logf("baresip:\n%s", out[max(0, len(out)-3000):])
		}
	})
	eventually(t, "baresip can be driven", func() bool {
		b.ctrl, err = net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(ctrl))
		return err == nil
	})
	t.Cleanup(func() { b.ctrl.Close() })
	go func() { _, _ = io.Copy(io.Discard, bufio.NewReader(b.ctrl)) }()
	return b
}

func (b *baresip) do(command, params string) {
	b.t.Helper()
	text, _ := json.Marshal(map[string]string{"command": command, "params": params})
	if _, err := fmt.Fprintf(b.ctrl, "%d:%s,", len(text), text); err != nil {
		b.t.Fatal(err)
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		transport, media string
		srtp             rtp.SRTPMode
	}{
		{"udp", "", rtp.Off},
		{"tls", ";mediaenc=srtp-mand", rtp.Required},
	} {
		t.Run(c.transport, func(t *testing.T) {
			need(t, "baresip")
			bound := &bindings{}
			agent := desk.NewID()
			dir := t.TempDir()
			cert, key := selfSigned(t, dir, 1)
			r := start(t, func(cfg *Config) {
				cfg.Accounts, cfg.Bindings = accounts{"ann": account("ann", "parley", "s3cret-w0rd", agent)}, bound
				cfg.Anonymous, cfg.PhoneSRTP = nil, c.srtp
				if c.transport == "tls" {
					cfg.TLS, cfg.Cert, cfg.Key = "127.0.0.1:0", cert, key
				}
			})
			at := r.Addr(c.transport).String()
			b := runBaresip(t, "<sip:ann@"+at+";transport="+c.transport+">;auth_user=ann;auth_pass=s3cret-w0rd;regint=60;answermode=auto;audio_codecs=PCMA,PCMU"+c.media)
			eventually(t, "the phone is registered", func() bool {
				list, _ := bound.Bound(context.Background(), "ann")
				return len(list) == 1 && list[0].Transport == c.transport
			})
			t.Run("is called", func(t *testing.T) { called(t, r, b, c.transport == "tls", agent) })
			t.Run("calls", func(t *testing.T) { calls(t, r, b, c.transport == "tls", agent, at) })
			t.Run("is transferred", func(t *testing.T) { transferred(t, r, agent, at+";transport="+c.transport) })
			if strings.Contains(r.logs.String(), "s3cret") {
				t.Error("the log holds a password")
			}
		})
	}
}

// hears waits until audio has come.
func hears(t *testing.T, l voice.Leg) {
	t.Helper()
	eventually(t, "audio arrives", func() bool { return l.Stats().Received > 20 })
}

func called(t *testing.T, r *rig, b *baresip, secure bool, agent desk.ID) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	l, err := r.Dial(ctx, voice.Dialing{Agent: agent, From: "1000", Name: "Parley"})
	if err != nil {
		t.Fatal(err)
	}
	next(t, l, voice.LegAnswered)
	hears(t, l)
	if p := l.Peer(); p.Secure != secure || p.Agent != agent || !p.Known {
		t.Errorf("peer %+v, want secure %v", p, secure)
	}
	b.do("hold", "")
	next(t, l, voice.LegHeld)
	b.do("resume", "")
	next(t, l, voice.LegResumed)
	for _, on := range []bool{true, false} {
		if err := l.Hold(ctx, on); err != nil {
			t.Fatalf("hold %v: %v", on, err)
		}
	}
	l.Hangup(voice.Cause{Reason: voice.EndNormal})
	next(t, l, voice.LegEnded)
	eventually(t, "the call is forgotten", func() bool { return r.Active() == 0 })
}

func calls(t *testing.T, r *rig, b *baresip, secure bool, agent desk.ID, at string) {
	b.do("dial", "sip:coffee@"+at)
	l := r.call()
	if p := l.Peer(); p.Number != "ann" || p.Agent != agent || !p.Known || p.Called != "coffee" {
		t.Errorf("peer %+v", p)
	}
	if err := l.Ring(true); err != nil {
		t.Fatal(err)
	}
	answer(t, l)
	hears(t, l)
	if l.Peer().Secure != secure {
		t.Errorf("secure %v, want %v", l.Peer().Secure, secure)
	}
	b.do("sndcode", "7")
	if e := next(t, l, voice.LegDigit); e.Digit != '7' {
		t.Errorf("key %c, want 7", e.Digit)
	}
	b.do("transfer", "sip:+8613800138000@"+at)
	if e := next(t, l, voice.LegTransfer); e.Target != "+8613800138000" {
		t.Errorf("transfer to %q", e.Target)
	}
	l.Hangup(voice.Cause{Reason: voice.EndTransferred})
	next(t, l, voice.LegEnded)
	eventually(t, "the call is forgotten", func() bool { return r.Active() == 0 })
}

func transferred(t *testing.T, r *rig, agent desk.ID, at string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	l, err := r.Dial(ctx, voice.Dialing{Agent: agent})
	if err != nil {
		t.Fatal(err)
	}
	next(t, l, voice.LegAnswered)
	if err := l.Refer(ctx, "sip:elsewhere@"+at); err != nil {
		t.Fatal(err)
	}
	there := r.call()
	if there.Peer().Called != "elsewhere" {
		t.Errorf("it calls %s", there.Peer().Called)
	}
	answer(t, there)
	if e := next(t, l, voice.LegEnded); e.Cause.Reason != voice.EndTransferred {
		t.Errorf("cause %+v, want transferred", e.Cause)
	}
	there.Hangup(voice.Cause{Reason: voice.EndNormal})
	next(t, there, voice.LegEnded)
	eventually(t, "the call is forgotten", func() bool { return r.Active() == 0 })
}
