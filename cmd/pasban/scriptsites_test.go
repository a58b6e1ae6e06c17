package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"pasban/fixtures"
)

// patience is how long a script waits for what must come: long enough for a
// machine that runs everything at once, short enough to end before a deadline.
const patience = 2 * time.Minute

var signals = map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "KILL": os.Kill}

// startFleet is fleet [-every D] SITE...
func startFleet(ts *testscript.TestScript, args []string) {
	s := worldOf(ts)
	options := fixtures.Options{Base: fmt.Sprintf("127.90.%d.1", s.number), Schedule: "*/15 * * * *", Sites: args}
	if len(args) > 2 && args[0] == "-every" {
		options.Schedule, options.Sites = "@every "+args[1], args[2:]
	}
	if len(options.Sites) == 0 || s.fleet != nil {
		ts.Fatalf("usage: fleet [-every D] SITE..., once")
	}
	var err error
	s.fleet, err = fixtures.Start(s.ctx, options)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("watchlist.csv"), s.fleet.Watchlist(), 0o600))
	for _, site := range s.fleet.Sites() {
		ts.Setenv(site.ID, site.URL)
	}
}

func fleetOf(ts *testscript.TestScript, args []string, n int) *fixtures.Fleet {
	if s := worldOf(ts); s.fleet != nil && len(args) == n {
		return s.fleet
	}
	ts.Fatalf("start a fleet first, and give %d arguments", n)
	return nil
}

func attack(ts *testscript.TestScript, args []string) {
	ts.Check(fleetOf(ts, args, 2).Attack(args[0], fixtures.Attack(args[1])))
}

func restore(ts *testscript.TestScript, args []string) {
	ts.Check(fleetOf(ts, args, 1).Restore(args[0]))
}

func update(ts *testscript.TestScript, args []string) {
	ts.Check(fleetOf(ts, args, 1).Update(args[0]))
}

func markSite(ts *testscript.TestScript, args []string) {
	ts.Check(fleetOf(ts, args, 2).Mark(args[0], fixtures.Occasion(args[1])))
}

// hits SITE N: the site has served exactly N pages so far.
func hits(ts *testscript.TestScript, args []string) {
	got := fleetOf(ts, args, 2).Hits(args[0])
	if want, err := strconv.Atoi(args[1]); err != nil || got != want {
		ts.Fatalf("%s has served %d pages, want %s", args[0], got, args[1])
	}
}

// fetch URL FILE
func fetch(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: fetch URL FILE")
	}
	ctx, cancel := context.WithTimeout(worldOf(ts).ctx, patience)
	defer cancel()
	for {
		page, err := get(ctx, args[0])
		if err == nil {
			ts.Check(os.WriteFile(ts.MkAbs(args[1]), page, 0o600))
			return
		}
		select {
		case <-time.After(50 * time.Millisecond): // a server that starts is no event
		case <-ctx.Done():
			ts.Fatalf("fetching %s: %v", args[0], err)
		}
	}
}

func get(ctx context.Context, url string) (_ []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer is %s", response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, 1<<20))
}

// until PATTERN PROGRAM ARGS...
func until(ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: until PATTERN PROGRAM ARGS...")
	}
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		ts.Check(ts.Exec(args[1], args[2:]...))
		if pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%q never printed %q", args[1:], args[0])
		}
	}
}

// makeNewer is newer FILE.
func makeNewer(ts *testscript.TestScript, args []string) {
	pool, err := sql.Open("sqlite", ts.MkAbs(strings.Join(args, "")))
	ts.Check(err)
	_, err = pool.Exec("INSERT INTO schema_version (version_id, is_applied) VALUES (9999, TRUE); PRAGMA wal_checkpoint(TRUNCATE)")
	ts.Check(errors.Join(err, pool.Close()))
}

// startSleeper runs a program that does nothing in dir. The result ends it.
func startSleeper(t *testing.T, dir string) (stop func()) {
	t.Helper()
	cmd := exec.Command("sleep", "600")
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		_ = cmd.Process.Kill() // Wait tells
		_ = cmd.Wait()         // it says that the process was killed
	}
}
