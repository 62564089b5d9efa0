package channels_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/parleyhq/parley/channels"
	"github.com/parleyhq/parley/desk"
)

func TestPlain(t *testing.T) {
	for _, c := range []struct{ markdown, want string }{
		{"plain", "plain"},
		{"# Title\n\ntext **bold** *it* ~~gone~~ `x`", "Title\n\ntext bold it gone x"},
		{"* one\n* two\n  * three", "- one\n- two\n  - three"},
		{"3. a\n4. b", "3. a\n4. b"},
		{"[our hours](https://example.com/h)", "our hours (https://example.com/h)"},
		{"<https://example.com>", "https://example.com"},
		{"[https://example.com](https://example.com)", "https://example.com"},
		{"[x](javascript:alert(1))", "x"},
		{"![a cat](cat.png)", "a cat"},
		{"<script>alert(1)</script>", ""},
		{"a <b>b</b> c", "a b c"},
		{"> quoted\n> more", "> quoted\n> more"},
		{"```go\nx := 1\n```", "x := 1"},
		{"1 &lt; 2 &amp; 3 \\* 4", "1 < 2 & 3 * 4"},
		{"| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n1 | 2"},
		{"营业时间：**9:00** 到 *18:00*", "营业时间：9:00 到 18:00"},
	} {
		if got := channels.Plain(c.markdown); got != c.want {
			t.Errorf("%q: got %q, want %q", c.markdown, got, c.want)
		}
	}
}

func TestSplit_AtSentences(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  []string
	}{
		{"", 10, nil},
		{"short", 10, []string{"short"}},
		{"no limit at all", 0, []string{"no limit at all"}},
		{"First one. Second one. Third.", 24, []string{"First one. Second one.", "Third."}},
		{"第一句话。第二句话。第三句话。", 11, []string{"第一句话。第二句话。", "第三句话。"}},
		{"para one\n\npara two and more", 20, []string{"para one", "para two and more"}},
		{"version 1.5 is here now", 14, []string{"version 1.5 is", "here now"}},
		{"aaaaaaaaaaaa", 5, []string{"aaaaa", "aaaaa", "aa"}},
		{"ab👩‍👧cd", 4, []string{"ab", "👩‍👧c", "d"}},
	} {
		if got := channels.Split(c.text, c.limit); !slices.Equal(got, c.want) {
			t.Errorf("%q at %d: got %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

func TestSplit_LosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, limit := rapid.String().Draw(t, "text"), rapid.IntRange(1, 50).Draw(t, "limit")
		parts := channels.Split(text, limit)
		for _, p := range parts {
			if n := utf8.RuneCountInString(p); n == 0 || n > limit {
				t.Fatalf("a part of %d runes", n)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if got, want := squeeze(strings.Join(parts, "")), squeeze(text); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestRender_ForTheDullestChannel(t *testing.T) {
	content := desk.Content{
		Text: "**Your order**", Markdown: true,
		Card:        &desk.Card{Title: "Latte", Lines: []desk.CardLine{{Label: "Size", Value: "large", Edit: &desk.Option{ID: "e1"}}}},
		Options:     []desk.Option{{ID: "y", Key: "1", Label: "Yes"}, {ID: "n", Label: "No", Hint: "give up"}},
		Attachments: []desk.Attachment{{Name: "menu.pdf", Type: "application/pdf", URL: "/v1/files/1"}},
		Location:    &desk.Location{Lat: 1, Lon: 2, Label: "Shop"},
		Sources:     []desk.Source{{Title: "Opening hours"}},
	}
	for lang, want := range map[desk.Lang]string{
		desk.English: "Your order\n\nLatte\nSize: large\n\nShop (1.000000, 2.000000)\n\nmenu.pdf: https://p.example/v1/files/1\n\nSource: Opening hours\n\n2. Change Size\n1. Yes\n3. No (give up)",
		desk.Chinese: "Your order\n\nLatte\nSize：large\n\nShop (1.000000, 2.000000)\n\nmenu.pdf: https://p.example/v1/files/1\n\n来源：Opening hours\n\n2. 修改Size\n1. Yes\n3. No（give up）",
	} {
		parts := channels.Render(content, channels.Limits{Origin: "https://p.example/"}, lang)
		if len(parts) != 1 || parts[0].Text != want || len(parts[0].Options) != 0 {
			t.Errorf("%s: got %+v, want %q", lang, parts, want)
		}
	}
}

func TestRender_KeepsWhatTheChannelShows(t *testing.T) {
	content := desk.Content{Text: "Choose. Please do.", Options: []desk.Option{{ID: "a", Label: "A long label"}, {ID: "b", Label: "B"}}}
	parts := channels.Render(content, channels.Limits{Text: 10, Options: 2, OptionLabel: 6}, desk.English)
	if len(parts) != 2 || len(parts[0].Options) != 0 || len(parts[1].Options) != 2 || parts[1].Options[0].Label != "A lon…" {
		t.Errorf("got %+v", parts)
	}
	if content.Options[0].Label != "A long label" {
		t.Error("rendering changed the message")
	}
}

type fake struct {
	channels.Adapter
	limits channels.Limits
	fail   int // the part that cannot be sent
	sent   []string
}

func (f *fake) Name() desk.ChannelName  { return "fake" }
func (f *fake) Limits() channels.Limits { return f.limits }
func (f *fake) Send(_ context.Context, out channels.Outgoing) (string, error) {
	if len(f.sent) == f.fail {
		return "", desk.Errorf(desk.Unavailable, "down", "down")
	}
	f.sent = append(f.sent, out.Part.Text)
	return "ext-" + out.ID, nil
}

func TestSet_DoesNotRepeatHalfAMessage(t *testing.T) {
	m := desk.Message{ID: "m", Channel: "fake", Content: desk.Content{Text: "One sentence here. Another sentence."}}
	for _, c := range []struct {
		fail    int
		dedupes bool
		kind    desk.Kind
	}{{0, false, desk.Unavailable}, {1, false, desk.Internal}, {1, true, desk.Unavailable}} {
		set, err := channels.NewSet(&fake{limits: channels.Limits{Text: 20, Dedupes: c.dedupes}, fail: c.fail})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := set.Send(t.Context(), m, desk.Conversation{}); !desk.IsKind(err, c.kind) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
	set, _ := channels.NewSet(&fake{fail: -1})
	if id, err := set.Send(t.Context(), m, desk.Conversation{}); err != nil || id != "ext-m/0" {
		t.Errorf("got %q, %v", id, err)
	}
	if _, err := set.Send(t.Context(), desk.Message{Channel: "none"}, desk.Conversation{}); !desk.IsKind(err, desk.NotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := channels.NewSet(&fake{}, &fake{}); err == nil {
		t.Error("two channels of one name were taken")
	}
}
