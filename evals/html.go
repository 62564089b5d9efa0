package evals

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/parleyhq/parley/desk"
)

//go:embed report.html
var page string

// WriteHTML writes the report as one page with nothing loaded from elsewhere
// and no script: numbers and pictures first, then each failure with its
// transcript.
func (r Report) WriteHTML(w io.Writer, lang desk.Lang) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"t":                func(key string) string { return label(key, lang) },
		"lang":             func(l desk.Lang) string { return label(string(l), lang) },
		"short":            func(d time.Duration) string { return short(d) },
		"percent":          func(f float64) string { return fmt.Sprintf("%.1f %%", 100*f) },
		"time":             func(at time.Time) string { return at.Format("2006-01-02 15:04 MST") },
		"plot_suites":      func(r Report) template.HTML { return r.suitePlot(lang) },
		"plot_confusion":   func(r Report) template.HTML { return r.confusionPlot(lang) },
		"plot_calibration": func(r Report) template.HTML { return r.calibrationPlot(lang) },
		"plot_candidates":  func(r Report) template.HTML { return atKPlot(label("plot_candidates", lang), r.Understood.Top, lang) },
		"plot_recall":      func(s RetrievalResult) template.HTML { return atKPlot(s.Name+" "+string(s.Lang), s.Recall, lang) },
		"plot_funnel":      func(f Funnel) template.HTML { return funnelPlot(f, lang) },
		"add":              func(a, b int) int { return a + b },
		"share": func(n, of int) string {
			return fmt.Sprintf("%.0f", 100*float64(n)/float64(max(of, 1)))
		},
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("read the report's page: %w", err)
	}
	if err := t.Execute(w, struct {
		Report
		Lang desk.Lang
	}{r, lang}); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
