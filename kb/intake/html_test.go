package intake_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb/intake"
)

// read reads a file of the name, and fails when it cannot be.
func read(t *testing.T, name string, b []byte) ([]intake.Page, []intake.Problem) {
	t.Helper()
	pages, problems, err := intake.Read(t.Context(), name, bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return pages, problems
}

// one reads a file that is one page.
func one(t *testing.T, name string, b []byte) intake.Page {
	t.Helper()
	pages, problems := read(t, name, b)
	if len(pages) != 1 || len(problems) > 0 {
		t.Fatalf("%s: got %d pages, problems %v; want one page", name, len(pages), problems)
	}
	return pages[0]
}

const helpPage = `<!doctype html><html lang="en-GB"><head><title>Refunds | Acme Help</title><base href="https://help.acme.com/en/"><script>track()</script></head><body>
<header class="site-header"><a href="/">Acme</a></header>
<nav><ul><li><a href="/a">Other page</a></li></ul></nav>
<div class="cookie-banner">We use cookies</div>
<main><article>
<h1>How refunds work</h1>
<p>We refund within <strong>5 days</strong>. See <a href="terms.html#x">the terms</a> or <a href="javascript:alert(1)">click</a>.</p>
<h2>What you need<a class="anchor" href="#what">¶</a></h2>
<ul><li>the order number<ul><li>it is in the mail</li></ul></li><li>the card</li></ul>
<ol><li>Open the order</li><li>Press refund</li></ol>
<table><tr><th>Plan</th><th>Days</th></tr><tr><td>Basic</td><td>5</td></tr><tr><td>Gold | VIP</td><td>2</td></tr></table>
<pre><code>refund --order 7
</code></pre>
<aside>Related: shipping</aside>
<footer>Was this helpful?</footer>
</article></main>
<footer>© Acme</footer></body></html>`

func TestHTML_KeepsWhatIsSaidAndDropsTheRest(t *testing.T) {
	p := one(t, "help/refunds.html", []byte(helpPage))
	if p.Title != "How refunds work" || p.Lang != desk.English || p.Section != "help" || p.Key != "help/refunds.html" {
		t.Errorf("got %q %s %q %q", p.Title, p.Lang, p.Section, p.Key)
	}
	want := `We refund within **5 days**. See [the terms](https://help.acme.com/en/terms.html#x) or click.

## What you need

- the order number
  
  - it is in the mail
- the card

1. Open the order
2. Press refund

| Plan | Days |
|---|---|
| Basic | 5 |
| Gold \| VIP | 2 |

` + "```\nrefund --order 7\n```"
	if p.Markdown != want {
		t.Errorf("got\n%s\nwant\n%s", p.Markdown, want)
	}
	for _, no := range []string{"Acme", "Other page", "cookies", "helpful", "Related", "track", "alert"} {
		if strings.Contains(p.Markdown, no) {
			t.Errorf("%q is left in", no)
		}
	}
}

func TestHTML_WithoutMainPartFindsTheHeaviest(t *testing.T) {
	p := one(t, "x.html", []byte(`<title>退款说明_帮助中心</title><body><div class="top"><a href=/>首页</a></div><div><div id=c><p>`+strings.Repeat("退款将在五个工作日内原路退回。", 20)+`</p><p>如有疑问请联系客服。</p></div></div><div>©</div>`))
	if p.Title != "退款说明" || p.Lang != desk.Chinese || strings.Contains(p.Markdown, "首页") || !strings.Contains(p.Markdown, "如有疑问") {
		t.Errorf("got %q %s\n%s", p.Title, p.Lang, p.Markdown)
	}
}

func TestHTML_HostilePagesAreRefusedOrReadInBounds(t *testing.T) {
	for name, body := range map[string]string{
		"nested":  strings.Repeat("<div>", 100_000) + "x",
		"lists":   strings.Repeat("<ul><li>", 10_000) + "x",
		"colspan": "<main><table><tr><td colspan=999999999 rowspan=999999999>a</td><td>b</td></tr><tr><td>c</td></tr></table></main>",
		"tables":  strings.Repeat("<table><tr><td>", 200) + "x",
		"font":    strings.Repeat("<b><i><u><font>", 3000) + strings.Repeat("</b></i>", 3000) + "x",
		"bytes":   "<p>\x00\xff\xfe<\x00b>",
	} {
		t.Run(name, func(t *testing.T) {
			pages, _, err := intake.Read(context.Background(), "x.html", strings.NewReader(body), int64(len(body)))
			if err != nil && !desk.IsKind(err, desk.Invalid) {
				t.Errorf("got %v", err)
			}
			for _, p := range pages {
				if len(p.Markdown) > 100_000 {
					t.Errorf("%d bytes of Markdown", len(p.Markdown))
				}
			}
		})
	}
}
