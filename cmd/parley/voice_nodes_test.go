package main

import (
	"slices"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/voice"
)

// Two nodes on one PostgreSQL. The call is at one, the agent's browser at the
// other; then the call's node loses power.
func TestVoiceNodes_TheAgentSitsAtTheOther(t *testing.T) {
	t.Parallel()
	first, second := freeAddr(t), freeAddr(t)
	s := newSetting(t).with("DATABASE_URL", storetest.Postgres(t), "PARLEY_CLUSTER_SECRET", "between the nodes", "PARLEY_HEARTBEAT", "1s")
	s.addUser("bo@example.com", "Bo", "owner,agent")
	atA, sip := s.withCalls()
	atB, elsewhere := s.withCalls()
	a := atA.with("PARLEY_CLUSTER_LISTEN", first, "PARLEY_CLUSTER_PEERS", second).launch()
	b := atB.with("PARLEY_CLUSTER_LISTEN", second, "PARLEY_CLUSTER_PEERS", first).launch()
	a.ready()
	b.ready()
	bo := b.atWork("bo@example.com")
	browser := bo.softphone()

	outside := newTelephone(t, nil)
	caller := outside.call(address("cafe", sip), "+4930123456")
	pressed := time.Now()
	caller.SendDigits("0")
	conversation := bo.takes()
	call := bo.talking(conversation)
	t.Logf("from the key to talking at the other node: %s", time.Since(pressed).Round(time.Millisecond))
	both(caller, browser)

	// What is ordered at B reaches the call at A.
	if n := bo.order(call, voice.DoHold, nil); !n.Held {
		t.Errorf("the call is not held: %+v", n)
	}
	browser.hum(700)
	eventually(t, 10*time.Second, "the customer hears music instead of the agent", func() bool {
		last := caller.newest(time.Second)
		return loud(last) && share(last, 700) < 0.2
	})
	if n := bo.order(call, voice.DoResume, nil); n.Held {
		t.Errorf("the call is still held: %+v", n)
	}
	both(caller, browser)
	bo.order(call, voice.DoDigits, map[string]any{"digits": "42#"})
	eventually(t, 10*time.Second, "the keys pressed at B reach the caller", func() bool {
		caller.mu.Lock()
		defer caller.mu.Unlock()
		var keys []byte
		for _, e := range caller.events {
			if e.Kind == voice.LegDigit {
				keys = append(keys, e.Digit)
			}
		}
		return string(keys) == "42#"
	})
	if live, ok := bo.live(conversation); !ok || live.CallID != call || live.Number != "+4930123456" {
		t.Errorf("B shows %+v", live)
	}

	// Somebody else waits at A when it loses power.
	waits := outside.call(address("cafe", sip), "+4930123457")
	waits.SendDigits("0")
	var waiting desk.ID
	eventually(t, 15*time.Second, "the second caller waits", func() bool {
		var list struct {
			Items []voice.LiveCall `json:"items"`
		}
		bo.get(&list, "GET", "/api/voice/calls", nil)
		i := slices.IndexFunc(list.Items, func(l voice.LiveCall) bool { return l.Number == "+4930123457" && l.State == desk.CallQueued })
		if i >= 0 {
			waiting = list.Items[i].ConversationID
		}
		return i >= 0
	})
	a.kill()
	killed := time.Now()
	for _, number := range []string{"+4930123456", "+4930123457"} {
		r := bo.ended(number)
		if r.Cause.Reason != voice.EndLost || r.EndedAt.Before(killed.Add(-time.Minute)) {
			t.Errorf("the record of %s is %+v, want a lost call", number, r)
		}
	}
	took := time.Since(killed)
	t.Logf("the killed node's calls were closed after %s", took.Round(100*time.Millisecond))
	if took > 22*loaded*time.Second/2 {
		t.Errorf("it took %s to close the calls of a dead node", took)
	}
	var promise *desk.Callback
	eventually(t, 5*time.Second, "who waited is promised a call", func() bool {
		promise = bo.dossier(waiting).Conversation.Callback
		return promise != nil
	})
	if promise.Phone != "+4930123457" {
		t.Errorf("he is called at %q", promise.Phone)
	}
	if cb := bo.dossier(conversation).Conversation; cb.Callback != nil || cb.OnCall != "" {
		t.Errorf("who talked: callback %+v, on call %q", cb.Callback, cb.OnCall)
	}
	if ends := bo.marks(conversation, desk.MarkCall); !slices.Equal(ends, []string{"began", "ended"}) {
		t.Errorf("the marks of the call are %q, want its beginning and its end, once each", ends)
	}

	// The next call is B's.
	next := outside.call(address("cafe", elsewhere), "+4930123458")
	next.speaks()
	next.leave()
	if r := bo.ended("+4930123458"); r.Cause.Reason != voice.EndNormal {
		t.Errorf("the record at B is %+v", r)
	}
	if all := bo.records(); len(all) != 3 {
		t.Errorf("there are %d records, want 3", len(all))
	}
}
