package sip

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
	"github.com/parleyhq/parley/voice/rtp"
)

func TestMain(m *testing.M) {
	sip.SetTimers(100*time.Millisecond, 800*time.Millisecond, time.Second) // what the library waits for
	os.Exit(m.Run())
}

var loopback = netip.MustParseAddr("127.0.0.1")

var discard = slog.New(slog.DiscardHandler)

// patience is how long a test waits for what must happen.
const patience = 40 * time.Second

// rig is a server under test with the calls that come in.
type rig struct {
	*Server
	t     *testing.T
	calls chan *leg
	logs  *syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// start runs a server on loopback. Calls that come in wait in rig.calls, unless
// change sets Incoming.
func start(t *testing.T, change func(*Config)) *rig {
	t.Helper()
	r := &rig{t: t, calls: make(chan *leg, 64), logs: &syncBuffer{}}
	pacer := media.NewPacer()
	cfg := Config{
		UDP: "127.0.0.1:0", T1: 100 * time.Millisecond, T2: 800 * time.Millisecond,
		Anonymous: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Ports:     rtp.NewPorts(0, 0, loopback), Pacer: pacer,
		Incoming: func(_ context.Context, l voice.Leg) { r.calls <- l.(*leg) },
		Log:      slog.New(slog.NewTextHandler(r.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.Server = s
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			t.Error("the server did not stop")
		}
		pacer.Close()
		if t.Failed() {
			out := r.logs.String()
			if len(out) > 6000 {
				out = out[len(out)-6000:]
			}
			t.Logf("server's log:\n%s", out)
		}
	})
	return r
}

// call is the next call that comes in.
func (r *rig) call() *leg {
	r.t.Helper()
	select {
	case l := <-r.calls:
		return l
	case <-time.After(patience):
		r.t.Fatal("no call came in")
		return nil
	}
}

// next waits for an event of a kind and passes over the others.
func next(t *testing.T, l voice.Leg, kind voice.LegEventKind) voice.LegEvent {
	t.Helper()
	limit := time.After(patience)
	var seen []voice.LegEventKind
	for {
		select {
		case e, ok := <-l.Events():
			if !ok {
				t.Fatalf("the leg ended before %s; saw %v", kind, seen)
			}
			if e.Kind == kind {
				return e
			}
			if e.Kind == voice.LegEnded {
				t.Fatalf("the leg ended with %+v before %s; saw %v", e.Cause, kind, seen)
			}
			seen = append(seen, e.Kind)
		case <-limit:
			t.Fatalf("no %s; saw %v", kind, seen)
		}
	}
}

// eventually waits until f is true.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	limit := time.Now().Add(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		if time.Now().After(limit) {
			t.Fatalf("never: %s", what)
		}
		<-tick.C
	}
}

func answer(t *testing.T, l voice.Leg) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := l.Answer(ctx); err != nil {
		t.Fatalf("answer: %v", err)
	}
}

// pcaps is the folder of SIPp's own audio.
func pcaps(t *testing.T) string {
	t.Helper()
	for _, dir := range []string{"/usr/share/sip-tester", "/usr/share/sip-tester/pcap", "/usr/share/sipp/pcap", "/usr/local/share/sipp/pcap"} {
		if _, err := os.Stat(filepath.Join(dir, "dtmf_2833_1.pcap")); err == nil {
			return dir
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("SIPp's pcap files are not installed, and CI must not pass without them")
	}
	t.Skip("SKIPPED, NOT TESTED: SIPp's pcap files are not installed (apt-get install sip-tester)")
	return ""
}

// need finds a program; CI fails without it.
func need(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed, and CI must not pass without it", name)
		}
		t.Skipf("SKIPPED, NOT TESTED: %s is not installed (apt-get install %s)", name, map[string]string{"sipp": "sip-tester", "baresip": "baresip"}[name])
	}
	return path
}

// nextPort makes freePort give each port once, beginning anywhere.
var nextPort = func() *atomic.Int64 {
	n := &atomic.Int64{}
	n.Store(rand.Int64N(1000))
	return n
}()

