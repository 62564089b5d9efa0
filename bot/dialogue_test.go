package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
	"github.com/parleyhq/parley/kb"
)

// A dialogue is a conversation with the book of testdata/book: what the
// customer does, how the words are understood (so that only the engine is
// tested), and what comes of it. A file of testdata/dialogues is a test.
type dialogue struct {
	Version int               `yaml:"version"`
	About   string            `yaml:"about"`
	Lang    desk.Lang         `yaml:"lang"`
	Act     float64           `yaml:"act"`
	Knows   map[string]string `yaml:"knows"` // a word of the question: the slug of the article that answers
	Turns   []dialogueTurn    `yaml:"turns"`
}

type dialogueTurn struct {
	User       string                `yaml:"user"`
	Understood yamlfile.List[string] `yaml:"understood"`
	Tap        string                `yaml:"tap"` // label, value, slot, target or verb of an option of the latest message that has one
	TapBefore  string                `yaml:"tap_before"`
	Command    desk.Verb             `yaml:"command"`
	Enter      desk.Target           `yaml:"enter"`
	File       string                `yaml:"file"`
	Place      *desk.Location        `yaml:"place"`
	Result     string                `yaml:"result"` // "ok JSON" or the error word

	Asking    *string               `yaml:"asking"` // the slot, "confirm", or "" for nothing
	Said      yamlfile.List[string] `yaml:"said"`
	NotSaid   yamlfile.List[string] `yaml:"not_said"`
	Marks     yamlfile.List[string] `yaml:"marks"`   // all of them, in order
	Options   yamlfile.List[string] `yaml:"options"` // labels of the last message
	Card      yamlfile.List[string] `yaml:"card"`    // "label: value" of the last card
	Calls     map[string]string     `yaml:"calls"`   // the arguments of the call
	Gets      map[string]string     `yaml:"gets"`    // what the tool gets for arguments that are references
	CallID    string                `yaml:"call_id"`
	Queue     string                `yaml:"queue"`
	Wants     string                `yaml:"wants"`
	Facts     yamlfile.List[string] `yaml:"facts"`
	Summary   yamlfile.List[string] `yaml:"summary"`
	Switch    desk.Target           `yaml:"switch"`
	Forgotten yamlfile.List[string] `yaml:"forgotten"` // must be nowhere: not in state, marks or what was said
}

func TestDialogues(t *testing.T) {
	files, err := filepath.Glob("testdata/dialogues/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("found %d dialogues, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var d dialogue
			if err := yamlfile.Decode(file, data, &d); err != nil {
				t.Fatal(err)
			}
			play(t, d)
		})
	}
}

// talk is a conversation as routing would keep it.
type talk struct {
	bot     *bot.Bot
	script  *script
	conv    desk.Conversation
	history []desk.Message
	options [2][]desk.Option // of the latest message with options, and the one before
	n       int
	doing   *desk.Do
	secrets map[string]string // what is kept in memory, by reference
	out     desk.Outcome
}

func play(t *testing.T, d dialogue) {
	t.Helper()
	s := &script{knows: d.Knows}
	k := &talk{bot: testBot(t, s, d.Act), script: s, conv: desk.Conversation{ID: "c1", Lang: d.Lang, Responder: "bot"}, secrets: map[string]string{}}
	if d.Lang == "" {
		k.conv.Lang = desk.English
	}
	for i, turn := range d.Turns {
		k.step(t, turn)
		if t.Failed() {
			t.Fatalf("turn %d (%s%s%s%s): said %q, marks %q, state %s", i+1, turn.User, turn.Tap, turn.Enter, turn.Result, k.said(), k.marks(), k.conv.States["bot"])
		}
	}
}

