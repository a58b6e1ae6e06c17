package render

import (
	"fmt"
	"sync"
	"time"
)

// How patient a pool is with a Chrome that does not start.
const (
	breakAfter = 3           // failed starts in a row after which only trials are made
	firstPause = time.Second // before the first trial; twice as long before each further one
	mostPause  = time.Minute
)

// A breaker keeps a pool whose Chrome cannot start, because it is missing,
// broken or out of memory, from starting one for each of 1,527 sites a round,
// each of them waiting for its time-out. After breakAfter failed starts in a row
// it opens: whoever wants a Chrome is told at once why there is none, and one
// trial is made now and then, with growing pauses, by the pool itself. The
// first start that succeeds closes it.
type breaker struct {
	now func() time.Time

	mu     sync.Mutex
	failed int           // starts in a row
	pause  time.Duration // before the next trial, 0 while closed
	last   time.Time     // when the last start failed
	trying bool          // a trial is under way
	reason error         // of the last failure
}

// refuse returns nil while starts are allowed, and otherwise why they are not.
func (b *breaker) refuse() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pause == 0 {
		return nil
	}
	ago := b.now().Sub(b.last).Round(time.Second)
	next := fmt.Sprintf("next in %v", max(b.pause-ago, 0).Round(time.Second))
	if b.trying {
		next = "trying again now"
	}
	return fmt.Errorf("no browser: last tried %v ago, %s: %w", ago, next, b.reason)
}

// due reports whether it is time for a trial. Whoever is told so must make it.
func (b *breaker) due() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pause == 0 || b.trying || b.now().Sub(b.last) < b.pause {
		return false
	}
	b.trying = true
	return true
}

// tried takes note of how a start went, and reports whether that opened or
// closed the breaker. A start that was no trial may still come to its end after
// others have opened it.
func (b *breaker) tried(trial bool, err error) (changed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if trial {
		b.trying = false
	}
	if err == nil {
		changed = b.pause > 0
		b.failed, b.pause, b.reason = 0, 0, nil
		return changed
	}
	b.failed++
	b.last, b.reason = b.now(), err
	switch {
	case b.pause == 0 && b.failed >= breakAfter:
		b.pause = firstPause
		return true
	case trial:
		b.pause = min(2*b.pause, mostPause)
	}
	return false
}

// why is the reason that no browser starts, "" while one does.
func (b *breaker) why() string {
	if err := b.refuse(); err != nil {
		return err.Error()
	}
	return ""
}
