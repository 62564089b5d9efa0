package desk_test

import (
	"context"
	"testing"

	"github.com/parleyhq/parley/desk"
)

func TestTrace_KeepsWhatItWasNotTold(t *testing.T) {
	ctx := desk.WithTrace(desk.WithTrace(context.Background(), desk.Trace{Request: "r"}), desk.Trace{Conversation: "c"})
	if got, want := desk.TraceOf(ctx), (desk.Trace{Request: "r", Conversation: "c"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := desk.TraceOf(context.Background()); got != (desk.Trace{}) {
		t.Errorf("got %+v of nothing", got)
	}
}
