package llm_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/internal/llm"
	"github.com/parleyhq/parley/internal/llm/llmtest"
)

func TestChat_IsKeptWithItsPrompt(t *testing.T) {
	s := llmtest.Start(llmtest.Reply{Text: "hello"}, llmtest.Reply{Text: "cut", CutShort: true}, llmtest.Reply{Status: 401})
	defer s.Close()
	var kept []llm.Exchange
	c, err := llm.New(llm.Config{
		URL: s.URL, Model: "m", Retries: -1, Keep: func(x llm.Exchange) { kept = append(kept, x) },
		Hide: func(text string) string { return strings.ReplaceAll(text, "4111", "[card]") },
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(b *llm.Budget) {
		_, _ = c.Chat(t.Context(), llm.Request{ // what became of it is in kept
			Messages: []llm.Message{{Role: llm.System, Content: "rules"}, {Role: llm.User, Content: "my card is 4111"}},
			Purpose:  llm.Understand, Conversation: "c1", Budget: b,
		})
	}
	for range 3 {
		ask(nil)
	}
	ask(llm.NewBudget(1))
	if len(kept) != 4 {
		t.Fatalf("%d of 4 calls were kept", len(kept))
	}
	for i, want := range []struct {
		answer string
		err    llm.ErrorKind
	}{{"hello", ""}, {"cut", llm.BadAnswer}, {"", llm.Rejected}, {"", llm.OverBudget}} {
		x := kept[i]
		if x.Answer != want.answer || x.Error != want.err || x.Conversation != "c1" || x.Purpose != llm.Understand || x.Model != "m" || x.At.IsZero() {
			t.Errorf("call %d was kept as %+v", i, x)
		}
		if sent := i < 3; sent != (len(x.Prompt) == 2) || sent && x.Prompt[1].Content != "my card is [card]" {
			t.Errorf("call %d: the prompt was kept as %v", i, x.Prompt)
		}
	}
	if kept[0].Usage.Total() == 0 || kept[0].Took <= 0 {
		t.Errorf("cost and time are missing: %+v", kept[0])
	}
	if got := s.Requests()[0].Last(); got != "my card is [card]" {
		t.Errorf("the model read %q", got)
	}
}

func TestEmbed_HidesWhatNoModelMayRead(t *testing.T) {
	s := llmtest.Start()
	defer s.Close()
	c, err := llm.New(llm.Config{URL: s.URL, EmbedModel: "e", Hide: func(string) string { return "hidden" }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Embed(t.Context(), []string{"call 13800138000"}); err != nil {
		t.Fatal(err)
	}
	if got := s.Requests()[0].Input[0]; got != "hidden" {
		t.Errorf("the model read %q", got)
	}
}

// book is what a Journal writes into; it fails as often as told.
type book struct {
	mu   sync.Mutex // guards what follows
	fail int
	got  []string
	more chan struct{}
}

func (b *book) save(_ context.Context, xs []llm.Exchange) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail > 0 {
		b.fail--
		return errors.New("the database is away")
	}
	for _, x := range xs {
		b.got = append(b.got, x.Answer)
		b.more <- struct{}{}
	}
	return nil
}

func TestJournal_WritesAllAlsoWhenToldToEnd(t *testing.T) {
	b := &book{fail: 2, more: make(chan struct{}, 1000)}
	j := llm.NewJournal(b.save, nil)
	j.Wait = time.Millisecond
	for i := range 250 {
		j.Keep(llm.Exchange{Answer: fmt.Sprint(i)})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if len(b.got) != 250 || b.got[0] != "0" || b.got[249] != "249" || j.Lost() != 0 || j.Waiting() != 0 {
		t.Errorf("%d of 250 were written, %d lost, %d wait", len(b.got), j.Lost(), j.Waiting())
	}
}

func TestJournal_CountsAndLogsWhatIsLost(t *testing.T) {
	var log bytes.Buffer
	b := &book{fail: 1 << 30, more: make(chan struct{}, 10)}
	j := llm.NewJournal(b.save, slog.New(slog.NewTextHandler(&log, nil)))
	j.Wait = time.Microsecond
	for range 5000 { // more than there is room for
		j.Keep(llm.Exchange{Answer: "secret words"})
	}
	full := j.Lost()
	if full == 0 || !strings.Contains(log.String(), "not kept") {
		t.Errorf("a full queue lost %d, and the log says %q", full, log.String())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if j.Lost() != 5000 {
		t.Errorf("%d of 5000 count as lost", j.Lost())
	}
	if strings.Contains(log.String(), "secret words") {
		t.Error("the log holds what was said")
	}
}
