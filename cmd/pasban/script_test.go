package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"pasban/alerting/smtp/smtptest"
	"pasban/fixtures"
	"pasban/storage/blob/blobtest"
)

// The scripts run the real binary; see testdata for what a user types and sees.
// Beside testscript's own commands they have:
//
//	exits CODE PROGRAM ARGS...     run, and end with exactly this code
//	fleet [-every D] SITE...       fixture sites, and watchlist.csv for them
//	attack SITE NAME               restore SITE, update SITE, mark SITE OCCASION
//	hits SITE [N]                  no page was asked for since then (or N were)
//	smtp                           a mail server, set as PASBAN_SMTP
//	mails N                        wait for N mails; there are no more than that
//	mail TO CHECK ARGS...          the newest mail to somebody; see mailChecks
//	minio                          a fresh bucket on a real MinIO, set as PASBAN_BLOBS
//	fetch URL FILE                 wait for a page and keep it
//	until PATTERN PROGRAM ARGS...  run again and again until stdout matches
//	signal COMMAND SIGNAL          to the pasban in the background that runs COMMAND
//	newer FILE                     make a database look like one of a newer pasban
//	nothingleft                    no process and no profile of a browser is left
//	jsonlines N                    stdout is N JSON objects, one a line, and no more
//	json WHICH PATH OP VALUE       an assertion on one of them; see jsonCheck
//
// $LISTEN is an address of the script's own, and so are those of its fleet.
func scriptCommands(t *testing.T) map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"exits":       onlyPlain(exits),
		"fleet":       onlyPlain(startFleet),
		"attack":      onlyPlain(attack),
		"restore":     onlyPlain(restore),
		"update":      onlyPlain(update),
		"mark":        onlyPlain(markSite),
		"hits":        onlyPlain(hits),
		"smtp":        onlyPlain(startMail),
		"mails":       onlyPlain(mails),
		"mail":        onlyPlain(checkMailTo),
		"fetch":       onlyPlain(fetch),
		"until":       onlyPlain(until),
		"signal":      onlyPlain(sendSignal),
		"nothingleft": onlyPlain(nothingLeft),
		"newer":       onlyPlain(makeNewer),
		"jsonlines":   onlyPlain(jsonLines),
		"json":        onlyPlain(jsonCheck),
		"minio": onlyPlain(func(ts *testscript.TestScript, _ []string) {
			ts.Setenv("PASBAN_BLOBS", blobtest.MinIO(t))
		}),
	}
}

// onlyPlain refuses the prefix "!" for a command to which it means nothing.
func onlyPlain(f func(*testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this command cannot be negated")
		}
		f(ts, args)
	}
}

// Scripts without a browser run beside each other.
func TestPlainScripts(t *testing.T) {
	testscript.Run(t, params(t, "testdata/plain"))
}

// Scripts with browsers run one after the other, so that each has the machine.
func TestBrowserScripts(t *testing.T) {
	testscript.RunT(oneByOne{t}, params(t, "testdata/browser"))
}

func params(t *testing.T, dir string) testscript.Params {
	deadline, _ := t.Deadline() // zero for none, as Params has it
	return testscript.Params{
		Dir: dir, Setup: setup, Cmds: scriptCommands(t), Deadline: deadline,
		RequireExplicitExec: true, RequireUniqueNames: true,
	}
}

// oneByOne is a testing.T whose subtests do not run beside each other.
type oneByOne struct{ *testing.T }

func (oneByOne) Parallel() {}

// Run implements testscript.T.
func (o oneByOne) Run(name string, f func(testscript.T)) {
	o.T.Run(name, func(t *testing.T) { f(oneByOne{t}) })
}

// Verbose implements testscript.T.
func (oneByOne) Verbose() bool { return testing.Verbose() }

// world is what one script has around it.
type world struct {
	number   int64
	profiles string // TMPDIR of every program the script runs
	ctx      context.Context
	fleet    *fixtures.Fleet
	mail     *smtptest.Server
}

type worldKey struct{}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

// scripts counts the scripts, each of which has addresses of its own.
var scripts atomic.Int64

// setup prepares a script: an environment that has nothing of the user's, and
// at the end the check that nothing of a browser is left.
func setup(env *testscript.Env) error {
	profiles, err := profileFolder()
	if err != nil {
		return fmt.Errorf("making a folder for profiles: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &world{number: scripts.Add(1), profiles: profiles, ctx: ctx}
	listen, err := freeAddress(fmt.Sprintf("127.90.%d.250", s.number))
	if err != nil {
		cancel()
		return errors.Join(err, os.RemoveAll(profiles))
	}
	env.Values[worldKey{}] = s
	env.Setenv("TMPDIR", profiles)
	env.Setenv("LISTEN", listen)
	history, err := filepath.Abs("testdata/history/synthetic.csv")
	if err != nil {
		cancel()
		return errors.Join(err, os.RemoveAll(profiles))
	}
	env.Setenv("HISTORY", history)
	env.Setenv("PASBAN_LISTEN", listen)
	env.Setenv("PASBAN_EGRESS_ALLOW", "127.0.0.0/8")
	env.Setenv("PASBAN_CLOAK_EVERY", "0") // looks that fall due by the time of day
	env.Setenv("PASBAN_NO_CANARIES", "1") // looks at what is not the script's
	env.Defer(func() { s.close(env.T(), cancel) })
	return nil
}

// close runs when the script and its background programs have ended.
func (s *world) close(t testscript.T, cancel func()) {
	cancel()
	if s.fleet != nil {
		s.fleet.Close()
	}
	left := leftovers(s.profiles)
	if err := os.RemoveAll(s.profiles); err != nil {
		left = append(left, err.Error())
	}
	if len(left) > 0 {
		t.Fatal(fmt.Sprintf("left behind at the end of the script: %q", left))
	}
}

// freeAddress finds a port that is free on host right now.
func freeAddress(host string) (string, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// exits CODE PROGRAM ARGS...
func exits(ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	// A program that was to refuse its input and watches instead must not hang.
	limited := append([]string{"--kill-after=20", "300", args[1]}, args[2:]...)
	got, err := exitCode(ts.Exec("timeout", limited...))
	ts.Check(err)
	if got != want {
		ts.Fatalf("%q ended with exit code %d, want %d", args[1:], got, want)
	}
}

func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

func nothingLeft(ts *testscript.TestScript, _ []string) {
	if left := leftovers(worldOf(ts).profiles); len(left) > 0 {
		ts.Fatalf("left behind: %q", left)
	}
}

// sendSignal is signal COMMAND SIGNAL, for the signals testscript's kill does not know.
func sendSignal(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: signal COMMAND SIGNAL")
	}
	number, known := signals[args[1]]
	if !known {
		ts.Fatalf("unknown signal %s", args[1])
	}
	i := slices.IndexFunc(ts.BackgroundCmds(), func(c *exec.Cmd) bool { return slices.Contains(c.Args, args[0]) && c.ProcessState == nil })
	if i < 0 {
		ts.Fatalf("no background program has the argument %s", args[0])
	}
	ts.Check(ts.BackgroundCmds()[i].Process.Signal(number))
}
