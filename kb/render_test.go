package kb

import (
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/parleyhq/parley/desk"
)

// harm names what in a page could run, load or lead somewhere it must not.
func harm(page string) string {
	root, err := html.Parse(strings.NewReader("<body>" + page))
	if err != nil {
		return "not HTML: " + err.Error()
	}
	allowed := set("html head body p br hr h1 h2 h3 h4 h5 h6 strong em del blockquote code pre ul ol li table thead tbody tr th td a img")
	attributes := map[string]map[string]bool{"a": set("href rel target"), "img": set("src alt title"), "ol": set("start"), "th": set("align"), "td": set("align")}
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			return "a comment"
		}
		if n.Type != html.ElementNode {
			continue
		}
		if !allowed[n.Data] {
			return "an element " + n.Data
		}
		rel := ""
		for _, a := range n.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			switch {
			case !attributes[n.Data][a.Key]:
				return "an attribute " + n.Data + " " + a.Key
			case a.Key == "href" && !leads(value):
				return "a link to " + a.Val
			case a.Key == "src" && !strings.HasPrefix(a.Val, "/v1/files/"), a.Key == "src" && strings.Contains(a.Val, ".."):
				return "an image from " + a.Val
			case a.Key == "rel":
				rel = value
			}
		}
		for _, a := range n.Attr {
			if a.Key == "target" && !strings.Contains(rel, "noopener") {
				return "a link with a way back"
			}
		}
	}
	return ""
}

// leads reports whether an address goes where a link may: a page, a mail, a
// call, or a place on our own site.
func leads(address string) bool {
	scheme, _, _ := strings.Cut(address, ":")
	if scheme == address || strings.ContainsAny(scheme, "/?#") {
		return true // relative
	}
	return scheme == "http" || scheme == "https" || scheme == "mailto" || scheme == "tel"
}

func TestRender_HostileTextIsHarmless(t *testing.T) {
	data, err := os.ReadFile("testdata/hostile.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := append(strings.Split(strings.TrimSpace(string(data)), "\n"), string(data))
	for _, c := range cases {
		for _, text := range []string{c, "text " + c, "> " + c, "- " + c, "# " + c, "| a |\n| - |\n| " + c + " |"} {
			out, err := Render(text)
			if err != nil {
				t.Errorf("%q: %v", text, err)
			}
			if why := harm(out); why != "" {
				t.Errorf("%q shows %s: %s", text, why, out)
			}
		}
	}
}

func TestHarm_SeesHarm(t *testing.T) {
	for _, page := range []string{"<script>x</script>", `<a href="javascript:x">`, `<p onclick=x>`, `<img src="https://x">`, `<a href="https://x" target=_blank>`, `<svg>`, `<img src="data:x">`, `<p style=x>`} {
		if harm(page) == "" {
			t.Errorf("%s passes for harmless", page)
		}
	}
}

func TestRender_WhatEditorsWrite(t *testing.T) {
	for _, c := range []struct{ markdown, want string }{
		{"**bold** and ~~gone~~", "<p><strong>bold</strong> and <del>gone</del></p>"},
		{"| a | b |\n|:-:|--|\n| 1 | 2 |", `<th align="center">a</th>`},
		{"see https://example.com now", `<a href="https://example.com" rel="nofollow noreferrer noopener" target="_blank">https://example.com</a>`},
		{"[here](https://example.com/a?b=1&c=2)", `rel="nofollow noreferrer noopener"`},
		{"[mail](mailto:a@example.com)", `href="mailto:a@example.com"`},
		{"![a cup](/v1/files/0190-abc?t=AB_cd.1-2)", `<img src="/v1/files/0190-abc?t=AB_cd.1-2" alt="a cup"`},
		{"![a cup](https://elsewhere.example/x.png)", "a cup"},
		{"1. one\n2. two", "<ol>\n<li>one</li>"},
		{"第一行\n第二行", "第一行<br"},
	} {
		got, err := Render(c.markdown)
		if err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%q: got %q (%v), want %q in it", c.markdown, got, err, c.want)
		}
	}
	if _, err := Render(strings.Repeat("x", maxPreview+1)); !desk.IsKind(err, desk.TooLarge) {
		t.Errorf("a huge text: %v", err)
	}
}

// Nesting and repetition that make some parsers slow or deep are either
// refused or rendered in time.
func TestRender_IsNotSlowedDown(t *testing.T) {
	for _, piece := range []string{">", "> ", "- ", "* ", "1. ", "1) ", ">- ", "[", "![", "*", "_a", "**a ", "`", "<", "|", "[a](", "\\", "&", "~~a", "# ", "a\n\n", "<a ", "]", "[x]: y\n", "- a\n  ", "|a", "|-"} {
		start := time.Now()
		if _, err := Render(strings.Repeat(piece, MaxBody/len(piece))); err != nil && !desk.IsKind(err, desk.Invalid) {
			t.Errorf("%q: %v", piece, err)
		}
		if spent := time.Since(start); spent > 5*time.Second {
			t.Errorf("%q repeated took %s", piece, spent)
		}
	}
	if out, err := Render(strings.Repeat("> ", 20) + "deep but fine\n\n" + strings.Repeat("[a](https://example.com) ", 500)); err != nil || !strings.Contains(out, "deep but fine") {
		t.Errorf("20 quotations and 500 links: %v", err)
	}
}

func FuzzRender(f *testing.F) {
	data, err := os.ReadFile("testdata/hostile.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, line := range strings.Split(string(data), "\n") {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4000 {
			return
		}
		out, err := Render(text)
		if err != nil {
			t.Fatal(err)
		}
		if why := harm(out); why != "" {
			t.Errorf("%q shows %s: %s", text, why, out)
		}
	})
}
