package monitor

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river"
)

// Two names on one machine are looked at one after the other, two machines at
// the same time.
func TestPoliteByAddress(t *testing.T) {
	t.Parallel()
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

// A machine lets in the more urgent first, and of the equally urgent who came first;
// who gave up is passed over.
func TestPoliteByPriority(t *testing.T) {
	t.Parallel()
	p := newPolite(func(context.Context, string) ([]string, error) { return []string{"192.0.2.1"}, nil })
	leave, err := p.enter(t.Context(), "http://busy.example/")
	if err != nil {
		t.Fatal(err)
	}
	const key = "192.0.2.1"
	routine, later := p.stand(key, priorityRoutine), p.stand(key, priorityRoutine)
	gone, suspected := p.stand(key, priorityProbe), p.stand(key, priorityProbe)
	p.giveUp(key, gone)
	leave()
	order := []*waiter{suspected, routine, later}
	for i := range order {
		for j, w := range order {
			select {
			case <-w.entered:
				if j > i {
					t.Errorf("after %d looks number %d was let in", i, j)
				}
			default:
				if j <= i {
					t.Errorf("after %d looks number %d was not let in", i, j)
				}
			}
		}
		p.release(key)
	}
	if len(p.busy) != 0 {
		t.Errorf("%d machines are busy, want none", len(p.busy))
	}
}

// Who is next at a machine waits for it longer than others do.
func TestPoliteHeadWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPolite(func(context.Context, string) ([]string, error) { return []string{"192.0.2.1"}, nil })
		leave, err := p.enter(t.Context(), "http://busy.example/")
		if err != nil {
			t.Fatal(err)
		}
		waits := make(chan error, 2)
		wait := func(priority int) {
			leave, err := p.enterOrSnooze(t.Context(), "http://busy.example/", priority)
			if err == nil {
				leave()
			}
			waits <- err
		}
		go wait(priorityProbe)
		go wait(priorityRoutine)
		if err := <-waits; !errors.Is(err, &river.JobSnoozeError{}) {
			t.Errorf("the second in the line ended with %v, want to be put off", err)
		}
		time.Sleep(10 * politeWait)
		leave()
		if err := <-waits; err != nil {
			t.Errorf("the head of the line ended with %v, want to be let in", err)
		}
	})
}

// A host that does not resolve stands for itself.
func TestPoliteWithoutAddress(t *testing.T) {
	t.Parallel()
	p := newPolite(func(context.Context, string) ([]string, error) { return nil, errors.New("no such host") })
	leave, err := p.enter(t.Context(), "http://gone.example/")
	if err != nil {
		t.Fatal(err)
	}
	leave()
}

// A job left by a process that is gone is recognised by its name, one of a
// process that lives or of another machine is left alone.
func TestOrphaned(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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
