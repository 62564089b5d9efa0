package intents

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Report is the outcome of a run.
type Report struct {
	Command    string             `json:"command"`
	Sets       map[string]int     `json:"sets"`    // rows by set
	Metrics    map[string]float64 `json:"metrics"` // shares in 0..1, times in microseconds (us_) or milliseconds (_ms), sizes in bytes (_bytes)
	TookMS     int64              `json:"took_ms"`
	Settings   map[string]any     `json:"settings"`
	Confusions []Confusion        `json:"confusions,omitempty"`
}

// Confusion is how often one intent was taken for another.
type Confusion struct {
	Want  string `json:"want"`
	Got   string `json:"got"`
	Count int    `json:"count"`
}

// WriteJSON writes the report as one JSON object.
func (r Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// WriteTable writes the report for people.
func (r Report) WriteTable(w io.Writer) error {
	var b strings.Builder
	for _, name := range keys(r.Sets) {
		fmt.Fprintf(&b, "%-24s %9d rows\n", name, r.Sets[name])
	}
	for _, name := range keys(r.Metrics) {
		v := r.Metrics[name]
		switch {
		case strings.HasSuffix(name, "_us"), strings.HasPrefix(name, "us_"):
			fmt.Fprintf(&b, "%-24s %9.1f us\n", name, v)
		case strings.HasSuffix(name, "_ms"):
			fmt.Fprintf(&b, "%-24s %9.0f ms\n", name, v)
		case strings.HasSuffix(name, "_bytes"):
			fmt.Fprintf(&b, "%-24s %9.2f MB\n", name, v/1e6)
		default:
			fmt.Fprintf(&b, "%-24s %9.2f %%\n", name, 100*v)
		}
	}
	for _, name := range keys(r.Settings) {
		fmt.Fprintf(&b, "%-24s %9v\n", name, r.Settings[name])
	}
	for i, c := range r.Confusions {
		if i == 0 {
			b.WriteString("\ntaken for another most often\n")
		}
		fmt.Fprintf(&b, "%5d  %s -> %s\n", c.Count, c.Want, c.Got)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
