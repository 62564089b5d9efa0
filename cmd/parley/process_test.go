package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// The environment that makes this test binary the program itself, so that what
// is tested is what users run: processes, signals, exit codes.
const asParley = "PARLEY_TEST_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asParley) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const testPassword = "correct horse battery"

// setting is a folder with a configuration in the environment.
type setting struct {
	tb  testing.TB
	dir string
	env map[string]string
}

func newSetting(tb testing.TB) setting {
	tb.Helper()
	dir := tb.TempDir()
	return setting{tb, dir, map[string]string{
		"PARLEY_DATA_DIR": filepath.Join(dir, "data"), "PARLEY_PLAYBOOKS": "testdata/playbooks", "PARLEY_PLAYBOOK": "cafe",
		"PARLEY_ADDR": "127.0.0.1:0", "PARLEY_LOG_FORMAT": "json",
	}}
}

// with is the same with other values of some variables: name, value, …
func (s setting) with(pairs ...string) setting {
	env := map[string]string{}
	for k, v := range s.env {
		env[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	return setting{s.tb, s.dir, env}
}

func (s setting) command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "PARLEY_") && !strings.HasPrefix(kv, "DATABASE_URL=") && !strings.HasPrefix(kv, "NATS_URL=") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, asParley+"=1")
	for k, v := range s.env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	return cmd
}

// run runs a command to its end.
func (s setting) run(input string, args ...string) (out string, code int) {
	s.tb.Helper()
	cmd := s.command(args...)
	cmd.Stdin = strings.NewReader(input)
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	err := cmd.Start()
	if err == nil {
		stop := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		err = cmd.Wait()
		stop.Stop()
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.tb.Fatal(err)
	}
	return b.String(), cmd.ProcessState.ExitCode()
}

// must runs a command that has to succeed.
func (s setting) must(input string, args ...string) string {
	s.tb.Helper()
	out, code := s.run(input, args...)
	if code != 0 {
		s.tb.Fatalf("parley %s: exit code %d: %s", strings.Join(args, " "), code, out)
	}
	return out
}

// node is a running `parley serve`.
type node struct {
	tb   testing.TB
	url  string
	cmd  *exec.Cmd
	log  *buffer
	done chan struct{} // closed when it has ended
}

var listening = regexp.MustCompile(`"msg":"listening"[^\n]*"address":"([^"]+)"`)

// serve starts a node and waits until it is ready.
func (s setting) serve(args ...string) *node {
	s.tb.Helper()
	n := s.launch(args...)
	n.ready()
	return n
}

func (s setting) launch(args ...string) *node {
	s.tb.Helper()
	n := &node{tb: s.tb, cmd: s.command(append([]string{"serve"}, args...)...), log: &buffer{}, done: make(chan struct{})}
	n.cmd.Stdout, n.cmd.Stderr = io.Discard, n.log
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := n.cmd.Start(); err != nil {
		s.tb.Fatal(err)
	}
	go func() { _ = n.cmd.Wait(); close(n.done) }()
	s.tb.Cleanup(func() {
		n.kill()
		if s.tb.Failed() {
			s.tb.Logf("log of %s:\n%s", n.url, tail(n.log.String(), 6000))
		}
	})
	return n
}

func (n *node) ready() {
	n.tb.Helper()
	eventually(n.tb, 40*time.Second, "a node is ready", func() bool {
		select {
		case <-n.done:
			n.tb.Fatalf("the node ended: %s", tail(n.log.String(), 3000))
		default:
		}
		if n.url == "" {
			m := listening.FindStringSubmatch(n.log.String())
			if m == nil {
				return false
			}
			n.url = "http://" + m[1]
		}
		res, err := http.Get(n.url + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == 200
	})
}

// kill ends the node as a power cut does.
func (n *node) kill() {
	_ = n.cmd.Process.Kill()
	<-n.done
}

// stop asks the node to end and returns how long it took.
func (n *node) stop() time.Duration {
	n.tb.Helper()
	began := time.Now()
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		n.tb.Fatal(err)
	}
	select {
	case <-n.done:
	case <-time.After(time.Minute):
		n.tb.Fatal("the node does not end")
	}
	return time.Since(began)
}

// person talks to a node as one console user, or as a customer with a token.
type person struct {
	n      *node
	bearer string
	cookie string
}

// customer begins a session.
func (n *node) customer() person {
	n.tb.Helper()
	var s struct {
		Token string `json:"token"`
	}
	person{n: n}.get(&s, "POST", "/v1/chat/sessions", map[string]any{})
	return person{n: n, bearer: s.Token}
}

