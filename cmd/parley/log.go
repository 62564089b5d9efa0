package main

import (
	"context"
	"io"
	"log/slog"

	"github.com/parleyhq/parley/desk"
)

// newLog writes to w as configured. Every line says which request, job and
// conversation it is about, where that is known.
func newLog(c Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // checked by loadConfig
	opts := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(traced{slog.NewJSONHandler(w, opts)})
	}
	return slog.New(traced{slog.NewTextHandler(w, opts)})
}

// traced adds the context's desk.Trace to what has not got it yet.
type traced struct{ slog.Handler }

// Handle adds and passes on.
func (h traced) Handle(ctx context.Context, r slog.Record) error {
	t := desk.TraceOf(ctx)
	for _, a := range []slog.Attr{slog.String("request", t.Request), slog.String("job", string(t.Job)), slog.String("conversation", string(t.Conversation))} {
		if a.Value.String() != "" && !has(r, a.Key) {
			r.AddAttrs(a)
		}
	}
	return h.Handler.Handle(ctx, r)
}

func has(r slog.Record, key string) (found bool) {
	r.Attrs(func(a slog.Attr) bool {
		found = a.Key == key
		return !found
	})
	return found
}

// WithAttrs keeps the tracing.
func (h traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{h.Handler.WithAttrs(attrs)} }

// WithGroup keeps the tracing.
func (h traced) WithGroup(name string) slog.Handler { return traced{h.Handler.WithGroup(name)} }
