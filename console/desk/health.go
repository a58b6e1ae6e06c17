package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"pasban/monitor"
)

// Health is how the watch itself is.
type Health struct {
	Status  monitor.Status
	Checks  []HealthCheck
	Ill     int
	Newest  time.Time // when it was measured last, zero if never
	Silent  bool      // it was not measured for so long that nobody seems to watch
	Ailment string    // why no look succeeds at the moment, "" if they do
	Share   float64   // of pages that are seen in time
	Queues  []HealthQueue
	Blind   []BlindSpot
	More    int // blind spots that are not listed
}

// HealthCheck is one thing that the guard measures.
type HealthCheck struct {
	monitor.Condition
	Advice []string
	Old    bool // it is not measured any more
}

// Word is how it is, in one word.
func (c HealthCheck) Word() string {
	switch {
	case c.Old:
		return "not measured"
	case c.Ill:
		return "ill"
	}
	return "well"
}

// HealthQueue is what waits in a queue.
type HealthQueue struct {
	Name string
	monitor.Backlog
}

// BlindSpot is a page that was not seen well for longer than promised.
type BlindSpot struct {
	monitor.Blind
	Site string // its ID
	Kept time.Duration
}

const (
	// HealthOld is how old a measurement may be, which is made once a minute.
	HealthOld = 5 * time.Minute
	// ShownBlind is how many blind spots are listed, those out of sight longest.
	ShownBlind = 50
	// StatusKept is for how long a status is good for all who ask.
	StatusKept = 5 * time.Second
)

// Health tells how the watch itself is.
func (d *Desk) Health(ctx context.Context) (Health, error) {
	status, err := d.statuses.get(ctx)
	if err != nil {
		return Health{}, err
	}
	b := Health{Status: status, Ailment: d.Monitor.Ailment(), Share: 1}
	if status.Targets > 0 {
		b.Share = float64(status.Fresh) / float64(status.Targets)
	}
	b.measured(d.Clock())
	backlog := d.Monitor.Backlog()
	for _, name := range []string{"look", "judge", "deliver"} {
		b.Queues = append(b.Queues, HealthQueue{name, backlog[name]})
	}
	for _, blind := range status.Blind[:min(ShownBlind, len(status.Blind))] {
		spot := BlindSpot{Blind: blind, Kept: time.Duration(blind.Promise) * time.Second}
		target, err := d.Monitor.Store.Target(ctx, blind.Target)
		if err != nil && !errors.Is(err, monitor.ErrNotFound) {
			return b, err
		}
		spot.Site = target.Site
		b.Blind = append(b.Blind, spot)
	}
	b.More = len(status.Blind) - len(b.Blind)
	return b, nil
}

// measured puts what was measured in order: what is ill first, then as the guard has it.
func (b *Health) measured(now time.Time) {
	for _, c := range b.Status.Health {
		if c.Measured.After(b.Newest) {
			b.Newest = c.Measured
		}
	}
	b.Silent = b.Newest.IsZero() || now.Sub(b.Newest) > HealthOld
	for _, c := range b.Status.Health {
		check := HealthCheck{Condition: c, Old: b.Newest.Sub(c.Measured) > HealthOld}
		if check.Word() == "ill" {
			check.Advice = monitor.Advice(c.Name)
			b.Ill++
		}
		b.Checks = append(b.Checks, check)
	}
	order := monitor.Checks()
	rank := func(c HealthCheck) int {
		at := slices.Index(order, c.Name)
		if at < 0 {
			at = len(order)
		}
		return at + slices.Index([]string{"ill", "well", "not measured"}, c.Word())*100
	}
	slices.SortStableFunc(b.Checks, func(x, y HealthCheck) int { return rank(x) - rank(y) })
}
