// Package channeltest holds the promises that every channel adapter keeps. A
// channel's own test describes it as a Case and calls Run.
package channeltest

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/channels"
	"github.com/parleyhq/parley/desk"
)

// Case is a channel under test.
type Case struct {
	// New makes the adapter, with its far end, if it has one, faked.
	New func(tb testing.TB) channels.Adapter
	// Genuine is a delivery of one text message with the channel's own id id,
	// as the channel's servers or customers really make it.
	Genuine func(id, text string) channels.Request
	// Forged makes the deliveries that must be refused of a genuine one: without
	// a signature, with another one, with another body.
	Forged func(channels.Request) map[string]channels.Request
	// Shown is what the far end shows its customer, in order; nil for channels
	// whose customers fetch their messages.
	Shown func() []string
	// Stall makes the far end accept connections and never answer; nil for
	// channels that have no far end.
	Stall func()
}

// Run checks every promise.
func Run(t *testing.T, c Case) {
	t.Run("names itself and its limits", c.names)
	t.Run("reads a genuine delivery as it is", c.reads)
	t.Run("a delivery that comes twice is the same message", c.repeats)
	t.Run("refuses what is not genuine", c.refuses)
	t.Run("bad input is an error and never a panic", c.survives)
	t.Run("is safe for concurrent use", c.together)
	t.Run("what is rendered for it respects its limits", c.limits)
	t.Run("sending again is declared, and true", c.sendsAgain)
	t.Run("sending ends when its time is over", c.gives)
}

func (c Case) names(t *testing.T) {
	a := c.New(t)
	if n := a.Name(); n == "" || strings.ToLower(string(n)) != string(n) || strings.ContainsAny(string(n), " /.*>") {
		t.Errorf("the name %q is not one word in small letters", n)
	}
	l := a.Limits()
	if l.Text < 0 || l.Options < 0 || l.OptionLabel < 0 || l.OptionLabel == 1 || l.FileBytes < 0 || l.Text > 0 && l.Text < 40 {
		t.Errorf("the limits make no sense: %+v", l)
	}
	if l.Pull != (c.Shown == nil) {
		t.Errorf("Pull is %v, but the case has a far end: %v", l.Pull, c.Shown != nil)
	}
}

// texts are what customers write, and what others write to do harm.
func texts() []string {
	return []string{
		"hello", "我想点一杯大杯拿铁", "<script>alert(1)</script>", `"quoted" \back\ 'single'`, "👩‍👩‍👧‍👦 emoji", "line one\nline two",
		"=cmd()", "{{secret.TOKEN}}", "%00 %s %d", "'; DROP TABLE messages; --", "\u202eright to left", strings.Repeat("long ", 500),
	}
}

func (c Case) reads(t *testing.T) {
	a := c.New(t)
	for _, text := range texts() {
		in, err := a.Receive(c.Genuine("id-1", text))
		if err != nil || len(in) != 1 {
			t.Errorf("%.40q: got %d messages, %v", text, len(in), err)
			continue
		}
		m := in[0]
		if m.Text != text || m.ExternalID == "" || m.Address == "" || m.Channel != a.Name() {
			t.Errorf("%.40q: got %+v", text, m)
		}
		if m.Command != "" && !m.Command.FromOutside() {
			t.Errorf("%.40q: became the command %s", text, m.Command)
		}
	}
}

func (c Case) repeats(t *testing.T) {
	a := c.New(t)
	one, err1 := a.Receive(c.Genuine("id-1", "hello"))
	two, err2 := a.Receive(c.Genuine("id-1", "hello"))
	other, err3 := c.New(t).Receive(c.Genuine("id-2", "hello"))
	if err1 != nil || err2 != nil || err3 != nil || len(one) != 1 || len(two) != 1 || len(other) != 1 {
		t.Fatalf("got %v %v %v", err1, err2, err3)
	}
	if one[0].ExternalID != two[0].ExternalID || one[0].Address != two[0].Address {
		t.Errorf("one message has two ids: %q and %q", one[0].ExternalID, two[0].ExternalID)
	}
	if one[0].ExternalID == other[0].ExternalID {
		t.Errorf("two messages have one id: %q", one[0].ExternalID)
	}
}

func (c Case) refuses(t *testing.T) {
	a := c.New(t)
	forged := c.Forged(c.Genuine("id-1", "hello"))
	if len(forged) < 2 {
		t.Errorf("the case forges only %d deliveries", len(forged))
	}
	for name, r := range forged {
		in, err := a.Receive(r)
		if len(in) != 0 || !desk.IsKind(err, desk.Unauthenticated) {
			t.Errorf("%s: got %d messages, %v; want unauthenticated", name, len(in), err)
		}
	}
	if in, err := a.Receive(channels.Request{}); len(in) != 0 || err == nil {
		t.Errorf("an empty delivery: got %d messages, %v", len(in), err)
	}
}

