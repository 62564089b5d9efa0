//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// rtpengine is Debian's media proxy in user space, driven by its ng protocol as
// a small user agent server would: offer, answer, play media.
type rtpengine struct {
	*process
	ng     *net.UDPConn
	log    *net.UDPConn // of keys
	keys   atomic.Int64
	cookie int
}

var errNoEngine = errors.New("rtpengine is not installed")

func startEngine(ctx context.Context, dir string) (*rtpengine, error) {
	bin, err := exec.LookPath("rtpengine")
	if err != nil {
		return nil, errNoEngine
	}
	p, err := ports(1)
	if err != nil {
		return nil, err
	}
	e := &rtpengine{}
	if e.log, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
		return nil, err
	}
	go e.count()
	if e.process, err = start(filepath.Join(dir, "rtpengine.log"), nil, bin, "--table=-1", "--interface=127.0.0.1", "--listen-ng="+hostPort(p[0]),
		"--port-min=30000", "--port-max=39998", "--dtmf-log-dest="+e.log.LocalAddr().String(), "--foreground", "--log-stderr", "--log-level=3",
		"--num-threads=2", "--media-num-threads=2", "--pidfile="+filepath.Join(dir, "rtpengine.pid")); err != nil {
		return nil, err
	}
	if e.ng, err = net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: p[0]}); err != nil {
		return nil, err
	}
	for range 50 {
		if _, err = e.ask(map[string]any{"command": "ping"}); err == nil {
			return e, nil
		}
		if err := rest(ctx, 100*time.Millisecond); err != nil {
			break
		}
	}
	tail := e.tail()
	e.close()
	return nil, fmt.Errorf("rtpengine does not answer: %w; it said: %s", err, tail)
}

func (e *rtpengine) close() {
	if e.ng != nil {
		_ = e.ng.Close()
	}
	e.stop()
	_ = e.log.Close()
}

// count counts the keys it tells.
func (e *rtpengine) count() {
	b := make([]byte, 4096)
	for {
		n, err := e.log.Read(b)
		if err != nil {
			return
		}
		if bytes.Contains(b[:n], []byte(`"event"`)) {
			e.keys.Add(1)
		}
	}
}

// bencode writes a dictionary of strings, numbers, lists and dictionaries.
func bencode(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case string:
		fmt.Fprintf(b, "%d:%s", len(v), v)
	case int:
		fmt.Fprintf(b, "i%de", v)
	case []string:
		b.WriteByte('l')
		for _, s := range v {
			bencode(b, s)
		}
		b.WriteByte('e')
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		b.WriteByte('d')
		for _, k := range keys {
			bencode(b, k)
			bencode(b, v[k])
		}
		b.WriteByte('e')
	}
}

// bstring finds the string of a key in a bencoded dictionary; none of the
// values we ask for contain what looks like one of their keys.
func bstring(s, key string) string {
	_, rest, ok := strings.Cut(s, fmt.Sprintf("%d:%s", len(key), key))
	if !ok {
		return ""
	}
	length, rest, ok := strings.Cut(rest, ":")
	n, err := strconv.Atoi(length)
	if !ok || err != nil || n < 0 || n > len(rest) {
		return ""
	}
	return rest[:n]
}

// ask sends a command and returns the answer.
func (e *rtpengine) ask(command map[string]any) (string, error) {
	e.cookie++
	var b bytes.Buffer
	fmt.Fprintf(&b, "c%d ", e.cookie)
	mark := b.String()
	bencode(&b, command)
	buf := make([]byte, 65536)
	for range 3 {
		if _, err := e.ng.Write(b.Bytes()); err != nil {
			return "", err
		}
		_ = e.ng.SetReadDeadline(time.Now().Add(time.Second))
		for {
			n, err := e.ng.Read(buf)
			if err != nil {
				break
			}
			answer, mine := strings.CutPrefix(string(buf[:n]), mark)
			if !mine {
				continue
			}
			if r := bstring(answer, "result"); r != "ok" && r != "pong" {
				return "", fmt.Errorf("%v was answered %s: %s", command["command"], r, bstring(answer, "error-reason"))
			}
			return answer, nil
		}
	}
	return "", fmt.Errorf("%v was not answered", command["command"])
}

// call sets one call up and plays the file to it again and again. It returns
// the port of its audio.
func (e *rtpengine) call(id string, port int, file string) (int, error) {
	sdp := func(port int) string {
		return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 0 %d\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:%d telephone-event/8000\r\na=ptime:20\r\n", port, events, events)
	}
	base := func(command string) map[string]any {
		return map[string]any{"command": command, "call-id": id, "from-tag": "caller", "ICE": "remove"}
	}
	offer := base("offer")
	offer["sdp"] = sdp(port)
	if _, err := e.ask(offer); err != nil {
		return 0, err
	}
	answer := base("answer")
	answer["to-tag"], answer["sdp"] = "server", sdp(9) // nobody is there: the prompt is the other side
	got, err := e.ask(answer)
	if err != nil {
		return 0, err
	}
	if port = (message{body: bstring(got, "sdp")}).port(); port == 0 {
		return 0, errors.New("the answer has no audio")
	}
	block := base("block media")
	if _, err := e.ask(block); err != nil {
		return 0, err
	}
	play := base("play media")
	play["file"], play["repeat-times"] = file, 100
	_, err = e.ask(play)
	return port, err
}
