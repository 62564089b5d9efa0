package httpapi

import (
	"bytes"
	"crypto/md5"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/webhooks"
	"github.com/parleyhq/parley/routing"
	"github.com/parleyhq/parley/voice"
)

func foreign(id string, more map[string]any) map[string]any {
	r := map[string]any{"source": "old-pbx", "id": id, "direction": "in", "from": "+8613800000001", "to": "100", "started_at": "2026-01-02T03:04:05Z", "answered_at": "2026-01-02T03:04:15Z", "ended_at": "2026-01-02T03:05:15Z"}
	for k, v := range more {
		r[k] = v
	}
	return r
}

func records(list ...map[string]any) map[string]any { return map[string]any{"records": list} }

func TestRecords_OfAnotherSystemAreTakenOnceAndSeen(t *testing.T) {
	h := newHouse(t).people()
	h.withCalls()
	owner := bearer(h.secrets[desk.Owner])
	s := h.visit(map[string]any{})
	h.call(put, "/api/contacts/"+string(s.Contact.ID), map[string]string{"phone": "+8613800000001"}, owner)
	took := into[TakenRecords](t, h.call(post, "/api/voice/records", records(foreign("1", nil), foreign("2", map[string]any{"from": "+4930", "answered_at": nil}), foreign("1", nil)), owner), 200)
	if took.Added != 2 || took.Repeated != 1 {
		t.Errorf("got %+v", took)
	}
	if took := into[TakenRecords](t, h.call(post, "/api/voice/records", records(foreign("1", nil)), owner), 200); took.Added != 0 || took.Repeated != 1 {
		t.Errorf("again: got %+v", took)
	}
	page := into[Page[voice.Record]](t, h.call(get, "/api/voice/records?q=138000", nil, owner), 200)
	if len(page.Items) != 1 || page.Items[0].Source != "old-pbx" || page.Items[0].Talked != time.Minute || page.Items[0].ContactID != s.Contact.ID || page.Items[0].Cause.Reason != "normal" {
		t.Errorf("got %+v", page.Items)
	}
	p := into[Portrait](t, h.call(get, "/api/contacts/"+string(s.Contact.ID), nil, bearer(h.secrets[desk.AgentRole])), 200)
	if len(p.Calls) != 1 || p.Calls[0].ID != voice.ForeignID("old-pbx", "1") {
		t.Errorf("the contact's calls: %+v", p.Calls)
	}
	for name, c := range map[string]struct {
		body  any
		field string
	}{
		"ours":        {records(foreign("3", map[string]any{"source": "parley"})), "source"},
		"backwards":   {records(foreign("3", map[string]any{"ended_at": "2026-01-01T00:00:00Z"})), "ended_at"},
		"early":       {records(foreign("3", map[string]any{"answered_at": "2026-01-01T00:00:00Z"})), "answered_at"},
		"future":      {records(foreign("3", map[string]any{"ended_at": "2999-01-01T00:00:00Z"})), "started_at"},
		"control":     {records(foreign("3", map[string]any{"to": "1\n2"})), "to"},
		"blank":       {records(foreign(" ", nil)), "id"},
		"direction":   {records(foreign("3", map[string]any{"direction": "sideways"})), "records[0].direction"},
		"unknown":     {records(foreign("3", map[string]any{"colour": "red"})), "records[0].colour"},
		"second":      {records(foreign("3", nil), foreign("4", map[string]any{"source": "parley"})), "source"},
		"none":        {records(), "records"},
		"many":        {records(make([]map[string]any, 501)...), "records"},
		"text as day": {records(foreign("3", map[string]any{"started_at": "yesterday"})), "records[0].started_at"},
	} {
		if a := h.call(post, "/api/voice/records", c.body, owner); a.status != 422 || a.problem().Field != c.field && name != "many" {
			t.Errorf("%s: got %d %s, want %s", name, a.status, a.body, c.field)
		}
	}
	if page := into[Page[voice.Record]](t, h.call(get, "/api/voice/records", nil, owner), 200); len(page.Items) != 2 {
		t.Errorf("%d records after what was refused", len(page.Items))
	}
	if a := h.call(get, "/api/voice/records", nil, bearer(h.secrets[desk.AgentRole])); a.status != 403 {
		t.Errorf("an agent reads all records: %d", a.status)
	}
}

