package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/webhooks"
	"github.com/parleyhq/parley/routing"
	"github.com/parleyhq/parley/voice"
)

var (
	_ CallStore = (*store.Voice)(nil)
	_ Callbacks = (*routing.Router)(nil)
	_ Hooks     = (*webhooks.Sender)(nil)
)

// exchange is calls as HTTP sees them: it remembers what it was asked.
type exchange struct {
	mu      sync.Mutex // guards the rest
	live    map[desk.ID]voice.LiveCall
	done    []voice.Command
	dialled []voice.Outbound
	phones  map[desk.ID]desk.ID // id → agent
	talks   map[desk.ID]voice.Peer
}

func (x *exchange) Do(_ context.Context, c voice.Command) (desk.CallNews, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	l, ok := x.live[c.Call]
	if !ok {
		return desk.CallNews{}, desk.Errorf(desk.NotFound, "no_call", "there is no such call")
	}
	x.done = append(x.done, c)
	return l.CallNews, nil
}

func (x *exchange) Call(_ context.Context, id desk.ID) (desk.CallNews, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	l, ok := x.live[id]
	if !ok {
		return desk.CallNews{}, desk.Errorf(desk.NotFound, "no_call", "there is no such call")
	}
	return l.CallNews, nil
}

func (x *exchange) Dial(_ context.Context, o voice.Outbound) (desk.CallNews, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.dialled = append(x.dialled, o)
	return desk.CallNews{CallID: desk.NewID(), State: desk.CallDialing, Number: o.To, Direction: "out"}, nil
}

func (x *exchange) Live(context.Context) (out []voice.LiveCall, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, l := range x.live {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b voice.LiveCall) int { return cmp.Compare(a.CallID, b.CallID) }) // as the real one lists them
	return out, nil
}

func (x *exchange) Phone(_ context.Context, agent desk.ID, name, offer string) (string, desk.ID, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	id := desk.NewID()
	x.phones[id] = agent
	return "answer to " + offer + " of " + name, id, nil
}

func (x *exchange) Disconnect(_ context.Context, agent, id desk.ID) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.phones[id] != agent || agent == "" {
		return desk.Errorf(desk.NotFound, "no_phone", "there is no such phone of yours")
	}
	delete(x.phones, id)
	return nil
}

func (x *exchange) Ready(agent desk.ID) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, a := range x.phones {
		if a == agent {
			return true
		}
	}
	return false
}

func (x *exchange) Talk(_ context.Context, who voice.Peer, offer string) (string, desk.ID, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	id := desk.NewID()
	x.talks[id] = who
	return "answer to " + offer, id, nil
}

func (x *exchange) HangupTalk(_ context.Context, contact, call desk.ID) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.talks[call].Contact != contact || contact == "" {
		return desk.Errorf(desk.NotFound, "no_call", "there is no such call of yours")
	}
	delete(x.talks, call)
	return nil
}

func (x *exchange) Registered(_ context.Context, user string) (bool, error) {
	return user == "201", nil
}

func (x *exchange) Trunks(context.Context) ([]voice.Trunk, error) {
	return []voice.Trunk{{Name: "z", State: "up"}, {Name: "a", State: "down", Detail: "no answer to OPTIONS", Limit: 30}}, nil
}

func (x *exchange) verbs() (out []voice.Verb) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range x.done {
		out = append(out, c.Verb)
	}
	return out
}

// withCalls sets calls up in a house.
func (h *house) withCalls() *exchange {
	h.tb.Helper()
	x := &exchange{live: map[desk.ID]voice.LiveCall{}, phones: map[desk.ID]desk.ID{}, talks: map[desk.ID]voice.Peer{}}
	sender := (&webhooks.Sender{Store: h.db.Voice(), Log: h.s.Log}).Start()
	h.tb.Cleanup(sender.Close)
	h.s.Voice = &Voice{
		Calls: x, Phones: x, Talks: x, Lines: x, Callbacks: h.s.Router.(*routing.Router), Store: h.db.Voice(), Hooks: sender,
		SIP: "127.0.0.1:5060", Realm: "parley", Recordings: h.tb.TempDir(), Prompts: h.tb.TempDir(),
	}
	return x
}

// userID is the id of the user with a role.
func (h *house) userID(r desk.Role) desk.ID {
	h.tb.Helper()
	return must(h.db.Access().AccountByEmail(context.Background(), string(r)+"@example.com"))(h.tb).ID
}

