package evals_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/playbook"
)

// said makes events out of what was said and marked.
func timeline(t *testing.T, what ...any) []desk.Event {
	t.Helper()
	var out []desk.Event
	for i, w := range what {
		e := desk.Event{Seq: int64(i + 1)}
		switch w.(type) {
		case desk.Message:
			e.Kind = desk.EventMessage
		case desk.Mark:
			e.Kind = desk.EventMark
		case desk.StatusChange:
			e.Kind = desk.EventStatus
		}
		b, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		e.Data = b
		out = append(out, e)
	}
	return out
}

func customer(s string) desk.Message {
	return desk.Message{Author: desk.Author{Kind: desk.ByCustomer}, Content: desk.Content{Text: s}}
}

func picks(label string, p desk.Pick) desk.Message {
	return desk.Message{Author: desk.Author{Kind: desk.ByCustomer}, Content: desk.Content{Text: label, Picked: &p}}
}

func asks(s, slot string) desk.Message {
	return desk.Message{Author: desk.Author{Kind: desk.ByBot}, Content: desk.Content{Text: s, Input: &desk.Input{Slot: slot}}}
}

func set(slot, v string) desk.Mark {
	return desk.Mark{Kind: desk.MarkSet, Flow: "order_coffee", Slot: slot, Value: v}
}

func talk(t *testing.T) evals.Talk {
	return evals.Talk{
		Conversation: desk.Conversation{ID: "c1", Lang: desk.English, Playbook: "coffee"},
		Contact: desk.Contact{Name: "Wilhelmina Zauberberg", Email: "wilma@zauberberg.ch", Phone: "+41446681800", Attributes: map[string]string{"card": "LX-99871"},
			Identities: []desk.Identity{{Channel: desk.SMS, Address: "+41446681800"}}},
		Events: timeline(t,
			desk.Message{Author: desk.Author{Kind: desk.ByBot}, Content: desk.Content{Text: "How can we help?"}},
			customer("a large latte to 17 Gerbergasse please"),
			desk.Mark{Kind: desk.MarkStarted, Flow: "order_coffee"}, set("drink", "latte"), set("size", "large"), set("address", "17 Gerbergasse"),
			asks("Pay online or in cash?", "payment"),
			picks("Cash", desk.Pick{Verb: desk.PickAnswer, Slot: "payment", Value: "cash"}),
			set("payment", "cash"), desk.Mark{Kind: desk.MarkConfirm, Flow: "order_coffee"},
			picks("Confirm", desk.Pick{Verb: desk.PickConfirm}),
			desk.Mark{Kind: desk.MarkCalled, Flow: "order_coffee", Value: "place_order"}, desk.Mark{Kind: desk.MarkResult, Value: "ok", Data: map[string]string{"tool": "place_order"}},
			desk.Mark{Kind: desk.MarkCompleted, Flow: "order_coffee"},
			customer("I want to talk to a person. Wilhelmina, wilma@zauberberg.ch, 044 668 18 00, card 4242 4242 4242 4242, customer card LX-99871"),
			desk.StatusChange{From: desk.Automated, To: desk.Waiting, Queue: "support"},
			customer("it is about Zauberberg"),
		),
		Slot: func(_, slot string) desk.SlotType {
			return map[string]desk.SlotType{"address": desk.SlotAddress, "drink": desk.SlotChoice}[slot]
		},
		Tools: map[string]evals.Fake{"place_order": {Answers: []json.RawMessage{[]byte(`{"order":{"number":"A1042","total":34,"eta_minutes":30}}`)}}},
	}
}

func TestFromTalk_HasNoPersonalDataAndPlaysAsItWas(t *testing.T) {
	d, err := evals.FromTalk(talk(t))
	if err != nil {
		t.Fatal(err)
	}
	text := string(d.File.YAML())
	for _, private := range []string{"Wilhelmina", "Zauberberg", "wilma", "668", "6681800", "4242 4242", "Gerbergasse", "99871"} {
		if strings.Contains(text, private) {
			t.Errorf("%q is still there:\n%s", private, text)
		}
	}
	for _, kept := range []string{"customer@example.com", "4111 1111 1111 1111", "Example Street", "handed_over: support", "tap: cash"} {
		if !strings.Contains(text, kept) {
			t.Errorf("there is no %q:\n%s", kept, text)
		}
	}
	if len(d.Notes) != 0 || len(d.File.Cases[0].Turns) != 4 {
		t.Errorf("notes %v, %d turns", d.Notes, len(d.File.Cases[0].Turns))
	}
	r, err := coffee(t).Test(t.Context(), playbook.TestOptions{Suites: []evals.Suite{suite(t, text)}})
	if err != nil || !r.OK() {
		t.Errorf("it does not play as it was: %v\n%s\n%s", err, text, r.Suites[0].Cases[0].Transcript())
	}
}

func TestFromTalk_SaysWhatItCannotTakeOver(t *testing.T) {
	in := talk(t)
	in.Tools = nil
	d, err := evals.FromTalk(in)
	if err != nil || !reflect.DeepEqual(d.Notes, []string{"tool:place_order"}) {
		t.Errorf("notes %v, %v", d.Notes, err)
	}
	in.Events = timeline(t, customer("hello"))
	if d, err = evals.FromTalk(in); err != nil || !reflect.DeepEqual(d.Notes, []string{"empty"}) {
		t.Errorf("notes %v, %v", d.Notes, err)
	}
	if _, err := evals.ParseSuite("x", d.File.YAML()); err != nil {
		t.Errorf("what is written cannot be read: %v", err)
	}
	in.Events = timeline(t, desk.StatusChange{From: desk.Automated, To: desk.Assigned})
	if _, err := evals.FromTalk(in); !desk.IsKind(err, desk.Invalid) {
		t.Errorf("nothing was said: %v", err)
	}
}

// What is written is read again as the same: of every suite that is shipped.
func TestSuiteFile_YAMLIsReadAsTheSame(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "playbooks", "*", "tests", "*.yaml"))
	more, err2 := filepath.Glob(filepath.Join("testdata", "*.yaml"))
	if files = append(files, more...); err != nil || err2 != nil || len(files) < 6 {
		t.Fatalf("%d files, %v, %v", len(files), err, err2)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(f) == "retrieval.yaml" {
			continue
		}
		want, err := evals.ReadSuite(f, data)
		if err != nil {
			t.Fatal(err)
		}
		got, err := evals.ReadSuite(f, want.YAML())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n%s", f, err, want.YAML())
		}
		viaJSON := evals.SuiteFile{}
		b, err := json.Marshal(want)
		if err != nil || json.Unmarshal(b, &viaJSON) != nil || string(viaJSON.YAML()) != string(want.YAML()) {
			t.Errorf("%s is another by way of JSON: %v", f, err)
		}
	}
}
