package voice_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

const agentID, otherID = desk.ID("agent-1"), desk.ID("agent-2")

// world is an exchange whose time passes by hand, with legs, a spine, a store
// and a bus that are a few lines each.
type world struct {
	t     testing.TB
	x     *voice.Exchange
	pacer *media.Pacer
	spine *spine
	store *ledger
	bus   *bus
	mouth *mouth
	legs  *legs
}

// inWorld runs f in a world of its own.
func inWorld(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.x.Run(ctx) }()
		synctest.Wait()
		f(w)
		for _, l := range w.legs.all() {
			l.tell(voice.LegEvent{Kind: voice.LegEnded, Cause: voice.Cause{Reason: voice.EndNormal}})
		}
		w.pass(time.Second)
		cancel()
		for range 100 {
			w.pass(time.Second)
			select {
			case err := <-done:
				if err != nil {
					t.Errorf("Run: %v", err)
				}
				return
			default:
			}
		}
		t.Error("Run does not end")
	})
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, pacer: media.NewManualPacer(), bus: &bus{subs: map[string][]func(string, []byte){}}}
	w.store = &ledger{records: map[desk.ID]voice.Record{}, finished: map[desk.ID]int{}}
	w.mouth = &mouth{each: 20 * time.Millisecond}
	w.legs = &legs{w: w, refuse: map[string]voice.Cause{}}
	w.spine = newSpine(w.bus)
	w.x = &voice.Exchange{
		Spine: w.spine, Bus: w.bus, Store: w.store, Dialer: w.legs, Softphones: w.legs, Mouth: w.mouth, Speaker: voice.Plain{},
		Pacer: w.pacer, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Config: voice.Config{Node: "n1", DataDir: t.TempDir(), Zone: time.UTC},
	}
	return w
}

// pass lets time go by, frame by frame.
func (w *world) pass(d time.Duration) {
	for range d / (20 * time.Millisecond) {
		w.pacer.Step(1)
		<-time.After(20 * time.Millisecond)
		synctest.Wait()
	}
}

// until lets time go by until ok.
func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	for range 3000 { // a minute
		if ok() {
			return
		}
		w.pass(20 * time.Millisecond)
	}
	w.t.Fatalf("never: %s\nsaid: %q\nlive: %+v", what, w.mouth.all(), w.live())
}

func (w *world) live() []voice.LiveCall {
	out, _ := w.x.Live(context.Background())
	return out
}

// state is that of the only call; empty once it is over and recorded.
func (w *world) state() desk.CallState {
	if l := w.live(); len(l) == 1 {
		return l[0].State
	}
	if w.store != nil && !w.store.settled() {
		return desk.CallEnded
	}
	return ""
}

func (w *world) news() desk.CallNews {
	w.t.Helper()
	l := w.live()
	if len(l) != 1 {
		w.t.Fatalf("%d calls are up, want 1", len(l))
	}
	return l[0].CallNews
}

// do gives a command, as the agent unless By is set.
func (w *world) do(c voice.Command) error {
	c.Call = w.news().CallID
	if c.By.ID == "" {
		c.By = desk.Author{Kind: desk.ByAgent, ID: agentID, Name: "Ann"}
	}
	_, err := w.x.Do(context.Background(), c)
	synctest.Wait()
	return err
}

func (w *world) must(c voice.Command) {
	w.t.Helper()
	if err := w.do(c); err != nil {
		w.t.Fatalf("%s: %v", c.Verb, err)
	}
}

// call is a call that comes in.
func (w *world) call(p voice.Peer) *leg {
	w.t.Helper()
	l := w.legs.make(p)
	ctx := w.t.Context()
	go func() { w.x.Incoming(ctx, l); close(l.over) }()
	synctest.Wait()
	return l
}

func (w *world) caller() *leg {
	return w.call(voice.Peer{Number: "+4930123456", URI: "sip:+4930123456@trunk", Called: "100", Trunk: "t"})
}

// talking is a call in which the agent talks with the customer.
func (w *world) talking() (caller, agent *leg) {
	w.t.Helper()
	w.spine.conv.Status, w.spine.conv.AgentID = desk.Assigned, agentID
	w.spine.greet = nil
	caller = w.caller()
	w.until("the agent is rung", func() bool { return w.legs.of(agentID) != nil })
	agent = w.legs.of(agentID)
	agent.tell(voice.LegEvent{Kind: voice.LegAnswered})
	w.until("they talk", func() bool { return w.state() == desk.CallTalking })
	w.pass(2 * time.Second)
	return caller, agent
}

// heard says whether what goes in at from comes out at to.
func (w *world) heard(from, to *leg) bool {
	w.pass(300 * time.Millisecond)
	to.out.reset()
	frame := make([]byte, media.Frame)
	for i := range frame {
		frame[i] = media.ToULaw(int16(8000 * (1 - 2*(i/4%2)))) // 1 kHz
	}
	for range 20 {
		from.ts += media.Frame
		from.line.Arrive(frame, from.ts)
		w.pass(20 * time.Millisecond)
	}
	return to.out.tone() > 5
}

