package kb

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Short Chinese questions are suggested in the midst of a conversation, orders
// and thanks are not.
func TestReplies_ShortChineseQuestions(t *testing.T) {
	names, err := filepath.Glob("../playbooks/coffee/articles/*.zh.md")
	if err != nil || len(names) == 0 {
		t.Fatalf("no articles: %v", err)
	}
	var list []Article
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := ParseFile(name, data)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, FileArticles("coffee", []File{f})...)
	}
	l, err := InMemory(context.Background(), list, nil, BuiltIn{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"送到浦东要多少钱？": "delivery",
		"浦东送吗":      "delivery",
		"配送费多少":     "delivery",
		"几点关门？":     "opening-hours",
		"怎么退款":      "refunds",
		"可以开发票吗？":   "invoices",
		"好的，谢谢":     "",
		"今天天气真不错":   "",
		"帮我叫辆车":     "",
	} {
		q := Question{Text: text, Lang: desk.Chinese, Playbook: "coffee", Context: []string{"你好", "您好，请问需要什么帮助？"}, Now: time.Now()}
		answers, err := l.Replies(context.Background(), q, 0.5)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(answers) > 0 {
			got = answers[0].Source.Slug
		}
		if got != want {
			all, _ := l.Replies(context.Background(), q, 0)
			for _, a := range all[:min(3, len(all))] {
				t.Logf("%s: %s %.2f", text, a.Source.Slug, a.Confidence)
			}
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