func TestExport_StreamsEverythingAndNoFormula(t *testing.T) {
	h := newHouse(t).people()
	h.withCalls()
	ctx, owner := t.Context(), bearer(h.secrets[desk.Owner])
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const n = exportPage + 30
	for i := range n {
		r := voice.Record{ID: voice.ForeignID("t", fmt.Sprint(i)), Source: "t", Direction: "in", From: "+8613800000001", To: `=cmd|' /C calc'!A0`, Trunk: `a "b", c`, StartedAt: at.Add(time.Duration(i) * time.Hour), EndedAt: at.Add(time.Duration(i)*time.Hour + time.Minute), Talked: 1500 * time.Millisecond}
		if ok, err := h.db.Voice().AddCall(ctx, r); err != nil || !ok {
			t.Fatal(ok, err)
		}
	}
	a := h.call(get, "/api/voice/records/export", nil, owner)
	if a.status != 200 || a.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(a.header.Get("Content-Disposition"), "calls.csv") || !bytes.HasPrefix(a.body, []byte("\xef\xbb\xbfid,source,")) || !bytes.Contains(a.body, []byte("\r\n")) {
		t.Fatalf("got %d %v %.100s", a.status, a.header, a.body)
	}
	rows := must(csv.NewReader(bytes.NewReader(a.body[3:])).ReadAll())(t)
	if len(rows) != n+1 {
		t.Fatalf("%d rows, want %d", len(rows), n+1)
	}
	seen := map[string]bool{}
	for _, r := range rows[1:] {
		seen[r[0]] = true
		if r[3] != "+8613800000001" || !strings.HasPrefix(r[4], "'=cmd") || r[11] != "1.5" || r[21] != `a "b", c` {
			t.Fatalf("got %q", r)
		}
	}
	if len(seen) != n {
		t.Errorf("%d different records, want %d", len(seen), n)
	}
	out := into[struct {
		Items []voice.Record `json:"items"`
		Next  string         `json:"next"`
	}](t, h.call(get, "/api/voice/records/export?format=json&from=2026-01-02T00:00:00Z&to=2026-01-03T00:00:00Z", nil, owner), 200)
	if len(out.Items) != 24 || out.Next != "" {
		t.Errorf("%d records of a day, next %q", len(out.Items), out.Next)
	}
	for path, field := range map[string]string{"?format=xml": "query.format", "?from=today": "query.from"} {
		if a := h.call(get, "/api/voice/records/export"+path, nil, owner); a.status != 422 || a.problem().Field != field {
			t.Errorf("%s: got %d %s", path, a.status, a.body)
		}
	}
	for in, want := range map[string]string{"": "", "+49": "+49", "-1.5": "-1.5", "=1": "'=1", "@a": "'@a", "-1+1": "'-1+1", "+1 =2": "'+1 =2", "\t=1": "'\t=1", "a=b": "a=b", "sip:a@b": "sip:a@b"} {
		if got := inert(in); got != want {
			t.Errorf("inert(%q) = %q, want %q", in, got, want)
		}
	}
}

// record keeps a recording of a call in a house.
func (h *house) keepRecording(call desk.ID, c desk.Conversation, rel string, content []byte) desk.ID {
	h.tb.Helper()
	full := filepath.Join(h.s.Voice.Recordings, rel)
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		h.tb.Fatal(err)
	}
	if err := os.WriteFile(full, content, 0o600); err != nil {
		h.tb.Fatal(err)
	}
	r := voice.Recording{ID: desk.NewID(), CallID: call, ConversationID: c.ID, Path: rel, At: time.Now().UTC(), Seconds: 2, Kind: "call", Pauses: []voice.Span{{From: 1, To: 2}}}
	if err := h.db.Voice().AddRecording(h.tb.Context(), r); err != nil {
		h.tb.Fatal(err)
	}
	return r.ID
}

