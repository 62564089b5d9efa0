package bot_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// crude understands by looking for the words of the book in the text: enough
// to reach every corner of the engine with any text.
type crude struct{}

func (crude) Understand(_ context.Context, in bot.Utterance) ([]bot.Command, error) {
	var out []bot.Command
	add := func(c bot.Command) {
		c.Confidence = float64(len(in.Text)%11) / 10
		out = append(out, c)
	}
	for _, flow := range []string{"order_coffee", "track_order", "complain", "refund", "feedback", "none"} {
		if strings.Contains(in.Text, flow) {
			add(bot.Command{Kind: bot.CommandStart, Flow: flow})
		}
	}
	for _, kind := range []bot.CommandKind{
		bot.CommandCancel, bot.CommandResume, bot.CommandSkip, bot.CommandRepeat, bot.CommandConfirm, bot.CommandReject,
		bot.CommandAnswer, bot.CommandHuman, bot.CommandBack, bot.CommandNone, bot.CommandChitchat, bot.CommandClarify,
	} {
		if strings.Contains(in.Text, string(kind)) {
			add(bot.Command{Kind: kind, Candidates: []bot.Candidate{{Target: "flow:refund", Confidence: 0.5}, {Target: desk.Target(in.Text)}}})
		}
	}
	for pair := range strings.FieldsSeq(in.Text) {
		if slot, value, ok := strings.Cut(pair, "="); ok {
			add(bot.Command{Kind: bot.CommandCorrect, Slot: slot, Value: value, Text: value})
		}
	}
	if in.Asking != nil {
		add(bot.Command{Kind: bot.CommandSet, Slot: in.Asking.Slot.Name, Value: in.Text})
	}
	return out, nil
}

func (crude) Answer(_ context.Context, q kb.Question) (kb.Answer, bool, error) {
	return kb.Answer{Text: "It is so.", Source: desk.Source{Slug: "so"}}, len(q.Text)%3 == 0, nil
}

// FuzzRespond says lines of any text, taps and hears results, with any state
// to begin with.
func FuzzRespond(f *testing.F) {
	f.Add("order_coffee\ndrink=latte size=large\n5 Elm Street\ncash\n!confirm", "")
	f.Add("refund amount=5\n4111111111111111\nday=2026-03-06\n!confirm\n?timeout\n!confirm\n?ok {}\n!edit", "")
	f.Add("complain\ntrack_order\nfeedback\nrefund\norder_coffee\ncancel\nresume\nskip\nanswer\nclarify\nreject\nback", "")
	f.Add("\xff\x00\u202e", `{"v":1,"n":3,"stack":[{"flow":"refund","phase":"change","edit":"nothing","ask":"nothing"},{"flow":"complain","phase":"go"}]}`)
	f.Add("a", `{"v":1,"stack":[{"flow":"order_coffee","phase":"calling","tries":{"drink":-9}}],"offered":[{"l":"a","p":{"verb":"go","target":"x"}}]}`)
	def := testDefinition(f)
	b, err := bot.New(def, crude{}, crude{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, lines, state string) {
		conv := desk.Conversation{ID: "c", Lang: desk.English, Responder: "bot"}
		if state != "" {
			conv.States = map[string]json.RawMessage{"bot": json.RawMessage(state)}
		}
		var opts []desk.Option
		var do *desk.Do
		for i, line := range strings.SplitN(lines, "\n", 40) {
			turn := desk.Turn{Conversation: conv, Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
			m := desk.Message{ID: "m"}
			m.Content.Text = line
			turn.Message = &m
			if verb, ok := strings.CutPrefix(line, "!"); ok && len(opts) > 0 {
				o := opts[len(verb)%len(opts)]
				m.Content.Picked = &o.Pick
			}
			if why, ok := strings.CutPrefix(line, "?"); ok && do != nil {
				data, good := strings.CutPrefix(why, "ok ")
				turn.Message, turn.Result = nil, &desk.Result{ID: do.ID, Tool: do.Tool, OK: good, Data: []byte(data), Error: why}
			}
			out, err := desk.Respond(context.Background(), oneBook{bot: b, elsewhere: desk.Start}, turn)
			if err != nil {
				if desk.IsKind(err, desk.NotFound) { // went to a menu that this book has not
					return
				}
				t.Fatalf("line %d %q: %v", i, line, err)
			}
			bounded(t, out)
			conv.States, do, opts = out.States, out.Do, nil
			for _, c := range out.Says {
				opts = append(opts, c.Options...)
			}
		}
	})
}

func bounded(t *testing.T, out desk.Outcome) {
	t.Helper()
	if out.Responder == "bot" && out.HandOff == nil && out.Do == nil && len(out.Says) == 0 && len(out.Marks) > 0 && out.States == nil {
		t.Error("silence")
	}
	if n := len(out.States["bot"]); n > 256<<10 {
		t.Errorf("a state of %d bytes", n)
	}
	if len(out.Says) > 10 || len(out.Marks) > 40 {
		t.Errorf("%d messages, %d marks", len(out.Says), len(out.Marks))
	}
	for _, c := range out.Says {
		if !utf8.ValidString(c.Text) || c.IsZero() {
			t.Errorf("said %+v", c)
		}
		if len(c.Options) > 20 {
			t.Errorf("%d options", len(c.Options))
		}
	}
}
