package monitor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Status is how well the watch is kept. It is also what scripts read of
// `pasban status --json` and of the health page.
type Status struct {
	Sites   int `json:"sites"`
	Targets int `json:"targets"`
	Paused  int `json:"paused"` // sites
	// Fresh targets were seen well within twice their schedule's period.
	Fresh       int     `json:"fresh"`
	Blind       []Blind `json:"blind"`       // targets that were not, longest first; never nil
	Baselines   int     `json:"baselines"`   // targets with an approved look
	Provisional int     `json:"provisional"` // targets whose look nobody has approved yet
	Incidents   int     `json:"incidents"`   // open
	Questions   int     `json:"questions"`   // waiting for an analyst
	Undelivered int     `json:"undelivered"`
	// Health is how the watch itself was when it last looked at itself, by name; empty
	// if it never did. Never nil.
	Health []Condition `json:"health"`
	// Removed is what retention removed since there is this database.
	Removed Removed `json:"removed"`
}

// Blind is a target that was not seen well for longer than promised.
type Blind struct {
	Target   string    `json:"target"`
	URL      string    `json:"url"`
	LastGood time.Time `json:"last_good,omitzero"`
	Attempt  time.Time `json:"last_attempt,omitzero"`
	Reason   string    `json:"reason"`
	Promise  int64     `json:"promise_s"` // how old a good look may be
}

// Status sums up the watch as it is now.
func (m *Monitor) Status(ctx context.Context) (Status, error) {
	sites, targets, err := m.watched(ctx)
	if err != nil {
		return Status{}, err
	}
	all, err := m.Store.Sites(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("listing sites: %w", err)
	}
	s := Status{Blind: []Blind{}, Health: []Condition{}, Sites: len(all), Targets: len(targets), Paused: len(all) - len(sites)}
	if err := m.freshness(ctx, &s, sites, targets); err != nil {
		return s, err
	}
	err = m.countOpen(ctx, &s)
	return s, err
}

func (m *Monitor) freshness(ctx context.Context, s *Status, sites map[string]Site, targets []Target) error {
	known, err := m.Store.Freshness(ctx)
	if err != nil {
		return fmt.Errorf("reading freshness: %w", err)
	}
	byTarget := map[string]Freshness{}
	for _, f := range known {
		byTarget[f.Target] = f
	}
	for _, t := range targets {
		f := byTarget[t.ID]
		// A good look that is still to come was dated by a clock that was ahead.
		if !f.LastGood.IsZero() && m.now().Sub(f.LastGood).Abs() <= m.promise(sites[t.Site]) {
			s.Fresh++
			continue
		}
		reason := f.Reason
		if f.LastAttempt.IsZero() {
			reason = "never looked at"
		} else if reason == "" {
			reason = "not looked at since"
		}
		s.Blind = append(s.Blind, Blind{Target: t.ID, URL: t.URL, LastGood: f.LastGood, Attempt: f.LastAttempt, Reason: reason,
			Promise: int64(m.promise(sites[t.Site]).Seconds())})
	}
	slices.SortFunc(s.Blind, func(a, b Blind) int {
		if c := a.LastGood.Compare(b.LastGood); c != 0 {
			return c
		}
		return strings.Compare(a.Target, b.Target)
	})
	return nil
}

// promise is how old the last good look at a site may be: two periods of its
// schedule, so that one look that fails does not break it.
func (m *Monitor) promise(site Site) time.Duration {
	schedule, err := ParseSchedule(site.Schedule)
	if err != nil {
		return 30 * time.Minute // refused on import: cannot happen
	}
	first := schedule.Next(m.now())
	return 2 * schedule.Next(first).Sub(first)
}

func (m *Monitor) countOpen(ctx context.Context, s *Status) error {
	baselines, err := m.Store.LatestBaselines(ctx)
	if err != nil {
		return fmt.Errorf("reading baselines: %w", err)
	}
	for _, b := range baselines {
		if b.Provisional {
			s.Provisional++
		} else {
			s.Baselines++
		}
	}
	incidents, err := m.Store.Incidents(ctx, true)
	if err != nil {
		return fmt.Errorf("reading incidents: %w", err)
	}
	questions, err := m.Store.Questions(ctx)
	if err != nil {
		return fmt.Errorf("reading questions: %w", err)
	}
	owed, err := m.Store.Undelivered(ctx)
	if err != nil {
		return fmt.Errorf("reading the outbox: %w", err)
	}
	if s.Health, err = m.Store.Conditions(ctx); err != nil {
		return fmt.Errorf("reading how we are: %w", err)
	}
	if s.Removed, err = m.removedSoFar(ctx); err != nil {
		return err
	}
	s.Incidents, s.Questions, s.Undelivered = len(incidents), len(questions), len(owed)
	return nil
}
