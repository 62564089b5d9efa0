package main

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// counted is the value of a metric, its labels as they are printed.
func counted(page, metric string) float64 {
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(metric) + ` (\S+)$`).FindStringSubmatch(page)
	if m == nil {
		return 0
	}
	v, _ := strconv.ParseFloat(m[1], 64)
	return v
}

func TestServe_ShowsWhatItDoesInMetricsAndLog(t *testing.T) {
	s := newSetting(t)
	s.must(testPassword+"\n", "user", "add", "ann@example.com", "--name", "Ann", "--roles", "agent")
	n := s.serve()
	if got := strings.Count(n.log.String(), "published"); got != 1 {
		t.Errorf("the first start says %d times that the playbook is published", got)
	}
	ann := n.signIn("ann@example.com")
	desk := ann.dial("/api/ws", nil)
	desk.sees(10*time.Second, `"hello"`)
	ann.get(nil, "PUT", "/api/presence", map[string]any{"presence": "available"})

	customer := n.customer()
	var said struct {
		Conversation struct {
			ID string `json:"id"`
		} `json:"conversation"`
	}
	customer.get(&said, "POST", "/v1/chat/messages", map[string]any{"client_id": "1", "text": "When are you open?"})
	id := said.Conversation.ID
	customer.get(nil, "POST", "/v1/chat/messages", map[string]any{"client_id": "2", "command": "human"})
	offer := between(desk.sees(15*time.Second, `"type":"offer"`, id), `"offer":{"id":"`, `"`)
	ann.get(nil, "POST", "/api/offers/"+offer+"/accept", map[string]any{})
	customer.get(nil, "POST", "/v1/chat/messages", map[string]any{"client_id": "3", "text": "What are your opening hours?"})
	desk.sees(15*time.Second, `"type":"suggestions"`, "8 to 20")

	var page string
	eventually(t, 10*time.Second, "the metrics have counted", func() bool {
		_, _, b := person{n: n}.do("GET", "/metrics", nil)
		page = string(b)
		return counted(page, `parley_job_seconds_count{kind="suggest",outcome="done"}`) > 0
	})
	for _, metric := range []string{
		`parley_messages_accepted_total{channel="webchat"}`, `parley_job_seconds_count{kind="answer",outcome="done"}`, `parley_turn_seconds_count`,
		`parley_suggestion_seconds_count`, `parley_connections{kind="console"}`, `parley_request_seconds_count{method="POST",route="/v1/chat/messages",status="202"}`,
	} {
		if counted(page, metric) <= 0 {
			t.Errorf("%s is not above 0", metric)
		}
	}
	if !regexp.MustCompile(`"msg":"request","request":"[^"]+"[^\n]*"route":"/v1/chat/messages"[^\n]*"conversation":"` + id).MatchString(n.log.String()) {
		t.Error("no line of the log has a message's request and conversation")
	}
	if strings.Contains(n.log.String(), "opening hours") || strings.Contains(n.log.String(), customer.bearer) {
		t.Error("the log holds what was said, or a token")
	}
}

// between is what stands after the first a and before the next b.
func between(s, a, b string) string {
	_, s, _ = strings.Cut(s, a)
	s, _, _ = strings.Cut(s, b)
	return s
}
