package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/internal/webhooks"
	"github.com/parleyhq/parley/routing"
	"github.com/parleyhq/parley/voice"
)

var began = time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)

func record(id string) voice.Record {
	return voice.Record{
		ID: desk.ID(id), ConversationID: "c1", ContactID: "p1", Source: "parley", Node: "n1", Direction: "in", From: "+4930111111", To: "+4930999",
		Trunk: "sipgate", Playbook: "telecom", Queue: "support", AgentID: "ann", StartedAt: began,
	}
}

// queued counts the jobs of a kind.
func queued(t *testing.T, db *store.DB, kind string) int {
	t.Helper()
	n, err := store.One(context.Background(), db.Read(), store.Value[int], "SELECT count(*) FROM jobs WHERE kind = $1", kind)
	no(t, err)
	return n
}

func no(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCalls_EndExactlyOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, v := t.Context(), db.Voice()
		r := record("a")
		no(t, v.StartCall(ctx, r))
		no(t, v.StartCall(ctx, r))
		r.AnsweredAt, r.Queue = began.Add(time.Second), "sales"
		no(t, v.UpdateCall(ctx, r))
		if got, err := v.Call(ctx, "a"); err != nil || got.Queue != "sales" || !got.EndedAt.IsZero() {
			t.Fatalf("got %+v %v", got, err)
		}
		if _, err := v.FinishCall(ctx, r); err == nil {
			t.Error("a call was finished without its end")
		}
		r.EndedAt, r.Waited, r.Talked, r.HeldFor = began.Add(time.Minute), 10*time.Second, 40*time.Second, 1500*time.Millisecond
		r.Cause, r.Quality = voice.Cause{Reason: voice.EndNormal, By: "caller"}, []voice.LegQuality{{Role: "caller", Codec: "PCMU", MOS: 4.4}}
		var wins atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				ok, err := v.FinishCall(ctx, r)
				if err != nil {
					t.Error(err)
				}
				if ok {
					wins.Add(1)
				}
			})
		}
		all.Wait()
		if wins.Load() != 1 || queued(t, db, webhooks.EndedJob) != 1 {
			t.Errorf("it ended %d times and %d jobs tell of it", wins.Load(), queued(t, db, webhooks.EndedJob))
		}
		late := r
		late.Queue = "late"
		no(t, v.UpdateCall(ctx, late))
		if got, err := v.Call(ctx, "a"); err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("got  %+v\nwant %+v %v", got, r, err)
		}
		unheard := r
		unheard.ID = "b"
		for _, want := range []bool{true, false} {
			if ok, err := v.FinishCall(ctx, unheard); err != nil || ok != want {
				t.Errorf("a call whose beginning was not stored: finished %v, want %v %v", ok, want, err)
			}
		}
		if got, err := v.Call(ctx, "b"); err != nil || !reflect.DeepEqual(got, unheard) {
			t.Errorf("got %+v %v", got, err)
		}
		if _, err := v.Call(ctx, "nobody"); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestCalls_OfADeadNodeAreLostWhenItWasLastHeardOf(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, v := t.Context(), db.Voice()
		other := record("b")
		other.Node = "n2"
		no(t, v.StartCall(ctx, record("a")))
		no(t, v.StartCall(ctx, other))
		no(t, v.Beat(ctx, "n1", began.Add(10*time.Second)))
		no(t, v.Beat(ctx, "n2", began.Add(60*time.Second)))
		no(t, v.Beat(ctx, "n1", began.Add(5*time.Second))) // late
		for _, want := range []int{1, 0} {
			gone, err := v.AbandonCalls(ctx, began.Add(30*time.Second), 10)
			if err != nil || len(gone) != want {
				t.Fatalf("%d gone, want %d %v", len(gone), want, err)
			}
		}
		if got, err := v.Call(ctx, "a"); err != nil || !got.EndedAt.Equal(began.Add(10*time.Second)) || got.Cause.Reason != voice.EndLost {
			t.Errorf("got %+v %v", got, err)
		}
		if got, err := v.Call(ctx, "b"); err != nil || !got.EndedAt.IsZero() {
			t.Errorf("the living node's call: %+v %v", got, err)
		}
		if ok, err := v.FinishCall(ctx, func() voice.Record { r := record("a"); r.EndedAt = began.Add(time.Hour); return r }()); ok || err != nil {
			t.Errorf("it ended twice: %v", err)
		}
	})
}

