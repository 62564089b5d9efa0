package voice_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/events"
	"github.com/parleyhq/parley/internal/jobs"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/playbook"
	"github.com/parleyhq/parley/routing"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// house is an exchange over the real conversations: the router, a database, the
// bus, the job queue and the coffee playbook. Its time is the real one.
type house struct {
	*world
	router *routing.Router
	db     *store.DB
}

type books struct{ *playbook.Built }

func (b books) Book(context.Context, string, int) (desk.Book, error) { return b.Built, nil }
func (b books) Live(context.Context, string) (string, int, error)    { return "coffee", 1, nil }

// routed is the router as calls see it.
type routed struct {
	*routing.Router
	reads *store.Routing
}

func (s routed) Begin(ctx context.Context, b voice.Began) (desk.Conversation, error) {
	return s.CallBegan(ctx, routing.CallStart(b))
}
func (s routed) Hear(ctx context.Context, in desk.Inbound) (desk.Conversation, error) {
	r, err := s.Router.Hear(ctx, in)
	return r.Conversation, err
}
func (s routed) End(ctx context.Context, e voice.Over) error {
	return s.CallEnded(ctx, routing.CallOver{Call: e.Call, Conversation: e.Conversation, Cause: e.Cause.Reason, Waiting: e.Waiting})
}
func (s routed) Voicemail(context.Context, desk.ID, []byte, int, string) error { return nil }
func (s routed) Take(ctx context.Context, by desk.Author, id desk.ID) error {
	_, err := s.Router.Take(ctx, by, id)
	return err
}
func (s routed) Transfer(ctx context.Context, by desk.Author, id desk.ID, q desk.QueueName, to desk.ID, note string) error {
	_, err := s.Router.Transfer(ctx, by, id, routing.Destination{Queue: q, Agent: to}, note)
	return err
}
func (s routed) Close(ctx context.Context, by desk.Author, id desk.ID, d string) error {
	_, err := s.Router.Close(ctx, by, id, d)
	return err
}
func (s routed) Conversation(ctx context.Context, id desk.ID) (desk.Conversation, error) {
	return s.reads.Conversation(ctx, id)
}
func (s routed) Contact(ctx context.Context, id desk.ID) (desk.Contact, error) {
	return s.reads.Contact(ctx, id)
}
func (s routed) Events(ctx context.Context, id desk.ID, after int64, limit int) ([]desk.Event, error) {
	return s.reads.Timeline(ctx, id, after, limit)
}
func (s routed) Queue(ctx context.Context, name desk.QueueName) (desk.Queue, error) {
	q, _, err := s.reads.Queue(ctx, name)
	return q, err
}
func (s routed) SendLink(context.Context, desk.ID) (bool, error) { return false, nil }

func openHouse(t *testing.T) *house {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	p, err := playbook.Read(os.DirFS(filepath.Join("..", "playbooks", "coffee")))
	if err != nil {
		t.Fatal(err)
	}
	built, err := p.Build(t.Context(), playbook.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	bus, err := events.Open(events.Options{})
	if err != nil {
		t.Fatal(err)
	}
	db := storetest.Open(t, storetest.SQLite(t))
	queue := jobs.New(db, log, jobs.Options{Workers: 4, Poll: 50 * time.Millisecond})
	h := &house{db: db, router: &routing.Router{Store: db.Routing(), Books: books{built}, Bus: bus, Node: "n1", Log: log}}
	h.router.Register(queue)
	w := &world{t: t, pacer: media.NewPacer(), mouth: &mouth{each: 2 * time.Millisecond}}
	w.legs = &legs{w: w}
	w.x = &voice.Exchange{
		Spine: routed{h.router, db.Routing()}, Bus: bus, Store: db.Voice(), Dialer: w.legs, Softphones: w.legs, Mouth: w.mouth,
		Speaker: voice.Plain{}, Pacer: w.pacer, Log: log,
		Config: voice.Config{Node: "n1", DataDir: t.TempDir(), Drain: time.Second, MaxLate: time.Second},
	}
	h.world = w
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- queue.Run(ctx) }()
	go func() { ended <- w.x.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		w.pacer.Close()
		bus.Close()
	})
	return h
}

// soon waits until ok, at most some seconds; a loaded machine needs more of them.
func (h *house) soon(what string, ok func() bool) {
	h.t.Helper()
	deadline := time.After(40 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			h.t.Fatalf("never: %s\nsaid: %q\nlive: %+v", what, h.mouth.all(), h.live())
		}
	}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// A call from the greeting to the agent, over the real conversations: keys, a
