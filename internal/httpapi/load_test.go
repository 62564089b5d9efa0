package httpapi

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/parleyhq/parley/channels/webchat"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

// widgets is how many customers BenchmarkWidgets connects; PARLEY_WIDGETS
// changes it.
func widgets() int {
	if n, err := strconv.Atoi(os.Getenv("PARLEY_WIDGETS")); err == nil && n > 0 {
		return n
	}
	return 5000
}

// BenchmarkWidgets connects thousands of widgets to one server and measures
// the memory each costs and how long an event takes from the bus to the
// customer: to one customer at a time, and to all at once. The customers run
// in a process of their own, so that the memory is the server's alone.
//
//	go test -run xxx -bench Widgets -benchtime 2000x ./internal/httpapi
func BenchmarkWidgets(b *testing.B) {
	n := widgets()
	h := newHouse(b, func(s *Server) { s.Reads = quickReads{s.Reads} })
	crowd := startCrowd(b, h, n)
	idle := memory()
	crowd.connect(b)
	used, resident := memory(), rss()

	var one []time.Duration
	b.ResetTimer()
	for i := range b.N {
		one = append(one, crowd.tell(b, []int{i % n})...)
	}
	b.StopTimer()
	b.ReportMetric(float64(used-idle)/float64(n)/1024, "KB/conn")
	b.ReportMetric(float64(resident)/1024, "MB-rss")
	report(b, "one", one)

	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	report(b, "all", crowd.tell(b, all))
}

func report(b *testing.B, name string, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, name+"-p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, name+"-p99-ms")
}

// quickReads answers for conversations that are nowhere stored, so that the
// benchmark measures lines and events, not the database.
type quickReads struct{ Reads }

func (quickReads) OpenConversation(_ context.Context, contact desk.ID, _ string) (desk.Conversation, bool, error) {
	return conversationOf(contact), true, nil
}

func (quickReads) Conversation(_ context.Context, id desk.ID) (desk.Conversation, error) {
	return conversationOf(id), nil
}

func (quickReads) Timeline(context.Context, desk.ID, int64, int) ([]desk.Event, error) {
	return nil, nil
}

func (quickReads) Journey(context.Context, desk.ID) (routing.Journey, error) {
	return routing.Journey{}, nil
}

func conversationOf(contact desk.ID) desk.Conversation {
	return desk.Conversation{ID: contact, ContactID: contact, Status: desk.Automated, Channel: desk.Webchat, Lang: desk.English}
}

// crowd is the process that plays the customers. It prints the number of each
// customer that got an event, one per line.
type crowd struct {
	h    *house
	n    int
	cmd  *exec.Cmd
	in   *json.Encoder
	got  chan int
	seqs []int64
}

const crowdEnv = "PARLEY_CROWD"

func startCrowd(b *testing.B, h *house, n int) *crowd {
	b.Helper()
	c := &crowd{h: h, n: n, got: make(chan int, n), seqs: make([]int64, n)}
	c.cmd = exec.Command(os.Args[0], "-test.run", "^TestCrowd$")
	c.cmd.Env = append(os.Environ(), crowdEnv+"="+h.url)
	c.cmd.Stderr = os.Stderr
	in := must(c.cmd.StdinPipe())(b)
	out := must(c.cmd.StdoutPipe())(b)
	if err := c.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(); _ = c.cmd.Wait() })
	c.in = json.NewEncoder(in)
	go func() {
		d := json.NewDecoder(out)
		for {
			var i int
			if d.Decode(&i) != nil {
				return
			}
			c.got <- i
		}
	}()
	return c
}

func crowdID(i int) desk.ID { return desk.ID("customer-" + strconv.Itoa(i)) }

func (c *crowd) connect(b *testing.B) {
	b.Helper()
	tokens := make([]string, c.n)
	for i := range tokens {
		tokens[i] = c.h.s.visitors.Sign(webchat.Visitor{Contact: crowdID(i), Address: "visitor:" + strconv.Itoa(i)})
	}
	if err := c.in.Encode(tokens); err != nil {
		b.Fatal(err)
	}
	c.wait(b, c.n)
}

// wait waits for n customers and says when each was heard of.
func (c *crowd) wait(b *testing.B, n int) map[int]time.Time {
	b.Helper()
	at := map[int]time.Time{}
	limit := time.After(3 * time.Minute)
	for range n {
		select {
		case i := <-c.got:
			at[i] = time.Now()
		case <-limit:
			b.Fatalf("only %d of %d customers got it", len(at), n)
		}
	}
	return at
}

// tell publishes one message to each of some customers and measures until each
// says that he has it, the way back included.
func (c *crowd) tell(b *testing.B, whom []int) []time.Duration {
	b.Helper()
	sent := make(map[int]time.Time, len(whom))
	for _, i := range whom {
		c.seqs[i]++
		id := crowdID(i)
		data := encode(desk.Message{ID: desk.NewID(), ConversationID: id, Seq: c.seqs[i], Author: desk.Author{Kind: desk.ByAgent, Name: "Ann"}, Content: desk.Content{Text: strings.Repeat("words ", 20)}})
		sent[i] = time.Now()
		if err := c.h.s.Bus.Publish("conv."+string(id), desk.Event{ConversationID: id, Seq: c.seqs[i], Kind: desk.EventMessage, Data: data, At: time.Now()}); err != nil {
			b.Fatal(err)
		}
	}
	var took []time.Duration
	for i, at := range c.wait(b, len(whom)) {
		took = append(took, at.Sub(sent[i]))
	}
	return took
}

// TestCrowd is the other process of BenchmarkWidgets; by itself it does
// nothing.
func TestCrowd(t *testing.T) {
	url := os.Getenv(crowdEnv)
	if url == "" {
		return
	}
	var tokens []string
	in := json.NewDecoder(os.Stdin)
	if err := in.Decode(&tokens); err != nil {
		t.Fatal(err)
	}
	var out sync.Mutex // guards the standard output
	say := func(i int) {
		out.Lock()
		defer out.Unlock()
		_, _ = os.Stdout.WriteString(strconv.Itoa(i) + "\n")
	}
	// 127.0.0.1 alone has too few ports for repeated runs.
	client := &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{Timeout: 30 * time.Second}).DialContext}}
	gate := make(chan struct{}, 64)
	var failed atomic.Int64
	for i, token := range tokens {
		gate <- struct{}{}
		go func() {
			conn, _, err := websocket.Dial(context.Background(), "ws"+strings.TrimPrefix(url, "http")+"/v1/chat/ws", &websocket.DialOptions{HTTPClient: client})
			if err == nil {
				err = conn.Write(context.Background(), websocket.MessageText, encode(map[string]string{"type": "hello", "token": token}))
			}
			<-gate
			for err == nil {
				var b []byte
				if _, b, err = conn.Read(context.Background()); err == nil && !strings.Contains(string(b[:min(len(b), 20)]), "pong") {
					say(i)
				}
			}
			failed.Add(1)
		}()
	}
	_ = in.Decode(new(any)) // until the benchmark is over
}

// memory is the heap and stacks in use after a collection.
func memory() uint64 {
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// rss is the process's memory in KB as the kernel sees it.
func rss() int {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.Atoi(strings.Fields(rest)[0])
			return n
		}
	}
	return 0
}
