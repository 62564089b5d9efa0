//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// sample is what a server holds at one moment.
type sample struct {
	at         time.Duration // since the beginning
	goroutines int
	files      int
	ports      int     // UDP sockets
	rss, live  float64 // MB; live: what the last garbage collection left
	up         int     // calls
}

// look reads what the server holds.
func (s *server) look(ctx context.Context, began time.Time) (sample, error) {
	out := sample{at: time.Since(began)}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/metrics", nil)
	if err != nil {
		return out, err
	}
	req.Close = true
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return out, err
	}
	defer r.Body.Close()
	m := metrics(r.Body)
	for _, name := range []string{"go_goroutines", "go_memstats_next_gc_bytes", "process_open_fds", "process_resident_memory_bytes"} {
		if _, ok := m[name]; !ok {
			return out, fmt.Errorf("/metrics has no %s", name)
		}
	}
	out.goroutines, out.files = int(m["go_goroutines"]), int(m["process_open_fds"])
	out.rss = m["process_resident_memory_bytes"] / (1 << 20)
	out.live = m["go_memstats_next_gc_bytes"] / 2 / (1 << 20) // with GOGC=100 the next one comes at twice what was left
	out.ports, err = udpSockets(s.pid())
	return out, err
}

// metrics reads the values without labels of Prometheus' text.
func metrics(r io.Reader) map[string]float64 {
	out := map[string]float64{}
	for s := bufio.NewScanner(r); s.Scan(); {
		name, value, ok := strings.Cut(s.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); ok && err == nil && !strings.HasPrefix(name, "#") && !strings.Contains(name, "{") {
			out[name] = v
		}
	}
	return out
}

// udpSockets counts the UDP sockets of a process.
func udpSockets(pid int) (n int, err error) {
	udp := map[string]bool{}
	for _, file := range []string{"udp", "udp6"} {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, file))
		if err != nil {
			return 0, err
		}
		for l := range strings.Lines(string(b)) {
			if f := strings.Fields(l); len(f) > 9 {
				udp["socket:["+f[9]+"]"] = true
			}
		}
	}
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, f := range files {
		if to, err := os.Readlink(f); err == nil && udp[to] {
			n++
		}
	}
	return n, err
}

// slope is how much y grows for each x, by least squares; 0 of fewer than two
// points.
func slope(x, y []float64) float64 {
	n := float64(len(x))
	var sx, sy, sxx, sxy float64
	for i := range x {
		sx, sy, sxx, sxy = sx+x[i], sy+y[i], sxx+x[i]*x[i], sxy+x[i]*y[i]
	}
	if d := n*sxx - sx*sx; d != 0 {
		return (n*sxy - sx*sy) / d
	}
	return 0
}