// leg is a leg whose far end is the test.
type leg struct {
	id     desk.ID
	peer   voice.Peer
	line   *media.Line
	out    *wire
	events chan voice.LegEvent
	over   chan struct{} // Incoming has returned
	ts     uint32

	mu       sync.Mutex
	answered bool
	held     bool
	digits   string
	hung     *voice.Cause
	ended    bool
}

func (l *leg) ID() desk.ID                   { return l.id }
func (l *leg) Peer() voice.Peer              { return l.peer }
func (l *leg) Line() *media.Line             { return l.line }
func (l *leg) Events() <-chan voice.LegEvent { return l.events }
func (l *leg) Ring(bool) error               { return nil }
func (l *leg) Answer(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return desk.Errorf(desk.Conflict, "over", "the leg is over")
	}
	l.answered = true
	return nil
}
func (l *leg) Hold(_ context.Context, on bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = on
	return nil
}
func (l *leg) Refer(context.Context, string) error { return nil }
func (l *leg) SendDigits(keys string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.digits += keys
}
func (l *leg) Hangup(why voice.Cause) {
	l.mu.Lock()
	if l.hung == nil {
		l.hung = &why
	}
	l.mu.Unlock()
	l.tell(voice.LegEvent{Kind: voice.LegEnded, Cause: why})
}
func (l *leg) Stats() media.Stats {
	return media.Stats{Codec: "PCMU", Sent: 10, Received: 10, MOS: 4.4}
}

func (l *leg) tell(e voice.LegEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return
	}
	l.events <- e
	if e.Kind == voice.LegEnded {
		l.ended = true
		l.line.Close()
		close(l.events)
	}
}

func (l *leg) press(keys string) {
	for _, k := range keys {
		l.tell(voice.LegEvent{Kind: voice.LegDigit, Digit: byte(k)})
	}
	synctest.Wait()
}

// hangUp is the far end's.
func (l *leg) hangUp(reason string) {
	l.tell(voice.LegEvent{Kind: voice.LegEnded, Cause: voice.Cause{Reason: reason}})
	synctest.Wait()
}

func (l *leg) gone() *voice.Cause {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hung
}

// wire counts what goes out.
type wire struct {
	mu     sync.Mutex
	frames int
	loud   int // frames with sound
	square int // frames with the tone of heard
}

func (w *wire) Write(ulaw []byte, _ uint32, _ bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frames++
	pcm := make([]int16, len(ulaw))
	media.ULawToPCM(pcm, ulaw)
	sum, turns := 0, 0
	for i, v := range pcm {
		sum += max(int(v), -int(v))
		if i > 0 && (v > 3000) != (pcm[i-1] > 3000) {
			turns++
		}
	}
	if sum/len(pcm) > 100 {
		w.loud++
	}
	if sum/len(pcm) > 4000 && turns >= 30 {
		w.square++
	}
}

func (w *wire) reset()    { w.mu.Lock(); defer w.mu.Unlock(); w.frames, w.loud, w.square = 0, 0, 0 }
func (w *wire) tone() int { w.mu.Lock(); defer w.mu.Unlock(); return w.square }
func (w *wire) noise() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.loud
}

// legs makes legs: it dials, and rings browsers.
type legs struct {
	w      *world
	mu     sync.Mutex
	made   []*leg
	dialed []voice.Dialing
	refuse map[string]voice.Cause
	none   bool // no browser is here
	slow   time.Duration
}

func (s *legs) make(p voice.Peer) *leg {
	l := &leg{id: desk.NewID(), peer: p, out: &wire{}, events: make(chan voice.LegEvent, 64), over: make(chan struct{})}
	l.line = media.NewLine(s.w.pacer, l.out)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = append(s.made, l)
	return l
}

func (s *legs) all() []*leg {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*leg(nil), s.made...)
}

func (s *legs) Dial(_ context.Context, d voice.Dialing) (voice.Leg, error) {
	if d.To == "bad" {
		return nil, desk.Errorf(desk.Invalid, "bad_number", "that is no number")
	}
	s.mu.Lock()
	s.dialed = append(s.dialed, d)
	s.mu.Unlock()
	return s.make(voice.Peer{Number: d.To, Agent: d.Agent}), nil
}

func (s *legs) Call(_ context.Context, agent desk.ID, _ voice.Peer) (voice.Leg, error) {
	if s.none {
		return nil, desk.Errorf(desk.NotFound, "no_browser", "no browser of his is here")
	}
	<-time.After(s.slow)
	return s.make(voice.Peer{Agent: agent}), nil
}

// of is the newest leg of an agent; to, of a number.
func (s *legs) of(agent desk.ID) *leg {
	return s.last(func(l *leg) bool { return l.peer.Agent == agent })
}
func (s *legs) to(number string) *leg {
	return s.last(func(l *leg) bool { return l.peer.Number == number && l.peer.Trunk == "" })
}

