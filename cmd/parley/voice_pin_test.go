package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// bank is the back end of the bank's playbook.
type bank struct {
	*httptest.Server

	mu    sync.Mutex // guards calls
	calls []string
}

func newBank(tb testing.TB) *bank {
	b := &bank{}
	mux := http.NewServeMux()
	answer := func(path, json string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			var body bytes.Buffer
			_, _ = body.ReadFrom(r.Body)
			b.mu.Lock()
			b.calls = append(b.calls, r.Method+" "+r.URL.Path+" "+body.String())
			b.mu.Unlock()
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprint(w, json)
		})
	}
	answer("POST /pin", `{"plan":"gold"}`)
	answer("GET /balance/{customer}", `{"balance":"250"}`)
	answer("POST /block", `{"case":"C77"}`)
	b.Server = httptest.NewServer(mux)
	tb.Cleanup(b.Close)
	return b
}

// asked counts the requests that begin so.
func (b *bank) asked(prefix string) (n int, last string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.calls {
		if strings.HasPrefix(c, prefix) {
			n, last = n+1, c
		}
	}
	return n, last
}

// withBank is the setting with the bank's playbook and its back end.
func (s setting) withBank(b *bank) setting {
	return s.withBooks("testdata/voice/bank", "testdata/playbooks/cafe").with(
		"PARLEY_TOOLS_ALLOW_HOSTS", b.Listener.Addr().String(), "PARLEY_TOOLS_ALLOW_ENV", "BANK_URL", "BANK_URL", b.URL)
}

// conversationOf waits for the call of a number and returns its conversation.
func (a agent) conversationOf(number string) (id desk.ID) {
	a.n.tb.Helper()
	eventually(a.n.tb, 15*time.Second, "the call of "+number+" is up", func() bool {
		var list struct {
			Items []voice.LiveCall `json:"items"`
		}
		a.get(&list, "GET", "/api/voice/calls", nil)
		i := slices.IndexFunc(list.Items, func(l voice.LiveCall) bool { return l.Number == number })
		if i >= 0 {
			id = list.Items[i].ConversationID
		}
		return id != ""
	})
	return id
}

// keyFor is the key that chooses what the newest question calls label.
func (a agent) keyFor(conversation desk.ID, label string) (key string) {
	a.n.tb.Helper()
	var all []desk.Message
	defer func() {
		for _, m := range all {
			if key == "" {
				a.n.tb.Logf("%s: %q %+v", m.Author.Kind, m.Content.Text, m.Content.Options)
			}
		}
	}()
	eventually(a.n.tb, 10*time.Second, "there is a key for "+label, func() bool {
		all = a.messages(conversation)
		for _, m := range slices.Backward(all) {
			for _, o := range voice.Keyed(m.Content).Options {
				if o.Label == label && o.Key != "" {
					key = o.Key
				}
			}
			if len(m.Content.Options) > 0 {
				break
			}
		}
		return key != ""
	})
	return key
}

// recordingsOf are the stored recordings of a call.
func (a agent) recordingsOf(call desk.ID) (items []voice.Recording) {
	a.n.tb.Helper()
	var list struct {
		Items []voice.Recording `json:"items"`
	}
	a.get(&list, "GET", "/api/voice/recordings?call="+string(call), nil)
	return list.Items
}

// sides takes a stereo recording apart.
func sides(tb testing.TB, wav []byte) (left, right []byte) {
	tb.Helper()
	at := bytes.Index(wav, []byte("data"))
	if at < 0 || len(wav) < at+8 {
		tb.Fatalf("no WAV file: %d bytes", len(wav))
	}
	for pcm := wav[at+8:]; len(pcm) >= 4; pcm = pcm[4:] {
		left = append(left, media.ToULaw(int16(binary.LittleEndian.Uint16(pcm))))
		right = append(right, media.ToULaw(int16(binary.LittleEndian.Uint16(pcm[2:]))))
	}
	return left, right
}

