//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	runtime.GOMAXPROCS(runtime.NumCPU() + sleepers)
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	what := "run"
	args := os.Args[1:]
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		what, args = args[0], args[1:]
	}
	var err error
	switch what {
	case "run":
		err = run(ctx, args)
	case "soak":
		err = soak(ctx, args)
	case "lean":
		err = lean(ctx, args)
	default:
		err = fmt.Errorf("what is %q? say run, soak or lean", what)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "voicebench:", err)
		os.Exit(1)
	}
}

// bench is one run and what it goes by.
type bench struct {
	bin, dir, out string
	steps, rates  []int
	bridges       []int
	every, hold   time.Duration
	pages         int
	compare       int
	rr            bool
	only          string

	text strings.Builder
	lack []string // what could not be measured
	held int      // calls of the best step
}

func numbersOf(s string) ([]int, error) {
	var out []int
	for f := range strings.SplitSeq(s, ",") {
		if f == "" {
			continue
		}
		n, err := strconv.Atoi(f)
		if err != nil || n <= 0 {
			return nil, fmt.Errorf("%q is no list of numbers such as 100,200", s)
		}
		out = append(out, n)
	}
	return out, nil
}

func run(ctx context.Context, args []string) (err error) {
	b := &bench{}
	f := flag.NewFlagSet("run", flag.ExitOnError)
	f.StringVar(&b.bin, "bin", "bin/parley", "the program under test")
	f.StringVar(&b.out, "out", "", "file for the table; empty: only shown")
	f.StringVar(&b.only, "only", "", "measure only these, of capacity,setup,bridge,page,compare")
	steps := f.String("steps", "100,200,300,400,500,600,700", "calls held at once, until a step fails")
	rates := f.String("rates", "25,50,100,150", "calls a second, until a rate fails")
	bridges := f.String("bridges", "25,50,100", "telephones talking with browsers at once")
	f.DurationVar(&b.every, "keys", 10*time.Second, "between the keys of a call")
	f.DurationVar(&b.hold, "hold", 8*time.Second, "how long each step is measured")
	f.IntVar(&b.pages, "pages", 20, "callers who look at the page of their call")
	f.IntVar(&b.compare, "compare", 200, "calls with each server that is compared")
	f.BoolVar(&b.rr, "rr", true, "real-time priority for server and load, where that is permitted")
	profile := f.String("profile", "", "file for a CPU profile of the load")
	_ = f.Parse(args) // ExitOnError
	if *profile != "" {
		out, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer out.Close()
		if err := pprof.StartCPUProfile(out); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	for _, l := range []struct {
		into *[]int
		text string
	}{{&b.steps, *steps}, {&b.rates, *rates}, {&b.bridges, *bridges}} {
		if *l.into, err = numbersOf(l.text); err != nil {
			return err
		}
	}
	if b.dir, err = os.MkdirTemp("", "voicebench"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	b.head()
	began := time.Now()
	for _, part := range []struct {
		name string
		do   func(context.Context) error
	}{{"capacity", b.ordinary}, {"page", b.page}, {"compare", b.comparison}} {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !b.wants(part.name) && !(part.name == "capacity" && (b.wants("setup") || b.wants("bridge"))) {
			continue
		}
		if err := part.do(ctx); err != nil {
			b.missing(part.name, err)
		}
	}
	b.say("\nMeasured in %s.\n", time.Since(began).Round(time.Second))
	if b.out != "" {
		err = os.WriteFile(b.out, []byte(b.text.String()), 0o644)
	}
	if len(b.lack) > 0 {
		err = errors.Join(err, fmt.Errorf("not measured: %s", strings.Join(b.lack, ", ")))
	}
	return err
}

func (b *bench) wants(part string) bool {
	return b.only == "" || strings.Contains(","+b.only+",", ","+part+",")
}

// missing says that something could not be measured; the run goes on and fails
// at its end.
func (b *bench) missing(what string, err error) {
	b.lack = append(b.lack, what)
	b.say("\n**%s could not be measured: %v**\n", what, err)
}

// say shows a piece of the report and keeps it.
func (b *bench) say(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	b.text.WriteString(s)
	fmt.Print(s)
}

// priority gives the server and us real-time priority, if that is wanted and
// permitted.
func (b *bench) priority(pid int) bool {
	if !b.rr {
		return false
	}
	for _, p := range []int{pid, os.Getpid()} {
		if err := realtime(p, true); err != nil {
			b.say("\n**No real-time priority (%v): what follows depends on what else runs.**\n\n", err)
			b.rr = false
			return false
		}
	}
	return true
}

func (b *bench) usual(pid int) {
	_ = realtime(pid, false)
	_ = realtime(os.Getpid(), false)
}