func TestRecordings_AreHeardByThoseWhoSeeTheConversation(t *testing.T) {
	h := newHouse(t).people()
	x := h.withCalls()
	owner, agent := bearer(h.secrets[desk.Owner]), bearer(h.secrets[desk.AgentRole])
	call, c := h.ring(x, "+8613800000001")
	id := h.keepRecording(call, c, "2026/01/a.wav", stereo(2))
	list := into[Page[voice.Recording]](t, h.call(get, "/api/voice/recordings?conversation="+string(c.ID), nil, agent), 200)
	if len(list.Items) != 1 || list.Items[0].ID != id || len(list.Items[0].Pauses) != 1 {
		t.Errorf("got %+v", list.Items)
	}
	if b := h.call(get, "/api/voice/recordings?call="+string(call), nil, agent); strings.Contains(string(b.body), "a.wav") || b.status != 200 {
		t.Errorf("the path shows: %s", b.body)
	}
	for _, q := range []string{"", "?conversation=x&call=y"} {
		if a := h.call(get, "/api/voice/recordings"+q, nil, owner); a.status != 422 {
			t.Errorf("%q: got %d", q, a.status)
		}
	}
	audio := h.call(get, "/api/voice/recordings/"+string(id)+"/audio", nil, agent)
	if audio.status != 200 || audio.header.Get("Content-Type") != "audio/wav" || !bytes.Equal(audio.body, stereo(2)) {
		t.Errorf("got %d %v", audio.status, audio.header)
	}
	part := h.call(get, "/api/voice/recordings/"+string(id)+"/audio", nil, agent, header("Range", "bytes=44-143"))
	if part.status != 206 || len(part.body) != 100 || !strings.HasPrefix(part.header.Get("Content-Range"), "bytes 44-143/") {
		t.Errorf("got %d %v, %d bytes", part.status, part.header, len(part.body))
	}
	if audit := string(h.call(get, "/api/audit?action=voice.recordings.listen", nil, owner).body); strings.Count(audit, string(id)) != 1 {
		t.Errorf("who listened: %s", audit)
	}
	p := into[Peaks](t, h.call(get, "/api/voice/recordings/"+string(id)+"/peaks?n=100", nil, agent), 200)
	if len(p.Left) != 100 || len(p.Right) != 100 || p.Left[0] > 0.1 || p.Left[99] < 0.4 || p.Left[99] > 1 {
		t.Errorf("got %d points, %v to %v", len(p.Left), p.Left[0], p.Left[len(p.Left)-1])
	}
	mono := h.keepRecording(call, c, "2026/02/voicemail.wav", wav(2))
	if p := into[Peaks](t, h.call(get, "/api/voice/recordings/"+string(mono)+"/peaks", nil, agent), 200); len(p.Left) != 800 || len(p.Right) != 0 || p.Left[799] < 0.4 {
		t.Errorf("of one side: got %d and %d points", len(p.Left), len(p.Right))
	}
	broken := h.keepRecording(call, c, "2026/02/broken.wav", []byte("RIFF"))
	if a := h.call(get, "/api/voice/recordings/"+string(broken)+"/peaks", nil, agent); a.status != 404 {
		t.Errorf("of a broken file: got %d %s", a.status, a.body)
	}
	beside := filepath.Join(h.s.Voice.Recordings, "2026/01/a.wav.peaks")
	if _, err := os.Stat(beside); err != nil {
		t.Error(err)
	}
	if again := into[Peaks](t, h.call(get, "/api/voice/recordings/"+string(id)+"/peaks?n=100", nil, agent), 200); fmt.Sprint(again) != fmt.Sprint(p) {
		t.Error("the kept outline is another")
	}
	if a := h.call(del, "/api/voice/recordings/"+string(id), nil, agent); a.status != 403 {
		t.Errorf("an agent deletes: %d", a.status)
	}
	if a := h.call(del, "/api/voice/recordings/"+string(id), nil, owner); a.status != 204 {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if left, _ := os.ReadDir(filepath.Dir(beside)); len(left) != 0 {
		t.Errorf("%d files are left", len(left))
	}
	if a := h.call(get, "/api/voice/recordings/"+string(id)+"/audio", nil, owner); a.status != 404 {
		t.Errorf("got %d", a.status)
	}
}

func TestRecordings_OfOtherQueuesAndOutsideTheFolderStayShut(t *testing.T) {
	h := newHouse(t).people()
	x := h.withCalls()
	owner, agent := bearer(h.secrets[desk.Owner]), bearer(h.secrets[desk.AgentRole])
	for _, q := range []string{"sales", "support"} {
		h.call(put, "/api/queues/"+q, map[string]any{"title": q}, owner)
	}
	h.call(put, "/api/users/"+string(h.userID(desk.AgentRole)), map[string]any{"queues": []string{"sales"}}, owner)
	call, c := h.ring(x, "+8613800000001")
	if _, err := h.s.Router.(*routing.Router).Hear(t.Context(), desk.Inbound{Channel: desk.Voice, Address: "+8613800000001", Contact: c.ContactID, ExternalID: "1", Command: desk.PickHuman, Playbook: "shop"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the queue", func() bool {
		return must(h.s.Reads.Conversation(t.Context(), c.ID))(t).Queue == "support"
	})
	id := h.keepRecording(call, c, "a.wav", wav(1))
	for _, path := range []string{"/audio", "/peaks"} {
		if a := h.call(get, "/api/voice/recordings/"+string(id)+path, nil, agent); a.status != 403 {
			t.Errorf("%s of another queue: got %d", path, a.status)
		}
	}
	if a := h.call(get, "/api/voice/recordings?call="+string(call), nil, agent); a.status != 403 {
		t.Errorf("list of another queue: got %d", a.status)
	}
	secret := filepath.Join(filepath.Dir(h.s.Voice.Recordings), "secret.wav")
	if err := os.WriteFile(secret, wav(1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(h.s.Voice.Recordings, "link.wav")); err != nil {
		t.Fatal(err)
	}
	for i, path := range []string{"../secret.wav", "link.wav", secret, "gone.wav"} {
		r := voice.Recording{ID: desk.ID(fmt.Sprint("r", i)), CallID: call, ConversationID: c.ID, Path: path, At: time.Now(), Kind: "call"}
		if err := h.db.Voice().AddRecording(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		for _, what := range []string{"/audio", "/peaks"} {
			if a := h.call(get, "/api/voice/recordings/"+string(r.ID)+what, nil, owner); a.status < 400 || bytes.Contains(a.body, []byte("RIFF")) {
				t.Errorf("%s%s: got %d", path, what, a.status)
			}
		}
	}
}

func (h *house) prompt(name, lang string, content []byte, opts ...option) answer {
	h.tb.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part := must(form.CreateFormFile("file", "x.wav"))(h.tb)
	_, _ = part.Write(content)
	_ = form.WriteField("name", name)
	_ = form.WriteField("lang", lang)
	_ = form.Close()
	return h.call(post, "/api/voice/prompts", b.String(), append(opts, header("Content-Type", form.FormDataContentType()))...)
}

func TestPrompts_AreWAVFilesByNameAndLanguage(t *testing.T) {
	h := newHouse(t).people()
	h.withCalls()
	owner := bearer(h.secrets[desk.Owner])
	p := into[voice.PromptFile](t, h.prompt("welcome", "zh", wav(1.5), owner), 201)
	if p.Name != "welcome" || p.Lang != "zh" || p.Seconds < 1.4 || p.Seconds > 1.6 || p.Size != int64(len(wav(1.5))) {
		t.Errorf("got %+v", p)
	}
	into[voice.PromptFile](t, h.prompt("welcome", "", wav(1), owner), 201)
	into[voice.PromptFile](t, h.prompt("welcome", "zh", wav(2), owner), 201) // replaced
	files, _ := os.ReadDir(h.s.Voice.Prompts)
	if list := into[Page[voice.PromptFile]](t, h.call(get, "/api/voice/prompts", nil, owner), 200); len(list.Items) != 2 || len(files) != 2 {
		t.Errorf("got %+v, %d files", list.Items, len(files))
	}
	if a := h.call(get, "/api/voice/prompts/welcome/audio?lang=zh", nil, owner); a.status != 200 || !bytes.Equal(a.body, wav(2)) || a.header.Get("Content-Type") != "audio/wav" {
		t.Errorf("got %d %v", a.status, a.header)
	}
	if a := h.call(get, "/api/voice/prompts/welcome/audio?lang=en", nil, owner); a.status != 200 || !bytes.Equal(a.body, wav(1)) {
		t.Errorf("got %d", a.status)
	}
	for name, c := range map[string]struct {
		name, lang string
		content    []byte
		code       string
	}{
		"mp3":       {"a", "en", []byte("ID3\x04 not a WAV file"), "not_wav"},
		"html":      {"a", "en", []byte("<script>alert(1)</script>"), "not_wav"},
		"nothing":   {"a", "en", nil, "not_wav"},
		"cut":       {"a", "en", wav(1)[:20], "not_wav"},
		"long":      {"a", "en", wav(601), "prompt_long"},
		"huge":      {"a", "en", make([]byte, promptBytes+1), "file_too_large"},
		"more huge": {"a", "en", make([]byte, promptBytes+1<<20), "file_too_large"},
		"path":      {"../a", "en", wav(1), "prompt_name"},
		"lang":      {"a", "fr", wav(1), "lang_unknown"},
	} {
		if a := h.prompt(c.name, c.lang, c.content, owner); a.problem().Code != c.code {
			t.Errorf("%s: got %d %s, want %s", name, a.status, a.body, c.code)
		}
	}
	if a := h.call(post, "/api/voice/prompts", "{}", owner); a.status != 415 {
		t.Errorf("JSON: got %d %s", a.status, a.body)
	}
	if a := h.prompt("a", "en", wav(1), bearer(h.secrets[desk.AgentRole])); a.status != 403 {
		t.Errorf("an agent uploads: %d", a.status)
	}
	if a := h.call(del, "/api/voice/prompts/welcome", nil, owner); a.status != 204 {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if files, _ := os.ReadDir(h.s.Voice.Prompts); len(files) != 0 {
		t.Errorf("%d files are left", len(files))
	}
	if a := h.call(del, "/api/voice/prompts/welcome", nil, owner); a.status != 404 {
		t.Errorf("got %d", a.status)
	}
}

func TestPhones_ThePasswordIsShownOnce(t *testing.T) {
	h := newHouse(t).people()
	h.withCalls()
	owner := bearer(h.secrets[desk.Owner])
	me := h.userID(desk.AgentRole)
	p := into[SIPPhone](t, h.call(post, "/api/voice/phones", map[string]any{"user": "201", "agent_id": me, "label": "desk"}, owner), 201)
	if len(p.Password) < 20 || p.User != "201" || !p.Registered || p.Realm != "parley" || p.Server == "" {
		t.Errorf("got %+v", p)
	}
	stored := must(h.db.Voice().Account(t.Context(), "201"))(t)
	sum := md5.Sum([]byte("201:parley:" + p.Password))
	if stored.MD5 != hex.EncodeToString(sum[:]) || len(stored.SHA256) != 64 {
		t.Errorf("got %+v", stored)
	}
	list := h.call(get, "/api/voice/phones", nil, owner)
	for _, secret := range []string{p.Password, stored.MD5, stored.SHA256, "password"} {
		if strings.Contains(string(list.body), secret) || strings.Contains(h.log.String(), secret) && secret != "password" {
			t.Errorf("%q shows: %s", secret, list.body)
		}
	}
	again := into[SIPPhone](t, h.call(put, "/api/voice/phones/201", map[string]any{"label": "kitchen"}, owner), 200)
	if again.Password != "" || again.Label != "kitchen" || again.AgentID != me {
		t.Errorf("got %+v", again)
	}
	if fresh := into[SIPPhone](t, h.call(put, "/api/voice/phones/201", map[string]any{"new_password": true}, owner), 200); fresh.Password == "" || fresh.Password == p.Password {
		t.Errorf("got %+v", fresh)
	}
	if st := into[VoiceState](t, h.call(get, "/api/voice", nil, bearer(h.secrets[desk.AgentRole])), 200); len(st.Phones) != 1 || st.Phones[0] != (MyPhone{"201", true}) {
		t.Errorf("got %+v", st.Phones)
	}
	for name, c := range map[string]struct {
		body   map[string]any
		status int
		code   string
	}{
		"taken":    {map[string]any{"user": "201"}, 409, "user_taken"},
		"form":     {map[string]any{"user": "a b"}, 422, "sip_user"},
		"address":  {map[string]any{"user": "a@b"}, 422, "sip_user"},
		"nobody":   {map[string]any{"user": "202", "agent_id": "nobody"}, 422, "unknown"},
		"stranger": {map[string]any{"user": "202", "contact_id": "nobody"}, 422, "unknown"},
		"two":      {map[string]any{"user": "202", "agent_id": me, "contact_id": "x"}, 422, "two_owners"},
	} {
		if a := h.call(post, "/api/voice/phones", c.body, owner); a.status != c.status || a.problem().Code != c.code {
			t.Errorf("%s: got %d %s", name, a.status, a.body)
		}
	}
	for _, u := range []string{"301", "302", "303"} {
		into[SIPPhone](t, h.call(post, "/api/voice/phones", map[string]any{"user": u}, owner), 201)
	}
	first := into[Page[SIPPhone]](t, h.call(get, "/api/voice/phones?limit=2", nil, owner), 200)
	rest := into[Page[SIPPhone]](t, h.call(get, "/api/voice/phones?limit=2&after="+first.Next, nil, owner), 200)
	if len(first.Items) != 2 || len(rest.Items) != 2 || rest.Next != "" || rest.Items[0].User != "302" {
		t.Errorf("got %+v and %+v", first, rest)
	}
	if a := h.call(del, "/api/voice/phones/201", nil, owner); a.status != 204 {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if l := into[Page[voice.Trunk]](t, h.call(get, "/api/voice/trunks", nil, owner), 200); len(l.Items) != 2 || l.Items[0].Name != "a" {
		t.Errorf("got %+v", l.Items)
	}
}

func TestHooks_TheSecretIsShownOnce(t *testing.T) {
	h := newHouse(t).people()
	h.withCalls()
	owner := bearer(h.secrets[desk.Owner])
	made := into[HookWithSecret](t, h.call(post, "/api/webhooks", map[string]any{"url": "http://127.0.0.1:9/x", "events": []string{"call.ended"}}, owner), 201)
	if !strings.HasPrefix(made.Secret, hookSecretPrefix) || !made.Active {
		t.Errorf("got %+v", made)
	}
	list := h.call(get, "/api/webhooks", nil, owner)
	if l := into[Page[webhooks.Hook]](t, list, 200); len(l.Items) != 1 || strings.Contains(string(list.body), hookSecretPrefix) {
		t.Errorf("got %s", list.body)
	}
	path := "/api/webhooks/" + string(made.ID)
	if got := into[HookTest](t, h.call(post, path+"/test", nil, owner), 200); got.OK || !strings.Contains(got.Reason, "private") {
		t.Errorf("got %+v", got)
	}
	off := into[HookWithSecret](t, h.call(put, path, map[string]any{"active": false, "events": []string{"call.began", "recording.ready"}}, owner), 200)
	if off.Active || len(off.Events) != 2 || off.Secret != "" || off.URL != made.URL {
		t.Errorf("got %+v", off)
	}
	if err := h.db.Voice().NoteHook(t.Context(), made.ID, time.Now(), "it answered with status 500", true); err != nil {
		t.Fatal(err)
	}
	if l := into[Page[webhooks.Hook]](t, h.call(get, "/api/webhooks", nil, owner), 200); l.Items[0].Reason == "" || l.Items[0].FailingSince.IsZero() {
		t.Errorf("why it failed does not show: %+v", l.Items)
	}
	if on := into[HookWithSecret](t, h.call(put, path, map[string]any{"active": true, "new_secret": true}, owner), 200); !on.Active || on.Reason != "" || on.Secret == made.Secret || on.Secret == "" {
		t.Errorf("got %+v", on)
	}
	for name, body := range map[string]string{
		"scheme":   `{"url":"file:///etc/passwd","events":["call.ended"]}`,
		"event":    `{"url":"https://example.com","events":["call.sung"]}`,
		"no event": `{"url":"https://example.com","events":[]}`,
		"password": `{"url":"https://a:b@example.com","events":["call.ended"]}`,
	} {
		if a := h.call(post, "/api/webhooks", body, owner); a.status != 422 {
			t.Errorf("%s: got %d %s", name, a.status, a.body)
		}
	}
	if a := h.call(del, path, nil, owner); a.status != 204 {
		t.Errorf("got %d %s", a.status, a.body)
	}
	var v any
	if b := h.call(get, "/api/audit", nil, owner).body; json.Unmarshal(b, &v) != nil || strings.Contains(string(b), hookSecretPrefix) || !strings.Contains(string(b), "webhooks.create") {
		t.Errorf("got %s", b)
	}
}
