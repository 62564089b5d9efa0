package bot

import (
	"strings"
	"testing"
)

func TestTame(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"We are **open**, see [here](https://a.example/x?y=1).", "We are **open**, see [here](https://a.example/x?y=1)."},
		{"a < b and b > c", "a < b and b > c"},
		{"write to <jo@example.com> or <https://a.example>", "write to <jo@example.com> or <https://a.example>"},
		{"one <b>two</b><br/> three<hr>", "one two three"},
		{"one <script>alert(1)</script>two", "one two"},
		{"one <SCRIPT src=x>never closed", "one"},
		{"<!-- for editors --> one", "one"},
		{"<<b>script>alert(1)<</b>/script>", "alert(1)"},
		{"<img src=x onerror=alert(1)> one", "one"},
		{"[a](javascript:alert(document.domain)) b", "a b"},
		{"[a](JaVa\tScRiPt:alert(1)) b", "a b"},
		{"[a](data:text/html;base64,xx) [c](vbscript:x)", "a c"},
		{"[a](&#106;avascript:alert(1))", "a"},
		{"[a](//evil.example)", "a"},
		{"[call](tel:+1234567) [mail](mailto:a@example.com) [near](/help/a)", "[call](tel:+1234567) [mail](mailto:a@example.com) [near](/help/a)"},
		{"![the shop](https://a.example/shop.png) ![x](https://evil.example/p.png?c=1)", "![the shop](https://a.example/shop.png) x"},
		{"[![a](b.png)](javascript:alert(1))", "[![a](b.png)] (javascript:alert(1))"},
		{"[a][1]\n\n[1]: javascript:alert(1)", "[a][1]"},
		{"use `<script>` or\n```\n<b>x</b>\n```", "use `<script>` or\n```\n<b>x</b>\n```"},
	} {
		if got := tame(c.in); got != c.want {
			t.Errorf("tame(%q)\n got %q\nwant %q", c.in, got, c.want)
		}
	}
}

func FuzzTame(f *testing.F) {
	f.Add("<<script>script>[a](javascript:x)")
	f.Fuzz(func(t *testing.T, in string) {
		if strings.Contains(in, "`") {
			return // code is shown
		}
		if out := strings.ToLower(tame(in)); strings.Contains(out, "<script>") || strings.Contains(out, "](javascript:") {
			t.Errorf("tame(%q) = %q", in, out)
		}
	})
}
