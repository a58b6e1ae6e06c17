package db_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pasban/monitor"
)

// crashEnv tells the test binary to be the process that is killed.
const crashEnv = "PASBAN_TEST_WRITE_TO"

func TestMain(m *testing.M) {
	if file := os.Getenv(crashEnv); file != "" {
		fmt.Fprintln(os.Stderr, writeForEver(file))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// pair stores a capture and a delivery that belong together.
func pair(ctx context.Context, store monitor.Store, n int) error {
	return store.Update(ctx, func(tx monitor.Tx) error {
		if err := tx.AddCapture(ctx, monitor.Capture{ID: strconv.Itoa(n), Target: "t", Title: strconv.Itoa(n)}); err != nil {
			return err
		}
		_, err := tx.AddDelivery(ctx, monitor.Delivery{Alert: strconv.Itoa(n), Incident: 1, Sink: "smtp", Recipient: "a@x"})
		return err
	})
}

// writeForEver prints each number after its pair was committed.
func writeForEver(file string) error {
	ctx := context.Background()
	store, err := open(ctx, file)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if err := pair(ctx, store, n); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// TestKill kills a process with SIGKILL in the middle of writing, at five
// different moments. Whatever it reported as committed must be there; what is
// there must be whole.
func TestKill(t *testing.T) {
	for after := range 5 {
		file := filepath.Join(t.TempDir(), "pasban.db")
		reported := killWriter(t, file, 20+7*after)
		store, err := open(t.Context(), file)
		if err != nil {
			t.Fatalf("opening after a kill: %v", err)
		}
		captures, err := store.Captures(t.Context(), "t", 1<<20)
		deliveries, err2 := store.Deliveries(t.Context(), 1)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if len(captures) != len(deliveries) || len(captures) <= reported {
			t.Errorf("%d captures and %d deliveries are there, reported were %d of each", len(captures), len(deliveries), reported+1)
		}
		check(t, store)
		if err := pair(t.Context(), store, 1_000_000); err != nil {
			t.Errorf("writing after a kill: %v", err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}

// killWriter returns the last number that the process reported.
func killWriter(t *testing.T, file string, after int) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+file)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	last, lines := -1, bufio.NewScanner(out)
	for lines.Scan() {
		if n, err := strconv.Atoi(strings.TrimSpace(lines.Text())); err == nil {
			last = n
		}
		if last == after {
			if err := cmd.Process.Kill(); err != nil { // it goes on reading what was reported before
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || last < after {
		t.Fatalf("the writer ended on its own after %d: %v", last, err)
	}
	return last
}

// check asks SQLite whether the file is sound.
func check(t *testing.T, store monitor.Store) {
	t.Helper()
	err := store.Update(t.Context(), func(tx monitor.Tx) error {
		var verdict string
		err := tx.SQL().QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict)
		if err == nil && verdict != "ok" {
			err = errors.New(verdict)
		}
		return err
	})
	if err != nil {
		t.Errorf("the database is damaged: %v", err)
	}
}