// freePort is a port nobody uses, for UDP and TCP, the next one neither. It
// lies between those of the audio and those that the kernel gives to outgoing
// connections: one of them, or its TIME_WAIT, could take it before the peer
// does.
func freePort(t *testing.T) int {
	t.Helper()
	for range 200 {
		port := 30000 + 8*int(nextPort.Add(1)%330) // SIPp takes the ones after it for video
		tcp, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		tcp.Close()
		a, errA := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		b, errB := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port + 1})
		if errA == nil {
			a.Close()
		}
		if errB == nil {
			b.Close()
		}
		if errA == nil && errB == nil {
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

// sipp is a running SIPp.
type sipp struct {
	t    *testing.T
	port int
	done chan error
	out  *syncBuffer
	dir  string
}

// runSipp starts SIPp with a scenario of its own ("uac") or one of testdata
// ("hold.xml"). What it calls is "parley".
func runSipp(t *testing.T, scenario, remote string, args ...string) *sipp {
	t.Helper()
	bin := need(t, "sipp")
	s := &sipp{t: t, port: freePort(t), done: make(chan error, 1), out: &syncBuffer{}, dir: t.TempDir()}
	all := []string{"-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", strconv.Itoa(s.port), "-nostdin", "-m", "1", "-s", "parley",
		"-timeout", "30s", "-timeout_error", "-recv_timeout", "15000", "-trace_err", "-error_file", filepath.Join(s.dir, "errors.log"),
		"-trace_msg", "-message_file", filepath.Join(s.dir, "messages.log"), "-mp", strconv.Itoa(freePort(t))}
	if filepath.Ext(scenario) == ".xml" {
		path, err := filepath.Abs(filepath.Join("testdata", "sipp", scenario))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, "-sf", path)
	} else {
		all = append(all, "-sn", scenario)
	}
	all = append(append(all, args...), remote)
	if scenario == "uac_pcap" { // it looks for its audio below its working folder
		if err := os.Symlink(pcaps(t), filepath.Join(s.dir, "pcap")); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(bin, all...)
	cmd.Dir = s.dir
	cmd.Stdout, cmd.Stderr = s.out, s.out
	cmd.Env = append(os.Environ(), "TERM=dumb")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.done <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		if t.Failed() {
			t.Logf("sipp:\n%s", s.report())
		}
	})
	return s
}

// wait returns when SIPp has ended well.
func (s *sipp) wait() {
	s.t.Helper()
	select {
	case err := <-s.done:
		if err != nil {
			s.t.Fatalf("sipp: %v\n%s", err, s.report())
		}
	case <-time.After(45 * time.Second):
		s.t.Fatalf("sipp did not end\n%s", s.report())
	}
}

func (s *sipp) report() string {
	var b bytes.Buffer
	b.WriteString(s.out.String())
	for _, n := range []string{"errors.log", "messages.log"} {
		text, _ := os.ReadFile(filepath.Join(s.dir, n))
		if len(text) > 6000 {
			text = text[len(text)-6000:]
		}
		b.Write(text)
	}
	return b.String()
}

// accounts and bindings in memory.
type accounts map[string]Account

func (a accounts) Account(_ context.Context, user string) (Account, error) {
	if v, ok := a[user]; ok {
		return v, nil
	}
	return Account{}, desk.Errorf(desk.NotFound, "account", "no account %s", user)
}

func (a accounts) AccountsOf(_ context.Context, agent desk.ID) (out []Account, _ error) {
	for _, v := range a {
		if v.Agent == agent {
			out = append(out, v)
		}
	}
	return out, nil
}

type bindings struct {
	mu sync.Mutex
	m  map[string]Binding
}

func (b *bindings) Bind(_ context.Context, x Binding) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.m == nil {
		b.m = map[string]Binding{}
	}
	b.m[x.User+" "+x.Contact] = x
	return nil
}

func (b *bindings) Bound(_ context.Context, user string) (out []Binding, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, x := range b.m {
		if x.User == user && x.Expires.After(time.Now()) {
			out = append(out, x)
		}
	}
	return out, nil
}

func (b *bindings) Unbind(_ context.Context, user, contact string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for k, x := range b.m {
		if x.User == user && (contact == "" || x.Contact == contact) {
			delete(b.m, k)
		}
	}
	return nil
}
