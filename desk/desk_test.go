package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
)

func TestNewID_SortsByTime(t *testing.T) {
	var early desk.ID
	for _, at := range []time.Time{time.UnixMicro(1000), time.UnixMicro(1001), time.UnixMicro(1999), time.UnixMicro(2000)} {
		late := desk.NewIDAt(at)
		if early >= late {
			t.Errorf("ids do not sort by time: %s, %s", early, late)
		}
		early = late
	}
	if len(early) != 36 || early[14] != '7' {
		t.Errorf("not a UUIDv7: %s", early)
	}
}

func TestText_OneStringHoldsForAll(t *testing.T) {
	var one, two desk.Text
	if err := json.Unmarshal([]byte(`"same"`), &one); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(`{"en":"hello","zh":"你好"}`), &two); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ got, want string }{
		{one.In(desk.Chinese), "same"}, {two.In(desk.Chinese), "你好"}, {two.In("fr"), "hello"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if err := json.Unmarshal([]byte(`{"de":"hallo"}`), &two); err == nil {
		t.Error("an unknown language was taken")
	}
}

func TestErrorf_KeepsTheCause(t *testing.T) {
	cause := errors.New("disk full")
	err := desk.Errorf(desk.Unavailable, "save_failed", "save: %w", cause)
	if !errors.Is(err, cause) || err.Error() != "save: disk full" || !desk.IsKind(err, desk.Unavailable) {
		t.Errorf("got %v", err)
	}
}

func TestParseTarget(t *testing.T) {
	for s, ok := range map[string]bool{
		"menu:main": true, "flow:order_coffee": true, "back": true, "start": true,
		"menu:": false, "nowhere:x": false, "flow:Bad Name": false, "": false, "back:x": false,
	} {
		if _, err := desk.ParseTarget(s); (err == nil) != ok {
			t.Errorf("ParseTarget(%q): got %v, want ok %v", s, err, ok)
		}
	}
}

type responderFunc func(desk.Turn, func(desk.Step, error) bool)

func (f responderFunc) Respond(_ context.Context, t desk.Turn) iter.Seq2[desk.Step, error] {
	return func(yield func(desk.Step, error) bool) { f(t, yield) }
}

type book map[string]desk.Responder

func (b book) For(t desk.Target) (string, error)             { return t.Kind(), nil }
func (b book) Responder(name string) (desk.Responder, error) { return b[name], nil }
func (b book) Start() desk.Target                            { return "menu:main" }

func TestRespond_FollowsSwitchesAndKeepsEachState(t *testing.T) {
	b := book{
		"menu": responderFunc(func(_ desk.Turn, yield func(desk.Step, error) bool) {
			_ = yield(desk.Remember{State: []byte(`"m"`)}, nil) && yield(desk.Switch{To: "flow:a", Pass: true}, nil)
		}),
		"flow": responderFunc(func(t desk.Turn, yield func(desk.Step, error) bool) {
			_ = yield(desk.Say{Content: desk.Content{Text: "heard " + t.Message.Content.Text}}, nil) &&
				yield(desk.Remember{State: []byte(`"f"`)}, nil) &&
				yield(desk.Do{ID: "1", Tool: "x"}, nil) && yield(desk.Say{}, nil)
		}),
	}
	out, err := desk.Respond(context.Background(), b, desk.Turn{Message: &desk.Message{Content: desk.Content{Text: "hi"}}})
	if err != nil {
		t.Fatal(err)
	}
	if out.Responder != "flow" || len(out.Says) != 1 || out.Says[0].Text != "heard hi" || out.Do == nil {
		t.Errorf("got %+v", out)
	}
	if string(out.States["menu"]) != `"m"` || string(out.States["flow"]) != `"f"` {
		t.Errorf("states: %s", out.States)
	}
}

func TestRespond_IsBounded(t *testing.T) {
	loop := book{"menu": responderFunc(func(_ desk.Turn, yield func(desk.Step, error) bool) { yield(desk.Switch{To: "menu:main"}, nil) })}
	flood := book{"menu": responderFunc(func(_ desk.Turn, yield func(desk.Step, error) bool) {
		for yield(desk.Say{}, nil) {
		}
	})}
	for name, b := range map[string]book{"loop": loop, "flood": flood} {
		if _, err := desk.Respond(context.Background(), b, desk.Turn{}); !desk.IsKind(err, desk.Internal) {
			t.Errorf("%s: got %v, want a bounded turn", name, err)
		}
	}
}

func TestConversation_LegalMoves(t *testing.T) {
	now := time.Unix(1000, 0)
	all := []desk.Status{desk.Automated, desk.Waiting, desk.Offered, desk.Assigned, desk.Parked, desk.Closed}
	moves := map[string]struct {
		do   func(*desk.Conversation) error
		from map[desk.Status]desk.Status
	}{
		"hand off": {func(c *desk.Conversation) error { return c.HandOff(desk.HandOff{Queue: "q"}, now) },
			map[desk.Status]desk.Status{desk.Automated: desk.Waiting, desk.Assigned: desk.Waiting, desk.Parked: desk.Waiting, desk.Waiting: desk.Waiting}},
		"offer":    {func(c *desk.Conversation) error { return c.Offer("a", now) }, map[desk.Status]desk.Status{desk.Waiting: desk.Offered}},
		"requeue":  {func(c *desk.Conversation) error { return c.Requeue(now) }, map[desk.Status]desk.Status{desk.Offered: desk.Waiting}},
		"accept":   {func(c *desk.Conversation) error { return c.Accept("a", now) }, map[desk.Status]desk.Status{desk.Offered: desk.Assigned}},
		"take":     {func(c *desk.Conversation) error { return c.Take("a", now) }, map[desk.Status]desk.Status{desk.Waiting: desk.Assigned, desk.Automated: desk.Assigned}},
		"park":     {func(c *desk.Conversation) error { return c.Park("a", now, now) }, map[desk.Status]desk.Status{desk.Assigned: desk.Parked}},
		"unpark":   {func(c *desk.Conversation) error { return c.Unpark(now) }, map[desk.Status]desk.Status{desk.Parked: desk.Assigned}},
		"transfer": {func(c *desk.Conversation) error { return c.Transfer("a", "q", now) }, map[desk.Status]desk.Status{desk.Assigned: desk.Waiting, desk.Parked: desk.Waiting}},
		"hand back": {func(c *desk.Conversation) error { return c.HandBack("a", now) },
			map[desk.Status]desk.Status{desk.Assigned: desk.Automated, desk.Parked: desk.Automated}},
		"release": {func(c *desk.Conversation) error { return c.Release(now) }, map[desk.Status]desk.Status{desk.Assigned: desk.Waiting, desk.Parked: desk.Waiting}},
		"close": {func(c *desk.Conversation) error { return c.Close(now) },
			map[desk.Status]desk.Status{desk.Automated: desk.Closed, desk.Waiting: desk.Closed, desk.Assigned: desk.Closed, desk.Parked: desk.Closed}},
		"abandon": {func(c *desk.Conversation) error { return c.Abandon(now) }, map[desk.Status]desk.Status{desk.Waiting: desk.Automated}},
		"call begins": {func(c *desk.Conversation) error { return c.CallBegan("call", "+1", now) }, map[desk.Status]desk.Status{desk.Automated: desk.Automated,
			desk.Waiting: desk.Waiting, desk.Offered: desk.Offered, desk.Assigned: desk.Assigned, desk.Parked: desk.Parked}},
		"ask to be called": {func(c *desk.Conversation) error { return c.AskCallback(desk.Callback{Phone: "+1"}, now) },
			map[desk.Status]desk.Status{desk.Waiting: desk.Waiting, desk.Offered: desk.Offered}},
		"rate": {func(c *desk.Conversation) error { return c.Rate(5, "", now) }, map[desk.Status]desk.Status{desk.Closed: desk.Closed}},
	}
	for name, move := range moves {
		for _, from := range all {
			c := desk.Conversation{Status: from, AgentID: "a"}
			err := move.do(&c)
			want, legal := move.from[from]
			switch {
			case legal && (err != nil || c.Status != want):
				t.Errorf("%s from %s: got %s, %v; want %s", name, from, c.Status, err, want)
			case !legal && !desk.IsKind(err, desk.Conflict):
				t.Errorf("%s from %s: got %v, want a conflict", name, from, err)
			case !legal && c.Status != from:
				t.Errorf("%s from %s: an illegal move changed the status to %s", name, from, c.Status)
			}
		}
	}
}

func TestConversation_OnlyItsAgentMovesIt(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, status := range []desk.Status{desk.Offered, desk.Assigned} {
		c := desk.Conversation{Status: status, AgentID: "a"}
		var err error
		if status == desk.Offered {
			err = c.Accept("b", now)
		} else {
			err = c.Park("b", now, now)
		}
		if !desk.IsKind(err, desk.Conflict) {
			t.Errorf("%s: got %v, want a conflict", status, err)
		}
	}
}
