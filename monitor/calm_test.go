package monitor

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"
)

// calmWorld is a calm whose time a test moves, and what it has said.
func calmWorld() (c *calm, said *bytes.Buffer, pass func(time.Duration)) {
	said = &bytes.Buffer{}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c = newCalm(slog.New(slog.NewTextHandler(said, nil)))
	c.now = func() time.Time { return now }
	return c, said, func(d time.Duration) { now = now.Add(d) }
}

// Trouble that goes on for five minutes is said at once, then once a minute with
// how often it came, and when it is over.
func TestCalm(t *testing.T) {
	t.Parallel()
	c, said, pass := calmWorld()
	for range 300 {
		c.say(slog.LevelError, "disk", "the disk is full")
		pass(time.Second)
	}
	c.over("disk", "there is space")
	c.over("disk", "there is space")
	if n := strings.Count(said.String(), "the disk is full"); n != 5 {
		t.Errorf("said %d times in five minutes, want 5:\n%s", n, said)
	}
	if !strings.Contains(said.String(), "times=60") || strings.Count(said.String(), "there is space\" after=5m0s") != 1 {
		t.Errorf("how often it came, or that it is over, is missing:\n%s", said)
	}
}

// Trouble that may pass is not said before it has gone on for its grace.
func TestCalmAfter(t *testing.T) {
	t.Parallel()
	c, said, pass := calmWorld()
	c.sayAfter(30*time.Second, slog.LevelError, "queue", "held up")
	pass(29 * time.Second)
	c.sayAfter(30*time.Second, slog.LevelError, "queue", "held up")
	if said.Len() > 0 {
		t.Errorf("said within its grace: %s", said)
	}
	pass(time.Second)
	c.sayAfter(30*time.Second, slog.LevelError, "queue", "held up")
	if !strings.Contains(said.String(), "times=3") {
		t.Errorf("not said after its grace: %q", said)
	}
}

// Kinds of trouble are remembered up to a bound.
func TestCalmIsBounded(t *testing.T) {
	t.Parallel()
	c, _, _ := calmWorld()
	for i := range 10 * calmKinds {
		c.say(slog.LevelWarn, fmt.Sprint("kind ", i), "trouble")
	}
	if n := len(c.failing); n > calmKinds {
		t.Errorf("%d kinds are remembered, want at most %d", n, calmKinds)
	}
}

// Failures of different sites with one cause count as one.
func TestCause(t *testing.T) {
	t.Parallel()
	full := &fs.PathError{Op: "write", Path: "/data/blobs/tmp/put-1", Err: syscall.ENOSPC}
	for _, err := range []error{
		fmt.Errorf("storing the screenshot of a: the disk is full: %w", full),
		fmt.Errorf("storing the text of b: %w", errors.Join(full, errors.New("and closing it"))),
	} {
		if got := cause(err); got != "no space left on device" {
			t.Errorf("the cause of %q is %q", err, got)
		}
	}
}