func (k *talk) step(t *testing.T, d dialogueTurn) {
	t.Helper()
	turn := k.turn(t, d)
	k.script.next = nil
	for _, c := range d.Understood {
		k.script.next = append(k.script.next, command(t, c))
	}
	book := oneBook{bot: k.bot}
	if d.Switch != "" {
		book.elsewhere = d.Switch
	}
	out, err := desk.Respond(context.Background(), book, turn)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if again, _ := desk.Respond(context.Background(), book, turn); !reflect.DeepEqual(out, again) {
		t.Errorf("the same turn gave something else the second time:\n%+v\n%+v", out, again)
	}
	k.out, k.conv.States, k.conv.Asking = out, out.States, out.Asking
	k.conv.Verified = k.conv.Verified || out.Verifies()
	maps.Copy(k.secrets, out.Secrets)
	if out.Do != nil || d.Result != "" {
		k.doing = out.Do
	}
	if turn.Message != nil {
		if turn.Secret != "" {
			turn.Message.Content = desk.Content{Text: "••••", Masked: true}
		}
		k.history = append(k.history, *turn.Message)
	}
	for _, c := range out.Says {
		k.see(c)
	}
	k.check(t, d)
}

// see remembers the options that could be tapped.
func (k *talk) see(c desk.Content) {
	opts := slices.Clone(c.Options)
	if c.Card != nil {
		for _, l := range c.Card.Lines {
			if l.Edit != nil {
				opts = append(opts, *l.Edit)
			}
		}
	}
	if len(opts) > 0 {
		k.options[0], k.options[1] = opts, k.options[0]
	}
}

func (k *talk) turn(t *testing.T, d dialogueTurn) desk.Turn {
	t.Helper()
	k.n++
	turn := desk.Turn{
		Conversation: k.conv, Contact: desk.Contact{ID: "p1", Name: "Ann_Lee"}, History: k.history, Enter: d.Enter,
		Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Zone: time.UTC, // a Monday
	}
	m := desk.Message{ID: desk.ID(fmt.Sprintf("m%d", k.n)), Author: desk.Author{Kind: desk.ByCustomer}}
	switch {
	case d.User != "":
		m.Content.Text = d.User
		if k.conv.Asking != nil && k.conv.Asking.Sensitive {
			turn.Secret = "secret:" + string(m.ID)
		}
		turn.Message = &m
	case d.Tap != "":
		m.Content = tap(t, k.options[0], d.Tap)
		turn.Message = &m
	case d.TapBefore != "":
		m.Content = tap(t, k.options[1], d.TapBefore)
		turn.Message = &m
	case d.Command != "":
		m.Content = desk.Content{Command: d.Command}
		turn.Message = &m
	case d.File != "":
		m.Content.Attachments = []desk.Attachment{{ID: "f1", Name: d.File}}
		turn.Message = &m
	case d.Place != nil:
		m.Content.Location = d.Place
		turn.Message = &m
	case d.Result != "":
		id, tool := "none", "none"
		if k.doing != nil {
			id, tool = k.doing.ID, k.doing.Tool
		}
		turn.Result = &desk.Result{ID: id, Tool: tool, Error: d.Result}
		if data, ok := strings.CutPrefix(d.Result, "ok"); ok {
			turn.Result = &desk.Result{ID: id, Tool: tool, OK: true, Data: json.RawMessage(strings.TrimSpace(data))}
		}
	}
	return turn
}

func tap(t *testing.T, opts []desk.Option, what string) desk.Content {
	t.Helper()
	for _, o := range opts {
		if o.Label == what || o.Pick.Value == what || string(o.Pick.Target) == what || string(o.Pick.Verb) == what || string(o.Pick.Verb)+" "+o.Pick.Slot == what {
			return desk.Content{Text: o.Label, Picked: &o.Pick}
		}
	}
	t.Fatalf("there is no %q to tap among %v", what, opts)
	return desk.Content{}
}

func (k *talk) said() string {
	var parts []string
	for _, c := range k.out.Says {
		parts = append(parts, c.Text)
	}
	if h := k.out.HandOff; h != nil {
		parts = append(parts, h.Say.Text)
	}
	return strings.Join(parts, "\n")
}

