package monitor

import (
	"context"
	"errors"
	"testing"
	"time"
)

// Two names on one machine are looked at one after the other, two machines at
// the same time.
func TestPoliteByAddress(t *testing.T) {
	addrs := map[string]string{"a.example": "192.0.2.1", "b.example": "192.0.2.1", "c.example": "192.0.2.2"}
	p := newPolite(func(_ context.Context, host string) ([]string, error) { return []string{addrs[host]}, nil })
	leave, err := p.enter(t.Context(), "http://a.example/")
	if err != nil {
		t.Fatal(err)
	}
	other, err := p.enter(t.Context(), "http://c.example/")
	if err != nil {
		t.Fatal(err)
	}
	other()
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := p.enter(short, "http://b.example/"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second look at 192.0.2.1 was let in: %v", err)
	}
	entered := make(chan error, 1)
	go func() {
		next, err := p.enter(context.Background(), "http://b.example/")
		if err == nil {
			next()
		}
		entered <- err
	}()
	leave()
	if err := <-entered; err != nil {
		t.Error(err)
	}
}

// A host that does not resolve stands for itself.
func TestPoliteWithoutAddress(t *testing.T) {
	p := newPolite(func(context.Context, string) ([]string, error) { return nil, errors.New("no such host") })
	leave, err := p.enter(t.Context(), "http://gone.example/")
	if err != nil {
		t.Fatal(err)
	}
	leave()
}

// Sites on one schedule fall due all over its period, each once in it.
func TestOffsetSpreads(t *testing.T) {
	s, err := ParseSchedule("*/15 * * * *")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	quarters := map[int]int{}
	for i := range 400 {
		id := string(rune('a'+i%26)) + time.Duration(i).String()
		first := s.Next(now).Add(offset(id, s, now))
		if d := first.Sub(s.Next(now)); d < 0 || d >= 15*time.Minute {
			t.Fatalf("offset %s outside of the period", d)
		}
		second := s.Next(first).Add(offset(id, s, first))
		if d := second.Sub(first); d != 15*time.Minute {
			t.Fatalf("the next look is %s later, want 15m", d)
		}
		quarters[int(first.Sub(s.Next(now))/(15*time.Minute/4))]++
	}
	for q := range 4 {
		if n := quarters[q]; n < 60 || n > 140 {
			t.Errorf("%d of 400 sites in quarter %d, want about 100", n, q)
		}
	}
}

// A job left by a process that is gone is recognised by its name, one of a
// process that lives or of another machine is left alone.
func TestOrphaned(t *testing.T) {
	if orphaned("otherhost-1-abcdef") {
		t.Error("a process of another machine was taken for dead")
	}
	if orphaned("") {
		t.Error("no name was taken for a dead process")
	}
	if !orphaned(clientID()) {
		t.Error("an earlier process with our number must be gone")
	}
}

// Servers on loopback are told apart by their ports.
func TestPoliteOnLoopback(t *testing.T) {
	p := newPolite(nil)
	for _, url := range []string{"http://127.0.0.1:8001/", "http://127.0.0.1:8002/"} {
		leave, err := p.enter(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(leave)
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := p.enter(short, "http://127.0.0.1:8001/other"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second look at one server was let in: %v", err)
	}
}
