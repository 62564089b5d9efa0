// Quality measures Parley on public data through its own commands and writes
// docs/quality.md: every figure beside its goal and what others published, with
// the command and the time it took.
//
//	quality -data DIR [-parley bin/parley] [-only REGEXP] [-kept DIR] [-out docs/quality.md]
//
// DIR holds the sets in the folders that sets.go names. What is not there is
// left out, and the page says so. -kept keeps each outcome as JSON, and reuses
// one that is there already: a run that was cut off goes on where it stopped.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"text/template"
	"time"
)

//go:embed page.md.tmpl
var page string

// limit is how long one set may take.
const limit = 20 * time.Minute

// outcome is what a command printed.
type outcome struct {
	Sets    map[string]any     `json:"sets"`
	Metrics map[string]float64 `json:"metrics"`
	TookMS  float64            `json:"took_ms"`
}

// measured is a set with its outcome; without one, Missing says why.
type measured struct {
	set
	outcome
	Missing string
}

func main() {
	data := flag.String("data", os.Getenv("PARLEY_DATA"), "where the public data lie")
	bin := flag.String("parley", "bin/parley", "the program")
	only := flag.String("only", "", "only sets whose name matches")
	kept := flag.String("kept", "tmp/quality", "where outcomes are kept")
	out := flag.String("out", "docs/quality.md", "the page")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *data, *bin, *only, *kept, *out); err != nil {
		fmt.Fprintln(os.Stderr, "quality:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, data, bin, only, kept, out string) error {
	if data == "" {
		return fmt.Errorf("say where the public data lie: PARLEY_DATA=DIR make quality; docs/quality.md says where each set comes from")
	}
	match, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	if err := os.MkdirAll(kept, 0o755); err != nil {
		return err
	}
	byArea := map[string][]measured{}
	for _, s := range sets {
		m := recall(s, kept)
		if m.Missing != "" && match.MatchString(s.Name) {
			m = measure(ctx, s, data, bin, kept)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		byArea[s.Area] = append(byArea[s.Area], m)
	}
	t, err := template.New("page").Funcs(template.FuncMap{"table": func(area string) string { return table(byArea[area]) }}).Parse(page)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, map[string]any{"Day": time.Now().UTC().Format(time.DateOnly), "CPUs": runtime.NumCPU(), "Go": runtime.Version()}); err != nil {
		return err
	}
	return os.WriteFile(out, b.Bytes(), 0o644)
}

// recall reads a kept outcome.
func recall(s set, kept string) measured {
	m := measured{set: s}
	b, err := os.ReadFile(filepath.Join(kept, s.file()))
	if err == nil {
		err = json.Unmarshal(b, &m.outcome)
	}
	if err != nil {
		m.Missing = "not measured in this run"
	}
	return m
}

func measure(ctx context.Context, s set, data, bin, kept string) measured {
	m := measured{set: s}
	args := []string{"eval", s.Command}
	for _, a := range s.Args {
		if rest, ok := strings.CutPrefix(a, "@"); ok {
			a = filepath.Join(data, rest)
			if _, err := os.Stat(a); err != nil {
				m.Missing = rest + " is not there"
				return m
			}
		}
		args = append(args, a)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	fmt.Fprintf(os.Stderr, "%s ...", s.Name)
	began := time.Now()
	cmd := exec.CommandContext(ctx, bin, append(args, "--json")...)
	var problem bytes.Buffer
	cmd.Stderr = &problem
	b, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(b, &m.outcome)
	}
	if err != nil {
		m.Missing = fmt.Sprintf("failed: %v %s", err, strings.TrimSpace(problem.String()))
		fmt.Fprintln(os.Stderr, " "+m.Missing)
		return m
	}
	m.TookMS = float64(time.Since(began).Milliseconds())
	fmt.Fprintf(os.Stderr, " %.0f s\n", m.TookMS/1000)
	if b, err := json.MarshalIndent(m.outcome, "", " "); err == nil {
		_ = os.WriteFile(filepath.Join(kept, s.file()), b, 0o644) // it is only not kept
	}
	return m
}

// table is the outcomes of an area as Markdown.
func table(list []measured) string {
	var b strings.Builder
	b.WriteString("| Set | Measure | Parley | Goal | Published or known before |\n|---|---|---:|---:|---|\n")
	var commands []string
	for _, m := range list {
		if m.Missing != "" {
			fmt.Fprintf(&b, "| %s | %s | – | | |\n", m.Name, m.Missing)
			continue
		}
		name := m.Name
		for _, f := range m.Figures {
			v, ok := m.Metrics[f.Key]
			if !ok {
				continue
			}
			got, goal := f.format(v), ""
			if f.Goal != 0 {
				goal = f.format(f.Goal)
				if f.Lower && v < f.Goal || !f.Lower && v > f.Goal {
					got = "**" + got + "**"
				}
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", name, f.Label, got, goal, f.Known)
			name = ""
		}
		var args []string
		for _, a := range m.Args {
			args = append(args, strings.Replace(a, "@", "$PARLEY_DATA/", 1))
		}
		commands = append(commands, fmt.Sprintf("parley eval %s %s   # %.0f s", m.Command, strings.Join(args, " "), m.TookMS/1000))
	}
	return b.String() + "\n```sh\n" + strings.Join(commands, "\n") + "\n```\n"
}
