package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/parleyhq/parley/internal/llm"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
)

func TestExchanges_AreKeptPagedAndForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := store.Exchanges{DB: db}
		now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
		var all []llm.Exchange
		for i := range 2500 {
			all = append(all, llm.Exchange{At: now.Add(-time.Duration(i) * time.Hour), Conversation: fmt.Sprint("c", i%2), Purpose: llm.Understand, Model: "m"})
		}
		all[0] = llm.Exchange{
			At: now, Purpose: llm.Judge, Conversation: "c9", Model: "m", Prompt: []llm.Message{{Role: llm.User, Content: "a \x00 b"}}, Answer: "{\"c\": \"\x00\xff\"}",
			Usage: llm.Usage{Prompt: 7, Completion: 3}, Took: 1234 * time.Microsecond, Error: llm.BadAnswer,
		}
		if err := s.Save(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		one, err := s.Exchanges(t.Context(), llm.ExchangeQuery{Conversation: "c9", Limit: 10})
		if err != nil || len(one) != 1 {
			t.Fatalf("got %d, %v", len(one), err)
		}
		if k := one[0]; k.Purpose != llm.Judge || k.Usage.Total() != 10 || k.Took != 1234*time.Microsecond || k.Error != llm.BadAnswer || !k.At.Equal(now) || len(k.Prompt) != 1 || k.Answer == "" {
			t.Errorf("read back as %+v", k)
		}
		seen, before := 0, ""
		for {
			page, err := s.Exchanges(t.Context(), llm.ExchangeQuery{Conversation: "c1", Purpose: llm.Understand, Before: before, Limit: 400})
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			seen += len(page)
			before = page[len(page)-1].ID
		}
		if seen != 1250 {
			t.Errorf("paged through %d of 1250", seen)
		}
		gone, err := s.Forget(t.Context(), now.Add(-100*time.Hour+time.Minute))
		if err != nil || gone != 2400 {
			t.Errorf("forgot %d of 2400, %v", gone, err)
		}
		left, err := s.Exchanges(t.Context(), llm.ExchangeQuery{Limit: 1000})
		if err != nil || len(left) != 100 {
			t.Errorf("%d of 100 are left, %v", len(left), err)
		}
	})
}
