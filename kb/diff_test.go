package kb

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func shown(d []DiffLine) string {
	var b strings.Builder
	for _, l := range d {
		b.WriteString(map[Op]string{Same: " ", Added: "+", Removed: "-"}[l.Op])
		if len(l.Spans) == 0 {
			b.WriteString(l.Text)
		}
		for _, s := range l.Spans {
			if s.Changed {
				b.WriteString("[" + s.Text + "]")
			} else {
				b.WriteString(s.Text)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestCompare(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""},
		{"a", "a", " a\n"},
		{"", "a\nb", "+a\n+b\n"},
		{"a\nb\nc", "a\nc", " a\n-b\n c\n"},
		{"It costs two euros.", "It costs three euros.", "-It costs [two] euros.\n+It costs [three] euros.\n"},
		{"三天内退款", "五天内退款", "-[三]天内退款\n+[五]天内退款\n"},
		{"x y z", "completely different", "-x y z\n+completely different\n"},
		{"a\nkeep this line\nb", "a2\nkeep this line\nb2", "-a\n+a2\n keep this line\n-b\n+b2\n"},
	} {
		if got := shown(compareLines(c.a, c.b)); got != c.want {
			t.Errorf("%q to %q:\n%swant\n%s", c.a, c.b, got, c.want)
		}
	}
}

// What a diff shows is both texts, whole, with as many equal lines as there can be.
func TestCompare_ShowsBothTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringMatching(`[ab中]{0,2}( [ab]{1,2})?`)
		a := rapid.SliceOfN(line, 0, 12).Draw(t, "a")
		b := rapid.SliceOfN(line, 0, 12).Draw(t, "b")
		lines := compareLines(strings.Join(a, "\n"), strings.Join(b, "\n"))
		var old, now []string
		same := 0
		for _, l := range lines {
			if l.Op != Added {
				old = append(old, l.Text)
				if l.Old != len(old) {
					t.Fatalf("line %+v is the old line %d", l, len(old))
				}
			}
			if l.Op != Removed {
				now = append(now, l.Text)
				if l.New != len(now) {
					t.Fatalf("line %+v is the new line %d", l, len(now))
				}
			}
			if l.Op == Same {
				same++
			}
			joined := ""
			for _, s := range l.Spans {
				joined += s.Text
			}
			if len(l.Spans) > 0 && joined != l.Text {
				t.Fatalf("the spans of %q are %q", l.Text, joined)
			}
		}
		wantOld, wantNow := splitLines(strings.Join(a, "\n")), splitLines(strings.Join(b, "\n"))
		if strings.Join(old, "\n") != strings.Join(wantOld, "\n") || strings.Join(now, "\n") != strings.Join(wantNow, "\n") {
			t.Fatalf("got %q and %q, want %q and %q", old, now, wantOld, wantNow)
		}
		if most := longest(wantOld, wantNow); same != most {
			t.Fatalf("%d equal lines, there could be %d", same, most)
		}
	})
}

// longest is the length of the longest common subsequence.
func longest(a, b []string) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
	}
	for i := range a {
		for j := range b {
			if a[i] == b[j] {
				table[i+1][j+1] = table[i][j] + 1
			} else {
				table[i+1][j+1] = max(table[i][j+1], table[i+1][j])
			}
		}
	}
	return table[len(a)][len(b)]
}

func TestCompare_TwoHugeTexts(t *testing.T) {
	var a, b strings.Builder
	for i := range 20000 {
		a.WriteString(strings.Repeat("a", i%7) + "\n")
		b.WriteString(strings.Repeat("b", i%5) + "\n")
	}
	if n := len(compareLines(a.String(), b.String())); n < 20000 {
		t.Errorf("%d lines", n)
	}
}
