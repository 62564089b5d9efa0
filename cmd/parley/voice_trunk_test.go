package main

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/rtp"
	"github.com/parleyhq/parley/voice/sip"
)

// subscriber is the one account of a carrier.
type subscriber struct{ user, password, realm string }

func (s subscriber) Account(_ context.Context, user string) (sip.Account, error) {
	if user != s.user {
		return sip.Account{}, desk.Errorf(desk.NotFound, "no_account", "no such account")
	}
	sum := md5.Sum([]byte(s.user + ":" + s.realm + ":" + s.password))
	return sip.Account{User: s.user, MD5: hex.EncodeToString(sum[:])}, nil
}
func (s subscriber) AccountsOf(context.Context, desk.ID) ([]sip.Account, error) { return nil, nil }
func (s subscriber) Bind(context.Context, sip.Binding) error                    { return nil }
func (s subscriber) Bound(context.Context, string) ([]sip.Binding, error)       { return nil, nil }
func (s subscriber) Unbind(_ context.Context, _ string, _ string) error         { return nil }

// at makes a telephone one of another address of this machine.
func at(addr string) func(*sip.Config) {
	return func(c *sip.Config) {
		c.UDP = addr
		c.Ports = rtp.NewPorts(0, 0, netip.MustParseAddrPort(addr).Addr())
	}
}

