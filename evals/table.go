package evals

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/parleyhq/parley/desk"
)

// WriteTable writes the report for a terminal: a line per suite, every failure
// with its transcript, the totals last.
func (r Report) WriteTable(w io.Writer, lang desk.Lang) error {
	var b strings.Builder
	width := columns(label("suite", lang))
	for _, s := range r.Suites {
		width = max(width, columns(s.Name))
	}
	head := func(s string, n int) string { return s + strings.Repeat(" ", max(0, n-columns(s))) }
	fmt.Fprintf(&b, "%s  %s %s %s\n", head(label("suite", lang), width), head(label("passed", lang), 8), head(label("failed", lang), 8), label("time", lang))
	for _, s := range r.Suites {
		sign := "ok"
		if s.Failed > 0 {
			sign = "FAIL"
		}
		fmt.Fprintf(&b, "%s  %-8d %-8d %-8s %s\n", head(s.Name, width), s.Passed, s.Failed, short(s.Took), sign)
	}
	for _, s := range r.Suites {
		for _, c := range s.Cases {
			if !c.Failed() {
				continue
			}
			word := "FAIL"
			if c.MayFail() {
				word = "may fail"
			}
			fmt.Fprintf(&b, "\n%s %s / %s (%s)", word, c.Suite, c.Title(), c.At())
			if r.Repeat > 1 {
				fmt.Fprintf(&b, " %d/%d", c.Passes, c.Runs)
			}
			fmt.Fprintf(&b, "\n%s", c.Transcript())
		}
	}
	for _, m := range r.Modes {
		fmt.Fprintf(&b, "\n%s: %d/%d %s", label(string(m.Mode), lang), m.Passed, m.Cases, label("passed", lang))
	}
	for _, s := range r.Retrieval {
		fmt.Fprintf(&b, "\n%s %s: hit@1 %.1f%%, hit@3 %.1f%% (%d)", s.Name, s.Lang, 100*s.HitAt1, 100*s.HitAt3, s.Asked)
	}
	if len(r.Modes)+len(r.Retrieval) > 0 {
		b.WriteByte('\n')
	}
	verdict := label("conclusion", lang)
	if !r.OK() {
		verdict = label("broken", lang)
	}
	fmt.Fprintf(&b, "\n%s: %d/%d %s", verdict, r.Passed, r.Cases, label("passed", lang))
	if r.Flaky > 0 {
		fmt.Fprintf(&b, ", %d %s", r.Flaky, label("flaky", lang))
	}
	if r.Allowed > 0 {
		fmt.Fprintf(&b, ", %d %s", r.Allowed, label("allowed", lang))
	}
	if r.Skipped > 0 {
		fmt.Fprintf(&b, ", %d %s", r.Skipped, label("skipped", lang))
	}
	if r.Cost.Calls > 0 {
		fmt.Fprintf(&b, ", %d %s", r.Cost.Calls, label("asked_engines", lang))
	}
	if tokens := r.Cost.Prompt + r.Cost.Completion; tokens > 0 {
		fmt.Fprintf(&b, ", %d %s", tokens, label("tokens", lang))
	}
	if r.Repeat > 1 {
		for _, p := range r.PassHat {
			if p.K == 1 || p.K == r.Repeat {
				fmt.Fprintf(&b, ", pass^%d %.1f%%", p.K, 100*p.Rate)
			}
		}
	}
	fmt.Fprintf(&b, " (%s)\n", short(r.Took))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func short(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%dms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1fs", d.Seconds())
}

// columns is how wide s is on a terminal: a Chinese character takes two.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n++
		if unicode.Is(unicode.Han, r) || r >= 0xFF01 && r <= 0xFF60 || r >= 0x3000 && r <= 0x303F {
			n++
		}
	}
	return n
}
