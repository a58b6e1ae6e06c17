package probe

import (
	"sync"
	"time"
)

// A page that keeps changing must not be the only one that is looked at, nor a
// fault of ours be a look at everything. So suspicion is damped twice: a target is
// asked for after 2, 4, 8 and then 15 minutes, which is how often it is looked at
// in any case, and all targets together no more than one a second. What is grave is
// damped by itself: a page whose headlines change all day must not hide a new script
// behind them.

var dampGaps = []time.Duration{2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute}

// quietFor is how long a target must not have been asked for to count as calm again.
const quietFor = 6 * time.Hour

// damper holds one target back. The zero value lets the first suspicion pass.
type damper struct {
	level int
	last  time.Time
}

// ready reports whether a target may be asked for now. A clock that was set back
// holds nothing up.
func (d *damper) ready(now time.Time) bool {
	if d.last.IsZero() || now.Before(d.last) {
		return true
	}
	return now.Sub(d.last) >= dampGaps[d.level]
}

// asked notes that it was.
func (d *damper) asked(now time.Time) {
	switch {
	case d.last.IsZero() || now.Sub(d.last) > quietFor:
		d.level = 0
	default:
		d.level = min(d.level+1, len(dampGaps)-1)
	}
	d.last = now
}

// burst is how many suspicions may come at once, and refill how soon there may be
// one more.
const (
	burst  = 60
	refill = time.Second
)

// bucket holds all targets back together.
type bucket struct {
	mu   sync.Mutex
	left int
	at   time.Time
}

func (b *bucket) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch n := int(now.Sub(b.at) / refill); {
	case b.at.IsZero(), n < 0:
		b.left, b.at = burst, now
	case n > 0:
		b.left, b.at = min(burst, b.left+n), b.at.Add(time.Duration(n)*refill)
	}
	if b.left == 0 {
		return false
	}
	b.left--
	return true
}
