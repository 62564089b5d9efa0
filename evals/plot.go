package evals

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// The sizes of plots, in pixels.
const (
	plotWidth = 640
	barHeight = 22
	nameWidth = 200
	sideways  = 320 // width and height of curves
	margin    = 40
	maxMatrix = 14 // targets on a side of the confusion
)

// svg draws one picture: nothing is loaded, every text is escaped, and it says
// in words what it shows.
type svg struct {
	b    strings.Builder
	w, h int
}

func (s *svg) text(x, y float64, anchor, class, words string) {
	fmt.Fprintf(&s.b, `<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`, x, y, anchor, class, template.HTMLEscapeString(words))
}

func (s *svg) rect(x, y, w, h float64, class, title string) {
	fmt.Fprintf(&s.b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2" class="%s"><title>%s</title></rect>`, x, y, max(w, 0), h, class, template.HTMLEscapeString(title))
}

func (s *svg) line(x1, y1, x2, y2 float64, class string) {
	fmt.Fprintf(&s.b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>`, x1, y1, x2, y2, class)
}

func (s *svg) html(label string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">%s</svg>`,
		s.w, s.h, s.w, s.h, template.HTMLEscapeString(label), s.b.String()))
}

// bar is one line of a bar chart.
type bar struct {
	name  string
	share float64
	label string
	class string
}

func bars(title string, all []bar) template.HTML {
	s := &svg{w: plotWidth, h: len(all)*barHeight + 4}
	wide := float64(plotWidth - nameWidth - 110)
	for i, b := range all {
		y := float64(i * barHeight)
		s.text(nameWidth-8, y+15, "end", "name", cut(b.name, 28))
		s.rect(nameWidth, y+4, wide, barHeight-8, "track", b.name)
		s.rect(nameWidth, y+4, wide*b.share, barHeight-8, b.class, b.name+": "+b.label)
		s.text(nameWidth+wide+8, y+15, "start", "value", b.label)
	}
	return s.html(title)
}

// suitePlot is what share of each suite's cases pass.
func (r Report) suitePlot(lang desk.Lang) template.HTML {
	var all []bar
	for _, s := range r.Suites {
		if n := s.Passed + s.Failed; n > 0 {
			class := "goodfill"
			if s.Failed > 0 {
				class = "badfill"
			}
			all = append(all, bar{s.Name, float64(s.Passed) / float64(n), fmt.Sprintf("%d / %d", s.Passed, n), class})
		}
	}
	if len(all) == 0 {
		return ""
	}
	return bars(label("plot_suites", lang), all)
}

// confusionPlot has a row for what was wanted and a column for what came.
func (r Report) confusionPlot(lang desk.Lang) template.HTML {
	total := map[string]int{}
	for _, c := range r.Understood.Confusion {
		total[c.Wanted] += c.Turns
	}
	rows := sorted(total)
	slices.SortStableFunc(rows, func(a, b string) int { return total[b] - total[a] })
	rows = rows[:min(len(rows), maxMatrix)]
	cols := slices.Clone(rows)
	for _, c := range r.Understood.Confusion {
		if slices.Contains(rows, c.Wanted) && !slices.Contains(cols, c.Got) && len(cols) < maxMatrix+4 {
			cols = append(cols, c.Got)
		}
	}
	if len(rows) == 0 {
		return ""
	}
	const cell, top = 28, 120
	s := &svg{w: nameWidth + len(cols)*cell + 60, h: top + len(rows)*cell + 8}
	for j, name := range cols {
		x := float64(nameWidth + j*cell + cell/2)
		fmt.Fprintf(&s.b, `<text transform="translate(%.1f %d) rotate(-55)" class="name">%s</text>`, x, top-6, template.HTMLEscapeString(cut(short1(name), 20)))
	}
	for i, want := range rows {
		y := float64(top + i*cell)
		s.text(nameWidth-8, y+18, "end", "name", cut(short1(want), 28))
		for j, got := range cols {
			k := slices.IndexFunc(r.Understood.Confusion, func(c Confusion) bool { return c.Wanted == want && c.Got == got })
			n := 0
			if k >= 0 {
				n = r.Understood.Confusion[k].Turns
			}
			class := "track"
			if n > 0 {
				class = map[bool]string{true: "goodfill", false: "badfill"}[want == got]
			}
			x := float64(nameWidth + j*cell)
			s.rect(x+1, y+1, cell-2, cell-2, class, fmt.Sprintf("%s → %s: %d", want, got, n))
			if n > 0 {
				s.text(x+cell/2, y+18, "middle", "cell", fmt.Sprint(n))
			}
		}
	}
	return s.html(label("plot_confusion", lang))
}

