package render

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// A handClock is moved by the test.
type handClock struct {
	mu sync.Mutex
	at time.Time
}

func newHandClock() *handClock { return &handClock{at: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)} }

func (c *handClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *handClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// TestBreaker: three failed starts in a row open it; trials come after 1, 2, 4
// seconds and so on, at least once a minute, one at a time; a success closes it.
func TestBreaker(t *testing.T) {
	clock := newHandClock()
	b := breaker{now: clock.now}
	broken := errors.New("no such library")
	for range breakAfter {
		if err := b.refuse(); err != nil {
			t.Fatalf("refused too early: %v", err)
		}
		b.tried(false, broken)
	}
	for _, seconds := range []int{1, 2, 4, 8, 16, 32, 60, 60} {
		want := time.Duration(seconds) * time.Second
		clock.advance(want - time.Millisecond)
		if b.due() {
			t.Fatalf("a trial before %v", want)
		}
		clock.advance(time.Millisecond)
		if !b.due() {
			t.Fatalf("no trial after %v", want)
		}
		if b.due() {
			t.Fatal("a second trial beside the first")
		}
		if b.refuse() == nil {
			t.Fatal("a start is allowed beside the trial")
		}
		b.tried(true, broken)
	}
	clock.advance(12 * time.Second)
	if got, want := b.why(), "no browser: last tried 12s ago, next in 48s: no such library"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	clock.advance(48 * time.Second)
	if !b.due() {
		t.Fatal("no trial after a minute")
	}
	if changed := b.tried(true, nil); !changed || b.refuse() != nil || b.why() != "" {
		t.Errorf("a success did not close it: %q", b.why())
	}
	if b.tried(false, broken); b.refuse() != nil {
		t.Error("one failure after a success opened it again")
	}
}

// TestBreakerLate: starts that were under way when others opened the breaker do
// not lengthen the pause, and one that succeeds closes it.
func TestBreakerLate(t *testing.T) {
	clock := newHandClock()
	b := breaker{now: clock.now}
	for range breakAfter + 5 {
		b.tried(false, errors.New("fork: out of memory"))
	}
	if got := b.why(); !strings.Contains(got, "next in 1s") {
		t.Errorf("%q, want the first pause", got)
	}
	if !b.tried(false, nil) || b.why() != "" {
		t.Errorf("still open: %q", b.why())
	}
}