func (s *legs) last(ok func(*leg) bool) (found *leg) {
	for _, l := range s.all() {
		if ok(l) {
			found = l
		}
	}
	return found
}

// mouth says each letter for a while, as a buzz.
type mouth struct {
	each time.Duration
	mu   sync.Mutex
	said []string
	fail bool
}

func (m *mouth) Say(_ context.Context, sentence string, _ desk.Lang) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail {
		return nil, fmt.Errorf("no breath")
	}
	m.said = append(m.said, sentence)
	out := make([]byte, int(m.each/(time.Second/media.Rate))*len([]rune(sentence)))
	for i := range out {
		out[i] = media.ToULaw(int16(2000 * (1 - 2*(i/20%2))))
	}
	return out, nil
}

func (m *mouth) all() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.said...)
}

func (m *mouth) has(part string) bool { return m.count(part) > 0 }

func (m *mouth) count(part string) (n int) {
	for _, s := range m.all() {
		if strings.Contains(s, part) {
			n++
		}
	}
	return n
}

// bus is one node's.
type bus struct {
	mu     sync.Mutex
	subs   map[string][]func(string, []byte)
	served map[string]func(context.Context, []byte) (any, error)
	sent   []published
}

type published struct {
	subject string
	data    string
}

func (b *bus) Publish(subject string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	b.mu.Lock()
	subs := append([]func(string, []byte){}, b.subs[subject]...)
	b.sent = append(b.sent, published{subject, string(data)})
	b.mu.Unlock()
	for _, f := range subs {
		f(subject, data)
	}
	return nil
}

func (b *bus) Subscribe(subject string, f func(string, []byte)) (func(), error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subs[subject] = append(b.subs[subject], f)
	return func() {}, nil
}

func (b *bus) Serve(subject string, f func(context.Context, []byte) (any, error)) (func(), error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.served == nil {
		b.served = map[string]func(context.Context, []byte) (any, error){}
	}
	b.served[subject] = f
	return func() { b.mu.Lock(); defer b.mu.Unlock(); delete(b.served, subject) }, nil
}

func (b *bus) Request(ctx context.Context, subject string, in, out any) error {
	b.mu.Lock()
	f := b.served[subject]
	b.mu.Unlock()
	if f == nil {
		return desk.Errorf(desk.Unavailable, "nobody", "nobody serves this")
	}
	data, _ := json.Marshal(in)
	v, err := f(ctx, data)
	if err != nil {
		return err
	}
	data, _ = json.Marshal(v)
	return json.Unmarshal(data, out)
}

// kinds lists what was published on subjects that begin so.
func (b *bus) kinds(prefix string) (out []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.sent {
		if strings.HasPrefix(p.subject, prefix) {
			out = append(out, p.subject)
		}
	}
	return out
}

// ledger keeps records in memory.
type ledger struct {
	mu         sync.Mutex
	records    map[desk.ID]voice.Record
	finished   map[desk.ID]int
	recordings []voice.Recording
	abandoned  []voice.Record
	prompts    map[string]string
	broken     int
}

// fail makes the next ends of a call fail.
func (s *ledger) fail(times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = times
}

func (s *ledger) StartCall(_ context.Context, r voice.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records[r.ID] = r
	return nil
}
func (s *ledger) UpdateCall(ctx context.Context, r voice.Record) error { return s.StartCall(ctx, r) }
func (s *ledger) FinishCall(_ context.Context, r voice.Record) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken > 0 {
		s.broken--
		return false, fmt.Errorf("the disk is full")
	}
	s.records[r.ID] = r
	s.finished[r.ID]++
	return s.finished[r.ID] == 1, nil
}
func (s *ledger) AbandonCalls(context.Context, time.Time, int) ([]voice.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.abandoned
	s.abandoned = nil
	return out, nil
}
func (s *ledger) Beat(context.Context, string, time.Time) error { return nil }
func (s *ledger) Call(_ context.Context, id desk.ID) (voice.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.records[id]
	if !ok {
		return r, desk.Errorf(desk.NotFound, "no_call", "no such call")
	}
	return r, nil
}
func (s *ledger) AddRecording(_ context.Context, r voice.Recording) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recordings = append(s.recordings, r)
	return nil
}
func (s *ledger) Prompt(_ context.Context, name string, lang desk.Lang) (string, error) {
	if p, ok := s.prompts[name+"."+string(lang)]; ok {
		return p, nil
	}
	return "", desk.Errorf(desk.NotFound, "no_prompt", "no such prompt")
}

// settled reports whether all records are finished.
func (s *ledger) settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.finished) == len(s.records)
}

// only is the only record, which must be finished exactly once.
func (s *ledger) only(t testing.TB) voice.Record {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.records) != 1 {
		t.Fatalf("%d records, want 1", len(s.records))
	}
	for id, r := range s.records {
		if s.finished[id] != 1 {
			t.Errorf("the record was finished %d times, want once", s.finished[id])
		}
		return r
	}
	return voice.Record{}
}