func TestCalls_AreFoundByPagesNumbersAndNames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, v := t.Context(), db.Voice()
		var zoe desk.Contact
		no(t, db.Routing().Write(ctx, func(ctx context.Context, tx routing.Tx) error {
			zoe = desk.Contact{ID: "p-zoe", Name: "Zoë Weiß", Phone: "+4930777777", Lang: desk.English, CreatedAt: began, UpdatedAt: began}
			_, err := tx.AddContact(ctx, zoe, desk.Identity{Channel: desk.Webchat, Address: "w"})
			return err
		}))
		for i := range 5 {
			r := record(fmt.Sprint("a", i))
			r.StartedAt, r.ConversationID, r.Recorded = began.Add(time.Duration(i)*time.Minute), desk.ID(fmt.Sprint("c", i%2)), i == 2
			no(t, v.StartCall(ctx, r))
		}
		foreign := voice.Record{ID: voice.ForeignID("pbx", "77"), Source: "pbx", Direction: "out", From: "10", To: "+4930777777", StartedAt: began.Add(-time.Hour)}
		for _, want := range []bool{true, false} {
			if added, err := v.AddCall(ctx, foreign); err != nil || added != want {
				t.Fatalf("added %v, want %v %v", added, want, err)
			}
		}
		ids := func(q voice.RecordQuery) (out []desk.ID) {
			for {
				page, next, err := v.Calls(ctx, q)
				no(t, err)
				for _, r := range page {
					out = append(out, r.ID)
				}
				if q.After = next; next == "" {
					return out
				}
			}
		}
		for _, c := range []struct {
			q    voice.RecordQuery
			want []desk.ID
		}{
			{voice.RecordQuery{Limit: 2}, []desk.ID{"a4", "a3", "a2", "a1", "a0", foreign.ID}},
			{voice.RecordQuery{From: began.Add(time.Minute), To: began.Add(3 * time.Minute)}, []desk.ID{"a2", "a1"}},
			{voice.RecordQuery{Conversation: "c1"}, []desk.ID{"a3", "a1"}},
			{voice.RecordQuery{Search: "zoe weiss"}, nil}, // ß is a letter of its own
			{voice.RecordQuery{Search: "ZOE"}, []desk.ID{foreign.ID}},
			{voice.RecordQuery{Recorded: true}, []desk.ID{"a2"}},
			{voice.RecordQuery{Contact: "p-zoe"}, []desk.ID{foreign.ID}},
			{voice.RecordQuery{Search: "30111"}, []desk.ID{"a4", "a3", "a2", "a1", "a0"}},
			{voice.RecordQuery{Search: "%"}, nil},
		} {
			if got := ids(c.q); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v: got %v, want %v", c.q, got, c.want)
			}
		}
		if _, _, err := v.Calls(ctx, voice.RecordQuery{After: "nonsense"}); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRecordings_AreListedAndComeDue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, v := t.Context(), db.Voice()
		no(t, v.StartCall(ctx, record("a")))
		r := voice.Recording{ID: "r1", CallID: "a", ConversationID: "c1", Path: "2026/03/r1.wav", At: began, Seconds: 12.5, Kind: "call",
			Pauses: []voice.Span{{From: 1, To: 2.5}}, KeepUntil: began.Add(time.Hour)}
		other := voice.Recording{ID: "r2", CallID: "b", ConversationID: "c1", Path: "r2.wav", At: began.Add(time.Minute), Kind: "voicemail", Pauses: []voice.Span{}}
		for _, r := range []voice.Recording{other, r, r} {
			no(t, v.AddRecording(ctx, r))
		}
		if got, err := v.Recordings(ctx, "c1", ""); err != nil || !reflect.DeepEqual(got, []voice.Recording{r, other}) {
			t.Errorf("got %+v %v", got, err)
		}
		if got, err := v.Recordings(ctx, "", "b"); err != nil || len(got) != 1 || got[0].ID != "r2" {
			t.Errorf("got %+v %v", got, err)
		}
		if got, err := v.Recordings(ctx, "", ""); err != nil || len(got) != 0 {
			t.Errorf("of nothing: %+v %v", got, err)
		}
		if c, err := v.Call(ctx, "a"); err != nil || !c.Recorded {
			t.Errorf("the call does not say that it was recorded: %v", err)
		}
		if n := queued(t, db, webhooks.RecordingJob); n != 2 {
			t.Errorf("%d jobs tell of 2 recordings", n)
		}
		due := func(at time.Duration) int {
			got, err := v.RecordingsDue(ctx, began.Add(at), 10)
			no(t, err)
			return len(got)
		}
		if due(59*time.Minute) != 0 || due(time.Hour) != 1 || due(1000*time.Hour) != 1 {
			t.Error("what is not to be kept is not due, or the other way round")
		}
		no(t, v.KeepRecording(ctx, "r1", time.Time{}))
		if due(1000*time.Hour) != 0 {
			t.Error("it is due although it is to be kept")
		}
		no(t, v.DropRecording(ctx, "r1"))
		if err := v.DropRecording(ctx, "r1"); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestPrompts_FallBackToTheOneForEveryLanguage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, v := t.Context(), db.Voice()
		put := func(name string, lang desk.Lang, path, replaced string) {
			t.Helper()
			got, err := v.PutPrompt(ctx, voice.PromptFile{Name: name, Lang: lang, Path: path, Seconds: 1.5, Size: 24000, At: began})
			if err != nil || got != replaced {
				t.Errorf("replaced %q, want %q %v", got, replaced, err)
			}
		}
		put("wait", "", "a.wav", "")
		put("wait", desk.Chinese, "b.wav", "")
		put("wait", desk.Chinese, "c.wav", "b.wav")
		for lang, want := range map[desk.Lang]string{desk.English: "a.wav", desk.Chinese: "c.wav", "": "a.wav"} {
			if got, err := v.Prompt(ctx, "wait", lang); err != nil || got != want {
				t.Errorf("%q: got %q, want %q %v", lang, got, want, err)
			}
		}
		if _, err := v.Prompt(ctx, "nothing", desk.English); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("got %v", err)
		}
		if all, err := v.Prompts(ctx); err != nil || len(all) != 2 || all[1].Path != "c.wav" || all[1].Size != 24000 || !all[1].At.Equal(began) {
			t.Errorf("got %+v %v", all, err)
		}
		if paths, err := v.DropPrompt(ctx, "wait"); err != nil || len(paths) != 2 {
			t.Errorf("got %v %v", paths, err)
		}
		if _, err := v.DropPrompt(ctx, "wait"); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestPhones_RegisterUntilTheyExpire(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, v := t.Context(), db.Voice()
		a := voice.Account{User: "ann1", AgentID: "ann", Label: "desk phone", Realm: "parley", MD5: "m", SHA256: "s", CreatedAt: began}
		no(t, v.AddAccount(ctx, a))
		no(t, v.AddAccount(ctx, voice.Account{User: "bob1", AgentID: "bob", CreatedAt: began}))
		if err := v.AddAccount(ctx, a); !desk.IsKind(err, desk.Conflict) {
			t.Errorf("got %v", err)
		}
		a.Label, a.MD5 = "soft phone", "m2"
		no(t, v.SaveAccount(ctx, a))
		if got, err := v.Account(ctx, "ann1"); err != nil || !reflect.DeepEqual(got, a) {
			t.Errorf("got %+v %v", got, err)
		}
		if got, err := v.Accounts(ctx, "ann", "", 10); err != nil || len(got) != 1 {
			t.Errorf("got %+v %v", got, err)
		}
		if got, err := v.Accounts(ctx, "", "ann1", 10); err != nil || len(got) != 1 || got[0].User != "bob1" {
			t.Errorf("got %+v %v", got, err)
		}
		in := func(d time.Duration) time.Time { return time.Now().Add(d).UTC().Truncate(time.Microsecond) }
		b := voice.Binding{User: "ann1", Contact: "sip:ann1@10.0.0.2:5062", Source: "10.0.0.2:5062", Transport: "udp", CallID: "x", CSeq: 4294967295, Node: "n1", Expires: in(time.Hour)}
		old := b
		old.Contact, old.Expires = "sip:ann1@10.0.0.3", in(-time.Second)
		no(t, v.Bind(ctx, b))
		no(t, v.Bind(ctx, old))
		b.CSeq, b.Node = 1, "n2"
		no(t, v.Bind(ctx, b))
		if got, err := v.Bound(ctx, "ann1"); err != nil || !reflect.DeepEqual(got, []voice.Binding{b}) {
			t.Errorf("got %+v %v", got, err)
		}
		no(t, v.Bind(ctx, old))
		if n, err := v.ForgetBindings(ctx, time.Now()); err != nil || n != 1 {
			t.Errorf("forgot %d, want 1 %v", n, err)
		}
		no(t, v.Unbind(ctx, "ann1", "sip:other"))
		if got, err := v.Bound(ctx, "ann1"); err != nil || len(got) != 1 {
			t.Errorf("another's contact was taken: %v %v", got, err)
		}
		for i := range 19 {
			more := b
			more.Contact = fmt.Sprintf("sip:ann1@10.0.1.%d", i)
			no(t, v.Bind(ctx, more))
		}
		one := b
		one.Contact = "sip:ann1@10.0.2.1"
		if err := v.Bind(ctx, one); !desk.IsKind(err, desk.TooMany) {
			t.Errorf("a twenty-first phone: %v", err)
		}
		no(t, v.DropAccount(ctx, "ann1"))
		if got, err := v.Bound(ctx, "ann1"); err != nil || len(got) != 0 {
			t.Errorf("a deleted account is still reached: %v %v", got, err)
		}
		if err := v.DropAccount(ctx, "ann1"); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestStation_IsTheBrowserUntilSaidOtherwise(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, v := t.Context(), db.Voice()
		save := func() {
			no(t, db.Routing().Write(ctx, func(ctx context.Context, tx routing.Tx) error {
				return tx.SaveAgent(ctx, routing.AgentRecord{Agent: desk.Agent{ID: "ann", Name: "Ann", Presence: desk.Offline}, Active: true})
			}))
		}
		save()
		if st, err := v.Station(ctx, "ann"); err != nil || st != (voice.Station{Where: "browser"}) {
			t.Errorf("got %+v %v", st, err)
		}
		want := voice.Station{Where: "number", Number: "+4930555555"}
		no(t, v.PutStation(ctx, "ann", want))
		save() // routing's changes leave it alone
		if st, err := v.Station(ctx, "ann"); err != nil || st != want {
			t.Errorf("got %+v %v", st, err)
		}
		if err := v.PutStation(ctx, "nobody", want); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestHooks_FailSinceTheFirstFailure(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, v := t.Context(), db.Voice()
		h := webhooks.Hook{ID: "h1", URL: "https://example.org/hook", Events: []webhooks.Event{webhooks.CallEnded}, Secret: "s", Active: true, CreatedAt: began, UpdatedAt: began}
		no(t, v.AddHook(ctx, h))
		if got, err := v.Hook(ctx, "h1"); err != nil || !reflect.DeepEqual(got, h) {
			t.Errorf("got %+v %v", got, err)
		}
		no(t, v.NoteHook(ctx, "h1", began.Add(time.Minute), "it failed", false))
		no(t, v.NoteHook(ctx, "h1", began.Add(time.Hour), "it failed again", false))
		if got, err := v.Hook(ctx, "h1"); err != nil || !got.FailingSince.Equal(began.Add(time.Minute)) || got.Reason != "it failed again" || !got.Active {
			t.Errorf("got %+v %v", got, err)
		}
		no(t, v.NoteHook(ctx, "h1", began.Add(2*time.Hour), "", false))
		if got, err := v.Hook(ctx, "h1"); err != nil || !reflect.DeepEqual(got, h) {
			t.Errorf("got %+v %v", got, err)
		}
		no(t, v.NoteHook(ctx, "h1", began, "gone", true))
		if got, err := v.Hook(ctx, "h1"); err != nil || got.Active {
			t.Errorf("got %+v %v", got, err)
		}
		no(t, v.NoteHook(ctx, "nobody", began, "gone", true))
		no(t, v.EnqueueHooks(ctx, []desk.Job{desk.NewJob(webhooks.DeliverJob, "1", nil), desk.NewJob(webhooks.DeliverJob, "2", nil)}))
		if n := queued(t, db, webhooks.DeliverJob); n != 2 {
			t.Errorf("%d jobs, want 2", n)
		}
		for i := range webhooks.MaxHooks - 1 {
			more := h
			more.ID = desk.ID(fmt.Sprint("m", i))
			no(t, v.AddHook(ctx, more))
		}
		if err := v.AddHook(ctx, webhooks.Hook{ID: "one too many"}); !desk.IsKind(err, desk.Conflict) {
			t.Errorf("got %v", err)
		}
		h.URL = "https://example.org/other"
		no(t, v.SaveHook(ctx, h))
		no(t, v.DropHook(ctx, "h1"))
		if err := v.SaveHook(ctx, h); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestBackup_CarriesWhatCallsLeft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, a *store.DB) {
		ctx := t.Context()
		r := record("a")
		no(t, a.Voice().StartCall(ctx, r))
		r.EndedAt, r.Cause, r.Quality, r.Recorded = began.Add(time.Minute), voice.Cause{Reason: voice.EndBusy}, []voice.LegQuality{{Role: "caller", MOS: 4.1}}, true
		_, err := a.Voice().FinishCall(ctx, r)
		no(t, err)
		no(t, a.Voice().AddRecording(ctx, voice.Recording{ID: "r", CallID: "a", Path: "r.wav", At: began, Seconds: 0.5, Kind: "call"}))
		_, err = a.Voice().PutPrompt(ctx, voice.PromptFile{Name: "wait", Path: "p.wav", At: began})
		no(t, err)
		no(t, a.Voice().AddAccount(ctx, voice.Account{User: "ann1", AgentID: "ann", MD5: "m", CreatedAt: began}))
		no(t, a.Voice().Bind(ctx, voice.Binding{User: "ann1", Contact: "sip:x", Expires: time.Now().Add(time.Hour)}))
		no(t, a.Voice().AddHook(ctx, webhooks.Hook{ID: "h", URL: "https://example.org", Events: []webhooks.Event{webhooks.CallEnded}, Active: true, CreatedAt: began, UpdatedAt: began}))
		path := backup(t, a)
		want := contents(t, path)
		for _, table := range []string{"calls", "recordings", "prompts", "sip_accounts", "sip_bindings", "webhooks"} {
			if want["tables/"+table+".jsonl"] == "" {
				t.Errorf("the archive has no %s", table)
			}
		}
		storetest.EachURL(t, func(t *testing.T, to string) {
			b := empty(t, to)
			no(t, b.Restore(t.Context(), path, filepath.Join(t.TempDir(), "uploads"), false))
			got, err := b.Voice().Call(t.Context(), "a")
			if err != nil || !reflect.DeepEqual(got, r) {
				t.Errorf("got  %+v\nwant %+v %v", got, r, err)
			}
			for name, rows := range contents(t, backup(t, b)) {
				if n := strings.Count(want[name], "\n"); strings.Count(rows, "\n") != n {
					t.Errorf("%s: got %.300s\nwant %d rows", name, rows, n)
				}
			}
		})
	})
}