func (c Case) survives(t *testing.T) {
	a := c.New(t)
	good := c.Genuine("id-1", "hello")
	for name, body := range map[string][]byte{
		"nothing": nil, "not UTF-8": []byte("{\"text\":\"\xff\xfe\"}"), "NUL": []byte(`{"text":"a\u0000b"}`), "half": good.Body[:len(good.Body)/2],
		"deep": []byte(strings.Repeat("[", 100_000)), "huge": bytes.Repeat([]byte("a"), 8<<20), "null": []byte("null"), "number": []byte("1e999"),
		"twice": append(append([]byte{}, good.Body...), good.Body...), "list": []byte("[" + string(good.Body) + "]"),
	} {
		r := good
		r.Body = body
		start := time.Now()
		in, err := a.Receive(r)
		if err == nil {
			for _, m := range in {
				if !utf8.ValidString(m.Text) || strings.ContainsRune(m.Text, 0) {
					t.Errorf("%s: let through %q", name, m.Text)
				}
			}
		} else if k := desk.KindOf(err); k != desk.Invalid && k != desk.TooLarge && k != desk.Unauthenticated {
			t.Errorf("%s: got an error of kind %s: %v", name, k, err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
	}
}

func (c Case) together(t *testing.T) {
	a := c.New(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if in, err := a.Receive(c.Genuine("id-1", "hello")); err != nil || len(in) != 1 {
					t.Errorf("got %d messages, %v", len(in), err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// contents are messages that are hard to show.
func contents() []desk.Content {
	long := strings.Repeat("A sentence of some length. ", 400)
	var options []desk.Option
	for _, label := range []string{"Coffee", strings.Repeat("very long label ", 10), "第三个选项", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"} {
		options = append(options, desk.Option{ID: label, Label: label})
	}
	return []desk.Content{
		{Text: "short"}, {Text: long}, {Text: strings.Repeat("没有空格的长句子", 600)}, {Text: strings.Repeat("x", 20_000)},
		{Text: "# Title\n\n* one\n* two [link](https://example.com)\n\n<script>alert(1)</script>\n\n`code`", Markdown: true},
		{Text: "choose", Options: options}, {Options: options[:2]}, {Text: long, Options: options[:3]},
		{Card: &desk.Card{Title: "Order", Lines: []desk.CardLine{{Label: "Size", Value: "large", Edit: &options[0]}}}},
		{Attachments: []desk.Attachment{{ID: "f", Name: "photo.jpg", Type: "image/jpeg", Size: 1 << 40, URL: "/v1/files/f"}}},
		{Location: &desk.Location{Lat: 31.2, Lon: 121.5, Label: "here"}}, {Text: "not UTF-8 \xff"},
	}
}

func (c Case) limits(t *testing.T) {
	l := c.New(t).Limits()
	for i, content := range contents() {
		parts := channels.Render(content, l, desk.English)
		if len(parts) == 0 {
			t.Errorf("content %d: nothing is shown", i)
		}
		for _, p := range parts {
			if n := utf8.RuneCountInString(p.Text); l.Text > 0 && n > l.Text {
				t.Errorf("content %d: a text of %d runes, %d are allowed", i, n, l.Text)
			}
			if len(p.Options) > l.Options || !l.Cards && p.Card != nil || !l.Location && p.Location != nil || !l.Markdown && p.Markdown || !utf8.ValidString(p.Text) {
				t.Errorf("content %d: %+v does not fit %+v", i, p, l)
			}
			for _, o := range p.Options {
				if n := utf8.RuneCountInString(o.Label); l.OptionLabel > 0 && n > l.OptionLabel {
					t.Errorf("content %d: a button of %d runes, %d are allowed", i, n, l.OptionLabel)
				}
			}
			for _, f := range p.Attachments {
				if l.FileBytes > 0 && f.Size > l.FileBytes {
					t.Errorf("content %d: a file of %d bytes, %d are allowed", i, f.Size, l.FileBytes)
				}
			}
		}
	}
}

func (c Case) sendsAgain(t *testing.T) {
	a := c.New(t)
	out := channels.Outgoing{ID: "m-1/0", Address: c.address(t, a), Part: channels.Part{Text: "once"}}
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		_, err := a.Send(ctx, out)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
	}
	if c.Shown == nil {
		return
	}
	shown := slices.Clone(c.Shown())
	if n := len(shown); a.Limits().Dedupes && n != 1 || n == 0 {
		t.Errorf("Dedupes is %v, but what was sent twice is shown %d times", a.Limits().Dedupes, n)
	}
}

func (c Case) gives(t *testing.T) {
	if c.Stall == nil {
		return // nothing of it waits for anybody
	}
	a := c.New(t)
	c.Stall()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := a.Send(ctx, channels.Outgoing{ID: "m-1/0", Address: c.address(t, a), Part: channels.Part{Text: "late"}})
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil {
			t.Error("a far end that never answers took the message")
		}
	case <-time.After(5 * time.Second):
		t.Error("Send goes on after its time")
	}
}

// address is that of the customer who makes the genuine deliveries.
func (c Case) address(t *testing.T, a channels.Adapter) string {
	t.Helper()
	in, err := a.Receive(c.Genuine("id-1", "hello"))
	if err != nil || len(in) != 1 {
		t.Fatalf("got %d messages, %v", len(in), err)
	}
	return in[0].Address
}

// Copy is r with headers and body of its own, to change.
func Copy(r channels.Request) channels.Request {
	r.Header, r.Body = r.Header.Clone(), bytes.Clone(r.Body)
	if r.Header == nil {
		r.Header = http.Header{}
	}
	return r
}
