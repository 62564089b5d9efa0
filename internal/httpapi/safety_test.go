package httpapi

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/llm"
)

// spoken is a few exchanges, the newest first.
type spoken []llm.Kept

func (s spoken) Exchanges(_ context.Context, q llm.ExchangeQuery) ([]llm.Kept, error) {
	var out []llm.Kept
	for _, k := range s {
		if (q.Conversation == "" || k.Conversation == q.Conversation) && (q.Before == "" || k.ID < q.Before) && len(out) < q.Limit {
			out = append(out, k)
		}
	}
	return out, nil
}

func TestExchanges_ArePagedForWhoMayAudit(t *testing.T) {
	h := newHouse(t).people()
	var all spoken
	for i := 9; i > 0; i-- {
		all = append(all, llm.Kept{ID: fmt.Sprint(i), Exchange: llm.Exchange{
			At: time.Unix(int64(i), 0).UTC(), Purpose: llm.Understand, Conversation: fmt.Sprint("c", i%2), Model: "m",
			Prompt: []llm.Message{{Role: llm.User, Content: "call [phone_1]"}}, Answer: "ok", Took: 1500 * time.Millisecond, Usage: llm.Usage{Prompt: 5, Completion: 2},
		}})
	}
	h.s.Exchanges = all
	owner := bearer(h.secrets[desk.Owner])
	page := into[Page[modelExchange]](t, h.call(get, "/api/model/exchanges?limit=3&conversation=c1", nil, owner), 200)
	if len(page.Items) != 3 || page.Items[0].ID != "9" || page.Items[0].Took != 1500 || page.Items[0].Prompt[0].Text != "call [phone_1]" || page.Next == "" {
		t.Fatalf("got %+v", page)
	}
	rest := into[Page[modelExchange]](t, h.call(get, "/api/model/exchanges?limit=3&conversation=c1&after="+page.Next, nil, owner), 200)
	if len(rest.Items) != 2 || rest.Items[1].ID != "1" || rest.Next != "" {
		t.Errorf("then %+v", rest)
	}
	if a := h.call(get, "/api/model/exchanges", nil, bearer(h.secrets[desk.AgentRole])); a.status != 403 {
		t.Errorf("an agent may read them: %d", a.status)
	}
}

func TestMetrics_ShowWhatModelsCostAndWhatWasOverBudget(t *testing.T) {
	m := NewMetrics()
	j := llm.NewJournal(nil, nil)
	m.ModelBudget(50_000, j)
	m.Model(llm.Exchange{Purpose: llm.Understand, Usage: llm.Usage{Prompt: 30, Completion: 12}, Took: time.Second})
	m.Model(llm.Exchange{Purpose: llm.Understand, Error: llm.OverBudget})
	j.Keep(llm.Exchange{})
	families, err := m.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range families {
		for _, x := range f.GetMetric() {
			fmt.Fprintf(&b, "%s", f.GetName())
			for _, l := range x.GetLabel() {
				fmt.Fprintf(&b, " %s", l.GetValue())
			}
			fmt.Fprintf(&b, " = %v\n", x.GetCounter().GetValue()+x.GetGauge().GetValue())
		}
	}
	for _, want := range []string{
		"parley_model_calls_total ok understand = 1", "parley_model_calls_total over_budget understand = 1", "parley_model_tokens_total prompt understand = 30",
		"parley_model_tokens_total completion understand = 12", "parley_model_conversation_budget_tokens = 50000", "parley_model_exchanges_waiting = 1", "parley_model_exchanges_lost_total = 0",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
