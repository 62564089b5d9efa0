package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/internal/httpapi"
	"github.com/parleyhq/parley/internal/webhooks"
	"github.com/parleyhq/parley/voice"
)

// listener is another system that is told of calls. It fails the first time, as
// others' systems do.
type listener struct {
	*httptest.Server

	mu     sync.Mutex // guards what follows
	secret string
	got    []webhooks.Body
	forged int
	failed bool
}

func newListener(tb testing.TB) *listener {
	l := &listener{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		l.mu.Lock()
		defer l.mu.Unlock()
		stamp, sum, _ := strings.Cut(r.Header.Get("Parley-Signature"), ",v1=")
		mac := hmac.New(sha256.New, []byte(l.secret))
		_, _ = fmt.Fprintf(mac, "%s.%s", strings.TrimPrefix(stamp, "t="), raw)
		var b webhooks.Body
		if hex.EncodeToString(mac.Sum(nil)) != sum || json.Unmarshal(raw, &b) != nil {
			l.forged++
		}
		if !l.failed {
			l.failed = true
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		l.got = append(l.got, b)
	}))
	tb.Cleanup(l.Close)
	return l
}

// events are the first of each kind, by kind.
func (l *listener) events() map[webhooks.Event]webhooks.Body {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[webhooks.Event]webhooks.Body{}
	for _, b := range slices.Backward(l.got) {
		out[b.Event] = b
	}
	return out
}

// A whole call as other systems see it: told by webhook, exported as CSV and
// JSON; and their calls as our agents see them.
func TestCallRecords_ReachOtherSystemsAndComeFromThem(t *testing.T) {
	t.Parallel()
	other := newListener(t)
	s, at := newSetting(t).withCalls()
	s = s.with("PARLEY_RECORD", "true", "PARLEY_TOOLS_ALLOW_HOSTS", other.Listener.Addr().String())
	s.addUser("bo@example.com", "Bo", "owner,agent")
	n := s.serve()
	bo := n.atWork("bo@example.com")
	bo.softphone()
	var hook struct{ Secret string }
	bo.get(&hook, "POST", "/api/webhooks", map[string]any{"url": other.URL + "/calls", "events": webhooks.Events()})
	other.mu.Lock()
	other.secret = hook.Secret
	other.mu.Unlock()

	outside := newTelephone(t, nil)
	caller := outside.call(address("cafe", at), "+4930123456")
	caller.SendDigits("0")
	conversation := bo.takes()
	call := bo.talking(conversation)
	bo.order(call, voice.DoHold, nil)
	caller.until(voice.LegHeld)
	bo.order(call, voice.DoResume, nil)
	caller.until(voice.LegResumed)
	caller.leave()
	r := bo.ended("+4930123456")

	eventually(t, 30*time.Second, "every event is told", func() bool { return len(other.events()) == len(webhooks.Events()) })
	told := other.events()
	for e, b := range told {
		if b.ConversationID != conversation && e != webhooks.CallBegan { // which is before there is one
			t.Errorf("%s is of the conversation %s, want %s", e, b.ConversationID, conversation)
		}
		if b.Call != nil && (b.Call.CallID != call || b.Call.Number != "+4930123456") {
			t.Errorf("%s tells of %+v, want the call %s", e, b.Call, call)
		}
	}
	if end := told[webhooks.CallEnded].Record; end == nil || end.ID != call || end.Cause != r.Cause || end.Talked != r.Talked {
		t.Errorf("call.ended has the record %+v, want %+v", end, r)
	}
	if rec := told[webhooks.RecordingReady].Recording; rec == nil || rec.CallID != call || rec.Seconds <= 0 {
		t.Errorf("recording.ready has %+v", rec)
	}
	other.mu.Lock()
	if other.forged > 0 || !other.failed {
		t.Errorf("%d signatures are wrong; one request failed: %v", other.forged, other.failed)
	}
	other.mu.Unlock()
	if r.QueuedAt.IsZero() || r.TalkedAt.Before(r.QueuedAt) || r.EndedAt.Before(r.TalkedAt) || r.HeldFor <= 0 || r.Talked <= 0 || r.Waited <= 0 || len(r.Quality) == 0 || r.Cause.By != "caller" {
		t.Errorf("the record does not tell what happened: %+v", r)
	}

	// The export says the same.
	_, _, raw := bo.do("GET", "/api/voice/records/export?format=csv", nil)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("the CSV has %d rows: %v: %s", len(rows), err, raw)
	}
	cells := map[string]string{}
	for i, name := range rows[0] {
		cells[name] = rows[1][i]
	}
	for name, want := range map[string]string{
		"id": string(call), "source": "parley", "direction": "in", "from": "+4930123456", "to": "cafe", "reason": "normal", "ended_by": "caller",
		"queue": "support", "agent_id": string(bo.id), "conversation_id": string(conversation), "recorded": "true",
		"started_at": r.StartedAt.Format(time.RFC3339), "ended_at": r.EndedAt.Format(time.RFC3339),
		"talked_s": fmt.Sprintf("%.1f", r.Talked.Seconds()), "waited_s": fmt.Sprintf("%.1f", r.Waited.Seconds()),
	} {
		if cells[name] != want {
			t.Errorf("the CSV has %s %q, want %q", name, cells[name], want)
		}
	}
	var export struct{ Items []voice.Record }
	bo.get(&export, "GET", "/api/voice/records/export?format=json", nil)
	if len(export.Items) != 1 || export.Items[0].ID != call || export.Items[0].Waited != r.Waited || export.Items[0].Cause != r.Cause {
		t.Errorf("the JSON export has %+v, want %+v", export.Items, r)
	}

	// The old exchange tells of a call twice; it is there once, beside ours.
	foreign := map[string]any{"records": []any{map[string]any{
		"source": "old-pbx", "id": "4711", "direction": "in", "from": "+4930123456", "to": "+4930555", "reason": "normal",
		"started_at": "2026-01-05T10:00:00Z", "answered_at": "2026-01-05T10:00:09Z", "ended_at": "2026-01-05T10:05:09Z",
	}}}
	for i, want := range []httpapi.TakenRecords{{Added: 1}, {Repeated: 1}} {
		var got httpapi.TakenRecords
		if bo.get(&got, "POST", "/api/voice/records", foreign); got != want {
			t.Errorf("the %d. time: %+v, want %+v", i+1, got, want)
		}
	}
	var contact struct{ Calls []voice.Record }
	bo.get(&contact, "GET", "/api/contacts/"+string(r.ContactID), nil)
	var sources []string
	for _, c := range contact.Calls {
		sources = append(sources, c.Source)
	}
	if !slices.Equal(sources, []string{"parley", "old-pbx"}) {
		t.Errorf("the contact shows calls of %q, want ours and the old one", sources)
	}
	if len(contact.Calls) == 2 && contact.Calls[1].Talked != 5*time.Minute {
		t.Errorf("the old call took %s, want 5m", contact.Calls[1].Talked)
	}
}
