package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"pasban/compare"
	"pasban/monitor"
)

type sweepCommand struct {
	Targets []string        `arg:"" optional:"" help:"Sites or targets to look at. Default: all."`
	As      monitor.Visitor `enum:"desktop,phone,search" default:"desktop" help:"As whom to look: desktop, phone, or search (a search engine's robot)."`
	JSON    bool            `help:"One object a target on stdout, then one summary."`
}

// Run looks at every target once.
func (s *sweepCommand) Run(ctx context.Context, c *common, term terminal) (err error) {
	h, err := c.openToLook(ctx, term)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	targets, err := h.Select(ctx, s.Targets)
	if err != nil {
		return named(err)
	}
	if targets, err = watchedOnly(ctx, h.Monitor, targets); err != nil {
		return err
	}
	if len(targets) == 0 {
		return usageError{errors.New("nothing is watched yet; import a list with `pasban sites import FILE` or --watchlist FILE")}
	}
	return sweep(ctx, h.Monitor, targets, s.As, s.JSON, term)
}

// openToLook opens a house that looks and judges by itself, with the watchlist
// of the flags imported.
func (c *common) openToLook(ctx context.Context, term terminal) (*house, error) {
	var list monitor.Watchlist
	if c.Watchlist != "" {
		var err error
		if list, err = readWatchlist(c.Watchlist); err != nil {
			return nil, err
		}
	}
	h, err := c.open(ctx, term, use{looks: true, judge: true, solo: true})
	if err != nil {
		return nil, err
	}
	if c.Watchlist != "" {
		if _, err := h.Import(ctx, operator("--watchlist", false), list, true); err != nil {
			return nil, errors.Join(err, h.Close())
		}
	}
	return h, nil
}

// watchedOnly leaves out the targets of paused sites.
func watchedOnly(ctx context.Context, m *monitor.Monitor, targets []monitor.Target) ([]monitor.Target, error) {
	sites, err := m.Store.Sites(ctx)
	if err != nil {
		return nil, err
	}
	paused := map[string]bool{}
	for _, s := range sites {
		paused[s.ID] = s.Paused
	}
	return slices.DeleteFunc(targets, func(t monitor.Target) bool { return paused[t.Site] }), nil
}

// sweep runs the sweep and shows it: lines and summary on stdout with --json, a
// progress bar and a summary for people on stderr.
func sweep(ctx context.Context, m *monitor.Monitor, targets []monitor.Target, as monitor.Visitor, asJSON bool, term terminal) error {
	show := newSweepView(targets, asJSON, term)
	swept, err := m.SweepAs(ctx, targets, as, monitor.ReasonSweep, show.each)
	if err == nil {
		err = show.finish(swept)
	}
	if err != nil {
		return err
	}
	return verdictOf(swept)
}

// verdictOf turns a sweep into the command's result. An attack outranks looks
// that failed: whoever runs this must not miss it.
func verdictOf(s monitor.Swept) error {
	switch {
	case s.Alerts > 0:
		return errAlert
	case s.Failed > 0:
		return fmt.Errorf("%s of %d failed by a fault of this machine, not of the site; see the log above", count(s.Failed, "look"), s.Targets)
	}
	return nil
}

// sweepLine is one target of a sweep, as scripts read it.
type sweepLine struct {
	Target   string         `json:"target"`
	Site     string         `json:"site"`
	URL      string         `json:"url"`
	FinalURL string         `json:"final_url"`
	Visitor  string         `json:"visitor,omitempty"` // as whom; none for a desktop
	Outcome  string         `json:"outcome"`
	Verdict  string         `json:"verdict"`
	Score    float64        `json:"score"`
	Findings []sweepFinding `json:"findings"`
	Incident *int64         `json:"incident"`
	Capture  string         `json:"capture"`
	TookMS   int64          `json:"took_ms"`
	// Signals are the measurements behind the verdict, for who asked to have it
	// explained; none of a look that was recognised as an approved one, or was
	// judged by content rules alone.
	Signals []compare.Signal `json:"signals,omitempty"`
	Error   string           `json:"error,omitempty"` // a fault of ours

	why   string            // for people
	found []compare.Finding // behind Findings, for who wants it explained
}

type sweepFinding struct {
	Kind     compare.Kind     `json:"kind"`
	Rule     string           `json:"rule"`
	Severity compare.Severity `json:"severity"`
	Score    float64          `json:"score"`
	Why      string           `json:"why"`
}

type sweepSummary struct {
	Targets       int   `json:"targets"`
	OK            int   `json:"ok"`
	Alerts        int   `json:"alerts"`
	NotComparable int   `json:"not_comparable"`
	TookMS        int64 `json:"took_ms"`
	Failed        int   `json:"failed,omitempty"`      // by a fault of ours
	Undelivered   int   `json:"undelivered,omitempty"` // alerts that stay in the outbox
}

func summaryOf(s monitor.Swept) sweepSummary {
	return sweepSummary{
		Targets: s.Targets, OK: s.OK + s.Suspicious, Alerts: s.Alerts, NotComparable: s.NotComparable,
		Failed: s.Failed, Undelivered: s.Undelivered, TookMS: s.Took.Milliseconds(),
	}
}