// signIn signs a user in.
func (n *node) signIn(email string) person {
	n.tb.Helper()
	status, head, body := person{n: n}.do("POST", "/api/login", map[string]any{"email": email, "password": testPassword})
	if status != 200 {
		n.tb.Fatalf("sign in: %d %s", status, body)
	}
	cookie, _, _ := strings.Cut(head.Get("Set-Cookie"), ";")
	return person{n: n, cookie: cookie}
}

// do makes a call. Status 0 is one that got no answer.
func (p person) do(method, path string, body any) (int, http.Header, []byte) {
	p.n.tb.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			p.n.tb.Fatal(err)
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, p.n.url+path, r)
	if err != nil {
		p.n.tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Parley", "1")
	if p.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+p.bearer)
	}
	if p.cookie != "" {
		req.Header.Set("Cookie", p.cookie)
	}
	client := http.Client{Timeout: 30 * loaded * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return 0, http.Header{}, []byte(err.Error())
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, res.Header, []byte(err.Error())
	}
	return res.StatusCode, res.Header, b
}

// get makes a call that must succeed and decodes its answer; nil: not at all.
// Told that it calls too often it waits, as clients do.
func (p person) get(into any, method, path string, body any) {
	p.n.tb.Helper()
	status, _, b := p.do(method, path, body)
	for try := 0; status == http.StatusTooManyRequests && try < 50; try++ {
		<-time.After(200 * time.Millisecond)
		status, _, b = p.do(method, path, body)
	}
	if status < 200 || status > 299 {
		p.n.tb.Fatalf("%s %s: got %d %s", method, path, status, b)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(b, into); err != nil {
		p.n.tb.Fatalf("%s %s: %v: %s", method, path, err, b)
	}
}

// socket is an open WebSocket with everything that came over it.
type socket struct {
	tb   testing.TB
	conn *websocket.Conn
	got  *buffer
	skip int // bytes of got that sees does not look at
}

// from makes sees look only at what came after so many bytes.
func (s *socket) from(bytes int) { s.skip = bytes }

// dial opens path and sends the first frame, if there is one.
func (p person) dial(path string, first any) *socket {
	p.n.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*loaded*time.Second)
	defer cancel()
	opts := &websocket.DialOptions{HTTPHeader: http.Header{}}
	if p.cookie != "" {
		opts.HTTPHeader.Set("Cookie", p.cookie)
	}
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(p.n.url, "http")+path, opts)
	if err != nil {
		p.n.tb.Fatal(err)
	}
	conn.SetReadLimit(4 << 20)
	s := &socket{tb: p.n.tb, conn: conn, got: &buffer{}}
	p.n.tb.Cleanup(func() { _ = conn.CloseNow() })
	go func() {
		for {
			_, b, err := conn.Read(context.Background())
			if err != nil {
				return
			}
			_, _ = s.got.Write(append(b, '\n'))
		}
	}()
	if first != nil {
		s.send(first)
	}
	return s
}

func (s *socket) send(frame any) {
	s.tb.Helper()
	b, err := json.Marshal(frame)
	if err != nil {
		s.tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*loaded*time.Second)
	defer cancel()
	if err := s.conn.Write(ctx, websocket.MessageText, b); err != nil {
		s.tb.Fatal(err)
	}
}

// sees waits for a frame that has all the words, and returns it.
func (s *socket) sees(limit time.Duration, words ...string) string {
	s.tb.Helper()
	var found string
	eventually(s.tb, limit, fmt.Sprintf("a frame with %q", words), func() bool {
		for line := range strings.SplitSeq(s.got.String()[s.skip:], "\n") {
			all := line != ""
			for _, w := range words {
				all = all && strings.Contains(line, w)
			}
			if all {
				found = line
				return true
			}
		}
		return false
	})
	return found
}

// loaded is how much longer everything may take on a machine that has other
// things to do. Only a test that fails waits for so long.
const loaded = 4

// eventually waits for ok; it looks rather than sleeps for a fixed time. limit
// is that of an idle machine.
func eventually(tb testing.TB, limit time.Duration, what string, ok func() bool) {
	tb.Helper()
	limit *= loaded
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(limit); ; {
		if ok() {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			tb.Fatalf("waited %s in vain: %s", limit, what)
		}
	}
}

// freeAddr is an address on which nobody listens just now, below the ports that
// the kernel gives to outgoing connections, so that none of them takes it first.
func freeAddr(tb testing.TB) string {
	tb.Helper()
	for range 50 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 12000+rand.IntN(8000)))
		if err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	tb.Fatal("no free port")
	return ""
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

type buffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *buffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *buffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