func (k *talk) marks() []string {
	var out []string
	for _, m := range k.out.Marks {
		s := string(m.Kind)
		switch {
		case m.Slot != "" && m.Value != "":
			s += " " + m.Slot + "=" + m.Value
		case m.Slot != "":
			s += " " + m.Slot
		case m.Value != "":
			s += " " + m.Value
		case m.Flow != "":
			s += " " + m.Flow
		}
		if o := m.Data["options"]; o != "" {
			s += ": " + o
		}
		out = append(out, s)
	}
	return out
}

func (k *talk) check(t *testing.T, d dialogueTurn) {
	t.Helper()
	for _, want := range d.Said {
		if !strings.Contains(k.said(), want) {
			t.Errorf("not said: %q", want)
		}
	}
	for _, no := range d.NotSaid {
		if strings.Contains(k.said(), no) {
			t.Errorf("said, though it should not be: %q", no)
		}
	}
	if d.Marks != nil && !slices.Equal(k.marks(), d.Marks) {
		t.Errorf("marks: got %q, want %q", k.marks(), []string(d.Marks))
	}
	if d.Asking != nil && k.asking() != *d.Asking {
		t.Errorf("asking: got %q, want %q", k.asking(), *d.Asking)
	}
	if d.Options != nil {
		var labels []string
		for _, o := range k.last().Options {
			labels = append(labels, o.Label)
		}
		if !slices.Equal(labels, d.Options) {
			t.Errorf("options: got %q, want %q", labels, []string(d.Options))
		}
	}
	if d.Card != nil && !slices.Equal(cardLines(k.last().Card), d.Card) {
		t.Errorf("card: got %q, want %q", cardLines(k.last().Card), []string(d.Card))
	}
	k.checkEnd(t, d)
	if len(k.conv.States["bot"]) > 8<<10 {
		t.Errorf("the state has %d bytes", len(k.conv.States["bot"]))
	}
	all, _ := json.Marshal(k.out)
	for _, secret := range d.Forgotten {
		if strings.Contains(string(all)+string(k.conv.States["bot"])+strings.Join(k.script.asked, " "), secret) {
			t.Errorf("%q was kept", secret)
		}
	}
}

func (k *talk) checkEnd(t *testing.T, d dialogueTurn) {
	t.Helper()
	var calls map[string]string
	id := ""
	if k.out.Do != nil {
		calls, id = k.out.Do.Args, k.out.Do.ID
	}
	if !reflect.DeepEqual(calls, d.Calls) {
		t.Errorf("calls: got %v, want %v", calls, d.Calls)
	}
	for arg, want := range d.Gets {
		if got := k.secrets[calls[arg]]; got != want {
			t.Errorf("the tool gets %s=%q, want %q", arg, got, want)
		}
	}
	if d.CallID != "" && id != d.CallID {
		t.Errorf("call id: got %s, want %s", id, d.CallID)
	}
	queue := ""
	card := &desk.HandOver{}
	if h := k.out.HandOff; h != nil {
		queue, card = string(h.Queue), h.Card
	}
	if queue != d.Queue {
		t.Errorf("queue: got %q, want %q", queue, d.Queue)
	}
	if d.Wants != "" && card.Wants != d.Wants {
		t.Errorf("wants: got %q, want %q", card.Wants, d.Wants)
	}
	var facts []string
	for _, f := range card.Facts {
		facts = append(facts, f.Label+": "+f.Value)
	}
	if d.Facts != nil && !slices.Equal(facts, d.Facts) {
		t.Errorf("facts: got %q, want %q", facts, []string(d.Facts))
	}
	if d.Summary != nil && !slices.Equal(card.Summary, d.Summary) {
		t.Errorf("summary: got %q, want %q", card.Summary, []string(d.Summary))
	}
	if d.Switch == "" && k.out.Responder != "bot" {
		t.Errorf("switched to %s", k.out.Responder)
	}
	if d.Switch != "" && k.out.Responder != "elsewhere" {
		t.Errorf("did not switch to %s", d.Switch)
	}
}

