// Command pasban watches the web sites of a country's institutions with real
// browsers, and tells the right people, with pictures, the moment one of them
// is defaced, injected with hostile script, or leaking data.
//
// This package holds flags and wiring and decides nothing: what Pasban knows
// is in package monitor. There is one file a subcommand.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"pasban/monitor"
	"pasban/render"
)

// Exit codes, a contract with scripts.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitAlert  = 3 // sweep, check: something would alert
)

// commandLine is the whole command line. The order is that of the help text.
type commandLine struct {
	common

	Demo      demoCommand      `cmd:"" help:"The product in a minute: fixture sites on loopback, attacks on a timer, the mails in a folder."`
	Serve     serveCommand     `cmd:"" help:"Watch: scheduler, looks, judgement and alerts in one process."`
	Worker    workerCommand    `cmd:"" help:"Looks only, for a fleet: joins a serve through its database and blobs."`
	Sweep     sweepCommand     `cmd:"" help:"Look at every target once, now, and exit (3 if something would alert)."`
	Check     checkCommand     `cmd:"" help:"One look at each URL, judged by content rules and, if watched, against its baseline."`
	Baseline  baselineCommand  `cmd:"" help:"The approved looks: list, show, approve, reject, restore."`
	Incidents incidentsCommand `cmd:"" help:"What was found: list, show, resolve, export."`
	Snapshot  snapshotCommand  `cmd:"" help:"The copies from which sites can be shown again: list, build, verify, export."`
	Lockdown  lockdownCommand  `cmd:"" help:"Sites that are ordered to be read-only: order, status, lift, waive, report."`
	Silence   silenceCommand   `cmd:"" help:"Hold mails for a time, or a page for its owner's planned change: add, list, lift."`
	Sites     sitesCommand     `cmd:"" help:"What is watched: list, import, export, pause, resume."`
	Logs      logsCommand      `cmd:"" help:"What the access logs of a site tell: scan."`
	Report    reportCommand    `cmd:"" help:"National statistics of a quarter, as Markdown, HTML, CSV, JSON or PDF."`
	Fleet     fleetCommand     `cmd:"" help:"Many sites at once: simulate."`
	Status    statusCommand    `cmd:"" help:"How well the watch is kept: freshness, blind spots, what waits."`
	Doctor    doctorCommand    `cmd:"" help:"Check everything Pasban needs, and say how to mend what is missing."`
	Rules     rulesCommand     `cmd:"" help:"Every detection rule and lockdown control with its source."`
	Token     tokenCommand     `cmd:"" help:"What lets programs in, as an account: make, list, revoke."`
	Audit     auditCommand     `cmd:"" help:"The record of decisions: verify."`
	Version   versionCommand   `cmd:"" help:"The version of this program and of its browser."`
}

// terminal is where a command talks: results to out, everything for people to err.
type terminal struct {
	out, err io.Writer
}

func main() {
	// The first signal asks for an orderly end, the second one is obeyed by the
	// runtime: it ends the process at once, which loses nothing either.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() { <-ctx.Done(); stop() }()
	os.Exit(run(ctx, os.Args[1:], terminal{os.Stdout, os.Stderr}))
}

// run parses the command line, runs the command and returns the exit code.
func run(ctx context.Context, args []string, term terminal) int {
	var line commandLine
	parser, err := kong.New(&line, kong.Name("pasban"), helpVars(),
		kong.Description("Watches web sites with real browsers and tells the right people when one is attacked."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Writers(term.out, term.err), kong.Exit(func(code int) { panic(exited(code)) }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(term), kong.Resolvers(&fileResolver{}))
	if err != nil {
		fmt.Fprintln(term.err, "pasban:", err)
		return exitFailed
	}
	return parseAndRun(parser, &line, args, term)
}

// helpVars are the names that help texts take from the code, so that they
// cannot differ from it.
func helpVars() kong.Vars {
	return kong.Vars{"rowColumns": strings.Join(monitor.Columns, ", "), "historyColumns": strings.Join(monitor.HistoryColumns, ", ")}
}

// exited carries the code with which the parser wants to end the program, as
// --help does.
type exited int

func parseAndRun(parser *kong.Kong, line *commandLine, args []string, term terminal) (code int) {
	defer func() {
		if v := recover(); v != nil {
			c, ok := v.(exited)
			if !ok {
				panic(v)
			}
			code = int(c)
		}
	}()
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(term.err, "pasban: %v\nTry `pasban --help`.\n", err)
		return exitUsage
	}
	if err := line.complete(kctx); err != nil {
		fmt.Fprintf(term.err, "pasban: %v\n", err)
		return exitUsage
	}
	return report(kctx.Run(&line.common), term)
}

// errAlert ends a sweep or check that found something.
var errAlert = errors.New("something would alert")

// usageError marks bad input: exit code 2, nothing was done.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// named marks as bad input that something a person named is not there.
func named(err error) error {
	if errors.Is(err, monitor.ErrNotFound) {
		return usageError{err}
	}
	return err
}

func report(err error, term terminal) int {
	var usage usageError
	var row monitor.RowError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errAlert):
		return exitAlert
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(term.err, "pasban: stopped")
		return exitFailed
	}
	fmt.Fprintf(term.err, "pasban: %s\n", plainLines(err.Error()))
	if errors.As(err, &usage) || errors.As(err, &row) || errors.Is(err, render.ErrURL) {
		return exitUsage
	}
	return exitFailed
}
