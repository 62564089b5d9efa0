package playbook_test

import (
	"reflect"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
)

func TestPublish_SaysWhatIsHeardInAQueueOrLeavesItAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := open(t, db)
		queue := func() desk.Queue {
			t.Helper()
			q, ok, err := db.Routing().Queue(t.Context(), "support")
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			return q
		}
		h.publish(t, with(t, "queues.yaml", "客服}}",
			`客服}, on_hold: {announce: {en: Please wait., zh: 请稍候。}, every: 20, callback: true, prompts: {en: wait-en}}, dispositions: [{key: solved, title: {en: Solved, zh: 已解决}}]}`))
		want := desk.OnHold{Announce: desk.T("Please wait.", "请稍候。"), Every: 20, Callback: true, Prompts: map[desk.Lang]string{desk.English: "wait-en"}}
		results := []desk.Disposition{{Key: "solved", Title: desk.T("Solved", "已解决")}}
		if q := queue(); !reflect.DeepEqual(q.OnHold, want) || !reflect.DeepEqual(q.Dispositions, results) {
			t.Errorf("got %+v", q)
		}
		h.publish(t, small())
		if q := queue(); !reflect.DeepEqual(q.OnHold, want) || !reflect.DeepEqual(q.Dispositions, results) {
			t.Errorf("a playbook that says nothing of it changed it: %+v", q)
		}
		stats, err := db.Routing().QueueStats(t.Context())
		if err != nil || len(stats) != 1 || !reflect.DeepEqual(stats[0].OnHold, want) || !reflect.DeepEqual(stats[0].Dispositions, results) {
			t.Errorf("stats %+v %v", stats, err)
		}
	})
}
