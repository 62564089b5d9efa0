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

func TestHTML_BecomesMarkdown(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"words run on":              {"<p>one\n two&nbsp; <span>three</span>four</p>", "one two threefour"},
		"bold and its spaces":       {"<p>a<b> bold </b>b <strong><b>c</b></strong> <em>d<i>e</i></em></p>", "a **bold** b **c** *de*"},
		"bold beside Chinese":       {"<p><b>注意：</b>请在五天内<b>“申请”</b>退款</p>", "**注意**：请在五天内“**申请**”退款"},
		"lines":                     {"<p>a<br>b<br><br>- c</p>", "a  \nb  \n\\- c"},
		"a link":                    {"<p>see<a href='https://x.test/a (b)'> the <b>terms</b> </a>now</p>", "see [the **terms**](https://x.test/a%20%28b%29) now"},
		"a link that is no picture": {"<p>now!<a href='https://x.test/'>go</a></p>", "now! [go](https://x.test/)"},
		"a link around blocks":      {"<a href='https://x.test/'><div>Title</div><p>Text</p></a>", "[Title Text](https://x.test/)"},
		"a picture":                 {"<p><img src='https://x.test/a.png' alt='The [red] button'><img src='https://x.test/b.png'></p>", "![The \\[red\\] button](https://x.test/a.png)"},
		"code":                      {"<p>type <code>a`b</code></p><pre>x\n```\ny</pre>", "type `` a`b ``\n\n````\nx\n```\ny\n````"},
		"nothing is Markdown":       {"<p># 1. * a_b _c_ [x](y) `z` &lt;b&gt; &amp;lt; ~~d~~ \\* 2*3</p>", "\\# 1. * a_b \\_c\\_ [x\\](y) \\`z\\` \\<b> \\&lt; \\~\\~d\\~\\~ \\\\\\* 2\\*3"},
		"nothing begins a line":     {"<p>1. a</p><p>---</p><p>+ b</p><p>&gt; c</p>", "1\\. a\n\n\\---\n\n\\+ b\n\n\\> c"},
		"lists in lists":            {"<ol start=3><li><p>a</p><p>b</p><ul><li>c<li>d</ul><li>e</ol><p>f</p>", "3. a\n\n   b\n   - c\n   - d\n4. e\n\nf"},
		"quotes":                    {"<blockquote><p>a</p><ul><li>b</ul></blockquote><p>c</p>", "> a\n>\n> - b\n\nc"},
		"terms":                     {"<dl><dt>Refund</dt><dd>Money back</dd></dl>", "**Refund**\n\nMoney back"},
		"cells that span":           {"<table><tr><th colspan=2>Plan<th>Days<tr><td rowspan=2>A<td>x|y<td>1<tr><td>z<td>2</table>", "| Plan |  | Days |\n|---|---|---|\n| A | x\\|y | 1 |\n|  | z | 2 |"},
		"a table for looks":         {"<table><tr><td><ul><li>a</ul><td><h2>b</h2></table>", "- a\n\n## b"},
	} {
		t.Run(name, func(t *testing.T) {
			if p := one(t, "x.html", []byte("<main>"+c.in+"</main>")); p.Markdown != c.want {
				t.Errorf("got\n%s\nwant\n%s", p.Markdown, c.want)
			}
		})
	}
}

// What a small page can do is small, whatever it nests and repeats.
func TestHTML_TimeGrowsWithThePageOnly(t *testing.T) {
	for name, body := range map[string]string{
		"signs":      "<p>" + strings.Repeat("*_`[", 100_000),
		"comments":   "<p>" + strings.Repeat("a <!-- -->", 100_000),
		"quotes":     strings.Repeat("<blockquote>", 400) + strings.Repeat("a<br>", 50_000),
		"lists":      strings.Repeat("<ul><li>", 200) + strings.Repeat("<p>a</p>", 20_000),
		"spans":      "<table>" + strings.Repeat("<tr>"+strings.Repeat("<td colspan=99 rowspan=99>x", 20), 1000) + "</table>",
		"deep":       strings.Repeat("<div>", 480) + strings.Repeat("<i>x</i>", 50_000),
		"in a table": strings.Repeat("<table><tr><td>", 120) + strings.Repeat("<p>x", 20_000),
	} {
		t.Run(name, func(t *testing.T) {
			pages, _ := read(t, "x.html", []byte(body))
			n := 0
			for _, p := range pages {
				n += len(p.Markdown)
			}
			if n > 8*len(body) {
				t.Errorf("%d bytes became %d", len(body), n)
			}
		})
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
