package monitor

import (
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"
)

// An illness is told once it has lasted, its end once that has lasted, and what wavers
// in between is not told at all.
func TestConditionIsToldOnce(t *testing.T) {
	t.Parallel()
	p := patience{ill: 5 * time.Minute, well: 3 * time.Minute}
	start := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	var c Condition
	var got []int
	for minute, ill := range []bool{
		false, true, true, false, true, true, true, true, true, true, true, // ill for good from 4: told at 9
		false, false, true, false, false, false, false, // well for good from 14: told at 17
	} {
		var n news
		c, n = c.after(reading{ill: ill}, p, start.Add(time.Duration(minute)*time.Minute))
		if n != noNews {
			got = append(got, minute)
		}
		if n == fellIll && (!c.Ill || !c.Told) || n == recoveredNow && (c.Ill || c.Told) {
			t.Errorf("minute %d: told %v of %+v", minute, n, c)
		}
	}
	if len(got) != 2 || got[0] != 9 || got[1] != 17 || c.Episode != 1 {
		t.Errorf("told in minutes %v, %d episodes; want 9, 17 and one", got, c.Episode)
	}
}

// A clock that is set back does not put off the word for as long.
func TestConditionOutlivesTheClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	c, _ := Condition{}.after(reading{ill: true}, patience{ill: time.Minute}, now)
	c, _ = c.after(reading{ill: true}, patience{ill: time.Minute}, now.Add(-10*time.Hour))
	if _, n := c.after(reading{ill: true}, patience{ill: time.Minute}, now.Add(-10*time.Hour+time.Minute)); n != fellIll {
		t.Error("it was not told a minute later by the new clock")
	}
}

// Of a fleet most of which is dark it is said that we are blind, until a quarter at most
// is; of a small one never.
func TestFleetReading(t *testing.T) {
	t.Parallel()
	fleet := func(n, dark int) map[string]view {
		out := map[string]view{}
		for i := range n {
			out[string(rune('a'+i))] = view{dark: i < dark, fresh: Freshness{Outcome: "dns_error"}}
		}
		return out
	}
	for _, c := range []struct {
		n, dark     int
		before, ill bool
	}{{20, 10, false, false}, {20, 11, false, true}, {20, 6, true, true}, {20, 5, true, false}, {9, 9, false, false}, {0, 0, true, false}} {
		if r := fleetReading(fleet(c.n, c.dark), c.before); r.ill != c.ill {
			t.Errorf("%d of %d dark, blind before %v: %+v; want ill %v", c.dark, c.n, c.before, r, c.ill)
		}
	}
}

// Five mails in a quarter of an hour tell of one site each; what is more is gathered, one
// mail a quarter of an hour.
func TestBudget(t *testing.T) {
	t.Parallel()
	var b budget
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	want := func(minute, n int, each, together bool) {
		t.Helper()
		at := now.Add(time.Duration(minute) * time.Minute)
		gotEach, gotTogether := b.plan(n, at)
		if gotEach != each || gotTogether != together {
			t.Errorf("minute %d, %d sites: each %v, together %v; want %v, %v", minute, n, gotEach, gotTogether, each, together)
		}
		if each || together {
			b.spend(n, together, at)
		}
	}
	want(0, 3, true, false)
	want(1, 2, true, false)
	want(2, 1, false, true)
	want(3, 40, false, false)
	want(16, 5, true, false)
	want(17, 60, false, true)
}

// A canary is attacked once in every hour, at a moment that nobody knows before.
func TestNextAttack(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 27, 9, 7, 0, 0, time.UTC)
	for now, want := range map[time.Duration][2]time.Duration{
		2 * time.Minute:               {time.Hour, 2 * time.Hour},
		time.Hour + 59*time.Minute:    {2 * time.Hour, 3 * time.Hour},
		26*time.Hour + 30*time.Minute: {27 * time.Hour, 28 * time.Hour},
	} {
		for _, random := range []float64{0, 0.5, 0.999} {
			at := nextAttack(began, began.Add(now), random).Sub(began)
			if at < want[0] || at >= want[1] {
				t.Errorf("after %v the next attack is at %v, want it between %v", now, at, want)
			}
		}
	}
}

// The backlog is what could be worked now; a look as another visitor gives way and does
// not make it old.
func TestBacklog(t *testing.T) {
	t.Parallel()
	now := time.Now()
	job := func(queue string, state rivertype.JobState, priority int, waited time.Duration) *rivertype.JobRow {
		return &rivertype.JobRow{Queue: queue, State: state, Priority: priority, ScheduledAt: now.Add(-waited)}
	}
	got := *backlogOf([]*rivertype.JobRow{
		job("look", rivertype.JobStateAvailable, priorityRoutine, 3*time.Minute),
		job("look-place-1-x", rivertype.JobStateAvailable, priorityRoutine, 4*time.Minute),
		job("look", rivertype.JobStateAvailable, priorityOther, time.Hour),
		job("look", rivertype.JobStateRunning, priorityRoutine, time.Hour),
		job("deliver", rivertype.JobStateRetryable, 1, -time.Hour),
		job("judge", rivertype.JobStateAvailable, 1, time.Second),
	}, now)
	if got["look"] != (Backlog{Waiting: 3, Oldest: 4 * time.Minute}) || got["judge"].Waiting != 1 || got["deliver"].Waiting != 0 {
		t.Errorf("the backlog is %+v", got)
	}
}
