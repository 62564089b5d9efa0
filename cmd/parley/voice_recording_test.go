package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// ask makes a request with headers, as browsers do that play a sound.
func (p person) ask(method, path, kind string, body io.Reader, headers ...string) (*http.Response, []byte) {
	p.n.tb.Helper()
	req, err := http.NewRequest(method, p.n.url+path, body)
	if err != nil {
		p.n.tb.Fatal(err)
	}
	req.Header.Set("X-Parley", "1")
	req.Header.Set("Cookie", p.cookie)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.n.tb.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.n.tb.Fatal(err)
	}
	return res, b
}

// prompt uploads a recorded prompt.
func (p person) prompt(name string, wav []byte) {
	p.n.tb.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := errors.Join(form.WriteField("name", name), form.WriteField("lang", "en"))
	part, err2 := form.CreateFormFile("file", name+".wav")
	if err = errors.Join(err, err2); err == nil {
		_, err = part.Write(wav)
	}
	if err = errors.Join(err, form.Close()); err != nil {
		p.n.tb.Fatal(err)
	}
	if res, b := p.ask("POST", "/api/voice/prompts", form.FormDataContentType(), &body); res.StatusCode/100 != 2 {
		p.n.tb.Fatalf("upload a prompt: %d %s", res.StatusCode, b)
	}
}

// sounds counts the recordings' files, and their outlines, below a folder.
func sounds(tb testing.TB, dir string) (n int) {
	tb.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(path, "recordings") {
			n++
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		tb.Fatal(err)
	}
	return n
}

