package monitor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pasban/render"
)

// A site that is down, or that refuses us, is looked at less often: a browser waits
// for half a minute to find what the look before found, and a server that wants to
// be left alone is left alone. The probe, which costs little, goes on asking and has
// a browser look as soon as the site answers. What comes and goes does not get here,
// since each good look begins the count anew; how often a browser is called for its
// return is damped where the call comes from.
//
// A site with an open incident is never at rest: somebody waits for its recovery.

const (
	restAfter = 3 // attempts in a row that saw nothing
	// The longest rests. What passes by itself is tried again within an hour; a name
	// that does not exist, and a page that is not let near, wait for a person.
	restTransient = time.Hour
	restPermanent = 4 * time.Hour
)

// rest is how long after its last attempt a target on a schedule of this period is
// left alone. It doubles with each failure, up to a bound that is no less than the
// period.
func rest(f Freshness, period time.Duration) time.Duration {
	if f.Failures < restAfter || f.Outcome == "error" { // which is our own fault
		return 0
	}
	longest := restTransient
	if render.Outcome(f.Outcome).Lasts(f.Reason) {
		longest = restPermanent
	}
	return max(period, min(period<<min(f.Failures-restAfter+1, 10), longest))
}

// rested leaves those routine looks out whose targets are at rest.
func (m *Monitor) rested(ctx context.Context, due []turn) ([]turn, error) {
	awake := due[:0]
	for _, t := range due {
		if t.look.Visitor.other() {
			awake = append(awake, t)
			continue
		}
		f, err := m.Store.TargetFreshness(ctx, t.look.Target)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, fmt.Errorf("reading the freshness of %s: %w", t.look.Target, err)
		}
		// Half a period early or late makes no difference, and jitter must not add one.
		now := m.now()
		pause := rest(f, t.period(now)) - t.period(now)/2
		if since := now.Sub(f.LastAttempt); since < 0 || since >= pause || t.open {
			awake = append(awake, t)
		}
	}
	return awake, nil
}