// He proves who he is once and then does two things. His PIN reaches the bank
// and is nowhere else: not in the database, a log, or the recording.
func TestPIN_ProvesOnceAndIsNowhere(t *testing.T) {
	t.Parallel()
	const pin = "83920174"
	back := newBank(t)
	s, at := newSetting(t).withBank(back).withCalls()
	s = s.with("PARLEY_RECORD", "true", "PARLEY_LOG_LEVEL", "debug")
	s.addUser("bo@example.com", "Bo", "owner,agent")
	n := s.serve()
	bo := n.atWork("bo@example.com")

	caller := newTelephone(t, nil).call(address("bank", at), "+4930123456")
	caller.hum(1000) // something that a recording would show
	conversation := bo.conversationOf("+4930123456")
	bo.keyFor(conversation, "Balance")
	caller.SendDigits("1")
	bo.said(conversation, desk.ByBot, "Your customer number?")
	caller.SendDigits("123456#")
	bo.said(conversation, desk.ByBot, "Your PIN?")
	live, _ := bo.live(conversation)
	if live.Recording != "paused" {
		t.Errorf("the recording is %q while the PIN is asked, want paused", live.Recording)
	}
	eventually(t, 5*time.Second, "the telephone is heard", func() bool { return caller.lastLoud().After(time.Now().Add(-time.Second)) })
	caller.SendDigits(pin + "#")
	bo.said(conversation, desk.ByBot, "You have 250 euros.")
	eventually(t, 5*time.Second, "the recording goes on", func() bool {
		live, _ = bo.live(conversation)
		return live.Recording == "on"
	})
	caller.SendDigits(bo.keyFor(conversation, "Main menu"))
	caller.SendDigits(bo.keyFor(conversation, "Block a card"))
	caller.SendDigits(bo.keyFor(conversation, "Confirm"))
	bo.said(conversation, desk.ByBot, "Your card is blocked. The case is C77.")
	caller.leave()
	r := bo.ended("+4930123456")

	if n, last := back.asked("POST /pin"); n != 1 || !strings.Contains(last, pin) {
		t.Errorf("the bank was asked %d times, last %s", n, last)
	}
	if n, _ := back.asked("POST /block"); n != 1 {
		t.Errorf("the card was blocked %d times", n)
	}
	if m := bo.marks(conversation, desk.MarkVerified); len(m) != 1 {
		t.Errorf("he was verified %d times, want once", len(m))
	}
	asked, masked := 0, 0
	for _, m := range bo.messages(conversation) {
		if m.Content.Text == "Your PIN?" {
			asked++
		}
		if m.Content.Masked {
			masked++
		}
	}
	if asked != 1 || masked != 1 {
		t.Errorf("the PIN was asked %d times and is masked in %d messages, want 1 and 1", asked, masked)
	}

	// The recording has his tone, but not while he typed the PIN.
	all := bo.recordingsOf(r.ID)
	if len(all) != 1 || len(all[0].Pauses) != 1 || !r.Recorded {
		t.Fatalf("the recordings are %+v, want one with one pause", all)
	}
	_, _, wav := bo.do("GET", "/api/voice/recordings/"+string(all[0].ID)+"/audio", nil)
	left, right := sides(t, wav)
	from, to := int(all[0].Pauses[0].From*media.Rate)+1, int(all[0].Pauses[0].To*media.Rate) // rounded down
	if to > len(left) || to-from < media.Rate/2 {
		t.Fatalf("the pause is from %d to %d, of %d samples", from, to, len(left))
	}
	if energy(left[from:to]) != 0 || energy(right[from:to]) != 0 {
		t.Errorf("there is sound in the pause: %d and %d", energy(left[from:to]), energy(right[from:to]))
	}
	for name, part := range map[string][]byte{"before": left[:from], "after": left[to:]} {
		if !tone(part, 1000) {
			t.Errorf("the caller's tone is not in the recording %s the pause", name)
		}
	}

	// Whatever was written anywhere, and what the screens get.
	n.stop()
	where := map[string]string{"the log": n.log.String(), "the screen": bo.screen.got.String()}
	files := 0
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		where[path] = string(b)
		return err
	})
	if err != nil || files < 3 {
		t.Fatalf("%d files: %v", files, err)
	}
	for name, content := range where {
		if strings.Contains(content, pin) {
			t.Errorf("the PIN is in %s", name)
		}
	}
	if !strings.Contains(where["the log"], "call over") {
		t.Error("the log says nothing: it proves nothing either")
	}
}

// energy is the sum of what ulaw sounds like.
func energy(ulaw []byte) (sum int) {
	for _, c := range ulaw {
		v := int(media.ULaw(c))
		sum += max(v, -v)
	}
	return sum
}
