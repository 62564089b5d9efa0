package bot_test

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// testDefinition reads testdata/book.
func testDefinition(t testing.TB) bot.Definition {
	t.Helper()
	var def bot.Definition
	files, err := filepath.Glob("testdata/book/flows/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no flows: %v", err)
	}
	read := func(file string) []byte {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, file := range files {
		f, err := bot.ParseFlow(filepath.Base(file), read(file))
		if err != nil {
			t.Fatal(err)
		}
		def.Flows = append(def.Flows, f)
	}
	if def.Tools, err = bot.ParseTools("tools.yaml", read("testdata/book/tools.yaml")); err != nil {
		t.Fatal(err)
	}
	if def.Settings, err = bot.ParseBot("bot.yaml", read("testdata/book/bot.yaml")); err != nil {
		t.Fatal(err)
	}
	return def
}

func testBot(t testing.TB, s *script, act float64) *bot.Bot {
	t.Helper()
	def := testDefinition(t)
	if act > 0 {
		def.Settings.Act = act
	}
	b, err := bot.New(def, s, s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// silent is a responder that says nothing.
type silent struct{}

func (silent) Respond(context.Context, desk.Turn) iter.Seq2[desk.Step, error] {
	return func(func(desk.Step, error) bool) {}
}