// short1 is a target without the kind that most have.
func short1(target string) string { return strings.TrimPrefix(target, desk.KindFlow+":") }

// point is one point of a curve, both 0 to 1.
type point struct {
	x, y  float64
	title string
}

// curve draws points over a grid from 0 to 1; diagonal where x and y should be
// the same.
func curve(title, xName, yName string, diagonal bool, xs []string, all []point) template.HTML {
	s := &svg{w: sideways + 2*margin, h: sideways + margin + 20}
	at := func(p point) (float64, float64) { return margin + p.x*sideways, 10 + (1-p.y)*sideways }
	for i := 0; i <= 10; i += 2 {
		_, y := at(point{y: float64(i) / 10})
		s.line(margin, y, margin+sideways, y, "grid")
		s.text(margin-6, y+4, "end", "value", fmt.Sprintf("%d", i*10))
	}
	for i, words := range xs {
		s.text(margin+float64(i)/float64(max(len(xs)-1, 1))*sideways, 10+sideways+16, "middle", "value", words)
	}
	s.text(margin+sideways/2, 10+sideways+34, "middle", "name", xName)
	s.text(margin, 8, "start", "name", yName)
	if diagonal {
		s.line(margin, 10+sideways, margin+sideways, 10, "diagonal")
	}
	for i, p := range all {
		x, y := at(p)
		if i > 0 {
			px, py := at(all[i-1])
			s.line(px, py, x, y, "curve")
		}
		fmt.Fprintf(&s.b, `<circle cx="%.1f" cy="%.1f" r="4" class="dot"><title>%s</title></circle>`, x, y, template.HTMLEscapeString(p.title))
	}
	return s.html(title)
}

// calibrationPlot sets how sure the understanding was against how often it was
// right.
func (r Report) calibrationPlot(lang desk.Lang) template.HTML {
	var all []point
	for _, b := range r.Understood.Calibrated {
		all = append(all, point{b.Confidence, b.Right, fmt.Sprintf("%.2f → %.2f (%d)", b.Confidence, b.Right, b.Turns)})
	}
	if len(all) == 0 {
		return ""
	}
	return curve(label("plot_calibration", lang), label("axis_confidence", lang), label("axis_right", lang), true, []string{"0", "20", "40", "60", "80", "100"}, all)
}

// atKPlot draws shares at k = 1, 2, ...
func atKPlot(title string, shares []float64, lang desk.Lang) template.HTML {
	var all []point
	var xs []string
	for i, v := range shares {
		all = append(all, point{float64(i) / float64(max(len(shares)-1, 1)), v, fmt.Sprintf("%d: %.1f %%", i+1, 100*v)})
		xs = append(xs, fmt.Sprint(i+1))
	}
	if len(all) == 0 {
		return ""
	}
	return curve(title, "k", label("axis_share", lang), false, xs, all)
}

// funnelPlot is how many dialogues reached each step of a flow.
func funnelPlot(f Funnel, lang desk.Lang) template.HTML {
	var all []bar
	first := max(f.Steps[0].Dialogues, 1)
	for i, s := range f.Steps {
		words := fmt.Sprintf("%d (%d %%)", s.Dialogues, 100*s.Dialogues/first)
		if i > 0 && f.Steps[i-1].Dialogues > s.Dialogues {
			words += fmt.Sprintf(" −%d", f.Steps[i-1].Dialogues-s.Dialogues)
		}
		name := s.Step
		if slices.Contains([]string{"started", "confirm", "completed"}, name) {
			name = label("step_"+name, lang)
		}
		all = append(all, bar{name, min(float64(s.Dialogues)/float64(first), 1), words, "goodfill"})
	}
	return bars(f.Flow, all)
}
