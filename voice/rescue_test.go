package voice_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

func TestRescue_KeepsWhatADeadNodeRecorded(t *testing.T) {
	store := &ledger{records: map[desk.ID]voice.Record{}, finished: map[desk.ID]int{}}
	x := &voice.Exchange{Store: store, Config: voice.Config{DataDir: t.TempDir(), Keep: time.Hour}}
	folder := filepath.Join(x.Config.DataDir, voice.Recordings, "2026", "11")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	began := time.Now().Add(-time.Minute)
	record := func(ended bool) (id desk.ID, path string) {
		call := desk.NewID()
		r := voice.Record{ID: call, ConversationID: "conv", AnsweredAt: began}
		if ended {
			r.EndedAt = time.Now()
		}
		store.records[call] = r
		id = desk.NewID()
		path = filepath.Join(folder, string(id)+"."+string(call)+".wav")
		rec, err := media.NewRecorder(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := rec.Close(); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Write(bytes.Repeat([]byte{1, 2, 3, 4}, 2*media.Rate)) // as if the header had not been written yet
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		return id, path
	}
	lost, path := record(true)
	record(false) // its call is up still
	if err := os.WriteFile(filepath.Join(folder, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := x.Rescue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(store.recordings) != 1 {
		t.Fatalf("rescued %+v, want one", store.recordings)
	}
	r := store.recordings[0]
	if r.ID != lost || r.ConversationID != "conv" || r.Seconds < 1.9 || r.Seconds > 2.1 || !r.KeepUntil.Equal(began.Add(time.Hour)) {
		t.Errorf("rescued %+v", r)
	}
	if left, _, err := media.Peaks(path, 10); err != nil || len(left) != 10 {
		t.Errorf("the file is not whole: %v", err)
	}
}