// tap on the page, the queue, the talk, the record.
func TestHouse_ACallOrdersByKeysAndPageAndEndsWithAnAgent(t *testing.T) {
	h := openHouse(t)
	ctx := t.Context()
	h.must(h.router.PutAgent(ctx, desk.Agent{ID: agentID, Name: "Ann"}))

	caller := h.legs.make(voice.Peer{Number: "+4930123456", URI: "sip:+4930123456@trunk", Called: "100", Trunk: "t", Lang: desk.English})
	go func() { h.x.Incoming(ctx, caller); close(caller.over) }()
	press := func(key byte) { caller.tell(voice.LegEvent{Kind: voice.LegDigit, Digit: key}) }
	h.soon("the menu is spoken", func() bool { return h.mouth.has("How can we help?") && h.mouth.has("press 1") })
	press('1')
	h.soon("the flow asks", func() bool { return h.mouth.has("What would you like?") })
	press('1')
	h.soon("the next slot", func() bool { return h.mouth.has("Small or large?") })
	press('2')
	h.soon("the address is asked", func() bool { return h.mouth.has("Where shall we bring it?") && h.mouth.has("type it on the page") })

	conv, err := h.db.Routing().Conversation(ctx, h.live()[0].ConversationID)
	h.must(err)
	began := time.Now()
	_, err = h.router.Accept(ctx, desk.Inbound{Channel: desk.Webchat, Address: "page", Contact: conv.ContactID, ExternalID: "tap-1", Text: "5 Elm Street"})
	h.must(err)
	h.soon("the page's answer moves the call", func() bool { return h.mouth.has("Pay online or in cash?") })
	t.Logf("tap to speech: %v", time.Since(began).Round(time.Millisecond))
	press('1')
	h.soon("the summary is spoken", func() bool { return h.mouth.has("Latte") && h.mouth.has("5 Elm Street") })

	press('0')
	h.soon("he waits", func() bool { return h.state() == desk.CallQueued && h.mouth.has("Nobody is at work") })
	h.must(h.router.Connected(ctx, agentID))
	_, err = h.router.SetPresence(ctx, agentID, desk.Available)
	h.must(err)
	var offer desk.Offer
	h.soon("it is offered", func() bool {
		open, err := h.db.Routing().OpenOffers(ctx, agentID)
		if err == nil && len(open) == 1 {
			offer = open[0]
		}
		return offer.ID != ""
	})
	_, err = h.router.AcceptOffer(ctx, agentID, offer.ID)
	h.must(err)
	h.soon("the agent's browser is called", func() bool { return h.legs.of(agentID) != nil })
	h.legs.of(agentID).tell(voice.LegEvent{Kind: voice.LegAnswered})
	h.soon("they talk", func() bool { return h.state() == desk.CallTalking && h.mouth.has("You are connected to Ann.") })

	call := h.live()[0].CallID
	caller.tell(voice.LegEvent{Kind: voice.LegEnded, Cause: voice.Cause{Reason: voice.EndNormal}})
	<-caller.over
	r, err := h.db.Voice().Call(ctx, call)
	h.must(err)
	if r.Cause.Reason != voice.EndNormal || r.AgentID != agentID || r.Queue != "support" || r.EndedAt.IsZero() || r.Playbook != "coffee" || r.TalkedAt.IsZero() {
		t.Errorf("record %+v", r)
	}
	conv, err = h.db.Routing().Conversation(ctx, conv.ID)
	h.must(err)
	if conv.OnCall != "" || conv.Status != desk.Assigned {
		t.Errorf("conversation %+v", conv)
	}
	if _, err := h.x.Do(ctx, voice.Command{Call: call, Verb: voice.DoHold}); !desk.IsKind(err, desk.NotFound) {
		t.Errorf("a command on a call that is over: %v", err)
	}
}

// Who calls again within half an hour goes on where he was.
func TestHouse_ACallThatDroppedGoesOn(t *testing.T) {
	h := openHouse(t)
	call := func() *leg {
		l := h.legs.make(voice.Peer{Number: "+4930123456", Called: "100", Trunk: "t", Lang: desk.Chinese})
		go func() { h.x.Incoming(context.Background(), l); close(l.over) }()
		return l
	}
	first := call()
	h.soon("it is Chinese", func() bool { return h.mouth.has("请问需要什么帮助") })
	first.tell(voice.LegEvent{Kind: voice.LegDigit, Digit: '1'})
	h.soon("the flow asks", func() bool { return h.mouth.count("想喝点什么") == 1 })
	first.tell(voice.LegEvent{Kind: voice.LegEnded, Cause: voice.Cause{Reason: voice.EndLost}})
	<-first.over
	second := call()
	h.soon("it asks again", func() bool { return h.mouth.count("想喝点什么") == 2 })
	if h.mouth.count("请问需要什么帮助") != 1 {
		t.Errorf("he was greeted anew: %q", h.mouth.all())
	}
	second.tell(voice.LegEvent{Kind: voice.LegEnded})
	<-second.over
}
