package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"pasban/compare"
	"pasban/fixtures"
	"pasban/render"
)

// BenchmarkBesideNaked is the first half of `make bench`: what a look costs
// with everything on, beside the same pages looked at by chromedp alone
// (testdata/naked). Both are programs of their own, measured from the outside
// and in turn, so that what else the machine does falls on both. gowitness
// joins in when it is on PATH.
//
//	PASBAN_BENCH_SITES   pages, default 60
//	PASBAN_BENCH_ROUNDS  turns each, default 3
//	PASBAN_BENCH_TABS    pages at once, default as many as pasban sweep
func BenchmarkBesideNaked(b *testing.B) {
	s := newArena(b)
	first := contender{name: "pasban sweep, first sight", command: s.sweep("--watchlist", s.watchlist)}
	first.meet(b, s)
	all := s.contenders(b)
	for b.Loop() {
		for range s.rounds {
			for i := range all {
				all[i].meet(b, s)
			}
		}
	}
	fmt.Printf("\n%d pages, %d at once; medians of %d turns each\n\n%s\n", s.pages, s.tabs, s.rounds, sideBySide(append(all, first)))
	b.ReportMetric(all[1].beside(all[0], speed), "of-naked")
}

func setting(name string, standard int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return standard
}

// arena is the fixture sites and where the programs that look at them are.
type arena struct {
	pages, tabs, rounds int
	urls                string // one a line
	watchlist           string
	dir                 string
	chrome              string
	pasban, naked       string
}

func newArena(b *testing.B) *arena {
	ctx, cancel := context.WithCancel(context.Background())
	b.Cleanup(cancel)
	s := &arena{
		pages: setting("PASBAN_BENCH_SITES", 60), rounds: setting("PASBAN_BENCH_ROUNDS", 3),
		tabs: setting("PASBAN_BENCH_TABS", max(2, runtime.NumCPU())), dir: b.TempDir(),
	}
	fleet, err := fixtures.StartFleet(ctx, s.pages)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(fleet.Close)
	for _, site := range fleet.Sites() {
		s.urls += site.URL + "\n"
	}
	s.watchlist = filepath.Join(s.dir, "watchlist.csv")
	if err := os.WriteFile(s.watchlist, fleet.Watchlist(), 0o600); err != nil {
		b.Fatal(err)
	}
	if s.chrome, err = render.Find(); err != nil {
		b.Fatal(err)
	}
	s.pasban, s.naked = s.build(b, "pasban", "."), s.build(b, "naked", "./testdata/naked")
	return s
}

// build makes the real program: a test binary carries more, and starts slower.
func (s *arena) build(b *testing.B, name, folder string) string {
	b.Helper()
	return buildProgram(b, filepath.Join(s.dir, name), folder)
}

func buildProgram(tb testing.TB, path, folder string) string {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), "go", "build", "-o", path, folder).CombinedOutput()
	if err != nil {
		tb.Fatalf("building %s: %v\n%s", folder, err, out)
	}
	return path
}

// contenders are who is measured: naked first, pasban second.
func (s *arena) contenders(b *testing.B) []contender {
	all := []contender{
		{name: "naked chromedp", command: []string{s.naked, "-chrome", s.chrome, "-tabs", strconv.Itoa(s.tabs)}},
		{name: "pasban sweep", command: s.sweep()},
	}
	path, err := exec.LookPath("gowitness")
	if err != nil {
		b.Log("gowitness is not on PATH: measured without it")
		return all
	}
	// Without the three seconds it waits on every page unless told otherwise,
	// and with the picture that the others take.
	return append(all, contender{name: "gowitness", command: []string{path, "scan", "file", "-f", "-", "--delay", "0",
		"--threads", strconv.Itoa(s.tabs), "--chrome-path", s.chrome, "--chrome-window-x", "1366", "--chrome-window-y", "768",
		"--screenshot-fullpage", "--screenshot-format", "png", "--screenshot-path", filepath.Join(s.dir, "gowitness"), "--write-none"}})
}

func (s *arena) sweep(more ...string) []string {
	return append([]string{s.pasban, "sweep", "--json", "--data", filepath.Join(s.dir, "data"), "--chrome", s.chrome,
		"--workers", strconv.Itoa(s.tabs), "--egress-allow", "127.0.0.0/8"}, more...)
}

// contender is one program with what its runs have cost.
type contender struct {
	name    string
	command []string
	costs   []cost
}

// meet lets a contender look at every page once. A benchmark of looks that
// fail, or of a sweep that cries wolf, measures something else: it ends.
func (c *contender) meet(b *testing.B, s *arena) {
	b.Helper()
	spent, out, err := measure(b.Context(), s.urls, c.command)
	if err == nil && c.command[0] == s.pasban {
		err = wellLooked(b, out, s.pages)
	}
	if err != nil {
		b.Fatalf("%s: %v", c.name, err)
	}
	spent.pages = s.pages
	c.costs = append(c.costs, spent)
	b.Logf("%-26s %5.1f s  %5.1f CPU-s (%.1f of its own)  %4d MB", c.name, spent.wall.Seconds(), spent.cpu.Seconds(), spent.own.Seconds(), spent.peak>>20)
}

// wellLooked checks what a sweep wrote: a line a page, and the summary. A page
// that came too late to be compared, as on a machine that does much else, was
// work all the same and is told.
func wellLooked(b *testing.B, out string, pages int) error {
	b.Helper()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for _, line := range lines[:len(lines)-1] {
		var got sweepLine
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			return fmt.Errorf("reading a line: %w", err)
		}
		if got.Verdict == string(compare.NotComparable) {
			b.Logf("%s was not comparable: %s", got.Target, got.Outcome)
		}
	}
	var sum sweepSummary
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &sum); err != nil {
		return fmt.Errorf("reading the summary: %w", err)
	}
	if sum.Targets != pages || sum.Alerts+sum.Failed > 0 || sum.OK < pages*9/10 {
		return errors.New("the pages were not all looked at and found well: " + lines[len(lines)-1])
	}
	return nil
}