// lineOf turns a concluded look into its line.
func lineOf(e monitor.Event, target monitor.Target) sweepLine {
	c := e.Capture
	line := sweepLine{
		Target: target.ID, Site: target.Site, URL: target.URL, FinalURL: c.FinalURL, Outcome: c.Outcome,
		Verdict: string(c.Report.Verdict), Score: c.Report.Score, why: c.Report.Why, Capture: c.ID, TookMS: c.TookMS,
		Findings: []sweepFinding{}, Signals: append([]compare.Signal{}, c.Report.Signals...),
	}
	if c.Visitor != monitor.Desktop {
		line.Visitor = string(c.Visitor)
	}
	line.found = c.Report.Findings
	for _, f := range line.found {
		line.Findings = append(line.Findings, sweepFinding{f.Kind, f.Rule, f.Severity, f.Score, f.Why})
	}
	if e.Incident != nil && !e.Incident.State.Closed() {
		line.Incident = &e.Incident.ID
	}
	if e.Err != nil {
		line.Outcome, line.Verdict, line.Error = "error", string(compare.NotComparable), e.Err.Error()
	}
	return line
}

// sweepView shows a sweep as it goes on.
type sweepView struct {
	term    terminal
	asJSON  bool
	explain bool // print the signals too
	targets map[string]monitor.Target
	bar     *progressbar.ProgressBar

	mu     sync.Mutex
	lines  []sweepLine
	failed error // writing failed
}

func newSweepView(targets []monitor.Target, asJSON bool, term terminal) *sweepView {
	v := &sweepView{term: term, asJSON: asJSON, targets: map[string]monitor.Target{}}
	for _, t := range targets {
		v.targets[t.ID] = t
	}
	if isTerminal(term.err) {
		v.bar = progressbar.NewOptions(len(targets), progressbar.OptionSetWriter(term.err),
			progressbar.OptionSetDescription("looking"), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("looks"), progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(100*time.Millisecond))
	}
	return v
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// each takes one concluded target; the sweep calls it for one at a time.
func (v *sweepView) each(e monitor.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	line := lineOf(e, v.targets[e.Target])
	v.lines = append(v.lines, line)
	if v.asJSON {
		v.failed = errors.Join(v.failed, printLine(v.term.out, line, v.explain))
	}
	if v.bar != nil {
		v.failed = errors.Join(v.failed, v.bar.Add(1))
	}
}

func (v *sweepView) finish(s monitor.Swept) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.bar != nil {
		v.failed = errors.Join(v.failed, v.bar.Finish())
	}
	if v.asJSON {
		v.failed = errors.Join(v.failed, printJSON(v.term.out, summaryOf(s)))
	}
	v.summary(s)
	if v.failed != nil {
		return fmt.Errorf("writing the result: %w", v.failed)
	}
	return nil
}

// printLine prints one target for scripts; its signals only if they were asked for.
func printLine(w io.Writer, l sweepLine, explained bool) error {
	if !explained {
		l.Signals = nil
	}
	return printJSON(w, l)
}

// done ends the view of a check, which prints each page and no summary.
func (v *sweepView) done() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.bar != nil {
		v.failed = errors.Join(v.failed, v.bar.Finish())
	}
	for _, l := range v.lines {
		if !v.asJSON {
			v.failed = errors.Join(v.failed, printCheck(v.term, l, v.explain))
		}
	}
	return v.failed
}

// summary is for people: the count first, then what needs them.
func (v *sweepView) summary(s monitor.Swept) {
	w := v.term.err
	fmt.Fprintf(w, "\n%s looked at in %s: %d well, %d under attack, %d not comparable",
		count(s.Targets, "page"), s.Took.Round(100*time.Millisecond), s.OK, s.Alerts, s.NotComparable)
	if s.Suspicious > 0 {
		fmt.Fprintf(w, ", %d for an analyst", s.Suspicious)
	}
	if s.Failed > 0 {
		fmt.Fprintf(w, ", %d failed", s.Failed)
	}
	fmt.Fprintln(w, ".")
	slices.SortStableFunc(v.lines, func(a, b sweepLine) int { return strings.Compare(a.Target, b.Target) })
	v.section("Under attack", compare.Alert)
	v.section("For an analyst", compare.Suspicious)
	v.section("Not comparable", compare.NotComparable)
	if s.Undelivered > 0 {
		fmt.Fprintf(w, "\n%s could not be sent yet and will be tried again by the next sweep or serve.\n", count(s.Undelivered, "alert"))
	}
}

const maxListed = 20

func (v *sweepView) section(title string, verdict compare.Verdict) {
	n := 0
	for _, l := range v.lines {
		if l.Verdict != string(verdict) {
			continue
		}
		if n == 0 {
			fmt.Fprintf(v.term.err, "\n%s\n", title)
		}
		if n++; n > maxListed {
			continue
		}
		fmt.Fprintf(v.term.err, "  %-28s %s\n", plain(l.Target, 28), plain(reasonOf(l), 160))
		if l.Incident != nil {
			fmt.Fprintf(v.term.err, "  %-28s incident %d\n", "", *l.Incident)
		}
	}
	if n > maxListed {
		fmt.Fprintf(v.term.err, "  and %d more\n", n-maxListed)
	}
}

func reasonOf(l sweepLine) string {
	switch {
	case l.Error != "":
		return l.Error
	case l.why != "":
		return l.why
	}
	return l.Outcome
}

// count says "1 page", "12 pages".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