func (k *talk) last() desk.Content {
	if len(k.out.Says) == 0 {
		return desk.Content{}
	}
	return k.out.Says[len(k.out.Says)-1]
}

func (k *talk) asking() string {
	switch in := k.out.Asking; {
	case in == nil:
		return ""
	case in.Slot == "" && k.last().Card != nil:
		return "confirm"
	case in.Slot == "":
		return "again"
	default:
		return in.Slot
	}
}

func cardLines(c *desk.Card) []string {
	var out []string
	if c == nil {
		return nil
	}
	for _, l := range c.Lines {
		out = append(out, l.Label+": "+l.Value)
	}
	return out
}

// oneBook is a book of the bot and of one target that is elsewhere.
type oneBook struct {
	bot       *bot.Bot
	elsewhere desk.Target
}

func (b oneBook) For(target desk.Target) (string, error) {
	if target == b.elsewhere {
		return "elsewhere", nil
	}
	switch target.Kind() {
	case desk.KindFlow, desk.KindArticle, desk.KindQueue, string(desk.Words):
		return "bot", nil
	}
	return "", desk.Errorf(desk.NotFound, "unknown_target", "there is no %s", target)
}

func (b oneBook) Responder(name string) (desk.Responder, error) {
	if name == "elsewhere" {
		return silent{}, nil
	}
	return b.bot, nil
}

func (oneBook) Start() desk.Target { return desk.Words }

// script understands what the dialogue says, and knows what it says.
type script struct {
	next  []bot.Command
	knows map[string]string
	asked []string // what the knowledge base was asked
}

func (s *script) Understand(context.Context, bot.Utterance) ([]bot.Command, error) {
	return s.next, nil
}

func (s *script) Answer(_ context.Context, q kb.Question) (kb.Answer, bool, error) {
	s.asked = append(s.asked, q.Text)
	for word, slug := range s.knows {
		if q.Article == slug || q.Article == "" && strings.Contains(q.Text, word) {
			return kb.Answer{Text: "The answer from **" + slug + "**.", Source: desk.Source{Slug: slug, Title: "About " + slug}, Confidence: 0.9}, true, nil
		}
	}
	return kb.Answer{}, false, nil
}

// command reads "start order_coffee 0.5", "set drink=latte", "correct drink",
// "set note=x (please add x)", "clarify flow:a:0.5 flow:b:0.4", "cancel".
func command(t *testing.T, s string) bot.Command {
	t.Helper()
	kind, rest, _ := strings.Cut(s, " ")
	c := bot.Command{Kind: bot.CommandKind(kind), Confidence: 1}
	if before, words, ok := strings.Cut(rest, " ("); ok {
		rest, c.Text = before, strings.TrimSuffix(words, ")")
	}
	switch c.Kind {
	case bot.CommandStart:
		name, confidence, ok := strings.Cut(rest, " ")
		c.Flow = name
		if ok {
			c.Confidence, _ = strconv.ParseFloat(confidence, 64)
		}
	case bot.CommandSet, bot.CommandCorrect:
		c.Slot, c.Value, _ = strings.Cut(rest, "=")
	case bot.CommandClarify, bot.CommandNone:
		for _, f := range strings.Fields(rest) {
			i := strings.LastIndex(f, ":")
			confidence, err := strconv.ParseFloat(f[i+1:], 64)
			if err != nil {
				t.Fatalf("bad candidate %q", f)
			}
			c.Candidates = append(c.Candidates, bot.Candidate{Target: desk.Target(f[:i]), Confidence: confidence})
		}
	case bot.CommandResume:
		c.Flow = rest
	case bot.CommandAnswer:
		c.Text = rest
	case bot.CommandChitchat, bot.CommandBack:
		c.Value = rest
	case bot.CommandCancel, bot.CommandSkip, bot.CommandRepeat, bot.CommandConfirm, bot.CommandReject, bot.CommandHuman:
	default:
		t.Fatalf("unknown command %q", s)
	}
	return c
}
