package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleyhq/parley/internal/llm/llmtest"
)

// What a customer says of himself is in his conversation and nowhere else: not
// in the log, however much is logged, not in what a model reads, not in what is
// kept of it, and not in the metrics.
func TestServe_PersonalDataStaysInTheConversation(t *testing.T) {
	model := llmtest.Start()
	defer model.Close()
	var open atomic.Bool // not while the playbook's suites are played
	model.Answer(func(r llmtest.Request) llmtest.Reply {
		if !open.Load() {
			return llmtest.Reply{Status: http.StatusBadRequest}
		}
		kind, flow := "none", ""
		if strings.Contains(r.Last(), "balance") {
			kind, flow = "start", "balance"
		}
		return llmtest.JSON(map[string]any{"commands": []any{map[string]any{"kind": kind, "flow": flow, "slot": "", "value": "", "candidates": []string{}, "confidence": 0.9}}})
	})
	s := newSetting(t).with("PARLEY_PLAYBOOKS", "testdata/voice", "PARLEY_PLAYBOOK", "bank", "PARLEY_LOG_LEVEL", "debug",
		"PARLEY_CHAT_IDENTITY_SECRET", "of the site", "PARLEY_LLM_URL", model.URL, "PARLEY_LLM_MODEL", "m", "PARLEY_LLM_EMBED_MODEL", "e", "PARLEY_LLM_KEY", "the-key-of-the-model")
	s.must(testPassword+"\n", "user", "add", "ann@example.com", "--name", "Ann", "--roles", "owner")
	n := s.serve()
	open.Store(true)

	mac := hmac.New(sha256.New, []byte("of the site"))
	mac.Write([]byte("u1"))
	var session struct {
		Token string `json:"token"`
	}
	person{n: n}.get(&session, "POST", "/v1/chat/sessions", map[string]any{
		"identity": map[string]any{"user_id": "u1", "signature": hex.EncodeToString(mac.Sum(nil)), "name": "Margarethe Quist", "attributes": map[string]string{"flat": "Zwetschgenweg 77"}},
	})
	customer := person{n: n, bearer: session.Token}
	personal := []string{
		"Margarethe", "Quist", "Zwetschgenweg", "13812345678", "4111 1111 1111 1111", "4111111111111111", "mq@private.example", "73918264", "100177",
		"DE89 3704 0044 0532 0130 00", "11010519491231002X", "lovely weather",
	}
	notOfModels := personal[:len(personal)-1] // the words around them a model may read
	for i, text := range []string{
		"hello, my name is Margarethe Quist and what lovely weather", "call me at 13812345678 or write to mq@private.example about the thing with my card",
		"I paid with 4111 1111 1111 1111, or was it DE89 3704 0044 0532 0130 00", "身份证 11010519491231002X", "bring it to Zwetschgenweg 77",
		"what is my balance", "100177", "73918264", "the PIN is 73918264 by the way", "is it Quist or 13812345678 that you need?",
	} {
		before := len(customer.messages())
		customer.get(nil, "POST", "/v1/chat/messages", map[string]any{"client_id": string(rune('a' + i)), "text": text})
		eventually(t, 15*time.Second, "the bot has answered "+text, func() bool { return len(customer.messages()) >= before+2 })
	}
	ann := n.signIn("ann@example.com")
	var kept string
	eventually(t, 15*time.Second, "the exchanges are kept", func() bool {
		_, _, b := ann.do("GET", "/api/model/exchanges?limit=200", nil)
		kept = string(b)
		return strings.Count(kept, `"purpose":"understand"`) >= 5
	})
	if !strings.Contains(kept, "[phone_") || !strings.Contains(kept, "lovely weather") || !strings.Contains(kept, `"conversation_id"`) {
		t.Errorf("what was kept tells too little: %.2000s", kept)
	}
	_, _, metrics := person{n: n}.do("GET", "/metrics", nil)
	if counted(string(metrics), `parley_model_calls_total{outcome="ok",purpose="understand"}`) < 5 || counted(string(metrics), "parley_model_conversation_budget_tokens") != 50000 {
		t.Error("the metrics do not tell what the model cost")
	}
	var read strings.Builder
	for _, r := range model.Requests() {
		for _, m := range r.Messages {
			read.WriteString(m.Content + "\n")
		}
		read.WriteString(strings.Join(r.Input, "\n") + "\n")
	}
	n.stop()
	for where, c := range map[string]struct {
		text string
		not  []string
	}{
		"the log": {n.log.String(), append(personal[:len(personal):len(personal)], "the-key-of-the-model")}, "the metrics": {string(metrics), personal},
		"the model's prompts": {read.String(), notOfModels}, "what is kept of them": {kept, notOfModels},
	} {
		for _, p := range c.not {
			if i := strings.Index(c.text, p); i >= 0 {
				t.Errorf("%s holds %q: …%s…", where, p, c.text[max(0, i-150):min(len(c.text), i+150)])
			}
		}
	}
}
