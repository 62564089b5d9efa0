//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// process is a program that we have started.
type process struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{}
}

// start starts a program; what it says goes to a file.
func start(log string, env []string, name string, args ...string) (*process, error) {
	f, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), f, f
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, log: log, done: make(chan struct{})}
	go func() { _ = cmd.Wait(); close(p.done) }()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop asks it to end, and makes it.
func (p *process) stop() {
	if p == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// tail is the end of what it said.
func (p *process) tail() string {
	b, _ := os.ReadFile(p.log)
	if len(b) > 2000 {
		b = b[len(b)-2000:]
	}
	return string(bytes.TrimSpace(b))
}

// cpu is the processor time that a process has used.
func cpu(pid int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	i := bytes.LastIndexByte(b, ')')
	f := strings.Fields(string(b[i+1:]))
	if i < 0 || len(f) < 13 {
		return 0, errors.New("/proc/pid/stat is unlike itself")
	}
	user, err1 := strconv.ParseInt(f[11], 10, 64)
	system, err2 := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * (time.Second / 100), errors.Join(err1, err2) // USER_HZ is 100 everywhere that Go runs
}

// busy is the processor time that the whole machine has used.
func busy() time.Duration {
	b, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(b), "\n")
	var sum int64
	for i, f := range strings.Fields(line) {
		if v, err := strconv.ParseInt(f, 10, 64); err == nil && i != 4 && i != 5 && i < 9 { // without idle and iowait
			sum += v
		}
	}
	return time.Duration(sum) * (time.Second / 100)
}

// snmp reads a counter of /proc/net/snmp.
func snmp(proto, name string) (int64, error) {
	b, err := os.ReadFile("/proc/net/snmp")
	if err != nil {
		return 0, err
	}
	var names []string
	for l := range strings.Lines(string(b)) {
		f := strings.Fields(l)
		if len(f) == 0 || f[0] != proto+":" {
			continue
		}
		if names == nil {
			names = f
			continue
		}
		for i, n := range names {
			if n == name && i < len(f) {
				return strconv.ParseInt(f[i], 10, 64)
			}
		}
	}
	return 0, fmt.Errorf("/proc/net/snmp has no %s %s", proto, name)
}

// The scheduling policies.
const (
	schedOther = 0
	schedRR    = 2
)

// realtime gives all threads of a process, and those they will start, real-time
// priority, or takes it away.
func realtime(pid int, on bool) error {
	policy, param := uintptr(schedOther), struct{ priority int32 }{}
	if on {
		policy, param.priority = schedRR, 10
	}
	for range 3 { // threads begin meanwhile
		tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
		if err != nil || len(tasks) == 0 {
			return errors.Join(err, errors.New("the process has no threads"))
		}
		for _, t := range tasks {
			tid, err := strconv.Atoi(filepath.Base(t))
			if err != nil {
				return err
			}
			if _, _, e := syscall.Syscall(syscall.SYS_SCHED_SETSCHEDULER, uintptr(tid), policy, uintptr(unsafe.Pointer(&param))); e != 0 && e != syscall.ESRCH {
				return e
			}
		}
	}
	return nil
}

// ports finds free ports: TCP and UDP both.
func ports(n int) ([]int, error) {
	var out []int
	var open []io.Closer
	defer func() {
		for _, c := range open {
			_ = c.Close()
		}
	}()
	for tries := 0; len(out) < n && tries < 100; tries++ {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		open = append(open, l)
		port := l.Addr().(*net.TCPAddr).Port
		u, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err != nil {
			continue
		}
		open = append(open, u)
		out = append(out, port)
	}
	if len(out) < n {
		return nil, errors.New("no free ports")
	}
	return out, nil
}

// server is the program under test.
type server struct {
	*process
	base, shop string
	sip        *net.UDPAddr
	dir        string
}

// serve starts the program with a database of its own, on loopback.
func serve(ctx context.Context, bin, dir, name string, env ...string) (*server, error) {
	p, err := ports(4)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, name)
	s := &server{base: "http://" + hostPort(p[0]), shop: "http://" + hostPort(p[1]), sip: &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: p[2]}, dir: data}
	env = append([]string{
		"PARLEY_ADDR=" + hostPort(p[0]), "PARLEY_BASE_URL=" + s.base, "PARLEY_DATA_DIR=" + data,
		"PARLEY_SIP_UDP=" + hostPort(p[2]), "PARLEY_WEB_UDP=" + hostPort(p[3]), "PARLEY_LOG_LEVEL=warn", "PARLEY_CALL_LINK=false", "PARLEY_DRAIN=5s",
	}, env...)
	if s.process, err = start(filepath.Join(dir, name+".log"), env, bin, "serve", "--demo", "--demo-addr", hostPort(p[1])); err != nil {
		return nil, err
	}
	for {
		r, err := http.Get(s.base + "/readyz")
		if err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return s, nil
			}
		}
		select {
		case <-s.done:
			return nil, fmt.Errorf("the server ended: %s", s.tail())
		case <-ctx.Done():
			s.stop()
			return nil, fmt.Errorf("the server is not ready: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