// A recorded call is played back in parts, a voicemail is heard, and both, with
// the prompts, come back from a backup.
func TestRecording_IsPlayedBackAndRestored(t *testing.T) {
	t.Parallel()
	s, at := newSetting(t).withBooks("testdata/voice/bank").withCalls()
	s = s.with("PARLEY_RECORD", "true", "PARLEY_TOOLS_ALLOW_ENV", "BANK_URL", "BANK_URL", "http://127.0.0.1:1")
	s.addUser("bo@example.com", "Bo", "owner,agent")
	n := s.serve()
	bo := n.atWork("bo@example.com")
	browser := bo.softphone()
	outside := newTelephone(t, nil)
	caller := outside.call(address("bank", at), "+4930123456")
	caller.SendDigits("0")
	conversation := bo.takes()
	call := bo.talking(conversation)
	both(caller, browser)
	caller.leave()
	if r := bo.ended("+4930123456"); !r.Recorded || r.ID != call {
		t.Errorf("the record is %+v, want a recorded call", r)
	}
	all := bo.recordingsOf(call)
	if len(all) != 1 || all[0].Seconds < 1 || all[0].ConversationID != conversation || !all[0].KeepUntil.After(time.Now()) {
		t.Fatalf("the recordings are %+v", all)
	}
	path := "/api/voice/recordings/" + string(all[0].ID)
	res, whole := bo.ask("GET", path+"/audio", "", nil)
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "audio/wav" {
		t.Fatalf("the recording: %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	left, right := sides(t, whole)
	if !tone(left, 440) || tone(left, 1000) || !tone(right, 1000) || tone(right, 440) {
		t.Error("the sides are not the caller and what he heard")
	}
	res, part := bo.ask("GET", path+"/audio", "", nil, "Range", "bytes=1000-1999")
	if res.StatusCode != http.StatusPartialContent || !bytes.Equal(part, whole[1000:2000]) {
		t.Errorf("a part of it: %d, %d bytes", res.StatusCode, len(part))
	}
	var peaks struct{ Left, Right []float32 }
	if bo.get(&peaks, "GET", path+"/peaks?n=100", nil); len(peaks.Left) != 100 || len(peaks.Right) != 100 {
		t.Errorf("%d and %d peaks, want 100", len(peaks.Left), len(peaks.Right))
	}

	// Nobody is at work: somebody leaves a message.
	bo.get(nil, "POST", "/api/conversations/"+string(conversation)+"/close", map[string]any{"disposition": "solved"})
	bo.get(nil, "PUT", "/api/presence", map[string]any{"presence": "away"})
	late := outside.call(address("bank", at), "+4930123457")
	left2 := bo.conversationOf("+4930123457")
	late.SendDigits("0")
	eventually(t, 15*time.Second, "he waits", func() bool { l, _ := bo.live(left2); return l.State == desk.CallQueued })
	eventually(t, 30*time.Second, "he may leave a message", func() bool {
		late.SendDigits("2")
		l, _ := bo.live(left2)
		return l.Voicemail
	})
	late.hum(700)
	<-time.After(2 * time.Second) // that is how long his message is
	late.Line().Stop()
	late.SendDigits("#")
	late.until(voice.LegEnded)
	bo.ended("+4930123457")
	var message desk.Message
	for _, m := range bo.messages(left2) {
		if len(m.Content.Attachments) == 1 {
			message = m
		}
	}
	if message.Author.Kind != desk.ByCustomer {
		t.Fatalf("there is no message of the caller: %+v", bo.messages(left2))
	}
	file := "/v1/files/" + string(message.Content.Attachments[0].ID)
	_, said := bo.ask("GET", file, "", nil)
	if ulaw, err := media.ReadWAV(bytes.NewReader(said)); err != nil || !tone(ulaw, 700) {
		t.Errorf("the message is not what he said: %d bytes, %v", len(said), err)
	}
	if c := bo.dossier(left2).Conversation; c.Status != desk.Waiting || c.OnCall != "" {
		t.Errorf("the conversation of the message is %s, on call %q; want it to wait for an agent", c.Status, c.OnCall)
	}

	bo.prompt("welcome", media.WriteWAVULaw(spoken(t, "Welcome to the bank")))
	_, prompt := bo.ask("GET", "/api/voice/prompts/welcome/audio?lang=en", "", nil)
	archive := filepath.Join(s.dir, "parley.zip")
	s.must("", "backup", archive)
	n.stop()
	to := s.with("PARLEY_DATA_DIR", filepath.Join(s.dir, "new"))
	to.must("", "restore", archive)
	bo = to.serve().atWork("bo@example.com")
	for path, want := range map[string][]byte{path + "/audio": whole, file: said, "/api/voice/prompts/welcome/audio?lang=en": prompt} {
		if res, got := bo.ask("GET", path, "", nil); res.StatusCode != 200 || len(got) == 0 || !bytes.Equal(got, want) {
			t.Errorf("%s after the restore: %d, %d bytes, want %d", path, res.StatusCode, len(got), len(want))
		}
	}
	if again := bo.recordingsOf(call); len(again) != 1 {
		t.Errorf("the recordings after the restore are %+v", again)
	}
}

// A recording whose time is over goes, with everything that was made of it.
func TestRecording_IsForgottenInTime(t *testing.T) {
	t.Parallel()
	s, at := newSetting(t).withCalls()
	s = s.with("PARLEY_RECORD", "true", "PARLEY_KEEP_RECORDINGS", "3s")
	s.addUser("bo@example.com", "Bo", "owner,agent")
	n := s.serve()
	bo := n.atWork("bo@example.com")
	caller := newTelephone(t, nil).call(address("cafe", at), "+4930123456")
	caller.hum(440)
	caller.speaks()
	caller.leave()
	r := bo.ended("+4930123456")
	all := bo.recordingsOf(r.ID)
	if len(all) != 1 {
		t.Fatalf("the recordings are %+v, want one", all)
	}
	bo.get(nil, "GET", "/api/voice/recordings/"+string(all[0].ID)+"/peaks", nil)
	if files := sounds(t, s.env["PARLEY_DATA_DIR"]); files != 2 {
		t.Errorf("there are %d files, want the recording and its outline", files)
	}
	n.stop()
	<-time.After(time.Until(all[0].KeepUntil) + 100*time.Millisecond)
	bo = s.serve().atWork("bo@example.com") // it looks once an hour, and as it starts
	eventually(t, 20*time.Second, "the recording is forgotten", func() bool {
		status, _, _ := bo.do("GET", "/api/voice/recordings/"+string(all[0].ID)+"/audio", nil)
		return status == 404 && len(bo.recordingsOf(r.ID)) == 0 && sounds(t, s.env["PARLEY_DATA_DIR"]) == 0
	})
	if got := bo.ended("+4930123456"); got.ID != r.ID {
		t.Errorf("the record of the call went with its recording: %+v", got)
	}
}