// A trunk to a carrier: who may call in by it, which playbook answers, what goes
// out there, and how many at once.
func TestTrunk_InAndOut(t *testing.T) {
	t.Parallel()
	// The carrier calls from 127.0.0.2, and is called at 127.0.0.3 with a password.
	incoming := newTelephone(t, at("127.0.0.2:0"))
	sub := subscriber{"4711", "trunk w0rd", "elsewhere"}
	carrier := newTelephone(t, func(c *sip.Config) {
		at("127.0.0.3:0")(c)
		c.Accounts, c.Bindings, c.Anonymous = sub, sub, nil
	})
	s, sipAt := newSetting(t).withBooks("testdata/playbooks/cafe", "testdata/voice/bank").withCalls()
	s = s.with("PARLEY_SIP_ANONYMOUS", "false", "TRUNK_PASSWORD", sub.password).withFile(fmt.Sprintf(`
voice:
  numbers: {"*": cafe}
  trunks:
    - name: carrier
      host: %s
      user: "4711"
      password_env: TRUNK_PASSWORD
      prefixes: ["+49"]
      from: "+4930555000"
      allow: [127.0.0.2/32]
      limit: 2
      numbers: {"+4930555001": bank}
`, carrier.addr()))
	s.addUser("bo@example.com", "Bo", "owner,agent")
	n := s.serve()
	bo := n.atWork("bo@example.com")
	bo.softphone()

	// A stranger is asked for a password and gets nowhere.
	stranger := newTelephone(t, nil)
	if e := stranger.ring(address("+4930555001", sipAt), "+4930123456").until(voice.LegEnded); e.Cause.SIP != 401 && e.Cause.SIP != 403 {
		t.Errorf("a stranger's call ended with %+v, want it refused", e.Cause)
	}

	// The carrier's calls reach the playbook of their number, two at a time.
	one := incoming.call(address("+4930555001", sipAt), "+4930123456")
	two := incoming.call(address("+4930555002", sipAt), "+4930123457")
	if e := incoming.ring(address("+4930555002", sipAt), "+4930123458").until(voice.LegEnded); e.Cause.SIP != 503 && e.Cause.SIP != 486 {
		t.Errorf("a third call ended with %+v, want congestion", e.Cause)
	}
	var trunks struct{ Items []voice.Trunk }
	bo.get(&trunks, "GET", "/api/voice/trunks", nil)
	if len(trunks.Items) != 1 || trunks.Items[0].Calls != 2 || trunks.Items[0].Limit != 2 {
		t.Errorf("the trunk shows %+v, want 2 of 2 calls", trunks.Items)
	}
	one.speaks()
	one.leave()
	two.leave()
	for number, playbook := range map[string]string{"+4930123456": "bank", "+4930123457": "cafe"} {
		if r := bo.ended(number); r.Playbook != playbook || r.Trunk != "carrier" || r.Cause.Reason != voice.EndNormal {
			t.Errorf("the record of %s is %+v, want playbook %s", number, r, playbook)
		}
	}
	eventually(t, 5*time.Second, "the trunk is free", func() bool {
		bo.get(&trunks, "GET", "/api/voice/trunks", nil)
		return trunks.Items[0].Calls == 0
	})

	// Calls to numbers of the prefix go out there, with the password.
	customer := n.customer()
	customer.get(nil, "POST", "/v1/chat/messages", map[string]any{"client_id": "1", "command": "human"})
	conversation := bo.takes()
	dial := func(to string) (call desk.ID) {
		t.Helper()
		var news desk.CallNews
		bo.get(&news, "POST", "/api/voice/calls", map[string]any{"conversation": conversation, "to": to})
		return news.CallID
	}
	busy := dial("+49 30 999 001")
	c := carrier.rung()
	if p := c.Peer(); p.Called != "+4930999001" || !p.Known {
		t.Errorf("the carrier was asked for %+v", p)
	}
	c.Hangup(voice.Cause{Reason: voice.EndBusy})
	if r := bo.ended("+4930999001"); r.ID != busy || r.Direction != "out" || r.Cause.Reason != voice.EndBusy || r.Trunk != "carrier" || r.ConversationID != conversation || !r.AnsweredAt.IsZero() {
		t.Errorf("the record of the busy line is %+v", r)
	}
	talked := dial("+4930999002")
	c = carrier.rung()
	c.answer()
	if got := bo.talking(conversation); got != talked {
		t.Errorf("the call %s is up, want %s", got, talked)
	}
	c.leave()
	if r := bo.ended("+4930999002"); r.Cause.Reason != voice.EndNormal || r.AnsweredAt.IsZero() || r.AgentID != bo.id {
		t.Errorf("the record of the answered call is %+v", r)
	}
	dial("+12025550100") // no trunk takes it: nobody is rung, and the agent hears so
	if r := bo.ended("+12025550100"); r.Cause.Reason != voice.EndFailed || !r.AnsweredAt.IsZero() {
		t.Errorf("the record of a call that no trunk takes is %+v", r)
	}
	bo.get(nil, "POST", "/api/conversations/"+string(conversation)+"/close", map[string]any{})

	// A call back at a time: asked for on the page, offered at that time, dialled
	// once it is accepted.
	bo.get(nil, "PUT", "/api/presence", map[string]any{"presence": "away"})
	later := n.customer()
	later.get(nil, "POST", "/v1/chat/messages", map[string]any{"client_id": "1", "command": "human"})
	eventually(t, 10*time.Second, "the customer waits", func() bool {
		var st struct {
			Conversation struct{ Status string }
		}
		later.get(&st, "GET", "/v1/chat/conversation", nil)
		return st.Conversation.Status == "waiting"
	})
	at := time.Now().Add(5 * time.Second) // enough to ask for it
	later.get(nil, "POST", "/v1/chat/callback", map[string]any{"phone": "+4930999003", "at": at.UTC().Format(time.RFC3339Nano)})
	bo.available()
	back := bo.takes()
	if early := time.Until(at); early > 0 {
		t.Errorf("the call back was offered %s too early", early)
	}
	c = carrier.rung()
	t.Logf("the callback rang %s after its time, the agent's yes included", time.Since(at).Round(10*time.Millisecond))
	if p := c.Peer(); p.Called != "+4930999003" {
		t.Errorf("the carrier was asked for %+v", p)
	}
	c.answer()
	bo.talking(back)
	c.leave()
	bo.ended("+4930999003")
	if m := bo.marks(back, desk.MarkKind("callback")); len(m) != 2 || m[0] != "asked" || m[1] != "answered" {
		t.Errorf("the marks of the call back are %q", m)
	}
}
