package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
)

func TestLog_SaysWhatALineIsAbout(t *testing.T) {
	ctx := desk.WithTrace(t.Context(), desk.Trace{Request: "r1", Job: "j1", Conversation: "c1"})
	for _, format := range []string{"text", "json"} {
		c := defaults()
		c.LogFormat = format
		var b bytes.Buffer
		log := newLog(c, &b).With("kind", "answer")
		log.WarnContext(ctx, "turn failed", "conversation", "mine")
		log.Info("elsewhere")
		first, second, _ := strings.Cut(b.String(), "\n")
		for _, want := range []string{"r1", "j1", "mine", "answer"} {
			if !strings.Contains(first, want) {
				t.Errorf("%s: %q is not in %s", format, want, first)
			}
		}
		if strings.Contains(first, "c1") || strings.Contains(second, "request") {
			t.Errorf("%s: said twice, or of the wrong line: %s", format, b.String())
		}
	}
}