// ring begins a call of a number, with its conversation and its record.
func (h *house) ring(x *exchange, number string, parties ...desk.Party) (desk.ID, desk.Conversation) {
	h.tb.Helper()
	ctx, call := context.Background(), desk.NewID()
	c := must(h.s.Router.(*routing.Router).CallBegan(ctx, routing.CallStart{Call: call, Address: number, Playbook: "shop"}))(h.tb)
	r := voice.Record{ID: call, ConversationID: c.ID, ContactID: c.ContactID, Source: "parley", Direction: "in", From: number, To: "100", StartedAt: time.Now().UTC()}
	if err := h.db.Voice().StartCall(ctx, r); err != nil {
		h.tb.Fatal(err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.live[call] = voice.LiveCall{CallNews: desk.CallNews{CallID: call, State: desk.CallMenu, Direction: "in", Number: number, Parties: parties}, ConversationID: c.ID, Node: "n1"}
	return call, c
}

// hangUp ends a call.
func (h *house) hangUp(x *exchange, call desk.ID, c desk.Conversation) {
	h.tb.Helper()
	if err := h.s.Router.(*routing.Router).CallEnded(context.Background(), routing.CallOver{Call: call, Conversation: c.ID, Cause: "normal"}); err != nil {
		h.tb.Fatal(err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.live, call)
}

// wav is a mono file, stereo one of two sides that sound the same.
func wav(seconds float64) []byte    { return soundOf(seconds, 1) }
func stereo(seconds float64) []byte { return soundOf(seconds, 2) }

// soundOf is a WAV file of 16-bit samples at 8 kHz: a square tone whose
// loudness rises.
func soundOf(seconds float64, channels int) []byte {
	n := int(seconds*8000) * channels
	var b bytes.Buffer
	b.WriteString("RIFF")
	le := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) }
	le(uint32(36 + 2*n))
	b.WriteString("WAVEfmt ")
	le(uint32(16))
	le([]uint16{1, uint16(channels)})
	le([]uint32{8000, 16000 * uint32(channels)})
	le([]uint16{2 * uint16(channels), 16})
	b.WriteString("data")
	le(uint32(2 * n))
	samples := make([]int16, n)
	for i := range samples {
		samples[i] = int16(20000 * i / n)
		if i/20%2 == 0 {
			samples[i] = -samples[i]
		}
	}
	le(samples)
	return b.Bytes()
}

func TestVoiceOff_EveryRouteSaysSo(t *testing.T) {
	h := newHouse(t).people()
	owner, me := bearer(h.secrets[desk.Owner]), bearer(h.visit(map[string]any{}).Token)
	if st := into[VoiceState](t, h.call(get, "/api/voice", nil, owner), 200); st.Enabled || st.Phones == nil || st.Dispositions == nil {
		t.Errorf("got %+v", st)
	}
	for _, c := range []struct {
		method, path string
		body         any
		who          option
	}{
		{post, "/v1/chat/call", map[string]string{"sdp": "v=0"}, me},
		{post, "/v1/chat/call/end", map[string]string{"call": "x"}, me},
		{post, "/v1/chat/callback", map[string]string{}, me},
		{put, "/api/voice/me", map[string]string{"where": "phone"}, owner},
		{post, "/api/voice/phone", map[string]string{"sdp": "v=0"}, owner},
		{del, "/api/voice/phone/x", nil, owner},
		{get, "/api/voice/calls", nil, owner},
		{post, "/api/voice/calls", map[string]string{"conversation": "x"}, owner},
		{get, "/api/voice/calls/x", nil, owner},
		{post, "/api/voice/calls/x/do", map[string]string{"verb": "hold"}, owner},
		{get, "/api/voice/trunks", nil, owner},
		{get, "/api/voice/records", nil, owner},
		{get, "/api/voice/records/export", nil, owner},
		{get, "/api/voice/recordings?call=x", nil, owner},
		{get, "/api/voice/recordings/x/peaks", nil, owner},
		{get, "/api/voice/recordings/x/audio", nil, owner},
		{del, "/api/voice/recordings/x", nil, owner},
		{get, "/api/voice/prompts", nil, owner},
		{post, "/api/voice/prompts", "", owner},
		{get, "/api/voice/prompts/x/audio", nil, owner},
		{del, "/api/voice/prompts/x", nil, owner},
		{get, "/api/voice/phones", nil, owner},
		{post, "/api/voice/phones", map[string]string{"user": "201"}, owner},
		{put, "/api/voice/phones/x", map[string]string{}, owner},
		{del, "/api/voice/phones/x", nil, owner},
		{get, "/api/webhooks", nil, owner},
		{post, "/api/webhooks", map[string]any{"url": "https://example.com", "events": []string{"call.ended"}}, owner},
		{put, "/api/webhooks/x", map[string]string{}, owner},
		{del, "/api/webhooks/x", nil, owner},
		{post, "/api/webhooks/x/test", nil, owner},
	} {
		if a := h.call(c.method, c.path, c.body, c.who); a.status != 404 || a.problem().Code != "voice_off" {
			t.Errorf("%s %s: got %d %s", c.method, c.path, a.status, a.body)
		}
	}
}
